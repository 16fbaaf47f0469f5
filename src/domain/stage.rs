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
    /// The request needs one more document than its service does, in the catalogue's id
    DocumentAsked {
        document: String,
    },
    /// A corrected answer no longer asks for a document that nobody has brought
    DocumentNotAsked {
        document: String,
    },
    Decided {
        decision: Decision,
        /// The committee's session, by its random id; none for what was decided before sessions were kept
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// What was decided and not yet handed over is decided anew, in another session than before; the earlier decision
    /// counts until then, and stays in the record
    DecidedAnew {
        decision: Decision,
        session: String,
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
        /// Of a double: the request that goes on, by its random id
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
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

impl Committee {
    /// The day of the decision that counts now.
    pub fn decided_on(self) -> Option<NaiveDate> {
        match self {
            Self::UnderStudy => None,
            Self::Accepted { on } | Self::Refused { on } => Some(on),
        }
    }
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
    /// When the applicant objected to the last refusal; a refusal can be objected to once, and the committee's answer to
    /// an objection ends the matter
    #[serde(skip)]
    pub objected_on: Option<NaiveDate>,
    /// The session of the last decision, where it was made in one: a second look asks for another
    #[serde(skip)]
    pub decided_in: Option<String>,
    /// When parts were handed over before the last one
    #[serde(skip)]
    pub parts_delivered_on: Vec<NaiveDate>,
}

/// Why a step can't be taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    #[error("the committee replies in no less than two weeks: a decision can be recorded from {not_before} (P19)")]
    TooEarly { not_before: NaiveDate },
    #[error("the day isn't certain: a manager confirms it on the page of the clock before decisions are recorded")]
    DayInDoubt,
    #[error("the committee has already decided")]
    AlreadyDecided,
    #[error("the committee has not decided yet: there is nothing to decide anew")]
    NotDecided,
    #[error("the second look is another session's: this one has decided already (P23)")]
    SameSession,
    #[error("a part of what was granted is already handed over: it can't be decided anew")]
    PartlyDelivered,
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
    #[error("this request has that document already")]
    DocumentAlreadyAsked,
    #[error("this document was brought: it stays with the request")]
    DocumentStays,
    #[error("only a refusal can be objected to (P23)")]
    NotRefused,
    #[error("a refusal can be objected to once, and this one was")]
    AlreadyObjected,
    #[error("a record of this request isn't as it was written: no step is taken until an administrator has looked")]
    SetApart,
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
            decided_in: None,
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
            Event::DocumentAsked { document } if self.documents.contains_key(document) => {
                Err(StepError::DocumentAlreadyAsked)
            }
            Event::DocumentNotAsked { document } => match self.documents.get(document) {
                Some(DocumentState::Missing) => Ok(()),
                Some(DocumentState::Brought | DocumentState::Verified) => Err(StepError::DocumentStays),
                None => Err(StepError::NoSuchDocument),
            },
            Event::Decided { .. } if self.committee != Committee::UnderStudy => Err(StepError::AlreadyDecided),
            Event::DecidedAnew { .. } if self.committee == Committee::UnderStudy => Err(StepError::NotDecided),
            Event::Decided { .. } | Event::DecidedAnew { .. } if today < self.not_before() => {
                Err(StepError::TooEarly { not_before: self.not_before() })
            }
            Event::DecidedAnew { .. } if !self.parts_delivered_on.is_empty() => Err(StepError::PartlyDelivered),
            Event::Decided { session: Some(session), .. } | Event::DecidedAnew { session, .. }
                if self.decided_in.as_ref() == Some(session) =>
            {
                Err(StepError::SameSession)
            }
            Event::Objected if !matches!(self.committee, Committee::Refused { .. }) => Err(StepError::NotRefused),
            Event::Objected if self.objected_on.is_some() => Err(StepError::AlreadyObjected),
            Event::PartDelivered | Event::Delivered if !matches!(self.committee, Committee::Accepted { .. }) => {
                Err(StepError::NotAccepted)
            }
            Event::PartDelivered | Event::Delivered if !self.documents_complete() => {
                Err(StepError::DocumentsIncomplete)
            }
            Event::DocumentAsked { .. }
            | Event::Decided { .. }
            | Event::DecidedAnew { .. }
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
            Event::DocumentAsked { document } => {
                self.documents.entry(document.clone()).or_insert(DocumentState::Missing);
            }
            Event::Decided { decision, session } => self.decide(*decision, session.clone(), on),
            Event::DecidedAnew { decision, session } => {
                // Another decision than the one that was objected to, if any was.
                self.objected_on = None;
                self.decide(*decision, Some(session.clone()), on);
            }
            Event::DocumentNotAsked { document } => {
                if self.documents.get(document) == Some(&DocumentState::Missing) {
                    self.documents.remove(document);
                }
            }
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

    fn decide(&mut self, decision: Decision, session: Option<String>, on: NaiveDate) {
        self.committee = match decision {
            Decision::Accepted => Committee::Accepted { on },
            Decision::Refused => Committee::Refused { on },
        };
        self.decided_in = session;
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
    fn the_second_look_is_another_session_s() {
        let mut standing = standing();
        let today = day("2026-11-20");
        let decided = |decision, session: &str| Event::Decided { decision, session: Some(session.into()) };
        standing.apply(&decided(Decision::Refused, "first"), today);
        standing.apply(&Event::Objected, today);
        let again = standing.allows(&decided(Decision::Accepted, "first"), today);
        assert_eq!(again, Err(StepError::SameSession));
        assert_eq!(standing.allows(&decided(Decision::Accepted, "second"), today), Ok(()));
    }

    #[test]
    fn what_was_decided_is_decided_anew_in_another_session_until_a_part_is_handed_over() {
        let mut standing = standing();
        let (early, today) = (day("2026-11-14"), day("2026-11-20"));
        let anew = |decision, session: &str| Event::DecidedAnew { decision, session: session.into() };
        assert_eq!(standing.allows(&anew(Decision::Refused, "second"), today), Err(StepError::NotDecided));
        standing.apply(&Event::Decided { decision: Decision::Accepted, session: Some("first".into()) }, today);
        assert_eq!(standing.allows(&anew(Decision::Refused, "first"), today), Err(StepError::SameSession));
        let not_before = day("2026-11-15");
        let too_early = Err(StepError::TooEarly { not_before });
        assert_eq!(standing.allows(&anew(Decision::Refused, "second"), early), too_early);
        assert_eq!(standing.allows(&anew(Decision::Refused, "second"), today), Ok(()));
        standing.apply(&anew(Decision::Refused, "second"), today);
        assert_eq!(standing.committee, Committee::Refused { on: today });
        assert_eq!(standing.allows(&Event::Objected, today), Ok(()), "it is another refusal");
        standing.apply(&anew(Decision::Accepted, "third"), today);
        standing.apply(&Event::PartDelivered, today);
        assert_eq!(standing.allows(&anew(Decision::Refused, "fourth"), today), Err(StepError::PartlyDelivered));
    }

    #[test]
    fn what_the_office_keeps_to_itself_does_not_change_what_kiosks_read() {
        let mut standing = standing();
        let before = postcard::to_allocvec(&standing).unwrap();
        standing.objected_on = Some(day("2026-11-20"));
        standing.decided_in = Some("first".into());
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
            (r#"{"kind":"closed"}"#, Event::Closed { why: ClosingReason::Other, other: None }),
        ] {
            assert_eq!(serde_json::from_str::<Event>(text).unwrap(), event);
        }
    }

    #[test]
    fn a_document_that_is_asked_for_later_is_missing_until_it_comes() {
        let mut standing = standing();
        let (today, asked) = (day("2026-11-20"), Event::DocumentAsked { document: "medical_report".into() });
        standing.apply(&Event::Decided { decision: Decision::Accepted, session: None }, today);
        for document in ["id_card", "family_record"] {
            standing.apply(&Event::DocumentVerified { document: document.into() }, today);
        }
        assert_eq!(standing.allows(&asked, today), Ok(()));
        standing.apply(&asked, today);
        assert_eq!(standing.missing_documents(), ["medical_report"]);
        assert_eq!(standing.allows(&Event::Delivered, today), Err(StepError::DocumentsIncomplete));
        assert_eq!(standing.allows(&asked, today), Err(StepError::DocumentAlreadyAsked));
        let here = Event::DocumentAsked { document: "id_card".into() };
        standing.apply(&here, today);
        assert_eq!(standing.documents["id_card"], DocumentState::Verified, "what is there stays as it is");
    }

    #[test]
    fn corrected_answers_ask_for_other_documents() {
        let mut standing = standing();
        let today = day("2026-11-02");
        let of =
            |id: &str| (Event::DocumentAsked { document: id.into() }, Event::DocumentNotAsked { document: id.into() });
        let (ask_deed, drop_deed) = of("debt_deed");
        assert_eq!(standing.allows(&drop_deed, today), Err(StepError::NoSuchDocument));
        assert_eq!(standing.allows(&ask_deed, today), Ok(()));
        standing.apply(&ask_deed, today);
        assert_eq!(standing.documents["debt_deed"], DocumentState::Missing);
        assert_eq!(standing.allows(&ask_deed, today), Err(StepError::DocumentAlreadyAsked));
        standing.apply(&drop_deed, today);
        assert!(!standing.documents.contains_key("debt_deed"));
        // What is here isn't given away.
        let (_, drop_card) = of("id_card");
        assert_eq!(standing.allows(&drop_card, today), Err(StepError::DocumentStays));
        standing.apply(&drop_card, today);
        assert_eq!(standing.documents["id_card"], DocumentState::Brought);
    }

    #[test]
    fn bringing_a_verified_document_changes_nothing() {
        let mut standing = standing();
        standing.apply(&Event::DocumentVerified { document: "id_card".into() }, day("2026-11-02"));
        standing.apply(&Event::DocumentBrought { document: "id_card".into() }, day("2026-11-03"));
        assert_eq!(standing.documents["id_card"], DocumentState::Verified);
    }

    mod any_order {
        use proptest::prelude::*;

        use super::*;

        fn event() -> impl Strategy<Value = Event> {
            let document =
                prop_oneof![Just("id_card"), Just("family_record"), Just("none_of_these")].prop_map(String::from);
            let decision = prop_oneof![Just(Decision::Accepted), Just(Decision::Refused)];
            let session = prop_oneof![Just("first"), Just("second"), Just("third")].prop_map(String::from);
            prop_oneof![
                1 => document.clone().prop_map(|document| Event::DocumentBrought { document }),
                4 => document.clone().prop_map(|document| Event::DocumentVerified { document }),
                1 => document.clone().prop_map(|document| Event::DocumentReturned { document }),
                1 => document.clone().prop_map(|document| Event::DocumentAsked { document }),
                1 => document.clone().prop_map(|document| Event::DocumentNotAsked { document }),
                1 => document.prop_map(|document| Event::DocumentUnverified { document }),
                4 => (decision.clone(), proptest::option::of(session.clone()))
                    .prop_map(|(decision, session)| Event::Decided { decision, session }),
                2 => (decision, session).prop_map(|(decision, session)| Event::DecidedAnew { decision, session }),
                2 => Just(Event::Objected),
                2 => Just(Event::PartDelivered),
                2 => Just(Event::Delivered),
                1 => Just(Event::Withdrawn),
                1 => Just(Event::Closed { why: ClosingReason::Expired, other: None }),
            ]
        }

        proptest! {
            /// Whatever is tried in whatever order: nothing is decided before its day (P19), nothing handed over without
            /// acceptance and whole documents (P21), nothing happens after the end, and kiosks can read what results.
            #[test]
            fn the_rules_hold(tried in proptest::collection::vec((event(), 0_u64..4), 1..60)) {
                let mut standing = standing();
                let mut today = standing.received_on;
                for (event, days) in tried {
                    today = today + chrono::Days::new(days);
                    if standing.allows(&event, today).is_err() {
                        continue;
                    }
                    prop_assert!(standing.ended.is_none() && standing.delivered_on.is_none(), "after the end: {event:?}");
                    let before = standing.clone();
                    standing.apply(&event, today);
                    let accepted = matches!(standing.committee, Committee::Accepted { .. });
                    if let Some(on) = standing.committee.decided_on() {
                        prop_assert!(on >= standing.not_before());
                    }
                    if matches!(event, Event::PartDelivered | Event::Delivered) {
                        prop_assert!(accepted && standing.documents_complete());
                    }
                    let is_handed_over = standing.delivered_on.is_some() || !standing.parts_delivered_on.is_empty();
                    prop_assert!(!is_handed_over || accepted, "handed over and not accepted");
                    if matches!(event, Event::Decided { .. } | Event::DecidedAnew { .. }) && before.decided_in.is_some() {
                        prop_assert_ne!(before.decided_in, standing.decided_in.clone(), "the same session twice");
                    }
                    let read: Standing = postcard::from_bytes(&postcard::to_allocvec(&standing).unwrap()).unwrap();
                    prop_assert_eq!(read.committee, standing.committee);
                }
            }
        }
    }
}
