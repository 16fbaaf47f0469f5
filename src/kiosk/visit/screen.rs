//! What the visitor sees: one variant a screen, with what that screen alone knows.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::event::Printing;
use super::input::Input;
use crate::domain::answers::AnswerError;
use crate::domain::rating::Face;
use crate::domain::scan::{Scan, ScanError};
use crate::domain::stage::RequestStatus;
use crate::ledger::keeper::Registered;
use crate::seal::envelope::KioskTime;

/// What the visitor sees.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    Home {
        error: Option<ScanError>,
    },
    /// "Do you have a receipt from an earlier request?": asked of everyone, so that nothing is said of who is known
    EarlierRequest,
    PrivacyNotice {
        expanded: bool,
    },
    Question(QuestionScreen),
    Documents,
    CheckAnswers,
    Declaration,
    /// The kiosk's time comes in a moment; without a trusted one no date is promised
    CommitteeNotice {
        busy: bool,
        time: Option<KioskTime>,
    },
    Receipt {
        registered: Registered,
        printing: Printing,
        /// The paper itself lies over the screen
        paper_shown: bool,
    },
    FollowUp(FollowUp),
    Rate(RateScreen),
    Information(Information),
    Suggestion(SuggestionScreen),
    /// The disk has no room for a new request, and that is said before the first question
    NoNewRequests,
    /// What was entered couldn't be kept; nothing was recorded
    NotKept,
    /// The office has revoked this kiosk
    Revoked,
    OutOfService,
}

#[derive(Clone, Debug, PartialEq)]
pub struct QuestionScreen {
    pub question: String,
    pub input: Input,
    pub error: Option<AnswerError>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FollowUp {
    Ask {
        /// Digits, as 0-9
        typed: Zeroizing<String>,
        error: Option<FollowUpError>,
        waiting: bool,
    },
    /// With `proved` the receipt was scanned, and the decision may be shown
    Result {
        status: RequestStatus,
        proved: bool,
        /// How far its slip has come; `None` when nobody has asked for one
        slip: Option<Printing>,
    },
    Documents {
        status: RequestStatus,
        chosen: BTreeSet<String>,
        waiting: bool,
    },
    Thanks {
        status: RequestStatus,
        /// How far the slip with the documents has come
        slip: Printing,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUpError {
    Scan(ScanError),
    Unknown,
    /// The tries of this visit are used up
    TooManyTries,
    /// Wrong tries slow the next ones down: so many seconds are to wait
    Wait {
        seconds: u64,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum RateScreen {
    Scan { error: Option<RateError>, waiting: bool },
    Faces { receipt: Option<RequestStatus> },
    Reasons { receipt: Option<RequestStatus>, face: Face, reasons: BTreeSet<String>, waiting: bool },
    Thanks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    Scan(ScanError),
    Unknown,
    /// A service is rated when it has been delivered
    NotDelivered,
    AlreadyRated,
    /// The number alone doesn't rate: the receipt is scanned
    CodeMissing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Information {
    Services,
    Questions,
    Service(String),
    /// The place of a common question in the catalogue
    CommonQuestion(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestionKind {
    Suggestion,
    Complaint,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SuggestionScreen {
    pub kind: SuggestionKind,
    pub text: Zeroizing<String>,
    pub waiting: bool,
    pub sent: bool,
}

/// Where a visitor who has answers to lose is about to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    Home,
    /// A receipt was scanned in the middle of something else
    FollowUp(Scan),
}

/// How the screens are drawn for whoever stands here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    pub text_size: TextSize,
    pub high_contrast: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextSize {
    #[default]
    Usual,
    Large,
    Largest,
}

impl TextSize {
    pub fn next(self) -> Self {
        match self {
            Self::Usual => Self::Large,
            Self::Large => Self::Largest,
            Self::Largest => Self::Usual,
        }
    }
}

/// What this kiosk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Station {
    /// Requests, follow-up, ratings, information
    Reception,
    /// A stand at the exit: it shows the four faces all the time
    Rating,
}
