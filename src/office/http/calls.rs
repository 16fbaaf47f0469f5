//! Calls for staff: the banner on every page, the answer "I'm coming", and today's calls.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::frame::{Failure, Frame, show};
use super::moment::Moment;
use super::session::{OpenPage, Posted, Staff};
use super::words;
use crate::domain::calendar::riyadh_day;
use crate::language::Words;
use crate::office::Office;
use crate::office::calls;
use crate::office::database::calls::{self as table, CallId, StoredCall};
use crate::seal::keys::hex;

/// A call on the banner.
pub struct OpenCall {
    /// As it stands in addresses
    pub id: String,
    pub kiosk: String,
    pub place: String,
    pub language: String,
    pub age: String,
    pub is_answered: bool,
}

/// What the banner shows, without the frame.
#[derive(Template)]
#[template(path = "calls_open.html")]
struct OpenCalls {
    frame: Frame,
    calls: Vec<OpenCall>,
}

#[derive(Deserialize)]
pub struct OpenQuery {
    /// Whether somebody can see the page: a tab in the background doesn't count
    #[serde(default)]
    visible: bool,
}

/// What every page asks for every other second.
pub async fn open(
    State(office): State<Arc<Office>>,
    page: OpenPage,
    Query(query): Query<OpenQuery>,
) -> Result<Html<String>, Failure> {
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let watched_at = table::watched_at(&mut reading).await?;
    let found = calls::open(&mut reading, now).await?;
    drop(reading);
    if query.visible {
        calls::note_watched(&office, watched_at).await?;
    }
    let frame = Frame::new(&page.visitor, "");
    let on_banner = |(call, name): &(StoredCall, String)| OpenCall {
        id: hex(&call.id),
        kiosk: words::kiosk(frame.words, call.kiosk, name),
        place: words::call_place(frame.words, call.place),
        language: frame.words.format("office-call-language", &[("language", call.language.own_name().into())]),
        age: frame
            .words
            .format("office-call-since", &[("duration", duration(frame.words, now - call.called_at).into())]),
        is_answered: call.coming_at.is_some(),
    };
    show(&OpenCalls { calls: found.iter().map(on_banner).collect(), frame })
}

/// Somebody says "I'm coming": whoever is signed in may.
pub async fn come(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let id = call_id(&id).ok_or_else(|| Failure::not_found(&posted.staff.visitor))?;
    calls::answer(&office, &posted.staff.actor(), id).await?;
    Ok(Redirect::to("/calls").into_response())
}

pub struct Row {
    /// As it stands in addresses
    pub id: String,
    pub kiosk: String,
    pub place: String,
    pub when: Moment,
    pub outcome: String,
    pub is_waiting: bool,
}

#[derive(Template)]
#[template(path = "calls.html")]
struct CallsPage {
    frame: Frame,
    rows: Vec<Row>,
}

/// Today's calls; also where a page without scripts answers them.
pub async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let mut found = table::since(&mut reading, now - TimeDelta::days(1)).await?;
    drop(reading);
    found.retain(|(call, _)| riyadh_day(call.called_at) == riyadh_day(now));
    let frame = Frame::new(&staff.visitor, "calls");
    let row = |(call, name): &(StoredCall, String)| Row {
        id: hex(&call.id),
        kiosk: words::kiosk(frame.words, call.kiosk, name),
        place: words::call_place(frame.words, call.place),
        when: Moment::new(frame.words, call.called_at, now),
        outcome: outcome(frame.words, call, now),
        is_waiting: call.coming_at.is_none() && calls::is_open(call, now),
    };
    Ok(show(&CallsPage { rows: found.iter().map(row).collect(), frame })?.into_response())
}

/// That somebody came and after how long, never who (P13).
fn outcome(words: &Words, call: &StoredCall, now: DateTime<Utc>) -> String {
    let after =
        |key: &str, at: DateTime<Utc>| words.format(key, &[("duration", duration(words, at - call.called_at).into())]);
    match (call.coming_at, call.ended_at) {
        (Some(at), _) => after("office-call-answered", at),
        (None, None) if calls::is_open(call, now) => words.get("office-call-waiting"),
        (None, ended_at) => after("office-call-unanswered", ended_at.unwrap_or(call.last_asked_at)),
    }
}

/// Seconds up to two minutes, then minutes.
fn duration(words: &Words, duration: TimeDelta) -> String {
    let seconds = duration.num_seconds().max(0);
    if seconds < 120 {
        words.format("office-duration-seconds", &[("count", seconds.into())])
    } else {
        words.format("office-duration-minutes", &[("count", (seconds / 60).into())])
    }
}

/// 32 hexadecimal digits
fn call_id(text: &str) -> Option<CallId> {
    let number = u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32)?;
    Some(number.to_be_bytes())
}
