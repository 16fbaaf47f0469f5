//! The office's folder: one office serves from it at a time, and nobody but its owner looks into it.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const OTHERS: u32 = 0o077;

#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error(
        "{}: an office serves from this folder, or a restore or an update is at work in it. End that first (such as: systemctl stop istiqbal-office), or name another folder by `data` in the office's file", path.display()
    )]
    InUse { path: PathBuf },
    #[error(
        "{}: other users of this machine can get into this folder (mode {mode:03o}), which belongs to another one than runs the office. Run, as root: chown -R USER {} && chmod 700 {}, with the user who runs it", path.display(), path.display(), path.display()
    )]
    Foreign { path: PathBuf, mode: u32 },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Held by whoever must be alone with the folder: a serving office, a restore, an update. Commands that add to the database
/// or read it (`user`, `backup`, `check`) work beside it, and need none. Released when dropped, and when the process ends
/// however it ends.
#[derive(Debug)]
pub struct FolderLock {
    _folder: File,
}

/// Takes the folder, or refuses while somebody else has it.
pub fn lock(folder: &Path) -> Result<FolderLock, FolderError> {
    let failed = |source| FolderError::Io { path: folder.to_owned(), source };
    // The folder itself: no file is left, and one that was moved away takes its lock along.
    let opened = File::open(folder).map_err(failed)?;
    match opened.try_lock() {
        Ok(()) => Ok(FolderLock { _folder: opened }),
        Err(TryLockError::WouldBlock) => Err(FolderError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Takes others' rights to the folder away where it is ours, and refuses it where it isn't.
pub fn keep_private(folder: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { path: folder.to_owned(), source };
    let about = fs::metadata(folder).map_err(failed)?;
    let path = folder.to_owned();
    match Rights::of(about.mode(), about.uid(), rustix::process::geteuid().as_raw()) {
        Rights::Private => Ok(()),
        Rights::Mendable => {
            fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(failed)?;
            tracing::warn!(path = %path.display(), mode = format!("{:03o}", about.mode() & 0o777), "others could get into the office's folder: now its owner only can");
            Ok(())
        }
        Rights::Foreign => Err(FolderError::Foreign { path, mode: about.mode() & 0o777 }),
    }
}

/// Makes a file's name in its folder durable.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Who can get into a folder.
#[derive(Debug, PartialEq, Eq)]
enum Rights {
    Private,
    Mendable,
    Foreign,
}

impl Rights {
    fn of(mode: u32, owner: u32, own: u32) -> Self {
        match (mode & OTHERS, owner == own) {
            (0, _) => Self::Private,
            (_, true) => Self::Mendable,
            (_, false) => Self::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_folder_and_lets_go_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        let refused = lock(folder.path()).unwrap_err();
        assert!(refused.to_string().contains("systemctl stop"), "{refused}");
        drop(held);
        lock(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn others_are_kept_out_of_an_own_folder_and_a_foreign_open_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        keep_private(folder.path()).unwrap();
        assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o700);
        for (mode, owner, rights) in [
            (0o40_700, 5, Rights::Private),
            (0o40_700, 6, Rights::Private),
            (0o40_500, 5, Rights::Private),
            (0o40_750, 5, Rights::Mendable),
            (0o40_701, 5, Rights::Mendable),
            (0o40_750, 0, Rights::Foreign),
            (0o40_770, 6, Rights::Foreign),
        ] {
            assert_eq!(Rights::of(mode, owner, 5), rights, "{mode:o} of {owner}");
        }
    }
}
