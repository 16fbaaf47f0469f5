//! One ask: who asks, what it is about, how long there is, and how it is answered. Deletion is carried out here.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::own_password;
use super::super::request::actor;
use super::super::session::{Posted, Staff, Visitor};
use super::covered::{self, CoveredRow, fingerprint, rows};
use super::words;
use crate::domain::request::RequestId;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::asks::{self, Answer, Ask, AskKind, Covered};
use crate::office::database::persons::{self, StoredPerson};
use crate::office::database::{Connection, people, second_factors, trail};
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
    /// The id of the person's file
    person: Option<String>,
    /// The national ids of files that staff have merged into it, where they are known
    merged: Option<Vec<String>>,
    covered: Vec<CoveredRow>,
    /// "3 requests"
    count: String,
    /// Whether there is something that may be erased
    can_erase: bool,
    /// Whether something is held back, which stays
    some_are_held: bool,
    gives_up: bool,
    fingerprint: String,
    /// Whether erasing asks for a code, beside the password
    asks_code: bool,
    answered: Option<(String, Option<String>)>,
}

/// An ask with what it is about.
struct Found {
    ask: Ask,
    person: Option<StoredPerson>,
    covered: Vec<Covered>,
}

impl Found {
    /// Under which id the trail names it: the request by which it was entered, else the person.
    fn subject(&self) -> String {
        let request = self.ask.request.map(|request| request.to_string());
        request.or_else(|| self.person.as_ref().map(|person| person.id.clone())).unwrap_or_default()
    }

    /// What may be erased.
    fn free(&self) -> Vec<RequestId> {
        self.covered.iter().filter(|one| one.held.is_none()).map(|one| one.request.id).collect()
    }

    fn some_are_held(&self) -> bool {
        self.covered.iter().any(|one| one.held.is_some())
    }
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    staff.need(Permission::AnswerPrivacyAsks)?;
    let frame = Frame::new(&staff.visitor, "privacy");
    let (words, now) = (frame.words, office.clock.now());
    let mut writing = office.database.write().await?;
    let found = find(&mut writing, &staff.visitor, &id).await?;
    let names = people::names(&mut writing).await?;
    let merged = match &found.person {
        Some(person) => persons::merged_into(&mut writing, person.number).await?,
        None => Vec::new(),
    };
    let asks_code = second_factors::secret(&mut writing, &staff.person.id).await?.is_some();
    let details = json!({ "ask": found.ask.id, "requests": found.covered.len() });
    // It is a look into the person's file.
    let subject = found.person.as_ref().map_or_else(|| found.subject(), |person| person.id.clone());
    trail::append(&mut writing, now, &staff.actor(), "privacy ask opened", &subject, details).await?;
    writing.commit().await?;
    let Found { ask, covered, .. } = &found;
    let person = |id: &str| actor(words, &format!("person:{id}"), &names);
    let covered = rows(&office, words, covered, &names);
    let page = AskPage {
        id: ask.id.clone(),
        kind: words::kind(words, ask.kind),
        is_deletion: ask.kind == AskKind::Deletion,
        is_copy: ask.kind == AskKind::Copy,
        state: words::state(words, ask, now),
        received: dates::both(words, ask.received_on),
        due: dates::both(words, ask.due_on()),
        channel: words::channel(words, ask.channel),
        entered_by: person(&ask.entered_by),
        identity_checked_by: ask.identity_checked_by.as_deref().map(person),
        person: found.person.as_ref().map(|person| person.id.clone()),
        merged: (!merged.is_empty()).then(|| {
            let ids = merged.into_iter().filter_map(|gone| gone.national_id);
            ids.map(|id| isolate_ltr(&digits(words.language(), &id))).collect()
        }),
        count: words.format("office-requests-count", &[("count", found.covered.len().into())]),
        can_erase: !found.free().is_empty(),
        some_are_held: found.some_are_held(),
        gives_up: found.covered.iter().any(covered::gives_up),
        fingerprint: fingerprint(&found.covered),
        asks_code,
        answered: ask.answered.as_ref().map(|answered| (person(&answered.by), answered.reason.clone())),
        covered,
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
    let mut writing = office.database.write().await?;
    let found = find(&mut writing, &staff.visitor, &id).await?;
    if asks::check_identity(&mut writing, &found.ask.id, &staff.person.id).await? {
        let details = json!({ "ask": found.ask.id });
        let (now, actor) = (office.clock.now(), staff.actor());
        trail::append(&mut writing, now, &actor, "privacy ask identity checked", &found.subject(), details).await?;
        writing.commit().await?;
    }
    Ok(back(&found.ask))
}

/// Ends an ask: done, or refused with a reason. A deletion that is done is an erasure, by its own form; where what is left of
/// the person is held back, the reason says why it stays.
pub async fn answer(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let visitor = &staff.visitor;
    let mut writing = office.database.write().await?;
    let found = find(&mut writing, visitor, &id).await?;
    let ask = &found.ask;
    let reason: String = posted.field("reason").trim().chars().take(NOTE_CHARACTERS_MAX).collect();
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    let is_deletion = ask.kind == AskKind::Deletion;
    let answer = match posted.field("answer") {
        "refused" if reason.is_none() => return Err(refused(visitor, ask, "office-ask-reason-missing")),
        "refused" => Answer::Refused,
        "done" if ask.identity_checked_by.is_none() => {
            return Err(refused(visitor, ask, "office-ask-identity-missing"));
        }
        // Where nothing is left to erase, nothing is what the answer says.
        "done" if is_deletion && !found.free().is_empty() => {
            return Err(refused(visitor, ask, "office-ask-erase-first"));
        }
        "done" if is_deletion && found.some_are_held() && reason.is_none() => {
            return Err(refused(visitor, ask, "office-ask-held-reason-missing"));
        }
        "done" => Answer::Done,
        _ => return Err(Failure::form_is_stale(visitor)),
    };
    let now = office.clock.now();
    let by = (now, staff.person.id.as_str());
    if let Some(hash) = asks::answer(&mut writing, &ask.id, answer, reason.as_deref(), by).await? {
        let details = json!({ "ask": ask.id, "answer": answer.as_str(), "reason": hash });
        trail::append(&mut writing, now, &staff.actor(), "privacy ask answered", &found.subject(), details).await?;
        writing.commit().await?;
    }
    Ok(back(ask))
}

/// Destroys everything personal that the page has shown and that nobody holds back, at the person's ask. What is held back
/// leaves the ask open: somebody has to say why it stays. Nothing brings it back, so that an open page left alone, or a stolen
/// session, isn't enough: password and code are asked anew.
pub async fn erase(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let visitor = &staff.visitor;
    let mut reading = office.database.read().await?;
    let found = find(&mut reading, visitor, &id).await?;
    drop(reading);
    if found.ask.kind == AskKind::Deletion && found.ask.answered.is_some() {
        // Sent twice, or answered otherwise meanwhile.
        return Ok(back(&found.ask));
    }
    may_erase(&found, &posted)?;
    if let Err(key) = own_password::proved_anew(&office, &posted).await? {
        return Err(refused(visitor, &found.ask, key));
    }
    let mut writing = office.database.write().await?;
    let found = find(&mut writing, visitor, &id).await?;
    let (ask, free) = (&found.ask, may_erase(&found, &posted)?);
    let (now, actor) = (office.clock.now(), staff.actor());
    if !found.some_are_held() {
        asks::answer(&mut writing, &ask.id, Answer::Done, None, (now, &staff.person.id)).await?;
        let details = json!({ "ask": ask.id, "answer": Answer::Done.as_str() });
        trail::append(&mut writing, now, &actor, "privacy ask answered", &found.subject(), details).await?;
    }
    let at = office.clone();
    let erasing = async move {
        let place = erasure::Place::of(&at);
        erasure::erase(writing, place, &free, Ground::Ask, (now, &actor)).await
    };
    match erasure::to_its_end(erasing).await {
        Ok(()) => Ok(back(ask)),
        Err(ErasureError::NoSuchRequest | ErasureError::ErasedBefore) => {
            Err(refused(visitor, ask, "office-refused-erased"))
        }
        Err(error @ ErasureError::Log(_)) => {
            tracing::error!("{error}");
            Err(refused(visitor, ask, "office-ask-log-failed"))
        }
        Err(ErasureError::Database(error)) => Err(error.into()),
    }
}

/// Gives the requests that this form erases; otherwise the page that says why none is.
fn may_erase(found: &Found, posted: &Posted) -> Result<Vec<RequestId>, Failure> {
    let (visitor, ask, free) = (&posted.staff.visitor, &found.ask, found.free());
    if ask.kind != AskKind::Deletion {
        return Err(Failure::not_found(visitor));
    }
    let why_not = if ask.answered.is_some() {
        Some("office-ask-changed")
    } else if ask.identity_checked_by.is_none() {
        Some("office-ask-identity-missing")
    } else if posted.field("confirmed") != "yes" {
        Some("office-ask-unconfirmed")
    } else if posted.field("shown") != fingerprint(&found.covered) {
        Some("office-ask-changed")
    } else if free.is_empty() {
        Some("office-ask-nothing-free")
    } else {
        None
    };
    why_not.map_or(Ok(free), |key| Err(refused(visitor, ask, key)))
}

async fn find(connection: &mut Connection, visitor: &Visitor, id: &str) -> Result<Found, Failure> {
    let ask = asks::find(connection, id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let person = match asks::file_of(connection, &ask).await? {
        Some(person) => persons::by_number(connection, person).await?,
        None => None,
    };
    let covered = asks::covered(connection, &ask).await?;
    Ok(Found { ask, person, covered })
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
