//! "Do you have a receipt from an earlier request?", asked of everyone before the first question.

use istiqbal_ui::{App, EarlierRequestAdapter};
use slint::ComponentHandle;

use super::Touch;
use crate::kiosk::visit::Event;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<EarlierRequestAdapter>();
    adapter.on_follow_up(super::sends(touch, Event::FollowUp));
    adapter.on_new_request(super::sends(touch, Event::WithoutReceipt));
}
