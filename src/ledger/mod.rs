//! The kiosk's store: nothing is printed that is not here first.
//!
//! - The **journal** is the truth: preallocated segments of frames, one frame an envelope, durable by `fdatasync`.
//! - The **store** (sled) stands behind it: the same envelopes, an index in clear, and what the office has told.
//!   All of it can be made again from the journal and the office.
//! - The **keeper** is the one thread that owns both; everyone else holds a [`keeper::LedgerHandle`].
//! - **Ratings** stay apart, in a file of their own, so that no order or time links one to a request.

pub mod check;
pub mod journal;
pub mod keeper;
mod opening;
pub mod ratings;
mod store;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::domain::record::Record;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::{KioskNumber, RANDOM_PARTS, TrackingNumber};
use crate::replication::wire::{Changes, Cursor, Held};
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, Header, KioskTime, Place};
use crate::seal::keys::{KioskKeys, SealingKey};
use journal::{Journal, JournalError};
use store::{Store, StoreError};

pub use opening::OpeningReport;
pub use store::RequestEntry;

/// Below this many free bytes no new visit begins: a registration and its signature need some 10 KiB, a new segment
/// 1 MiB, and sled grows by leaps.
pub const FREE_BYTES_FLOOR: u64 = 64 * 1024 * 1024;

/// Who writes this ledger, and to whom it is sealed.
#[derive(Clone)]
pub struct Identity {
    pub keys: KioskKeys,
    pub kiosk: KioskNumber,
    /// The epoch that the office gave at enrolment
    pub first_epoch: Epoch,
    pub sealing_key: SealingKey,
}

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
    #[error("the store has failed and takes no records until the program is started again")]
    OutOfService,
}

/// The open ledger. One thread owns it.
pub struct Ledger {
    folder: PathBuf,
    identity: Identity,
    journal: Journal,
    store: Store,
    /// Where the next envelope goes
    next: Place,
    /// In the order in which they began
    epochs: Vec<Epoch>,
    /// After a failed write or sync nothing is written any more: what the disk holds is unknown until it is read anew.
    failed: bool,
    _lock: std::fs::File,
}

impl Ledger {
    /// Opens or makes the ledger in a folder, repairs what a crash left, and says what was done.
    pub fn open(folder: &Path, identity: Identity, now: KioskTime) -> Result<(Self, OpeningReport), LedgerError> {
        opening::open(folder, identity, now)
    }

    /// Makes records durable, all or none of them: sealed, signed, in the journal, synced. Only then it returns.
    pub fn commit(&mut self, records: &[Record], time: KioskTime) -> Result<Vec<Header>, LedgerError> {
        let mut place = self.next;
        let mut envelopes = Vec::with_capacity(records.len());
        for record in records {
            let envelope = Envelope::seal(&self.identity.keys, &self.identity.sealing_key, place, time, record)?;
            place = envelope.header.next();
            envelopes.push(envelope);
        }
        self.append(&envelopes)?;
        Ok(envelopes.into_iter().map(|envelope| envelope.header).collect())
    }

    /// Refuses when a visit that begins now might not find room at its end.
    pub fn check_room(&self) -> Result<(), LedgerError> {
        if self.failed {
            return Err(LedgerError::OutOfService);
        }
        let status = rustix::fs::statvfs(&self.folder)
            .map_err(|error| LedgerError::Io { path: self.folder.clone(), source: error.into() })?;
        let free = status.f_bavail.saturating_mul(status.f_frsize);
        if free < FREE_BYTES_FLOOR { Err(LedgerError::DiskFull { path: self.folder.clone(), free }) } else { Ok(()) }
    }

    /// A tracking number that this ledger has never given.
    pub fn new_tracking_number(&self) -> Result<TrackingNumber, LedgerError> {
        loop {
            // The bias of a 32-bit number taken modulo 10⁷ is below a quarter of a percent.
            let random = u32::from_be_bytes(crate::seal::keys::random()) % RANDOM_PARTS;
            let number = TrackingNumber::new(self.identity.kiosk, random);
            if self.store.request(number)?.is_none() {
                return Ok(number);
            }
        }
    }

    /// What the office says of a request, or what this kiosk itself knows of one it has registered.
    pub fn status(&self, number: TrackingNumber) -> Result<Option<RequestStatus>, LedgerError> {
        if let Some(told) = self.store.told(number)? {
            return Ok(Some(told.status));
        }
        Ok(self.store.request(number)?.map(|entry| entry.status(number)))
    }

    /// The hash by which another kiosk's receipt is recognised; `None` when the office has told of no such request.
    pub fn code_hash(&self, number: TrackingNumber) -> Result<Option<[u8; 32]>, LedgerError> {
        Ok(self.store.told(number)?.map(|told| told.code_hash))
    }

    /// The next envelopes to send, in order; empty when the office holds all.
    pub fn unacknowledged(&self, limit: usize) -> Result<Vec<Vec<u8>>, LedgerError> {
        let mut batch = Vec::new();
        for epoch in &self.epochs {
            let from = self.store.acknowledged(epoch)?.map_or(0, |sequence| sequence + 1);
            batch.extend(self.store.envelopes(epoch, from, limit - batch.len())?);
            if batch.len() == limit {
                break;
            }
        }
        Ok(batch)
    }

    /// How many envelopes the office has not acknowledged.
    pub fn unacknowledged_count(&self) -> Result<u64, LedgerError> {
        let mut count = 0;
        for epoch in &self.epochs {
            let held = self.store.acknowledged(epoch)?.map_or(0, |sequence| sequence + 1);
            let written = self.store.last_sequence(epoch)?.map_or(0, |sequence| sequence + 1);
            count += written.saturating_sub(held);
        }
        Ok(count)
    }

    /// Takes the office's word. It counts only where its head is the hash of our own envelope; it may also be less
    /// than before, when the office was restored from an old backup: then those envelopes are sent again.
    pub fn acknowledge(&mut self, held: &[Held]) -> Result<(), LedgerError> {
        for held in held {
            match self.store.header(&held.epoch, held.sequence)? {
                Some(header) if header.hash() == held.head => {
                    self.store.set_acknowledged(&held.epoch, held.sequence)?
                }
                _ => tracing::error!("the office acknowledges {:?} {} with a foreign head", held.epoch, held.sequence),
            }
        }
        Ok(())
    }

    pub fn cursor(&self) -> Result<Option<Cursor>, LedgerError> {
        Ok(self.store.cursor()?)
    }

    /// Takes up what the office has told, with its cursor, in one transaction.
    pub fn take_changes(&mut self, changes: &Changes) -> Result<(), LedgerError> {
        Ok(self.store.take_changes(changes)?)
    }

    /// The latest time that any record of this ledger bears.
    pub fn last_record_at(&self) -> Option<DateTime<Utc>> {
        let sequence = self.next.sequence.checked_sub(1)?;
        Some(self.store.header(&self.next.epoch, sequence).ok()??.time.at)
    }

    pub fn kiosk(&self) -> KioskNumber {
        self.identity.kiosk
    }

    /// Makes the store's files durable; the journal is so after every commit.
    pub fn close(self) -> Result<(), LedgerError> {
        Ok(self.store.flush()?)
    }

    fn append(&mut self, envelopes: &[Envelope]) -> Result<(), LedgerError> {
        if self.failed {
            return Err(LedgerError::OutOfService);
        }
        let written = self.journal.append(envelopes).map_err(LedgerError::from);
        let applied = written.and_then(|()| {
            envelopes.iter().try_for_each(|envelope| self.store.apply(envelope)).map_err(LedgerError::from)
        });
        self.failed = applied.is_err();
        applied?;
        if let Some(last) = envelopes.last() {
            self.next = last.header.next();
        }
        Ok(())
    }
}
