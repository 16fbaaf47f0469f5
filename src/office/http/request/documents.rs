//! The document checklist: what is missing, what was brought, what a person has verified, and what else is asked for.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::super::words;
use super::uploads::{self, UploadRow};
use super::{Found, take_step};
use crate::domain::calendar::riyadh_day;
use crate::domain::documents::DocumentState;
use crate::domain::stage::Event;
use crate::language::Words;
use crate::office::Office;
use crate::office::people::Permission;

/// A document was looked at: it does (`verified`), it doesn't (`returned`, with the reason), the verification was a
/// mistake (`unverified`), or one more is needed (`asked`).
pub async fn step(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::VerifyDocuments)?;
    let visitor = &posted.staff.visitor;
    let document = posted.field("document").to_owned();
    let note = posted.field("note");
    let event = match posted.field("step") {
        "verified" => Event::DocumentVerified { document },
        "unverified" => Event::DocumentUnverified { document },
        "returned" if note.trim().is_empty() => {
            let sentence = Words::of(visitor.language).get("office-document-return-needs-reason");
            let back = format!("/requests/{id}#documents");
            return Err(Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, &back));
        }
        "returned" => Event::DocumentReturned { document },
        "asked" if office.catalogue.now().document(&document).is_some() => Event::DocumentAsked { document },
        _ => return Err(Failure::form_is_stale(visitor)),
    };
    take_step(&office, &posted, &id, &event, Some(note)).await
}

pub struct DocumentRow {
    pub id: String,
    pub label: String,
    pub state: String,
    /// For the colour, which never says it alone
    pub state_class: &'static str,
    pub can_verify: bool,
    pub can_unverify: bool,
    pub can_return: bool,
    pub can_upload: bool,
    pub uploads: Vec<UploadRow>,
}

pub fn rows(office: &Office, staff: &Staff, words: &Words, found: &Found) -> Vec<DocumentRow> {
    let standing = &found.standing;
    let today = riyadh_day(office.clock.now());
    let may = staff.person.role.may(Permission::VerifyDocuments);
    let row = |(id, state): (&String, &DocumentState)| {
        let allowed = |event: Event| may && standing.allows(&event, today).is_ok();
        let verified = *state == DocumentState::Verified;
        let document = || id.clone();
        DocumentRow {
            id: id.clone(),
            label: found.labels.document(id, words.language()),
            state: words::document_state(words, *state),
            state_class: match state {
                DocumentState::Missing => "missing",
                DocumentState::Brought => "brought",
                DocumentState::Verified => "verified",
            },
            can_verify: !verified && allowed(Event::DocumentVerified { document: document() }),
            can_unverify: verified && allowed(Event::DocumentUnverified { document: document() }),
            can_return: *state != DocumentState::Missing && allowed(Event::DocumentReturned { document: document() }),
            can_upload: allowed(Event::DocumentBrought { document: document() }),
            uploads: uploads::rows(office, words, found, id),
        }
    };
    standing.documents.iter().map(row).collect()
}

/// What else this request may be asked for: ids and labels; none where nothing can be asked any more.
pub fn askable(office: &Office, staff: &Staff, words: &Words, found: &Found) -> Vec<(String, String)> {
    if !staff.person.role.may(Permission::VerifyDocuments) {
        return Vec::new();
    }
    let today = riyadh_day(office.clock.now());
    let has = |id: &str| found.standing.allows(&Event::DocumentAsked { document: id.to_owned() }, today).is_err();
    found.labels.other_documents(has, words.language())
}
