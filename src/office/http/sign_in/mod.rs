//! Signing in, step by step, and out. Each step has its page; what a session owes decides which one is shown
//! (`office/sign_in.rs`).

mod code;
mod new_password;
mod second_factor;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::TimeDelta;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::session::{
    BROWSER_COOKIE, FORM_COOKIE, HalfWay, Person, PostedByAnyone, SESSION_COOKIE, Visitor, browser_hash, session_hash,
};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::trail::{self, Actor};
use crate::office::database::{Writing, people, second_factors, sessions};
use crate::office::noise;
use crate::office::people::UserName;
use crate::office::second_factor::SecondFactor;
use crate::office::sign_in::{HALF_WAY, KNOWN_BROWSER_DAYS, Owed, SESSION_HOURS, Source, Whom};
use crate::seal::keys::{hex, random};

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/sign-in", get(page).post(sign_in))
        .route("/sign-in/code", get(code::page).post(code::prove))
        .route("/sign-in/password", get(new_password::page).post(new_password::choose))
        .route("/sign-in/second-factor", get(second_factor::page).post(second_factor::confirm))
        .route("/sign-out", post(sign_out))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    association: String,
    error: Option<String>,
    /// By a restore, or as the database was rolled back
    passwords_were_lost: bool,
}

async fn page(State(office): State<Arc<Office>>, mut visitor: Visitor) -> Result<Response, Failure> {
    if visitor.staff.is_some() || visitor.half_way.is_some() {
        return Ok(onward(&visitor));
    }
    let token = visitor.token.get_or_insert_with(|| hex(&random::<32>())).clone();
    let cookie = visitor.cookie(FORM_COOKIE, &token, TimeDelta::hours(SESSION_HOURS));
    Ok(([(header::SET_COOKIE, cookie)], show(&sign_in_page(&office, &visitor, None).await?)?).into_response())
}

async fn sign_in(State(office): State<Arc<Office>>, posted: PostedByAnyone) -> Result<Response, Failure> {
    let visitor = &posted.visitor;
    let name = UserName::parse(posted.field("name")).ok();
    let now = office.clock.now();
    let person = match &name {
        Some(name) => people::find(&mut *office.database.read().await?, name).await?,
        None => None,
    };
    let whom = Whom::of(person.as_ref(), name.as_ref().map_or("", UserName::as_str));
    let source = source(&office, visitor, person.as_ref()).await?;
    let Some(tried) = office.limits.take_password(source, whom, now) else {
        note_refused(visitor, person.as_ref(), "too many tries");
        return refuse(&office, visitor, StatusCode::TOO_MANY_REQUESTS, "office-sign-in-too-many").await;
    };
    let hash = person.as_ref().map(|person| person.password.clone());
    let fits = office.passwords.fits(posted.field("password").to_owned(), hash).await.map_err(|error| {
        office.limits.password_was_not_checked(&tried);
        Failure::password_work(visitor, error)
    })?;
    let Some(person) = person.as_ref().filter(|person| fits && !person.is_disabled) else {
        note_refused(visitor, person.as_ref(), if fits { "disabled" } else { "wrong password" });
        return refuse(&office, visitor, StatusCode::UNAUTHORIZED, "office-sign-in-wrong").await;
    };
    office.limits.password_was_right(&tried);
    let mut writing = office.database.write().await?;
    let entered = advance(&office, &mut writing, visitor, person, false).await?;
    writing.commit().await?;
    Ok(entered.respond(onward(&entered.visitor)))
}

async fn sign_out(State(office): State<Arc<Office>>, posted: PostedByAnyone) -> Result<Response, Failure> {
    let visitor = &posted.visitor;
    if let Some(token) = &visitor.token {
        let mut writing = office.database.write().await?;
        sessions::end(&mut writing, session_hash(token)).await?;
        if let Some(person) = &visitor.staff {
            let actor = Actor::Person(person.id.clone());
            trail::append(&mut writing, office.clock.now(), &actor, "signed out", "", json!({})).await?;
        }
        writing.commit().await?;
    }
    Ok(signed_out(visitor))
}

/// Ends a session that can't go on, and begins again.
async fn start_again(office: &Office, visitor: &Visitor) -> Result<Response, Failure> {
    if let Some(token) = &visitor.token {
        let mut writing = office.database.write().await?;
        sessions::end(&mut writing, session_hash(token)).await?;
        writing.commit().await?;
    }
    Ok(signed_out(visitor))
}

/// Back to the beginning, with nothing left in the browser but that it is known.
pub fn signed_out(visitor: &Visitor) -> Response {
    let session = visitor.cookie(SESSION_COOKIE, "", TimeDelta::zero());
    let cleared = (HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"".to_owned());
    (AppendHeaders([(header::SET_COOKIE, session), cleared]), Redirect::to("/sign-in")).into_response()
}

/// A session that was begun by a step.
pub struct Entered {
    /// The visitor from now on
    pub visitor: Visitor,
    cookies: Vec<String>,
}

impl Entered {
    /// The answer with the new session's cookies.
    pub fn respond(&self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        // A cookie of ours is made of visible letters.
        for value in self.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

/// Takes the next step of somebody who has proved the password and, where `code_is_proved`, what the second factor asks:
/// the session before ends, and another begins under a new token, half-way or whole.
pub async fn advance(
    office: &Office,
    writing: &mut Writing,
    visitor: &Visitor,
    person: &people::Person,
    code_is_proved: bool,
) -> Result<Entered, Failure> {
    let now = office.clock.now();
    let has_second_factor = second_factors::secret(writing, &person.id).await?.is_some();
    let owes = Owed::by(person, has_second_factor, code_is_proved, &office.second_factor_for);
    let mut entered = begin(office, writing, visitor, person, owes).await?;
    if owes == Some(Owed::SecondFactor) {
        offer_second_factor(office, writing, &entered.visitor, &person.id).await?;
    }
    if owes.is_none() {
        let token = hex(&random::<32>());
        let before = visitor.browser.as_deref().map(browser_hash);
        sessions::know_browser(writing, before, browser_hash(&token), &person.id, now).await?;
        let days = TimeDelta::days(KNOWN_BROWSER_DAYS);
        sessions::forget_old_browsers(writing, now - days).await?;
        entered.cookies.push(visitor.cookie(BROWSER_COOKIE, &token, days));
        let details = json!({ "second_factor": has_second_factor });
        trail::append(writing, now, &Actor::Person(person.id.clone()), "signed in", "", details).await?;
    }
    Ok(entered)
}

/// Begins a session under a new token, in the place of the one before.
pub async fn begin(
    office: &Office,
    writing: &mut Writing,
    visitor: &Visitor,
    person: &people::Person,
    owes: Option<Owed>,
) -> Result<Entered, Failure> {
    let now = office.clock.now();
    let lasts = if owes.is_some() { HALF_WAY } else { TimeDelta::hours(SESSION_HOURS) };
    sessions::end_old(writing, now - TimeDelta::hours(SESSION_HOURS)).await?;
    if let Some(before) = &visitor.token {
        sessions::end(writing, session_hash(before)).await?;
    }
    let token = hex(&random::<32>());
    sessions::begin(writing, session_hash(&token), &person.id, owes, now).await?;
    let cookies =
        vec![visitor.cookie(SESSION_COOKIE, &token, lasts), visitor.cookie(FORM_COOKIE, "", TimeDelta::zero())];
    let staff = Person { id: person.id.clone(), name: person.name.clone(), role: person.role };
    let half_way = owes.map(|owes| HalfWay { person: person.clone(), owes });
    let staff = half_way.is_none().then_some(staff);
    Ok(Entered { visitor: Visitor { token: Some(token), staff, half_way, ..visitor.clone() }, cookies })
}

/// Makes a secret that is shown in this session alone, and that counts once a code has confirmed it.
pub async fn offer_second_factor(
    office: &Office,
    writing: &mut Writing,
    visitor: &Visitor,
    person: &str,
) -> Result<(), Failure> {
    let internal = |error: &dyn std::fmt::Display| Failure::Internal(error.to_string());
    let session = visitor.token.as_deref().map(session_hash).ok_or(Failure::SignInFirst)?;
    let factor = SecondFactor::random().map_err(|error| internal(&error))?;
    let sealed = factor.sealed(&office.keys.now(), person).map_err(|error| internal(&error))?;
    Ok(second_factors::offer(writing, person, session, &sealed, office.clock.now()).await?)
}

/// To the page that is next for this visitor.
fn onward(visitor: &Visitor) -> Response {
    Redirect::to(place(visitor)).into_response()
}

/// The page that is next for this visitor.
fn place(visitor: &Visitor) -> &'static str {
    let owes = visitor.half_way.as_ref().map(|half_way| half_way.owes);
    match (&visitor.staff, owes) {
        (Some(_), _) => "/",
        (None, None) => "/sign-in",
        (None, Some(Owed::Code)) => "/sign-in/code",
        (None, Some(Owed::Password)) => "/sign-in/password",
        (None, Some(Owed::SecondFactor)) => "/sign-in/second-factor",
    }
}

/// The person of a session that owes just this.
fn owing(visitor: &Visitor, owed: Owed) -> Option<&people::Person> {
    visitor.half_way.as_ref().filter(|half_way| half_way.owes == owed).map(|half_way| &half_way.person)
}

/// Where a try for this person comes from.
pub async fn source(office: &Office, visitor: &Visitor, person: Option<&people::Person>) -> Result<Source, Failure> {
    if let (Some(person), Some(browser)) = (person, &visitor.browser) {
        let after = office.clock.now() - TimeDelta::days(KNOWN_BROWSER_DAYS);
        let hash = browser_hash(browser);
        if sessions::knows_browser(&mut *office.database.read().await?, hash, &person.id, after).await? {
            return Ok(Source::KnownBrowser(hash));
        }
    }
    Ok(Source::Elsewhere(visitor.caller.address))
}

/// The log names no name: people type their passwords there, too.
pub fn note_refused(visitor: &Visitor, person: Option<&people::Person>, why: &str) {
    let address = visitor.caller.address;
    match person {
        Some(person) if noise::SIGN_INS_OF_STAFF.lets_through() => {
            tracing::warn!(person = person.id, %address, why, "a sign-in was refused");
        }
        None if noise::SIGN_INS_OF_NOBODY.lets_through() => {
            tracing::warn!(%address, why, "a sign-in under a name that nobody has was refused");
        }
        _ => {}
    }
}

async fn refuse(office: &Office, visitor: &Visitor, status: StatusCode, key: &str) -> Result<Response, Failure> {
    let error = Words::of(visitor.language).get(key);
    Ok((status, show(&sign_in_page(office, visitor, Some(error)).await?)?).into_response())
}

async fn sign_in_page(office: &Office, visitor: &Visitor, error: Option<String>) -> Result<SignInPage, Failure> {
    let without_password = people::count_without_password(&mut *office.database.read().await?).await?;
    Ok(SignInPage {
        frame: Frame::new(visitor, "sign-in"),
        association: office.catalogue.now().association.name.in_language(visitor.language).to_owned(),
        error,
        passwords_were_lost: without_password > 0,
    })
}
