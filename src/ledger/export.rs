//! `kiosk export`: the ledger in a fresh folder, for a machine or a disk that takes over.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::count::Count;
use super::files::Files;
use super::gone::Gone;
use super::opening::account::Account;
use super::opening::lost::Lost;
use super::opening::mending::{Mended, Mending};
use super::opening::own::Owner;
use super::opening::parts::{begins_in_the_middle, search};
use super::opening::salvage::Salvage;
use super::opening::survey::survey;
use super::opening::{Attention, finish_what_was_broken_off, lock};
use super::store::Store;
use super::store_copy::StoreCopy;
use super::watchdog::Watchdog;
use super::{Identity, LedgerError, disk, durable};

/// Files beside the journal that belong to a ledger; the store is made from the journal when it is opened.
const BESIDE: [&str; 2] = ["gone", "ratings"];

/// What `kiosk export` prints as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Envelopes that the store, or what was set aside, gave where the journal was damaged
    pub from_store: u64,
    /// What neither copy holds any more, in sentences
    pub lost: Vec<String>,
}

/// Writes a sound journal of all that both copies hold into a folder that doesn't exist yet. The kiosk must not be
/// running. Keys aren't copied: they are never written twice by a program.
///
/// `owner` is who the enrolment says. Without one nothing is left out of the copy, which is looked through when it is opened,
/// and nothing is taken from what was set aside: nobody could tell whose it is.
pub fn export(folder: &Path, to: &Path, owner: Option<&Identity>, patience: Duration) -> Result<Exported, LedgerError> {
    if disk::exists(to) {
        return Err(LedgerError::Exists(to.to_owned()));
    }
    let exported = export_into(folder, to, owner, patience);
    if exported.is_err() {
        // Half of it would look like all, and keep the next try from beginning.
        durable::remove_folder_if_there(to).map_err(LedgerError::at(to))?;
    }
    exported
}

fn export_into(
    folder: &Path,
    to: &Path,
    owner: Option<&Identity>,
    patience: Duration,
) -> Result<Exported, LedgerError> {
    let files = Files::of(folder);
    let _lock = lock(folder)?;
    let watchdog = Watchdog::start(&StoreCopy::note(&files), patience).map_err(LedgerError::at(folder))?;
    let attention = Attention { watchdog: &watchdog, progress: &|_| {} };
    let mut account = Account::open(&files.account)?;
    finish_what_was_broken_off(&files, &mut account)?;
    durable::make_folder(to).map_err(LedgerError::at(to))?;
    let target = Files::of(to);
    // On a disk that fails, or is full, the files are read as far as they can be.
    let copy = StoreCopy::of(&files, to, &|| attention.copy_store(0, 1)).map_err(|error| error.to_string());
    attention.open_store();
    let opened = copy.as_ref().map_err(Clone::clone).and_then(|copy| copy.open().map_err(|error| error.to_string()));
    let (store, was_opened) = match opened {
        Ok(Some(store)) => (store, true),
        opened => {
            let why = opened.err().unwrap_or("it is none".to_owned());
            tracing::warn!("the store can't be opened; exporting what the journal and its files hold: {why}");
            (Store::open(&target.sled)?, false)
        }
    };
    let numbers = || store.request_numbers(owner.map(Identity::kiosk)).filter_map(Result::ok).collect();
    let gone = match Gone::read(&files.gone)? {
        Some(gone) if !gone.is_missing() || !begins_in_the_middle(&files.journal)? => gone,
        _ => Gone::unknown(&files.gone, numbers()),
    };
    let owner = owner.map(Owner::of).transpose()?;
    let found = survey(&files.journal, None, &gone, owner.as_ref(), &attention, |_, _| {})?;
    // sled's opening of the copy may have cut off what it couldn't read; the store itself still has it.
    let store_files = std::slice::from_ref(&files.sled);
    let others: &[PathBuf] = if was_opened && !found.has_trouble() { &[] } else { store_files };
    let mut salvage = match &owner {
        Some(owner) => search(&files, others, &found, owner, &gone, &attention)?,
        None => Salvage::default(),
    };
    let mending = Mending {
        files: &files,
        store: &store,
        store_files,
        owner: owner.as_ref(),
        found: &found,
        gone: &gone,
        attention: &attention,
    };
    let Mended { mut lost, breaks, from_copies, salvaged, .. } = mending.write(&target.journal, &mut salvage)?;
    let written = survey(&target.journal, None, &gone, None, &attention, |_, _| {})?;
    lost.extend(Count::open(&files.count)?.missing_ends(&written, &gone));
    let mut unread = Vec::new();
    for name in BESIDE.iter().filter(|name| disk::exists(&folder.join(name))) {
        match disk::read(&folder.join(name)) {
            Ok(bytes) => disk::write(&to.join(name), &bytes).map_err(LedgerError::at(&to.join(name)))?,
            Err(error) => unread.push(format!("{}: {error}", folder.join(name).display())),
        }
    }
    if let Some(mut copied) = Gone::read(&target.gone)? {
        copied.note_breaks(breaks)?;
        copied.note_found_again(salvaged.parts())?;
    }
    // A damaged end may have held what the office has, and the old kiosk may run once more: what follows contradicts
    // neither.
    let mut account = Account::open(&target.account)?;
    account.note_lost(&lost)?;
    account.note_all(["the ledger was exported to this folder".to_owned()], true)?;
    durable::sync_files(to).map_err(LedgerError::at(to))?;
    Ok(Exported { from_store: from_copies, lost: lost.iter().map(Lost::to_string).chain(unread).collect() })
}
