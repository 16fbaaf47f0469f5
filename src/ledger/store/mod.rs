//! The store behind the journal: envelopes by (epoch, sequence), the index computed from them, and what the office told.
//!
//! Everything here is safe to lose. [`trees`] says what is asked of sled; in the tests a map over a simulated disk can
//! take its place.

mod entries;
mod fresh;
#[cfg(test)]
mod map_trees;
mod sled_trees;
mod told;
mod trees;

use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::durable;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, Header};

pub use entries::{Acknowledged, Applied, ReceiptEntry, RequestEntry, Run, Told};
pub use fresh::{FreshStore, finish_swap};
use sled_trees::SledTrees;
pub use told::{Losses, Standing};
use trees::{ALL_KEYS, Batch, Keys, Tree, Trees};

/// Envelopes that are put into the store together.
pub const APPLY_AT_ONCE: usize = 64;

/// Entries that are read at once where nobody asks for them.
const READ_AT_ONCE: usize = if cfg!(test) { 100 } else { 4096 };

/// How far a store was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPlace {
    /// In the order of [`Tree::ALL`]
    tree: usize,
    key: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store behind the journal failed ({0}); start the kiosk again: it is made anew from the journal")]
    Sled(#[from] sled::Error),
    #[error("the store behind the journal broke off; start the kiosk again: it is made anew from the journal")]
    Panicked,
    #[error("sled hung in it before; start the kiosk: it is opened, or made anew from the journal")]
    Hangs,
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
    trees: Box<dyn Trees + Send>,
}

impl Store {
    /// Opens or makes the store. Damage that makes sled panic is an error like any other.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        catch_unwind(|| Self::open_trees(folder)).unwrap_or(Err(StoreError::Panicked))
    }

    fn open_trees(folder: &Path) -> Result<Self, StoreError> {
        #[cfg(test)]
        if super::disk::simulated::Disk::at(folder).is_some() {
            return Ok(Self { folder: folder.to_owned(), trees: Box::new(map_trees::MapTrees::open(folder)?) });
        }
        Ok(Self { folder: folder.to_owned(), trees: Box::new(SledTrees::open(folder)?) })
    }

    /// Runs work on the store; a panic inside sled is an error like any other.
    pub fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(StoreError::Panicked))
    }

    /// Puts envelopes that are absent, computes the index from their listings, and notes how far that was done: all of it
    /// or nothing. An envelope that is there already must be the same.
    pub fn apply(&self, envelopes: &[Envelope]) -> Result<(), StoreError> {
        let Some(last) = envelopes.last() else { return Ok(()) };
        let mut batch = Batch::default();
        for envelope in envelopes {
            self.put_same(&mut batch, envelope)?;
            let known = |number| self.get_in(&batch, Tree::Requests, &number_key(number));
            if let Some((number, entry)) = RequestEntry::after(envelope, known)? {
                batch.put(Tree::Requests, number_key(number), encode(&entry)?);
            }
            let known = |number| self.get_in(&batch, Tree::Receipts, &number_key(number));
            if let Some((number, entry)) = ReceiptEntry::after(envelope, known)? {
                batch.put(Tree::Receipts, number_key(number), encode(&entry)?);
                self.note_unprinted(&mut batch, number, &entry)?;
            }
        }
        let Header { epoch, sequence, .. } = last.header;
        batch.put(Tree::State, APPLIED, encode(&Applied { epoch, sequence, head: last.header.hash() })?);
        self.trees.write(batch)
    }

    fn put_same(&self, batch: &mut Batch, envelope: &Envelope) -> Result<(), StoreError> {
        let (header, bytes) = (&envelope.header, envelope.encode());
        let key = envelope_key(&header.epoch, header.sequence);
        match batch.get(&*self.trees, Tree::Envelopes, &key)? {
            Some(present) if present != bytes => Err(StoreError::Differs(header.epoch, header.sequence)),
            Some(_) => Ok(()),
            None => {
                batch.put(Tree::Envelopes, key, bytes);
                Ok(())
            }
        }
    }

    /// A receipt that failed waits for the staff. So does the last request's as long as nothing was printed for it: the
    /// kiosk may have lost its power while printing. Of earlier ones without any print the kiosk had no printer.
    fn note_unprinted(
        &self,
        batch: &mut Batch,
        number: TrackingNumber,
        entry: &ReceiptEntry,
    ) -> Result<(), StoreError> {
        let key = number_key(number);
        match entry.printed {
            None => {
                let last: Option<TrackingNumber> = self.get_in(batch, Tree::State, LAST_REQUEST)?;
                if let Some(last) = last.filter(|last| *last != number).map(number_key) {
                    let mark = batch.get(&*self.trees, Tree::Unprinted, &last)?;
                    if mark.is_some_and(|mark| mark == NOTHING_PRINTED) {
                        batch.remove(Tree::Unprinted, last);
                    }
                }
                batch.put(Tree::State, LAST_REQUEST, encode(&number)?);
                batch.put(Tree::Unprinted, key, NOTHING_PRINTED);
            }
            Some(_) if entry.has_failed() => batch.put(Tree::Unprinted, key, PRINT_FAILED),
            Some(_) => batch.remove(Tree::Unprinted, key),
        }
        Ok(())
    }

    pub fn applied(&self) -> Result<Option<Applied>, StoreError> {
        self.get(Tree::State, APPLIED)
    }

    pub fn request(&self, number: TrackingNumber) -> Result<Option<RequestEntry>, StoreError> {
        self.get(Tree::Requests, &number_key(number))
    }

    pub fn receipt(&self, number: TrackingNumber) -> Result<Option<ReceiptEntry>, StoreError> {
        self.get(Tree::Receipts, &number_key(number))
    }

    /// The numbers of receipts that didn't come out, as far as this kiosk knows.
    pub fn unprinted(&self) -> Result<Vec<TrackingNumber>, StoreError> {
        self.numbers_in(Tree::Unprinted).collect()
    }

    pub fn told(&self, number: TrackingNumber) -> Result<Option<Told>, StoreError> {
        let found = self.trees.get(Tree::Told, &number_key(number))?;
        Ok(found.map(|bytes| Told::decode(&bytes)).transpose()?)
    }

    /// Envelopes of an epoch from a sequence on, as bytes.
    pub fn envelopes(&self, epoch: &Epoch, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let found = self.trees.range(Tree::Envelopes, sequences(epoch, from, u64::MAX)).take(limit);
        found.map(|entry| Ok(entry?.1)).collect()
    }

    pub fn envelope(&self, epoch: &Epoch, sequence: u64) -> Result<Option<Envelope>, StoreError> {
        let found = self.trees.get(Tree::Envelopes, &envelope_key(epoch, sequence))?;
        Ok(found.map(|bytes| Envelope::decode(&bytes)).transpose()?)
    }

    pub fn header(&self, epoch: &Epoch, sequence: u64) -> Result<Option<Header>, StoreError> {
        Ok(self.envelope(epoch, sequence)?.map(|envelope| envelope.header))
    }

    /// The first sequence of an epoch, from one on, that is in the store.
    pub fn first_sequence(&self, epoch: &Epoch, from: u64) -> Result<Option<u64>, StoreError> {
        let mut found = self.trees.range(Tree::Envelopes, sequences(epoch, from, u64::MAX));
        found.next().map(|entry| Ok(sequence_of(&entry?.0))).transpose()
    }

    /// The last sequence of an epoch, up to one, that is in the store.
    pub fn last_sequence(&self, epoch: &Epoch, until: u64) -> Result<Option<u64>, StoreError> {
        let mut found = self.trees.range(Tree::Envelopes, sequences(epoch, 0, until));
        found.next_back().map(|entry| Ok(sequence_of(&entry?.0))).transpose()
    }

    /// The epochs in the store, without looking at each envelope.
    pub fn runs(&self) -> Result<Vec<Run>, StoreError> {
        let mut runs = Vec::new();
        let mut from = Bound::Unbounded;
        while let Some(entry) = self.trees.range(Tree::Envelopes, (from, Bound::Unbounded)).next() {
            let (key, _) = entry?;
            let Some(epoch) = key.first_chunk().copied().map(Epoch) else { break };
            let last = self.last_sequence(&epoch, u64::MAX)?.unwrap_or(u64::MAX);
            runs.push(Run { epoch, first: sequence_of(&key), last });
            from = Bound::Excluded(envelope_key(&epoch, u64::MAX).to_vec());
        }
        Ok(runs)
    }

    /// Takes a run of envelopes away.
    pub fn remove_envelopes(&self, epoch: &Epoch, first: u64, last: u64) -> Result<(), StoreError> {
        loop {
            let mut batch = Batch::default();
            let found = self.trees.range(Tree::Envelopes, sequences(epoch, first, last));
            for entry in found.take(16 * APPLY_AT_ONCE) {
                batch.remove(Tree::Envelopes, entry?.0);
            }
            if batch.is_empty() {
                return Ok(());
            }
            self.trees.write(batch)?;
        }
    }

    /// Forgets what the kiosk itself knew of a request, once the office has told of it.
    pub fn remove_request_that_was_told(&self, number: TrackingNumber) -> Result<(), StoreError> {
        let key = number_key(number);
        if self.trees.get(Tree::Told, &key)?.is_none() {
            return Ok(());
        }
        let mut batch = Batch::default();
        for tree in [Tree::Requests, Tree::Receipts, Tree::Unprinted] {
            batch.remove(tree, key.clone());
        }
        self.trees.write(batch)
    }

    /// Numbers that the kiosk has given: of its requests that are here, and of those that have left and of which the office
    /// tells, as far as it is known which kiosk this is.
    pub fn request_numbers(
        &self,
        kiosk: Option<KioskNumber>,
    ) -> impl Iterator<Item = Result<TrackingNumber, StoreError>> {
        let told = self.numbers_in(Tree::Told);
        let own = told.filter(move |number| number.as_ref().map_or(true, |number| Some(number.kiosk()) == kiosk));
        self.numbers_in(Tree::Requests).chain(own)
    }

    /// A key that is no number is none of ours, and passed over.
    fn numbers_in(&self, tree: Tree) -> impl Iterator<Item = Result<TrackingNumber, StoreError>> {
        let number = |key: Vec<u8>| TrackingNumber::parse(&String::from_utf8_lossy(&key)).ok();
        self.trees.range(tree, ALL_KEYS).filter_map(move |entry| entry.map(|(key, _)| number(key)).transpose())
    }

    /// Hands everything to the disk and waits for it. sled's own flush doesn't wait on Linux.
    pub fn flush_durably(&self) -> Result<(), StoreError> {
        self.trees.flush()?;
        self.io(durable::sync_files(&self.folder))
    }

    /// Reads some entries behind a place, or from the first one on: sled tells of damage only where it reads. Gives the place
    /// where it stopped; `None` when all were read.
    pub fn read_some(&self, behind: Option<ReadPlace>) -> Result<Option<ReadPlace>, StoreError> {
        let (place, from) = match behind {
            Some(ReadPlace { tree, key }) => (tree, Bound::Excluded(key)),
            None => (0, Bound::Unbounded),
        };
        let Some(tree) = Tree::ALL.get(place) else { return Ok(None) };
        let (mut last, mut count) = (None, 0);
        for entry in self.trees.range(*tree, (from, Bound::Unbounded)).take(READ_AT_ONCE) {
            last = Some(entry?.0);
            count += 1;
        }
        Ok(Some(match last.filter(|_| count == READ_AT_ONCE) {
            Some(key) => ReadPlace { tree: place, key },
            // Every key of the next tree stands behind the empty one, but that itself, which nobody writes.
            None => ReadPlace { tree: place + 1, key: Vec::new() },
        }))
    }

    /// How many bytes its files take.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        self.io(durable::folder_bytes(&self.folder))
    }

    fn io<T>(&self, done: std::io::Result<T>) -> Result<T, StoreError> {
        done.map_err(|source| StoreError::Io { path: self.folder.clone(), source })
    }

    fn get<T: DeserializeOwned>(&self, tree: Tree, key: &[u8]) -> Result<Option<T>, StoreError> {
        decode(self.trees.get(tree, key)?)
    }

    fn get_in<T: DeserializeOwned>(&self, batch: &Batch, tree: Tree, key: &[u8]) -> Result<Option<T>, StoreError> {
        decode(batch.get(&*self.trees, tree, key)?)
    }

    fn put(&self, tree: Tree, key: &[u8], value: &impl Serialize) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.put(tree, key, encode(value)?);
        self.trees.write(batch)
    }

    fn remove(&self, tree: Tree, key: &[u8]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.remove(tree, key);
        self.trees.write(batch)
    }
}

const APPLIED: &[u8] = b"applied";
const LAST_REQUEST: &[u8] = b"last request";
const NOTHING_PRINTED: &[u8] = b"nothing";
const PRINT_FAILED: &[u8] = b"failed";

fn envelope_key(epoch: &Epoch, sequence: u64) -> [u8; 24] {
    let mut key = [0; 24];
    key[..16].copy_from_slice(&epoch.0);
    key[16..].copy_from_slice(&sequence.to_be_bytes());
    key
}

/// The envelopes of an epoch from one sequence to another.
fn sequences(epoch: &Epoch, from: u64, until: u64) -> Keys {
    let key = |sequence| Bound::Included(envelope_key(epoch, sequence).to_vec());
    (key(from), key(until))
}

fn sequence_of(key: &[u8]) -> u64 {
    key.last_chunk().map_or(0, |sequence| u64::from_be_bytes(*sequence))
}

fn number_key(number: TrackingNumber) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    Ok(postcard::to_allocvec(value)?)
}

fn decode<T: DeserializeOwned>(bytes: Option<Vec<u8>>) -> Result<Option<T>, StoreError> {
    Ok(bytes.map(|bytes| postcard::from_bytes(&bytes)).transpose()?)
}
