//! The end of a request without a delivery: withdrawn by the applicant, or closed for a reason.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::super::sessions::refused_with;
use super::super::words;
use super::{Found, request_id, required_note, take_step_once};
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{ClosingReason, Event};
use crate::domain::tracking_number::TrackingNumber;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::requests::{self, RecordedEvent, StoredRequest};
use crate::office::database::{Connection, DatabaseError};
use crate::office::people::Permission;

/// How the request ended.
pub struct EndedView {
    pub line: String,
    pub reason: Option<String>,
    /// Of a double: the id and number of the request that goes on
    pub other: Option<(String, String)>,
}

pub struct EndingPart {
    pub ended: Option<EndedView>,
    pub may_end: bool,
}

/// Of a double: the request that goes on.
pub async fn load_other(
    connection: &mut Connection,
    events: &[RecordedEvent],
) -> Result<Option<StoredRequest>, DatabaseError> {
    let other = events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Closed { other: Some(other), .. } => other.parse().ok(),
        _ => None,
    });
    match other {
        Some(other) => requests::find(connection, other).await,
        None => Ok(None),
    }
}

/// `why` is `withdrawn`, `double`, `expired` or `other`; a double names the other request by its tracking number.
pub async fn end(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::EndRequest)?;
    let visitor = &posted.staff.visitor;
    let request = request_id(visitor, &id)?;
    let note = required_note(&posted, &id, "office-ending-reason-missing")?;
    if posted.field("confirmed") != "yes" {
        return Err(unprocessable(&posted, request, "office-ending-unconfirmed"));
    }
    let closed = |why| Event::Closed { why, other: None };
    let event = match posted.field("why") {
        "withdrawn" => Event::Withdrawn,
        "expired" => closed(ClosingReason::Expired),
        "other" => closed(ClosingReason::Other),
        "double" => Event::Closed {
            why: ClosingReason::Double,
            other: Some(other_request(&office, &posted, request).await?.to_string()),
        },
        _ => return Err(Failure::form_is_stale(visitor)),
    };
    take_step_once(&office, &posted, &id, &event, note, "office-ending-reason").await
}

/// The one other request that bears the number which was typed.
async fn other_request(office: &Office, posted: &Posted, request: RequestId) -> Result<RequestId, Failure> {
    let wrong = || unprocessable(posted, request, "office-ending-other-missing");
    let number = TrackingNumber::parse(posted.field("number")).map_err(|_| wrong())?;
    let mut reading = office.database.read().await?;
    let mut found = requests::by_number(&mut reading, number).await?;
    found.retain(|other| other.id != request);
    match found.as_slice() {
        [other] => Ok(other.id),
        _ => Err(wrong()),
    }
}

fn unprocessable(posted: &Posted, request: RequestId, key: &str) -> Failure {
    let visitor = &posted.staff.visitor;
    let sentence = Words::of(visitor.language).get(key);
    let typed = [("office-ending-reason", posted.field("note")), ("office-ending-number", posted.field("number"))];
    let back = format!("/requests/{request}");
    refused_with(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, &back, &typed)
}

pub fn part(office: &Office, staff: &Staff, words: &Words, found: &Found) -> EndingPart {
    let is_end = |recorded: &&RecordedEvent| matches!(recorded.event, Event::Withdrawn | Event::Closed { .. });
    let ended = found.events.iter().find(is_end).map(|recorded| EndedView {
        line: words.format(
            "office-ending-line",
            &[
                ("what", words::event(words, &recorded.event, str::to_owned).into()),
                ("date", dates::both(words, riyadh_day(recorded.at)).into()),
            ],
        ),
        reason: recorded.reason.clone(),
        other: found.other.as_ref().map(|other| (other.id.to_string(), words::number(words, other.tracking_number))),
    });
    let today = riyadh_day(office.clock.now());
    let is_allowed = found.standing.allows(&Event::Withdrawn, today).is_ok();
    EndingPart { ended, may_end: is_allowed && staff.person.role.may(Permission::EndRequest) }
}
