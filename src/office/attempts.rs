//! Counts tries, so that nobody guesses a password or a code.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

/// Tries within a window, by whom they aim at or from where they come.
pub struct Attempts {
    most: usize,
    window: TimeDelta,
    // A std mutex: it is held for a few comparisons, never across an await.
    tries: Mutex<HashMap<String, Vec<DateTime<Utc>>>>,
}

/// So many names are counted at once; more than any office has.
const NAMES_MAX: usize = 10_000;

impl Attempts {
    pub fn new(most: usize, window: TimeDelta) -> Self {
        Self { most, window, tries: Mutex::new(HashMap::new()) }
    }

    /// Whether another try is allowed now. While so many names are tried at once that they can't be counted, no new one is.
    pub fn allowed(&self, whom: &str, now: DateTime<Utc>) -> bool {
        let since = now - self.window;
        let mut tries = self.lock();
        match tries.get_mut(whom) {
            Some(tries) => {
                tries.retain(|at| *at > since);
                tries.len() < self.most
            }
            None => {
                if tries.len() >= NAMES_MAX {
                    tries.retain(|_, tries| tries.iter().any(|at| *at > since));
                }
                tries.len() < NAMES_MAX
            }
        }
    }

    /// Counts a try; call it before the try is looked at, so that many at once don't slip through.
    pub fn count(&self, whom: &str, now: DateTime<Utc>) {
        let mut tries = self.lock();
        if tries.len() < NAMES_MAX || tries.contains_key(whom) {
            tries.entry(whom.to_owned()).or_default().push(now);
        }
    }

    /// Whether another try is allowed now; if so, it is counted at once.
    pub fn take(&self, whom: &str, now: DateTime<Utc>) -> bool {
        let allowed = self.allowed(whom, now);
        if allowed {
            self.count(whom, now);
        }
        allowed
    }

    /// Forgets the tries after a right one.
    pub fn forget(&self, whom: &str) {
        self.lock().remove(whom);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<DateTime<Utc>>>> {
        // A panic elsewhere can't leave the map half changed.
        self.tries.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_passes() {
        let attempts = Attempts::new(2, TimeDelta::minutes(1));
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        assert!(attempts.take("noura", start));
        assert!(attempts.take("noura", start));
        assert!(!attempts.take("noura", start));
        assert!(attempts.allowed("saad", start));
        assert!(attempts.allowed("noura", start + TimeDelta::minutes(1)));
        attempts.forget("noura");
        assert!(attempts.allowed("noura", start));
    }

    #[test]
    fn many_names_at_once_open_no_door() {
        let attempts = Attempts::new(2, TimeDelta::minutes(1));
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        attempts.count("noura", start);
        for name in 0..NAMES_MAX {
            attempts.count(&name.to_string(), start);
        }
        assert!(attempts.take("noura", start) && !attempts.take("noura", start), "whoever is counted is counted on");
        assert!(!attempts.take("saad", start), "a name that can't be counted has no tries");
        assert!(attempts.take("saad", start + TimeDelta::minutes(1)));
    }
}
