//! sled behind the journal: envelopes by (epoch, sequence), the index computed from them, and what the office told.
//!
//! Everything here is safe to lose. Few trees and small values, as sled likes them; the cache is bounded.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};
use sled::{Db, Tree};

use crate::domain::calendar::riyadh_day;
use crate::domain::documents::DocumentState;
use crate::domain::record::Listing;
use crate::domain::request::RequestId;
use crate::domain::stage::{RequestStatus, Standing};
use crate::domain::tracking_number::TrackingNumber;
use crate::replication::wire::{Change, Changes, Cursor};
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, Header, HeaderHash};

/// sled's page cache; its own default is 1 GiB.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// How often sled's flusher writes behind the journal.
const FLUSH_EVERY_MS: u64 = 1000;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store behind the journal failed ({0}); start the kiosk again: it is rebuilt from the journal")]
    Sled(#[from] sled::Error),
    #[error("an entry of the store is damaged; start the kiosk again: it is rebuilt from the journal")]
    Entry(#[from] postcard::Error),
    #[error("an envelope in the store is damaged: {0}")]
    Envelope(#[from] EnvelopeError),
    #[error("the store holds another envelope at {0:?} {1} than the journal")]
    Differs(Epoch, u64),
}

pub struct Store {
    db: Db,
    /// (epoch, sequence) → envelope
    envelopes: Tree,
    /// tracking number → [`RequestEntry`], computed from the envelopes
    requests: Tree,
    /// tracking number → [`Told`], from the office
    told: Tree,
    /// Single values: `applied`, `cursor`, and `acknowledged` with an epoch
    state: Tree,
}

/// What the kiosk itself knows of a request it has registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry {
    pub request: RequestId,
    pub service: String,
    pub registered_at: DateTime<Utc>,
    pub missing_documents: Vec<String>,
}

impl RequestEntry {
    /// Where the request stands as long as the office has told nothing.
    pub fn status(self, tracking_number: TrackingNumber) -> RequestStatus {
        let documents = self.missing_documents.into_iter().map(|id| (id, DocumentState::Missing)).collect();
        let standing = Standing::received(riyadh_day(self.registered_at), documents);
        RequestStatus { tracking_number, service: self.service, standing }
    }
}

/// What the office has told of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub status: RequestStatus,
    pub code_hash: [u8; 32],
}

/// A key and its value, encoded.
type Put = (Vec<u8>, Vec<u8>);

/// Through which envelope the index was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub epoch: Epoch,
    pub sequence: u64,
    pub head: HeaderHash,
}

impl Store {
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let db = sled::Config::default()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .mode(sled::Mode::HighThroughput)
            .open()?;
        Ok(Self {
            envelopes: db.open_tree("envelopes")?,
            requests: db.open_tree("requests")?,
            told: db.open_tree("told")?,
            state: db.open_tree("state")?,
            db,
        })
    }

    /// Puts an envelope if it is absent, computes the index from its listing, and notes how far that was done: one
    /// transaction. An envelope that is there already must be the same.
    pub fn apply(&self, envelope: &Envelope) -> Result<(), StoreError> {
        let header = &envelope.header;
        let key = envelope_key(&header.epoch, header.sequence);
        let bytes = envelope.encode();
        let entry = self.entry_after(envelope)?;
        let applied = encode(&Applied { epoch: header.epoch, sequence: header.sequence, head: header.hash() })?;
        let outcome = (&self.envelopes, &self.requests, &self.state).transaction(|(envelopes, requests, state)| {
            match envelopes.get(key)? {
                Some(present) if present != bytes => return Err(ConflictableTransactionError::Abort(())),
                Some(_) => {}
                None => drop(envelopes.insert(&key, bytes.as_slice())?),
            }
            if let Some((number, entry)) = &entry {
                requests.insert(number.as_slice(), entry.as_slice())?;
            }
            state.insert(b"applied".as_slice(), applied.as_slice())?;
            Ok(())
        });
        outcome.map_err(|error| match error {
            TransactionError::Abort(()) => StoreError::Differs(header.epoch, header.sequence),
            TransactionError::Storage(error) => error.into(),
        })
    }

    /// The index entry that an envelope makes or changes.
    fn entry_after(&self, envelope: &Envelope) -> Result<Option<Put>, StoreError> {
        match envelope.listing()? {
            Listing::Request { request, tracking_number, service, missing_documents } => {
                let registered_at = envelope.header.time.at;
                let entry = RequestEntry { request, service, registered_at, missing_documents };
                Ok(Some((number_key(tracking_number), encode(&entry)?)))
            }
            Listing::DocumentsBrought { tracking_number, documents } => {
                let Some(mut entry) = self.request(tracking_number)? else { return Ok(None) };
                entry.missing_documents.retain(|id| !documents.contains(id));
                Ok(Some((number_key(tracking_number), encode(&entry)?)))
            }
            Listing::Opening | Listing::Signature { .. } | Listing::Suggestion => Ok(None),
        }
    }

    pub fn applied(&self) -> Result<Option<Applied>, StoreError> {
        get(&self.state, b"applied")
    }

    pub fn request(&self, number: TrackingNumber) -> Result<Option<RequestEntry>, StoreError> {
        get(&self.requests, &number_key(number))
    }

    pub fn told(&self, number: TrackingNumber) -> Result<Option<Told>, StoreError> {
        get(&self.told, &number_key(number))
    }

    /// Envelopes of an epoch from a sequence on, as bytes.
    pub fn envelopes(&self, epoch: &Epoch, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let range = envelope_key(epoch, from)..=envelope_key(epoch, u64::MAX);
        let found = self.envelopes.range(range).take(limit).map(|entry| Ok(entry?.1.to_vec()));
        found.collect::<Result<_, sled::Error>>().map_err(StoreError::from)
    }

    pub fn envelope(&self, epoch: &Epoch, sequence: u64) -> Result<Option<Envelope>, StoreError> {
        let Some(bytes) = self.envelopes.get(envelope_key(epoch, sequence))? else { return Ok(None) };
        Ok(Some(Envelope::decode(&bytes)?))
    }

    pub fn header(&self, epoch: &Epoch, sequence: u64) -> Result<Option<Header>, StoreError> {
        Ok(self.envelope(epoch, sequence)?.map(|envelope| envelope.header))
    }

    pub fn last_sequence(&self, epoch: &Epoch) -> Result<Option<u64>, StoreError> {
        let range = envelope_key(epoch, 0)..=envelope_key(epoch, u64::MAX);
        let Some(entry) = self.envelopes.range(range).next_back() else { return Ok(None) };
        let (key, _) = entry?;
        Ok(key.last_chunk().map(|sequence| u64::from_be_bytes(*sequence)))
    }

    pub fn acknowledged(&self, epoch: &Epoch) -> Result<Option<u64>, StoreError> {
        get(&self.state, &acknowledged_key(epoch))
    }

    pub fn set_acknowledged(&self, epoch: &Epoch, sequence: u64) -> Result<(), StoreError> {
        self.state.insert(acknowledged_key(epoch), encode(&sequence)?)?;
        Ok(())
    }

    pub fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        get(&self.state, b"cursor")
    }

    pub fn take_changes(&self, changes: &Changes) -> Result<(), StoreError> {
        if changes.snapshot {
            self.told.clear()?;
        }
        let cursor = encode(&changes.cursor)?;
        let mut puts = Vec::new();
        for change in &changes.changes {
            match change {
                Change::Request { status, code_hash } => {
                    let told = Told { status: status.clone(), code_hash: *code_hash };
                    puts.push((number_key(status.tracking_number), Some(encode(&told)?)));
                }
                Change::Forget { tracking_number } => puts.push((number_key(*tracking_number), None)),
            }
        }
        let outcome: Result<(), TransactionError<()>> = (&self.told, &self.state).transaction(|(told, state)| {
            for (key, value) in &puts {
                match value {
                    Some(value) => told.insert(key.as_slice(), value.as_slice())?,
                    None => told.remove(key.as_slice())?,
                };
            }
            state.insert(b"cursor".as_slice(), cursor.as_slice())?;
            Ok(())
        });
        match outcome {
            Ok(()) | Err(TransactionError::Abort(())) => Ok(()),
            Err(TransactionError::Storage(error)) => Err(error.into()),
        }
    }

    pub fn request_numbers(&self) -> impl Iterator<Item = Result<TrackingNumber, StoreError>> {
        self.requests.iter().keys().filter_map(|key| match key {
            Ok(key) => TrackingNumber::parse(&String::from_utf8_lossy(&key)).ok().map(Ok),
            Err(error) => Some(Err(error.into())),
        })
    }

    pub fn flush(&self) -> Result<(), StoreError> {
        self.db.flush()?;
        Ok(())
    }
}

fn envelope_key(epoch: &Epoch, sequence: u64) -> [u8; 24] {
    let mut key = [0; 24];
    key[..16].copy_from_slice(&epoch.0);
    key[16..].copy_from_slice(&sequence.to_be_bytes());
    key
}

fn number_key(number: TrackingNumber) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn acknowledged_key(epoch: &Epoch) -> Vec<u8> {
    [b"acknowledged".as_slice(), &epoch.0].concat()
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
