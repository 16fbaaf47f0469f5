//! One ask: who asks, how long there is, and how it is answered. Deletion is carried out here.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::request::actor;
use super::super::session::{Posted, Staff, Visitor};
use super::super::words as office_words;
use super::words;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::asks::{self, Answer, Ask, AskKind};
use crate::office::database::requests::{self, StoredRequest};
use crate::office::database::{people, trail};
use crate::office::erasure::{self, ErasureError, Ground};
use crate::office::people::Permission;
use crate::office::steps::NOTE_CHARACTERS_MAX;

#[derive(Template)]
#[template(path = "privacy_ask.html")]
struct AskPage {
    frame: Frame,
    id: String,
    kind: String,
    is_deletion: bool,
    is_copy: bool,
    state: String,
    received: String,
    due: String,
    channel: String,
    entered_by: String,
    identity_checked_by: Option<String>,
    /// The request's id and number
    request: Option<(String, String)>,
    request_is_erased: bool,
    /// Accepted and not delivered: erasing it gives up what was granted
    gives_up: bool,
    answered: Option<(String, Option<String>)>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    staff.need(Permission::AnswerPrivacyAsks)?;
    let frame = Frame::new(&staff.visitor, "privacy");
    let (words, now) = (frame.words, office.clock.now());
    let (ask, request) = found(&office, &staff.visitor, &id).await?;
    let mut reading = office.database.read().await?;
    let names = people::names(&mut reading).await?;
    let standing = match &request {
        Some(request) => requests::standing(&mut reading, request.id).await?,
        None => None,
    };
    drop(reading);
    let person = |id: &str| actor(words, &format!("person:{id}"), &names);
    let page = AskPage {
        id: ask.id.clone(),
        kind: words::kind(words, ask.kind),
        is_deletion: ask.kind == AskKind::Deletion,
        is_copy: ask.kind == AskKind::Copy,
        state: words::state(words, &ask, now),
        received: dates::both(words, ask.received_on),
        due: dates::both(words, ask.due_on()),
        channel: words::channel(words, ask.channel),
        entered_by: person(&ask.entered_by),
        identity_checked_by: ask.identity_checked_by.as_deref().map(person),
        request_is_erased: request.as_ref().is_some_and(|request| request.erased_at.is_some()),
        gives_up: standing.is_some_and(|standing| requests::stage(&standing) == "accepted"),
        request: request.map(|request| (request.id.to_string(), office_words::number(words, request.tracking_number))),
        answered: ask.answered.as_ref().map(|answered| (person(&answered.by), answered.reason.clone())),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// Somebody has looked at the paper that proves who asks.
pub async fn check_identity(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let (ask, _) = found(&office, &staff.visitor, &id).await?;
    let mut writing = office.database.write().await?;
    if asks::check_identity(&mut writing, &ask.id, &staff.person.id).await? {
        let details = json!({ "ask": ask.id });
        let (now, actor) = (office.clock.now(), staff.actor());
        trail::append(&mut writing, now, &actor, "privacy ask identity checked", &subject(&ask), details).await?;
        writing.commit().await?;
    }
    Ok(back(&ask))
}

/// Ends an ask: done, or refused with a reason. A deletion that is done is an erasure, by its own form.
pub async fn answer(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let (ask, request) = found(&office, &staff.visitor, &id).await?;
    let reason: String = posted.field("reason").trim().chars().take(NOTE_CHARACTERS_MAX).collect();
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    let answer = match posted.field("answer") {
        "refused" if reason.is_none() => return Err(refused(&staff.visitor, &ask, "office-ask-reason-missing")),
        "refused" => Answer::Refused,
        "done" if ask.identity_checked_by.is_none() => {
            return Err(refused(&staff.visitor, &ask, "office-ask-identity-missing"));
        }
        // Where nothing is left to erase, nothing is what the answer says.
        "done" if ask.kind == AskKind::Deletion && request.is_some_and(|request| request.erased_at.is_none()) => {
            return Err(refused(&staff.visitor, &ask, "office-ask-erase-first"));
        }
        "done" => Answer::Done,
        _ => return Err(Failure::form_is_stale(&staff.visitor)),
    };
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let by = (now, staff.person.id.as_str());
    if let Some(hash) = asks::answer(&mut writing, &ask.id, answer, reason.as_deref(), by).await? {
        let details = json!({ "ask": ask.id, "answer": answer.as_str(), "reason": hash });
        trail::append(&mut writing, now, &staff.actor(), "privacy ask answered", &subject(&ask), details).await?;
        writing.commit().await?;
    }
    Ok(back(&ask))
}

/// Destroys everything personal of the request, at its person's ask.
pub async fn erase(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let visitor = &staff.visitor;
    let (ask, request) = found(&office, visitor, &id).await?;
    let Some(request) = request.filter(|_| ask.kind == AskKind::Deletion) else {
        return Err(Failure::not_found(visitor));
    };
    if ask.identity_checked_by.is_none() {
        return Err(refused(visitor, &ask, "office-ask-identity-missing"));
    }
    if posted.field("confirmed") != "yes" {
        return Err(refused(visitor, &ask, "office-ask-unconfirmed"));
    }
    let (now, actor) = (office.clock.now(), staff.actor());
    let mut writing = office.database.write().await?;
    let answered = asks::answer(&mut writing, &ask.id, Answer::Done, None, (now, &staff.person.id)).await?;
    if answered.is_none() {
        // Sent twice, or answered otherwise meanwhile.
        return Ok(back(&ask));
    }
    let details = json!({ "ask": ask.id, "answer": Answer::Done.as_str() });
    trail::append(&mut writing, now, &actor, "privacy ask answered", &subject(&ask), details).await?;
    let place = (&office.database, &office.erased_log);
    match erasure::erase(writing, place, request.id, Ground::Ask, (now, &actor)).await {
        Ok(()) => Ok(back(&ask)),
        Err(ErasureError::NoSuchRequest | ErasureError::ErasedBefore) => {
            Err(refused(visitor, &ask, "office-refused-erased"))
        }
        Err(ErasureError::Log(error)) => {
            tracing::error!("{error}");
            Err(refused(visitor, &ask, "office-ask-log-failed"))
        }
        Err(ErasureError::Database(error)) => Err(error.into()),
    }
}

async fn found(office: &Office, visitor: &Visitor, id: &str) -> Result<(Ask, Option<StoredRequest>), Failure> {
    let mut reading = office.database.read().await?;
    let ask = asks::find(&mut reading, id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let request = match ask.request {
        Some(request) => requests::find(&mut reading, request).await?,
        None => None,
    };
    Ok((ask, request))
}

fn subject(ask: &Ask) -> String {
    ask.request.map_or_else(String::new, |request| request.to_string())
}

fn path(ask: &Ask) -> String {
    format!("/privacy/asks/{}", ask.id)
}

fn back(ask: &Ask) -> Response {
    Redirect::to(&path(ask)).into_response()
}

fn refused(visitor: &Visitor, ask: &Ask, key: &str) -> Failure {
    let sentence = Words::of(visitor.language).get(key);
    Failure::refused(visitor, StatusCode::CONFLICT, sentence, &path(ask))
}
