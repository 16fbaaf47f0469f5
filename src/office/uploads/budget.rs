//! How much work a file may cost: counted, not timed, so that the same file is refused on every machine.

use std::cell::Cell;

/// Maximum number of steps a file: bytes read, unpacked or decrypted, values made of them, points of pictures. A scan of 10 MB
/// takes 40 million; all of them are two or three seconds of a slow core.
pub const STEPS_MAX: u64 = 128 * 1024 * 1024;

/// The file would cost more work than any honest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

/// The steps that are left for one file.
#[derive(Debug)]
pub struct Budget {
    all: u64,
    left: Cell<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(STEPS_MAX)
    }
}

impl Budget {
    pub fn of(steps: u64) -> Self {
        Self { all: steps, left: Cell::new(steps) }
    }

    /// Takes so many steps off, before they are made.
    pub fn spend(&self, steps: usize) -> Result<(), Exhausted> {
        let left = self.left.get().checked_sub(steps as u64);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Exhausted)
    }

    /// The steps that were made.
    pub fn spent(&self) -> u64 {
        self.all - self.left.get()
    }
}
