//! What was erased stays as it is: no form about such a request is taken, whichever part of the page it is of.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::Visitor;
use crate::domain::request::RequestId;
use crate::language::Words;
use crate::office::Office;
use crate::office::database::erasures;

/// Around all routes, so that none that comes later can be forgotten.
pub async fn refuse_steps(
    State(office): State<Arc<Office>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let Some(id) = request_of_step(&request) else { return Ok(next.run(request).await) };
    let mut reading = office.database.read().await?;
    let is_erased = erasures::contains(&mut reading, id).await?;
    drop(reading);
    if !is_erased {
        return Ok(next.run(request).await);
    }
    let (mut parts, _) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, &office).await?;
    if visitor.staff.is_none() {
        return Err(Failure::SignInFirst);
    }
    let sentence = Words::of(visitor.language).get("office-refused-erased");
    Err(Failure::refused(&visitor, StatusCode::GONE, sentence, &format!("/requests/{id}")))
}

/// The request that a form is about.
pub fn request_of_step(request: &Request) -> Option<RequestId> {
    let rest = request.uri().path().strip_prefix("/requests/").filter(|_| request.method() == Method::POST)?;
    rest.split('/').next()?.parse().ok()
}
