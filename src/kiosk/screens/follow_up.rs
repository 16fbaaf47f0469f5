//! Following up: by scan everything, by the typed number only stage and missing documents.

use chrono::NaiveDate;
use istiqbal_ui::{App, Choice, FollowUpAdapter, FollowUpPhase, Stage, StageState, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::{Around, Touch, texts};
use crate::domain::catalogue::Catalogue;
use crate::domain::printer::PrinterState;
use crate::domain::scan::{Scan, ScanError};
use crate::domain::stage::RequestStatus;
use crate::kiosk::visit::{Event, FollowUp, FollowUpError, Printing};
use crate::language::standing::{self, Reached};
use crate::language::{Words, digits, isolate_ltr};

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<FollowUpAdapter>();
    adapter.on_key(super::sends_key(touch));
    adapter.on_toggle(super::sends_choice(touch));
    adapter.on_bring_documents(super::sends(touch, Event::BringDocuments));
    adapter.on_print_slip(super::sends(touch, Event::PrintSlip));
    adapter.on_finish(super::sends(touch, Event::Finish));
}

pub fn show(app: &App, words: &Words, catalogue: &Catalogue, screen: &FollowUp, around: &Around) {
    let adapter = app.global::<FollowUpAdapter>();
    match screen {
        FollowUp::Ask { typed, error, waiting } => {
            adapter.set_phase(FollowUpPhase::Ask);
            let grouped = digits(words.language(), &texts::grouped(typed, &[4]));
            adapter.set_display(shown(if typed.is_empty() { String::new() } else { isolate_ltr(&grouped) }));
            adapter.set_valid(error.is_none() && typed.len() == 12 && Scan::parse(typed).is_ok());
            adapter.set_next_enabled(!waiting && typed.len() == 12);
            let sentence = error.map(|error| match error {
                FollowUpError::Scan(ScanError::CheckDigit) => words.get("error-tracking-digit"),
                FollowUpError::Scan(ScanError::Foreign) => words.get("error-scan"),
                // A scanned receipt stands in no field with which it could be compared.
                FollowUpError::Unknown if typed.is_empty() => words.get("error-receipt-unknown"),
                FollowUpError::Unknown => words.get("error-tracking-number"),
                FollowUpError::TooManyTries => words.get("error-tracking-tries"),
                FollowUpError::Wait { seconds } => words.format("error-tracking-wait", &[("seconds", seconds.into())]),
            });
            adapter.set_error(shown(sentence.unwrap_or_default()));
        }
        FollowUp::Result { status, proved, slip } => {
            adapter.set_phase(FollowUpPhase::Result);
            let text = slip_text(*slip, around.printer).map(|key| words.get(key)).unwrap_or_default();
            adapter.set_slip_text(shown(text));
            adapter.set_slip_enabled(slip.is_none());
            show_status(&adapter, words, catalogue, (status, *proved), around.today);
        }
        FollowUp::Documents { status, chosen, waiting } => {
            adapter.set_phase(FollowUpPhase::Documents);
            let missing = status.standing.missing_documents();
            let tiles = missing.iter().map(|id| Choice {
                id: id.into(),
                label: shown(catalogue.document_label(id, words.language())),
                help: "".into(),
                icon: catalogue.document(id).and_then(|document| document.icon.as_deref()).unwrap_or("document").into(),
                selected: chosen.contains(id),
            });
            adapter.set_to_bring(ModelRc::new(VecModel::from_iter(tiles)));
            adapter.set_next_enabled(!waiting && !chosen.is_empty());
        }
        FollowUp::Thanks { slip, .. } => {
            adapter.set_phase(FollowUpPhase::Thanks);
            let hand_over = words.get("follow-up-hand-over");
            let slip = match slip {
                Printing::Underway => words.get("follow-up-slip-coming"),
                Printing::Confirmed | Printing::Unknown => words.get("follow-up-slip-take"),
                // The documents are noted all the same.
                Printing::Off | Printing::Failed => String::new(),
            };
            adapter.set_thanks_text(shown(format!("{hand_over}\n{slip}").trim_end()));
        }
    }
}

/// What the slip's button says; none where nothing can be printed.
fn slip_text(slip: Option<Printing>, printer: PrinterState) -> Option<&'static str> {
    match slip {
        None => printer.may_print().then_some("follow-up-print"),
        Some(Printing::Underway) => Some("follow-up-printing"),
        Some(Printing::Confirmed | Printing::Unknown) => Some("follow-up-printed"),
        Some(Printing::Off | Printing::Failed) => Some("follow-up-not-printed"),
    }
}

fn show_status(
    adapter: &FollowUpAdapter<'_>,
    words: &Words,
    catalogue: &Catalogue,
    (status, proved): (&RequestStatus, bool),
    today: NaiveDate,
) {
    let standing = &status.standing;
    let number = texts::grouped(&status.tracking_number.to_string(), &[4]);
    adapter.set_tracking_number(shown(isolate_ltr(&digits(words.language(), &number))));
    // Who only types a number learns its stage, not what was asked for.
    let service = if proved { catalogue.service_label(&status.service, words.language()) } else { "" };
    adapter.set_service(shown(service));
    adapter.set_documents_track(model(standing::documents_track(words, standing)));
    adapter.set_committee_track(model(standing::committee_track(words, standing, proved, today)));
    let missing = standing::missing_documents(standing);
    let labels = missing.iter().map(|id| shown(catalogue.document_label(id, words.language())));
    adapter.set_missing(ModelRc::new(VecModel::from_iter(labels)));
    adapter.set_can_bring(proved && !missing.is_empty() && standing.delivered_on.is_none());
    adapter.set_decision(shown(standing::decision(words, standing, proved)));
    adapter.set_whats_next(shown(standing::next_step(words, standing, proved)));
}

fn model(track: Vec<standing::Stage>) -> ModelRc<Stage> {
    ModelRc::new(VecModel::from_iter(track.into_iter().map(|stage| Stage {
        label: shown(stage.label),
        detail: shown(stage.detail),
        state: match stage.reached {
            Reached::Done => StageState::Done,
            Reached::Current => StageState::Current,
            Reached::Ahead => StageState::Ahead,
            Reached::Refused => StageState::Refused,
        },
    })))
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<FollowUpAdapter>();
    for set in [FollowUpAdapter::set_display, FollowUpAdapter::set_tracking_number, FollowUpAdapter::set_service] {
        set(&adapter, "".into());
    }
    for set in [FollowUpAdapter::set_decision, FollowUpAdapter::set_whats_next, FollowUpAdapter::set_error] {
        set(&adapter, "".into());
    }
    adapter.set_can_bring(false);
    adapter.set_slip_text("".into());
    adapter.set_missing(ModelRc::default());
    adapter.set_to_bring(ModelRc::default());
    adapter.set_documents_track(ModelRc::default());
    adapter.set_committee_track(ModelRc::default());
}
