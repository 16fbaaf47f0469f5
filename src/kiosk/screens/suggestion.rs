//! A suggestion or a complaint (P3).

use istiqbal_ui::{App, SuggestionAdapter, SuggestionKind as ShownKind, shown};
use slint::ComponentHandle;

use super::Touch;
use crate::kiosk::visit::{Event, SUGGESTION_CHARACTERS_MAX, SuggestionKind, SuggestionScreen};
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<SuggestionAdapter>();
    adapter.on_key(super::sends_key(touch));
    adapter.on_finish(super::sends(touch, Event::Finish));
    let touch = touch.clone();
    adapter.on_choose_kind(move |kind| {
        touch(Event::ChooseSuggestionKind(match kind {
            ShownKind::Suggestion => SuggestionKind::Suggestion,
            ShownKind::Complaint => SuggestionKind::Complaint,
        }));
    });
}

pub fn show(app: &App, words: &Words, screen: &SuggestionScreen) {
    let adapter = app.global::<SuggestionAdapter>();
    adapter.set_sent(screen.sent);
    adapter.set_kind(match screen.kind {
        SuggestionKind::Suggestion => ShownKind::Suggestion,
        SuggestionKind::Complaint => ShownKind::Complaint,
    });
    adapter.set_text(shown(screen.text.as_str()));
    let counter = [("used", screen.text.chars().count().into()), ("limit", SUGGESTION_CHARACTERS_MAX.into())];
    adapter.set_counter(shown(words.format("text-counter", &counter)));
    adapter.set_next_enabled(!screen.waiting && !screen.text.trim().is_empty());
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<SuggestionAdapter>();
    adapter.set_text("".into());
    adapter.set_counter("".into());
}
