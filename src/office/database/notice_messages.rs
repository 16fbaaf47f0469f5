//! Notices of the last 24 hours at the gateway, by which messages are limited: one row a notice, however often it was
//! tried, because the gateway hears the same id each time.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Connection, DatabaseError, rows};
use crate::domain::mobile::Mobile;
use crate::domain::tracking_number::KioskNumber;

/// For so long messages are counted.
const DAY: TimeDelta = TimeDelta::days(1);
/// For so long those of one kiosk are.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// How many messages count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub in_a_day: u32,
    pub to_mobile_in_a_day: u32,
    pub of_kiosk_in_an_hour: u32,
}

/// Counts messages, and forgets those of longer ago than a day.
pub async fn count(
    connection: &mut Connection,
    now: DateTime<Utc>,
    mobile: &Mobile,
    kiosk: Option<KioskNumber>,
) -> Result<Counted, DatabaseError> {
    sqlx::query("DELETE FROM notice_message WHERE at <= $1")
        .bind(rows::millis(now - DAY))
        .execute(&mut *connection)
        .await?;
    let (all, to_mobile, of_kiosk): (i64, i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN mobile = $1 THEN 1 ELSE 0 END), 0),
         COALESCE(SUM(CASE WHEN kiosk = $2 AND at > $3 THEN 1 ELSE 0 END), 0) FROM notice_message",
    )
    .bind(mobile.as_str())
    .bind(kiosk.map(|kiosk| i64::from(kiosk.get())))
    .bind(rows::millis(now - HOUR))
    .fetch_one(connection)
    .await?;
    let narrow = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Counted { in_a_day: narrow(all), to_mobile_in_a_day: narrow(to_mobile), of_kiosk_in_an_hour: narrow(of_kiosk) })
}

/// Counts a message that goes out now.
pub async fn add(
    connection: &mut Connection,
    notice: &str,
    now: DateTime<Utc>,
    mobile: &Mobile,
    kiosk: Option<KioskNumber>,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO notice_message (notice, at, kiosk, mobile) VALUES ($1, $2, $3, $4)")
        .bind(notice)
        .bind(rows::millis(now))
        .bind(kiosk.map(|kiosk| i64::from(kiosk.get())))
        .bind(mobile.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// How many people stand on the call list because a limit was reached.
pub async fn count_held_back(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(DISTINCT request) FROM notice WHERE state = 'unreached' AND why = 'limit'")
            .fetch_one(connection)
            .await?;
    Ok(count.unsigned_abs())
}
