//! Calls for staff: a visitor touches "call staff", the call stands on the pages of the staff within seconds, and one of
//! them says "I'm coming". No personal data passes here, and nothing ranks people (P13): who came stands in the trail
//! only.
//!
//! - A call is **open** while its kiosk posts it again and hasn't taken it away.
//! - The office is **watched** while a page of any member of staff is in view.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Office;
use super::database::calls::{self, CallId, StoredCall};
use super::database::trail::{self, Actor};
use super::database::{Connection, DatabaseError};
use super::intake::{self, IntakeError};
use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::replication::wire::{CallForStaff, CallState};
use crate::seal::keys::hex;

/// A call that its kiosk hasn't posted for so long is open no more: the kiosk has lost its power or the network.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(3);
/// No call is open for longer, however often its kiosk posts it. A kiosk itself gives up after three minutes, or three
/// minutes behind "I'm coming".
const LASTS_AT_MOST: TimeDelta = TimeDelta::minutes(10);
/// That a kiosk still asks is written down no more often than this.
const ASKED_EVERY: TimeDelta = TimeDelta::seconds(10);
/// So long after a page was in view, somebody is believed to see it still.
const WATCHED_FOR: TimeDelta = TimeDelta::seconds(15);
/// That a page is in view is written down no more often than this.
const WATCHED_EVERY: TimeDelta = TimeDelta::seconds(5);
/// A kiosk can't make more calls than this in [`CALLS_WINDOW`].
const CALLS_MOST: u64 = 30;
const CALLS_WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Calls are kept for so long.
const KEPT_FOR: TimeDelta = TimeDelta::days(7);

/// Why a call isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error(transparent)]
    Kiosk(#[from] IntakeError),
    #[error("this call is another kiosk's")]
    Foreign,
    #[error("this kiosk has called {CALLS_MOST} times in ten minutes: wait a little")]
    TooMany,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Whether the visitor still waits, as far as the office knows.
pub fn is_open(call: &StoredCall, now: DateTime<Utc>) -> bool {
    !is_over(call, now) && apart(now, call.last_asked_at) < OPEN_FOR
}

/// Whether nothing opens the call again.
fn is_over(call: &StoredCall, now: DateTime<Utc>) -> bool {
    call.ended_at.is_some() || apart(now, call.called_at) >= LASTS_AT_MOST
}

/// A clock that was set back leaves times in the future: those count no longer than times in the past.
fn apart(now: DateTime<Utc>, noted_at: DateTime<Utc>) -> TimeDelta {
    (now - noted_at).abs()
}

/// Takes a call, or the same one again, or takes it away; says how it stands. What has ended stays ended.
pub async fn take_in(office: &Office, peer: Pin, call: &CallForStaff) -> Result<CallState, CallError> {
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let kiosk = intake::known_kiosk(&mut reading, peer).await?.number;
    let known = calls::find(&mut reading, call.id).await?;
    let watched_at = calls::watched_at(&mut reading).await?;
    drop(reading);
    let shown = if apart(now, watched_at) < WATCHED_FOR { CallState::Shown } else { CallState::Unwatched };
    match known {
        Some(known) if known.kiosk != kiosk => Err(CallError::Foreign),
        Some(known) if is_over(&known, now) => Ok(CallState::Unwatched),
        Some(_) if call.ended => {
            let mut writing = office.database.write().await?;
            calls::end(&mut writing, call.id, now).await?;
            writing.commit().await?;
            Ok(CallState::Unwatched)
        }
        Some(known) => {
            if apart(now, known.last_asked_at) >= ASKED_EVERY {
                let mut writing = office.database.write().await?;
                calls::ask_again(&mut writing, call.id, now).await?;
                writing.commit().await?;
            }
            Ok(if known.coming_at.is_some() { CallState::Coming } else { shown })
        }
        None if call.ended => Ok(CallState::Unwatched),
        None => {
            begin(office, kiosk, call, now).await?;
            Ok(shown)
        }
    }
}

/// Stores a new call; it takes the place of the kiosk's earlier ones.
async fn begin(office: &Office, kiosk: KioskNumber, call: &CallForStaff, now: DateTime<Utc>) -> Result<(), CallError> {
    let mut writing = office.database.write().await?;
    if calls::count_of(&mut writing, kiosk, now - CALLS_WINDOW).await? >= CALLS_MOST {
        return Err(CallError::TooMany);
    }
    calls::forget_before(&mut writing, now - KEPT_FOR).await?;
    calls::end_others(&mut writing, kiosk, call.id, now).await?;
    let stored = StoredCall {
        id: call.id,
        kiosk,
        place: call.place,
        language: call.language,
        called_at: now,
        last_asked_at: now,
        ended_at: None,
        coming_at: None,
    };
    calls::add(&mut writing, &stored).await?;
    Ok(writing.commit().await?)
}

/// The calls whose visitors wait now, the oldest first, each with its kiosk's name.
pub async fn open(connection: &mut Connection, now: DateTime<Utc>) -> Result<Vec<(StoredCall, String)>, DatabaseError> {
    let mut found = calls::since(connection, now - LASTS_AT_MOST).await?;
    found.retain(|(call, _)| is_open(call, now));
    found.reverse();
    Ok(found)
}

/// A page of a member of staff is in view.
pub async fn note_watched(office: &Office, watched_at: DateTime<Utc>) -> Result<(), DatabaseError> {
    let now = office.clock.now();
    if apart(now, watched_at) >= WATCHED_EVERY {
        let mut writing = office.database.write().await?;
        calls::note_watched(&mut writing, now).await?;
        writing.commit().await?;
    }
    Ok(())
}

/// Somebody says "I'm coming". Nothing happens when somebody did before, or the visitor doesn't wait any more.
pub async fn answer(office: &Office, actor: &Actor, id: CallId) -> Result<(), DatabaseError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let Some(call) = calls::find(&mut writing, id).await?.filter(|call| is_open(call, now)) else { return Ok(()) };
    if calls::answer(&mut writing, id, now).await? {
        let details = json!({ "kiosk": call.kiosk.get() });
        trail::append(&mut writing, now, actor, "call answered", &hex(&id), details).await?;
        writing.commit().await?;
    }
    Ok(())
}
