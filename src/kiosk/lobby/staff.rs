//! The staff's way to the maintenance screen: by the corner and the PIN.

use std::rc::Rc;

use istiqbal_ui::{HomeAdapter, MaintenanceAdapter};
use slint::ComponentHandle;

use super::Lobby;
use crate::kiosk::pin::Pin;
use crate::kiosk::screens::maintenance::Maintenance;
use crate::receipt::press::Press;

impl Lobby {
    pub(super) fn connect_maintenance(self: &Rc<Self>) {
        let adapter = self.app.global::<MaintenanceAdapter>();
        let with = self.with();
        self.app.global::<HomeAdapter>().on_staff_corner(with(|lobby| lobby.maintain(Maintenance::knock)));
        adapter.on_close(with(|lobby| lobby.maintain(Maintenance::close)));
        adapter.on_test_print(with(|lobby| {
            lobby.note_touch();
            lobby.attendant.press.iter().for_each(Press::test);
        }));
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

    pub(super) fn unlock(&self) {
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
