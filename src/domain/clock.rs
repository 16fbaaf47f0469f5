//! The time of day, passed in wherever it is needed. Only the demo and the tests set it.
//! Beside it stands the machine's own count since its start, which nobody sets.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> DateTime<Utc>;

    /// No moment before this one can be now: a clock that shows one is wrong.
    fn earliest(&self) -> DateTime<Utc> {
        DateTime::<Utc>::MIN_UTC
    }

    /// The machine's own count; `None` where it has none.
    fn uptime(&self) -> Option<Uptime> {
        None
    }
}

/// The time since the machine was started, sleep included: a count that goes on however the clock is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uptime {
    /// The kernel's name of this start
    pub boot: String,
    pub milliseconds: i64,
}

#[cfg(any(feature = "kiosk", feature = "office"))]
impl Uptime {
    /// `None` where the kernel gives this start no name: then no earlier count can be compared.
    pub fn of_machine() -> Option<Self> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let milliseconds = time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000);
        (!boot.is_empty()).then_some(Self { boot, milliseconds })
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
        // Unlike `Utc::now`, this knows times before 1970, which a clock may show.
        SystemTime::now().into()
    }

    /// The program didn't exist before it was built.
    fn earliest(&self) -> DateTime<Utc> {
        let built = env!("ISTIQBAL_BUILT_AT").parse().ok().and_then(DateTime::from_timestamp_secs);
        built.unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    #[cfg(any(feature = "kiosk", feature = "office"))]
    fn uptime(&self) -> Option<Uptime> {
        Uptime::of_machine()
    }
}

/// A clock that stands where it is put, for the demo's requests of weeks ago and for tests.
pub struct SetClock(Mutex<SetTime>);

struct SetTime {
    now: DateTime<Utc>,
    /// By how much it was turned without time passing
    turned: TimeDelta,
}

impl SetClock {
    pub fn at(now: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(SetTime { now, turned: TimeDelta::zero() })))
    }

    /// Time passes.
    pub fn advance(&self, by: TimeDelta) {
        self.time().now += by;
    }

    /// Somebody turns the clock, or it goes wrong: no time passes.
    pub fn turn(&self, by: TimeDelta) {
        let mut time = self.time();
        time.now += by;
        time.turned += by;
    }

    fn time(&self) -> std::sync::MutexGuard<'_, SetTime> {
        // A panic elsewhere can't leave a date half written.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        self.time().now
    }

    fn uptime(&self) -> Option<Uptime> {
        let time = self.time();
        Some(Uptime { boot: "set".into(), milliseconds: (time.now - time.turned).timestamp_millis() })
    }
}
