//! The second step: a one-time code, or one of the recovery codes.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::frame::{Failure, Frame, show};
use super::super::second_factor::{self, Proof};
use super::super::session::{PostedByAnyone, Visitor, session_hash};
use super::{advance, onward, owing, place, refuse};
use crate::office::Office;
use crate::office::database::sessions;
use crate::office::sign_in::Owed;

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    frame: Frame,
    error: Option<String>,
}

/// Tells a person of wrong codes since the last right one.
#[derive(Template)]
#[template(path = "sign_in_wrong_codes.html")]
struct WrongCodesPage {
    frame: Frame,
    about: String,
    /// The page that is next
    onward: &'static str,
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
    let mut writing = office.database.write().await?;
    let typed = posted.field("code");
    let (wrong_before, by_telephone) = match second_factor::prove(&office, &mut writing, visitor, person, typed).await?
    {
        Proof::Right { wrong_before, by_telephone } => (wrong_before, by_telephone),
        Proof::TooMany => {
            // To go on, the password is needed again.
            if let Some(token) = &visitor.token {
                sessions::end(&mut writing, session_hash(token)).await?;
            }
            writing.commit().await?;
            return refuse(&office, visitor, StatusCode::TOO_MANY_REQUESTS, "office-code-too-many").await;
        }
        wrong @ (Proof::Wrong | Proof::Closed) => {
            writing.commit().await?;
            let frame = Frame::new(visitor, "sign-in");
            let error = Some(frame.t(wrong.message()));
            return Ok((StatusCode::UNAUTHORIZED, show(&CodePage { frame, error })?).into_response());
        }
    };
    let new_codes = match by_telephone {
        true => second_factor::recovery_codes_for_none(&office, &mut writing, &person.id).await?,
        false => None,
    };
    let entered = advance(&office, &mut writing, visitor, person, true).await?;
    writing.commit().await?;
    let frame = Frame::new(&entered.visitor, "sign-in");
    let about = frame.words.format("office-code-wrong-before", &[("count", wrong_before.into())]);
    if let Some(codes) = new_codes {
        let about = (wrong_before > 0).then_some(about);
        return Ok(entered.respond(second_factor::renewed_codes_page(&entered.visitor, codes, about)?));
    }
    if wrong_before == 0 {
        return Ok(entered.respond(onward(&entered.visitor)));
    }
    let page = show(&WrongCodesPage { about, onward: place(&entered.visitor), frame })?;
    Ok(entered.respond(page))
}
