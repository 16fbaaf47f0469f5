//! `kiosk check`: what a ledger holds, read without changing it, from the journal and the store.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::LedgerError;
use super::journal::{SegmentEnd, read_segments};
use super::opening::{Files, lock};
use super::store::Store;
use crate::domain::record::Listing;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::{Epoch, Header};
use crate::seal::keys::ProvingKey;

/// What `kiosk check` prints as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Requests in the journal or the store
    pub requests: usize,
    /// Envelopes that the office has acknowledged
    pub acknowledged: u64,
    pub envelopes: usize,
    /// What is damaged, in sentences; empty when all is well
    pub damaged: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_numbers: Option<Vec<TrackingNumber>>,
}

/// Reads both copies of a ledger that no other program has open.
pub fn check(folder: &Path, key: &ProvingKey, list: bool) -> Result<Summary, LedgerError> {
    if !folder.is_dir() {
        return Ok(Summary::default());
    }
    let _lock = lock(folder)?;
    let files = Files::of(folder);
    let mut summary = Summary::default();
    let mut numbers = BTreeSet::new();
    let mut epochs: Vec<Epoch> = Vec::new();
    let mut last: Option<Header> = None;
    let segments = if files.journal.is_dir() { read_segments(&files.journal)? } else { Vec::new() };
    for segment in segments {
        for envelope in &segment.envelopes {
            let header = &envelope.header;
            summary.envelopes += 1;
            let place = format!("segment {}, {:?} {}", segment.number, header.epoch, header.sequence);
            if envelope.verify(key).is_err() {
                summary.damaged.push(format!("{place}: not signed by this kiosk"));
            }
            if last.as_ref().is_some_and(|last| header.previous != last.hash()) {
                summary.damaged.push(format!("{place}: the chain is broken before it"));
            }
            match envelope.listing() {
                Ok(Listing::Request { tracking_number, .. }) => drop(numbers.insert(tracking_number)),
                Ok(_) => {}
                Err(_) => summary.damaged.push(format!("{place}: the listing can't be read")),
            }
            if epochs.last() != Some(&header.epoch) {
                epochs.push(header.epoch);
            }
            last = Some(header.clone());
        }
        if let SegmentEnd::Torn { at } = segment.end {
            summary.damaged.push(format!("segment {}: damaged or cut off at byte {at}", segment.number));
        }
    }
    check_store(&files.sled, &epochs, &mut numbers, &mut summary)?;
    summary.requests = numbers.len();
    summary.tracking_numbers = list.then(|| numbers.into_iter().collect());
    Ok(summary)
}

fn check_store(
    folder: &Path,
    epochs: &[Epoch],
    numbers: &mut BTreeSet<TrackingNumber>,
    summary: &mut Summary,
) -> Result<(), LedgerError> {
    if !folder.is_dir() {
        return Ok(());
    }
    let store = match Store::open(folder) {
        Ok(store) => store,
        Err(error) => {
            summary.damaged.push(format!("the store can't be opened: {error}"));
            return Ok(());
        }
    };
    for number in store.request_numbers() {
        match number {
            Ok(number) => drop(numbers.insert(number)),
            Err(error) => summary.damaged.push(format!("the store: {error}")),
        }
    }
    for epoch in epochs {
        summary.acknowledged += store.acknowledged(epoch)?.map_or(0, |sequence| sequence + 1);
    }
    Ok(())
}
