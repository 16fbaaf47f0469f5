//! What an envelope holds: a sealed record, which only the office can read, and a listing in clear.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::printout::Print;
use super::request::{Request, RequestId};
use super::signature::Signature;
use super::tracking_number::TrackingNumber;

/// The sealed part of an envelope. The order of the variants is part of the format: add at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The first record of an epoch
    Opening(Opening),
    Request(Request),
    Signature {
        request: RequestId,
        signature: Signature,
    },
    DocumentsBrought {
        tracking_number: TrackingNumber,
        documents: Vec<String>,
    },
    Suggestion {
        text: String,
    },
    /// What was repaired in the kiosk's store, without anything lost: in English, for the office's people
    Repair {
        report: String,
    },
    Printed(Print),
    /// Names records that neither copy of the kiosk's store holds any more, at most [`LOST_RANGES_MAX`] ranges
    Losses(Vec<LostRange>),
}

/// Maximum number of ranges in one record of losses: it fits into an envelope.
pub const LOST_RANGES_MAX: usize = 64;

/// Envelopes of one epoch that the kiosk has lost for good. The office acknowledges past them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LostRange {
    pub epoch: [u8; 16],
    pub first: u64,
    /// Inclusive
    pub last: u64,
    /// The header hash of the last one, which the envelope behind it names as its predecessor
    pub resumes_after: [u8; 32],
}

/// What the office must know of a kiosk's new epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The key from which this kiosk makes the codes of its receipts
    pub receipt_key: ReceiptKeyBytes,
    /// What was done to the store before this epoch began, in English, for the office's people
    pub reason: String,
}

/// 32 secret bytes that are wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, zeroize::ZeroizeOnDrop)]
pub struct ReceiptKeyBytes(pub [u8; 32]);

impl std::fmt::Debug for ReceiptKeyBytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ReceiptKeyBytes(…)")
    }
}

/// Everything that a kiosk's disk shows in clear: this list is the whole of it. Nothing here comes from a national
/// id, a name or a mobile, not even as a hash. The order of the variants is part of the format: add at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listing {
    Opening,
    Request { request: RequestId, tracking_number: TrackingNumber, service: String, missing_documents: Vec<String> },
    Signature { request: RequestId },
    DocumentsBrought { tracking_number: TrackingNumber, documents: Vec<String> },
    Suggestion,
    Repair,
    Printed(Print),
    Losses,
}

impl Record {
    /// What of this record may stand in clear.
    pub fn listing(&self) -> Listing {
        match self {
            Self::Opening(_) => Listing::Opening,
            Self::Request(request) => Listing::Request {
                request: request.id,
                tracking_number: request.tracking_number,
                service: request.service().to_owned(),
                missing_documents: request.missing_documents(),
            },
            Self::Signature { request, .. } => Listing::Signature { request: *request },
            Self::DocumentsBrought { tracking_number, documents } => {
                Listing::DocumentsBrought { tracking_number: *tracking_number, documents: documents.clone() }
            }
            Self::Suggestion { .. } => Listing::Suggestion,
            Self::Repair { .. } => Listing::Repair,
            Self::Printed(print) => Listing::Printed(*print),
            Self::Losses(_) => Listing::Losses,
        }
    }
}
