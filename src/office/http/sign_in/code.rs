//! The second step: a one-time code, or one of the recovery codes.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::session::{PostedByAnyone, Visitor, session_hash};
use super::{advance, note_refused, onward, owing, refuse, source};
use crate::office::Office;
use crate::office::database::trail::{self, Actor};
use crate::office::database::{Writing, second_factors, sessions};
use crate::office::second_factor::{SecondFactor, recovery_hash};
use crate::office::sign_in::Owed;

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    frame: Frame,
    error: Option<String>,
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    if owing(&visitor, Owed::Code).is_none() {
        return Ok(onward(&visitor));
    }
    Ok(show(&CodePage { frame: Frame::new(&visitor, "sign-in"), error: None })?.into_response())
}

pub async fn prove(State(office): State<Arc<Office>>, posted: PostedByAnyone) -> Result<Response, Failure> {
    let visitor = &posted.visitor;
    let Some(person) = owing(visitor, Owed::Code) else { return Ok(onward(visitor)) };
    let now = office.clock.now();
    let source = source(&office, visitor, Some(person)).await?;
    if !office.limits.take_code(&source, &person.id, now) {
        note_refused(visitor, Some(person), "too many codes");
        // Whoever goes on needs the password again.
        let mut writing = office.database.write().await?;
        if let Some(token) = &visitor.token {
            sessions::end(&mut writing, session_hash(token)).await?;
        }
        writing.commit().await?;
        return refuse(&office, visitor, StatusCode::TOO_MANY_REQUESTS, "office-code-too-many");
    }
    let mut writing = office.database.write().await?;
    if !is_right(&office, &mut writing, &person.id, posted.field("code")).await? {
        note_refused(visitor, Some(person), "wrong code");
        let frame = Frame::new(visitor, "sign-in");
        let error = Some(frame.t("office-code-wrong"));
        return Ok((StatusCode::UNAUTHORIZED, show(&CodePage { frame, error })?).into_response());
    }
    office.limits.code_was_right(&source, &person.id);
    let entered = advance(&office, &mut writing, visitor, person, true).await?;
    writing.commit().await?;
    Ok(entered.respond(onward(&entered.visitor)))
}

/// Uses up what was typed: a code of this moment, or a recovery code.
async fn is_right(office: &Office, writing: &mut Writing, person: &str, typed: &str) -> Result<bool, Failure> {
    let Some(sealed) = second_factors::secret(writing, person).await? else { return Ok(false) };
    let factor = SecondFactor::open(&office.keys.now(), person, &sealed);
    let factor = factor.map_err(|error| Failure::Internal(error.to_string()))?;
    if let Some(step) = factor.step_of(typed, office.clock.now()) {
        return Ok(second_factors::use_step(writing, person, step).await?);
    }
    let used = second_factors::use_recovery_code(writing, person, recovery_hash(person, typed)).await?;
    if used {
        let left = second_factors::count_recovery_codes(writing, person).await?;
        let actor = Actor::Person(person.to_owned());
        let details = json!({ "left": left });
        trail::append(writing, office.clock.now(), &actor, "recovery code used", "", details).await?;
    }
    Ok(used)
}
