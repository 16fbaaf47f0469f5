//! sled behind the journal: envelopes by (epoch, sequence), the index computed from them, and what the office told.
//!
//! Everything here is safe to lose. Few trees and small values, as sled likes them; the cache is bounded.

mod entries;
mod fresh;
mod told;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional, TransactionalTree};
use sled::{Batch, Db, Tree};

use super::durable;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, Header};

pub use entries::{Acknowledged, Applied, ReceiptEntry, RequestEntry, Run, Told};
pub use fresh::{FreshStore, finish_swap};
pub use told::{Losses, Standing};

/// sled's page cache; its own default is 1 GiB. It holds more than the newest envelopes, and a larger one only makes the
/// process larger (16 MiB: 79 MB after 100,000 envelopes; 4 MiB: half of that).
const CACHE_BYTES: u64 = 4 * 1024 * 1024;
/// How often sled's flusher writes behind the journal.
const FLUSH_EVERY_MS: u64 = 1000;
/// A store that was closed a moment ago in this process still holds its lock: sled lets go of it on a thread of its own.
/// No other process can hold it: the kiosk's own lock keeps them out.
const LOCK_WAIT: Duration = Duration::from_secs(5);
const LOCK_ASK_EVERY: Duration = Duration::from_millis(20);

/// Envelopes that are put into the store together.
pub const APPLY_AT_ONCE: usize = 64;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store behind the journal failed ({0}); start the kiosk again: it is made anew from the journal")]
    Sled(#[from] sled::Error),
    #[error("the store behind the journal broke off; start the kiosk again: it is made anew from the journal")]
    Panicked,
    #[error("an entry of the store is damaged; start the kiosk again: it is made anew from the journal")]
    Entry(#[from] postcard::Error),
    #[error("an envelope in the store is damaged: {0}")]
    Envelope(#[from] EnvelopeError),
    #[error("the store holds another envelope at {0:?} {1} than the journal")]
    Differs(Epoch, u64),
    #[error(
        "the store holds a record that this kiosk hasn't signed; start the kiosk again: it is made anew from the journal"
    )]
    NotOwn,
    #[error("{0:?} {1}: {2}")]
    Lacks(Epoch, u64, String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

pub struct Store {
    folder: PathBuf,
    db: Db,
    /// (epoch, sequence) → envelope
    envelopes: Tree,
    /// tracking number → [`RequestEntry`], computed from the envelopes
    requests: Tree,
    /// tracking number → [`ReceiptEntry`], computed from the envelopes
    receipts: Tree,
    /// The tracking numbers of receipts that failed; and of the last request, as long as nothing was printed for it
    unprinted: Tree,
    /// tracking number → [`Told`], from the office
    told: Tree,
    /// Single values: `applied`, `cursor`, `office time`, and `acknowledged` with an epoch
    state: Tree,
}

impl Store {
    /// Opens or makes the store. Damage that makes sled panic is an error like any other.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        catch_unwind(|| Self::open_trees(folder)).unwrap_or(Err(StoreError::Panicked))
    }

    fn open_trees(folder: &Path) -> Result<Self, StoreError> {
        let config = sled::Config::default()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .mode(sled::Mode::HighThroughput);
        let db = open_once_let_go(&config)?;
        Ok(Self {
            folder: folder.to_owned(),
            envelopes: db.open_tree("envelopes")?,
            requests: db.open_tree("requests")?,
            receipts: db.open_tree("receipts")?,
            unprinted: db.open_tree("unprinted")?,
            told: db.open_tree("told")?,
            state: db.open_tree("state")?,
            db,
        })
    }

    /// Runs work on the store; a panic inside sled is an error like any other.
    pub fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(StoreError::Panicked))
    }

    /// Puts envelopes that are absent, computes the index from their listings, and notes how far that was done: one
    /// transaction. An envelope that is there already must be the same.
    pub fn apply(&self, envelopes: &[Envelope]) -> Result<(), StoreError> {
        let Some(last) = envelopes.last() else { return Ok(()) };
        let Header { epoch, sequence, .. } = last.header;
        let applied = encode(&Applied { epoch, sequence, head: last.header.hash() })?;
        let encoded: Vec<_> = envelopes.iter().map(|envelope| (envelope, envelope.encode())).collect();
        let trees = (&self.envelopes, &self.requests, &self.receipts, &self.unprinted, &self.state);
        let outcome = trees.transaction(|(tree, requests, receipts, unprinted, state)| {
            for (envelope, bytes) in &encoded {
                put_same(tree, envelope, bytes)?;
                let known = |number| get_in(requests, &number_key(number));
                if let Some((number, entry)) = RequestEntry::after(envelope, known)? {
                    requests.insert(number_key(number), encode(&entry).map_err(abort)?)?;
                }
                let known = |number| get_in(receipts, &number_key(number));
                if let Some((number, entry)) = ReceiptEntry::after(envelope, known)? {
                    receipts.insert(number_key(number), encode(&entry).map_err(abort)?)?;
                    note_unprinted(unprinted, state, number, &entry)?;
                }
            }
            state.insert(APPLIED, applied.as_slice())?;
            Ok(())
        });
        outcome.map_err(flatten)
    }

    pub fn applied(&self) -> Result<Option<Applied>, StoreError> {
        get(&self.state, APPLIED)
    }

    pub fn request(&self, number: TrackingNumber) -> Result<Option<RequestEntry>, StoreError> {
        get(&self.requests, &number_key(number))
    }

    pub fn receipt(&self, number: TrackingNumber) -> Result<Option<ReceiptEntry>, StoreError> {
        get(&self.receipts, &number_key(number))
    }

    /// The numbers of receipts that didn't come out, as far as this kiosk knows.
    pub fn unprinted(&self) -> Result<Vec<TrackingNumber>, StoreError> {
        self.unprinted.iter().keys().filter_map(|key| number_of(key).transpose()).collect()
    }

    pub fn told(&self, number: TrackingNumber) -> Result<Option<Told>, StoreError> {
        let found = self.told.get(number_key(number))?;
        Ok(found.map(|bytes| Told::decode(&bytes)).transpose()?)
    }

    /// Envelopes of an epoch from a sequence on, as bytes.
    pub fn envelopes(&self, epoch: &Epoch, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let found = self.envelopes.range(keys_from(epoch, from)).take(limit).map(|entry| Ok(entry?.1.to_vec()));
        found.collect::<Result<_, sled::Error>>().map_err(StoreError::from)
    }

    pub fn envelope(&self, epoch: &Epoch, sequence: u64) -> Result<Option<Envelope>, StoreError> {
        let Some(bytes) = self.envelopes.get(envelope_key(epoch, sequence))? else { return Ok(None) };
        Ok(Some(Envelope::decode(&bytes)?))
    }

    pub fn header(&self, epoch: &Epoch, sequence: u64) -> Result<Option<Header>, StoreError> {
        Ok(self.envelope(epoch, sequence)?.map(|envelope| envelope.header))
    }

    /// The first sequence of an epoch, from one on, that is in the store.
    pub fn first_sequence(&self, epoch: &Epoch, from: u64) -> Result<Option<u64>, StoreError> {
        self.envelopes.range(keys_from(epoch, from)).next().map(|entry| Ok(sequence_of(&entry?.0))).transpose()
    }

    /// The last sequence of an epoch, up to one, that is in the store.
    pub fn last_sequence(&self, epoch: &Epoch, until: u64) -> Result<Option<u64>, StoreError> {
        let range = envelope_key(epoch, 0)..=envelope_key(epoch, until);
        self.envelopes.range(range).next_back().map(|entry| Ok(sequence_of(&entry?.0))).transpose()
    }

    /// The epochs in the store, without looking at each envelope.
    pub fn runs(&self) -> Result<Vec<Run>, StoreError> {
        let mut runs = Vec::new();
        let mut next = self.envelopes.iter().next();
        while let Some(entry) = next {
            let (key, _) = entry?;
            let Some(epoch) = key.first_chunk().copied().map(Epoch) else { break };
            let last = self.last_sequence(&epoch, u64::MAX)?.unwrap_or(u64::MAX);
            runs.push(Run { epoch, first: sequence_of(&key), last });
            let mut behind = envelope_key(&epoch, u64::MAX).to_vec();
            behind.push(0);
            next = self.envelopes.range(behind..).next();
        }
        Ok(runs)
    }

    /// Takes envelopes of an epoch away, from the first to this one.
    pub fn remove_envelopes(&self, epoch: &Epoch, through: u64) -> Result<(), StoreError> {
        loop {
            let range = envelope_key(epoch, 0)..=envelope_key(epoch, through);
            let keys: Vec<_> = self.envelopes.range(range).keys().take(16 * APPLY_AT_ONCE).collect::<Result<_, _>>()?;
            if keys.is_empty() {
                return Ok(());
            }
            let mut batch = Batch::default();
            keys.into_iter().for_each(|key| batch.remove(key));
            self.envelopes.apply_batch(batch)?;
        }
    }

    /// Forgets what the kiosk itself knew of a request, once the office has told of it.
    pub fn remove_request_that_was_told(&self, number: TrackingNumber) -> Result<(), StoreError> {
        let key = number_key(number);
        if self.told.contains_key(&key)? {
            self.requests.remove(&key)?;
            self.receipts.remove(&key)?;
            self.unprinted.remove(&key)?;
        }
        Ok(())
    }

    pub fn request_numbers(&self) -> impl Iterator<Item = Result<TrackingNumber, StoreError>> {
        self.requests.iter().keys().filter_map(|key| number_of(key).transpose())
    }

    /// Hands everything to the disk and waits for it. sled's own flush doesn't wait on Linux.
    pub fn flush_durably(&self) -> Result<(), StoreError> {
        self.db.flush()?;
        self.io(durable::sync_files(&self.folder))
    }

    /// Reads every entry once: sled tells of damage only where it reads.
    pub fn read_all(&self) -> Result<(), StoreError> {
        for tree in self.trees() {
            for entry in tree.iter() {
                entry?;
            }
        }
        Ok(())
    }

    /// How many bytes its files take.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        self.io(durable::folder_bytes(&self.folder))
    }

    fn io<T>(&self, done: std::io::Result<T>) -> Result<T, StoreError> {
        done.map_err(|source| StoreError::Io { path: self.folder.clone(), source })
    }
}

/// A receipt that failed waits for the staff. So does the last request's as long as nothing was printed for it: the kiosk
/// may have lost its power while printing. Of earlier ones without any print the kiosk had no printer.
fn note_unprinted(
    unprinted: &TransactionalTree,
    state: &TransactionalTree,
    number: TrackingNumber,
    entry: &ReceiptEntry,
) -> Result<(), Conflict> {
    let key = number_key(number);
    match entry.printed {
        None => {
            let last: Option<TrackingNumber> = get_in(state, LAST_REQUEST)?;
            if let Some(last) = last.filter(|last| *last != number) {
                let key = number_key(last);
                if unprinted.get(&key)?.is_some_and(|mark| mark.as_ref() == NOTHING_PRINTED) {
                    unprinted.remove(key)?;
                }
            }
            state.insert(LAST_REQUEST, encode(&number).map_err(abort)?)?;
            unprinted.insert(key, NOTHING_PRINTED)?;
        }
        Some(_) if entry.has_failed() => drop(unprinted.insert(key, PRINT_FAILED)?),
        Some(_) => drop(unprinted.remove(key)?),
    }
    Ok(())
}

const APPLIED: &[u8] = b"applied";
const LAST_REQUEST: &[u8] = b"last request";
const NOTHING_PRINTED: &[u8] = b"nothing";
const PRINT_FAILED: &[u8] = b"failed";

/// Opens sled, and waits a little where its lock is still held.
fn open_once_let_go(config: &sled::Config) -> sled::Result<Db> {
    let until = Instant::now() + LOCK_WAIT;
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if is_held(&error) && Instant::now() < until => {
                std::thread::sleep(LOCK_ASK_EVERY);
            }
            other => return other,
        }
    }
}

/// sled tells of a held lock by its words only.
fn is_held(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::Other && error.to_string().contains("could not acquire lock")
}

type Conflict = ConflictableTransactionError<StoreError>;

fn put_same(tree: &TransactionalTree, envelope: &Envelope, bytes: &[u8]) -> Result<(), Conflict> {
    let header = &envelope.header;
    let key = envelope_key(&header.epoch, header.sequence);
    match tree.get(key)? {
        Some(present) if present != bytes => Err(abort(StoreError::Differs(header.epoch, header.sequence))),
        Some(_) => Ok(()),
        None => {
            tree.insert(&key, bytes)?;
            Ok(())
        }
    }
}

fn get_in<T: DeserializeOwned>(tree: &TransactionalTree, key: &[u8]) -> Result<Option<T>, Conflict> {
    match tree.get(key)? {
        Some(bytes) => Ok(Some(postcard::from_bytes(&bytes).map_err(|error| abort(error.into()))?)),
        None => Ok(None),
    }
}

fn abort(error: StoreError) -> Conflict {
    ConflictableTransactionError::Abort(error)
}

fn flatten(error: TransactionError<StoreError>) -> StoreError {
    match error {
        TransactionError::Abort(error) => error,
        TransactionError::Storage(error) => error.into(),
    }
}

fn envelope_key(epoch: &Epoch, sequence: u64) -> [u8; 24] {
    let mut key = [0; 24];
    key[..16].copy_from_slice(&epoch.0);
    key[16..].copy_from_slice(&sequence.to_be_bytes());
    key
}

fn keys_from(epoch: &Epoch, from: u64) -> std::ops::RangeInclusive<[u8; 24]> {
    envelope_key(epoch, from)..=envelope_key(epoch, u64::MAX)
}

fn sequence_of(key: &[u8]) -> u64 {
    key.last_chunk().map_or(0, |sequence| u64::from_be_bytes(*sequence))
}

/// A key that is no number is none of ours, and passed over.
fn number_of(key: sled::Result<sled::IVec>) -> Result<Option<TrackingNumber>, StoreError> {
    Ok(TrackingNumber::parse(&String::from_utf8_lossy(&key?)).ok())
}

fn number_key(number: TrackingNumber) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    Ok(postcard::to_allocvec(value)?)
}

fn get<T: DeserializeOwned>(tree: &Tree, key: &[u8]) -> Result<Option<T>, StoreError> {
    match tree.get(key)? {
        Some(bytes) => Ok(Some(postcard::from_bytes(&bytes)?)),
        None => Ok(None),
    }
}
