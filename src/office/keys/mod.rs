//! The office's keys: what `istiqbal office keys …` does, and how a rotation reaches a running office.
//!
//! - A **rotation** adds a sealing key. The earlier ones stay: what was sealed to them is opened as before.
//! - An **export** is one file with all seeds, encrypted with age, from which an office's keys can be restored.

mod export;
pub(super) mod held;

use std::fmt;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::commands::{CommandError, make_private_folder};
use super::config::OfficeConfig;
use super::database::trail::{self, Actor};
use super::database::{Connection, Database, DatabaseError, kiosks, sealing_keys, seals};
use super::upgrade;
use crate::domain::clock::SharedClock;
use crate::domain::tracking_number::KioskNumber;
use crate::seal::keys::{OfficeKeys, SealingKeyId};
use crate::seal::office_seeds::{OfficeSeeds, file_name};

pub use export::{ExportError, Lock, Opener, PASSPHRASE_CHARACTERS_MIN};
pub use held::{HeldKeys, LOOK_EVERY};

/// What the trail calls a rotation.
const ROTATED: &str = "sealing key rotated";

/// A sealing key as [`list`] shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    pub id: SealingKeyId,
    /// The name of its seed's file, in the office's folder
    pub file: String,
    /// Kiosks are told this one
    pub is_current: bool,
}

impl fmt::Display for ListedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.id, self.file)?;
        if self.is_current { formatter.write_str(" current") } else { Ok(()) }
    }
}

/// The sealing keys in the order they were made.
pub fn list(config: &OfficeConfig) -> Result<Vec<ListedKey>, CommandError> {
    Ok(listed(&OfficeSeeds::read(&config.data)?))
}

fn listed(seeds: &OfficeSeeds) -> Vec<ListedKey> {
    let keys = seeds.keys();
    let current = keys.sealing_key();
    seeds
        .named()
        .zip(keys.sealing_keys())
        .map(|((file, _), key)| ListedKey { id: key.id(), file, is_current: key == current })
        .collect()
}

/// Makes one more sealing key, which from now on is the current one. A running office takes it up by itself within
/// [`LOOK_EVERY`].
pub async fn rotate(config: &OfficeConfig, clock: &SharedClock) -> Result<ListedKey, CommandError> {
    let database = upgrade::open(config).await?;
    // There is one writer: two rotations at once can't both make the same file.
    let mut writing = database.write().await?;
    let mut seeds = OfficeSeeds::read(&config.data)?;
    let file = seeds.add(&config.data)?;
    let id = seeds.keys().sealing_key().id();
    for (number, key) in (1..).zip(seeds.keys().sealing_keys()) {
        sealing_keys::keep(&mut writing, number, key.id()).await?;
    }
    let details = json!({ "sealing_key": id.to_string() });
    trail::append(&mut writing, clock.now(), &Actor::Command, ROTATED, "", details).await?;
    writing.commit().await?;
    database.close().await;
    Ok(ListedKey { id, file, is_current: true })
}

/// The sealing key that the trail names as the newest, where its file is gone: kiosks have been told of it, so that no
/// earlier one may silently take its place.
pub(super) async fn newest_is_missing(
    database: &Database,
    keys: &OfficeKeys,
) -> Result<Option<SealingKeyId>, DatabaseError> {
    let mut reading = database.read().await?;
    let details = trail::last_details(&mut reading, ROTATED).await?;
    let named = details.as_ref().and_then(|details| details["sealing_key"].as_str()).and_then(|id| id.parse().ok());
    Ok(named.filter(|id| keys.opening_key(*id).is_none()))
}

/// Why key files aren't those of the office's database.
#[derive(Debug, thiserror::Error)]
pub enum WrongKeys {
    #[error(
        "{file}: this isn't the key of this office's database, but another office's, or another of its key files under this name. Nothing was written: restore the right one from its copy, or by `istiqbal office keys import`"
    )]
    Foreign { file: String },
    #[error("{file}: this key file is missing. Restore it from its copy, or by `istiqbal office keys import`")]
    Missing { file: String },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Compares keys with those that the database has known.
///
/// # Errors
/// When one is missing, or another stands in its place.
pub(super) async fn compare(connection: &mut Connection, keys: &OfficeKeys) -> Result<(), WrongKeys> {
    let present: Vec<_> = keys.sealing_keys().map(|key| key.id()).collect();
    for (number, id) in sealing_keys::all(connection).await? {
        let file = file_name(number);
        match present.get(usize::from(number).saturating_sub(1)) {
            Some(key) if *key == id => {}
            Some(_) => return Err(WrongKeys::Foreign { file }),
            None => return Err(WrongKeys::Missing { file }),
        }
    }
    // Until the rows are sealed by it, the first seed is known by the key of the desk's receipts.
    if seals::key_check(connection).await?.is_none() {
        let desk = kiosks::receipt_key(connection, KioskNumber::DESK).await?;
        if desk.is_some_and(|known| known.0 != keys.receipt_key().0) {
            return Err(WrongKeys::Foreign { file: file_name(1) });
        }
    }
    Ok(())
}

/// Binds a database that was just made to its keys; one that was made before is left to the next start, which compares first.
pub(super) async fn bind_new(database: &Database, keys: &OfficeKeys) -> Result<(), DatabaseError> {
    let is_new = trail::last_at(&mut *database.read().await?).await?.is_none();
    if is_new { bind(database, keys, DateTime::UNIX_EPOCH).await } else { Ok(()) }
}

/// Binds the database to these keys, which [`compare`] has let through: seals its rows where they aren't sealed yet, and keeps
/// the sealing keys that it doesn't know.
pub(super) async fn bind(database: &Database, keys: &OfficeKeys, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    database.seal_rows(now).await?;
    let known = sealing_keys::all(&mut *database.read().await?).await?;
    let present = (1..).zip(keys.sealing_keys()).filter(|(number, _)| !known.iter().any(|(known, _)| known == number));
    let lacking: Vec<_> = present.collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let mut writing = database.write().await?;
    for (number, key) in lacking {
        sealing_keys::keep(&mut writing, number, key.id()).await?;
    }
    writing.commit().await
}

/// Writes all seeds into a new file, encrypted, durable before this returns, and names their files.
pub fn export(config: &OfficeConfig, out: &Path, lock: &Lock) -> Result<Vec<String>, CommandError> {
    let seeds = OfficeSeeds::read(&config.data)?;
    export::write(out, &export::encrypt(&seeds, lock)?)?;
    Ok(seeds.named().map(|(file, _)| file).collect())
}

/// What [`import`] found and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedKeys {
    /// The files that were missing
    pub made: Vec<String>,
    /// All sealing keys of the export
    pub keys: Vec<ListedKey>,
}

/// Writes those seeds of an export into the office's folder that it lacks. Equal ones are left; where one differs, nothing
/// is written. No database is needed.
pub fn import(config: &OfficeConfig, from: &Path, opener: &Opener) -> Result<ImportedKeys, CommandError> {
    let seeds = export::decrypt(from, opener)?;
    make_private_folder(&config.data)?;
    let made = seeds.restore(&config.data)?;
    Ok(ImportedKeys { made, keys: listed(&seeds) })
}
