//! The requests from which a session's cases are chosen.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::requests::ripe;
use super::super::session::{Posted, Staff};
use super::super::words;
use super::{answered, change, form_id, title};
use crate::domain::calendar::{not_before, riyadh_day};
use crate::domain::request::RequestId;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::committee::CommitteeError;
use crate::office::database::committee_cases::{self as cases, Candidate, Choice};
use crate::office::database::taken_forms::FormId;
use crate::office::database::{committee_sessions as sessions, trail};
use crate::office::people::Permission;

const PAGE_ROWS: u32 = 50;

#[derive(Deserialize)]
pub struct ChooseQuery {
    which: Option<String>,
    page: Option<u32>,
}

struct Row {
    id: String,
    number: String,
    name: String,
    service: String,
    received: String,
    documents: String,
    /// That there is an objection, or from when it can be decided
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "sessions/choose.html")]
struct ChoosePage {
    frame: Frame,
    session: String,
    title: String,
    which: &'static str,
    rows: Vec<Row>,
    form_id: FormId,
    earlier: Option<u32>,
    later: Option<u32>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(session): Path<String>,
    Query(query): Query<ChooseQuery>,
) -> Result<Response, Failure> {
    staff.need(Permission::HoldSessions)?;
    let visitor = &staff.visitor;
    let frame = Frame::new(visitor, "sessions");
    let (choice, which) = match query.which.as_deref() {
        Some("early") => (Choice::TooEarly, "early"),
        _ => (Choice::Ripe, "ripe"),
    };
    let number = query.page.unwrap_or(1).clamp(1, 100_000);
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let found = sessions::find(&mut reading, &session).await?.ok_or_else(|| Failure::not_found(visitor))?;
    if found.sealed.is_some() {
        return Err(super::refused(visitor, CommitteeError::Sealed, &format!("/sessions/{session}"), &[]));
    }
    let ripe = ripe(riyadh_day(now));
    let offset = (number - 1) * PAGE_ROWS;
    // One more than is shown says whether there is another page.
    let mut candidates = cases::to_choose_from(&mut reading, &session, choice, ripe, PAGE_ROWS + 1, offset).await?;
    drop(reading);
    let has_later = candidates.len() > PAGE_ROWS as usize;
    candidates.truncate(PAGE_ROWS as usize);
    let mut writing = office.database.write().await?;
    let details = json!({ "list": which, "count": candidates.len() });
    trail::append(&mut writing, now, &staff.actor(), "cases to choose opened", &session, details).await?;
    writing.commit().await?;
    let page = ChoosePage {
        title: title(frame.words, &found),
        which,
        rows: candidates.iter().map(|candidate| row(&office, frame.words, candidate, choice)).collect(),
        form_id: FormId::random(),
        earlier: (number > 1).then(|| number - 1),
        later: has_later.then(|| number + 1),
        session,
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// `request-ID` fields name the chosen ones.
pub async fn add(
    State(office): State<Arc<Office>>,
    Path(session): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let visitor = &posted.staff.visitor;
    let (form, actor) = (form_id(&posted)?, posted.staff.actor());
    let chosen = posted.fields.keys().filter_map(|name| name.strip_prefix("request-"));
    let chosen: Vec<RequestId> = chosen.map(|id| super::request_id(visitor, id)).collect::<Result<_, _>>()?;
    let done = change(&office, &actor, &form).add_cases(&session, &chosen).await;
    answered(visitor, done, &format!("/sessions/{session}"), &[])
}

fn row(office: &Office, words: &Words, candidate: &Candidate, choice: Choice) -> Row {
    let Candidate { request, documents_complete, objected_on } = candidate;
    let dated = |key: &str, day| words.format(key, &[("date", dates::both(words, day).into())]);
    let note = match (objected_on, choice) {
        (Some(on), _) => Some(dated("office-case-objected-on", *on)),
        (None, Choice::TooEarly) => Some(dated("office-case-decidable-from", not_before(request.received_on))),
        (None, Choice::Ripe) => None,
    };
    let documents = if *documents_complete { "office-documents-complete" } else { "office-documents-incomplete" };
    Row {
        id: request.id.to_string(),
        number: words::number(words, request.tracking_number),
        name: words::name(words, request),
        service: office.catalogue.now().service_label(&request.service, words.language()).to_owned(),
        received: dates::hijri(words, request.received_on),
        documents: words.get(documents),
        note,
    }
}
