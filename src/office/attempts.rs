//! Counts wrong tries, so that nobody guesses a password or an invite's code.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

/// Wrong tries within a window, by whom they aim at.
pub struct Attempts {
    most: usize,
    window: TimeDelta,
    // A std mutex: it is held for a few comparisons, never across an await.
    wrong: Mutex<HashMap<String, Vec<DateTime<Utc>>>>,
}

/// More names than any office has; beyond it the oldest windows are dropped.
const NAMES_MAX: usize = 10_000;

impl Attempts {
    pub fn new(most: usize, window: TimeDelta) -> Self {
        Self { most, window, wrong: Mutex::new(HashMap::new()) }
    }

    /// Whether another try is allowed now.
    pub fn allowed(&self, whom: &str, now: DateTime<Utc>) -> bool {
        self.recent(whom, now) < self.most
    }

    /// Counts a wrong try.
    pub fn wrong(&self, whom: &str, now: DateTime<Utc>) {
        let mut wrong = self.lock();
        if wrong.len() >= NAMES_MAX {
            let since = now - self.window;
            wrong.retain(|_, tries| tries.iter().any(|at| *at > since));
        }
        if wrong.len() < NAMES_MAX || wrong.contains_key(whom) {
            wrong.entry(whom.to_owned()).or_default().push(now);
        }
    }

    /// Forgets the wrong tries after a right one.
    pub fn right(&self, whom: &str) {
        self.lock().remove(whom);
    }

    fn recent(&self, whom: &str, now: DateTime<Utc>) -> usize {
        let mut wrong = self.lock();
        let Some(tries) = wrong.get_mut(whom) else { return 0 };
        let since = now - self.window;
        tries.retain(|at| *at > since);
        tries.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<DateTime<Utc>>>> {
        // A panic elsewhere can't leave the map half changed.
        self.wrong.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_passes() {
        let attempts = Attempts::new(2, TimeDelta::minutes(1));
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        attempts.wrong("noura", start);
        assert!(attempts.allowed("noura", start));
        attempts.wrong("noura", start);
        assert!(!attempts.allowed("noura", start));
        assert!(attempts.allowed("saad", start));
        assert!(attempts.allowed("noura", start + TimeDelta::minutes(1)));
        attempts.right("noura");
        assert!(attempts.allowed("noura", start));
    }
}
