//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::session::{FORM_COOKIE, Posted, PostedByAnyone, SESSION_COOKIE, SESSION_HOURS, Visitor, session_hash};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::people;
use crate::office::database::trail::{self, Actor};
use crate::office::people::{UserName, password_fits};
use crate::seal::keys::{hex, random};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    association: String,
    error: Option<String>,
}

pub async fn page(State(office): State<Arc<Office>>, mut visitor: Visitor) -> Result<Response, Failure> {
    if visitor.staff.is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    let token = visitor.token.get_or_insert_with(|| hex(&random::<32>())).clone();
    let cookie = visitor.cookie(FORM_COOKIE, &token, TimeDelta::hours(SESSION_HOURS));
    Ok(([(header::SET_COOKIE, cookie)], show(&sign_in_page(&office, &visitor, None))?).into_response())
}

pub async fn sign_in(State(office): State<Arc<Office>>, posted: PostedByAnyone) -> Result<Response, Failure> {
    let visitor = &posted.visitor;
    let field = |name: &str| posted.fields.get(name).map(String::as_str).unwrap_or_default();
    let name = UserName::parse(field("name")).ok();
    let now = office.clock.now();
    let limited = name.as_ref().map_or("", UserName::as_str);
    if !office.sign_ins.allowed(limited, now) {
        return refuse(&office, visitor, StatusCode::TOO_MANY_REQUESTS, "office-sign-in-too-many");
    }
    // Counted before the check, so that many tries at once don't slip through.
    office.sign_ins.wrong(limited, now);
    let person = match &name {
        Some(name) => people::find(&mut *office.database.read().await?, name).await?,
        None => None,
    };
    let hash = person.as_ref().map(|person| person.password.clone());
    if !check_password(&office, field("password").to_owned(), hash).await? {
        tracing::warn!("a sign-in was refused");
        return refuse(&office, visitor, StatusCode::UNAUTHORIZED, "office-sign-in-wrong");
    }
    let Some(person) = person else {
        return refuse(&office, visitor, StatusCode::UNAUTHORIZED, "office-sign-in-wrong");
    };
    office.sign_ins.right(limited);
    let token = hex(&random::<32>());
    let mut writing = office.database.write().await?;
    people::end_old_sessions(&mut writing, now - TimeDelta::hours(SESSION_HOURS)).await?;
    people::begin_session(&mut writing, session_hash(&token), &person.id, now).await?;
    trail::append(&mut writing, now, &Actor::Person(person.id), "signed in", "", json!({})).await?;
    writing.commit().await?;
    let session = visitor.cookie(SESSION_COOKIE, &token, TimeDelta::hours(SESSION_HOURS));
    let form = visitor.cookie(FORM_COOKIE, "", TimeDelta::zero());
    let cookies = AppendHeaders([(header::SET_COOKIE, session), (header::SET_COOKIE, form)]);
    Ok((cookies, Redirect::to("/")).into_response())
}

pub async fn sign_out(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let visitor = &posted.staff.visitor;
    if let Some(token) = &visitor.token {
        let mut writing = office.database.write().await?;
        people::end_session(&mut writing, session_hash(token)).await?;
        trail::append(&mut writing, office.clock.now(), &posted.staff.actor(), "signed out", "", json!({})).await?;
        writing.commit().await?;
    }
    let session = visitor.cookie(SESSION_COOKIE, "", TimeDelta::zero());
    Ok(([(header::SET_COOKIE, session)], Redirect::to("/sign-in")).into_response())
}

/// Argon2id takes its time and memory: off the async threads, and only a few at once.
async fn check_password(office: &Office, password: String, hash: Option<String>) -> Result<bool, Failure> {
    let internal = |error: &dyn std::fmt::Display| Failure::Internal(error.to_string());
    let _turn = office.password_checks.acquire().await.map_err(|error| internal(&error))?;
    tokio::task::spawn_blocking(move || password_fits(&password, hash.as_deref()))
        .await
        .map_err(|error| internal(&error))
}

fn refuse(office: &Office, visitor: &Visitor, status: StatusCode, key: &str) -> Result<Response, Failure> {
    let error = Words::of(visitor.language).get(key);
    Ok((status, show(&sign_in_page(office, visitor, Some(error)))?).into_response())
}

fn sign_in_page(office: &Office, visitor: &Visitor, error: Option<String>) -> SignInPage {
    SignInPage {
        frame: Frame::new(visitor, "sign-in"),
        association: office.catalogue.association.name.in_language(visitor.language).to_owned(),
        error,
    }
}
