//! What this kiosk can't do, and where to go instead.

use istiqbal_ui::{App, OutOfServiceAdapter, Screen, shown};
use slint::ComponentHandle;

use crate::domain::catalogue::Catalogue;
use crate::language::Words;

/// `what` is the key of the sentence that says it.
pub fn show(app: &App, words: &Words, catalogue: &Catalogue, what: &str) -> Screen {
    let adapter = app.global::<OutOfServiceAdapter>();
    adapter.set_what(shown(words.get(what)));
    adapter.set_where_to_go(shown(words.get("out-of-service-where")));
    adapter.set_contact(shown(catalogue.association.contact.in_language(words.language())));
    Screen::OutOfService
}
