//! The log of kiosk numbers that were given. It stands outside the database and its backups, so that an office restored from
//! an earlier backup gives none of them twice.
//!
//! A line of [`logs`]: `1 MILLISECONDS NUMBER KEY CHECK`: the form, when (since 1970, UTC), the number, and the proving key of
//! the kiosk that got it.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::domain::tracking_number::KioskNumber;
use crate::office::logs::{self, LogError, LogKey, Places, Text};
use crate::seal::keys::{OfficeKeys, ProvingKey, hex, unhex};

/// The name of the log in the office's folder and beside its backups.
pub const FILE_NAME: &str = "kiosks.log";

const FORM: &str = "1";
const LABEL: &[u8] = b"istiqbal kiosk number 1";

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

    /// Appends to the office's own log what it lacks of these, durable before this returns, and gives the new lines.
    pub fn append(&self, keys: &OfficeKeys, given: &[Given]) -> Result<String, LogError> {
        let (key, mut known) = (log_key(keys), self.read_own(keys)?);
        let mut text = String::new();
        for one in given {
            if !known.says(one.number, &one.proving_key) {
                text.push_str(&line(&key, one));
                known.given.push(*one);
            }
        }
        if !text.is_empty() {
            self.places.change(|file| logs::append(file, &text))?;
        }
        Ok(text)
    }

    /// Appends to the copy beside the backups what the office's own log has just got.
    pub async fn copy(&self, keys: &OfficeKeys, lines: String) {
        let key = log_key(keys);
        if !lines.is_empty() {
            self.places.copy(lines, move |line| key.said(line).is_some()).await;
        }
    }

    /// Completes the copy beside the backups.
    pub async fn complete(&self, keys: &OfficeKeys) {
        let key = log_key(keys);
        self.places.complete(move |line| key.said(line).is_some(), []).await;
    }

    /// Appends to the office's own log the lines of another one that it lacks, such as the one beside a backup. They are
    /// verified when they are read: a restore needs no keys.
    pub fn take_over(&self, other: &Path) -> Result<(), LogError> {
        self.places.take_over(other, |_| true)
    }

    /// Reads the office's own log, and its copy as far as that can be read.
    pub async fn read(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        Ok(Logged::of(&self.places.read_all().await?, keys))
    }

    /// Reads the one in the office's folder.
    pub fn read_own(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        Ok(Logged::of(&[self.places.read_own()?], keys))
    }

    /// Reads the copy beside the backups, as far as it can be read.
    pub async fn read_copy(&self, keys: &OfficeKeys) -> Logged {
        Logged::of(self.places.read_copy().await.as_slice(), keys)
    }

    /// Says why the copy beside the backups may lack lines; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.places.trouble()
    }
}

impl Logged {
    fn of(texts: &[Text], keys: &OfficeKeys) -> Self {
        let key = log_key(keys);
        let (lines, foreign) = logs::parsed(texts, |line| parse(&key, line));
        let mut given: Vec<Given> = Vec::new();
        for (_, one) in lines {
            if !given.contains(&one) {
                given.push(one);
            }
        }
        Self { given, foreign: foreign.len() }
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

    #[tokio::test]
    async fn what_is_given_is_read_in_each_place_and_completed() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let log = NumbersLog::new(Places::in_folders(folders.iter().map(tempfile::TempDir::path), FILE_NAME));
        let keys = keys();
        assert_eq!(log.read(&keys).await.unwrap(), Logged::default());
        log.append(&keys, &[given(1), given(2)]).unwrap();
        let lines = log.append(&keys, &[given(2), given(9999)]).unwrap();
        log.copy(&keys, lines).await;
        assert_eq!(log.read_copy(&keys).await.given, [given(9999)]);
        fs::remove_file(folders[1].path().join(FILE_NAME)).unwrap();
        log.complete(&keys).await;
        assert_eq!(log.read_copy(&keys).await.given.len(), 3);
        let all = Logged { given: vec![given(1), given(2), given(9999)], foreign: 0 };
        assert_eq!(log.read(&keys).await.unwrap(), all);
        assert_eq!(all.highest(), 9999);
        assert!(all.says(given(2).number, &given(2).proving_key) && !all.says(given(2).number, &given(1).proving_key));
        // One place is lost: the other still knows, and completes it.
        fs::remove_file(folders[0].path().join(FILE_NAME)).unwrap();
        assert_eq!(log.read(&keys).await.unwrap(), all);
        log.take_over(&folders[1].path().join(FILE_NAME)).unwrap();
        let first = NumbersLog::new(Places::in_folders([folders[0].path()], FILE_NAME));
        assert_eq!(first.read_own(&keys).unwrap(), all);
    }

    #[test]
    fn only_this_office_s_whole_lines_count() {
        let folder = tempfile::tempdir().unwrap();
        let log = NumbersLog::new(Places::in_folders([folder.path()], FILE_NAME));
        let path = folder.path().join(FILE_NAME);
        let (keys, other) = (keys(), OfficeKeys::from_seed(&Seed::fixed(3)));
        log.append(&keys, &[given(1)]).unwrap();
        // Another office's, one that was torn, one by hand.
        let torn = line(&log_key(&keys), &given(8));
        append(&path, &line(&log_key(&other), &given(9))).unwrap();
        append(&path, &torn[..torn.len() - 3]).unwrap();
        log.append(&keys, &[given(2)]).unwrap();
        append(&path, "1 1 0007 00 0000000000000000\n").unwrap();
        assert_eq!(log.read_own(&keys).unwrap(), Logged { given: vec![given(1), given(2)], foreign: 3 });
        let whole = fs::read(&path).unwrap();
        let end = whole.iter().position(|byte| *byte == b'\n').unwrap();
        for place in 0..end {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert!(!log.read_own(&keys).unwrap().given.contains(&given(1)), "byte {place}");
        }
    }
}
