//! The research committee's sessions and their members (P17).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::trail::Actor;
use super::{Connection, DatabaseError, Writing, rows};
use crate::seal::keys::{hex, random};

/// A session of the committee.
#[derive(Clone, Debug)]
pub struct StoredSession {
    /// Random: it stands in the trail
    pub id: String,
    /// As it stands on paper: 1, 2, 3 …
    pub number: u32,
    pub on: NaiveDate,
    /// So many members decide a case at least
    pub quorum: usize,
    /// Counts what was changed in it
    pub version: i64,
    pub sealed: Option<Sealed>,
}

/// How a session was closed: nothing in it changes any more.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub at: DateTime<Utc>,
    /// As [`Actor`] writes it
    pub by: String,
    pub seal: [u8; 32],
}

/// A member of a session.
#[derive(Clone, Debug)]
pub struct Member {
    /// Random
    pub id: String,
    /// Of the staff, by the id; `None` for somebody from outside
    pub person: Option<String>,
    /// As it was when the session was held
    pub name: String,
    pub present: bool,
}

/// A person of the staff who can be a member.
pub struct Eligible {
    pub id: String,
    pub name: String,
}

/// Makes a session with the next number.
pub async fn add(writing: &mut Writing, on: NaiveDate, quorum: u32) -> Result<StoredSession, DatabaseError> {
    let last: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM committee_session").fetch_one(&mut **writing).await?;
    let id = hex(&random::<16>());
    sqlx::query("INSERT INTO committee_session (id, number, on_day, quorum, version) VALUES ($1, $2, $3, $4, 0)")
        .bind(&id)
        .bind(last + 1)
        .bind(on.to_string())
        .bind(i64::from(quorum))
        .execute(&mut **writing)
        .await?;
    find(writing, &id).await?.ok_or_else(|| rows::damaged("a session without its row"))
}

pub async fn find(connection: &mut Connection, id: &str) -> Result<Option<StoredSession>, DatabaseError> {
    let row = sqlx::query("SELECT * FROM committee_session WHERE id = $1").bind(id).fetch_optional(connection).await?;
    row.as_ref().map(from_row).transpose()
}

/// The newest first.
pub async fn page(connection: &mut Connection, limit: u32, offset: u32) -> Result<Vec<StoredSession>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM committee_session ORDER BY number DESC LIMIT $1 OFFSET $2")
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(connection)
        .await?;
    Ok(rows::readable(&found, "sessions", from_row))
}

pub async fn count(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM committee_session").fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

/// Those that aren't sealed, the newest first.
pub async fn open_ones(connection: &mut Connection) -> Result<Vec<StoredSession>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM committee_session WHERE sealed_at IS NULL ORDER BY number DESC")
        .fetch_all(connection)
        .await?;
    Ok(rows::readable(&found, "sessions", from_row))
}

/// Those that are, from the first.
pub async fn sealed_ones(connection: &mut Connection) -> Result<Vec<StoredSession>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM committee_session WHERE sealed_at IS NOT NULL ORDER BY number")
        .fetch_all(connection)
        .await?;
    found.iter().map(from_row).collect()
}

pub async fn set_day(writing: &mut Writing, session: &str, on: NaiveDate) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE committee_session SET on_day = $2 WHERE id = $1")
        .bind(session)
        .bind(on.to_string())
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Notes that something in the session was changed.
pub async fn note_change(writing: &mut Writing, session: &str) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE committee_session SET version = version + 1 WHERE id = $1")
        .bind(session)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Closes the session; one that is closed stays as it is.
pub async fn seal(
    writing: &mut Writing,
    session: &str,
    now: DateTime<Utc>,
    by: &Actor,
    seal: [u8; 32],
) -> Result<(), DatabaseError> {
    let statement = "UPDATE committee_session SET sealed_at = $2, sealed_by = $3, seal = $4
         WHERE id = $1 AND sealed_at IS NULL";
    sqlx::query(statement)
        .bind(session)
        .bind(rows::millis(now))
        .bind(by.to_string())
        .bind(seal.to_vec())
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// In the order of their names.
pub async fn members(connection: &mut Connection, session: &str) -> Result<Vec<Member>, DatabaseError> {
    let found: Vec<(String, Option<String>, String, i64)> =
        sqlx::query_as("SELECT id, person, name, present FROM committee_member WHERE session = $1 ORDER BY name, id")
            .bind(session)
            .fetch_all(connection)
            .await?;
    let member = |(id, person, name, present)| Member { id, person, name, present: present != 0 };
    Ok(found.into_iter().map(member).collect())
}

pub async fn add_member(
    writing: &mut Writing,
    session: &str,
    person: Option<&str>,
    name: &str,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO committee_member (session, id, person, name, present) VALUES ($1, $2, $3, $4, 0)")
        .bind(session)
        .bind(hex(&random::<16>()))
        .bind(person)
        .bind(name)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

pub async fn set_present(
    writing: &mut Writing,
    session: &str,
    member: &str,
    present: bool,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE committee_member SET present = $3 WHERE session = $1 AND id = $2")
        .bind(session)
        .bind(member)
        .bind(i64::from(present))
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Takes a member off, who then steps aside nowhere either.
pub async fn remove_member(writing: &mut Writing, session: &str, member: &str) -> Result<(), DatabaseError> {
    for statement in [
        "DELETE FROM committee_aside WHERE session = $1 AND member = $2",
        "DELETE FROM committee_member WHERE session = $1 AND id = $2",
    ] {
        sqlx::query(statement).bind(session).bind(member).execute(&mut **writing).await?;
    }
    Ok(())
}

/// The staff who can be members: those of the committee and of the management.
pub async fn eligible(connection: &mut Connection) -> Result<Vec<Eligible>, DatabaseError> {
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT id, COALESCE(full_name, name) AS called FROM person
         WHERE role IN ('committee', 'manager') AND disabled_at IS NULL ORDER BY called",
    )
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(|(id, name)| Eligible { id, name }).collect())
}

fn from_row(row: &SqliteRow) -> Result<StoredSession, DatabaseError> {
    let sealed_at: Option<i64> = row.try_get("sealed_at")?;
    let sealed = match sealed_at {
        None => None,
        Some(at) => Some(Sealed {
            at: rows::time(at)?,
            by: row.try_get::<Option<String>, _>("sealed_by")?.unwrap_or_default(),
            // What isn't a seal was changed by hand; none fits it.
            seal: row.try_get::<Option<Vec<u8>>, _>("seal")?.unwrap_or_default().try_into().unwrap_or([0; 32]),
        }),
    };
    let number: i64 = row.try_get("number")?;
    let quorum: i64 = row.try_get("quorum")?;
    Ok(StoredSession {
        id: row.try_get("id")?,
        number: u32::try_from(number).map_err(|_| rows::damaged("a session's number"))?,
        on: rows::day(row.try_get("on_day")?)?,
        quorum: usize::try_from(quorum).map_err(|_| rows::damaged("a session's quorum"))?,
        version: row.try_get("version")?,
        sealed,
    })
}
