//! The home screen: language, the four large choices, and what visitors should know before they begin.

use istiqbal_ui::{App, HomeAdapter, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::Touch;
use crate::domain::language::Language;
use crate::domain::scan::ScanError;
use crate::kiosk::visit::Event;
use crate::language::Words;
use crate::receipt::printer::PrinterState;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<HomeAdapter>();
    adapter.on_choose_language({
        let touch = touch.clone();
        move |code| {
            if let Ok(language) = code.parse() {
                touch(Event::ChooseLanguage(language));
            }
        }
    });
    adapter.on_new_request(super::sends(touch, Event::NewRequest));
    adapter.on_follow_up(super::sends(touch, Event::FollowUp));
    adapter.on_rate(super::sends(touch, Event::Rate));
    adapter.on_services(super::sends(touch, Event::Information));
    adapter.on_suggest(super::sends(touch, Event::Suggest));
}

/// What visitors should know before they begin.
pub struct Known {
    pub printer: PrinterState,
    pub takes_requests: bool,
    /// The office answers
    pub reachable: bool,
}

/// What the home screen warns of, the most important thing first.
pub fn show(app: &App, words: &Words, error: Option<ScanError>, known: Known) {
    let adapter = app.global::<HomeAdapter>();
    let languages = Language::ALL.map(|language| istiqbal_ui::Language {
        code: language.code().into(),
        label: shown(language.own_name()),
        selected: language == words.language(),
    });
    adapter.set_languages(ModelRc::new(VecModel::from(languages.to_vec())));
    let notice = match (error, known.printer) {
        (Some(_), _) => Some("error-scan"),
        _ if !known.takes_requests => Some("home-notice-no-new-requests"),
        (None, PrinterState::PaperOut) => Some("home-notice-no-paper"),
        (None, PrinterState::CoverOpen | PrinterState::Offline | PrinterState::Unreachable) => {
            Some("home-notice-printer")
        }
        (None, PrinterState::Off | PrinterState::Ready | PrinterState::Unknown) => None,
    };
    adapter.set_notice_urgent(notice.is_some());
    let notice = notice.or((!known.reachable).then_some("home-notice-offline"));
    adapter.set_notice(shown(notice.map(|key| words.get(key)).unwrap_or_default()));
}
