//! The rule of the witnesses, by hand and by chance.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::witnesses::*;
use crate::domain::clock::Uptime;
use crate::domain::tracking_number::KioskNumber;

fn now() -> DateTime<Utc> {
    "2026-11-30T08:00:00Z".parse().unwrap()
}

fn kiosk(number: u16) -> KioskNumber {
    number.try_into().unwrap()
}

fn uptime(boot: &str, hours: i64) -> Option<Uptime> {
    Some(Uptime { boot: boot.into(), milliseconds: hours * 3_600_000 })
}

/// An office whose kiosks are so many hours ahead.
fn evidence(ahead: &[i64]) -> Evidence {
    let clock = |(number, hours): (u16, &i64)| KioskClock::new(kiosk(number), now() + TimeDelta::hours(*hours), now());
    Evidence {
        machine: now(),
        earliest: "2026-06-01T00:00:00Z".parse().unwrap(),
        trail: Some(now() - TimeDelta::days(90)),
        kiosks: (1..).zip(ahead).map(clock).collect(),
        known_wrong: Vec::new(),
        steps: Vec::new(),
    }
}

#[test]
fn a_single_witness_is_believed() {
    let alone = Evidence { trail: None, ..evidence(&[]) }.reckon();
    assert!(alone.is_certain() && alone.earliest == now() && alone.latest == now());
    assert!(evidence(&[]).reckon().is_certain(), "a trail of long ago contradicts nobody");
}

#[test]
fn the_machine_is_not_behind_the_trail_nor_the_program() {
    let hours = |hours| Evidence { trail: Some(now() + TimeDelta::hours(hours)), ..evidence(&[]) }.reckon();
    assert_eq!(hours(24).doubts, []);
    assert_eq!(hours(24).latest, now() + TimeDelta::hours(24), "an arrival counts at the latest");
    assert_eq!(hours(24).earliest, now());
    assert!(matches!(hours(25).doubts[..], [Doubt::BehindTrail { .. }]) && hours(25).arrivals_in_doubt);
    let old = Evidence { machine: "1970-01-01T00:00:00Z".parse().unwrap(), trail: None, ..evidence(&[]) };
    assert_eq!(old.reckon().doubts, [Doubt::BeforeProgram]);
}

#[test]
fn kiosks_outvote_the_machine_and_an_outlier_is_named() {
    for (ahead, is_certain, outliers, arrivals_in_doubt) in [
        (&[0, 0, 100][..], true, 1, false),
        (&[0, 100], true, 1, false),
        (&[100], false, 1, true),
        // An arrival by a clock that is ahead counts later, not earlier.
        (&[-100], false, 1, false),
        (&[0, 100, 100], false, 2, true),
        (&[0, 0, 100, 100, -100, -100], false, 4, false),
        // A failed clock has no voice.
        (&[-500_000], true, 1, false),
        (&[23, -23], true, 0, false),
    ] {
        let reckoning = evidence(ahead).reckon();
        assert_eq!(reckoning.is_certain(), is_certain, "{ahead:?}");
        assert_eq!(reckoning.outliers().count(), outliers, "{ahead:?}");
        assert_eq!(reckoning.arrivals_in_doubt, arrivals_in_doubt, "{ahead:?}");
    }
    let apart = evidence(&[20, -20]).reckon();
    assert_eq!((apart.earliest, apart.latest), (now() - TimeDelta::hours(20), now() + TimeDelta::hours(20)));
}

#[test]
fn a_kiosk_that_is_known_to_be_wrong_stays_so_while_it_is_off_by_the_same() {
    let known = |ahead: i64| Evidence { known_wrong: vec![(kiosk(1), TimeDelta::hours(100))], ..evidence(&[ahead]) };
    assert!(known(100).reckon().is_certain() && known(123).reckon().is_certain());
    assert!(!known(125).reckon().is_certain());
    let right_again = known(1).reckon();
    assert!(right_again.is_certain() && right_again.outliers().count() == 0);
}

#[test]
fn a_record_speaks_where_its_kiosk_was_not_heard() {
    let mut silent = evidence(&[]);
    silent.hear_record(kiosk(7), now() + TimeDelta::hours(25));
    assert!(silent.reckon().arrivals_in_doubt);
    let mut late = evidence(&[]);
    // Registered long ago, and sent now.
    late.hear_record(kiosk(7), now() - TimeDelta::days(60));
    late.hear_record(kiosk(7), "9000-01-01T00:00:00Z".parse().unwrap());
    assert!(late.kiosks.is_empty());
}

#[test]
fn the_machine_s_own_count_shows_a_step() {
    let reference = Reference { seen: now() + TimeDelta::hours(10), ..Reference::new(now(), uptime("a", 5)) };
    let step = |hours: i64, uptime: Option<Uptime>| {
        reference.step(now() + TimeDelta::hours(hours), uptime.as_ref(), 1).map(|step| step.by().num_hours())
    };
    assert_eq!(step(100, uptime("a", 105)), None, "time has passed");
    assert_eq!(step(124, uptime("a", 105)), None);
    assert_eq!(step(125, uptime("a", 105)), Some(25));
    assert_eq!(step(75, uptime("a", 105)), Some(-25));
    // Off in between: from the last look on, for a week.
    assert_eq!(step(10 + 7 * 24, uptime("b", 1)), None);
    assert_eq!(step(10 + 7 * 24 + 1, uptime("b", 1)), Some(7 * 24 + 1));
    assert_eq!(step(10 - 25, None), Some(-25));
    let extreme = Reference { uptime: uptime("a", i64::MIN / 3_600_000), ..reference.clone() };
    assert!(extreme.step(now(), uptime("a", i64::MAX / 3_600_000).as_ref(), 1).is_none());
}

#[test]
fn steps_undo_each_other() {
    let step = |days: i64, across_boots: bool| Step {
        after_entry: 1,
        expected: now(),
        shown: now() + TimeDelta::days(days),
        across_boots,
    };
    assert!(undo_each_other(&[step(15, false), step(-15, false)]));
    assert!(!undo_each_other(&[step(15, false), step(-13, false)]));
    // A clock that falls back at each start, and is set by the network a moment later.
    assert!(undo_each_other(&[step(-9000, true), step(9003, false)]));
    assert!(!undo_each_other(&[step(-9000, true), step(9008, false)]));
    assert!(!undo_each_other(&[step(0, false)]));
}

/// Where the clocks of an office are, in hours from the truth.
fn hours() -> impl Strategy<Value = i64> {
    prop_oneof![3 => -23_i64..=23, 1 => -2_000_i64..=2_000, 1 => -700_000_i64..=700_000]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Whatever the clocks show: where the day is certain and most of the clocks are right, today isn't after the truth
    /// and an arrival isn't before it, by more than the right ones' own 24 hours.
    #[test]
    fn most_right_clocks_make_the_day_right(
        machine in hours(),
        kiosks in proptest::collection::vec(hours(), 0..7),
        trail in proptest::option::of(-100_000_i64..=0),
    ) {
        let truth = now();
        let machine_at = truth + TimeDelta::hours(machine);
        let clocks = (1..).zip(&kiosks).map(|(number, hours)| {
            KioskClock::new(kiosk(number), truth + TimeDelta::hours(*hours), machine_at)
        });
        let evidence = Evidence {
            machine: machine_at,
            earliest: truth - TimeDelta::days(300),
            trail: trail.map(|hours| truth + TimeDelta::hours(hours)),
            kiosks: clocks.collect(),
            known_wrong: Vec::new(),
            steps: Vec::new(),
        };
        let reckoning = evidence.reckon();
        prop_assert!(reckoning.earliest <= reckoning.machine && reckoning.machine <= reckoning.latest);
        prop_assert!(reckoning.latest - reckoning.earliest <= TimeDelta::hours(48));
        let right = kiosks.iter().filter(|hours| hours.abs() <= 23).count();
        let wrong = kiosks.len() - right;
        if machine.abs() <= 1 && reckoning.is_certain() {
            prop_assert!(reckoning.today() <= crate::domain::calendar::riyadh_day(truth + TimeDelta::hours(1)));
            prop_assert!(reckoning.latest >= truth - TimeDelta::hours(1));
        }
        // A machine that is wrong by more than what two right clocks differ by is found where most kiosks are right.
        if machine.abs() > 47 && right > wrong {
            prop_assert!(!reckoning.is_certain(), "{machine} {kiosks:?}");
        }
        // Nobody asks where the machine and most others are right.
        if machine == 0 && right >= wrong && trail.is_none_or(|hours| hours <= 0) {
            prop_assert!(reckoning.is_certain(), "{kiosks:?}");
            prop_assert!(!reckoning.arrivals_in_doubt);
        }
        // One more kiosk that agrees never makes a certain day uncertain.
        let mut more = evidence.clone();
        more.kiosks.push(KioskClock::new(kiosk(99), machine_at, machine_at));
        prop_assert!(!reckoning.is_certain() || more.reckon().is_certain());
    }
}
