//! What is printed about a request, and how it ended: every print is a record.

use serde::{Deserialize, Serialize};

use super::language::Language;
use super::tracking_number::TrackingNumber;

/// A piece of paper. The order of the variants is part of the envelope's format: add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Printout {
    /// The one receipt of a request
    Receipt,
    /// The receipt once more, marked as a copy, because somebody asked the staff for it
    Copy,
    /// Where the request stands today
    StatusSlip,
    /// Which documents the applicant says to have brought
    DocumentsSlip,
}

/// How printing ended. Bytes sent aren't paper printed. The order of the variants is part of the envelope's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The printer said that everything is printed
    Confirmed,
    /// Everything was sent; the printer said nothing of it
    Unknown,
    Failed,
}

/// One print. It stands in clear in the kiosk's ledger: nothing of it comes from what a visitor typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    pub tracking_number: TrackingNumber,
    pub printout: Printout,
    /// In which it was printed
    pub language: Language,
    pub outcome: Outcome,
}
