//! The log of what was erased. It stands outside the database and its backups, so that a restored backup doesn't bring back
//! whom it still holds.
//!
//! Text, a line each: `1 MILLISECONDS REQUEST NUMBER CHECK`: the form, when (since 1970, UTC), the request's random id, its
//! tracking number, and the first 8 hexadecimal digits of the SHA-256 of what stands before; or, for a suggestion, `2
//! MILLISECONDS HASH CHECK` with the hash of its envelope's header. A line is appended and synced before anything is destroyed. One that was cut off or damaged is passed over and counted; whoever appends behind it begins
//! a new line. No personal data: ids and numbers say nothing once their request is erased.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::DateTime;

use crate::domain::tracking_number::TrackingNumber;
use crate::office::database::erasures::{Erased, Erasure};
use crate::seal::envelope::HeaderHash;
use crate::seal::keys::{hex, sha256, unhex};

/// The name of the log in the office's folder and beside its backups.
pub const FILE_NAME: &str = "erased.log";

const REQUEST: &str = "1";
const SUGGESTION: &str = "2";
const CHECK_DIGITS: usize = 8;

#[derive(Debug, thiserror::Error)]
#[error("{}: the log of what was erased {what} ({source}): nothing is erased until that is put right", path.display())]
pub struct LogError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

/// The log, in each of its places.
#[derive(Clone, Debug)]
pub struct ErasedLog {
    /// The first is the office's own folder; a lost folder is what backups are for, so that another lies beside these
    places: Vec<PathBuf>,
}

/// What a log says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Logged {
    pub erasures: Vec<Erasure>,
    /// Lines that can't be read
    pub damaged: usize,
}

impl ErasedLog {
    /// The log in these folders. One that can't be reached, such as a disk that isn't there, is an error when something is
    /// erased.
    pub fn in_folders<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut places: Vec<PathBuf> = folders.into_iter().map(|folder| folder.join(FILE_NAME)).collect();
        places.dedup();
        Self { places }
    }

    /// Appends to each place, durable before this returns.
    pub fn append(&self, erasures: &[Erasure]) -> Result<(), LogError> {
        if erasures.is_empty() {
            return Ok(());
        }
        let text: String = erasures.iter().map(line).collect();
        for place in &self.places {
            append(place, &text).map_err(|source| LogError {
                path: place.clone(),
                what: "can't be written",
                source,
            })?;
        }
        Ok(())
    }

    /// What stands in any of the places, each once. A log that isn't there is an empty one.
    pub fn read(&self) -> Result<Logged, LogError> {
        let (mut logged, mut known) = (Logged::default(), HashSet::new());
        for place in &self.places {
            let found =
                read(place).map_err(|source| LogError { path: place.clone(), what: "can't be read", source })?;
            logged.damaged += found.damaged;
            logged.erasures.extend(found.erasures.into_iter().filter(|erasure| known.insert(erasure.what)));
        }
        Ok(logged)
    }

    /// Writes into each place what it lacks of these.
    pub fn complete(&self, erasures: &[Erasure]) -> Result<(), LogError> {
        for place in &self.places {
            let failed = |what| move |source| LogError { path: place.clone(), what, source };
            let known = read(place).map_err(failed("can't be read"))?.erasures;
            let known: HashSet<Erased> = known.into_iter().map(|erasure| erasure.what).collect();
            let lacking = erasures.iter().filter(|erasure| !known.contains(&erasure.what));
            let text: String = lacking.map(line).collect();
            if !text.is_empty() {
                append(place, &text).map_err(failed("can't be written"))?;
            }
        }
        Ok(())
    }
}

/// Reads one log; a file that isn't there is an empty one.
pub fn read(path: &Path) -> io::Result<Logged> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Logged::default()),
        opened => opened?.read_to_end(&mut bytes)?,
    };
    let mut logged = Logged::default();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match std::str::from_utf8(line).ok().and_then(parse) {
            Some(erasure) => logged.erasures.push(erasure),
            None => logged.damaged += 1,
        }
    }
    Ok(logged)
}

/// Appends lines, durable before this returns.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let is_new = !path.exists();
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    // A line that a power cut tore stays alone.
    let end = file.seek(SeekFrom::End(0))?;
    let mut last = [b'\n'];
    if end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut last)?;
    }
    let beginning = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{beginning}{text}").as_bytes())?;
    file.sync_all()?;
    if is_new {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn line(erasure: &Erasure) -> String {
    let at = erasure.at.timestamp_millis();
    let said = match erasure.what {
        Erased::Request { request, tracking_number } => format!("{REQUEST} {at} {request} {tracking_number}"),
        Erased::Suggestion(hash) => format!("{SUGGESTION} {at} {}", hex(&hash.0)),
    };
    format!("{said} {}\n", check(&said))
}

fn parse(line: &str) -> Option<Erasure> {
    let (said, given) = line.rsplit_once(' ')?;
    if given != check(said) {
        return None;
    }
    let words: Vec<&str> = said.split(' ').collect();
    let (at, what) = match words.as_slice() {
        [REQUEST, at, request, number] => {
            let tracking_number = TrackingNumber::parse(number).ok()?;
            (at, Erased::Request { request: request.parse().ok()?, tracking_number })
        }
        [SUGGESTION, at, hash] => (at, Erased::Suggestion(HeaderHash(unhex(hash)?))),
        _ => return None,
    };
    Some(Erasure { what, at: DateTime::from_timestamp_millis(at.parse().ok()?)? })
}

fn check(said: &str) -> String {
    hex(&sha256(&[b"istiqbal erased 1", said.as_bytes()])[..CHECK_DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::RequestId;

    fn erasure(byte: u8) -> Erasure {
        let kiosk = 1.try_into().unwrap();
        let at = DateTime::from_timestamp_millis(1_793_520_000_123).unwrap();
        let (request, tracking_number) = (RequestId([byte; 16]), TrackingNumber::new(kiosk, byte.into()));
        Erasure { what: Erased::Request { request, tracking_number }, at }
    }

    fn suggestion(byte: u8) -> Erasure {
        Erasure { what: Erased::Suggestion(HeaderHash([byte; 32])), ..erasure(byte) }
    }

    #[test]
    fn what_is_appended_is_read_in_each_place() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let log = ErasedLog::in_folders(folders.iter().map(tempfile::TempDir::path));
        assert_eq!(log.read().unwrap(), Logged::default());
        log.append(&[erasure(1), erasure(2)]).unwrap();
        log.append(&[suggestion(3)]).unwrap();
        let all = vec![erasure(1), erasure(2), suggestion(3)];
        for folder in &folders {
            assert_eq!(read(&folder.path().join(FILE_NAME)).unwrap(), Logged { erasures: all.clone(), damaged: 0 });
        }
        // One place is lost: the other still knows, and what is known completes the lost one.
        std::fs::remove_file(folders[0].path().join(FILE_NAME)).unwrap();
        assert_eq!(log.read().unwrap().erasures, all);
        log.complete(&all).unwrap();
        assert_eq!(read(&folders[0].path().join(FILE_NAME)).unwrap().erasures, all);
        assert_eq!(read(&folders[1].path().join(FILE_NAME)).unwrap().erasures.len(), 3);
    }

    #[test]
    fn a_torn_or_changed_line_is_passed_over_and_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let log = ErasedLog::in_folders([folder.path()]);
        let path = folder.path().join(FILE_NAME);
        log.append(&[erasure(1), erasure(2)]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let second = whole.len() / 2;
        for length in second..whole.len() - 1 {
            std::fs::write(&path, &whole[..length]).unwrap();
            log.append(&[suggestion(3)]).unwrap();
            let read = log.read().unwrap();
            assert_eq!(read.erasures, [erasure(1), suggestion(3)], "cut at {length}");
            assert_eq!(read.damaged, usize::from(length > second), "cut at {length}");
        }
        for place in 0..second - 1 {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            let read = log.read().unwrap();
            assert!(!read.erasures.contains(&erasure(1)) && read.erasures.contains(&erasure(2)), "byte {place}");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), [0, 0xff, b'\n', b'\n', b'x']).unwrap();
        assert_eq!(ErasedLog::in_folders([folder.path()]).read().unwrap(), Logged { erasures: vec![], damaged: 2 });
    }
}
