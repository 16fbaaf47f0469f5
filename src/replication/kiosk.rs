//! The kiosk's side: it enrols once, then sends what the office lacks and hears what the office changed, for as long
//! as the kiosk runs. It works for months without an office.

mod membership;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::StatusCode;
use tokio::sync::{Notify, watch};

use super::calls::{Calls, StaffCaller};
use super::client::{Https, OfficeClient, Transport};
use super::invite::{Invite, Pin};
use super::tls::TlsError;
use super::wire::*;
use crate::domain::printer::PrinterState;
use crate::ledger::handle::LedgerHandle;
use crate::ledger::keeper::{Keeper, KeeperError};
use crate::ledger::{LedgerError, Standing};
use crate::seal::keys::{KioskKeys, ProvingKey, random};

/// How often the office is told how the kiosk is.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How often it is asked for its time, and for what it holds, when there is nothing to send.
const OFFICE_TIME: Duration = Duration::from_secs(600);
/// So many envelopes are read from the ledger at once.
const PORTION: usize = 16;
/// How often one round of sending asks anew what the office holds, before the round is given up.
const SETTLINGS_MAX: u32 = 4;
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum KioskSideError {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the office at {address} can't be reached ({cause}). Is it running, and is its address right?")]
    Unreachable { address: String, cause: String },
    #[error("the office has revoked this kiosk: it serves nobody any more, and sends what it still holds")]
    Revoked,
    #[error(
        "the office doesn't know this kiosk: it takes no new requests, and keeps what it holds. At the office a person lets it in again on the page of the kiosks, or by `istiqbal office invite --again`"
    )]
    NotKnown,
    #[error("the office refused ({status}): {reason}")]
    Refused { status: StatusCode, reason: String },
    #[error("the office's answer can't be read: one of the two programs is too old")]
    Answer,
    #[error(transparent)]
    Acknowledgement(#[from] AcknowledgementError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Keeper(#[from] KeeperError),
    #[error(
        "the office takes some records and doesn't acknowledge them: something before them is missing there, or it is another office than the one enrolled at"
    )]
    Stuck,
    #[error("{0}")]
    Thread(#[from] std::io::Error),
}

pub use membership::Membership;

/// Enrols a kiosk by its invite.
pub async fn enrol(
    invite: &Invite,
    keys: &KioskKeys,
    name: String,
) -> Result<Grown<Enrolled, SignedEnrolment>, KioskSideError> {
    let client = OfficeClient::new(&invite.address, invite.pin, keys)?;
    let enrolment = Enrolment { code: invite.code.clone(), name, proving_key: keys.proving_key() };
    client.enrol(&enrolment).await
}

/// The office as an enrolled kiosk knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    pub address: String,
    pub pin: Pin,
    pub proving_key: ProvingKey,
}

/// Keeps a catalogue that the office has sent; after an error it is sent again.
pub type OnCatalogue = Box<dyn FnMut(&str) -> std::io::Result<()> + Send>;
/// Keeps an enrolment that the office has signed anew; after an error it is tried again a minute later.
pub type OnEnrolment = Box<dyn FnMut(&SignedEnrolment) -> std::io::Result<()> + Send>;

/// Keeps the office's words as files of the kiosk. Both are called on the replication's thread.
pub struct Keeping {
    pub on_catalogue: OnCatalogue,
    pub on_enrolment: OnEnrolment,
}

/// How replication is getting on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The office answered the last time it was asked
    pub reachable: bool,
    pub last_acknowledged_at: Option<DateTime<Utc>>,
    /// Nothing was left to send when the office last acknowledged
    pub all_sent: bool,
    /// The office has been asked for its changes, and there were no more
    pub all_heard: bool,
    /// How often the office has been tried in vain since it was last reached
    pub failures: u32,
    /// How often in a row the office has answered, and not everything could be sent and acknowledged
    pub stuck: u32,
    /// The office's last word on this kiosk
    pub standing: Standing,
}

/// Replication on its own thread.
pub struct Replicator {
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    progress: watch::Receiver<Progress>,
    caller: StaffCaller,
    thread: JoinHandle<()>,
}

impl Replicator {
    /// `batch_minimum` is the least number of ratings of one service that leave together.
    pub fn start(
        office: &Office,
        membership: Membership,
        ledger: LedgerHandle,
        batch_minimum: usize,
        printer: watch::Receiver<PrinterState>,
        keeping: Keeping,
    ) -> Result<Self, KioskSideError> {
        let client = OfficeClient::new(&office.address, office.pin, &membership.keys)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let wake = Arc::new(Notify::new());
        let (stop, stopped) = watch::channel(false);
        let (report, progress) = watch::channel(Progress::default());
        let calls = Calls::new();
        let caller = calls.caller();
        let side = Side {
            client,
            office: office.proving_key,
            ledger,
            batch_minimum,
            wake: wake.clone(),
            report,
            calls,
            printer,
            membership: RefCell::new(membership),
            keeping: RefCell::new(keeping),
            told_witness: Cell::new(None),
            has_asked: Cell::new(false),
        };
        let thread = std::thread::Builder::new().name("replication".into()).spawn(move || {
            runtime.block_on(side.run(stopped));
        })?;
        Ok(Self { wake, stop, progress, caller, thread })
    }

    /// Something new waits to be sent.
    pub fn waker(&self) -> Arc<Notify> {
        self.wake.clone()
    }

    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// By this the screens call for staff.
    pub fn caller(&self) -> StaffCaller {
        self.caller.clone()
    }

    /// Ends after the exchange that is under way was given up or done; nothing is lost either way.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        if self.thread.join().is_err() {
            tracing::error!("the replication thread had failed");
        }
    }
}

/// The next envelopes to send, at most [`BATCH_BYTES_MAX`] together, taken in small portions: a visitor's commit in between
/// doesn't wait for a whole batch.
pub async fn next_batch(ledger: &LedgerHandle, passed_over: usize, limit: usize) -> Result<Vec<Vec<u8>>, LedgerError> {
    let mut batch: Vec<Vec<u8>> = Vec::new();
    let mut bytes = 0;
    while batch.len() < limit {
        let (taken, room) = (passed_over + batch.len(), PORTION.min(limit - batch.len()));
        let portion = ledger.ask(move |keeper| keeper.ledger().unacknowledged_behind(taken, room)).await??;
        let is_last = portion.len() < room;
        for envelope in portion {
            bytes += envelope.len();
            if bytes > BATCH_BYTES_MAX {
                return Ok(batch);
            }
            batch.push(envelope);
        }
        if is_last {
            break;
        }
    }
    Ok(batch)
}

/// How many of those that were sent in this round still wait, in front of all others. What was passed over before may be
/// acknowledged, too, when what was missing before it has come.
fn still_passed_over(sent: usize, acknowledged: u64) -> usize {
    sent.saturating_sub(usize::try_from(acknowledged).unwrap_or(sent))
}

/// All that the replication's thread does.
pub(super) struct Side<Carrier = Https> {
    pub client: OfficeClient<Carrier>,
    pub office: ProvingKey,
    pub ledger: LedgerHandle,
    pub batch_minimum: usize,
    pub wake: Arc<Notify>,
    pub report: watch::Sender<Progress>,
    pub calls: Calls,
    pub printer: watch::Receiver<PrinterState>,
    pub membership: RefCell<Membership>,
    pub keeping: RefCell<Keeping>,
    /// The head of the office's trail that the office was last asked about
    pub told_witness: Cell<Option<[u8; 32]>>,
    /// The office has named what it holds since the start
    pub has_asked: Cell<bool>,
}

impl<Carrier: Transport> Side<Carrier> {
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            () = self.keep_sending() => {}
            () = self.keep_hearing() => {}
            () = self.keep_beating() => {}
            () = self.calls.keep_asking(async |call| self.client.call_for_staff(call).await) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }

    async fn keep_sending(&self) {
        let mut backoff = Backoff::default();
        loop {
            match self.send_all(&mut backoff).await {
                Ok(()) => {
                    backoff = Backoff::default();
                    self.report.send_modify(|progress| progress.stuck = 0);
                    let _ = tokio::time::timeout(OFFICE_TIME, self.wake.notified()).await;
                }
                // The question for changes says so, too, each minute; until then there is nobody to send to. Where it says
                // otherwise, the office knows this kiosk by another number.
                Err(KioskSideError::NotKnown) => {
                    self.report.send_modify(|progress| {
                        progress.failures = progress.failures.saturating_add(u32::from(progress.all_heard));
                    });
                    let _ = tokio::time::timeout(HEARTBEAT, self.wake.notified()).await;
                }
                Err(error) => {
                    if !matches!(error, KioskSideError::Unreachable { .. }) {
                        self.report.send_modify(|progress| progress.stuck = progress.stuck.saturating_add(1));
                    }
                    self.failed(&error);
                    // A new record is worth a try of its own.
                    tokio::select! {
                        () = backoff.wait() => {}
                        () = self.wake.notified() => {}
                    }
                }
            }
        }
    }

    /// Sends batches until the office holds everything; the last, empty one brings the office's time, and what it holds
    /// of all this kiosk's epochs. What the office takes and doesn't acknowledge, because something before it is
    /// missing, keeps nothing back that stands behind it, nor any rating. The first question of a run is an empty one: a store
    /// whose end was lost must not go on in its epoch.
    pub(super) async fn send_all(&self, backoff: &mut Backoff) -> Result<(), KioskSideError> {
        let mut passed_over = 0;
        let mut settlings = 0;
        loop {
            let envelopes = match self.has_asked.get() {
                true => next_batch(&self.ledger, passed_over, BATCH_ENVELOPES_MAX).await?,
                false => Vec::new(),
            };
            let sent = envelopes.len();
            let batch = Batch { envelopes };
            let acknowledgement = self.client.send(&batch, &self.office).await?;
            let at = acknowledgement.office_time;
            let taken = move |keeper: &mut Keeper| {
                let before = keeper.ledger().unacknowledged_count()?;
                let settled = keeper.acknowledge(&acknowledgement, &batch.envelopes)?;
                let left = keeper.ledger().unacknowledged_count()?;
                Ok::<_, KeeperError>((before.saturating_sub(left), left, settled))
            };
            let (acknowledged, left, settled) = self.ledger.ask(taken).await??;
            self.has_asked.set(true);
            if acknowledged > 0 {
                // Over a line that breaks with each try, as much gets through as may.
                *backoff = Backoff::default();
            }
            self.report.send_modify(|progress| {
                *progress = Progress {
                    reachable: true,
                    last_acknowledged_at: Some(at),
                    all_sent: left == 0,
                    failures: 0,
                    stuck: if acknowledged > 0 { 0 } else { progress.stuck },
                    ..*progress
                };
            });
            match (sent, left) {
                // An office that was restored from a backup lacks what it once had; or it has just heard of what is lost here.
                (0, 1..) if (settled || passed_over == 0) && settlings < SETTLINGS_MAX => {
                    settlings += 1;
                    continue;
                }
                (0, left) => {
                    self.send_ratings().await?;
                    return if left == 0 { Ok(()) } else { Err(KioskSideError::Stuck) };
                }
                _ => {}
            }
            // Behind a new record that was settled on, all is looked at anew.
            passed_over = if settled { 0 } else { still_passed_over(passed_over + sent, acknowledged) };
        }
    }

    async fn send_ratings(&self) -> Result<(), KioskSideError> {
        let minimum = self.batch_minimum;
        let next = move |keeper: &mut Keeper| {
            let today = crate::domain::calendar::riyadh_day(keeper.now().at);
            keeper.ratings().next_batch(minimum, today).map_err(KeeperError::from)
        };
        while let Some(batch) = self.ledger.ask(next).await?? {
            self.client.send_ratings(&batch).await?;
            self.ledger.ask(move |keeper| keeper.ratings().sent(batch.id).map_err(KeeperError::from)).await??;
        }
        Ok(())
    }

    async fn keep_hearing(&self) {
        let mut backoff = Backoff::default();
        loop {
            match self.hear().await {
                Ok(()) => backoff = Backoff::default(),
                Err(KioskSideError::Revoked) => tokio::time::sleep(HEARTBEAT).await,
                Err(KioskSideError::NotKnown) => tokio::time::sleep(HEARTBEAT).await,
                Err(error) => {
                    self.failed(&error);
                    backoff.wait().await;
                }
            }
        }
    }

    pub(super) async fn hear(&self) -> Result<(), KioskSideError> {
        let cursor = self.ledger.ask(|keeper| keeper.ledger().cursor()).await??;
        // As long as something is left to hear, or after a failure, there's no reason to wait.
        let at_once = !self.report.borrow().all_heard;
        let witness = self.ledger.ask(|keeper| keeper.ledger().last_witnessed()).await??;
        // Once a day, and at each start: the office may have to look through its whole trail.
        let witness = witness.filter(|witness| self.told_witness.get() != Some(witness.trail_head));
        let heard = self.client.changes(cursor, witness.as_ref(), at_once).await;
        let standing = match &heard {
            Ok(_) => Some(Standing::Known),
            Err(KioskSideError::Revoked) => Some(Standing::Revoked),
            Err(KioskSideError::NotKnown) => Some(Standing::NotKnown),
            Err(_) => None,
        };
        if let Some(standing) = standing {
            self.ledger.ask(move |keeper| keeper.hear_standing(standing)).await??;
            // Before anybody hears of it: a program that ends because of it has knocked.
            if standing == Standing::NotKnown
                && let Err(error) = self.knock().await
            {
                tracing::warn!("asking to be let in again: {error}");
            }
            let before = self.report.borrow().standing;
            self.report.send_modify(|progress| {
                (progress.reachable, progress.standing) = (true, standing);
                progress.all_heard &= standing == Standing::Known;
            });
            if before != standing {
                match standing {
                    Standing::NotKnown => tracing::error!("{}", KioskSideError::NotKnown),
                    // Records that were kept meanwhile go out at once.
                    _ => self.wake.notify_one(),
                }
            }
        }
        let changes = heard?;
        if let Some(witness) = witness {
            self.told_witness.set(Some(witness.trail_head));
        }
        let more = changes.more;
        // Before the cursor goes on: what can't be kept is asked for again.
        for change in &changes.changes {
            if let Change::Catalogue { text } = change {
                (self.keeping.borrow_mut().on_catalogue)(text)?;
            }
        }
        self.ledger.ask(move |keeper| keeper.ledger().take_changes(&changes)).await??;
        self.report.send_modify(|progress| {
            progress.reachable = true;
            progress.all_heard = !more;
        });
        Ok(())
    }

    fn failed(&self, error: &KioskSideError) {
        tracing::warn!("replication: {error}");
        // It has just answered.
        if matches!(error, KioskSideError::Stuck) {
            return;
        }
        self.report.send_modify(|progress| {
            progress.reachable = false;
            progress.all_heard = false;
            progress.failures = progress.failures.saturating_add(1);
        });
    }
}

/// Waits longer after each failure, up to a minute, with jitter so that kiosks don't all come back at once.
pub(super) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: BACKOFF_FIRST }
    }
}

impl Backoff {
    async fn wait(&mut self) {
        let [jitter] = random::<1>();
        let wait = self.next.mul_f64(0.5 + f64::from(jitter) / 510.0);
        self.next = (self.next * 2).min(BACKOFF_MAX);
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use super::still_passed_over;

    #[test]
    fn what_was_passed_over_is_counted_no_longer_once_it_is_acknowledged() {
        // Ten were sent and not acknowledged; then ten more, and all twenty were.
        assert_eq!(still_passed_over(10, 0), 10);
        assert_eq!(still_passed_over(10 + 10, 20), 0);
        assert_eq!(still_passed_over(10 + 10, 15), 5);
        assert_eq!(still_passed_over(3, 5), 0, "the office held more than was sent");
    }
}
