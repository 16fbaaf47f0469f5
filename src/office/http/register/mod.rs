//! Registering a request at the desk or by telephone: one page with all questions that apply after the answers so far. It is
//! sent as often as needed; what newly applies is shown, nothing that was typed is lost, and nothing is stored before the end.

mod declaration;
mod form;
mod page;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use self::form::Form;
use self::page::{RegisterPage, Shown};
use super::frame::{Failure, Frame, show};
use super::session::{Posted, Staff};
use super::words;
use crate::domain::calendar::{not_before, riyadh_day};
use crate::domain::catalogue::Catalogue;
use crate::domain::request::RequestId;
use crate::domain::tracking_number::KioskNumber;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::requests;
use crate::office::desk::{self, RegisterError};
use crate::office::people::Permission;

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/register", get(begin).post(go_on))
        .route("/register/declaration", post(declaration::print))
        .route("/register/{id}", get(done))
}

async fn begin(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    staff.need(Permission::Register)?;
    let catalogue = office.catalogue.now();
    let form = Form::new(&catalogue, riyadh_day(office.clock.now()));
    Ok(show(&RegisterPage::new(&catalogue, &staff, &form, Shown::default())?)?.into_response())
}

async fn go_on(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::Register)?;
    let catalogue = office.catalogue.now();
    let today = riyadh_day(office.clock.now());
    let form = Form::sent(&catalogue, today, &posted).ok_or_else(|| Failure::form_is_stale(&posted.staff.visitor))?;
    let wants_end = posted.field("step") == "register";
    let is_same = form.seen == form.seen_now(&catalogue).map_err(|error| Failure::Internal(error.to_string()))?;
    if !wants_end || !form.is_complete(&catalogue) || !form.privacy_told || !form.is_declared || !is_same {
        return again(&catalogue, &posted, &form, wants_end);
    }
    let (id, actor) = (form.request_id(&posted), posted.staff.actor());
    match desk::register(&office, &actor, form.into_request(&catalogue, id)).await {
        Ok(()) => Ok(Redirect::to(&format!("/register/{id}")).into_response()),
        Err(RegisterError::OtherAnswers) => {
            let sentence = Words::of(posted.staff.visitor.language).get("office-register-other-answers");
            Err(Failure::refused(&posted.staff.visitor, StatusCode::CONFLICT, sentence, &format!("/requests/{id}")))
        }
        Err(RegisterError::Log(error)) => {
            tracing::error!("{error}");
            let sentence = Words::of(posted.staff.visitor.language).get("office-register-not-kept");
            Err(Failure::refused(&posted.staff.visitor, StatusCode::SERVICE_UNAVAILABLE, sentence, "/register"))
        }
        Err(error @ RegisterError::BrokenOff(_)) => {
            tracing::error!("{error}");
            let sentence = Words::of(posted.staff.visitor.language).get("office-register-broken-off");
            Err(Failure::refused(&posted.staff.visitor, StatusCode::INTERNAL_SERVER_ERROR, sentence, "/register"))
        }
        Err(RegisterError::Database(error)) => Err(error.into()),
        Err(error @ RegisterError::NoNumber) => Err(Failure::Internal(error.to_string())),
    }
}

/// The form once more, with what is missing or newly asked.
fn again(catalogue: &Catalogue, posted: &Posted, form: &Form, wants_end: bool) -> Result<Response, Failure> {
    let shown = Shown { was_sent: true, wants_end };
    let page = RegisterPage::new(catalogue, &posted.staff, form, shown)?;
    let status = if page.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, show(&page)?).into_response())
}

/// After the end: the number, and the receipt to print.
#[derive(Template)]
#[template(path = "registered.html")]
struct RegisteredPage {
    frame: Frame,
    id: String,
    number: String,
    number_in_other_digits: String,
    not_before: String,
    missing: Vec<String>,
}

async fn done(State(office): State<Arc<Office>>, staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    staff.need(Permission::Register)?;
    let id: RequestId = id.parse().map_err(|_| Failure::not_found(&staff.visitor))?;
    let mut reading = office.database.read().await?;
    let request = requests::find(&mut reading, id).await?.filter(|request| request.kiosk == KioskNumber::DESK);
    let request = request.ok_or_else(|| Failure::not_found(&staff.visitor))?;
    let standing = requests::standing(&mut reading, id).await?;
    drop(reading);
    let frame = Frame::new(&staff.visitor, "register");
    let words = frame.words;
    let catalogue = office.catalogue.now();
    let missing = standing.map(|standing| standing.missing_documents()).unwrap_or_default();
    let page = RegisteredPage {
        id: id.to_string(),
        number: words::number(words, request.tracking_number),
        number_in_other_digits: words::number_in_other_digits(words, request.tracking_number),
        not_before: words.format(
            "office-registered-not-before",
            &[("date", dates::both(words, not_before(request.received_on)).into())],
        ),
        missing: missing.iter().map(|id| catalogue.document_label(id, words.language()).to_owned()).collect(),
        frame,
    };
    Ok(show(&page)?.into_response())
}
