//! Retention: what may leave the journal, and a fresh folder for a store that has grown too large.

use super::journal::{Span, read_segment, segment_path};
use super::places::Places;
use super::store::{Acknowledged, FreshStore};
use super::watchdog::WatchedWork;
use super::{FREE_BYTES_FLOOR, Ledger, LedgerError};
use crate::domain::record::Listing;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::Header;

/// So many segments leave at once at most, so that nobody waits long for the ledger.
const SEGMENTS_AT_ONCE: usize = 16;
/// A store may always be this large …
const STORE_BYTES_FLOOR: u64 = 32 * 1024 * 1024;
/// … and beyond that so many times the envelopes it must hold; sled itself takes 2.6 to 2.9 times.
const STORE_GROWTH_MAX: u64 = 4;

/// What was tidied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Segments that left the journal
    pub segments: usize,
    /// The store was copied into a fresh folder
    pub fresh_store: bool,
}

impl Ledger {
    /// Lets segments go that the office and its backup hold, and copies the store when it has grown too large. It takes
    /// from milliseconds to some seconds: to be called when nobody waits.
    pub fn tidy(&mut self) -> Result<Tidied, LedgerError> {
        self.apply()?;
        let mut tidied = Tidied::default();
        while tidied.segments < SEGMENTS_AT_ONCE && self.first_segment_may_leave()? {
            if tidied.segments == 0 {
                // What was computed from a segment can't be computed again once it is gone.
                self.ask_store(|store| store.flush_durably())?;
            }
            self.retire_first_segment()?;
            tidied.segments += 1;
        }
        self.verify_some()?;
        if self.store_is_too_large()? {
            self.take_fresh_store()?;
            tidied.fresh_store = true;
        }
        Ok(tidied)
    }

    /// Each of its envelopes is acknowledged, and contained in a backup of the office; and it isn't written to. What was found
    /// again counts only once it is known to be there itself.
    fn first_segment_may_leave(&mut self) -> Result<bool, LedgerError> {
        if self.spans.len() < 2 {
            return Ok(false);
        }
        for part in self.spans[0].parts.clone() {
            let held = self.ask_store(|store| store.acknowledged(&part.epoch))?;
            let is_held = held.is_some_and(|Acknowledged { through, backed_up_through }| {
                through >= part.last && backed_up_through.is_some_and(|backed_up| backed_up >= part.last)
            });
            let mut again = self.gone.found_again().within(part).collect::<Places>();
            self.safe_again.parts().for_each(|part| again.remove(part));
            if !is_held || !again.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn retire_first_segment(&mut self) -> Result<(), LedgerError> {
        let span = self.spans[0].clone();
        let (last, numbers) = self.leaving(&span).map_err(|error| {
            // Opening mends it.
            self.failed |= matches!(error, LedgerError::Wounded { .. });
            error
        })?;
        if let Some(last) = last {
            self.gone.advance(&last, &span.parts, numbers.iter().copied())?;
        }
        for part in &span.parts {
            self.ask_store(|store| store.remove_envelopes(&part.epoch, part.first, part.last))?;
        }
        for number in numbers {
            self.ask_store(|store| store.remove_request_that_was_told(number))?;
        }
        self.journal.remove(span.number)?;
        self.spans.remove(0);
        let staying = |epoch| self.spans.iter().flat_map(|span| &span.parts).any(|part| part.epoch == epoch);
        let current = self.next.epoch;
        let epochs: Vec<_> = self.epochs.iter().copied().filter(|epoch| *epoch == current || staying(*epoch)).collect();
        self.epochs = epochs;
        tracing::info!("segment {} left the journal: the office and its backup hold it", span.number);
        Ok(())
    }

    /// The last header of a segment that is to leave, and the numbers of its requests. A segment that has been damaged
    /// since it was last read stays: opening mends it.
    fn leaving(&self, span: &Span) -> Result<(Option<Header>, Vec<TrackingNumber>), LedgerError> {
        let path = segment_path(&self.files.journal, span.number);
        let content = read_segment(&path, span.number).map_err(LedgerError::at(&path))?;
        if let Some(wound) = content.wounds.first() {
            return Err(LedgerError::Wounded { segment: span.number, what: wound.to_string() });
        }
        let mut found = Span::empty(span.number);
        content.envelopes.iter().for_each(|envelope| found.add(envelope));
        if found != *span {
            let what = "it holds something else than was written".into();
            return Err(LedgerError::Wounded { segment: span.number, what });
        }
        let number = |listing| match listing {
            Ok(Listing::Request { tracking_number, .. }) => Some(tracking_number),
            _ => None,
        };
        let numbers = content.envelopes.iter().filter_map(|envelope| number(envelope.listing())).collect();
        Ok((content.envelopes.last().map(|envelope| envelope.header.clone()), numbers))
    }

    /// Too large, and there is room for a copy.
    fn store_is_too_large(&mut self) -> Result<bool, LedgerError> {
        let held: u64 = self.spans.iter().map(|span| span.bytes).sum();
        let bytes = self.ask_store(|store| store.bytes())?;
        Ok(bytes > STORE_BYTES_FLOOR + STORE_GROWTH_MAX * held && self.free_bytes()? > bytes + FREE_BYTES_FLOOR)
    }

    pub(super) fn take_fresh_store(&mut self) -> Result<(), LedgerError> {
        self.watchdog.watch(WatchedWork { name: "copying the store", uses_sled: true });
        let fresh = self.ask_store(FreshStore::copy)?;
        drop(self.store.take());
        match fresh.take_place() {
            Ok(store) => {
                self.store = Some(store);
                tracing::info!("the store was copied into a fresh folder");
                Ok(())
            }
            Err(error) => Err(self.store_failed(error)),
        }
    }
}
