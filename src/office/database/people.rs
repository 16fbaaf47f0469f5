//! The staff.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Connection, DatabaseError, rows};
use crate::office::people::{FullName, Role, UserName};

/// A person of the staff.
#[derive(Clone, Debug)]
pub struct Person {
    /// Random: it stands in the trail
    pub id: String,
    /// To sign in with
    pub name: String,
    /// As minutes and pages print it; `None` where it is the name to sign in with
    pub full_name: Option<String>,
    pub role: Role,
    /// Argon2id, as a PHC string
    pub password: String,
    /// Somebody else made the password: another must be chosen at the next sign-in
    pub password_is_initial: bool,
    /// Can't sign in
    pub is_disabled: bool,
}

/// A person as the list of the staff shows them.
#[derive(Clone, Debug)]
pub struct ListedPerson {
    pub id: String,
    pub name: String,
    pub full_name: Option<String>,
    pub role: Role,
    pub is_disabled: bool,
    pub password_is_initial: bool,
    /// False since a restore, or since the database was rolled back, until they are given one
    pub has_password: bool,
    pub has_second_factor: bool,
    /// `None` for who has never signed in
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Adds a person; false when the name is taken.
pub async fn add(connection: &mut Connection, person: &Person, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "INSERT INTO person (id, name, full_name, role, password, password_is_initial, added_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO NOTHING",
    )
    .bind(&person.id)
    .bind(&person.name)
    .bind(&person.full_name)
    .bind(person.role.as_str())
    .bind(&person.password)
    .bind(i64::from(person.password_is_initial))
    .bind(rows::millis(now))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn find(connection: &mut Connection, name: &UserName) -> Result<Option<Person>, DatabaseError> {
    let row =
        sqlx::query("SELECT * FROM person WHERE name = $1").bind(name.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(from_row).transpose()
}

pub async fn by_id(connection: &mut Connection, id: &str) -> Result<Option<Person>, DatabaseError> {
    let row = sqlx::query("SELECT * FROM person WHERE id = $1").bind(id).fetch_optional(connection).await?;
    row.as_ref().map(from_row).transpose()
}

/// How all people are called on pages and in minutes, by id.
pub async fn names(connection: &mut Connection) -> Result<HashMap<String, String>, DatabaseError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT id, COALESCE(full_name, name) FROM person").fetch_all(connection).await?;
    Ok(rows.into_iter().collect())
}

/// All people by name: never in an order that ranks them (P13).
pub async fn all(connection: &mut Connection) -> Result<Vec<ListedPerson>, DatabaseError> {
    let found = sqlx::query(
        "SELECT person.*, second_factor.person AS factor
         FROM person LEFT JOIN second_factor ON second_factor.person = person.id ORDER BY person.name",
    )
    .fetch_all(connection)
    .await?;
    let listed = |row: &SqliteRow| {
        let Person { id, name, full_name, role, is_disabled, password, password_is_initial } = from_row(row)?;
        let last_seen_at: Option<i64> = row.try_get("last_seen_at")?;
        let has_second_factor = row.try_get::<Option<String>, _>("factor")?.is_some();
        let last_seen_at = last_seen_at.map(rows::time).transpose()?;
        Ok(ListedPerson {
            id,
            name,
            full_name,
            role,
            is_disabled,
            password_is_initial,
            has_password: !password.is_empty(),
            has_second_factor,
            last_seen_at,
        })
    };
    Ok(rows::readable(&found, "staff", listed))
}

/// Whether somebody else than this person is an administrator who can sign in.
pub async fn has_other_administrator(connection: &mut Connection, id: &str) -> Result<bool, DatabaseError> {
    let others: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM person WHERE role = $1 AND disabled_at IS NULL AND id <> $2")
            .bind(Role::Administrator.as_str())
            .bind(id)
            .fetch_one(connection)
            .await?;
    Ok(others > 0)
}

/// Number of people who can't sign in because they have lost their password: by a restore, or as the database was rolled back.
pub async fn count_without_password(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let shut_out: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM person WHERE password = '' AND disabled_at IS NULL")
        .fetch_one(connection)
        .await?;
    Ok(shut_out.unsigned_abs())
}

pub async fn set_role(connection: &mut Connection, id: &str, role: Role) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE person SET role = $2 WHERE id = $1").bind(id).bind(role.as_str()).execute(connection).await?;
    Ok(())
}

pub async fn set_full_name(
    connection: &mut Connection,
    id: &str,
    full_name: Option<&FullName>,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE person SET full_name = $2 WHERE id = $1")
        .bind(id)
        .bind(full_name.map(FullName::as_str))
        .execute(connection)
        .await?;
    Ok(())
}

/// Disables a person from a moment on, or enables them.
pub async fn set_disabled(
    connection: &mut Connection,
    id: &str,
    since: Option<DateTime<Utc>>,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE person SET disabled_at = $2 WHERE id = $1")
        .bind(id)
        .bind(since.map(rows::millis))
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces the password's hash.
pub async fn set_password(
    connection: &mut Connection,
    id: &str,
    hash: &str,
    is_initial: bool,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE person SET password = $2, password_is_initial = $3 WHERE id = $1")
        .bind(id)
        .bind(hash)
        .bind(i64::from(is_initial))
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes when a person was last here.
pub async fn saw(connection: &mut Connection, id: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE person SET last_seen_at = $2 WHERE id = $1")
        .bind(id)
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// A person from a row with all columns of their table.
pub(super) fn from_row(row: &SqliteRow) -> Result<Person, DatabaseError> {
    let role: String = row.try_get("role")?;
    Ok(Person {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        full_name: row.try_get("full_name")?,
        role: role.parse().map_err(|_| rows::damaged("a role"))?,
        password: row.try_get("password")?,
        password_is_initial: row.try_get::<i64, _>("password_is_initial")? != 0,
        is_disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
    })
}
