//! Kiosks that this office doesn't know and that ask to be let in again.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Connection, DatabaseError, rows};
use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::seal::envelope::Epoch;
use crate::seal::keys::ProvingKey;

/// The most kiosks that are noted: strangers fill no disk.
const KNOCKS_MAX: i64 = 100;

/// A kiosk that asks to be let in again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKnock {
    pub tls_pin: Pin,
    pub number: KioskNumber,
    pub name: String,
    pub proving_key: ProvingKey,
    pub first_epoch: Epoch,
    /// Of its receipts, sealed to this office
    pub receipt_key: Vec<u8>,
    /// This office itself has given that number to that key
    pub is_proved: bool,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
}

/// Notes a knock; of each key the newest counts. Where too many are noted, the oldest goes, and of a proved one only for
/// another proved one.
pub async fn note(connection: &mut Connection, knock: &StoredKnock) -> Result<(), DatabaseError> {
    let first: Option<i64> = sqlx::query_scalar("DELETE FROM kiosk_knock WHERE tls_pin = $1 RETURNING first_at")
        .bind(knock.tls_pin.0.to_vec())
        .fetch_optional(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO kiosk_knock (tls_pin, number, name, proving_key, first_epoch, receipt_key, proved, first_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(knock.tls_pin.0.to_vec())
    .bind(i64::from(knock.number.get()))
    .bind(&knock.name)
    .bind(knock.proving_key.0.to_vec())
    .bind(knock.first_epoch.0.to_vec())
    .bind(&knock.receipt_key)
    .bind(knock.is_proved)
    .bind(first.unwrap_or_else(|| rows::millis(knock.first_at)))
    .bind(rows::millis(knock.last_at))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM kiosk_knock WHERE tls_pin IN
         (SELECT tls_pin FROM kiosk_knock ORDER BY proved DESC, last_at DESC LIMIT -1 OFFSET $1)",
    )
    .bind(KNOCKS_MAX)
    .execute(connection)
    .await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, pin: Pin) -> Result<Option<StoredKnock>, DatabaseError> {
    let row = sqlx::query("SELECT * FROM kiosk_knock WHERE tls_pin = $1")
        .bind(pin.0.to_vec())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// All that knock, by number, those first whose number is proved.
pub async fn all(connection: &mut Connection) -> Result<Vec<StoredKnock>, DatabaseError> {
    let rows = sqlx::query("SELECT * FROM kiosk_knock ORDER BY proved DESC, number, first_at, tls_pin")
        .fetch_all(connection)
        .await?;
    rows.iter().map(from_row).collect()
}

pub async fn remove(connection: &mut Connection, pin: Pin) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM kiosk_knock WHERE tls_pin = $1").bind(pin.0.to_vec()).execute(connection).await?;
    Ok(())
}

/// When the newest stranger whose number isn't proved first knocked.
pub async fn newest_unproved(connection: &mut Connection) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let newest: Option<i64> =
        sqlx::query_scalar("SELECT MAX(first_at) FROM kiosk_knock WHERE proved = 0").fetch_one(connection).await?;
    newest.map(rows::time).transpose()
}

/// The highest number that this office has given to one of those who knock.
pub async fn highest_proved(connection: &mut Connection) -> Result<u16, DatabaseError> {
    let highest: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM kiosk_knock WHERE proved = 1")
        .fetch_one(connection)
        .await?;
    Ok(u16::try_from(highest).unwrap_or(KioskNumber::MAX))
}

fn from_row(row: &SqliteRow) -> Result<StoredKnock, DatabaseError> {
    Ok(StoredKnock {
        tls_pin: Pin(rows::bytes(row.try_get("tls_pin")?, "a kiosk's pin")?),
        number: rows::kiosk_number(row.try_get("number")?)?,
        name: row.try_get("name")?,
        proving_key: ProvingKey(rows::bytes(row.try_get("proving_key")?, "a kiosk's key")?),
        first_epoch: Epoch(rows::bytes(row.try_get("first_epoch")?, "an epoch")?),
        receipt_key: row.try_get("receipt_key")?,
        is_proved: row.try_get("proved")?,
        first_at: rows::time(row.try_get("first_at")?)?,
        last_at: rows::time(row.try_get("last_at")?)?,
    })
}
