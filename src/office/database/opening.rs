//! Opening the database: what lies there is looked at before anything can be written, and tables of an earlier version are
//! brought up to date.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::sync::Notify;

use super::findings::Kind;
use super::guard::{self, Guard};
use super::seals::RowKey;
use super::{Connection, Database, DatabaseError, Writing, connect_options, count, files, findings, migrations, seals};
use super::{READERS, open_writer, pool};
use crate::domain::clock::{Clock, SystemClock};

/// Text of the finding after an update from a version whose seals have another form.
const SEALED_BY_UPDATE: &str = "all rows were sealed as they stand by an update, because the seals of the version before have another form: nobody can tell whether something else had changed them";

/// How the database isn't where its count says that it stood, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback(String);

impl Rollback {
    pub(super) fn new(what: String) -> Self {
        Self(what)
    }

    fn with_kept(self, log: &Path) -> Self {
        Self(format!("{}. The log of pages as it was found is kept in {}", self.0, log.display()))
    }
}

impl fmt::Display for Rollback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// State of a database before it is opened.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub rollback: Option<Rollback>,
    /// The count beside it says that its rows were sealed
    pub was_sealed: bool,
}

/// Kind of file at a database's path.
enum Found {
    Nothing,
    /// A file without tables, as a beginning that was broken off leaves it
    NoTables,
    Office {
        version: i64,
        looked: Looked,
    },
}

impl Database {
    /// Opens an existing database of this program's version; one of an earlier version is left as it is
    /// ([`DatabaseError::Older`], [`crate::office::upgrade::open`]).
    ///
    /// # Errors
    /// When there is none, when the file is empty or something else than an office's database, and when the seed beside it is
    /// another than it was sealed by: nothing is written then.
    pub async fn open(path: &Path) -> Result<Self, DatabaseError> {
        let guard = Guard::beside(path)?;
        let known = migrations::KNOWN;
        match look(path, &guard).await? {
            Found::Nothing => Err(DatabaseError::Missing { path: path.to_owned() }),
            Found::NoTables => Err(DatabaseError::Empty { path: path.to_owned() }),
            Found::Office { version: found, .. } if found > known => Err(DatabaseError::Newer { found, known }),
            Found::Office { version: found, looked } if found < known => {
                Err(DatabaseError::Older { found, known, rollback: looked.rollback })
            }
            Found::Office { looked, .. } => Self::connect(path, guard).await?.begun(looked).await,
        }
    }

    /// Opens a database and brings its tables up to date; a new one gets its tables and its incarnation.
    pub async fn open_or_create(path: &Path) -> Result<Self, DatabaseError> {
        let guard = Guard::beside(path)?;
        let looked = match look(path, &guard).await? {
            Found::Office { looked, .. } => looked,
            Found::Nothing | Found::NoTables => Looked::default(),
        };
        let database = Self::connect(path, guard).await?;
        if let Err(error) = database.update_tables(looked.was_sealed).await {
            database.close().await;
            return Err(error);
        }
        database.begun(looked).await
    }

    /// The same for the copy in a backup, which has no count yet. Where the office's keys aren't there, its rows count as not
    /// sealed from here on.
    pub async fn open_to_restore(path: &Path) -> Result<Self, DatabaseError> {
        let database = Self::connect(path, Guard::beside(path)?).await?;
        let opened = async {
            let mut reading = database.read().await?;
            let known = match migrations::version(&mut reading).await? {
                migrations::ROWS_ARE_SEALED.. => seals::key_check(&mut reading).await?,
                _ => None,
            };
            drop(reading);
            database.guard.compare_key(known.as_deref())?;
            if known.is_some() && database.guard.keys.is_none() {
                database.let_seals_go().await?;
            }
            database.update_tables(false).await?;
            let is_sealed = seals::key_check(&mut *database.read().await?).await?.is_some();
            database.guard.set_sealed(is_sealed);
            Ok::<(), DatabaseError>(())
        };
        match opened.await {
            Ok(()) => Ok(database),
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    async fn connect(path: &Path, guard: Guard) -> Result<Self, DatabaseError> {
        let (writer, touched) = open_writer(path).await?;
        guard.note_file();
        let reading = connect_options(path).create_if_missing(false).pragma("query_only", "on");
        let readers = pool(READERS).connect_with(reading).await?;
        let (changed, guard) = (Arc::new(Notify::new()), Arc::new(guard));
        Ok(Self { path: path.to_owned(), writer, readers, changed, touched, guard })
    }

    async fn begun(self, looked: Looked) -> Result<Self, DatabaseError> {
        match guard::begin(&self, looked).await {
            Ok(()) => Ok(self),
            Err(error) => {
                self.close().await;
                Err(error)
            }
        }
    }

    /// Brings the tables up to date, in one transaction. Rows that are sealed are sealed anew behind it: of other tables there are
    /// other seals.
    async fn update_tables(&self, was_sealed: bool) -> Result<(), DatabaseError> {
        let mut writing = self.write().await?;
        let found = migrations::version(&mut writing).await?;
        if found == migrations::KNOWN {
            return Ok(());
        }
        let mut known = None;
        if (migrations::ROWS_ARE_SEALED..migrations::KNOWN).contains(&found) {
            known = seals::key_check(&mut writing).await?;
            self.guard.compare_key(known.as_deref())?;
        }
        if known.is_none() && !was_sealed {
            migrations::run(&mut writing, found).await?;
            return writing.commit().await;
        }
        let key = self.row_key().ok_or_else(|| self.guard.key_needed())?;
        if found < migrations::SEALS_CAN_BE_COMPARED {
            migrations::run(&mut writing, found).await?;
            findings::note(&mut writing, Kind::Seals, SEALED_BY_UPDATE, SystemClock.now()).await?;
            seals::seal_all(&mut writing, key).await?;
        } else {
            seal_around(&mut writing, key, async |writing| migrations::run(writing, found).await).await?;
        }
        self.guard.set_sealed(true);
        writing.commit().await
    }
}

/// Verifies all rows before the tables change, and seals them anew behind it. What isn't as it was written is noted.
async fn seal_around(
    writing: &mut Writing,
    key: &RowKey,
    change: impl AsyncFnOnce(&mut Writing) -> Result<(), DatabaseError>,
) -> Result<(), DatabaseError> {
    let changed = seals::verify_all(writing, key).await?;
    change(writing).await?;
    // The finding's time is only shown.
    findings::note_rows(writing, &changed, SystemClock.now()).await?;
    seals::seal_all(writing, key).await
}

/// Looks at what lies at a database's path by a connection that can't write. SQLite's last connection brings the log of pages into
/// the file and removes it, also a damaged one whose end would be lost with it: one that can't write leaves it.
async fn look(path: &Path, guard: &Guard) -> Result<Found, DatabaseError> {
    let is_counted = count::path_of(path).exists();
    match std::fs::metadata(path) {
        Ok(found) if found.len() > 0 => {}
        _ if is_counted => return Err(DatabaseError::Gone { path: path.to_owned() }),
        Ok(_) => return Ok(Found::NoTables),
        Err(_) => return Ok(Found::Nothing),
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(super::BUSY_TIMEOUT);
    let looked = async {
        // Before the database, which another process may be writing at this moment: it never holds less than this.
        let counted = count::read(path, guard.count_key());
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let found = look_by(&mut connection, guard, counted).await;
        connection.close().await?;
        keep_log_of(path, found?)
    };
    match looked.await {
        // Of a log of pages that is damaged or gone, nothing may ever have come into the file itself.
        Ok(Found::NoTables) if is_counted => Err(DatabaseError::Gone { path: path.to_owned() }),
        // A file that SQLite can't read: damaged, or no database at all.
        Err(DatabaseError::Malformed(_)) if !is_counted => Err(DatabaseError::Foreign { path: path.to_owned() }),
        found => found,
    }
}

/// Keeps the log of pages of a database that was rolled back aside: whoever opens it to write ends its damaged part.
fn keep_log_of(path: &Path, mut found: Found) -> Result<Found, DatabaseError> {
    if let Found::Office { looked, .. } = &mut found
        && let Some(rollback) = looked.rollback.take()
    {
        let kept = files::keep_log(path).inspect_err(|_| tracing::error!("{rollback}"))?;
        looked.rollback = Some(match kept {
            Some(kept) => rollback.with_kept(&kept),
            None => rollback,
        });
    }
    Ok(found)
}

async fn look_by(
    connection: &mut Connection,
    guard: &Guard,
    counted: std::io::Result<Option<count::ReadCount>>,
) -> Result<Found, DatabaseError> {
    let (all, own): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COUNT(CASE WHEN name IN ('office', 'schema_version') THEN 1 END) FROM sqlite_master",
    )
    .fetch_one(&mut *connection)
    .await?;
    match (all, own) {
        (0, _) => return Ok(Found::NoTables),
        (_, 2) => {}
        _ => return Err(DatabaseError::Foreign { path: guard.path.clone() }),
    }
    let version = migrations::version(connection).await?;
    let mut looked = Looked::default();
    if (migrations::ROWS_ARE_SEALED..=migrations::KNOWN).contains(&version) {
        looked = guard::find_rollback(connection, guard, counted).await?;
    }
    Ok(Found::Office { version, looked })
}

#[cfg(test)]
mod tests {
    use sqlx::SqlitePool;

    use super::super::{clock, rows};
    use super::*;
    use crate::seal::office_seeds::file_name;
    use crate::seal::seed::Seed;

    /// Version 22, in which the rows are sealed in another form.
    #[tokio::test]
    async fn an_update_says_where_nobody_could_verify_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.sqlite");
        let key = RowKey::of(&Seed::create(&folder.path().join(file_name(1))).unwrap());
        let pool = SqlitePool::connect_with(connect_options(&path)).await.unwrap();
        migrations::run_through(&pool, migrations::ROWS_ARE_SEALED as usize).await;
        let mut writing = pool.begin().await.unwrap();
        sqlx::raw_sql(
            "INSERT INTO office (only_row, incarnation, last_change, trail_length, trail_head)
                 VALUES (1, zeroblob(16), 0, 1, x'0101010101010101010101010101010101010101010101010101010101010101');
             INSERT INTO taken_form (id, at) VALUES ('a', 1), ('b', 2);
             INSERT INTO row_seal (table_name, row_number, seal) VALUES ('taken_form', 1, 7), ('taken_form', 2, 8);
             INSERT INTO trail (number, at, actor, action, subject, details, previous, hash)
                 VALUES (1, 1800000000000, 'command', 'a', '', '{}', zeroblob(32), x'01');",
        )
        .execute(&mut *writing)
        .await
        .unwrap();
        seals::set_key_check(&mut writing, Some(key.check())).await.unwrap();
        writing.commit().await.unwrap();
        pool.close().await;

        let database = Database::open_or_create(&path).await.unwrap();
        let mut reading = database.read().await.unwrap();
        assert_eq!(migrations::version(&mut reading).await.unwrap(), migrations::KNOWN);
        let found = findings::open(&mut reading, 10).await.unwrap();
        assert!(found.len() == 1 && found[0].text == SEALED_BY_UPDATE, "{found:?}");
        assert!(database.is_sealed() && database.changed_rows(&mut reading).await.unwrap().is_empty());
        // Nothing that was added since, by whatever clock, is what the clock is measured by.
        let reference = clock::reference(&mut reading).await.unwrap().unwrap();
        assert_eq!(rows::millis(reference.at), 1_800_000_000_000);
        drop(reading);
        database.close().await;
    }

    #[tokio::test]
    async fn rows_are_verified_before_tables_change_and_sealed_anew_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.sqlite");
        Seed::create(&folder.path().join(file_name(1))).unwrap();
        let database = Database::open_or_create(&path).await.unwrap();
        database.seal_rows(SystemClock.now()).await.unwrap();
        let add = "INSERT INTO taken_form (id, at) VALUES ('a', 1), ('b', 2)";
        let mut writing = database.write().await.unwrap();
        sqlx::query(add).execute(&mut *writing).await.unwrap();
        writing.commit().await.unwrap();
        let beside = SqlitePool::connect_with(connect_options(&path)).await.unwrap();
        sqlx::query("UPDATE taken_form SET at = 9 WHERE id = 'b'").execute(&beside).await.unwrap();
        beside.close().await;

        let mut writing = database.write().await.unwrap();
        let change = "ALTER TABLE taken_form ADD COLUMN added INTEGER NOT NULL DEFAULT 3";
        let changing = seal_around(&mut writing, database.row_key().unwrap(), async |writing| {
            sqlx::query(change).execute(&mut **writing).await?;
            Ok(())
        });
        changing.await.unwrap();
        writing.commit().await.unwrap();
        database.close().await;

        // Of the tables as they are now.
        let database = Database::open(&path).await.unwrap();
        let mut reading = database.read().await.unwrap();
        let found = findings::open(&mut reading, 10).await.unwrap();
        assert!(found.len() == 1 && found[0].text == "row 2 of taken_form isn't as it was written", "{found:?}");
        assert_eq!(database.changed_rows(&mut reading).await.unwrap(), []);
        drop(reading);
        database.close().await;
    }
}
