//! Single and multiple choices, yes and no: tiles with pictures.

use std::collections::BTreeSet;

use istiqbal_ui::{App, Choice, ChoiceQuestionAdapter, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use crate::domain::catalogue::{Catalogue, Question, QuestionKind};
use crate::kiosk::screens::{Touch, sends_choice};
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    app.global::<ChoiceQuestionAdapter>().on_choose(sends_choice(touch));
}

pub fn show(app: &App, words: &Words, catalogue: &Catalogue, question: &Question, chosen: &BTreeSet<String>) {
    let adapter = app.global::<ChoiceQuestionAdapter>();
    let tile = |id: &str, label: &str, icon: &str| Choice {
        id: id.into(),
        label: shown(label),
        help: "".into(),
        icon: icon.into(),
        selected: chosen.contains(id),
    };
    let tiles: Vec<Choice> = if question.kind == QuestionKind::YesNo {
        ["yes", "no"].map(|id| tile(id, &words.get(id), id)).into()
    } else {
        let choices = question.choices(catalogue);
        let label =
            |choice: &crate::domain::catalogue::ChoiceView<'_>| choice.label.in_language(words.language()).to_owned();
        choices.iter().map(|choice| tile(choice.id, &label(choice), choice.icon.unwrap_or_default())).collect()
    };
    adapter.set_multiple(question.kind == QuestionKind::MultipleChoice);
    adapter.set_choices(ModelRc::new(VecModel::from(tiles)));
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    app.global::<ChoiceQuestionAdapter>().set_choices(ModelRc::default());
}
