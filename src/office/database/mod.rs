//! The office's database: all SQL of the program is in this folder.
//!
//! The statements keep to what SQLite and PostgreSQL both understand (`$1` parameters, `RETURNING`, `ON CONFLICT`).
//! One writer at a time (`BEGIN IMMEDIATE`), a pool of readers beside it, each reading one consistent state.

pub mod asks;
pub mod call_list;
pub mod calls;
pub mod catalogues;
pub mod changes;
pub mod committee_cases;
pub mod committee_sessions;
pub mod copies;
pub mod corrections;
pub mod data_copies;
pub mod desk;
pub mod doubts;
pub mod envelopes;
pub mod erasures;
pub mod heartbeats;
pub mod kiosks;
pub mod knocks;
pub mod losses;
mod migrations;
pub mod notes;
pub mod notice_messages;
pub mod notices;
pub mod passed_over;
pub mod people;
pub mod persons;
pub mod prints;
pub mod ratings;
pub mod requests;
pub mod retention;
pub mod revisions;
mod rows;
pub mod search;
pub mod second_factors;
pub mod sessions;
pub mod signatures;
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
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::Notify;

use crate::domain::request::RequestId;
use crate::replication::wire::Incarnation;

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
    #[error("the database holds what this program never writes: {0}. Restore it from a backup")]
    Damaged(String),
    #[error("the database refuses: {0}")]
    Sqlx(#[from] sqlx::Error),
}

/// The database, open.
pub struct Database {
    path: PathBuf,
    writer: SqlitePool,
    readers: SqlitePool,
    changed: Arc<Notify>,
}

impl Database {
    /// Opens an existing database and brings its tables up to date.
    pub async fn open(path: &Path) -> Result<Self, DatabaseError> {
        if !path.exists() {
            return Err(DatabaseError::Missing { path: path.to_owned() });
        }
        Self::open_or_create(path).await
    }

    /// Opens a database; a new one gets its tables and its incarnation.
    pub async fn open_or_create(path: &Path) -> Result<Self, DatabaseError> {
        let options = connect_options(path);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        assert_version(&writer).await?;
        migrations::run(&writer).await?;
        let reading = options.create_if_missing(false).pragma("query_only", "on");
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(reading).await?;
        Ok(Self { path: path.to_owned(), writer, readers, changed: Arc::new(Notify::new()) })
    }

    /// Begins to read one consistent state.
    pub async fn read(&self) -> Result<Transaction<'static, Sqlite>, DatabaseError> {
        Ok(self.readers.begin().await?)
    }

    /// Begins to write; others wait their turn. Dropped without [`Writing::commit`], nothing is written.
    pub async fn write(&self) -> Result<Writing, DatabaseError> {
        let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Writing {
            transaction,
            changed: self.changed.clone(),
            trail: None,
            changes: Vec::new(),
            notices: Vec::new(),
        })
    }

    /// Wakes those who wait whenever something was written by this process.
    pub fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    /// Empties the log of pages beside the database, so that nothing of what was erased is left there. A reader that is still
    /// at an earlier state keeps it; then the log is overwritten by what comes.
    pub async fn empty_log(&self) -> Result<(), DatabaseError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&self.writer).await?;
        Ok(())
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A transaction that writes.
pub struct Writing {
    transaction: Transaction<'static, Sqlite>,
    changed: Arc<Notify>,
    // All of it is written once, at the end: a batch of envelopes adds hundreds.
    trail: Option<trail::Tail>,
    changes: Vec<RequestId>,
    notices: Vec<notices::NewNotice>,
}

impl Writing {
    /// Makes everything durable, then wakes those who wait for changes.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        trail::write(&mut self).await?;
        changes::write(&mut self).await?;
        notices::write(&mut self).await?;
        self.transaction.commit().await?;
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
