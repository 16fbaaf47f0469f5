//! The visitor's call for staff: made by one touch on any screen, and said honestly how it stands.

use istiqbal_ui::{Call, Navigation};
use slint::ComponentHandle;
use tokio::sync::watch;

use super::Lobby;
use crate::kiosk::visit::Screen;
use crate::replication::calls::{Calling, StaffCaller};
use crate::replication::wire::CallPlace;

/// What this visitor has been told of the call.
pub struct CallOfVisit {
    calling: watch::Receiver<Calling>,
    told: Calling,
    /// The page that says it lies over the screen
    is_open: bool,
}

impl CallOfVisit {
    pub fn new(caller: &StaffCaller) -> Self {
        Self { calling: caller.watch(), told: Calling::Idle, is_open: false }
    }

    /// True while the page that says how the call stands lies over the screen.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// True while a colleague may still come.
    pub fn is_awaited(&self) -> bool {
        matches!(self.told, Calling::Asking | Calling::Shown | Calling::Coming)
    }
}

impl Lobby {
    pub(super) fn call_staff(&self) {
        self.note_touch();
        let (place, language) = {
            let mut state = self.state.borrow_mut();
            state.call.is_open = true;
            (place_of(state.visit.screen()), state.visit.language())
        };
        // A second touch asks how the call stands; it doesn't begin another one.
        if !self.state.borrow().call.is_awaited() {
            self.attendant.caller.call(place, language);
        }
        self.hear_of_call();
    }

    /// The page is closed; a colleague who was called comes all the same.
    pub(super) fn close_call(&self) {
        self.note_touch();
        self.state.borrow_mut().call.is_open = false;
        self.show_call();
    }

    /// The visitor has gone.
    pub(super) fn end_call(&self) {
        self.attendant.caller.end();
        self.state.borrow_mut().call.is_open = false;
        self.hear_of_call();
    }

    /// Looks how the call stands. Whoever was told that somebody comes is told when nobody does.
    pub(super) fn hear_of_call(&self) {
        {
            let call = &mut self.state.borrow_mut().call;
            let now = *call.calling.borrow_and_update();
            call.is_open = (call.is_open || now == Calling::Nobody && call.is_awaited()) && now != Calling::Idle;
            call.told = now;
        }
        self.show_call();
    }

    fn show_call(&self) {
        let (told, is_open) = {
            let call = &self.state.borrow().call;
            (call.told, call.is_open)
        };
        let navigation = self.app.global::<Navigation>();
        navigation.set_call(match told {
            Calling::Idle => Call::None,
            Calling::Asking => Call::Asking,
            Calling::Shown => Call::Shown,
            Calling::Coming => Call::Coming,
            Calling::Nobody => Call::Nobody,
        });
        navigation.set_call_open(is_open);
    }
}

/// Where the visitor is, as staff are told: never more than the kind of the screen.
fn place_of(screen: &Screen) -> CallPlace {
    match screen {
        Screen::Home { .. } => CallPlace::Home,
        Screen::EarlierRequest
        | Screen::PrivacyNotice { .. }
        | Screen::Question(_)
        | Screen::Documents
        | Screen::CheckAnswers
        | Screen::Declaration
        | Screen::CommitteeNotice { .. }
        | Screen::Receipt { .. } => CallPlace::Registration,
        Screen::FollowUp(_) => CallPlace::FollowUp,
        Screen::Rate(_) => CallPlace::Rating,
        Screen::Information(_) => CallPlace::Information,
        Screen::Suggestion(_) => CallPlace::Suggestion,
        Screen::NoNewRequests | Screen::NotKept | Screen::Revoked | Screen::OutOfService => CallPlace::Other,
    }
}
