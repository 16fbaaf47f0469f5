//! Looks after what the database is bound to: the key of its rows' seals, and the count beside it.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::count::{self, Count, CountFile, CountKey};
use super::findings::{self, Kind};
use super::opening::{Looked, Rollback};
use super::seals::{ChangedRow, RowKey};
use super::trail::{self, Actor};
use super::{Connection, Database, DatabaseError, Writing, rows, sealing_keys, seals};
use crate::office::noise;
use crate::seal::office_seeds;
use crate::seal::seed::{Seed, SeedError};

/// Text of the finding where rows are sealed that nobody could verify.
const SEALED_UNVERIFIED: &str = "all rows were sealed as they stand, because they weren't sealed before, as after a restore without keys: nobody can tell whether something else had changed them";
/// Text of the finding where rows that were sealed are called unsealed.
pub(super) const SEALS_DENIED: &str = "the rows were sealed, and the database says that they aren't";

/// Value of `office.counted`, once the count beside the database bears proofs.
const COUNT_IS_PROVED: i64 = 2;

/// Keys of the office's first seed by which it knows its own rows and its own count.
#[derive(Clone)]
pub(super) struct OwnKeys {
    pub rows: RowKey,
    pub count: CountKey,
}

/// Holds the keys, and the count beside the database.
pub(super) struct Guard {
    pub path: PathBuf,
    pub keys: Option<OwnKeys>,
    /// Not there as long as the database is rolled back: what tells of that isn't overwritten
    count: OnceLock<CountFile>,
    rollback: RwLock<Option<Rollback>>,
    /// Device and number of the file that was opened
    file: OnceLock<(u64, u64)>,
    /// The rows are sealed, by the database's own word when it was opened, or by its count's. A hand beside this program can
    /// change that word; this process goes on sealing.
    is_sealed: AtomicBool,
}

impl Guard {
    pub fn beside(path: &Path) -> Result<Self, DatabaseError> {
        let seed = path.with_file_name(office_seeds::file_name(1));
        let keys = match Seed::read(&seed, office_seeds::FRESH) {
            Ok(seed) => Some(OwnKeys { rows: RowKey::of(&seed), count: CountKey::of(&seed) }),
            // A seed that can't be read is as good as none here: whoever needs it says why.
            Err(
                SeedError::Missing { .. }
                | SeedError::Damaged { .. }
                | SeedError::ReadableByOthers { .. }
                | SeedError::Io { .. },
            ) => None,
            Err(error) => return Err(error.into()),
        };
        let (count, rollback, file) = (OnceLock::new(), RwLock::new(None), OnceLock::new());
        Ok(Self { path: path.to_owned(), keys, count, rollback, file, is_sealed: AtomicBool::new(false) })
    }

    /// Notes which file was opened.
    pub fn note_file(&self) {
        if let Some(file) = self.file_at_path() {
            // A database is opened once.
            let _ = self.file.set(file);
        }
    }

    /// Refuses to go on where another file than the opened one lies at the database's path, or none.
    pub fn assert_in_place(&self) -> Result<(), DatabaseError> {
        if self.file.get().is_some_and(|opened| self.file_at_path() != Some(*opened)) {
            return Err(DatabaseError::Moved { path: self.path.clone() });
        }
        Ok(())
    }

    fn file_at_path(&self) -> Option<(u64, u64)> {
        std::fs::metadata(&self.path).ok().map(|found| (found.dev(), found.ino()))
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

    pub fn count_key(&self) -> Option<&CountKey> {
        self.keys.as_ref().map(|keys| &keys.count)
    }

    /// Refuses the key of another office than the one by whose key these rows were sealed.
    pub fn compare_key(&self, known: Option<&[u8]>) -> Result<(), DatabaseError> {
        match (known, &self.keys) {
            (Some(known), Some(keys)) if known != keys.rows.check() => {
                Err(DatabaseError::ForeignKey { path: self.seed_path() })
            }
            _ => Ok(()),
        }
    }

    pub fn key_needed(&self) -> DatabaseError {
        DatabaseError::KeyNeeded { path: self.seed_path() }
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

    fn is_sealed(&self) -> bool {
        self.is_sealed.load(Ordering::Acquire)
    }

    pub fn set_sealed(&self, is_sealed: bool) {
        self.is_sealed.store(is_sealed, Ordering::Release);
    }
}

impl Database {
    /// How the database isn't where its count says that it stood; `None` when it is.
    pub fn rollback(&self) -> Option<Rollback> {
        self.guard.rollback.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key by which rows are sealed; `None` where its seed isn't there.
    pub fn row_key(&self) -> Option<&RowKey> {
        self.guard.keys.as_ref().map(|keys| &keys.rows)
    }

    /// True when its rows are sealed, whatever a hand beside this program has made of the database's own word since.
    pub fn is_sealed(&self) -> bool {
        self.guard.is_sealed()
    }

    /// Makes durable what the count says; it is a moment's work where nothing was committed.
    pub async fn sync_count(&self) {
        let guard = self.guard.clone();
        let _ = tokio::task::spawn_blocking(move || guard.sync()).await;
    }

    /// Begins to count from where the database stands now, whatever the count beside it says: it is new there, or somebody has
    /// accepted that it was rolled back.
    pub async fn count_from_here(&self) -> Result<(), DatabaseError> {
        let mut here = here(&mut *self.read().await?).await?;
        here.is_sealed |= self.is_sealed();
        let key = self.guard.count_key().cloned();
        let file = CountFile::begin(&self.path, &here, key).map_err(|source| self.guard.failed(source))?;
        // Another open count is of the same file.
        let _ = self.guard.count.set(file);
        self.guard.set_rollback(None);
        Ok(())
    }

    /// Seals all rows by the key of this office where they aren't sealed yet: in a new database, in one of a version before there
    /// were seals, and after a restore without keys. What nobody could verify is noted.
    pub async fn seal_rows(&self, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        let Some(key) = self.row_key() else { return Ok(()) };
        if seals::key_check(&mut *self.read().await?).await?.is_some() {
            return Ok(());
        }
        let mut writing = self.write().await?;
        let is_new = trail::last_at(&mut writing).await?.is_none();
        if self.is_sealed() {
            let changed = self.changed_rows(&mut writing).await?;
            findings::note_rows(&mut writing, &changed, now).await?;
        } else if !is_new && !sealing_keys::all(&mut writing).await?.is_empty() {
            // The office's keys stand in the database since its rows were sealed for the first time.
            findings::note(&mut writing, Kind::Seals, SEALED_UNVERIFIED, now).await?;
        }
        seals::set_key_check(&mut writing, Some(key.check())).await?;
        seals::seal_all(&mut writing, key).await?;
        if !is_new {
            trail::append(&mut writing, now, &Actor::Command, "rows sealed", "", json!({})).await?;
        }
        writing.commit().await?;
        self.guard.set_sealed(true);
        Ok(())
    }

    /// Verifies all sealed rows: gives those that aren't as they were written. None where nobody can tell.
    pub async fn changed_rows(&self, connection: &mut Connection) -> Result<Vec<ChangedRow>, DatabaseError> {
        match self.row_key().filter(|_| self.is_sealed()) {
            Some(key) => seals::verify_all(connection, key).await,
            None => Ok(Vec::new()),
        }
    }

    /// Says what is wrong where a hand beside this program has taken the database's word away that its rows are sealed.
    pub async fn denied_seals(&self) -> Result<Option<&'static str>, DatabaseError> {
        let is_denied = self.is_sealed() && seals::key_check(&mut *self.read().await?).await?.is_none();
        Ok(is_denied.then_some(SEALS_DENIED))
    }

    /// Lets the database say again that its rows are sealed.
    pub async fn say_sealed_again(&self) -> Result<(), DatabaseError> {
        let Some(key) = self.row_key().filter(|_| self.is_sealed()) else { return Ok(()) };
        let mut writing = self.write().await?;
        seals::set_key_check(&mut writing, Some(key.check())).await?;
        writing.commit().await
    }

    /// Lets the rows count as not sealed, as a restore without the office's keys does. Their seals go: they would be of earlier
    /// values.
    pub(super) async fn let_seals_go(&self) -> Result<(), DatabaseError> {
        self.guard.set_sealed(false);
        let mut writing = self.write().await?;
        seals::set_key_check(&mut writing, None).await?;
        sqlx::query("UPDATE office SET counted = 1").execute(&mut *writing).await?;
        sqlx::query("DELETE FROM row_seal").execute(&mut *writing).await?;
        writing.commit().await
    }
}

/// Takes in what was found of a database before it was opened, and begins to count.
pub(super) async fn begin(database: &Database, looked: Looked) -> Result<(), DatabaseError> {
    let guard = &database.guard;
    let mut reading = database.read().await?;
    let known = seals::key_check(&mut reading).await?;
    let counted: i64 = sqlx::query_scalar("SELECT counted FROM office").fetch_one(&mut *reading).await?;
    drop(reading);
    guard.compare_key(known.as_deref())?;
    guard.set_sealed(known.is_some() || looked.was_sealed);
    if let Some(rollback) = looked.rollback {
        tracing::error!("{rollback}");
        guard.set_rollback(Some(rollback));
        return Ok(());
    }
    // Until the rows are sealed, nothing says that these keys are the office's own.
    let counts_as = if known.is_some() && guard.keys.is_some() { COUNT_IS_PROVED } else { 1 };
    if counted >= counts_as {
        let file =
            CountFile::open(&database.path, guard.count_key().cloned()).map_err(|source| guard.failed(source))?;
        // A database is opened once.
        let _ = guard.count.set(file);
        return Ok(());
    }
    database.count_from_here().await?;
    // Without a key whose seals there are, nothing is written; the next opening with it comes here again.
    if known.is_some() && guard.keys.is_none() {
        return Ok(());
    }
    let mut writing = database.write().await?;
    sqlx::query("UPDATE office SET counted = $1").bind(counts_as).execute(&mut *writing).await?;
    writing.commit().await
}

/// How the database, which stands here, isn't where its count says; `None` when it is, or was never counted.
pub(super) async fn find_rollback(
    connection: &mut Connection,
    guard: &Guard,
    read: io::Result<Option<count::ReadCount>>,
) -> Result<Looked, DatabaseError> {
    let name = count::path_of(&guard.path);
    let name = name.display();
    let told = |what: String, was_sealed| Ok(Looked { rollback: Some(Rollback::new(what)), was_sealed });
    let known = seals::key_check(connection).await?;
    guard.compare_key(known.as_deref())?;
    let says_counted: i64 = sqlx::query_scalar("SELECT counted FROM office").fetch_one(&mut *connection).await?;
    let read = match read {
        Ok(Some(read)) => read,
        Ok(None) => {
            return told(
                format!("{name}: the count of what was committed can't be read, or isn't this office's"),
                false,
            );
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && says_counted == 0 => return Ok(Looked::default()),
        Err(error) => return told(format!("{name}: the count of what was committed: {error}"), false),
    };
    if says_counted >= COUNT_IS_PROVED && guard.keys.is_some() && !read.is_proved {
        return told(format!("{name}: the count of what was committed isn't this office's"), false);
    }
    let (counted, here) = (read.count, here(connection).await?);
    // A count without a proof may be of an earlier program, which let seals go by an update of the tables and counted one more.
    let was_sealed = counted.is_sealed && (read.is_proved || counted.commits == here.commits);
    if here.incarnation != counted.incarnation {
        return told(format!("{name} is of another database than the one beside it"), false);
    }
    if here.commits < counted.commits {
        let missing = counted.commits - here.commits;
        let what = format!(
            "the database was rolled back: its last {missing} of {} transactions are gone, as after damage to the log of pages beside it, or an older file in its place",
            counted.commits
        );
        return told(what, was_sealed);
    }
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM trail WHERE number = $1")
        .bind(counted.trail_length)
        .fetch_optional(connection)
        .await?;
    if counted.trail_length > 0 && hash.as_deref() != Some(counted.trail_head.as_slice()) {
        let what = format!("entry {} of the audit trail isn't the one that was committed", counted.trail_length);
        return told(what, was_sealed);
    }
    if was_sealed && !here.is_sealed {
        return told(SEALS_DENIED.to_owned(), was_sealed);
    }
    Ok(Looked { rollback: None, was_sealed })
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
    let mut count = counted(
        writing,
        "UPDATE office SET commits = commits + 1
         RETURNING commits, trail_length, trail_head, incarnation, key_check",
    )
    .await?;
    let touched = writing.touched.take();
    let guard = writing.guard.clone();
    if !count.is_sealed && guard.is_sealed() {
        // The next verification notes it, and so does the next start, because the count says that they are.
        if noise::DAMAGE.lets_through() {
            tracing::error!("{SEALS_DENIED}: they are sealed all the same");
        }
        count.is_sealed = true;
    }
    match &guard.keys {
        Some(keys) if count.is_sealed => seals::write(writing, &keys.rows, touched).await?,
        None if count.is_sealed => return Err(guard.key_needed()),
        _ => {}
    }
    Ok(Some(count))
}
