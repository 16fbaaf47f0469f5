//! Who looks at a page: the language, the session, and the token that each form carries.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use chrono::TimeDelta;

use super::frame::Failure;
use crate::domain::language::Language;
use crate::office::Office;
use crate::office::caller::Caller;
use crate::office::database::trail::Actor;
use crate::office::database::{people, sessions};
use crate::office::day::witnesses::AGREE_WITHIN;
use crate::office::listening::{Owner, Place};
use crate::office::noise;
use crate::office::people::{Permission, Role};
use crate::office::sign_in::{HALF_WAY, IDLE, Owed, SESSION_HOURS};
use crate::seal::keys::{hex, sha256};

pub const SESSION_COOKIE: &str = "istiqbal_session";
pub const FORM_COOKIE: &str = "istiqbal_form";
pub const LANGUAGE_COOKIE: &str = "istiqbal_language";
/// Says in which browser a person has signed in before.
pub const BROWSER_COOKIE: &str = "istiqbal_browser";

/// The last use is written down no more often than this.
const USED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Whoever calls, signed in or not.
#[derive(Clone)]
pub struct Visitor {
    pub language: Language,
    /// Where the language switch leads back to: this page, or home after a form
    pub path: String,
    /// Over TLS, cookies are for TLS only
    pub caller: Caller,
    /// The session's secret, or that of the forms before signing in
    pub token: Option<String>,
    pub staff: Option<Person>,
    /// Who is half-way in, and what is still owed
    pub half_way: Option<HalfWay>,
    /// The secret of a browser in which somebody has signed in before
    pub browser: Option<String>,
}

/// Who has proved a part of what signing in asks.
#[derive(Clone)]
pub struct HalfWay {
    pub person: people::Person,
    pub owes: Owed,
}

/// Who is signed in.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub role: Role,
}

/// A caller who is signed in; anyone else is sent to sign in.
pub struct Staff {
    pub visitor: Visitor,
    pub person: Person,
}

/// A page of somebody signed in that asks by itself, as it does every other second. That isn't use: a page left alone
/// doesn't keep its session open.
pub struct OpenPage {
    pub visitor: Visitor,
}

/// A form of somebody signed in, whose token was right.
pub struct Posted {
    pub staff: Staff,
    /// Where it was sent
    pub action: String,
    pub fields: BTreeMap<String, String>,
}

/// A form from before signing in, whose token was right.
pub struct PostedByAnyone {
    pub visitor: Visitor,
    pub fields: BTreeMap<String, String>,
}

impl Visitor {
    /// Whoever calls; with `is_use`, the session counts as used.
    async fn of(parts: &Parts, office: &Office, is_use: bool) -> Result<Self, Failure> {
        let caller = office.staff_caller(&parts.headers, &parts.extensions);
        let cookie = |name: &str| cookie(parts, &cookie_name(name, caller.over_tls));
        let session = cookie(SESSION_COOKIE);
        let (staff, half_way) = match &session {
            Some(token) => of_session(office, token, is_use).await?,
            None => (None, None),
        };
        // Sessions that have ended come so, too: those of a browser that was left open.
        if session.is_some() && staff.is_none() && half_way.is_none() && noise::SESSIONS.lets_through() {
            tracing::info!(address = %caller.address, "a call with a session that isn't there, or is over");
        }
        if let (Some(person), Some(place)) = (&staff, parts.extensions.get::<Place>()) {
            place.belongs_to(owner(&person.id));
        }
        let token = if staff.is_some() || half_way.is_some() { session } else { cookie(FORM_COOKIE) };
        Ok(Self {
            language: cookie(LANGUAGE_COOKIE).and_then(|code| code.parse().ok()).unwrap_or(Language::Arabic),
            path: own_path(parts),
            caller,
            token,
            staff,
            half_way,
            browser: cookie(BROWSER_COOKIE),
        })
    }

    /// What each form carries in a hidden field: only our own pages can know it.
    pub fn form_token(&self) -> String {
        self.token.as_deref().map(form_token).unwrap_or_default()
    }

    /// A cookie that scripts don't see and other sites don't send.
    pub fn cookie(&self, name: &str, value: &str, max_age: TimeDelta) -> String {
        let secure = if self.caller.over_tls { "; Secure" } else { "" };
        let name = cookie_name(name, self.caller.over_tls);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}", max_age.num_seconds())
    }

    pub fn check_form(&self, fields: &BTreeMap<String, String>) -> Result<(), Failure> {
        let given = fields.get("form_token").map(String::as_str).unwrap_or_default();
        if self.fits_form(given) { Ok(()) } else { Err(Failure::form_is_stale(self)) }
    }

    /// Whether a form's token is the one that our pages carry.
    pub fn fits_form(&self, given: &str) -> bool {
        // Hashes are compared, so that the time taken says nothing about the token.
        let fits = self.token.is_some() && sha256(&[given.as_bytes()]) == sha256(&[self.form_token().as_bytes()]);
        if !fits && noise::FORMS.lets_through() {
            let person = self.staff.as_ref().map(|person| &person.id);
            tracing::warn!(person, address = %self.caller.address, "a form without a token of ours was refused");
        }
        fits
    }
}

impl Staff {
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person.id.clone())
    }

    /// Refuses what the role doesn't allow.
    pub fn need(&self, permission: Permission) -> Result<(), Failure> {
        if self.person.role.may(permission) {
            return Ok(());
        }
        let Person { id, role, .. } = &self.person;
        tracing::warn!(person = id, %role, ?permission, address = %self.visitor.caller.address, "a role was refused");
        Err(Failure::not_permitted(&self.visitor))
    }
}

/// What a session's secret is stored as: whoever reads the database can't sign in.
pub fn session_hash(token: &str) -> [u8; 32] {
    sha256(&[b"istiqbal session 1", token.as_bytes()])
}

pub fn form_token(token: &str) -> String {
    hex(&sha256(&[b"istiqbal form 1", token.as_bytes()]))
}

/// What a known browser's secret is stored as.
pub fn browser_hash(token: &str) -> [u8; 32] {
    sha256(&[b"istiqbal known browser 1", token.as_bytes()])
}

/// Whose connections these are, for the listener.
fn owner(person: &str) -> Owner {
    let mut owner = Owner::default();
    owner.copy_from_slice(&sha256(&[b"istiqbal owner 1", person.as_bytes()])[..16]);
    owner
}

/// Over TLS a browser itself keeps others from setting a cookie of this name (`__Host-`, RFC 6265bis).
fn cookie_name(name: &str, over_tls: bool) -> String {
    if over_tls { format!("__Host-{name}") } else { name.to_owned() }
}

async fn of_session(office: &Office, token: &str, is_use: bool) -> Result<(Option<Person>, Option<HalfWay>), Failure> {
    let now = office.clock.now();
    let hash = session_hash(token);
    let begun_after = now - TimeDelta::hours(SESSION_HOURS);
    let mut reading = office.database.read().await?;
    let found = sessions::find(&mut reading, hash, begun_after, now - IDLE, now + AGREE_WITHIN).await?;
    drop(reading);
    let Some(session) = found else { return Ok((None, None)) };
    let person = session.person;
    if let Some(owes) = session.owes {
        let is_over = session.begun_at <= now - HALF_WAY;
        return Ok((None, (!is_over).then_some(HalfWay { person, owes })));
    }
    if is_use && now - session.used_at >= USED_EVERY {
        let mut writing = office.database.write().await?;
        sessions::note_use(&mut writing, hash, &person.id, now).await?;
        writing.commit().await?;
    }
    Ok((Some(Person { id: person.id, name: person.name, role: person.role }), None))
}

fn own_path(parts: &Parts) -> String {
    let page = parts.uri.path_and_query().filter(|_| parts.method == Method::GET);
    page.map_or_else(|| "/".to_owned(), ToString::to_string)
}

fn cookie(parts: &Parts, name: &str) -> Option<String> {
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

impl FromRequestParts<Arc<Office>> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, office: &Arc<Office>) -> Result<Self, Failure> {
        Self::of(parts, office, true).await
    }
}

impl FromRequestParts<Arc<Office>> for Staff {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, office: &Arc<Office>) -> Result<Self, Failure> {
        let visitor = Visitor::of(parts, office, true).await?;
        match visitor.staff.clone() {
            Some(person) => Ok(Self { visitor, person }),
            None => Err(Failure::SignInFirst),
        }
    }
}

impl FromRequestParts<Arc<Office>> for OpenPage {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, office: &Arc<Office>) -> Result<Self, Failure> {
        let visitor = Visitor::of(parts, office, false).await?;
        if visitor.staff.is_some() { Ok(Self { visitor }) } else { Err(Failure::SessionEnded) }
    }
}

impl FromRequest<Arc<Office>> for PostedByAnyone {
    type Rejection = Failure;

    async fn from_request(request: Request, office: &Arc<Office>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let visitor = Visitor::of(&parts, office, true).await?;
        let request = Request::from_parts(parts, body);
        let Ok(Form(fields)) = Form::<BTreeMap<String, String>>::from_request(request, office).await else {
            return Err(Failure::form_is_stale(&visitor));
        };
        visitor.check_form(&fields)?;
        Ok(Self { visitor, fields })
    }
}

impl FromRequest<Arc<Office>> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, office: &Arc<Office>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        Staff::from_request_parts(&mut parts, office).await?;
        let action = parts.uri.path().to_owned();
        let posted = PostedByAnyone::from_request(Request::from_parts(parts, body), office).await?;
        match posted.visitor.staff.clone() {
            Some(person) => {
                Ok(Self { staff: Staff { visitor: posted.visitor, person }, action, fields: posted.fields })
            }
            None => Err(Failure::SignInFirst),
        }
    }
}

impl PostedByAnyone {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl Posted {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }
}
