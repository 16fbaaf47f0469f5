//! One request: the person, the answers, the documents, and only those steps that can be taken now.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::frame::{Failure, show};
use super::request_view::{Found, RequestPage};
use super::session::{Posted, Staff, Visitor};
use super::words;
use crate::domain::request::RequestId;
use crate::domain::stage::{Decision, Event};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::{people, prints, requests, signatures, trail};
use crate::office::people::Permission;
use crate::office::steps::{self, TakeStepError};

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

/// A document was looked at: it does (`verified`) or it doesn't (`returned`).
pub async fn document(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::VerifyDocuments)?;
    let document = posted.field("document").to_owned();
    let event = match posted.field("step") {
        "verified" => Event::DocumentVerified { document },
        "returned" => Event::DocumentReturned { document },
        _ => return Err(Failure::form_is_stale(&posted.staff.visitor)),
    };
    take_step(&office, &posted, &id, &event, None).await
}

pub async fn decide(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Decide)?;
    let decision = match posted.field("decision") {
        "accepted" => Decision::Accepted,
        "refused" => Decision::Refused,
        _ => return Err(Failure::form_is_stale(&posted.staff.visitor)),
    };
    take_step(&office, &posted, &id, &Event::Decided { decision }, Some(posted.field("note"))).await
}

pub async fn deliver(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Deliver)?;
    take_step(&office, &posted, &id, &Event::Delivered, None).await
}

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

pub(super) fn request_id(visitor: &Visitor, id: &str) -> Result<RequestId, Failure> {
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
