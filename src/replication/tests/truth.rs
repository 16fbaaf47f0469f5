//! What was written and what has arrived, kept beside the programs, in the simplest way.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::record::Listing;
use crate::domain::request::RequestId;
use crate::replication::wire::Held;
use crate::seal::envelope::{Envelope, Header, HeaderHash};

type Hash = [u8; 32];

/// What an envelope is known by: the hash of its header.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// What was ever durable at a kiosk, also at one that was replaced by its older copy
    written: BTreeSet<Hash>,
    /// What an office that is restored from no backup would hold
    ever_held: BTreeSet<Hash>,
    /// What the office holds now
    held: BTreeMap<Hash, Envelope>,
    copies: Vec<BTreeMap<Hash, Envelope>>,
}

impl Truth {
    pub fn write(&mut self, envelopes: &[Envelope]) {
        self.written.extend(envelopes.iter().map(hash));
    }

    pub fn arrive(&mut self, batch: &[Vec<u8>]) {
        for bytes in batch {
            let envelope = Envelope::decode(bytes).unwrap();
            assert!(self.written.contains(&hash(&envelope)), "no kiosk wrote {:?}", envelope.header);
            self.ever_held.insert(hash(&envelope));
            self.held.insert(hash(&envelope), envelope);
        }
    }

    pub fn copy_office(&mut self) {
        self.copies.push(self.held.clone());
    }

    pub fn restore_office(&mut self, which: usize) {
        self.held = self.copies[which].clone();
    }

    pub fn holds(&self, envelope: &Envelope) -> bool {
        self.held.contains_key(&hash(envelope))
    }

    pub fn ever_held(&self, envelope: &Envelope) -> bool {
        self.ever_held.contains(&hash(envelope))
    }

    /// True when everything through what the office names is there.
    pub fn bears_out(&self, held: &Held) -> bool {
        let mut next = Some((held.sequence, held.head));
        while let Some((sequence, HeaderHash(head))) = next {
            let Some(Envelope { header, .. }) = self.held.get(&head) else { return false };
            if (header.epoch, header.sequence) != (held.epoch, sequence) {
                return false;
            }
            next = sequence.checked_sub(1).map(|before| (before, header.previous));
        }
        true
    }

    pub fn requests(&self) -> BTreeSet<RequestId> {
        self.held.values().filter_map(request).collect()
    }

    /// Places with more than one envelope.
    pub fn forks(&self) -> u64 {
        let places: BTreeSet<_> = self.held.values().map(|envelope| place(&envelope.header)).collect();
        let mut standing = places.iter().map(|at| self.held.values().filter(|one| place(&one.header) == *at).count());
        standing.by_ref().filter(|count| *count > 1).count() as u64
    }

    /// Places before the last one of an epoch where nothing is.
    pub fn gaps(&self) -> u64 {
        let places: BTreeSet<_> = self.held.values().map(|envelope| place(&envelope.header)).collect();
        let mut last: BTreeMap<[u8; 16], u64> = BTreeMap::new();
        for (epoch, sequence) in &places {
            last.entry(*epoch).and_modify(|last| *last = *sequence.max(last)).or_insert(*sequence);
        }
        last.values().map(|last| last + 1).sum::<u64>() - places.len() as u64
    }
}

/// The request that an envelope registers.
pub fn request(envelope: &Envelope) -> Option<RequestId> {
    match envelope.listing() {
        Ok(Listing::Request { request, .. }) => Some(request),
        _ => None,
    }
}

fn hash(envelope: &Envelope) -> Hash {
    envelope.header.hash().0
}

fn place(header: &Header) -> ([u8; 16], u64) {
    (header.epoch.0, header.sequence)
}
