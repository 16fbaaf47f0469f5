//! Bounds on today at a kiosk whose clock is wrong.

use std::sync::Arc;

use chrono::NaiveDate;

use super::*;
use crate::domain::clock::{Clock, SharedClock};
use crate::ledger::keeper::Keeper;

struct FallenBack;

impl Clock for FallenBack {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn earliest(&self) -> DateTime<Utc> {
        "2026-11-01T00:00:00Z".parse().unwrap()
    }
}

/// F9: in 1970 everybody's birth date would be still to come.
#[test]
fn a_clock_that_fell_back_takes_every_birth_date() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    let clock: SharedClock = Arc::new(FallenBack);
    let keeper = Keeper::open(folder.path(), identity(), clock, PATIENCE, &|_| {}).unwrap();
    assert!(!keeper.now().trusted);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let today = keeper.day_bounds().today(day("1970-01-01"));
    assert_eq!(today.day, day("2026-11-23"), "the day of the last trusted record");
    assert_eq!(today.latest, day("2046-11-01"));
}
