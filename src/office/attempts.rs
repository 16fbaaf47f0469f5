//! Counts tries, so that nobody guesses a password or a code.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Tries within a window, by whom they aim at or from where they come.
pub struct Attempts {
    most: usize,
    window: TimeDelta,
    // A std mutex: it is held for a few comparisons, never across an await.
    tries: Mutex<HashMap<String, Vec<DateTime<Utc>>>>,
}

/// Maximum number of names or addresses that are counted at once.
const KEPT_MAX: usize = 10_000;
/// Number of those that make room for others when all are taken.
const ROOM: usize = KEPT_MAX / 10;

impl Attempts {
    pub fn new(most: usize, window: TimeDelta) -> Self {
        Self { most, window, tries: Mutex::default() }
    }

    /// Whether another try is allowed now; if so, it is counted at once, so that many at the same time don't slip through.
    ///
    /// When too many are counted, those with the fewest tries are forgotten: a flood of new ones shuts nobody out, and
    /// whoever has tried most is remembered for longest.
    pub fn take(&self, whom: &str, now: DateTime<Utc>) -> bool {
        let since = now - self.window;
        // A clock that was set back leaves times in the future: they count no longer than others.
        let counts = |at: &DateTime<Utc>| *at > since && *at <= now;
        let mut tries = self.lock();
        if tries.len() >= KEPT_MAX && !tries.contains_key(whom) {
            tries.retain(|_, times| times.iter().any(counts));
            if tries.len() >= KEPT_MAX {
                forget_the_fewest(&mut tries);
            }
        }
        let times = tries.entry(whom.to_owned()).or_default();
        times.retain(counts);
        let allowed = times.len() < self.most;
        if allowed {
            times.push(now);
        }
        allowed
    }

    /// Takes back one try that was counted at a moment, because it wasn't looked at, or was right.
    pub fn give_back(&self, whom: &str, at: DateTime<Utc>) {
        let mut tries = self.lock();
        let Some(times) = tries.get_mut(whom) else { return };
        if let Some(place) = times.iter().rposition(|one| *one == at) {
            times.remove(place);
        }
        if times.is_empty() {
            tries.remove(whom);
        }
    }

    /// Forgets the tries after a right one.
    pub fn forget(&self, whom: &str) {
        self.lock().remove(whom);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<DateTime<Utc>>>> {
        // A panic elsewhere can't leave the map half changed.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_the_fewest(tries: &mut HashMap<String, Vec<DateTime<Utc>>>) {
    let mut by_tries: Vec<(usize, Option<DateTime<Utc>>, String)> =
        tries.iter().map(|(whom, times)| (times.len(), times.last().copied(), whom.clone())).collect();
    let room = ROOM.min(by_tries.len());
    if room < by_tries.len() {
        by_tries.select_nth_unstable(room);
    }
    for (.., whom) in &by_tries[..room] {
        tries.remove(whom);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_window_passes() {
        let attempts = Attempts::new(2, TimeDelta::minutes(1));
        assert!(attempts.take("noura", start()));
        assert!(attempts.take("noura", start()));
        assert!(!attempts.take("noura", start()));
        assert!(attempts.take("saad", start()));
        assert!(attempts.take("noura", start() + TimeDelta::minutes(1)));
        attempts.forget("noura");
        assert!(attempts.take("noura", start()) && attempts.take("noura", start()));
        attempts.give_back("noura", start());
        assert!(attempts.take("noura", start()) && !attempts.take("noura", start()));
        assert!(attempts.take("noura", start() - TimeDelta::minutes(5)), "a clock that was set back shuts nobody out");
    }

    #[test]
    fn a_flood_of_names_shuts_nobody_out_and_hides_nobody() {
        let attempts = Attempts::new(3, TimeDelta::minutes(1));
        for _ in 0..3 {
            assert!(attempts.take("guessed", start()));
        }
        for name in 0..3 * KEPT_MAX {
            assert!(attempts.take(&name.to_string(), start()), "{name}");
        }
        assert!(attempts.take("saad", start()));
        assert!(!attempts.take("guessed", start()), "whoever tried most is counted on");
        assert!(attempts.lock().len() <= KEPT_MAX);
    }
}
