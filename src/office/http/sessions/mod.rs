//! The research committee's sessions: the list, one session with its members and cases, and the minutes on paper. Everybody
//! signed in may read them; one file a page or a group of forms.

mod cases;
mod choose;
mod list;
mod members;
mod minutes;
mod page;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::NaiveDate;

use super::frame::{Failure, Frame, show};
use super::session::{Posted, Visitor};
use super::words;
use crate::domain::calendar::parse_date;
use crate::domain::request::RequestId;
use crate::language::{Words, dates, digits, isolate, isolate_ltr};
use crate::office::Office;
use crate::office::committee::{Change, CommitteeError};
use crate::office::database::committee_cases::KeptText;
use crate::office::database::committee_sessions::{Member, StoredSession};
use crate::office::database::taken_forms::FormId;
use crate::office::database::trail::Actor;

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/sessions", get(list::page).post(list::make))
        .route("/sessions/{session}", get(page::page))
        .route("/sessions/{session}/day", post(page::set_day))
        .route("/sessions/{session}/members", post(members::set))
        .route("/sessions/{session}/seal", post(page::seal))
        .route("/sessions/{session}/minutes", get(minutes::page))
        .route("/sessions/{session}/cases", get(choose::page).post(choose::add))
        .route("/sessions/{session}/cases/{request}/members", post(cases::step_aside))
        .route("/sessions/{session}/cases/{request}/decision", post(cases::decide))
        .route("/sessions/{session}/cases/{request}/off", post(cases::take_off))
}

/// Why a change isn't possible, with what was typed, so that nothing typed is lost.
#[derive(Template)]
#[template(path = "sessions/refused.html")]
struct RefusedPage {
    frame: Frame,
    sentence: String,
    /// A label and the text that stood under it
    typed: Vec<(String, String)>,
    back: String,
}

/// The id that a form carries, by which it counts once.
pub fn form_id(posted: &Posted) -> Result<FormId, Failure> {
    FormId::parse(posted.field("form_id")).ok_or_else(|| Failure::form_is_stale(&posted.staff.visitor))
}

/// Back to the session, or the page that says why the change isn't possible.
pub fn answered(
    visitor: &Visitor,
    done: Result<(), CommitteeError>,
    back: &str,
    typed: &[(&str, &str)],
) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(Redirect::to(back).into_response()),
        Err(error) => Err(refused(visitor, error, back, typed)),
    }
}

/// The page that says why a change isn't possible. `typed` are the messages of the fields and what stood in them.
pub fn refused(visitor: &Visitor, error: CommitteeError, back: &str, typed: &[(&str, &str)]) -> Failure {
    let words = Words::of(visitor.language);
    let status = match &error {
        CommitteeError::NoSuchSession | CommitteeError::NoSuchRequest => return Failure::not_found(visitor),
        CommitteeError::Database(error) => return Failure::Internal(error.to_string()),
        CommitteeError::ReasonMissing | CommitteeError::GrantMissing | CommitteeError::DayTooFar => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ => StatusCode::CONFLICT,
    };
    refused_with(visitor, status, sentence(words, &error), back, typed)
}

/// A page with one sentence, what was typed, and a way back.
pub fn refused_with(
    visitor: &Visitor,
    status: StatusCode,
    sentence: String,
    back: &str,
    typed: &[(&str, &str)],
) -> Failure {
    let words = Words::of(visitor.language);
    let written = typed.iter().filter(|(_, text)| !text.trim().is_empty());
    let page = RefusedPage {
        frame: Frame::new(visitor, ""),
        sentence,
        typed: written.map(|(key, text)| (words.get(key), (*text).to_owned())).collect(),
        back: back.to_owned(),
    };
    match show(&page) {
        Ok(html) => Failure::Refused(Box::new((status, html).into_response())),
        Err(failure) => failure,
    }
}

/// Why a change of a session isn't possible.
pub fn sentence(words: &Words, error: &CommitteeError) -> String {
    let count = |count: usize| count.into();
    match error {
        CommitteeError::Sealed => words.get("office-session-is-sealed"),
        CommitteeError::NotYet { on } => {
            words.format("office-session-not-yet", &[("date", dates::both(words, *on).into())])
        }
        CommitteeError::NoQuorum { took_part, quorum } => {
            words.format("office-session-no-quorum", &[("count", count(*took_part)), ("quorum", count(*quorum))])
        }
        CommitteeError::ChangedMeanwhile => words.get("office-session-changed-meanwhile"),
        CommitteeError::TookPart => words.get("office-session-took-part"),
        CommitteeError::AlreadyDecided => words.get("office-case-already-decided"),
        CommitteeError::NoSuchCase => words.get("office-case-none"),
        CommitteeError::DayTooFar => words.get("office-session-day-too-far"),
        CommitteeError::TooMany => words.get("office-session-too-many"),
        CommitteeError::ReasonMissing => words.get("office-case-reason-missing"),
        CommitteeError::GrantMissing => words.get("office-case-grant-missing"),
        CommitteeError::Step(error) => words::step_error(words, *error),
        CommitteeError::NoSuchSession | CommitteeError::NoSuchRequest | CommitteeError::Database(_) => {
            words.get("office-refused-not-found")
        }
    }
}

/// How a session is called: its number and its day.
pub fn title(words: &Words, session: &StoredSession) -> String {
    let number = isolate_ltr(&digits(words.language(), &session.number.to_string()));
    let variables = [("number", number.into()), ("date", dates::hijri(words, session.on).into())];
    words.format("office-session-title", &variables)
}

/// Names in one line, each isolated, so that none turns the others around.
pub fn names<'a>(words: &Words, members: impl Iterator<Item = &'a Member>) -> String {
    words.list(&members.map(|member| isolate(&member.name)).collect::<Vec<_>>())
}

/// A personal text as a page shows it, also when it was erased.
pub fn kept(words: &Words, kept: &KeptText) -> String {
    kept.text.clone().unwrap_or_else(|| words.get("office-text-erased"))
}

/// A change by a form.
fn change<'a>(office: &'a Office, actor: &'a Actor, form: &'a FormId) -> Change<'a> {
    Change { office, actor, form }
}

fn request_id(visitor: &Visitor, id: &str) -> Result<RequestId, Failure> {
    id.parse().map_err(|_| Failure::not_found(visitor))
}

/// The session's day as it was typed, or the page that says how to.
fn day(posted: &Posted, back: &str) -> Result<NaiveDate, Failure> {
    parse_date(posted.field("on")).map_err(|_| {
        let visitor = &posted.staff.visitor;
        let sentence = Words::of(visitor.language).get("office-session-date-wrong");
        Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, back)
    })
}

/// The version that the form's page showed.
fn version(posted: &Posted) -> Result<i64, Failure> {
    posted.field("version").parse().map_err(|_| Failure::form_is_stale(&posted.staff.visitor))
}
