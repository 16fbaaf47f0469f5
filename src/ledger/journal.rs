//! The journal: segments of zeros, made beforehand, into which frames are written and synced.
//!
//! A segment is a file of [`SEGMENT_BYTES`]: a header (magic, number, CRC32C), then frames, then zeros. A frame is the
//! length of an envelope (4 bytes, big-endian), the CRC32C of length and envelope (4 bytes), and the envelope.
//! Overwriting zeros that are already on the disk lets `fdatasync` return without a change of the file's metadata.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::seal::envelope::{ENVELOPE_BYTES_MAX, Envelope};

/// The size of a segment: room for some 400 registrations with their signatures.
pub const SEGMENT_BYTES: u64 = 1024 * 1024;

const MAGIC: &[u8; 8] = b"IQJOURN1";
const SEGMENT_HEADER_BYTES: usize = 20;
const FRAME_HEADER_BYTES: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("{}: {source}. Nothing was promised; check the disk, then start the kiosk again", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// The segment that is written to, and where its next frame goes.
pub struct Journal {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    number: u64,
    end: u64,
}

impl Journal {
    /// Makes the first segment, or the next one after `number - 1`; durable before this returns.
    pub fn create(folder: &Path, number: u64) -> Result<Self, JournalError> {
        let path = segment_path(folder, number);
        let made = make_segment(&path, number).and_then(|file| sync_folder(folder).map(|()| file));
        let file = made.map_err(|source| JournalError::Io { path: path.clone(), source })?;
        Ok(Self { folder: folder.to_owned(), path, file, number, end: SEGMENT_HEADER_BYTES as u64 })
    }

    /// Writes all frames and syncs once. After an error the journal must not be used: what is on the disk is unknown.
    pub fn append(&mut self, envelopes: &[Envelope]) -> Result<(), JournalError> {
        let mut frames = Vec::new();
        for envelope in envelopes {
            push_frame(&mut frames, &envelope.encode());
        }
        if self.end + frames.len() as u64 > SEGMENT_BYTES {
            *self = Self::create(&self.folder, self.number + 1)?;
        }
        let written = self.file.write_all_at(&frames, self.end).and_then(|()| self.file.sync_data());
        written.map_err(|source| JournalError::Io { path: self.path.clone(), source })?;
        self.end += frames.len() as u64;
        Ok(())
    }

    pub fn number(&self) -> u64 {
        self.number
    }
}

/// What a segment holds, as far as it can be read.
pub struct Segment {
    pub number: u64,
    pub path: PathBuf,
    pub envelopes: Vec<Envelope>,
    pub end: SegmentEnd,
}

/// What stands behind the last good frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentEnd {
    /// Zeros: the segment was left in order
    Clean,
    /// Something else, from this byte on: a write that was cut off, or damage
    Torn { at: u64 },
}

/// The segments of a journal in order. A file whose header is damaged counts as torn at its beginning.
pub fn read_segments(folder: &Path) -> Result<Vec<Segment>, JournalError> {
    let failed = |source| JournalError::Io { path: folder.to_owned(), source };
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".segment"));
        numbers.extend(stem.and_then(|stem| stem.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    numbers.into_iter().map(|number| read_segment(&segment_path(folder, number), number)).collect()
}

pub fn remove_segment(folder: &Path, number: u64) -> Result<(), JournalError> {
    let path = segment_path(folder, number);
    let removed = fs::remove_file(&path).and_then(|()| sync_folder(folder));
    removed.map_err(|source| JournalError::Io { path, source })
}

fn read_segment(path: &Path, number: u64) -> Result<Segment, JournalError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(2 * SEGMENT_BYTES).read_to_end(&mut bytes));
    read.map_err(|source| JournalError::Io { path: path.to_owned(), source })?;
    let segment = |envelopes, end| Segment { number, path: path.to_owned(), envelopes, end };
    if !bytes.starts_with(&segment_header(number)) {
        return Ok(segment(Vec::new(), SegmentEnd::Torn { at: 0 }));
    }
    let mut envelopes = Vec::new();
    let mut at = SEGMENT_HEADER_BYTES;
    while let Some((envelope, length)) = read_frame(&bytes[at..]) {
        envelopes.push(envelope);
        at += length;
    }
    let clean = bytes[at..].iter().all(|byte| *byte == 0);
    Ok(segment(envelopes, if clean { SegmentEnd::Clean } else { SegmentEnd::Torn { at: at as u64 } }))
}

/// The first frame of the bytes and how many bytes it takes; `None` for anything that is no whole, sound frame.
pub fn read_frame(bytes: &[u8]) -> Option<(Envelope, usize)> {
    let (header, rest) = bytes.split_first_chunk::<FRAME_HEADER_BYTES>()?;
    let (length, sum) = header.split_at(4);
    let length_value = u32::from_be_bytes(length.try_into().ok()?) as usize;
    if length_value == 0 || length_value > ENVELOPE_BYTES_MAX {
        return None;
    }
    let envelope = rest.get(..length_value)?;
    if frame_sum(length, envelope).to_be_bytes() != sum {
        return None;
    }
    Some((Envelope::decode(envelope).ok()?, FRAME_HEADER_BYTES + length_value))
}

fn push_frame(frames: &mut Vec<u8>, envelope: &[u8]) {
    let length = (envelope.len() as u32).to_be_bytes();
    frames.extend_from_slice(&length);
    frames.extend_from_slice(&frame_sum(&length, envelope).to_be_bytes());
    frames.extend_from_slice(envelope);
}

fn frame_sum(length: &[u8], envelope: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(length), envelope)
}

fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.segment"))
}

fn segment_header(number: u64) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut header = [0; SEGMENT_HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..16].copy_from_slice(&number.to_be_bytes());
    let sum = crc32c::crc32c(&header[..16]);
    header[16..].copy_from_slice(&sum.to_be_bytes());
    header
}

/// A file of zeros with its header, on the disk. It takes its name only when it is whole.
fn make_segment(path: &Path, number: u64) -> io::Result<File> {
    let unfinished = path.with_extension("unfinished");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let zeros = vec![0; 64 * 1024];
    for place in (0..SEGMENT_BYTES).step_by(zeros.len()) {
        file.write_all_at(&zeros, place)?;
    }
    file.write_all_at(&segment_header(number), 0)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    Ok(file)
}

/// Makes names that were added to a folder, or removed from it, durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
