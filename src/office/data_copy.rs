//! A copy of everything the office holds of a request and its person: what the law lets people ask for. `docs/operations.md`
//! describes the JSON; the printable page shows the same.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::database::committee_cases::{self, KeptText};
use super::database::requests::{self, StoredRequest, stage};
use super::database::trail::{self, Filter, ReadEntry};
use super::database::{Connection, DatabaseError, asks, data_copies, people, prints, signatures};
use crate::domain::catalogue::Catalogue;
use crate::domain::language::Language;
use crate::domain::request::RequestId;
use crate::domain::signature::Signature;
use crate::domain::stage::Event;

/// How a copy names its form, so that a later one is recognised.
const FORMAT: &str = "istiqbal data copy 1";
/// Entries of the trail by which a person has read a file.
const READING: [&str; 4] = ["request opened", "data copy made", "receipt printed again", "upload opened"];
/// The most readers that are named; the trail's page shows all.
pub const READERS_MAX: u32 = 1000;

/// Everything, in the order of the fields.
#[derive(Serialize)]
pub struct DataCopy {
    format: &'static str,
    made_at: String,
    request: RequestFacts,
    pub answers: Vec<CopiedAnswer>,
    pub documents: Vec<CopiedDocument>,
    /// As an SVG path in a square of 1000 × 1000
    signature: Option<String>,
    events: Vec<CopiedEvent>,
    pub decisions: Vec<CopiedDecision>,
    pub notes: Vec<Note>,
    pub uploads: Vec<Upload>,
    prints: Vec<PrintOut>,
    pub asks: Vec<CopiedAsk>,
    pub read_by: Vec<Reading>,
}

#[derive(Serialize)]
struct RequestFacts {
    id: String,
    tracking_number: String,
    service: String,
    stage: &'static str,
    channel: String,
    beneficiary: String,
    language: &'static str,
    received_on: String,
    registered_at: String,
    arrived_at: String,
    catalogue_version: u32,
    declaration_version: u32,
    privacy_notice_version: u32,
    policy_version: u32,
    erased_at: Option<String>,
}

#[derive(Serialize)]
pub struct CopiedAnswer {
    question: String,
    label: String,
    answer: String,
}

#[derive(Serialize)]
pub struct CopiedDocument {
    document: String,
    pub label: String,
    state: &'static str,
}

#[derive(Serialize)]
struct CopiedEvent {
    at: String,
    by: String,
    event: Event,
    reason: Option<String>,
}

#[derive(Serialize)]
pub struct CopiedDecision {
    pub decision: &'static str,
    at: String,
    pub reason: Option<String>,
    pub granted: Option<String>,
}

#[derive(Serialize)]
pub struct Note {
    #[serde(skip)]
    pub instant: DateTime<Utc>,
    at: String,
    pub by: String,
    pub text: String,
    pub withdrawn: bool,
}

#[derive(Serialize)]
pub struct Upload {
    #[serde(skip)]
    pub instant: DateTime<Utc>,
    at: String,
    pub document: String,
    kind: String,
    bytes: u64,
}

#[derive(Serialize)]
struct PrintOut {
    at: String,
    print: crate::domain::printout::Print,
}

#[derive(Serialize)]
pub struct CopiedAsk {
    kind: &'static str,
    channel: &'static str,
    received_on: String,
    answer: Option<&'static str>,
    reason: Option<String>,
}

#[derive(Serialize)]
pub struct Reading {
    #[serde(skip)]
    pub entry: ReadEntry,
    at: String,
    pub by: String,
    what: String,
}

/// Gathers the copy of a request; `None` when there is none.
pub async fn gather(
    connection: &mut Connection,
    catalogue: &Catalogue,
    language: Language,
    id: RequestId,
    now: DateTime<Utc>,
) -> Result<Option<DataCopy>, DatabaseError> {
    let Some(request) = requests::find(connection, id).await? else { return Ok(None) };
    let Some(standing) = requests::standing(connection, id).await? else { return Ok(None) };
    let names = people::names(connection).await?;
    let by = |actor: &str| by_name(&names, actor);
    let documents = standing.documents.iter().map(|(document, state)| CopiedDocument {
        document: document.clone(),
        label: catalogue.document_label(document, language).to_owned(),
        state: match state {
            crate::domain::documents::DocumentState::Missing => "missing",
            crate::domain::documents::DocumentState::Brought => "brought",
            crate::domain::documents::DocumentState::Verified => "verified",
        },
    });
    let events = requests::events(connection, id).await?;
    let cases = committee_cases::of_request(connection, id).await?;
    let decided = cases.into_iter().filter_map(|case| case.decided);
    let text = |kept: Option<KeptText>| kept.and_then(|kept| kept.text);
    let notes = data_copies::notes(connection, id).await?;
    let uploads = data_copies::uploads(connection, id).await?;
    let prints = prints::of_number(connection, request.tracking_number).await?;
    let asks = asks::of_request(connection, id).await?;
    let readings = readings(connection, id).await?;
    Ok(Some(DataCopy {
        format: FORMAT,
        made_at: time(now),
        answers: answers(catalogue, language, &request),
        documents: documents.collect(),
        signature: signatures::find(connection, &request).await?.as_ref().map(Signature::svg_path),
        events: events
            .into_iter()
            .map(|event| CopiedEvent {
                at: time(event.at),
                by: by(&event.actor),
                event: event.event,
                reason: event.reason,
            })
            .collect(),
        decisions: decided
            .map(|decided| CopiedDecision {
                decision: decided.decision.as_str(),
                at: time(decided.at),
                reason: text(decided.reason),
                granted: text(decided.granted),
            })
            .collect(),
        notes: notes
            .into_iter()
            .map(|note| Note {
                instant: note.at,
                at: time(note.at),
                by: by(&note.author),
                text: note.text,
                withdrawn: note.is_withdrawn,
            })
            .collect(),
        uploads: uploads
            .into_iter()
            .map(|upload| Upload {
                instant: upload.at,
                at: time(upload.at),
                document: catalogue.document_label(&upload.document, language).to_owned(),
                kind: upload.kind,
                bytes: upload.bytes,
            })
            .collect(),
        prints: prints.into_iter().map(|stored| PrintOut { at: time(stored.at), print: stored.print }).collect(),
        asks: asks
            .into_iter()
            .map(|ask| CopiedAsk {
                kind: ask.kind.as_str(),
                channel: ask.channel.as_str(),
                received_on: ask.received_on.to_string(),
                answer: ask.answered.as_ref().map(|answered| answered.answer.as_str()),
                reason: ask.answered.and_then(|answered| answered.reason),
            })
            .collect(),
        read_by: readings
            .into_iter()
            .map(|entry| Reading { at: time(entry.at), by: by(&entry.actor), what: entry.action.clone(), entry })
            .collect(),
        request: RequestFacts {
            id: request.id.to_string(),
            tracking_number: request.tracking_number.to_string(),
            service: request.service.clone(),
            stage: stage(&standing),
            channel: request.channel.clone(),
            beneficiary: request.beneficiary.clone(),
            language: request.language.code(),
            received_on: request.received_on.to_string(),
            registered_at: time(request.registered_at),
            arrived_at: time(request.arrived_at),
            catalogue_version: request.versions.catalogue,
            declaration_version: request.versions.declaration,
            privacy_notice_version: request.versions.privacy_notice,
            policy_version: request.versions.policy,
            erased_at: request.erased_at.map(time),
        },
    }))
}

/// Who has read a request's file, the newest first: at most [`READERS_MAX`].
pub async fn readings(connection: &mut Connection, id: RequestId) -> Result<Vec<ReadEntry>, DatabaseError> {
    let filter = Filter { subject: Some(id.to_string()), ..Filter::default() };
    let mut entries = trail::page(connection, &filter, None, READERS_MAX).await?;
    entries.retain(|entry| READING.contains(&entry.action.as_str()));
    Ok(entries)
}

fn answers(catalogue: &Catalogue, language: Language, request: &StoredRequest) -> Vec<CopiedAnswer> {
    let label = |id: &str| catalogue.question(id).map(|question| question.label.in_language(language).to_owned());
    let answers = request.answers.iter().map(|(id, answer)| CopiedAnswer {
        question: id.to_owned(),
        label: label(id).unwrap_or_else(|| id.to_owned()),
        answer: answer.raw(),
    });
    answers.collect()
}

/// The name of today, where the actor is one of the staff; a kiosk and a command stay what they are.
fn by_name(names: &HashMap<String, String>, actor: &str) -> String {
    let id = actor.strip_prefix("person:").unwrap_or(actor);
    names.get(id).cloned().unwrap_or_else(|| actor.to_owned())
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
