//! Copies of the whole database, for backups: made while others write, looked at before they count, and marked in the
//! database so that kiosks hear of them.
//!
//! `VACUUM INTO` is SQLite's own: it copies one consistent state beside its writer, and nothing of what was deleted. An
//! office on another engine makes its backups by that engine's means.

use std::collections::HashSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, QueryBuilder, Sqlite};

use super::{Connection, Database, DatabaseError, desk, people, rows, summary, trail};
use crate::domain::request::RequestId;
use crate::office::database::trail::TrailState;

/// So many envelopes are marked at once: intake waits no longer for it than for a batch.
const MARKED_AT_ONCE: i64 = 1000;

/// How the backups go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupState {
    /// When the newest backup was made, and its file's name
    pub made: Option<(DateTime<Utc>, String)>,
    /// When the newest try failed, and why, in English
    pub failed: Option<(DateTime<Utc>, String)>,
}

impl BackupState {
    /// Why the newest try failed; `None` when it didn't.
    pub fn failure(&self) -> Option<&str> {
        let made_at = self.made.as_ref().map(|(at, _)| *at);
        self.failed.as_ref().filter(|(at, _)| made_at.is_none_or(|made| made <= *at)).map(|(_, why)| why.as_str())
    }
}

/// What a copy holds that a backup must say of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyState {
    pub trail: TrailState,
    /// What SQLite says of the file; `None` when all is well
    pub damage: Option<String>,
}

/// Writes a consistent copy of a database, of whatever version, into a file that isn't there yet or is empty. The copy isn't
/// synced.
pub async fn copy_into(database: &Path, path: &Path) -> Result<(), DatabaseError> {
    let Some(text) = path.to_str() else {
        return Err(DatabaseError::Damaged(format!("{}: not a name that SQLite can take", path.display())));
    };
    let options = SqliteConnectOptions::new().filename(database).busy_timeout(super::BUSY_TIMEOUT);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(text).execute(&mut connection).await;
    connection.close().await?;
    copied?;
    Ok(())
}

/// Looks through each page of a copy of whatever version: what SQLite says of it; `None` when all is well.
pub async fn look_through_pages(path: &Path) -> Result<Option<String>, DatabaseError> {
    let mut connection = open_copy(path).await?;
    let damage = summary::integrity(&mut connection).await;
    connection.close().await?;
    damage
}

/// Looks through a copy: every page of its file, and the whole trail.
pub async fn look_through(path: &Path) -> Result<CopyState, DatabaseError> {
    let mut connection = open_copy(path).await?;
    let damage = summary::integrity(&mut connection).await;
    let trail = trail::verify(&mut connection).await;
    connection.close().await?;
    Ok(CopyState { damage: damage?, trail: trail? })
}

/// Gives the name of the newest backup that was made before a copy of whatever version; versions before 10 kept none.
pub async fn newest_made(copy: &Path) -> Result<Option<String>, DatabaseError> {
    let mut connection = open_copy(copy).await?;
    let is_kept = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'backup'";
    let found = match sqlx::query_scalar::<_, i64>(is_kept).fetch_one(&mut connection).await {
        Ok(0) => Ok(None),
        Ok(_) => sqlx::query_scalar("SELECT file FROM backup").fetch_optional(&mut connection).await,
        Err(error) => Err(error),
    };
    connection.close().await?;
    Ok(found?.flatten())
}

/// Marks those envelopes as backed up that stand in the copy, so that the kiosks hear of it.
pub async fn mark_backed_up(database: &Database, copy: &Path) -> Result<(), DatabaseError> {
    let mut connection = open_copy(copy).await?;
    let marked = mark_those_of(database, &mut connection).await;
    connection.close().await?;
    marked
}

async fn mark_those_of(database: &Database, copy: &mut Connection) -> Result<(), DatabaseError> {
    let mut last: Vec<u8> = Vec::new();
    loop {
        let hashes: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT header_hash FROM envelope WHERE backed_up = 0 AND header_hash > $1 ORDER BY header_hash LIMIT $2",
        )
        .bind(&last)
        .bind(MARKED_AT_ONCE)
        .fetch_all(&mut *copy)
        .await?;
        let Some(end) = hashes.last() else { return Ok(()) };
        last.clone_from(end);
        let mut update = QueryBuilder::<Sqlite>::new("UPDATE envelope SET backed_up = 1 WHERE header_hash IN (");
        let mut list = update.separated(", ");
        for hash in &hashes {
            list.push_bind(hash);
        }
        list.push_unseparated(")");
        let mut writing = database.write().await?;
        update.build().persistent(false).execute(&mut *writing).await?;
        writing.commit().await?;
    }
}

/// Gives those of the requests whose registration at the desk stands in the copy.
pub async fn registered_at_desk(
    copy: &Path,
    requests: &HashSet<RequestId>,
) -> Result<HashSet<RequestId>, DatabaseError> {
    let mut registered = HashSet::new();
    if requests.is_empty() {
        return Ok(registered);
    }
    let mut connection = open_copy(copy).await?;
    for &request in requests {
        if desk::registration(&mut connection, request).await?.is_some() {
            registered.insert(request);
        }
    }
    connection.close().await?;
    Ok(registered)
}

/// Records that a backup is durable.
pub async fn set_made(connection: &mut Connection, at: DateTime<Utc>, file: &str) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE backup SET made_at = $1, file = $2, failed_at = NULL, failure = NULL, made = made + 1")
        .bind(rows::millis(at))
        .bind(file)
        .execute(connection)
        .await?;
    Ok(())
}

/// Records that a backup couldn't be made.
pub async fn set_failed(connection: &mut Connection, at: DateTime<Utc>, failure: &str) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE backup SET failed_at = $1, failure = $2")
        .bind(rows::millis(at))
        .bind(failure)
        .execute(connection)
        .await?;
    Ok(())
}

/// How many backups were made, counted on through restores. They are made one after the other: of what is here when this is
/// asked, the next may hold nothing, because it is under way; the one after it holds all.
pub async fn count_made(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let made: i64 = sqlx::query_scalar("SELECT made FROM backup").fetch_one(connection).await?;
    Ok(made.unsigned_abs())
}

pub async fn state(connection: &mut Connection) -> Result<BackupState, DatabaseError> {
    type Row = (Option<i64>, Option<String>, Option<i64>, Option<String>);
    let (made_at, file, failed_at, failure): Row =
        sqlx::query_as("SELECT made_at, file, failed_at, failure FROM backup").fetch_one(connection).await?;
    let both = |at: Option<i64>, text: Option<String>| {
        at.map(|at| Ok::<_, DatabaseError>((rows::time(at)?, text.unwrap_or_default()))).transpose()
    };
    Ok(BackupState { made: both(made_at, file)?, failed: both(failed_at, failure)? })
}

/// How many bytes the database takes, without what waits in its log.
pub async fn size(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await?;
    let page: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(connection).await?;
    Ok(pages.unsigned_abs().saturating_mul(page.unsigned_abs()))
}

/// Makes this database another one, as a restore does: kiosks ask it for everything.
pub async fn become_another(connection: &mut Connection) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE office SET incarnation = $1")
        .bind(crate::seal::keys::random::<16>().to_vec())
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Closes every way in that may have been closed since the backup: sessions, invites, known browsers, recovery codes and the
/// codes of telephones up to `last_step` don't come back. A password of the backup opens nothing but, behind the second factor,
/// the page that asks for another; without a second factor it opens nothing at all, until an administrator gives one. Gives the
/// number of those people.
pub async fn close_ways_in(connection: &mut Connection, last_step: i64) -> Result<u64, DatabaseError> {
    for statement in [
        "DELETE FROM session WHERE TRUE",
        "DELETE FROM invite WHERE TRUE",
        "DELETE FROM known_browser WHERE TRUE",
        "DELETE FROM recovery_code WHERE TRUE",
        "DELETE FROM second_factor_offer WHERE TRUE",
        "UPDATE person SET password_is_initial = 1",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    sqlx::query("UPDATE second_factor SET last_step = $1 WHERE last_step < $1")
        .bind(last_step)
        .execute(&mut *connection)
        .await?;
    // No password has an empty hash.
    sqlx::query("UPDATE person SET password = '' WHERE id NOT IN (SELECT person FROM second_factor)")
        .execute(&mut *connection)
        .await?;
    people::count_without_password(connection).await
}

async fn open_copy(path: &Path) -> Result<SqliteConnection, DatabaseError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    Ok(SqliteConnection::connect_with(&options).await?)
}
