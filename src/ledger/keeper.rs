//! The keeper: the one thread that owns the ledger and the ratings, and the handle by which the others ask it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::oneshot;

use super::ratings::{Ratings, RatingsError};
use super::{Identity, Ledger, LedgerError, OpeningReport};
use crate::domain::answers::Answers;
use crate::domain::calendar::riyadh_day;
use crate::domain::clock::SharedClock;
use crate::domain::code::Code;
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::rating::Rating;
use crate::domain::record::Record;
use crate::domain::request::{Beneficiary, Channel, Request, RequestId};
use crate::domain::scan::Scan;
use crate::domain::signature::Signature;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::replication::wire::Acknowledgement;
use crate::seal::envelope::KioskTime;
use crate::seal::keys::random;
use crate::seal::receipt_code::{code_hash, receipt_code};

/// How far the kiosk's clock may be from the office's, and still count.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::hours(24);

/// What a visitor has signed, before it has an identity and a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub language: Language,
    pub beneficiary: Beneficiary,
    pub versions: Versions,
    pub answers: Answers,
    pub documents: BTreeMap<String, DocumentAnswer>,
    pub signature: Signature,
}

/// A request that is durable: now a receipt may be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub tracking_number: TrackingNumber,
    pub code: Code,
    pub time: KioskTime,
    pub service: String,
    pub missing_documents: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Ratings(#[from] RatingsError),
}

/// What the scan of a receipt leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    Found {
        status: RequestStatus,
        /// True when the code was scanned with the number, and is right
        proved: bool,
        rated: bool,
    },
    /// No such request here, or a wrong code: the two look the same to whoever tries
    Unknown,
}

/// Owns the ledger and the ratings.
pub struct Keeper {
    ledger: Ledger,
    ratings: Ratings,
    identity: Identity,
    clock: SharedClock,
    /// The office's time when it was last heard, and the moment of that by the monotonic clock
    office_time: Option<(DateTime<Utc>, Instant)>,
}

impl Keeper {
    pub fn open(folder: &Path, identity: Identity, clock: SharedClock) -> Result<(Self, OpeningReport), KeeperError> {
        let now = KioskTime { at: clock.now(), trusted: false };
        let (ledger, report) = Ledger::open(folder, identity.clone(), now)?;
        let ratings = Ratings::open(folder)?;
        Ok((Self { ledger, ratings, identity, clock, office_time: None }, report))
    }

    /// The time, and whether it counts: within a day of the office's last time plus what has passed since, and not
    /// before what is already recorded.
    pub fn now(&self) -> KioskTime {
        let at = self.clock.now();
        let near_office = self.office_time.is_some_and(|(office, heard)| {
            let passed = TimeDelta::from_std(heard.elapsed()).unwrap_or(TimeDelta::MAX);
            let expected = office.checked_add_signed(passed);
            expected.is_some_and(|expected| (at - expected).abs() <= CLOCK_TOLERANCE)
        });
        let after_records = self.ledger.last_record_at().is_none_or(|last| at + CLOCK_TOLERANCE >= last);
        KioskTime { at, trusted: near_office && after_records }
    }

    /// Makes a request of what was signed: identity, number, signature and request durable together.
    pub fn register(&mut self, registration: Registration) -> Result<Registered, KeeperError> {
        let time = self.now();
        let request = Request {
            id: RequestId(random()),
            tracking_number: self.ledger.new_tracking_number()?,
            language: registration.language,
            channel: Channel::Kiosk,
            beneficiary: registration.beneficiary,
            versions: registration.versions,
            answers: registration.answers,
            documents: registration.documents,
        };
        let registered = Registered {
            tracking_number: request.tracking_number,
            code: receipt_code(self.identity.keys.receipt_key(), request.tracking_number),
            time,
            service: request.service().to_owned(),
            missing_documents: request.missing_documents(),
        };
        let signature = Record::Signature { request: request.id, signature: registration.signature };
        self.ledger.commit(&[Record::Request(request), signature], time)?;
        Ok(registered)
    }

    /// Notes what the holder of a receipt says to have brought.
    pub fn bring_documents(&mut self, number: TrackingNumber, documents: Vec<String>) -> Result<(), KeeperError> {
        let time = self.now();
        self.ledger.commit(&[Record::DocumentsBrought { tracking_number: number, documents }], time)?;
        Ok(())
    }

    pub fn suggest(&mut self, text: String) -> Result<(), KeeperError> {
        let time = self.now();
        self.ledger.commit(&[Record::Suggestion { text }], time)?;
        Ok(())
    }

    /// What is known of a receipt. A wrong code is answered like an unknown number.
    pub fn look_up(&self, scan: &Scan) -> Result<LookUp, KeeperError> {
        let number = scan.tracking_number;
        let Some(status) = self.ledger.status(number)? else { return Ok(LookUp::Unknown) };
        let proved = match &scan.code {
            None => false,
            Some(code) if number.kiosk() == self.ledger.kiosk() => {
                *code == receipt_code(self.identity.keys.receipt_key(), number)
            }
            Some(code) => self.ledger.code_hash(number)? == Some(code_hash(code)),
        };
        if scan.code.is_some() && !proved {
            return Ok(LookUp::Unknown);
        }
        Ok(LookUp::Found { status, proved, rated: self.ratings.is_used(number) })
    }

    pub fn rate(&mut self, service: &str, rating: &Rating, receipt: Option<TrackingNumber>) -> Result<(), KeeperError> {
        let today = riyadh_day(self.now().at);
        Ok(self.ratings.add(&self.identity.sealing_key, service, rating, receipt, today)?)
    }

    /// Takes the office's signed word, and its time.
    pub fn acknowledge(&mut self, acknowledgement: &Acknowledgement) -> Result<(), KeeperError> {
        self.office_time = Some((acknowledgement.office_time, Instant::now()));
        Ok(self.ledger.acknowledge(&acknowledgement.held)?)
    }

    pub fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    pub fn ratings(&mut self) -> &mut Ratings {
        &mut self.ratings
    }

    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }
}

type Ask = Box<dyn FnOnce(&mut Keeper) + Send>;

/// Asks the keeper's thread; cheap to clone. The thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct LedgerHandle {
    asks: mpsc::Sender<Ask>,
}

impl LedgerHandle {
    /// Opens the ledger on its own thread. The returned handle's thread flushes the store when it ends.
    pub fn start(
        folder: &Path,
        identity: Identity,
        clock: SharedClock,
    ) -> Result<(Self, OpeningReport, JoinHandle<()>), KeeperError> {
        let (mut keeper, report) = Keeper::open(folder, identity, clock)?;
        let (asks, asked) = mpsc::channel::<Ask>();
        let serve = move || {
            for ask in asked {
                ask(&mut keeper);
            }
            if let Err(error) = keeper.ledger.close() {
                tracing::error!("closing the ledger: {error}");
            }
        };
        let thread = std::thread::Builder::new()
            .name("ledger".into())
            .spawn(serve)
            .map_err(|source| LedgerError::Io { path: folder.to_owned(), source })?;
        Ok((Self { asks }, report, thread))
    }

    /// Hands the work to the keeper and returns at once.
    pub fn run(&self, work: impl FnOnce(&mut Keeper) + Send + 'static) {
        // When the thread has ended, nobody waits for an answer either: the callers of `ask` learn it there.
        let _ = self.asks.send(Box::new(work));
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
