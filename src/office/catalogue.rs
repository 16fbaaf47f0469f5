//! The catalogue in force: the newest of the office's file and of what was published on the catalogue's page.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Office;
use super::config::OfficeConfig;
use super::database::catalogues::{self, Published};
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError};
use crate::config::{self, ConfigError};
use crate::domain::catalogue::Catalogue;
use crate::replication::wire::CATALOGUE_BYTES_MAX;

/// What the trail calls it when a catalogue goes out to the kiosks.
const PUBLISHED: &str = "catalogue published";

/// The catalogue of a running office, which can be replaced by a later one at any moment.
pub struct HeldCatalogue(RwLock<Arc<Catalogue>>);

impl HeldCatalogue {
    pub fn new(catalogue: impl Into<Arc<Catalogue>>) -> Self {
        Self(RwLock::new(catalogue.into()))
    }

    /// The catalogue at this moment: whoever needs it for more than one thing asks once.
    pub fn now(&self) -> Arc<Catalogue> {
        // Only whole catalogues are ever put there, so that a thread that panicked has left nothing half done.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a later catalogue in force; of two that come at once the later version stays.
    fn take_up(&self, catalogue: Catalogue) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if catalogue.version > held.version {
            *held = catalogue.into();
        }
    }
}

/// Lets the kiosks hear of the file's catalogue where it is news, and gives the one that is in force: the newest of the file
/// and of all that went out. The log says which.
pub(super) async fn at_start(
    database: &Database,
    config: &OfficeConfig,
    own: Arc<Catalogue>,
    now: DateTime<Utc>,
) -> Result<Arc<Catalogue>, DatabaseError> {
    publish_file(database, config, now).await?;
    let newest = catalogues::newest(&mut *database.read().await?).await?;
    let Some(newest) = newest.filter(|newest| newest.version >= own.version) else {
        tracing::info!(version = own.version, "in force: the catalogue of the office's file");
        return Ok(own);
    };
    match Catalogue::parse(Path::new("the published catalogue"), &newest.text) {
        Ok(catalogue) if catalogue.version > own.version => {
            let (version, of_the_file) = (catalogue.version, own.version);
            tracing::info!(
                version,
                of_the_file,
                "in force: the catalogue published on its page, later than the file's"
            );
            Ok(catalogue.into())
        }
        Ok(catalogue) => {
            tracing::info!(version = catalogue.version, "in force: the catalogue that went out to the kiosks");
            Ok(catalogue.into())
        }
        Err(error) => {
            tracing::error!("{error}: this program can't read it and goes on with the file's; update the program");
            Ok(own)
        }
    }
}

/// A file that can't go out keeps nobody from working: the kiosks stay with what they have.
async fn publish_file(database: &Database, config: &OfficeConfig, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let text = match config::read_text(&config.catalogue) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!("{error}");
            return Ok(());
        }
    };
    let Ok(catalogue) = Catalogue::parse(&config.catalogue, &text) else { return Ok(()) };
    if text.len() > CATALOGUE_BYTES_MAX {
        tracing::error!("{}: kiosks take at most {CATALOGUE_BYTES_MAX} bytes", config.catalogue.display());
        return Ok(());
    }
    let version = catalogue.version;
    let mut writing = database.write().await?;
    match catalogues::publish(&mut writing, version, &text, now, &Actor::Command).await? {
        Published::Now => {
            trail::append(&mut writing, now, &Actor::Command, PUBLISHED, "", json!({ "version": version })).await?;
            writing.commit().await?;
            tracing::info!(version, "the catalogue goes out to the kiosks");
        }
        Published::Before => {}
        Published::Differs => tracing::warn!(
            "{}: version {version} went out to the kiosks with other content, which stays in force: make `version` greater, and start again",
            config.catalogue.display()
        ),
        Published::Older => tracing::warn!(
            "{}: a later version than {version} went out to the kiosks and stays in force: take that one from the catalogue's page into the file, or make `version` greater, and start again",
            config.catalogue.display()
        ),
    }
    Ok(())
}

/// Why a catalogue is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishRefused {
    #[error(transparent)]
    Mistake(#[from] ConfigError),
    #[error("kiosks take at most {CATALOGUE_BYTES_MAX} bytes")]
    TooLong,
    #[error("the version must be greater than {newest}")]
    NotNewer { newest: u32 },
    #[error("version {newest} was published since this editing began")]
    Meanwhile { newest: u32 },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Reads a catalogue as it was typed, for whoever wants to publish it after version `newest`.
pub fn check(text: &str, newest: u32) -> Result<Catalogue, PublishRefused> {
    if text.len() > CATALOGUE_BYTES_MAX {
        return Err(PublishRefused::TooLong);
    }
    let catalogue = Catalogue::parse(Path::new("catalog.toml"), text)?;
    if catalogue.version <= newest { Err(PublishRefused::NotNewer { newest }) } else { Ok(catalogue) }
}

/// Publishes a catalogue that was edited from version `base` on: it is in force at once, here and, as soon as they hear of
/// it, at the kiosks. The same text again changes nothing. Who began before somebody else published is told so.
pub async fn publish(office: &Office, actor: &Actor, text: &str, base: u32) -> Result<u32, PublishRefused> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let newest = catalogues::newest(&mut writing).await?;
    let held = office.catalogue.now().version;
    let newest_version = newest.as_ref().map_or(held, |newest| newest.version.max(held));
    if newest.is_some_and(|newest| newest.text == text) {
        return Ok(newest_version);
    }
    if base != newest_version {
        return Err(PublishRefused::Meanwhile { newest: newest_version });
    }
    let catalogue = check(text, newest_version)?;
    let version = catalogue.version;
    if catalogues::publish(&mut writing, version, text, now, actor).await? != Published::Now {
        return Err(PublishRefused::NotNewer { newest: newest_version });
    }
    trail::append(&mut writing, now, actor, PUBLISHED, "", json!({ "version": version })).await?;
    writing.commit().await?;
    tracing::info!(version, "a catalogue published on its page is in force and goes out to the kiosks");
    office.catalogue.take_up(catalogue);
    Ok(version)
}

/// The text with another version in its first `version = …`; all else, remarks included, stays as it is.
pub fn with_version(text: &str, version: u32) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let before_tables = lines.iter_mut().take_while(|line| !line.trim_start().starts_with('['));
    let assigns = |line: &&mut String| {
        line.trim_start().strip_prefix("version").is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    if let Some(line) = before_tables.into_iter().find(assigns) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let remark = value.split_once('#').map(|(_, remark)| format!(" #{remark}")).unwrap_or_default();
        *line = format!("{key}= {version}{remark}");
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_proposed_in_its_place() {
        let text = "# version = 9\n\nversion = 2 # grows\n\n[policy]\nversion = 7\n";
        assert_eq!(with_version(text, 3), "# version = 9\n\nversion = 3 # grows\n\n[policy]\nversion = 7\n");
        assert_eq!(with_version("[policy]\nversion = 7\n", 3), "[policy]\nversion = 7\n", "nowhere else");
    }

    #[test]
    fn the_later_version_stays_in_force() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let of_version = |version| Catalogue::parse(&path, &with_version(&text, version)).unwrap();
        let held = HeldCatalogue::new(of_version(5));
        held.take_up(of_version(7));
        held.take_up(of_version(6));
        assert_eq!(held.now().version, 7);
    }
}
