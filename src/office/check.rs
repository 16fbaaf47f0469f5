//! The check of an office's folder: counts what the office holds, and verifies database, trail, rows, keys and logs.

use std::collections::HashSet;

use chrono::SecondsFormat;
use serde::Serialize;

use super::commands::CommandError;
use super::committee::minutes;
use super::config::OfficeConfig;
use super::database::erasures::{self, Erasure};
use super::database::trail::{self, TrailState};
use super::database::{Connection, Database, DatabaseError, copies, summary};
use super::desk::log::DeskLog;
use super::enrolment::numbers::NumbersLog;
use super::erasure;
use super::erasure::log::ErasedLog;
use super::logs::{LinePlace, LogError, named};
use super::{backup, day, proofs, upgrade, verification};
use crate::domain::clock::SystemClock;
use crate::seal::keys::{OfficeKeys, hex};

/// Result of [`check`]; `istiqbal office check` prints it as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub requests: u64,
    pub ratings: u64,
    pub suggestions: u64,
    pub kiosks: u64,
    /// Envelopes whose record can't be read
    pub damaged: u64,
    /// Envelopes that their kiosk hasn't signed, and of which nothing was made
    pub forged: u64,
    /// Messages of kiosks that are no envelope of theirs; at most 100 a kiosk are counted
    pub passed_over: u64,
    /// Places of a chain with more than one envelope
    pub forks: u64,
    /// Envelopes that are missing before the last one of their epoch, and that no report of their kiosk names
    pub gaps: u64,
    /// Envelopes that are missing there, and that their kiosk names as lost for good
    pub lost: u64,
    /// `intact`, or where it is broken
    pub trail: String,
    /// `intact`, or which sessions of the committee aren't what was sealed
    pub minutes: String,
    /// `intact`, or what SQLite says of its file
    pub database: String,
    /// `intact`, which rows aren't as this office wrote them, or why nobody can tell
    pub rows: String,
    /// `intact`, or how the database holds less than was committed
    pub count: String,
    /// `intact`, which key file is missing, damaged or another's, or why nobody can tell
    pub keys: String,
    /// `intact`, or which stored envelope isn't what its kiosk signed
    pub envelopes: String,
    /// Requests whose personal data were destroyed
    pub erased: u64,
    /// When the newest backup was made, `none`, or why the newest try failed
    pub backup: String,
    /// `intact`, which backup isn't there or isn't as it was made, or why nobody can tell
    pub backups: String,
    /// `intact`, which lines of the log of what was erased aren't this office's, or why nobody can tell
    pub erased_log: String,
    /// The day by its witnesses, whether it is certain, and whose clock is off
    pub clock: String,
    /// `intact`, how many lines of the log of kiosk numbers aren't this office's, or why nobody can tell
    pub kiosks_log: String,
    /// The same of the log of the desk's registrations
    pub desk_log: String,
}

impl Summary {
    /// False when something is broken that only a person can put right.
    pub fn is_sound(&self) -> bool {
        // Without the office's keys, as in a drill, nobody can tell.
        let told = [&self.erased_log, &self.kiosks_log, &self.desk_log, &self.rows, &self.keys, &self.backups];
        let told = told.into_iter().all(|state| state == INTACT || state.starts_with(NOT_VERIFIED));
        let whole = [&self.trail, &self.minutes, &self.database, &self.count, &self.envelopes];
        let is_whole = whole.into_iter().all(|state| state == INTACT) && told && self.gaps == 0 && self.damaged == 0;
        is_whole && !self.backup.starts_with(BACKUP_FAILED)
    }
}

pub(super) const INTACT: &str = "intact";
const BACKUP_FAILED: &str = "failed: ";
pub(super) const NOT_VERIFIED: &str = "not verified: ";

/// Counts what the office holds, and verifies the trail and the database's file.
pub async fn check(config: &OfficeConfig) -> Result<Summary, CommandError> {
    check_with_witnesses(config, &[]).await
}

/// The same, and looks in the trail for heads that kiosks have kept.
pub async fn check_with_witnesses(config: &OfficeConfig, heads: &[[u8; 32]]) -> Result<Summary, CommandError> {
    let database = upgrade::open(config).await?;
    let summary = look_through(config, heads, &database).await;
    database.close().await;
    summary
}

async fn look_through(config: &OfficeConfig, heads: &[[u8; 32]], database: &Database) -> Result<Summary, CommandError> {
    let mut reading = database.read().await?;
    let file = in_words(summary::integrity_of_all(&mut reading).await);
    let rows = verification::rows_in_words(&mut reading, database).await.unwrap_or_else(|error| error.to_string());
    let count = in_words(Ok::<_, CommandError>(database.rollback()));
    let keys = verification::keys_in_words(&mut reading, &config.data).await.unwrap_or_else(|error| error.to_string());
    let (counts, file) = match summary::counts(&mut reading).await {
        Ok(counts) => (counts, file),
        Err(error) => (summary::Counts::default(), if file == INTACT { error.to_string() } else { file }),
    };
    let trail = in_words(verify_trail(&mut reading, heads).await);
    let minutes = in_words(minutes::find_changed(&mut reading).await);
    let envelopes = in_words(proofs::prove_all(&mut reading).await);
    let office_keys = OfficeKeys::read(&config.data);
    let erasures = erasures::all(&mut reading).await;
    let erased = erasures.as_ref().map_or(0, |erasures| erasures.len() as u64);
    let are_keyed = erasure::lines_are_keyed(&mut reading).await;
    let backup = match copies::state(&mut reading).await {
        Err(error) => format!("{BACKUP_FAILED}{error}"),
        Ok(backups) => match (backups.failure(), &backups.made) {
            (Some(why), _) => format!("{BACKUP_FAILED}{why}"),
            (None, Some((at, _))) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
            (None, None) => "none".to_owned(),
        },
    };
    let made = backup::made(&mut reading).await;
    let clock = match day::reckon(&mut reading, &SystemClock::shared()).await {
        Ok(reckoning) => day::watch::summary(&reckoning),
        Err(error) => error.to_string(),
    };
    // The folder of the backups may be a share that hangs, and a reader keeps the database's log of pages from being emptied.
    drop(reading);
    let backups = match made {
        Ok(made) => in_words(made.find_damaged(&config.backup.folder, usize::MAX).await),
        Err(error) => error.to_string(),
    };
    let [erased_log, kiosks_log, desk_log] = match office_keys {
        Err(error) => [(); 3].map(|()| format!("{NOT_VERIFIED}{error}")),
        Ok(keys) => {
            let erased_log = async {
                match (erasures, are_keyed) {
                    (Ok(erasures), Ok(are_keyed)) => {
                        in_words(verify_erased_log(&config.erased_log(&keys), &erasures, are_keyed).await)
                    }
                    (Err(error), _) | (_, Err(error)) => error.to_string(),
                }
            };
            // Each may wait for the share.
            let (numbers_log, desk_log) = (config.numbers_log(), config.desk_log());
            let (erased_log, kiosks_log, desk_log) =
                tokio::join!(erased_log, verify_numbers_log(&numbers_log, &keys), verify_desk_log(&desk_log, &keys));
            [erased_log, in_words(kiosks_log), in_words(desk_log)]
        }
    };
    let summary::Counts { requests, ratings, suggestions, kiosks, damaged, forged, passed_over, forks, gaps, lost } =
        counts;
    Ok(Summary {
        requests,
        ratings,
        suggestions,
        kiosks,
        damaged,
        forged,
        passed_over,
        forks,
        gaps,
        lost,
        trail,
        minutes,
        database: file,
        rows,
        count,
        keys,
        envelopes,
        erased,
        backup,
        backups,
        erased_log,
        clock,
        kiosks_log,
        desk_log,
    })
}

/// Says the finding, or why nobody can look: a part that can't be read keeps no other from being looked at.
fn in_words<T: ToString, E: ToString>(found: Result<Option<T>, E>) -> String {
    match found {
        Ok(None) => INTACT.to_owned(),
        Ok(Some(found)) => found.to_string(),
        Err(error) => error.to_string(),
    }
}

/// Verifies the trail, and looks in it for heads that kiosks have kept.
async fn verify_trail(connection: &mut Connection, heads: &[[u8; 32]]) -> Result<Option<String>, DatabaseError> {
    match trail::verify(connection).await? {
        TrailState::Intact => {}
        broken => return Ok(Some(broken.to_string())),
    }
    for head in heads {
        if !trail::has_had(connection, *head).await? {
            let head = hex(&head[..4]);
            return Ok(Some(format!(
                "the head {head}… that a kiosk kept isn't in it: it was written anew, or the office was restored from a backup before that day"
            )));
        }
    }
    Ok(None)
}

/// Looks whether the log of what was erased knows all that the database does, and holds no lines of others.
async fn verify_erased_log(log: &ErasedLog, erasures: &[Erasure], are_keyed: bool) -> Result<Option<String>, LogError> {
    let logged: HashSet<_> = log.read_own()?.erasures.iter().map(|one| one.what).collect();
    match erasures.iter().filter(|known| !logged.contains(&known.what)).count() {
        0 => {
            let lines = told_lines(&erasure::to_look_at(log, are_keyed).await?);
            Ok(with_unread_copy(lines, log.trouble()))
        }
        missing => {
            Ok(Some(format!("{missing} lines are missing that the database knows; the next start writes them again")))
        }
    }
}

async fn verify_numbers_log(log: &NumbersLog, keys: &OfficeKeys) -> Result<Option<String>, LogError> {
    let lines = match log.read(keys).await?.foreign {
        0 => None,
        lines => Some(format!("{lines} lines weren't written by this office, or not to their end")),
    };
    Ok(with_unread_copy(lines, log.trouble()))
}

async fn verify_desk_log(log: &DeskLog, keys: &OfficeKeys) -> Result<Option<String>, LogError> {
    let lines = told_lines(&log.read(keys).await?.damaged);
    Ok(with_unread_copy(lines, log.trouble()))
}

/// Adds why the copy couldn't be read: a check has no other trouble with it.
fn with_unread_copy(lines: Option<String>, trouble: Option<String>) -> Option<String> {
    let unread = trouble.map(|why| format!("the copy beside the backups can't be read: {why}"));
    let told: Vec<String> = lines.into_iter().chain(unread).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn told_lines(lines: &[LinePlace]) -> Option<String> {
    let count = lines.len();
    (count > 0).then(|| {
        let named = named(lines);
        format!("{count} lines weren't written by this office, or not to their end, and nothing obeys them: {named}")
    })
}
