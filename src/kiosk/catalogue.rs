//! The catalogue in use: that of the kiosk's file, or a later one that the office has sent.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use super::config::KioskConfig;
use crate::config::ConfigError;
use crate::domain::catalogue::Catalogue;
use crate::ledger::durable;

/// Where the office's catalogue is kept.
fn file(data: &Path) -> PathBuf {
    data.join("catalogue.toml")
}

/// Reads the kiosk's own file, and the one that the office sent: the later version counts. One of the office's that can't be
/// read is named in the log and passed over.
pub fn newest(config: &KioskConfig) -> Result<Arc<Catalogue>, ConfigError> {
    let own = Catalogue::read(&config.catalogue)?;
    let path = file(&config.data);
    if !path.exists() {
        return Ok(own.into());
    }
    let sent = Catalogue::read(&path).inspect_err(|error| tracing::error!("the office's catalogue: {error}")).ok();
    Ok(sent.filter(|sent| sent.version > own.version).unwrap_or(own).into())
}

/// Keeps what the office has sent, and gives the catalogue where it is later than `version`. One that this program can't
/// read changes nothing; an error means that it has to be sent again.
pub fn keep(data: &Path, text: &str, version: u32) -> io::Result<Option<Arc<Catalogue>>> {
    let path = file(data);
    match Catalogue::parse(&path, text) {
        Ok(catalogue) if catalogue.version > version => {
            durable::replace_file(&path, text.as_bytes())?;
            tracing::info!(version = catalogue.version, "the office has sent a catalogue");
            Ok(Some(catalogue.into()))
        }
        Ok(_) => Ok(None),
        Err(error) => {
            tracing::error!("the office has sent a catalogue that this program can't read ({error}): update it");
            Ok(None)
        }
    }
}

/// The catalogue of the visit that is under way, for whatever is printed; cheap to clone.
#[derive(Clone)]
pub struct CatalogueInUse(Arc<RwLock<Arc<Catalogue>>>);

impl CatalogueInUse {
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self(Arc::new(RwLock::new(catalogue)))
    }

    pub fn get(&self) -> Arc<Catalogue> {
        // A panic elsewhere can't leave half a pointer.
        self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    pub fn set(&self, catalogue: &Arc<Catalogue>) {
        if !Arc::ptr_eq(&self.get(), catalogue) {
            *self.0.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = catalogue.clone();
        }
    }
}
