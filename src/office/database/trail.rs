//! The trail: who did what, and when (P23). Each entry's hash covers the entry before, so that no row can be changed or
//! taken away unnoticed. It holds random ids, field names and salted hashes, never a personal value: erasing a person
//! leaves it whole.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::Row;

use super::{Connection, DatabaseError, rows};
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

/// Writes one entry. `subject` is a random id (or empty), `details` never holds a personal value.
pub async fn append(
    connection: &mut Connection,
    now: DateTime<Utc>,
    actor: &Actor,
    action: &str,
    subject: &str,
    details: Value,
) -> Result<(), DatabaseError> {
    let (length, previous): (i64, Vec<u8>) =
        sqlx::query_as("SELECT trail_length, trail_head FROM office").fetch_one(&mut *connection).await?;
    let entry = Entry {
        number: length + 1,
        at: rows::millis(now),
        actor: actor.to_string(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        details: details.to_string(),
        previous,
    };
    let hash = entry.hash().to_vec();
    sqlx::query(
        "INSERT INTO trail (number, at, actor, action, subject, details, previous, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(entry.number)
    .bind(entry.at)
    .bind(&entry.actor)
    .bind(&entry.action)
    .bind(&entry.subject)
    .bind(&entry.details)
    .bind(&entry.previous)
    .bind(&hash)
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE office SET trail_length = $1, trail_head = $2")
        .bind(entry.number)
        .bind(&hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// The hash of the last entry, for the kiosks to witness.
pub async fn head(connection: &mut Connection) -> Result<[u8; 32], DatabaseError> {
    let head: Vec<u8> = sqlx::query_scalar("SELECT trail_head FROM office").fetch_one(connection).await?;
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

/// True for a head that the trail has had.
pub async fn has_had(connection: &mut Connection, head: [u8; 32]) -> Result<bool, DatabaseError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT number FROM trail WHERE hash = $1")
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
            let entry = Entry {
                number: row.try_get("number")?,
                at: row.try_get("at")?,
                actor: row.try_get("actor")?,
                action: row.try_get("action")?,
                subject: row.try_get("subject")?,
                details: row.try_get("details")?,
                previous: row.try_get("previous")?,
            };
            let hash: Vec<u8> = row.try_get("hash")?;
            if entry.number != last.0 + 1 || entry.previous != last.1 || entry.hash().as_slice() != hash {
                return Ok(TrailState::BrokenAt(last.0 + 1));
            }
            last = (entry.number, hash);
        }
        if (page.len() as i64) < PAGE {
            break;
        }
    }
    let end: (i64, Vec<u8>) =
        sqlx::query_as("SELECT trail_length, trail_head FROM office").fetch_one(connection).await?;
    Ok(if end == last { TrailState::Intact } else { TrailState::BrokenAt(last.0 + 1) })
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
