//! Restoring the office's database from a backup.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{VERSION_LINE, files};
use crate::office::OfficeConfig;
use crate::office::database::trail::{self, Actor, TrailState};
use crate::office::database::{Database, DatabaseError};
use crate::office::database::{copies, findings};
use crate::office::desk::log::{self as desk_log, DeskLog};
use crate::office::desk::{self, RegisterError, TakenIn};
use crate::office::enrolment::numbers::{self, NumbersLog};
use crate::office::erasure::log::{self, ErasedLog, Unkeyed};
use crate::office::erasure::{self, ErasureError};
use crate::office::folder::{self, FolderError};
use crate::office::keys::{ExportError, Opener};
use crate::office::logs::{LogError, Places};
use crate::office::second_factor::SecondFactor;
use crate::office::witnesses;
use crate::seal::keys::{OfficeKeys, hex, sha256};

/// The database while it is verified; it gets its name only when it is sound.
const UNVERIFIED: &str = "office.sqlite.restoring";

#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(
        "{}: there is a database, and a restore never replaces one. Stop the office, move the file away with those that begin with its name, and try again", path.display()
    )]
    Exists { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: {cause}", path.display())]
    Opening { path: PathBuf, cause: ExportError },
    #[error(
        "{}: this backup was damaged, cut off or changed ({source}): use another one", path.display()
    )]
    Damaged { path: PathBuf, source: io::Error },
    #[error("{}: this is no backup of an office, or one of a newer program", path.display())]
    Foreign { path: PathBuf },
    #[error("{}: what the backup holds is not sound ({what}): use another one", path.display())]
    Unsound { path: PathBuf, what: String },
    #[error("{}", refusal(.0))]
    Unkeyed(Vec<Unkeyed>),
    #[error(transparent)]
    Desk(#[from] RegisterError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Says which lines without a key there are, all of them, and what they may mean.
pub fn told(unkeyed: &[Unkeyed]) -> String {
    let mut text = format!(
        "{} erasures are told of by lines of erased.log without the office's key. Earlier versions wrote such lines; but so can anybody who may write the file, and what is erased is gone for good:",
        unkeyed.len()
    );
    for one in unkeyed {
        text.push_str(&format!("\n  {one}"));
    }
    text
}

fn refusal(unkeyed: &[Unkeyed]) -> String {
    format!(
        "{}\nCompare them with the asks for deletion that you have on paper. Then run the command again with --accept-unkeyed-erasures {}, or with --ignore-unkeyed-erasures to leave all of them out",
        told(unkeyed),
        check_of(unkeyed)
    )
}

/// Gives digits that stand for exactly these erasures: whoever accepts a list by them accepts no other.
pub fn check_of(unkeyed: &[Unkeyed]) -> String {
    hex(&sha256(&[b"istiqbal unkeyed erasures 1", told(unkeyed).as_bytes()])[..8])
}

/// Says how a restore treats erasures that only lines without a key name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnkeyedErasures {
    /// Nothing is restored while there are any
    Refuse,
    /// Those that a person has seen; what the files say by then is not asked
    Accept(Vec<Unkeyed>),
    Ignore,
}

/// What a restore brought back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// When the last thing in it was done
    pub last_entry_at: Option<DateTime<Utc>>,
    /// Requests that were erased since the backup, and were erased again
    pub erased_again: usize,
    /// Registrations of the desk that the backup lacks; nothing where the office's keys aren't there
    pub desk: TakenIn,
    /// People who can't sign in until an administrator gives them a password
    pub without_password: u64,
}

/// Gives the erasures that only lines without a key tell of, in the office's folder and beside the backup.
pub fn unkeyed_erasures(config: &OfficeConfig, from: &Path) -> Result<Vec<Unkeyed>, RestoreError> {
    let key = OfficeKeys::read(&config.data).ok().map(|keys| log::log_key(&keys));
    let places = Places::in_folders([config.data.as_path(), folder_of(from)], log::FILE_NAME);
    Ok(log::read_to_restore(&places, key.as_ref())?.unkeyed)
}

/// The same as [`restore_with`] where nobody can be asked.
pub async fn restore(
    config: &OfficeConfig,
    from: &Path,
    opener: Opener,
    now: DateTime<Utc>,
) -> Result<Restored, RestoreError> {
    restore_with(config, from, opener, UnkeyedErasures::Refuse, now).await
}

/// Turns a backup into the office's database, where there is none: decrypts and verifies it, makes it another one for the
/// kiosks, closes the ways in that may have been closed since, erases again what was erased, takes in what the desk has
/// registered since, and only then gives it its name.
pub async fn restore_with(
    config: &OfficeConfig,
    from: &Path,
    opener: Opener,
    unkeyed: UnkeyedErasures,
    now: DateTime<Utc>,
) -> Result<Restored, RestoreError> {
    refuse_to_replace(config)?;
    let accepted = match unkeyed {
        UnkeyedErasures::Accept(seen) => seen,
        UnkeyedErasures::Ignore => Vec::new(),
        UnkeyedErasures::Refuse => match unkeyed_erasures(config, from)? {
            none if none.is_empty() => none,
            some => return Err(RestoreError::Unkeyed(some)),
        },
    };
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| RestoreError::Io { path, source }
    };
    files::make_private(&config.data).map_err(failed(&config.data))?;
    let _alone = folder::lock(&config.data)?;
    let unverified = Unverified { path: config.data.join(UNVERIFIED) };
    unverified.remove().map_err(failed(&unverified.path))?;
    let (source, target) = (from.to_owned(), unverified.path.clone());
    let decrypting = tokio::task::spawn_blocking(move || decrypt(&source, &target, &opener)).await;
    decrypting.map_err(|error| failed(from)(io::Error::other(error)))??;

    let unsound = |what: String| RestoreError::Unsound { path: from.to_owned(), what };
    // Whatever can't be opened as a database is as bad as one that is damaged.
    let state = copies::look_through(&unverified.path).await.map_err(|error| unsound(error.to_string()))?;
    if let Some(damage) = state.damage {
        return Err(unsound(damage));
    }
    if state.trail != TrailState::Intact {
        return Err(unsound(format!("the trail is {}", state.trail)));
    }
    // Of an earlier version, it is brought up to date: the backup itself stays what it is.
    let database = Database::open_to_restore(&unverified.path).await?;
    let restored = make_ours(&database, config, from, &accepted, now).await;
    database.close().await;
    let restored = restored?;
    // The last connection that closes puts everything into the file itself.
    let log_of_pages = unverified.companion("-wal");
    if fs::metadata(&log_of_pages).is_ok_and(|found| found.len() > 0) {
        return Err(unsound(format!("{} can't be emptied", log_of_pages.display())));
    }
    refuse_to_replace(config)?;
    let path = config.database_path();
    File::open(&unverified.path).and_then(|file| file.sync_all()).map_err(failed(&unverified.path))?;
    // The count goes before: broken off here, the office says that its database is gone, and a restore begins again. One of an
    // earlier database may still lie there.
    fs::rename(unverified.companion(".count"), companion(&path, ".count")).map_err(failed(&path))?;
    files::sync_folder_of(&path).map_err(failed(&path))?;
    // A hard link, because it never replaces what somebody may have made meanwhile; a rename would.
    fs::hard_link(&unverified.path, &path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => RestoreError::Exists { path: path.clone() },
        _ => RestoreError::Io { path: path.clone(), source },
    })?;
    unverified.remove().map_err(failed(&unverified.path))?;
    files::sync_folder_of(&path).map_err(failed(&path))?;
    Ok(restored)
}

async fn make_ours(
    database: &Database,
    config: &OfficeConfig,
    from: &Path,
    accepted: &[Unkeyed],
    now: DateTime<Utc>,
) -> Result<Restored, RestoreError> {
    let mut writing = database.write().await?;
    // Before they are written and sealed again: afterwards nobody could tell.
    let changed = database.changed_rows(&mut writing).await?;
    findings::note_rows(&mut writing, &changed, now).await?;
    let last_entry_at = trail::last_at(&mut writing).await?;
    copies::become_another(&mut writing).await?;
    let without_password = copies::close_ways_in(&mut writing, SecondFactor::last_step_before(now)).await?;
    let backup = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let details = json!({ "backup": backup, "last_entry_at": last_entry_at, "unkeyed_erasures": accepted.len() });
    trail::append(&mut writing, now, &Actor::Command, witnesses::RESTORED, "", details).await?;
    erasure::note_keyed(&mut writing, now).await?;
    writing.commit().await?;
    // The office's folder may be new: then the logs beside the backup know. Only those in the folder are written: a drill
    // changes nothing beside the backups. Which lines are this office's is verified whenever they are read.
    let own = |file_name: &str| Places::in_folders([config.data.as_path()], file_name);
    let beside = folder_of(from);
    log::take_over(&own(log::FILE_NAME), &beside.join(log::FILE_NAME))?;
    NumbersLog::new(own(numbers::FILE_NAME)).take_over(&beside.join(numbers::FILE_NAME))?;
    let desk_log = DeskLog::new(own(desk_log::FILE_NAME));
    desk_log.take_over(&beside.join(desk_log::FILE_NAME))?;
    // Into the database, which writes the log with the key.
    let accepted: Vec<_> = accepted.iter().map(|unkeyed| unkeyed.erasure).collect();
    let mut erased_again = erasure::erase_lacking(database, &accepted, now).await?;
    let mut desk = TakenIn::default();
    // Without the keys no line can be verified: then the first start does this.
    if let Ok(keys) = OfficeKeys::read(&config.data) {
        let log = ErasedLog::new(own(log::FILE_NAME), &keys);
        let place = erasure::Place { database, log: &log, desk_log: &desk_log };
        erased_again += erasure::erase_again(place, now).await?;
        desk = desk::take_in(database, &keys, &desk_log, now).await?;
    }
    database.count_from_here().await?;
    Ok(Restored { last_entry_at, erased_again, desk, without_password })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refuse_to_replace(config: &OfficeConfig) -> Result<(), RestoreError> {
    let path = config.database_path();
    for end in ["", "-wal", "-journal"] {
        let mut name = path.clone().into_os_string();
        name.push(end);
        let path = PathBuf::from(name);
        // Whatever isn't certainly absent is there.
        if path.symlink_metadata().err().map(|error| error.kind()) != Some(io::ErrorKind::NotFound) {
            return Err(RestoreError::Exists { path });
        }
    }
    Ok(())
}

/// Decrypts a backup into a new file, which is synced.
fn decrypt(from: &Path, to: &Path, opener: &Opener) -> Result<(), RestoreError> {
    let damaged = |source| RestoreError::Damaged { path: from.to_owned(), source };
    let failed = |source| RestoreError::Io { path: to.to_owned(), source };
    let file = File::open(from).map_err(|source| RestoreError::Io { path: from.to_owned(), source })?;
    let opened = opener.decrypting(BufReader::new(file));
    let mut reader = opened.map_err(|cause| RestoreError::Opening { path: from.to_owned(), cause })?;
    let mut line = vec![0; VERSION_LINE.len()];
    reader.read_exact(&mut line).map_err(damaged)?;
    if line != VERSION_LINE {
        return Err(RestoreError::Foreign { path: from.to_owned() });
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
    let mut writer = BufWriter::new(file);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // Told apart, because a full disk and a damaged backup ask for different things.
        let read = reader.read(&mut buffer).map_err(damaged)?;
        if read == 0 {
            break;
        }
        writer.write_all(&buffer[..read]).map_err(failed)?;
    }
    writer.into_inner().map_err(io::Error::from).and_then(|file| file.sync_all()).map_err(failed)
}

/// The path of what lies beside a database.
fn companion(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A database that isn't verified yet; removed when dropped, with what SQLite lays beside it.
struct Unverified {
    path: PathBuf,
}

impl Unverified {
    fn companion(&self, end: &str) -> PathBuf {
        companion(&self.path, end)
    }

    fn remove(&self) -> io::Result<()> {
        for end in ["", "-wal", "-shm", "-journal", ".count"] {
            match fs::remove_file(self.companion(end)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for Unverified {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::error!(path = %self.path.display(), %error, "what was being restored can't be removed: remove it by hand");
        }
    }
}
