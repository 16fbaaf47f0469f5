//! All sessions, and the form that makes one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::session::{Posted, Staff};
use super::{change, day, form_id, members, refused, title};
use crate::domain::calendar::riyadh_day;
use crate::language::dates;
use crate::office::Office;
use crate::office::database::committee_sessions::{self as sessions, Eligible};
use crate::office::database::taken_forms::FormId;
use crate::office::database::{committee_cases as cases, trail};
use crate::office::people::Permission;

const PAGE_ROWS: u32 = 25;

#[derive(Deserialize)]
pub struct ListQuery {
    page: Option<u32>,
}

struct Row {
    id: String,
    title: String,
    date: String,
    cases: String,
    state: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "sessions/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    may_hold: bool,
    today: String,
    eligible: Vec<Eligible>,
    form_id: FormId,
    earlier: Option<u32>,
    later: Option<u32>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let frame = Frame::new(&staff.visitor, "sessions");
    let words = frame.words;
    let number = query.page.unwrap_or(1).clamp(1, 100_000);
    let mut reading = office.database.read().await?;
    let count = sessions::count(&mut reading).await?;
    let mut rows = Vec::new();
    for session in sessions::page(&mut reading, PAGE_ROWS, (number - 1) * PAGE_ROWS).await? {
        let (all, decided) = cases::counts(&mut reading, &session.id).await?;
        let is_open = session.sealed.is_none();
        rows.push(Row {
            title: title(words, &session),
            date: dates::gregorian(words, session.on),
            cases: words.format("office-session-cases-count", &[("count", all.into()), ("decided", decided.into())]),
            state: words.get(if is_open { "office-session-open" } else { "office-session-sealed" }),
            is_open,
            id: session.id,
        });
    }
    let may_hold = staff.person.role.may(Permission::HoldSessions);
    let eligible = if may_hold { sessions::eligible(&mut reading).await? } else { Vec::new() };
    drop(reading);
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let details = json!({ "count": rows.len() });
    trail::append(&mut writing, now, &staff.actor(), "list opened", "sessions", details).await?;
    writing.commit().await?;
    let page = ListPage {
        rows,
        may_hold,
        today: riyadh_day(now).to_string(),
        eligible,
        form_id: FormId::random(),
        earlier: (number > 1).then(|| number - 1),
        later: (u64::from(number) * u64::from(PAGE_ROWS) < count).then(|| number + 1),
        frame,
    };
    Ok(show(&page)?.into_response())
}

pub async fn make(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let visitor = &posted.staff.visitor;
    let form = form_id(&posted)?;
    let on = day(&posted, "/sessions")?;
    let actor = posted.staff.actor();
    match change(&office, &actor, &form).open(on, &members::posted(&posted)).await {
        Ok(Some(session)) => Ok(Redirect::to(&format!("/sessions/{session}")).into_response()),
        // The same form came twice: the session stands first in the list.
        Ok(None) => Ok(Redirect::to("/sessions").into_response()),
        Err(error) => {
            let typed = [("office-session-members-outside", posted.field("outside"))];
            Err(refused(visitor, error, "/sessions", &typed))
        }
    }
}
