//! Suggestions and complaints: kept for their time, then erased; sooner when somebody asks for it.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::erasures::{Erased, Erasure};
use super::{Connection, DatabaseError, envelopes, rows};
use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::HeaderHash;

/// What somebody left at a kiosk.
pub struct Suggestion {
    pub at: DateTime<Utc>,
    pub kiosk: KioskNumber,
    pub text: String,
}

/// A suggestion as it is kept.
pub struct StoredSuggestion {
    /// Of the envelope in which it came
    pub hash: HeaderHash,
    pub suggestion: Suggestion,
    /// The day on which it was announced that its time is over
    pub announced_on: Option<NaiveDate>,
}

pub async fn add(
    connection: &mut Connection,
    header_hash: [u8; 32],
    suggestion: &Suggestion,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO suggestion (header_hash, kiosk, at, text) VALUES ($1, $2, $3, $4)
         ON CONFLICT (header_hash) DO NOTHING",
    )
    .bind(header_hash.to_vec())
    .bind(i64::from(suggestion.kiosk.get()))
    .bind(rows::millis(suggestion.at))
    .bind(&suggestion.text)
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest first.
pub async fn page(
    connection: &mut Connection,
    limit: u32,
    offset: u32,
) -> Result<Vec<StoredSuggestion>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM suggestion ORDER BY at DESC, header_hash DESC LIMIT $1 OFFSET $2")
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(connection)
        .await?;
    let suggestion = |row: &SqliteRow| {
        Ok(StoredSuggestion {
            hash: hash(row.try_get("header_hash")?)?,
            suggestion: Suggestion {
                at: rows::time(row.try_get("at")?)?,
                kiosk: rows::kiosk_number(row.try_get("kiosk")?)?,
                text: row.try_get("text")?,
            },
            announced_on: row.try_get::<Option<&str>, _>("announced_on")?.map(rows::day).transpose()?,
        })
    };
    Ok(rows::readable(&found, "suggestions", suggestion))
}

/// Those that were left before an instant and aren't announced yet, or were by a clock that was ahead; at most `limit`.
pub async fn to_announce(
    connection: &mut Connection,
    before: DateTime<Utc>,
    today: NaiveDate,
    limit: u32,
) -> Result<Vec<HeaderHash>, DatabaseError> {
    let select = "SELECT header_hash FROM suggestion
                  WHERE at < $1 AND (announced_on IS NULL OR announced_on > $2) ORDER BY at LIMIT $3";
    let found: Vec<Vec<u8>> = sqlx::query_scalar(select)
        .bind(rows::millis(before))
        .bind(today.to_string())
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    found.into_iter().map(hash).collect()
}

pub async fn announce(connection: &mut Connection, suggestion: HeaderHash, on: NaiveDate) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE suggestion SET announced_on = $2 WHERE header_hash = $1")
        .bind(suggestion.0.to_vec())
        .bind(on.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Those that may be erased: left before an instant, and announced no later than a day; at most `limit`.
pub async fn due(
    connection: &mut Connection,
    before: DateTime<Utc>,
    announced_through: NaiveDate,
    limit: u32,
) -> Result<Vec<HeaderHash>, DatabaseError> {
    let select = "SELECT header_hash FROM suggestion WHERE at < $1 AND announced_on <= $2 ORDER BY at LIMIT $3";
    let found: Vec<Vec<u8>> = sqlx::query_scalar(select)
        .bind(rows::millis(before))
        .bind(announced_through.to_string())
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    found.into_iter().map(hash).collect()
}

/// Whether it is here and not erased.
pub async fn is_kept(connection: &mut Connection, suggestion: HeaderHash) -> Result<bool, DatabaseError> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM suggestion WHERE header_hash = $1")
        .bind(suggestion.0.to_vec())
        .fetch_one(connection)
        .await?;
    Ok(found > 0)
}

/// Destroys a suggestion, and remembers that it is erased. It need not be here: a kiosk may send it again.
pub(super) async fn erase(
    connection: &mut Connection,
    suggestion: HeaderHash,
    at: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let known = "INSERT INTO erased_suggestion (header_hash, at) VALUES ($1, $2) ON CONFLICT (header_hash) DO NOTHING";
    sqlx::query(known).bind(suggestion.0.to_vec()).bind(rows::millis(at)).execute(&mut *connection).await?;
    envelopes::erase_one(connection, suggestion, at).await?;
    sqlx::query("DELETE FROM suggestion WHERE header_hash = $1")
        .bind(suggestion.0.to_vec())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a suggestion was erased.
pub async fn is_erased(connection: &mut Connection, suggestion: HeaderHash) -> Result<bool, DatabaseError> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM erased_suggestion WHERE header_hash = $1")
        .bind(suggestion.0.to_vec())
        .fetch_one(connection)
        .await?;
    Ok(found > 0)
}

/// All that were erased.
pub(super) async fn erased(connection: &mut Connection) -> Result<Vec<Erasure>, DatabaseError> {
    let found: Vec<(Vec<u8>, i64)> =
        sqlx::query_as("SELECT header_hash, at FROM erased_suggestion ORDER BY at, header_hash")
            .fetch_all(connection)
            .await?;
    let erasure = |(bytes, at)| Ok(Erasure { what: Erased::Suggestion(hash(bytes)?), at: rows::time(at)? });
    found.into_iter().map(erasure).collect()
}

fn hash(bytes: Vec<u8>) -> Result<HeaderHash, DatabaseError> {
    bytes.try_into().map(HeaderHash).map_err(|_| rows::damaged("a header's hash"))
}

pub async fn count(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM suggestion").fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}
