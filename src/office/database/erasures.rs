//! Erasing a request or a suggestion: everything personal is destroyed; what stays names nobody.
//!
//! What stays of a request is the row with id, tracking number, service, stage and days, for the figures, the committee's and the
//! delivery's events without their reasons, and the trail. **Every table with personal data has its line in [`erase_request`]**;
//! a test (`src/office/tests/erasure.rs`) knows every column and fails when one is new.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};

use super::envelopes::{self, About};
use super::{
    Connection, DatabaseError, Writing, asks, changes, committee_cases, notes, notices, persons, requests, rows,
    suggestions, uploads,
};
use crate::domain::answers::Answers;
use crate::domain::request::RequestId;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::HeaderHash;
use crate::seal::keys::hex;

/// What was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Erased {
    Request {
        request: RequestId,
        tracking_number: TrackingNumber,
    },
    /// By the hash of its envelope's header
    Suggestion(HeaderHash),
}

/// What was erased, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Erasure {
    pub what: Erased,
    pub at: DateTime<Utc>,
}

impl Erased {
    /// Under which id the trail names it.
    pub fn subject(&self) -> String {
        match self {
            Self::Request { request, .. } => request.to_string(),
            Self::Suggestion(hash) => hex(&hash.0),
        }
    }
}

/// Destroys what was erased, and remembers it. It need not be here: after a restore only the log may know it. The caller has
/// written the log (`office/erasure`) before.
pub async fn erase(writing: &mut Writing, erasure: Erasure) -> Result<(), DatabaseError> {
    match erasure.what {
        Erased::Request { request, tracking_number } => {
            erase_request(writing, (request, tracking_number), erasure.at).await
        }
        Erased::Suggestion(hash) => suggestions::erase(writing, hash, erasure.at).await,
    }
}

/// Destroys everything personal of a request, remembers that it is erased, and lets the kiosks forget it.
async fn erase_request(
    writing: &mut Writing,
    (request, tracking_number): (RequestId, TrackingNumber),
    at: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO erasure (request, tracking_number, at) VALUES ($1, $2, $3) ON CONFLICT (request) DO NOTHING",
    )
    .bind(request.to_string())
    .bind(tracking_number.to_string())
    .bind(rows::millis(at))
    .execute(&mut **writing)
    .await?;
    let others = others_with_number(writing, request, tracking_number).await?;
    // What names only the number may be another's, as long as another bears it.
    let number = others.is_empty().then_some(tracking_number);
    envelopes::erase_about(writing, request, number, at).await?;
    committee_cases::erase(writing, request).await?;
    notices::erase(writing, request).await?;
    uploads::erase(writing, request).await?;
    notes::erase(writing, request).await?;
    let id = request.to_string();
    for statement in [
        "DELETE FROM signature WHERE request = $1",
        "DELETE FROM request_document WHERE request = $1",
        // Which documents somebody brought tells of health, prison or divorce.
        "DELETE FROM request_event WHERE request = $1 AND event LIKE '%\"kind\":\"document%'",
        "UPDATE request_event SET reason = NULL, salt = NULL WHERE request = $1",
        "UPDATE correction SET was = NULL, becomes = NULL, reason = NULL, salt = NULL WHERE request = $1",
        "UPDATE retention SET reason = NULL, salt = NULL WHERE request = $1",
        "UPDATE privacy_ask SET reason = NULL, salt = NULL WHERE request = $1",
    ] {
        sqlx::query(statement).bind(&id).execute(&mut **writing).await?;
    }
    if let Some(number) = number {
        for statement in
            ["DELETE FROM print WHERE tracking_number = $1", "DELETE FROM waiting_document WHERE tracking_number = $1"]
        {
            sqlx::query(statement).bind(number.to_string()).execute(&mut **writing).await?;
        }
    }
    let done = sqlx::query(
        "UPDATE request SET answers = $2, name_normalised = '', category = NULL, documents_complete = 1, erased_at = $3
         WHERE id = $1",
    )
    .bind(&id)
    .bind(rows::to_json(&Answers::default())?)
    .bind(rows::millis(at))
    .execute(&mut **writing)
    .await?;
    if done.rows_affected() > 0 {
        let person = persons::of_request(writing, request).await?;
        persons::refresh(writing, request).await?;
        // Nor is it known any more which requests were the same person's.
        sqlx::query("UPDATE request SET registered_as = NULL, belongs_to = NULL WHERE id = $1")
            .bind(&id)
            .execute(&mut **writing)
            .await?;
        if let Some(person) = person {
            asks::forget_person(writing, person.number).await?;
        }
        changes::add(writing, request);
    }
    for other in others {
        // Kiosks forget by the number: they hear of the others again.
        changes::add(writing, other);
    }
    Ok(())
}

/// Which of these envelopes are about something that was erased.
pub async fn among(connection: &mut Connection, about: &[About]) -> Result<HashSet<About>, DatabaseError> {
    let ids: HashSet<RequestId> = about.iter().filter_map(|about| about.request).collect();
    let numbers: HashSet<TrackingNumber> =
        about.iter().filter(|about| about.request.is_none()).filter_map(|about| about.tracking_number).collect();
    let erased_ids = listed(connection, "SELECT request FROM erasure WHERE request IN (", ids.iter()).await?;
    // A number counts as erased unless somebody else still bears it.
    let erased_numbers = listed(
        connection,
        "SELECT tracking_number FROM erasure
         WHERE NOT EXISTS (SELECT 1 FROM request WHERE request.tracking_number = erasure.tracking_number
                           AND request.erased_at IS NULL)
         AND tracking_number IN (",
        numbers.iter(),
    )
    .await?;
    let is_erased = |about: &About| match about {
        About { request: Some(request), .. } => erased_ids.contains(&request.to_string()),
        About { tracking_number: Some(number), .. } => erased_numbers.contains(&number.to_string()),
        _ => false,
    };
    Ok(about.iter().copied().filter(is_erased).collect())
}

/// True for a request that was erased.
pub async fn contains(connection: &mut Connection, request: RequestId) -> Result<bool, DatabaseError> {
    let found: Option<String> = sqlx::query_scalar("SELECT request FROM erasure WHERE request = $1")
        .bind(request.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Everything that was erased.
pub async fn all(connection: &mut Connection) -> Result<Vec<Erasure>, DatabaseError> {
    let found: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT request, tracking_number, at FROM erasure ORDER BY at, request")
            .fetch_all(&mut *connection)
            .await?;
    let erasure = |(request, number, at): (String, String, i64)| {
        let (request, tracking_number) = (rows::request_id(&request)?, rows::tracking_number(&number)?);
        Ok(Erasure { what: Erased::Request { request, tracking_number }, at: rows::time(at)? })
    };
    let requests = found.into_iter().map(erasure).collect::<Result<Vec<_>, DatabaseError>>()?;
    Ok([requests, suggestions::erased(connection).await?].concat())
}

/// The other requests that bear the same number and are not erased.
async fn others_with_number(
    connection: &mut Connection,
    request: RequestId,
    number: TrackingNumber,
) -> Result<Vec<RequestId>, DatabaseError> {
    let bearing = requests::by_number(connection, number).await?;
    let others = bearing.iter().filter(|other| other.id != request && other.erased_at.is_none());
    Ok(others.map(|other| other.id).collect())
}

/// The values of one column that are among these; `select` ends in an opened list.
async fn listed(
    connection: &mut Connection,
    select: &'static str,
    values: impl Iterator<Item = impl ToString>,
) -> Result<HashSet<String>, DatabaseError> {
    let mut values = values.peekable();
    if values.peek().is_none() {
        return Ok(HashSet::new());
    }
    let mut select = QueryBuilder::<Sqlite>::new(select);
    let mut list = select.separated(", ");
    for value in values {
        list.push_bind(value.to_string());
    }
    list.push_unseparated(")");
    let found: Vec<String> = select.build_query_scalar().persistent(false).fetch_all(connection).await?;
    Ok(found.into_iter().collect())
}
