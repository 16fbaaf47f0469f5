//! Whose records these are. One that bears another kiosk's number, or isn't signed by this kiosk's key, is damage: it is
//! never sent and never mended into the journal. Where nothing else is there, a file of the folder is the wrong one.

use std::collections::BTreeSet;
use std::path::Path;

use crate::domain::tracking_number::KioskNumber;
use crate::ledger::store::{Store, StoreError};
use crate::ledger::{Identity, LedgerError};
use crate::seal::envelope::Envelope;
use crate::seal::keys::Verifier;

/// Tells a kiosk's own envelopes from others.
pub struct Owner {
    kiosk: KioskNumber,
    verifier: Verifier,
    /// The office has signed that key and number belong together
    is_proved: bool,
}

/// Envelopes in a journal or a store that aren't its kiosk's own.
#[derive(Debug, Default)]
pub struct Foreign {
    /// Of envelopes that the kiosk's key has signed
    numbers: BTreeSet<KioskNumber>,
    /// Envelopes that another key has signed, or none
    not_signed: u64,
    /// Whether the first of all that was looked at is the kiosk's own
    begins_own: Option<bool>,
}

impl Foreign {
    fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.not_signed == 0
    }
}

/// Whose a store's epochs are, by the first and the last envelope of each.
#[derive(Debug, Default)]
pub struct StoreOwners {
    has_own: bool,
    foreign: Foreign,
}

impl StoreOwners {
    pub fn has_foreign(&self) -> bool {
        !self.foreign.is_empty()
    }

    /// True when nothing of it is this kiosk's.
    pub fn is_foreign(&self) -> bool {
        self.has_foreign() && !self.has_own
    }
}

/// The sentence about a store with others' records.
pub const FOREIGN_IN_STORE: &str = "the store holds records that this kiosk hasn't signed";

impl Owner {
    pub fn of(identity: &Identity) -> Result<Self, LedgerError> {
        let verifier = identity.keys().proving_key().verifier();
        let verifier = verifier.map_err(|weak| LedgerError::Envelope(weak.into()))?;
        Ok(Self { kiosk: identity.kiosk(), verifier, is_proved: identity.is_proved() })
    }

    pub fn owns(&self, envelope: &Envelope) -> bool {
        envelope.header.kiosk == self.kiosk && envelope.verify_by(&self.verifier).is_ok()
    }

    /// Takes out of a segment's envelopes those that aren't the kiosk's own, and says so in a sentence.
    pub fn sift(&self, segment: u64, envelopes: &mut Vec<Envelope>, foreign: &mut Foreign) -> Option<String> {
        let mut first = None;
        let before = envelopes.len();
        envelopes.retain(|envelope| {
            let is_own = self.owns(envelope);
            foreign.begins_own.get_or_insert(is_own);
            if !is_own {
                self.note(envelope, foreign);
                first.get_or_insert((envelope.header.epoch, envelope.header.sequence));
            }
            is_own
        });
        let (epoch, sequence) = first?;
        let count = before - envelopes.len();
        Some(format!(
            "segment {segment}: {count} of its records aren't signed by this kiosk, or bear another number, from {epoch:?} {sequence} on"
        ))
    }

    fn note(&self, envelope: &Envelope, foreign: &mut Foreign) {
        if envelope.verify_by(&self.verifier).is_ok() {
            foreign.numbers.insert(envelope.header.kiosk);
        } else {
            foreign.not_signed += 1;
        }
    }

    /// Looks at the ends of each epoch in a store. An envelope that can't be read is no foreign one: it is mended like
    /// other damage.
    pub fn look_at(&self, store: &Store) -> StoreOwners {
        let mut owners = StoreOwners::default();
        let ends = || -> Result<Vec<Envelope>, StoreError> {
            let runs = store.runs()?;
            let places = runs.iter().flat_map(|run| [(run.epoch, run.first), (run.epoch, run.last)]);
            Ok(places.filter_map(|(epoch, sequence)| store.envelope(&epoch, sequence).ok().flatten()).collect())
        };
        for envelope in Store::guarded(ends).unwrap_or_default() {
            if self.owns(&envelope) {
                owners.has_own = true;
            } else {
                self.note(&envelope, &mut owners.foreign);
            }
        }
        owners
    }

    /// Refuses a ledger in which nothing is the kiosk's own: going on would give receipts by a wrong key or number. So is one
    /// whose journal begins by another key or number, where no signature of the office says that this one is right: what a
    /// wrong key has signed since must not drive the honest records out.
    pub fn refuse_foreign(
        &self,
        folder: &Path,
        has_own: bool,
        foreign: &Foreign,
        store: &StoreOwners,
    ) -> Result<(), LedgerError> {
        let has_any_own = has_own || store.has_own;
        let is_doubtful = !self.is_proved && foreign.begins_own == Some(false);
        if (has_any_own && !is_doubtful) || (foreign.is_empty() && !store.has_foreign()) {
            return Ok(());
        }
        let folder = folder.to_owned();
        match foreign.numbers.first().or(store.foreign.numbers.first()) {
            Some(found) => Err(LedgerError::OtherNumber { folder, found: *found, kiosk: self.kiosk }),
            None => Err(LedgerError::OtherKey { folder }),
        }
    }
}
