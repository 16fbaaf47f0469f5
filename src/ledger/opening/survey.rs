//! A look through the whole journal, segment by segment: is it sound, and what does it hold?

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::Attention;
use super::own::{Foreign, Owner};
use crate::ledger::count::Ends;
use crate::ledger::gone::{Break, Gone};
use crate::ledger::journal::{
    self, Content, FRAME_HEADER_BYTES, JournalError, SEGMENT_HEADER_BYTES, Span, Wound, segment_path,
};
use crate::ledger::store::Applied;
use crate::seal::envelope::{Envelope, Epoch, Header};
use crate::seal::keys::SealingKeyId;

/// What a journal holds.
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
    /// The end of the last segment, where sectors look as though they were never written
    pub torn: Option<Torn>,
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

    /// The first sequence of an epoch that is here.
    pub fn first_sequence(&self, epoch: Epoch) -> Option<u64> {
        let parts = self.spans.iter().flat_map(|span| &span.parts);
        parts.filter(|part| part.epoch == epoch).map(|part| part.first).min()
    }

    pub fn envelopes(&self) -> u64 {
        let parts = self.spans.iter().flat_map(|span| &span.parts);
        parts.map(|part| part.last - part.first + 1).sum()
    }
}

/// Where the last segment begins to look torn.
pub struct Torn {
    pub segment: u64,
    /// The byte from which its sectors look so
    pub at: u64,
    /// The last header before
    pub before: Header,
}

/// Reads every segment once and follows the chain through them. It holds one segment at a time in memory. `applied` is
/// looked for, and `each` is given every envelope of the kiosk.
pub fn survey(
    folder: &Path,
    applied: Option<Applied>,
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
        let is_last = place + 1 == numbers.len();
        if is_last {
            drop_torn(&mut content, gone);
            survey.torn = torn(&content, *number, survey.last.as_ref());
        }
        if let Some(owner) = owner {
            survey.faults.extend(owner.sift(*number, &mut content.envelopes, &mut survey.foreign));
        }
        if !content.wounds.is_empty() {
            survey.wounded.push(*number);
        }
        match content.wounds.as_slice() {
            [tail @ Wound::Tail { .. }] if is_last => survey.tail = Some(format!("segment {number} was {tail}")),
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
            if applied.is_some_and(|applied| applied.head == hash) {
                survey.applied_in = Some(*number);
            }
        }
        survey.spans.push(span);
        if is_last {
            survey.last_frames = content.envelopes;
        }
    }
    if let Some(first) = &survey.first
        && !gone.allows_beginning_with(first)
        && !retired_is_here
    {
        survey.faults.push(format!("the journal begins only at {:?} {}", first.epoch, first.sequence));
    }
    Ok(survey)
}

/// What only a torn write, or damage, leaves at the end of the last segment: everything behind its first unwritten sector was
/// in one write, because the next begins only behind that one's sync.
fn torn(content: &Content, segment: u64, last: Option<&Header>) -> Option<Torn> {
    let (at, Wound::Gap { unwritten: true, .. } | Wound::Tail { unwritten: true, .. }) = first_wound(content)? else {
        return None;
    };
    let here = content.envelopes[..count_before(content, at)].last().map(|envelope| &envelope.header);
    Some(Torn { segment, at, before: here.or(last)?.clone() })
}

/// Drops the end of a torn write again that was dropped once, although the file still holds it.
fn drop_torn(content: &mut Content, gone: &Gone) {
    let Some((at, wound @ Wound::Gap { .. })) = first_wound(content) else { return };
    let sound = count_before(content, at);
    if content.envelopes[sound..].iter().all(|envelope| gone.was_dropped(envelope.header.hash())) {
        content.envelopes.truncate(sound);
        let unwritten = matches!(wound, Wound::Gap { unwritten: true, .. });
        content.wounds = vec![Wound::Tail { at, unwritten }];
    }
}

/// The first place of a segment that wasn't written so, where that is its only kind of damage.
fn first_wound(content: &Content) -> Option<(u64, Wound)> {
    let at = |wound: &Wound| match wound {
        Wound::Gap { at, .. } | Wound::Tail { at, .. } => Some(*at),
        _ => None,
    };
    let first = content.wounds.first().filter(|_| content.wounds.iter().all(|wound| at(wound).is_some()))?;
    Some((at(first)?, *first))
}

/// How many frames stand before the first place that wasn't written so.
fn count_before(content: &Content, at: u64) -> usize {
    let mut end = SEGMENT_HEADER_BYTES as u64;
    let is_before = |envelope: &&Envelope| {
        end += (FRAME_HEADER_BYTES + envelope.len()) as u64;
        end <= at
    };
    content.envelopes.iter().take_while(is_before).count()
}

impl Survey {
    fn follow(&mut self, envelope: &Envelope, segment: u64, gone: &Gone) {
        let header = &envelope.header;
        let (hash, last) = (header.hash(), self.last.as_ref().map(Header::hash));
        if let Some(last) = last.filter(|last| header.previous != *last) {
            if !gone.knows_break(last, hash) {
                let Header { epoch, sequence, .. } = header;
                self.faults.push(format!("segment {segment}: the chain is broken before {epoch:?} {sequence}"));
            } else if gone.knows_only_behind(hash) {
                self.half_known.push((last, hash));
            }
        }
        let end = self.ends.entry(header.epoch).or_insert((header.sequence, hash));
        if header.sequence > end.0 {
            *end = (header.sequence, hash);
        }
        self.sealing_keys.insert(header.sealing_key);
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
