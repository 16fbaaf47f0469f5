//! The one seam to the disk: whatever the ledger does with files passes here, and nothing of it beside.
//!
//! The program calls the operating system and adds nothing. In the tests a path in a [`simulated`] disk leads there: it
//! loses, tears and refuses what a seed says.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub use std::fs::TryLockError;

#[cfg(test)]
pub(crate) mod simulated;

/// Only its owner may read what the ledger writes.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Leads to the simulated disk of a path, where there is one.
macro_rules! on_simulated {
    ($path:expr, $disk:ident => $call:expr) => {
        #[cfg(test)]
        if let Some($disk) = simulated::Disk::at($path) {
            return $call;
        }
    };
}

/// An open file.
pub enum File {
    Real(fs::File),
    #[cfg(test)]
    Simulated(simulated::Handle),
}

/// Calls the method of the same name on whichever file it is.
macro_rules! either {
    ($file:expr, $open:ident => $call:expr) => {
        match $file {
            File::Real($open) => $call,
            #[cfg(test)]
            File::Simulated($open) => $call,
        }
    };
}

impl File {
    /// Opens a file for reading.
    pub fn open(path: &Path) -> io::Result<Self> {
        on_simulated!(path, disk => disk.open(path).map(Self::Simulated));
        fs::File::open(path).map(Self::Real)
    }

    /// Makes a file, empty, for reading and writing; one that is there is emptied.
    pub fn create(path: &Path) -> io::Result<Self> {
        on_simulated!(path, disk => disk.create(path, false).map(Self::Simulated));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(FILE_MODE).open(path).map(Self::Real)
    }

    /// Makes a file for writing, or fails where there is one.
    pub fn create_new(path: &Path) -> io::Result<Self> {
        on_simulated!(path, disk => disk.create(path, true).map(Self::Simulated));
        OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path).map(Self::Real)
    }

    /// Opens or makes a file and keeps all other programs out of it until it is dropped.
    pub fn lock(path: &Path) -> Result<Self, TryLockError> {
        on_simulated!(path, disk => disk.lock(path).map(Self::Simulated));
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path);
        let file = file.map_err(TryLockError::Error)?;
        file.try_lock()?;
        Ok(Self::Real(file))
    }

    pub fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        either!(self, file => file.read_exact_at(bytes, at))
    }

    /// Appends what the file holds from a byte on, at most `limit` bytes; fewer only at its end.
    pub fn read_some(&self, bytes: &mut Vec<u8>, at: u64, limit: usize) -> io::Result<usize> {
        let (mut piece, mut read) = (vec![0; limit], 0);
        while read < limit {
            let room = &mut piece[read..];
            match either!(self, file => file.read_at(room, at + read as u64)) {
                Ok(0) => break,
                Ok(some) => read += some,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.extend_from_slice(&piece[..read]);
        Ok(read)
    }

    pub fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        either!(self, file => file.write_all_at(bytes, at))
    }

    /// Makes the content durable.
    pub fn sync_data(&self) -> io::Result<()> {
        either!(self, file => file.sync_data())
    }

    /// Makes the content and all that describes it durable.
    pub fn sync_all(&self) -> io::Result<()> {
        either!(self, file => file.sync_all())
    }
}

/// A thing under a name. Links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File {
        bytes: u64,
    },
    Folder,
    /// A pipe, a link, a device
    Other,
}

impl From<fs::Metadata> for Kind {
    fn from(about: fs::Metadata) -> Self {
        if about.is_file() {
            Self::File { bytes: about.len() }
        } else if about.is_dir() {
            Self::Folder
        } else {
            Self::Other
        }
    }
}

pub fn kind(path: &Path) -> io::Result<Kind> {
    on_simulated!(path, disk => disk.kind(path));
    fs::symlink_metadata(path).map(Kind::from)
}

/// True of a file, also at the end of a link.
pub fn is_file(path: &Path) -> bool {
    on_simulated!(path, disk => matches!(disk.kind(path), Ok(Kind::File { .. })));
    path.is_file()
}

/// True of a folder, also at the end of a link.
pub fn is_folder(path: &Path) -> bool {
    on_simulated!(path, disk => matches!(disk.kind(path), Ok(Kind::Folder)));
    path.is_dir()
}

/// True of anything but a link to nothing.
pub fn exists(path: &Path) -> bool {
    on_simulated!(path, disk => disk.kind(path).is_ok());
    path.exists()
}

pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    on_simulated!(path, disk => disk.read(path));
    fs::read(path)
}

/// Writes a file that nothing depends on: it is not durable, and an error may leave a part of it.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::create(path)?.write_all_at(bytes, 0)
}

/// The paths in a folder, sorted.
pub fn read_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    on_simulated!(folder, disk => disk.read_folder(folder));
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    on_simulated!(from, disk => disk.rename(from, to));
    fs::rename(from, to)
}

pub fn hard_link(original: &Path, link: &Path) -> io::Result<()> {
    on_simulated!(original, disk => disk.hard_link(original, link));
    fs::hard_link(original, link)
}

pub fn remove_file(path: &Path) -> io::Result<()> {
    on_simulated!(path, disk => disk.remove_file(path));
    fs::remove_file(path)
}

/// Removes a folder with all it holds.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    on_simulated!(path, disk => disk.remove_folder(path));
    fs::remove_dir_all(path)
}

/// Makes a folder and those above it, for its owner only.
pub fn make_folders(path: &Path) -> io::Result<()> {
    on_simulated!(path, disk => disk.make_folders(path));
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Makes names that were added to a folder, or removed from it, durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    on_simulated!(folder, disk => disk.sync_folder(folder));
    fs::File::open(folder)?.sync_all()
}

/// Free room of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub free_bytes: u64,
    pub is_read_only: bool,
}

/// Asks for the room on the disk of a folder.
pub fn room(folder: &Path) -> io::Result<Room> {
    on_simulated!(folder, disk => disk.room());
    let status = rustix::fs::statvfs(folder)?;
    Ok(Room {
        free_bytes: status.f_bavail.saturating_mul(status.f_frsize),
        is_read_only: status.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ways to the disk that the sources of the ledger must not take beside this module.
    const OTHER_WAYS: [&str; 9] = [
        "std::fs",
        "fs::File",
        "OpenOptions",
        "DirBuilder",
        "rustix::fs",
        ".is_file()",
        ".is_dir()",
        ".exists()",
        "symlink_metadata",
    ];

    #[test]
    fn the_ledger_s_files_have_one_way_to_the_disk() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger");
        let (mut folders, mut looked_at) = (vec![root], 0);
        while let Some(folder) = folders.pop() {
            for path in read_folder(&folder).unwrap() {
                if is_folder(&path) {
                    folders.extend((!path.ends_with("tests") && !path.ends_with("disk")).then_some(path));
                    continue;
                }
                if path.ends_with("ledger/disk.rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                for way in OTHER_WAYS {
                    assert!(!program.contains(way), "{}: {way}", path.display());
                }
                looked_at += 1;
            }
        }
        assert!(looked_at > 25, "{looked_at}");
    }
}
