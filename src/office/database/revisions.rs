//! The revision of a request: by it a form knows from which state of the request it was made.

use std::fmt;
use std::str::FromStr;

use super::requests::RecordedEvent;
use super::{Connection, DatabaseError, requests};
use crate::domain::request::RequestId;

/// The number of a request's newest change, and of its newest event (0 for none). Whatever changes a request gives it
/// another change ([`super::changes::add`]); the events say what has happened in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    change: i64,
    event: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a revision is two numbers with a dot between them")]
pub struct NoRevision;

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.change, self.event)
    }
}

impl FromStr for Revision {
    type Err = NoRevision;

    fn from_str(text: &str) -> Result<Self, NoRevision> {
        let (change, event) = text.split_once('.').ok_or(NoRevision)?;
        let number = |text: &str| text.parse().map_err(|_| NoRevision);
        Ok(Self { change: number(change)?, event: number(event)? })
    }
}

/// The revision in which a request is now.
pub async fn of(connection: &mut Connection, request: RequestId) -> Result<Revision, DatabaseError> {
    let change: Option<i64> = sqlx::query_scalar("SELECT number FROM change WHERE request = $1")
        .bind(request.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let event: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM request_event WHERE request = $1")
        .bind(request.to_string())
        .fetch_one(connection)
        .await?;
    Ok(Revision { change: change.unwrap_or(0), event })
}

/// The events that a request has had since a revision.
pub async fn events_since(
    connection: &mut Connection,
    request: RequestId,
    revision: Revision,
) -> Result<Vec<RecordedEvent>, DatabaseError> {
    requests::events_after(connection, request, revision.event).await
}
