//! The files of backups: their names, the room they need, and how they become durable.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::BackupError;
pub use crate::office::folder::sync_folder_of;
use crate::seal::keys::{hex, random};

const PREFIX: &str = "office-";
const SUFFIX: &str = ".age";
const TIME: &str = "%Y%m%dT%H%M%SZ";
const UNFINISHED: &str = ".part";
const SEQUENCE_DIGITS: usize = 6;
const RANDOM_DIGITS: usize = 8;

/// So much stays free beside a backup: the office goes on writing.
const ROOM_TO_SPARE: u64 = 64 * 1024 * 1024;
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: a backup needs {needed_mib} MiB there, and {free_mib} MiB are free: make room, or choose another `folder` in [backup] of the office's file", path.display()
)]
pub struct SpaceError {
    path: PathBuf,
    needed_mib: u64,
    free_mib: u64,
}

/// Makes a folder that only its owner can read; one that is there keeps its rights.
pub fn make_private(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

pub fn make_folder(path: &Path) -> Result<(), BackupError> {
    make_private(path).map_err(|source| BackupError::Io { path: path.to_owned(), source })
}

/// Refuses when the copy, or the backup of it, may not fit: a full disk would stop the office itself.
pub fn check_space(data: &Path, folder: &Path, bytes: u64) -> Result<(), BackupError> {
    let device = |path: &Path| {
        fs::metadata(path).map(|found| found.dev()).map_err(|source| BackupError::Io { path: path.to_owned(), source })
    };
    let needed = bytes.saturating_add(ROOM_TO_SPARE);
    if device(data)? == device(folder)? {
        return check_room(data, needed.saturating_add(bytes));
    }
    check_room(data, needed)?;
    check_room(folder, needed)
}

/// Refuses when a copy of so many bytes may not fit into one folder.
pub fn check_space_for_copy(folder: &Path, bytes: u64) -> Result<(), BackupError> {
    check_room(folder, bytes.saturating_add(ROOM_TO_SPARE))
}

fn check_room(path: &Path, needed: u64) -> Result<(), BackupError> {
    const MIB: u64 = 1024 * 1024;
    let found =
        rustix::fs::statvfs(path).map_err(|error| BackupError::Io { path: path.to_owned(), source: error.into() })?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free >= needed {
        return Ok(());
    }
    Err(SpaceError { path: path.to_owned(), needed_mib: needed.div_ceil(MIB), free_mib: free / MIB }.into())
}

/// A backup under way; dropped unfinished, it is removed.
pub struct Part {
    pub path: PathBuf,
    pub file: File,
    to: PathBuf,
    is_finished: bool,
}

impl Part {
    /// Its number follows the newest in the folder, and this one, which the database knows: the folder may be another than before,
    /// as while a share isn't mounted.
    pub fn create(folder: &Path, behind: u64, now: DateTime<Utc>) -> Result<Self, BackupError> {
        remove_unfinished(folder)?;
        let newest = all_in(folder)?.pop().and_then(|(name, _)| name.sequence);
        let name = BackupName::new(newest.unwrap_or(0).max(behind).saturating_add(1), now).to_string();
        let path = folder.join(format!("{name}{UNFINISHED}"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|source| BackupError::Io { path: path.clone(), source })?;
        Ok(Self { path, file, to: folder.join(name), is_finished: false })
    }

    /// Makes it durable under its name, and says how long it is.
    pub fn finish(mut self) -> Result<(PathBuf, u64), BackupError> {
        let failed = |source| BackupError::Io { path: self.path.clone(), source };
        self.file.sync_all().map_err(failed)?;
        let bytes = self.file.metadata().map_err(failed)?.len();
        fs::rename(&self.path, &self.to).map_err(failed)?;
        sync_folder_of(&self.to).map_err(failed)?;
        self.is_finished = true;
        Ok((self.to.clone(), bytes))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_finished {
            // The first error is what counts; the next backup removes what is left.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The name of a backup: `office-000042-20261126T140500Z-1a2b3c4d.age`, its number in the order they were made, the time by
/// the office's clock, random digits. Earlier versions of this program gave no number.
///
/// Ordered as they were made, whatever the clocks said: those without a number are older, and only their times order them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackupName {
    /// `None` in a name of an earlier version
    pub sequence: Option<u64>,
    pub at: DateTime<Utc>,
    random: String,
}

impl BackupName {
    pub fn new(sequence: u64, at: DateTime<Utc>) -> Self {
        Self { sequence: Some(sequence), at, random: hex(&random::<4>()) }
    }

    /// `None` for any other file.
    pub fn parse(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split('-').collect();
        let (sequence, time, random) = match parts.as_slice() {
            [time, random] => (None, time, random),
            [sequence, time, random] => {
                let is_number = sequence.len() >= SEQUENCE_DIGITS && sequence.bytes().all(|byte| byte.is_ascii_digit());
                (Some(sequence.parse().ok().filter(|_| is_number)?), time, random)
            }
            _ => return None,
        };
        if random.len() != RANDOM_DIGITS || !random.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let at = NaiveDateTime::parse_from_str(time, TIME).ok()?.and_utc();
        Some(Self { sequence, at, random: (*random).to_owned() })
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sequence, at, random } = self;
        formatter.write_str(PREFIX)?;
        if let Some(sequence) = sequence {
            write!(formatter, "{sequence:0SEQUENCE_DIGITS$}-")?;
        }
        write!(formatter, "{}-{random}{SUFFIX}", at.format(TIME))
    }
}

/// Gives the number of a backup.
pub fn number_of(backup: &Path) -> Option<u64> {
    BackupName::parse(&backup.file_name()?.to_string_lossy())?.sequence
}

/// All backups of a folder in the order they were made; other files are left out.
pub fn all_in(folder: &Path) -> Result<Vec<(BackupName, PathBuf)>, BackupError> {
    let named = |path: PathBuf| Some((BackupName::parse(&path.file_name()?.to_string_lossy())?, path));
    let mut all: Vec<_> = list(folder)?.into_iter().filter_map(named).collect();
    all.sort();
    Ok(all)
}

/// Removes unfinished backups that a crash or a power cut left.
fn remove_unfinished(folder: &Path) -> Result<(), BackupError> {
    for path in list(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.strip_suffix(UNFINISHED).and_then(BackupName::parse).is_some() {
            fs::remove_file(&path).map_err(|source| BackupError::Io { path, source })?;
        }
    }
    Ok(())
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let failed = |source| BackupError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_stand_in_the_order_of_their_numbers() {
        let at = "2026-11-26T14:05:00Z".parse().unwrap();
        let name = BackupName::new(42, at);
        let text = name.to_string();
        assert!(text.starts_with("office-000042-20261126T140500Z-"), "{text}");
        assert_eq!(BackupName::parse(&text), Some(name.clone()));
        let earlier = BackupName::parse("office-20991231T235959Z-1a2b3c4d.age").unwrap();
        assert_eq!((earlier.sequence, earlier.to_string().as_str()), (None, "office-20991231T235959Z-1a2b3c4d.age"));
        let later = BackupName::parse("office-1000000-19700101T000000Z-1a2b3c4d.age").unwrap();
        assert!(earlier < name && name < later);
        for foreign in [
            "notes.age",
            "office-20200101T000000Z.age",
            "office-yesterday-1a2b3c4d.age",
            "office-42-20261126T140500Z-1a2b3c4d.age",
            "office-00004x-20261126T140500Z-1a2b3c4d.age",
            "office-99999999999999999999-20261126T140500Z-1a2b3c4d.age",
            "office-000042-20261126T140500Z-1a2b3c4.age",
        ] {
            assert_eq!(BackupName::parse(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn without_room_nothing_is_begun() {
        let folder = tempfile::tempdir().unwrap();
        let refused = check_space(folder.path(), folder.path(), u64::MAX / 4);
        assert!(matches!(refused, Err(BackupError::Space(_))));
        check_space(folder.path(), folder.path(), 1).unwrap();
    }
}
