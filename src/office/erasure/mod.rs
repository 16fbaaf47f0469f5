//! Erasure: destroying everything personal of requests and suggestions, for good.
//!
//! - The **log** (`log.rs`) is written first, outside the database: what stands there is erased again whenever a database is
//!   opened that still holds it, as a restored one does, before anything is served.
//! - Then the database destroys values and salts, in one transaction (`database/erasures.rs`), and its log of pages is
//!   emptied. The trail keeps random ids and hashes, which nothing can be found for any more.
//! - What kiosks send again of what was erased is acknowledged, and stored without its parts (`intake.rs`).

pub mod log;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::database::erasures::{self, Erased, Erasure};
use super::database::requests::{self, Counted, NewEvent};
use super::database::suggestions;
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError, Writing};
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{Committee, Event};
use crate::seal::envelope::HeaderHash;
use log::{ErasedLog, LogError};

/// Why somebody is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The person asked for it
    Ask,
    /// The time is over for which it is kept
    Retention,
}

impl Ground {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Retention => "retention",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    #[error("there is no such request")]
    NoSuchRequest,
    #[error("this was erased before")]
    ErasedBefore,
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Erases requests, all of them or none. One that is still under way is withdrawn first: whoever asks for erasure doesn't wait
/// for a reply. What the caller has written in this transaction is committed with it.
pub async fn erase(
    mut writing: Writing,
    place: (&Database, &ErasedLog),
    requests: &[RequestId],
    ground: Ground,
    (now, actor): (DateTime<Utc>, &Actor),
) -> Result<(), ErasureError> {
    let mut erasures = Vec::with_capacity(requests.len());
    for &request in requests {
        let found = requests::find(&mut writing, request).await?.ok_or(ErasureError::NoSuchRequest)?;
        if found.erased_at.is_some() {
            return Err(ErasureError::ErasedBefore);
        }
        withdraw_if_open(&mut writing, request, now, actor).await?;
        let what = Erased::Request { request, tracking_number: found.tracking_number };
        erasures.push(Erasure { what, at: now });
    }
    carry_out(writing, place, erasures, ground, actor).await
}

/// Erases suggestions, all of them or none.
pub async fn erase_suggestions(
    mut writing: Writing,
    place: (&Database, &ErasedLog),
    hashes: &[HeaderHash],
    ground: Ground,
    (now, actor): (DateTime<Utc>, &Actor),
) -> Result<(), ErasureError> {
    for &hash in hashes {
        if !suggestions::is_kept(&mut writing, hash).await? {
            return Err(ErasureError::ErasedBefore);
        }
    }
    let erasures = hashes.iter().map(|hash| Erasure { what: Erased::Suggestion(*hash), at: now }).collect();
    carry_out(writing, place, erasures, ground, actor).await
}

/// Writes the log, then destroys.
async fn carry_out(
    mut writing: Writing,
    (database, log): (&Database, &ErasedLog),
    erasures: Vec<Erasure>,
    ground: Ground,
    actor: &Actor,
) -> Result<(), ErasureError> {
    let (to_log, logged) = (log.clone(), erasures.clone());
    let logged = tokio::task::spawn_blocking(move || to_log.append(&logged)).await;
    logged.map_err(|error| DatabaseError::Damaged(error.to_string()))??;
    for erasure in erasures {
        erasures::erase(&mut writing, erasure).await?;
        let (subject, details) = (erasure.what.subject(), json!({ "ground": ground.as_str() }));
        let action = match erasure.what {
            Erased::Request { .. } => "request erased",
            Erased::Suggestion(_) => "suggestion erased",
        };
        trail::append(&mut writing, erasure.at, actor, action, &subject, details).await?;
    }
    writing.commit().await?;
    database.empty_log().await?;
    Ok(())
}

/// Ends a request that is still under way, so that it stands in no list of what is owed.
async fn withdraw_if_open(
    writing: &mut Writing,
    request: RequestId,
    now: DateTime<Utc>,
    actor: &Actor,
) -> Result<(), DatabaseError> {
    let Some(standing) = requests::standing(writing, request).await? else { return Ok(()) };
    let (event, day) = (Event::Withdrawn, riyadh_day(now));
    let is_refused = matches!(standing.committee, Committee::Refused { .. });
    if !is_refused && standing.allows(&event, day).is_ok() {
        let new = NewEvent { event: &event, counted: Counted { at: now, day }, actor, reason: None };
        requests::add_event(writing, request, new).await?;
    }
    Ok(())
}

/// Erases again what the log says and the database still holds, and completes the log by what only the database knows. How
/// many were erased again.
pub async fn erase_again(database: &Database, log: &ErasedLog, now: DateTime<Utc>) -> Result<usize, ErasureError> {
    let logged = log.read()?;
    if logged.damaged > 0 {
        tracing::error!(
            lines = logged.damaged,
            "the log of what was erased has lines that can't be read: see docs/operations.md"
        );
    }
    let mut reading = database.read().await?;
    let known = erasures::all(&mut reading).await?;
    drop(reading);
    let is_known: HashSet<Erased> = known.iter().map(|erasure| erasure.what).collect();
    let lacking: Vec<&Erasure> = logged.erasures.iter().filter(|logged| !is_known.contains(&logged.what)).collect();
    for erasure in &lacking {
        let mut writing = database.write().await?;
        let action = match erasure.what {
            Erased::Request { request, .. } => {
                // A restored database may hold it as it stood before.
                withdraw_if_open(&mut writing, request, now, &Actor::Command).await?;
                "request erased again"
            }
            Erased::Suggestion(_) => "suggestion erased again",
        };
        erasures::erase(&mut writing, **erasure).await?;
        let subject = erasure.what.subject();
        trail::append(&mut writing, now, &Actor::Command, action, &subject, json!({})).await?;
        writing.commit().await?;
    }
    if !lacking.is_empty() {
        database.empty_log().await?;
    }
    let all: Vec<Erasure> = known.iter().chain(lacking.iter().copied()).copied().collect();
    log.complete(&all)?;
    Ok(lacking.len())
}
