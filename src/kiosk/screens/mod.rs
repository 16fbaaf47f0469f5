//! The screens: a visit shown in Slint, and the touches brought to it. One adapter a screen, of the same name on both
//! sides; no rule lives here.

mod check_answers;
mod committee_notice;
mod declaration;
mod documents;
mod earlier_request;
mod follow_up;
mod home;
pub mod joining;
mod languages;
pub mod maintenance;
pub(crate) mod out_of_service;
mod privacy_notice;
mod question;
mod rate;
pub(crate) mod receipt;
mod services_and_questions;
pub mod starting;
mod suggestion;
mod texts;

use std::rc::Rc;

use chrono::NaiveDate;
use istiqbal_ui::{App, Navigation, Screen as ScreenName, Theme, Words as WordsGlobal, shown};
use slint::{ComponentHandle, SharedString};

use super::visit::{Appearance, Event, Leaving, Screen, TextSize, Visit};
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::public_address::PublicAddress;
use crate::language::Words;

/// Brings an event from a screen to the visit.
pub type Touch = Rc<dyn Fn(Event)>;

/// What the screens say beside what the visit knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    pub printer: PrinterState,
    pub office_is_reachable: bool,
    /// Stands in the receipt's QR code
    pub public_address: Option<PublicAddress>,
    /// In Riyadh
    pub today: NaiveDate,
}

/// Brings the touches of all screens to a visit.
pub fn connect(app: &App, touch: &Touch) {
    home::connect(app, touch);
    languages::connect(app, touch);
    earlier_request::connect(app, touch);
    privacy_notice::connect(app, touch);
    question::connect(app, touch);
    documents::connect(app, touch);
    check_answers::connect(app, touch);
    declaration::connect(app, touch);
    receipt::connect(app, touch);
    follow_up::connect(app, touch);
    rate::connect(app, touch);
    services_and_questions::connect(app, touch);
    suggestion::connect(app, touch);
}

/// Shows what a visit has become.
pub fn show(app: &App, visit: &Visit, around: &Around) {
    let words = Words::of(visit.language());
    let name = show_screen(app, words, visit, around);
    let navigation = app.global::<Navigation>();
    navigation.set_association(shown(visit.catalogue().association.name.in_language(words.language())));
    navigation.set_leave_asked(visit.leaving().is_some());
    navigation.set_leave_for_receipt(matches!(visit.leaving(), Some(Leaving::FollowUp(_))));
    let refused = visit.scan_refused().map(|_| words.get("error-scan-foreign")).unwrap_or_default();
    navigation.set_scan_refused(shown(refused));
    navigation.set_home_visible(!visit.is_resting() && !visit.is_busy());
    navigation.set_corner_open(visit.is_resting());
    navigation.set_screen(name);
}

/// Fills the screen's own properties, and says which one it is.
fn show_screen(app: &App, words: &Words, visit: &Visit, around: &Around) -> ScreenName {
    let catalogue = visit.catalogue();
    languages::show(app, words);
    match visit.screen() {
        Screen::Home { error } => {
            home::show(app, words, catalogue, *error, visit.health(), around);
            ScreenName::Home
        }
        Screen::EarlierRequest => ScreenName::EarlierRequest,
        Screen::PrivacyNotice { expanded } => {
            privacy_notice::show(app, words, catalogue, *expanded);
            ScreenName::PrivacyNotice
        }
        Screen::Question(screen) => question::show(app, words, visit, screen).unwrap_or(ScreenName::OutOfService),
        Screen::Documents => {
            documents::show(app, words, visit);
            ScreenName::Documents
        }
        Screen::CheckAnswers => {
            check_answers::show(app, words, visit);
            ScreenName::CheckAnswers
        }
        Screen::Declaration => {
            declaration::show(app, words, visit);
            ScreenName::Declaration
        }
        Screen::CommitteeNotice { busy, time } => {
            committee_notice::show(app, words, *busy, *time);
            ScreenName::CommitteeNotice
        }
        Screen::Receipt { registered, printing, paper_shown } => {
            receipt::show(app, words, visit, around, registered, *printing, *paper_shown);
            ScreenName::Receipt
        }
        Screen::FollowUp(screen) => {
            follow_up::show(app, words, catalogue, screen, around);
            ScreenName::FollowUp
        }
        Screen::Rate(screen) => {
            rate::show(app, words, visit, screen);
            ScreenName::Rate
        }
        Screen::Information(information) => {
            services_and_questions::show(app, words, catalogue, information);
            ScreenName::ServicesAndQuestions
        }
        Screen::Suggestion(screen) => {
            suggestion::show(app, words, screen);
            ScreenName::Suggestion
        }
        Screen::NoNewRequests => out_of_service::show(app, words, catalogue, "no-new-requests-what"),
        Screen::NotKept => out_of_service::show(app, words, catalogue, "not-kept-what"),
        Screen::Revoked => out_of_service::show(app, words, catalogue, "revoked-what"),
        Screen::OutOfService => out_of_service::show(app, words, catalogue, "out-of-service-what"),
    }
}

/// Switches every text on a window: setting the handler again lets Slint ask for all of them anew.
pub fn show_words(app: &App, language: Language) {
    let global = app.global::<WordsGlobal>();
    let words = Words::of(language);
    global.set_language(language.code().into());
    global.set_rtl(language.is_right_to_left());
    global.set_arabic_letters(language == Language::Arabic);
    global.set_eastern_digits(language == Language::Arabic);
    global.on_t(move |key| shown(words.get(&key)));
    global.on_page_of(move |page, pages| {
        shown(words.format("page-of", &[("page", page.into()), ("pages", pages.into())]))
    });
}

/// Letters and colours as the visitor wants them.
pub fn show_appearance(app: &App, appearance: Appearance) {
    let theme = app.global::<Theme>();
    theme.set_wanted_text_scale(match appearance.text_size {
        TextSize::Usual => 1.0,
        TextSize::Large => 1.2,
        TextSize::Largest => 1.4,
    });
    theme.set_high_contrast(appearance.high_contrast);
}

/// Takes from the screens' properties what they still hold of the visitor before.
pub fn forget(app: &App) {
    question::forget(app);
    documents::forget(app);
    check_answers::forget(app);
    declaration::forget(app);
    receipt::forget(app);
    follow_up::forget(app);
    rate::forget(app);
    suggestion::forget(app);
}

pub(crate) fn sends(touch: &Touch, event: Event) -> impl FnMut() + 'static {
    let touch = touch.clone();
    move || touch(event.clone())
}

fn sends_key(touch: &Touch) -> impl FnMut(SharedString) + 'static {
    let touch = touch.clone();
    move |key| touch(Event::Key(key.into()))
}

fn sends_choice(touch: &Touch) -> impl FnMut(SharedString) + 'static {
    let touch = touch.clone();
    move |id| touch(Event::Choose(id.into()))
}
