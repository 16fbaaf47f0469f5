//! Requests whose time is over: shown before they are erased, and held back with a reason.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Days;
use serde::Deserialize;
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::request::actor;
use super::super::session::{Posted, Staff};
use super::super::words;
use crate::domain::request::RequestId;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::retention::{self as table, Announced};
use crate::office::database::{people, trail};
use crate::office::people::Permission;
use crate::office::retention::{self, ANNOUNCED_DAYS};
use crate::office::steps::NOTE_CHARACTERS_MAX;

const PAGE_ROWS: u32 = 25;

#[derive(Deserialize)]
pub struct PageQuery {
    page: Option<u32>,
}

struct Row {
    id: String,
    number: String,
    service: String,
    ended: String,
    erased: String,
    /// Who holds it back, and why
    held: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "retention.html")]
struct RetentionPage {
    frame: Frame,
    about: String,
    rows: Vec<Row>,
    earlier: Option<u32>,
    later: Option<u32>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<PageQuery>,
) -> Result<Response, Failure> {
    staff.need(Permission::AnswerPrivacyAsks)?;
    let frame = Frame::new(&staff.visitor, "privacy");
    let words = frame.words;
    let number = query.page.unwrap_or(1).clamp(1, 100_000);
    let mut reading = office.database.read().await?;
    let count = table::count(&mut reading).await?;
    let found = table::announced(&mut reading, PAGE_ROWS, (number - 1) * PAGE_ROWS).await?;
    let names = people::names(&mut reading).await?;
    drop(reading);
    let mut writing = office.database.write().await?;
    let details = json!({ "page": number, "count": found.len() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "list opened", "retention", details).await?;
    writing.commit().await?;
    let row = |announced: Announced| Row {
        id: announced.request.to_string(),
        number: words::number(words, announced.tracking_number),
        service: office.catalogue.now().service_label(&announced.service, words.language()).to_owned(),
        ended: dates::both(words, announced.ended_on),
        erased: dates::both(words, erased_on(&announced, office.retention.years_after_end)),
        held: announced.held.map(|held| (actor(words, &held.by, &names), held.reason)),
    };
    let page = RetentionPage {
        about: words.format("office-retention-about", &[("count", office.retention.years_after_end.into())]),
        rows: found.into_iter().map(row).collect(),
        earlier: (number > 1).then(|| number - 1),
        later: (u64::from(number) * u64::from(PAGE_ROWS) < count).then(|| number + 1),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// The day on which it is erased, unless somebody holds it back.
fn erased_on(announced: &Announced, years: u32) -> chrono::NaiveDate {
    let shown_for = announced.announced_on.checked_add_days(Days::new(ANNOUNCED_DAYS));
    retention::due_on(announced.ended_on, years).max(shown_for.unwrap_or(announced.announced_on))
}

/// Holds back, or lets go.
pub async fn hold(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let visitor = &staff.visitor;
    let request: RequestId = id.parse().map_err(|_| Failure::not_found(visitor))?;
    match posted.field("step") {
        "hold" => {
            let reason: String = posted.field("reason").trim().chars().take(NOTE_CHARACTERS_MAX).collect();
            if reason.is_empty() {
                let sentence = Words::of(visitor.language).get("office-retention-reason-missing");
                return Err(Failure::refused(
                    visitor,
                    StatusCode::UNPROCESSABLE_ENTITY,
                    sentence,
                    "/privacy/retention",
                ));
            }
            retention::hold(&office, request, &reason, &staff.actor()).await?;
        }
        "let_go" => {
            retention::let_go(&office, request, &staff.actor()).await?;
        }
        _ => return Err(Failure::form_is_stale(visitor)),
    }
    Ok(Redirect::to("/privacy/retention").into_response())
}
