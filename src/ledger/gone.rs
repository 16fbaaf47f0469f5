//! What is gone from the journal: because the office and its backup hold it, or because both copies have lost it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::journal::Part;
use super::places::Places;
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

/// The envelopes before and behind a place where something is lost.
pub type Break = (HeaderHash, HeaderHash);

#[derive(Clone, Default, Serialize, Deserialize)]
struct Content {
    through: Option<GoneThrough>,
    /// Numbers that were given to requests which have left: none is ever given twice
    numbers: BTreeSet<TrackingNumber>,
    /// Breaks as earlier versions kept them: only the envelope behind each. [`Self::known_breaks`] takes their place.
    breaks: BTreeSet<[u8; 32]>,
    /// Of each epoch the last sequence that left; an earlier version kept only that of the last epoch
    left: BTreeMap<Epoch, u64>,
    /// Envelopes that nobody was promised, of a write that a power cut tore: never taken from anywhere again
    dropped: BTreeSet<[u8; 32]>,
    /// The envelopes before and behind each place where something is lost in both copies: that was told once, and isn't
    /// found anew each time
    known_breaks: BTreeSet<([u8; 32], [u8; 32])>,
    /// Holes before what has left: they didn't leave with it
    holes: Places,
    /// Places that count as unsent until the office has answered to them themselves: of envelopes that came back, and that it
    /// may have been told are lost, so that it acknowledges what stands behind without holding them. They stay until their
    /// segment leaves: the office may be restored from a backup that lacks them.
    found_again: Places,
    /// Envelopes in what was set aside at whose places others stand: told once
    forks: BTreeSet<[u8; 32]>,
    /// All that was set aside has been read
    searched: bool,
}

/// The content before it held breaks as pairs.
#[derive(Deserialize)]
struct ContentOfSingleBreaks {
    through: Option<GoneThrough>,
    numbers: BTreeSet<TrackingNumber>,
    breaks: BTreeSet<[u8; 32]>,
    left: BTreeMap<Epoch, u64>,
    dropped: BTreeSet<[u8; 32]>,
}

/// The content before it held what left of each epoch.
#[derive(Deserialize)]
struct ContentOfLastEpoch {
    through: Option<GoneThrough>,
    numbers: BTreeSet<TrackingNumber>,
    breaks: BTreeSet<[u8; 32]>,
}

impl From<ContentOfSingleBreaks> for Content {
    fn from(before: ContentOfSingleBreaks) -> Self {
        let ContentOfSingleBreaks { through, numbers, breaks, left, dropped } = before;
        Self { through, numbers, breaks, left, dropped, ..Self::default() }
    }
}

impl From<ContentOfLastEpoch> for Content {
    fn from(before: ContentOfLastEpoch) -> Self {
        let ContentOfLastEpoch { through, numbers, breaks } = before;
        let left = through.iter().map(|through| (through.epoch, through.sequence)).collect();
        Self { through, numbers, breaks, left, ..Self::default() }
    }
}

impl Content {
    /// Reads what this version or an earlier one wrote: each has added to the end.
    fn decode(text: &[u8]) -> Option<Self> {
        postcard::from_bytes(text)
            .or_else(|_| postcard::from_bytes::<ContentOfSingleBreaks>(text).map(Self::from))
            .or_else(|_| postcard::from_bytes::<ContentOfLastEpoch>(text).map(Self::from))
            .ok()
    }
}

impl Gone {
    /// Reads the file; `None` when it is damaged.
    pub fn read(path: &Path) -> Result<Option<Self>, LedgerError> {
        let found = value_file::read_by(path, Content::decode).map_err(LedgerError::at(path))?;
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
        let is_before = self.content.left.get(&epoch).is_some_and(|left| sequence <= *left);
        is_before && !self.content.holes.contains(epoch, sequence)
    }

    /// The first sequence of an epoch that has not left: where its first envelope here should stand.
    pub fn begins_from(&self, epoch: Epoch) -> u64 {
        let through = self.through().filter(|through| through.epoch == epoch).map(|through| through.sequence);
        let left = self.content.left.get(&epoch).copied();
        through.max(left).map_or(0, |last| last.saturating_add(1))
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

    /// True when a journal that begins with this envelope begins where it should.
    pub fn allows_beginning_with(&self, first: &Header) -> bool {
        first.previous == HeaderHash::NONE || self.ends_before(first) || !self.is_known
    }

    /// True of the envelope that stood behind the last one that left: it follows that one, or a place is known between them
    /// where the chain is broken.
    pub fn ends_before(&self, header: &Header) -> bool {
        self.ends_with(header.previous)
            || self.through().is_some_and(|through| self.knows_break(through.head, header.hash()))
    }

    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Takes the journal's beginning as it is, when all that could be brought back was.
    pub fn accept_beginning(&mut self, first: Option<&Header>) -> Result<(), LedgerError> {
        if self.is_known && first.is_none_or(|first| self.allows_beginning_with(first)) {
            return Ok(());
        }
        if let Some(first) = first.filter(|first| first.previous != HeaderHash::NONE) {
            let sequence = first.sequence.saturating_sub(1);
            self.content.through = Some(GoneThrough { epoch: first.epoch, sequence, head: first.previous });
        }
        self.is_known = true;
        self.save()
    }

    /// True for the last envelope that left.
    pub fn ends_with(&self, hash: HeaderHash) -> bool {
        self.through().is_some_and(|through| through.head == hash)
    }

    /// True where it is known that something is lost between these two, which stand one behind the other.
    pub fn knows_break(&self, before: HeaderHash, behind: HeaderHash) -> bool {
        self.content.known_breaks.contains(&(before.0, behind.0)) || self.content.breaks.contains(&behind.0)
    }

    /// True of a break that was noted without what stands before it.
    pub fn knows_only_behind(&self, behind: HeaderHash) -> bool {
        self.content.breaks.contains(&behind.0)
    }

    pub fn note_breaks(&mut self, breaks: impl IntoIterator<Item = Break>) -> Result<(), LedgerError> {
        let mut breaks = breaks.into_iter().peekable();
        if breaks.peek().is_none() {
            return Ok(());
        }
        for (before, behind) in breaks {
            self.content.breaks.remove(&behind.0);
            self.content.known_breaks.insert((before.0, behind.0));
        }
        self.save()
    }

    /// False until all that was set aside has been read: before that, nothing is given up.
    pub fn was_searched(&self) -> bool {
        self.content.searched
    }

    /// Notes that the files set aside were read, completely or not, and which forks in them were told.
    pub fn note_searched(
        &mut self,
        is_all: bool,
        forks: impl IntoIterator<Item = HeaderHash>,
    ) -> Result<(), LedgerError> {
        let before = (self.content.searched, self.content.forks.len());
        self.content.searched = is_all;
        self.content.forks.extend(forks.into_iter().map(|hash| hash.0));
        if (is_all, self.content.forks.len()) == before { Ok(()) } else { self.save() }
    }

    /// True for an envelope of a fork that was told.
    pub fn knows_fork(&self, hash: HeaderHash) -> bool {
        self.content.forks.contains(&hash.0)
    }

    /// The places that an acknowledgement doesn't cover.
    pub fn found_again(&self) -> &Places {
        &self.content.found_again
    }

    /// Notes places before what came back stands in the journal, where what the office acknowledged seems to cover it.
    pub fn note_found_again(&mut self, parts: impl IntoIterator<Item = Part>) -> Result<(), LedgerError> {
        let before = self.content.found_again.clone();
        parts.into_iter().for_each(|part| self.content.found_again.add(part));
        if self.content.found_again == before { Ok(()) } else { self.save() }
    }

    pub fn has(&self, number: TrackingNumber) -> bool {
        self.content.numbers.contains(&number)
    }

    pub fn numbers(&self) -> &BTreeSet<TrackingNumber> {
        &self.content.numbers
    }

    /// Everything through this header may leave from now on: these parts, and with them these numbers.
    pub fn advance(
        &mut self,
        last: &Header,
        left: &[Part],
        numbers: impl IntoIterator<Item = TrackingNumber>,
    ) -> Result<(), LedgerError> {
        for Part { epoch, first, last } in left.iter().copied() {
            let from = self.content.left.get(&epoch).map_or(0, |left| left.saturating_add(1));
            if let Some(before) = first.checked_sub(1).filter(|before| *before >= from) {
                self.content.holes.add(Part { epoch, first: from, last: before });
            }
            self.content.holes.remove(Part { epoch, first, last });
            self.content.found_again.remove(Part { epoch, first, last });
            let left = self.content.left.entry(epoch).or_insert(last);
            *left = last.max(*left);
        }
        self.content.through = Some(GoneThrough { epoch: last.epoch, sequence: last.sequence, head: last.hash() });
        self.content.numbers.extend(numbers);
        self.save()
    }

    fn save(&self) -> Result<(), LedgerError> {
        if !self.is_known {
            // A file that says where the journal begins must not replace one of which nobody knows that.
            return Ok(());
        }
        value_file::replace(&self.path, &self.content).map_err(LedgerError::at(&self.path))
    }
}
