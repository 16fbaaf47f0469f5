//! The forms of a case: who steps aside, what is decided, and taking it off.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::Posted;
use super::{answered, change, form_id, request_id, version};
use crate::domain::stage::Decision;
use crate::office::Office;
use crate::office::committee::Deciding;
use crate::office::people::Permission;

/// `aside-MEMBER` fields name who steps aside.
pub async fn step_aside(
    State(office): State<Arc<Office>>,
    Path((session, request)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let visitor = &posted.staff.visitor;
    let (form, actor) = (form_id(&posted)?, posted.staff.actor());
    let id = request_id(visitor, &request)?;
    let members: Vec<&str> = posted.fields.keys().filter_map(|name| name.strip_prefix("aside-")).collect();
    let change = change(&office, &actor, &form);
    let done = change.set_asides(&session, version(&posted)?, id, &members).await;
    answered(visitor, done, &place(&session, &request), &[])
}

pub async fn decide(
    State(office): State<Arc<Office>>,
    Path((session, request)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Decide)?;
    let visitor = &posted.staff.visitor;
    let (form, actor) = (form_id(&posted)?, posted.staff.actor());
    let id = request_id(visitor, &request)?;
    let decision = match posted.field("decision") {
        "accepted" => Decision::Accepted,
        "refused" => Decision::Refused,
        _ => return Err(Failure::form_is_stale(visitor)),
    };
    let (reason, granted) = (posted.field("reason"), posted.field("granted"));
    let done = change(&office, &actor, &form).decide(&session, id, &Deciding { decision, reason, granted }).await;
    let typed = [("office-case-reason", reason), ("office-case-granted", granted)];
    answered(visitor, done, &place(&session, &request), &typed)
}

pub async fn take_off(
    State(office): State<Arc<Office>>,
    Path((session, request)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let visitor = &posted.staff.visitor;
    let (form, actor) = (form_id(&posted)?, posted.staff.actor());
    let id = request_id(visitor, &request)?;
    let done = change(&office, &actor, &form).take_off(&session, id).await;
    answered(visitor, done, &format!("/sessions/{session}"), &[])
}

/// Where the case stands on the session's page.
fn place(session: &str, request: &str) -> String {
    format!("/sessions/{session}#case-{request}")
}
