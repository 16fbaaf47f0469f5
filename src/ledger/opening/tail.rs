//! The end of the last segment: a write that a power cut tore, or damage.

use super::account::Account;
use super::damaged::Damaged;
use super::own::Owner;
use super::salvage::envelopes_in;
use super::survey::{Survey, Torn};
use crate::ledger::LedgerError;
use crate::ledger::count::Count;
use crate::ledger::disk;
use crate::ledger::files::Files;
use crate::ledger::handle::RECORDS_AT_ONCE_MAX;
use crate::ledger::journal::{Journal, segment_path};
use crate::ledger::store::Store;
use crate::seal::envelope::{Header, HeaderHash};

/// Gives the envelopes behind the place where the last segment looks torn, when nothing says that they were ever durable: a
/// power cut tore their write, and nobody was promised them. sled was put to work only behind the write's sync, so it knows
/// what stood before and not these. An envelope whose frame was torn counts, too.
pub fn never_promised(
    files: &Files,
    torn: &Torn,
    found: &Survey,
    owner: &Owner,
    store: &Store,
    count: &Count,
) -> Result<Vec<HeaderHash>, LedgerError> {
    let Torn { segment, at, before } = torn;
    let path = segment_path(&files.journal, *segment);
    let bytes = disk::read(&path).map_err(LedgerError::at(&path))?;
    let end = bytes.get(usize::try_from(*at).unwrap_or(usize::MAX)..).unwrap_or_default();
    let behind: Vec<Header> = envelopes_in(end)
        .map(|(_, envelope)| envelope)
        .filter(|envelope| owner.owns(envelope))
        .map(|envelope| envelope.header)
        .collect();
    let (epoch, first) = (before.epoch, before.sequence.saturating_add(1));
    let one_write = first..first.saturating_add(RECORDS_AT_ONCE_MAX);
    let is_of_it = |header: &Header| header.epoch == epoch && one_write.contains(&header.sequence);
    let is_known_to_store = Store::guarded(|| {
        let held = store.acknowledged(&epoch)?.is_some_and(|held| held.through >= first);
        Ok(held || store.first_sequence(&epoch, first)?.is_some())
    });
    let is_torn = found.applied_in.is_some()
        && matches!(is_known_to_store, Ok(false))
        && !count.covers(epoch, first)
        && behind.iter().all(is_of_it);
    Ok(if is_torn { behind.iter().map(Header::hash).collect() } else { Vec::new() })
}

/// After a crash, what a page cache shows of the last segment proves nothing: its frames go into a new file, synced,
/// before anything is served; only then the old one goes.
pub fn rewrite_last_segment(files: &Files, found: &mut Survey, account: &mut Account) -> Result<Journal, LedgerError> {
    let number = found.spans.last().map_or(1, |span| span.number);
    if let Some(tail) = found.tail.take() {
        let original = Damaged::of(&files.folder).keep(&segment_path(&files.journal, number))?;
        account.note_all([format!("{tail}; the original is kept as {original}")], true)?;
    }
    Ok(Journal::begin(&files.journal, number, &found.last_frames)?)
}
