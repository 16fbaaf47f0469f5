//! What was printed about requests, at kiosks and at the desk.

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};
use crate::domain::printout::Print;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};

/// A print as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPrint {
    pub at: DateTime<Utc>,
    /// `None` at the desk
    pub kiosk: Option<KioskNumber>,
    pub print: Print,
}

/// Stores a print under an id; the same one again changes nothing.
pub async fn add(connection: &mut Connection, id: [u8; 32], stored: &StoredPrint) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO print (id, tracking_number, kiosk, at, print) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id.to_vec())
    .bind(stored.print.tracking_number.to_string())
    .bind(stored.kiosk.map(|kiosk| i64::from(kiosk.get())))
    .bind(rows::millis(stored.at))
    .bind(rows::to_json(&stored.print)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// What was printed about a tracking number, the oldest first.
pub async fn of_number(connection: &mut Connection, number: TrackingNumber) -> Result<Vec<StoredPrint>, DatabaseError> {
    let found: Vec<(i64, Option<i64>, String)> =
        sqlx::query_as("SELECT at, kiosk, print FROM print WHERE tracking_number = $1 ORDER BY at, id")
            .bind(number.to_string())
            .fetch_all(connection)
            .await?;
    let stored = |(at, kiosk, print): (i64, Option<i64>, String)| {
        Ok(StoredPrint {
            at: rows::time(at)?,
            kiosk: kiosk.map(rows::kiosk_number).transpose()?,
            print: rows::json(&print, "a print")?,
        })
    };
    found.into_iter().map(stored).collect()
}
