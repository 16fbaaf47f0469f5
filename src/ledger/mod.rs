//! The kiosk's store: nothing is printed that is not here first.
//!
//! - The **journal** is the truth: preallocated segments of frames, one frame an envelope, durable by `fdatasync`.
//! - The **store** (sled) stands behind it: the same envelopes, an index in clear, and what the office has told.
//!   All of it can be made again from the journal and the office.
//! - **Opening** puts in order what a crash or damage left; the office is told of it.
//! - **Retention** lets go what the office and its backup hold; `gone` remembers how far.
//! - The **keeper** is the one thread that owns all of it; everyone else holds a [`handle::LedgerHandle`].
//! - **Ratings** stay apart, in a file of their own, so that no order or time links one to a request.

pub mod check;
mod count;
pub(crate) mod disk;
pub(crate) mod durable;
mod exchange;
pub mod export;
mod files;
mod gone;
pub mod handle;
mod identity;
pub mod journal;
pub mod keeper;
mod office_time;
mod opening;
mod places;
pub mod ratings;
mod receipts;
mod retention;
mod settling;
mod store;
mod store_copy;
#[cfg(test)]
pub(crate) mod tests;
mod value_file;
mod verification;
mod watchdog;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::domain::code::Code;
use crate::domain::record::{Listing, Record};
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::{KioskNumber, RANDOM_PARTS, TrackingNumber};
use crate::replication::wire::Incarnation;
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, Header, KioskTime, Place};
use crate::seal::receipt_code::receipt_code;
use count::{COUNT_EVERY, Count};
use files::Files;
use gone::Gone;
use journal::{Journal, JournalError, Span};
use opening::own::Owner;
use places::Places;
use store::{Store, StoreError};
use verification::Verification;
use watchdog::Watchdog;

pub use identity::Identity;
pub use opening::lost::Lost;
#[cfg(test)]
pub(crate) use opening::salvage::envelopes_in;
pub use opening::{OpeningOptions, OpeningProgress, OpeningReport, OpeningWork};
pub use receipts::EnvelopePlace;
pub use retention::Tidied;
pub use store::{RequestEntry, Standing};

/// Below this many free bytes no new visit begins: a registration and its signature need some 10 KiB, a new segment
/// 1 MiB, and sled grows by leaps.
pub const FREE_BYTES_FLOOR: u64 = 64 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error("{}: another program uses this kiosk's data; stop it first", .0.display())]
    InUse(PathBuf),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the disk is nearly full: {free} bytes are free, {FREE_BYTES_FLOOR} are needed. Make room on the disk of {}", path.display())]
    DiskFull { path: PathBuf, free: u64 },
    #[error("the disk of {} can only be read: it was mounted so, or an error of the disk made it so. Check it, and mount it again", .0.display())]
    ReadOnly(PathBuf),
    #[error("segment {segment} was damaged since the kiosk was started ({what}): start it again, and it is mended")]
    Wounded { segment: u64, what: String },
    #[error("{}: there is something already; choose a folder that doesn't exist yet", .0.display())]
    Exists(PathBuf),
    #[error(
        "{}: kiosk.seed isn't the key by which the records here were signed. Put it back from its copy; only where the records are another kiosk's, move `journal` and `sled` to that one's folder", folder.display()
    )]
    OtherKey { folder: PathBuf },
    #[error(
        "{}: the records here are of kiosk {found}, and enrolment.toml is of kiosk {kiosk}. Put the enrolment.toml of these records back from its copy; only where the records are another kiosk's, move `journal` and `sled` to that one's folder", folder.display()
    )]
    OtherNumber { folder: PathBuf, found: KioskNumber, kiosk: KioskNumber },
    #[error(
        "keys and number of this kiosk were changed in the machine's memory: nothing was promised. Start it again, and have the memory tested"
    )]
    Identity,
    #[error("the store has failed and takes no records until the program is started again")]
    OutOfService,
}

/// Keeps all other programs out of a kiosk's folder until the file is dropped, before there is a ledger in it.
pub fn lock(folder: &Path) -> Result<disk::File, LedgerError> {
    opening::lock(folder)
}

/// Marks a folder whose kiosk has just been enrolled: its first opening begins the epoch that the office gave. Any
/// other empty folder begins one of its own, so that nothing at the office is contradicted.
pub fn mark_new(folder: &Path) -> Result<(), LedgerError> {
    let path = Files::of(folder).new;
    durable::make_folder(folder).map_err(LedgerError::at(folder))?;
    durable::replace_file(&path, b"").map_err(LedgerError::at(&path))
}

impl LedgerError {
    /// True where the disk had no room for it.
    fn is_disk_full(&self) -> bool {
        let kind = match self {
            Self::Journal(JournalError::Io { source, .. }) | Self::Io { source, .. } => source.kind(),
            _ => return false,
        };
        kind == std::io::ErrorKind::StorageFull
    }

    fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

/// The open ledger. One thread owns it.
pub struct Ledger {
    files: Files,
    identity: Identity,
    /// Whose envelopes go out
    owner: Owner,
    journal: Journal,
    /// What each segment holds, the one that is written to last
    spans: Vec<Span>,
    gone: Gone,
    count: Count,
    verification: Verification,
    has_sound_sealing_key: bool,
    /// `None` only after a copy of it failed, and then the ledger has failed
    store: Option<Store>,
    /// Sealed and signed, and not yet in the journal
    staged: Vec<Envelope>,
    /// Durable in the journal, and not yet in the store
    unapplied: Vec<Envelope>,
    /// Where the next envelope goes
    next: Place,
    /// In the order in which they began
    epochs: Vec<Epoch>,
    last_trusted_at: Option<DateTime<Utc>>,
    /// The office's database that has named all it holds since the start
    heard_whole: Option<Incarnation>,
    /// Places that were sent since the start, and to which database of the office
    taken_again: Places,
    /// Those of them that a backup of it holds, too
    safe_again: Places,
    taken_by: Option<Incarnation>,
    /// After a failed write or sync nothing is written any more: what the disk holds is unknown until it is read anew.
    failed: bool,
    watchdog: Watchdog,
    _lock: disk::File,
}

impl Ledger {
    /// Opens or makes the ledger in a folder, repairs what a crash left, and says what was done.
    pub fn open(
        folder: &Path,
        identity: Identity,
        options: &OpeningOptions<'_>,
    ) -> Result<(Self, OpeningReport), LedgerError> {
        opening::open(folder, identity, options, opening::Search::WhereNeeded)
    }

    /// Makes records durable: sealed, signed, in the journal, synced. A power cut before it returns may leave the first
    /// of them without the later ones.
    pub fn commit(&mut self, records: &[Record], time: KioskTime) -> Result<Vec<Header>, LedgerError> {
        let headers = self.stage(records, time)?;
        self.sync()?;
        self.apply()?;
        Ok(headers)
    }

    /// Seals and signs records for their places; nothing is promised before [`Self::sync`].
    pub fn stage(&mut self, records: &[Record], time: KioskTime) -> Result<Vec<Header>, LedgerError> {
        if self.failed {
            return Err(LedgerError::OutOfService);
        }
        let mut place = self.next;
        let mut envelopes = Vec::with_capacity(records.len());
        let identity = self.identity()?;
        for record in records {
            let envelope = Envelope::seal(identity.keys(), identity.sealing_key(), place, time, record)?;
            place = envelope.header.next();
            envelopes.push(envelope);
        }
        self.next = place;
        let headers = envelopes.iter().map(|envelope| envelope.header.clone()).collect();
        self.staged.append(&mut envelopes);
        Ok(headers)
    }

    /// Writes everything staged into the journal with one `fdatasync`. After an error nothing staged is durable, and
    /// the ledger takes nothing any more: a failed sync is never tried again.
    pub fn sync(&mut self) -> Result<(), LedgerError> {
        if self.failed {
            return Err(LedgerError::OutOfService);
        }
        if self.staged.is_empty() {
            return Ok(());
        }
        match self.journal.append(&self.staged) {
            Ok(began_segment) => {
                if began_segment {
                    self.spans.push(Span::empty(self.journal.number()));
                }
                self.note_written();
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                tracing::error!("{error}");
                Err(error.into())
            }
        }
    }

    fn note_written(&mut self) {
        for envelope in &self.staged {
            if let Some(span) = self.spans.last_mut() {
                span.add(envelope);
            }
            let KioskTime { at, trusted } = envelope.header.time;
            if trusted {
                self.last_trusted_at = self.last_trusted_at.max(Some(at));
            }
        }
        self.unapplied.append(&mut self.staged);
    }

    /// Puts what is durable into the store, and makes the next segment when this one is nearly full. What fails here
    /// breaks no promise: the journal has everything, and the next start makes the store from it.
    pub fn apply(&mut self) -> Result<(), LedgerError> {
        if self.unapplied.is_empty() {
            return Ok(());
        }
        let envelopes = std::mem::take(&mut self.unapplied);
        self.ask_store(|store| store.apply(&envelopes))?;
        if let Err(error) = self.journal.prepare() {
            // It is tried again when the segment is full; then it counts.
            tracing::warn!("the next segment can't be made yet: {error}");
        }
        if self.count.behind(&self.next) >= COUNT_EVERY {
            self.note_count();
        }
        Ok(())
    }

    /// Writes down how far everything is durable. To be called when nobody waits.
    pub fn note_count(&mut self) {
        if !self.failed && self.staged.is_empty() {
            self.count.note(&self.next);
        }
    }

    /// Refuses when a visit that begins now might not find room at its end.
    pub fn check_room(&self) -> Result<(), LedgerError> {
        if self.failed {
            return Err(LedgerError::OutOfService);
        }
        let free = self.free_bytes()?;
        if free < FREE_BYTES_FLOOR {
            return Err(LedgerError::DiskFull { path: self.files.folder.clone(), free });
        }
        Ok(())
    }

    /// What is free on the disk; an error when it can only be read.
    pub fn free_bytes(&self) -> Result<u64, LedgerError> {
        let folder = &self.files.folder;
        let room = disk::room(folder).map_err(LedgerError::at(folder))?;
        if room.is_read_only {
            return Err(LedgerError::ReadOnly(folder.clone()));
        }
        Ok(room.free_bytes)
    }

    /// False after a write, a sync or the store has failed: only a new start helps.
    pub fn is_in_service(&self) -> bool {
        !self.failed
    }

    /// A tracking number that this ledger has never given.
    pub fn new_tracking_number(&mut self) -> Result<TrackingNumber, LedgerError> {
        loop {
            // The bias of a 32-bit number taken modulo 10⁷ is below a quarter of a percent.
            let random = u32::from_be_bytes(crate::seal::keys::random()) % RANDOM_PARTS;
            let number = TrackingNumber::new(self.identity.kiosk(), random);
            if !self.was_given(number)? {
                return Ok(number);
            }
        }
    }

    fn was_given(&mut self, number: TrackingNumber) -> Result<bool, LedgerError> {
        let bears = |envelope: &Envelope| matches!(envelope.listing(), Ok(Listing::Request { tracking_number, .. }) if tracking_number == number);
        if self.gone.has(number) || self.staged.iter().chain(&self.unapplied).any(bears) {
            return Ok(true);
        }
        self.ask_store(|store| Ok(store.request(number)?.is_some() || store.told(number)?.is_some()))
    }

    /// What the office says of a request, or what this kiosk itself knows of one it has registered.
    pub fn status(&mut self, number: TrackingNumber) -> Result<Option<RequestStatus>, LedgerError> {
        self.apply()?;
        self.ask_store(|store| {
            if let Some(told) = store.told(number)? {
                return Ok(Some(told.status));
            }
            Ok(store.request(number)?.map(|entry| entry.status(number)))
        })
    }

    /// True for the code of another kiosk's receipt, as far as the office has told of its request.
    pub fn proves(&mut self, number: TrackingNumber, code: &Code) -> Result<bool, LedgerError> {
        self.ask_store(|store| Ok(store.told(number)?.is_some_and(|told| told.proves(code))))
    }

    /// The latest time that a trusted clock gave a record of this ledger.
    pub fn last_trusted_at(&self) -> Option<DateTime<Utc>> {
        self.last_trusted_at
    }

    pub fn kiosk(&self) -> KioskNumber {
        self.identity.kiosk()
    }

    /// The keys by which all is sealed and given, as long as they are what was proved; afterwards nothing is given any more.
    pub fn identity(&mut self) -> Result<&Identity, LedgerError> {
        if self.identity.is_whole() {
            Ok(&self.identity)
        } else {
            self.failed = true;
            Err(LedgerError::Identity)
        }
    }

    /// The code of a receipt of this kiosk.
    pub fn receipt_code(&mut self, number: TrackingNumber) -> Result<Code, LedgerError> {
        Ok(receipt_code(self.identity()?.keys().receipt_key(), number))
    }

    /// False when nothing shows that the sealing key is the office's: no signature of it, and nothing here was sealed to it.
    /// Until the office has said its key, nobody could tell whether it can open what is sealed.
    pub fn has_sound_sealing_key(&self) -> bool {
        self.has_sound_sealing_key
    }

    /// Makes the store's files durable; the journal is so after every commit.
    pub fn close(mut self) -> Result<(), LedgerError> {
        if self.failed {
            return Ok(());
        }
        self.apply()?;
        self.note_count();
        self.ask_store(|store| store.flush_durably())
    }

    pub(crate) fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    /// Nothing is to be trusted any more in this process, as after a panic.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    fn ask_store<T>(&mut self, ask: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, LedgerError> {
        let Some(store) = self.store.as_ref().filter(|_| !self.failed) else { return Err(LedgerError::OutOfService) };
        Store::guarded(|| ask(store)).map_err(|error| self.store_failed(error))
    }

    /// A store that fails isn't asked again; the note makes the next start set it aside.
    fn store_failed(&mut self, error: StoreError) -> LedgerError {
        self.failed = true;
        tracing::error!("{error}");
        let note = format!("the store had failed ({error})");
        if let Err(error) = durable::replace_file(&self.files.note, note.as_bytes()) {
            tracing::error!("{}: {error}", self.files.note.display());
        }
        LedgerError::Store(error)
    }
}
