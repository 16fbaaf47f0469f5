//! Two people at one request: the later of them sees both versions, and sends again knowingly or not at all.
//!
//! A form carries the revision of the request from which it was made, in a hidden field `revision`. Whoever writes compares
//! within the writing transaction what the form has [`seen`] with [`revisions::of`] the request; if they differ, nothing is
//! written, and [`refused`] makes a page with what is there now and what this person wanted to write. What was typed
//! stands in the fields of a form that carries the new revision.

use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::request::history::{self, EventRow};
use super::session::Posted;
use super::words;
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{Event, Standing};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::requests::{self, stage};
use crate::office::database::revisions::{self, Revision};
use crate::office::database::{Connection, people, trail};
use crate::office::labels::Labels;
use crate::office::steps::document_of;

/// The field in which a form says from which revision it was made.
const FIELD: &str = "revision";

/// What is there now and what somebody wanted to write, side by side.
pub struct Version {
    pub label: String,
    /// Empty when nothing is there
    pub now: String,
    pub wanted: String,
    /// The form's field, when it was typed: it can still be changed. Other fields are sent again as they are.
    pub field: Option<&'static str>,
}

/// A form that came too late.
pub struct Conflict {
    pub request: RequestId,
    pub versions: Vec<Version>,
    /// Why it can't be sent again at all
    pub why_not: Option<String>,
}

#[derive(Template)]
#[template(path = "conflict.html")]
struct ConflictPage {
    frame: Frame,
    back: String,
    action: String,
    events: Vec<EventRow>,
    versions: Vec<Version>,
    /// The form's other fields, and the new revision
    others: Vec<(String, String)>,
    why_not: Option<String>,
}

/// From which revision a form was made; `None` when it doesn't say so.
pub fn seen(posted: &Posted) -> Option<Revision> {
    posted.field(FIELD).parse().ok()
}

/// The page (409) with both versions, and with what has happened since the form was made.
pub async fn refused(office: &Office, posted: &Posted, conflict: Conflict) -> Result<Failure, Failure> {
    let Conflict { request, versions, why_not } = conflict;
    let frame = Frame::new(&posted.staff.visitor, "request");
    let words = frame.words;
    let mut reading = office.database.read().await?;
    let revision = revisions::of(&mut reading, request).await?;
    let names = people::names(&mut reading).await?;
    let labels = labels(office, posted, &mut reading, request).await?;
    let events = match seen(posted) {
        Some(seen) => revisions::events_since(&mut reading, request, seen).await?,
        None => Vec::new(),
    };
    drop(reading);
    let now = office.clock.now();
    // The page shows what stands in the request: it is a look into it.
    let mut writing = office.database.write().await?;
    let details = json!({ "page": "two versions" });
    trail::append(&mut writing, now, &posted.staff.actor(), "request opened", &request.to_string(), details).await?;
    writing.commit().await?;
    let label = |id: &str| labels.document(id, words.language());
    let is_other = |name: &str| {
        !["form_token", FIELD].contains(&name) && !versions.iter().any(|version| version.field == Some(name))
    };
    let mut others: Vec<(String, String)> = posted
        .fields
        .iter()
        .filter(|(name, _)| is_other(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    others.push((FIELD.to_owned(), revision.to_string()));
    let page = ConflictPage {
        back: format!("/requests/{request}"),
        action: posted.action.clone(),
        events: events.iter().map(|recorded| history::row(words, recorded, &names, label, now)).collect(),
        versions,
        others,
        why_not,
        frame,
    };
    Ok(Failure::Refused(Box::new((StatusCode::CONFLICT, show(&page)?).into_response())))
}

/// The same for a step of a request's page, whose note was typed into the field `note`.
pub async fn step_refused(
    office: &Office,
    posted: &Posted,
    request: RequestId,
    event: &Event,
    note: Option<&str>,
) -> Result<Failure, Failure> {
    let visitor = &posted.staff.visitor;
    let words = Words::of(visitor.language);
    let mut reading = office.database.read().await?;
    let standing = requests::standing(&mut reading, request).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let labels = labels(office, posted, &mut reading, request).await?;
    let last = requests::events(&mut reading, request).await?.pop();
    drop(reading);
    let document = |id: &str| labels.document(id, words.language());
    let mut versions = vec![Version {
        label: match document_of(event) {
            Some(id) => document(id),
            None => words.get("office-column-stage"),
        },
        now: now(words, &standing, event),
        wanted: words::event(words, event, document),
        field: None,
    }];
    versions.extend(note.map(|note| Version {
        label: words.get("office-note"),
        now: last.and_then(|last| last.reason).unwrap_or_default(),
        wanted: note.to_owned(),
        field: Some("note"),
    }));
    let today = riyadh_day(office.clock.now());
    let why_not = standing.allows(event, today).err().map(|error| words::step_error(words, error));
    refused(office, posted, Conflict { request, versions, why_not }).await
}

async fn labels(
    office: &Office,
    posted: &Posted,
    connection: &mut Connection,
    request: RequestId,
) -> Result<Labels, Failure> {
    let found = requests::find(connection, request).await?;
    let request = found.ok_or_else(|| Failure::not_found(&posted.staff.visitor))?;
    Ok(Labels::of_version(office, connection, request.versions.catalogue).await?)
}

/// Where that stands what the step would change.
fn now(words: &Words, standing: &Standing, event: &Event) -> String {
    if let Some(document) = document_of(event) {
        return standing.documents.get(document).map(|state| words::document_state(words, *state)).unwrap_or_default();
    }
    words::stage(words, stage(standing))
}
