//! What the person was told about the request without asking (P5), and how that went.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::notices::{call_outcome, notice, state};
use super::super::session::{Posted, Staff};
use super::history::actor;
use super::{Found, request_id, step_taken};
use crate::domain::notice::NoticeKind;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::notices::{Attempt, AttemptOutcome, NoticeState, StoredNotice};
use crate::office::notices as sending;
use crate::office::people::Permission;

/// A notice.
pub struct NoticeRow {
    pub what: String,
    pub when: String,
    pub state: String,
    pub failed: bool,
    pub attempts: Vec<String>,
}

/// A call by a member of staff.
pub struct CallRow {
    pub outcome: String,
    pub who: String,
    pub when: String,
}

/// All of it.
pub struct Notices {
    pub notices: Vec<NoticeRow>,
    pub calls: Vec<CallRow>,
    /// Whether somebody may say now that it can be fetched
    pub can_tell_ready: bool,
}

/// Tells the person that what was granted can be fetched.
pub async fn tell_ready(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Deliver)?;
    let visitor = &posted.staff.visitor;
    let id = request_id(visitor, &id)?;
    step_taken(visitor, id, sending::tell_ready(&office, &posted.staff.actor(), id).await, &[])
}

pub fn part(staff: &Staff, words: &Words, found: &Found) -> Notices {
    let call = |call: &crate::office::database::call_list::StoredCall| CallRow {
        outcome: call_outcome(words, call.outcome),
        who: actor(words, &call.actor, &found.names),
        when: dates::time(words, call.at),
    };
    let is_waiting = found.notices.iter().any(|one| one.kind == NoticeKind::Ready && one.state == NoticeState::Waiting);
    Notices {
        notices: found.notices.iter().map(|one| row(words, one)).collect(),
        calls: found.calls.iter().map(call).collect(),
        can_tell_ready: !is_waiting
            && staff.person.role.may(Permission::Deliver)
            && NoticeKind::Ready.still_holds(&found.standing),
    }
}

fn row(words: &Words, stored: &StoredNotice) -> NoticeRow {
    NoticeRow {
        what: notice(words, stored.kind),
        when: dates::time(words, stored.made_at),
        state: state(words, stored.state),
        failed: matches!(stored.state, NoticeState::Unreached(_)),
        attempts: stored.attempts.iter().map(|one| attempt(words, one)).collect(),
    }
}

fn attempt(words: &Words, attempt: &Attempt) -> String {
    let outcome = words.get(match attempt.outcome {
        None => "office-attempt-open",
        Some(AttemptOutcome::Sent) => "office-attempt-sent",
        Some(AttemptOutcome::Refused) => "office-attempt-refused",
        Some(AttemptOutcome::TimedOut) => "office-attempt-timed-out",
        Some(AttemptOutcome::Unreachable) => "office-attempt-unreachable",
    });
    let line =
        words.format("office-attempt", &[("when", dates::time(words, attempt.at).into()), ("outcome", outcome.into())]);
    let Some(status) = attempt.status else { return line };
    let status = isolate_ltr(&digits(words.language(), &status.to_string()));
    let said = if attempt.answer.is_empty() {
        words.format("office-attempt-status", &[("status", status.into())])
    } else {
        let answer = isolate_ltr(&attempt.answer);
        words.format("office-attempt-answer", &[("status", status.into()), ("answer", answer.into())])
    };
    format!("{line} {said}")
}
