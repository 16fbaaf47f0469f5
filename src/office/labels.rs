//! The words in which a request is read: those of the catalogue it answered (P22), where the office still has it.

use std::sync::Arc;

use crate::domain::catalogue::Catalogue;
use crate::domain::language::Language;
use crate::office::Office;
use crate::office::database::{Connection, DatabaseError};

pub struct Labels {
    /// Of the version that the request answered
    own: Option<Arc<Catalogue>>,
    today: Arc<Catalogue>,
}

impl Labels {
    pub async fn of_version(office: &Office, connection: &mut Connection, version: u32) -> Result<Self, DatabaseError> {
        let today = office.catalogue.now();
        let own = office.catalogue_versions.find(connection, version).await?;
        let own = own.or_else(|| (today.version == version).then(|| today.clone()));
        Ok(Self { own, today })
    }

    /// The request's own catalogue, or today's.
    pub fn catalogue(&self) -> &Catalogue {
        self.own.as_ref().unwrap_or(&self.today)
    }

    /// False when today's words stand in for those that the applicant read.
    pub fn are_own(&self) -> bool {
        self.own.is_some()
    }

    /// Of a document; one that was asked for later may be known to today's catalogue only.
    pub fn document(&self, id: &str, language: Language) -> String {
        let known = [self.catalogue(), &self.today].into_iter().find_map(|catalogue| catalogue.document(id));
        known.map_or(id, |document| document.label.in_language(language)).to_owned()
    }

    pub fn service(&self, id: &str, language: Language) -> String {
        let known = [self.catalogue(), &self.today].into_iter().find_map(|catalogue| catalogue.service(id));
        known.map_or(id, |service| service.label.in_language(language)).to_owned()
    }

    /// Today's documents that a request doesn't have yet, each with its label.
    pub fn other_documents(&self, has: impl Fn(&str) -> bool, language: Language) -> Vec<(String, String)> {
        let others = self.today.documents.iter().filter(|document| !has(document.id.get_ref()));
        others
            .map(|document| (document.id.get_ref().clone(), document.label.in_language(language).to_owned()))
            .collect()
    }
}
