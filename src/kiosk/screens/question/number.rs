//! National id, mobile, amount and IBAN: a number pad.

use istiqbal_ui::{App, NumberQuestionAdapter, shown};
use slint::ComponentHandle;

use crate::domain::answers::Answer;
use crate::domain::catalogue::{Question, QuestionKind};
use crate::kiosk::screens::{Touch, sends, sends_key, texts};
use crate::kiosk::visit::Event;
use crate::language::{Words, digits, isolate_ltr};

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<NumberQuestionAdapter>();
    adapter.on_key(sends_key(touch));
    adapter.on_take_same(sends(touch, Event::TakeSame));
}

pub fn show(app: &App, words: &Words, question: &Question, typed: &str, whole: bool) {
    let adapter = app.global::<NumberQuestionAdapter>();
    let placeholder = match question.kind {
        QuestionKind::NationalId => "---\u{A0}---\u{A0}----",
        QuestionKind::Mobile => "05-\u{A0}---\u{A0}----",
        _ => "",
    };
    adapter.set_display(shown(texts::number(words, question.kind, typed)));
    adapter.set_placeholder(shown(isolate_ltr(&digits(words.language(), placeholder))));
    adapter.set_western_digits(question.kind == QuestionKind::Iban);
    adapter.set_prefix(shown(if question.kind == QuestionKind::Iban { "SA" } else { "" }));
    let suffix = if question.kind == QuestionKind::Amount { words.get("currency") } else { String::new() };
    adapter.set_suffix(shown(suffix));
    adapter.set_valid(whole && question.kind != QuestionKind::Amount);
}

/// Offers an earlier answer to be taken over.
pub fn show_same(app: &App, words: &Words, question: &Question, earlier: Option<&Answer>) {
    let number = earlier.map(|answer| match answer {
        Answer::Mobile(mobile) => texts::number(words, question.kind, &mobile.national()),
        other => texts::number(words, question.kind, other.raw().trim_start_matches("SA")),
    });
    let sentence = number.map(|number| words.format("question-same", &[("number", number.into())]));
    app.global::<NumberQuestionAdapter>().set_same_text(shown(sentence.unwrap_or_default()));
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<NumberQuestionAdapter>();
    adapter.set_display("".into());
    adapter.set_same_text("".into());
}
