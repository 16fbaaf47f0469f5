//! Verifies what the office holds: before it serves, by command, and once a day while it serves.
//!
//! Findings are shown on the staff's first page until an administrator has looked ([`findings`]); with a request of which a
//! row isn't as it was written, no step is taken until then.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde_json::json;
use tokio::time::MissedTickBehavior;

use super::Office;
use super::backup;
use super::check::{INTACT, NOT_VERIFIED};
use super::committee::minutes;
use super::database::findings::{self, Kind};
use super::database::seals::{self, ChangedRow, RowKey};
use super::database::summary;
use super::database::trail::{self, Actor, TrailState};
use super::database::{Connection, Database, DatabaseError, copies};
use super::day::watch;
use super::keys::{self, WrongKeys};
use super::proofs;
use super::second_factor::SecondFactor;
use super::server::ServerError;
use crate::domain::calendar::riyadh_time;
use crate::domain::clock::SharedClock;
use crate::seal::keys::OfficeKeys;

/// Interval between two looks whether a verification is due.
const LOOK_EVERY: Duration = Duration::from_secs(600);
/// The hour in Riyadh in which everything is verified: nobody works then.
const QUIET_HOUR: u32 = 3;
/// Maximum time between two verifications, where the office is switched off in the quiet hour.
const VERIFIED_EVERY: TimeDelta = TimeDelta::hours(36);
/// Minimum time between two verifications.
const REST: TimeDelta = TimeDelta::hours(12);
/// Rest between two pages of rows, so that whoever works isn't hindered.
const PAUSE: Duration = Duration::from_millis(20);
/// Interval at which the count of commits is made durable.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// Number of backups that are read each day: the others lie still.
const NEWEST_BACKUPS: usize = 1;
/// Number of changed rows that a command names.
const NAMED: usize = 5;

/// Whether a database is taken that holds less than was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptRollback {
    Yes,
    No,
}

/// Refuses a database with which the office can't work: a damaged file, keys of another office, or less than was committed.
/// Nothing is written before all of that is known, and nothing by this clock before it was looked at.
pub(super) async fn admit(
    database: &Database,
    keys: &OfficeKeys,
    accept: AcceptRollback,
    clock: &SharedClock,
) -> Result<(), ServerError> {
    let mut reading = database.read().await?;
    if let Some(damage) = summary::integrity(&mut reading).await? {
        return Err(DatabaseError::Malformed(damage).into());
    }
    drop(reading);
    if let Some(id) = keys::newest_is_missing(database, keys).await? {
        return Err(ServerError::SealingKeyGone { id });
    }
    keys::compare(&mut *database.read().await?, keys).await?;
    let rollback = database.rollback();
    if let Some(rollback) = rollback.clone().filter(|_| accept == AcceptRollback::No) {
        return Err(DatabaseError::RolledBack(rollback).into());
    }
    match rollback {
        Some(rollback) => accept_rollback(database, &rollback.to_string(), clock).await?,
        None => watch::observe(database, clock).await?,
    }
    Ok(keys::bind(database, keys, clock.now()).await?)
}

/// Goes on with a database that was rolled back, as with one that was restored: the kiosks send again what they hold, and ways in
/// that may have been closed since are closed.
async fn accept_rollback(database: &Database, what: &str, clock: &SharedClock) -> Result<(), DatabaseError> {
    let now = clock.now();
    let mut writing = database.write_over_rollback().await?;
    // Before they are written and sealed again: afterwards nobody could tell.
    let changed = database.changed_rows(&mut writing).await?;
    watch::observe_in(&mut writing, clock).await?;
    findings::note_rows(&mut writing, &changed, now).await?;
    copies::become_another(&mut writing).await?;
    copies::close_ways_in(&mut writing, SecondFactor::last_step_before(now)).await?;
    trail::append(&mut writing, now, &Actor::Command, "rollback accepted", "", json!({ "found": what })).await?;
    findings::note(&mut writing, Kind::Rollback, what, now).await?;
    writing.commit().await?;
    tracing::warn!("a database that was rolled back is taken: kiosks send again what they hold");
    database.count_from_here().await
}

/// Makes durable once a second what the count says, until the office closes.
pub(super) async fn keep_count(office: Arc<Office>) {
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(SYNC_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        office.database.sync_count().await;
    }
}

/// Verifies everything once a day until the office closes. A failure is logged and ends nothing.
pub(super) async fn keep_up(office: Arc<Office>) {
    let mut closing = office.closing.clone();
    let begin = tokio::time::Instant::now() + LOOK_EVERY;
    let mut ticks = tokio::time::interval_at(begin, LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        let verified = async {
            if is_due(summary::verified_at(&mut *office.database.read().await?).await?, office.clock.now()) {
                verify(&office).await?;
            }
            Ok::<(), DatabaseError>(())
        };
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            done = verified => {
                if let Err(error) = done {
                    tracing::error!("not everything could be verified: {error}");
                }
            }
        }
    }
}

fn is_due(verified_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let since = now - verified_at;
    since >= VERIFIED_EVERY || since < TimeDelta::zero() || (since >= REST && riyadh_time(now).hour() == QUIET_HOUR)
}

/// Verifies everything and notes what is found. How much is news. Rows are read in small steps, so that whoever works isn't
/// hindered; each of the other parts reads one consistent state to its end, during which the log of pages isn't cut.
///
/// A part that can't be read through is a finding itself, and keeps no other part from being verified.
pub(super) async fn verify(office: &Office) -> Result<usize, DatabaseError> {
    let (database, now) = (&office.database, office.clock.now());
    let mut news = 0;
    let found = summary::integrity(&mut *database.read().await?).await;
    news += note(office, Kind::Database, or_damage(found)?).await?;
    let found = trail::verify(&mut *database.read().await?).await;
    let found = found.map(|state| (state != TrailState::Intact).then(|| state.to_string()));
    news += note(office, Kind::Trail, or_damage(found)?).await?;
    let found = minutes::find_changed(&mut *database.read().await?).await;
    news += note(office, Kind::Minutes, or_damage(found)?).await?;
    let found = proofs::prove_all(&mut *database.read().await?).await;
    news += note(office, Kind::Envelopes, or_damage(found.map(|first| first.map(|first| first.to_string())))?).await?;
    let found = match backup::made(&mut *database.read().await?).await {
        // Of a folder that can't be looked into the next backup tells.
        Ok(made) => made.find_damaged(&office.backup.folder, NEWEST_BACKUPS).await.unwrap_or_default(),
        Err(error) => or_damage(Err(error))?,
    };
    news += note(office, Kind::Backups, found.filter(|found| !found.starts_with(NOT_VERIFIED))).await?;
    if let Some(key) = database.row_key().filter(|_| database.is_sealed()) {
        match verify_rows(database, key).await {
            Ok(changed) => {
                let mut writing = database.write().await?;
                news += findings::note_rows(&mut writing, &changed, now).await?;
                writing.commit().await?;
            }
            Err(error) => news += note(office, Kind::Seals, or_damage(Err(error))?).await?,
        }
        if let Some(denied) = database.denied_seals().await? {
            news += note(office, Kind::Seals, Some(denied.to_owned())).await?;
            database.say_sealed_again().await?;
        }
    }
    let mut writing = database.write().await?;
    summary::set_verified(&mut writing, now).await?;
    writing.commit().await?;
    tracing::info!(news, "everything was verified");
    Ok(news)
}

/// Turns an error by damage into what was found. Any other, as of a disk that fails at this moment, stays one: then everything is
/// verified again soon.
fn or_damage(found: Result<Option<String>, DatabaseError>) -> Result<Option<String>, DatabaseError> {
    match found {
        Err(error @ (DatabaseError::Damaged(_) | DatabaseError::Malformed(_))) => Ok(Some(error.to_string())),
        found => found,
    }
}

async fn verify_rows(database: &Database, key: &RowKey) -> Result<Vec<ChangedRow>, DatabaseError> {
    let mut reading = database.read().await?;
    let mut found = seals::verify_definitions(&mut reading, key).await?;
    let tables = seals::tables(&mut reading).await?;
    drop(reading);
    for table in tables {
        let mut after = Some(i64::MIN);
        while let Some(behind) = after {
            let (changed, next) = seals::verify_page(&mut *database.read().await?, key, &table, behind).await?;
            found.extend(changed);
            after = next;
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(found)
}

async fn note(office: &Office, kind: Kind, found: Option<String>) -> Result<usize, DatabaseError> {
    let Some(text) = found else { return Ok(0) };
    tracing::error!(%text, "a verification found damage");
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    if !findings::note(&mut writing, kind, &text, now).await? {
        return Ok(0);
    }
    let details = json!({ "kind": kind.as_str(), "found": text });
    trail::append(&mut writing, now, &Actor::Command, "damage found", "", details).await?;
    writing.commit().await?;
    Ok(1)
}

/// Says for `istiqbal office check` how the rows are.
pub(super) async fn rows_in_words(connection: &mut Connection, database: &Database) -> Result<String, DatabaseError> {
    let is_sealed = database.is_sealed();
    if !is_sealed || database.row_key().is_none() {
        let why = if is_sealed { "the office's key isn't there" } else { "they are sealed by the next start" };
        return Ok(format!("{NOT_VERIFIED}{why}"));
    }
    let changed = database.changed_rows(connection).await?;
    if changed.is_empty() {
        return Ok(INTACT.to_owned());
    }
    let named: Vec<String> = changed.iter().take(NAMED).map(ToString::to_string).collect();
    let more = changed.len() - named.len();
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Ok(format!("{}{more}", named.join("; ")))
}

/// Says for `istiqbal office check` how the key files are. A copy that was restored without keys, as in a drill, needs none.
pub(super) async fn keys_in_words(connection: &mut Connection, folder: &Path) -> Result<String, DatabaseError> {
    match OfficeKeys::read(folder) {
        Ok(keys) => match keys::compare(connection, &keys).await {
            Ok(()) => Ok(INTACT.to_owned()),
            Err(WrongKeys::Database(error)) => Err(error),
            Err(error) => Ok(error.to_string()),
        },
        Err(error) if seals::key_check(connection).await?.is_none() => Ok(format!("{NOT_VERIFIED}{error}")),
        Err(error) => Ok(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verification_is_due_in_the_quiet_hour_or_when_it_was_long_ago() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (verified, now, due) in [
            ("2026-11-01T00:10:00Z", "2026-11-01T08:00:00Z", false),
            ("2026-11-01T00:10:00Z", "2026-11-01T23:59:00Z", false),
            ("2026-11-01T00:10:00Z", "2026-11-02T00:01:00Z", true),
            ("2026-11-02T00:01:00Z", "2026-11-02T00:59:00Z", false),
            ("2026-11-01T08:00:00Z", "2026-11-02T19:59:00Z", false),
            ("2026-11-01T08:00:00Z", "2026-11-02T20:00:00Z", true),
            ("1970-01-01T00:00:00Z", "2026-11-02T09:00:00Z", true),
            ("2026-12-01T00:00:00Z", "2026-11-02T09:00:00Z", true),
        ] {
            assert_eq!(is_due(at(verified), at(now)), due, "{verified} {now}");
        }
    }
}
