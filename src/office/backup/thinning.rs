//! Which old backups go. Their numbers order them; no clock alone takes one away.
//!
//! The times in the names come from clocks that may have been wrong. A backup's **age** is therefore the sum of the steps
//! from it to the newest one, each the difference of two neighbours' times, within bounds: a step back counts nothing, and one
//! of more than [`STEP_MAX`] counts as that, once so many backups have followed that it is no slip ([`ALWAYS_KEPT`]). A single
//! backup whose time doesn't stand between its neighbours' counts for nothing, and for no day.
//!
//! With a clock that is right, and an office that works at least once in [`STEP_MAX`], that age is the real one.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::BackupError;
use super::files;

/// Number of the newest backups that stay, whatever their times say.
const ALWAYS_KEPT: usize = 12;
/// All backups that are younger are kept, of the days before the newest each.
const ALL_KEPT: TimeDelta = TimeDelta::hours(24);
/// Maximum step that is believed between two backups: an office rests over a holiday. A longer one is a clock that was
/// changed, or an office that was closed, and nobody can tell which.
const STEP_MAX: TimeDelta = TimeDelta::days(7);

/// Takes away old backups and gives their number: of those older than a day each day keeps its newest, for `keep_days`. Files
/// with other names are never touched, and the newest [`ALWAYS_KEPT`] backups stay.
pub fn thin(folder: &Path, keep_days: u32) -> Result<usize, BackupError> {
    let all = files::all_in(folder)?;
    let times: Vec<DateTime<Utc>> = all.iter().map(|(name, _)| name.at).collect();
    let stays = staying(&times, keep_days);
    let going: Vec<PathBuf> =
        all.into_iter().zip(stays).filter(|(_, stays)| !stays).map(|((_, path), _)| path).collect();
    for path in &going {
        fs::remove_file(path).map_err(|source| BackupError::Io { path: path.clone(), source })?;
    }
    Ok(going.len())
}

/// Gives the smallest number of the backups that are there, and that this office made: others may lie in the folder, too. `None`
/// where fewer are there than always stay, or one has no number, and so nobody can tell what all of them hold.
pub fn oldest_number(folder: &Path, is_own: impl Fn(&OsStr) -> bool) -> Result<Option<u64>, BackupError> {
    let mut all = files::all_in(folder)?;
    if all.iter().any(|(name, _)| name.sequence.is_none()) {
        return Ok(None);
    }
    all.retain(|(_, path)| path.file_name().is_some_and(&is_own));
    let first = all.first().filter(|_| all.len() >= ALWAYS_KEPT);
    Ok(first.and_then(|(name, _)| name.sequence))
}

/// Which of the backups with these times, the oldest first, stay.
fn staying(times: &[DateTime<Utc>], keep_days: u32) -> Vec<bool> {
    let kept_for = TimeDelta::days(i64::from(keep_days));
    let mut stays = vec![false; times.len()];
    let (mut age, mut later): (TimeDelta, Option<DateTime<Utc>>) = (TimeDelta::zero(), None);
    let mut day_kept: Option<NaiveDate> = None;
    for (place, at) in times.iter().enumerate().rev() {
        let is_new = times.len() - place <= ALWAYS_KEPT;
        if is_slip(times, place) {
            stays[place] = is_new || age < ALL_KEPT;
            continue;
        }
        if let Some(later) = later.replace(*at) {
            let step = (later - *at).max(TimeDelta::zero());
            let is_believed = step <= STEP_MAX || !is_new;
            age += if is_believed { step.min(STEP_MAX) } else { TimeDelta::zero() };
        }
        let is_newest_of_day = day_kept != Some(at.date_naive());
        if is_new || age < ALL_KEPT || (age <= kept_for && is_newest_of_day) {
            stays[place] = true;
            day_kept = Some(at.date_naive());
        }
    }
    stays
}

/// True of a backup whose neighbours agree with each other, and not with it.
fn is_slip(times: &[DateTime<Utc>], place: usize) -> bool {
    let earlier = place.checked_sub(1).and_then(|place| times.get(place));
    let (Some(earlier), Some(at), Some(later)) = (earlier, times.get(place), times.get(place + 1)) else {
        return false;
    };
    earlier <= later && !(earlier..=later).contains(&at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::files::BackupName;
    use super::*;

    const KEEP_DAYS: u32 = 30;
    const HOUR: i64 = 3600;
    /// Two backups of one day count as one: with a step of seven days they would be more than that apart.
    const HONEST_STEP_MAX: i64 = 6 * 24 * HOUR;

    fn second(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn start() -> i64 {
        "2026-11-26T12:30:00Z".parse::<DateTime<Utc>>().unwrap().timestamp()
    }

    /// Times of a clock that is right, with these steps in between.
    fn honest(steps: &[i64]) -> Vec<DateTime<Utc>> {
        let mut at = start();
        steps.iter().map(|step| (at += step, second(at)).1).collect()
    }

    /// The rule as it was while the clock was trusted, without what always stays.
    fn by_the_clock(times: &[DateTime<Utc>], now: DateTime<Utc>) -> Vec<bool> {
        let kept_for = TimeDelta::days(i64::from(KEEP_DAYS));
        let is_newest_of_day =
            |place: usize| times.get(place + 1).is_none_or(|later| later.date_naive() != times[place].date_naive());
        let stays = |place: usize| {
            let age = now - times[place];
            age < ALL_KEPT || (age <= kept_for && is_newest_of_day(place))
        };
        (0..times.len()).map(stays).collect()
    }

    fn steps() -> impl Strategy<Value = Vec<i64>> {
        vec(prop_oneof![3 => 1..2 * HOUR, 1 => 1..=HONEST_STEP_MAX], 1..120)
    }

    proptest! {
        #[test]
        fn whatever_the_clocks_said_the_newest_stay(seconds in vec(0_i64..8_000_000_000, 0..100), days in 1_u32..60) {
            let times: Vec<_> = seconds.into_iter().map(second).collect();
            let stays = staying(&times, days);
            prop_assert!(stays.iter().rev().take(ALWAYS_KEPT).all(|stays| *stays));
        }

        /// Thinned after each backup, as it is done.
        #[test]
        fn with_a_right_clock_the_result_is_as_before(steps in steps()) {
            let all = honest(&steps);
            let mut kept: Vec<DateTime<Utc>> = Vec::new();
            for (made, now) in all.iter().enumerate() {
                kept.push(*now);
                let mut stays = staying(&kept, KEEP_DAYS).into_iter();
                kept.retain(|_| stays.next().unwrap());
                let made = &all[..=made];
                let before = made.iter().zip(by_the_clock(made, *now)).filter(|(_, stays)| *stays).map(|(at, _)| *at);
                let newest = made.iter().rev().take(ALWAYS_KEPT).copied();
                let expected: BTreeSet<_> = before.chain(newest).collect();
                prop_assert_eq!(kept.iter().copied().collect::<BTreeSet<_>>(), expected);
            }
        }

        /// One backup by a clock that is far off, then and afterwards.
        #[test]
        fn one_wrong_clock_takes_nothing_away(
            steps in steps(),
            more in vec(1..2 * HOUR, 0..40),
            wrong in prop_oneof![Just(0), Just(4_070_908_800), 0_i64..8_000_000_000],
        ) {
            let right = honest(&[steps.as_slice(), &more].concat());
            let (before, after) = right.split_at(steps.len());
            let last = before.last().unwrap();
            prop_assume!(second(wrong) < *last || second(wrong) > *last + STEP_MAX);
            let times = [before, &[second(wrong)], after].concat();
            let mut stays = staying(&times, KEEP_DAYS);
            stays.remove(before.len());
            for (place, stayed) in by_the_clock(&right, *right.last().unwrap()).into_iter().enumerate() {
                prop_assert!(stays[place] || !stayed, "{} of {}", place, right.len());
            }
        }
    }

    #[test]
    fn backups_of_all_versions_are_thinned_and_others_files_are_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let foreign = ["notes.age", "office-20200101T000000Z.age", "office-yesterday-1a2b3c4d.age", "erased.log"];
        for name in foreign {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let now = second(start());
        let mut expected = BTreeSet::new();
        for hours in (0..24 * 40).rev() {
            let at = now - TimeDelta::hours(hours);
            let mut name = BackupName::new((24 * 40 - hours) as u64, at);
            // Those of the first 20 days were made by an earlier version of this program.
            name.sequence = name.sequence.filter(|_| hours < 24 * 20);
            fs::write(folder.path().join(name.to_string()), "x").unwrap();
            let is_last_of_day = at.format("%H").to_string() == "23";
            // At 12:30 30 days ago the day's newest is 13 hours younger, and stays.
            if hours < 24 || (is_last_of_day && hours <= 24 * 30) {
                expected.insert(name.to_string());
            }
        }
        let left = || -> BTreeSet<String> {
            files::all_in(folder.path()).unwrap().into_iter().map(|(name, _)| name.to_string()).collect()
        };
        thin(folder.path(), KEEP_DAYS).unwrap();
        assert_eq!(left(), expected);
        for wrong in ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
            let newest = files::all_in(folder.path()).unwrap().pop().unwrap().0.sequence.unwrap();
            let name = BackupName::new(newest + 1, wrong.parse().unwrap());
            fs::write(folder.path().join(name.to_string()), "x").unwrap();
            assert_eq!(thin(folder.path(), KEEP_DAYS).unwrap(), 0, "{wrong}");
        }
        assert!(left().is_superset(&expected));
        assert!(foreign.iter().all(|name| folder.path().join(name).exists()));
    }

    /// Many backups by a wrong clock cost a week at most.
    #[test]
    fn a_clock_that_stays_wrong_takes_no_more_than_a_week() {
        let mut times = honest(&vec![24 * HOUR; 30]);
        times.extend((0..48).map(|hours| second(4_070_908_800 + hours * HOUR)));
        let stays = staying(&times, KEEP_DAYS);
        let days_kept = stays[..30].iter().filter(|stays| **stays).count();
        assert!(days_kept >= 30 - 10, "{days_kept}");
    }
}
