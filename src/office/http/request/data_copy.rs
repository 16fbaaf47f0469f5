//! The copy of all of a person's data: on paper and as JSON. Whoever hands it over looks through it first: a note may name
//! somebody else.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::session::Staff;
use super::super::trail::action_label;
use super::super::words;
use super::{Fact, Found, answers, documents, facts, find, history, request_id};
use crate::domain::request::RequestId;
use crate::domain::signature::Signature;
use crate::language::dates;
use crate::office::Office;
use crate::office::data_copy::{self, DataCopy};
use crate::office::database::requests::beneficiary_name;
use crate::office::database::trail;
use crate::office::people::Permission;

/// A text with its heading: a note, a decision's reason.
struct Passage {
    heading: String,
    text: String,
}

#[derive(Template)]
#[template(path = "data_copy.html")]
struct CopyPage {
    frame: Frame,
    id: String,
    made_at: String,
    number: String,
    name: String,
    service: String,
    person: Vec<answers::AnswerRow>,
    answers: Vec<answers::AnswerRow>,
    labels_are_own: bool,
    documents: Vec<documents::DocumentRow>,
    signature: Option<String>,
    declared: Option<String>,
    facts: Vec<Fact>,
    events: Vec<history::EventRow>,
    decisions: Vec<Passage>,
    notes: Vec<Passage>,
    uploads: Vec<Fact>,
    readers: Vec<Fact>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (id, copy) = make(&office, &staff, &id, "paper").await?;
    let found = find(&office, id).await?.ok_or_else(|| Failure::not_found(&staff.visitor))?;
    Ok(show(&CopyPage::new(&office, &staff, &found, &copy))?.into_response())
}

pub async fn file(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (id, copy) = make(&office, &staff, &id, "json").await?;
    let text = serde_json::to_string_pretty(&copy).map_err(|error| Failure::Internal(error.to_string()))?;
    let name = format!("attachment; filename=\"istiqbal-{id}.json\"");
    let headers =
        [(header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

/// Gathers the copy, which is an entry of the trail.
async fn make(office: &Office, staff: &Staff, id: &str, form: &str) -> Result<(RequestId, DataCopy), Failure> {
    staff.need(Permission::AnswerPrivacyAsks)?;
    let visitor = &staff.visitor;
    let id = request_id(visitor, id)?;
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let copy = data_copy::gather(&mut reading, &office.catalogue.now(), visitor.language, id, now).await?;
    drop(reading);
    let copy = copy.ok_or_else(|| Failure::not_found(visitor))?;
    let mut writing = office.database.write().await?;
    let details = json!({ "form": form });
    trail::append(&mut writing, now, &staff.actor(), "data copy made", &id.to_string(), details).await?;
    writing.commit().await?;
    Ok((id, copy))
}

impl CopyPage {
    fn new(office: &Office, staff: &Staff, found: &Found, copy: &DataCopy) -> Self {
        let frame = Frame::new(&staff.visitor, "privacy");
        let words = frame.words;
        let Found { request, .. } = found;
        let (person, answers) = answers::answers(found.labels.catalogue(), words, found, false);
        let decisions = copy.decisions.iter().flat_map(|decided| {
            let heading = |key: &str| words.get(key);
            let reason = decided.reason.clone().map(|text| Passage { heading: heading("office-copy-reason"), text });
            let granted = decided.granted.clone().map(|text| Passage { heading: heading("office-copy-granted"), text });
            reason.into_iter().chain(granted)
        });
        let notes = copy.notes.iter().map(|note| Passage {
            heading: words.format(
                if note.withdrawn { "office-copy-note-withdrawn" } else { "office-copy-note" },
                &[("who", note.by.as_str().into()), ("when", dates::time(words, note.instant).into())],
            ),
            text: note.text.clone(),
        });
        let uploads = copy
            .uploads
            .iter()
            .map(|upload| Fact { label: upload.document.clone(), value: dates::time(words, upload.instant) });
        let readers = copy.read_by.iter().map(|reading| Fact {
            label: dates::time(words, reading.entry.at),
            value: words.format(
                "office-copy-reader",
                &[
                    ("who", history::actor(words, &reading.entry.actor, &found.names).into()),
                    ("what", action_label(words, &reading.entry.action).unwrap_or_default().into()),
                ],
            ),
        });
        Self {
            id: request.id.to_string(),
            made_at: dates::time(words, office.clock.now()),
            number: words::number(words, request.tracking_number),
            name: beneficiary_name(&request.answers).to_owned(),
            service: found.labels.service(&request.service, words.language()),
            person,
            answers,
            labels_are_own: found.labels.are_own(),
            documents: documents::rows(office, staff, words, found),
            declared: found.registration.as_ref().map(|registration| facts::declared(words, registration)),
            signature: found.signature.as_ref().map(Signature::svg_path),
            facts: facts::facts(words, request),
            events: history::rows(words, found, office.clock.now()),
            decisions: decisions.collect(),
            notes: notes.collect(),
            uploads: uploads.collect(),
            readers: readers.collect(),
            frame,
        }
    }
}
