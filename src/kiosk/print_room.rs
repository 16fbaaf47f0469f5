//! The print room: what a kiosk prints, when, and the record of each print. Exactly one receipt comes out for a request unless
//! somebody asks the staff for a copy.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

use super::catalogue::CatalogueInUse;
use super::visit::Printing;
use crate::domain::language::Language;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::domain::public_address::PublicAddress;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::EnvelopePlace;
use crate::ledger::handle::LedgerHandle;
use crate::ledger::keeper::{Registered, Reprint};
use crate::receipt::content::Receipt;
use crate::receipt::press::{Paper, PaperCopySource, Press};
use crate::receipt::slip::{Slip, SlipAbout};
use crate::replication::kiosk::Progress;

/// How often the ledger is asked whether the office has acknowledged a request, while its receipt waits for that.
const ACKNOWLEDGED_EVERY: Duration = Duration::from_millis(40);

/// Everything that printing needs; cheap to clone.
#[derive(Clone)]
pub struct PrintRoom {
    /// `None` when this kiosk prints nothing
    pub press: Option<Press>,
    pub ledger: LedgerHandle,
    pub catalogue: CatalogueInUse,
    /// Stands in the receipts' QR codes
    pub public_address: Option<PublicAddress>,
    /// Tells replication that something waits to be sent; `None` when offline
    pub waker: Option<Arc<Notify>>,
    /// How replication is getting on
    pub progress: watch::Receiver<Progress>,
}

/// What came of the staff's wish to print something again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffPrint {
    Done(Outcome),
    /// This kiosk can't print the receipt of that number: the desk can
    NotHere,
    NoPrinter,
}

impl PrintRoom {
    /// Prints the one receipt of a request that is durable.
    pub fn print_receipt(
        &self,
        registered: Registered,
        language: Language,
        done: impl FnOnce(Printing) + Send + 'static,
    ) {
        let number = registered.tracking_number;
        let paper_copy = registered.place.map(|place| self.paper_copy(place));
        let receipt = Receipt {
            registered,
            language,
            catalogue: self.catalogue.get(),
            public_address: self.public_address.clone(),
            is_copy: false,
        };
        let print = Unfinished { tracking_number: number, printout: Printout::Receipt, language };
        self.print(Paper::Receipt { receipt, paper_copy }, print, done);
    }

    /// Prints a slip with today's date.
    pub fn print_slip(
        &self,
        about: SlipAbout,
        status: RequestStatus,
        language: Language,
        done: impl FnOnce(Printing) + Send + 'static,
    ) {
        let room = self.clone();
        self.ledger.run(move |keeper| {
            let number = status.tracking_number;
            let slip = Slip { about, status, language, catalogue: room.catalogue.get(), time: keeper.now() };
            let print = Unfinished { tracking_number: number, printout: slip.printout(), language };
            room.print(Paper::Slip(slip), print, done);
        });
    }

    /// Prints a receipt again because the staff ask for it: as a copy, unless it never came out. `language` counts where
    /// nobody knows in which the visitor had it.
    pub fn print_again(
        &self,
        number: TrackingNumber,
        language: Language,
        done: impl FnOnce(StaffPrint) + Send + 'static,
    ) {
        if self.press.is_none() {
            return done(StaffPrint::NoPrinter);
        }
        let room = self.clone();
        self.ledger.run(move |keeper| match keeper.reprint(number) {
            Ok(Some(reprint)) => room.print_copy(reprint, language, done),
            Ok(None) => done(StaffPrint::NotHere),
            Err(error) => {
                tracing::error!("the store: {error}");
                done(StaffPrint::NotHere);
            }
        });
    }

    fn print_copy(&self, reprint: Reprint, language: Language, done: impl FnOnce(StaffPrint) + Send + 'static) {
        let Reprint { registered, language: before, is_copy } = reprint;
        let language = before.unwrap_or(language);
        let printout = if is_copy { Printout::Copy } else { Printout::Receipt };
        let print = Unfinished { tracking_number: registered.tracking_number, printout, language };
        let receipt = Receipt {
            registered,
            language,
            catalogue: self.catalogue.get(),
            public_address: self.public_address.clone(),
            is_copy,
        };
        self.print(Paper::Receipt { receipt, paper_copy: None }, print, move |printing| {
            done(match printing {
                Printing::Confirmed => StaffPrint::Done(Outcome::Confirmed),
                Printing::Unknown => StaffPrint::Done(Outcome::Unknown),
                Printing::Off | Printing::Underway | Printing::Failed => StaffPrint::Done(Outcome::Failed),
            });
        });
    }

    /// Prints, because the staff ask for it, the receipts that didn't come out, one after the other until one fails again.
    /// `told` is called after each, with how many are left.
    pub fn print_unprinted(&self, language: Language, told: impl Fn(usize) + Clone + Send + 'static) {
        let room = self.clone();
        self.ledger.run(move |keeper| {
            let unprinted = keeper.unprinted().unwrap_or_else(|error| {
                tracing::error!("the store: {error}");
                Vec::new()
            });
            room.print_all(unprinted, language, told);
        });
    }

    fn print_all(
        &self,
        mut numbers: Vec<TrackingNumber>,
        language: Language,
        told: impl Fn(usize) + Clone + Send + 'static,
    ) {
        let Some(number) = numbers.pop() else { return told(0) };
        let room = self.clone();
        self.print_again(number, language, move |printed| match printed {
            StaffPrint::Done(Outcome::Failed) | StaffPrint::NoPrinter => told(numbers.len() + 1),
            StaffPrint::Done(_) | StaffPrint::NotHere => {
                told(numbers.len());
                room.print_all(numbers, language, told);
            }
        });
    }

    /// Prints, keeps the record of it, and says how it ended.
    fn print(&self, paper: Paper, print: Unfinished, done: impl FnOnce(Printing) + Send + 'static) {
        let Some(press) = &self.press else { return done(Printing::Off) };
        let room = self.clone();
        press.print(paper, move |outcome| {
            room.keep(print.ended(outcome));
            done(match outcome {
                Outcome::Confirmed => Printing::Confirmed,
                Outcome::Unknown => Printing::Unknown,
                Outcome::Failed => Printing::Failed,
            });
        });
    }

    /// The paper is out whether its record can be kept or not: an error ends the service by itself.
    fn keep(&self, print: Print) {
        let waker = self.waker.clone();
        self.ledger.commit(
            move |keeper| keeper.note_print(print),
            move |kept| {
                if let Err(error) = kept {
                    tracing::error!("keeping what was printed: {error}");
                }
                if let Some(waker) = waker {
                    waker.notify_one();
                }
            },
        );
    }

    /// Waits on the printer's thread until the office has acknowledged a request, or for so long; gives its envelope when
    /// it hasn't. Where the office was out of reach just now, nobody waits for it.
    fn paper_copy(&self, place: EnvelopePlace) -> PaperCopySource {
        let (ledger, progress) = (self.ledger.clone(), self.progress.clone());
        Box::new(move |limit| {
            let deadline = Instant::now() + limit;
            loop {
                let envelope =
                    ledger.wait(move |keeper| keeper.ledger().unacknowledged_envelope(place)).ok()?.ok()??;
                let is_reachable = progress.borrow().reachable;
                if !is_reachable || Instant::now() >= deadline {
                    return Some(envelope);
                }
                std::thread::sleep(ACKNOWLEDGED_EVERY);
            }
        })
    }
}

/// A print whose end isn't known yet.
struct Unfinished {
    tracking_number: TrackingNumber,
    printout: Printout,
    language: Language,
}

impl Unfinished {
    fn ended(self, outcome: Outcome) -> Print {
        let Self { tracking_number, printout, language } = self;
        Print { tracking_number, printout, language, outcome }
    }
}
