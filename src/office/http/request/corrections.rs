//! Correcting one answer by its question's own field. The page shows beside it what was signed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::super::fields::{self, Field};
use super::super::frame::{Failure, Frame, show};
use super::super::session::{Posted, Staff, Visitor};
use super::super::words;
use super::{answers, note_opened, request_id};
use crate::domain::answers::{Answer, AnswerError};
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::{Catalogue, Question};
use crate::domain::request::RequestId;
use crate::language::Words;
use crate::office::Office;
use crate::office::corrections::{self, CorrectError, Correction, REASON_CHARACTERS_MAX, fingerprint};
use crate::office::database::requests::{self, StoredRequest};
use crate::office::people::Permission;
use crate::seal::keys::{hex, random, unhex};

#[derive(Template)]
#[template(path = "correction.html")]
struct CorrectionPage {
    frame: Frame,
    id: String,
    number: String,
    name: String,
    question: String,
    /// The answer that stands
    stands: String,
    field: Field,
    reason: String,
    reason_error: Option<String>,
    reason_max: usize,
    form: String,
    opened_with: String,
    has_errors: bool,
}

/// What was typed into the form, when it is shown again.
struct Typed<'a> {
    raw: &'a str,
    reason: &'a str,
    form: &'a str,
    opened_with: &'a str,
    error: Option<AnswerError>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path((id, question)): Path<(String, String)>,
) -> Result<Response, Failure> {
    staff.need(Permission::Correct)?;
    let catalogue = office.catalogue.now();
    let request = request_of(&office, &staff.visitor, &id).await?;
    let question = asked(&catalogue, &request, &question).ok_or_else(|| Failure::not_found(&staff.visitor))?;
    note_opened(&office, &staff, request.id).await?;
    let answer = request.answers.get(question.id());
    let raw = answer.map(Answer::raw).unwrap_or_default();
    let form = hex(&random::<16>());
    let typed = Typed { raw: &raw, reason: "", form: &form, opened_with: &fingerprint(answer), error: None };
    Ok(show(&correction_page(&catalogue, &staff, &request, question, typed, false))?.into_response())
}

pub async fn correct(
    State(office): State<Arc<Office>>,
    Path((id, question)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Correct)?;
    let visitor = &posted.staff.visitor;
    let form = posted.field("form");
    if unhex::<16>(form).is_none() {
        return Err(Failure::form_is_stale(visitor));
    }
    let catalogue = office.catalogue.now();
    let request = request_of(&office, visitor, &id).await?;
    // An answer may have fallen away since the page was opened.
    let question = asked(&catalogue, &request, &question).ok_or_else(|| conflict(visitor, request.id))?;
    let raw = fields::typed(&catalogue, question, &posted.fields);
    let reason = cleaned(posted.field("reason"));
    let becomes = match question.parse(&catalogue, &raw, riyadh_day(office.clock.now())) {
        Ok(answer) => Ok(Some(answer)),
        Err(AnswerError::Missing) if question.optional => Ok(None),
        Err(error) => Err(error),
    };
    let becomes = match becomes {
        Ok(becomes) if !reason.is_empty() => becomes,
        wrong => {
            let opened_with = posted.field("opened_with");
            let typed = Typed { raw: &raw, reason: &reason, form, opened_with, error: wrong.err() };
            let page = correction_page(&catalogue, &posted.staff, &request, question, typed, true);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
        }
    };
    let correction = Correction {
        form,
        question: question.id(),
        becomes,
        reason: &reason,
        opened_with: posted.field("opened_with"),
    };
    match corrections::correct(&office, &posted.staff.actor(), request.id, correction).await {
        Ok(()) => Ok(Redirect::to(&format!("/requests/{}", request.id)).into_response()),
        Err(CorrectError::NoSuchRequest) => Err(Failure::not_found(visitor)),
        Err(CorrectError::NotAsked | CorrectError::Meanwhile) => Err(conflict(visitor, request.id)),
        Err(CorrectError::Database(error)) => Err(error.into()),
    }
}

/// Somebody else was faster.
fn conflict(visitor: &Visitor, id: RequestId) -> Failure {
    let sentence = Words::of(visitor.language).get("office-correction-meanwhile");
    Failure::refused(visitor, StatusCode::CONFLICT, sentence, &format!("/requests/{id}"))
}

async fn request_of(office: &Office, visitor: &Visitor, id: &str) -> Result<StoredRequest, Failure> {
    let id = request_id(visitor, id)?;
    let mut reading = office.database.read().await?;
    requests::find(&mut reading, id).await?.ok_or_else(|| Failure::not_found(visitor))
}

fn asked<'a>(catalogue: &'a Catalogue, request: &StoredRequest, id: &str) -> Option<&'a Question> {
    let is_asked = catalogue.questions_for(&request.answers).any(|question| question.id() == id);
    catalogue.question(id).filter(|_| is_asked)
}

fn correction_page(
    catalogue: &Catalogue,
    staff: &Staff,
    request: &StoredRequest,
    question: &Question,
    typed: Typed<'_>,
    was_sent: bool,
) -> CorrectionPage {
    let frame = Frame::new(&staff.visitor, "request");
    let words = frame.words;
    let answer = request.answers.get(question.id());
    let stands = answer.map(|answer| answers::shown(catalogue, Some(question), words, answer));
    let mut field = fields::field(catalogue, words, question, typed.raw, answer);
    field.error = typed.error.as_ref().map(|error| fields::error(words, question, error));
    let reason_error = (was_sent && typed.reason.is_empty()).then(|| words.get("office-correction-reason-missing"));
    CorrectionPage {
        id: request.id.to_string(),
        number: words::number(words, request.tracking_number),
        name: words::name(words, request),
        question: question.id().to_owned(),
        stands: stands.unwrap_or_else(|| words.get("office-correction-no-answer")),
        has_errors: field.error.is_some() || reason_error.is_some(),
        field,
        reason: typed.reason.to_owned(),
        reason_error,
        reason_max: REASON_CHARACTERS_MAX,
        form: typed.form.to_owned(),
        opened_with: typed.opened_with.to_owned(),
        frame,
    }
}

fn cleaned(reason: &str) -> String {
    let kept: String = reason.chars().filter(|c| !c.is_control() || *c == '\n').take(REASON_CHARACTERS_MAX).collect();
    kept.trim().to_owned()
}
