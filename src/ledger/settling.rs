//! Settling with the office what has been lost: what neither side holds is named, and an epoch that the office knows better
//! than this store isn't gone on with.

use super::exchange::names_all;
use super::store::Losses;
use super::{Ledger, LedgerError};
use crate::domain::record::{LOST_RANGES_MAX, LostRange, Record};
use crate::replication::wire::Held;
use crate::seal::envelope::{Epoch, KioskTime};

impl Ledger {
    /// Looks at what the office holds. With `is_whole` it has named what it holds. True when that led to new records.
    pub fn settle(&mut self, held: &[Held], is_whole: bool, now: KioskTime) -> Result<bool, LedgerError> {
        let went_on = self.leave_a_contradicted_epoch(held, is_whole, now)?;
        let named = is_whole && self.name_what_neither_holds(held, now)?;
        Ok(went_on || named)
    }

    /// The office holds more of the epoch that is being written than this store, or something else: its end was lost, or it
    /// is a copy of an earlier time. What is written from now on contradicts nothing there.
    fn leave_a_contradicted_epoch(
        &mut self,
        held: &[Held],
        is_whole: bool,
        now: KioskTime,
    ) -> Result<bool, LedgerError> {
        let (epoch, next) = (self.next.epoch, self.next.sequence);
        let of_epoch: Vec<Held> = held.iter().filter(|held| held.epoch == epoch).copied().collect();
        let Some(farthest) = of_epoch.iter().max_by_key(|held| held.sequence).copied() else { return Ok(false) };
        if farthest.sequence >= next {
            let reason = format!(
                "the office holds {epoch:?} through {}, and this kiosk's store only through {}: its end was lost, or it is a copy of an earlier time",
                farthest.sequence,
                next.saturating_sub(1)
            );
            tracing::error!("{reason}");
            self.begin_another_epoch(reason, now)?;
            return Ok(true);
        }
        let mut is_ours = false;
        for held in &of_epoch {
            is_ours |= self.is_ours(held)?;
        }
        if is_whole && !is_ours {
            let reason = format!("the office holds other records of {epoch:?} than this kiosk's store: it was copied");
            tracing::error!("{reason}");
            self.begin_another_epoch(reason, now)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// In each epoch, what is missing here behind what the office holds: it waits for that, and nobody can send it. What was
    /// set aside has been searched for it: the opening does so before anything is named.
    fn name_what_neither_holds(&mut self, held: &[Held], now: KioskTime) -> Result<bool, LedgerError> {
        let mut ranges = Vec::new();
        for epoch in self.epochs.clone() {
            let named: Vec<Held> = held.iter().filter(|held| held.epoch == epoch).copied().collect();
            let mut is_ours = named.is_empty() && names_all(held);
            for held in &named {
                is_ours |= self.is_ours(held)?;
            }
            // Of a chain that isn't ours, or that the office has left out, nobody can tell what it lacks.
            if !is_ours {
                continue;
            }
            let through = self.ask_store(|store| store.acknowledged(&epoch))?.map(|held| held.through);
            let mut from = through.map_or(0, |through| through.saturating_add(1));
            for part in self.parts_of(epoch) {
                if part.last < from {
                    continue;
                }
                if let Some(last) = part.first.checked_sub(1).filter(|last| *last >= from)
                    && let Some(behind) = self.ask_store(|store| store.header(&epoch, part.first))?
                {
                    ranges.push(LostRange { epoch: epoch.0, first: from, last, resumes_after: behind.previous.0 });
                }
                from = part.last.saturating_add(1);
            }
        }
        if !self.has_sound_sealing_key {
            return Ok(false);
        }
        let told = self.ask_store(|store| store.losses_told())?;
        ranges.retain(|range| !self.is_under_way(&told, range));
        self.name_losses(&ranges, now)?;
        Ok(!ranges.is_empty())
    }

    /// True of a range whose record is still here: the office has it, or gets it in its turn.
    fn is_under_way(&self, told: &Losses, range: &LostRange) -> bool {
        let is_here = |(epoch, sequence): &(Epoch, u64)| {
            let parts = self.parts_of(*epoch);
            parts.iter().any(|part| (part.first..=part.last).contains(sequence))
        };
        told.get(&(range.epoch, range.first, range.last)).is_some_and(is_here)
    }

    /// Names losses to the office, in records of their own.
    pub(super) fn name_losses(&mut self, ranges: &[LostRange], now: KioskTime) -> Result<(), LedgerError> {
        if ranges.is_empty() {
            return Ok(());
        }
        let mut told = self.ask_store(|store| store.losses_told())?;
        for some in ranges.chunks(LOST_RANGES_MAX) {
            let headers = self.commit(&[Record::Losses(some.to_vec())], now)?;
            // A record that nobody may be able to open tells nothing: it is named again once the key is known to be right.
            if let Some(header) = headers.first().filter(|_| self.has_sound_sealing_key) {
                let place = (header.epoch, header.sequence);
                told.extend(some.iter().map(|range| ((range.epoch, range.first, range.last), place)));
            }
        }
        self.ask_store(|store| store.set_losses_told(&told))
    }

    /// Whether this is a word on our own chain, as far as that can be told.
    pub(super) fn is_ours(&mut self, held: &Held) -> Result<bool, LedgerError> {
        let known = self.ask_store(|store| store.header(&held.epoch, held.sequence))?;
        let parts = self.parts_of(held.epoch);
        // An envelope that has left, or stands in a hole of this store, can't be compared any more.
        let is_before = parts.last().is_some_and(|part| held.sequence < part.first);
        let is_here = parts.iter().any(|part| (part.first..=part.last).contains(&held.sequence));
        Ok(known.map_or(is_before && !is_here, |header| header.hash() == held.head))
    }
}
