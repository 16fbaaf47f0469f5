//! The count: the last envelope that was known to be durable, in a small file outside journal and store.
//!
//! When the end of both is lost, what is left looks whole. The count says that there was more. It is written behind the
//! visitors' commits, so it may lie a little behind the end, and never before something that wasn't durable.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::gone::Gone;
use super::opening::lost::Lost;
use super::opening::survey::Survey;
use super::value_file::{self, Found};
use crate::seal::envelope::{Epoch, HeaderHash, Place};

/// Number of envelopes after which the count is written although somebody always waits.
pub const COUNT_EVERY: u64 = 256;

/// The last envelope that was known to be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub epoch: Epoch,
    pub sequence: u64,
    pub head: HeaderHash,
}

/// The last envelopes of epochs, by epoch: sequence and header hash.
pub type Ends = BTreeMap<Epoch, (u64, HeaderHash)>;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    counted: Counted,
    /// Where each epoch that is over ends; an earlier version wrote none
    ended: Option<Ends>,
}

impl From<Counted> for Content {
    fn from(counted: Counted) -> Self {
        Self { counted, ended: None }
    }
}

/// The file that holds it.
pub struct Count {
    path: PathBuf,
    counted: Option<Counted>,
    /// `None` when nobody knows which epochs there were
    ended: Option<Ends>,
    /// The file says the same
    is_saved: bool,
}

impl Count {
    /// Reads the file. One that is missing or damaged says nothing, like that of an earlier version, which wrote none.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let found = value_file::read_grown::<Content, Counted>(path).map_err(LedgerError::at(path))?;
        let (counted, ended) = match found {
            Found::Sound(Content { counted, ended }) => (Some(counted), ended),
            Found::Missing | Found::Damaged => (None, None),
        };
        Ok(Self { path: path.to_owned(), is_saved: counted.is_some(), counted, ended })
    }

    /// True for an envelope that was durable when the count was written last.
    pub fn covers(&self, epoch: Epoch, sequence: u64) -> bool {
        self.counted.is_some_and(|counted| counted.epoch == epoch && sequence <= counted.sequence)
    }

    /// How many envelopes of the epoch are not counted yet.
    pub fn behind(&self, next: &Place) -> u64 {
        match self.counted.filter(|counted| counted.epoch == next.epoch) {
            Some(counted) => next.sequence.saturating_sub(counted.sequence.saturating_add(1)),
            None => next.sequence,
        }
    }

    /// Everything before this place is durable. A disk on which this can't be written breaks no promise.
    pub fn note(&mut self, next: &Place) {
        let Some(sequence) = next.sequence.checked_sub(1) else { return };
        let counted = Counted { epoch: next.epoch, sequence, head: next.previous };
        if self.is_saved && self.counted == Some(counted) {
            return;
        }
        match value_file::replace(&self.path, &Content { counted, ended: self.ended.clone() }) {
            Ok(()) => (self.counted, self.is_saved) = (Some(counted), true),
            Err(error) => tracing::warn!("{}: {error}", self.path.display()),
        }
    }

    /// Another epoch begins behind what stands before this place. Written with the next [`Self::note`].
    pub fn end_epoch(&mut self, next: &Place) {
        if let (Some(ended), Some(last)) = (&mut self.ended, next.sequence.checked_sub(1)) {
            let end = ended.entry(next.epoch).or_insert((last, next.previous));
            if last > end.0 {
                *end = (last, next.previous);
            }
            self.is_saved = false;
        }
    }

    /// The journal holds these epochs to these ends; `current` still goes on. What is missing of others was named. Written
    /// with the next [`Self::note`].
    pub fn note_ends(&mut self, mut ends: Ends, current: Epoch) {
        ends.remove(&current);
        if self.ended.as_ref() != Some(&ends) {
            (self.ended, self.is_saved) = (Some(ends), false);
        }
    }

    /// True when all epochs are known that had ended when this was written last.
    pub fn knows_epochs(&self) -> bool {
        self.ended.is_some()
    }

    /// True of a file that is there and sound.
    pub fn is_there(&self) -> bool {
        self.counted.is_some()
    }

    /// True where it is known how far an epoch went, or went at least where it was the newest: what is missing of its end is
    /// named exactly.
    pub fn knows(&self, epoch: Epoch) -> bool {
        self.knows_end_of(epoch) || self.counted.is_some_and(|counted| counted.epoch == epoch)
    }

    /// True where it is known how far an epoch went that is over.
    pub fn knows_end_of(&self, epoch: Epoch) -> bool {
        self.ended.as_ref().is_some_and(|ended| ended.contains_key(&epoch))
    }

    /// Names the ends of chains that were durable, have not left and aren't found.
    pub fn missing_ends(&self, found: &Survey, gone: &Gone) -> Vec<Lost> {
        let mut ends = self.ended.clone().unwrap_or_default();
        if let Some(Counted { epoch, sequence, head }) = self.counted
            && ends.get(&epoch).is_none_or(|(last, _)| *last < sequence)
        {
            ends.insert(epoch, (sequence, head));
        }
        let missing = |(epoch, (sequence, head)): (Epoch, (u64, HeaderHash))| {
            if gone.ends_with(head) || gone.has_left(epoch, sequence) {
                return None;
            }
            // Behind it may stand another epoch, or records that come late: the chain says nothing of an epoch's end.
            let first = match found.last_sequence(epoch) {
                Some(last) => last.checked_add(1)?,
                // It may have left, where nobody knows what has.
                None if !gone.is_known() && self.counted.is_none_or(|counted| counted.epoch != epoch) => return None,
                None => gone.begins_from(epoch),
            };
            (first <= sequence).then_some(Lost { epoch, first, last: Some(sequence), resumes_after: Some(head) })
        };
        let missing: Vec<Lost> = ends.into_iter().filter_map(missing).collect();
        let unknown = missing.iter().find_map(|missing| self.unknown_end(missing, found));
        unknown.into_iter().chain(missing).collect()
    }

    /// Names the end of the epoch before the newest one, where only the beginning of that would say how far it went, and is
    /// missing.
    fn unknown_end(&self, missing: &Lost, found: &Survey) -> Option<Lost> {
        self.counted.filter(|counted| counted.epoch == missing.epoch)?;
        let before = found.last.as_ref().filter(|last| missing.first == 0 && last.epoch != missing.epoch)?;
        let first = before.sequence.checked_add(1).filter(|_| !self.knows_end_of(before.epoch))?;
        Some(Lost { epoch: before.epoch, first, last: None, resumes_after: None })
    }
}
