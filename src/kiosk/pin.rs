//! The staff's PIN, by which the maintenance screen opens: kept as an Argon2id hash, and guessing it slows down.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

use super::tries::{Pace, Tries};
use crate::ledger::durable;
use crate::seal::keys::random;

/// The fewest and the most digits of a PIN.
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// A visitor who types wrong PINs makes staff wait for two minutes at most, and wrong tries don't add up over days: at
/// 30 tries an hour, six digits take years. Four take two weeks of somebody who stands there day and night.
const PACE: Pace = Pace {
    free: 3,
    first_wait: FIRST_WAIT,
    longest_wait: Duration::from_secs(120),
    forgotten_after: Duration::from_secs(3600),
};

#[derive(Debug, thiserror::Error)]
pub enum PinError {
    #[error("a PIN has {} to {} digits", PIN_DIGITS.start(), PIN_DIGITS.end())]
    Form,
    #[error("the PIN can't be hashed: {0}")]
    Hash(String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// The hash in its file beside the kiosk's key.
#[derive(Clone, Debug)]
pub struct Pin {
    hash: String,
}

impl Pin {
    /// Sets the PIN; an earlier one is replaced.
    pub fn set(data: &Path, digits: &str) -> Result<(), PinError> {
        if !PIN_DIGITS.contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PinError::Form);
        }
        let hash = Argon2::default()
            .hash_password_with_salt(digits.as_bytes(), &random::<16>())
            .map_err(|error| PinError::Hash(error.to_string()))?;
        let path = path(data);
        durable::replace_file(&path, hash.to_string().as_bytes()).map_err(|source| PinError::Io { path, source })
    }

    /// `None` when no PIN was set.
    pub fn read(data: &Path) -> Result<Option<Self>, PinError> {
        let path = path(data);
        match fs::read_to_string(&path) {
            Ok(hash) => Ok(Some(Self { hash: hash.trim().to_owned() })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(PinError::Io { path, source }),
        }
    }

    fn fits(&self, digits: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(&self.hash) else { return false };
        Argon2::default().verify_password(digits.as_bytes(), &parsed).is_ok()
    }
}

fn path(data: &Path) -> PathBuf {
    data.join("pin")
}

/// Counts wrong tries for as long as the program runs.
#[derive(Clone, Debug)]
pub struct PinTries(Tries);

impl Default for PinTries {
    fn default() -> Self {
        Self(Tries::new(PACE))
    }
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinAnswer {
    Right,
    Wrong,
    /// Nothing was looked at: so long there is to wait
    Wait(Duration),
}

impl PinTries {
    pub fn attempt(&mut self, pin: &Pin, digits: &str, now: Instant) -> PinAnswer {
        if let Some(left) = self.0.wait(now) {
            return PinAnswer::Wait(left);
        }
        if pin.fits(digits) {
            self.0.forget();
            return PinAnswer::Right;
        }
        self.0.wrong(now);
        PinAnswer::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_opens_and_guessing_slows_down() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Pin::read(folder.path()).unwrap().is_none());
        for wrong in ["", "123", "12a4", "1234567890123", "١٢٣٤"] {
            assert!(matches!(Pin::set(folder.path(), wrong), Err(PinError::Form)), "{wrong}");
        }
        Pin::set(folder.path(), "4821").unwrap();
        let pin = Pin::read(folder.path()).unwrap().unwrap();
        assert!(!fs::read_to_string(folder.path().join("pin")).unwrap().contains("4821"));
        let mut tries = PinTries::default();
        let now = Instant::now();
        for _ in 0..3 {
            assert_eq!(tries.attempt(&pin, "0000", now), PinAnswer::Wrong);
        }
        assert_eq!(tries.attempt(&pin, "4821", now), PinAnswer::Wait(FIRST_WAIT), "even the right one waits");
        let later = now + FIRST_WAIT;
        assert_eq!(tries.attempt(&pin, "0000", later), PinAnswer::Wrong);
        assert_eq!(tries.attempt(&pin, "0000", later), PinAnswer::Wait(2 * FIRST_WAIT));
        assert_eq!(tries.attempt(&pin, "4821", later + 2 * FIRST_WAIT), PinAnswer::Right);
        // However often somebody tries, and on however many days: staff wait for two minutes at most.
        let mut now = later + 2 * FIRST_WAIT;
        for _ in 0..500 {
            while let PinAnswer::Wait(left) = tries.attempt(&pin, "0000", now) {
                assert!(left <= PACE.longest_wait);
                now += left;
            }
        }
        assert_eq!(tries.attempt(&pin, "4821", now + PACE.longest_wait), PinAnswer::Right);
        for day in 0..3 {
            now += Duration::from_secs(24 * 3600);
            for _ in 0..3 {
                assert_eq!(tries.attempt(&pin, "0000", now), PinAnswer::Wrong, "{day}");
            }
        }
    }
}
