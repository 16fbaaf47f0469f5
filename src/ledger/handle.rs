//! The handle by which other threads ask the keeper's, and that thread itself.
//!
//! Whatever waits to be made durable when the thread comes to it shares one `fdatasync` (group commit). The answers go
//! out as soon as the journal is synced; sled follows behind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::sync::{oneshot, watch};

use super::keeper::{Keeper, KeeperError, LedgerHealth};
use super::watchdog::WatchedWork;
use super::{Identity, LedgerError, OpeningProgress, OpeningReport};
use crate::domain::calendar::{DayBounds, Today};
use crate::domain::clock::SharedClock;

/// How often the disk's room is looked at while nobody asks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// So many asks are served together at most; their envelopes fit into one segment.
const ASKS_AT_ONCE: usize = 64;
/// Maximum number of records in one write to the journal: an ask stages two at most.
pub const RECORDS_AT_ONCE_MAX: u64 = 2 * ASKS_AT_ONCE as u64;

type Work = Box<dyn FnOnce(&mut Keeper) + Send>;
/// Stages records and gives what is to be called when they are durable, or can't be.
type Stage = Box<dyn FnOnce(&mut Keeper) -> Finish + Send>;
type Finish = Box<dyn FnOnce(bool)>;

enum Ask {
    Work(Work),
    Commit(Stage),
}

/// Asks the keeper's thread; cheap to clone. The thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct LedgerHandle {
    asks: mpsc::Sender<Ask>,
    day_bounds: watch::Receiver<DayBounds>,
}

/// How a keeper's thread is started.
pub struct Opening {
    pub folder: PathBuf,
    pub identity: Identity,
    pub clock: SharedClock,
    /// So long may one piece of work take before the watchdog ends the process
    pub patience: Duration,
}

impl LedgerHandle {
    /// Opens the ledger and moves it to a thread of its own, which flushes the store when it ends. `on_health` is called
    /// there whenever the ledger's health has changed.
    pub fn start(
        opening: Opening,
        progress: &dyn Fn(OpeningProgress),
        on_health: impl Fn(LedgerHealth) + Send + 'static,
    ) -> Result<(Self, OpeningReport, JoinHandle<()>), KeeperError> {
        let Opening { folder, identity, clock, patience } = opening;
        let mut keeper = Keeper::open(&folder, identity, clock, patience, progress)?;
        let report = keeper.report().clone();
        let (asks, asked) = mpsc::channel();
        let (tell_bounds, day_bounds) = watch::channel(keeper.day_bounds());
        let thread = std::thread::Builder::new().name("ledger".into());
        let thread = thread.spawn(move || {
            serve(&mut keeper, &asked, &tell_bounds, on_health);
            if let Err(error) = keeper.close() {
                tracing::error!("closing the ledger: {error}");
            }
        });
        let thread = thread.map_err(|source| LedgerError::Io { path: folder, source })?;
        Ok((Self { asks, day_bounds }, report, thread))
    }

    /// Today where the kiosk's clock shows this day; doesn't wait.
    pub fn today(&self, clock: NaiveDate) -> Today {
        self.day_bounds.borrow().today(clock)
    }

    /// Hands the work to the keeper and returns at once.
    pub fn run(&self, work: impl FnOnce(&mut Keeper) + Send + 'static) {
        // When the thread has ended, the work is dropped with all that waits for it.
        let _ = self.asks.send(Ask::Work(Box::new(work)));
    }

    /// Lets the keeper stage records, and calls `done` once they are durable or can't be; returns at once.
    pub fn commit<T: 'static>(
        &self,
        stage: impl FnOnce(&mut Keeper) -> Result<T, KeeperError> + Send + 'static,
        done: impl FnOnce(Result<T, KeeperError>) + Send + 'static,
    ) {
        let stage = move |keeper: &mut Keeper| -> Finish {
            let staged = stage(keeper);
            Box::new(move |is_durable| {
                done(
                    staged.and_then(|value| if is_durable { Ok(value) } else { Err(LedgerError::OutOfService.into()) }),
                );
            })
        };
        // As above.
        let _ = self.asks.send(Ask::Commit(Box::new(stage)));
    }

    /// Hands the work to the keeper and waits for its answer without blocking the caller's runtime.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper) -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.begin(work).await.map_err(|_| LedgerError::OutOfService)
    }

    /// The same for threads that may wait.
    pub fn wait<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper) -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.begin(work).blocking_recv().map_err(|_| LedgerError::OutOfService)
    }

    fn begin<T: Send + 'static>(&self, work: impl FnOnce(&mut Keeper) -> T + Send + 'static) -> oneshot::Receiver<T> {
        let (reply, answer) = oneshot::channel();
        self.run(move |keeper| {
            // Whoever asked may have gone; the work was done all the same.
            let _ = reply.send(work(keeper));
        });
        answer
    }
}

/// Serves until the last handle is gone.
fn serve(
    keeper: &mut Keeper,
    asked: &mpsc::Receiver<Ask>,
    tell_bounds: &watch::Sender<DayBounds>,
    on_health: impl Fn(LedgerHealth),
) {
    let mut health = keeper.health();
    on_health(health);
    loop {
        let first = match asked.recv_timeout(LOOK_EVERY) {
            Ok(ask) => Some(ask),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        keeper.ledger().watchdog().watch(WatchedWork { name: "the ledger", uses_sled: true });
        if first.is_none() {
            keeper.ledger().note_count();
        }
        let others = std::iter::from_fn(|| asked.try_recv().ok());
        serve_together(keeper, first.into_iter().chain(others).take(ASKS_AT_ONCE));
        let now = keeper.health();
        let bounds = keeper.day_bounds();
        tell_bounds.send_if_modified(|told| std::mem::replace(told, bounds) != bounds);
        keeper.ledger().watchdog().rest();
        if std::mem::replace(&mut health, now) != now {
            on_health(now);
        }
    }
}

/// What is to be durable comes first, with one sync for all of it; then whatever else was asked.
fn serve_together(keeper: &mut Keeper, asks: impl Iterator<Item = Ask>) {
    let mut works = Vec::new();
    let mut finishes = Vec::new();
    for ask in asks {
        match ask {
            Ask::Work(work) => works.push(work),
            Ask::Commit(stage) => finishes.extend(unbroken(keeper, stage)),
        }
    }
    let is_durable = keeper.ledger().sync().is_ok();
    for finish in finishes {
        unbroken(keeper, |_| finish(is_durable));
    }
    for work in works {
        unbroken(keeper, work);
    }
    if let Err(error) = keeper.ledger().apply() {
        tracing::error!("the store: {error}");
    }
}

/// A panic in here ends the service, never the thread: whoever waits is answered.
fn unbroken<T>(keeper: &mut Keeper, work: impl FnOnce(&mut Keeper) -> T) -> Option<T> {
    let done = catch_unwind(AssertUnwindSafe(|| work(keeper)));
    if done.is_err() {
        keeper.ledger().fail();
    }
    done.ok()
}
