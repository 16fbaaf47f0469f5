//! One step for many requests at once: chosen in a list, looked at on a page that says what will happen to each and to
//! which it can't, then taken in one go.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::session::{Posted, Staff};
use super::super::{sessions, words};
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{ClosingReason, Committee, Event, StepError};
use crate::language::Words;
use crate::office::database::taken_forms::FormId;
use crate::office::database::{committee_cases, committee_sessions, requests as table, trail};
use crate::office::people::{Permission, Role};
use crate::office::steps::{self, Outcome};
use crate::office::{Office, committee};

/// The most requests of one step: more than a page shows, and few enough to look at.
const CHOSEN_MAX: usize = 100;
const STEP: Event = Event::Closed { why: ClosingReason::Expired, other: None };

/// What a role may do with chosen rows.
#[derive(Clone, Copy)]
pub struct May {
    pub close: bool,
    /// Put them before the committee
    pub put: bool,
}

pub fn may(role: Role) -> May {
    let close = role.may(Permission::BulkSteps) && role.may(Permission::EndRequest);
    // Whoever holds sessions chooses several requests for one anyway.
    May { close, put: role.may(Permission::HoldSessions) }
}

impl May {
    pub fn any(self) -> bool {
        self.close || self.put
    }
}

/// A request and what becomes of it.
struct BulkRow {
    id: String,
    number: String,
    name: String,
    what: String,
    is_possible: bool,
}

#[derive(Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    frame: Frame,
    title: String,
    rows: Vec<BulkRow>,
    /// False once it is done, or when nothing can be
    can_be_done: bool,
    /// The session that they are put before, with the form's id; `None` where they are closed
    session: Option<(String, String)>,
    note: String,
    error: Option<String>,
    back: String,
}

pub async fn look(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let page = if posted.field("step") == "session" {
        let chosen = chosen(&posted, &[Permission::HoldSessions])?;
        before_committee(&office, &posted, &chosen).await?
    } else {
        let chosen = chosen(&posted, &[Permission::BulkSteps, Permission::EndRequest])?;
        looked_at(&office, &posted, &chosen, None).await?
    };
    shown(&office, &posted, StatusCode::OK, &page).await
}

/// Puts the chosen ones before the session that the page named.
pub async fn put(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let chosen: Vec<RequestId> = chosen(&posted, &[Permission::HoldSessions])?.into_iter().collect();
    let (form, actor) = (sessions::form_id(&posted)?, posted.staff.actor());
    let session = posted.field("session");
    let change = committee::Change { office: &office, actor: &actor, form: &form };
    let done = change.add_cases(session, &chosen).await;
    let page = if done.is_ok() { format!("/sessions/{session}") } else { back(&posted) };
    sessions::answered(&posted.staff.visitor, done, &page, &[])
}

/// The page that says which could stand before the next session.
async fn before_committee(office: &Office, posted: &Posted, chosen: &BTreeSet<RequestId>) -> Result<BulkPage, Failure> {
    let visitor = &posted.staff.visitor;
    let words = Words::of(visitor.language);
    let today = riyadh_day(office.clock.now());
    let mut reading = office.database.read().await?;
    let open = committee_sessions::open_ones(&mut reading).await?;
    // The next one from today; one that is past may still wait for its seal.
    let Some(session) = open.into_iter().filter(|session| session.on >= today).min_by_key(|session| session.on) else {
        let sentence = words.get("office-bulk-no-session");
        return Err(Failure::refused(visitor, StatusCode::CONFLICT, sentence, "/sessions"));
    };
    let mut rows = Vec::new();
    for id in chosen {
        let Some(request) = table::find(&mut reading, *id).await? else { continue };
        let Some(standing) = table::standing(&mut reading, *id).await? else { continue };
        let is_there = committee_cases::find(&mut reading, &session.id, *id).await?.is_some();
        let (what, is_possible) = if is_there {
            (words.get("office-bulk-in-session"), false)
        } else if standing.ended.is_none() && standing.committee != Committee::UnderStudy {
            // To decide anew asks for a reason of its own.
            (words::step_error(words, StepError::AlreadyDecided), false)
        } else {
            match committee::may_stand_before(&standing, &session, today) {
                Ok(()) => (words.get("office-bulk-will-put"), true),
                Err(error) => (words::step_error(words, error), false),
            }
        };
        rows.push(row(words, &request, what, is_possible));
    }
    Ok(BulkPage {
        title: words.format("office-bulk-session", &[("session", sessions::title(words, &session).into())]),
        can_be_done: rows.iter().any(|row| row.is_possible),
        rows,
        session: Some((session.id, FormId::random().as_str().to_owned())),
        note: String::new(),
        error: None,
        back: back(posted),
        frame: Frame::new(visitor, "requests"),
    })
}

pub async fn close(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let chosen = chosen(&posted, &[Permission::BulkSteps, Permission::EndRequest])?;
    let note = posted.field("note").trim();
    let words = Words::of(posted.staff.visitor.language);
    if note.is_empty() {
        let error = words.get("office-bulk-note-missing");
        let page = looked_at(&office, &posted, &chosen, Some(error)).await?;
        return shown(&office, &posted, StatusCode::UNPROCESSABLE_ENTITY, &page).await;
    }
    let chosen: Vec<RequestId> = chosen.into_iter().collect();
    let outcomes = steps::take_for_all(&office, &posted.staff.actor(), &chosen, &STEP, Some(note)).await?;
    let mut rows = Vec::new();
    let mut reading = office.database.read().await?;
    for (id, outcome) in outcomes {
        let Some(request) = table::find(&mut reading, id).await? else { continue };
        let what = match &outcome {
            Outcome::Taken => words.get("office-bulk-closed"),
            Outcome::DoneBefore => words.get("office-bulk-done-before"),
            Outcome::Refused(error) => words::step_error(words, *error),
        };
        rows.push(row(words, &request, what, !matches!(outcome, Outcome::Refused(_))));
    }
    let page = BulkPage {
        title: words.get("office-bulk-done"),
        rows,
        session: None,
        can_be_done: false,
        note: String::new(),
        error: None,
        back: back(&posted),
        frame: Frame::new(&posted.staff.visitor, "requests"),
    };
    drop(reading);
    shown(&office, &posted, StatusCode::OK, &page).await
}

/// Shows the page, which names people: it is one entry of the trail, as a page of a list is.
async fn shown(office: &Office, posted: &Posted, status: StatusCode, page: &BulkPage) -> Result<Response, Failure> {
    let mut writing = office.database.write().await?;
    let details = json!({ "page": "chosen", "count": page.rows.len() });
    trail::append(&mut writing, office.clock.now(), &posted.staff.actor(), "list opened", "requests", details).await?;
    writing.commit().await?;
    Ok((status, show(page)?).into_response())
}

/// The page that says what would happen.
async fn looked_at(
    office: &Office,
    posted: &Posted,
    chosen: &BTreeSet<RequestId>,
    error: Option<String>,
) -> Result<BulkPage, Failure> {
    let staff: &Staff = &posted.staff;
    let words = Words::of(staff.visitor.language);
    let today = riyadh_day(office.clock.now());
    let mut rows = Vec::new();
    let mut reading = office.database.read().await?;
    for id in chosen {
        let Some(request) = table::find(&mut reading, *id).await? else { continue };
        let Some(standing) = table::standing(&mut reading, *id).await? else { continue };
        let (what, is_possible) = match standing.allows(&STEP, today) {
            Ok(()) => (words.get("office-bulk-will-close"), true),
            Err(error) => (words::step_error(words, error), false),
        };
        rows.push(row(words, &request, what, is_possible));
    }
    Ok(BulkPage {
        title: words.get("office-bulk-title"),
        can_be_done: rows.iter().any(|row| row.is_possible),
        rows,
        session: None,
        note: posted.field("note").to_owned(),
        error,
        back: back(posted),
        frame: Frame::new(&staff.visitor, "requests"),
    })
}

fn row(words: &Words, request: &table::StoredRequest, what: String, is_possible: bool) -> BulkRow {
    BulkRow {
        id: request.id.to_string(),
        number: words::number(words, request.tracking_number),
        name: words::name(words, request),
        what,
        is_possible,
    }
}

/// The requests whose boxes were ticked.
fn chosen(posted: &Posted, needed: &[Permission]) -> Result<BTreeSet<RequestId>, Failure> {
    let staff = &posted.staff;
    for permission in needed {
        staff.need(*permission)?;
    }
    let ids = posted.fields.keys().filter_map(|name| name.strip_prefix("chosen-")?.parse().ok());
    let chosen: BTreeSet<RequestId> = ids.collect();
    let words = Words::of(staff.visitor.language);
    let refused = match chosen.len() {
        0 => words.get("office-bulk-none"),
        1..=CHOSEN_MAX => return Ok(chosen),
        _ => words.format("office-bulk-too-many", &[("count", CHOSEN_MAX.into())]),
    };
    Err(Failure::refused(&staff.visitor, StatusCode::UNPROCESSABLE_ENTITY, refused, &back(posted)))
}

/// The list that the rows were chosen in; nowhere else.
fn back(posted: &Posted) -> String {
    let back = posted.field("back");
    if back.starts_with("/requests?") { back.to_owned() } else { "/requests".to_owned() }
}
