//! The document checklist: what is missing, what was brought, what a person has verified.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::super::words;
use super::take_step;
use crate::domain::calendar::riyadh_day;
use crate::domain::documents::DocumentState;
use crate::domain::stage::{Event, Standing};
use crate::language::Words;
use crate::office::Office;
use crate::office::people::Permission;

/// A document was looked at: it does (`verified`) or it doesn't (`returned`).
pub async fn step(
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

pub struct DocumentRow {
    pub id: String,
    pub label: String,
    pub state: String,
    /// For the colour, which never says it alone
    pub state_class: &'static str,
    pub can_verify: bool,
    pub can_return: bool,
}

pub fn rows(office: &Office, staff: &Staff, words: &Words, standing: &Standing) -> Vec<DocumentRow> {
    let today = riyadh_day(office.clock.now());
    let may = staff.person.role.may(Permission::VerifyDocuments);
    let row = |(id, state): (&String, &DocumentState)| {
        let allowed = |event: Event| may && standing.allows(&event, today).is_ok();
        let verified = *state == DocumentState::Verified;
        DocumentRow {
            id: id.clone(),
            label: office.catalogue.document_label(id, words.language()).to_owned(),
            state: words::document_state(words, *state),
            state_class: match state {
                DocumentState::Missing => "missing",
                DocumentState::Brought => "brought",
                DocumentState::Verified => "verified",
            },
            can_verify: !verified && allowed(Event::DocumentVerified { document: id.clone() }),
            can_return: *state != DocumentState::Missing && allowed(Event::DocumentReturned { document: id.clone() }),
        }
    };
    standing.documents.iter().map(row).collect()
}
