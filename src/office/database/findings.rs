//! Keeps the findings of verifications until an administrator has looked.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::seals::{self, ChangedRow};
use super::trail::{self, Actor};
use super::{Connection, DatabaseError, Writing, rows};
use crate::domain::request::RequestId;
use crate::seal::keys::{hex, random};

/// Maximum number of rows that are noted by one verification: where more are changed, the file is to be restored.
pub const NOTED_MAX: usize = 1000;
/// The tables of requests and persons: their rows are noted before all others.
const SET_APART: [&str; 2] = ["request", "beneficiary"];
/// Number of changed rows that an entry of the trail names.
const NAMED: usize = 5;

/// Kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Row,
    /// Rows that nobody can vouch for
    Seals,
    Rollback,
    Database,
    Trail,
    Envelopes,
    Minutes,
    Backups,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Row,
        Self::Seals,
        Self::Rollback,
        Self::Database,
        Self::Trail,
        Self::Envelopes,
        Self::Minutes,
        Self::Backups,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Seals => "seals",
            Self::Rollback => "rollback",
            Self::Database => "database",
            Self::Trail => "trail",
            Self::Envelopes => "envelopes",
            Self::Minutes => "minutes",
            Self::Backups => "backups",
        }
    }
}

/// Something that was found, and that nobody has looked at yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub id: String,
    pub kind: Kind,
    /// No step is taken with it
    pub request: Option<RequestId>,
    pub found_at: DateTime<Utc>,
    /// In English, as the program says it
    pub text: String,
}

/// Notes rows that aren't as they were written, at most [`NOTED_MAX`] and the number of the others, in log and trail too; those
/// that are noted already are left. Their seals stay as they are. How many are news.
pub async fn note_rows(
    writing: &mut Writing,
    changed: &[ChangedRow],
    now: DateTime<Utc>,
) -> Result<usize, DatabaseError> {
    let statement = "SELECT table_name, row_number FROM finding WHERE table_name IS NOT NULL AND settled_at IS NULL";
    let known: Vec<(String, i64)> = sqlx::query_as(statement).fetch_all(&mut **writing).await?;
    let known: HashSet<(&str, i64)> = known.iter().map(|(table, number)| (table.as_str(), *number)).collect();
    let mut new: Vec<&ChangedRow> =
        changed.iter().filter(|row| !known.contains(&(row.table.as_str(), row.number))).collect();
    // However many others are changed, or were added to hide it: no step is taken with what was changed of a request.
    new.sort_by_key(|row| !SET_APART.contains(&row.table.as_str()));
    let news = new.len().min(NOTED_MAX);
    for row in &new[..news] {
        let request = seals::request_of(writing, row).await?;
        add(writing, Kind::Row, Some((row, request)), &row.to_string(), now).await?;
        tracing::error!("{row}");
    }
    if new.len() > news {
        let text = format!("{} more rows aren't as they were written", new.len() - news);
        note(writing, Kind::Seals, &text, now).await?;
    }
    if news > 0 {
        let rows: Vec<String> = changed.iter().take(NAMED).map(ToString::to_string).collect();
        let details = json!({ "kind": Kind::Row.as_str(), "count": changed.len(), "first": rows });
        trail::append(writing, now, &Actor::Command, "damage found", "", details).await?;
    }
    Ok(news)
}

/// Notes something else; true when it isn't noted already.
pub async fn note(writing: &mut Writing, kind: Kind, text: &str, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let known: Option<String> =
        sqlx::query_scalar("SELECT id FROM finding WHERE kind = $1 AND text = $2 AND settled_at IS NULL LIMIT 1")
            .bind(kind.as_str())
            .bind(text)
            .fetch_optional(&mut **writing)
            .await?;
    if known.is_none() {
        add(writing, kind, None, text, now).await?;
    }
    Ok(known.is_none())
}

async fn add(
    writing: &mut Writing,
    kind: Kind,
    row: Option<(&ChangedRow, Option<RequestId>)>,
    text: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let (table, number, request) = match row {
        Some((row, request)) => (Some(row.table.as_str()), Some(row.number), request.map(|id| id.to_string())),
        None => (None, None, None),
    };
    sqlx::query(
        "INSERT INTO finding (id, kind, table_name, row_number, request, found_at, text)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(hex(&random::<16>()))
    .bind(kind.as_str())
    .bind(table)
    .bind(number)
    .bind(request)
    .bind(rows::millis(now))
    .bind(text)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// How many nobody has looked at yet.
pub async fn count_open(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM finding WHERE settled_at IS NULL").fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

/// Those that nobody has looked at yet, the oldest first; at most `limit`.
pub async fn open(connection: &mut Connection, limit: u32) -> Result<Vec<Finding>, DatabaseError> {
    type Row = (String, String, Option<String>, i64, String);
    let found: Vec<Row> = sqlx::query_as(
        "SELECT id, kind, request, found_at, text FROM finding WHERE settled_at IS NULL ORDER BY found_at, id LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    let finding = |(id, kind, request, found_at, text): Row| {
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind);
        let kind = kind.ok_or_else(|| rows::damaged("a kind of finding"))?;
        let request = request.map(|request| rows::request_id(&request)).transpose()?;
        Ok(Finding { id, kind, request, found_at: rows::time(found_at)?, text })
    };
    Ok(rows::readable(found, "findings", finding))
}

/// True for a request of which, or of whose person, something was found that nobody has looked at yet.
pub async fn is_set_apart(connection: &mut Connection, request: RequestId) -> Result<bool, DatabaseError> {
    let found: Option<String> =
        sqlx::query_scalar(
            "SELECT id FROM finding WHERE settled_at IS NULL AND (request = $1 OR (table_name = 'beneficiary' AND row_number IN (
                 SELECT beneficiary.rowid FROM request
                 JOIN beneficiary ON beneficiary.number IN (request.registered_as, request.belongs_to)
                 WHERE request.id = $1)))
             LIMIT 1",
        )
        .bind(request.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// An administrator has looked: a changed row counts from now on as it stands, and is sealed so. `None` where there is nothing
/// to look at; else what it was.
pub async fn settle(
    writing: &mut Writing,
    id: &str,
    (now, actor): (DateTime<Utc>, &Actor),
) -> Result<Option<String>, DatabaseError> {
    let found: Option<(Option<String>, Option<i64>, String)> = sqlx::query_as(
        "UPDATE finding SET settled_at = $2, settled_by = $3 WHERE id = $1 AND settled_at IS NULL
         RETURNING table_name, row_number, text",
    )
    .bind(id)
    .bind(rows::millis(now))
    .bind(actor.to_string())
    .fetch_optional(&mut **writing)
    .await?;
    let Some((table, number, text)) = found else { return Ok(None) };
    if let (Some(table), Some(number)) = (table, number) {
        seals::seal_again(writing, &table, number).await?;
    }
    Ok(Some(text))
}
