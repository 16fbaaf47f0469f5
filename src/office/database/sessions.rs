//! Who is signed in, and who is half-way there; and the browsers that are known.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::people::{self, Person};
use super::{Connection, DatabaseError, rows};
use crate::office::sign_in::Owed;

/// A session with its person.
#[derive(Clone, Debug)]
pub struct Session {
    pub person: Person,
    /// What must still be proved before anything opens
    pub owes: Option<Owed>,
    pub begun_at: DateTime<Utc>,
    pub used_at: DateTime<Utc>,
}

/// A session as its person sees it among others.
#[derive(Clone, Debug)]
pub struct ListedSession {
    pub token_hash: [u8; 32],
    pub begun_at: DateTime<Utc>,
    pub used_at: DateTime<Utc>,
}

pub async fn begin(
    connection: &mut Connection,
    token_hash: [u8; 32],
    person: &str,
    owes: Option<Owed>,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO session (token_hash, person, begun_at, used_at, owes) VALUES ($1, $2, $3, $3, $4)")
        .bind(token_hash.to_vec())
        .bind(person)
        .bind(rows::millis(now))
        .bind(owes.map(Owed::as_str))
        .execute(&mut *connection)
        .await?;
    if owes.is_none() { people::saw(connection, person, now).await } else { Ok(()) }
}

/// The session of a token, begun and used after these times, of a person who isn't disabled. One from the future, by a clock
/// that was ahead, is over: it would last until then.
pub async fn find(
    connection: &mut Connection,
    token_hash: [u8; 32],
    begun_after: DateTime<Utc>,
    used_after: DateTime<Utc>,
    future: DateTime<Utc>,
) -> Result<Option<Session>, DatabaseError> {
    let row = sqlx::query(
        "SELECT person.*, session.begun_at, session.used_at, session.owes
         FROM session JOIN person ON person.id = session.person
         WHERE session.token_hash = $1 AND session.begun_at > $2 AND session.used_at > $3
         AND session.used_at < $4 AND session.begun_at < $4 AND person.disabled_at IS NULL",
    )
    .bind(token_hash.to_vec())
    .bind(rows::millis(begun_after))
    .bind(rows::millis(used_after))
    .bind(rows::millis(future))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let owes: Option<String> = row.try_get("owes")?;
    Ok(Some(Session {
        person: people::from_row(&row)?,
        owes: owes.map(|owes| owes.parse().map_err(|_| rows::damaged("what a session owes"))).transpose()?,
        begun_at: rows::time(row.try_get("begun_at")?)?,
        used_at: rows::time(row.try_get("used_at")?)?,
    }))
}

/// The sessions of a person that owe nothing, the newest first.
pub async fn of_person(
    connection: &mut Connection,
    person: &str,
    begun_after: DateTime<Utc>,
    used_after: DateTime<Utc>,
) -> Result<Vec<ListedSession>, DatabaseError> {
    let rows: Vec<(Vec<u8>, i64, i64)> = sqlx::query_as(
        "SELECT token_hash, begun_at, used_at FROM session
         WHERE person = $1 AND owes IS NULL AND begun_at > $2 AND used_at > $3 ORDER BY begun_at DESC",
    )
    .bind(person)
    .bind(rows::millis(begun_after))
    .bind(rows::millis(used_after))
    .fetch_all(connection)
    .await?;
    let listed = |(token_hash, begun_at, used_at)| {
        Ok(ListedSession {
            token_hash: rows::bytes(token_hash, "a session")?,
            begun_at: rows::time(begun_at)?,
            used_at: rows::time(used_at)?,
        })
    };
    rows.into_iter().map(listed).collect()
}

/// Notes that a session was used, and its person seen.
pub async fn note_use(
    connection: &mut Connection,
    token_hash: [u8; 32],
    person: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE session SET used_at = $2 WHERE token_hash = $1")
        .bind(token_hash.to_vec())
        .bind(rows::millis(now))
        .execute(&mut *connection)
        .await?;
    people::saw(connection, person, now).await
}

pub async fn end(connection: &mut Connection, token_hash: [u8; 32]) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM session WHERE token_hash = $1").bind(token_hash.to_vec()).execute(connection).await?;
    Ok(())
}

/// Ends all sessions of a person, those half-way too, but for one that may stay.
pub async fn end_all(
    connection: &mut Connection,
    person: &str,
    but_for: Option<[u8; 32]>,
) -> Result<(), DatabaseError> {
    // No token has an empty hash.
    let stays = but_for.map(Vec::from).unwrap_or_default();
    sqlx::query("DELETE FROM session WHERE person = $1 AND token_hash <> $2")
        .bind(person)
        .bind(stays)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes away sessions that nobody can use any more.
pub async fn end_old(connection: &mut Connection, begun_before: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM session WHERE begun_at <= $1")
        .bind(rows::millis(begun_before))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a person has signed in by this browser after a moment.
pub async fn knows_browser(
    connection: &mut Connection,
    token_hash: [u8; 32],
    person: &str,
    after: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT signed_in_at FROM known_browser WHERE token_hash = $1 AND person = $2 AND signed_in_at > $3",
    )
    .bind(token_hash.to_vec())
    .bind(person)
    .bind(rows::millis(after))
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// Makes a browser known under a new token; what it was known by before, for this person and others, becomes the new one.
pub async fn know_browser(
    connection: &mut Connection,
    before: Option<[u8; 32]>,
    token_hash: [u8; 32],
    person: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    if let Some(before) = before {
        sqlx::query("UPDATE known_browser SET token_hash = $2 WHERE token_hash = $1")
            .bind(before.to_vec())
            .bind(token_hash.to_vec())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO known_browser (token_hash, person, signed_in_at) VALUES ($1, $2, $3)
         ON CONFLICT (token_hash, person) DO UPDATE SET signed_in_at = excluded.signed_in_at",
    )
    .bind(token_hash.to_vec())
    .bind(person)
    .bind(rows::millis(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets in which browsers a person has signed in.
pub async fn forget_browsers(connection: &mut Connection, person: &str) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM known_browser WHERE person = $1").bind(person).execute(connection).await?;
    Ok(())
}

/// Forgets browsers in which nobody has signed in since a moment.
pub async fn forget_old_browsers(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM known_browser WHERE signed_in_at <= $1")
        .bind(rows::millis(before))
        .execute(connection)
        .await?;
    Ok(())
}
