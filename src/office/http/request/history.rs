//! What happened with the request, and who did it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::super::moment::Moment;
use super::super::words;
use super::Found;
use crate::language::{Words, digits, isolate_ltr};
use crate::office::database::requests::RecordedEvent;

pub struct EventRow {
    pub when: Moment,
    pub who: String,
    pub what: String,
    pub reason: Option<String>,
}

pub fn rows(words: &Words, found: &Found, now: DateTime<Utc>) -> Vec<EventRow> {
    let registered = EventRow {
        when: Moment::new(words, found.request.registered_at, now),
        who: match &found.registration {
            Some(registration) => actor(words, &registration.actor, &found.names),
            None => actor(words, &format!("kiosk:{}", found.request.kiosk), &found.names),
        },
        what: words.get("office-event-registered"),
        reason: None,
    };
    let label = |id: &str| found.labels.document(id, words.language());
    let others = found.events.iter().map(|recorded| row(words, recorded, &found.names, label, now));
    std::iter::once(registered).chain(others).collect()
}

/// One event; `document` gives a document's label.
pub fn row(
    words: &Words,
    recorded: &RecordedEvent,
    names: &HashMap<String, String>,
    document: impl Fn(&str) -> String,
    now: DateTime<Utc>,
) -> EventRow {
    EventRow {
        when: Moment::new(words, recorded.at, now),
        who: actor(words, &recorded.actor, names),
        what: words::event(words, &recorded.event, document),
        reason: recorded.reason.clone(),
    }
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
