//! A fresh folder for a store that has grown too large: sled never gives space back by itself.

use std::path::{Path, PathBuf};

use super::trees::{ALL_KEYS, Batch, Tree};
use super::{APPLY_AT_ONCE, Store, StoreError};
use crate::ledger::{disk, durable};

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
        for tree in Tree::ALL {
            copy_tree(tree, store, &copy)?;
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
    if !disk::exists(folder) && disk::exists(&old) {
        durable::rename(&old, folder)?;
    }
    durable::remove_folder_if_there(&fresh)?;
    durable::remove_folder_if_there(&old)
}

fn copy_tree(tree: Tree, from: &Store, to: &Store) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for entry in from.trees.range(tree, ALL_KEYS) {
        let (key, value) = entry?;
        batch.put(tree, key, value);
        if batch.len() == APPLY_AT_ONCE {
            to.trees.write(std::mem::take(&mut batch))?;
        }
    }
    to.trees.write(batch)
}
