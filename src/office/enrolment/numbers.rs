//! The log of kiosk numbers that were given. It stands outside the database and its backups, so that an office restored from
//! an earlier backup gives none of them twice.
//!
//! Text, a line each: `1 MILLISECONDS NUMBER KEY CHECK`: the form, when (since 1970, UTC), the number, the proving key of the
//! kiosk that got it, and the first 16 hexadecimal digits of an HMAC-SHA256 over what stands before, by a key of the office: a
//! line that somebody else appends, or a torn one, is passed over and counted.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::tracking_number::KioskNumber;
use crate::office::erasure::log::append;
use crate::seal::keys::{OfficeKeys, ProvingKey, hex, unhex};

/// The name of the log in the office's folder and beside its backups.
pub const FILE_NAME: &str = "kiosks.log";

const FORM: &str = "1";
const LABEL: &[u8] = b"istiqbal kiosk number 1";
const CHECK_DIGITS: usize = 16;

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
    places: Vec<PathBuf>,
}

impl NumbersLog {
    pub fn in_folders<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut places: Vec<PathBuf> = folders.into_iter().map(|folder| folder.join(FILE_NAME)).collect();
        places.dedup();
        Self { places }
    }

    /// Appends to each place what it lacks of these, durable before this returns.
    pub fn complete(&self, keys: &OfficeKeys, given: &[Given]) -> Result<(), LogError> {
        self.each(|place| {
            let logged = read(place)?.given(keys);
            let is_known = |one: &Given| {
                logged.given.iter().any(|known| (known.number, known.proving_key) == (one.number, one.proving_key))
            };
            let text: String = given.iter().filter(|one| !is_known(one)).map(|one| line(keys, one)).collect();
            if text.is_empty() { Ok(()) } else { append(place, &text) }
        })
    }

    /// Appends to each place the lines of another log that it lacks, such as the one beside a backup. They are verified when
    /// they are read: a restore needs no keys.
    pub fn take_over(&self, other: &Path) -> Result<(), LogError> {
        let failed = |source| LogError { path: other.to_owned(), what: "can't be read", source };
        let others = read(other).map_err(failed)?;
        self.each(|place| {
            let known = read(place)?;
            let known: HashSet<&str> = known.lines().collect();
            let text: String =
                others.lines().filter(|line| !known.contains(line)).map(|line| format!("{line}\n")).collect();
            if text.is_empty() { Ok(()) } else { append(place, &text) }
        })
    }

    /// Reads all places together.
    pub fn read(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        let mut all = Logged::default();
        for place in &self.places {
            let failed = |source| LogError { path: place.clone(), what: "can't be read", source };
            let Logged { given, foreign } = read(place).map_err(failed)?.given(keys);
            let lacking = given.into_iter().filter(|one| !all.given.contains(one)).collect::<Vec<_>>();
            all.given.extend(lacking);
            all.foreign += foreign;
        }
        Ok(all)
    }

    fn each(&self, write: impl Fn(&Path) -> io::Result<()>) -> Result<(), LogError> {
        for place in &self.places {
            write(place).map_err(|source| LogError { path: place.clone(), what: "can't be written", source })?;
        }
        Ok(())
    }
}

impl Logged {
    /// 0 where none was given.
    pub fn highest(&self) -> u16 {
        self.given.iter().map(|given| given.number.get()).max().unwrap_or(0)
    }

    pub fn says(&self, number: KioskNumber, key: &ProvingKey) -> bool {
        self.given.iter().any(|given| given.number == number && given.proving_key == *key)
    }
}

/// A log's text, nothing of it verified.
struct Text(String);

fn read(path: &Path) -> io::Result<Text> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Text(String::new())),
        other => Ok(Text(String::from_utf8_lossy(&other?).into_owned())),
    }
}

impl Text {
    fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.split('\n').filter(|line| !line.is_empty())
    }

    fn given(&self, keys: &OfficeKeys) -> Logged {
        let mut logged = Logged::default();
        for line in self.lines() {
            match parse(keys, line) {
                Some(given) => logged.given.push(given),
                None => logged.foreign += 1,
            }
        }
        logged
    }
}

fn line(keys: &OfficeKeys, given: &Given) -> String {
    let Given { number, proving_key, at } = given;
    let said = format!("{FORM} {} {number} {}", at.timestamp_millis(), hex(&proving_key.0));
    format!("{said} {}\n", check(keys, &said))
}

fn parse(keys: &OfficeKeys, line: &str) -> Option<Given> {
    let (said, given) = line.rsplit_once(' ')?;
    if given != check(keys, said) {
        return None;
    }
    let words: Vec<&str> = said.split(' ').collect();
    let [FORM, at, number, key] = words.as_slice() else { return None };
    Some(Given {
        number: number.parse::<u16>().ok()?.try_into().ok()?,
        proving_key: ProvingKey(unhex(key)?),
        at: DateTime::from_timestamp_millis(at.parse().ok()?)?,
    })
}

fn check(keys: &OfficeKeys, said: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(keys.numbers_key()).expect("HMAC takes keys of any length");
    mac.update(LABEL);
    mac.update(said.as_bytes());
    hex(&mac.finalize().into_bytes()[..CHECK_DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let log = NumbersLog::in_folders(folders.iter().map(tempfile::TempDir::path));
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
        let first = NumbersLog::in_folders([folders[0].path()]);
        assert_eq!(first.read(&keys).unwrap(), all);
    }

    #[test]
    fn only_this_office_s_whole_lines_count() {
        let folder = tempfile::tempdir().unwrap();
        let log = NumbersLog::in_folders([folder.path()]);
        let path = folder.path().join(FILE_NAME);
        let (keys, other) = (keys(), OfficeKeys::from_seed(&Seed::fixed(3)));
        log.complete(&keys, &[given(1)]).unwrap();
        // Another office's, one that was torn, one by hand.
        let torn = line(&keys, &given(8));
        append(&path, &line(&other, &given(9))).unwrap();
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
