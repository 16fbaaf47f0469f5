//! Wrong codes are refused slowly, and not without end.
//!
//! A code has 20 digits: nobody guesses one. What is limited is how much anybody may try. Whoever shows the right code is
//! never shut out by what others try for the same number: that only makes refusals slower.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// So long after a try came, it is refused: whatever was wrong, and however fast that was found.
const REFUSED_AFTER: Duration = Duration::from_secs(1);
/// The same for a number that is tried again and again.
const REFUSED_SLOWLY_AFTER: Duration = Duration::from_secs(5);
/// Wrong tries of a network address, or for a number, count for so long.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// More than a household, or a village behind one address of its provider, mistypes.
const OF_ADDRESS_MOST: usize = 20;
/// Wrong tries for one number before they are refused slowly.
const FOR_NUMBER_MOST: usize = 5;
/// So many addresses and numbers are remembered; beyond it, those whose window has passed are forgotten first.
const REMEMBERED_MAX: usize = 50_000;

/// Wrong tries that still count.
#[derive(Default)]
pub struct Tries {
    // A std mutex: it is held for a few comparisons, never across an await.
    wrong: Mutex<HashMap<String, VecDeque<DateTime<Utc>>>>,
}

/// A try that may be made. It counts as wrong until it is taken back.
pub struct Try {
    address: String,
    number: String,
    at: DateTime<Utc>,
    /// When it is refused, counted from when it came
    pub refused_after: Duration,
}

impl Tries {
    /// Begins a try; `None` when this address has tried too often. It counts at once, so that many at the same time are many.
    pub fn begin(&self, address: &str, number: &str, now: DateTime<Utc>) -> Option<Try> {
        let (address, number) = (format!("from {address}"), format!("for {number}"));
        let mut wrong = self.lock();
        let since = now - WINDOW;
        if wrong.len() >= REMEMBERED_MAX {
            wrong.retain(|_, times| times.back().is_some_and(|at| *at > since));
            if wrong.len() >= REMEMBERED_MAX {
                wrong.clear();
            }
        }
        let mut recent = |whom: &str, most: usize| {
            let times = wrong.entry(whom.to_owned()).or_default();
            // A clock that was set back leaves times in the future: they count no longer than others.
            times.retain(|at| *at > since && *at <= now);
            let is_within = times.len() < most;
            if is_within {
                times.push_back(now);
            }
            is_within
        };
        if !recent(&address, OF_ADDRESS_MOST) {
            return None;
        }
        let refused_after = if recent(&number, FOR_NUMBER_MOST) { REFUSED_AFTER } else { REFUSED_SLOWLY_AFTER };
        Some(Try { address, number, at: now, refused_after })
    }

    /// The try was right: it doesn't count.
    pub fn take_back(&self, right: &Try) {
        let mut wrong = self.lock();
        for whom in [&right.address, &right.number] {
            let Some(times) = wrong.get_mut(whom) else { continue };
            if let Some(place) = times.iter().rposition(|at| *at == right.at) {
                times.remove(place);
            }
            if times.is_empty() {
                wrong.remove(whom);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, VecDeque<DateTime<Utc>>>> {
        // A panic elsewhere can't leave the map half changed.
        self.wrong.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_try_so_often_and_a_number_is_never_shut() {
        let tries = Tries::default();
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        for wrong in 0..OF_ADDRESS_MOST {
            let one = tries.begin("198.51.100.7", "1", start).unwrap();
            let slowly = wrong >= FOR_NUMBER_MOST;
            assert_eq!(one.refused_after, if slowly { REFUSED_SLOWLY_AFTER } else { REFUSED_AFTER });
        }
        assert!(tries.begin("198.51.100.7", "2", start).is_none());
        // From elsewhere the number can still be shown, however often it was tried.
        let right = tries.begin("203.0.113.1", "1", start).unwrap();
        tries.take_back(&right);
        for _ in 0..100 {
            tries.take_back(&tries.begin("203.0.113.1", "3", start).unwrap());
        }
        assert!(tries.begin("198.51.100.7", "2", start + WINDOW).is_some());
        let later = tries.begin("203.0.113.1", "1", start + WINDOW).unwrap();
        assert_eq!(later.refused_after, REFUSED_AFTER);
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let tries = Tries::default();
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        for number in 0..2 * REMEMBERED_MAX {
            tries.begin(&number.to_string(), "1", start);
        }
        assert!(tries.lock().len() <= REMEMBERED_MAX + 1);
    }
}
