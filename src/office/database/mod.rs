//! The office's database: all SQL of the program is in this folder.
//!
//! The statements keep to what SQLite and PostgreSQL both understand (`$1` parameters, `RETURNING`, `ON CONFLICT`).
//! One writer at a time (`BEGIN IMMEDIATE`), a pool of readers beside it, each reading one consistent state.

pub mod asks;
pub mod call_list;
pub mod calls;
pub mod catalogues;
pub mod changes;
pub mod clock;
pub mod committee_cases;
pub mod committee_sessions;
pub mod copies;
pub mod corrections;
mod count;
pub mod data_copies;
pub mod desk;
pub mod doubts;
pub mod envelopes;
pub mod erasures;
pub mod files;
pub mod findings;
mod guard;
pub mod heartbeats;
pub mod kiosks;
pub mod knocks;
pub mod losses;
mod migrations;
pub mod notes;
pub mod notice_messages;
pub mod notices;
mod opening;
pub mod passed_over;
pub mod people;
pub mod persons;
pub mod prints;
pub mod ratings;
pub mod requests;
pub mod retention;
pub mod revisions;
mod rows;
pub mod sealing_keys;
pub mod seals;
pub mod search;
pub mod second_factors;
pub mod sessions;
pub mod signatures;
pub mod sole;
pub mod status_page;
pub mod suggestions;
pub mod summary;
pub mod taken_forms;
pub mod trail;
pub mod uploads;
pub mod waiting_documents;
pub mod work_lists;

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::Notify;

#[cfg(test)]
pub use migrations::{KNOWN as VERSION, run_through as make_tables_of_version};

use self::guard::Guard;
pub use self::opening::Rollback;
use self::seals::Touched;
use crate::domain::request::RequestId;
use crate::replication::wire::Incarnation;
use crate::seal::seed::SeedError;

pub type Connection = SqliteConnection;

/// Earlier versions can corrupt a database in WAL mode.
const SQLITE_VERSION_MIN: [u32; 3] = [3, 51, 3];
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// Each connection keeps so much of the database in memory, counted in KiB (which a minus says): 64 MiB, in which the inner
/// pages of a large office's indices have room. A small office never fills it. SQLite's own 2 MiB make a batch of records
/// in a large office write its pages several times.
const CACHE_KIB: &str = "-65536";
/// The log of pages is brought into the file when it has so many (32 MiB): a page that each batch changes is written there
/// once for many batches. SQLite's own 1000 are reached by every batch of a large office.
const CHECKPOINT_PAGES: &str = "8192";
/// What a single large piece of work leaves of that log is cut down to this (64 MiB) afterwards.
const LOG_BYTES_MAX: &str = "67108864";

#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("{}: there is no database. Make one with: istiqbal office init", path.display())]
    Missing { path: PathBuf },
    #[error("SQLite {0} can lose data in WAL mode: this program needs {v} or later", v = "3.51.3")]
    OldSqlite(String),
    #[error("the database is of version {found}, this program knows {known}: update the program")]
    Newer { found: i64, known: i64 },
    #[error(
        "the database is of the earlier version {found}, this program knows {known}: start the office (istiqbal office serve), which backs it up and brings it up to date"
    )]
    Older { found: i64, known: i64, rollback: Option<Rollback> },
    #[error(
        "{}: the file holds no office, though a database belongs there. Nothing was made in it: where `istiqbal office init` was broken off, run it again; else restore a backup (istiqbal office restore), after moving this file and those that begin with its name away", path.display()
    )]
    Empty { path: PathBuf },
    #[error("{}: {source}. The office's files have to belong to the user who runs it", path.display())]
    Files { path: PathBuf, source: std::io::Error },
    #[error("the database holds what this program never writes: {0}. Restore it from a backup")]
    Damaged(String),
    #[error(
        "the disk of the office's folder is full: make room there. What was under way is not stored; the office goes on by itself as soon as there is room"
    )]
    DiskFull,
    #[error(
        "the disk of the office's folder fails, or is full ({0}): look at the disk and at the system's log. What was under way may not be stored; the office goes on by itself as soon as the disk does"
    )]
    Disk(String),
    #[error(
        "{0}. Look first what it was (docs/operations.md): kiosks send theirs again, but what staff did since then is gone unless a backup holds it. To start all the same: istiqbal office serve --accept-rollback"
    )]
    RolledBack(Rollback),
    #[error(
        "{}: the database was moved, removed or replaced while the office had it open. Nothing is written: what was written now would lie in a file that nobody asks any more. Stop the office, see that the right folder is there, and start it again", path.display()
    )]
    Moved { path: PathBuf },
    #[error("the database refuses: {0}")]
    Sqlx(sqlx::Error),
    #[error(
        "{}: this is no database of an office. Nothing was changed in it: look whether `data` in the office's file names the right folder, or restore a backup (istiqbal office restore), after moving this file away", path.display()
    )]
    Foreign { path: PathBuf },
    #[error(
        "{}: the database is gone, or nothing of it is left in its file, though its count is still there. Copy the folder to a safe place, then put the database back, or restore a backup (istiqbal office restore), after moving away what is left of it; only to begin with an empty office, move the count away, too", path.display()
    )]
    Gone { path: PathBuf },
    #[error(
        "the database's file is damaged ({0}). Stop the office, move the file and those that begin with its name to a safe place, and restore the newest backup: istiqbal office restore. Kiosks send again what came after it; see docs/operations.md"
    )]
    Malformed(String),
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(
        "{}: this isn't the key of this office's database, but another office's, or another of its key files under this name. Nothing was written: restore the right one from its copy, or by `istiqbal office keys import`", path.display()
    )]
    ForeignKey { path: PathBuf },
    #[error(
        "{}: without this key file nothing is written into the office's database. Restore it from its copy, or by `istiqbal office keys import`", path.display()
    )]
    KeyNeeded { path: PathBuf },
    #[error("{}: the count of what was committed can't be written ({source}): see that the disk has room and is whole", path.display())]
    Count { path: PathBuf, source: std::io::Error },
}

/// SQLite's result codes, without what the extended ones add in their higher bytes (<https://sqlite.org/rescode.html>).
mod result_code {
    pub const BUSY: i32 = 5;
    pub const READ_ONLY: i32 = 8;
    pub const IO_ERROR: i32 = 10;
    pub const FULL: i32 = 13;
    pub const CANT_OPEN: i32 = 14;
    pub const CORRUPT: i32 = 11;
    pub const NOT_A_DATABASE: i32 = 26;
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        match code_of(&error) {
            Some(result_code::FULL) => Self::DiskFull,
            Some(result_code::IO_ERROR | result_code::READ_ONLY | result_code::CANT_OPEN) => {
                Self::Disk(error.to_string())
            }
            Some(result_code::CORRUPT | result_code::NOT_A_DATABASE) => Self::Malformed(error.to_string()),
            // A value that isn't what it was written as, and a row that is always there.
            _ if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::RowNotFound) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Sqlx(error),
        }
    }
}

/// Gives SQLite's result code of an error.
fn code_of(error: &sqlx::Error) -> Option<i32> {
    let extended = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    extended.map(|code| code & 0xff)
}

/// The database, open.
pub struct Database {
    path: PathBuf,
    writer: SqlitePool,
    readers: SqlitePool,
    changed: Arc<Notify>,
    touched: Touched,
    guard: Arc<Guard>,
}

impl Database {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins to read one consistent state.
    pub async fn read(&self) -> Result<Transaction<'static, Sqlite>, DatabaseError> {
        Ok(self.readers.begin().await?)
    }

    /// Begins to write; others wait their turn. Dropped without [`Writing::commit`], nothing is written.
    ///
    /// # Errors
    /// When the database was rolled back and nobody has accepted that: what is committed now would hide it. When its file isn't
    /// where it was opened any more.
    pub async fn write(&self) -> Result<Writing, DatabaseError> {
        match self.rollback() {
            Some(rollback) => Err(DatabaseError::RolledBack(rollback)),
            None => self.write_over_rollback().await,
        }
    }

    /// The same for the transaction by which a rollback is accepted.
    pub(crate) async fn write_over_rollback(&self) -> Result<Writing, DatabaseError> {
        self.guard.assert_in_place()?;
        let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        // Drops the notes of an earlier transaction that wasn't committed.
        self.touched.take();
        Ok(Writing {
            transaction,
            changed: self.changed.clone(),
            touched: self.touched.clone(),
            guard: self.guard.clone(),
            trail: None,
            changes: Vec::new(),
            notices: Vec::new(),
        })
    }

    /// Wakes those who wait whenever something was written by this process.
    pub fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    /// Empties the log of pages beside the database, and removes its copy of an earlier version and logs that were found damaged,
    /// so that nothing of what was erased is left there. A reader that is still at an earlier state keeps the log; then it is
    /// overwritten by what comes.
    pub async fn empty_log(&self) -> Result<(), DatabaseError> {
        self.forget_earlier_version();
        files::remove_kept_logs(&self.path);
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&self.writer).await?;
        Ok(())
    }

    /// Removes the copy that was made before the database was brought up to date, where there is one.
    pub fn forget_earlier_version(&self) {
        files::remove_earlier_versions(&self.path);
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        self.guard.sync();
    }
}

/// A transaction that writes.
pub struct Writing {
    transaction: Transaction<'static, Sqlite>,
    changed: Arc<Notify>,
    touched: Touched,
    guard: Arc<Guard>,
    // All of it is written once, at the end: a batch of envelopes adds hundreds.
    trail: Option<trail::Tail>,
    changes: Vec<RequestId>,
    notices: Vec<notices::NewNotice>,
}

impl Writing {
    /// Refuses to go on where the database isn't where it was opened.
    pub fn assert_in_place(&self) -> Result<(), DatabaseError> {
        self.guard.assert_in_place()
    }

    /// Makes everything durable, then wakes those who wait for changes.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        trail::write(&mut self).await?;
        changes::write(&mut self).await?;
        notices::write(&mut self).await?;
        let count = guard::finish(&mut self).await?;
        self.assert_in_place()?;
        self.transaction.commit().await?;
        if let Some(count) = count {
            self.guard.count(&count);
        }
        self.changed.notify_waiters();
        Ok(())
    }
}

impl Deref for Writing {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.transaction
    }
}

/// Opens the one connection that writes, to files that only their owner can read.
async fn open_writer(path: &Path) -> Result<(SqlitePool, Touched), DatabaseError> {
    files::keep_private(path)?;
    let touched = Touched::default();
    let watching = touched.clone();
    let writer = pool(1).after_connect(move |connection, _| {
        let touched = watching.clone();
        Box::pin(async move { touched.watch(connection).await })
    });
    let writer = writer.connect_with(connect_options(path)).await?;
    assert_version(&writer).await?;
    Ok((writer, touched))
}

/// Makes a pool that closes a connection whose transaction hasn't ended, and opens another in its place.
///
/// After a full disk or an error of the disk SQLite ends the transaction by itself. The ROLLBACK that sqlx sends then fails,
/// sqlx goes on counting the transaction as open, and no other could ever be begun on that connection.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).after_release(|connection, _| {
        Box::pin(async move {
            // The rollback of a transaction that was dropped is carried out before this is answered.
            connection.ping().await?;
            let is_at_rest = !connection.is_in_transaction();
            if !is_at_rest {
                tracing::warn!("a connection to the database is opened anew, because its transaction was broken off");
            }
            Ok(is_at_rest)
        })
    })
}

/// How each connection opens the database.
pub fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is removed or erased is overwritten, not only let go.
        .pragma("secure_delete", "on")
        .pragma("cache_size", CACHE_KIB)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_BYTES_MAX)
        .busy_timeout(BUSY_TIMEOUT)
}

/// What this database is called until a restore makes it another one.
pub async fn incarnation(connection: &mut Connection) -> Result<Incarnation, DatabaseError> {
    let id: Vec<u8> = sqlx::query_scalar("SELECT incarnation FROM office").fetch_one(connection).await?;
    Ok(Incarnation(rows::bytes(id, "incarnation")?))
}

async fn assert_version(pool: &SqlitePool) -> Result<(), DatabaseError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    let numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    if numbers.as_slice() < SQLITE_VERSION_MIN.as_slice() {
        return Err(DatabaseError::OldSqlite(version));
    }
    Ok(())
}
