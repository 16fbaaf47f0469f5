//! One step for many requests at once: chosen in a list, looked at on a page that says what will happen to each and to
//! which it can't, then taken in one go.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::frame::{Failure, Frame, show};
use super::super::session::{Posted, Staff};
use super::super::words;
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{ClosingReason, Event};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::requests as table;
use crate::office::people::{Permission, Role};
use crate::office::steps::{self, Outcome};

/// The most requests of one step: more than a page shows, and few enough to look at.
const CHOSEN_MAX: usize = 100;
const STEP: Event = Event::Closed { why: ClosingReason::Expired, other: None };

/// Whether a role may choose rows: it closes requests, so it needs both.
pub fn may(role: Role) -> bool {
    role.may(Permission::BulkSteps) && role.may(Permission::EndRequest)
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
    note: String,
    error: Option<String>,
    back: String,
}

pub async fn look(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let chosen = chosen(&posted)?;
    Ok(show(&looked_at(&office, &posted, &chosen, None).await?)?.into_response())
}

pub async fn close(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let chosen = chosen(&posted)?;
    let note = posted.field("note").trim();
    let words = Words::of(posted.staff.visitor.language);
    if note.is_empty() {
        let error = words.get("office-bulk-note-missing");
        let page = looked_at(&office, &posted, &chosen, Some(error)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
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
        can_be_done: false,
        note: String::new(),
        error: None,
        back: back(&posted),
        frame: Frame::new(&posted.staff.visitor, "requests"),
    };
    Ok(show(&page)?.into_response())
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
        name: table::beneficiary_name(&request.answers).to_owned(),
        what,
        is_possible,
    }
}

/// The requests whose boxes were ticked.
fn chosen(posted: &Posted) -> Result<BTreeSet<RequestId>, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::BulkSteps)?;
    staff.need(Permission::EndRequest)?;
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
