//! Suggestions and complaints.

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};
use crate::domain::tracking_number::KioskNumber;

/// What somebody left at a kiosk.
pub struct Suggestion {
    pub at: DateTime<Utc>,
    pub kiosk: KioskNumber,
    pub text: String,
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
pub async fn page(connection: &mut Connection, limit: u32, offset: u32) -> Result<Vec<Suggestion>, DatabaseError> {
    let found: Vec<(i64, i64, String)> =
        sqlx::query_as("SELECT at, kiosk, text FROM suggestion ORDER BY at DESC, header_hash LIMIT $1 OFFSET $2")
            .bind(i64::from(limit))
            .bind(i64::from(offset))
            .fetch_all(connection)
            .await?;
    found
        .into_iter()
        .map(|(at, kiosk, text)| Ok(Suggestion { at: rows::time(at)?, kiosk: rows::kiosk_number(kiosk)?, text }))
        .collect()
}

pub async fn count(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM suggestion").fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}
