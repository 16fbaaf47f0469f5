//! Sends notices when their turn comes. Each try is written down before it is made: an office that stops in the middle
//! tries again, with the same id, and no notice is lost.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde_json::json;
use tokio::time::MissedTickBehavior;

use super::gateway::{Answered, Gateway};
use super::{message, mobiles};
use crate::domain::calendar::riyadh_time;
use crate::domain::mobile::Mobile;
use crate::language::Words;
use crate::office::Office;
use crate::office::database::notices::{self, Attempt, AttemptOutcome, DueNotice, NoticeState, Unreached};
use crate::office::database::trail::{self, Actor};
use crate::office::database::{DatabaseError, call_list, requests};
use crate::seal::keys::random;

/// How often it is looked whether a notice's turn has come. Tests set the clock and look themselves, but for the first time.
const LOOK_EVERY: Duration = Duration::from_secs(if cfg!(test) { 3600 } else { 10 });
/// So many are looked at in one round.
const ROUND: u32 = 50;
/// A gateway that didn't answer so often in a row is left alone until the next round.
const SILENT_MOST: u32 = 3;
/// Nobody's telephone rings before this hour in Riyadh …
const FIRST_HOUR: u32 = 8;
/// … or from this one on.
const LAST_HOUR: u32 = 21;
/// Behind the quiet hours, and at each try again, not all at once.
const SPREAD: TimeDelta = TimeDelta::minutes(20);
/// After the first try; each later wait is four times as long …
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(2);
/// … up to this one.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(12);
/// After so long the telephone is the better way, however few tries there were; none is too few, as behind a clock that jumped.
const TRIED_FOR: TimeDelta = TimeDelta::days(4);
/// So long after its timeout, whoever began a try counts as gone.
const GONE_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Sends what is due until the office closes. A problem is logged and ends nothing.
pub async fn keep_sending(office: Arc<Office>) {
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => break,
            _ = ticks.tick() => {}
        }
        if let Err(error) = send_due(&office).await {
            tracing::error!(%error, "notices wait: the database failed");
        }
        office.openings.write_down(&office).await;
    }
    office.openings.write_down(&office).await;
}

/// One round: every notice whose turn has come is sent, put off, or given to the call list. How many were handled.
pub async fn send_due(office: &Office) -> Result<usize, DatabaseError> {
    // Another round of this process would only find the same notices.
    let _turn = office.sending.lock().await;
    let mut reading = office.database.read().await?;
    let due = notices::due(&mut reading, office.clock.now(), ROUND).await?;
    drop(reading);
    let (mut handled, mut silent) = (0, 0);
    for notice in &due {
        if *office.closing.borrow() || silent >= SILENT_MOST {
            break;
        }
        match handle(office, notice).await? {
            Some(AttemptOutcome::TimedOut | AttemptOutcome::Unreachable) => silent += 1,
            Some(AttemptOutcome::Sent | AttemptOutcome::Refused) => silent = 0,
            None => {}
        }
        handled += 1;
    }
    Ok(handled)
}

/// A try that is written down and can be made.
struct Begun {
    number: u32,
    to: Mobile,
    text: String,
}

/// Handles one notice; how the try ended, where one was made.
async fn handle(office: &Office, notice: &DueNotice) -> Result<Option<AttemptOutcome>, DatabaseError> {
    let Some(gateway) = &office.gateway else {
        settle(office, notice, NoticeState::Unreached(Unreached::NoGateway)).await?;
        return Ok(None);
    };
    let Some(begun) = begin(office, gateway, notice).await? else { return Ok(None) };
    let answered = gateway.send(&begun.to, &begun.text, &notice.id).await;
    let outcome = answered.outcome;
    end(office, gateway, notice, begun.number, answered).await?;
    Ok(Some(outcome))
}

/// Looks whether the notice is to be sent at all, and now; and writes the try down.
async fn begin(office: &Office, gateway: &Gateway, notice: &DueNotice) -> Result<Option<Begun>, DatabaseError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let Some(request) = requests::find(&mut writing, notice.request).await? else { return Ok(None) };
    let Some(standing) = requests::standing(&mut writing, notice.request).await? else { return Ok(None) };
    let contact = call_list::contact(&mut writing, notice.request).await?;
    let catalogue = office.catalogue.now();
    let numbers = mobiles(&catalogue, &request.answers);
    let to = numbers.iter().map(|(_, mobile)| *mobile).find(|mobile| !contact.wrong.contains(mobile));
    let is_overtaken = !notice.kind.still_holds(&standing) || notices::has_later(&mut writing, notice).await?;
    let (settled, to) = match to {
        _ if is_overtaken => (Some(NoticeState::Overtaken), None),
        None if numbers.is_empty() => (Some(NoticeState::Unreached(Unreached::NoMobile)), None),
        None => (Some(NoticeState::Unreached(Unreached::WrongNumber)), None),
        Some(_)
            if notice.attempts >= gateway.attempts() || (notice.attempts > 0 && now - notice.made_at > TRIED_FOR) =>
        {
            (Some(NoticeState::Unreached(Unreached::Attempts)), None)
        }
        Some(to) => (None, Some(to)),
    };
    if let Some(state) = settled {
        notices::settle(&mut writing, &notice.id, state).await?;
        writing.commit().await?;
        return Ok(None);
    }
    let waking = after_quiet_hours(now);
    if waking > now {
        notices::postpone(&mut writing, &notice.id, waking + part_of(SPREAD)).await?;
        writing.commit().await?;
        return Ok(None);
    }
    let Some(to) = to else { return Ok(None) };
    if !gateway.limits().admit(&mut writing, now, notice, &request, to).await? {
        tracing::warn!(kiosk = %request.kiosk, "a limit of messages is reached: the person is to be called");
        notices::settle(&mut writing, &notice.id, NoticeState::Unreached(Unreached::Limit)).await?;
        writing.commit().await?;
        return Ok(None);
    }
    let patience = TimeDelta::from_std(gateway.timeout()).unwrap_or(TimeDelta::zero()) + GONE_AFTER;
    let number = notices::begin_attempt(&mut writing, &notice.id, now, now + patience).await?;
    let Some(number) = number else { return Ok(None) };
    let to = to.clone();
    let words = Words::of(request.language);
    let address = office.public_address.as_ref();
    let text = message(words, &catalogue, notice.kind, request.tracking_number, address);
    writing.commit().await?;
    Ok(Some(Begun { number, to, text }))
}

/// Writes down how a try ended, and what comes next.
async fn end(
    office: &Office,
    gateway: &Gateway,
    notice: &DueNotice,
    number: u32,
    answered: Answered,
) -> Result<(), DatabaseError> {
    let now = office.clock.now();
    let Answered { outcome, status, answer } = answered;
    if outcome != AttemptOutcome::Sent {
        tracing::warn!(notice = %notice.id, attempt = number, outcome = outcome.as_str(), status, "a notice didn't go out");
    }
    let mut writing = office.database.write().await?;
    let attempt = Attempt { at: now, outcome: Some(outcome), status, answer };
    notices::end_attempt(&mut writing, &notice.id, number, &attempt).await?;
    if outcome == AttemptOutcome::Sent {
        notices::settle(&mut writing, &notice.id, NoticeState::Sent).await?;
        // Whoever is reached now needs no call about what came before.
        notices::settle_unreached(&mut writing, notice.request, NoticeState::Overtaken).await?;
    } else if number >= gateway.attempts() {
        notices::settle(&mut writing, &notice.id, NoticeState::Unreached(Unreached::Attempts)).await?;
    } else {
        notices::postpone(&mut writing, &notice.id, now + wait_after(number)).await?;
    }
    let details = json!({ "notice": notice.kind.as_str(), "attempt": number, "outcome": outcome.as_str() });
    let subject = notice.request.to_string();
    trail::append(&mut writing, now, &Actor::Command, "notice tried", &subject, details).await?;
    writing.commit().await
}

async fn settle(office: &Office, notice: &DueNotice, state: NoticeState) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    let standing = requests::standing(&mut writing, notice.request).await?;
    let holds = standing.is_some_and(|standing| notice.kind.still_holds(&standing));
    notices::settle(&mut writing, &notice.id, if holds { state } else { NoticeState::Overtaken }).await?;
    writing.commit().await
}

/// `now`, or the next moment at which telephones may ring.
fn after_quiet_hours(now: DateTime<Utc>) -> DateTime<Utc> {
    let local = riyadh_time(now);
    if (FIRST_HOUR..LAST_HOUR).contains(&local.hour()) {
        return now;
    }
    // The clocks of Riyadh are never changed: all its days have 24 hours.
    let hours = if local.hour() < FIRST_HOUR { FIRST_HOUR } else { 24 + FIRST_HOUR };
    let midnight = now - TimeDelta::seconds(local.num_seconds_from_midnight().into());
    midnight + TimeDelta::hours(hours.into())
}

/// How long to wait after a try that failed: longer each time, and never all at once.
fn wait_after(attempt: u32) -> TimeDelta {
    let doublings = attempt.saturating_sub(1).min(8);
    let wait = (FIRST_WAIT * 4_i32.pow(doublings)).min(LONGEST_WAIT);
    wait + part_of(wait / 2)
}

/// A random part of a time, from nothing to all of it.
fn part_of(time: TimeDelta) -> TimeDelta {
    let share = i64::from(u16::from_be_bytes(random()));
    TimeDelta::milliseconds(time.num_milliseconds() * share / i64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn telephones_ring_by_day_in_riyadh() {
        for (now, rings) in [
            ("2026-11-01T04:59:59Z", "2026-11-01T05:00:00Z"),
            ("2026-11-01T05:00:00Z", "2026-11-01T05:00:00Z"),
            ("2026-11-01T17:59:59Z", "2026-11-01T17:59:59Z"),
            ("2026-11-01T18:00:00Z", "2026-11-02T05:00:00Z"),
            ("2026-11-01T21:30:00Z", "2026-11-02T05:00:00Z"),
            ("2026-12-31T23:00:00Z", "2027-01-01T05:00:00Z"),
        ] {
            assert_eq!(after_quiet_hours(at(now)), at(rings), "{now}");
        }
    }

    #[test]
    fn waits_grow_and_differ_but_not_for_ever() {
        for attempt in 1..100 {
            let wait = wait_after(attempt);
            assert!(wait >= FIRST_WAIT && wait <= LONGEST_WAIT * 2, "{attempt}: {wait}");
            assert!(attempt < 5 || wait >= TimeDelta::hours(8), "{attempt}: {wait}");
        }
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| wait_after(3)).collect();
        assert!(waits.len() > 1);
    }
}
