//! Kiosks as witnesses of the trail: each keeps its head of every day, and shows the newest one of a day that is over. A trail
//! that somebody has written anew, with all its hashes, doesn't hold it any more.
//!
//! It helps against whoever changes the database, not against whoever changes this program: that one answers as it likes.
//! `istiqbal kiosk check --list` and `istiqbal office check --trail-head` compare by hand.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Office;
use super::database::kiosks::{self, Kiosk, Report};
use super::database::trail::{self, Actor};
use super::database::{DatabaseError, incarnation};
use crate::domain::calendar::riyadh_day;
use crate::replication::wire::{Incarnation, Witness};
use crate::seal::envelope::HeaderHash;
use crate::seal::keys::{hex, sha256};

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
    if !is_of_this_database || !is_possible || trail::has_had(&mut reading, witness.trail_head).await? {
        return Ok(());
    }
    if restored_at(&mut reading).await?.is_some_and(|at| witness.day <= riyadh_day(at)) {
        return Ok(());
    }
    drop(reading);
    tell(office, kiosk, witness, now).await
}

async fn restored_at(reading: &mut super::database::Connection) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    trail::last_at_of(reading, RESTORED).await
}

async fn tell(office: &Office, kiosk: &Kiosk, witness: Witness, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let Witness { day, trail_head } = witness;
    let head = hex(&trail_head);
    tracing::error!(kiosk = %kiosk.number, %day, %head, "the audit trail doesn't hold a head that a kiosk has kept");
    let text = format!(
        "the audit trail doesn't hold the head {}… that this kiosk has kept of {day}: somebody has written it anew, or put an earlier database in place. See docs/operations.md",
        &head[..8]
    );
    // One report a kiosk and day, however often it is shown.
    let id = sha256(&[b"istiqbal witness 1", &kiosk.number.get().to_be_bytes(), day.to_string().as_bytes()]);
    let mut writing = office.database.write().await?;
    if kiosks::note_report(&mut writing, HeaderHash(id), kiosk.number, &Report { at: now, text }).await? {
        let details = json!({ "day": day, "head": head });
        trail::append(&mut writing, now, &Actor::Kiosk(kiosk.number), "trail head missing", "", details).await?;
        writing.commit().await?;
    }
    Ok(())
}
