//! Bringing a database of an earlier version up to date: only after a verified backup of it, and while nobody else works with
//! the office's folder. A program of the earlier version can't open it afterwards; `docs/operations.md` says how to go back.

use super::OfficeConfig;
use super::backup::{self, BackupError};
use super::database::{Database, DatabaseError, sole};
use super::folder::{self, FolderError, FolderLock};
use super::verification::AcceptRollback;
use crate::domain::clock::{Clock, SystemClock};

#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the database is of an earlier version of this program, and {0}")]
    Folder(#[from] FolderError),
    #[error(
        "the database is of an earlier version of this program, and wasn't brought up to date, because it couldn't be backed up before: {0}"
    )]
    Backup(#[from] BackupError),
}

/// Opens the office's database, for a command that may run beside a serving office. One of an earlier version is brought up
/// to date, unless an office serves from the folder.
pub async fn open(config: &OfficeConfig) -> Result<Database, UpgradeError> {
    match Database::open(&config.database_path()).await {
        Err(DatabaseError::Older { .. }) => open_alone(config, &folder::lock(&config.data)?, AcceptRollback::No).await,
        opened => Ok(opened?),
    }
}

/// The same for whoever has the folder already. One that was rolled back is left as it is, unless that is accepted: the update
/// would hide it.
pub async fn open_alone(
    config: &OfficeConfig,
    _alone: &FolderLock,
    accept: AcceptRollback,
) -> Result<Database, UpgradeError> {
    let (found, known) = match Database::open(&config.database_path()).await {
        Err(DatabaseError::Older { rollback: Some(rollback), .. }) if accept == AcceptRollback::No => {
            return Err(DatabaseError::RolledBack(rollback).into());
        }
        Err(DatabaseError::Older { found, known, .. }) => (found, known),
        opened => return Ok(opened?),
    };
    refuse_to_disturb(config).await?;
    // The name of the backup says when, by this machine's clock; nothing else depends on it.
    let path = backup::back_up_before_update(config, known, SystemClock.now()).await?;
    tracing::warn!(
        backup = %path.display(),
        from = found,
        to = known,
        "the database is of an earlier version: it was backed up, and is brought up to date"
    );
    refuse_to_disturb(config).await?;
    Ok(Database::open_or_create(&config.database_path()).await?)
}

/// Versions before the folder's lock serve without taking it, and would go on with tables that they don't know.
async fn refuse_to_disturb(config: &OfficeConfig) -> Result<(), UpgradeError> {
    if sole::is_in_use(&config.database_path()).await? {
        return Err(FolderError::InUse { path: config.data.clone() }.into());
    }
    Ok(())
}
