//! One story: what a seed lets happen to a kiosk and its office, and what must be true of it at any time.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use tokio::runtime::Runtime;

use super::kiosk::{Files, KioskMachine, Places};
use super::line::Line;
use super::office::{OfficeMachine, Template};
use crate::domain::answers::{Answer, Answers};
use crate::domain::chance::Chance;
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::domain::rating::{Face, Rating};
use crate::domain::request::Beneficiary;
use crate::domain::signature::Signature;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::disk::simulated::{End, Faults};
use crate::ledger::keeper::Registration;
use crate::ledger::{Lost, OpeningReport};
use crate::replication::kiosk::Backoff;

/// Tries of the kiosk to come up; after that it is stuck.
const STARTS_MAX: usize = 60;

/// Log of the story, for people who look at a seed.
pub type Story = Arc<Mutex<Vec<String>>>;

/// Receipts that were given, and those that nobody could keep.
#[derive(Default)]
pub struct Oracle {
    /// Every number that came with a receipt
    pub given: BTreeSet<TrackingNumber>,
    /// Receipts that were given after the copy was made to which the kiosk returned
    pub may_be_lost: BTreeSet<TrackingNumber>,
    /// Envelopes that neither copy of the kiosk holds any more
    pub destroyed: Places,
    /// Losses as the kiosk has told them
    pub told: Vec<Lost>,
    /// Places that were named as lost though nobody was promised what stood there
    pub named_unpromised: u64,
    pub ratings_tried: u64,
    /// Of these, the ones that were said to be kept
    pub ratings: u64,
    /// The kiosk went on from a copy of an earlier time
    pub kiosk_returned: bool,
    /// The office went on from an earlier backup than the newest: what only later ones held may have left the kiosk
    pub office_went_far_back: bool,
    /// The requests that each backup of the office holds
    pub backed_up: Vec<BTreeSet<TrackingNumber>>,
    pub office_returned: bool,
    pub clocks_jumped: bool,
}

pub struct World<'a> {
    pub template: &'a Template,
    pub runtime: Runtime,
    pub chance: Chance,
    pub kiosk: KioskMachine,
    pub office: OfficeMachine,
    pub line: Rc<Line>,
    pub oracle: Oracle,
    story: Story,
    pub kiosk_copy: Option<(Files, BTreeSet<TrackingNumber>)>,
    pub store_copy: Option<Files>,
}

impl<'a> World<'a> {
    pub fn begin(template: &'a Template, seed: u64, story: Story) -> Self {
        let mut chance = Chance::of(seed);
        crate::seal::keys::seeded::set(Some(Chance::of(chance.draw())));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let office = runtime.block_on(OfficeMachine::start(template));
        let line = Line::new(office.routes(), Chance::of(chance.draw()));
        line.set_trouble([0, 2, 4, 10][chance.below(4) as usize]);
        let kiosk = KioskMachine::new(template, &line, Chance::of(chance.draw()), seed.is_multiple_of(50));
        let mut world = Self {
            template,
            runtime,
            chance,
            kiosk,
            office,
            line,
            oracle: Oracle::default(),
            story,
            kiosk_copy: None,
            store_copy: None,
        };
        world.see_to_kiosk();
        world
    }

    pub fn tell(&self, what: impl Into<String>) {
        self.story.lock().unwrap().push(what.into());
    }

    /// Starts the kiosk until it runs and serves, as its unit and its people do.
    pub fn see_to_kiosk(&mut self) {
        for _ in 0..STARTS_MAX {
            if let (Some(disk), true) = (self.kiosk.disk(), self.kiosk.is_down()) {
                let disk = disk.clone();
                self.tell("  the kiosk goes down, and is started again");
                self.kiosk.stop();
                disk.start();
            }
            if self.kiosk.is_in_service() {
                return;
            }
            if self.kiosk.running().is_some() {
                self.tell("  the kiosk's ledger has failed: the program is started again");
                self.kiosk.stop();
                continue;
            }
            match self.kiosk.start() {
                Ok(report) => self.hear_of_opening(&report),
                Err(error) => {
                    self.tell(format!("  it can't be opened: {error}"));
                    if !self.kiosk.is_down() {
                        assert!(
                            self.take_faults_away(),
                            "it can't be opened, and nothing is wrong with the disk: {error}"
                        );
                    }
                }
            }
        }
        panic!("the kiosk doesn't come up");
    }

    pub fn hear_of_opening(&mut self, report: &OpeningReport) {
        if !report.repairs.is_empty() || !report.lost.is_empty() {
            self.tell(format!("  opened: {:?}, lost {:?}", report.repairs, report.lost));
        }
        let destroyed = &self.oracle.destroyed;
        for lost in &report.lost {
            let is_destroyed = match lost.last {
                Some(last) => (lost.first..=last).all(|sequence| destroyed.contains_key(&(lost.epoch, sequence))),
                // The beginning of the next epoch would say how far this one went.
                None => destroyed.keys().any(|(epoch, sequence)| match *epoch == lost.epoch {
                    true => *sequence >= lost.first,
                    false => *sequence == 0,
                }),
            };
            // Without the store nobody can tell a write that the power tore from damage: what was never promised is named, too.
            let is_without_store = report.repairs.iter().any(|repair| repair.contains("the store is kept as"));
            if is_without_store && !is_destroyed {
                self.oracle.named_unpromised += lost.last.map_or(1, |last| last - lost.first + 1);
            }
            let may_be_named = is_destroyed || is_without_store || self.oracle.kiosk_returned;
            assert!(may_be_named, "a copy still holds what is reported lost: {lost:?}");
        }
        self.oracle.told.extend(&report.lost);
    }

    /// True when there were faults to be taken away.
    pub fn take_faults_away(&mut self) -> bool {
        let Some(disk) = self.kiosk.disk() else { return false };
        let had_faults = disk.set_faults(Faults::default());
        let was_full = disk.leave_free(None);
        had_faults || was_full
    }

    /// Ends the program in order; true when nothing came in between, and both copies hold everything.
    pub fn stop_in_order(&mut self) -> bool {
        if let Some(disk) = self.kiosk.disk() {
            disk.disarm();
        }
        self.take_faults_away();
        self.see_to_kiosk();
        self.kiosk.stop();
        let is_whole = !self.kiosk.is_down();
        self.kiosk.settle();
        is_whole
    }

    pub fn draw<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.chance.below(of.len() as u64) as usize]
    }

    pub fn step(&mut self) {
        match self.chance.below(100) {
            0..=29 => self.visits(),
            30..=36 => self.suggestions(),
            37..=41 => self.rating(),
            42..=58 => drop(self.round()),
            59..=63 => self.tidy(),
            64..=68 => self.back_up(),
            69..=71 => self.kill_office(),
            72..=73 => self.restore_office(),
            74..=76 => self.turn_clocks(),
            77..=84 => self.end_somewhere(),
            85..=87 => self.disk_fails(),
            88..=89 => self.disk_is_full(),
            90..=91 => self.restart(),
            92..=93 => self.copy_store(),
            94..=97 => self.damage_a_copy(),
            98 => self.damage_both(),
            _ => self.kiosk_copy_or_return(),
        }
        self.see_to_kiosk();
    }

    fn visits(&mut self) {
        let count = 1 + self.chance.below(3);
        for _ in 0..count {
            self.see_to_kiosk();
            let registered = self.kiosk.commit(|keeper| keeper.register(registration()));
            let Some(registered) = registered else {
                self.tell("visit: no receipt");
                continue;
            };
            let number = registered.tracking_number;
            self.tell(format!("visit: receipt {number}"));
            assert!(self.oracle.given.insert(number), "{number} was given twice");
            // Whether these come through, nobody was promised.
            let _ = match self.chance.below(4) {
                0 => self.kiosk.commit(move |keeper| keeper.note_print(print(number))),
                1 => self.kiosk.commit(move |keeper| keeper.bring_documents(number, vec!["family_record".into()])),
                _ => None,
            };
        }
    }

    fn suggestions(&mut self) {
        let (count, letters) = (1 + self.chance.below(8), 200 + self.chance.below(4000) as usize);
        self.tell(format!("{count} suggestions of {letters} letters"));
        for _ in 0..count {
            self.see_to_kiosk();
            let _ = self.kiosk.commit(move |keeper| keeper.suggest("x".repeat(letters)));
        }
    }

    fn rating(&mut self) {
        let rating = Rating { face: Face::try_from(4).unwrap(), reasons: vec![] };
        let rated = self.kiosk.ask(move |keeper| keeper.rate("food_basket", &rating, None).is_ok());
        let is_kept = rated == Some(true);
        self.tell(format!("rating: kept {is_kept}"));
        self.oracle.ratings_tried += 1;
        self.oracle.ratings += u64::from(is_kept);
    }

    /// One round of sending, and of asking for changes, over the line as it is; true when all of it went well.
    pub fn round(&mut self) -> bool {
        let chance = self.chance.below(4);
        let Some(running) = self.kiosk.running() else { return false };
        let side = &running.side;
        let sent = self.runtime.block_on(side.send_all(&mut Backoff::default()));
        // Without this, the office would wait until something changes.
        side.report.send_modify(|progress| progress.all_heard = false);
        let heard = self.runtime.block_on(side.hear());
        let beaten = if chance == 0 { self.runtime.block_on(side.beat(PrinterState::Off)) } else { Ok(()) };
        let words = |outcome: &Result<(), _>| outcome.as_ref().err().map_or("well".into(), ToString::to_string);
        self.tell(format!("round: sent {}, heard {}, beat {}", words(&sent), words(&heard), words(&beaten)));
        sent.is_ok() && heard.is_ok() && beaten.is_ok()
    }

    pub fn tidy(&mut self) {
        let tidied = self.kiosk.ask(|keeper| keeper.tidy().map_err(|error| error.to_string()));
        self.tell(format!("tidied: {tidied:?}"));
    }

    pub fn back_up(&mut self) {
        self.tell("the office makes a backup");
        self.runtime.block_on(self.office.back_up());
        let held = self.runtime.block_on(self.office.numbers(self.template));
        self.oracle.backed_up.push(held.into_iter().collect());
    }

    fn kill_office(&mut self) {
        self.tell("the office is killed");
        self.runtime.block_on(self.office.kill());
        self.line.lead_to(self.office.routes());
    }

    fn restore_office(&mut self) {
        let backups = self.office.backups();
        let Some(newest) = backups.checked_sub(1) else { return };
        let which = if self.chance.one_in(4) { self.chance.below(backups as u64) as usize } else { newest };
        self.tell(format!("the office is restored from backup {which} of {backups}"));
        self.oracle.office_returned = true;
        self.oracle.office_went_far_back |= which < newest;
        // The kiosk sends again whatever it still has.
        let here: BTreeSet<TrackingNumber> = self.kiosk.places_in("journal").into_values().flatten().collect();
        let Oracle { backed_up, may_be_lost, .. } = &mut self.oracle;
        let skipped = backed_up[which + 1..].iter().flatten();
        may_be_lost.extend(skipped.filter(|number| !backed_up[which].contains(number) && !here.contains(number)));
        self.runtime.block_on(self.office.restore(which));
        self.line.lead_to(self.office.routes());
    }

    fn turn_clocks(&mut self) {
        let hours = |chance: &mut Chance| TimeDelta::hours(chance.below(4000) as i64 - 2000);
        let (kiosk, office) = (hours(&mut self.chance), hours(&mut self.chance));
        self.tell(format!("clocks jump: kiosk {} h, office {} h", kiosk.num_hours(), office.num_hours()));
        self.oracle.clocks_jumped = true;
        self.kiosk.clock.turn(kiosk);
        self.office.clock.turn(office);
    }

    /// The power goes, or the program is killed, at one of the next calls to the disk.
    fn end_somewhere(&mut self) {
        let end = self.draw(&[End::Power, End::Power, End::Kill]);
        let within = self.draw(&[1, 4, 12, 60, 200]);
        let call = self.chance.below(within);
        let Some(disk) = self.kiosk.disk() else { return self.restart() };
        self.tell(format!("{end:?} at call {call} from now"));
        disk.end_at(end, call);
    }

    fn disk_fails(&mut self) {
        let often = |chance: &mut Chance| [0, 3, 10, 30][chance.below(4) as usize];
        let (write, sync, name) = (often(&mut self.chance), often(&mut self.chance), often(&mut self.chance));
        let Some(disk) = self.kiosk.disk() else { return };
        let faults = Faults { write, sync, name };
        self.tell(format!("the disk fails: {faults:?}"));
        disk.set_faults(faults);
        self.live_with_it();
    }

    fn disk_is_full(&mut self) {
        let free = self.draw(&[0, 3000, 20_000, 200_000]);
        let Some(disk) = self.kiosk.disk() else { return };
        self.tell(format!("the disk is full but for {free} bytes"));
        disk.leave_free(Some(free));
        self.live_with_it();
    }

    fn live_with_it(&mut self) {
        match self.chance.below(3) {
            0 => self.visits(),
            1 => drop(self.round()),
            _ => self.tidy(),
        }
        self.take_faults_away();
    }

    fn restart(&mut self) {
        self.tell("the kiosk is restarted");
        if self.stop_in_order() {
            self.check_is_clean();
        }
    }

    /// Sees that a check calls a whole folder sound.
    pub fn check_is_clean(&mut self) {
        let found = self.kiosk.check().expect("a check comes to its end");
        assert_eq!(found.damaged, Vec::<String>::new(), "nothing is damaged");
        let numbers: BTreeSet<_> = found.tracking_numbers.unwrap_or_default().into_iter().collect();
        let missing: Vec<_> = self.oracle.given.difference(&numbers).collect();
        let lost: Vec<_> = missing.into_iter().filter(|number| !self.oracle.may_be_lost.contains(number)).collect();
        assert!(lost.is_empty(), "the check knows nothing of {lost:?}");
    }
}

fn registration() -> Registration {
    let mut answers = Answers::default();
    answers.set("service", Answer::Choice("food_basket".into()));
    Registration {
        language: Language::Arabic,
        beneficiary: Beneficiary::External,
        versions: Versions { catalogue: 1, declaration: 1, privacy_notice: 1, policy: 1 },
        answers,
        documents: [("id_card", DocumentAnswer::WithMe), ("family_record", DocumentAnswer::Later)]
            .map(|(id, said)| (id.to_owned(), said))
            .into(),
        signature: Signature::from_fractions(&[vec![(0.1, 0.5), (0.4, 0.2)]]).unwrap(),
    }
}

fn print(tracking_number: TrackingNumber) -> Print {
    let (printout, language, outcome) = (Printout::Receipt, Language::Arabic, Outcome::Confirmed);
    Print { tracking_number, printout, language, outcome }
}
