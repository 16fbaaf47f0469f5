//! The idle clock: when to ask "are you still here?", and when to forget everything.

use std::time::{Duration, Instant};

/// Measures how long nobody has touched the screen.
pub struct IdleClock {
    idle: Duration,
    warning: Duration,
    last_touch: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idleness {
    Active,
    /// So many whole seconds are left to say "I need more time"
    Warning {
        seconds_left: u64,
    },
    Over,
}

impl IdleClock {
    pub fn new(idle: Duration, warning: Duration, now: Instant) -> Self {
        Self { idle, warning, last_touch: now }
    }

    pub fn touch(&mut self, now: Instant) {
        self.last_touch = now;
    }

    pub fn since_touch(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last_touch)
    }

    pub fn idleness(&self, now: Instant) -> Idleness {
        let passed = self.since_touch(now);
        if passed < self.idle {
            return Idleness::Active;
        }
        match (self.idle + self.warning).checked_sub(passed) {
            Some(left) if !left.is_zero() => Idleness::Warning { seconds_left: left.as_secs().max(1) },
            _ => Idleness::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warns_then_ends_and_a_touch_begins_anew() {
        let start = Instant::now();
        let seconds = |n| start + Duration::from_secs(n);
        let mut idle = IdleClock::new(Duration::from_secs(60), Duration::from_secs(30), start);
        assert_eq!(idle.idleness(seconds(59)), Idleness::Active);
        assert_eq!(idle.idleness(seconds(60)), Idleness::Warning { seconds_left: 30 });
        assert_eq!(idle.idleness(seconds(89)), Idleness::Warning { seconds_left: 1 });
        assert_eq!(idle.idleness(seconds(90)), Idleness::Over);
        idle.touch(seconds(80));
        assert_eq!(idle.idleness(seconds(90)), Idleness::Active);
    }
}
