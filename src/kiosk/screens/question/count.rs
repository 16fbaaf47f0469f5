//! Counts: a large number between two keys.

use istiqbal_ui::{App, CountQuestionAdapter, shown};
use slint::ComponentHandle;

use crate::domain::catalogue::Question;
use crate::kiosk::screens::Touch;
use crate::kiosk::visit::Event;
use crate::language::{Words, digits};

pub fn connect(app: &App, touch: &Touch) {
    let touch = touch.clone();
    app.global::<CountQuestionAdapter>().on_change(move |by| touch(Event::Count(by)));
}

pub fn show(app: &App, words: &Words, question: &Question, count: u32) {
    let adapter = app.global::<CountQuestionAdapter>();
    let (min, max) = question.number_range();
    adapter.set_value(shown(digits(words.language(), &count.to_string())));
    adapter.set_can_go_down(count > min);
    adapter.set_can_go_up(count < max);
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    app.global::<CountQuestionAdapter>().set_value("".into());
}
