//! Wrong tries slow the next ones down: of the staff's PIN, and of tracking numbers that nobody bears.

use std::time::{Duration, Instant};

/// How tries slow down.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// So many wrong tries are free; each further one doubles the wait
    pub free: u32,
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// After so long without a wrong try the earlier ones are forgotten
    pub forgotten_after: Duration,
}

/// Counts wrong tries for as long as the program runs.
#[derive(Clone, Debug)]
pub struct Tries {
    pace: Pace,
    wrong: u32,
    last_wrong: Option<Instant>,
    wait_until: Option<Instant>,
}

impl Tries {
    pub fn new(pace: Pace) -> Self {
        Self { pace, wrong: 0, last_wrong: None, wait_until: None }
    }

    /// How long the next try has to wait; `None` when it may be made.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        self.wait_until.and_then(|until| until.checked_duration_since(now)).filter(|left| !left.is_zero())
    }

    pub fn wrong(&mut self, now: Instant) {
        let quiet = self.last_wrong.map(|last| now.saturating_duration_since(last));
        if quiet.is_some_and(|quiet| quiet >= self.pace.forgotten_after) {
            self.forget();
        }
        self.last_wrong = Some(now);
        self.wrong = self.wrong.saturating_add(1);
        if let Some(further) = self.wrong.checked_sub(self.pace.free) {
            let wait = self.pace.first_wait.saturating_mul(1 << further.min(10)).min(self.pace.longest_wait);
            self.wait_until = Some(now + wait);
        }
    }

    pub fn forget(&mut self) {
        *self = Self::new(self.pace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        free: 2,
        first_wait: Duration::from_secs(5),
        longest_wait: Duration::from_secs(60),
        forgotten_after: Duration::from_secs(600),
    };

    #[test]
    fn waits_double_up_to_the_longest_and_are_forgotten_in_time() {
        let mut now = Instant::now();
        let mut tries = Tries::new(PACE);
        tries.wrong(now);
        assert_eq!(tries.wait(now), None);
        for seconds in [5, 10, 20, 40, 60, 60] {
            tries.wrong(now);
            assert_eq!(tries.wait(now), Some(Duration::from_secs(seconds)));
            now += Duration::from_secs(seconds);
            assert_eq!(tries.wait(now), None);
        }
        now += PACE.forgotten_after;
        tries.wrong(now);
        assert_eq!(tries.wait(now), None);
    }
}
