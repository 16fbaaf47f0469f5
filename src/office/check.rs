//! The check of an office's folder: counts what the office holds, and verifies database, trail, rows, keys and logs.

use std::collections::HashSet;

use chrono::SecondsFormat;
use serde::Serialize;

use super::commands::CommandError;
use super::committee::minutes;
use super::config::OfficeConfig;
use super::database::{Database, copies, erasures, summary, trail};
use super::erasure::{self, ErasureError};
use super::logs::{LinePlace, named};
use super::{day, proofs, upgrade, verification};
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
        let told = [&self.erased_log, &self.kiosks_log, &self.desk_log, &self.rows, &self.keys];
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
    // First: what else is asked of a damaged file may be answered by an error alone.
    let file = summary::integrity_of_all(&mut reading).await?.unwrap_or_else(|| INTACT.to_owned());
    let rows = verification::rows_in_words(&mut reading, database).await?;
    let count = database.rollback().map_or_else(|| INTACT.to_owned(), |rollback| rollback.to_string());
    let keys = verification::keys_in_words(&mut reading, &config.data).await?;
    let counts = summary::counts(&mut reading).await?;
    let mut trail = trail::verify(&mut reading).await?.to_string();
    for head in heads {
        if trail == INTACT && !trail::has_had(&mut reading, *head).await? {
            let head = hex(&head[..4]);
            trail = format!(
                "the head {head}… that a kiosk kept isn't in it: it was written anew, or the office was restored from a backup before that day"
            );
        }
    }
    let minutes = minutes::find_changed(&mut reading).await?.unwrap_or_else(|| INTACT.to_owned());
    let envelopes = match proofs::prove_all(&mut reading).await? {
        None => INTACT.to_owned(),
        Some(first) => first.to_string(),
    };
    let erasures = erasures::all(&mut reading).await?;
    let erased = erasures.len() as u64;
    let office_keys = OfficeKeys::read(&config.data);
    let erased_log = match &office_keys {
        Err(error) => format!("{NOT_VERIFIED}{error}"),
        Ok(keys) => {
            let log = config.erased_log(keys);
            let logged: HashSet<_> =
                log.read_own().map_err(ErasureError::from)?.erasures.iter().map(|one| one.what).collect();
            match erasures.iter().filter(|known| !logged.contains(&known.what)).count() {
                0 => log_state(&erasure::to_look_at(&mut reading, &log).await?),
                missing => {
                    format!("{missing} lines are missing that the database knows; the next start writes them again")
                }
            }
        }
    };
    let desk_log = match &office_keys {
        Err(error) => format!("{NOT_VERIFIED}{error}"),
        Ok(keys) => log_state(&config.desk_log().read(keys).map_err(ErasureError::from)?.damaged),
    };
    let backups = copies::state(&mut reading).await?;
    let clock = day::watch::summary(&day::reckon(&mut reading, &SystemClock::shared()).await?);
    drop(reading);
    let backup = match (backups.failure(), &backups.made) {
        (Some(why), _) => format!("{BACKUP_FAILED}{why}"),
        (None, Some((at, _))) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        (None, None) => "none".to_owned(),
    };
    let kiosks_log = match office_keys {
        Err(error) => format!("{NOT_VERIFIED}{error}"),
        Ok(keys) => match config.numbers_log().read(&keys)?.foreign {
            0 => INTACT.to_owned(),
            lines => format!("{lines} lines weren't written by this office, or not to their end"),
        },
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
        erased_log,
        clock,
        kiosks_log,
        desk_log,
    })
}

fn log_state(lines: &[LinePlace]) -> String {
    match lines {
        [] => INTACT.to_owned(),
        lines => format!(
            "{} lines weren't written by this office, or not to their end, and nothing obeys them: {}",
            lines.len(),
            named(lines)
        ),
    }
}
