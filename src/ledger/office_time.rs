//! The office's time, and whether the kiosk's own clock counts beside it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::clock::Uptime;

/// How far the kiosk's clock may be from the office's, and still count.
const TOLERANCE: TimeDelta = TimeDelta::hours(24);

/// The office's time when it was last heard, tied to the machine's own uninterrupted count of this boot, which nobody
/// sets. After a restart of the program it still counts; after one of the machine it doesn't.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeTime {
    at: DateTime<Utc>,
    boot: String,
    /// Milliseconds since that boot, sleep included
    since_boot_ms: i64,
}

impl OfficeTime {
    /// The office said at this uptime that it is this time.
    pub fn heard(at: DateTime<Utc>, uptime: Option<Uptime>) -> Self {
        // Without a name of this start, no later count is compared with it.
        let Uptime { boot, milliseconds } = uptime.unwrap_or(Uptime { boot: String::new(), milliseconds: 0 });
        Self { at, boot, since_boot_ms: milliseconds }
    }

    /// Computes the office's time at this uptime; `None` when the machine was started anew since.
    pub fn at(&self, uptime: Option<Uptime>) -> Option<DateTime<Utc>> {
        let uptime = uptime.filter(|uptime| uptime.boot == self.boot)?;
        let passed = TimeDelta::milliseconds(uptime.milliseconds.checked_sub(self.since_boot_ms)?);
        self.at.checked_add_signed(passed)
    }
}

/// What a kiosk's clock is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockWitness {
    /// Computes the office's time now; `None` when it was not heard since the machine was started
    pub office: Option<DateTime<Utc>>,
    /// The latest time of a record whose clock was trusted. One that wasn't doesn't count: it may lie in the future.
    pub last_record: Option<DateTime<Utc>>,
    /// Before this moment the program didn't exist
    pub earliest: DateTime<Utc>,
}

impl ClockWitness {
    /// A clock counts within 24 hours of the office's, not before what is already recorded, and not before the program
    /// was built. One that doesn't prints no date (P19).
    pub fn trusts(&self, now: DateTime<Utc>) -> bool {
        let near_office = self.office.is_some_and(|office| (now - office).abs() <= TOLERANCE);
        near_office && self.last_record.is_none_or(|last| now >= last) && now >= self.earliest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_counts_only_beside_its_witnesses() {
        let now = at("2026-11-25T08:00:00Z");
        let sound = ClockWitness {
            office: Some(now),
            last_record: Some(now - TimeDelta::minutes(2)),
            earliest: at("2026-11-01T00:00:00Z"),
        };
        assert!(sound.trusts(now));
        assert!(sound.trusts(now + TimeDelta::hours(24)));
        assert!(!sound.trusts(now + TimeDelta::hours(25)), "far ahead of the office");
        assert!(!sound.trusts(now - TimeDelta::minutes(3)), "before the last record");
        assert!(!ClockWitness { office: None, ..sound }.trusts(now), "the office was never heard");
        assert!(
            !ClockWitness { earliest: now + TimeDelta::days(1), ..sound }.trusts(now),
            "before the program was built"
        );
        assert!(ClockWitness { last_record: None, ..sound }.trusts(now));
    }

    #[test]
    fn the_office_s_time_goes_on_within_a_boot_only() {
        let uptime = |boot: &str, milliseconds| Some(Uptime { boot: boot.into(), milliseconds });
        let heard = OfficeTime::heard(at("2026-11-25T08:00:00Z"), uptime("one", 5000));
        assert_eq!(heard.at(uptime("one", 3_605_000)), Some(at("2026-11-25T09:00:00Z")));
        assert_eq!(heard.at(uptime("another", 3_605_000)), None);
        assert_eq!(heard.at(None), None);
        assert_eq!(OfficeTime::heard(at("2026-11-25T08:00:00Z"), None).at(uptime("one", 0)), None);
    }
}
