//! The staff: who may sign in and as what. By name, never in an order that ranks anybody (P13).

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::session::{Posted, Staff};
use super::{own_password, words};
use crate::language::{Words, dates, isolate_ltr};
use crate::office::Office;
use crate::office::database::people::{self, ListedPerson};
use crate::office::database::trail;
use crate::office::passwords;
use crate::office::people::{FullName, Permission, Role, UserName};
use crate::office::staff::{self, Change, NewPassword, StaffError};

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/people", get(page).post(add))
        .route("/people/{person}/role", post(change_role))
        .route("/people/{person}/full-name", post(change_full_name))
        .route("/people/{person}/disabling", post(disable))
        .route("/people/{person}/enabling", post(enable))
        .route("/people/{person}/password", post(reset_password))
        .route("/people/{person}/second-factor", post(reset_second_factor))
        .route("/people/{person}/sign-out", post(sign_out))
}

/// A role as a form offers it.
struct RoleChoice {
    word: &'static str,
    label: String,
    is_this: bool,
}

struct Row {
    id: String,
    name: String,
    full_name: String,
    role: String,
    roles: Vec<RoleChoice>,
    second_factor: String,
    lacks_second_factor: bool,
    last_seen: String,
    is_disabled: bool,
    /// Empty where it is the person's own
    password: String,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    rows: Vec<Row>,
    roles: Vec<RoleChoice>,
}

/// A password that was made for somebody: shown once, and never again.
#[derive(Template)]
#[template(path = "people_password.html")]
struct PasswordPage {
    frame: Frame,
    about: String,
    password: String,
}

async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    staff.need(Permission::ManagePeople)?;
    let found = people::all(&mut *office.database.read().await?).await?;
    let mut writing = office.database.write().await?;
    let details = json!({ "count": found.len() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "list opened", "people", details).await?;
    writing.commit().await?;
    let frame = Frame::new(&staff.visitor, "people");
    let rows = found.into_iter().map(|person| row(&office, frame.words, person)).collect();
    let roles = roles(frame.words, Role::Reception);
    Ok(show(&PeoplePage { rows, roles, frame })?.into_response())
}

fn row(office: &Office, words: &Words, person: ListedPerson) -> Row {
    let is_asked_for = office.second_factor_for.contains(&person.role);
    let second_factor = match (person.has_second_factor, is_asked_for) {
        (true, _) => "office-people-factor-on",
        (false, true) => "office-people-factor-owed",
        (false, false) => "office-people-factor-off",
    };
    Row {
        role: words::role(words, person.role),
        roles: roles(words, person.role),
        second_factor: words.get(second_factor),
        lacks_second_factor: is_asked_for && !person.has_second_factor,
        last_seen: match person.last_seen_at {
            Some(at) => dates::time(words, at),
            None => words.get("office-people-never-seen"),
        },
        is_disabled: person.is_disabled,
        password: match (person.has_password, person.password_is_initial) {
            (false, _) => words.get("office-people-no-password"),
            (true, true) => words.get("office-people-initial"),
            (true, false) => String::new(),
        },
        id: person.id,
        name: person.name,
        full_name: person.full_name.unwrap_or_default(),
    }
}

fn roles(words: &Words, this: Role) -> Vec<RoleChoice> {
    let choice =
        |role: Role| RoleChoice { word: role.as_str(), label: words::role(words, role), is_this: role == this };
    Role::ALL.into_iter().map(choice).collect()
}

async fn add(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManagePeople)?;
    let visitor = &posted.staff.visitor;
    let name = UserName::parse(posted.field("name")).map_err(|_| {
        let sentence = Words::of(visitor.language).get("office-people-name-wrong");
        Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, "/people")
    })?;
    let full_name = full_name(&posted)?;
    let role: Role = posted.field("role").parse().map_err(|_| Failure::form_is_stale(visitor))?;
    let (password, kept) = initial_password(&office, &posted).await?;
    let now = office.clock.now();
    let added = staff::add(&office.database, now, &posted.staff.actor(), &name, full_name.as_ref(), role, kept).await;
    added.map_err(|error| failure(&posted, error))?;
    password_page(&posted, name.as_str(), &password)
}

async fn reset_password(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManagePeople)?;
    let person = people::by_id(&mut *office.database.read().await?, &id).await?;
    let person = person.ok_or_else(|| Failure::not_found(&posted.staff.visitor))?;
    let (password, kept) = initial_password(&office, &posted).await?;
    let now = office.clock.now();
    let reset = staff::reset_password(&office.database, now, &posted.staff.actor(), &id, kept).await;
    reset.map_err(|error| failure(&posted, error))?;
    password_page(&posted, &person.name, &password)
}

/// A generated password and its hash: somebody else sees it, so its person chooses another at the next sign-in.
async fn initial_password(office: &Office, posted: &Posted) -> Result<(String, NewPassword), Failure> {
    own_password::take_own(office, &posted.staff.visitor, &posted.staff.person.id)?;
    let password = passwords::generated();
    let hash = office.passwords.hash(password.clone()).await;
    let hash = hash.map_err(|error| Failure::password_work(&posted.staff.visitor, error))?;
    Ok((password, NewPassword { hash, is_initial: true }))
}

fn password_page(posted: &Posted, name: &str, password: &str) -> Result<Response, Failure> {
    let frame = Frame::new(&posted.staff.visitor, "people");
    let about = frame.words.format("office-people-password-about", &[("name", name.into())]);
    Ok(show(&PasswordPage { about, password: isolate_ltr(password), frame })?.into_response())
}

async fn change_role(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManagePeople)?;
    let role = posted.field("role").parse().map_err(|_| Failure::form_is_stale(&posted.staff.visitor))?;
    change(&office, &id, &posted, Change::Role(role)).await
}

async fn change_full_name(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManagePeople)?;
    let full_name = full_name(&posted)?;
    change(&office, &id, &posted, Change::FullName(full_name)).await
}

fn full_name(posted: &Posted) -> Result<Option<FullName>, Failure> {
    let visitor = &posted.staff.visitor;
    FullName::parse_optional(posted.field("full_name")).map_err(|_| {
        let sentence = Words::of(visitor.language).get("office-people-full-name-wrong");
        Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, "/people")
    })
}

async fn disable(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    change(&office, &id, &posted, Change::Disable).await
}

async fn enable(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    change(&office, &id, &posted, Change::Enable).await
}

async fn reset_second_factor(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    change(&office, &id, &posted, Change::ResetSecondFactor).await
}

async fn sign_out(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    change(&office, &id, &posted, Change::SignOut).await
}

async fn change(office: &Office, id: &str, posted: &Posted, change: Change) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManagePeople)?;
    let changed = staff::change(&office.database, office.clock.now(), &posted.staff.actor(), id, change).await;
    changed.map_err(|error| failure(posted, error))?;
    Ok(Redirect::to("/people").into_response())
}

fn failure(posted: &Posted, error: StaffError) -> Failure {
    let visitor = &posted.staff.visitor;
    let conflict =
        |key: &str| Failure::refused(visitor, StatusCode::CONFLICT, Words::of(visitor.language).get(key), "/people");
    match error {
        StaffError::UserExists(_) => conflict("office-people-name-taken"),
        StaffError::LastAdministrator => conflict("office-people-last-administrator"),
        StaffError::NoSuchUser => Failure::not_found(visitor),
        StaffError::Database(error) => error.into(),
    }
}
