//! Setting up a second factor: the secret as a QR code and as text, one code that confirms it, and the recovery codes,
//! shown once. The same when signing in and on the page of the own account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use qrcode::EcLevel;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::qr::Qr;
use super::session::{Visitor, session_hash};
use crate::language::isolate_ltr;
use crate::office::Office;
use crate::office::database::trail::{self, Actor};
use crate::office::database::{Writing, second_factors, sessions};
use crate::office::second_factor::{RECOVERY_CODES, SecondFactor, recovery_codes, recovery_hash};
use crate::office::sign_in::HALF_WAY;

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SetUpPage {
    frame: Frame,
    qr: Qr,
    secret: String,
    /// Where the form is sent to
    place: &'static str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<String>,
}

/// What came of the code that shall confirm a secret.
pub enum Confirmed {
    /// The second factor counts from now on; the recovery codes are shown once
    Now { codes: [String; RECOVERY_CODES] },
    /// The code doesn't belong to the secret: it is shown again
    Wrong(SecondFactor),
    /// Nothing is offered, or no longer
    Gone,
}

/// The secret that was offered to a person a moment ago.
pub async fn offered(office: &Office, person: &str) -> Result<Option<SecondFactor>, Failure> {
    let after = office.clock.now() - HALF_WAY;
    let sealed = second_factors::offered(&mut *office.database.read().await?, person, after).await?;
    sealed.map(|sealed| open(office, person, &sealed)).transpose()
}

/// Makes the offered secret the second factor when the code belongs to it; all other sessions of the person end.
pub async fn confirm(
    office: &Office,
    writing: &mut Writing,
    visitor: &Visitor,
    person: &str,
    typed: &str,
) -> Result<Confirmed, Failure> {
    let now = office.clock.now();
    let Some(sealed) = second_factors::offered(writing, person, now - HALF_WAY).await? else {
        return Ok(Confirmed::Gone);
    };
    let factor = open(office, person, &sealed)?;
    let Some(step) = factor.step_of(typed, now) else { return Ok(Confirmed::Wrong(factor)) };
    second_factors::confirm(writing, person, &sealed, step, now).await?;
    let codes = recovery_codes();
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| recovery_hash(person, code)).collect();
    second_factors::set_recovery_codes(writing, person, &hashes).await?;
    sessions::end_all(writing, person, visitor.token.as_deref().map(session_hash)).await?;
    trail::append(writing, now, &Actor::Person(person.to_owned()), "second factor set up", "", json!({})).await?;
    Ok(Confirmed::Now { codes })
}

/// The page with the secret; with the message of an error, when a code was wrong.
pub fn set_up_page(
    visitor: &Visitor,
    name: &str,
    factor: &SecondFactor,
    place: &'static str,
    error: Option<&str>,
) -> Result<Response, Failure> {
    let frame = Frame::new(visitor, "account");
    let qr = Qr::of(&factor.address(name), EcLevel::M).map_err(|error| Failure::Internal(error.to_string()))?;
    // In groups of four, as it is typed.
    let text: Vec<char> = factor.text().chars().collect();
    let groups: Vec<String> = text.chunks(4).map(|group| group.iter().collect()).collect();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|key| frame.t(key));
    let page = SetUpPage { qr, secret: isolate_ltr(&groups.join(" ")), place, error, frame };
    Ok((status, show(&page)?).into_response())
}

pub fn codes_page(visitor: &Visitor, codes: [String; RECOVERY_CODES]) -> Result<Response, Failure> {
    let codes = codes.iter().map(|code| isolate_ltr(code)).collect();
    Ok(show(&CodesPage { frame: Frame::new(visitor, "account"), codes })?.into_response())
}

fn open(office: &Office, person: &str, sealed: &[u8]) -> Result<SecondFactor, Failure> {
    let factor = SecondFactor::open(&office.keys.now(), person, sealed);
    factor.map_err(|error| Failure::Internal(error.to_string()))
}
