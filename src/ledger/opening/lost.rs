//! Reports losses in both copies to those who look after the kiosk, and to the office.

use std::fmt;

use crate::domain::record::LostRange;
use crate::seal::envelope::{Epoch, HeaderHash};

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
