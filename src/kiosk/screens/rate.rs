//! Rating: four faces, then reasons if one likes (P13).

use istiqbal_ui::{App, Choice, RateAdapter, RatePhase, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::Touch;
use crate::domain::rating::Face;
use crate::kiosk::visit::{Event, RateError, RateScreen, Station, Visit};
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<RateAdapter>();
    adapter.on_choose_face({
        let touch = touch.clone();
        move |face| {
            if let Some(face) = u8::try_from(face).ok().and_then(|face| Face::try_from(face).ok()) {
                touch(Event::ChooseFace(face));
            }
        }
    });
    adapter.on_toggle_reason(super::sends_choice(touch));
    adapter.on_without_receipt(super::sends(touch, Event::WithoutReceipt));
    adapter.on_finish(super::sends(touch, Event::Finish));
}

pub fn show(app: &App, words: &Words, visit: &Visit, screen: &RateScreen) {
    let adapter = app.global::<RateAdapter>();
    let catalogue = visit.catalogue();
    adapter.set_stand_alone(visit.station() == Station::Rating);
    let service = match screen {
        RateScreen::Faces { receipt } | RateScreen::Reasons { receipt, .. } => receipt.as_ref(),
        RateScreen::Scan { .. } | RateScreen::Thanks => None,
    };
    let service = service.map(|status| catalogue.service_label(&status.service, words.language()));
    adapter.set_service(shown(service.unwrap_or_default()));
    match screen {
        RateScreen::Scan { error, .. } => {
            adapter.set_phase(RatePhase::Scan);
            let key = error.map(|error| match error {
                RateError::Scan(_) | RateError::CodeMissing => "error-scan-home",
                RateError::Unknown => "error-tracking-number",
                RateError::NotDelivered => "error-not-delivered",
                RateError::AlreadyRated => "error-rated",
            });
            adapter.set_error(shown(key.map(|key| words.get(key)).unwrap_or_default()));
        }
        RateScreen::Faces { .. } => {
            adapter.set_phase(RatePhase::Faces);
            adapter.set_face(0);
        }
        RateScreen::Reasons { face, reasons, .. } => {
            adapter.set_phase(RatePhase::Reasons);
            adapter.set_face(face.get().into());
            let tiles = catalogue.reasons_for(*face).map(|reason| Choice {
                id: reason.id.get_ref().into(),
                label: shown(reason.label.in_language(words.language())),
                help: "".into(),
                icon: reason.icon.as_deref().unwrap_or_default().into(),
                selected: reasons.contains(reason.id.get_ref()),
            });
            adapter.set_reasons(ModelRc::new(VecModel::from_iter(tiles)));
        }
        RateScreen::Thanks => adapter.set_phase(RatePhase::Thanks),
    }
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<RateAdapter>();
    adapter.set_service("".into());
    adapter.set_error("".into());
    adapter.set_reasons(ModelRc::default());
    adapter.set_face(0);
}
