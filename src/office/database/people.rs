//! The staff and their sessions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};
use crate::office::people::{Role, UserName};

/// A person of the staff.
#[derive(Clone, Debug)]
pub struct Person {
    /// Random: it stands in the trail
    pub id: String,
    pub name: String,
    pub role: Role,
    /// Argon2id, as a PHC string
    pub password: String,
}

/// Adds a person; false when the name is taken.
pub async fn add(connection: &mut Connection, person: &Person, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "INSERT INTO person (id, name, role, password, added_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO NOTHING",
    )
    .bind(&person.id)
    .bind(&person.name)
    .bind(person.role.as_str())
    .bind(&person.password)
    .bind(rows::millis(now))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn find(connection: &mut Connection, name: &UserName) -> Result<Option<Person>, DatabaseError> {
    let row: Option<(String, String, String, String)> =
        sqlx::query_as("SELECT id, name, role, password FROM person WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(from_row).transpose()
}

/// The names of all people, by id.
pub async fn names(connection: &mut Connection) -> Result<HashMap<String, String>, DatabaseError> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, name FROM person").fetch_all(connection).await?;
    Ok(rows.into_iter().collect())
}

pub async fn begin_session(
    connection: &mut Connection,
    token_hash: [u8; 32],
    person: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO session (token_hash, person, begun_at, used_at) VALUES ($1, $2, $3, $3)")
        .bind(token_hash.to_vec())
        .bind(person)
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// The person of a session begun and used after these times, and when it was last used.
pub async fn of_session(
    connection: &mut Connection,
    token_hash: [u8; 32],
    begun_after: DateTime<Utc>,
    used_after: DateTime<Utc>,
) -> Result<Option<(Person, DateTime<Utc>)>, DatabaseError> {
    let row: Option<(String, String, String, String, i64)> = sqlx::query_as(
        "SELECT person.id, person.name, person.role, person.password, session.used_at
         FROM session JOIN person ON person.id = session.person
         WHERE session.token_hash = $1 AND session.begun_at > $2 AND session.used_at > $3",
    )
    .bind(token_hash.to_vec())
    .bind(rows::millis(begun_after))
    .bind(rows::millis(used_after))
    .fetch_optional(connection)
    .await?;
    row.map(|(id, name, role, password, used_at)| Ok((from_row((id, name, role, password))?, rows::time(used_at)?)))
        .transpose()
}

pub async fn use_session(
    connection: &mut Connection,
    token_hash: [u8; 32],
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE session SET used_at = $2 WHERE token_hash = $1")
        .bind(token_hash.to_vec())
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn end_session(connection: &mut Connection, token_hash: [u8; 32]) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM session WHERE token_hash = $1").bind(token_hash.to_vec()).execute(connection).await?;
    Ok(())
}

/// Takes away sessions that nobody can use any more.
pub async fn end_old_sessions(connection: &mut Connection, begun_before: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM session WHERE begun_at <= $1")
        .bind(rows::millis(begun_before))
        .execute(connection)
        .await?;
    Ok(())
}

fn from_row((id, name, role, password): (String, String, String, String)) -> Result<Person, DatabaseError> {
    let role = role.parse().map_err(|_| rows::damaged("a role"))?;
    Ok(Person { id, name, role, password })
}
