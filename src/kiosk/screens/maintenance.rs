//! The maintenance screen: behind the staff's PIN, what the one who looks after the kiosk must know.

use std::time::Instant;

use istiqbal_ui::{App, Health, MaintenanceAdapter, Navigation, Screen, Status, shown};
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};

use super::texts;
use crate::domain::digits::digit_value;
use crate::domain::printer::PrinterState;
use crate::domain::printout::Outcome;
use crate::domain::tracking_number::TrackingNumber;
use crate::kiosk::pin::{PIN_DIGITS, Pin, PinAnswer, PinTries};
use crate::kiosk::print_room::StaffPrint;
use crate::kiosk::visit::{CLEAR, DELETE};
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::ledger::OpeningReport;
use crate::ledger::keeper::{Keeper, LedgerHealth};
use crate::replication::kiosk::Progress;

/// The most that the screen says of repairs; the log has the rest.
const REPORT_CHARACTERS_MAX: usize = 900;

/// What the ledger's thread says when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerState {
    pub health: LedgerHealth,
    /// Bytes; `None` when the disk can only be read or says nothing
    pub free: Option<u64>,
    pub unsent: Option<u64>,
    /// Receipts that didn't come out
    pub unprinted: usize,
    pub clock_is_trusted: bool,
}

/// What other threads have to tell the staff on the maintenance screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffNews {
    Ledger(LedgerState),
    Printed(StaffPrint),
}

impl LedgerState {
    pub fn of(keeper: &mut Keeper) -> Self {
        Self {
            health: keeper.health(),
            free: keeper.ledger().free_bytes().ok(),
            unsent: keeper.ledger().unacknowledged_count().ok(),
            unprinted: keeper.unprinted().map_or(0, |unprinted| unprinted.len()),
            clock_is_trusted: keeper.now().trusted,
        }
    }
}

/// The staff's visit to the kiosk.
#[derive(Default)]
pub struct Maintenance {
    stage: Stage,
    tries: PinTries,
    ledger: Option<LedgerState>,
}

#[derive(Default)]
enum Stage {
    #[default]
    Closed,
    Locked {
        typed: String,
        error: Option<PinProblem>,
    },
    Unlocked,
    /// A receipt is to be printed again: its number is typed
    Reprint {
        typed: String,
        said: Option<Said>,
    },
}

/// What is said of a receipt that is to be printed again.
enum Said {
    WrongDigit,
    Underway,
    Ended(StaffPrint),
}

/// How many digits a tracking number has.
const NUMBER_DIGITS: usize = 12;

enum PinProblem {
    Missing,
    Wrong,
    Wait { seconds: u64 },
}

/// What is shown beside what the ledger says.
pub struct Surroundings<'a> {
    pub printer: PrinterState,
    pub office: Progress,
    pub report: &'a OpeningReport,
}

impl Maintenance {
    pub fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closed)
    }

    pub fn is_unlocked(&self) -> bool {
        matches!(self.stage, Stage::Unlocked | Stage::Reprint { .. })
    }

    /// Asks for the PIN.
    pub fn knock(&mut self) {
        self.stage = Stage::Locked { typed: String::new(), error: None };
    }

    pub fn close(&mut self) {
        self.stage = Stage::Closed;
    }

    /// To the page where a receipt is printed again.
    pub fn open_reprint(&mut self) {
        if self.is_unlocked() {
            self.stage = Stage::Reprint { typed: String::new(), said: None };
        }
    }

    /// One page back: from a receipt's number to the overview, from there to the visitors.
    pub fn back(&mut self) {
        self.stage = match self.stage {
            Stage::Reprint { .. } => Stage::Unlocked,
            _ => Stage::Closed,
        };
    }

    pub fn key(&mut self, key: &str) {
        match &mut self.stage {
            Stage::Locked { typed, error } => {
                *error = None;
                type_digit(typed, key, *PIN_DIGITS.end());
            }
            Stage::Reprint { typed, said } if !matches!(said, Some(Said::Underway)) => {
                type_digit(typed, key, NUMBER_DIGITS);
                let whole = typed.len() == NUMBER_DIGITS;
                *said = (whole && TrackingNumber::parse(typed).is_err()).then_some(Said::WrongDigit);
            }
            _ => {}
        }
    }

    /// The number whose receipt is to be printed, now that somebody has said so.
    pub fn number_to_print(&mut self) -> Option<TrackingNumber> {
        let Stage::Reprint { typed, said } = &mut self.stage else { return None };
        if matches!(said, Some(Said::Underway)) {
            return None;
        }
        let number = TrackingNumber::parse(typed).ok()?;
        *said = Some(Said::Underway);
        Some(number)
    }

    fn printed(&mut self, printed: StaffPrint) {
        if let Stage::Reprint { said, .. } = &mut self.stage {
            *said = Some(Said::Ended(printed));
        }
    }

    /// True when the PIN was right.
    pub fn unlock(&mut self, pin: Option<&Pin>, now: Instant) -> bool {
        let Stage::Locked { typed, error } = &mut self.stage else { return false };
        let Some(pin) = pin else {
            *error = Some(PinProblem::Missing);
            return false;
        };
        if typed.len() < *PIN_DIGITS.start() {
            return false;
        }
        let problem = match self.tries.attempt(pin, typed, now) {
            PinAnswer::Right => {
                self.stage = Stage::Unlocked;
                return true;
            }
            PinAnswer::Wrong => PinProblem::Wrong,
            PinAnswer::Wait(left) => PinProblem::Wait { seconds: left.as_secs().max(1) },
        };
        typed.clear();
        *error = Some(problem);
        false
    }

    pub fn take(&mut self, news: StaffNews) {
        match news {
            StaffNews::Ledger(ledger) => self.ledger = Some(ledger),
            StaffNews::Printed(printed) => self.printed(printed),
        }
    }

    pub fn show(&self, app: &App, words: &Words, around: &Surroundings<'_>) {
        let adapter = app.global::<MaintenanceAdapter>();
        adapter.set_unlocked(self.is_unlocked());
        if let Stage::Locked { typed, error } = &self.stage {
            adapter.set_pin_display("•".repeat(typed.len()).into());
            adapter.set_error(error.as_ref().map(|error| error.sentence(words)).unwrap_or_default());
        }
        let is_reprint = matches!(self.stage, Stage::Reprint { .. });
        adapter.set_reprinting(is_reprint);
        if let Stage::Reprint { typed, said } = &self.stage {
            let grouped = digits(words.language(), &texts::grouped(typed, &[4]));
            adapter.set_pin_display(shown(if typed.is_empty() { String::new() } else { isolate_ltr(&grouped) }));
            let (note, error) = said.as_ref().map(|said| said.sentences(words)).unwrap_or_default();
            adapter.set_note(shown(note));
            adapter.set_error(shown(error));
            let may_print = said.is_none() && TrackingNumber::parse(typed).is_ok();
            adapter.set_next_enabled(may_print);
        } else {
            adapter.set_next_enabled(true);
        }
        if self.is_unlocked() {
            let unprinted = self.ledger.as_ref().map_or(0, |ledger| ledger.unprinted);
            let can_print = around.printer.may_print();
            adapter.set_unprinted(if can_print { i32::try_from(unprinted).unwrap_or(i32::MAX) } else { 0 });
            let text = words.format("maintenance-print-unprinted", &[("count", unprinted.into())]);
            adapter.set_unprinted_text(shown(text));
            adapter.set_can_print(can_print);
            let version = words.format("maintenance-version", &[("version", env!("CARGO_PKG_VERSION").into())]);
            adapter.set_version(shown(version));
            let report = around.report.repairs.join("\n");
            adapter.set_report(report.chars().take(REPORT_CHARACTERS_MAX).collect::<String>().into());
            adapter.set_rows(ModelRc::new(VecModel::from(self.rows(words, around))));
        }
        app.global::<Navigation>().set_screen(Screen::Maintenance);
        app.global::<Navigation>().set_home_visible(true);
        app.global::<Navigation>().set_corner_open(false);
    }

    fn rows(&self, words: &Words, around: &Surroundings<'_>) -> Vec<Status> {
        let row =
            |label: &str, value: String, state| Status { label: shown(words.get(label)), value: shown(value), state };
        let printer = match around.printer {
            PrinterState::Off => ("maintenance-printer-off", Health::Warning),
            PrinterState::Ready => ("maintenance-printer-ready", Health::Good),
            PrinterState::PaperLow => ("maintenance-printer-paper-low", Health::Warning),
            PrinterState::PaperOut => ("maintenance-printer-paper-out", Health::Bad),
            PrinterState::CoverOpen => ("maintenance-printer-cover-open", Health::Bad),
            PrinterState::CutterError => ("maintenance-printer-cutter-error", Health::Bad),
            PrinterState::Offline => ("maintenance-printer-offline", Health::Bad),
            PrinterState::Unreachable => ("maintenance-printer-unreachable", Health::Bad),
            PrinterState::Unknown => ("maintenance-printer-unknown", Health::Warning),
        };
        let office = if around.office.reachable {
            ("maintenance-office-reachable", Health::Good)
        } else {
            ("maintenance-office-unreachable", Health::Bad)
        };
        let acknowledged = match around.office.last_acknowledged_at {
            Some(at) => (dates::time(words, at), Health::Good),
            None => (words.get("maintenance-acknowledged-never"), Health::Warning),
        };
        let mut rows = vec![
            row("maintenance-printer", words.get(printer.0), printer.1),
            row("maintenance-office", words.get(office.0), office.1),
            row("maintenance-acknowledged", acknowledged.0, acknowledged.1),
        ];
        if let Some(ledger) = self.ledger.as_ref().filter(|_| around.printer != PrinterState::Off) {
            let state = if ledger.unprinted == 0 { Health::Good } else { Health::Warning };
            let count = words.format("maintenance-unprinted-count", &[("count", ledger.unprinted.into())]);
            rows.insert(1, row("maintenance-unprinted", count, state));
        }
        if let Some(ledger) = &self.ledger {
            rows.extend(ledger.rows(words, around.report).map(|(label, value, state)| row(label, value, state)));
        }
        rows
    }
}

impl LedgerState {
    fn rows(&self, words: &Words, report: &OpeningReport) -> [(&'static str, String, Health); 4] {
        let unsent = match self.unsent {
            Some(count) => {
                let state = if count == 0 { Health::Good } else { Health::Warning };
                (words.format("maintenance-unsent-count", &[("count", count.into())]), state)
            }
            None => (words.get("maintenance-unsent-unknown"), Health::Bad),
        };
        let storage = match self.free {
            Some(bytes) => {
                let megabytes = words.format("maintenance-storage-megabytes", &[("count", (bytes / 1_000_000).into())]);
                (megabytes, if self.health == LedgerHealth::NoRoom { Health::Bad } else { Health::Good })
            }
            None => (words.get("maintenance-storage-read-only"), Health::Bad),
        };
        let store = match (self.health, report.repairs.is_empty()) {
            (LedgerHealth::Revoked, _) => (words.get("maintenance-store-revoked"), Health::Bad),
            (LedgerHealth::NotKnown, _) => (words.get("maintenance-store-not-known"), Health::Bad),
            (LedgerHealth::Failed, _) => (words.get("maintenance-store-failed"), Health::Bad),
            (_, true) => (words.get("maintenance-store-sound"), Health::Good),
            (_, false) => {
                let state = if report.lost.is_empty() { Health::Warning } else { Health::Bad };
                (words.get("maintenance-store-repaired"), state)
            }
        };
        let clock = if self.clock_is_trusted {
            ("maintenance-clock-trusted", Health::Good)
        } else {
            ("maintenance-clock-untrusted", Health::Warning)
        };
        [
            ("maintenance-unsent", unsent.0, unsent.1),
            ("maintenance-storage", storage.0, storage.1),
            ("maintenance-store", store.0, store.1),
            ("maintenance-clock", words.get(clock.0), clock.1),
        ]
    }
}

/// Takes one key of a number pad.
fn type_digit(typed: &mut String, key: &str, max: usize) {
    match key {
        DELETE => drop(typed.pop()),
        CLEAR => typed.clear(),
        digit if typed.len() < max => {
            typed.extend(digit.chars().filter_map(digit_value).take(1).map(|value| char::from(b'0' + value)));
        }
        _ => {}
    }
}

impl Said {
    /// A note, or an error.
    fn sentences(&self, words: &Words) -> (String, String) {
        let note = |key: &str| (words.get(key), String::new());
        let error = |key: &str| (String::new(), words.get(key));
        match self {
            Self::WrongDigit => error("error-tracking-digit"),
            Self::Underway => note("maintenance-reprint-underway"),
            Self::Ended(StaffPrint::Done(Outcome::Confirmed)) => note("maintenance-reprint-printed"),
            Self::Ended(StaffPrint::Done(Outcome::Unknown)) => note("maintenance-reprint-unknown"),
            Self::Ended(StaffPrint::Done(Outcome::Failed)) => error("maintenance-reprint-failed"),
            Self::Ended(StaffPrint::NotHere) => error("maintenance-reprint-not-here"),
            Self::Ended(StaffPrint::NoPrinter) => error("maintenance-reprint-no-printer"),
        }
    }
}

impl PinProblem {
    fn sentence(&self, words: &Words) -> SharedString {
        shown(match self {
            Self::Missing => words.get("maintenance-pin-missing"),
            Self::Wrong => words.get("maintenance-pin-wrong"),
            Self::Wait { seconds } => words.format("maintenance-pin-wait", &[("seconds", (*seconds).into())]),
        })
    }
}
