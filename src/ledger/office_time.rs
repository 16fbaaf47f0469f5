//! The office's time, and whether the kiosk's own clock counts beside it.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

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
    /// The office said now that it is this time.
    pub fn heard(at: DateTime<Utc>) -> Self {
        Self { at, boot: boot_id(), since_boot_ms: since_boot_ms() }
    }

    /// What time it must be at the office by now; `None` when the machine was started anew since.
    pub fn now(&self) -> Option<DateTime<Utc>> {
        if self.boot.is_empty() || self.boot != boot_id() {
            return None;
        }
        let passed = TimeDelta::milliseconds(since_boot_ms().checked_sub(self.since_boot_ms)?);
        self.at.checked_add_signed(passed)
    }
}

/// What a kiosk's clock is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockWitness {
    /// What time it must be at the office; `None` when it was not heard since the machine was started
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

/// The kernel's name for this boot; empty where it has none, and then no earlier time counts.
fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

fn since_boot_ms() -> i64 {
    let time = clock_gettime(ClockId::Boottime);
    time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000)
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
        let heard = OfficeTime::heard(at("2026-11-25T08:00:00Z"));
        let passed = heard.now().unwrap() - heard.at;
        assert!(passed >= TimeDelta::zero() && passed < TimeDelta::minutes(1));
        let earlier = OfficeTime { since_boot_ms: heard.since_boot_ms - 3_600_000, ..heard.clone() };
        assert!(earlier.now().unwrap() - earlier.at >= TimeDelta::hours(1));
        assert_eq!(OfficeTime { boot: "another".into(), ..heard }.now(), None);
    }
}
