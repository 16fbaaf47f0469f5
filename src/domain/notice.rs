//! Notices (P5): what a person is told about a request without asking.
//!
//! A notice says that something happened, never the decision, a reason, a service or a name: phones are shared.

use super::stage::{ClosingReason, Committee, Ending, Event, Standing};

/// What a notice is about; one sentence a kind in `locales/*/office-notices.ftl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    Received,
    /// A document turned out not to do: it has to be brought again
    DocumentsNeeded,
    DocumentsComplete,
    /// There is an answer; what it is, the desk and the status page tell whoever proves the receipt
    Decided,
    ObjectionRecorded,
    /// The staff say that it can be fetched now
    Ready,
    PartDelivered,
    /// Delivered; would the person rate it (P10)?
    Delivered,
    Withdrawn,
    Closed,
    /// Closed because the same person asks for the same thing in another request, which goes on
    ClosedAsDouble,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no notice of this kind")]
pub struct NoticeKindError;

impl NoticeKind {
    pub const ALL: [Self; 11] = [
        Self::Received,
        Self::DocumentsNeeded,
        Self::DocumentsComplete,
        Self::Decided,
        Self::ObjectionRecorded,
        Self::Ready,
        Self::PartDelivered,
        Self::Delivered,
        Self::Withdrawn,
        Self::Closed,
        Self::ClosedAsDouble,
    ];

    /// What is to be told of an event; `after` is where the request stands since. What people do themselves at the kiosk, or
    /// take back at the desk, they aren't told.
    pub fn of(event: &Event, after: &Standing) -> Option<Self> {
        match event {
            Event::DocumentBrought { .. } | Event::DocumentUnverified { .. } => None,
            Event::DocumentVerified { .. } | Event::DocumentNotAsked { .. } => {
                after.documents_complete().then_some(Self::DocumentsComplete)
            }
            Event::DocumentReturned { .. } | Event::DocumentAsked { .. } => Some(Self::DocumentsNeeded),
            Event::Decided { .. } | Event::DecidedAnew { .. } => Some(Self::Decided),
            Event::Objected => Some(Self::ObjectionRecorded),
            Event::PartDelivered => Some(Self::PartDelivered),
            Event::Delivered => Some(Self::Delivered),
            Event::Withdrawn => Some(Self::Withdrawn),
            Event::Closed { why: ClosingReason::Double, .. } => Some(Self::ClosedAsDouble),
            Event::Closed { .. } => Some(Self::Closed),
        }
    }

    /// Whether it is still true when its turn comes: what was taken back meanwhile is not told any more.
    pub fn still_holds(self, standing: &Standing) -> bool {
        let goes_on = standing.ended.is_none() && standing.delivered_on.is_none();
        match self {
            Self::Received => goes_on,
            Self::DocumentsNeeded => goes_on && !standing.missing_documents().is_empty(),
            Self::DocumentsComplete => goes_on && standing.documents_complete(),
            Self::Decided => standing.ended.is_none() && standing.committee != Committee::UnderStudy,
            Self::ObjectionRecorded => standing.ended.is_none() && standing.objected_on.is_some(),
            Self::Ready => {
                goes_on && standing.documents_complete() && matches!(standing.committee, Committee::Accepted { .. })
            }
            Self::PartDelivered => goes_on && !standing.parts_delivered_on.is_empty(),
            Self::Delivered => standing.delivered_on.is_some(),
            Self::Withdrawn => standing.ended == Some(Ending::Withdrawn),
            Self::Closed | Self::ClosedAsDouble => standing.ended == Some(Ending::Closed),
        }
    }

    /// As the tables and the trail write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::DocumentsNeeded => "documents_needed",
            Self::DocumentsComplete => "documents_complete",
            Self::Decided => "decided",
            Self::ObjectionRecorded => "objection_recorded",
            Self::Ready => "ready",
            Self::PartDelivered => "part_delivered",
            Self::Delivered => "delivered",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
            Self::ClosedAsDouble => "closed_as_double",
        }
    }
}

impl std::str::FromStr for NoticeKind {
    type Err = NoticeKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(NoticeKindError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::documents::DocumentState;
    use crate::domain::stage::Decision;

    #[test]
    fn each_change_that_matters_is_told_and_holds_then() {
        let document = || "id_card".to_owned();
        let documents = [(document(), DocumentState::Brought)].into();
        let mut standing = Standing::received("2026-11-01".parse().unwrap(), documents);
        let later = "2026-11-20".parse().unwrap();
        let decided = |decision| Event::Decided { decision, session: None };
        let story = [
            (Event::DocumentReturned { document: document() }, Some(NoticeKind::DocumentsNeeded)),
            (Event::DocumentAsked { document: document() }, Some(NoticeKind::DocumentsNeeded)),
            (Event::DocumentBrought { document: document() }, None),
            (Event::DocumentVerified { document: document() }, Some(NoticeKind::DocumentsComplete)),
            (decided(Decision::Refused), Some(NoticeKind::Decided)),
            (Event::Objected, Some(NoticeKind::ObjectionRecorded)),
            (decided(Decision::Accepted), Some(NoticeKind::Decided)),
            (Event::PartDelivered, Some(NoticeKind::PartDelivered)),
            (Event::Delivered, Some(NoticeKind::Delivered)),
        ];
        for (event, kind) in story {
            standing.apply(&event, later);
            assert_eq!(NoticeKind::of(&event, &standing), kind, "{event:?}");
            assert!(kind.is_none_or(|kind| kind.still_holds(&standing)), "{event:?}");
        }
        assert!(!NoticeKind::PartDelivered.still_holds(&standing) && !NoticeKind::Ready.still_holds(&standing));
        for kind in NoticeKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }

    #[test]
    fn what_was_taken_back_is_not_told() {
        let documents = [("id_card".to_owned(), DocumentState::Verified)].into();
        let mut standing = Standing::received("2026-11-01".parse().unwrap(), documents);
        assert!(NoticeKind::DocumentsComplete.still_holds(&standing));
        standing.apply(&Event::DocumentReturned { document: "id_card".into() }, "2026-11-02".parse().unwrap());
        assert!(!NoticeKind::DocumentsComplete.still_holds(&standing));
        standing.apply(&Event::Withdrawn, "2026-11-02".parse().unwrap());
        assert!(!NoticeKind::DocumentsNeeded.still_holds(&standing) && NoticeKind::Withdrawn.still_holds(&standing));
    }
}
