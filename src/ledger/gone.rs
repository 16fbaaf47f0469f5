//! What is gone from the journal: because the office and its backup hold it, or because both copies have lost it.

use std::collections::{BTreeMap, BTreeSet};
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
    /// False when the file was damaged or is missing beside a journal that begins in the middle: nobody knows where it
    /// should begin
    is_known: bool,
    is_missing: bool,
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
    /// Of each epoch the last sequence that left; an earlier version kept only that of the last epoch
    left: BTreeMap<Epoch, u64>,
    /// Envelopes that nobody was promised, of a write that a power cut tore: never taken from anywhere again
    dropped: BTreeSet<[u8; 32]>,
}

/// The content as an earlier version wrote it.
#[derive(Deserialize)]
struct ContentBefore {
    through: Option<GoneThrough>,
    numbers: BTreeSet<TrackingNumber>,
    breaks: BTreeSet<[u8; 32]>,
}

impl From<ContentBefore> for Content {
    fn from(before: ContentBefore) -> Self {
        let ContentBefore { through, numbers, breaks } = before;
        let left = through.iter().map(|through| (through.epoch, through.sequence)).collect();
        Self { through, numbers, breaks, left, ..Self::default() }
    }
}

impl Gone {
    /// Reads the file; `None` when it is damaged.
    pub fn read(path: &Path) -> Result<Option<Self>, LedgerError> {
        let found = value_file::read_grown::<Content, ContentBefore>(path).map_err(LedgerError::at(path))?;
        let (content, is_missing) = match found {
            Found::Missing => (Content::default(), true),
            Found::Damaged => return Ok(None),
            Found::Sound(content) => (content, false),
        };
        Ok(Some(Self { path: path.to_owned(), content, is_known: true, is_missing }))
    }

    /// Stands in for a damaged or missing file until the next change replaces it.
    pub fn unknown(path: &Path, numbers: BTreeSet<TrackingNumber>) -> Self {
        let content = Content { numbers, ..Content::default() };
        Self { path: path.to_owned(), content, is_known: false, is_missing: false }
    }

    /// There is no file: nothing has left yet, or the file was lost.
    pub fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// Makes the file where there is none, so that its loss shows.
    pub fn make(&mut self) -> Result<(), LedgerError> {
        if self.is_missing {
            self.save()?;
            self.is_missing = false;
        }
        Ok(())
    }

    /// True for an envelope that left because the office and its backup held it.
    pub fn has_left(&self, epoch: Epoch, sequence: u64) -> bool {
        self.content.left.get(&epoch).is_some_and(|left| sequence <= *left)
    }

    /// True for an envelope that nobody was promised.
    pub fn was_dropped(&self, hash: HeaderHash) -> bool {
        self.content.dropped.contains(&hash.0)
    }

    pub fn note_dropped(&mut self, hashes: impl IntoIterator<Item = HeaderHash>) -> Result<(), LedgerError> {
        let before = self.content.dropped.len();
        self.content.dropped.extend(hashes.into_iter().map(|hash| hash.0));
        if self.content.dropped.len() > before { self.save() } else { Ok(()) }
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

    /// Everything through this header may leave from now on: of each epoch through this sequence, and with it these numbers.
    pub fn advance(
        &mut self,
        last: &Header,
        left: impl IntoIterator<Item = (Epoch, u64)>,
        numbers: impl IntoIterator<Item = TrackingNumber>,
    ) -> Result<(), LedgerError> {
        let through = GoneThrough { epoch: last.epoch, sequence: last.sequence, head: last.hash() };
        self.content.through = Some(through);
        for (epoch, sequence) in left {
            let last = self.content.left.entry(epoch).or_insert(sequence);
            *last = sequence.max(*last);
        }
        self.content.numbers.extend(numbers);
        self.save()
    }

    fn save(&self) -> Result<(), LedgerError> {
        value_file::replace(&self.path, &self.content).map_err(LedgerError::at(&self.path))
    }
}
