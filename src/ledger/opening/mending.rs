//! Mending a damaged journal: whatever another copy still holds takes the place of what the journal has lost.
//!
//! The whole is written into a fresh folder, which then takes the journal's name; the damaged one is kept.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Attention;
use super::copies::Copies;
use super::lost::Lost;
use super::own::Owner;
use super::parts;
use super::salvage::Salvage;
use super::survey::Survey;
use crate::ledger::files::Files;
use crate::ledger::gone::{Break, Gone};
use crate::ledger::journal::{self, Journal, JournalError, Part, segment_bytes, segment_path};
use crate::ledger::places::Places;
use crate::ledger::store::{APPLY_AT_ONCE, Run, Store};
use crate::ledger::{LedgerError, durable};
use crate::seal::envelope::{Envelope, Epoch, Header, HeaderHash};

/// What came of it.
#[derive(Debug, Default)]
pub struct Mended {
    pub lost: Vec<Lost>,
    /// The first envelope, when something stood before its epoch, and nobody knows how much
    pub begins_without: Option<Header>,
    /// Where something is lost
    pub breaks: Vec<Break>,
    /// The hashes of all that was written
    pub written: BTreeSet<[u8; 32]>,
    /// How many envelopes the other copies gave
    pub from_copies: u64,
    /// The places of those that were salvaged: the office may have been told that they are lost
    pub salvaged: Places,
    /// The store couldn't give all that it should hold
    pub store_is_damaged: bool,
}

/// The copies from which a journal is mended.
pub struct Mending<'a> {
    pub files: &'a Files,
    pub store: &'a Store,
    /// Folders with the store's files, in which an envelope may stand that the store can't give
    pub store_files: &'a [PathBuf],
    /// Whose envelopes are taken; all where that isn't known
    pub owner: Option<&'a Owner>,
    pub found: &'a Survey,
    pub gone: &'a Gone,
    pub attention: &'a Attention<'a>,
}

impl Mending<'_> {
    /// Writes a sound journal into a fresh folder. A store that can't give all it holds is searched for it.
    pub fn write(&self, fresh: &Path, salvage: &mut Salvage) -> Result<Mended, LedgerError> {
        let Self { files, store, store_files, owner, found, gone, attention } = *self;
        let write = |salvage: &Salvage| -> Result<Mended, LedgerError> {
            durable::remove_folder_if_there(fresh).map_err(LedgerError::at(fresh))?;
            write_whole(files, fresh, &Copies::new(store, Some(salvage), owner), gone, attention)
        };
        let mended = write(salvage)?;
        let Some(owner) = owner.filter(|_| mended.store_is_damaged) else { return Ok(mended) };
        *salvage = parts::search(files, store_files, found, owner, gone, attention)?;
        Ok(Mended { store_is_damaged: true, ..write(salvage)? })
    }
}

/// Writes all that the journal and the other copies hold together into a journal in a fresh folder; but what isn't the
/// owner's.
fn write_whole(
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
    Ok(Mended { store_is_damaged: copies.store_is_damaged(), written: mender.written, ..mender.mended })
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
        while header.previous != HeaderHash::NONE && !self.gone.ends_before(&header) {
            self.attention.mend(places.len(), places.len() + 1);
            let Some(before) = self.before(&header).or_else(|| self.before_a_hole(&header)) else { break };
            places.push((before.epoch, before.sequence, before.hash()));
            header = before;
        }
        self.note_lost_beginning(&header);
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
            self.note_lost_beginning(&first.header);
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
                if let Some(before) =
                    self.last.as_ref().map(Header::hash).filter(|last| *last != envelope.header.previous)
                {
                    self.mended.breaks.push((before, envelope.header.hash()));
                }
                self.count_from_copy(&envelope.header);
                self.add(envelope)?;
            }
        }
        Ok(())
    }

    fn note_lost_beginning(&mut self, first: &Header) {
        if self.gone.allows_beginning_with(first) {
            return;
        }
        let from = self.gone.begins_from(first.epoch);
        if let Some(last) = first.sequence.checked_sub(1).filter(|last| *last >= from) {
            let resumes_after = Some(first.previous);
            self.mended.lost.push(Lost { epoch: first.epoch, first: from, last: Some(last), resumes_after });
        }
        // Epochs before this one may be lost with its beginning.
        if from == 0 {
            self.mended.begins_without = Some(first.clone());
        }
    }

    fn put_from_copy(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        self.count_from_copy(&envelope.header);
        self.put(envelope)
    }

    fn count_from_copy(&mut self, header: &Header) {
        self.mended.from_copies += 1;
        if self.copies.has_salvaged(header.hash()) {
            let Header { epoch, sequence, .. } = *header;
            self.mended.salvaged.add(Part { epoch, first: sequence, last: sequence });
        }
    }

    fn put(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        let header = &envelope.header;
        if let Some(last) = &self.last
            && header.previous != last.hash()
            && !self.gone.knows_break(last.hash(), header.hash())
        {
            self.mended.breaks.push((last.hash(), header.hash()));
            // Where what it follows is here, only elsewhere, nothing is missing before it.
            if !self.written.contains(&header.previous.0) {
                // Nothing stood before a kiosk's first envelope: an epoch that ended long ago may be put behind a later one.
                if header.epoch != last.epoch && header.previous != HeaderHash::NONE {
                    let first = last.sequence.saturating_add(1);
                    self.mended.lost.push(Lost { epoch: last.epoch, first, last: None, resumes_after: None });
                }
                let here = self.places.range((header.epoch, 0)..(header.epoch, header.sequence)).next_back();
                let missing = here.map_or(self.gone.begins_from(header.epoch), |(_, last)| last + 1);
                if let Some(before) = header.sequence.checked_sub(1).filter(|before| *before >= missing) {
                    let resumes_after = Some(header.previous);
                    let lost = Lost { epoch: header.epoch, first: missing, last: Some(before), resumes_after };
                    self.mended.lost.push(lost);
                }
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
        let from = self.gone.begins_from(header.epoch);
        loop {
            let found = self.copies.last_sequence(header.epoch, until).filter(|found| *found >= from)?;
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
        // Without an end to reach, an epoch whose beginning is lost counts too; but none before the one that it follows.
        let is_next =
            |first: &Envelope| self.written.contains(&first.header.previous.0) || self.before(&first.header).is_none();
        next_epoch.or_else(|| until.is_none().then(|| firsts().find(is_next).or_else(|| firsts().next())).flatten())
    }

    /// Where the copies' chain begins.
    fn first_in_copies(&self) -> Option<Envelope> {
        let firsts: Vec<Envelope> =
            self.runs.iter().filter_map(|run| self.copies.envelope(run.epoch, run.first)).collect();
        let is_beginning = |first: &&Envelope| self.gone.allows_beginning_with(&first.header);
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
