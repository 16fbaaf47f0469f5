//! Watches the office's clock: keeps what it is measured by, and writes down when it jumps.

use std::sync::Arc;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta};
use serde_json::json;
use tokio::time::MissedTickBehavior;

use super::super::Office;
use super::super::database::trail::{self, Actor};
use super::super::database::{Database, DatabaseError, Writing, clock as table};
use super::witnesses::{Doubt, KioskClock, Reckoning, Reference, Says, Step, undo_each_other};
use crate::domain::clock::SharedClock;

/// Interval between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Looks at the clock, and writes down a step that it has made.
pub async fn observe(database: &Database, clock: &SharedClock) -> Result<(), DatabaseError> {
    let mut writing = database.write().await?;
    observe_in(&mut writing, clock).await?;
    writing.commit().await
}

/// The same within a transaction.
pub async fn observe_in(writing: &mut Writing, clock: &SharedClock) -> Result<(), DatabaseError> {
    let (now, uptime) = (clock.now(), clock.uptime());
    let found = super::look(writing, now, uptime.as_ref()).await?;
    let (step, mut reference) = match found {
        Some((reference, step)) => (step, reference),
        None => (None, Reference::new(now, uptime.clone())),
    };
    if let Some(step) = &step {
        note(writing, step, clock).await?;
    }
    if step.is_some() || !reference.is_of_boot(uptime.as_ref()) {
        reference = Reference::new(now, uptime);
    }
    reference.seen = now;
    table::set_reference(writing, &reference).await
}

async fn note(writing: &mut Writing, step: &Step, clock: &SharedClock) -> Result<(), DatabaseError> {
    let now = clock.now();
    tracing::error!(expected = %step.expected, shown = %step.shown, "the office's clock has jumped");
    table::add_step(writing, step).await?;
    let second = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let details = json!({ "expected": second(step.expected), "shown": second(step.shown) });
    trail::append(writing, now, &Actor::Command, "clock jumped", "", details).await?;
    let open: Vec<Step> = table::open_steps(writing).await?.into_iter().map(|open| open.step).collect();
    if undo_each_other(&open) {
        table::settle_steps(writing, (i64::MIN, i64::MAX), now).await?;
        trail::append(writing, now, &Actor::Command, "clock right again", "", json!({})).await?;
    }
    Ok(())
}

/// Looks again and again until the office closes, and says in the log what the witnesses disagree about.
pub async fn keep_up(office: Arc<Office>) {
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut said = String::new();
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        match look_again(&office).await {
            // Once for each change.
            Ok(now) if now != said => {
                if !now.is_empty() {
                    tracing::warn!("{now}. See the page of the clock");
                }
                said = now;
            }
            Ok(_) => {}
            Err(error) => tracing::error!("the clock can't be watched: {error}"),
        }
    }
}

async fn look_again(office: &Office) -> Result<String, DatabaseError> {
    observe(&office.database, &office.clock).await?;
    let reckoning = super::reckon(&mut *office.database.read().await?, &office.clock).await?;
    Ok(in_words(&reckoning))
}

/// Says in English what is wrong with the day, for the log and `istiqbal office check`; empty when nothing is.
pub fn in_words(reckoning: &Reckoning) -> String {
    let doubt = |doubt: &Doubt| match doubt {
        Doubt::BeforeProgram => "the clock shows a time before this program was built".to_owned(),
        Doubt::BehindTrail { entry } => {
            format!("the clock is behind the audit trail's newest entry, of {}", entry.date_naive())
        }
        Doubt::Jumped(step) => {
            format!("the clock jumped from {} to {}", step.expected.date_naive(), step.shown.date_naive())
        }
        Doubt::Kiosks => "the kiosks' clocks contradict the office's".to_owned(),
    };
    let outlier = |clock: &KioskClock| format!("kiosk {} is off by {}", clock.kiosk, rounded(clock.ahead));
    let mut parts: Vec<String> = reckoning.doubts.iter().map(doubt).collect();
    parts.extend(reckoning.outliers().map(outlier));
    parts.join("; ")
}

/// The whole line of `istiqbal office check`: each witness, and what is wrong.
pub fn summary(reckoning: &Reckoning) -> String {
    let agreeing = reckoning.kiosks.iter().filter(|(_, says)| *says == Says::Agrees).count();
    let state = if reckoning.is_certain() { "certain" } else { "in doubt" };
    let words = in_words(reckoning);
    let colon = if words.is_empty() { "" } else { ": " };
    format!("{}, {state}, kiosks that agree: {agreeing}{colon}{words}", reckoning.today())
}

/// Days, or hours below two days.
fn rounded(by: TimeDelta) -> String {
    if by.num_days().abs() >= 2 { format!("{} days", by.num_days()) } else { format!("{} hours", by.num_hours()) }
}
