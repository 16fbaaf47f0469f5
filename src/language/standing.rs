//! Where a request stands, in words: the same on the screen and on paper.

use chrono::NaiveDate;

use super::{Words, dates};
use crate::domain::stage::{Committee, Ending, Standing};

/// One stage of a track, from above to below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub label: String,
    /// A date, or nothing
    pub detail: String,
    pub reached: Reached,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    Done,
    Current,
    Ahead,
    /// The committee has said no
    Refused,
}

/// From the registration to complete documents.
pub fn documents_track(words: &Words, standing: &Standing) -> Vec<Stage> {
    let received = stage(words, "stage-received", on(words, standing.received_on), Reached::Done);
    if standing.ended.is_some() {
        return vec![received];
    }
    let (key, reached) = if standing.documents_complete() {
        ("stage-complete", Reached::Done)
    } else if standing.missing_documents().is_empty() {
        ("stage-to-verify", Reached::Current)
    } else {
        ("stage-incomplete", Reached::Current)
    };
    vec![received, stage(words, key, String::new(), reached)]
}

/// From the study to the delivery. Without `proved` (the number was typed, the receipt not scanned) the decision isn't
/// told: only that there is one, at the desk.
pub fn committee_track(words: &Words, standing: &Standing, proved: bool, today: NaiveDate) -> Vec<Stage> {
    if let Some(ending) = standing.ended {
        let key = match ending {
            Ending::Withdrawn => "stage-withdrawn",
            Ending::Closed => "stage-closed",
        };
        return vec![stage(words, key, String::new(), Reached::Current)];
    }
    let studied = || stage(words, "stage-studied", String::new(), Reached::Done);
    let mut track = match standing.committee {
        Committee::UnderStudy => {
            // Once the date has passed (P19), a reply may come any day.
            let reply = if today < standing.not_before() {
                let date = dates::both_unbroken(words, standing.not_before());
                words.format("stage-not-before", &[("date", date.into())])
            } else {
                words.get("stage-reply-any-day")
            };
            vec![stage(words, "stage-under-study", reply, Reached::Current)]
        }
        _ if !proved => vec![studied()],
        Committee::Accepted { on: day } => {
            vec![studied(), stage(words, "stage-accepted", on(words, day), Reached::Done)]
        }
        Committee::Refused { on: day } => {
            vec![studied(), stage(words, "stage-refused", on(words, day), Reached::Refused)]
        }
    };
    if proved && !matches!(standing.committee, Committee::Refused { .. }) {
        track.push(match standing.delivered_on {
            Some(day) => stage(words, "stage-delivered", on(words, day), Reached::Done),
            None => stage(words, "stage-delivered", String::new(), Reached::Ahead),
        });
    }
    track
}

/// The committee's decision in a sentence; empty while there is none, or when it no longer matters.
pub fn decision(words: &Words, standing: &Standing, proved: bool) -> String {
    match standing.committee {
        _ if standing.delivered_on.is_some() || standing.ended.is_some() => String::new(),
        Committee::Accepted { .. } if proved => words.get("follow-up-accepted"),
        Committee::Refused { .. } if proved => words.get("follow-up-refused"),
        Committee::Accepted { .. } | Committee::Refused { .. } => words.get("follow-up-decision-at-desk"),
        Committee::UnderStudy => String::new(),
    }
}

/// What the applicant can do now.
pub fn next_step(words: &Words, standing: &Standing, proved: bool) -> String {
    let finished = standing.delivered_on.is_some() || standing.ended.is_some();
    let is_missing_something = !standing.missing_documents().is_empty() && !finished;
    words.get(match standing.committee {
        _ if is_missing_something && !proved => "next-bring-by-number",
        _ if is_missing_something => "next-bring-documents",
        _ if standing.ended.is_some() => "next-ended",
        _ if finished => "next-nothing",
        _ if !proved => "next-wait",
        Committee::Refused { .. } => "next-object",
        Committee::Accepted { .. } if standing.documents_complete() => "next-receive",
        Committee::Accepted { .. } | Committee::UnderStudy => "next-wait",
    })
}

/// The documents that are still to be brought; none once the request has ended.
pub fn missing_documents(standing: &Standing) -> Vec<String> {
    if standing.ended.is_some() { Vec::new() } else { standing.missing_documents() }
}

fn on(words: &Words, day: NaiveDate) -> String {
    words.format("stage-on-date", &[("date", dates::both_unbroken(words, day).into())])
}

fn stage(words: &Words, key: &str, detail: String, reached: Reached) -> Stage {
    Stage { label: words.get(key), detail, reached }
}
