//! Setting up a second factor: the secret as a QR code and as text, one code that confirms it, and the recovery codes,
//! shown once. The same when signing in and on the page of the own account. Proving it, too: when signing in, and before
//! something that a password alone mustn't do.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use qrcode::EcLevel;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::qr::Qr;
use super::session::{Visitor, session_hash};
use super::sign_in::{note_refused, source};
use crate::language::isolate_ltr;
use crate::office::Office;
use crate::office::database::people::Person;
use crate::office::database::trail::{self, Actor};
use crate::office::database::{Connection, Writing, second_factors, sessions};
use crate::office::second_factor::{RECOVERY_CODES, SecondFactor, recovery_codes, recovery_hash};
use crate::office::sign_in::{HALF_WAY, WRONG_CODES_IN_A_ROW_MAX};

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
    /// Why they are shown
    done: String,
    /// Tells of wrong codes since the last right one
    wrong_before: Option<String>,
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

/// Outcome of a typed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Right {
        /// Number of wrong codes since the last right one
        wrong_before: u64,
        /// By the telephone's code, no recovery code
        by_telephone: bool,
    },
    Wrong,
    /// Too many were wrong in a row: only a recovery code or an administrator's reset helps
    Closed,
    /// Nothing was looked at: too many in a short time
    TooMany,
}

impl Proof {
    /// Gives the message's key for its person.
    pub fn message(self) -> &'static str {
        match self {
            Self::Right { .. } | Self::Wrong => "office-code-wrong",
            Self::Closed => "office-code-closed",
            Self::TooMany => "office-code-too-many",
        }
    }
}

/// Looks at a code of this moment, or a recovery code, and uses it up. A wrong one is counted in the same transaction: it
/// has to be committed in any case.
pub async fn prove(
    office: &Office,
    writing: &mut Writing,
    visitor: &Visitor,
    person: &Person,
    typed: &str,
) -> Result<Proof, Failure> {
    let now = office.clock.now();
    let source = source(office, visitor, Some(person)).await?;
    if !office.limits.take_code(&source, person, now) {
        note_refused(visitor, Some(person), "too many codes");
        return Ok(Proof::TooMany);
    }
    let Some(sealed) = second_factors::secret(writing, &person.id).await? else { return Ok(Proof::Wrong) };
    let factor = open(office, &person.id, &sealed)?;
    let wrong_before = second_factors::wrong_codes(writing, &person.id).await?;
    let is_closed = wrong_before >= WRONG_CODES_IN_A_ROW_MAX;
    let step = factor.step_of(typed, now);
    let is_right = match step {
        // A code of the telephone no longer counts.
        Some(_) if is_closed => false,
        Some(step) => second_factors::use_step(writing, &person.id, step).await?,
        None => use_recovery_code(office, writing, &person.id, typed).await?,
    };
    if is_right {
        office.limits.code_was_right(&source, person);
        second_factors::forget_wrong_codes(writing, &person.id).await?;
        return Ok(Proof::Right { wrong_before, by_telephone: step.is_some() });
    }
    second_factors::count_wrong_code(writing, &person.id).await?;
    let why = match step {
        Some(_) if is_closed => "too many wrong codes in a row",
        Some(_) => "a code that was used before",
        None => "wrong code",
    };
    note_refused(visitor, Some(person), why);
    Ok(if wrong_before + 1 >= WRONG_CODES_IN_A_ROW_MAX { Proof::Closed } else { Proof::Wrong })
}

async fn use_recovery_code(office: &Office, writing: &mut Writing, person: &str, typed: &str) -> Result<bool, Failure> {
    let used = second_factors::use_recovery_code(writing, person, recovery_hash(person, typed)).await?;
    if used {
        let left = second_factors::count_recovery_codes(writing, person).await?;
        let actor = Actor::Person(person.to_owned());
        let details = json!({ "left": left });
        trail::append(writing, office.clock.now(), &actor, "recovery code used", "", details).await?;
    }
    Ok(used)
}

/// The secret that was offered to a person in this session a moment ago.
pub async fn offered(office: &Office, visitor: &Visitor, person: &str) -> Result<Option<SecondFactor>, Failure> {
    let sealed = offered_secret(office, &mut *office.database.read().await?, visitor, person).await?;
    sealed.map(|sealed| open(office, person, &sealed)).transpose()
}

async fn offered_secret(
    office: &Office,
    connection: &mut Connection,
    visitor: &Visitor,
    person: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(session) = visitor.token.as_deref().map(session_hash) else { return Ok(None) };
    Ok(second_factors::offered(connection, person, session, office.clock.now() - HALF_WAY).await?)
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
    let Some(sealed) = offered_secret(office, writing, visitor, person).await? else {
        return Ok(Confirmed::Gone);
    };
    let factor = open(office, person, &sealed)?;
    let Some(step) = factor.step_of(typed, now) else { return Ok(Confirmed::Wrong(factor)) };
    second_factors::confirm(writing, person, &sealed, step, now).await?;
    let codes = make_recovery_codes(writing, person).await?;
    sessions::end_all(writing, person, visitor.token.as_deref().map(session_hash)).await?;
    trail::append(writing, now, &Actor::Person(person.to_owned()), "second factor set up", "", json!({})).await?;
    Ok(Confirmed::Now { codes })
}

async fn make_recovery_codes(writing: &mut Writing, person: &str) -> Result<[String; RECOVERY_CODES], Failure> {
    let codes = recovery_codes();
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| recovery_hash(person, code)).collect();
    second_factors::set_recovery_codes(writing, person, &hashes).await?;
    Ok(codes)
}

/// Gives recovery codes to who has none left, as after a restore, and has proved the telephone.
pub async fn recovery_codes_for_none(
    office: &Office,
    writing: &mut Writing,
    person: &str,
) -> Result<Option<[String; RECOVERY_CODES]>, Failure> {
    if second_factors::count_recovery_codes(writing, person).await? > 0 {
        return Ok(None);
    }
    let codes = make_recovery_codes(writing, person).await?;
    let actor = Actor::Person(person.to_owned());
    trail::append(writing, office.clock.now(), &actor, "recovery codes given", "", json!({})).await?;
    Ok(Some(codes))
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

/// The page with new recovery codes, after the second factor was set up.
pub fn codes_page(visitor: &Visitor, codes: [String; RECOVERY_CODES]) -> Result<Response, Failure> {
    show_codes(visitor, codes, "office-recovery-done", None)
}

/// The same in the place of earlier ones; with what there is to say of wrong codes.
pub fn renewed_codes_page(
    visitor: &Visitor,
    codes: [String; RECOVERY_CODES],
    wrong_before: Option<String>,
) -> Result<Response, Failure> {
    show_codes(visitor, codes, "office-recovery-renewed", wrong_before)
}

fn show_codes(
    visitor: &Visitor,
    codes: [String; RECOVERY_CODES],
    done: &str,
    wrong_before: Option<String>,
) -> Result<Response, Failure> {
    let frame = Frame::new(visitor, "account");
    let codes = codes.iter().map(|code| isolate_ltr(code)).collect();
    Ok(show(&CodesPage { done: frame.t(done), wrong_before, codes, frame })?.into_response())
}

fn open(office: &Office, person: &str, sealed: &[u8]) -> Result<SecondFactor, Failure> {
    let factor = SecondFactor::open(&office.keys.now(), person, sealed);
    factor.map_err(|error| Failure::Internal(error.to_string()))
}
