//! The backup of a database of an earlier version, before it is brought up to date: the way back.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{BackupError, Workshop, alone, encrypt, files};
use crate::office::config::OfficeConfig;
use crate::office::database::{copies, files as database_files};

/// Makes a backup of the database as it is, of whatever version, and verifies it: an encrypted one like any other where
/// somebody is named who can open it, else a copy beside the database with its count, named after the version that comes
/// (`before`). Gives its path; it is durable then.
///
/// The copy beside the database goes with the next backup, the next erasure, and the next update: it would keep what was
/// erased.
pub async fn back_up_before_update(
    config: &OfficeConfig,
    before: i64,
    now: DateTime<Utc>,
) -> Result<PathBuf, BackupError> {
    let _alone = alone(&config.data)?;
    let database = config.database_path();
    let bytes = bytes_of(&database)?;
    if config.backup.recipients.is_empty() {
        files::check_space_for_copy(&config.data, bytes)?;
        return copy_beside(&database, before).await;
    }
    let workshop = Workshop::open(&config.data)?;
    files::make_folder(&config.backup.folder)?;
    files::check_space(&config.data, &config.backup.folder, bytes)?;
    let copy = workshop.path.join("copy.sqlite");
    copy_soundly(&database, &copy).await?;
    let newest = copies::newest_made(&copy).await?.and_then(|name| files::number_of(Path::new(&name)));
    let behind = newest.unwrap_or(0);
    let (path, _) = encrypt(&copy, (&config.backup.folder, behind), config.backup.lock()?, now).await?;
    Ok(path)
}

async fn copy_beside(database: &Path, before: i64) -> Result<PathBuf, BackupError> {
    // Of earlier updates, and what a crash left.
    database_files::remove_earlier_versions(database);
    let path = database_files::earlier_version(database, before);
    let unfinished = path.with_extension("unfinished");
    let failed = |source| BackupError::Io { path: unfinished.clone(), source };
    // For its owner only from the beginning: SQLite takes an empty file for none.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished).map_err(failed)?;
    let copied = async {
        database_files::copy_count(database, &path)?;
        copy_soundly(database, &unfinished).await?;
        File::open(&unfinished).and_then(|file| file.sync_all()).map_err(failed)?;
        fs::rename(&unfinished, &path).map_err(failed)?;
        files::sync_folder_of(&path).map_err(failed)
    };
    let copied = copied.await;
    if copied.is_err() {
        database_files::remove_earlier_versions(database);
    }
    copied.map(|()| path)
}

async fn copy_soundly(database: &Path, copy: &Path) -> Result<(), BackupError> {
    copies::copy_into(database, copy).await?;
    match copies::look_through_pages(copy).await? {
        None => Ok(()),
        Some(damage) => Err(BackupError::Unsound(damage)),
    }
}

/// The database and what waits in its log.
fn bytes_of(database: &Path) -> Result<u64, BackupError> {
    let failed = |source| BackupError::Io { path: database.to_owned(), source };
    let log = fs::metadata(database_files::log(database)).map_or(0, |found| found.len());
    Ok(fs::metadata(database).map_err(failed)?.len().saturating_add(log))
}
