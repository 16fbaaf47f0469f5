//! The copies of envelopes beside the journal: the store, and folders that were set aside.

use std::cell::Cell;

use super::own::Owner;
use super::salvage::Salvage;
use crate::ledger::store::{Run, Store, StoreError};
use crate::seal::envelope::{Envelope, Epoch, HeaderHash};

/// The store, and behind it what was salvaged.
pub struct Copies<'a> {
    store: &'a Store,
    salvage: Option<&'a Salvage>,
    /// Whose envelopes are taken; anybody's where that isn't known
    owner: Option<&'a Owner>,
    store_is_damaged: Cell<bool>,
}

impl<'a> Copies<'a> {
    pub fn new(store: &'a Store, salvage: Option<&'a Salvage>, owner: Option<&'a Owner>) -> Self {
        let store_is_damaged = Cell::new(owner.is_some_and(|owner| owner.look_at(store).has_foreign()));
        Self { store, salvage, owner, store_is_damaged }
    }

    /// The store couldn't give all that it was asked for.
    pub fn store_is_damaged(&self) -> bool {
        self.store_is_damaged.get()
    }

    pub fn is_own(&self, envelope: &Envelope) -> bool {
        self.owner.is_none_or(|owner| owner.owns(envelope))
    }

    pub fn envelope(&self, epoch: Epoch, sequence: u64) -> Option<Envelope> {
        self.all_at(epoch, sequence).next()
    }

    /// The envelope at a place that has this hash: the chain decides where more than one was found.
    pub fn with_hash(&self, epoch: Epoch, sequence: u64, hash: HeaderHash) -> Option<Envelope> {
        self.all_at(epoch, sequence).find(|envelope| envelope.header.hash() == hash)
    }

    /// Gives the salvaged envelope with this hash, at any place.
    pub fn salvaged_with_hash(&self, hash: HeaderHash) -> Option<Envelope> {
        self.salvage?.with_hash(hash)
    }

    pub fn has_salvaged(&self, hash: HeaderHash) -> bool {
        self.salvage.is_some_and(|salvage| salvage.has(hash))
    }

    fn all_at(&self, epoch: Epoch, sequence: u64) -> impl Iterator<Item = Envelope> {
        let stored = self.quietly(|store| store.envelope(&epoch, sequence)).flatten();
        let stored = stored.filter(|envelope| {
            let is_own = self.is_own(envelope);
            self.store_is_damaged.set(self.store_is_damaged.get() || !is_own);
            is_own
        });
        stored.into_iter().chain(self.salvage.into_iter().flat_map(move |salvage| salvage.at(epoch, sequence)))
    }

    pub fn first_sequence(&self, epoch: Epoch, from: u64) -> Option<u64> {
        let stored = self.quietly(|store| store.first_sequence(&epoch, from)).flatten();
        let salvaged = self.salvage.and_then(|salvage| salvage.first_sequence(epoch, from));
        stored.into_iter().chain(salvaged).min()
    }

    pub fn last_sequence(&self, epoch: Epoch, until: u64) -> Option<u64> {
        let stored = self.quietly(|store| store.last_sequence(&epoch, until)).flatten();
        stored.max(self.salvage.and_then(|salvage| salvage.last_sequence(epoch, until)))
    }

    /// The epochs in all copies.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs = self.quietly(Store::runs).unwrap_or_default();
        for (epoch, sequence) in self.salvaged() {
            match runs.iter_mut().find(|run| run.epoch == epoch) {
                Some(run) => (run.first, run.last) = (run.first.min(sequence), run.last.max(sequence)),
                None => runs.push(Run { epoch, first: sequence, last: sequence }),
            }
        }
        runs
    }

    /// The places of what was salvaged, in order.
    pub fn salvaged(&self) -> impl Iterator<Item = (Epoch, u64)> + use<'a> {
        self.salvage.into_iter().flat_map(Salvage::places)
    }

    /// Counts an entry that the store can't give as lost there; the store is made anew afterwards.
    fn quietly<T>(&self, ask: impl FnOnce(&Store) -> Result<T, StoreError>) -> Option<T> {
        let note = |error: &StoreError| {
            tracing::warn!("mending the journal: {error}");
            self.store_is_damaged.set(true);
        };
        Store::guarded(|| ask(self.store)).inspect_err(note).ok()
    }
}
