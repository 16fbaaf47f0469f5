//! The questions: one screen a kind, with what all kinds have in common.

mod choice;
mod count;
mod date;
mod number;
mod text;

use chrono::NaiveDate;
use istiqbal_ui::{App, Question as QuestionGlobal, Screen as ScreenName, shown};
use slint::ComponentHandle;

use super::{Touch, texts};
use crate::kiosk::visit::{Event, Input, QuestionScreen, Visit};
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    app.global::<QuestionGlobal>().on_skip(super::sends(touch, Event::Skip));
    number::connect(app, touch);
    text::connect(app, touch);
    date::connect(app, touch);
    choice::connect(app, touch);
    count::connect(app, touch);
}

/// Shows the question and says which screen it needs.
pub fn show(app: &App, words: &Words, visit: &Visit, screen: &QuestionScreen) -> Option<ScreenName> {
    let catalogue = visit.catalogue();
    let question = catalogue.question(&screen.question)?;
    let language = words.language();
    let (done, total) = visit.progress();
    let common = app.global::<QuestionGlobal>();
    common.set_id(question.id().into());
    let (label, help) = question.wording(visit.answers());
    common.set_title(shown(label.in_language(language)));
    common.set_help(shown(help.map(|help| help.in_language(language)).unwrap_or_default()));
    common
        .set_error(shown(screen.error.as_ref().map(|error| texts::error(words, question, error)).unwrap_or_default()));
    common.set_progress_done(done as i32);
    common.set_progress_total(total as i32);
    common
        .set_progress_text(shown(words.format("question-progress", &[("done", done.into()), ("total", total.into())])));
    common.set_optional(question.optional);
    Some(match &screen.input {
        Input::Number(typed) => {
            // Numbers don't depend on the day: any will do to see whether one is whole.
            let whole = question.parse(catalogue, typed, NaiveDate::MIN).is_ok();
            number::show(app, words, question, typed, whole);
            number::show_same(app, words, question, visit.same_answer(question));
            ScreenName::NumberQuestion
        }
        Input::Text(typed) => {
            text::show(app, words, question, typed);
            ScreenName::TextQuestion
        }
        Input::Date(date) => {
            date::show(app, words, question, *date);
            ScreenName::DateQuestion
        }
        Input::Choice(chosen) => {
            choice::show(app, words, catalogue, question, chosen);
            ScreenName::ChoiceQuestion
        }
        Input::Count(count) => {
            count::show(app, words, question, *count);
            ScreenName::CountQuestion
        }
    })
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    number::forget(app);
    text::forget(app);
    date::forget(app);
    choice::forget(app);
    count::forget(app);
    let common = app.global::<QuestionGlobal>();
    common.set_id("".into());
    common.set_error("".into());
    common.set_title("".into());
    common.set_help("".into());
}
