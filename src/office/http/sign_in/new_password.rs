//! The step of somebody whose password was made by another: choosing an own one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::own_password::{self, Choice};
use super::super::session::{PostedByAnyone, Visitor, session_hash};
use super::{advance, onward, owing};
use crate::office::Office;
use crate::office::database::trail::{self, Actor};
use crate::office::database::{people, sessions};
use crate::office::sign_in::Owed;

#[derive(Template)]
#[template(path = "sign_in_password.html")]
struct NewPasswordPage {
    frame: Frame,
    rules: String,
    error: Option<String>,
}

impl NewPasswordPage {
    fn new(visitor: &Visitor, error: Option<String>) -> Self {
        let frame = Frame::new(visitor, "sign-in");
        Self { rules: own_password::rules(frame.words), frame, error }
    }
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    if owing(&visitor, Owed::Password).is_none() {
        return Ok(onward(&visitor));
    }
    Ok(show(&NewPasswordPage::new(&visitor, None))?.into_response())
}

pub async fn choose(State(office): State<Arc<Office>>, posted: PostedByAnyone) -> Result<Response, Failure> {
    let visitor = &posted.visitor;
    let Some(person) = owing(visitor, Owed::Password) else { return Ok(onward(visitor)) };
    own_password::take_own(&office, visitor, &person.id)?;
    let choice = Choice { new: posted.field("new"), again: posted.field("again") };
    let hash = match own_password::chosen(&office, visitor, person, choice).await? {
        Ok(hash) => hash,
        Err(error) => {
            let page = NewPasswordPage::new(visitor, Some(error));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
        }
    };
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    people::set_password(&mut writing, &person.id, &hash, false).await?;
    sessions::end_all(&mut writing, &person.id, visitor.token.as_deref().map(session_hash)).await?;
    trail::append(&mut writing, now, &Actor::Person(person.id.clone()), "password changed", "", json!({})).await?;
    let person = people::Person { password: hash, password_is_initial: false, ..person.clone() };
    // A code, where one is owed, was owed and proved before.
    let entered = advance(&office, &mut writing, visitor, &person, true).await?;
    writing.commit().await?;
    Ok(entered.respond(onward(&entered.visitor)))
}
