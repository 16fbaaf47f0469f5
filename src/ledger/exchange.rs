//! What passes between the ledger and the office: what is still to be sent, the office's word on what it holds, and what
//! it tells.

use chrono::NaiveDate;

use super::journal::Part;
use super::office_time::OfficeTime;
use super::places::Places;
use super::store::{Acknowledged, Standing, StoreError};
use super::{Ledger, LedgerError};
use crate::replication::wire::{Changes, Cursor, EPOCHS_NAMED_MAX, Held, Incarnation, Witness};
use crate::seal::envelope::{Envelope, Epoch, Header};
use crate::seal::keys::SealingKey;

impl Ledger {
    /// The next envelopes to send, in order; empty when the office holds all.
    pub fn unacknowledged(&mut self, limit: usize) -> Result<Vec<Vec<u8>>, LedgerError> {
        self.unacknowledged_behind(0, limit)
    }

    /// Those behind as many that were already taken.
    pub fn unacknowledged_behind(&mut self, taken: usize, limit: usize) -> Result<Vec<Vec<u8>>, LedgerError> {
        self.apply()?;
        let mut batch = Vec::new();
        let mut skip = taken as u64;
        for Part { epoch, first, last } in self.unacknowledged_parts()? {
            let count = last - first + 1;
            if skip >= count {
                skip -= count;
                continue;
            }
            let room = (limit - batch.len()).min(usize::try_from(count - skip).unwrap_or(usize::MAX));
            let last = first + skip + room as u64 - 1;
            batch.extend(self.portion(Part { epoch, first: first + skip, last })?);
            skip = 0;
            if batch.len() == limit {
                break;
            }
        }
        Ok(batch)
    }

    /// Nothing leaves that this kiosk hasn't signed, and nothing is left out that the journal holds: a store that holds such a
    /// thing, or lacks one, has failed, and is made anew from the journal.
    fn portion(&mut self, part: Part) -> Result<Vec<Vec<u8>>, LedgerError> {
        let Part { epoch, first, last } = part;
        let room = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        let envelopes = self.ask_store(|store| store.envelopes(&epoch, first, room))?;
        let mut here = 0;
        for (bytes, sequence) in envelopes.iter().zip(first..=last) {
            let own = Envelope::decode(bytes).ok().filter(|envelope| self.owner.owns(envelope));
            match own.map(|envelope| (envelope.header.epoch, envelope.header.sequence)) {
                None => return Err(self.store_failed(StoreError::NotOwn)),
                Some(place) if place == (epoch, sequence) => here += 1,
                Some(_) => break,
            }
        }
        match last - first + 1 == here {
            true => Ok(envelopes),
            false => Err(self.store_failed(StoreError::Lacks(epoch, first + here, "the store lacks it".into()))),
        }
    }

    /// How many envelopes the office has not acknowledged.
    pub fn unacknowledged_count(&mut self) -> Result<u64, LedgerError> {
        self.apply()?;
        Ok(self.unacknowledged_parts()?.iter().map(|part| part.last - part.first + 1).sum())
    }

    /// Runs without a hole, in the order in which they are sent. What was found again is among them, whatever stands behind
    /// it was acknowledged.
    fn unacknowledged_parts(&mut self) -> Result<Vec<Part>, LedgerError> {
        let mut parts = Vec::new();
        for epoch in self.epochs.clone() {
            let held = self.ask_store(|store| store.acknowledged(&epoch))?;
            let from = held.map_or(0, |held| held.through.saturating_add(1));
            for part in self.parts_of(epoch) {
                if let Some(before) = from.checked_sub(1).map(|last| part.last.min(last)) {
                    let again = self.gone.found_again().within(Part { last: before, ..part });
                    let mut again = again.collect::<Places>();
                    self.taken_again.parts().for_each(|part| again.remove(part));
                    parts.extend(again.parts());
                }
                if part.last >= from {
                    parts.push(Part { first: part.first.max(from), ..part });
                }
            }
        }
        Ok(parts)
    }

    /// The office of this database has answered to these envelopes: it holds them. Nothing else says so of one that was found
    /// again: the office may acknowledge all around it without it.
    pub fn note_sent(&mut self, incarnation: Incarnation, sent: &[Vec<u8>]) {
        if self.taken_by != Some(incarnation) {
            self.taken_by = Some(incarnation);
            (self.taken_again, self.safe_again) = (Places::default(), Places::default());
        }
        for envelope in sent.iter().filter_map(|bytes| Envelope::decode(bytes).ok()) {
            let Header { epoch, sequence, .. } = envelope.header;
            self.taken_again.add(Part { epoch, first: sequence, last: sequence });
        }
    }

    /// The runs of an epoch that are here, in order.
    pub(super) fn parts_of(&self, epoch: Epoch) -> Vec<Part> {
        let parts = self.spans.iter().flat_map(|span| &span.parts);
        let mut parts: Vec<Part> = parts.filter(|part| part.epoch == epoch).copied().collect();
        parts.sort_by_key(|part| part.first);
        parts.dedup_by(|next, part| {
            let goes_on = part.last + 1 == next.first;
            if goes_on {
                part.last = next.last;
            }
            goes_on
        });
        parts
    }

    /// Takes the office's word. It counts where its head is the hash of our own envelope, or can't be compared any more; it may
    /// also be less than before, when the office was restored from an old backup: then those envelopes are sent again. With
    /// `is_whole` the office has named what it holds of this kiosk: of an epoch that it doesn't name it holds nothing, as long
    /// as it could name all.
    pub fn acknowledge(&mut self, held: &[Held], is_whole: bool) -> Result<(), LedgerError> {
        self.apply()?;
        if is_whole && names_all(held) {
            let unnamed = self.epochs.iter().filter(|epoch| held.iter().all(|held| held.epoch != **epoch));
            for epoch in unnamed.copied().collect::<Vec<_>>() {
                self.ask_store(|store| store.forget_acknowledged(&epoch))?;
            }
        }
        for held in held.iter().filter(|held| self.epochs.contains(&held.epoch)).copied().collect::<Vec<_>>() {
            let first = self.first_sequence(held.epoch);
            let before = self.ask_store(|store| store.acknowledged(&held.epoch))?;
            let acknowledged = match self.ask_store(|store| store.header(&held.epoch, held.sequence))? {
                Some(header) if header.hash() == held.head => {
                    // Of a backup the office can't hold more than it holds itself.
                    let backed_up_through = held.backed_up_through.map(|through| through.min(held.sequence));
                    Acknowledged { through: held.sequence, backed_up_through }
                }
                None if first.is_some_and(|first| held.sequence < first) => {
                    tracing::error!(
                        "the office holds {:?} only to {}, and what follows isn't here any more",
                        held.epoch,
                        held.sequence
                    );
                    Acknowledged { through: held.sequence, backed_up_through: None }
                }
                None if held.epoch != self.next.epoch => {
                    if before.is_none_or(|before| before.through != held.sequence) {
                        self.send_again_through(held)?;
                    }
                    let backed_up_through = held.backed_up_through.map(|through| through.min(held.sequence));
                    Acknowledged { through: held.sequence, backed_up_through }
                }
                _ => {
                    tracing::error!("the office acknowledges {:?} {} with a foreign head", held.epoch, held.sequence);
                    continue;
                }
            };
            if before != Some(acknowledged) {
                self.ask_store(|store| store.set_acknowledged(&held.epoch, acknowledged))?;
            }
            if let Some(last) = acknowledged.backed_up_through {
                // A backup holds what the office holds so far.
                let safe: Vec<Part> = self.taken_again.within(Part { epoch: held.epoch, first: 0, last }).collect();
                safe.into_iter().for_each(|part| self.safe_again.add(part));
            }
        }
        Ok(())
    }

    /// Of an epoch that has ended, the office holds more than is left here, and nothing here can tell whether that is ours. All
    /// of it that is here goes out once more, and counts only once the office and its backup have it: nothing hangs on what
    /// the head covers.
    fn send_again_through(&mut self, held: Held) -> Result<(), LedgerError> {
        tracing::error!(
            "the office holds {:?} through {}, whose envelope isn't here any more",
            held.epoch,
            held.sequence
        );
        let here = self.parts_of(held.epoch).into_iter().filter(|part| part.first <= held.sequence);
        self.gone.note_found_again(here.map(|part| Part { last: part.last.min(held.sequence), ..part }))
    }

    /// The office's database of this name has named all that it holds. In an epoch where it names foreign heads only, as
    /// after this kiosk's store was restored from a copy, nobody can tell how far it holds ours: all of the epoch is
    /// sent again, once, when the database is another than before, or when it has not been heard since the start. So is an
    /// epoch that an answer leaves out because the office holds more than it names.
    pub fn hear_whole(&mut self, incarnation: Incarnation, held: &[Held]) -> Result<(), LedgerError> {
        if self.heard_whole == Some(incarnation) {
            return Ok(());
        }
        for epoch in self.epochs.clone() {
            let mut is_named = false;
            let mut is_ours = false;
            for held in held.iter().filter(|held| held.epoch == epoch) {
                is_named = true;
                is_ours |= self.is_ours(held)?;
            }
            if !is_ours && (is_named || !names_all(held)) {
                self.ask_store(|store| store.forget_acknowledged(&epoch))?;
            }
        }
        self.heard_whole = Some(incarnation);
        Ok(())
    }

    pub(super) fn first_sequence(&self, epoch: Epoch) -> Option<u64> {
        let parts = self.spans.iter().flat_map(|span| &span.parts);
        parts.filter(|part| part.epoch == epoch).map(|part| part.first).min()
    }

    pub fn cursor(&mut self) -> Result<Option<Cursor>, LedgerError> {
        self.ask_store(|store| store.cursor())
    }

    /// Takes up what the office has told, with its cursor, in one transaction.
    pub fn take_changes(&mut self, changes: &Changes) -> Result<(), LedgerError> {
        self.ask_store(|store| store.take_changes(changes))
    }

    /// The office's time as it was last heard.
    pub fn office_time(&mut self) -> Result<Option<OfficeTime>, LedgerError> {
        self.ask_store(|store| store.office_time())
    }

    /// Gives the office's last word on this kiosk.
    pub fn standing(&mut self) -> Result<Standing, LedgerError> {
        self.ask_store(|store| store.standing())
    }

    pub fn hear_standing(&mut self, standing: Standing) -> Result<(), LedgerError> {
        self.ask_store(|store| store.set_standing(standing))
    }

    /// Seals to this key of the office from now on. True when it is another than before.
    pub fn hear_sealing_key(&mut self, key: SealingKey) -> Result<bool, LedgerError> {
        let is_other = *self.identity()?.sealing_key() != key;
        if is_other {
            self.identity = self.identity.sealing_to(key).ok_or_else(|| {
                self.failed = true;
                LedgerError::Identity
            })?;
        }
        self.has_sound_sealing_key = true;
        Ok(is_other)
    }

    /// Keeps the head of the office's trail as it was on a day: whoever rewrites the trail can't change what is here.
    pub fn witness(&mut self, day: NaiveDate, trail_head: [u8; 32]) -> Result<(), LedgerError> {
        self.ask_store(|store| store.witness(day, trail_head))
    }

    /// The head kept of the newest day that is over; `None` before the second day.
    pub fn last_witnessed(&mut self) -> Result<Option<Witness>, LedgerError> {
        let witnessed = self.ask_store(|store| store.witnessed())?;
        let over = witnessed.iter().rev().nth(1);
        Ok(over.and_then(|(day, head)| Some(Witness { day: day.parse().ok()?, trail_head: *head })))
    }

    pub fn hear_office_time(&mut self, heard: &OfficeTime) -> Result<(), LedgerError> {
        self.ask_store(|store| store.set_office_time(heard))
    }
}

/// False of an answer that may leave epochs out, because it names as many as it can.
pub(super) fn names_all(held: &[Held]) -> bool {
    held.len() < EPOCHS_NAMED_MAX
}
