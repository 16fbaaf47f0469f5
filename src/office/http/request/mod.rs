//! One request: the person, the answers, the documents, and only those steps that can be taken now. One file a part of
//! the page, with the routes of its forms; its template stands in `ui/office/templates/request/`.

mod answers;
mod committee;
mod corrections;
mod data_copy;
mod delivery;
mod documents;
mod ending;
mod facts;
pub(super) mod history;
mod notes;
mod notices;
mod others;
mod page;
mod papers;
mod privacy;
mod receipt_copy;
mod upload_form;
mod uploads;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;

pub(super) use self::answers::shown as shown_answer;
pub(super) use self::data_copy::RequestCopy;
pub use self::history::actor;
use self::page::RequestPage;
pub(super) use self::privacy::reader;
use super::frame::{Failure, show};
use super::revision;
use super::session::{Posted, Staff, Visitor};
use super::sessions::{form_id, refused_with};
use super::words;
use crate::domain::request::RequestId;
use crate::domain::signature::Signature;
use crate::domain::stage::{Event, Standing};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::call_list::{self, StoredCall};
use crate::office::database::corrections::StoredCorrection;
use crate::office::database::desk::DeskRegistration;
use crate::office::database::notes::StoredNote;
use crate::office::database::notices::{self as notices_table, StoredNotice};
use crate::office::database::prints::{self, StoredPrint};
use crate::office::database::requests::{self, RecordedEvent, StoredRequest};
use crate::office::database::revisions::{self, Revision};
use crate::office::database::uploads::StoredUpload;
use crate::office::database::{
    corrections as corrections_table, desk, findings, notes as notes_table, people, signatures, trail,
    uploads as uploads_table,
};
use crate::office::labels::Labels;
use crate::office::steps::{self, ByForm, TakeStepError};

pub fn routes(office: &Office) -> Router<Arc<Office>> {
    Router::new()
        .merge(uploads::routes(office.uploads.limits))
        .route("/requests/{id}", get(page))
        .route("/requests/{id}/documents", post(documents::step))
        .route("/requests/{id}/session", post(committee::put))
        .route("/requests/{id}/objection", post(committee::object))
        .route("/requests/{id}/delivery", post(delivery::deliver))
        .route("/requests/{id}/ending", post(ending::end))
        .route("/requests/{id}/receipt", post(receipt_copy::print))
        .route("/requests/{id}/ready", post(notices::tell_ready))
        .route("/requests/{id}/notes", post(notes::add))
        .route("/requests/{id}/notes/{note}/withdrawal", post(notes::withdraw))
        .route("/requests/{id}/corrections/{question}", get(corrections::page).post(corrections::correct))
}

/// A request with all that belongs to it.
pub struct Found {
    pub request: StoredRequest,
    /// The words of the catalogue it answered
    pub labels: Labels,
    pub standing: Standing,
    /// Forms carry it, so that two people don't overwrite each other's work
    pub revision: Revision,
    pub signature: Option<Signature>,
    pub events: Vec<RecordedEvent>,
    pub prints: Vec<StoredPrint>,
    /// Where it stands before the committee, and could
    pub before: committee::Before,
    /// Of a double that was closed: the request that goes on
    pub other: Option<StoredRequest>,
    /// What else there is of the person
    pub others: Option<others::FoundOthers>,
    pub notices: Vec<StoredNotice>,
    pub calls: Vec<StoredCall>,
    /// The oldest first
    pub uploads: Vec<StoredUpload>,
    /// The newest first
    pub notes: Vec<StoredNote>,
    /// The rights of its person
    pub privacy: privacy::Gathered,
    pub corrections: Vec<StoredCorrection>,
    /// For a request of the desk or by telephone
    pub registration: Option<DeskRegistration>,
    /// A row of it isn't as it was written
    pub is_set_apart: bool,
    /// The staff's names, by id
    pub names: HashMap<String, String>,
}

/// A label and what stands beside it.
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// A step: either it can be taken, or why not.
pub struct Step {
    pub line: String,
    pub possible: bool,
    pub reason: Option<String>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = request_id(&staff.visitor, &id)?;
    let found = find(&office, id).await?.ok_or_else(|| Failure::not_found(&staff.visitor))?;
    note_opened(&office, &staff, id).await?;
    Ok(show(&RequestPage::new(&office, &staff, &found))?.into_response())
}

/// Takes a step by a form of the page, and shows the page again. Where somebody else was faster, both versions are shown
/// ([`revision`]): the note's field is called `note`.
async fn take_step(
    office: &Office,
    posted: &Posted,
    id: &str,
    event: &Event,
    note: Option<&str>,
) -> Result<Response, Failure> {
    let visitor = &posted.staff.visitor;
    let id = request_id(visitor, id)?;
    let by = ByForm { form: None, seen: revision::seen(posted) };
    let taken = steps::take_by(office, &posted.staff.actor(), id, event, note, by).await;
    if let Err(TakeStepError::Changed) = taken {
        return Err(revision::step_refused(office, posted, id, event, note).await?);
    }
    step_taken(visitor, id, taken, &[])
}

/// The same by a form with an id of its own, which counts once however often it is sent; `label` is the message above
/// its text.
async fn take_step_once(
    office: &Office,
    posted: &Posted,
    id: &str,
    event: &Event,
    text: &str,
    label: &str,
) -> Result<Response, Failure> {
    let visitor = &posted.staff.visitor;
    let id = request_id(visitor, id)?;
    let form = form_id(posted)?;
    let by = ByForm { form: Some(&form), seen: revision::seen(posted) };
    let taken = steps::take_by(office, &posted.staff.actor(), id, event, Some(text), by).await;
    if let Err(TakeStepError::Changed) = taken {
        return Err(revision::step_refused(office, posted, id, event, Some(text)).await?);
    }
    step_taken(visitor, id, taken, &[(label, text)])
}

/// The page again, or why the step can't be taken, with what was typed.
fn step_taken(
    visitor: &Visitor,
    id: RequestId,
    taken: Result<(), TakeStepError>,
    typed: &[(&str, &str)],
) -> Result<Response, Failure> {
    let words = Words::of(visitor.language);
    let sentence = match taken {
        Ok(()) => return Ok(Redirect::to(&format!("/requests/{id}")).into_response()),
        Err(TakeStepError::NoSuchRequest) => return Err(Failure::not_found(visitor)),
        Err(TakeStepError::Database(error)) => return Err(error.into()),
        Err(TakeStepError::Changed) => words.get("office-conflict-title"),
        Err(TakeStepError::OtherEnded) => words.get("office-ending-other-ended"),
        Err(TakeStepError::Step(error)) => words::step_error(words, error),
    };
    Err(refused_with(visitor, StatusCode::CONFLICT, sentence, &format!("/requests/{id}"), typed))
}

/// The text of a form that can't be without one; `key` says so.
fn required_note<'a>(posted: &'a Posted, id: &str, key: &str) -> Result<&'a str, Failure> {
    let visitor = &posted.staff.visitor;
    let id = request_id(visitor, id)?;
    let note = posted.field("note").trim();
    if note.is_empty() {
        let sentence = Words::of(visitor.language).get(key);
        let back = format!("/requests/{id}");
        return Err(Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, &back));
    }
    Ok(note)
}

fn request_id(visitor: &Visitor, id: &str) -> Result<RequestId, Failure> {
    id.parse().map_err(|_| Failure::not_found(visitor))
}

async fn find(office: &Office, id: RequestId) -> Result<Option<Found>, Failure> {
    let mut reading = office.database.read().await?;
    let Some(request) = requests::find(&mut reading, id).await? else { return Ok(None) };
    let Some(standing) = requests::standing(&mut reading, id).await? else { return Ok(None) };
    let labels = Labels::of_version(office, &mut reading, request.versions.catalogue).await?;
    let revision = revisions::of(&mut reading, id).await?;
    let signature = signatures::find(&mut reading, &request).await?;
    let events = requests::events(&mut reading, id).await?;
    let names = people::names(&mut reading).await?;
    let prints = prints::of_number(&mut reading, request.tracking_number).await?;
    let uploads = uploads_table::of_request(&mut reading, id).await?;
    let notes = notes_table::of_request(&mut reading, id).await?;
    let before = committee::load(&mut reading, id).await?;
    let other = ending::load_other(&mut reading, &events).await?;
    let others = others::find(&mut reading, id).await?;
    let person = others.as_ref().map(|others| &others.person);
    let privacy = privacy::gather(&mut reading, &request, person).await?;
    let notices = notices_table::of_request(&mut reading, id).await?;
    let calls = call_list::calls(&mut reading, id).await?;
    let corrections = corrections_table::of_request(&mut reading, id).await?;
    let registration = desk::registration(&mut reading, id).await?;
    let is_set_apart = findings::is_set_apart(&mut reading, id).await?;
    Ok(Some(Found {
        request,
        labels,
        standing,
        revision,
        signature,
        events,
        prints,
        uploads,
        notes,
        before,
        other,
        others,
        notices,
        calls,
        privacy,
        corrections,
        registration,
        is_set_apart,
        names,
    }))
}

/// Opening a person's request is one entry of the trail.
async fn note_opened(office: &Office, staff: &Staff, id: RequestId) -> Result<(), Failure> {
    let mut writing = office.database.write().await?;
    let subject = id.to_string();
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "request opened", &subject, json!({})).await?;
    Ok(writing.commit().await?)
}

/// The step as the page offers it: the rule first, then the role.
fn offered(
    words: &Words,
    line: String,
    allowed: Result<(), crate::domain::stage::StepError>,
    may: bool,
    role_key: &str,
) -> Step {
    match allowed {
        Err(error) => Step { line, possible: false, reason: Some(words::step_error(words, error)) },
        Ok(()) if !may => Step { line, possible: false, reason: Some(words.get(role_key)) },
        Ok(()) => Step { line, possible: true, reason: None },
    }
}
