//! What was printed about the request.

use std::collections::HashMap;

use super::super::words;
use super::history::actor;
use crate::domain::printout::Outcome;
use crate::language::{Words, dates};
use crate::office::database::prints::StoredPrint;

/// A piece of paper about the request.
pub struct PrintRow {
    pub when: String,
    pub place: String,
    pub what: String,
    pub outcome: String,
    pub failed: bool,
}

pub fn row(words: &Words, stored: &StoredPrint, names: &HashMap<String, String>) -> PrintRow {
    PrintRow {
        when: dates::time(words, stored.at),
        place: match stored.kiosk {
            Some(kiosk) => actor(words, &format!("kiosk:{kiosk}"), names),
            None => words.get("office-channel-desk"),
        },
        what: words::printout(words, stored.print.printout),
        outcome: words::outcome(words, stored.print.outcome),
        failed: stored.print.outcome == Outcome::Failed,
    }
}
