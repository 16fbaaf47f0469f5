//! Which envelopes stand in which segment.

use crate::seal::envelope::{Envelope, Epoch, Header};

/// Which envelopes a segment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub number: u64,
    pub parts: Vec<Part>,
    /// Of its envelopes
    pub bytes: u64,
}

/// Envelopes of one epoch, without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub epoch: Epoch,
    pub first: u64,
    pub last: u64,
}

impl Span {
    pub fn empty(number: u64) -> Self {
        Self { number, parts: Vec::new(), bytes: 0 }
    }

    pub fn add(&mut self, envelope: &Envelope) {
        let Header { epoch, sequence, .. } = envelope.header;
        self.bytes += envelope.len() as u64;
        match self.parts.last_mut() {
            Some(part) if part.epoch == epoch && part.last + 1 == sequence => part.last = sequence,
            _ => self.parts.push(Part { epoch, first: sequence, last: sequence }),
        }
    }
}
