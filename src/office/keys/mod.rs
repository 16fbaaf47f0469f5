//! The office's keys: what `istiqbal office keys …` does, and how a rotation reaches a running office.
//!
//! - A **rotation** adds a sealing key. The earlier ones stay: what was sealed to them is opened as before.
//! - An **export** is one file with all seeds, encrypted with age, from which an office's keys can be restored.

mod export;
pub(super) mod held;

use std::fmt;
use std::path::Path;

use serde_json::json;

use super::commands::{CommandError, make_private_folder};
use super::config::OfficeConfig;
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError};
use super::upgrade;
use crate::domain::clock::SharedClock;
use crate::seal::keys::{OfficeKeys, SealingKeyId};
use crate::seal::office_seeds::OfficeSeeds;

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
