//! Requests whose time is over: announced, held back, or to be erased.

use chrono::{DateTime, NaiveDate, Utc};

use super::trail::salted_hash;
use super::{Connection, DatabaseError, rows};
use crate::domain::request::RequestId;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::keys;

/// A request that was announced and is not erased.
#[derive(Clone, Debug)]
pub struct Announced {
    pub request: RequestId,
    pub tracking_number: TrackingNumber,
    pub service: String,
    /// The day of the last thing that happened with it
    pub ended_on: NaiveDate,
    pub announced_on: NaiveDate,
    pub held: Option<Held>,
}

/// Why a request isn't erased though its time is over.
#[derive(Clone, Debug)]
pub struct Held {
    pub at: DateTime<Utc>,
    /// As the trail writes an actor
    pub by: String,
    pub reason: String,
}

/// Ended requests with which nothing has happened since a day, and which aren't announced yet, or were by a clock that was
/// ahead; at most `limit`. A refusal ends a request, too: the day counts from it, or from what came later.
pub async fn to_announce(
    connection: &mut Connection,
    through: NaiveDate,
    today: NaiveDate,
    limit: u32,
) -> Result<Vec<RequestId>, DatabaseError> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT request.id FROM request JOIN request_event ON request_event.request = request.id
         WHERE request.stage IN ('delivered', 'refused', 'withdrawn', 'closed') AND request.erased_at IS NULL
             AND request.received_on <= $1 AND COALESCE(request.kept_from, '') <= $1
             AND NOT EXISTS (SELECT 1 FROM retention WHERE retention.request = request.id
                             AND (retention.announced_on <= $2 OR retention.held_at IS NOT NULL))
         GROUP BY request.id HAVING MAX(request_event.on_day) <= $1
         ORDER BY MAX(request_event.on_day), request.id LIMIT $3",
    )
    .bind(through.to_string())
    .bind(today.to_string())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    found.iter().map(|id| rows::request_id(id)).collect()
}

pub async fn announce(connection: &mut Connection, request: RequestId, on: NaiveDate) -> Result<(), DatabaseError> {
    let set = "INSERT INTO retention (request, announced_on) VALUES ($1, $2)
               ON CONFLICT (request) DO UPDATE SET announced_on = excluded.announced_on";
    sqlx::query(set).bind(request.to_string()).bind(on.to_string()).execute(connection).await?;
    Ok(())
}

/// What is announced, the earliest end first.
pub async fn announced(connection: &mut Connection, limit: u32, offset: u32) -> Result<Vec<Announced>, DatabaseError> {
    type Row = (String, String, String, String, String, Option<i64>, Option<String>, Option<String>);
    let found: Vec<Row> = sqlx::query_as(
        "SELECT request.id, request.tracking_number, request.service, MAX(request_event.on_day),
             retention.announced_on, retention.held_at, retention.held_by, retention.reason
         FROM retention JOIN request ON request.id = retention.request
             JOIN request_event ON request_event.request = request.id
         WHERE request.erased_at IS NULL
         GROUP BY request.id, request.tracking_number, request.service, retention.announced_on, retention.held_at,
             retention.held_by, retention.reason
         ORDER BY MAX(request_event.on_day), request.id LIMIT $1 OFFSET $2",
    )
    .bind(i64::from(limit))
    .bind(i64::from(offset))
    .fetch_all(connection)
    .await?;
    let announced = |(id, number, service, ended_on, announced_on, held_at, by, reason): Row| {
        let held = held_at.map(|at| held_of(at, by, reason));
        Ok(Announced {
            request: rows::request_id(&id)?,
            tracking_number: rows::tracking_number(&number)?,
            service,
            ended_on: rows::day(&ended_on)?,
            announced_on: rows::day(&announced_on)?,
            held: held.transpose()?,
        })
    };
    Ok(rows::readable(found, "retention", announced))
}

/// Requests that may be erased today: their last day is not after `ended_through`, they were announced no later than
/// `announced_through`, and nobody holds them back.
pub async fn due(
    connection: &mut Connection,
    ended_through: NaiveDate,
    announced_through: NaiveDate,
    limit: u32,
) -> Result<Vec<RequestId>, DatabaseError> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT request.id FROM retention JOIN request ON request.id = retention.request
             JOIN request_event ON request_event.request = request.id
         WHERE request.erased_at IS NULL AND retention.held_at IS NULL AND retention.announced_on <= $2
             AND request.stage IN ('delivered', 'refused', 'withdrawn', 'closed')
             AND COALESCE(request.kept_from, '') <= $1
         GROUP BY request.id HAVING MAX(request_event.on_day) <= $1 ORDER BY request.id LIMIT $3",
    )
    .bind(ended_through.to_string())
    .bind(announced_through.to_string())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    found.iter().map(|id| rows::request_id(id)).collect()
}

/// How many are announced and neither held back nor erased.
pub async fn count_waiting(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM retention JOIN request ON request.id = retention.request
         WHERE request.erased_at IS NULL AND retention.held_at IS NULL",
    )
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

pub async fn count(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM retention JOIN request ON request.id = retention.request WHERE request.erased_at IS NULL",
    )
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

/// Why a request is held back, where it is.
pub async fn held(connection: &mut Connection, request: RequestId) -> Result<Option<Held>, DatabaseError> {
    let found: Option<(i64, Option<String>, Option<String>)> =
        sqlx::query_as("SELECT held_at, held_by, reason FROM retention WHERE request = $1 AND held_at IS NOT NULL")
            .bind(request.to_string())
            .fetch_optional(connection)
            .await?;
    found.map(|(at, by, reason)| held_of(at, by, reason)).transpose()
}

/// Holds a request back; the answer is the reason's hash for the trail, `None` when it isn't announced, held already, or
/// erased: no erasure would find a reason that comes afterwards.
pub async fn hold(
    connection: &mut Connection,
    request: RequestId,
    reason: &str,
    (now, by): (DateTime<Utc>, &str),
) -> Result<Option<String>, DatabaseError> {
    let salt = keys::random::<16>().to_vec();
    let done = sqlx::query(
        "UPDATE retention SET held_at = $2, held_by = $3, reason = $4, salt = $5
         WHERE request = $1 AND held_at IS NULL
             AND EXISTS (SELECT 1 FROM request WHERE id = $1 AND erased_at IS NULL)",
    )
    .bind(request.to_string())
    .bind(rows::millis(now))
    .bind(by)
    .bind(reason)
    .bind(&salt)
    .execute(connection)
    .await?;
    Ok((done.rows_affected() > 0).then(|| salted_hash(&salt, reason)))
}

/// Lets go of a request that was held back; it is announced anew, so that nobody is surprised. False when it wasn't held.
pub async fn let_go(connection: &mut Connection, request: RequestId, on: NaiveDate) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "UPDATE retention SET held_at = NULL, held_by = NULL, reason = NULL, salt = NULL, announced_on = $2
         WHERE request = $1 AND held_at IS NOT NULL",
    )
    .bind(request.to_string())
    .bind(on.to_string())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

fn held_of(at: i64, by: Option<String>, reason: Option<String>) -> Result<Held, DatabaseError> {
    Ok(Held { at: rows::time(at)?, by: by.unwrap_or_default(), reason: reason.unwrap_or_default() })
}
