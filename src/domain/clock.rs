//! The time of day, passed in wherever it is needed. Only the demo and the tests set it.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> DateTime<Utc>;
}

pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
pub struct SystemClock;

impl SystemClock {
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands where it is put, for the demo's requests of weeks ago and for tests.
pub struct SetClock(Mutex<DateTime<Utc>>);

impl SetClock {
    pub fn at(now: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(now)))
    }

    pub fn advance(&self, by: TimeDelta) {
        *self.time() += by;
    }

    fn time(&self) -> std::sync::MutexGuard<'_, DateTime<Utc>> {
        // A panic elsewhere can't leave a date half written.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        *self.time()
    }
}
