//! The office's **day**: no clock alone decides or destroys.
//!
//! - **Witnesses** are the machine's clock, the audit trail's newest entry, the machine's own count since its start,
//!   and the clocks of kiosks ([`witnesses`] has the rule).
//! - A **doubt** is a disagreement between them. While there is one, no decision is recorded and nothing is erased by
//!   days, until somebody **confirms the day** with a reason ([`statements`]).
//! - A request that arrives meanwhile is **in doubt** itself: it is decided only after its day of receipt was put
//!   right.

pub mod statements;
#[cfg(test)]
mod tests;
pub mod watch;
pub mod witnesses;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::database::{Connection, DatabaseError, clock as table, heartbeats, trail};
use crate::domain::calendar::riyadh_day;
use crate::domain::clock::{SharedClock, Uptime};
use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::Header;
use witnesses::{AGREE_WITHIN, Evidence, HEARD_WITHIN, KioskClock, Reckoning, Reference, Step, undo_each_other};

/// Asks the witnesses and reckons the day.
pub async fn reckon(connection: &mut Connection, clock: &SharedClock) -> Result<Reckoning, DatabaseError> {
    let (now, uptime) = (clock.now(), clock.uptime());
    let clocks = heartbeats::clocks(connection).await?;
    let mut evidence = Evidence { earliest: clock.earliest(), ..evidence(connection, &clocks, now).await? };
    if let Some((_, Some(step))) = look(connection, now, uptime.as_ref()).await? {
        evidence.steps.push(step);
        if undo_each_other(&evidence.steps) {
            evidence.steps.clear();
            // Entries that were written by the clock in between are ahead, or behind, for that reason.
            evidence.trail = None;
        }
    }
    Ok(evidence.reckon())
}

/// Gives the reference by which the office's clock is measured, and the step that it has made since; `None` before the office's first day.
async fn look(
    connection: &mut Connection,
    now: DateTime<Utc>,
    uptime: Option<&Uptime>,
) -> Result<Option<(Reference, Option<Step>)>, DatabaseError> {
    let reference = match table::reference(connection).await? {
        Some(reference) => Some(reference),
        // Of an earlier version's office only the trail is left.
        None => table::trail_at(connection).await?.map(|at| Reference::new(at, None)),
    };
    let Some(reference) = reference else { return Ok(None) };
    let (length, _) = trail::end(connection).await?;
    let step = reference.step(now, uptime, length);
    Ok(Some((reference, step)))
}

async fn evidence(
    connection: &mut Connection,
    clocks: &[KioskClock],
    now: DateTime<Utc>,
) -> Result<Evidence, DatabaseError> {
    let steps = table::open_steps(connection).await?;
    Ok(Evidence {
        machine: now,
        earliest: DateTime::<Utc>::MIN_UTC,
        trail: table::trail_at(connection).await?,
        kiosks: clocks.iter().filter(|clock| (now - clock.heard_at).abs() <= HEARD_WITHIN).copied().collect(),
        known_wrong: table::known_wrong(connection).await?,
        steps: steps.into_iter().map(|open| open.step).collect(),
    })
}

/// On which day requests count that arrive now: the latest that the witnesses allow.
pub struct Arrivals {
    evidence: Evidence,
    reckoning: Reckoning,
    /// How far each kiosk's clock was ahead when it was last heard, whenever that was
    ahead: HashMap<KioskNumber, TimeDelta>,
}

impl Arrivals {
    pub async fn at(connection: &mut Connection, now: DateTime<Utc>) -> Result<Self, DatabaseError> {
        let clocks = heartbeats::clocks(connection).await?;
        let evidence = evidence(connection, &clocks, now).await?;
        let ahead = clocks.iter().map(|clock| (clock.kiosk, clock.ahead)).collect();
        Ok(Self { reckoning: evidence.reckon(), evidence, ahead })
    }

    /// Of a request at the desk.
    pub fn here(&self) -> (NaiveDate, bool) {
        (self.reckoning.arrival_day(), self.reckoning.arrivals_in_doubt)
    }

    /// Of a request from a kiosk, whose own time counts where it is given: the day, and whether that is in doubt. A
    /// kiosk that was behind when it was heard gains what it was behind, so that the fourteen days don't become
    /// thirteen.
    pub fn from_kiosk(&self, header: &Header, own: Option<DateTime<Utc>>) -> (NaiveDate, bool) {
        let Reckoning { machine, latest, .. } = self.reckoning;
        let day = match own {
            None => self.reckoning.arrival_day(),
            Some(at) => {
                let ahead = self.ahead.get(&header.kiosk).filter(|ahead| ahead.abs() <= AGREE_WITHIN);
                let gains = (latest - machine) - ahead.copied().unwrap_or_default();
                riyadh_day(at.checked_add_signed(gains.max(TimeDelta::zero())).map_or(latest, |at| at.min(latest)))
            }
        };
        let mut in_doubt = self.reckoning.arrivals_in_doubt;
        if !in_doubt && header.time.at - machine > AGREE_WITHIN {
            let mut evidence = self.evidence.clone();
            evidence.hear_record(header.kiosk, header.time.at);
            in_doubt = evidence.reckon().arrivals_in_doubt;
        }
        (day, in_doubt)
    }
}
