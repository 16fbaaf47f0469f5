//! The copy of all of a person's data: on paper and as JSON. Whoever hands it over looks through it first: a note may name
//! somebody else.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::request::{Fact, RequestCopy, reader};
use super::super::session::Staff;
use super::words as ask_words;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::data_copy::{self, DataCopy};
use crate::office::database::persons::{self, StoredPerson};
use crate::office::database::{people, trail};
use crate::office::people::Permission;

#[derive(Template)]
#[template(path = "data_copy/page.html")]
struct CopyPage {
    frame: Frame,
    person: String,
    name: String,
    /// "3 requests"
    count: String,
    made_at: String,
    requests: Vec<RequestCopy>,
    asks: Vec<Fact>,
    readers: Vec<Fact>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (person, copy) = match make(&office, &staff, &id, "paper").await? {
        Made::Copy(made) => *made,
        Made::Elsewhere(kept) => return Ok(Redirect::to(&format!("/persons/{kept}/data")).into_response()),
    };
    let frame = Frame::new(&staff.visitor, "privacy");
    let (words, now) = (frame.words, office.clock.now());
    let mut requests = Vec::with_capacity(copy.requests.len());
    for copied in &copy.requests {
        requests.push(RequestCopy::of(&office, &staff, copied).await?);
    }
    let mut reading = office.database.read().await?;
    let names = people::names(&mut reading).await?;
    drop(reading);
    let asks = copy.asks.iter().map(|copied| Fact {
        label: ask_words::line(words, &copied.ask, now),
        value: copied.ask.answered.as_ref().and_then(|answered| answered.reason.clone()).unwrap_or_default(),
    });
    let page = CopyPage {
        person: person.id,
        name: requests.first().map(|request| request.name.clone()).unwrap_or_default(),
        count: words.format("office-requests-count", &[("count", requests.len().into())]),
        made_at: dates::time(words, now),
        requests,
        asks: asks.collect(),
        readers: copy.read_by.iter().map(|reading| reader(words, &reading.entry, &names)).collect(),
        frame,
    };
    Ok(show(&page)?.into_response())
}

pub async fn file(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (person, copy) = match make(&office, &staff, &id, "json").await? {
        Made::Copy(made) => *made,
        Made::Elsewhere(kept) => return Ok(Redirect::to(&format!("/persons/{kept}/data.json")).into_response()),
    };
    let text = serde_json::to_string_pretty(&copy).map_err(|error| Failure::Internal(error.to_string()))?;
    let name = format!("attachment; filename=\"istiqbal-{}.json\"", person.id);
    let headers =
        [(header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

enum Made {
    Copy(Box<(StoredPerson, DataCopy)>),
    /// The file was merged into this person's
    Elsewhere(String),
}

/// Gathers the copy, which is an entry of the trail.
async fn make(office: &Office, staff: &Staff, id: &str, form: &str) -> Result<Made, Failure> {
    staff.need(Permission::AnswerPrivacyAsks)?;
    let visitor = &staff.visitor;
    let mut reading = office.database.read().await?;
    let person = persons::find(&mut reading, id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    if person.belongs_to != person.number {
        let kept = persons::by_number(&mut reading, person.belongs_to).await?;
        return Ok(Made::Elsewhere(kept.ok_or_else(|| Failure::not_found(visitor))?.id));
    }
    let copy = data_copy::gather(&mut reading, office, visitor.language, &person).await?;
    drop(reading);
    if copy.requests.is_empty() {
        let sentence = Words::of(visitor.language).get("office-copy-nothing");
        return Err(Failure::refused(visitor, StatusCode::GONE, sentence, "/privacy"));
    }
    let mut writing = office.database.write().await?;
    let details = json!({ "form": form, "requests": copy.requests.len() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "data copy made", &person.id, details).await?;
    writing.commit().await?;
    Ok(Made::Copy(Box::new((person, copy))))
}
