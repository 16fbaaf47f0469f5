//! The count beside the database: how many transactions were committed, and where the trail ended then. A database that holds
//! less was rolled back: an older file was put in its place, or the end of its log of pages was damaged or removed, which
//! SQLite passes over in silence.
//!
//! It is written after each commit and synced once a second: after the process was killed it names the last commit; after a power
//! cut, one of the last second at the earliest. It can't name what is rolled back together with it, as when the whole folder is
//! put back: of that the kiosks tell, each of which keeps the trail's head ([`crate::office::witnesses`]).
//!
//! Two lines of text, [`SLOT_BYTES`] apart, written in turn, so that a torn one leaves the other:
//! `istiqbal office count 2 COMMITS TRAIL-LENGTH TRAIL-HEAD INCARNATION SEALED PROOF CHECK`; the check is the first 16 hexadecimal
//! digits of a SHA-256 over what stands before, the proof those of an HMAC by a key of the office's first seed, `-` where that isn't
//! there. Form 1, of earlier programs, has no proof; it is read for ever.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::seal::keys::{hex, sha256, unhex};
use crate::seal::seed::Seed;

/// Distance between the two lines, in bytes: a sector of any disk.
const SLOT_BYTES: usize = 4096;
const FORM_1: &str = "istiqbal office count 1 ";
const FORM_2: &str = "istiqbal office count 2 ";
/// Stands in the place of the proof where there is no key.
const NO_PROOF: &str = "-";
const CHECK_DIGITS: usize = 16;

/// The key of the proofs: without the office's seed nobody writes a count that this office takes for its own.
#[derive(Clone)]
pub struct CountKey(Hmac<Sha256>);

impl CountKey {
    pub fn of(seed: &Seed) -> Self {
        Self(Hmac::new_from_slice(&*seed.derive("office count")).expect("HMAC takes a key of any length"))
    }

    fn proof_of(&self, text: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())[..CHECK_DIGITS].to_owned()
    }
}

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

/// A count as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadCount {
    pub count: Count,
    /// It was written by an office that had the key; whoever has none can't tell
    pub is_proved: bool,
}

impl Count {
    fn line(&self, key: Option<&CountKey>) -> String {
        let Self { commits, trail_length, trail_head, incarnation, is_sealed } = self;
        let (head, incarnation, sealed) = (hex(trail_head), hex(incarnation), u8::from(*is_sealed));
        let text = format!("{FORM_2}{commits} {trail_length} {head} {incarnation} {sealed}");
        let proof = key.map_or_else(|| NO_PROOF.to_owned(), |key| key.proof_of(&text));
        let text = format!("{text} {proof}");
        format!("{text} {}\n", check_of(&text))
    }

    fn of_values(values: &str) -> Option<Self> {
        let mut parts = values.split_ascii_whitespace();
        Some(Self {
            commits: parts.next()?.parse().ok()?,
            trail_length: parts.next()?.parse().ok()?,
            trail_head: unhex(parts.next()?)?,
            incarnation: unhex(parts.next()?)?,
            is_sealed: parts.next()? == "1",
        })
    }
}

impl ReadCount {
    /// `None` for a torn line, and where there is a key for one that bears the proof of another.
    fn parse(slot: &[u8], key: Option<&CountKey>) -> Option<Self> {
        let line = std::str::from_utf8(slot.split(|byte| *byte == b'\n').next()?).ok()?;
        let (text, check) = line.rsplit_once(' ')?;
        if check != check_of(text) {
            return None;
        }
        if let Some(values) = text.strip_prefix(FORM_1) {
            return Some(Self { count: Count::of_values(values)?, is_proved: false });
        }
        let (proved, proof) = text.rsplit_once(' ')?;
        let is_proved = key.is_some_and(|key| key.proof_of(proved) == proof);
        if key.is_some() && !is_proved && proof != NO_PROOF {
            return None;
        }
        Some(Self { count: Count::of_values(proved.strip_prefix(FORM_2)?)?, is_proved })
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
pub fn read(database: &Path, key: Option<&CountKey>) -> io::Result<Option<ReadCount>> {
    let mut bytes = Vec::new();
    File::open(path_of(database))?.take(2 * SLOT_BYTES as u64).read_to_end(&mut bytes)?;
    let lines = bytes.chunks(SLOT_BYTES).filter_map(|slot| ReadCount::parse(slot, key));
    Ok(lines.max_by_key(|read| read.count.commits))
}

/// The count, open for writing.
pub struct CountFile {
    file: File,
    key: Option<CountKey>,
    is_synced: AtomicBool,
}

impl CountFile {
    /// Opens the count, or makes one, whose both lines then say this; durable before this returns.
    pub fn begin(database: &Path, count: &Count, key: Option<CountKey>) -> io::Result<Self> {
        let path = path_of(database);
        let options = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).clone();
        let file = Self { file: options.open(&path)?, key, is_synced: AtomicBool::new(false) };
        for slot in 0..2 {
            file.write_slot(slot, count)?;
        }
        file.sync()?;
        File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?
            .sync_all()?;
        Ok(file)
    }

    /// Opens a count that was read.
    pub fn open(database: &Path, key: Option<CountKey>) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path_of(database))?;
        Ok(Self { file, key, is_synced: AtomicBool::new(true) })
    }

    /// Writes where the database stands now; not synced yet ([`Self::sync`]).
    pub fn write(&self, count: &Count) -> io::Result<()> {
        self.write_slot(count.commits.unsigned_abs() % 2, count)
    }

    fn write_slot(&self, slot: u64, count: &Count) -> io::Result<()> {
        self.file.write_all_at(count.line(self.key.as_ref()).as_bytes(), slot * SLOT_BYTES as u64)?;
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

    fn key(seed: u8) -> CountKey {
        CountKey::of(&Seed::fixed(seed))
    }

    #[test]
    fn the_later_line_counts_and_a_torn_one_leaves_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("office.sqlite");
        let read = || read(&database, Some(&key(1))).map(|read| read.map(|read| read.count));
        assert_eq!(read().unwrap_err().kind(), io::ErrorKind::NotFound);
        let file = CountFile::begin(&database, &count(1), Some(key(1))).unwrap();
        for commits in 2..12 {
            file.write(&count(commits)).unwrap();
            assert_eq!(read().unwrap(), Some(count(commits)));
        }
        file.sync().unwrap();
        let whole = std::fs::read(path_of(&database)).unwrap();
        for byte in [SLOT_BYTES + 30, SLOT_BYTES + 60] {
            let mut torn = whole.clone();
            torn[byte] ^= 4;
            std::fs::write(path_of(&database), &torn).unwrap();
            assert_eq!(read().unwrap(), Some(count(10)));
            torn[30] ^= 1;
            std::fs::write(path_of(&database), &torn).unwrap();
            assert_eq!(read().unwrap(), None);
        }
        std::fs::write(path_of(&database), b"").unwrap();
        assert_eq!(read().unwrap(), None);
    }

    /// Form 1 is read for ever; a proof is that of the office's own key, or none.
    #[test]
    fn a_line_is_proved_by_the_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("office.sqlite");
        let (head, incarnation) = ("07".repeat(32), "09".repeat(16));
        let form_1 = format!("istiqbal office count 1 7 3 {head} {incarnation} 1 07e9429427ad1c44\n");
        std::fs::write(path_of(&database), form_1).unwrap();
        let found = |key: Option<&CountKey>| read(&database, key).unwrap().map(|read| (read.count, read.is_proved));
        assert_eq!(found(Some(&key(1))), Some((count(7), false)));
        CountFile::begin(&database, &count(7), None).unwrap();
        assert_eq!(found(Some(&key(1))), Some((count(7), false)));
        CountFile::begin(&database, &count(7), Some(key(1))).unwrap();
        assert_eq!(found(Some(&key(1))), Some((count(7), true)));
        assert_eq!((found(None), found(Some(&key(2)))), (Some((count(7), false)), None));
    }
}
