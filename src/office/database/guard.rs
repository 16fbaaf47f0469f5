//! Looks after what the database is bound to: the key of its rows' seals, and the count beside it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::count::{self, Count, CountFile};
use super::seals::RowKey;
use super::trail::{self, Actor};
use super::{Connection, Database, DatabaseError, Writing, rows, seals};
use crate::seal::office_seeds;
use crate::seal::seed::SeedError;

/// How the database isn't where its count says that it stood, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback(String);

impl std::fmt::Display for Rollback {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Holds the key of the seals, and the count beside the database.
pub(super) struct Guard {
    path: PathBuf,
    key: Option<RowKey>,
    /// Not there as long as the database is rolled back: what tells of that isn't overwritten
    count: OnceLock<CountFile>,
    rollback: RwLock<Option<Rollback>>,
}

impl Guard {
    pub fn beside(path: &Path) -> Result<Self, DatabaseError> {
        let key = match RowKey::beside(path) {
            Ok(key) => key,
            // A seed that can't be read is as good as none here: whoever needs it says why.
            Err(SeedError::Damaged { .. } | SeedError::ReadableByOthers { .. } | SeedError::Io { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { path: path.to_owned(), key, count: OnceLock::new(), rollback: RwLock::new(None) })
    }

    /// Writes where the database stands now. A failure is logged: what was committed stays so.
    pub fn count(&self, count: &Count) {
        if let Some(Err(error)) = self.count.get().map(|file| file.write(count)) {
            tracing::error!(path = %count::path_of(&self.path).display(), %error, "the count of what was committed can't be written");
        }
    }

    pub fn sync(&self) {
        if let Some(Err(error)) = self.count.get().map(CountFile::sync) {
            tracing::error!(path = %count::path_of(&self.path).display(), %error, "the count of what was committed can't be synced");
        }
    }

    fn seed_path(&self) -> PathBuf {
        self.path.with_file_name(office_seeds::file_name(1))
    }

    fn failed(&self, source: io::Error) -> DatabaseError {
        DatabaseError::Count { path: count::path_of(&self.path), source }
    }

    fn set_rollback(&self, rollback: Option<Rollback>) {
        *self.rollback.write().unwrap_or_else(PoisonError::into_inner) = rollback;
    }
}

impl Database {
    /// How the database isn't where its count says that it stood; `None` when it is.
    pub fn rollback(&self) -> Option<Rollback> {
        self.guard.rollback.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key by which rows are sealed; `None` where its seed isn't there.
    pub fn row_key(&self) -> Option<&RowKey> {
        self.guard.key.as_ref()
    }

    /// Makes durable what the count says; it is a moment's work where nothing was committed.
    pub async fn sync_count(&self) {
        let guard = self.guard.clone();
        let _ = tokio::task::spawn_blocking(move || guard.sync()).await;
    }

    /// Begins to count from where the database stands now, whatever the count beside it says: it is new there, or somebody has
    /// accepted that it was rolled back.
    pub async fn count_from_here(&self) -> Result<(), DatabaseError> {
        let here = here(&mut *self.read().await?).await?;
        let file = CountFile::begin(&self.path, &here).map_err(|source| self.guard.failed(source))?;
        // Another open count is of the same file.
        let _ = self.guard.count.set(file);
        self.guard.set_rollback(None);
        Ok(())
    }

    /// Seals all rows by the key of this office where they aren't sealed yet: in a new database, after an update of the tables, and
    /// after a restore without keys. Nobody knows whether they were changed before.
    pub async fn seal_rows(&self, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        let Some(key) = &self.guard.key else { return Ok(()) };
        if seals::key_check(&mut *self.read().await?).await?.is_some() {
            return Ok(());
        }
        let mut writing = self.write().await?;
        let is_new = trail::last_at(&mut writing).await?.is_none();
        seals::set_key_check(&mut writing, Some(key.check())).await?;
        seals::seal_all(&mut writing, key).await?;
        if !is_new {
            trail::append(&mut writing, now, &Actor::Command, "rows sealed", "", json!({})).await?;
        }
        writing.commit().await
    }

    /// Lets the rows count as not sealed, as a restore without the office's keys does.
    pub async fn let_seals_go(&self) -> Result<(), DatabaseError> {
        if self.guard.key.is_some() {
            return Ok(());
        }
        let mut writing = self.write().await?;
        seals::set_key_check(&mut writing, None).await?;
        writing.commit().await
    }
}

/// Looks whether a file that is there is an office's database, and changes nothing in it.
pub(super) async fn assert_ours(path: &Path) -> Result<(), DatabaseError> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(super::BUSY_TIMEOUT);
    let mut connection = match SqliteConnection::connect_with(&options).await.map_err(DatabaseError::from) {
        Ok(connection) => connection,
        Err(DatabaseError::Malformed(cause)) => return Err(of_head(path, cause)),
        Err(error) => return Err(error),
    };
    let tables: Result<i64, _> =
        sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name IN ('office', 'schema_version')")
            .fetch_one(&mut connection)
            .await;
    connection.close().await?;
    match tables.map_err(DatabaseError::from) {
        Ok(2) => Ok(()),
        Ok(_) => Err(DatabaseError::Foreign { path: path.to_owned() }),
        Err(DatabaseError::Malformed(cause)) => Err(of_head(path, cause)),
        Err(error) => Err(error),
    }
}

/// A file that SQLite can't read: damaged, or no database at all.
fn of_head(path: &Path, cause: String) -> DatabaseError {
    if count::path_of(path).exists() {
        DatabaseError::Malformed(cause)
    } else {
        DatabaseError::Foreign { path: path.to_owned() }
    }
}

/// Compares an opened database with its key and its count.
pub(super) async fn begin(database: &Database) -> Result<(), DatabaseError> {
    let guard = &database.guard;
    // Before the database is looked at, which another process may be writing at this moment: it never holds less than this.
    let counted = count::read(&database.path);
    let mut reading = database.read().await?;
    let known = seals::key_check(&mut reading).await?;
    if let (Some(known), Some(key)) = (&known, &guard.key)
        && *known != key.check()
    {
        return Err(DatabaseError::ForeignKey { path: guard.seed_path() });
    }
    let is_counted: i64 = sqlx::query_scalar("SELECT counted FROM office").fetch_one(&mut *reading).await?;
    if is_counted == 0 {
        drop(reading);
        database.count_from_here().await?;
        // Without a key whose seals there are, nothing is written; the next opening with it comes here again.
        if known.is_some() && guard.key.is_none() {
            return Ok(());
        }
        let mut writing = database.write().await?;
        sqlx::query("UPDATE office SET counted = 1").execute(&mut *writing).await?;
        return writing.commit().await;
    }
    match compare(&mut reading, &database.path, counted).await? {
        Some(rollback) => {
            tracing::error!("{rollback}");
            guard.set_rollback(Some(rollback));
        }
        None => {
            let file = CountFile::open(&database.path).map_err(|source| guard.failed(source))?;
            // A database is opened once.
            let _ = guard.count.set(file);
        }
    }
    Ok(())
}

async fn compare(
    connection: &mut Connection,
    path: &Path,
    counted: io::Result<Option<Count>>,
) -> Result<Option<Rollback>, DatabaseError> {
    let name = count::path_of(path);
    let name = name.display();
    let counted = match counted {
        Ok(Some(counted)) => counted,
        Ok(None) => return Ok(Some(Rollback(format!("{name}: the count of what was committed can't be read")))),
        Err(error) => return Ok(Some(Rollback(format!("{name}: the count of what was committed: {error}")))),
    };
    let here = here(connection).await?;
    let told = |what: String| Ok(Some(Rollback(what)));
    if here.incarnation != counted.incarnation {
        return told(format!("{name} is of another database than the one beside it"));
    }
    if here.commits < counted.commits {
        let missing = counted.commits - here.commits;
        return told(format!(
            "the database was rolled back: its last {missing} of {} transactions are gone, as after damage to the log of pages beside it, or an older file in its place",
            counted.commits
        ));
    }
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM trail WHERE number = $1")
        .bind(counted.trail_length)
        .fetch_optional(connection)
        .await?;
    if counted.trail_length > 0 && hash.as_deref() != Some(counted.trail_head.as_slice()) {
        return told(format!("entry {} of the audit trail isn't the one that was committed", counted.trail_length));
    }
    if counted.is_sealed && !here.is_sealed && counted.commits == here.commits {
        return told("the rows were sealed, and the database says that they aren't".to_owned());
    }
    Ok(None)
}

/// Where the database stands.
async fn here(connection: &mut Connection) -> Result<Count, DatabaseError> {
    counted(connection, "SELECT commits, trail_length, trail_head, incarnation, key_check FROM office").await
}

async fn counted(connection: &mut Connection, statement: &'static str) -> Result<Count, DatabaseError> {
    type Row = (i64, i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>);
    let (commits, trail_length, head, incarnation, key_check): Row =
        sqlx::query_as(statement).fetch_one(connection).await?;
    Ok(Count {
        commits,
        trail_length,
        trail_head: rows::bytes(head, "the trail's head")?,
        incarnation: rows::bytes(incarnation, "incarnation")?,
        is_sealed: key_check.is_some(),
    })
}

/// Ends a transaction: counts it, and seals the rows that it touched. `None` when it touched none.
pub(super) async fn finish(writing: &mut Writing) -> Result<Option<Count>, DatabaseError> {
    if writing.touched.is_empty() {
        return Ok(None);
    }
    let count = counted(
        writing,
        "UPDATE office SET commits = commits + 1
         RETURNING commits, trail_length, trail_head, incarnation, key_check",
    )
    .await?;
    let touched = writing.touched.take();
    let guard = writing.guard.clone();
    match &guard.key {
        Some(key) if count.is_sealed => seals::write(writing, key, touched).await?,
        None if count.is_sealed => return Err(DatabaseError::KeyNeeded { path: guard.seed_path() }),
        _ => {}
    }
    Ok(Some(count))
}
