//! What happened with the request, and who did it.

use std::collections::HashMap;

use super::super::words;
use super::Found;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;

pub struct EventRow {
    pub when: String,
    pub who: String,
    pub what: String,
    pub reason: Option<String>,
}

pub fn rows(office: &Office, words: &Words, found: &Found) -> Vec<EventRow> {
    let registered = EventRow {
        when: dates::time(words, found.request.registered_at),
        who: actor(words, &format!("kiosk:{}", found.request.kiosk), &found.names),
        what: words.get("office-event-registered"),
        reason: None,
    };
    let label = |id: &str| office.catalogue.document_label(id, words.language()).to_owned();
    let others = found.events.iter().map(|recorded| EventRow {
        when: dates::time(words, recorded.at),
        who: actor(words, &recorded.actor, &found.names),
        what: words::event(words, &recorded.event, label),
        reason: recorded.reason.clone(),
    });
    std::iter::once(registered).chain(others).collect()
}

/// Who did it, by the name of today.
pub fn actor(words: &Words, actor: &str, names: &HashMap<String, String>) -> String {
    match actor.split_once(':') {
        Some(("person", id)) => names.get(id).cloned().unwrap_or_else(|| words.get("office-actor-former")),
        Some(("kiosk", number)) => {
            let number = isolate_ltr(&digits(words.language(), number));
            words.format("office-actor-kiosk", &[("number", number.into())])
        }
        _ => words.get("office-actor-command"),
    }
}
