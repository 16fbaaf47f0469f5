//! Findings of verifications: an administrator looks, and says that the row counts as it stands. Until then no form about a
//! request is taken of which a row isn't as it was written.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::privacy::request_of_step;
use super::session::{Posted, Staff, Visitor};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::findings::{self, Finding, Kind};
use crate::office::database::trail;
use crate::office::people::Permission;

/// Maximum number on the page; the others follow when these are settled.
const SHOWN_MAX: u32 = 100;

struct Row {
    id: String,
    what: String,
    text: String,
    found: String,
    /// The address of its request's page
    request: Option<String>,
}

#[derive(Template)]
#[template(path = "findings.html")]
struct FindingsPage {
    frame: Frame,
    rows: Vec<Row>,
}

pub async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    staff.need(Permission::ManagePeople)?;
    let frame = Frame::new(&staff.visitor, "findings");
    let found = findings::open(&mut *office.database.read().await?, SHOWN_MAX).await?;
    let rows = found.into_iter().map(|finding| row(frame.words, finding)).collect();
    Ok(show(&FindingsPage { frame, rows })?.into_response())
}

fn row(words: &Words, finding: Finding) -> Row {
    let what = match finding.kind {
        Kind::Row => "office-finding-row",
        Kind::Seals => "office-finding-seals",
        Kind::Rollback => "office-finding-rollback",
        Kind::Database => "office-finding-database",
        Kind::Trail => "office-finding-trail",
        Kind::Envelopes => "office-finding-envelopes",
        Kind::Minutes => "office-finding-minutes",
        Kind::Backups => "office-finding-backups",
    };
    Row {
        id: finding.id,
        what: words.get(what),
        text: finding.text,
        found: dates::time(words, finding.found_at),
        request: finding.request.map(|id| format!("/requests/{id}")),
    }
}

/// Somebody has looked: the row counts as it stands.
pub async fn settle(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManagePeople)?;
    let visitor = &posted.staff.visitor;
    let (now, actor) = (office.clock.now(), posted.staff.actor());
    let mut writing = office.database.write().await?;
    let settled = findings::settle(&mut writing, &id, (now, &actor)).await?;
    let text = settled.ok_or_else(|| Failure::not_found(visitor))?;
    trail::append(&mut writing, now, &actor, "damage looked at", &id, json!({ "found": text })).await?;
    writing.commit().await?;
    Ok(Redirect::to("/findings").into_response())
}

/// Around all routes, so that none that comes later can be forgotten.
pub async fn refuse_steps(
    State(office): State<Arc<Office>>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let Some(id) = request_of_step(&request) else { return Ok(next.run(request).await) };
    if !findings::is_set_apart(&mut *office.database.read().await?, id).await? {
        return Ok(next.run(request).await);
    }
    let (mut parts, _) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, &office).await?;
    if visitor.staff.is_none() {
        return Err(Failure::SignInFirst);
    }
    let sentence = Words::of(visitor.language).get("office-step-set-apart");
    Err(Failure::refused(&visitor, StatusCode::CONFLICT, sentence, &format!("/requests/{id}")))
}

/// The sentence for everybody's first page.
pub fn alert(words: &Words, count: u64) -> Option<String> {
    (count > 0).then(|| words.format("office-alert-findings", &[("count", count.into())]))
}
