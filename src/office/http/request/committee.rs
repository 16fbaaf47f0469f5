//! The research committee's part of the page.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::{Step, offered, take_step};
use crate::domain::calendar::riyadh_day;
use crate::domain::stage::{Committee, Decision, Event, Standing};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::people::Permission;

pub async fn decide(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Decide)?;
    let decision = match posted.field("decision") {
        "accepted" => Decision::Accepted,
        "refused" => Decision::Refused,
        _ => return Err(Failure::form_is_stale(&posted.staff.visitor)),
    };
    take_step(&office, &posted, &id, &Event::Decided { decision, session: None }, Some(posted.field("note"))).await
}

pub fn step(office: &Office, staff: &Staff, words: &Words, standing: &Standing) -> Step {
    let date = |key: &str, day| words.format(key, &[("date", dates::both(words, day).into())]);
    let line = match standing.committee {
        Committee::UnderStudy => words.get("office-committee-under-study"),
        Committee::Accepted { on } => date("office-committee-accepted", on),
        Committee::Refused { on } => date("office-committee-refused", on),
    };
    if standing.committee != Committee::UnderStudy {
        return Step { line, possible: false, reason: None };
    }
    let today = riyadh_day(office.clock.now());
    let allowed = standing.allows(&Event::Decided { decision: Decision::Accepted, session: None }, today);
    offered(words, line, allowed, staff.person.role.may(Permission::Decide), "office-step-role-decide")
}
