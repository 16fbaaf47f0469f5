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
    /// It was verified by mistake: it counts as brought again
    DocumentUnverified {
        document: String,
    },
    Decided {
        decision: Decision,
        /// The committee's session, by its random id; none for what was decided before sessions were kept
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// The applicant objects to the refusal: a new session looks a second time (P23)
    Objected,
    /// A part of what was granted was handed over
    PartDelivered,
    /// The last part, or all of it
    Delivered,
    Withdrawn,
    Closed {
        #[serde(default)]
        why: ClosingReason,
    },
}

/// Why a request was closed without an answer to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingReason {
    /// The same person asked for the same thing in another request
    Double,
    /// Nothing was heard of the applicant for as long as the office waits
    Expired,
    /// The note says it
    #[default]
    Other,
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
    // The office's own: kiosks aren't told, so that their format stays as it is.
    /// When the applicant objected; a refusal can be objected to once
    #[serde(skip)]
    pub objected_on: Option<NaiveDate>,
    /// When parts were handed over before the last one
    #[serde(skip)]
    pub parts_delivered_on: Vec<NaiveDate>,
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
    #[error("only a refusal can be objected to (P23)")]
    NotRefused,
    #[error("a refusal can be objected to once, and this one was")]
    AlreadyObjected,
}

impl Standing {
    /// A request as it was received on a day in Riyadh.
    pub fn received(received_on: NaiveDate, documents: BTreeMap<String, DocumentState>) -> Self {
        Self {
            received_on,
            documents,
            committee: Committee::UnderStudy,
            delivered_on: None,
            ended: None,
            objected_on: None,
            parts_delivered_on: Vec::new(),
        }
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
            | Event::DocumentReturned { document }
            | Event::DocumentUnverified { document } => {
                self.documents.contains_key(document).then_some(()).ok_or(StepError::NoSuchDocument)
            }
            Event::Decided { .. } if self.committee != Committee::UnderStudy => Err(StepError::AlreadyDecided),
            Event::Decided { .. } if today < self.not_before() => {
                Err(StepError::TooEarly { not_before: self.not_before() })
            }
            Event::Objected if !matches!(self.committee, Committee::Refused { .. }) => Err(StepError::NotRefused),
            Event::Objected if self.objected_on.is_some() => Err(StepError::AlreadyObjected),
            Event::PartDelivered | Event::Delivered if !matches!(self.committee, Committee::Accepted { .. }) => {
                Err(StepError::NotAccepted)
            }
            Event::PartDelivered | Event::Delivered if !self.documents_complete() => {
                Err(StepError::DocumentsIncomplete)
            }
            Event::Decided { .. }
            | Event::Objected
            | Event::PartDelivered
            | Event::Delivered
            | Event::Withdrawn
            | Event::Closed { .. } => Ok(()),
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
            Event::DocumentUnverified { document } => {
                if let Some(state @ DocumentState::Verified) = self.documents.get_mut(document) {
                    *state = DocumentState::Brought;
                }
            }
            Event::Decided { decision: Decision::Accepted, .. } => self.committee = Committee::Accepted { on },
            Event::Decided { decision: Decision::Refused, .. } => self.committee = Committee::Refused { on },
            Event::Objected => {
                self.committee = Committee::UnderStudy;
                self.objected_on = Some(on);
            }
            Event::PartDelivered => self.parts_delivered_on.push(on),
            Event::Delivered => self.delivered_on = Some(on),
            Event::Withdrawn => self.ended = Some(Ending::Withdrawn),
            Event::Closed { .. } => self.ended = Some(Ending::Closed),
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
        let accept = Event::Decided { decision: Decision::Accepted, session: None };
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
        standing.apply(&Event::Decided { decision: Decision::Accepted, session: None }, today);
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
        standing.apply(&Event::Decided { decision: Decision::Refused, session: None }, day("2026-11-15"));
        let accept = Event::Decided { decision: Decision::Accepted, session: None };
        assert_eq!(standing.allows(&accept, day("2026-11-16")), Err(StepError::AlreadyDecided));
        assert_eq!(standing.allows(&Event::Delivered, day("2026-11-16")), Err(StepError::NotAccepted));
    }

    #[test]
    fn a_refusal_can_be_objected_to_once() {
        let mut standing = standing();
        let (today, refuse) = (day("2026-11-20"), Event::Decided { decision: Decision::Refused, session: None });
        assert_eq!(standing.allows(&Event::Objected, today), Err(StepError::NotRefused));
        standing.apply(&refuse, today);
        assert_eq!(standing.allows(&Event::Objected, today), Ok(()));
        standing.apply(&Event::Objected, today);
        assert_eq!(standing.committee, Committee::UnderStudy);
        assert_eq!(standing.allows(&refuse, today), Ok(()));
        standing.apply(&refuse, today);
        assert_eq!(standing.allows(&Event::Objected, today), Err(StepError::AlreadyObjected));
    }

    #[test]
    fn what_the_office_keeps_to_itself_does_not_change_what_kiosks_read() {
        let mut standing = standing();
        let before = postcard::to_allocvec(&standing).unwrap();
        standing.objected_on = Some(day("2026-11-20"));
        standing.parts_delivered_on.push(day("2026-11-21"));
        assert_eq!(postcard::to_allocvec(&standing).unwrap(), before);
    }

    #[test]
    fn events_of_earlier_versions_are_read() {
        for (text, event) in [
            (
                r#"{"kind":"decided","decision":"refused"}"#,
                Event::Decided { decision: Decision::Refused, session: None },
            ),
            (r#"{"kind":"closed"}"#, Event::Closed { why: ClosingReason::Other }),
        ] {
            assert_eq!(serde_json::from_str::<Event>(text).unwrap(), event);
        }
    }

    #[test]
    fn bringing_a_verified_document_changes_nothing() {
        let mut standing = standing();
        standing.apply(&Event::DocumentVerified { document: "id_card".into() }, day("2026-11-02"));
        standing.apply(&Event::DocumentBrought { document: "id_card".into() }, day("2026-11-03"));
        assert_eq!(standing.documents["id_card"], DocumentState::Verified);
    }
}
