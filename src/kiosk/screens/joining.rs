//! A kiosk that hasn't joined an office: what to do, and how the scanned invite fared, in both languages.

use istiqbal_ui::{App, JoiningAdapter, Navigation, Screen, shown};
use slint::ComponentHandle;

use crate::domain::language::Language;
use crate::language::{Words, isolate_ltr};

/// How far joining has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoiningState {
    /// Nothing was scanned yet
    Waiting,
    Busy,
    NoInvite,
    Refused,
    Unreachable {
        address: String,
    },
    Failed,
}

pub fn show(app: &App, state: &JoiningState) {
    let [arabic, english] = [Language::Arabic, Language::English].map(Words::of);
    let adapter = app.global::<JoiningAdapter>();
    adapter.set_title(shown(arabic.get("joining-title")));
    adapter.set_what(shown(arabic.get("joining-what")));
    adapter.set_other_title(shown(english.get("joining-title")));
    adapter.set_other_what(shown(english.get("joining-what")));
    adapter.set_state(shown(state.sentence(arabic)));
    adapter.set_other_state(shown(state.sentence(english)));
    adapter.set_wrong(!matches!(state, JoiningState::Waiting | JoiningState::Busy));
    app.global::<Navigation>().set_home_visible(false);
    app.global::<Navigation>().set_corner_open(false);
    app.global::<Navigation>().set_screen(Screen::Joining);
}

impl JoiningState {
    fn sentence(&self, words: &Words) -> String {
        match self {
            Self::Waiting => String::new(),
            Self::Busy => words.get("joining-busy"),
            Self::NoInvite => words.get("joining-no-invite"),
            Self::Refused => words.get("joining-refused"),
            Self::Unreachable { address } => {
                words.format("joining-unreachable", &[("address", isolate_ltr(address).into())])
            }
            Self::Failed => words.get("joining-failed"),
        }
    }
}
