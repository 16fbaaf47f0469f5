//! What the office has said: how far it holds everything, its time, its trail's head, where requests stand.

use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::NaiveDate;

use super::trees::{ALL_KEYS, Batch, Entry, Keys, Tree};
use super::{Acknowledged, Store, StoreError, Told, encode, number_key};
use crate::ledger::office_time::OfficeTime;
use crate::replication::wire::{Change, Changes, Cursor};
use crate::seal::envelope::Epoch;

/// Through which change was heard since hashes of codes take in the number.
const CURSOR: &[u8] = b"cursor 2";
/// As earlier versions called it. A store that has only this one asks for everything once more, so that no hash without the
/// number stays on the disk.
const EARLIER_CURSOR: &[u8] = b"cursor";
const OFFICE_TIME: &[u8] = b"office time";
const REVOKED: &[u8] = b"revoked";
const NOT_KNOWN: &[u8] = b"not known";
/// Before a day like 2026-11-26
const WITNESSED: &[u8] = b"trail head ";
const WITNESSED_DAYS: usize = 400;
const LOSSES: &[u8] = b"losses told";

/// Losses that were named to the office: epoch, first and last sequence, and where the record stands that names them.
pub type Losses = BTreeMap<([u8; 16], u64, u64), (Epoch, u64)>;

/// A kiosk's standing with its office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    #[default]
    Known,
    /// Out of service for good; what it holds is still taken
    Revoked,
    /// As after a restore from a backup that is older than the kiosk: nothing is taken until a person lets it in again
    NotKnown,
}

impl Store {
    pub fn acknowledged(&self, epoch: &Epoch) -> Result<Option<Acknowledged>, StoreError> {
        self.get(Tree::State, &acknowledged_key(epoch))
    }

    /// True for an envelope that may leave, because the office and its backup hold it.
    pub fn is_retiring(&self, epoch: &Epoch, sequence: u64) -> Result<bool, StoreError> {
        let held = self.acknowledged(epoch)?;
        let both = held.and_then(|held| Some(held.through.min(held.backed_up_through?)));
        Ok(both.is_some_and(|both| both >= sequence))
    }

    pub fn set_acknowledged(&self, epoch: &Epoch, acknowledged: Acknowledged) -> Result<(), StoreError> {
        self.put(Tree::State, &acknowledged_key(epoch), &acknowledged)
    }

    pub fn forget_acknowledged(&self, epoch: &Epoch) -> Result<(), StoreError> {
        self.remove(Tree::State, &acknowledged_key(epoch))
    }

    pub fn office_time(&self) -> Result<Option<OfficeTime>, StoreError> {
        self.get(Tree::State, OFFICE_TIME)
    }

    pub fn set_office_time(&self, time: &OfficeTime) -> Result<(), StoreError> {
        self.put(Tree::State, OFFICE_TIME, time)
    }

    /// Keeps the head of the office's trail: the last one of each day, of the newest [`WITNESSED_DAYS`].
    pub fn witness(&self, day: NaiveDate, trail_head: [u8; 32]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.put(Tree::State, [WITNESSED, day.to_string().as_bytes()].concat(), trail_head);
        // The keys are in the order of their days.
        let days: Vec<Entry> = self.witnessed_days().collect::<Result<_, _>>()?;
        for (old, _) in days.iter().take(days.len().saturating_sub(WITNESSED_DAYS)) {
            batch.remove(Tree::State, old.as_slice());
        }
        self.trees.write(batch)
    }

    /// The heads of the office's trail by day.
    pub fn witnessed(&self) -> Result<BTreeMap<String, [u8; 32]>, StoreError> {
        let of = |entry: Result<Entry, StoreError>| -> Result<_, StoreError> {
            let (key, head) = entry?;
            let day = String::from_utf8_lossy(key.strip_prefix(WITNESSED).unwrap_or(&key)).into_owned();
            Ok(<[u8; 32]>::try_from(head).ok().map(|head| (day, head)))
        };
        self.witnessed_days().filter_map(|entry| of(entry).transpose()).collect()
    }

    fn witnessed_days(&self) -> impl Iterator<Item = Result<Entry, StoreError>> {
        let from: Keys = (Bound::Included(WITNESSED.to_vec()), Bound::Unbounded);
        let is_day =
            |entry: &Result<Entry, StoreError>| entry.as_ref().map_or(true, |(key, _)| key.starts_with(WITNESSED));
        self.trees.range(Tree::State, from).take_while(is_day)
    }

    pub fn losses_told(&self) -> Result<Losses, StoreError> {
        Ok(self.get(Tree::State, LOSSES)?.unwrap_or_default())
    }

    pub fn set_losses_told(&self, losses: &Losses) -> Result<(), StoreError> {
        self.put(Tree::State, LOSSES, losses)
    }

    pub fn standing(&self) -> Result<Standing, StoreError> {
        let is = |key| Ok::<bool, StoreError>(self.get(Tree::State, key)?.unwrap_or(false));
        Ok(match (is(REVOKED)?, is(NOT_KNOWN)?) {
            (true, _) => Standing::Revoked,
            (false, true) => Standing::NotKnown,
            (false, false) => Standing::Known,
        })
    }

    pub fn set_standing(&self, standing: Standing) -> Result<(), StoreError> {
        self.put(Tree::State, REVOKED, &(standing == Standing::Revoked))?;
        self.put(Tree::State, NOT_KNOWN, &(standing == Standing::NotKnown))
    }

    pub fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        self.get(Tree::State, CURSOR)
    }

    pub fn take_changes(&self, changes: &Changes) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        if changes.snapshot {
            for entry in self.trees.range(Tree::Told, ALL_KEYS) {
                batch.remove(Tree::Told, entry?.0);
            }
        }
        for change in &changes.changes {
            match change {
                Change::Request { status, code_hash } | Change::BoundRequest { status, code_hash } => {
                    let is_bound = matches!(change, Change::BoundRequest { .. });
                    let told = Told { status: status.clone(), code_hash: *code_hash, is_bound };
                    batch.put(Tree::Told, number_key(status.tracking_number), encode(&told)?);
                }
                Change::Forget { tracking_number } => batch.remove(Tree::Told, number_key(*tracking_number)),
                // It is a file of its own, and not of the store.
                Change::Catalogue { .. } => {}
            }
        }
        batch.put(Tree::State, CURSOR, encode(&changes.cursor)?);
        batch.remove(Tree::State, EARLIER_CURSOR);
        self.trees.write(batch)
    }
}

#[cfg(test)]
impl Store {
    /// Makes what was told of a request, and the cursor, what an earlier version would have written.
    pub fn write_as_earlier(&self, number: crate::domain::tracking_number::TrackingNumber) -> Result<(), StoreError> {
        if let Some(told) = self.told(number)? {
            self.put(Tree::Told, &number_key(number), &(told.status, told.code_hash))?;
        }
        if let Some(cursor) = self.cursor()? {
            self.put(Tree::State, EARLIER_CURSOR, &cursor)?;
            self.remove(Tree::State, CURSOR)?;
        }
        Ok(())
    }
}

fn acknowledged_key(epoch: &Epoch) -> Vec<u8> {
    [b"acknowledged".as_slice(), &epoch.0].concat()
}
