//! The attendant carries out what a visit asks for: it commits, looks up, prints, and brings the answers back as events.
//! The screens and the scripted visits share it.

use std::sync::Arc;

use tokio::sync::Notify;

use super::visit::{Effect, Event, Printing};
use crate::domain::catalogue::Catalogue;
use crate::domain::language::Language;
use crate::ledger::keeper::{Keeper, KeeperError, LedgerHandle};
use crate::receipt::content::Receipt;
use crate::receipt::press::Press;
use crate::receipt::printer::Outcome;

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
    /// `None` when this kiosk prints nothing
    pub press: Option<Press>,
    pub catalogue: Arc<Catalogue>,
    /// Tells replication that something waits to be sent; `None` when offline
    pub waker: Option<Arc<Notify>>,
    pub post: Post,
}

impl Attendant {
    /// Starts to carry an effect out and returns at once.
    pub fn carry_out(&self, effect: Effect, visit: u64, language: Language) {
        match effect {
            Effect::AskTime => self.keep(visit, |keeper| Ok(Event::Time(keeper.now()))),
            Effect::Register(registration) => {
                self.keep(visit, move |keeper| keeper.register(*registration).map(Event::Registered));
            }
            Effect::Print(registered) => {
                let receipt = Receipt { registered, language, catalogue: self.catalogue.clone(), is_copy: false };
                self.print(visit, receipt);
            }
            Effect::LookUp(scan) => self.keep(visit, move |keeper| keeper.look_up(&scan).map(Event::LookedUp)),
            Effect::BringDocuments { tracking_number, documents } => {
                self.keep(visit, move |keeper| {
                    keeper.bring_documents(tracking_number, documents).map(|()| Event::Kept)
                });
            }
            Effect::KeepRating { service, rating, receipt } => {
                self.keep(visit, move |keeper| keeper.rate(&service, &rating, receipt).map(|()| Event::Kept));
            }
            Effect::KeepSuggestion(text) => self.keep(visit, move |keeper| keeper.suggest(text).map(|()| Event::Kept)),
        }
    }

    fn keep(&self, visit: u64, work: impl FnOnce(&mut Keeper) -> Result<Event, KeeperError> + Send + 'static) {
        let post = self.post.clone();
        let waker = self.waker.clone();
        self.ledger.run(move |keeper| {
            let event = work(keeper).unwrap_or_else(|error| {
                tracing::error!("the store: {error}");
                Event::StoreFailed
            });
            post(Answer { visit, event });
            if let Some(waker) = waker {
                waker.notify_one();
            }
        });
    }

    fn print(&self, visit: u64, receipt: Receipt) {
        let post = self.post.clone();
        let printed = move |printing| post(Answer { visit, event: Event::Printed(printing) });
        let Some(press) = &self.press else { return printed(Printing::Off) };
        press.print(receipt, move |outcome| {
            printed(match outcome {
                Outcome::Confirmed => Printing::Confirmed,
                Outcome::Unknown => Printing::Unknown,
                Outcome::Failed => Printing::Failed,
            });
        });
    }
}
