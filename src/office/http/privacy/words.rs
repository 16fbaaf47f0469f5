//! The register's words.

use chrono::{DateTime, Utc};

use crate::domain::calendar::riyadh_day;
use crate::language::{Words, dates};
use crate::office::database::asks::{Answer, Ask, AskChannel, AskKind};

pub fn kind(words: &Words, kind: AskKind) -> String {
    words.get(match kind {
        AskKind::Copy => "office-ask-copy",
        AskKind::Correction => "office-ask-correction",
        AskKind::Deletion => "office-ask-deletion",
    })
}

pub fn channel(words: &Words, channel: AskChannel) -> String {
    words.get(match channel {
        AskChannel::Desk => "office-ask-desk",
        AskChannel::Phone => "office-ask-phone",
        AskChannel::Letter => "office-ask-letter",
        AskChannel::Email => "office-ask-email",
    })
}

/// How it was answered, or how many days are left.
pub fn state(words: &Words, ask: &Ask, now: DateTime<Utc>) -> String {
    if let Some(answered) = &ask.answered {
        let key = match answered.answer {
            Answer::Done => "office-ask-done",
            Answer::Refused => "office-ask-refused",
        };
        return words.format(key, &[("when", dates::time(words, answered.at).into())]);
    }
    let left = (ask.due_on() - riyadh_day(now)).num_days();
    if left < 0 {
        words.format("office-ask-overdue", &[("count", left.abs().into())])
    } else {
        words.format("office-ask-days-left", &[("count", left.into())])
    }
}

/// What was asked for, and how it stands.
pub fn line(words: &Words, ask: &Ask, now: DateTime<Utc>) -> String {
    let variables = [("kind", kind(words, ask.kind).into()), ("state", state(words, ask, now).into())];
    words.format("office-ask-line", &variables)
}
