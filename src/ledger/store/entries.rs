//! What the store keeps beside envelopes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::riyadh_day;
use crate::domain::code::Code;
use crate::domain::documents::DocumentState;
use crate::domain::language::Language;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::domain::record::Listing;
use crate::domain::request::RequestId;
use crate::domain::stage::{RequestStatus, Standing};
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::{Envelope, Epoch, HeaderHash, KioskTime};
use crate::seal::receipt_code::{bound_code_hash, code_hash};

/// What the kiosk itself knows of a request it has registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry {
    pub request: RequestId,
    pub service: String,
    pub registered_at: DateTime<Utc>,
    pub missing_documents: Vec<String>,
}

impl RequestEntry {
    /// The entry that an envelope makes, or what it makes of the entry that `known` finds. An envelope without any, or
    /// one whose listing this program can't read, makes none.
    pub fn after<E>(
        envelope: &Envelope,
        known: impl FnOnce(TrackingNumber) -> Result<Option<Self>, E>,
    ) -> Result<Option<(TrackingNumber, Self)>, E> {
        Ok(match envelope.listing() {
            Ok(Listing::Request { request, tracking_number, service, missing_documents }) => {
                let registered_at = envelope.header.time.at;
                Some((tracking_number, Self { request, service, registered_at, missing_documents }))
            }
            Ok(Listing::DocumentsBrought { tracking_number, documents }) => known(tracking_number)?.map(|mut entry| {
                entry.missing_documents.retain(|id| !documents.contains(id));
                (tracking_number, entry)
            }),
            _ => None,
        })
    }

    /// Where the request stands as long as the office has told nothing.
    pub fn status(self, tracking_number: TrackingNumber) -> RequestStatus {
        let documents = self.missing_documents.into_iter().map(|id| (id, DocumentState::Missing)).collect();
        let standing = Standing::received(riyadh_day(self.registered_at), documents);
        RequestStatus { tracking_number, service: self.service, standing }
    }
}

/// The receipt of a request that this kiosk has registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptEntry {
    /// Of the registration
    pub time: KioskTime,
    /// The last print of the receipt or of a copy of it: in which language, and how it ended
    pub printed: Option<(Language, Outcome)>,
}

impl ReceiptEntry {
    /// The entry that an envelope makes, or what it makes of the entry that `known` finds.
    pub fn after<E>(
        envelope: &Envelope,
        known: impl FnOnce(TrackingNumber) -> Result<Option<Self>, E>,
    ) -> Result<Option<(TrackingNumber, Self)>, E> {
        Ok(match envelope.listing() {
            Ok(Listing::Request { tracking_number, .. }) => {
                Some((tracking_number, Self { time: envelope.header.time, printed: None }))
            }
            Ok(Listing::Printed(print)) if matches!(print.printout, Printout::Receipt | Printout::Copy) => {
                let number = print.tracking_number;
                known(number)?.map(|entry| (number, entry.after_print(&print)))
            }
            _ => None,
        })
    }

    /// What came out once stays so: a copy that fails later takes nothing away.
    fn after_print(self, print: &Print) -> Self {
        let is_out = |outcome| outcome != Outcome::Failed;
        match self.printed {
            Some((_, before)) if is_out(before) && !is_out(print.outcome) => self,
            _ => Self { printed: Some((print.language, print.outcome)), ..self },
        }
    }

    /// True of a receipt that failed, and was not printed since.
    pub fn has_failed(&self) -> bool {
        matches!(self.printed, Some((_, Outcome::Failed)))
    }
}

/// What the office has told of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub status: RequestStatus,
    pub code_hash: [u8; 32],
    /// The hash takes in the number. An entry of an earlier version ends before this, and its hash doesn't.
    pub is_bound: bool,
}

/// As an earlier version wrote it.
#[derive(Deserialize)]
struct EarlierTold {
    status: RequestStatus,
    code_hash: [u8; 32],
}

impl Told {
    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes).or_else(|_| {
            let EarlierTold { status, code_hash } = postcard::from_bytes(bytes)?;
            Ok(Self { status, code_hash, is_bound: false })
        })
    }

    /// True for the code of the receipt that this was told of.
    pub fn proves(&self, code: &Code) -> bool {
        let hash = if self.is_bound { bound_code_hash(self.status.tracking_number, code) } else { code_hash(code) };
        self.code_hash == hash
    }
}

/// Through which envelope the index was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub epoch: Epoch,
    pub sequence: u64,
    pub head: HeaderHash,
}

/// How far the office holds an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The last sequence through which it holds everything
    pub through: u64,
    /// The last sequence that a backup of the office holds; `None` without any backup
    pub backed_up_through: Option<u64>,
}

/// An epoch in the store, from its first envelope there to its last; some between may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub epoch: Epoch,
    pub first: u64,
    pub last: u64,
}
