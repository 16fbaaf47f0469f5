//! What the office has said: how far it holds everything, its time, its trail's head, where requests stand.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use sled::transaction::Transactional;

use super::{Acknowledged, Store, StoreError, Told, encode, flatten, get, number_key};
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
        get(&self.state, &acknowledged_key(epoch))
    }

    /// True for an envelope that may leave, because the office and its backup hold it.
    pub fn is_retiring(&self, epoch: &Epoch, sequence: u64) -> Result<bool, StoreError> {
        let held = self.acknowledged(epoch)?;
        let both = held.and_then(|held| Some(held.through.min(held.backed_up_through?)));
        Ok(both.is_some_and(|both| both >= sequence))
    }

    pub fn set_acknowledged(&self, epoch: &Epoch, acknowledged: Acknowledged) -> Result<(), StoreError> {
        self.set_state(&acknowledged_key(epoch), &acknowledged)
    }

    pub fn forget_acknowledged(&self, epoch: &Epoch) -> Result<(), StoreError> {
        self.state.remove(acknowledged_key(epoch))?;
        Ok(())
    }

    pub fn office_time(&self) -> Result<Option<OfficeTime>, StoreError> {
        get(&self.state, OFFICE_TIME)
    }

    pub fn set_office_time(&self, time: &OfficeTime) -> Result<(), StoreError> {
        self.set_state(OFFICE_TIME, time)
    }

    /// Keeps the head of the office's trail: the last one of each day, of the newest [`WITNESSED_DAYS`].
    pub fn witness(&self, day: NaiveDate, trail_head: [u8; 32]) -> Result<(), StoreError> {
        self.state.insert([WITNESSED, day.to_string().as_bytes()].concat(), &trail_head)?;
        let days: Vec<_> = self.state.scan_prefix(WITNESSED).keys().collect::<Result<_, _>>()?;
        // The keys are in the order of their days.
        for old in days.iter().take(days.len().saturating_sub(WITNESSED_DAYS)) {
            self.state.remove(old)?;
        }
        Ok(())
    }

    /// The heads of the office's trail by day.
    pub fn witnessed(&self) -> Result<BTreeMap<String, [u8; 32]>, StoreError> {
        let of = |entry: sled::Result<(sled::IVec, sled::IVec)>| -> Result<_, StoreError> {
            let (key, head) = entry?;
            let day = String::from_utf8_lossy(key.strip_prefix(WITNESSED).unwrap_or(&key)).into_owned();
            Ok(<[u8; 32]>::try_from(&*head).ok().map(|head| (day, head)))
        };
        self.state.scan_prefix(WITNESSED).filter_map(|entry| of(entry).transpose()).collect()
    }

    pub fn losses_told(&self) -> Result<Losses, StoreError> {
        Ok(get(&self.state, LOSSES)?.unwrap_or_default())
    }

    pub fn set_losses_told(&self, losses: &Losses) -> Result<(), StoreError> {
        self.set_state(LOSSES, losses)
    }

    pub fn standing(&self) -> Result<Standing, StoreError> {
        let is = |key| Ok::<bool, StoreError>(get(&self.state, key)?.unwrap_or(false));
        Ok(match (is(REVOKED)?, is(NOT_KNOWN)?) {
            (true, _) => Standing::Revoked,
            (false, true) => Standing::NotKnown,
            (false, false) => Standing::Known,
        })
    }

    pub fn set_standing(&self, standing: Standing) -> Result<(), StoreError> {
        self.set_state(REVOKED, &(standing == Standing::Revoked))?;
        self.set_state(NOT_KNOWN, &(standing == Standing::NotKnown))
    }

    fn set_state(&self, key: &[u8], value: &impl Serialize) -> Result<(), StoreError> {
        self.state.insert(key, encode(value)?)?;
        Ok(())
    }

    pub fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        get(&self.state, CURSOR)
    }

    pub fn take_changes(&self, changes: &Changes) -> Result<(), StoreError> {
        if changes.snapshot {
            self.told.clear()?;
        }
        let cursor = encode(&changes.cursor)?;
        let mut puts = Vec::new();
        for change in &changes.changes {
            match change {
                Change::Request { status, code_hash } | Change::BoundRequest { status, code_hash } => {
                    let is_bound = matches!(change, Change::BoundRequest { .. });
                    let told = Told { status: status.clone(), code_hash: *code_hash, is_bound };
                    puts.push((number_key(status.tracking_number), Some(encode(&told)?)));
                }
                Change::Forget { tracking_number } => puts.push((number_key(*tracking_number), None)),
                // It is a file of its own, and not of the store.
                Change::Catalogue { .. } => {}
            }
        }
        let outcome = (&self.told, &self.state).transaction(|(told, state)| {
            for (key, value) in &puts {
                match value {
                    Some(value) => told.insert(key.as_slice(), value.as_slice())?,
                    None => told.remove(key.as_slice())?,
                };
            }
            state.insert(CURSOR, cursor.as_slice())?;
            state.remove(EARLIER_CURSOR)?;
            Ok(())
        });
        outcome.map_err(flatten)
    }
}

#[cfg(test)]
impl Store {
    /// Makes what was told of a request, and the cursor, what an earlier version would have written.
    pub fn write_as_earlier(&self, number: crate::domain::tracking_number::TrackingNumber) -> Result<(), StoreError> {
        if let Some(told) = self.told(number)? {
            self.told.insert(number_key(number), encode(&(told.status, told.code_hash))?)?;
        }
        if let Some(cursor) = self.state.remove(CURSOR)? {
            self.state.insert(EARLIER_CURSOR, cursor)?;
        }
        Ok(())
    }
}

fn acknowledged_key(epoch: &Epoch) -> Vec<u8> {
    [b"acknowledged".as_slice(), &epoch.0].concat()
}
