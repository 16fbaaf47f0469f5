//! What was printed about the request.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::super::moment::Moment;
use super::super::words;
use super::history::actor;
use crate::domain::printout::Outcome;
use crate::language::Words;
use crate::office::database::prints::StoredPrint;

/// A piece of paper about the request.
pub struct PrintRow {
    pub when: Moment,
    pub place: String,
    pub what: String,
    pub outcome: String,
    pub failed: bool,
}

pub fn row(words: &Words, stored: &StoredPrint, names: &HashMap<String, String>, now: DateTime<Utc>) -> PrintRow {
    PrintRow {
        when: Moment::new(words, stored.at, now),
        place: match stored.kiosk {
            Some(kiosk) => actor(words, &format!("kiosk:{kiosk}"), names),
            None => words.get("office-channel-desk"),
        },
        what: words::printout(words, stored.print.printout),
        outcome: words::outcome(words, stored.print.outcome),
        failed: stored.print.outcome == Outcome::Failed,
    }
}
