//! The trail: who did what, and when (P23). Each entry's hash covers the entry before, so that no row can be changed or
//! taken away unnoticed. It holds random ids, field names and salted hashes, never a personal value: erasing a person
//! leaves it whole.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Connection, DatabaseError, Writing, rows};
use crate::domain::tracking_number::KioskNumber;
use crate::seal::keys::{hex, sha256};

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person of the staff, by the random id
    Person(String),
    Kiosk(KioskNumber),
    /// Whoever may run commands on the server
    Command,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(formatter, "person:{id}"),
            Self::Kiosk(number) => write!(formatter, "kiosk:{number}"),
            Self::Command => formatter.write_str("command"),
        }
    }
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrailState {
    Intact,
    /// The number of the first entry that isn't what was written
    BrokenAt(i64),
}

impl fmt::Display for TrailState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intact => formatter.write_str("intact"),
            Self::BrokenAt(number) => write!(formatter, "broken at entry {number}"),
        }
    }
}

/// Where the trail ends within a transaction, and the entries that the transaction adds.
pub(super) struct Tail {
    length: i64,
    head: Vec<u8>,
    added: Vec<Entry>,
}

/// Adds one entry, which is written when the transaction is committed. `subject` is a random id (or empty), `details`
/// never holds a personal value.
pub async fn append(
    writing: &mut Writing,
    now: DateTime<Utc>,
    actor: &Actor,
    action: &str,
    subject: &str,
    details: Value,
) -> Result<(), DatabaseError> {
    let mut tail = match writing.trail.take() {
        Some(tail) => tail,
        None => {
            let end = sqlx::query_as("SELECT trail_length, trail_head FROM office").fetch_one(&mut **writing).await?;
            let (length, head): (i64, Vec<u8>) = end;
            Tail { length, head, added: Vec::new() }
        }
    };
    let entry = Entry {
        number: tail.length + 1,
        at: rows::millis(now),
        actor: actor.to_string(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        details: details.to_string(),
        previous: tail.head,
    };
    tail.length = entry.number;
    tail.head = entry.hash().to_vec();
    tail.added.push(entry);
    writing.trail = Some(tail);
    Ok(())
}

/// Writes the entries that a transaction has added.
pub(super) async fn write(writing: &mut Writing) -> Result<(), DatabaseError> {
    let Some(Tail { length, head, added }) = writing.trail.take() else { return Ok(()) };
    let insert = "INSERT INTO trail (number, at, actor, action, subject, details, previous, hash)";
    // Each entry's hash is what the next one has before it.
    let hashes = added.iter().skip(1).map(|next| &next.previous).chain([&head]);
    let entries: Vec<(&Entry, &Vec<u8>)> = added.iter().zip(hashes).collect();
    rows::insert_all(writing, insert, &entries, "", |values, (entry, hash)| {
        values.push_bind(entry.number).push_bind(entry.at);
        values.push_bind(&entry.actor).push_bind(&entry.action).push_bind(&entry.subject).push_bind(&entry.details);
        values.push_bind(&entry.previous).push_bind(*hash);
    })
    .await?;
    sqlx::query("UPDATE office SET trail_length = $1, trail_head = $2")
        .bind(length)
        .bind(&head)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// The hash of the last entry, for the kiosks to witness.
pub async fn head(writing: &mut Writing) -> Result<[u8; 32], DatabaseError> {
    let head: Vec<u8> = match &writing.trail {
        Some(tail) => tail.head.clone(),
        None => sqlx::query_scalar("SELECT trail_head FROM office").fetch_one(&mut **writing).await?,
    };
    rows::bytes(head, "the trail's head")
}

/// The details of the last entry with this action.
pub async fn last_details(connection: &mut Connection, action: &str) -> Result<Option<Value>, DatabaseError> {
    let details: Option<String> =
        sqlx::query_scalar("SELECT details FROM trail WHERE action = $1 ORDER BY number DESC LIMIT 1")
            .bind(action)
            .fetch_optional(connection)
            .await?;
    // What isn't JSON was changed by hand: `verify` says so.
    Ok(details.and_then(|details| serde_json::from_str(&details).ok()))
}

/// The details of all entries with this action about a subject.
pub async fn details_of(connection: &mut Connection, action: &str, subject: &str) -> Result<Vec<Value>, DatabaseError> {
    let details: Vec<String> =
        sqlx::query_scalar("SELECT details FROM trail WHERE action = $1 AND subject = $2 ORDER BY number")
            .bind(action)
            .bind(subject)
            .fetch_all(connection)
            .await?;
    Ok(details.iter().map(|details| serde_json::from_str(details).unwrap_or_default()).collect())
}

/// The subjects of all entries with this action, each with its details.
pub async fn subjects_of(connection: &mut Connection, action: &str) -> Result<Vec<(String, Value)>, DatabaseError> {
    let found: Vec<(String, String)> =
        sqlx::query_as("SELECT subject, details FROM trail WHERE action = $1 ORDER BY number")
            .bind(action)
            .fetch_all(connection)
            .await?;
    Ok(found
        .into_iter()
        .map(|(subject, details)| (subject, serde_json::from_str(&details).unwrap_or_default()))
        .collect())
}

/// When the last entry was written.
pub async fn last_at(connection: &mut Connection) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let at: Option<i64> =
        sqlx::query_scalar("SELECT at FROM trail ORDER BY number DESC LIMIT 1").fetch_optional(connection).await?;
    at.map(rows::time).transpose()
}

/// When the last entry with this action was written.
pub async fn last_at_of(connection: &mut Connection, action: &str) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let at: Option<i64> = sqlx::query_scalar("SELECT at FROM trail WHERE action = $1 ORDER BY number DESC LIMIT 1")
        .bind(action)
        .fetch_optional(connection)
        .await?;
    at.map(rows::time).transpose()
}

/// An entry as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadEntry {
    pub number: i64,
    pub at: DateTime<Utc>,
    /// As [`Actor`] is written
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub details: String,
}

/// Which entries are looked for; what is `None` doesn't matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub subject: Option<String>,
    /// From this instant …
    pub from: Option<DateTime<Utc>>,
    /// … to before this one
    pub before: Option<DateTime<Utc>>,
}

/// The newest entries that fit, before an entry's number where one is given; at most `limit`.
pub async fn page(
    connection: &mut Connection,
    filter: &Filter,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<ReadEntry>, DatabaseError> {
    let mut select =
        QueryBuilder::<Sqlite>::new("SELECT number, at, actor, action, subject, details FROM trail WHERE number < ");
    select.push_bind(before.unwrap_or(i64::MAX));
    for (condition, value) in
        [(" AND actor = ", &filter.actor), (" AND action = ", &filter.action), (" AND subject = ", &filter.subject)]
    {
        if let Some(value) = value {
            select.push(condition).push_bind(value);
        }
    }
    for (condition, at) in [(" AND at >= ", filter.from), (" AND at < ", filter.before)] {
        if let Some(at) = at {
            select.push(condition).push_bind(rows::millis(at));
        }
    }
    select.push(" ORDER BY number DESC LIMIT ").push_bind(i64::from(limit));
    type Row = (i64, i64, String, String, String, String);
    let found: Vec<Row> = select.build_query_as().fetch_all(connection).await?;
    let entry = |(number, at, actor, action, subject, details): Row| {
        Ok(ReadEntry { number, at: rows::time(at)?, actor, action, subject, details })
    };
    Ok(rows::readable(found, "trail", entry))
}

/// Every word that stands as an action in the trail.
pub async fn actions(connection: &mut Connection) -> Result<Vec<String>, DatabaseError> {
    Ok(sqlx::query_scalar("SELECT DISTINCT action FROM trail ORDER BY action").fetch_all(connection).await?)
}

/// How long the trail is, and its head.
pub async fn end(connection: &mut Connection) -> Result<(i64, [u8; 32]), DatabaseError> {
    let (length, head): (i64, Vec<u8>) =
        sqlx::query_as("SELECT trail_length, trail_head FROM office").fetch_one(connection).await?;
    Ok((length, rows::bytes(head, "the trail's head")?))
}

/// True for a head that the trail has had.
pub async fn has_had(connection: &mut Connection, head: [u8; 32]) -> Result<bool, DatabaseError> {
    // From the newest on: what a kiosk asks about is of yesterday.
    let found: Option<i64> =
        sqlx::query_scalar("SELECT number FROM trail WHERE hash = $1 ORDER BY number DESC LIMIT 1")
            .bind(head.to_vec())
            .fetch_optional(connection)
            .await?;
    // Before its first entry the head is of zeros.
    Ok(found.is_some() || head == [0; 32])
}

/// What stands in the trail for a free text: a hash that says nothing once the salt is destroyed.
pub fn salted_hash(salt: &[u8], text: &str) -> String {
    hex(&sha256(&[b"istiqbal salted 1", salt, text.as_bytes()]))
}

/// Walks the whole trail.
pub async fn verify(connection: &mut Connection) -> Result<TrailState, DatabaseError> {
    const PAGE: i64 = 1000;
    let mut last = (0, vec![0; 32]);
    loop {
        let page = sqlx::query("SELECT * FROM trail WHERE number > $1 ORDER BY number LIMIT $2")
            .bind(last.0)
            .bind(PAGE)
            .fetch_all(&mut *connection)
            .await?;
        for row in &page {
            // A value that can't be read as what it is was changed like any other.
            let Some((entry, hash)) = Entry::read(row).ok() else { return Ok(TrailState::BrokenAt(last.0 + 1)) };
            if entry.number != last.0 + 1 || entry.previous != last.1 || entry.hash().as_slice() != hash {
                return Ok(TrailState::BrokenAt(last.0 + 1));
            }
            last = (entry.number, hash);
        }
        if (page.len() as i64) < PAGE {
            break;
        }
    }
    let end: Result<(i64, Vec<u8>), _> =
        sqlx::query_as("SELECT trail_length, trail_head FROM office").fetch_one(connection).await;
    match end.map_err(DatabaseError::from) {
        Ok(end) if last == end => Ok(TrailState::Intact),
        Ok(_) | Err(DatabaseError::Damaged(_)) => Ok(TrailState::BrokenAt(last.0 + 1)),
        Err(error) => Err(error),
    }
}

struct Entry {
    number: i64,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    details: String,
    previous: Vec<u8>,
}

impl Entry {
    /// The entry of a row, with the hash that stands there.
    fn read(row: &SqliteRow) -> Result<(Self, Vec<u8>), sqlx::Error> {
        let entry = Self {
            number: row.try_get("number")?,
            at: row.try_get("at")?,
            actor: row.try_get("actor")?,
            action: row.try_get("action")?,
            subject: row.try_get("subject")?,
            details: row.try_get("details")?,
            previous: row.try_get("previous")?,
        };
        Ok((entry, row.try_get("hash")?))
    }

    /// SHA-256 over the entry before, the numbers, and each text with its length in front.
    fn hash(&self) -> [u8; 32] {
        let mut text = Vec::new();
        for part in [&self.actor, &self.action, &self.subject, &self.details] {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        }
        sha256(&[b"istiqbal trail 1", &self.previous, &self.number.to_be_bytes(), &self.at.to_be_bytes(), &text])
    }
}
