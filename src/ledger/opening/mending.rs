//! Mending a damaged journal: whatever another copy still holds takes the place of what the journal has lost.
//!
//! The whole is written into a fresh folder, which then takes the journal's name; the damaged one is kept.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use super::Attention;
use super::copies::Copies;
use super::damaged::Damaged;
use crate::domain::record::LostRange;
use crate::ledger::files::Files;
use crate::ledger::gone::Gone;
use crate::ledger::journal::{self, Journal, JournalError, segment_bytes, segment_path};
use crate::ledger::store::{APPLY_AT_ONCE, Run};
use crate::ledger::{LedgerError, durable};
use crate::seal::envelope::{Envelope, Epoch, Header, HeaderHash};

/// Envelopes that neither copy holds any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    pub epoch: Epoch,
    pub first: u64,
    /// `None` when nobody knows how many stood there
    pub last: Option<u64>,
    /// The header hash of the last one, where that is known
    pub resumes_after: Option<HeaderHash>,
}

impl Lost {
    /// Gives the range for the office, which goes on behind it; `None` when nothing behind it is known.
    pub fn range(&self) -> Option<LostRange> {
        let Self { epoch, first, last, resumes_after } = *self;
        Some(LostRange { epoch: epoch.0, first, last: last?, resumes_after: resumes_after?.0 })
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, first, last, .. } = self;
        match last {
            Some(last) if last == first => write!(formatter, "{epoch:?} {first} is lost in both copies"),
            Some(last) => write!(formatter, "{epoch:?} {first} to {last} are lost in both copies"),
            None => write!(formatter, "what may have stood from {epoch:?} {first} on is lost in both copies"),
        }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Mended {
    pub lost: Vec<Lost>,
    /// The envelopes before which something is lost
    pub breaks: Vec<HeaderHash>,
    /// How many envelopes the other copies gave
    pub from_copies: u64,
    /// The store couldn't give all that it should hold
    pub store_is_damaged: bool,
}

/// Writes a sound journal beside a damaged one.
pub fn write_fresh(
    files: &Files,
    copies: &Copies<'_>,
    gone: &Gone,
    attention: &Attention<'_>,
) -> Result<Mended, LedgerError> {
    let fresh = files.fresh_journal();
    durable::remove_folder_if_there(&fresh).map_err(LedgerError::at(&fresh))?;
    write_whole(files, &fresh, copies, gone, attention)
}

/// Puts it in the damaged one's place; gives the name under which that is kept.
pub fn take_place(files: &Files) -> Result<String, LedgerError> {
    let fresh = files.fresh_journal();
    let original = Damaged::of(&files.folder).take(&files.journal)?;
    durable::rename(&fresh, &files.journal).map_err(LedgerError::at(&fresh))?;
    Ok(original)
}

/// Writes all that the journal and the other copies hold together into a journal in a fresh folder; but what isn't the
/// owner's.
pub fn write_whole(
    files: &Files,
    fresh: &Path,
    copies: &Copies<'_>,
    gone: &Gone,
    attention: &Attention<'_>,
) -> Result<Mended, LedgerError> {
    durable::make_folder(fresh).map_err(LedgerError::at(fresh))?;
    let mut mender = Mender {
        copies,
        runs: copies.runs(),
        gone,
        attention,
        journal: Journal::begin(fresh, 1, &[])?,
        waiting: Vec::new(),
        written: BTreeSet::new(),
        places: BTreeSet::new(),
        last: None,
        mended: Mended::default(),
    };
    let numbers = journal::segment_numbers(&files.journal).map_err(JournalError::at(&files.journal))?;
    for (place, number) in numbers.iter().enumerate() {
        attention.mend(place, numbers.len());
        let path = segment_path(&files.journal, *number);
        let content = journal::read_segment(&path, *number).map_err(JournalError::at(&path))?;
        for envelope in content.envelopes {
            if !gone.was_dropped(envelope.header.hash()) {
                mender.take_from_journal(envelope)?;
            }
        }
    }
    mender.take_rest()?;
    mender.take_strays()?;
    mender.write()?;
    Ok(Mended { store_is_damaged: copies.store_is_damaged(), ..mender.mended })
}

struct Mender<'a> {
    copies: &'a Copies<'a>,
    runs: Vec<Run>,
    gone: &'a Gone,
    attention: &'a Attention<'a>,
    journal: Journal,
    /// Read and not yet written
    waiting: Vec<Envelope>,
    /// The hashes of all that was put
    written: BTreeSet<[u8; 32]>,
    places: BTreeSet<(Epoch, u64)>,
    last: Option<Header>,
    mended: Mended,
}

impl Mender<'_> {
    fn take_from_journal(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        if !self.copies.is_own(&envelope) || self.written.contains(&envelope.header.hash().0) {
            return Ok(());
        }
        match &self.last {
            None => self.take_what_stood_before(&envelope.header)?,
            Some(_) => self.take_what_stood_between(&envelope.header)?,
        }
        self.put(envelope)
    }

    /// Goes back from the first envelope as far as the copies do, or to where the journal was cleared.
    fn take_what_stood_before(&mut self, first: &Header) -> Result<(), LedgerError> {
        let mut places = Vec::new();
        let mut header = first.clone();
        while header.previous != HeaderHash::NONE && !self.gone.ends_with(header.previous) {
            self.attention.mend(places.len(), places.len() + 1);
            let Some(before) = self.before(&header).or_else(|| self.before_a_hole(&header)) else { break };
            places.push((before.epoch, before.sequence, before.hash()));
            header = before;
        }
        if !self.gone.allows_beginning_after(header.previous) {
            self.note_lost_beginning(&header);
        }
        for (epoch, sequence, hash) in places.into_iter().rev() {
            if let Some(envelope) = self.copies.with_hash(epoch, sequence, hash) {
                self.put_from_copy(envelope)?;
            }
        }
        Ok(())
    }

    fn take_what_stood_between(&mut self, until: &Header) -> Result<(), LedgerError> {
        while self.last.as_ref().is_some_and(|last| last.hash() != until.previous) {
            self.attention.mend(self.mended.from_copies as usize, self.mended.from_copies as usize + 1);
            let Some(envelope) = self.after(Some(until)) else { break };
            self.put_from_copy(envelope)?;
        }
        Ok(())
    }

    fn take_rest(&mut self) -> Result<(), LedgerError> {
        let total = self.runs.iter().map(|run| run.last.saturating_sub(run.first) + 1).sum::<u64>();
        if self.last.is_none()
            && let Some(first) = self.first_in_copies()
        {
            if !self.gone.allows_beginning_after(first.header.previous) {
                self.note_lost_beginning(&first.header);
            }
            self.put_from_copy(first)?;
        }
        while let Some(envelope) = self.after(None) {
            self.attention.mend(self.mended.from_copies as usize, total as usize);
            self.put_from_copy(envelope)?;
        }
        Ok(())
    }

    /// Takes salvaged envelopes without a place in the chain, such as the end of an epoch behind which another began:
    /// they stand at the end, as records that come late.
    fn take_strays(&mut self) -> Result<(), LedgerError> {
        for (epoch, sequence) in self.copies.salvaged() {
            let free = |envelope: &Envelope| !self.places.contains(&(envelope.header.epoch, envelope.header.sequence));
            if let Some(envelope) = self.copies.envelope(epoch, sequence).filter(free) {
                if self.last.as_ref().is_some_and(|last| last.hash() != envelope.header.previous) {
                    self.mended.breaks.push(envelope.header.hash());
                }
                self.mended.from_copies += 1;
                self.add(envelope)?;
            }
        }
        Ok(())
    }

    fn note_lost_beginning(&mut self, first: &Header) {
        let from = match self.gone.through() {
            Some(through) if through.epoch == first.epoch => through.sequence + 1,
            _ => 0,
        };
        if let Some(last) = first.sequence.checked_sub(1).filter(|last| *last >= from) {
            let resumes_after = Some(first.previous);
            self.mended.lost.push(Lost { epoch: first.epoch, first: from, last: Some(last), resumes_after });
        }
    }

    fn put_from_copy(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        self.mended.from_copies += 1;
        self.put(envelope)
    }

    fn put(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        let header = &envelope.header;
        if let Some(last) = &self.last
            && header.previous != last.hash()
            && !self.gone.knows_break_before(header.hash())
        {
            self.mended.breaks.push(header.hash());
            let missing = if header.epoch == last.epoch { last.sequence.saturating_add(1) } else { 0 };
            // Where what it follows is here, only elsewhere, nothing is missing before it.
            if header.epoch != last.epoch && !self.written.contains(&header.previous.0) {
                let first = last.sequence.saturating_add(1);
                self.mended.lost.push(Lost { epoch: last.epoch, first, last: None, resumes_after: None });
            }
            if let Some(before) = header.sequence.checked_sub(1).filter(|before| *before >= missing)
                && !self.written.contains(&header.previous.0)
            {
                let resumes_after = Some(header.previous);
                let lost = Lost { epoch: header.epoch, first: missing, last: Some(before), resumes_after };
                self.mended.lost.push(lost);
            }
        }
        self.add(envelope)
    }

    fn add(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        let header = envelope.header.clone();
        self.written.insert(header.hash().0);
        self.places.insert((header.epoch, header.sequence));
        self.last = Some(header);
        self.waiting.push(envelope);
        let bytes: usize = self.waiting.iter().map(Envelope::len).sum();
        let is_much = self.waiting.len() == APPLY_AT_ONCE || bytes as u64 > segment_bytes() / 4;
        if is_much { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        self.journal.append(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// Gives the header in the copies that precedes this one.
    fn before(&self, header: &Header) -> Option<Header> {
        let previous = header.previous;
        match header.sequence.checked_sub(1) {
            Some(sequence) => self.copies.with_hash(header.epoch, sequence, previous),
            None => {
                let last_of = |run: &Run| self.copies.with_hash(run.epoch, run.last, previous);
                self.runs.iter().find_map(last_of).or_else(|| self.copies.salvaged_with_hash(previous))
            }
        }
        .map(|envelope| envelope.header)
    }

    /// Gives the last header of the epoch before a hole in it, unless it is known to have left.
    fn before_a_hole(&self, header: &Header) -> Option<Header> {
        let mut until = header.sequence.checked_sub(1)?;
        let through = self.gone.through().filter(|through| through.epoch == header.epoch);
        loop {
            let found = self.copies.last_sequence(header.epoch, until)?;
            if through.is_some_and(|through| found <= through.sequence) {
                return None;
            }
            if let Some(envelope) = self.copies.envelope(header.epoch, found) {
                return Some(envelope.header);
            }
            until = found.checked_sub(1)?;
        }
    }

    /// Gives the next envelope in the copies after the last one that was put, up to another one.
    fn after(&self, until: Option<&Header>) -> Option<Envelope> {
        let last = self.last.as_ref()?;
        let bound = until.filter(|until| until.epoch == last.epoch).map_or(u64::MAX, |until| until.sequence);
        let mut from = last.sequence.checked_add(1)?;
        // Where one is missing or damaged, those behind it still count.
        while let Some(sequence) = self.copies.first_sequence(last.epoch, from) {
            if sequence >= bound {
                return None;
            }
            match self.new_in_copies(last.epoch, sequence) {
                Some(envelope) => return Some(envelope),
                None => from = sequence.checked_add(1)?,
            }
        }
        let firsts = || self.runs.iter().filter_map(|run| self.new_in_copies(run.epoch, run.first));
        let next_epoch = firsts().find(|first| first.header.previous == last.hash());
        // Without an end to reach, an epoch whose beginning is lost counts too.
        next_epoch.or_else(|| until.is_none().then(|| firsts().next()).flatten())
    }

    /// Where the copies' chain begins.
    fn first_in_copies(&self) -> Option<Envelope> {
        let firsts: Vec<Envelope> =
            self.runs.iter().filter_map(|run| self.copies.envelope(run.epoch, run.first)).collect();
        let is_beginning = |first: &&Envelope| self.gone.allows_beginning_after(first.header.previous);
        let beginning = firsts
            .iter()
            .find(is_beginning)
            .or_else(|| firsts.iter().find(|first| self.before(&first.header).is_none()));
        beginning.cloned()
    }

    fn new_in_copies(&self, epoch: Epoch, sequence: u64) -> Option<Envelope> {
        self.copies.envelope(epoch, sequence).filter(|envelope| !self.written.contains(&envelope.header.hash().0))
    }
}
