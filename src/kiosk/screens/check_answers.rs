//! The answers, shown for checking before they are declared to be true (P15), each with "change".

use istiqbal_ui::{Answer, App, CheckAnswersAdapter, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::{Touch, texts};
use crate::domain::catalogue::DOCUMENTS;
use crate::domain::documents::DocumentAnswer;
use crate::kiosk::visit::{Event, Visit};
use crate::language::Words;

/// A longer answer has a page of its own: in the list it would drive the others apart.
const ROW_LETTERS_MAX: usize = 100;

pub fn connect(app: &App, touch: &Touch) {
    let touch = touch.clone();
    app.global::<CheckAnswersAdapter>().on_change(move |id| touch(Event::ChangeAnswer(id.into())));
}

pub fn show(app: &App, words: &Words, visit: &Visit) {
    let catalogue = visit.catalogue();
    let mut rows: Vec<Answer> = catalogue
        .questions_for(visit.answers())
        .map(|question| Answer {
            id: question.id().into(),
            label: shown(question.wording(visit.answers()).0.in_language(words.language())),
            value: match visit.answers().get(question.id()) {
                Some(answer) => shown(texts::answer(words, catalogue, question, answer)),
                None => shown(words.get("check-none")),
            },
            changeable: true,
        })
        .collect();
    let documents = catalogue.documents_for(visit.answers());
    for (answer, label) in
        [(DocumentAnswer::WithMe, "check-documents-with-me"), (DocumentAnswer::Later, "check-documents-later")]
    {
        let chosen = documents.iter().filter(|document| visit.documents().get(document.id.get_ref()) == Some(&answer));
        let labels: Vec<_> = chosen.map(|document| document.label.in_language(words.language())).collect();
        if !labels.is_empty() {
            let value = shown(words.list(&labels));
            rows.push(Answer { id: DOCUMENTS.into(), label: shown(words.get(label)), value, changeable: true });
        }
    }
    let (long, short): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.value.chars().count() > ROW_LETTERS_MAX && row.id != DOCUMENTS);
    let adapter = app.global::<CheckAnswersAdapter>();
    adapter.set_answers(ModelRc::new(VecModel::from(short)));
    adapter.set_long_answers(ModelRc::new(VecModel::from(long)));
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<CheckAnswersAdapter>();
    adapter.set_answers(ModelRc::default());
    adapter.set_long_answers(ModelRc::default());
}
