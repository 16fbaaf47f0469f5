//! The desk's registrations outside the database. What a kiosk registers lies on its own disk until a backup of the office holds
//! it; what staff register stands in the office's database alone. So each registration is written here, synced, before its
//! receipt is given, and an office that was restored from a backup takes in what the backup lacks.
//!
//! A line of [`logs`]: `1 MILLISECONDS REQUEST SEALED CHECK`: the form, when it was registered (since 1970, UTC), the request's
//! random id, and all of it in hexadecimal digits, sealed to the office itself ([`sealing::keep`]) and bound to that id. Of two
//! lines about one request the later counts: it was sent once more after the first could not be committed.
//!
//! A line goes when its request is erased, or when it is older than [`KEPT_DAYS`] and a backup holds the request.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::request::{Request, RequestId};
use crate::domain::tracking_number::KioskNumber;
use crate::office::logs::{self, Failed, LinePlace, LogKey, Places};
use crate::seal::keys::{OfficeKeys, hex};
use crate::seal::sealing;

/// The name of the log in the office's folder and beside its backups.
pub const FILE_NAME: &str = "desk.log";
/// Minimum time for which a registration stays, also when a backup holds it: an earlier backup may be the one that is restored.
pub const KEPT_DAYS: i64 = 30;

const FORM: &str = "1";
const LABEL: &[u8] = b"istiqbal desk log 1";

#[derive(Debug, thiserror::Error)]
#[error(
    "{}: the log of the desk's registrations {what} ({source}). Nothing is registered at the desk until that is put right: a receipt is given only for what lies in a second file", path.display()
)]
pub struct LogError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

impl LogError {
    fn unwritten((path, source): Failed) -> Self {
        Self { path, what: "can't be written", source }
    }

    /// The work on it broke off.
    pub(super) fn broken_off(why: &impl ToString) -> Self {
        Self { path: FILE_NAME.into(), what: "wasn't written", source: io::Error::other(why.to_string()) }
    }
}

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

/// The log, in each of its places. Whoever writes it holds the database's one writer, in whatever process: nobody else does
/// meanwhile.
#[derive(Clone, Debug)]
pub struct DeskLog {
    places: Places,
}

impl DeskLog {
    pub fn new(places: Places) -> Self {
        Self { places }
    }

    /// Appends to each place, durable before this returns.
    pub fn append(&self, keys: &OfficeKeys, registration: &Registration) -> Result<(), LogError> {
        let id = registration.request.id;
        let sealed = postcard::to_allocvec(registration)
            .map_err(|error| error.to_string())
            .and_then(|bytes| sealing::keep(keys, &associated(id), &bytes).map_err(|error| error.to_string()))
            .map_err(|error| LogError::broken_off(&error))?;
        let line = log_key(keys).line(&format!("{FORM} {} {id} {}", registration.at_ms, hex(&sealed)));
        self.places.append(&line).map_err(LogError::unwritten)
    }

    /// Appends to each place the lines of another log that it lacks, such as the one beside a backup. They are verified when
    /// they are read: a restore needs no keys.
    pub fn take_over(&self, other: &std::path::Path) -> Result<(), LogError> {
        let taken = self.places.take_over(other, |_| true);
        taken.map_err(|(path, source)| LogError { path, what: "can't be taken over", source })
    }

    /// Reads all places together; a registration's last line counts.
    pub fn read(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        self.read_places(self.places.all(), keys)
    }

    /// Reads the one in the office's folder.
    pub fn read_own(&self, keys: &OfficeKeys) -> Result<Logged, LogError> {
        self.read_places(self.places.own(), keys)
    }

    fn read_places(&self, places: &[PathBuf], keys: &OfficeKeys) -> Result<Logged, LogError> {
        let key = log_key(keys);
        let (mut found, mut damaged) = (BTreeMap::new(), Vec::new());
        for path in places {
            let failed = |source| LogError { path: path.clone(), what: "can't be read", source };
            for (number, line) in logs::lines(&logs::read(path).map_err(failed)?) {
                match parse(keys, &key, line) {
                    Some(registration) => {
                        found.insert(registration.request.id, registration);
                    }
                    None => damaged.push(LinePlace { path: path.clone(), number }),
                }
            }
        }
        Ok(Logged { registrations: found.into_values().collect(), damaged })
    }

    /// Takes out the lines of these requests.
    pub fn forget(&self, requests: &HashSet<RequestId>) -> Result<(), LogError> {
        if requests.is_empty() {
            return Ok(());
        }
        self.take_out(|_, id| requests.contains(&id))
    }

    /// Gives the requests whose lines are older than [`KEPT_DAYS`].
    pub fn old(&self, now: DateTime<Utc>) -> Result<HashSet<RequestId>, LogError> {
        let before = (now - TimeDelta::days(KEPT_DAYS)).timestamp_millis();
        let mut old = HashSet::new();
        for path in self.places.all() {
            let failed = |source| LogError { path: path.clone(), what: "can't be read", source };
            let text = logs::read(path).map_err(failed)?;
            old.extend(logs::lines(&text).filter_map(|(_, line)| about(line)).filter(|(at, _)| *at < before));
        }
        Ok(old.into_iter().map(|(_, id)| id).collect())
    }

    fn take_out(&self, is_out: impl Fn(i64, RequestId) -> bool) -> Result<(), LogError> {
        let is_out = |line: &str| about(line).is_some_and(|(at, id)| is_out(at, id));
        self.places.each(|place| logs::take_out(place, is_out).map(|_| ())).map_err(LogError::unwritten)
    }
}

fn log_key(keys: &OfficeKeys) -> LogKey {
    LogKey::new(keys.desk_key(), LABEL)
}

fn associated(id: RequestId) -> Vec<u8> {
    [b"desk registration ".as_slice(), &id.0].concat()
}

/// When, and about which request, a line says to be; nothing of it is verified.
fn about(line: &str) -> Option<(i64, RequestId)> {
    let mut words = line.split(' ');
    let (form, at, id) = (words.next()?, words.next()?, words.next()?);
    if form == FORM { Some((at.parse().ok()?, id.parse().ok()?)) } else { None }
}

fn parse(keys: &OfficeKeys, key: &LogKey, line: &str) -> Option<Registration> {
    let words: Vec<&str> = key.said(line)?.split(' ').collect();
    let [FORM, at, id, sealed] = words.as_slice() else { return None };
    let id: RequestId = id.parse().ok()?;
    let opened = sealing::open_kept(keys, &associated(id), &bytes_of(sealed)?).ok()?;
    let registration: Registration = postcard::from_bytes(&opened).ok()?;
    let Registration { request, at_ms, .. } = &registration;
    let agrees = request.id == id && at.parse() == Ok(*at_ms);
    (agrees && request.tracking_number.kiosk() == KioskNumber::DESK).then_some(registration)
}

/// Bytes from hexadecimal digits, two each.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(value(*high)? << 4 | value(*low)?) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::domain::answers::Answers;
    use crate::domain::declaration::Versions;
    use crate::domain::documents::DocumentAnswer;
    use crate::domain::language::Language;
    use crate::domain::request::{Beneficiary, Channel};
    use crate::domain::tracking_number::TrackingNumber;
    use crate::seal::seed::Seed;

    fn keys() -> OfficeKeys {
        OfficeKeys::from_seed(&Seed::fixed(1))
    }

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_793_520_000_123).unwrap()
    }

    fn registration(byte: u8, number: u32) -> Registration {
        Registration {
            request: Request {
                id: RequestId([byte; 16]),
                tracking_number: TrackingNumber::new(KioskNumber::DESK, number),
                language: Language::Arabic,
                channel: Channel::Phone,
                beneficiary: Beneficiary::External,
                versions: Versions { catalogue: 1, declaration: 2, privacy_notice: 3, policy: 4 },
                answers: Answers::default(),
                documents: [("id_card".to_owned(), DocumentAnswer::Later)].into(),
            },
            actor: "person:00ff".into(),
            at_ms: at().timestamp_millis(),
            day: "2026-11-01".parse().unwrap(),
            day_is_in_doubt: true,
        }
    }

    fn log(folders: &[&Path]) -> DeskLog {
        DeskLog::new(Places::in_folders(folders.iter().copied(), FILE_NAME))
    }

    #[test]
    fn what_is_registered_is_read_and_forgotten_in_each_place() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let both = log(&[folders[0].path(), folders[1].path()]);
        let keys = keys();
        assert_eq!(both.read(&keys).unwrap(), Logged::default());
        // The second was sent twice: its first number was never given.
        for (byte, number) in [(1, 7), (2, 8), (2, 9)] {
            both.append(&keys, &registration(byte, number)).unwrap();
        }
        let all = vec![registration(1, 7), registration(2, 9)];
        for folder in &folders {
            let read = log(&[folder.path()]).read_own(&keys).unwrap();
            assert_eq!(read, Logged { registrations: all.clone(), damaged: vec![] });
            let text = fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
            assert!(!text.contains("id_card") && !text.contains(&hex(b"id_card")), "sealed: {text}");
        }
        both.forget(&[RequestId([2; 16])].into()).unwrap();
        assert_eq!(log(&[folders[1].path()]).read(&keys).unwrap().registrations, all[..1]);
        fs::remove_file(folders[0].path().join(FILE_NAME)).unwrap();
        both.take_over(&folders[1].path().join(FILE_NAME)).unwrap();
        assert_eq!(both.read_own(&keys).unwrap().registrations, all[..1]);
        let days = |days| at() + TimeDelta::days(days);
        assert!(both.old(days(KEPT_DAYS)).unwrap().is_empty());
        assert_eq!(both.old(days(KEPT_DAYS) + TimeDelta::seconds(1)).unwrap(), [RequestId([1; 16])].into());
    }

    #[test]
    fn a_torn_or_changed_line_is_named_and_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let (log, keys) = (log(&[folder.path()]), keys());
        log.append(&keys, &registration(1, 7)).unwrap();
        let first = fs::read(&path).unwrap().len();
        log.append(&keys, &registration(2, 8)).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in (first..whole.len() - 1).step_by(7) {
            fs::write(&path, &whole[..length]).unwrap();
            log.append(&keys, &registration(3, 9)).unwrap();
            let read = log.read(&keys).unwrap();
            assert_eq!(read.registrations, [registration(1, 7), registration(3, 9)], "cut at {length}");
            let torn: Vec<usize> = read.damaged.iter().map(|line| line.number).collect();
            assert_eq!(torn, if length > first { vec![2] } else { vec![] }, "cut at {length}");
        }
        for place in (0..first - 1).step_by(11) {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            let read = log.read(&keys).unwrap();
            assert_eq!((read.registrations, read.damaged.len()), (vec![registration(2, 8)], 1), "byte {place}");
        }
        // Another office's lines are nothing here.
        fs::write(&path, &whole).unwrap();
        let other = OfficeKeys::from_seed(&Seed::fixed(2));
        assert_eq!(log.read(&other).unwrap().damaged.len(), 2);
        for digits in ["0", "0g", "٠٠"] {
            assert_eq!(bytes_of(digits), None, "{digits}");
        }
    }

    /// The form of today, which is read for ever.
    #[test]
    fn a_log_of_this_form_is_read() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/office/desk/golden");
        let expected = Logged { registrations: vec![registration(1, 7)], damaged: vec![] };
        assert_eq!(log(&[&golden]).read(&keys()).unwrap(), expected);
    }
}
