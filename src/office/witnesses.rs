//! Kiosks as witnesses of the trail: each keeps its head of every day, and shows the newest one of a day that is over. A trail
//! that somebody has written anew, with all its hashes, doesn't hold it any more.
//!
//! A kiosk can lie. So it raises one alert a day at most, which says that it is this kiosk's word, and how many others have
//! lately shown heads of that day or later which the trail holds: where it is alone, it is the kiosk that is wrong.
//!
//! It helps against whoever changes the database, not against whoever changes this program: that one answers as it likes.
//! `istiqbal kiosk check --list` and `istiqbal office check --trail-head` compare by hand.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Office;
use super::database::kiosks::{self, Kiosk};
use super::database::trail::{self, Actor};
use super::database::{DatabaseError, changes, findings, incarnation};
use super::kiosk_reports::{self, Matter};
use crate::domain::calendar::riyadh_day;
use crate::replication::wire::{Cursor, Incarnation, Witness};
use crate::seal::keys::hex;

/// Each kiosk shows a head once a day.
const LATELY: TimeDelta = TimeDelta::days(2);

/// What the trail calls a restore; heads of that day and before may be missing, rightly.
pub const RESTORED: &str = "database restored";

/// Looks for a head that a kiosk has kept, and tells staff when it is missing. `heard` is the incarnation that the kiosk has
/// heard last: after a restore it hears of the new one first.
pub async fn hear(
    office: &Office,
    kiosk: &Kiosk,
    heard: Option<Incarnation>,
    witness: Witness,
) -> Result<(), DatabaseError> {
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let is_of_this_database = heard == Some(incarnation(&mut reading).await?);
    // What a kiosk can't have kept proves nothing.
    let is_possible = (riyadh_day(kiosk.enrolled_at)..=riyadh_day(now)).contains(&witness.day);
    // The head of an empty trail is everybody's, and proves nothing.
    if witness.trail_head == [0; 32] {
        return Ok(());
    }
    // To look for a head that isn't there is to look through the whole trail: once a day for each kiosk.
    if !is_of_this_database
        || !is_possible
        || kiosk_reports::is_noted_today(&mut reading, kiosk.number, Matter::Witness, now).await?
    {
        return Ok(());
    }
    if trail::has_had(&mut reading, witness.trail_head).await? {
        drop(reading);
        let mut writing = office.database.write().await?;
        kiosks::set_witnessed(&mut writing, kiosk.number, witness.day, now).await?;
        return writing.commit().await;
    }
    if restored_at(&mut reading).await?.is_some_and(|at| witness.day <= riyadh_day(at)) {
        return Ok(());
    }
    drop(reading);
    tell(office, kiosk, witness, now).await
}

/// Looks whether a kiosk has heard of changes that this very database doesn't hold, and tells staff: if the kiosk is right, an
/// earlier copy of the whole folder was put in its place, of which the count beside it can't tell.
pub async fn hear_cursor(office: &Office, kiosk: &Kiosk, cursor: Cursor) -> Result<(), DatabaseError> {
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let last = changes::last(&mut reading).await?.unsigned_abs();
    if cursor.change <= last
        || cursor.incarnation != incarnation(&mut reading).await?
        || kiosk_reports::is_noted_today(&mut reading, kiosk.number, Matter::Ahead, now).await?
    {
        return Ok(());
    }
    drop(reading);
    let number = kiosk.number;
    tracing::error!(kiosk = %number, heard = cursor.change, last, "a kiosk has heard of changes that the database doesn't hold");
    let text = format!(
        "kiosk {number} says that it has heard of changes which the database doesn't hold: if that is true, an earlier copy of the office's folder was put in place. Kiosks send theirs again; what staff did since then is gone. See docs/operations.md"
    );
    let mut writing = office.database.write().await?;
    if kiosk_reports::note_once_a_day(&mut writing, number, Matter::Ahead, now, text.clone()).await? {
        findings::note(&mut writing, findings::Kind::Rollback, &text, now).await?;
        let details = json!({ "heard": cursor.change, "last": last });
        trail::append(&mut writing, now, &Actor::Kiosk(number), "changes missing", "", details).await?;
        writing.commit().await?;
    }
    Ok(())
}

async fn restored_at(reading: &mut super::database::Connection) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    trail::last_at_of(reading, RESTORED).await
}

async fn tell(office: &Office, kiosk: &Kiosk, witness: Witness, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let Witness { day, trail_head } = witness;
    let head = hex(&trail_head);
    tracing::error!(kiosk = %kiosk.number, %day, %head, "the audit trail doesn't hold a head that a kiosk has kept");
    let mut writing = office.database.write().await?;
    let others = kiosks::count_other_witnesses(&mut writing, kiosk.number, day, now - LATELY).await?;
    let text = format!(
        "this kiosk says that it has kept the head {}… of {day}, which the audit trail doesn't hold: if that is true, somebody has written the trail anew, or put an earlier database in place. Other kiosks that have lately shown heads of that day or later which it holds: {others}; where there are some, this kiosk may be wrong. See docs/operations.md",
        &head[..8]
    );
    if kiosk_reports::note_once_a_day(&mut writing, kiosk.number, Matter::Witness, now, text).await? {
        let details = json!({ "day": day, "head": head });
        trail::append(&mut writing, now, &Actor::Kiosk(kiosk.number), "trail head missing", "", details).await?;
        writing.commit().await?;
    }
    Ok(())
}
