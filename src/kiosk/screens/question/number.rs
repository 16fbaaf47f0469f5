//! National id, mobile, amount and IBAN: a number pad.

use istiqbal_ui::{App, NumberQuestionAdapter, shown};
use slint::ComponentHandle;

use crate::domain::catalogue::{Question, QuestionKind};
use crate::kiosk::screens::{Touch, sends_key, texts};
use crate::language::{Words, digits, isolate_ltr};

pub fn connect(app: &App, touch: &Touch) {
    app.global::<NumberQuestionAdapter>().on_key(sends_key(touch));
}

pub fn show(app: &App, words: &Words, question: &Question, typed: &str, whole: bool) {
    let adapter = app.global::<NumberQuestionAdapter>();
    let placeholder = match question.kind {
        QuestionKind::Mobile => "05X XXX XXXX",
        _ => "",
    };
    adapter.set_display(shown(texts::number(words, question.kind, typed)));
    adapter.set_placeholder(shown(isolate_ltr(&digits(words.language(), placeholder))));
    adapter.set_prefix(shown(if question.kind == QuestionKind::Iban { "SA" } else { "" }));
    let suffix = if question.kind == QuestionKind::Amount { words.get("currency") } else { String::new() };
    adapter.set_suffix(shown(suffix));
    adapter.set_valid(whole && question.kind != QuestionKind::Amount);
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    app.global::<NumberQuestionAdapter>().set_display("".into());
}
