//! The files of backups: their names, the room they need, how they become durable, and which old ones go.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::BackupError;
use crate::seal::keys::{hex, random};

/// `office-20261126T140500Z-1a2b3c4d.age`; by their names they stand in the order they were made.
const PREFIX: &str = "office-";
const SUFFIX: &str = ".age";
const TIME: &str = "%Y%m%dT%H%M%SZ";
const UNFINISHED: &str = ".part";

/// So much stays free beside a backup: the office goes on writing.
const ROOM_TO_SPARE: u64 = 64 * 1024 * 1024;
/// All of this time's backups are kept, of the days before the newest each.
const ALL_KEPT: TimeDelta = TimeDelta::hours(24);

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
    pub fn create(folder: &Path, now: DateTime<Utc>) -> Result<Self, BackupError> {
        remove_unfinished(folder)?;
        let name = format!("{PREFIX}{}-{}{SUFFIX}", now.format(TIME), hex(&random::<4>()));
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

/// Makes a name in a folder durable.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// What a crash or a power cut left of backups.
fn remove_unfinished(folder: &Path) -> Result<(), BackupError> {
    for path in list(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(UNFINISHED)
            && made_at(name).is_some()
        {
            fs::remove_file(&path).map_err(|source| BackupError::Io { path, source })?;
        }
    }
    Ok(())
}

/// Takes away old backups: of those older than a day each day keeps its newest, for `keep_days`. Files with other names are
/// never touched, and the newest backup always stays.
pub fn thin(folder: &Path, keep_days: u32, now: DateTime<Utc>) -> Result<usize, BackupError> {
    let mut backups: Vec<(DateTime<Utc>, PathBuf)> = list(folder)?
        .into_iter()
        .filter_map(|path| Some((made_at(&path.file_name()?.to_string_lossy())?, path)))
        .collect();
    backups.sort();
    backups.pop();
    let mut thinned = 0;
    let mut day_kept: Option<NaiveDate> = None;
    for (at, path) in backups.into_iter().rev() {
        let age = now - at;
        let is_newest_of_day = day_kept != Some(at.date_naive());
        let stays = age < ALL_KEPT || (age <= TimeDelta::days(i64::from(keep_days)) && is_newest_of_day);
        if stays {
            day_kept = Some(at.date_naive());
        } else {
            fs::remove_file(&path).map_err(|source| BackupError::Io { path, source })?;
            thinned += 1;
        }
    }
    Ok(thinned)
}

/// When the backup of this name was made; `None` for any other file.
fn made_at(name: &str) -> Option<DateTime<Utc>> {
    let (time, random) = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split_once('-')?;
    let is_random = random.len() == 8 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
    let at = NaiveDateTime::parse_from_str(time, TIME).ok().filter(|_| is_random)?;
    Some(at.and_utc())
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let failed = |source| BackupError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn backup(folder: &Path, at: DateTime<Utc>) -> PathBuf {
        let path = folder.join(format!("{PREFIX}{}-{}{SUFFIX}", at.format(TIME), hex(&random::<4>())));
        fs::write(&path, "x").unwrap();
        path
    }

    #[test]
    fn a_day_s_backups_stay_and_then_one_of_each_day() {
        let folder = tempfile::tempdir().unwrap();
        let now: DateTime<Utc> = "2026-11-26T12:30:00Z".parse().unwrap();
        let foreign = ["notes.age", "office-20200101T000000Z.age", "office-yesterday-1a2b3c4d.age", "erased.log"];
        for name in foreign {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let mut stay = BTreeSet::new();
        for hours in 0..24 * 40 {
            let at = now - TimeDelta::hours(hours);
            let path = backup(folder.path(), at);
            let last_of_day = at.format("%H").to_string() == "23";
            // At 12:30 30 days ago the day's newest is 13 hours younger, and stays.
            if hours < 24 || (last_of_day && hours <= 24 * 30) || at == now - TimeDelta::hours(24) {
                stay.insert(path);
            }
        }
        // Of the day on which the last 24 hours began, the newest is among those 24 hours already.
        stay.retain(|path| !path.to_string_lossy().contains("20261125T123000Z"));
        thin(folder.path(), 30, now).unwrap();
        let left: BTreeSet<PathBuf> = list(folder.path())
            .unwrap()
            .into_iter()
            .filter(|path| made_at(&path.file_name().unwrap().to_string_lossy()).is_some())
            .collect();
        assert_eq!(left, stay);
        assert!(foreign.iter().all(|name| folder.path().join(name).exists()));
        // However old, the last one stays.
        for path in &left {
            fs::remove_file(path).unwrap();
        }
        let last = backup(folder.path(), now - TimeDelta::days(900));
        assert_eq!(thin(folder.path(), 30, now).unwrap(), 0);
        assert!(last.exists());
    }

    #[test]
    fn without_room_nothing_is_begun() {
        let folder = tempfile::tempdir().unwrap();
        let refused = check_space(folder.path(), folder.path(), u64::MAX / 4);
        assert!(matches!(refused, Err(BackupError::Space(_))));
        check_space(folder.path(), folder.path(), 1).unwrap();
    }
}
