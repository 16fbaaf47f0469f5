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

/// Stores prints, each under an id; the same one again changes nothing.
pub async fn add_all(connection: &mut Connection, prints: &[([u8; 32], StoredPrint)]) -> Result<(), DatabaseError> {
    let mut stored = Vec::with_capacity(prints.len());
    for (id, print) in prints {
        stored.push((id, print, rows::to_json(&print.print)?));
    }
    let insert = "INSERT INTO print (id, tracking_number, kiosk, at, print)";
    rows::insert_all(connection, insert, &stored, "ON CONFLICT (id) DO NOTHING", |values, (id, stored, print)| {
        values.push_bind(id.to_vec()).push_bind(stored.print.tracking_number.to_string());
        values.push_bind(stored.kiosk.map(|kiosk| i64::from(kiosk.get())));
        values.push_bind(rows::millis(stored.at)).push_bind(print);
    })
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
