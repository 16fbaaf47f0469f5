//! The kiosk's side of calling for staff: a call is posted again and again for as long as the visitor waits, beside the
//! batches, their backoff and the long poll. It is never stored at the kiosk.
//!
//! - A call is **believed** to be shown for a while after the office last said so: one lost try changes nothing.
//! - A call is **over** when it was ended, or by itself after a time.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::kiosk::KioskSideError;
use super::wire::{CallForStaff, CallPlace, CallState};
use crate::domain::language::Language;
use crate::seal::keys::random;

/// The times of a call; the tests have shorter ones.
#[derive(Clone, Copy)]
struct Pace {
    /// The pause between two tries
    again_after: Duration,
    /// So long is "shown" believed without news; the office itself believes a page for as long
    believed_for: Duration,
    /// A call is over so long after it was made, or after somebody said "I'm coming"
    lasts: Duration,
}

const PACE: Pace = Pace {
    again_after: Duration::from_secs(2),
    believed_for: Duration::from_secs(15),
    lasts: Duration::from_secs(180),
};

/// How a visitor's call stands, as the screen may say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calling {
    /// Nobody is called
    #[default]
    Idle,
    /// The office is being asked; within 5 s that is over
    Asking,
    /// The call stands on a page that a member of staff has in view
    Shown,
    /// A member of staff has said "I'm coming"
    Coming,
    /// The office can't be reached, or nobody has a page in view there. It is tried on, and may still become better
    Nobody,
}

/// Calls for staff and hears how the call stands; for the screens, cheap to clone.
#[derive(Clone)]
pub struct StaffCaller {
    /// The call that the visitor wants to be made
    wished: watch::Sender<Option<CallForStaff>>,
    /// Written only while `wished` is held, so that the answer to a former call is never taken for this one's
    calling: watch::Sender<Calling>,
}

impl StaffCaller {
    /// The caller of a kiosk without replication: a call reaches nobody, and says so at once.
    pub fn offline() -> Self {
        Self { wished: watch::Sender::new(None), calling: watch::Sender::default() }
    }

    /// Calls for staff. A new call takes the place of one before. It is over when it is ended, or by itself three minutes
    /// after it was made or answered with "I'm coming".
    pub fn call(&self, place: CallPlace, language: Language) {
        let call = CallForStaff { id: random(), place, language, ended: false };
        let begun = if self.wished.is_closed() { Calling::Nobody } else { Calling::Asking };
        self.wished.send_modify(|wished| {
            *wished = Some(call);
            self.calling.send_replace(begun);
        });
    }

    /// Takes the call away: the visitor left, closed it, or was helped. Without a call, nothing happens.
    pub fn end(&self) {
        self.end_if(|_| true);
    }

    /// How the call stands, from now on.
    pub fn watch(&self) -> watch::Receiver<Calling> {
        self.calling.subscribe()
    }

    fn end_if(&self, is_meant: impl Fn(&CallForStaff) -> bool) {
        self.wished.send_if_modified(|wished| {
            let ends = wished.as_ref().is_some_and(is_meant);
            if ends {
                *wished = None;
                self.calling.send_replace(Calling::Idle);
            }
            ends
        });
    }

    /// Says how a call stands, unless another one has taken its place.
    fn tell(&self, call: &CallForStaff, news: Calling) {
        let wished = self.wished.borrow();
        if wished.is_some_and(|wished| wished.id == call.id) {
            self.calling.send_if_modified(|calling| std::mem::replace(calling, news) != news);
        }
    }
}

/// Makes the calls that a [`StaffCaller`] wishes for; owned by the replication's thread.
pub(super) struct Calls {
    caller: StaffCaller,
    wished: watch::Receiver<Option<CallForStaff>>,
    pace: Pace,
}

impl Calls {
    pub fn new() -> Self {
        let caller = StaffCaller::offline();
        Self { wished: caller.wished.subscribe(), caller, pace: PACE }
    }

    pub fn caller(&self) -> StaffCaller {
        self.caller.clone()
    }

    /// Posts whatever call is wished for, and takes it away when it is over. Never ends.
    pub async fn keep_asking(&self, post: impl AsyncFn(CallForStaff) -> Result<CallState, KioskSideError>) {
        let mut wished = self.wished.clone();
        // What the office may still show.
        let mut former = None;
        loop {
            let call = *wished.borrow_and_update();
            let work = async {
                match (call, former) {
                    (Some(call), _) => self.ask(call, &post).await,
                    (None, Some(former)) => self.take_away(former, &post).await,
                    (None, None) => std::future::pending().await,
                }
            };
            // A new wish breaks off what is under way: a visitor doesn't wait for the call of another.
            tokio::select! {
                () = work => {}
                _ = wished.changed() => {}
            }
            former = call;
        }
    }

    /// Posts a call until it is over by itself.
    async fn ask(&self, call: CallForStaff, post: &impl AsyncFn(CallForStaff) -> Result<CallState, KioskSideError>) {
        let mut calling = Calling::Asking;
        let mut heard_at = Instant::now();
        let mut over_at = heard_at + self.pace.lasts;
        while Instant::now() < over_at {
            let before = calling;
            calling = match post(call).await {
                Ok(state) => {
                    heard_at = Instant::now();
                    Calling::from(state)
                }
                Err(error) => self.without_answer(before, heard_at, &error),
            };
            if calling == Calling::Coming && before != Calling::Coming {
                over_at = Instant::now() + self.pace.lasts;
            }
            self.caller.tell(&call, calling);
            sleep(self.pace.again_after).await;
        }
        self.caller.end_if(|wished| wished.id == call.id);
    }

    /// What a try in vain makes of a call that stood so.
    fn without_answer(&self, before: Calling, heard_at: Instant, error: &KioskSideError) -> Calling {
        match before {
            // Whoever has set out doesn't turn round because the network fails.
            Calling::Coming => Calling::Coming,
            Calling::Shown if heard_at.elapsed() < self.pace.believed_for => Calling::Shown,
            Calling::Nobody => Calling::Nobody,
            _ => {
                tracing::warn!("a call for staff reaches nobody: {error}");
                Calling::Nobody
            }
        }
    }

    /// Takes a call away at the office; gives up when the office has let it expire.
    async fn take_away(
        &self,
        call: CallForStaff,
        post: &impl AsyncFn(CallForStaff) -> Result<CallState, KioskSideError>,
    ) {
        let expired_at = Instant::now() + self.pace.lasts;
        let ended = CallForStaff { ended: true, ..call };
        while post(ended).await.is_err() && Instant::now() < expired_at {
            sleep(self.pace.again_after).await;
        }
    }
}

impl From<CallState> for Calling {
    fn from(state: CallState) -> Self {
        match state {
            CallState::Unwatched => Self::Nobody,
            CallState::Shown => Self::Shown,
            CallState::Coming => Self::Coming,
        }
    }
}

#[cfg(test)]
mod tests;
