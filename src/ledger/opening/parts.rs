//! The parts beside the journal: the store, the list of what has left, and whatever was set aside before.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Attention;
use super::account::Account;
use super::damaged::Damaged;
use super::own::Owner;
use super::salvage::Salvage;
use super::survey::{Survey, survey};
use crate::domain::tracking_number::KioskNumber;
use crate::ledger::count::Count;
use crate::ledger::files::Files;
use crate::ledger::gone::Gone;
use crate::ledger::journal::{self, segment_path};
use crate::ledger::store::{Store, StoreError};
use crate::ledger::store_copy::StoreCopy;
use crate::ledger::{FREE_BYTES_FLOOR, LedgerError, disk, durable};
use crate::seal::envelope::HeaderHash;

/// Copies sled's folder before it is opened, when the journal isn't whole without it: an opening of a damaged sled cuts off
/// what it can't read, though its bytes are there. The copy stays until an opening has come to its end. Without room for it
/// and for mending, sled is opened all the same; and where it will be set aside unopened, no copy is needed.
pub fn spare_store(files: &Files, count: &Count, attention: &Attention<'_>) -> Result<Option<PathBuf>, LedgerError> {
    let spare = files.sled.with_extension("spare");
    if disk::is_folder(&spare) {
        return Ok(Some(spare));
    }
    if !disk::is_folder(&files.sled) || disk::exists(&files.note) {
        return Ok(None);
    }
    let known = Gone::read(&files.gone)?.filter(|gone| !gone.is_missing());
    let gone = known.unwrap_or_else(|| Gone::unknown(&files.gone, BTreeSet::new()));
    let found = survey(&files.journal, None, &gone, None, attention, |_, _| {})?;
    let is_whole = found.faults.is_empty() && found.last.is_some() && count.missing_ends(&found, &gone).is_empty();
    if is_whole {
        return Ok(None);
    }
    let unfinished = spare.with_extension("spare-unfinished");
    let copied =
        durable::remove_folder_if_there(&unfinished).and_then(|()| copy_with_room(files, &unfinished, attention));
    match copied.and_then(|()| durable::rename(&unfinished, &spare)) {
        Ok(()) => Ok(Some(spare)),
        Err(error) => {
            tracing::warn!("{}: {error}; the store is opened without a copy of it", spare.display());
            durable::remove_folder_if_there(&unfinished).map_err(LedgerError::at(&unfinished))?;
            Ok(None)
        }
    }
}

/// The journal will be written once more, too.
fn copy_with_room(files: &Files, to: &Path, attention: &Attention<'_>) -> std::io::Result<()> {
    let (bytes, journal) = (durable::folder_bytes(&files.sled)?, durable::folder_bytes(&files.journal)?);
    if disk::room(&files.folder)?.free_bytes < bytes.saturating_add(journal).saturating_add(FREE_BYTES_FLOOR) {
        return Err(std::io::ErrorKind::StorageFull.into());
    }
    durable::copy_files(&files.sled, to, &|| attention.copy_store(0, 1))
}

/// Opens sled, and says whether its folder was set aside. When the last start did not get through this, sled hung or
/// crashed in it; and when the store failed later, a note says so: its folder is set aside unopened, and the store is made
/// anew from the journal. What only that folder holds is found by its bytes ([`search`]).
pub fn open_store(
    files: &Files,
    attention: &Attention<'_>,
    account: &mut Account,
) -> Result<(Store, bool), LedgerError> {
    attention.open_store();
    let mut was_set_aside = false;
    if disk::exists(&files.note) && disk::exists(&files.sled) {
        was_set_aside = true;
        let note = disk::read(&files.note).unwrap_or_default();
        let note = String::from_utf8_lossy(&note);
        let why =
            if note.trim().is_empty() { "the last start broke off while it opened the store" } else { note.trim() };
        account.note(why)?;
        set_store_aside(files, account)?;
    }
    durable::replace_file(&files.note, b"").map_err(LedgerError::at(&files.note))?;
    remove_generating(&files.sled).map_err(LedgerError::at(&files.sled))?;
    let store = match Store::open(&files.sled) {
        Ok(store) => store,
        // A disk that is full or fails is no damage of the store.
        Err(error @ (StoreError::Sled(sled::Error::Io(_)) | StoreError::Io { .. })) => return Err(error.into()),
        Err(error) => {
            account.note(format!("the store could not be opened ({error})"))?;
            was_set_aside = true;
            set_store_aside(files, account)?;
            Store::open(&files.sled)?
        }
    };
    for note in [&files.note, &StoreCopy::note(files)] {
        durable::remove_if_there(note).map_err(LedgerError::at(note))?;
    }
    Ok((store, was_set_aside))
}

/// Moves the store away, and gives its new name.
pub fn set_store_aside(files: &Files, account: &mut Account) -> Result<String, LedgerError> {
    let kept = Damaged::of(&files.folder).take(&files.sled)?;
    account.note(format!("the store is kept as {kept} and was made anew from the journal"))?;
    Ok(kept)
}

/// Reads what has left the journal. Where nobody knows it, because the file is damaged, or missing beside a journal that
/// begins in the middle, the store and the office are asked.
pub fn open_gone(files: &Files, store: &Store, kiosk: KioskNumber, account: &mut Account) -> Result<Gone, LedgerError> {
    match Gone::read(&files.gone)? {
        Some(gone) if gone.is_missing() && begins_in_the_middle(&files.journal)? => {
            account.note("the list of what has left the journal was missing")?;
        }
        Some(gone) => return Ok(gone),
        None => {
            // It stays where it is until another replaces it: without any, the journal would seem to lack its beginning.
            let kept = Damaged::of(&files.folder).keep(&files.gone)?;
            account.note(format!("the list of what has left the journal was damaged; it is kept as {kept}"))?;
        }
    }
    let numbers =
        Store::guarded(|| Ok(store.request_numbers(Some(kiosk)).filter_map(Result::ok).collect())).unwrap_or_default();
    Ok(Gone::unknown(&files.gone, numbers))
}

/// sled, interrupted while opening, can leave such a file, and then never opens again.
fn remove_generating(folder: &Path) -> std::io::Result<()> {
    if !disk::exists(folder) {
        return Ok(());
    }
    for path in disk::read_folder(folder)? {
        if path.extension().is_some_and(|extension| extension == "generating") {
            disk::remove_file(&path)?;
        }
    }
    Ok(())
}

/// True of a journal whose first envelope names another before it.
pub fn begins_in_the_middle(journal: &Path) -> Result<bool, LedgerError> {
    let numbers = journal::segment_numbers(journal).map_err(LedgerError::at(journal))?;
    for number in numbers {
        let path = segment_path(journal, number);
        let content = journal::read_segment(&path, number).map_err(LedgerError::at(&path))?;
        if let Some(first) = content.envelopes.first() {
            return Ok(first.header.previous != HeaderHash::NONE);
        }
    }
    Ok(false)
}

/// Reads all that was set aside, the segments that aren't as they were written, and what else is named, for envelopes that
/// the journal lacks.
pub fn search(
    files: &Files,
    others: &[PathBuf],
    found: &Survey,
    owner: &Owner,
    gone: &Gone,
    attention: &Attention<'_>,
) -> Result<Salvage, LedgerError> {
    let mut roots: Vec<PathBuf> = Damaged::of(&files.folder).originals();
    roots.extend_from_slice(others);
    roots.extend(found.wounded.iter().map(|number| segment_path(&files.journal, *number)));
    Salvage::search(&roots, &files.journal, owner, gone, attention)
}

/// Says where envelopes are that the journal lacks, a sentence a file.
pub fn tell_of(salvage: &Salvage, folder: &Path) -> Vec<String> {
    let tell = |(path, count): (&Path, usize)| {
        let name = path.strip_prefix(folder).unwrap_or(path).display();
        format!("{name} holds {count} envelopes that the journal lacks")
    };
    salvage.sources().into_iter().map(tell).collect()
}
