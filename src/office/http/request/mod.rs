//! One request: the person, the answers, the documents, and only those steps that can be taken now. One file a part of
//! the page, with the routes of its forms; its template stands in `ui/office/templates/request/`.

mod answers;
mod committee;
mod delivery;
mod documents;
mod facts;
mod history;
mod page;
mod papers;
mod receipt_copy;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;

use self::page::RequestPage;
use super::frame::{Failure, show};
use super::session::{Posted, Staff, Visitor};
use super::words;
use crate::domain::request::RequestId;
use crate::domain::signature::Signature;
use crate::domain::stage::{Event, Standing};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::prints::{self, StoredPrint};
use crate::office::database::requests::{self, RecordedEvent, StoredRequest};
use crate::office::database::{people, signatures, trail};
use crate::office::steps::{self, TakeStepError};

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/requests/{id}", get(page))
        .route("/requests/{id}/documents", post(documents::step))
        .route("/requests/{id}/decision", post(committee::decide))
        .route("/requests/{id}/delivery", post(delivery::deliver))
        .route("/requests/{id}/receipt", post(receipt_copy::print))
}

/// A request with all that belongs to it.
pub struct Found {
    pub request: StoredRequest,
    pub standing: Standing,
    pub signature: Option<Signature>,
    pub events: Vec<RecordedEvent>,
    pub prints: Vec<StoredPrint>,
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

/// Takes a step by a form of the page, and shows the page again.
async fn take_step(
    office: &Office,
    posted: &Posted,
    id: &str,
    event: &Event,
    note: Option<&str>,
) -> Result<Response, Failure> {
    let visitor = &posted.staff.visitor;
    let id = request_id(visitor, id)?;
    match steps::take(office, &posted.staff.actor(), id, event, note).await {
        Ok(()) => Ok(Redirect::to(&format!("/requests/{id}")).into_response()),
        Err(TakeStepError::NoSuchRequest) => Err(Failure::not_found(visitor)),
        Err(TakeStepError::Step(error)) => {
            let sentence = words::step_error(Words::of(visitor.language), error);
            Err(Failure::refused(visitor, StatusCode::CONFLICT, sentence, &format!("/requests/{id}")))
        }
        Err(TakeStepError::Database(error)) => Err(error.into()),
    }
}

fn request_id(visitor: &Visitor, id: &str) -> Result<RequestId, Failure> {
    id.parse().map_err(|_| Failure::not_found(visitor))
}

async fn find(office: &Office, id: RequestId) -> Result<Option<Found>, Failure> {
    let mut reading = office.database.read().await?;
    let Some(request) = requests::find(&mut reading, id).await? else { return Ok(None) };
    let Some(standing) = requests::standing(&mut reading, id).await? else { return Ok(None) };
    let signature = signatures::find(&mut reading, &request).await?;
    let events = requests::events(&mut reading, id).await?;
    let names = people::names(&mut reading).await?;
    let prints = prints::of_number(&mut reading, request.tracking_number).await?;
    Ok(Some(Found { request, standing, signature, events, prints, names }))
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
