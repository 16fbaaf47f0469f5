//! How each kiosk was when it was last heard.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};
use crate::domain::tracking_number::KioskNumber;
use crate::office::day::witnesses::KioskClock;
use crate::replication::wire::Heartbeat;

/// Keeps the newest word of a kiosk.
pub async fn set(
    connection: &mut Connection,
    kiosk: KioskNumber,
    at: DateTime<Utc>,
    heartbeat: &Heartbeat,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO heartbeat (kiosk, at, heartbeat) VALUES ($1, $2, $3)
         ON CONFLICT (kiosk) DO UPDATE SET at = $2, heartbeat = $3",
    )
    .bind(i64::from(kiosk.get()))
    .bind(rows::millis(at))
    .bind(rows::to_json(heartbeat)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest word of every kiosk that has said any.
pub async fn all(
    connection: &mut Connection,
) -> Result<HashMap<KioskNumber, (DateTime<Utc>, Heartbeat)>, DatabaseError> {
    let found: Vec<(i64, i64, String)> =
        sqlx::query_as("SELECT kiosk, at, heartbeat FROM heartbeat").fetch_all(connection).await?;
    let heard = |(kiosk, at, heartbeat): (i64, i64, String)| {
        Ok((rows::kiosk_number(kiosk)?, (rows::time(at)?, rows::json(&heartbeat, "a heartbeat")?)))
    };
    Ok(rows::readable(found, "heartbeats", heard).into_iter().collect())
}

/// Gives the clocks of all kiosks that may speak, as they were last heard.
pub async fn clocks(connection: &mut Connection) -> Result<Vec<KioskClock>, DatabaseError> {
    let found: Vec<(i64, i64, String)> = sqlx::query_as(
        "SELECT heartbeat.kiosk, heartbeat.at, heartbeat.heartbeat FROM heartbeat
             JOIN kiosk ON kiosk.number = heartbeat.kiosk WHERE kiosk.revoked_at IS NULL ORDER BY heartbeat.kiosk",
    )
    .fetch_all(connection)
    .await?;
    let clock = |(kiosk, at, heartbeat): (i64, i64, String)| {
        let heartbeat: Heartbeat = rows::json(&heartbeat, "a heartbeat")?;
        Ok(KioskClock::new(rows::kiosk_number(kiosk)?, heartbeat.kiosk_time, rows::time(at)?))
    };
    Ok(rows::readable(found, "heartbeats", clock))
}
