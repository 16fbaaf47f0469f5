//! The attendant carries out what a visit asks for: it commits, looks up, prints, and brings the answers back as events.
//! The screens and the scripted visits share it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::print_room::PrintRoom;
use super::screens::maintenance::{LedgerState, StaffNews};
use super::tries::{Pace, Tries};
use super::visit::{Effect, Event, Printing};
use crate::domain::language::Language;
use crate::domain::scan::Scan;
use crate::ledger::LedgerError;
use crate::ledger::handle::LedgerHandle;
use crate::ledger::keeper::{Keeper, KeeperError, LookUp};
use crate::replication::calls::StaffCaller;

/// Takes an answer back to the visit that asked, from any thread.
pub type Post = Arc<dyn Fn(Answer) + Send + Sync>;

/// What came of an effect. When the visit has another number by now, its visitor has gone and the answer with them.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub visit: u64,
    pub event: Event,
}

/// Carries out the effects of one kiosk's visits.
#[derive(Clone)]
pub struct Attendant {
    pub ledger: LedgerHandle,
    pub printing: PrintRoom,
    /// Tells replication that something waits to be sent; `None` when offline
    pub waker: Option<Arc<Notify>>,
    pub post: Post,
    /// Takes what other threads say to the maintenance screen
    pub tell_staff: Arc<dyn Fn(StaffNews) + Send + Sync>,
    /// Calls for staff
    pub caller: StaffCaller,
    /// Of all visits: numbers can't be tried through by starting anew
    pub look_ups: LookUps,
}

/// Looks requests up, slower after each number that nobody bears.
#[derive(Clone)]
pub struct LookUps(Arc<Mutex<Tries>>);

/// Three mistakes are free. At the slowest, trying all numbers of one kiosk takes a century.
const LOOK_UP_PACE: Pace = Pace {
    free: 3,
    first_wait: Duration::from_secs(5),
    longest_wait: Duration::from_secs(300),
    forgotten_after: Duration::from_secs(1800),
};

impl Default for LookUps {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Tries::new(LOOK_UP_PACE))))
    }
}

impl LookUps {
    /// Only typed numbers wait, and only they make others wait: a code of 20 digits isn't guessed, and whoever holds any code
    /// before the scanner mustn't slow down everybody who types.
    fn look_up(
        &self,
        scan: &Scan,
        now: Instant,
        find: impl FnOnce(&Scan) -> Result<LookUp, KeeperError>,
    ) -> Result<Event, KeeperError> {
        // A panic in between leaves counters, which are always whole.
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = tries.wait(now).filter(|_| scan.code.is_none()) {
            return Ok(Event::TryLater(left.as_secs().max(1)));
        }
        let found = find(scan)?;
        if found == LookUp::Unknown && scan.code.is_none() {
            tries.wrong(now);
        }
        Ok(Event::LookedUp(found))
    }
}

impl Attendant {
    /// Starts to carry an effect out and returns at once.
    pub fn carry_out(&self, effect: Effect, visit: u64, language: Language) {
        match effect {
            Effect::AskTime => self.ask(visit, |keeper| Ok(Event::Time(keeper.now()))),
            Effect::Register(registration) => {
                self.commit(visit, move |keeper| keeper.register(*registration).map(Event::Registered));
            }
            Effect::Print(registered) => self.printing.print_receipt(registered, language, self.print_reply(visit)),
            Effect::PrintSlip { about, status } => {
                self.printing.print_slip(about, status, language, self.print_reply(visit));
            }
            Effect::LookUp(scan) => {
                let look_ups = self.look_ups.clone();
                self.ask(visit, move |keeper| look_ups.look_up(&scan, Instant::now(), |scan| keeper.look_up(scan)));
            }
            Effect::BringDocuments { tracking_number, documents } => {
                self.commit(visit, move |keeper| {
                    keeper.bring_documents(tracking_number, documents).map(|()| Event::Kept)
                });
            }
            Effect::KeepRating { service, rating, receipt } => {
                self.ask(visit, move |keeper| keeper.rate(&service, &rating, receipt).map(|()| Event::Kept));
            }
            Effect::KeepSuggestion(text) => {
                self.commit(visit, move |keeper| keeper.suggest(text).map(|()| Event::Kept));
            }
        }
    }

    /// Asks how the ledger is, for the maintenance screen.
    pub fn ask_for_staff(&self) {
        let tell = self.tell_staff.clone();
        self.ledger.run(move |keeper| tell(StaffNews::Ledger(LedgerState::of(keeper))));
    }

    /// Lets the ledger use a quiet moment.
    pub fn tidy(&self) {
        self.ledger.run(|keeper| {
            if let Err(error) = keeper.tidy() {
                tracing::error!("tidying the ledger: {error}");
            }
        });
    }

    /// Asks the keeper something that stages no record.
    fn ask(&self, visit: u64, work: impl FnOnce(&mut Keeper) -> Result<Event, KeeperError> + Send + 'static) {
        let reply = self.reply(visit);
        self.ledger.run(move |keeper| reply.give(work(keeper)));
    }

    /// Lets the keeper stage records, and answers when they are durable.
    fn commit(&self, visit: u64, stage: impl FnOnce(&mut Keeper) -> Result<Event, KeeperError> + Send + 'static) {
        let reply = self.reply(visit);
        self.ledger.commit(stage, move |staged| reply.give(staged));
    }

    fn reply(&self, visit: u64) -> Reply {
        Reply { post: self.post.clone(), waker: self.waker.clone(), visit, given: false }
    }

    /// Takes the printer's word back to the visit.
    fn print_reply(&self, visit: u64) -> impl FnOnce(Printing) + Send + 'static {
        let reply = PrintReply { post: self.post.clone(), visit, given: false };
        move |printing| reply.give(printing)
    }
}

/// The answer that a visit waits for. Dropped without one, as when the ledger's thread has ended, it says that the store
/// has failed: no visitor waits for ever.
struct Reply {
    post: Post,
    waker: Option<Arc<Notify>>,
    visit: u64,
    given: bool,
}

impl Reply {
    fn give(mut self, outcome: Result<Event, KeeperError>) {
        self.post(outcome.unwrap_or_else(|error| {
            tracing::error!("the store: {error}");
            match error {
                // A record that is too large, or ratings that can't be written, are no reason to close the kiosk.
                KeeperError::Ledger(LedgerError::Envelope(_)) | KeeperError::Ratings(_) | KeeperError::NotKnown => {
                    Event::NotKept
                }
                KeeperError::Ledger(_) => Event::StoreFailed,
            }
        }));
    }

    fn post(&mut self, event: Event) {
        self.given = true;
        (self.post)(Answer { visit: self.visit, event });
        if let Some(waker) = &self.waker {
            waker.notify_one();
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.given {
            tracing::error!("the store gave no answer");
            self.post(Event::StoreFailed);
        }
    }
}

/// The printer's answer. Dropped without one, as when its thread has ended, it says that printing has failed: the number
/// on the screen is the receipt then, and nobody waits for paper for ever.
struct PrintReply {
    post: Post,
    visit: u64,
    given: bool,
}

impl PrintReply {
    fn give(mut self, printing: Printing) {
        self.post(printing);
    }

    fn post(&mut self, printing: Printing) {
        self.given = true;
        (self.post)(Answer { visit: self.visit, event: Event::Printed(printing) });
    }
}

impl Drop for PrintReply {
    fn drop(&mut self) {
        if !self.given {
            tracing::error!("the printer gave no answer");
            self.post(Printing::Failed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanned_codes_make_nobody_wait() {
        let look_ups = LookUps::default();
        let number = crate::domain::tracking_number::TrackingNumber::new(1.try_into().unwrap(), 7);
        let typed = Scan::parse(&number.to_string()).unwrap();
        let scanned = Scan::parse(&format!("{number}{}", "7".repeat(20))).unwrap();
        assert!(typed.code.is_none() && scanned.code.is_some());
        let now = Instant::now();
        let try_once = |scan: &Scan| look_ups.look_up(scan, now, |_| Ok(LookUp::Unknown)).unwrap();
        for _ in 0..100 {
            assert_eq!(try_once(&scanned), Event::LookedUp(LookUp::Unknown));
        }
        for _ in 0..LOOK_UP_PACE.free {
            assert_eq!(try_once(&typed), Event::LookedUp(LookUp::Unknown), "the scans before don't count");
        }
        assert!(matches!(try_once(&typed), Event::TryLater(_)));
        assert_eq!(try_once(&scanned), Event::LookedUp(LookUp::Unknown), "a receipt is shown all the same");
    }
}
