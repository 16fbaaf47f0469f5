//! The count: the last envelope that was known to be durable, in a small file outside journal and store.
//!
//! When the end of both is lost, what is left looks whole. The count says that there was more. It is written behind the
//! visitors' commits, so it may lie a little behind the end, and never before something that wasn't durable.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::gone::Gone;
use super::opening::mending::Lost;
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

/// The file that holds it.
pub struct Count {
    path: PathBuf,
    counted: Option<Counted>,
}

impl Count {
    /// Reads the file. One that is missing or damaged says nothing, like that of an earlier version, which wrote none.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let counted = match value_file::read(path).map_err(LedgerError::at(path))? {
            Found::Sound(counted) => Some(counted),
            Found::Missing | Found::Damaged => None,
        };
        Ok(Self { path: path.to_owned(), counted })
    }

    pub fn counted(&self) -> Option<Counted> {
        self.counted
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
        if self.counted == Some(counted) {
            return;
        }
        match value_file::replace(&self.path, &counted) {
            Ok(()) => self.counted = Some(counted),
            Err(error) => tracing::warn!("{}: {error}", self.path.display()),
        }
    }

    /// Names the end of the chain that was durable, has not left and isn't found.
    pub fn missing_end(&self, found: &Survey, gone: &Gone) -> Option<Lost> {
        let Counted { epoch, sequence, head } = self.counted?;
        if found.counted_is_here || gone.ends_with(head) || gone.has_left(epoch, sequence) {
            return None;
        }
        // Behind it may stand another epoch, or records that come late: the chain says nothing of an epoch's end.
        let first = match found.last_sequence(epoch) {
            Some(last) => last.checked_add(1)?,
            None => gone.through().filter(|through| through.epoch == epoch).map_or(0, |through| through.sequence + 1),
        };
        (first <= sequence).then_some(Lost { epoch, first, last: Some(sequence), resumes_after: Some(head) })
    }

    /// Names the end of the epoch before a missing one: only its beginning would say how far that one went.
    pub fn unknown_end(missing: &Lost, found: &Survey) -> Option<Lost> {
        let before = found.last.as_ref().filter(|last| missing.first == 0 && last.epoch != missing.epoch)?;
        let first = before.sequence.checked_add(1)?;
        Some(Lost { epoch: before.epoch, first, last: None, resumes_after: None })
    }
}
