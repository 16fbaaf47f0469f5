//! The delivery, in parts or at once: only of what was accepted, with whole documents (P21).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::history::actor;
use super::{Found, Step, offered, required_note, take_step_once};
use crate::domain::calendar::riyadh_day;
use crate::domain::stage::{Ending, Event};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::people::Permission;

/// What was handed over, and when.
pub struct Part {
    pub title: String,
    pub note: Option<String>,
    pub when: String,
    pub who: String,
}

pub struct DeliveryPart {
    pub step: Step,
    pub parts: Vec<Part>,
}

/// `part` is `part` for one of several, `last` for the last or all of it.
pub async fn deliver(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::Deliver)?;
    let event = match posted.field("part") {
        "part" => Event::PartDelivered,
        "last" => Event::Delivered,
        _ => return Err(Failure::form_is_stale(&posted.staff.visitor)),
    };
    let note = required_note(&posted, &id, "office-delivery-note-missing")?;
    take_step_once(&office, &posted, &id, &event, note, "office-delivery-note").await
}

pub fn part(office: &Office, staff: &Staff, words: &Words, found: &Found) -> DeliveryPart {
    let delivered = found.events.iter().filter(|one| matches!(one.event, Event::PartDelivered | Event::Delivered));
    let parts = (1_usize..).zip(delivered).map(|(number, recorded)| Part {
        title: match recorded.event {
            Event::Delivered => words.get("office-delivery-last-part"),
            _ => words.format("office-delivery-part", &[("number", number.into())]),
        },
        note: recorded.reason.clone(),
        when: dates::time(words, recorded.at),
        who: actor(words, &recorded.actor, &found.names),
    });
    DeliveryPart { parts: parts.collect(), step: step(office, staff, words, found) }
}

fn step(office: &Office, staff: &Staff, words: &Words, found: &Found) -> Step {
    let standing = &found.standing;
    if let Some(on) = standing.delivered_on {
        let line = words.format("office-delivery-done", &[("date", dates::both(words, on).into())]);
        return Step { line, possible: false, reason: None };
    }
    let line = words.get(match standing.ended {
        Some(Ending::Withdrawn) => "office-stage-withdrawn",
        Some(Ending::Closed) => "office-stage-closed",
        None if standing.parts_delivered_on.is_empty() => "office-delivery-not-yet",
        None => "office-delivery-partly",
    });
    let allowed = standing.allows(&Event::Delivered, riyadh_day(office.clock.now()));
    offered(words, line, allowed, staff.person.role.may(Permission::Deliver), "office-step-role-deliver")
}
