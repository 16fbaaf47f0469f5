//! Documents that were brought for a tracking number whose request has not arrived yet.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Sqlite};

use super::requests::Counted;
use super::{Connection, DatabaseError, rows};
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};

/// A document brought for a number that isn't known yet.
pub struct WaitingDocument {
    pub document: String,
    pub counted: Counted,
    pub kiosk: KioskNumber,
}

/// Keeps a brought document until its request arrives.
pub async fn add(
    connection: &mut Connection,
    header_hash: [u8; 32],
    number: TrackingNumber,
    waiting: &WaitingDocument,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO waiting_document (header_hash, tracking_number, document, at, on_day, kiosk)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (header_hash, document) DO NOTHING",
    )
    .bind(header_hash.to_vec())
    .bind(number.to_string())
    .bind(&waiting.document)
    .bind(rows::millis(waiting.counted.at))
    .bind(waiting.counted.day.to_string())
    .bind(i64::from(waiting.kiosk.get()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes what waited for some tracking numbers, each in the order of its times. `numbers` are no more than a batch has.
pub async fn take(
    connection: &mut Connection,
    numbers: &[TrackingNumber],
) -> Result<HashMap<TrackingNumber, Vec<WaitingDocument>>, DatabaseError> {
    let mut taken: HashMap<TrackingNumber, Vec<WaitingDocument>> = HashMap::new();
    if numbers.is_empty() {
        return Ok(taken);
    }
    let select = "SELECT tracking_number, document, at, on_day, kiosk FROM waiting_document";
    let found: Vec<(String, String, i64, String, i64)> = of_numbers(select, numbers)
        .push(" ORDER BY at, document")
        .build_query_as()
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?;
    if found.is_empty() {
        return Ok(taken);
    }
    of_numbers("DELETE FROM waiting_document", numbers).build().persistent(false).execute(connection).await?;
    for (number, document, at, day, kiosk) in found {
        let counted = Counted { at: rows::time(at)?, day: rows::day(&day)? };
        let waiting = WaitingDocument { document, counted, kiosk: rows::kiosk_number(kiosk)? };
        taken.entry(rows::tracking_number(&number)?).or_default().push(waiting);
    }
    Ok(taken)
}

fn of_numbers(statement: &str, numbers: &[TrackingNumber]) -> QueryBuilder<Sqlite> {
    let mut statement = QueryBuilder::new(statement);
    statement.push(" WHERE tracking_number IN (");
    let mut list = statement.separated(", ");
    for number in numbers {
        list.push_bind(number.to_string());
    }
    list.push_unseparated(")");
    statement
}
