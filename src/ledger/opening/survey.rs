//! A look through the whole journal, segment by segment: is it sound, and what does it hold?

use std::path::Path;

use chrono::{DateTime, Utc};

use super::Attention;
use super::own::{Foreign, Owner};
use crate::domain::record::Listing;
use crate::ledger::count::Counted;
use crate::ledger::gone::Gone;
use crate::ledger::journal::{self, Content, JournalError, Span, Wound, segment_path};
use crate::ledger::store::Applied;
use crate::seal::envelope::{Envelope, Epoch, Header};

/// What a journal holds.
use crate::seal::keys::SealingKeyId;
#[derive(Default)]
pub struct Survey {
    pub spans: Vec<Span>,
    /// In the order in which they began
    pub epochs: Vec<Epoch>,
    pub first: Option<Header>,
    pub last: Option<Header>,
    /// What can only be mended with the store's help, in sentences
    pub faults: Vec<String>,
    /// What isn't this kiosk's own; it is among the faults, and in nothing else here
    pub foreign: Foreign,
    /// What stood behind the last frame of all, other than zeros: usually a write that a power cut broke off
    pub tail: Option<String>,
    /// The byte of the last segment from which that is
    pub tail_at: Option<u64>,
    /// The request at the very end whose signature's sectors look as though they were never written
    pub torn_pair: Option<Header>,
    /// Segments that aren't as they were written
    pub wounded: Vec<u64>,
    /// The frames of the last segment
    pub last_frames: Vec<Envelope>,
    /// The segment that holds the envelope through which the store was computed
    pub applied_in: Option<u64>,
    /// The last envelope of each epoch
    pub ends: Ends,
    /// Breaks that `gone` knows only by what stands behind them
    pub half_known: Vec<Break>,
    /// The keys to which something here is sealed
    pub sealing_keys: BTreeSet<SealingKeyId>,
    /// The latest time that a trusted clock gave a record
    pub last_trusted_at: Option<DateTime<Utc>>,
}

impl Survey {
    /// Something is not as it was written.
    pub fn has_trouble(&self) -> bool {
        !self.faults.is_empty() || self.tail.is_some()
    }

    /// The last sequence of an epoch that is here.
    pub fn last_sequence(&self, epoch: Epoch) -> Option<u64> {
        let parts = self.spans.iter().flat_map(|span| &span.parts);
        parts.filter(|part| part.epoch == epoch).map(|part| part.last).max()
    }

    pub fn envelopes(&self) -> u64 {
        let parts = self.spans.iter().flat_map(|span| &span.parts);
        parts.map(|part| part.last - part.first + 1).sum()
    }
}

/// Envelopes that a survey looks for.
#[derive(Clone, Copy, Default)]
pub struct Marks {
    pub applied: Option<Applied>,
    pub counted: Option<Counted>,
}

/// Reads every segment once and follows the chain through them. It holds one segment at a time in memory. `each` is
/// given every envelope of the kiosk.
pub fn survey(
    folder: &Path,
    marks: &Marks,
    gone: &Gone,
    owner: Option<&Owner>,
    attention: &Attention<'_>,
    mut each: impl FnMut(u64, &Envelope),
) -> Result<Survey, JournalError> {
    let numbers = journal::segment_numbers(folder).map_err(JournalError::at(folder))?;
    let mut survey = Survey::default();
    let mut retired_is_here = false;
    for (place, number) in numbers.iter().enumerate() {
        attention.read(place, numbers.len());
        let path = segment_path(folder, *number);
        let mut content = journal::read_segment(&path, *number).map_err(JournalError::at(&path))?;
        if let Some(owner) = owner {
            survey.faults.extend(owner.sift(*number, &mut content.envelopes, &mut survey.foreign));
        }
        let is_last = place + 1 == numbers.len();
        if is_last {
            survey.torn_pair = torn_pair(&content);
            drop_torn_pair(&mut content, gone);
        }
        if !content.wounds.is_empty() {
            survey.wounded.push(*number);
        }
        match content.wounds.as_slice() {
            [tail @ Wound::Tail { at }] if is_last => {
                survey.tail = Some(format!("segment {number} was {tail}"));
                survey.tail_at = Some(*at);
            }
            wounds => survey.faults.extend(wounds.iter().map(|wound| format!("segment {number}: {wound}"))),
        }
        let mut span = Span::empty(*number);
        for envelope in &content.envelopes {
            each(*number, envelope);
            survey.follow(envelope, *number, gone);
            span.add(envelope);
            let header = &envelope.header;
            let hash = header.hash();
            retired_is_here |= gone.ends_with(hash);
            survey.counted_is_here |= marks.counted.is_some_and(|counted| counted.head == hash);
            if marks.applied.is_some_and(|applied| applied.head == hash) {
                survey.applied_in = Some(*number);
            }
        }
        survey.spans.push(span);
        if is_last {
            survey.last_frames = content.envelopes;
        }
    }
    if let Some(first) = &survey.first
        && !gone.allows_beginning_after(first.previous)
        && !retired_is_here
    {
        survey.faults.push(format!("the journal begins only at {:?} {}", first.epoch, first.sequence));
    }
    Ok(survey)
}

/// A request behind the signature that its write has lost: the last thing in the last segment, with sectors before it that
/// look as though they were never written.
fn torn_pair(content: &Content) -> Option<Header> {
    let [Wound::Gap { unwritten: true, .. }] = content.wounds.as_slice() else { return None };
    let [.., before, last] = content.envelopes.as_slice() else { return None };
    let is_behind_it = last.header.epoch == before.header.epoch && last.header.sequence == before.header.sequence + 2;
    (is_behind_it && matches!(last.listing(), Ok(Listing::Request { .. }))).then(|| last.header.clone())
}

/// Drops a pair again that was dropped once, although the file still holds it.
fn drop_torn_pair(content: &mut Content, gone: &Gone) {
    if let [Wound::Gap { at, .. }] = *content.wounds.as_slice()
        && content.envelopes.last().is_some_and(|last| gone.was_dropped(last.header.hash()))
    {
        content.envelopes.pop();
        content.wounds = vec![Wound::Tail { at }];
    }
}

impl Survey {
    fn follow(&mut self, envelope: &Envelope, segment: u64, gone: &Gone) {
        let header = &envelope.header;
        let is_broken = self.last.as_ref().is_some_and(|last| header.previous != last.hash());
        if is_broken && !gone.knows_break_before(header.hash()) {
            let Header { epoch, sequence, .. } = header;
            self.faults.push(format!("segment {segment}: the chain is broken before {epoch:?} {sequence}"));
        }
        if !self.epochs.contains(&header.epoch) {
            self.epochs.push(header.epoch);
        }
        if header.time.trusted {
            self.last_trusted_at = self.last_trusted_at.max(Some(header.time.at));
        }
        self.first.get_or_insert_with(|| header.clone());
        self.last = Some(header.clone());
    }
}
        self.sealing_keys.insert(header.sealing_key);
