//! The time of day, passed in wherever it is needed. Only the demo and the tests set it.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> DateTime<Utc>;

    /// No moment before this one can be now: a clock that shows one is wrong.
    fn earliest(&self) -> DateTime<Utc> {
        DateTime::<Utc>::MIN_UTC
    }
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

    /// The program didn't exist before it was built.
    fn earliest(&self) -> DateTime<Utc> {
        let built = env!("ISTIQBAL_BUILT_AT").parse().ok().and_then(DateTime::from_timestamp_secs);
        built.unwrap_or(DateTime::<Utc>::MIN_UTC)
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
