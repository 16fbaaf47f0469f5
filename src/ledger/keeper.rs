//! The keeper owns the ledger and the ratings, and knows what is done with them. It lives on one thread, and everyone
//! else asks it by a [`super::handle::LedgerHandle`].

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::Months;

use super::office_time::{ClockWitness, OfficeTime};
use super::ratings::{Ratings, RatingsError};
use super::{
    EnvelopePlace, Identity, Ledger, LedgerError, OpeningOptions, OpeningProgress, OpeningReport, Standing, Tidied,
};
use crate::domain::answers::Answers;
use crate::domain::calendar::{DayBounds, riyadh_day};
use crate::domain::clock::SharedClock;
use crate::domain::code::Code;
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::printout::Print;
use crate::domain::rating::Rating;
use crate::domain::record::Record;
use crate::domain::request::{Beneficiary, Channel, Request, RequestId};
use crate::domain::scan::Scan;
use crate::domain::signature::Signature;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::replication::wire::Acknowledgement;
use crate::seal::envelope::KioskTime;
use crate::seal::keys::{SealingKey, random};
use crate::seal::sealing;

/// How long a program may be in use without being built anew: 20 years.
const PROGRAM_YEARS: Months = Months::new(20 * 12);

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
    /// Of the request's envelope, from which its paper copy is made; a receipt that is printed again has none
    pub place: Option<EnvelopePlace>,
}

/// A receipt that staff want to have printed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reprint {
    pub registered: Registered,
    /// In which it was printed, or tried; `None` when nothing is known of that
    pub language: Option<Language>,
    /// It came out before, or may have: what is printed now is a copy
    pub is_copy: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Ratings(#[from] RatingsError),
    #[error("the office doesn't know this kiosk: it takes no new requests until a person there lets it in again")]
    NotKnown,
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

/// Whether visitors can be promised anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerHealth {
    Well,
    /// The office has revoked this kiosk: nobody is served here any more
    Revoked,
    /// The office doesn't know this kiosk, or knows it otherwise: nobody may begin a new request
    NotKnown,
    /// The disk is nearly full, or can only be read: nobody may begin a new request
    NoRoom,
    /// A write, a sync or the store has failed: only a new start helps
    Failed,
}

/// Owns the ledger and the ratings.
pub struct Keeper {
    ledger: Ledger,
    ratings: Ratings,
    clock: SharedClock,
    /// The office's time when it was last heard
    office_time: Option<OfficeTime>,
    /// What the office said last; it stays through a restart without a network
    standing: Standing,
    /// The office's terms of the enrolment contradict those in this kiosk's file
    is_contradicted: bool,
    report: OpeningReport,
    /// The request registered last since the start: its receipt is still under way
    underway: Option<TrackingNumber>,
}

impl Keeper {
    pub fn open(
        folder: &Path,
        identity: Identity,
        clock: SharedClock,
        patience: Duration,
        progress: &dyn Fn(OpeningProgress),
    ) -> Result<Self, KeeperError> {
        let options = OpeningOptions { now: KioskTime { at: clock.now(), trusted: false }, patience, progress };
        let (mut ledger, report) = Ledger::open(folder, identity, &options)?;
        let ratings = Ratings::open(folder)?;
        if !ledger.has_sound_sealing_key() {
            tracing::error!(
                "the sealing key in enrolment.toml isn't one to which this kiosk has sealed, and no signature of the office stands beside it: no new requests until the office has said its key"
            );
        }
        let office_time = ledger.office_time()?;
        let standing = ledger.standing()?;
        let is_contradicted = false;
        Ok(Self { ledger, ratings, clock, office_time, standing, is_contradicted, report, underway: None })
    }

    /// The time, and whether it counts ([`ClockWitness::trusts`]).
    pub fn now(&self) -> KioskTime {
        let at = self.clock.now();
        let witness = ClockWitness {
            office: self.office_time.as_ref().and_then(|heard| heard.at(self.clock.uptime())),
            last_record: self.ledger.last_trusted_at(),
            earliest: self.clock.earliest(),
        };
        KioskTime { at, trusted: witness.trusts(at) }
    }

    /// Bounds today without the clock: no day before the program was built or the last trusted record, and while
    /// the clock isn't trusted none later than [`PROGRAM_YEARS`] after the build.
    pub fn day_bounds(&self) -> DayBounds {
        let built = self.clock.earliest().date_naive();
        let last_record = self.ledger.last_trusted_at().map(riyadh_day);
        DayBounds {
            clock_is_trusted: self.now().trusted,
            least: last_record.map_or(built, |last| last.max(built)),
            latest: built.checked_add_months(PROGRAM_YEARS).unwrap_or(built),
        }
    }

    pub fn health(&self) -> LedgerHealth {
        match self.ledger.check_room() {
            Err(_) if !self.ledger.is_in_service() => LedgerHealth::Failed,
            _ if self.standing == Standing::Revoked => LedgerHealth::Revoked,
            _ if !self.is_known() => LedgerHealth::NotKnown,
            Err(_) => LedgerHealth::NoRoom,
            Ok(()) => LedgerHealth::Well,
        }
    }

    /// What was done when the ledger was opened.
    pub fn report(&self) -> &OpeningReport {
        &self.report
    }

    /// Puts in order what can wait for a quiet moment.
    pub fn tidy(&mut self) -> Result<Tidied, KeeperError> {
        Ok(self.ledger.tidy()?)
    }

    /// Makes a request of what was signed: identity, number, signature and request. Like the other records it is durable
    /// only after the handle's commit. The request stands behind its signature, so that a write which was cut off leaves
    /// none without it (P15).
    pub fn register(&mut self, registration: Registration) -> Result<Registered, KeeperError> {
        if !self.is_known() {
            return Err(KeeperError::NotKnown);
        }
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
        let number = request.tracking_number;
        let (service, missing_documents) = (request.service().to_owned(), request.missing_documents());
        let signature = Record::Signature { request: request.id, signature: registration.signature };
        let headers = self.ledger.stage(&[signature, Record::Request(request)], time)?;
        let header = headers.last().ok_or(LedgerError::OutOfService)?;
        let place = Some(EnvelopePlace { epoch: header.epoch, sequence: header.sequence });
        self.underway = Some(number);
        let code = self.ledger.receipt_code(number)?;
        Ok(Registered { tracking_number: number, code, time, service, missing_documents, place })
    }

    /// Keeps that something was printed, or wasn't: every print is a record.
    pub fn note_print(&mut self, print: Print) -> Result<(), KeeperError> {
        self.underway = self.underway.filter(|number| *number != print.tracking_number);
        let time = self.now();
        self.ledger.stage(&[Record::Printed(print)], time)?;
        Ok(())
    }

    /// The numbers of receipts that didn't come out and wait for the staff; the one under way isn't among them.
    pub fn unprinted(&mut self) -> Result<Vec<TrackingNumber>, KeeperError> {
        let mut unprinted = self.ledger.unprinted()?;
        unprinted.retain(|number| Some(*number) != self.underway);
        Ok(unprinted)
    }

    /// A receipt to be printed again, with what is missing today. `None` for a number of another kiosk (its code can't be
    /// made here), an unknown one, or one whose records have left for the office: the desk prints those.
    pub fn reprint(&mut self, number: TrackingNumber) -> Result<Option<Reprint>, KeeperError> {
        if number.kiosk() != self.ledger.kiosk() {
            return Ok(None);
        }
        let (Some(entry), Some(status)) = (self.ledger.receipt(number)?, self.ledger.status(number)?) else {
            return Ok(None);
        };
        let registered = Registered {
            tracking_number: number,
            code: self.ledger.receipt_code(number)?,
            time: entry.time,
            missing_documents: status.standing.missing_documents(),
            service: status.service,
            place: None,
        };
        let language = entry.printed.map(|(language, _)| language);
        Ok(Some(Reprint { registered, language, is_copy: !entry.has_failed() }))
    }

    /// Notes what the holder of a receipt says to have brought.
    pub fn bring_documents(&mut self, number: TrackingNumber, documents: Vec<String>) -> Result<(), KeeperError> {
        if !self.ledger.has_sound_sealing_key() {
            return Err(KeeperError::NotKnown);
        }
        let time = self.now();
        self.ledger.stage(&[Record::DocumentsBrought { tracking_number: number, documents }], time)?;
        Ok(())
    }

    pub fn suggest(&mut self, text: String) -> Result<(), KeeperError> {
        if !self.ledger.has_sound_sealing_key() {
            return Err(KeeperError::NotKnown);
        }
        let time = self.now();
        self.ledger.stage(&[Record::Suggestion { text }], time)?;
        Ok(())
    }

    /// What is known of a receipt. A wrong code is answered like an unknown number.
    pub fn look_up(&mut self, scan: &Scan) -> Result<LookUp, KeeperError> {
        let number = scan.tracking_number;
        let Some(status) = self.ledger.status(number)? else { return Ok(LookUp::Unknown) };
        let proved = match &scan.code {
            None => false,
            Some(code) if number.kiosk() == self.ledger.kiosk() => *code == self.ledger.receipt_code(number)?,
            Some(code) => self.ledger.proves(number, code)?,
        };
        if scan.code.is_some() && !proved {
            return Ok(LookUp::Unknown);
        }
        Ok(LookUp::Found { status, proved, rated: self.ratings.is_used(number) })
    }

    pub fn rate(&mut self, service: &str, rating: &Rating, receipt: Option<TrackingNumber>) -> Result<(), KeeperError> {
        let today = riyadh_day(self.now().at);
        if !self.ledger.has_sound_sealing_key() {
            return Err(KeeperError::NotKnown);
        }
        Ok(self.ratings.add(self.ledger.identity()?.sealing_key(), service, rating, receipt, today)?)
    }

    /// Takes the office's signed word on what was sent, and its time. Its answer to nothing names what it holds of this kiosk.
    /// True when something had to be settled with it: then there are new records to send.
    pub fn acknowledge(&mut self, acknowledgement: &Acknowledgement, sent: &[Vec<u8>]) -> Result<bool, KeeperError> {
        let at = acknowledgement.office_time;
        let heard = OfficeTime::heard(at, self.clock.uptime());
        self.ledger.hear_office_time(&heard)?;
        self.ledger.witness(riyadh_day(at), acknowledgement.trail_head)?;
        self.office_time = Some(heard);
        let is_whole = sent.is_empty();
        if is_whole {
            self.ledger.hear_whole(acknowledgement.incarnation, &acknowledgement.held)?;
        }
        self.ledger.note_sent(acknowledgement.incarnation, sent);
        self.ledger.acknowledge(&acknowledgement.held, is_whole)?;
        let now = self.now();
        let today = now.trusted.then(|| riyadh_day(now.at));
        if let Err(error) = self.ratings.hear(acknowledgement.incarnation, acknowledgement.backups, today) {
            // Batches are kept for longer: no reason to hold up records.
            tracing::error!("{error}");
        }
        Ok(self.ledger.settle(&acknowledgement.held, is_whole, now)?)
    }

    /// The office has said what this kiosk is to it.
    pub fn hear_standing(&mut self, standing: Standing) -> Result<(), KeeperError> {
        if self.standing != standing {
            self.ledger.hear_standing(standing)?;
            self.standing = standing;
        }
        Ok(())
    }

    /// The office has said what it knows of the enrolment, and that contradicts this kiosk, or no longer does.
    pub fn hear_contradiction(&mut self, is_contradicted: bool) {
        self.is_contradicted = is_contradicted;
    }

    /// The office has said to which key it wants things sealed from now on.
    pub fn hear_sealing_key(&mut self, key: SealingKey) {
        // A key to which nothing can be sealed would end the service at the next visitor.
        if sealing::seal(&key, b"", b"").is_err() {
            return;
        }
        match self.ledger.hear_sealing_key(key) {
            Ok(true) => tracing::info!("the office has another sealing key"),
            Ok(false) => {}
            Err(error) => tracing::error!("{error}"),
        }
    }

    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// False as long as the office doesn't know this kiosk, or not as it is: what it gave now might never arrive, or never be
    /// opened.
    pub fn is_known(&self) -> bool {
        self.standing != Standing::NotKnown && !self.is_contradicted && self.ledger.has_sound_sealing_key()
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

    pub fn close(self) -> Result<(), KeeperError> {
        Ok(self.ledger.close()?)
    }
}
