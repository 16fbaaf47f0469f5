//! The end of the last segment: a write that a power cut tore, or damage.

use super::account::Account;
use super::damaged::Damaged;
use super::own::Owner;
use super::salvage::envelopes_in;
use super::survey::Survey;
use crate::ledger::LedgerError;
use crate::ledger::count::Count;
use crate::ledger::disk;
use crate::ledger::files::Files;
use crate::ledger::gone::Gone;
use crate::ledger::journal::{Journal, segment_path};
use crate::ledger::store::Store;
use crate::seal::envelope::Header;

/// True of a request at the very end without its signature, where nothing says that the two were ever durable: a power cut
/// tore their write. sled was put to work only behind the write's sync, so it knows what stood before and not this.
pub fn was_never_promised(request: &Header, found: &Survey, store: &Store, count: &Count) -> bool {
    let (epoch, signature) = (request.epoch, request.sequence - 1);
    let is_known_to_store = Store::guarded(|| {
        let held = store.acknowledged(&epoch)?.is_some_and(|held| held.through >= signature);
        let applied = store.applied()?.is_none_or(|applied| applied.head == request.hash());
        Ok(held || applied || store.first_sequence(&epoch, signature)?.is_some())
    });
    found.applied_in.is_some() && matches!(is_known_to_store, Ok(false)) && !count.covers(epoch, signature)
}

/// Looks for envelopes in a tail whose frames are damaged. One that follows the last sound one is a record like any other:
/// then the journal is mended.
pub fn look_closer(files: &Files, found: &mut Survey, owner: &Owner) -> Result<(), LedgerError> {
    let Some(last) = found.last.as_ref().map(Header::hash) else { return Ok(()) };
    let mut in_tail = envelopes_in_tail(files, found, owner)?.into_iter();
    if in_tail.any(|header| header.previous == last) {
        found.faults.extend(found.tail.take());
    }
    Ok(())
}

/// After a crash, what a page cache shows of the last segment proves nothing: its frames go into a new file, synced,
/// before anything is served; only then the old one goes. What a cut tail still holds was torn off from what stood before
/// it: nobody was promised it, and it is remembered so.
pub fn rewrite_last_segment(
    files: &Files,
    found: &mut Survey,
    owner: &Owner,
    gone: &mut Gone,
    account: &mut Account,
) -> Result<Journal, LedgerError> {
    let number = found.spans.last().map_or(1, |span| span.number);
    if found.tail.is_some() {
        let torn_off = envelopes_in_tail(files, found, owner)?;
        gone.note_dropped(torn_off.iter().map(Header::hash))?;
    }
    if let Some(tail) = found.tail.take() {
        let original = Damaged::of(&files.folder).keep(&segment_path(&files.journal, number))?;
        account.note_all([format!("{tail}; the original is kept as {original}")], true)?;
    }
    Ok(Journal::begin(&files.journal, number, &found.last_frames)?)
}

/// The headers of envelopes behind the last segment's last sound frame.
fn envelopes_in_tail(files: &Files, found: &Survey, owner: &Owner) -> Result<Vec<Header>, LedgerError> {
    let (Some(at), Some(number)) = (found.tail_at, found.spans.last().map(|span| span.number)) else {
        return Ok(Vec::new());
    };
    let path = segment_path(&files.journal, number);
    let bytes = disk::read(&path).map_err(LedgerError::at(&path))?;
    let tail = bytes.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default();
    let ours = envelopes_in(tail).filter(|(_, envelope)| owner.owns(envelope));
    Ok(ours.map(|(_, envelope)| envelope.header).collect())
}
