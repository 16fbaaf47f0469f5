//! A kiosk's threads, started and stopped together: ledger, printer, replication.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::sync::watch;

use super::attendant::{Attendant, LookUps, Post};
use super::catalogue::CatalogueInUse;
use super::config::KioskConfig;
use super::enrolment::{self, Enrolment, EnrolmentError};
use super::lobby::News;
use super::print_room::PrintRoom;
use crate::config::ConfigError;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;
use crate::domain::printer::PrinterState;
use crate::ledger::handle::{LedgerHandle, Opening};
use crate::ledger::keeper::KeeperError;
use crate::ledger::{LedgerError, OpeningProgress, OpeningReport};
use crate::receipt::logo::LogoError;
use crate::receipt::press::{Press, PressSettings};
use crate::receipt::printer::Address;
use crate::replication::calls::StaffCaller;
use crate::replication::kiosk::{Keeping, KioskSideError, Membership, Progress, Replicator};
use crate::replication::wire::SignedEnrolment;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the opening of the store broke off: see the log, and start the kiosk again")]
    BrokenOff,
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    #[error("the kiosk's store can't be opened: {0}")]
    Keeper(#[from] KeeperError),
    #[error(transparent)]
    Logo(#[from] LogoError),
    #[error("the printer's thread can't be started: {0}")]
    Press(std::io::Error),
    #[error(transparent)]
    Replication(#[from] KioskSideError),
}

impl StartError {
    /// True when a file of this kiosk must be put back from its copy before it can serve: nobody else can help.
    pub fn asks_for_a_copy(&self) -> bool {
        match self {
            Self::Enrolment(error) => error.asks_for_a_copy(),
            Self::Keeper(KeeperError::Ledger(error)) => {
                matches!(error, LedgerError::OtherKey { .. } | LedgerError::OtherNumber { .. })
            }
            _ => false,
        }
    }
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
    /// What was done when the store was opened
    pub report: OpeningReport,
    pub progress: watch::Receiver<Progress>,
    replicator: Option<Replicator>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Opens the store and starts what is wanted. All that the threads have to say goes to `news`, and `wake` is called
    /// after each; `progress` hears how far the opening of the store has come.
    pub fn start(
        config: &KioskConfig,
        catalogue: Arc<Catalogue>,
        clock: SharedClock,
        parts: Parts,
        news: mpsc::Sender<News>,
        wake: impl Fn() + Send + Sync + Clone + 'static,
        progress: &dyn Fn(OpeningProgress),
    ) -> Result<Self, StartError> {
        let enrolment = Enrolment::read(&config.data)?;
        let logo = config.logo()?;
        let tell = move |item| {
            // When the screens are gone, nobody needs the news.
            let _ = news.send(item);
            wake();
        };
        let opening = Opening {
            folder: config.data.clone(),
            identity: enrolment.identity.clone(),
            clock,
            patience: config.store_patience(),
        };
        let on_health = {
            let tell = tell.clone();
            move |health| tell(News::Ledger(health))
        };
        let (ledger, report, ledger_thread) = LedgerHandle::start(opening, progress, on_health)?;
        let mut threads = vec![ledger_thread];
        let (printer, printer_heard) = watch::channel(PrinterState::Off);
        let press = match (&config.printer, parts.printer) {
            (Address::Off, _) | (_, false) => None,
            (address, true) => {
                let tell = tell.clone();
                let on_state = move |state| {
                    printer.send_replace(state);
                    tell(News::Printer(state));
                };
                let settings = PressSettings { address: address.clone(), width: config.paper, logo: logo.clone() };
                let (press, thread) = Press::start(settings, on_state).map_err(StartError::Press)?;
                threads.push(thread);
                Some(press)
            }
        };
        let replicator = if parts.replication {
            let office = &enrolment.office;
            let membership = Membership {
                keys: enrolment.identity.keys().clone(),
                terms: enrolment.terms,
                signature: enrolment.signature,
                name: config.name.clone(),
            };
            let (data, mut version, tell) = (config.data.clone(), catalogue.version, tell.clone());
            let on_catalogue = move |text: &str| {
                if let Some(sent) = super::catalogue::keep(&data, text, version)? {
                    version = sent.version;
                    tell(News::Catalogue(sent));
                }
                Ok(())
            };
            let data = config.data.clone();
            let on_enrolment =
                move |signed: &SignedEnrolment| enrolment::keep(&data, signed).map_err(std::io::Error::other);
            let keeping = Keeping { on_catalogue: Box::new(on_catalogue), on_enrolment: Box::new(on_enrolment) };
            let minimum = config.batch_minimum;
            Some(Replicator::start(office, membership, ledger.clone(), minimum, printer_heard, keeping)?)
        } else {
            None
        };
        let progress = match &replicator {
            Some(replicator) => replicator.progress(),
            None => watch::channel(Progress::default()).1,
        };
        let waker = replicator.as_ref().map(Replicator::waker);
        let tell_staff = {
            let tell = tell.clone();
            Arc::new(move |state| tell(News::Staff(state)))
        };
        let post: Post = Arc::new(move |answer| tell(News::Visit(answer)));
        let caller = replicator.as_ref().map_or_else(StaffCaller::offline, Replicator::caller);
        let look_ups = LookUps::default();
        let printing = PrintRoom {
            press,
            ledger: ledger.clone(),
            catalogue: CatalogueInUse::new(catalogue),
            public_address: config.public_address.clone(),
            waker: waker.clone(),
            progress: progress.clone(),
        };
        let attendant = Attendant { ledger, printing, waker, post, tell_staff, caller, look_ups };
        Ok(Self { attendant, report, progress, replicator, threads })
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
