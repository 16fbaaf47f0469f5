//! A copy of the store for whoever only looks: sled changes its files when it opens them.

use std::path::{Path, PathBuf};

use super::disk::{self, Kind};
use super::files::Files;
use super::store::{Store, StoreError};
use super::{LedgerError, durable};

/// A copy of the store's files, gone when dropped.
pub struct StoreCopy {
    pub folder: PathBuf,
    /// Things that no store makes, such as pipes or folders
    pub strange: Vec<PathBuf>,
    is_there: bool,
    /// A copy of it was opened before, and hung
    has_hung: bool,
}

impl StoreCopy {
    /// Copies the store's files into a folder inside another one. `tell` is called for each piece that is copied.
    pub fn of(files: &Files, inside: &Path, tell: &dyn Fn()) -> Result<Self, LedgerError> {
        let folder = inside.join("sled.check");
        durable::remove_folder_if_there(&folder).map_err(LedgerError::at(&folder))?;
        let has_hung = disk::exists(&Self::note(files));
        let mut copy = Self { folder, strange: Vec::new(), is_there: disk::is_folder(&files.sled), has_hung };
        if copy.is_there {
            copy.take(&files.sled, tell).map_err(LedgerError::at(&copy.folder))?;
        }
        Ok(copy)
    }

    fn take(&mut self, sled: &Path, tell: &dyn Fn()) -> std::io::Result<()> {
        durable::make_folder(&self.folder)?;
        for path in disk::read_folder(sled)? {
            let name = path.file_name().unwrap_or_default();
            match disk::kind(&path)? {
                Kind::File { .. } => durable::copy_file(&path, &self.folder.join(name), tell)?,
                Kind::Folder if name == "blobs" => {}
                Kind::Folder | Kind::Other => self.strange.push(path),
            }
        }
        Ok(())
    }

    /// Where a watchdog says that the copy hangs: the store itself is none the worse.
    pub fn note(files: &Files) -> PathBuf {
        files.sled.with_extension("check-note")
    }

    /// `None` where there is no store, or something else in its place. One that has hung isn't opened again, until the kiosk
    /// itself has opened its store or made it anew.
    pub fn open(&self) -> Result<Option<Store>, StoreError> {
        if self.has_hung {
            return Err(StoreError::Hangs);
        }
        if self.is_there && self.strange.is_empty() { Store::open(&self.folder).map(Some) } else { Ok(None) }
    }
}

impl Drop for StoreCopy {
    fn drop(&mut self) {
        if let Err(error) = durable::remove_folder_if_there(&self.folder) {
            tracing::warn!("{}: {error}", self.folder.display());
        }
    }
}
