//! A fresh folder for a store that has grown too large: sled never gives space back by itself.

use std::path::{Path, PathBuf};

use sled::{Batch, Tree};

use super::{APPLY_AT_ONCE, Store, StoreError};
use crate::ledger::durable;

/// Where the copy is made. What stands there when a ledger is opened was never finished.
fn fresh_folder(folder: &Path) -> PathBuf {
    folder.with_extension("fresh")
}

/// Where the old folder waits for its end. It stands alone only after a crash between the two renamings.
fn old_folder(folder: &Path) -> PathBuf {
    folder.with_extension("old")
}

/// A finished copy of a store, in a folder of its own.
pub struct FreshStore {
    folder: PathBuf,
}

impl FreshStore {
    /// Copies a store; when that fails, the store is as good as before.
    pub fn copy(store: &Store) -> Result<Self, StoreError> {
        let fresh = fresh_folder(&store.folder);
        durable::remove_folder_if_there(&fresh).map_err(at(&fresh))?;
        let copy = Store::open(&fresh)?;
        for (from, to) in store.trees().into_iter().zip(copy.trees()) {
            copy_tree(from, to)?;
        }
        copy.flush_durably()?;
        Ok(Self { folder: store.folder.clone() })
    }

    /// Puts the copy in the place of the store, which nobody has open any more, and opens it. A crash at any moment
    /// leaves one of the two, whole: [`finish_swap`] sees to it.
    pub fn take_place(self) -> Result<Store, StoreError> {
        let folder = self.folder;
        let (fresh, old) = (fresh_folder(&folder), old_folder(&folder));
        durable::rename(&folder, &old).map_err(at(&folder))?;
        durable::rename(&fresh, &folder).map_err(at(&fresh))?;
        durable::remove_folder_if_there(&old).map_err(at(&old))?;
        Store::open(&folder)
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    |source| StoreError::Io { path, source }
}

/// Ends a swap that a crash broke off.
pub fn finish_swap(folder: &Path) -> std::io::Result<()> {
    let (fresh, old) = (fresh_folder(folder), old_folder(folder));
    if !folder.exists() && old.exists() {
        durable::rename(&old, folder)?;
    }
    durable::remove_folder_if_there(&fresh)?;
    durable::remove_folder_if_there(&old)
}

fn copy_tree(from: &Tree, to: &Tree) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for (place, entry) in from.iter().enumerate() {
        let (key, value) = entry?;
        batch.insert(key, value);
        if place % APPLY_AT_ONCE == APPLY_AT_ONCE - 1 {
            to.apply_batch(std::mem::take(&mut batch))?;
        }
    }
    Ok(to.apply_batch(batch)?)
}

impl Store {
    pub(super) fn trees(&self) -> [&Tree; 6] {
        [&self.envelopes, &self.requests, &self.receipts, &self.unprinted, &self.told, &self.state]
    }
}
