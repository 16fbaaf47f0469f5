//! A segment's bytes: how they are made, and how they are read when they may be damaged.

use std::io;
use std::path::{Path, PathBuf};

use crate::ledger::disk::{self, File};
use crate::ledger::durable;
use crate::seal::envelope::{ENVELOPE_BYTES_MAX, Envelope};

/// The size of a segment: room for some 400 registrations with their signatures.
pub const SEGMENT_BYTES: u64 = 1024 * 1024;

#[cfg(not(test))]
pub const fn segment_bytes() -> u64 {
    SEGMENT_BYTES
}

#[cfg(test)]
pub use small::segment_bytes;

/// Segments that a simulation makes small, so that it fills many.
#[cfg(test)]
pub mod small {
    use std::cell::Cell;

    thread_local! {
        static BYTES: Cell<u64> = const { Cell::new(super::SEGMENT_BYTES) };
    }

    pub fn segment_bytes() -> u64 {
        BYTES.get()
    }

    /// From now on in this thread.
    pub fn set_segment_bytes(bytes: u64) {
        BYTES.set(bytes);
    }
}

pub const SEGMENT_HEADER_BYTES: usize = 20;
pub const FRAME_HEADER_BYTES: usize = 8;

const MAGIC: &[u8; 8] = b"IQJOURN1";
/// A file that can't be read as a whole is read in pieces of this size.
const PIECE_BYTES: usize = 4096;
/// The least that a disk writes at once: a power cut leaves some of a write's sectors as they were before, zeros.
const SECTOR_BYTES: usize = 512;
/// Stands for bytes that the disk doesn't give: never zeros, which would look like an end in order.
const UNREADABLE: u8 = 0xff;

/// What a segment holds.
#[derive(Debug, Default)]
pub struct Content {
    /// Every sound frame, also those behind damaged ones
    pub envelopes: Vec<Envelope>,
    /// What is not as it was written; empty when all is well
    pub wounds: Vec<Wound>,
}

/// Something in a segment that was not written so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wound {
    /// The segment's own header
    Header,
    /// Between sound frames, from this byte to that. `unwritten`: some of its sectors look as though they were never written
    Gap { at: u64, until: u64, unwritten: bool },
    /// Something other than zeros behind the last frame: a write that was cut off by a power cut, or damage
    Tail { at: u64, unwritten: bool },
    /// The file is shorter than a segment
    Short { bytes: u64 },
    /// The disk doesn't give all its bytes
    Unreadable,
    /// There is no file that could be opened, but a folder, a pipe, or a link to nothing
    NoFile,
}

impl std::fmt::Display for Wound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header => write!(formatter, "its header is damaged"),
            Self::Gap { at, until, .. } => write!(formatter, "damaged from byte {at} to byte {until}"),
            Self::Tail { at, .. } => write!(formatter, "damaged or cut off at byte {at}"),
            Self::Short { bytes } => write!(formatter, "cut short to {bytes} bytes"),
            Self::Unreadable => write!(formatter, "the disk doesn't give all its bytes"),
            Self::NoFile => write!(formatter, "it is no file that could be read"),
        }
    }
}

impl Content {
    /// Reads a segment's bytes; any bytes will do.
    pub fn read(bytes: &[u8], number: u64) -> Self {
        let mut content = Self::default();
        if !bytes.starts_with(&header(number)) {
            content.wounds.push(Wound::Header);
        }
        let length = bytes.len() as u64;
        if length < segment_bytes() {
            content.wounds.push(Wound::Short { bytes: length });
        }
        let mut at = SEGMENT_HEADER_BYTES.min(bytes.len());
        loop {
            if let Some((envelope, frame)) = read_frame(&bytes[at..]) {
                content.envelopes.push(envelope);
                at += frame;
                continue;
            }
            if is_zeros(&bytes[at..]) {
                return content;
            }
            // Damage may end before the segment does: whatever is sound behind it counts.
            match (at + 1..bytes.len()).find(|next| read_frame(&bytes[*next..]).is_some()) {
                Some(next) => {
                    let unwritten = has_unwritten_sector(bytes, at, next);
                    content.wounds.push(Wound::Gap { at: at as u64, until: next as u64, unwritten });
                }
                None => {
                    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(at, |last| last + 1);
                    let unwritten = has_unwritten_sector(bytes, at, end);
                    content.wounds.push(Wound::Tail { at: at as u64, unwritten });
                    return content;
                }
            }
            let Some(Wound::Gap { until, .. }) = content.wounds.last() else { return content };
            at = *until as usize;
        }
    }
}

/// Compared piece by piece: unoptimised, a byte at a time takes seconds.
fn is_zeros(bytes: &[u8]) -> bool {
    bytes.chunks(SECTOR_BYTES).all(|piece| *piece == [0; SECTOR_BYTES][..piece.len()])
}

/// True when all that a sector holds of these bytes is zeros: it may never have been written. Fewer bytes than a frame's
/// length has say nothing: that begins with zeros.
fn has_unwritten_sector(bytes: &[u8], at: usize, until: usize) -> bool {
    let sectors = at / SECTOR_BYTES..until.div_ceil(SECTOR_BYTES);
    let mut parts = sectors.map(|sector| (sector * SECTOR_BYTES).max(at)..((sector + 1) * SECTOR_BYTES).min(until));
    parts.any(|part| part.len() >= 4 && bytes.get(part).is_some_and(is_zeros))
}

/// Reads a segment's file. A disk that fails in places gives what it can, and something else in the file's place holds
/// nothing.
pub fn read_segment(path: &Path, number: u64) -> io::Result<Content> {
    if !disk::is_file(path) {
        return Ok(Content { envelopes: Vec::new(), wounds: vec![Wound::NoFile] });
    }
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    match file.read_some(&mut bytes, 0, 2 * segment_bytes() as usize) {
        Ok(_) => Ok(Content::read(&bytes, number)),
        Err(error) => {
            tracing::error!("{}: {error}; reading it piece by piece", path.display());
            let mut content = Content::read(&read_in_pieces(&file, 0, segment_bytes() as usize), number);
            content.wounds.push(Wound::Unreadable);
            Ok(content)
        }
    }
}

/// Reads so many bytes of a file that can't be read as a whole.
pub fn read_in_pieces(file: &File, from: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![UNREADABLE; length];
    for (place, piece) in bytes.chunks_mut(PIECE_BYTES).enumerate() {
        if file.read_exact_at(piece, from + (place * PIECE_BYTES) as u64).is_err() {
            piece.fill(UNREADABLE);
        }
    }
    bytes
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

pub fn push_frame(frames: &mut Vec<u8>, envelope: &[u8]) {
    let length = (envelope.len() as u32).to_be_bytes();
    frames.extend_from_slice(&length);
    frames.extend_from_slice(&frame_sum(&length, envelope).to_be_bytes());
    frames.extend_from_slice(envelope);
}

fn frame_sum(length: &[u8], envelope: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(length), envelope)
}

fn header(number: u64) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut header = [0; SEGMENT_HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..16].copy_from_slice(&number.to_be_bytes());
    let sum = crc32c::crc32c(&header[..16]);
    header[16..].copy_from_slice(&sum.to_be_bytes());
    header
}

pub fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.segment"))
}

fn unfinished_path(folder: &Path, number: u64) -> PathBuf {
    segment_path(folder, number).with_extension("unfinished")
}

/// The numbers of the segments in a folder, in order. Other files are passed over.
pub fn segment_numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for path in disk::read_folder(folder)? {
        let name = path.file_name().unwrap_or_default();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".segment"));
        let number = stem.and_then(|stem| stem.parse::<u64>().ok());
        // Only the form that we write: `7.segment` beside `00000007.segment` would count one number twice.
        numbers.extend(number.filter(|number| segment_path(folder, *number).file_name() == Some(name)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Makes a segment that holds these frames, durable, under a name that doesn't count yet.
pub fn make_unfinished(folder: &Path, number: u64, frames: &[u8]) -> io::Result<File> {
    let path = unfinished_path(folder, number);
    let file = File::create(&path)?;
    let zeros = vec![0; 64 * 1024];
    for place in (0..segment_bytes()).step_by(zeros.len()) {
        file.write_all_at(&zeros, place)?;
    }
    file.write_all_at(&header(number), 0)?;
    file.write_all_at(frames, SEGMENT_HEADER_BYTES as u64)?;
    file.sync_all()?;
    Ok(file)
}

/// Gives a finished segment its name; one that bore it is replaced.
pub fn finish(folder: &Path, number: u64) -> io::Result<()> {
    durable::rename(&unfinished_path(folder, number), &segment_path(folder, number))
}

/// Removes what a crash left of segments that were never finished.
pub fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for path in disk::read_folder(folder)? {
        if path.extension().is_some_and(|extension| extension == "unfinished") {
            disk::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn golden() -> Vec<u8> {
        include_bytes!("../../seal/envelope/golden_v1.envelope").to_vec()
    }

    fn segment(envelopes: usize) -> Vec<u8> {
        let mut bytes = header(7).to_vec();
        for _ in 0..envelopes {
            push_frame(&mut bytes, &golden());
        }
        bytes.resize(SEGMENT_BYTES as usize, 0);
        bytes
    }

    fn frame_bytes() -> usize {
        FRAME_HEADER_BYTES + golden().len()
    }

    #[test]
    fn sound_frames_behind_a_damaged_one_count() {
        let mut bytes = segment(3);
        let second = SEGMENT_HEADER_BYTES + frame_bytes();
        bytes[second + 40] ^= 1;
        let content = Content::read(&bytes, 7);
        assert_eq!(content.envelopes.len(), 2);
        let (at, until) = (second as u64, (second + frame_bytes()) as u64);
        assert_eq!(content.wounds, [Wound::Gap { at, until, unwritten: false }]);
    }

    #[test]
    fn a_sector_that_was_never_written_shows() {
        // The first sector of the second frame is what stood there before: zeros behind the frame before.
        let mut bytes = segment(3);
        let second = SEGMENT_HEADER_BYTES + frame_bytes();
        let sector_ends = (second / SECTOR_BYTES + 1) * SECTOR_BYTES;
        bytes[second..sector_ends.min(second + frame_bytes())].fill(0);
        let wounds = Content::read(&bytes, 7).wounds;
        assert!(matches!(wounds[..], [Wound::Gap { unwritten: true, .. }]), "{wounds:?}");
        // Less than a sector's share is damage.
        let mut bytes = segment(3);
        bytes[second + 4..second + 60].fill(0);
        let wounds = Content::read(&bytes, 7).wounds;
        assert!(matches!(wounds[..], [Wound::Gap { unwritten: false, .. }]), "{wounds:?}");
    }

    #[test]
    fn each_wound_is_named() {
        let tail = (SEGMENT_HEADER_BYTES + frame_bytes()) as u64;
        let mut bytes = segment(1);
        assert_eq!(Content::read(&bytes, 7).wounds, []);
        assert_eq!(Content::read(&bytes, 8).wounds, [Wound::Header]);
        bytes[tail as usize + 5000] = 1;
        assert_eq!(Content::read(&bytes, 7).wounds, [Wound::Tail { at: tail, unwritten: true }]);
        let cut = &segment(1)[..5000];
        assert_eq!(Content::read(cut, 7).wounds, [Wound::Short { bytes: 5000 }]);
        assert_eq!(Content::read(&[], 7).wounds, [Wound::Header, Wound::Short { bytes: 0 }]);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
            Content::read(&bytes, 1);
        }

        /// Whatever is done to one place, at most the frame there is lost, and it is seen.
        #[test]
        fn damage_at_one_place_costs_one_frame(place in 0..5000_usize, flip in 1..=255_u8) {
            let mut bytes = segment(8);
            let place = place % (SEGMENT_HEADER_BYTES + 8 * frame_bytes());
            bytes[place] ^= flip;
            let content = Content::read(&bytes, 7);
            prop_assert!(content.envelopes.len() >= 7);
            prop_assert!(!content.wounds.is_empty());
        }
    }
}
