//! The verification of both copies while nobody is here: damage deep in a file shows only where it is read.
//!
//! It goes through journal and store in portions, once a day. What it finds ends the service, in a quiet moment: the next
//! start mends it.

use std::time::{Duration, Instant};

use super::journal::{read_segment, segment_path};
use super::store::{ReadPlace, Store, StoreError};
use super::{Ledger, LedgerError};
use crate::domain::record::Listing;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::Envelope;

/// Maximum number of segments that one quiet moment is for.
const SEGMENTS_AT_ONCE: usize = 16;
/// Interval between two beginnings.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// How far the verification has come.
#[derive(Default)]
pub struct Verification {
    began: Option<Instant>,
    next: Next,
}

/// The next step.
#[derive(Clone, Default)]
enum Next {
    /// This segment, or the one behind it
    Segment(u64),
    /// The store's envelopes behind this place
    Store(Option<ReadPlace>),
    /// All is done
    #[default]
    Nothing,
}

impl Ledger {
    /// Holds a portion of the journal against the store; behind the journal, a portion of the store is read.
    pub(super) fn verify_some(&mut self) -> Result<(), LedgerError> {
        let now = Instant::now();
        let is_due = self.verification.began.is_none_or(|began| now.saturating_duration_since(began) >= EVERY);
        if matches!(self.verification.next, Next::Nothing) {
            if !is_due {
                return Ok(());
            }
            let first = self.spans.first().map_or(Next::Store(None), |span| Next::Segment(span.number));
            self.verification = Verification { began: Some(now), next: first };
        }
        match self.verification.next.clone() {
            Next::Segment(number) => self.verify_segments(number),
            Next::Store(place) => {
                let place = self.ask_store(|store| store.read_some(place))?;
                self.verification.next = place.map_or(Next::Nothing, |place| Next::Store(Some(place)));
                Ok(())
            }
            Next::Nothing => Ok(()),
        }
    }

    fn verify_segments(&mut self, from: u64) -> Result<(), LedgerError> {
        let numbers = self.spans.iter().map(|span| span.number).filter(|number| *number >= from);
        let numbers: Vec<u64> = numbers.take(SEGMENTS_AT_ONCE).collect();
        self.verification.next = match numbers.last() {
            Some(last) => Next::Segment(last.saturating_add(1)),
            None => Next::Store(None),
        };
        numbers.into_iter().try_for_each(|number| self.verify_segment(number))
    }

    fn verify_segment(&mut self, number: u64) -> Result<(), LedgerError> {
        let path = segment_path(&self.files.journal, number);
        let content = read_segment(&path, number).map_err(LedgerError::at(&path))?;
        if let Some(wound) = content.wounds.first() {
            return Err(self.wounded(number, wound.to_string()));
        }
        self.ask_store(|store| {
            for envelope in &content.envelopes {
                let number = match envelope.listing() {
                    Ok(Listing::Request { tracking_number, .. }) => Some(tracking_number),
                    _ => None,
                };
                if let Some(difference) = difference(store, envelope, number)? {
                    let place = (envelope.header.epoch, envelope.header.sequence);
                    return Err(StoreError::Lacks(place.0, place.1, difference));
                }
            }
            Ok(())
        })
    }

    /// A segment that was damaged while the kiosk ran: the service ends in this quiet moment, and the next start mends it.
    pub(super) fn wounded(&mut self, segment: u64, what: String) -> LedgerError {
        self.failed = true;
        LedgerError::Wounded { segment, what }
    }
}

/// How the store's copy of an envelope, or its entry of a request, differs from the journal's.
pub fn difference(
    store: &Store,
    envelope: &Envelope,
    number: Option<TrackingNumber>,
) -> Result<Option<String>, StoreError> {
    let header = &envelope.header;
    match store.envelope(&header.epoch, header.sequence)? {
        Some(stored) if stored != *envelope => return Ok(Some("the store holds another envelope".into())),
        Some(_) => {}
        None if store.is_retiring(&header.epoch, header.sequence)? => return Ok(None),
        None => return Ok(Some("the store lacks it".into())),
    }
    let Some(number) = number else { return Ok(None) };
    let known = store.request(number)?.is_some() || store.told(number)?.is_some();
    Ok((!known).then(|| format!("the store has no entry for {number}")))
}
