//! A kiosk's threads, started and stopped together: ledger, printer, replication.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use super::attendant::{Attendant, Post};
use super::config::KioskConfig;
use super::enrolment::{Enrolment, EnrolmentError};
use super::screens::News;
use crate::config::ConfigError;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;
use crate::ledger::keeper::{KeeperError, LedgerHandle};
use crate::receipt::press::Press;
use crate::receipt::printer::Address;
use crate::replication::kiosk::{KioskSideError, Progress, Replicator};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    #[error("the kiosk's store can't be opened: {0}")]
    Keeper(#[from] KeeperError),
    #[error("the printer's thread can't be started: {0}")]
    Press(std::io::Error),
    #[error(transparent)]
    Replication(#[from] KioskSideError),
}

/// Which of a kiosk's parts are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    pub printer: bool,
    pub replication: bool,
}

/// A kiosk's threads.
pub struct Running {
    pub attendant: Attendant,
    pub progress: tokio::sync::watch::Receiver<Progress>,
    replicator: Option<Replicator>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Opens the store and starts what is wanted. All that the threads have to say goes to `news`, and `wake` is called
    /// after each.
    pub fn start(
        config: &KioskConfig,
        catalogue: Arc<Catalogue>,
        clock: SharedClock,
        parts: Parts,
        news: mpsc::Sender<News>,
        wake: impl Fn() + Send + Sync + Clone + 'static,
    ) -> Result<Self, StartError> {
        let enrolment = Enrolment::read(&config.data)?;
        let (ledger, _, ledger_thread) = LedgerHandle::start(&config.data, enrolment.identity.clone(), clock)?;
        let mut threads = vec![ledger_thread];
        let tell = move |item| {
            // When the screens are gone, nobody needs the news.
            let _ = news.send(item);
            wake();
        };
        let press = match (&config.printer, parts.printer) {
            (Address::Off, _) | (_, false) => None,
            (address, true) => {
                let tell = tell.clone();
                let on_state = move |state| tell(News::Printer(state));
                let (press, thread) =
                    Press::start(address.clone(), config.paper, on_state).map_err(StartError::Press)?;
                threads.push(thread);
                Some(press)
            }
        };
        let replicator = if parts.replication {
            let keys = &enrolment.identity.keys;
            Some(Replicator::start(&enrolment.office, keys, ledger.clone(), config.batch_minimum)?)
        } else {
            None
        };
        let progress = match &replicator {
            Some(replicator) => replicator.progress(),
            None => tokio::sync::watch::channel(Progress::default()).1,
        };
        let waker = replicator.as_ref().map(Replicator::waker);
        let post: Post = Arc::new(move |answer| tell(News::Visit(answer)));
        let attendant = Attendant { ledger, press, catalogue, waker, post };
        Ok(Self { attendant, progress, replicator, threads })
    }

    /// Ends the threads in order; the store is flushed when this returns. The attendant's clones must be gone.
    pub fn stop(self) {
        if let Some(replicator) = self.replicator {
            replicator.stop();
        }
        drop(self.attendant);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the kiosk had failed");
            }
        }
    }
}
