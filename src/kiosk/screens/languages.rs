//! The choice of language, each in its own script.

use istiqbal_ui::{App, Languages, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

use super::Touch;
use crate::domain::language::Language;
use crate::kiosk::visit::Event;
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    let touch = touch.clone();
    app.global::<Languages>().on_choose(move |code| {
        if let Ok(language) = code.parse() {
            touch(Event::ChooseLanguage(language));
        }
    });
}

pub fn show(app: &App, words: &Words) {
    let languages = Language::ALL.map(|language| istiqbal_ui::Language {
        code: language.code().into(),
        label: shown(language.own_name()),
        selected: language == words.language(),
    });
    app.global::<Languages>().set_all(ModelRc::new(VecModel::from(languages.to_vec())));
}
