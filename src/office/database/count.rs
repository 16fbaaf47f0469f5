//! The count beside the database: how many transactions were committed, and where the trail ended then. A database that holds
//! less was rolled back: an older file was put in its place, or the end of its log of pages was damaged or removed, which
//! SQLite passes over in silence.
//!
//! It is written after each commit and synced once a second: after the process was killed it names the last commit; after a power
//! cut, one of the last second at the earliest. It can't name what is rolled back together with it, as when the whole folder is
//! put back: of that the kiosks tell, each of which keeps the trail's head ([`crate::office::witnesses`]).
//!
//! Two lines of text, [`SLOT_BYTES`] apart, written in turn, so that a torn one leaves the other:
//! `istiqbal office count 1 COMMITS TRAIL-LENGTH TRAIL-HEAD INCARNATION SEALED CHECK`; the check is the first 16 hexadecimal
//! digits of a SHA-256 over what stands before.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::seal::keys::{hex, sha256, unhex};

/// Distance between the two lines, in bytes: a sector of any disk.
const SLOT_BYTES: usize = 4096;
const FORM: &str = "istiqbal office count 1";
const CHECK_DIGITS: usize = 16;

/// Where the database stood after a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub commits: i64,
    pub trail_length: i64,
    pub trail_head: [u8; 32],
    pub incarnation: [u8; 16],
    /// Its rows were sealed
    pub is_sealed: bool,
}

impl Count {
    fn line(&self) -> String {
        let Self { commits, trail_length, trail_head, incarnation, is_sealed } = self;
        let (head, incarnation, sealed) = (hex(trail_head), hex(incarnation), u8::from(*is_sealed));
        let text = format!("{FORM} {commits} {trail_length} {head} {incarnation} {sealed}");
        format!("{text} {}\n", check_of(&text))
    }

    fn parse(slot: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(slot.split(|byte| *byte == b'\n').next()?).ok()?;
        let (text, check) = line.rsplit_once(' ')?;
        if check != check_of(text) {
            return None;
        }
        let mut parts = text.strip_prefix(FORM)?.split_ascii_whitespace();
        Some(Self {
            commits: parts.next()?.parse().ok()?,
            trail_length: parts.next()?.parse().ok()?,
            trail_head: unhex(parts.next()?)?,
            incarnation: unhex(parts.next()?)?,
            is_sealed: parts.next()? == "1",
        })
    }
}

fn check_of(text: &str) -> String {
    hex(&sha256(&[text.as_bytes()]))[..CHECK_DIGITS].to_owned()
}

/// The name of the count of a database.
pub fn path_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".count");
    name.into()
}

/// Reads the later of both lines; `None` where neither can be read.
///
/// # Errors
/// Those of the file; [`io::ErrorKind::NotFound`] where there is none.
pub fn read(database: &Path) -> io::Result<Option<Count>> {
    let mut bytes = Vec::new();
    File::open(path_of(database))?.take(2 * SLOT_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes.chunks(SLOT_BYTES).filter_map(Count::parse).max_by_key(|count| count.commits))
}

/// The count, open for writing.
pub struct CountFile {
    file: File,
    is_synced: AtomicBool,
}

impl CountFile {
    /// Opens the count, or makes one, whose both lines then say this; durable before this returns.
    pub fn begin(database: &Path, count: &Count) -> io::Result<Self> {
        let path = path_of(database);
        let options = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).clone();
        let file = Self { file: options.open(&path)?, is_synced: AtomicBool::new(false) };
        for slot in 0..2 {
            file.write_slot(slot, count)?;
        }
        file.sync()?;
        File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?
            .sync_all()?;
        Ok(file)
    }

    /// Opens a count that was read.
    pub fn open(database: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path_of(database))?;
        Ok(Self { file, is_synced: AtomicBool::new(true) })
    }

    /// Writes where the database stands now; not synced yet ([`Self::sync`]).
    pub fn write(&self, count: &Count) -> io::Result<()> {
        self.write_slot(count.commits.unsigned_abs() % 2, count)
    }

    fn write_slot(&self, slot: u64, count: &Count) -> io::Result<()> {
        self.file.write_all_at(count.line().as_bytes(), slot * SLOT_BYTES as u64)?;
        self.is_synced.store(false, Ordering::Release);
        Ok(())
    }

    /// Makes durable what was written; a moment's work where nothing was.
    pub fn sync(&self) -> io::Result<()> {
        if self.is_synced.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.file.sync_data().inspect_err(|_| self.is_synced.store(false, Ordering::Release))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(commits: i64) -> Count {
        Count { commits, trail_length: 3, trail_head: [7; 32], incarnation: [9; 16], is_sealed: commits % 2 == 1 }
    }

    #[test]
    fn the_later_line_counts_and_a_torn_one_leaves_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("office.sqlite");
        assert_eq!(read(&database).unwrap_err().kind(), io::ErrorKind::NotFound);
        let file = CountFile::begin(&database, &count(1)).unwrap();
        for commits in 2..12 {
            file.write(&count(commits)).unwrap();
            assert_eq!(read(&database).unwrap(), Some(count(commits)));
        }
        file.sync().unwrap();
        let whole = std::fs::read(path_of(&database)).unwrap();
        for byte in [SLOT_BYTES + 30, SLOT_BYTES + 60] {
            let mut torn = whole.clone();
            torn[byte] ^= 4;
            std::fs::write(path_of(&database), &torn).unwrap();
            assert_eq!(read(&database).unwrap(), Some(count(10)));
            torn[30] ^= 1;
            std::fs::write(path_of(&database), &torn).unwrap();
            assert_eq!(read(&database).unwrap(), None);
        }
        std::fs::write(path_of(&database), b"").unwrap();
        assert_eq!(read(&database).unwrap(), None);
    }
}
