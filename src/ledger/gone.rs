//! What is gone from the journal: because the office and its backup hold it, or because both copies have lost it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::value_file::{self, Found};
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::{Epoch, Header, HeaderHash};

/// The file beside the journal that says how far it has been cleared. It is replaced before a segment goes, so that a
/// journal whose beginning is missing can be told from one whose beginning was no longer needed.
pub struct Gone {
    path: PathBuf,
    content: Content,
    /// False when the file was damaged: then the journal may begin anywhere
    is_known: bool,
}

/// The last envelope that left the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneThrough {
    pub epoch: Epoch,
    pub sequence: u64,
    pub head: HeaderHash,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Content {
    through: Option<GoneThrough>,
    /// Numbers that were given to requests which have left: none is ever given twice
    numbers: BTreeSet<TrackingNumber>,
    /// The envelopes before which something is lost in both copies: that was told once, and isn't found anew each time
    breaks: BTreeSet<[u8; 32]>,
}

impl Gone {
    /// Reads the file; `None` when it is damaged.
    pub fn read(path: &Path) -> Result<Option<Self>, LedgerError> {
        let content = match value_file::read(path).map_err(LedgerError::at(path))? {
            Found::Missing => Content::default(),
            Found::Damaged => return Ok(None),
            Found::Sound(content) => content,
        };
        Ok(Some(Self { path: path.to_owned(), content, is_known: true }))
    }

    /// Stands in for a damaged file until the next change replaces it.
    pub fn unknown(path: &Path, numbers: BTreeSet<TrackingNumber>) -> Self {
        Self { path: path.to_owned(), content: Content { numbers, ..Content::default() }, is_known: false }
    }

    pub fn through(&self) -> Option<&GoneThrough> {
        self.content.through.as_ref()
    }

    /// True when a journal that begins after this hash begins where it should.
    pub fn allows_beginning_after(&self, previous: HeaderHash) -> bool {
        previous == HeaderHash::NONE || self.ends_with(previous) || !self.is_known
    }

    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Takes the journal's beginning as it is, when all that could be brought back was.
    pub fn accept_beginning(&mut self, first: &Header) -> Result<(), LedgerError> {
        if self.is_known && self.allows_beginning_after(first.previous) {
            return Ok(());
        }
        if first.previous != HeaderHash::NONE {
            let sequence = first.sequence.saturating_sub(1);
            self.content.through = Some(GoneThrough { epoch: first.epoch, sequence, head: first.previous });
        }
        self.save()?;
        self.is_known = true;
        Ok(())
    }

    /// True for the last envelope that left.
    pub fn ends_with(&self, hash: HeaderHash) -> bool {
        self.through().is_some_and(|through| through.head == hash)
    }

    /// True for an envelope before which something is known to be lost.
    pub fn knows_break_before(&self, hash: HeaderHash) -> bool {
        self.content.breaks.contains(&hash.0)
    }

    pub fn note_breaks(&mut self, before: impl IntoIterator<Item = HeaderHash>) -> Result<(), LedgerError> {
        self.content.breaks.extend(before.into_iter().map(|hash| hash.0));
        self.save()
    }

    pub fn has(&self, number: TrackingNumber) -> bool {
        self.content.numbers.contains(&number)
    }

    pub fn numbers(&self) -> &BTreeSet<TrackingNumber> {
        &self.content.numbers
    }

    /// Everything through this header may leave from now on, and with it these numbers.
    pub fn advance(
        &mut self,
        last: &Header,
        numbers: impl IntoIterator<Item = TrackingNumber>,
    ) -> Result<(), LedgerError> {
        let through = GoneThrough { epoch: last.epoch, sequence: last.sequence, head: last.hash() };
        self.content.through = Some(through);
        self.content.numbers.extend(numbers);
        self.save()
    }

    fn save(&self) -> Result<(), LedgerError> {
        value_file::replace(&self.path, &self.content).map_err(LedgerError::at(&self.path))
    }
}
