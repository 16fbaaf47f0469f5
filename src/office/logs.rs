//! Logs beside the database: they say what must outlive it, and the backup from which it may be restored.
//!
//! Text, a line each. A line ends with its check: a space and the first 16 hexadecimal digits of an HMAC-SHA256 over the log's
//! label and all that stands before, by a key from the office's seed. A line that was torn, changed or written by somebody else
//! is passed over and counted; whoever appends behind a torn one begins a new line. Each log lies in the office's folder, and as
//! a copy beside the backups where these are made, because a lost folder is what backups are for ([`places`]).

mod places;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::OFlags;
use sha2::Sha256;

use super::database::{DatabaseError, Writing};
use super::folder::sync_folder_of;
use crate::seal::keys::hex;

const CHECK_DIGITS: usize = 16;
/// Maximum size of a log that is read from outside the office's folder: half a million erasures, or ten thousand registrations.
pub const FOREIGN_BYTES_MAX: u64 = 64 << 20;
/// Maximum length of a line that is read from a log of any size. The longest are the desk's, of some 10 KiB.
const LINE_BYTES_MAX: u64 = 1 << 20;
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
pub enum LogError {
    #[error(
        "{}: this log {what} ({source}). Until that is put right nothing happens that has to stand in it first: no erasure (erased.log), no new kiosk (kiosks.log), no registration at the desk (desk.log)", path.display()
    )]
    Unusable { path: PathBuf, what: &'static str, source: io::Error },
    /// The office's folder isn't where it was
    #[error(transparent)]
    Moved(DatabaseError),
}

impl LogError {
    pub(super) fn unread(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Unusable { path: path.to_owned(), what: "can't be read", source }
    }

    pub(super) fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Unusable { path: path.to_owned(), what: "can't be written", source }
    }
}

/// Writes a log on a thread that may wait for the disk, while the caller holds the database's one writer. The writer goes
/// along: nobody else writes the log meanwhile, also where the caller is dropped. Nothing is written where the office's folder
/// was moved away, because nobody would ask that log any more.
pub async fn while_writing<T: Send + 'static>(
    writing: Writing,
    work: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<(Writing, T), LogError> {
    let done = tokio::task::spawn_blocking(move || {
        writing.assert_in_place().map_err(LogError::Moved)?;
        work().map(|done| (writing, done))
    });
    done.await
        .unwrap_or_else(|broken| Err(LogError::unwritten(Path::new("the log"))(io::Error::other(broken.to_string()))))
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
    let Some(file) = open(path)? else { return Ok(String::new()) };
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        let source = format!("it has more than {} MiB, as no log of an office has", bytes_max >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, source));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads those lines of a log that are wanted, however large it is. An empty line stands for each of the others, and for each of
/// more than [`LINE_BYTES_MAX`].
fn read_wanted(path: &Path, is_wanted: impl Fn(&str) -> bool) -> io::Result<String> {
    let Some(file) = open(path)? else { return Ok(String::new()) };
    let mut file = BufReader::new(file);
    let (mut text, mut line) = (String::new(), Vec::new());
    while (&mut file).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? > 0 {
        if line.len() as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
            file.skip_until(b'\n')?;
            line.clear();
        }
        let said = String::from_utf8_lossy(&line);
        let said = said.trim_end_matches('\n');
        if is_wanted(said) {
            text.push_str(said);
        }
        text.push('\n');
        line.clear();
    }
    Ok(text)
}

/// `None` where there is no such file.
fn open(path: &Path) -> io::Result<Option<File>> {
    match private().read(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// The text of a log, and where it was read.
#[derive(Clone, Debug)]
pub struct Text {
    path: PathBuf,
    text: String,
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

/// Appends lines, durable before this returns. On an error the log ends where it ended before. Its folder is never made: the
/// office's own may have been moved away.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
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
    let written = file.write_all(format!("{beginning}{text}").as_bytes()).and_then(|()| file.sync_all());
    let written = written.and_then(|()| if is_new { sync_folder_of(path) } else { Ok(()) });
    if written.is_err() {
        cut(&file, end)?;
    }
    written
}

/// Takes out lines that were just appended. As the last ones they are cut off: the disk may have no room for a log written anew.
/// The caller sees to it that nobody appends meanwhile.
pub fn withdraw(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private().read(true).write(true).open(path)?;
    let begin = file.metadata()?.len().saturating_sub(text.len() as u64);
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(begin))?;
    file.read_to_end(&mut last)?;
    if last == text.as_bytes() {
        return cut(&file, begin);
    }
    take_out(path, |line| text.lines().any(|withdrawn| withdrawn == line))
}

/// Ends a file sooner, which needs no room.
fn cut(file: &File, end: u64) -> io::Result<()> {
    file.set_len(end)?;
    file.sync_all()
}

/// Takes lines out of a log. The caller sees to it that nobody appends meanwhile.
pub fn take_out(path: &Path, is_out: impl Fn(&str) -> bool) -> io::Result<()> {
    amend(path, &read(path)?, is_out, "")
}

/// Takes lines out of a log with this text, and appends more.
pub fn amend(path: &Path, text: &str, is_out: impl Fn(&str) -> bool, more: &str) -> io::Result<()> {
    let (out, stay): (Vec<&str>, Vec<&str>) = lines(text).map(|(_, line)| line).partition(|line| is_out(line));
    match (out.is_empty(), more.is_empty()) {
        (true, true) => Ok(()),
        (true, false) => append(path, more),
        (false, _) => write_anew(path, stay, more),
    }
}

/// Writes a log anew beside the old one, syncs it, and puts it in its place.
fn write_anew<'a>(path: &Path, stay: impl IntoIterator<Item = &'a str>, more: &str) -> io::Result<()> {
    let unfinished = beside(path, UNFINISHED);
    let mut file = private().write(true).create(true).truncate(true).open(&unfinished)?;
    let text: String = stay.into_iter().flat_map(|line| [line, "\n"]).chain([more]).collect();
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder_of(path)
}

/// The path of what lies beside a log.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
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

    #[test]
    fn a_line_is_withdrawn_from_the_end_without_room_and_from_the_middle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        append(&path, "1 a\n2 b\n3 c").unwrap();
        append(&path, "4 d\n").unwrap();
        // Nothing can be written beside it.
        fs::create_dir(folder.path().join("a.log.unfinished")).unwrap();
        withdraw(&path, "4 d\n").unwrap();
        assert_eq!(read(&path).unwrap(), "1 a\n2 b\n3 c\n");
        assert!(withdraw(&path, "1 a\n").is_err());
        fs::remove_dir(folder.path().join("a.log.unfinished")).unwrap();
        withdraw(&path, "1 a\n").unwrap();
        assert_eq!(read(&path).unwrap(), "2 b\n3 c\n");
        assert!(withdraw(&folder.path().join("b/a.log"), "1 a\n").is_err());
        assert!(append(&folder.path().join("b/a.log"), "1 a\n").is_err(), "no folder is made");
    }

    #[test]
    fn lines_without_end_are_passed_over_in_a_log_of_any_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let line = |bytes: u64| "x".repeat(bytes as usize);
        let (longest, longer) = (line(LINE_BYTES_MAX - 1), line(LINE_BYTES_MAX));
        fs::write(&path, format!("1 a\n{longer}\n2 b\n{longest}\n{longer}{longer}x\n3 c")).unwrap();
        assert_eq!(read_wanted(&path, |line| line != "2 b").unwrap(), format!("1 a\n\n\n{longest}\n\n3 c\n"));
        assert_eq!(read_wanted(&folder.path().join("b.log"), |_| true).unwrap(), "");
    }

    /// Runs this test alone in a process whose files can't grow beyond a few kilobytes, as on a disk that is full.
    #[test]
    fn a_write_that_finds_no_room_leaves_no_part_of_its_line() {
        const FOLDER: &str = "ISTIQBAL_TEST_FOLDER_WITHOUT_ROOM";
        if let Some(folder) = std::env::var_os(FOLDER) {
            let path = Path::new(&folder).join("a.log");
            append(&path, "1 a\n").unwrap();
            let long = "2 ".repeat(10_000);
            assert_eq!(append(&path, &long).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
            assert_eq!(read(&path).unwrap(), "1 a\n");
            return append(&path, "3 c\n").unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let name = "office::logs::tests::a_write_that_finds_no_room_leaves_no_part_of_its_line";
        let done = std::process::Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(FOLDER, folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        assert_eq!(read(&folder.path().join("a.log")).unwrap(), "1 a\n3 c\n");
    }
}
