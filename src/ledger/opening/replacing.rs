//! Putting a mended journal into the place of a damaged one, and saying what was lost.

use std::path::PathBuf;

use super::Attention;
use super::account::Account;
use super::damaged::Damaged;
use super::lost::Lost;
use super::mending::{Mended, Mending};
use super::own::Owner;
use super::parts;
use super::salvage::Salvage;
use super::survey::Survey;
use crate::ledger::count::Count;
use crate::ledger::files::Files;
use crate::ledger::gone::Gone;
use crate::ledger::store::Store;
use crate::ledger::{LedgerError, durable};
use crate::seal::envelope::{Epoch, HeaderHash};

/// Puts what the journal and the other copies hold together into the journal's place; gives what none of them holds.
pub fn mend_journal(
    files: &Files,
    (store, salvage, spare): (&mut Store, &mut Salvage, &mut Option<PathBuf>),
    (gone, count): (&mut Gone, &Count),
    owner: &Owner,
    found: Survey,
    attention: &Attention<'_>,
    account: &mut Account,
) -> Result<Vec<Lost>, LedgerError> {
    let mended = write_mended(files, (store, salvage, spare), gone, owner, &found, attention)?;
    let from = if salvage.is_empty() { "the store" } else { "the store and from what was set aside" };
    let taken = (mended.from_copies > 0).then(|| format!("{} envelopes were taken from {from}", mended.from_copies));
    account.note_all(found.faults.into_iter().chain(found.tail).chain(taken), true)?;
    if let Some(first) = mended.begins_without.filter(|_| !count.knows_epochs()) {
        let before = format!("epochs that stood before {:?} may be lost in both copies", first.epoch);
        account.note_all([before], true)?;
    }
    // Where the count knows how far an epoch went, it names exactly what is missing of its end.
    let is_named = |lost: &Lost| lost.last.is_none() && count.knows(lost.epoch);
    let lost: Vec<Lost> = mended.lost.into_iter().filter(|lost| !is_named(lost)).collect();
    account.note_lost(&lost)?;
    gone.note_breaks(mended.breaks)?;
    gone.note_found_again(mended.salvaged.parts())?;
    let original = take_place(files)?;
    salvage.note_left_out(|hash| mended.written.contains(&hash.0));
    salvage.moved(&files.journal, &files.folder.join(&original));
    account.note(format!("the damaged journal is kept as {original}"))?;
    if mended.store_is_damaged {
        let kept = parts::set_store_aside(files, account)?;
        salvage.moved(&files.sled, &files.folder.join(kept));
        *store = Store::open(&files.sled)?;
    }
    Ok(lost)
}

/// Writes the mended journal. On a disk that is full, the spare copy of sled makes room for it, where the store gives all that
/// was found in it.
fn write_mended(
    files: &Files,
    (store, salvage, spare): (&Store, &mut Salvage, &mut Option<PathBuf>),
    gone: &Gone,
    owner: &Owner,
    found: &Survey,
    attention: &Attention<'_>,
) -> Result<Mended, LedgerError> {
    let write = |salvage: &mut Salvage, spare: Option<&PathBuf>| {
        let store_files: Vec<PathBuf> = [&files.sled].into_iter().chain(spare).cloned().collect();
        let owner = Some(owner);
        let mending = Mending { files, store, store_files: &store_files, owner, found, gone, attention };
        mending.write(&files.fresh_journal(), salvage)
    };
    match write(salvage, spare.as_ref()) {
        Err(error) if error.is_disk_full() => {
            let has = |(epoch, sequence, hash): (Epoch, u64, HeaderHash)| {
                let header = Store::guarded(|| store.header(&epoch, sequence)).ok().flatten();
                header.is_some_and(|header| header.hash() == hash)
            };
            let is_unneeded = |spare: &mut PathBuf| salvage.found_in(spare).all(has);
            let Some(folder) = spare.take_if(is_unneeded) else { return Err(error) };
            tracing::warn!("{error}; the copy of the store at {} goes, to make room", folder.display());
            durable::remove_folder_if_there(&folder).map_err(LedgerError::at(&folder))?;
            write(salvage, None)
        }
        other => other,
    }
}

/// Puts the mended journal in the damaged one's place; gives the name under which that is kept.
fn take_place(files: &Files) -> Result<String, LedgerError> {
    let fresh = files.fresh_journal();
    let original = Damaged::of(&files.folder).take(&files.journal)?;
    durable::rename(&fresh, &files.journal).map_err(LedgerError::at(&fresh))?;
    Ok(original)
}
