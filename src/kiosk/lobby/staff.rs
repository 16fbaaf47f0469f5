//! The staff's way to the maintenance screen: by the corner and the PIN.

use std::rc::Rc;

use istiqbal_ui::{HomeAdapter, MaintenanceAdapter};
use slint::ComponentHandle;

use super::Lobby;
use crate::kiosk::pin::Pin;
use crate::kiosk::screens::maintenance::{Maintenance, StaffNews};
use crate::receipt::press::Paper;

impl Lobby {
    pub(super) fn connect_maintenance(self: &Rc<Self>) {
        let adapter = self.app.global::<MaintenanceAdapter>();
        let with = self.with();
        self.app.global::<HomeAdapter>().on_staff_corner(with(|lobby| lobby.maintain(Maintenance::knock)));
        adapter.on_close(with(|lobby| lobby.maintain(Maintenance::close)));
        adapter.on_test_print(with(Self::print_test));
        adapter.on_reprint(with(|lobby| lobby.maintain(Maintenance::open_reprint)));
        adapter.on_print_unprinted(with(Self::print_unprinted));
        // The supervisor starts the program again.
        adapter.on_restart(|| drop(slint::quit_event_loop()));
        let lobby = Rc::downgrade(self);
        adapter.on_key(move |key| {
            if let Some(lobby) = lobby.upgrade() {
                lobby.maintain(|maintenance| maintenance.key(&key));
            }
        });
    }

    /// Staff do something on the maintenance screen.
    pub(super) fn maintain(&self, work: impl FnOnce(&mut Maintenance)) {
        self.note_touch();
        work(&mut self.state.borrow_mut().maintenance);
        self.show();
    }

    /// "Next" on the maintenance screen: the PIN is typed, or the number of a receipt.
    pub(super) fn go_on_maintaining(&self) {
        if self.state.borrow().maintenance.is_unlocked() { self.reprint() } else { self.unlock() }
    }

    fn print_test(&self) {
        self.note_touch();
        if let Some(press) = &self.attendant.printing.press {
            press.print(Paper::Test, |outcome| tracing::info!("test pattern: {outcome:?}"));
        }
    }

    /// Prints a receipt again, in the visitor's language where that is known, else in this screen's.
    fn reprint(&self) {
        let (number, language) = {
            let mut state = self.state.borrow_mut();
            (state.maintenance.number_to_print(), state.visit.language())
        };
        if let Some(number) = number {
            let attendant = self.attendant.clone();
            self.attendant.printing.print_again(number, language, move |printed| {
                (attendant.tell_staff)(StaffNews::Printed(printed));
                attendant.ask_for_staff();
            });
        }
        self.show();
    }

    fn print_unprinted(&self) {
        self.note_touch();
        let language = self.state.borrow().visit.language();
        let attendant = self.attendant.clone();
        self.attendant.printing.print_unprinted(language, move |_| attendant.ask_for_staff());
    }

    fn unlock(&self) {
        let pin = Pin::read(&self.settings.data).unwrap_or_else(|error| {
            tracing::error!("{error}");
            None
        });
        let now = (self.settings.now)();
        if self.state.borrow_mut().maintenance.unlock(pin.as_ref(), now) {
            self.attendant.ask_for_staff();
        }
        self.show();
    }
}
