//! The delivery (P21).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::{Step, offered, take_step};
use crate::domain::calendar::riyadh_day;
use crate::domain::stage::{Ending, Event, Standing};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::people::Permission;

pub async fn deliver(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Deliver)?;
    take_step(&office, &posted, &id, &Event::Delivered, None).await
}

pub fn step(office: &Office, staff: &Staff, words: &Words, standing: &Standing) -> Step {
    if let Some(on) = standing.delivered_on {
        let line = words.format("office-delivery-done", &[("date", dates::both(words, on).into())]);
        return Step { line, possible: false, reason: None };
    }
    let line = words.get(match standing.ended {
        Some(Ending::Withdrawn) => "office-stage-withdrawn",
        Some(Ending::Closed) => "office-stage-closed",
        None => "office-delivery-not-yet",
    });
    let allowed = standing.allows(&Event::Delivered, riyadh_day(office.clock.now()));
    offered(words, line, allowed, staff.person.role.may(Permission::Deliver), "office-step-role-deliver")
}
