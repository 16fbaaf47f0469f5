//! Names and texts: an on-screen keyboard in the languages of the kiosk.

use istiqbal_ui::{App, TextQuestionAdapter, shown};
use slint::ComponentHandle;

use crate::domain::catalogue::{Question, QuestionKind};
use crate::kiosk::screens::{Touch, sends_key};
use crate::language::Words;

/// A free text is written over so many lines.
const TEXT_LINES: i32 = 4;

pub fn connect(app: &App, touch: &Touch) {
    app.global::<TextQuestionAdapter>().on_key(sends_key(touch));
}

pub fn show(app: &App, words: &Words, question: &Question, typed: &str) {
    let adapter = app.global::<TextQuestionAdapter>();
    adapter.set_text(shown(typed));
    let is_name = question.kind == QuestionKind::Name;
    adapter.set_capital_next(is_name && typed.chars().last().is_none_or(|last| [' ', '-'].contains(&last)));
    adapter.set_lines(if is_name { 1 } else { TEXT_LINES });
    let counter = [("used", typed.chars().count().into()), ("limit", question.characters_max().into())];
    adapter.set_counter(shown(if is_name { String::new() } else { words.format("text-counter", &counter) }));
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    app.global::<TextQuestionAdapter>().set_text("".into());
}
