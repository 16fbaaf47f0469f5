//! A copy of everything the office holds of a person: what the law lets people ask for. `docs/operations.md` describes the
//! JSON; the printable page shows the same but for prints and strangers' numbers.

mod request;

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

pub use self::request::CopiedRequest;
use super::Office;
use super::database::persons::{self, StoredPerson};
use super::database::trail::{self, Filter, ReadEntry};
use super::database::{Connection, DatabaseError, asks, people};
use crate::domain::language::Language;

/// How a copy names its form, so that a later one is recognised.
const FORMAT: &str = "istiqbal data copy 2";
/// Entries of the trail by which somebody has read a file.
const READING: [&str; 7] = [
    "request opened",
    "person opened",
    "data copy made",
    "privacy ask opened",
    "receipt printed again",
    "declaration printed",
    "upload opened",
];
/// The most readers that are named; the trail's page shows all.
pub const READERS_MAX: u32 = 1000;

/// Everything, in the order of the fields.
#[derive(Serialize)]
pub struct DataCopy {
    format: &'static str,
    made_at: String,
    /// The newest first
    pub requests: Vec<CopiedRequest>,
    pub asks: Vec<CopiedAsk>,
    pub read_by: Vec<Reading>,
}

#[derive(Serialize)]
pub struct CopiedAsk {
    kind: &'static str,
    channel: &'static str,
    received_on: String,
    entered_by: String,
    identity_checked_by: Option<String>,
    answered_at: Option<String>,
    answer: Option<&'static str>,
    reason: Option<String>,
    #[serde(skip)]
    pub ask: asks::Ask,
}

#[derive(Serialize)]
pub struct Reading {
    at: String,
    by: String,
    what: String,
    #[serde(skip)]
    pub entry: ReadEntry,
}

/// What is the same for all parts of a copy.
struct Making<'a> {
    office: &'a Office,
    language: Language,
    /// The staff's names of today, by id
    names: HashMap<String, String>,
}

impl Making<'_> {
    /// The name of today, where the actor is one of the staff; a kiosk and a command stay what they are.
    fn by(&self, actor: &str) -> String {
        let id = actor.strip_prefix("person:").unwrap_or(actor);
        self.names.get(id).cloned().unwrap_or_else(|| actor.to_owned())
    }
}

/// Gathers the copy of a person's file, its labels in one language. What was erased isn't in it.
pub async fn gather(
    connection: &mut Connection,
    office: &Office,
    language: Language,
    person: &StoredPerson,
) -> Result<DataCopy, DatabaseError> {
    let making = Making { office, language, names: people::names(connection).await? };
    let mut subjects = vec![person.id.clone()];
    subjects.extend(persons::merged_into(connection, person.number).await?.into_iter().map(|gone| gone.id));
    let mut requests = Vec::new();
    for one in persons::requests(connection, person.number, u32::MAX).await? {
        requests.extend(request::gather(connection, &making, one.request.id).await?);
        subjects.push(one.request.id.to_string());
    }
    let asks = asks::about(connection, Some(person.number), None).await?;
    let readings = readings(connection, &subjects).await?;
    Ok(DataCopy {
        format: FORMAT,
        made_at: time(office.clock.now()),
        requests,
        asks: asks.into_iter().map(|ask| copied_ask(&making, ask)).collect(),
        read_by: readings
            .into_iter()
            .map(|entry| Reading { at: time(entry.at), by: making.by(&entry.actor), what: entry.action.clone(), entry })
            .collect(),
    })
}

/// Who has read a file, the newest first: at most [`READERS_MAX`]. The subjects are the ids of requests and persons.
pub async fn readings(connection: &mut Connection, subjects: &[String]) -> Result<Vec<ReadEntry>, DatabaseError> {
    let mut readings = Vec::new();
    for subject in subjects {
        let filter = Filter { subject: Some(subject.clone()), ..Filter::default() };
        readings.extend(trail::page(connection, &filter, None, READERS_MAX).await?);
    }
    readings.retain(|entry| READING.contains(&entry.action.as_str()));
    readings.sort_by_key(|entry| std::cmp::Reverse(entry.number));
    readings.truncate(READERS_MAX as usize);
    Ok(readings)
}

fn copied_ask(making: &Making<'_>, ask: asks::Ask) -> CopiedAsk {
    let answered = ask.answered.as_ref();
    CopiedAsk {
        kind: ask.kind.as_str(),
        channel: ask.channel.as_str(),
        received_on: ask.received_on.to_string(),
        entered_by: making.by(&ask.entered_by),
        identity_checked_by: ask.identity_checked_by.as_deref().map(|by| making.by(by)),
        answered_at: answered.map(|answered| time(answered.at)),
        answer: answered.map(|answered| answered.answer.as_str()),
        reason: answered.and_then(|answered| answered.reason.clone()),
        ask,
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
