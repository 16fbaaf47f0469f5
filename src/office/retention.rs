//! Retention: what happens with a request or a suggestion when its time is over.
//!
//! A request that has ended is kept for the years that the privacy notice names. 30 days before they are over it is
//! **announced** on a page of the staff, where somebody can **hold it back** with a reason; then it is erased. What was never
//! announced, or not for long enough, is not erased: a clock that is years ahead destroys nothing at once, and what it announced
//! is announced anew when it is right again. While the witnesses of the day disagree ([`super::day`]) nothing is announced or
//! erased; days are counted by the earliest of them. A suggestion is kept
//! for years of its own, announced beside its text, and erased in the same way; nobody holds it back.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use serde_json::json;
use tokio::time::MissedTickBehavior;

use super::Office;
use super::database::trail::{self, Actor};
use super::database::{DatabaseError, retention, suggestions};
use super::day;
use super::erasure::{self, ErasureError, Ground};
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::seal::keys::hex;

/// So many days before its erasure a request stands on the staff's page.
pub const ANNOUNCED_DAYS: u64 = 30;
/// How often is looked whether something is due; a day counts once.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// So many in one go; the others follow at the next look.
const AT_ONCE: u32 = 500;

/// What one look has done, with requests and suggestions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub announced: usize,
    pub erased: usize,
}

/// The day from which a request that ended on `ended_on` may be erased.
pub fn due_on(ended_on: NaiveDate, years: u32) -> NaiveDate {
    ended_on.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(NaiveDate::MAX)
}

/// Announces what comes due, and erases what was announced for long enough; nothing while the day isn't certain.
pub async fn carry_out(office: &Office) -> Result<Done, ErasureError> {
    let reckoning = day::reckon(&mut *office.database.read().await?, &office.clock).await?;
    if !reckoning.is_certain() {
        tracing::warn!("nothing is erased by its age while the day isn't certain: confirm it on the page of the clock");
        return Ok(Done::default());
    }
    let now = reckoning.earliest;
    let (requests, suggestions) = (of_requests(office, now).await, of_suggestions(office, now).await);
    // What fails with the ones doesn't keep the others.
    let (requests, suggestions) = (requests?, suggestions?);
    Ok(Done { announced: requests.announced + suggestions.announced, erased: requests.erased + suggestions.erased })
}

async fn of_suggestions(office: &Office, now: DateTime<Utc>) -> Result<Done, ErasureError> {
    let today = riyadh_day(now);
    let years_before = |instant: DateTime<Utc>| {
        let months = Months::new(office.retention.suggestion_years.saturating_mul(12));
        instant.checked_sub_months(months).unwrap_or(DateTime::<Utc>::MIN_UTC)
    };
    let soon = years_before(now.checked_add_days(Days::new(ANNOUNCED_DAYS)).unwrap_or(now));
    let mut writing = office.database.write().await?;
    let to_announce = suggestions::to_announce(&mut writing, soon, today, AT_ONCE).await?;
    for suggestion in &to_announce {
        suggestions::announce(&mut writing, *suggestion, today).await?;
        let subject = hex(&suggestion.0);
        trail::append(&mut writing, now, &Actor::Command, "erasure announced", &subject, json!({})).await?;
    }
    writing.commit().await?;
    let announced_through = today.checked_sub_days(Days::new(ANNOUNCED_DAYS)).unwrap_or(NaiveDate::MIN);
    let mut writing = office.database.write().await?;
    let due = suggestions::due(&mut writing, years_before(now), announced_through, AT_ONCE).await?;
    if !due.is_empty() {
        let place = erasure::Place::of(office);
        erasure::erase_suggestions(writing, place, &due, Ground::Retention, (now, &Actor::Command)).await?;
    }
    Ok(Done { announced: to_announce.len(), erased: due.len() })
}

/// The day on which an announced suggestion is erased.
pub fn suggestion_erased_on(left_at: DateTime<Utc>, announced_on: NaiveDate, years: u32) -> NaiveDate {
    let shown_for = announced_on.checked_add_days(Days::new(ANNOUNCED_DAYS)).unwrap_or(announced_on);
    due_on(riyadh_day(left_at), years).max(shown_for)
}

async fn of_requests(office: &Office, now: DateTime<Utc>) -> Result<Done, ErasureError> {
    let today = riyadh_day(now);
    let mut done = Done::default();
    // What ended on this day or before has served its years.
    let served = before(today, office.retention.years_after_end);
    let soon =
        before(today.checked_add_days(Days::new(ANNOUNCED_DAYS)).unwrap_or(today), office.retention.years_after_end);
    let mut writing = office.database.write().await?;
    for request in retention::to_announce(&mut writing, soon, today, AT_ONCE).await? {
        retention::announce(&mut writing, request, today).await?;
        let subject = request.to_string();
        trail::append(&mut writing, now, &Actor::Command, "erasure announced", &subject, json!({})).await?;
        done.announced += 1;
    }
    writing.commit().await?;
    let announced_through = today.checked_sub_days(Days::new(ANNOUNCED_DAYS)).unwrap_or(NaiveDate::MIN);
    let mut reading = office.database.read().await?;
    let due = retention::due(&mut reading, served, announced_through, AT_ONCE).await?;
    drop(reading);
    for request in due {
        let mut writing = office.database.write().await?;
        // Somebody may have held it back, or taken a step, at this moment.
        if !retention::due(&mut writing, served, announced_through, AT_ONCE).await?.contains(&request) {
            continue;
        }
        let place = erasure::Place::of(office);
        erasure::erase(writing, place, &[request], Ground::Retention, (now, &Actor::Command)).await?;
        done.erased += 1;
    }
    Ok(done)
}

/// The day so many years before another.
fn before(day: NaiveDate, years: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(years.saturating_mul(12))).unwrap_or(NaiveDate::MIN)
}

/// Looks again and again until the office closes. A failure is logged, tried again, and ends nothing.
pub async fn keep_up(office: Arc<Office>) {
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        match carry_out(&office).await {
            Ok(Done { announced: 0, erased: 0 }) => {}
            Ok(Done { announced, erased }) => tracing::info!(announced, erased, "what was kept for its time"),
            Err(error) => tracing::error!("what is due can't be erased: {error}"),
        }
    }
}

/// Holds back an announced request; false when there is nothing to hold back.
pub async fn hold(office: &Office, request: RequestId, reason: &str, actor: &Actor) -> Result<bool, DatabaseError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let held = retention::hold(&mut writing, request, reason, (now, &actor.to_string())).await?;
    if let Some(hash) = &held {
        let details = json!({ "reason": hash });
        trail::append(&mut writing, now, actor, "erasure held back", &request.to_string(), details).await?;
        writing.commit().await?;
    }
    Ok(held.is_some())
}

/// Lets go of a request that was held back; false when it wasn't.
pub async fn let_go(office: &Office, request: RequestId, actor: &Actor) -> Result<bool, DatabaseError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let is_let_go = retention::let_go(&mut writing, request, riyadh_day(now)).await?;
    if is_let_go {
        trail::append(&mut writing, now, actor, "erasure let go", &request.to_string(), json!({})).await?;
        writing.commit().await?;
    }
    Ok(is_let_go)
}
