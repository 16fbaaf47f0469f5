//! The office's words for what the domain names: roles, stages, channels, reasons.

use crate::domain::documents::DocumentState;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::printout::{Outcome, Printout};
use crate::domain::stage::{ClosingReason, Decision, Event, StepError};
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::database::requests::{StoredRequest, beneficiary_name};
use crate::office::people::Role;
use crate::replication::wire::CallPlace;

pub fn role(words: &Words, role: Role) -> String {
    words.get(match role {
        Role::Reception => "office-role-reception",
        Role::Researcher => "office-role-researcher",
        Role::Committee => "office-role-committee",
        Role::Manager => "office-role-manager",
        Role::Administrator => "office-role-administrator",
        Role::Auditor => "office-role-auditor",
    })
}

/// The word of [`crate::office::database::requests::stage`].
pub fn stage(words: &Words, stage: &str) -> String {
    words.get(match stage {
        "accepted" => "office-stage-accepted",
        "refused" => "office-stage-refused",
        "delivered" => "office-stage-delivered",
        "withdrawn" => "office-stage-withdrawn",
        "closed" => "office-stage-closed",
        _ => "office-stage-under-study",
    })
}

pub fn channel(words: &Words, channel: &str) -> String {
    words.get(match channel {
        "desk" => "office-channel-desk",
        "phone" => "office-channel-phone",
        _ => "office-channel-kiosk",
    })
}

pub fn beneficiary(words: &Words, beneficiary: &str) -> String {
    words.get(if beneficiary == "internal" { "office-beneficiary-internal" } else { "office-beneficiary-external" })
}

pub fn document_state(words: &Words, state: DocumentState) -> String {
    words.get(match state {
        DocumentState::Missing => "office-document-missing",
        DocumentState::Brought => "office-document-brought",
        DocumentState::Verified => "office-document-verified",
    })
}

pub fn printout(words: &Words, printout: Printout) -> String {
    words.get(match printout {
        Printout::Receipt => "office-printout-receipt",
        Printout::Copy => "office-printout-copy",
        Printout::StatusSlip => "office-printout-status-slip",
        Printout::DocumentsSlip => "office-printout-documents-slip",
    })
}

pub fn outcome(words: &Words, outcome: Outcome) -> String {
    words.get(match outcome {
        Outcome::Confirmed => "office-outcome-confirmed",
        Outcome::Unknown => "office-outcome-unknown",
        Outcome::Failed => "office-outcome-failed",
    })
}

pub fn printer(words: &Words, state: PrinterState) -> String {
    words.get(match state {
        PrinterState::Off => "maintenance-printer-off",
        PrinterState::Ready => "maintenance-printer-ready",
        PrinterState::PaperLow => "maintenance-printer-paper-low",
        PrinterState::PaperOut => "maintenance-printer-paper-out",
        PrinterState::CoverOpen => "maintenance-printer-cover-open",
        PrinterState::CutterError => "maintenance-printer-cutter-error",
        PrinterState::Offline => "maintenance-printer-offline",
        PrinterState::Unreachable => "maintenance-printer-unreachable",
        PrinterState::Unknown => "maintenance-printer-unknown",
    })
}

/// Why a step can't be taken, and from when it can.
pub fn step_error(words: &Words, error: StepError) -> String {
    match error {
        StepError::TooEarly { not_before } => {
            words.format("office-step-too-early", &[("date", dates::both(words, not_before).into())])
        }
        StepError::DayInDoubt => words.get("office-step-day-in-doubt"),
        StepError::AlreadyDecided => words.get("office-step-already-decided"),
        StepError::NotDecided => words.get("office-step-not-decided"),
        StepError::SameSession => words.get("office-step-same-session"),
        StepError::PartlyDelivered => words.get("office-step-partly-delivered"),
        StepError::NotAccepted => words.get("office-step-not-accepted"),
        StepError::DocumentsIncomplete => words.get("office-step-documents-incomplete"),
        StepError::AlreadyDelivered => words.get("office-step-already-delivered"),
        StepError::Ended => words.get("office-step-ended"),
        StepError::NoSuchDocument => words.get("office-step-no-such-document"),
        StepError::DocumentAlreadyAsked => words.get("office-step-document-already-asked"),
        StepError::DocumentStays => words.get("office-step-document-stays"),
        StepError::NotRefused => words.get("office-step-not-refused"),
        StepError::SetApart => words.get("office-step-set-apart"),
        StepError::AlreadyObjected => words.get("office-step-already-objected"),
    }
}

/// What happened; `document` is the document's label.
pub fn event(words: &Words, event: &Event, document: impl Fn(&str) -> String) -> String {
    let with = |key: &str, id: &str| words.format(key, &[("document", document(id).into())]);
    match event {
        Event::DocumentBrought { document } => with("office-event-document-brought", document),
        Event::DocumentVerified { document } => with("office-event-document-verified", document),
        Event::DocumentReturned { document } => with("office-event-document-returned", document),
        Event::DocumentUnverified { document } => with("office-event-document-unverified", document),
        Event::DocumentAsked { document } => with("office-event-document-asked", document),
        Event::DocumentNotAsked { document } => with("office-event-document-not-asked", document),
        Event::Decided { decision: Decision::Accepted, .. } => words.get("office-event-accepted"),
        Event::Decided { decision: Decision::Refused, .. } => words.get("office-event-refused"),
        Event::DecidedAnew { decision: Decision::Accepted, .. } => words.get("office-event-accepted-anew"),
        Event::DecidedAnew { decision: Decision::Refused, .. } => words.get("office-event-refused-anew"),
        Event::Objected => words.get("office-event-objected"),
        Event::PartDelivered => words.get("office-event-part-delivered"),
        Event::Delivered => words.get("office-event-delivered"),
        Event::Withdrawn => words.get("office-event-withdrawn"),
        Event::Closed { why: ClosingReason::Double, .. } => words.get("office-event-closed-double"),
        Event::Closed { why: ClosingReason::Expired, .. } => words.get("office-event-closed-expired"),
        Event::Closed { why: ClosingReason::Other, .. } => words.get("office-event-closed"),
    }
}

/// Where the visitor is who calls for staff.
pub fn call_place(words: &Words, place: CallPlace) -> String {
    words.get(match place {
        CallPlace::Home => "office-call-place-home",
        CallPlace::Registration => "office-call-place-registration",
        CallPlace::FollowUp => "office-call-place-follow-up",
        CallPlace::Rating => "office-call-place-rating",
        CallPlace::Information => "office-call-place-information",
        CallPlace::Suggestion => "office-call-place-suggestion",
        CallPlace::Other => "office-call-place-other",
    })
}

/// Name and number of a kiosk.
pub fn kiosk(words: &Words, number: KioskNumber, name: &str) -> String {
    let number = isolate_ltr(&digits(words.language(), &number.to_string()));
    words.format("office-call-kiosk", &[("number", number.into()), ("name", name.into())])
}

/// The beneficiary's name, or that it was erased.
pub fn name(words: &Words, request: &StoredRequest) -> String {
    match request.erased_at {
        Some(_) => words.get("office-name-erased"),
        None => beneficiary_name(&request.answers).to_owned(),
    }
}

/// The tracking number in groups, in the digits of the language, one visual order everywhere.
pub fn number(words: &Words, number: TrackingNumber) -> String {
    isolate_ltr(&match words.language() {
        Language::Arabic => number.grouped_eastern(),
        Language::English => number.grouped(),
    })
}

/// The tracking number in the other style of digits, where it matters.
pub fn number_in_other_digits(words: &Words, number: TrackingNumber) -> String {
    isolate_ltr(&match words.language() {
        Language::Arabic => number.grouped(),
        Language::English => number.grouped_eastern(),
    })
}
