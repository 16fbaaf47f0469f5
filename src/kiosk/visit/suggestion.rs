//! A suggestion or a complaint (P3).

use zeroize::{Zeroize, Zeroizing};

use super::input::{BYTES_A_CHARACTER, type_key};
use super::{Effect, Event, Screen, SuggestionKind, SuggestionScreen, Visit};

/// The most characters of a suggestion.
pub const SUGGESTION_CHARACTERS_MAX: usize = 500;

impl SuggestionScreen {
    pub(super) fn empty() -> Self {
        // Room for all of it, so that no copy of its beginning stays behind when it grows.
        let text = Zeroizing::new(String::with_capacity(SUGGESTION_CHARACTERS_MAX * BYTES_A_CHARACTER));
        Self { kind: SuggestionKind::Suggestion, text, waiting: false, sent: false }
    }
}

impl Visit {
    pub(super) fn on_suggestion(&mut self, event: Event) -> Vec<Effect> {
        let Screen::Suggestion(screen) = &mut self.screen else { return Vec::new() };
        match event {
            Event::Key(key) if !screen.waiting && !screen.sent => {
                type_key(&mut screen.text, &key, SUGGESTION_CHARACTERS_MAX, |_| true);
            }
            Event::Enter(text) if !screen.waiting => {
                screen.text.zeroize();
                screen.text.extend(text.chars().take(SUGGESTION_CHARACTERS_MAX));
            }
            Event::ChooseSuggestionKind(kind) => screen.kind = kind,
            Event::Next if !screen.waiting && !screen.text.trim().is_empty() => {
                screen.waiting = true;
                let mark = match screen.kind {
                    SuggestionKind::Suggestion => "suggestion",
                    SuggestionKind::Complaint => "complaint",
                };
                return vec![Effect::KeepSuggestion(format!("{mark}: {}", screen.text.trim()))];
            }
            Event::Kept => {
                screen.text.zeroize();
                (screen.sent, screen.waiting) = (true, false);
            }
            Event::Back if !screen.waiting => self.forget_answers(),
            _ => {}
        }
        Vec::new()
    }
}
