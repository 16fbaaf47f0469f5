//! Calls for staff, and when somebody last had a page in view.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Connection, DatabaseError, rows};
use crate::domain::language::Language;
use crate::domain::tracking_number::KioskNumber;
use crate::replication::wire::CallPlace;

/// What names a call: 16 random bytes from its kiosk.
pub type CallId = [u8; 16];

/// A visitor's call as it is stored.
#[derive(Clone, Debug)]
pub struct StoredCall {
    pub id: CallId,
    pub kiosk: KioskNumber,
    pub place: CallPlace,
    pub language: Language,
    pub called_at: DateTime<Utc>,
    pub last_asked_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub coming_at: Option<DateTime<Utc>>,
}

/// Stores a call; one of the same id stays as it is.
pub async fn add(connection: &mut Connection, call: &StoredCall) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO staff_call (id, kiosk, place, language, called_at, last_asked_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(call.id.to_vec())
    .bind(i64::from(call.kiosk.get()))
    .bind(place_word(call.place))
    .bind(call.language.code())
    .bind(rows::millis(call.called_at))
    .bind(rows::millis(call.last_asked_at))
    .execute(connection)
    .await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: CallId) -> Result<Option<StoredCall>, DatabaseError> {
    let row =
        sqlx::query("SELECT * FROM staff_call WHERE id = $1").bind(id.to_vec()).fetch_optional(connection).await?;
    row.as_ref().map(from_row).transpose()
}

/// The calls made after a time, the newest first, each with its kiosk's name.
pub async fn since(
    connection: &mut Connection,
    called_after: DateTime<Utc>,
) -> Result<Vec<(StoredCall, String)>, DatabaseError> {
    let found = sqlx::query(
        "SELECT staff_call.*, kiosk.name FROM staff_call JOIN kiosk ON kiosk.number = staff_call.kiosk
         WHERE staff_call.called_at > $1 ORDER BY staff_call.called_at DESC, staff_call.id",
    )
    .bind(rows::millis(called_after))
    .fetch_all(connection)
    .await?;
    Ok(rows::readable(&found, "calls", |row| Ok((from_row(row)?, row.try_get("name")?))))
}

/// How many calls a kiosk has made after a time.
pub async fn count_of(
    connection: &mut Connection,
    kiosk: KioskNumber,
    called_after: DateTime<Utc>,
) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM staff_call WHERE kiosk = $1 AND called_at > $2")
        .bind(i64::from(kiosk.get()))
        .bind(rows::millis(called_after))
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

/// Notes that the kiosk still asks.
pub async fn ask_again(connection: &mut Connection, id: CallId, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE staff_call SET last_asked_at = $2 WHERE id = $1")
        .bind(id.to_vec())
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a call for good.
pub async fn end(connection: &mut Connection, id: CallId, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE staff_call SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id.to_vec())
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends all calls of a kiosk but this one.
pub async fn end_others(
    connection: &mut Connection,
    kiosk: KioskNumber,
    but: CallId,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE staff_call SET ended_at = $3 WHERE kiosk = $1 AND id <> $2 AND ended_at IS NULL")
        .bind(i64::from(kiosk.get()))
        .bind(but.to_vec())
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that somebody is coming; false when somebody was before.
pub async fn answer(connection: &mut Connection, id: CallId, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let done = sqlx::query("UPDATE staff_call SET coming_at = $2 WHERE id = $1 AND coming_at IS NULL")
        .bind(id.to_vec())
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes away calls that nobody looks at any more.
pub async fn forget_before(connection: &mut Connection, called_before: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM staff_call WHERE called_at < $1")
        .bind(rows::millis(called_before))
        .execute(connection)
        .await?;
    Ok(())
}

/// When any page of the staff was last in view; 1970 when none ever was.
pub async fn watched_at(connection: &mut Connection) -> Result<DateTime<Utc>, DatabaseError> {
    let at: i64 = sqlx::query_scalar("SELECT watched_at FROM office").fetch_one(connection).await?;
    rows::time(at)
}

pub async fn note_watched(connection: &mut Connection, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE office SET watched_at = $1").bind(rows::millis(now)).execute(connection).await?;
    Ok(())
}

const PLACES: [(CallPlace, &str); 7] = [
    (CallPlace::Home, "home"),
    (CallPlace::Registration, "registration"),
    (CallPlace::FollowUp, "follow_up"),
    (CallPlace::Rating, "rating"),
    (CallPlace::Information, "information"),
    (CallPlace::Suggestion, "suggestion"),
    (CallPlace::Other, "other"),
];

fn place_word(place: CallPlace) -> &'static str {
    PLACES.iter().find(|(known, _)| *known == place).map_or("other", |(_, word)| word)
}

fn place_of(word: &str) -> Result<CallPlace, DatabaseError> {
    let found = PLACES.iter().find(|(_, known)| *known == word);
    found.map(|(place, _)| *place).ok_or_else(|| rows::damaged("a call's place"))
}

fn from_row(row: &SqliteRow) -> Result<StoredCall, DatabaseError> {
    let (place, language): (String, String) = (row.try_get("place")?, row.try_get("language")?);
    let optional = |column: &str| row.try_get::<Option<i64>, _>(column)?.map(rows::time).transpose();
    Ok(StoredCall {
        id: rows::bytes(row.try_get("id")?, "a call's id")?,
        kiosk: rows::kiosk_number(row.try_get("kiosk")?)?,
        place: place_of(&place)?,
        language: language.parse().map_err(|_| rows::damaged("a call's language"))?,
        called_at: rows::time(row.try_get("called_at")?)?,
        last_asked_at: rows::time(row.try_get("last_asked_at")?)?,
        ended_at: optional("ended_at")?,
        coming_at: optional("coming_at")?,
    })
}
