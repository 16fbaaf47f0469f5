//! People's statements about the clock: that it is this day, and which entries of the trail a wrong clock wrote.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::json;

use super::super::database::clock::{self as table, Statement};
use super::super::database::trail::{self, Actor};
use super::super::database::{Database, DatabaseError, Writing};
use super::super::steps::shortened;
use super::watch;
use super::witnesses::{Reckoning, Says};
use crate::domain::calendar::riyadh_day;
use crate::domain::clock::SharedClock;
use crate::domain::request::RequestId;

#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    #[error("the machine's clock shows another day: set it right first")]
    OtherDay,
    #[error("a reason is needed")]
    ReasonMissing,
    #[error("the clock has jumped forward: say whether it was right before")]
    BeforeMissing,
    #[error("the trail has no such entries")]
    NoSuchEntries,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Whether the clock was right before it jumped forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// The days between have really passed, as while the office was closed
    Right,
    /// It was behind: what arrived by it counts from today
    Wrong,
}

/// Who says which day it is, and why.
pub struct Said<'a> {
    pub actor: &'a Actor,
    pub on: NaiveDate,
    pub reason: &'a str,
}

/// The clock as somebody speaks about it.
struct Speaking {
    writing: Writing,
    reckoning: Reckoning,
    /// As of the latest witness
    today: NaiveDate,
    reason: String,
}

/// Confirms that it is the day which the machine's clock shows. All steps are settled, the kiosks that contradict are
/// known to be wrong as long as they are as far off, and requests whose day is in doubt, or still to come, count from
/// today. The answer is how many.
pub async fn confirm(
    database: &Database,
    clock: &SharedClock,
    said: &Said<'_>,
    before: Option<Before>,
) -> Result<usize, StatementError> {
    let mut speaking = begin(database, clock, said).await?;
    let (writing, today) = (&mut speaking.writing, speaking.today);
    let mut requests = table::in_doubt(writing).await?;
    requests.extend(table::received_after(writing, today).await?);
    let steps = table::open_steps(writing).await?;
    let forward = steps.iter().rfind(|open| open.step.is_forward()).filter(|_| speaking.reckoning.jumped_forward());
    match (forward, before) {
        (Some(_), None) => return Err(StatementError::BeforeMissing),
        (Some(open), Some(Before::Wrong)) => {
            let since = table::entry_before_earlier_step(writing, open.number).await?;
            let entries = (since.saturating_add(1), open.step.after_entry);
            requests.extend(table::received_in(writing, entries).await?);
            table::keep_from(writing, entries, today).await?;
        }
        _ => {}
    }
    table::settle_steps(writing, (i64::MIN, i64::MAX), clock.now()).await?;
    let wrong = |says: Says| matches!(says, Says::Contradicts | Says::KnownWrong);
    let wrong = speaking.reckoning.kiosks.iter().filter(|(_, says)| wrong(*says));
    let wrong: Vec<_> = wrong.map(|(clock, _)| (clock.kiosk, clock.ahead)).collect();
    table::set_known_wrong(writing, &wrong).await?;
    let details = json!({
        "was_right_before": before.filter(|_| forward.is_some()).map(|before| before == Before::Right),
        "wrong_kiosks": wrong.iter().map(|(kiosk, _)| kiosk.to_string()).collect::<Vec<_>>(),
    });
    end(speaking, clock, said, None, &requests, details).await
}

/// Declares entries of the trail void: they are no witnesses, requests that arrived by them and wait for the committee
/// count from today, and nothing that happened by them brings an erasure nearer. The chain of the trail isn't touched.
/// Gives the number of requests.
pub async fn declare_void(
    database: &Database,
    clock: &SharedClock,
    said: &Said<'_>,
    entries: (i64, i64),
) -> Result<usize, StatementError> {
    let mut speaking = begin(database, clock, said).await?;
    let (writing, today) = (&mut speaking.writing, speaking.today);
    let (first, last) = entries;
    // Entries of this transaction are of the clock that is right.
    let (length, _) = trail::end(writing).await?;
    if first < 1 || last < first || last > length {
        return Err(StatementError::NoSuchEntries);
    }
    let requests = table::received_in(writing, entries).await?.into_iter().collect();
    table::keep_from(writing, entries, today).await?;
    table::settle_steps(writing, (first - 1, last), clock.now()).await?;
    let details = json!({ "first": first, "last": last });
    end(speaking, clock, said, Some(entries), &requests, details).await
}

async fn begin(database: &Database, clock: &SharedClock, said: &Said<'_>) -> Result<Speaking, StatementError> {
    let reason = shortened(said.reason);
    let now = clock.now();
    if said.on != riyadh_day(now) || now < clock.earliest() {
        return Err(StatementError::OtherDay);
    }
    if reason.is_empty() {
        return Err(StatementError::ReasonMissing);
    }
    let mut writing = database.write().await?;
    watch::observe_in(&mut writing, clock).await?;
    let reckoning = super::reckon(&mut writing, clock).await?;
    let today = reckoning.arrival_day().max(said.on);
    Ok(Speaking { writing, reckoning, today, reason })
}

async fn end(
    speaking: Speaking,
    clock: &SharedClock,
    said: &Said<'_>,
    void: Option<(i64, i64)>,
    requests: &BTreeSet<RequestId>,
    mut details: serde_json::Value,
) -> Result<usize, StatementError> {
    let Speaking { mut writing, today, reason, .. } = speaking;
    let now = clock.now();
    for request in requests {
        table::set_received(&mut writing, *request, today).await?;
        let details = json!({ "on": today.to_string() });
        trail::append(&mut writing, now, said.actor, "day of receipt put right", &request.to_string(), details).await?;
    }
    let statement = Statement { at: now, by: said.actor.to_string(), on: said.on, void, reason };
    let hash = table::add_statement(&mut writing, &statement).await?;
    details["on"] = said.on.to_string().into();
    details["reason"] = hash.into();
    details["requests"] = requests.len().into();
    let action = if void.is_some() { "entries declared void" } else { "day confirmed" };
    trail::append(&mut writing, now, said.actor, action, "", details).await?;
    writing.commit().await?;
    Ok(requests.len())
}
