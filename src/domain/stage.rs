//! The two tracks of a request after it is received: documents and committee, then the delivery.
//!
//! Every change is an event; where a request stands is derived from its events. Days are days in Riyadh.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendar::not_before;
use super::documents::DocumentState;
use super::tracking_number::TrackingNumber;

/// The committee's answer (P18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Accepted,
    Refused,
}

impl Decision {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// A change of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    DocumentBrought {
        document: String,
    },
    DocumentVerified {
        document: String,
    },
    /// A verified document turned out not to do
    DocumentReturned {
        document: String,
    },
    Decided {
        decision: Decision,
    },
    Delivered,
    Withdrawn,
    Closed,
}

/// Where the committee stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Committee {
    UnderStudy,
    Accepted { on: NaiveDate },
    Refused { on: NaiveDate },
}

/// How a request ended without a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Withdrawn,
    Closed,
}

/// Where a request stands, derived from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub received_on: NaiveDate,
    pub documents: BTreeMap<String, DocumentState>,
    pub committee: Committee,
    pub delivered_on: Option<NaiveDate>,
    pub ended: Option<Ending>,
}

/// Why a step can't be taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    #[error("the committee replies in no less than two weeks: a decision can be recorded from {not_before} (P19)")]
    TooEarly { not_before: NaiveDate },
    #[error("the committee has already decided")]
    AlreadyDecided,
    #[error("only an accepted request is delivered (P21)")]
    NotAccepted,
    #[error("documents are still missing or not verified: the service is delivered when they are complete (P21)")]
    DocumentsIncomplete,
    #[error("this request is already delivered")]
    AlreadyDelivered,
    #[error("this request has ended")]
    Ended,
    #[error("this request has no such document")]
    NoSuchDocument,
}

impl Standing {
    /// A request as it was received on a day in Riyadh.
    pub fn received(received_on: NaiveDate, documents: BTreeMap<String, DocumentState>) -> Self {
        Self { received_on, documents, committee: Committee::UnderStudy, delivered_on: None, ended: None }
    }

    /// The first day on which a decision can be recorded (P19).
    pub fn not_before(&self) -> NaiveDate {
        not_before(self.received_on)
    }

    pub fn documents_complete(&self) -> bool {
        self.documents.values().all(|state| *state == DocumentState::Verified)
    }

    /// The documents nobody has brought yet.
    pub fn missing_documents(&self) -> Vec<String> {
        let missing = self.documents.iter().filter(|(_, state)| **state == DocumentState::Missing);
        missing.map(|(id, _)| id.clone()).collect()
    }

    /// Whether the event may happen on `today`; what a screen offers and what is recorded ask the same rule.
    pub fn allows(&self, event: &Event, today: NaiveDate) -> Result<(), StepError> {
        if self.ended.is_some() {
            return Err(StepError::Ended);
        }
        if self.delivered_on.is_some() {
            return Err(StepError::AlreadyDelivered);
        }
        match event {
            Event::DocumentBrought { document }
            | Event::DocumentVerified { document }
            | Event::DocumentReturned { document } => {
                self.documents.contains_key(document).then_some(()).ok_or(StepError::NoSuchDocument)
            }
            Event::Decided { .. } if self.committee != Committee::UnderStudy => Err(StepError::AlreadyDecided),
            Event::Decided { .. } if today < self.not_before() => {
                Err(StepError::TooEarly { not_before: self.not_before() })
            }
            Event::Delivered if !matches!(self.committee, Committee::Accepted { .. }) => Err(StepError::NotAccepted),
            Event::Delivered if !self.documents_complete() => Err(StepError::DocumentsIncomplete),
            Event::Decided { .. } | Event::Delivered | Event::Withdrawn | Event::Closed => Ok(()),
        }
    }

    /// Takes up an event that happened on a day. Events were allowed when they were recorded, so that what was
    /// once written is always read again.
    pub fn apply(&mut self, event: &Event, on: NaiveDate) {
        match event {
            Event::DocumentBrought { document } => {
                if let Some(state @ DocumentState::Missing) = self.documents.get_mut(document) {
                    *state = DocumentState::Brought;
                }
            }
            Event::DocumentVerified { document } => self.set_document(document, DocumentState::Verified),
            Event::DocumentReturned { document } => self.set_document(document, DocumentState::Missing),
            Event::Decided { decision: Decision::Accepted } => self.committee = Committee::Accepted { on },
            Event::Decided { decision: Decision::Refused } => self.committee = Committee::Refused { on },
            Event::Delivered => self.delivered_on = Some(on),
            Event::Withdrawn => self.ended = Some(Ending::Withdrawn),
            Event::Closed => self.ended = Some(Ending::Closed),
        }
    }

    fn set_document(&mut self, document: &str, to: DocumentState) {
        if let Some(state) = self.documents.get_mut(document) {
            *state = to;
        }
    }
}

/// What a kiosk knows of a request, from its own listing or from the office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestStatus {
    pub tracking_number: TrackingNumber,
    pub service: String,
    pub standing: Standing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn standing() -> Standing {
        let documents =
            [("id_card".to_owned(), DocumentState::Brought), ("family_record".to_owned(), DocumentState::Missing)];
        Standing::received(day("2026-11-01"), documents.into())
    }

    #[test]
    fn no_decision_before_fourteen_days_have_passed() {
        let accept = Event::Decided { decision: Decision::Accepted };
        let standing = standing();
        assert_eq!(
            standing.allows(&accept, day("2026-11-14")),
            Err(StepError::TooEarly { not_before: day("2026-11-15") })
        );
        assert_eq!(standing.allows(&accept, day("2026-11-15")), Ok(()));
    }

    #[test]
    fn delivery_needs_acceptance_and_complete_documents() {
        let mut standing = standing();
        let today = day("2026-11-20");
        assert_eq!(standing.allows(&Event::Delivered, today), Err(StepError::NotAccepted));
        standing.apply(&Event::Decided { decision: Decision::Accepted }, today);
        assert_eq!(standing.allows(&Event::Delivered, today), Err(StepError::DocumentsIncomplete));
        for document in ["id_card", "family_record"] {
            let event = Event::DocumentVerified { document: document.into() };
            assert_eq!(standing.allows(&event, today), Ok(()));
            standing.apply(&event, today);
        }
        assert_eq!(standing.allows(&Event::Delivered, today), Ok(()));
        standing.apply(&Event::Delivered, today);
        assert_eq!(standing.allows(&Event::Delivered, today), Err(StepError::AlreadyDelivered));
    }

    #[test]
    fn a_refused_request_is_not_delivered_nor_decided_again() {
        let mut standing = standing();
        standing.apply(&Event::Decided { decision: Decision::Refused }, day("2026-11-15"));
        let accept = Event::Decided { decision: Decision::Accepted };
        assert_eq!(standing.allows(&accept, day("2026-11-16")), Err(StepError::AlreadyDecided));
        assert_eq!(standing.allows(&Event::Delivered, day("2026-11-16")), Err(StepError::NotAccepted));
    }

    #[test]
    fn bringing_a_verified_document_changes_nothing() {
        let mut standing = standing();
        standing.apply(&Event::DocumentVerified { document: "id_card".into() }, day("2026-11-02"));
        standing.apply(&Event::DocumentBrought { document: "id_card".into() }, day("2026-11-03"));
        assert_eq!(standing.documents["id_card"], DocumentState::Verified);
    }
}
