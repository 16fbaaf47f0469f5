//! Following up: by scan everything, by the typed number only stage and missing documents.

use istiqbal_ui::{App, Choice, FollowUpAdapter, FollowUpPhase, Stage, StageState, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::{Touch, texts};
use crate::domain::catalogue::Catalogue;
use crate::domain::scan::{Scan, ScanError};
use crate::domain::stage::{Committee, Ending, RequestStatus, Standing};
use crate::kiosk::visit::{Event, FollowUp, FollowUpError};
use crate::language::{Words, digits, isolate_ltr};

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<FollowUpAdapter>();
    adapter.on_key(super::sends_key(touch));
    adapter.on_toggle(super::sends_choice(touch));
    adapter.on_bring_documents(super::sends(touch, Event::BringDocuments));
    adapter.on_finish(super::sends(touch, Event::Finish));
}

pub fn show(app: &App, words: &Words, catalogue: &Catalogue, screen: &FollowUp) {
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
                FollowUpError::Unknown => words.get("error-tracking-number"),
                FollowUpError::TooManyTries => words.get("error-tracking-tries"),
                FollowUpError::Wait { seconds } => words.format("error-tracking-wait", &[("seconds", seconds.into())]),
            });
            adapter.set_error(shown(sentence.unwrap_or_default()));
        }
        FollowUp::Result { status, proved } => {
            adapter.set_phase(FollowUpPhase::Result);
            show_status(&adapter, words, catalogue, status, *proved);
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
        FollowUp::Thanks { .. } => {
            adapter.set_phase(FollowUpPhase::Thanks);
            adapter.set_thanks_text(shown(words.get("follow-up-hand-over")));
        }
    }
}

fn show_status(
    adapter: &FollowUpAdapter<'_>,
    words: &Words,
    catalogue: &Catalogue,
    status: &RequestStatus,
    proved: bool,
) {
    let standing = &status.standing;
    let number = texts::grouped(&status.tracking_number.to_string(), &[4]);
    adapter.set_tracking_number(shown(isolate_ltr(&digits(words.language(), &number))));
    // Who only types a number learns its stage, not what was asked for.
    let service = if proved { catalogue.service_label(&status.service, words.language()) } else { "" };
    adapter.set_service(shown(service));
    adapter.set_documents_track(model(documents_track(words, standing)));
    adapter.set_committee_track(model(committee_track(words, standing, proved)));
    let missing = if standing.ended.is_some() { Vec::new() } else { standing.missing_documents() };
    let labels = missing.iter().map(|id| shown(catalogue.document_label(id, words.language())));
    adapter.set_missing(ModelRc::new(VecModel::from_iter(labels)));
    adapter.set_can_bring(proved && !missing.is_empty() && standing.delivered_on.is_none() && standing.ended.is_none());
    let decision = match standing.committee {
        _ if standing.delivered_on.is_some() || standing.ended.is_some() => String::new(),
        Committee::Accepted { .. } if proved => words.get("follow-up-accepted"),
        Committee::Refused { .. } if proved => words.get("follow-up-refused"),
        Committee::Accepted { .. } | Committee::Refused { .. } => words.get("follow-up-decision-at-desk"),
        Committee::UnderStudy => String::new(),
    };
    adapter.set_decision(shown(decision));
    adapter.set_whats_next(shown(words.get(next_step(standing, proved))));
}

fn next_step(standing: &Standing, proved: bool) -> &'static str {
    let finished = standing.delivered_on.is_some() || standing.ended.is_some();
    match standing.committee {
        _ if !standing.missing_documents().is_empty() && !finished && !proved => "next-bring-by-number",
        _ if !standing.missing_documents().is_empty() && !finished => "next-bring-documents",
        _ if standing.ended.is_some() => "next-ended",
        _ if finished => "next-nothing",
        _ if !proved => "next-wait",
        Committee::Refused { .. } => "next-object",
        Committee::Accepted { .. } if standing.documents_complete() => "next-receive",
        Committee::Accepted { .. } | Committee::UnderStudy => "next-wait",
    }
}

fn documents_track(words: &Words, standing: &Standing) -> Vec<Stage> {
    let complete = standing.documents_complete();
    let ended = standing.ended.is_some();
    let received = words.format("stage-on-date", &[("date", texts::both_dates(words, standing.received_on).into())]);
    let received = stage(words.get("stage-received"), received, StageState::Done);
    if ended {
        return vec![received];
    }
    vec![
        received,
        if complete {
            stage(words.get("stage-complete"), String::new(), StageState::Done)
        } else if standing.missing_documents().is_empty() {
            stage(words.get("stage-to-verify"), String::new(), StageState::Current)
        } else {
            stage(words.get("stage-incomplete"), String::new(), StageState::Current)
        },
    ]
}

fn committee_track(words: &Words, standing: &Standing, proved: bool) -> Vec<Stage> {
    let on = |day| words.format("stage-on-date", &[("date", texts::both_dates(words, day).into())]);
    let not_before =
        words.format("stage-not-before", &[("date", texts::both_dates(words, standing.not_before()).into())]);
    if let Some(ending) = standing.ended {
        let key = match ending {
            Ending::Withdrawn => "stage-withdrawn",
            Ending::Closed => "stage-closed",
        };
        return vec![stage(words.get(key), String::new(), StageState::Current)];
    }
    let study = |state| {
        if state == StageState::Current {
            stage(words.get("stage-under-study"), not_before.clone(), state)
        } else {
            stage(words.get("stage-studied"), String::new(), state)
        }
    };
    // By the number alone the decision isn't told: only that there is one, at the desk.
    let mut track = match standing.committee {
        Committee::UnderStudy => vec![study(StageState::Current)],
        _ if !proved => vec![study(StageState::Done)],
        Committee::Accepted { on: day } => {
            vec![study(StageState::Done), stage(words.get("stage-accepted"), on(day), StageState::Done)]
        }
        Committee::Refused { on: day } => {
            vec![study(StageState::Done), stage(words.get("stage-refused"), on(day), StageState::Refused)]
        }
    };
    if proved && matches!(standing.committee, Committee::Accepted { .. } | Committee::UnderStudy) {
        track.push(match standing.delivered_on {
            Some(day) => stage(words.get("stage-delivered"), on(day), StageState::Done),
            None => stage(words.get("stage-delivered"), String::new(), StageState::Ahead),
        });
    }
    track
}

fn stage(label: String, detail: String, state: StageState) -> Stage {
    Stage { label: shown(label), detail: shown(detail), state }
}

fn model(stages: Vec<Stage>) -> ModelRc<Stage> {
    ModelRc::new(VecModel::from(stages))
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
    adapter.set_missing(ModelRc::default());
    adapter.set_to_bring(ModelRc::default());
    adapter.set_documents_track(ModelRc::default());
    adapter.set_committee_track(ModelRc::default());
}
