//! Mending a damaged journal: whatever the store still holds takes the place of what the journal has lost.
//!
//! The whole is written into a fresh folder, which then takes the journal's name; the damaged one is kept.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use super::Attention;
use super::damaged::Damaged;
use super::own::Owner;
use crate::ledger::files::Files;
use crate::ledger::gone::Gone;
use crate::ledger::journal::{self, Journal, JournalError, segment_path};
use crate::ledger::store::{APPLY_AT_ONCE, Run, Store, StoreError};
use crate::ledger::{LedgerError, durable};
use crate::seal::envelope::{Envelope, Epoch, Header, HeaderHash};

/// Envelopes that neither copy holds any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    pub epoch: Epoch,
    pub first: u64,
    /// `None` when nobody knows how many stood there
    pub last: Option<u64>,
}

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, first, last } = self;
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
    /// How many envelopes the store gave
    pub from_store: u64,
    /// The store couldn't give all that it should hold
    pub store_is_damaged: bool,
}

/// Writes a sound journal beside a damaged one.
pub fn write_fresh(
    files: &Files,
    store: &Store,
    gone: &Gone,
    owner: Option<&Owner>,
    attention: &Attention<'_>,
) -> Result<Mended, LedgerError> {
    let fresh = files.fresh_journal();
    durable::remove_folder_if_there(&fresh).map_err(LedgerError::at(&fresh))?;
    write_whole(files, &fresh, store, gone, owner, attention)
}

/// Puts it in the damaged one's place; gives the name under which that is kept.
pub fn take_place(files: &Files) -> Result<String, LedgerError> {
    let fresh = files.fresh_journal();
    let original = Damaged::of(&files.folder).take(&files.journal)?;
    durable::rename(&fresh, &files.journal).map_err(LedgerError::at(&fresh))?;
    Ok(original)
}

/// Writes all that journal and store hold together into a journal in a fresh folder; but what isn't the owner's.
pub fn write_whole(
    files: &Files,
    fresh: &Path,
    store: &Store,
    gone: &Gone,
    owner: Option<&Owner>,
    attention: &Attention<'_>,
) -> Result<Mended, LedgerError> {
    durable::make_folder(fresh).map_err(LedgerError::at(fresh))?;
    let mut mender = Mender {
        store,
        gone,
        owner,
        attention,
        journal: Journal::begin(fresh, 1, &[])?,
        waiting: Vec::new(),
        written: BTreeSet::new(),
        last: None,
        store_is_damaged: Cell::new(owner.is_some_and(|owner| owner.look_at(store).has_foreign())),
        mended: Mended::default(),
    };
    let numbers = journal::segment_numbers(&files.journal).map_err(JournalError::at(&files.journal))?;
    for (place, number) in numbers.iter().enumerate() {
        attention.mend(place, numbers.len());
        let path = segment_path(&files.journal, *number);
        let content = journal::read_segment(&path, *number).map_err(JournalError::at(&path))?;
        for envelope in content.envelopes {
            mender.take_from_journal(envelope)?;
        }
    }
    mender.take_rest_from_store()?;
    mender.write()?;
    Ok(Mended { store_is_damaged: mender.store_is_damaged.get(), ..mender.mended })
}

struct Mender<'a> {
    store: &'a Store,
    gone: &'a Gone,
    /// Whose envelopes are taken; anybody's where that isn't known
    owner: Option<&'a Owner>,
    attention: &'a Attention<'a>,
    journal: Journal,
    /// Read and not yet written
    waiting: Vec<Envelope>,
    /// The hashes of all that was put
    written: BTreeSet<[u8; 32]>,
    last: Option<Header>,
    store_is_damaged: Cell<bool>,
    mended: Mended,
}

impl Mender<'_> {
    fn take_from_journal(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        if !self.is_own(&envelope) || self.written.contains(&envelope.header.hash().0) {
            return Ok(());
        }
        match &self.last {
            None => self.take_what_stood_before(&envelope.header)?,
            Some(_) => self.take_what_stood_between(&envelope.header)?,
        }
        self.put(envelope)
    }

    /// Goes back from the first envelope as far as the store does, or to where the journal was cleared.
    fn take_what_stood_before(&mut self, first: &Header) -> Result<(), LedgerError> {
        let runs = self.runs();
        let mut places = Vec::new();
        let mut header = first.clone();
        while header.previous != HeaderHash::NONE && !self.gone.ends_with(header.previous) {
            self.attention.mend(places.len(), places.len() + 1);
            let Some(before) = self.before(&header, &runs).or_else(|| self.before_a_hole(&header)) else { break };
            places.push((before.epoch, before.sequence));
            header = before;
        }
        if !self.gone.allows_beginning_after(header.previous) {
            self.note_lost_beginning(&header);
        }
        for (epoch, sequence) in places.into_iter().rev() {
            if let Some(envelope) = self.stored(&epoch, sequence) {
                self.put_from_store(envelope)?;
            }
        }
        Ok(())
    }

    fn take_what_stood_between(&mut self, until: &Header) -> Result<(), LedgerError> {
        let runs = self.runs();
        while self.last.as_ref().is_some_and(|last| last.hash() != until.previous) {
            self.attention.mend(self.mended.from_store as usize, self.mended.from_store as usize + 1);
            let Some(envelope) = self.after(Some(until), &runs) else { break };
            self.put_from_store(envelope)?;
        }
        Ok(())
    }

    fn take_rest_from_store(&mut self) -> Result<(), LedgerError> {
        let runs = self.runs();
        let total = runs.iter().map(|run| run.last.saturating_sub(run.first) + 1).sum::<u64>();
        if self.last.is_none()
            && let Some(first) = self.first_in_store(&runs)
        {
            if !self.gone.allows_beginning_after(first.header.previous) {
                self.note_lost_beginning(&first.header);
            }
            self.put_from_store(first)?;
        }
        while let Some(envelope) = self.after(None, &runs) {
            self.attention.mend(self.mended.from_store as usize, total as usize);
            self.put_from_store(envelope)?;
        }
        Ok(())
    }

    fn note_lost_beginning(&mut self, first: &Header) {
        let from = match self.gone.through() {
            Some(through) if through.epoch == first.epoch => through.sequence + 1,
            _ => 0,
        };
        if let Some(last) = first.sequence.checked_sub(1).filter(|last| *last >= from) {
            self.mended.lost.push(Lost { epoch: first.epoch, first: from, last: Some(last) });
        }
    }

    fn put_from_store(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        self.mended.from_store += 1;
        self.put(envelope)
    }

    fn put(&mut self, envelope: Envelope) -> Result<(), LedgerError> {
        let header = envelope.header.clone();
        if let Some(last) = &self.last
            && header.previous != last.hash()
            && !self.gone.knows_break_before(header.hash())
        {
            self.mended.breaks.push(header.hash());
            let missing = if header.epoch == last.epoch { last.sequence + 1 } else { 0 };
            if header.epoch != last.epoch {
                self.mended.lost.push(Lost { epoch: last.epoch, first: last.sequence + 1, last: None });
            }
            if header.sequence > missing {
                self.mended.lost.push(Lost { epoch: header.epoch, first: missing, last: Some(header.sequence - 1) });
            }
        }
        self.written.insert(header.hash().0);
        self.last = Some(header);
        self.waiting.push(envelope);
        if self.waiting.len() == APPLY_AT_ONCE { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        self.journal.append(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// What the store holds before a header.
    fn before(&self, header: &Header, runs: &[Run]) -> Option<Header> {
        let found = match header.sequence.checked_sub(1) {
            Some(sequence) => self.stored(&header.epoch, sequence)?.header,
            None => runs.iter().find_map(|run| {
                let last = self.stored(&run.epoch, run.last)?.header;
                (last.hash() == header.previous).then_some(last)
            })?,
        };
        (found.hash() == header.previous).then_some(found)
    }

    /// What the store holds of an epoch before a hole in it, unless that is known to have left.
    fn before_a_hole(&self, header: &Header) -> Option<Header> {
        let mut until = header.sequence.checked_sub(1)?;
        let through = self.gone.through().filter(|through| through.epoch == header.epoch);
        loop {
            let found = self.quietly(Store::guarded(|| self.store.last_sequence(&header.epoch, until))).flatten()?;
            if through.is_some_and(|through| found <= through.sequence) {
                return None;
            }
            if let Some(envelope) = self.stored(&header.epoch, found) {
                return Some(envelope.header);
            }
            until = found.checked_sub(1)?;
        }
    }

    /// What the store holds after the last envelope that was put, up to another one.
    fn after(&self, until: Option<&Header>, runs: &[Run]) -> Option<Envelope> {
        let last = self.last.as_ref()?;
        let bound = until.filter(|until| until.epoch == last.epoch).map_or(u64::MAX, |until| until.sequence);
        let mut from = last.sequence.checked_add(1)?;
        // Where one is missing or damaged, those behind it still count.
        while let Some(sequence) =
            self.quietly(Store::guarded(|| self.store.first_sequence(&last.epoch, from))).flatten()
        {
            if sequence >= bound {
                return None;
            }
            match self.new_in_store(&last.epoch, sequence) {
                Some(envelope) => return Some(envelope),
                None => from = sequence.checked_add(1)?,
            }
        }
        let firsts = || runs.iter().filter_map(|run| self.new_in_store(&run.epoch, run.first));
        let next_epoch = firsts().find(|first| first.header.previous == last.hash());
        // Without an end to reach, an epoch whose beginning is lost counts too.
        next_epoch.or_else(|| until.is_none().then(|| firsts().next()).flatten())
    }

    /// Where the store's chain begins.
    fn first_in_store(&self, runs: &[Run]) -> Option<Envelope> {
        let firsts: Vec<Envelope> = runs.iter().filter_map(|run| self.stored(&run.epoch, run.first)).collect();
        let is_beginning = |first: &&Envelope| self.gone.allows_beginning_after(first.header.previous);
        let beginning = firsts
            .iter()
            .find(is_beginning)
            .or_else(|| firsts.iter().find(|first| self.before(&first.header, runs).is_none()));
        beginning.cloned()
    }

    fn new_in_store(&self, epoch: &Epoch, sequence: u64) -> Option<Envelope> {
        self.stored(epoch, sequence).filter(|envelope| !self.written.contains(&envelope.header.hash().0))
    }

    fn stored(&self, epoch: &Epoch, sequence: u64) -> Option<Envelope> {
        let envelope = self.quietly(Store::guarded(|| self.store.envelope(epoch, sequence))).flatten()?;
        if self.is_own(&envelope) {
            return Some(envelope);
        }
        self.store_is_damaged.set(true);
        None
    }

    fn is_own(&self, envelope: &Envelope) -> bool {
        self.owner.is_none_or(|owner| owner.owns(envelope))
    }

    fn runs(&self) -> Vec<Run> {
        self.quietly(Store::guarded(|| self.store.runs())).unwrap_or_default()
    }

    /// What the store can't give counts as lost; the store is made anew afterwards.
    fn quietly<T>(&self, found: Result<T, StoreError>) -> Option<T> {
        let note = |error: &StoreError| {
            tracing::warn!("mending the journal: {error}");
            self.store_is_damaged.set(true);
        };
        found.inspect_err(note).ok()
    }
}
