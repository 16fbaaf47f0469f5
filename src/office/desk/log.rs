//! The desk's registrations outside the database. What a kiosk registers lies on its own disk until a backup of the office holds
//! it; what staff register stands in the office's database alone. So each registration is written here, synced, before its
//! receipt is given, and an office that was restored from a backup takes in what the backup lacks.
//!
//! Lines of [`logs`]:
//! - `2 SEQUENCE MILLISECONDS REQUEST SEALED CHECK`: a registration: its number in this log, when (since 1970, UTC), the request's
//!   random id, and all of it in hexadecimal digits, sealed to the office itself ([`sealing::keep`]) and bound to that id. Of
//!   two about one request the one with the greater number counts: the form was sent once more after the first came to nothing.
//! - `1 MILLISECONDS REQUEST SEALED CHECK`: the same as earlier versions wrote it. Its number is 0; of two, the later line counts.
//! - `3 BACKUP SEQUENCE CHECK`: the backup of this number, and each that is made after it, holds the registrations up to SEQUENCE.
//!
//! A line goes when its request is erased, or when every backup that stays holds it. No clock decides that.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::request::{Request, RequestId};
use crate::domain::tracking_number::KioskNumber;
use crate::office::logs::{self, LinePlace, LogError, LogKey, Places, Text};
use crate::seal::keys::{OfficeKeys, hex, unhex_all};
use crate::seal::sealing;

/// The name of the log in the office's folder and beside its backups.
pub const FILE_NAME: &str = "desk.log";

const UNNUMBERED: &str = "1";
const NUMBERED: &str = "2";
const HELD: &str = "3";
const LABEL: &[u8] = b"istiqbal desk log 1";

/// A registration as it is kept. Its postcard bytes are a format that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub request: Request,
    /// Who registered it, as the trail names people
    pub actor: String,
    /// Milliseconds since 1970, UTC
    pub at_ms: i64,
    /// The day from which the fourteen days count
    pub day: NaiveDate,
    /// Nobody has confirmed that day yet, since the witnesses of the time disagreed
    pub day_is_in_doubt: bool,
}

/// Content of the log in the office's folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Logged {
    pub registrations: Vec<Registration>,
    /// Lines that this office hasn't written, or not to their end
    pub damaged: Vec<LinePlace>,
}

/// A backup that was just made, as far as the log is concerned.
#[derive(Clone, Debug)]
pub struct Backup {
    pub number: u64,
    /// Of this log's requests, those that it holds
    pub holds: HashSet<RequestId>,
    /// The smallest number of all backups that stay; `None` where too few stay, or one has no number
    pub oldest: Option<u64>,
}

/// The log, in each of its places. Whoever writes it holds the database's one writer, in whatever process: nobody else does
/// meanwhile.
#[derive(Clone, Debug)]
pub struct DeskLog {
    places: Places,
    /// The newest registration's number, once it is known: the serving office alone gives them
    newest: Arc<Mutex<Option<u64>>>,
}

impl DeskLog {
    /// Holds up whoever appends.
    #[cfg(test)]
    pub(crate) fn held_up(&self) -> std::sync::MutexGuard<'_, Option<u64>> {
        self.newest.lock().unwrap()
    }

    /// True while somebody else has this log in hand.
    #[cfg(test)]
    pub(crate) fn is_in_hand(&self) -> bool {
        Arc::strong_count(&self.newest) > 1
    }

    pub fn new(places: Places) -> Self {
        Self { places, newest: Arc::default() }
    }

    /// Appends to the office's own log, durable before this returns, and gives the line.
    pub fn append(&self, keys: &OfficeKeys, registration: &Registration) -> Result<String, LogError> {
        let (key, id) = (log_key(keys), registration.request.id);
        self.places.change(|file| {
            let bytes = postcard::to_allocvec(registration).map_err(|error| io::Error::other(error.to_string()))?;
            let sealed = sealing::keep(keys, &associated(id), &bytes).map_err(io::Error::other)?;
            let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
            let before = match *newest {
                Some(before) => before,
                None => told_in(&logs::read(file)?, &key).iter().map(Told::sequence).max().unwrap_or(0),
            };
            let sequence = before.saturating_add(1);
            *newest = Some(sequence);
            let line = key.line(&format!("{NUMBERED} {sequence} {} {id} {}", registration.at_ms, hex(&sealed)));
            logs::append(file, &line)?;
            Ok(line)
        })
    }

    /// Takes the line of a registration that came to nothing out of the office's own log.
    pub fn withdraw(&self, line: &str) -> Result<(), LogError> {
        self.places.change(|file| logs::withdraw(file, line))
    }

    /// Takes the line of a registration that came to nothing out of the copy beside the backups, which may have got it.
    pub async fn withdraw_from_copy(&self, line: &str) {
        // Its check stands in no other line.
        self.places.take_out_of_copy(line.trim_end().rsplit(' ').next().map(str::to_owned)).await;
    }

    /// Appends to the copy beside the backups what the office's own log has just got.
    pub async fn copy(&self, keys: &OfficeKeys, line: String) {
        self.places.copy(line, is_registration(log_key(keys))).await;
    }

    /// Completes the copy beside the backups, and takes out of it what is about these requests.
    pub async fn complete(&self, keys: &OfficeKeys, gone: HashSet<RequestId>) {
        self.places.complete(is_registration(log_key(keys)), words(&gone)).await;
    }

    /// Takes out of the copy beside the backups what is about these requests.
    pub async fn forget_in_copy(&self, requests: HashSet<RequestId>) {
        if !requests.is_empty() {
            self.places.take_out_of_copy(words(&requests)).await;
        }
    }

    /// Gives the requests that the copy beside the backups tells of, by lines up to a number.
    pub async fn requests_in_copy(&self, keys: &OfficeKeys, through: u64) -> HashSet<RequestId> {
        let (key, text) = (log_key(keys), self.places.read_copy().await);
        let (told, _) = logs::parsed(text.as_slice(), |line| Told::read(line, &key));
        told.into_iter().filter(|(_, told)| told.sequence() <= through).filter_map(|(_, told)| told.request()).collect()
    }

    /// Appends to the office's own log the lines of another one that it lacks, such as the one beside a backup. They are
    /// verified when they are read: a restore needs no keys.
    pub fn take_over(&self, other: &Path) -> Result<(), LogError> {
        self.places.take_over(other, |_| true)
    }

    /// Reads the office's own log, and its copy as far as that can be read; of each request the registration that counts.
    pub async fn read(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        Ok(Logged::of(&self.places.read_all().await?, keys))
    }

    /// Reads the one in the office's folder.
    pub fn read_own(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        Ok(Logged::of(&[self.places.read_own()?], keys))
    }

    /// Says why the copy beside the backups may lack lines, or still have some; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.places.trouble()
    }

    /// Takes the lines of these requests out of the office's own log, torn ones, too.
    pub fn forget(&self, requests: &HashSet<RequestId>) -> Result<(), LogError> {
        if requests.is_empty() {
            return Ok(());
        }
        self.places.change(|file| logs::take_out(file, |line| is_about(line, requests)))
    }

    /// Gives the requests that verified lines of the office's own log tell of.
    pub fn requests(&self, keys: &OfficeKeys) -> Result<HashSet<RequestId>, LogError> {
        let texts = [self.places.read_own()?];
        let (told, _) = logs::parsed(&texts, |line| Told::read(line, &log_key(keys)));
        Ok(told.into_iter().filter_map(|(_, told)| told.request()).collect())
    }

    /// Notes a new backup in the office's own log, and takes out what every backup that stays holds. Gives the number up to
    /// which that is so.
    pub fn thin(&self, keys: &OfficeKeys, made: &Backup) -> Result<Option<u64>, LogError> {
        let key = log_key(keys);
        self.places.change(|file| {
            let text = logs::read(file)?;
            let told = told_in(&text, &key);
            let is_lacking = |told: &&Told| told.request().is_some_and(|request| !made.holds.contains(&request));
            let through = match told.iter().filter(is_lacking).map(Told::sequence).min() {
                Some(lacking) => lacking.checked_sub(1),
                None => told.iter().map(Told::sequence).max(),
            };
            // Earlier backups were said to hold this, unless this one lacks it: then it was lost in between.
            let mut held: BTreeMap<u64, u64> = BTreeMap::new();
            let earlier = told.iter().filter_map(Told::held).filter(|held| Some(held.through) <= through);
            for Held { backup, through } in earlier.chain(through.map(|through| Held { backup: made.number, through }))
            {
                let first = held.entry(through).or_insert(backup);
                *first = backup.min(*first);
            }
            let is_before_all = |backup: u64| made.oldest.is_some_and(|oldest| backup <= oldest);
            let gone = held.iter().filter(|(_, backup)| is_before_all(**backup)).map(|(through, _)| *through).max();
            // The newest of those that are needed no more says which numbers were given.
            let held = gone.map_or(held.clone(), |gone| held.split_off(&gone));
            let notes: Vec<String> =
                held.iter().map(|(through, backup)| key.line(&format!("{HELD} {backup} {through}"))).collect();
            let is_noted = |line: &str| notes.iter().any(|note| note.trim_end() == line);
            let is_out = |line: &str| match Told::read(line, &key) {
                Some(told @ Told::Registered { .. }) => Some(told.sequence()) <= gone,
                Some(Told::Held(_)) => !is_noted(line),
                None => false,
            };
            let new = notes.iter().filter(|note| !logs::lines(&text).any(|(_, line)| line == note.trim_end()));
            logs::amend(file, &text, is_out, &new.cloned().collect::<String>())?;
            Ok(gone)
        })
    }
}

impl Logged {
    fn of(texts: &[Text], keys: &OfficeKeys) -> Self {
        let key = log_key(keys);
        let opened = |line| match Told::read(line, &key)? {
            Told::Held(_) => Some(None),
            told => Some(Some((told.sequence(), told.registration(keys)?))),
        };
        let (told, damaged) = logs::parsed(texts, opened);
        let mut found: BTreeMap<RequestId, (u64, Registration)> = BTreeMap::new();
        for (sequence, registration) in told.into_iter().filter_map(|(_, told)| told) {
            let id = registration.request.id;
            if found.get(&id).is_none_or(|(before, _)| *before <= sequence) {
                found.insert(id, (sequence, registration));
            }
        }
        Self { registrations: found.into_values().map(|(_, registration)| registration).collect(), damaged }
    }
}

/// Registrations that a backup, and each later one, holds.
#[derive(Clone, Copy)]
struct Held {
    backup: u64,
    /// The number of the newest registration in it
    through: u64,
}

/// Content of a line of this office, the registration still sealed.
enum Told<'a> {
    Registered { sequence: u64, at_ms: i64, request: RequestId, sealed: &'a str },
    Held(Held),
}

impl<'a> Told<'a> {
    fn read(line: &'a str, key: &LogKey) -> Option<Self> {
        let words: Vec<&str> = key.said(line)?.split(' ').collect();
        let (sequence, at, id, sealed) = match words.as_slice() {
            [UNNUMBERED, at, id, sealed] => (0, at, id, *sealed),
            [NUMBERED, sequence, at, id, sealed] => (sequence.parse().ok()?, at, id, *sealed),
            [HELD, backup, through] => {
                return Some(Self::Held(Held { backup: backup.parse().ok()?, through: through.parse().ok()? }));
            }
            _ => return None,
        };
        Some(Self::Registered { sequence, at_ms: at.parse().ok()?, request: id.parse().ok()?, sealed })
    }

    /// The number of the registration, or of the newest one that is held.
    fn sequence(&self) -> u64 {
        match self {
            Self::Registered { sequence, .. } => *sequence,
            Self::Held(held) => held.through,
        }
    }

    fn request(&self) -> Option<RequestId> {
        if let Self::Registered { request, .. } = self { Some(*request) } else { None }
    }

    fn held(&self) -> Option<Held> {
        if let Self::Held(held) = self { Some(*held) } else { None }
    }

    fn registration(&self, keys: &OfficeKeys) -> Option<Registration> {
        let Self::Registered { at_ms, request, sealed, .. } = self else { return None };
        let opened = sealing::open_kept(keys, &associated(*request), &unhex_all(sealed)?).ok()?;
        let registration: Registration = postcard::from_bytes(&opened).ok()?;
        let agrees = registration.request.id == *request && registration.at_ms == *at_ms;
        (agrees && registration.request.tracking_number.kiosk() == KioskNumber::DESK).then_some(registration)
    }
}

fn told_in<'a>(text: &'a str, key: &LogKey) -> Vec<Told<'a>> {
    logs::lines(text).filter_map(|(_, line)| Told::read(line, key)).collect()
}

fn is_registration(key: LogKey) -> impl Fn(&str) -> bool + Send + 'static {
    move |line| matches!(Told::read(line, &key), Some(Told::Registered { .. }))
}

/// The words by which lines about these requests are known.
fn words(requests: &HashSet<RequestId>) -> impl Iterator<Item = String> {
    requests.iter().map(RequestId::to_string)
}

/// Whether a line names one of these requests, whoever wrote it and however it was torn.
fn is_about(line: &str, requests: &HashSet<RequestId>) -> bool {
    line.split(' ').any(|word| word.parse::<RequestId>().is_ok_and(|id| requests.contains(&id)))
}

fn log_key(keys: &OfficeKeys) -> LogKey {
    LogKey::new(keys.desk_key(), LABEL)
}

fn associated(id: RequestId) -> Vec<u8> {
    [b"desk registration ".as_slice(), &id.0].concat()
}
