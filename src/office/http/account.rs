//! The own account: password, second factor, sessions.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::TimeDelta;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::own_password::{self, Choice};
use super::second_factor::{self, Confirmed};
use super::session::{Posted, Staff, session_hash};
use super::sign_in;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::{people, second_factors, sessions, trail};
use crate::office::sign_in::{IDLE, SESSION_HOURS};
use crate::office::staff::{self, Change, StaffError};

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/account", get(page))
        .route("/account/password", post(change_password))
        .route("/account/second-factor", get(offered).post(offer))
        .route("/account/second-factor/confirmation", post(confirm))
        .route("/account/sign-out", post(sign_out_everywhere))
}

/// Where the form that confirms a second factor is sent to.
const CONFIRMATION: &str = "/account/second-factor/confirmation";

struct SessionRow {
    begun: String,
    used: String,
    is_this: bool,
}

/// Beside which form an error stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Password,
    SecondFactor,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    rules: String,
    sessions: Vec<SessionRow>,
    has_second_factor: bool,
    recovery_left: String,
    error: Option<(Part, String)>,
}

impl AccountPage {
    /// The sentence beside a part's form, if that is where something was wrong.
    fn error_of(&self, part: &Part) -> Option<&str> {
        self.error.as_ref().filter(|(found, _)| found == part).map(|(_, sentence)| sentence.as_str())
    }
}

async fn account_page(office: &Office, staff: &Staff, error: Option<(Part, &str)>) -> Result<Response, Failure> {
    let now = office.clock.now();
    let id = &staff.person.id;
    let mut reading = office.database.read().await?;
    let begun_after = now - TimeDelta::hours(SESSION_HOURS);
    let found = sessions::of_person(&mut reading, id, begun_after, now - IDLE).await?;
    let has_second_factor = second_factors::secret(&mut reading, id).await?.is_some();
    let left = second_factors::count_recovery_codes(&mut reading, id).await?;
    drop(reading);
    let frame = Frame::new(&staff.visitor, "account");
    let this = staff.visitor.token.as_deref().map(session_hash);
    let row = |session: sessions::ListedSession| SessionRow {
        begun: dates::time(frame.words, session.begun_at),
        used: dates::time(frame.words, session.used_at),
        is_this: Some(session.token_hash) == this,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = AccountPage {
        rules: own_password::rules(frame.words),
        sessions: found.into_iter().map(row).collect(),
        has_second_factor,
        recovery_left: frame.words.format("office-recovery-left", &[("count", left.into())]),
        error: error.map(|(part, sentence)| (part, sentence.to_owned())),
        frame,
    };
    Ok((status, show(&page)?).into_response())
}

async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    account_page(&office, &staff, None).await
}

async fn change_password(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let staff = &posted.staff;
    let visitor = &staff.visitor;
    let words = Words::of(visitor.language);
    let Some(person) = own_password::proved(&office, &posted, posted.field("old")).await? else {
        return account_page(&office, staff, Some((Part::Password, &words.get("office-password-old-wrong")))).await;
    };
    let choice = Choice { new: posted.field("new"), again: posted.field("again") };
    let hash = match own_password::chosen(&office, visitor, &person, choice).await? {
        Ok(hash) => hash,
        Err(error) => return account_page(&office, staff, Some((Part::Password, &error))).await,
    };
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    people::set_password(&mut writing, &person.id, &hash, false).await?;
    sessions::end_all(&mut writing, &person.id, None).await?;
    trail::append(&mut writing, now, &staff.actor(), "password changed", "", json!({})).await?;
    let entered = sign_in::begin(&office, &mut writing, visitor, &person, None).await?;
    writing.commit().await?;
    Ok(entered.respond(Redirect::to("/account")))
}

async fn offered(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    match second_factor::offered(&office, &staff.visitor, &staff.person.id).await? {
        Some(factor) => second_factor::set_up_page(&staff.visitor, &staff.person.name, &factor, CONFIRMATION, None),
        None => Ok(Redirect::to("/account").into_response()),
    }
}

/// A second factor that is there is replaced only by whoever has it: the password alone isn't enough.
async fn offer(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let visitor = &posted.staff.visitor;
    let person = match own_password::proved_anew(&office, &posted).await? {
        Ok(person) => person,
        Err(key) => {
            let error = Words::of(visitor.language).get(key);
            return account_page(&office, &posted.staff, Some((Part::SecondFactor, &error))).await;
        }
    };
    let mut writing = office.database.write().await?;
    sign_in::offer_second_factor(&office, &mut writing, visitor, &person.id).await?;
    writing.commit().await?;
    Ok(Redirect::to("/account/second-factor").into_response())
}

async fn confirm(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let (visitor, person) = (&posted.staff.visitor, &posted.staff.person);
    let mut writing = office.database.write().await?;
    match second_factor::confirm(&office, &mut writing, visitor, &person.id, posted.field("code")).await? {
        Confirmed::Now { codes } => {
            let person = people::by_id(&mut writing, &person.id).await?.ok_or(Failure::SignInFirst)?;
            let entered = sign_in::begin(&office, &mut writing, visitor, &person, None).await?;
            writing.commit().await?;
            Ok(entered.respond(second_factor::codes_page(&entered.visitor, codes)?))
        }
        Confirmed::Wrong(factor) => {
            second_factor::set_up_page(visitor, &person.name, &factor, CONFIRMATION, Some("office-code-wrong"))
        }
        Confirmed::Gone => Ok(Redirect::to("/account").into_response()),
    }
}

async fn sign_out_everywhere(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let staff = &posted.staff;
    match staff::change(&office.database, office.clock.now(), &staff.actor(), &staff.person.id, Change::SignOut).await {
        Ok(()) => Ok(sign_in::signed_out(&staff.visitor)),
        Err(StaffError::Database(error)) => Err(error.into()),
        Err(_) => Err(Failure::SignInFirst),
    }
}
