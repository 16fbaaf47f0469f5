//! Suggestions and complaints, the newest first (P3).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::moment::Moment;
use super::session::Staff;
use crate::language::{digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::{suggestions, trail};

const PAGE_ROWS: u32 = 25;

#[derive(Deserialize)]
pub struct PageQuery {
    page: Option<u32>,
}

pub struct Row {
    pub when: Moment,
    pub kiosk: String,
    pub text: String,
}

#[derive(Template)]
#[template(path = "suggestions.html")]
struct SuggestionsPage {
    frame: Frame,
    rows: Vec<Row>,
    earlier: Option<u32>,
    later: Option<u32>,
}

pub async fn page(
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
    let row = |suggestion: suggestions::Suggestion| {
        let kiosk = isolate_ltr(&digits(frame.words.language(), &suggestion.kiosk.to_string()));
        Row {
            when: Moment::new(frame.words, suggestion.at, now),
            kiosk: frame.words.format("office-actor-kiosk", &[("number", kiosk.into())]),
            text: suggestion.text,
        }
    };
    let page = SuggestionsPage {
        rows: found.into_iter().map(row).collect(),
        earlier: (number > 1).then(|| number - 1),
        later: (u64::from(number) * u64::from(PAGE_ROWS) < count).then(|| number + 1),
        frame,
    };
    Ok(show(&page)?.into_response())
}
