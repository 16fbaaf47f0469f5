//! Suggestions and complaints, the newest first (P3). They may name people: each can be erased at somebody's ask, and is when
//! its time is over.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::moment::Moment;
use super::session::{Posted, Staff};
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::suggestions::{self, StoredSuggestion};
use crate::office::database::trail;
use crate::office::erasure::{self, ErasureError, Ground};
use crate::office::people::Permission;
use crate::office::retention;
use crate::seal::envelope::HeaderHash;
use crate::seal::keys::{hex, unhex};

const PAGE_ROWS: u32 = 25;

#[derive(Deserialize)]
pub struct PageQuery {
    page: Option<u32>,
}

pub fn routes() -> Router<Arc<Office>> {
    Router::new().route("/suggestions", get(page)).route("/suggestions/{id}/erasure", post(erase))
}

pub struct Row {
    pub id: String,
    pub when: Moment,
    pub kiosk: String,
    pub text: String,
    /// "Erased on …", when its time is over
    pub erased_on: Option<String>,
}

#[derive(Template)]
#[template(path = "suggestions.html")]
struct SuggestionsPage {
    frame: Frame,
    rows: Vec<Row>,
    may_erase: bool,
    earlier: Option<u32>,
    later: Option<u32>,
}

async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<PageQuery>,
) -> Result<Response, Failure> {
    let number = query.page.unwrap_or(1).clamp(1, 100_000);
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let count = suggestions::count(&mut reading).await?;
    let found = suggestions::page(&mut reading, PAGE_ROWS, (number - 1) * PAGE_ROWS).await?;
    drop(reading);
    let mut writing = office.database.write().await?;
    let details = json!({ "page": number, "count": found.len() });
    trail::append(&mut writing, now, &staff.actor(), "list opened", "suggestions", details).await?;
    writing.commit().await?;
    let frame = Frame::new(&staff.visitor, "suggestions");
    let erased_on = |stored: &StoredSuggestion| {
        let years = office.retention.suggestion_years;
        let day = retention::suggestion_erased_on(stored.suggestion.at, stored.announced_on?, years);
        Some(frame.words.format("office-suggestion-erased-on", &[("day", dates::both(frame.words, day).into())]))
    };
    let row = |stored: StoredSuggestion| {
        let erased_on = erased_on(&stored);
        let StoredSuggestion { hash, suggestion, .. } = stored;
        let kiosk = isolate_ltr(&digits(frame.words.language(), &suggestion.kiosk.to_string()));
        Row {
            id: hex(&hash.0),
            when: Moment::new(frame.words, suggestion.at, now),
            kiosk: frame.words.format("office-actor-kiosk", &[("number", kiosk.into())]),
            text: suggestion.text,
            erased_on,
        }
    };
    let page = SuggestionsPage {
        rows: found.into_iter().map(row).collect(),
        may_erase: staff.person.role.may(Permission::AnswerPrivacyAsks),
        earlier: (number > 1).then(|| number - 1),
        later: (u64::from(number) * u64::from(PAGE_ROWS) < count).then(|| number + 1),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// Destroys a suggestion for good, at the ask of whoever left it or is named in it.
async fn erase(State(office): State<Arc<Office>>, Path(id): Path<String>, posted: Posted) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let visitor = &staff.visitor;
    let hash = unhex(&id).map(HeaderHash).ok_or_else(|| Failure::not_found(visitor))?;
    let refused = |status, key| {
        let sentence = Words::of(visitor.language).get(key);
        Failure::refused(visitor, status, sentence, "/suggestions")
    };
    if posted.field("confirmed") != "yes" {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "office-suggestion-unconfirmed"));
    }
    let writing = office.database.write().await?;
    let (now, actor, at) = (office.clock.now(), staff.actor(), office.clone());
    let erasing = async move {
        let place = erasure::Place::of(&at);
        erasure::erase_suggestions(writing, place, &[hash], Ground::Ask, (now, &actor)).await
    };
    match erasure::to_its_end(erasing).await {
        // Sent twice it is one.
        Ok(()) | Err(ErasureError::ErasedBefore | ErasureError::NoSuchRequest) => {
            Ok(Redirect::to("/suggestions").into_response())
        }
        Err(error @ ErasureError::Log(_)) => {
            tracing::error!("{error}");
            Err(refused(StatusCode::CONFLICT, "office-ask-log-failed"))
        }
        Err(ErasureError::Database(error)) => Err(error.into()),
    }
}
