//! Logs beside the database: they say what must outlive it, and the backup from which it may be restored.
//!
//! Text, a line each. A line ends with its check: a space and the first 16 hexadecimal digits of an HMAC-SHA256 over the log's
//! label and all that stands before, by a key from the office's seed. A line that was torn, changed or written by somebody else
//! is passed over and counted; whoever appends behind a torn one begins a new line. Each log lies in the office's folder, and as
//! a copy beside the backups where these are made, because a lost folder is what backups are for ([`places`]).

mod places;

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::OFlags;
use sha2::Sha256;

use super::database::Writing;
use super::folder::sync_folder_of;
use crate::seal::keys::hex;

const CHECK_DIGITS: usize = 16;
/// Maximum size of a log that is read from outside the office's folder: half a million erasures, or ten thousand registrations.
pub const FOREIGN_BYTES_MAX: u64 = 64 << 20;
/// End of the name of a log that is being written anew.
const UNFINISHED: &str = ".unfinished";

/// Key of the checks in the lines of one of the office's logs.
#[derive(Clone)]
pub struct LogKey(Hmac<Sha256>);

impl fmt::Debug for LogKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogKey")
    }
}

impl LogKey {
    /// # Panics
    /// Never: HMAC takes keys of any length.
    pub fn new(secret: &[u8; 32], label: &[u8]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(label);
        Self(mac)
    }

    /// Gives the line that says this, with its check and its end.
    pub fn line(&self, said: &str) -> String {
        format!("{said} {}\n", self.check(said))
    }

    /// Gives what a line says, when this office wrote it and nobody has changed it.
    pub fn said<'a>(&self, line: &'a str) -> Option<&'a str> {
        let (said, given) = line.rsplit_once(' ')?;
        (given == self.check(said)).then_some(said)
    }

    fn check(&self, said: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(said.as_bytes());
        hex(&mac.finalize().into_bytes()[..CHECK_DIGITS / 2])
    }
}

/// A line of a log, for whoever has to look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePlace {
    pub path: PathBuf,
    /// From 1
    pub number: usize,
}

impl fmt::Display for LinePlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} line {}", self.path.display(), self.number)
    }
}

/// Names the first lines of many.
pub fn named(lines: &[LinePlace]) -> String {
    const NAMED_MAX: usize = 10;
    let mut names: Vec<String> = lines.iter().take(NAMED_MAX).map(LinePlace::to_string).collect();
    if lines.len() > NAMED_MAX {
        names.push("…".to_owned());
    }
    names.join(", ")
}

pub use places::Places;

/// Says which log can't be read or written, and what waits for it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: this log {what} ({source}). Until that is put right nothing happens that has to stand in it first: no erasure (erased.log), no new kiosk (kiosks.log), no registration at the desk (desk.log)", path.display()
)]
pub struct LogError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

impl LogError {
    pub(super) fn unread(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { path: path.to_owned(), what: "can't be read", source }
    }

    pub(super) fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { path: path.to_owned(), what: "can't be written", source }
    }
}

/// Writes a log on a thread that may wait for the disk, while the caller holds the database's one writer. The writer goes
/// along: nobody else writes the log meanwhile, also where the caller is dropped.
pub async fn while_writing<T: Send + 'static>(
    writing: Writing,
    work: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<(Writing, T), LogError> {
    let done = tokio::task::spawn_blocking(move || work().map(|done| (writing, done))).await;
    done.unwrap_or_else(|broken| Err(LogError::unwritten(Path::new("the log"))(io::Error::other(broken.to_string()))))
}

/// Reads the text of a log in the office's folder, nothing of it verified; a file that isn't there is an empty one.
pub fn read(path: &Path) -> io::Result<String> {
    read_at_most(path, u64::MAX)
}

/// Reads a log that others may have written, such as the one beside a backup.
///
/// # Errors
/// When it has more than [`FOREIGN_BYTES_MAX`].
pub fn read_foreign(path: &Path) -> io::Result<String> {
    read_at_most(path, FOREIGN_BYTES_MAX)
}

fn read_at_most(path: &Path, bytes_max: u64) -> io::Result<String> {
    let file = match private().read(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::Error::other(format!("it has more than {} MiB, as no log of an office has", bytes_max >> 20)));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The text of a log, and where it was read.
#[derive(Clone, Debug)]
pub struct Text {
    path: PathBuf,
    text: String,
}

impl Text {
    /// Reads a log that others may have written.
    pub fn foreign(path: &Path) -> Result<Self, LogError> {
        let text = read_foreign(path).map_err(LogError::unread(path))?;
        Ok(Self { path: path.to_owned(), text })
    }
}

/// Reads the lines of logs together, each with its place. Those that say nothing are given apart.
pub fn parsed<'a, T>(texts: &'a [Text], parse: impl Fn(&'a str) -> Option<T>) -> (Vec<(LinePlace, T)>, Vec<LinePlace>) {
    let (mut said, mut damaged) = (Vec::new(), Vec::new());
    for Text { path, text } in texts {
        for (number, line) in lines(text) {
            let place = LinePlace { path: path.clone(), number };
            match parse(line) {
                Some(one) => said.push((place, one)),
                None => damaged.push(place),
            }
        }
    }
    (said, damaged)
}

/// Gives the lines of a log's text with their numbers, but for empty ones.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.split('\n')).filter(|(_, line)| !line.is_empty())
}

/// Appends lines, durable before this returns.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let is_new = !path.exists();
    let mut file = private().read(true).append(true).create(true).open(path)?;
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
    if is_new { sync_folder_of(path) } else { Ok(()) }
}

/// Takes lines out of a log. The caller sees to it that nobody appends meanwhile.
pub fn take_out(path: &Path, is_out: impl Fn(&str) -> bool) -> io::Result<()> {
    amend(path, &read(path)?, is_out, "")
}

/// Takes lines out of a log with this text, and appends more. Where any go, it is written anew beside the old one, synced, and
/// put in its place.
pub fn amend(path: &Path, text: &str, is_out: impl Fn(&str) -> bool, more: &str) -> io::Result<()> {
    let (out, stay): (Vec<&str>, Vec<&str>) = lines(text).map(|(_, line)| line).partition(|line| is_out(line));
    if out.is_empty() {
        return if more.is_empty() { Ok(()) } else { append(path, more) };
    }
    let mut unfinished = path.to_owned().into_os_string();
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let mut file = private().write(true).create(true).truncate(true).open(&unfinished)?;
    file.write_all(
        stay.iter().map(|line| format!("{line}\n")).chain([more.to_owned()]).collect::<String>().as_bytes(),
    )?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder_of(path)
}

/// Files for their owner only. A link, which somebody may have put beside the backups, is never followed to what it names.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_key_and_label_alone() {
        let key = LogKey::new(&[1; 32], b"a");
        let line = key.line("1 2 3");
        let line = line.trim_end();
        assert_eq!(key.said(line), Some("1 2 3"));
        assert_eq!(LogKey::new(&[2; 32], b"a").said(line), None);
        assert_eq!(LogKey::new(&[1; 32], b"b").said(line), None);
        for place in 0..line.len() {
            let mut changed = line.as_bytes().to_vec();
            changed[place] ^= 1;
            assert_eq!(key.said(std::str::from_utf8(&changed).unwrap()), None, "byte {place}");
        }
        assert_eq!((key.said(""), key.said("1")), (None, None));
    }

    #[test]
    fn lines_are_taken_out_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        take_out(&path, |_| true).unwrap();
        append(&path, "1 a\n2 b\n").unwrap();
        // Torn, and the leftovers of an earlier try
        append(&path, "3").unwrap();
        fs::write(folder.path().join("a.log.unfinished"), "x").unwrap();
        append(&path, "4 d\n").unwrap();
        take_out(&path, |line| line == "2 b").unwrap();
        assert_eq!(read(&path).unwrap(), "1 a\n3\n4 d\n");
        take_out(&path, |line| line == "2 b").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let more = folder.path().join("more.log");
        append(&more, "4 d\n5 e\n6 f\n").unwrap();
        Places::in_folders([folder.path()], "a.log").take_over(&more, |line| line != "6 f").unwrap();
        assert_eq!(read(&path).unwrap(), "1 a\n3\n4 d\n5 e\n");
    }
}
