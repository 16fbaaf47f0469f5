//! What an ask is about: every request of the person, as the ask's page shows them before anything is done.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::super::request::actor;
use super::super::words;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::asks::Covered;
use crate::seal::keys::hex;

pub struct CoveredRow {
    pub id: String,
    pub number: String,
    pub name: String,
    pub service: String,
    pub received: String,
    pub stage: String,
    pub stage_word: String,
    /// Who holds it back, and why
    pub held: Option<(String, String)>,
}

pub fn rows(office: &Office, words: &Words, covered: &[Covered], names: &HashMap<String, String>) -> Vec<CoveredRow> {
    let catalogue = office.catalogue.now();
    let row = |Covered { request, stage, held }: &Covered| CoveredRow {
        id: request.id.to_string(),
        number: words::number(words, request.tracking_number),
        name: words::name(words, request),
        service: catalogue.service_label(&request.service, words.language()).to_owned(),
        received: dates::hijri(words, request.received_on),
        stage: words::stage(words, stage),
        stage_word: stage.clone(),
        held: held.as_ref().map(|held| (actor(words, &held.by, names), held.reason.clone())),
    };
    covered.iter().map(row).collect()
}

/// Accepted and not delivered: erasing it gives up what was granted.
pub fn gives_up(covered: &Covered) -> bool {
    covered.stage == "accepted" && covered.held.is_none()
}

/// A hash over what the page has shown. Its form brings it back, so that nothing is erased that nobody has seen, such as a
/// request that has arrived since.
pub fn fingerprint(covered: &[Covered]) -> String {
    let mut hash = Sha256::new();
    for Covered { request, stage, held } in covered {
        hash.update(format!("{} {stage} {}\n", request.id, held.is_some()));
    }
    hex(&hash.finalize())
}
