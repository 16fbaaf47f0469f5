//! Random instants and places, from a seed that a failing run prints.

use std::ops::Range;
use std::time::{Duration, SystemTime};

/// xorshift64.
pub struct Random(u64);

impl Random {
    /// From `ISTIQBAL_SEED`, or from the clock; says which.
    pub fn seeded() -> Self {
        let given = std::env::var("ISTIQBAL_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64 | 1);
        println!("ISTIQBAL_SEED={seed}");
        Self::of(seed)
    }

    /// From a seed, which isn't 0.
    pub fn of(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    pub fn instant(&mut self, within_ms: Range<u64>) -> Duration {
        let span = (within_ms.end - within_ms.start) * 1000;
        Duration::from_micros(within_ms.start * 1000 + self.below(span))
    }
}

/// How many rounds a person set by a variable, or those of the short run.
pub fn rounds(variable: &str, short: u32) -> u32 {
    std::env::var(variable).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(short)
}
