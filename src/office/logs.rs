//! Logs beside the database: they say what must outlive it, and the backup from which it may be restored.
//!
//! Text, a line each. A line ends with its check: a space and the first 16 hexadecimal digits of an HMAC-SHA256 over the log's
//! label and all that stands before, by a key from the office's seed. A line that was torn, changed or written by somebody else
//! is passed over and counted; whoever appends behind a torn one begins a new line. Each log lies in the office's folder, and
//! beside the backups where these are made, because a lost folder is what backups are for.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::seal::keys::hex;

const CHECK_DIGITS: usize = 16;
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

/// The files of one log; the first is the one in the office's folder.
#[derive(Clone, Debug)]
pub struct Places(Vec<PathBuf>);

/// The file that couldn't be read or written, and why.
pub type Failed = (PathBuf, io::Error);

impl Places {
    pub fn in_folders<'a>(folders: impl IntoIterator<Item = &'a Path>, file_name: &str) -> Self {
        let mut places: Vec<PathBuf> = folders.into_iter().map(|folder| folder.join(file_name)).collect();
        places.dedup();
        Self(places)
    }

    pub fn all(&self) -> &[PathBuf] {
        &self.0
    }

    /// Gives the file in the office's folder.
    pub fn own(&self) -> &[PathBuf] {
        self.0.get(..1).unwrap_or_default()
    }

    pub fn each(&self, work: impl Fn(&Path) -> io::Result<()>) -> Result<(), Failed> {
        self.0.iter().try_for_each(|place| work(place).map_err(|source| (place.clone(), source)))
    }

    /// Appends to each place, durable before this returns.
    pub fn append(&self, text: &str) -> Result<(), Failed> {
        self.each(|place| append(place, text))
    }

    /// Appends to each place those lines of another log that it lacks, such as the one beside a backup. They are verified when
    /// they are read: this needs no keys.
    pub fn take_over(&self, other: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<(), Failed> {
        let others = read(other).map_err(|source| (other.to_owned(), source))?;
        self.each(|place| {
            let known = read(place)?;
            let known: HashSet<&str> = lines(&known).map(|(_, line)| line).collect();
            let lacking = lines(&others).map(|(_, line)| line).filter(|line| !known.contains(line) && is_wanted(line));
            let text: String = lacking.map(|line| format!("{line}\n")).collect();
            if text.is_empty() { Ok(()) } else { append(place, &text) }
        })
    }
}

/// Reads a log's text, nothing of it verified; a file that isn't there is an empty one.
pub fn read(path: &Path) -> io::Result<String> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        other => Ok(String::from_utf8_lossy(&other?).into_owned()),
    }
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
    if is_new { sync_folder_of(path) } else { Ok(()) }
}

/// Takes lines out of a log: it is written anew beside the old one, synced, and put in its place. Gives their number. The
/// caller sees to it that nobody appends meanwhile.
pub fn take_out(path: &Path, is_out: impl Fn(&str) -> bool) -> io::Result<usize> {
    let text = read(path)?;
    let (out, stay): (Vec<&str>, Vec<&str>) = lines(&text).map(|(_, line)| line).partition(|line| is_out(line));
    if out.is_empty() {
        return Ok(0);
    }
    let mut unfinished = path.to_owned().into_os_string();
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(stay.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder_of(path)?;
    Ok(out.len())
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
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
        assert_eq!(take_out(&path, |_| true).unwrap(), 0);
        append(&path, "1 a\n2 b\n").unwrap();
        // Torn, and the leftovers of an earlier try
        append(&path, "3").unwrap();
        fs::write(folder.path().join("a.log.unfinished"), "x").unwrap();
        append(&path, "4 d\n").unwrap();
        assert_eq!(take_out(&path, |line| line == "2 b").unwrap(), 1);
        assert_eq!(read(&path).unwrap(), "1 a\n3\n4 d\n");
        assert_eq!(take_out(&path, |line| line == "2 b").unwrap(), 0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let more = folder.path().join("more.log");
        append(&more, "4 d\n5 e\n6 f\n").unwrap();
        Places::in_folders([folder.path()], "a.log").take_over(&more, |line| line != "6 f").unwrap();
        assert_eq!(read(&path).unwrap(), "1 a\n3\n4 d\n5 e\n");
    }
}
