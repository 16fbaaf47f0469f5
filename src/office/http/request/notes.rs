//! The staff's notes on a request: added, and withdrawn by whoever wrote them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::history::actor;
use super::{Found, request_id};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::notes::{self, NoteId};
use crate::office::database::{requests, trail};
use crate::office::people::Permission;
use crate::office::steps;

/// A note as the page shows it.
pub struct NoteRow {
    pub id: String,
    pub text: String,
    pub who: String,
    pub when: String,
    /// It is the reader's own
    pub can_withdraw: bool,
}

pub fn rows(words: &Words, staff: &Staff, found: &Found) -> Vec<NoteRow> {
    let own = staff.actor().to_string();
    let may = staff.person.role.may(Permission::WriteNotes);
    let row = |note: &notes::StoredNote| NoteRow {
        id: note.id.to_string(),
        text: note.text.clone(),
        who: actor(words, &note.author, &found.names),
        when: dates::time(words, note.at),
        can_withdraw: may && note.author == own,
    };
    found.notes.iter().map(row).collect()
}

pub async fn add(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::WriteNotes)?;
    let visitor = &posted.staff.visitor;
    let request = request_id(visitor, &id)?;
    let Some(note) = NoteId::parse(posted.field("id")) else { return Err(Failure::form_is_stale(visitor)) };
    let text = steps::shortened(posted.field("text"));
    let back = format!("/requests/{request}#notes");
    if text.is_empty() {
        let sentence = Words::of(visitor.language).get("office-note-empty");
        return Err(Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, &back));
    }
    let (now, author) = (office.clock.now(), posted.staff.actor());
    let mut writing = office.database.write().await?;
    if requests::find(&mut writing, request).await?.is_none() {
        return Err(Failure::not_found(visitor));
    }
    if let Some(hash) = notes::add(&mut writing, request, note, &author, &text, now).await? {
        let details = json!({ "note": note.to_string(), "text": hash });
        trail::append(&mut writing, now, &author, "note added", &request.to_string(), details).await?;
        writing.commit().await?;
    }
    Ok(Redirect::to(&back).into_response())
}

pub async fn withdraw(
    State(office): State<Arc<Office>>,
    Path((id, note)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::WriteNotes)?;
    let visitor = &posted.staff.visitor;
    let request = request_id(visitor, &id)?;
    let note = NoteId::parse(&note).ok_or_else(|| Failure::not_found(visitor))?;
    let (now, author) = (office.clock.now(), posted.staff.actor());
    let mut writing = office.database.write().await?;
    if !notes::withdraw(&mut writing, request, note, &author, now).await? {
        return Err(Failure::not_found(visitor));
    }
    let details = json!({ "note": note.to_string() });
    trail::append(&mut writing, now, &author, "note withdrawn", &request.to_string(), details).await?;
    writing.commit().await?;
    Ok(Redirect::to(&format!("/requests/{request}#notes")).into_response())
}
