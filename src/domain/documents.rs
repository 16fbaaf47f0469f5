//! The document checklist: what the applicant says, and what a person at the desk has verified (P20).

use serde::{Deserialize, Serialize};

/// What the applicant said about a document when registering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentAnswer {
    WithMe,
    Later,
}

/// Where a document stands. Only a person at the desk verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    Missing,
    /// The applicant says it is here; nobody has looked yet
    Brought,
    Verified,
}

impl DocumentState {
    pub fn from_answer(answer: DocumentAnswer) -> Self {
        match answer {
            DocumentAnswer::WithMe => Self::Brought,
            DocumentAnswer::Later => Self::Missing,
        }
    }
}
