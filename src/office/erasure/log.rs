//! The log of what was erased. It stands outside the database and its backups, so that a restored backup doesn't bring back
//! whom it still holds. A line is appended and synced before anything is destroyed. No personal data: ids and numbers say
//! nothing once their request is erased.
//!
//! Lines of [`logs`]: `3 MILLISECONDS REQUEST NUMBER CHECK`: the form, when (since 1970, UTC), the request's random id and its
//! tracking number; or, for a suggestion, `4 MILLISECONDS HASH CHECK` with the hash of its envelope's header.
//!
//! Earlier versions wrote the forms 1 and 2, which are the same but for their check: the first 8 hexadecimal digits of a SHA-256
//! without a key, which anybody can compute who may write the file. So they count only where they stood in the office's own
//! folder when it was updated, and from beside a backup when somebody accepts them (`erasure/mod.rs`, `backup/restore.rs`).

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use chrono::{DateTime, SecondsFormat};

use crate::domain::tracking_number::TrackingNumber;
use crate::office::database::erasures::{Erased, Erasure};
use crate::office::logs::{self, LinePlace, LogError, LogKey, Places, Text};
use crate::seal::envelope::HeaderHash;
use crate::seal::keys::{OfficeKeys, hex, sha256, unhex};

/// The name of the log in the office's folder and beside its backups.
pub const FILE_NAME: &str = "erased.log";

const UNKEYED_REQUEST: &str = "1";
const UNKEYED_SUGGESTION: &str = "2";
const REQUEST: &str = "3";
const SUGGESTION: &str = "4";
const LABEL: &[u8] = b"istiqbal erased 2";
const UNKEYED_CHECK_DIGITS: usize = 8;

/// The log, in each of its places.
#[derive(Clone, Debug)]
pub struct ErasedLog {
    places: Places,
    key: LogKey,
}

/// An erasure that a line without a key tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unkeyed {
    pub line: LinePlace,
    pub erasure: Erasure,
}

impl fmt::Display for Unkeyed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.erasure.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self.erasure.what {
            Erased::Request { request, tracking_number } => {
                write!(formatter, "request {tracking_number} ({request}), erased {at}, by {}", self.line)
            }
            Erased::Suggestion(hash) => {
                write!(formatter, "suggestion {}, erased {at}, by {}", hex(&hash.0), self.line)
            }
        }
    }
}

/// What a log says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Logged {
    pub erasures: Vec<Erasure>,
    /// Told of by lines without a key alone
    pub unkeyed: Vec<Unkeyed>,
    /// Lines that this office hasn't written, or not to their end
    pub damaged: Vec<LinePlace>,
}

impl ErasedLog {
    pub fn new(places: Places, keys: &OfficeKeys) -> Self {
        Self { places, key: log_key(keys) }
    }

    /// Appends to the office's own log what it lacks of these, durable before this returns, and gives the new lines.
    pub fn append(&self, erasures: &[Erasure]) -> Result<String, LogError> {
        let known = self.read_own()?.erasures;
        let known: HashSet<Erased> = known.into_iter().map(|erasure| erasure.what).collect();
        let lacking = erasures.iter().filter(|erasure| !known.contains(&erasure.what));
        let text: String = lacking.map(|erasure| self.line(erasure)).collect();
        if !text.is_empty() {
            self.places.change(|file| logs::append(file, &text))?;
        }
        Ok(text)
    }

    /// Takes lines that were just appended out of the office's own log: the erasure came to nothing.
    pub fn withdraw(&self, lines: &str) -> Result<(), LogError> {
        if lines.is_empty() { Ok(()) } else { self.places.change(|file| logs::withdraw(file, lines)) }
    }

    /// Takes such lines out of the copy beside the backups, which may have got them meanwhile.
    pub async fn withdraw_from_copy(&self, lines: &str) {
        // Their checks stand in no other lines.
        let checks: Vec<String> = lines.lines().filter_map(|line| line.rsplit(' ').next().map(str::to_owned)).collect();
        if !checks.is_empty() {
            self.places.take_out_of_copy(checks).await;
        }
    }

    /// Appends to the copy beside the backups what the office's own log has just got.
    pub async fn copy(&self, lines: String) {
        if !lines.is_empty() {
            self.places.copy(lines, self.is_ours()).await;
        }
    }

    /// Completes the copy beside the backups.
    pub async fn complete(&self) {
        self.places.complete(self.is_ours(), []).await;
    }

    fn is_ours(&self) -> impl Fn(&str) -> bool + Send + use<> {
        let key = self.key.clone();
        move |line| key.said(line).is_some()
    }

    /// Reads the office's own log, and its copy as far as that can be read. A log that isn't there is an empty one.
    pub async fn read(&self) -> Result<Logged, LogError> {
        Ok(read(&self.places.read_all().await?, Some(&self.key)))
    }

    /// Reads the one in the office's folder: the one that is obeyed.
    pub fn read_own(&self) -> Result<Logged, LogError> {
        Ok(read(&[self.places.read_own()?], Some(&self.key)))
    }

    /// Says why the copy beside the backups may lack lines; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.places.trouble()
    }

    fn line(&self, erasure: &Erasure) -> String {
        let at = erasure.at.timestamp_millis();
        self.key.line(&match erasure.what {
            Erased::Request { request, tracking_number } => format!("{REQUEST} {at} {request} {tracking_number}"),
            Erased::Suggestion(hash) => format!("{SUGGESTION} {at} {}", hex(&hash.0)),
        })
    }
}

/// Gives the key by which an office knows its lines.
pub fn log_key(keys: &OfficeKeys) -> LogKey {
    LogKey::new(keys.erased_key(), LABEL)
}

/// Appends to the office's own log the lines with a key that stand in another log, such as the one beside a backup, and that it
/// lacks. They are verified when they are read.
pub fn take_over(places: &Places, other: &Path) -> Result<(), LogError> {
    places.take_over(other, |line| matches!(parse(line, None), Some(Line::Keyed(_))))
}

/// Reads for a restore the office's own log, and the one beside the backup.
pub fn read_to_restore(places: &Places, key: Option<&LogKey>) -> Result<Logged, LogError> {
    Ok(read(&places.read_to_restore(|line| parse(line, key).is_some())?, key))
}

/// Reads logs together, each erasure once. Without the key nobody can tell which lines with a key are the office's own: they
/// are taken as they stand.
fn read(texts: &[Text], key: Option<&LogKey>) -> Logged {
    let (lines, damaged) = logs::parsed(texts, |line| parse(line, key));
    let (mut logged, mut known) = (Logged { damaged, ..Logged::default() }, HashSet::new());
    for (line, said) in lines {
        match said {
            Line::Keyed(erasure) if known.insert(erasure.what) => logged.erasures.push(erasure),
            Line::Keyed(_) => {}
            Line::Unkeyed(erasure) => logged.unkeyed.push(Unkeyed { line, erasure }),
        }
    }
    // An erasure that a keyed line names needs no other line; two lines about one count once.
    logged.unkeyed.retain(|unkeyed| known.insert(unkeyed.erasure.what));
    logged
}

enum Line {
    Keyed(Erasure),
    Unkeyed(Erasure),
}

fn parse(line: &str, key: Option<&LogKey>) -> Option<Line> {
    let (said, check) = line.rsplit_once(' ')?;
    let (form, rest) = said.split_once(' ')?;
    let is_keyed = [REQUEST, SUGGESTION].contains(&form);
    let is_right = match key {
        Some(key) if is_keyed => key.said(line).is_some(),
        None if is_keyed => true,
        _ => check == unkeyed_check(said),
    };
    if !is_right {
        return None;
    }
    let words: Vec<&str> = rest.split(' ').collect();
    let (at, what) = match (form, words.as_slice()) {
        (REQUEST | UNKEYED_REQUEST, [at, request, number]) => {
            let tracking_number = TrackingNumber::parse(number).ok()?;
            (at, Erased::Request { request: request.parse().ok()?, tracking_number })
        }
        (SUGGESTION | UNKEYED_SUGGESTION, [at, hash]) => (at, Erased::Suggestion(HeaderHash(unhex(hash)?))),
        _ => return None,
    };
    let erasure = Erasure { what, at: DateTime::from_timestamp_millis(at.parse().ok()?)? };
    Some(if is_keyed { Line::Keyed(erasure) } else { Line::Unkeyed(erasure) })
}

/// The check of the forms 1 and 2.
fn unkeyed_check(said: &str) -> String {
    hex(&sha256(&[b"istiqbal erased 1", said.as_bytes()])[..UNKEYED_CHECK_DIGITS / 2])
}

/// A line as earlier versions wrote it, and as anybody can.
#[cfg(test)]
pub(crate) fn unkeyed_line(erasure: &Erasure) -> String {
    let at = erasure.at.timestamp_millis();
    let said = match erasure.what {
        Erased::Request { request, tracking_number } => format!("{UNKEYED_REQUEST} {at} {request} {tracking_number}"),
        Erased::Suggestion(hash) => format!("{UNKEYED_SUGGESTION} {at} {}", hex(&hash.0)),
    };
    format!("{said} {}\n", unkeyed_check(&said))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::request::RequestId;
    use crate::seal::seed::Seed;

    fn erasure(byte: u8) -> Erasure {
        let kiosk = 1.try_into().unwrap();
        let at = DateTime::from_timestamp_millis(1_793_520_000_123).unwrap();
        let (request, tracking_number) = (RequestId([byte; 16]), TrackingNumber::new(kiosk, byte.into()));
        Erasure { what: Erased::Request { request, tracking_number }, at }
    }

    fn suggestion(byte: u8) -> Erasure {
        Erasure { what: Erased::Suggestion(HeaderHash([byte; 32])), ..erasure(byte) }
    }

    fn log_of<'a>(folders: impl IntoIterator<Item = &'a Path>, seed: u8) -> ErasedLog {
        ErasedLog::new(Places::in_folders(folders, FILE_NAME), &OfficeKeys::from_seed(&Seed::fixed(seed)))
    }

    #[tokio::test]
    async fn what_is_appended_is_read_in_each_place() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let log = log_of(folders.iter().map(tempfile::TempDir::path), 1);
        assert_eq!(log.read_own().unwrap(), Logged::default());
        log.append(&[erasure(1), erasure(2)]).unwrap();
        let lines = log.append(&[suggestion(3)]).unwrap();
        assert_eq!(log_of([folders[1].path()], 1).read_own().unwrap(), Logged::default(), "the copy comes afterwards");
        logs::append(&folders[1].path().join(FILE_NAME), "torn").unwrap();
        log.copy(lines).await;
        let copy = || log_of([folders[1].path()], 1).read_own().unwrap();
        assert_eq!((copy().erasures, copy().damaged.len()), (vec![suggestion(3)], 1));
        log.complete().await;
        assert_eq!(copy().erasures.len(), 3);
        fs::remove_file(folders[1].path().join(FILE_NAME)).unwrap();
        log.complete().await;
        let all = vec![erasure(1), erasure(2), suggestion(3)];
        for folder in &folders {
            let read = log_of([folder.path()], 1).read_own().unwrap();
            assert_eq!(read, Logged { erasures: all.clone(), ..Logged::default() });
        }
        // One place is lost: the other still knows, and what is known completes the lost one.
        fs::remove_file(folders[0].path().join(FILE_NAME)).unwrap();
        assert_eq!(log.read().await.unwrap().erasures, all);
        assert_eq!(log.read_own().unwrap().erasures, []);
        take_over(&log.places, &folders[1].path().join(FILE_NAME)).unwrap();
        assert_eq!(log.read_own().unwrap().erasures, all);
        fs::remove_file(folders[0].path().join(FILE_NAME)).unwrap();
        log.append(&all).unwrap();
        assert_eq!(log.append(&all).unwrap(), "", "each once");
        assert_eq!(log.read_own().unwrap().erasures, all);
    }

    #[test]
    fn a_torn_or_changed_line_is_passed_over_and_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let log = log_of([folder.path()], 1);
        let path = folder.path().join(FILE_NAME);
        log.append(&[erasure(1), erasure(2)]).unwrap();
        let whole = fs::read(&path).unwrap();
        let second = whole.len() / 2;
        for length in second..whole.len() - 1 {
            fs::write(&path, &whole[..length]).unwrap();
            log.append(&[suggestion(3)]).unwrap();
            let read = log.read_own().unwrap();
            assert_eq!(read.erasures, [erasure(1), suggestion(3)], "cut at {length}");
            let torn: Vec<usize> = read.damaged.iter().map(|line| line.number).collect();
            assert_eq!(torn, if length > second { vec![2] } else { vec![] }, "cut at {length}");
        }
        for place in 0..second - 1 {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            let read = log.read_own().unwrap();
            assert!(!read.erasures.contains(&erasure(1)) && read.erasures.contains(&erasure(2)), "byte {place}");
            assert_eq!(read.unkeyed, [], "byte {place}");
        }
        fs::write(&path, [0, 0xff, b'\n', b'\n', b'x']).unwrap();
        let read = log.read_own().unwrap();
        assert_eq!(read.damaged.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3]);
        assert_eq!((read.erasures, read.unkeyed), (vec![], vec![]));
    }

    #[test]
    fn another_s_line_is_no_erasure_and_one_without_a_key_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let (log, other) = (log_of([folder.path()], 1), log_of([folder.path()], 2));
        log.append(&[erasure(1)]).unwrap();
        other.append(&[erasure(2)]).unwrap();
        let mine = [erasure(1), suggestion(3), suggestion(3)];
        logs::append(&path, &mine.iter().map(unkeyed_line).collect::<String>()).unwrap();
        // The new form with the old check
        let said = unkeyed_line(&erasure(4)).trim_end().rsplit_once(' ').unwrap().0.replacen('1', "3", 1);
        logs::append(&path, &format!("{said} {}\n", unkeyed_check(&said))).unwrap();
        let read = log.read_own().unwrap();
        assert_eq!(read.erasures, [erasure(1)]);
        assert_eq!(read.unkeyed.iter().map(|one| (one.line.number, one.erasure)).collect::<Vec<_>>(), [(4, mine[1])]);
        assert_eq!(read.damaged.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 6]);
        // Lines with a key alone are taken from elsewhere.
        let here = tempfile::tempdir().unwrap();
        let own = log_of([here.path()], 1);
        take_over(&own.places, &path).unwrap();
        let read = own.read_own().unwrap();
        assert_eq!((read.erasures, read.unkeyed.len(), read.damaged.len()), (vec![erasure(1)], 0, 2));
    }

    /// A log as version 377cd7f wrote it, and one of the form of today: both are read for ever.
    #[test]
    fn logs_of_each_form_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let log = log_of([folder.path()], 1);
        fs::write(&path, include_bytes!("golden/unkeyed.log")).unwrap();
        let read = log.read_own().unwrap();
        assert_eq!((read.erasures.len(), read.damaged.len()), (0, 0));
        let unkeyed: Vec<Erasure> = read.unkeyed.iter().map(|one| one.erasure).collect();
        assert_eq!(unkeyed, [erasure(1), erasure(2), suggestion(3)]);
        fs::write(&path, include_bytes!("golden/keyed.log")).unwrap();
        let keyed = vec![erasure(1), erasure(2), suggestion(3)];
        assert_eq!(log.read_own().unwrap(), Logged { erasures: keyed, ..Logged::default() });
    }
}
