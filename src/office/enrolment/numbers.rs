//! The log of kiosk numbers that were given. It stands outside the database and its backups, so that an office restored from
//! an earlier backup gives none of them twice.
//!
//! A line of [`logs`]: `1 MILLISECONDS NUMBER KEY CHECK`: the form, when (since 1970, UTC), the number, and the proving key of
//! the kiosk that got it.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::domain::tracking_number::KioskNumber;
use crate::office::logs::{self, LogKey, Places};
use crate::seal::keys::{OfficeKeys, ProvingKey, hex, unhex};

/// The name of the log in the office's folder and beside its backups.
pub const FILE_NAME: &str = "kiosks.log";

const FORM: &str = "1";
const LABEL: &[u8] = b"istiqbal kiosk number 1";

#[derive(Debug, thiserror::Error)]
#[error(
    "{}: the log of kiosk numbers {what} ({source}). No kiosk is enrolled until that is put right: a number must never be given twice", path.display()
)]
pub struct LogError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

impl LogError {
    /// The work on it broke off.
    pub(super) fn broken_off(why: &impl ToString) -> Self {
        Self { path: FILE_NAME.into(), what: "wasn't written", source: io::Error::other(why.to_string()) }
    }
}

/// A number that a kiosk got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub number: KioskNumber,
    pub proving_key: ProvingKey,
    pub at: DateTime<Utc>,
}

/// Content of the log.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Logged {
    pub given: Vec<Given>,
    /// Lines that this office hasn't written, or not to their end
    pub foreign: usize,
}

/// The log, in each of its places.
#[derive(Clone, Debug)]
pub struct NumbersLog {
    places: Places,
}

impl NumbersLog {
    pub fn new(places: Places) -> Self {
        Self { places }
    }

    /// Appends to each place what it lacks of these, durable before this returns.
    pub fn complete(&self, keys: &OfficeKeys, given: &[Given]) -> Result<(), LogError> {
        let key = log_key(keys);
        let completed = self.places.each(|place| {
            let logged = Logged::from_text(&logs::read(place)?, &key);
            let is_known = |one: &Given| {
                logged.given.iter().any(|known| (known.number, known.proving_key) == (one.number, one.proving_key))
            };
            let text: String = given.iter().filter(|one| !is_known(one)).map(|one| line(&key, one)).collect();
            if text.is_empty() { Ok(()) } else { logs::append(place, &text) }
        });
        completed.map_err(|(path, source)| LogError { path, what: "can't be written", source })
    }

    /// Appends to each place the lines of another log that it lacks, such as the one beside a backup. They are verified when
    /// they are read: a restore needs no keys.
    pub fn take_over(&self, other: &Path) -> Result<(), LogError> {
        let taken = self.places.take_over(other, |_| true);
        taken.map_err(|(path, source)| LogError { path, what: "can't be taken over", source })
    }

    /// Reads all places together.
    pub fn read(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        let key = log_key(keys);
        let mut all = Logged::default();
        for place in self.places.all() {
            let failed = |source| LogError { path: place.clone(), what: "can't be read", source };
            let Logged { given, foreign } = Logged::from_text(&logs::read(place).map_err(failed)?, &key);
            let lacking = given.into_iter().filter(|one| !all.given.contains(one)).collect::<Vec<_>>();
            all.given.extend(lacking);
            all.foreign += foreign;
        }
        Ok(all)
    }
}

impl Logged {
    fn from_text(text: &str, key: &LogKey) -> Self {
        let mut logged = Self::default();
        for (_, line) in logs::lines(text) {
            match parse(key, line) {
                Some(given) => logged.given.push(given),
                None => logged.foreign += 1,
            }
        }
        logged
    }

    /// 0 where none was given.
    pub fn highest(&self) -> u16 {
        self.given.iter().map(|given| given.number.get()).max().unwrap_or(0)
    }

    pub fn says(&self, number: KioskNumber, key: &ProvingKey) -> bool {
        self.given.iter().any(|given| given.number == number && given.proving_key == *key)
    }
}

fn log_key(keys: &OfficeKeys) -> LogKey {
    LogKey::new(keys.numbers_key(), LABEL)
}

fn line(key: &LogKey, given: &Given) -> String {
    let Given { number, proving_key, at } = given;
    key.line(&format!("{FORM} {} {number} {}", at.timestamp_millis(), hex(&proving_key.0)))
}

fn parse(key: &LogKey, line: &str) -> Option<Given> {
    let words: Vec<&str> = key.said(line)?.split(' ').collect();
    let [FORM, at, number, proving_key] = words.as_slice() else { return None };
    Some(Given {
        number: number.parse::<u16>().ok()?.try_into().ok()?,
        proving_key: ProvingKey(unhex(proving_key)?),
        at: DateTime::from_timestamp_millis(at.parse().ok()?)?,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::office::logs::append;
    use crate::seal::seed::Seed;

    fn keys() -> OfficeKeys {
        OfficeKeys::from_seed(&Seed::fixed(2))
    }

    fn given(number: u16) -> Given {
        let at = DateTime::from_timestamp_millis(1_793_520_000_123).unwrap();
        Given { number: number.try_into().unwrap(), proving_key: ProvingKey([number as u8; 32]), at }
    }

    #[test]
    fn what_is_given_is_read_in_each_place_and_completed() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let log = NumbersLog::new(Places::in_folders(folders.iter().map(tempfile::TempDir::path), FILE_NAME));
        let keys = keys();
        assert_eq!(log.read(&keys).unwrap(), Logged::default());
        log.complete(&keys, &[given(1), given(2)]).unwrap();
        log.complete(&keys, &[given(2), given(9999)]).unwrap();
        let all = Logged { given: vec![given(1), given(2), given(9999)], foreign: 0 };
        assert_eq!(log.read(&keys).unwrap(), all);
        assert_eq!(all.highest(), 9999);
        assert!(all.says(given(2).number, &given(2).proving_key) && !all.says(given(2).number, &given(1).proving_key));
        // One place is lost: the other still knows, and completes it.
        fs::remove_file(folders[0].path().join(FILE_NAME)).unwrap();
        assert_eq!(log.read(&keys).unwrap(), all);
        log.take_over(&folders[1].path().join(FILE_NAME)).unwrap();
        let first = NumbersLog::new(Places::in_folders([folders[0].path()], FILE_NAME));
        assert_eq!(first.read(&keys).unwrap(), all);
    }

    #[test]
    fn only_this_office_s_whole_lines_count() {
        let folder = tempfile::tempdir().unwrap();
        let log = NumbersLog::new(Places::in_folders([folder.path()], FILE_NAME));
        let path = folder.path().join(FILE_NAME);
        let (keys, other) = (keys(), OfficeKeys::from_seed(&Seed::fixed(3)));
        log.complete(&keys, &[given(1)]).unwrap();
        // Another office's, one that was torn, one by hand.
        let torn = line(&log_key(&keys), &given(8));
        append(&path, &line(&log_key(&other), &given(9))).unwrap();
        append(&path, &torn[..torn.len() - 3]).unwrap();
        log.complete(&keys, &[given(2)]).unwrap();
        append(&path, "1 1 0007 00 0000000000000000\n").unwrap();
        assert_eq!(log.read(&keys).unwrap(), Logged { given: vec![given(1), given(2)], foreign: 3 });
        let whole = fs::read(&path).unwrap();
        let end = whole.iter().position(|byte| *byte == b'\n').unwrap();
        for place in 0..end {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert!(!log.read(&keys).unwrap().given.contains(&given(1)), "byte {place}");
        }
    }
}
