//! Backups of the office: encrypted copies of the whole database, made while it is in use.
//!
//! - A **copy** is one consistent state of the database, in a private file of its own, there only until it is encrypted.
//! - A **backup** is the copy encrypted with age: to public keys whose identity lies elsewhere, or by a passphrase. It counts
//!   once it is durable under its name; then the envelopes it holds are marked, and kiosks may let go of them.
//! - Old backups are **thinned** by their numbers (`thinning.rs`); whether all others are as they were made, `soundness.rs` looks.
//! - A database of an earlier version is backed up before it is brought up to date (`before_update.rs`).
//! - A **restore** (`restore.rs`) turns a backup into the office's database, where there is none.
//!
//! The office's keys are not in it (`istiqbal office keys export`), nor are the logs beside it (`logs.rs`).

mod before_update;
mod files;
mod restore;
mod soundness;
mod thinning;

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::time::MissedTickBehavior;

use super::Office;
use super::config::BackupConfig;
use super::database::copies::{self, BackupState};
use super::database::trail::{self, Actor, TrailState};
use super::database::{Database, DatabaseError};
use super::desk::{self, RegisterError, log::DeskLog};
use super::keys::{ExportError, Lock};
use super::logs::Places;
use crate::seal::keys::OfficeKeys;

pub use before_update::back_up_before_update;
pub use files::SpaceError;
pub use restore::{RestoreError, Restored, UnkeyedErasures, check_of, restore, restore_with, told, unkeyed_erasures};
pub use soundness::made;

/// How a backup's text begins, so that a later format is recognised; then comes the database's file.
const VERSION_LINE: &[u8] = b"istiqbal office backup 1\n";
/// How often is looked whether a backup is due.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(30);
/// After a failure it is tried again when so much time has passed, or `every` where that is shorter.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// So long may a backup hold up the office's end, as one on a share that hangs.
const PATIENCE_AT_THE_END: std::time::Duration = std::time::Duration::from_secs(20);
/// The copy lies here while it is made; nothing else does.
const WORKSHOP: &str = "backup.unfinished";
const LOCK_FILE: &str = "backup.lock";

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(
        "no backup is made, because nobody is named who could open it: put a public key of age into `recipients` of [backup] in the office's file. A backup in clear is never made"
    )]
    NoRecipients,
    #[error("another backup is being made at this moment: wait for its end")]
    Busy,
    #[error(transparent)]
    Space(#[from] SpaceError),
    #[error("the copy is not sound ({0}), so that it was thrown away: run `istiqbal office check`")]
    Unsound(String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Encrypting(#[from] ExportError),
    #[error("the backup broke off: {0}")]
    BrokenOff(String),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A backup that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub path: PathBuf,
    pub bytes: u64,
    /// In hexadecimal digits, of what lies on the disk
    pub sha256: String,
    /// Older ones that were taken away
    pub thinned: usize,
    /// Every backup that stays holds the registrations of the desk's log up to this number
    pub desk_through: Option<u64>,
}

impl BackupConfig {
    /// What backups are locked by, when somebody is named who can open them.
    pub fn lock(&self) -> Result<Lock, BackupError> {
        if self.recipients.is_empty() {
            return Err(BackupError::NoRecipients);
        }
        Ok(Lock::Recipients(self.recipients.clone()))
    }
}

/// Makes a backup, and records in the database how it went. `data` is the office's folder.
pub async fn make(
    database: &Database,
    data: &Path,
    config: &BackupConfig,
    lock: Lock,
    now: DateTime<Utc>,
) -> Result<Made, BackupError> {
    // Of a database that isn't in its place, or was rolled back, no backup takes the newest one's place.
    drop(database.write().await?);
    let made = make_durable(database, data, config, lock, now).await;
    let writing = database.write().await;
    // On a full disk this may fail, too: what counts is why there is no backup.
    let mut writing = match (writing, &made) {
        (Err(error), Err(_)) => {
            tracing::error!("that no backup could be made can't be recorded: {error}");
            return made;
        }
        (writing, _) => writing?,
    };
    match &made {
        Ok(Made { path, bytes, sha256, .. }) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            copies::set_made(&mut writing, now, &name).await?;
            let details = json!({ "file": name, "bytes": bytes, "sha256": sha256 });
            trail::append(&mut writing, now, &Actor::Command, "backup made", "", details).await?;
        }
        Err(BackupError::NoRecipients | BackupError::Busy) => return made,
        Err(error) => copies::set_failed(&mut writing, now, &error.to_string()).await?,
    }
    writing.commit().await?;
    made
}

async fn make_durable(
    database: &Database,
    data: &Path,
    config: &BackupConfig,
    lock: Lock,
    now: DateTime<Utc>,
) -> Result<Made, BackupError> {
    let _alone = alone(data)?;
    let workshop = Workshop::open(data)?;
    let bytes = copies::size(&mut *database.read().await?).await?;
    let (here, folder) = (data.to_owned(), config.folder.clone());
    on_disk(move || files::make_folder(&folder).and_then(|()| files::check_space(&here, &folder, bytes))).await?;
    let copy = workshop.path.join("copy.sqlite");
    copies::copy_into(database.path(), &copy).await?;
    let state = copies::look_through(&copy).await?;
    if let Some(damage) = state.damage {
        return Err(BackupError::Unsound(damage));
    }
    if state.trail != TrailState::Intact {
        // A trail that somebody has touched is evidence: it is kept in a backup like everything else, and said.
        tracing::error!(trail = %state.trail, "the backup holds a trail that isn't whole: run `istiqbal office check`");
    }
    let known = soundness::made(&mut *database.read().await?).await?;
    let behind = known.newest_number();
    let (path, bytes) = encrypt(&copy, (&config.folder, behind), lock, now).await?;
    // Only now: whatever is said to kiosks lies on the disk.
    copies::mark_backed_up(database, &copy).await?;
    let (folder, keep_days, made) = (config.folder.clone(), config.keep_days, path.clone());
    let (thinned, oldest, sha256) = on_disk(move || {
        let made_name = made.file_name().unwrap_or_default().to_owned();
        let sha256 = soundness::hash_of(&made).map_err(|source| BackupError::Io { path: made, source })?;
        let thinned = thinning::thin(&folder, keep_days)?;
        Ok((thinned, thinning::oldest_number(&folder, |name| name == made_name || known.has(name))?, sha256))
    })
    .await?;
    // The backup holds more than the copy that was made before the last update.
    database.forget_earlier_version();
    let desk_through = thin_desk_log(database, data, (&copy, &path, oldest)).await.unwrap_or_else(|error| {
        tracing::error!("what the backups hold can't be taken out of the desk's log: {error}");
        None
    });
    Ok(Made { path, bytes, sha256, thinned, desk_through })
}

/// Thins the log in the office's folder. Without the keys, as in a drill, nobody can tell which lines are the office's.
async fn thin_desk_log(
    database: &Database,
    data: &Path,
    (copy, backup, oldest): (&Path, &Path, Option<u64>),
) -> Result<Option<u64>, RegisterError> {
    let (Ok(keys), Some(number)) = (OfficeKeys::read(data), files::number_of(backup)) else { return Ok(None) };
    let log = DeskLog::new(Places::in_folders([data], desk::log::FILE_NAME));
    desk::thin_log(database, (copy, number, oldest), &log, &keys).await
}

/// Works on a thread that may wait for the disk.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| BackupError::BrokenOff(error.to_string()))?
}

/// Encrypts a copy into the folder of backups, on a thread that may wait for the disk.
async fn encrypt(
    copy: &Path,
    (folder, behind): (&Path, u64),
    lock: Lock,
    now: DateTime<Utc>,
) -> Result<(PathBuf, u64), BackupError> {
    let (from, folder) = (copy.to_owned(), folder.to_owned());
    on_disk(move || write(&from, files::Part::create(&folder, behind, now)?, &lock)).await
}

/// Encrypts the copy into the folder: under another name first, synced, then renamed, and the folder synced.
fn write(copy: &Path, part: files::Part, lock: &Lock) -> Result<(PathBuf, u64), BackupError> {
    let failed = |source| BackupError::Io { path: part.path.clone(), source };
    let mut from = BufReader::new(File::open(copy).map_err(failed)?);
    let mut writer = lock.encrypting(BufWriter::new(&part.file))?;
    writer.write_all(VERSION_LINE).map_err(failed)?;
    io::copy(&mut from, &mut writer).map_err(failed)?;
    writer.finish().and_then(|mut rest| rest.flush()).map_err(failed)?;
    part.finish()
}

/// Makes backups until the office closes, each when the last one is `every` old. A failure is logged and shown, and tried
/// again; it ends nothing.
pub async fn keep_up(office: Arc<Office>) {
    if office.backup.recipients.is_empty() {
        tracing::warn!("{}", BackupError::NoRecipients);
        return;
    }
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        let patience = async {
            let _ = office.closing.clone().wait_for(|is_closing| *is_closing).await;
            tokio::time::sleep(PATIENCE_AT_THE_END).await;
        };
        let made = tokio::select! {
            made = make_when_due(&office) => made,
            () = patience => {
                tracing::warn!("the office ends, and the backup under way is given up: the next start makes another");
                return;
            }
        };
        match made {
            Ok(None) | Err(BackupError::Busy) => {}
            Ok(Some(made)) => {
                tracing::info!(path = %made.path.display(), bytes = made.bytes, thinned = made.thinned, "a backup was made");
            }
            Err(error) => tracing::error!("no backup could be made: {error}"),
        }
    }
}

async fn make_when_due(office: &Office) -> Result<Option<Made>, BackupError> {
    let mut state = copies::state(&mut *office.database.read().await?).await?;
    let now = office.clock.now();
    if soundness::newest_is_gone(&state, &office.backup.folder).await {
        state.made = None;
    }
    if !is_due(&state, office.backup.every, now) {
        return Ok(None);
    }
    let made = make(&office.database, &office.data, &office.backup, office.backup.lock()?, now).await;
    complete_logs(office, made.as_ref().ok().and_then(|made| made.desk_through)).await?;
    made.map(Some)
}

/// Completes the copies of the logs beside the backups, also where no backup could be made. The serving office alone does that:
/// nobody else writes them meanwhile.
pub(super) async fn complete_logs(office: &Office, desk_through: Option<u64>) -> Result<(), DatabaseError> {
    let keys = office.keys.now();
    office.erased_log.complete().await;
    office.numbers_log.complete(&keys).await;
    desk::complete_copy(&office.database, &keys, &office.desk_log, desk_through).await
}

/// True when the newest backup is `every` old, and the newest try has been let rest. A time from the future, by a clock that
/// was wrong, counts as none.
fn is_due(state: &BackupState, every: TimeDelta, now: DateTime<Utc>) -> bool {
    let is_older = |at: DateTime<Utc>, than: TimeDelta| at > now || now - at >= than;
    let is_old = state.made.as_ref().is_none_or(|(at, _)| is_older(*at, every));
    let has_rested = state.failed.as_ref().is_none_or(|(at, _)| is_older(*at, every.min(AGAIN_AFTER)));
    is_old && has_rested
}

/// One backup at a time, whoever makes it: the server, or a command beside it. Released when dropped.
fn alone(data: &Path) -> Result<File, BackupError> {
    let path = data.join(LOCK_FILE);
    let failed = |source| BackupError::Io { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::Busy),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Where the copy lies in clear while it is needed: in the office's private folder, on the disk where the same already lies.
struct Workshop {
    path: PathBuf,
}

impl Workshop {
    fn open(data: &Path) -> Result<Self, BackupError> {
        let path = data.join(WORKSHOP);
        let failed = |source| BackupError::Io { path: path.clone(), source };
        // What a crash left.
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        files::make_private(&path).map_err(failed)?;
        Ok(Self { path })
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::error!(path = %self.path.display(), %error, "the copy in clear can't be removed: remove it by hand");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_due_by_its_age_and_a_failed_one_after_a_rest() {
        let now = DateTime::from_timestamp(1_793_520_000, 0).unwrap();
        let ago = |minutes| now - TimeDelta::minutes(minutes);
        let state = |made: Option<i64>, failed: Option<i64>| BackupState {
            made: made.map(|minutes| (ago(minutes), String::new())),
            failed: failed.map(|minutes| (ago(minutes), String::new())),
        };
        let hour = TimeDelta::hours(1);
        for (made, failed, due) in [
            (None, None, true),
            (Some(59), None, false),
            (Some(60), None, true),
            (None, Some(4), false),
            (None, Some(5), true),
            (Some(90), Some(4), false),
            (Some(90), Some(5), true),
            (Some(-10), None, true),
            (None, Some(-10), true),
        ] {
            assert_eq!(is_due(&state(made, failed), hour, now), due, "{made:?} {failed:?}");
        }
        assert!(is_due(&state(None, Some(1)), TimeDelta::minutes(1), now));
    }
}
