//! The journal: segments of zeros, made beforehand, into which frames are written and synced.
//!
//! A segment is a file of [`SEGMENT_BYTES`]: a header (magic, number, CRC32C), then frames, then zeros. A frame is the
//! length of an envelope (4 bytes, big-endian), the CRC32C of length and envelope (4 bytes), and the envelope.
//! Overwriting zeros that are already on the disk lets `fdatasync` return without a change of the file's metadata.

mod segment;
mod span;

use std::io;
use std::path::{Path, PathBuf};

use crate::ledger::disk::File;
use crate::ledger::durable;
use crate::seal::envelope::Envelope;

pub use segment::segment_bytes;
#[cfg(test)]
pub use segment::small;
pub use segment::{
    Content, FRAME_HEADER_BYTES, SEGMENT_BYTES, SEGMENT_HEADER_BYTES, Wound, read_frame, read_in_pieces, read_segment,
    remove_unfinished, segment_numbers, segment_path,
};
use segment::{finish, make_unfinished, push_frame};
pub use span::{Part, Span};

/// When a segment is filled so far, the next one is made, so that no visitor waits for it.
fn next_segment_from() -> u64 {
    segment_bytes() / 4 * 3
}

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("{}: {source}. Nothing was promised; check the disk, then start the kiosk again", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl JournalError {
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

/// The segment that is written to, and where its next frame goes.
pub struct Journal {
    folder: PathBuf,
    file: File,
    number: u64,
    end: u64,
    /// The next segment, finished but for its name
    next: Option<File>,
}

impl Journal {
    /// Makes a segment that holds the frames of these envelopes, in place of one of the same number if there is one;
    /// durable before this returns.
    ///
    /// After a crash, what a page cache shows of the last segment proves nothing: opening rewrites it by this.
    pub fn begin(folder: &Path, number: u64, envelopes: &[Envelope]) -> Result<Self, JournalError> {
        let frames = frames(envelopes);
        let path = segment_path(folder, number);
        let made = make_unfinished(folder, number, &frames);
        let file = made.and_then(|file| finish(folder, number).map(|()| file)).map_err(JournalError::at(&path))?;
        let end = (SEGMENT_HEADER_BYTES + frames.len()) as u64;
        Ok(Self { folder: folder.to_owned(), file, number, end, next: None })
    }

    /// Writes all frames and syncs once. True when that began a new segment. After an error the journal must not be
    /// used: what is on the disk is unknown, and a failed sync is never tried again.
    pub fn append(&mut self, envelopes: &[Envelope]) -> Result<bool, JournalError> {
        let frames = frames(envelopes);
        let is_full = self.end + frames.len() as u64 > segment_bytes();
        if is_full {
            self.turn_over()?;
        }
        let written = self.file.write_all_at(&frames, self.end).and_then(|()| self.file.sync_data());
        written.map_err(JournalError::at(&self.path()))?;
        self.end += frames.len() as u64;
        Ok(is_full)
    }

    /// Makes the next segment when this one is nearly full. To be called when nobody waits.
    pub fn prepare(&mut self) -> Result<(), JournalError> {
        if self.next.is_none() && self.end >= next_segment_from() {
            let number = self.number + 1;
            let made = make_unfinished(&self.folder, number, &[]);
            self.next = Some(made.map_err(JournalError::at(&segment_path(&self.folder, number)))?);
        }
        Ok(())
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// Removes a segment that is no longer needed.
    pub fn remove(&self, number: u64) -> Result<(), JournalError> {
        let path = segment_path(&self.folder, number);
        durable::remove_file(&path).map_err(JournalError::at(&path))
    }

    fn turn_over(&mut self) -> Result<(), JournalError> {
        let Some(file) = self.next.take() else {
            *self = Self::begin(&self.folder, self.number + 1, &[])?;
            return Ok(());
        };
        let number = self.number + 1;
        finish(&self.folder, number).map_err(JournalError::at(&segment_path(&self.folder, number)))?;
        (self.file, self.number, self.end) = (file, number, SEGMENT_HEADER_BYTES as u64);
        Ok(())
    }

    fn path(&self) -> PathBuf {
        segment_path(&self.folder, self.number)
    }
}

fn frames(envelopes: &[Envelope]) -> Vec<u8> {
    let mut frames = Vec::new();
    for envelope in envelopes {
        push_frame(&mut frames, &envelope.encode());
    }
    frames
}
