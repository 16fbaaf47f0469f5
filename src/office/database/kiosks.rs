//! Kiosks and the invites by which they join. The office's own desk has a row among them, with the number 0: only its
//! receipts' key is read from it.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Connection, DatabaseError, rows};
use crate::domain::record::ReceiptKeyBytes;
use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::seal::envelope::{Epoch, HeaderHash};
use crate::seal::keys::ProvingKey;

/// A kiosk that was enrolled once.
#[derive(Clone, Debug)]
pub struct Kiosk {
    pub number: KioskNumber,
    pub name: String,
    pub tls_pin: Pin,
    pub proving_key: ProvingKey,
    /// Known from its first opening
    pub receipt_key: Option<ReceiptKeyBytes>,
    pub first_epoch: Epoch,
    pub enrolled_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Kiosk {
    pub fn is_revoked(&self) -> bool {
        self.revoked_at.is_some()
    }
}

/// What a kiosk said of its store when it had to repair it, or began an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub at: DateTime<Utc>,
    /// English, by the kiosk's program
    pub text: String,
}

/// So many of a kiosk's reports are shown.
const REPORTS_SHOWN: i64 = 5;

/// What is known of an invite's code.
pub struct StoredInvite {
    pub expires_at: DateTime<Utc>,
    /// The kiosk that used it
    pub kiosk: Option<KioskNumber>,
}

pub async fn add(connection: &mut Connection, kiosk: &Kiosk) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO kiosk (number, name, tls_pin, proving_key, first_epoch, enrolled_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(i64::from(kiosk.number.get()))
    .bind(&kiosk.name)
    .bind(kiosk.tls_pin.0.to_vec())
    .bind(kiosk.proving_key.0.to_vec())
    .bind(kiosk.first_epoch.0.to_vec())
    .bind(rows::millis(kiosk.enrolled_at))
    .bind(rows::millis(kiosk.last_seen_at))
    .execute(connection)
    .await?;
    Ok(())
}

/// The next number, above all rows and above `given`, the highest that is known from elsewhere; `None` when all 9999 are
/// used up. Rows stay for ever, so no number comes twice.
pub async fn next_number(connection: &mut Connection, given: u16) -> Result<Option<KioskNumber>, DatabaseError> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM kiosk").fetch_one(connection).await?;
    Ok(rows::kiosk_number(last.max(i64::from(given)) + 1).ok())
}

/// A kiosk; never the desk, as which nobody can speak.
pub async fn find(connection: &mut Connection, number: KioskNumber) -> Result<Option<Kiosk>, DatabaseError> {
    let row = sqlx::query("SELECT * FROM kiosk WHERE number = $1 AND number > 0")
        .bind(i64::from(number.get()))
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// The newest kiosk that shows this key.
pub async fn by_pin(connection: &mut Connection, pin: Pin) -> Result<Option<Kiosk>, DatabaseError> {
    let row = sqlx::query("SELECT * FROM kiosk WHERE tls_pin = $1 AND number > 0 ORDER BY number DESC LIMIT 1")
        .bind(pin.0.to_vec())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// All kiosks that have shown this key, the newest first: one that was revoked and joined again has several numbers.
pub async fn all_by_pin(connection: &mut Connection, pin: Pin) -> Result<Vec<Kiosk>, DatabaseError> {
    let rows = sqlx::query("SELECT * FROM kiosk WHERE tls_pin = $1 AND number > 0 ORDER BY number DESC")
        .bind(pin.0.to_vec())
        .fetch_all(connection)
        .await?;
    rows.iter().map(from_row).collect()
}

/// How many envelopes of a kiosk were taken in after it was revoked.
pub async fn after_revocation(connection: &mut Connection, number: KioskNumber) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar("SELECT after_revocation FROM kiosk WHERE number = $1")
        .bind(i64::from(number.get()))
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

pub async fn add_after_revocation(
    connection: &mut Connection,
    number: KioskNumber,
    more: usize,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE kiosk SET after_revocation = after_revocation + $2 WHERE number = $1")
        .bind(i64::from(number.get()))
        .bind(more as i64)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that the trail holds a head that this kiosk has shown of a day.
pub async fn set_witnessed(
    connection: &mut Connection,
    number: KioskNumber,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE kiosk SET witnessed_at = $2, witnessed_on = $3 WHERE number = $1")
        .bind(i64::from(number.get()))
        .bind(rows::millis(now))
        .bind(day.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// How many other kiosks have shown, since a moment, heads of this day or later that the trail holds.
pub async fn count_other_witnesses(
    connection: &mut Connection,
    number: KioskNumber,
    day: NaiveDate,
    since: DateTime<Utc>,
) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM kiosk WHERE number <> $1 AND revoked_at IS NULL AND witnessed_on >= $2 AND witnessed_at > $3",
    )
    .bind(i64::from(number.get()))
    .bind(day.to_string())
    .bind(rows::millis(since))
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

pub async fn all(connection: &mut Connection) -> Result<Vec<Kiosk>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM kiosk WHERE number > 0 ORDER BY number").fetch_all(connection).await?;
    Ok(rows::readable(&found, "kiosks", from_row))
}

pub async fn seen(connection: &mut Connection, number: KioskNumber, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE kiosk SET last_seen_at = $2 WHERE number = $1")
        .bind(i64::from(number.get()))
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives the office's own desk (number 0) its row, which its requests refer to, with the key of its receipts.
pub async fn add_desk(connection: &mut Connection, desk: &Kiosk, key: &ReceiptKeyBytes) -> Result<(), DatabaseError> {
    let known: Option<i64> =
        sqlx::query_scalar("SELECT number FROM kiosk WHERE number = 0").fetch_optional(&mut *connection).await?;
    if known.is_none() {
        add(connection, desk).await?;
    }
    set_receipt_key(connection, KioskNumber::DESK, key).await?;
    Ok(())
}

/// The key of a kiosk's receipts, or of the desk's. None before its opening came; none of a revoked kiosk: revoking it turns
/// its codes off.
pub async fn receipt_key(
    connection: &mut Connection,
    number: KioskNumber,
) -> Result<Option<ReceiptKeyBytes>, DatabaseError> {
    let key: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT receipt_key FROM kiosk WHERE number = $1 AND revoked_at IS NULL")
            .bind(i64::from(number.get()))
            .fetch_optional(connection)
            .await?;
    key.flatten().map(|key| rows::bytes(key, "a receipt key").map(ReceiptKeyBytes)).transpose()
}

/// Keeps the key of the kiosk's receipts; true when it wasn't known.
pub async fn set_receipt_key(
    connection: &mut Connection,
    number: KioskNumber,
    key: &ReceiptKeyBytes,
) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "UPDATE kiosk SET receipt_key = $2 WHERE number = $1 AND (receipt_key IS NULL OR receipt_key <> $2)",
    )
    .bind(i64::from(number.get()))
    .bind(key.0.to_vec())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Revokes a kiosk; false when it was revoked before, or never was.
pub async fn revoke(
    connection: &mut Connection,
    number: KioskNumber,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let done = sqlx::query("UPDATE kiosk SET revoked_at = $2 WHERE number = $1 AND number > 0 AND revoked_at IS NULL")
        .bind(i64::from(number.get()))
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// True when a kiosk with this key was revoked.
pub async fn is_revoked_key(connection: &mut Connection, key: &ProvingKey) -> Result<bool, DatabaseError> {
    let revoked: Option<i64> =
        sqlx::query_scalar("SELECT number FROM kiosk WHERE proving_key = $1 AND revoked_at IS NOT NULL LIMIT 1")
            .bind(key.0.to_vec())
            .fetch_optional(connection)
            .await?;
    Ok(revoked.is_some())
}

/// Keeps what a kiosk says of a repair to its store, or what was found of it; false when the same was kept before.
pub async fn note_report(
    connection: &mut Connection,
    header_hash: HeaderHash,
    number: KioskNumber,
    report: &Report,
) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "INSERT INTO kiosk_report (header_hash, kiosk, at, report) VALUES ($1, $2, $3, $4)
         ON CONFLICT (header_hash) DO NOTHING",
    )
    .bind(header_hash.0.to_vec())
    .bind(i64::from(number.get()))
    .bind(rows::millis(report.at))
    .bind(&report.text)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn has_report(connection: &mut Connection, header_hash: HeaderHash) -> Result<bool, DatabaseError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT kiosk FROM kiosk_report WHERE header_hash = $1")
        .bind(header_hash.0.to_vec())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// The newest reports of a kiosk.
pub async fn reports(connection: &mut Connection, number: KioskNumber) -> Result<Vec<Report>, DatabaseError> {
    let found: Vec<(i64, String)> =
        sqlx::query_as("SELECT at, report FROM kiosk_report WHERE kiosk = $1 ORDER BY at DESC LIMIT $2")
            .bind(i64::from(number.get()))
            .bind(REPORTS_SHOWN)
            .fetch_all(connection)
            .await?;
    Ok(rows::readable(found, "reports of kiosks", |(at, text)| Ok(Report { at: rows::time(at)?, text })))
}

pub async fn add_invite(
    connection: &mut Connection,
    code_hash: [u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO invite (code_hash, expires_at) VALUES ($1, $2)")
        .bind(code_hash.to_vec())
        .bind(rows::millis(expires_at))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn find_invite(
    connection: &mut Connection,
    code_hash: [u8; 32],
) -> Result<Option<StoredInvite>, DatabaseError> {
    let row: Option<(i64, Option<i64>)> = sqlx::query_as("SELECT expires_at, kiosk FROM invite WHERE code_hash = $1")
        .bind(code_hash.to_vec())
        .fetch_optional(connection)
        .await?;
    row.map(|(expires_at, kiosk)| {
        Ok(StoredInvite { expires_at: rows::time(expires_at)?, kiosk: kiosk.map(rows::kiosk_number).transpose()? })
    })
    .transpose()
}

pub async fn use_invite(
    connection: &mut Connection,
    code_hash: [u8; 32],
    kiosk: KioskNumber,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE invite SET kiosk = $2 WHERE code_hash = $1")
        .bind(code_hash.to_vec())
        .bind(i64::from(kiosk.get()))
        .execute(connection)
        .await?;
    Ok(())
}

fn from_row(row: &SqliteRow) -> Result<Kiosk, DatabaseError> {
    let receipt_key: Option<Vec<u8>> = row.try_get("receipt_key")?;
    Ok(Kiosk {
        number: rows::kiosk_number(row.try_get("number")?)?,
        name: row.try_get("name")?,
        tls_pin: Pin(rows::bytes(row.try_get("tls_pin")?, "a kiosk's pin")?),
        proving_key: ProvingKey(rows::bytes(row.try_get("proving_key")?, "a kiosk's key")?),
        receipt_key: receipt_key.map(|key| rows::bytes(key, "a receipt key").map(ReceiptKeyBytes)).transpose()?,
        first_epoch: Epoch(rows::bytes(row.try_get("first_epoch")?, "an epoch")?),
        enrolled_at: rows::time(row.try_get("enrolled_at")?)?,
        last_seen_at: rows::time(row.try_get("last_seen_at")?)?,
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(rows::time).transpose()?,
    })
}
