//! What happens to a visit, and what it asks the kiosk to do.

use super::input::DateColumn;
use super::screen::{Information, SuggestionKind};
use crate::domain::calendar::Calendar;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::rating::{Face, Rating};
use crate::domain::scan::Scan;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::keeper::{LedgerHealth, LookUp, Registered, Registration};
use crate::receipt::slip::SlipAbout;
use crate::seal::envelope::KioskTime;

/// What a finger, a scanner or the kiosk itself does to a visit.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    ChooseLanguage(Language),
    NewRequest,
    FollowUp,
    Rate,
    Information,
    Suggest,
    ReadMore,
    ReadLess,
    /// Letters one size larger; after the largest the first again
    ChangeTextSize,
    ToggleContrast,
    Next,
    Back,
    /// To the home screen; asks first when answers would be lost
    Home,
    Stay,
    Leave,
    /// Nobody touched the screen for too long
    Idle,
    Finish,

    /// A character of an on-screen keyboard; [`DELETE`] and [`CLEAR`] are two of them
    Key(String),
    /// A whole answer at once, in the form that [`Question::parse`] reads
    Enter(String),
    Choose(String),
    Count(i32),
    StepDate(DateColumn, i32),
    ChooseCalendar(Calendar),
    /// Nobody knows the day of this date, or somebody does after all
    ToggleDayUnknown,
    /// Takes over the answer that this question may share with an earlier one
    TakeSame,
    Skip,
    SetDocument(String, DocumentAnswer),
    ChangeAnswer(String),
    StrokeBegan(f32, f32),
    StrokeMoved(f32, f32),
    ClearSignature,

    Scanned(String),
    /// The sentence about a foreign scan has been read
    ScanRefusalSeen,
    BringDocuments,
    /// What stands on the screen about a request, on paper
    PrintSlip,
    /// The receipt as it is on paper, laid over the screen, or away again
    ShowPaper(bool),
    ChooseFace(Face),
    WithoutReceipt,
    ChooseSuggestionKind(SuggestionKind),
    ShowInformation(Information),

    /// The answer to [`Effect::AskTime`]
    Time(KioskTime),
    /// The registration is durable
    Registered(Registered),
    LookedUp(LookUp),
    /// Nothing was looked up: after wrong tries there are so many seconds to wait
    TryLater(u64),
    /// A rating, a suggestion or brought documents are durable
    Kept,
    /// The store took nothing: the kiosk is out of service
    StoreFailed,
    /// This alone can't be kept, and nothing was recorded; the store is well
    NotKept,
    /// Whether a new request can be promised anything
    Health(LedgerHealth),
    /// The printer's last word on this visit's receipt, or its slip
    Printed(Printing),
}

impl Event {
    /// True of what the kiosk answers, not of what a visitor does.
    pub(super) fn is_an_answer(&self) -> bool {
        matches!(
            self,
            Self::Time(_)
                | Self::Registered(_)
                | Self::LookedUp(_)
                | Self::TryLater(_)
                | Self::Kept
                | Self::StoreFailed
                | Self::NotKept
                | Self::Health(_)
                | Self::Printed(_)
        )
    }
}

/// Takes the last character away.
pub const DELETE: &str = "\u{8}";
/// Takes all characters away.
pub const CLEAR: &str = "\u{7f}";

/// What the kiosk has to carry out.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// What time it is, and whether it counts, before a date is promised
    AskTime,
    Register(Box<Registration>),
    /// Only after [`Event::Registered`]: no receipt without its record
    Print(Registered),
    PrintSlip {
        about: SlipAbout,
        status: RequestStatus,
    },
    LookUp(Scan),
    BringDocuments {
        tracking_number: TrackingNumber,
        documents: Vec<String>,
    },
    KeepRating {
        service: String,
        rating: Rating,
        receipt: Option<TrackingNumber>,
    },
    KeepSuggestion(String),
}

/// How far the paper has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printing {
    /// This kiosk prints no receipts, or not now
    Off,
    Underway,
    /// The printer said that it is done
    Confirmed,
    /// The bytes were sent, and the printer said nothing
    Unknown,
    Failed,
}
