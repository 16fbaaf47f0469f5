//! The catalogues that requests answered: a request is read in the words of its own version (P22).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::database::{Connection, DatabaseError, catalogues};
use crate::domain::catalogue::Catalogue;

/// Parsed versions, each read once. A version that went out is never changed.
#[derive(Default)]
pub struct CatalogueVersions {
    // A std mutex: it is held for a look-up, never across an await.
    parsed: Mutex<BTreeMap<u32, Arc<Catalogue>>>,
}

impl CatalogueVersions {
    /// The catalogue of a version; `None` when it never went out from this office, or can no longer be read.
    pub async fn find(
        &self,
        connection: &mut Connection,
        version: u32,
    ) -> Result<Option<Arc<Catalogue>>, DatabaseError> {
        let known = self.parsed.lock().unwrap_or_else(PoisonError::into_inner).get(&version).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(text) = catalogues::text_of(connection, version).await? else { return Ok(None) };
        let name = format!("the catalogue's version {version} in the database");
        match Catalogue::parse(Path::new(&name), &text) {
            Ok(catalogue) => {
                let catalogue = Arc::new(catalogue);
                // Another thread may have read the same: either will do.
                self.parsed.lock().unwrap_or_else(PoisonError::into_inner).insert(version, catalogue.clone());
                Ok(Some(catalogue))
            }
            Err(error) => {
                tracing::warn!("{error}");
                Ok(None)
            }
        }
    }
}
