//! Erasure: destroying everything personal of requests and suggestions, for good.
//!
//! - The **log** (`log.rs`) is written first, outside the database: what stands there is erased again whenever an office is
//!   started whose database still holds it, as a restored one does. Only the log in the office's own folder is obeyed: its copy
//!   beside the backups, which others may be able to write, is asked by a restore alone.
//! - Then the database destroys values and salts, in one transaction (`database/erasures.rs`), and its log of pages is
//!   emptied. The trail keeps random ids and hashes, which nothing can be found for any more.
//! - What kiosks send again of what was erased is acknowledged, and stored without its parts (`intake.rs`).

pub mod log;

use std::collections::HashSet;
use std::future::Future;
use std::panic::resume_unwind;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Office;
use super::database::erasures::{self, Erased, Erasure};
use super::database::requests::{self, Counted, NewEvent};
use super::database::suggestions;
use super::database::trail::{self, Actor};
use super::database::{Connection, Database, DatabaseError, Writing};
use super::desk::log::DeskLog;
use super::logs::{self, LinePlace, LogError, named};
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{Committee, Event};
use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::HeaderHash;
use log::{ErasedLog, Logged};

/// Action in the trail from which on lines without a key cease to count.
pub const KEYED: &str = "erasures keyed";

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

/// Where erasures are carried out.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub database: &'a Database,
    pub log: &'a ErasedLog,
    /// It may hold a request of the desk, too
    pub desk_log: &'a DeskLog,
}

impl<'a> Place<'a> {
    pub fn of(office: &'a Office) -> Self {
        Self { database: &office.database, log: &office.erased_log, desk_log: &office.desk_log }
    }
}

/// Erases requests, all of them or none. One that is still under way is withdrawn first: whoever asks for erasure doesn't wait
/// for a reply. What the caller has written in this transaction is committed with it.
pub async fn erase(
    mut writing: Writing,
    place: Place<'_>,
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
    place: Place<'_>,
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

/// Carries an erasure to its end, also when its browser leaves: half of one would be ended by the next start.
///
/// # Panics
/// When the erasure does.
pub async fn to_its_end(
    erasing: impl Future<Output = Result<(), ErasureError>> + Send + 'static,
) -> Result<(), ErasureError> {
    tokio::spawn(erasing).await.unwrap_or_else(|broken| resume_unwind(broken.into_panic()))
}

/// Writes the log, then destroys. What can't be destroyed leaves no line in the log: the next start would obey it, though
/// nobody was told that it is erased.
async fn carry_out(
    writing: Writing,
    Place { database, log, desk_log }: Place<'_>,
    erasures: Vec<Erasure>,
    ground: Ground,
    actor: &Actor,
) -> Result<(), ErasureError> {
    let of_desk = desk_requests_of(&erasures);
    let (own, logged) = (log.clone(), erasures.clone());
    let (writing, lines) = logs::while_writing(writing, move || own.append(&logged)).await?;
    if let Err(error) = destroy(writing, erasures, ground, actor).await {
        if let Err(error) = take_back(database, log, lines).await {
            tracing::error!(
                "an erasure failed, and its lines can't be taken out again ({error}): the next start carries it out"
            );
        }
        return Err(error.into());
    }
    if let Err(error) = database.empty_log().await {
        tracing::error!("the log of pages can't be emptied of what was erased: the next erasure does it ({error})");
    }
    if let Err(error) = forget_at_desk(database, desk_log, &of_desk).await {
        tracing::error!(
            "an erased registration can't be taken out of the desk's log: the next start does it ({error})"
        );
    }
    log.copy(lines).await;
    desk_log.forget_in_copy(of_desk).await;
    Ok(())
}

async fn destroy(
    mut writing: Writing,
    erasures: Vec<Erasure>,
    ground: Ground,
    actor: &Actor,
) -> Result<(), DatabaseError> {
    for erasure in erasures {
        erasures::erase(&mut writing, erasure).await?;
        let (subject, details) = (erasure.what.subject(), json!({ "ground": ground.as_str() }));
        let action = match erasure.what {
            Erased::Request { .. } => "request erased",
            Erased::Suggestion(_) => "suggestion erased",
        };
        trail::append(&mut writing, erasure.at, actor, action, &subject, details).await?;
    }
    writing.commit().await
}

async fn take_back(database: &Database, log: &ErasedLog, lines: String) -> Result<(), ErasureError> {
    let (writing, own, withdrawn) = (database.write().await?, log.clone(), lines.clone());
    logs::while_writing(writing, move || own.withdraw(&withdrawn)).await?;
    log.withdraw_from_copy(&lines).await;
    Ok(())
}

async fn forget_at_desk(
    database: &Database,
    desk_log: &DeskLog,
    requests: &HashSet<RequestId>,
) -> Result<(), ErasureError> {
    if !requests.is_empty() {
        let (writing, own, requests) = (database.write().await?, desk_log.clone(), requests.clone());
        logs::while_writing(writing, move || own.forget(&requests)).await?;
    }
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

/// Erases again what the office's own log says and the database still holds, and completes the log by what only the database
/// knows. Gives the number of those erased again. The copy beside the backups is no obstacle.
pub async fn erase_again(place: Place<'_>, now: DateTime<Utc>) -> Result<usize, ErasureError> {
    let Place { database, log, desk_log } = place;
    let Logged { erasures: mut said, unkeyed, .. } = log.read_own()?;
    let mut reading = database.read().await?;
    let known = erasures::all(&mut reading).await?;
    let is_noted = lines_are_keyed(&mut reading).await?;
    drop(reading);
    let is_keyed = !said.is_empty() || is_noted;
    match to_look_at(log, is_noted).await? {
        lines if lines.is_empty() => {}
        lines => tracing::error!(
            lines = lines.len(),
            "lines of the log of what was erased aren't this office's own, or not whole, and nothing obeys them: {}. See docs/operations.md",
            named(&lines)
        ),
    }
    if !is_keyed {
        // An earlier version wrote them. They are written again with the key, after the database has obeyed them.
        said.extend(unkeyed.into_iter().map(|unkeyed| unkeyed.erasure));
    }
    let erased = erase_lacking(database, &said, now).await?;
    let all: Vec<Erasure> = known.into_iter().chain(said).collect();
    let mut writing = database.write().await?;
    log.append(&all)?;
    desk_log.forget(&desk_requests_of(&all))?;
    if !is_keyed {
        note_keyed(&mut writing, now).await?;
        writing.commit().await?;
    } else {
        drop(writing);
    }
    log.complete().await;
    Ok(erased)
}

/// Erases those that the database doesn't know to be erased. Gives their number.
pub async fn erase_lacking(database: &Database, said: &[Erasure], now: DateTime<Utc>) -> Result<usize, DatabaseError> {
    let known = erasures::all(&mut *database.read().await?).await?;
    let mut is_known: HashSet<Erased> = known.iter().map(|erasure| erasure.what).collect();
    let lacking: Vec<&Erasure> = said.iter().filter(|said| is_known.insert(said.what)).collect();
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
    Ok(lacking.len())
}

/// Notes that lines without a key count no more, but those that a person accepts at a restore.
pub async fn note_keyed(writing: &mut Writing, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    trail::append(writing, now, &Actor::Command, KEYED, "", json!({})).await
}

/// True when it was noted that lines without a key count no more.
pub async fn lines_are_keyed(connection: &mut Connection) -> Result<bool, DatabaseError> {
    Ok(trail::last_details(connection, KEYED).await?.is_some())
}

/// Gives the lines of the log, in all its places that can be read, that nothing obeys and somebody should look at: torn ones,
/// another's, and those without a key that came after the update. Nobody reads the database meanwhile: the copy may be slow.
pub async fn to_look_at(log: &ErasedLog, are_keyed: bool) -> Result<Vec<LinePlace>, LogError> {
    let Logged { erasures, unkeyed, damaged: mut lines } = log.read().await?;
    if !erasures.is_empty() || are_keyed {
        lines.extend(unkeyed.into_iter().map(|unkeyed| unkeyed.line));
    }
    Ok(lines)
}

/// Gives the requests of the desk, which its log may tell of.
pub(super) fn desk_requests_of(erasures: &[Erasure]) -> HashSet<RequestId> {
    let request = |erasure: &Erasure| match erasure.what {
        Erased::Request { request, tracking_number } if tracking_number.kiosk() == KioskNumber::DESK => Some(request),
        _ => None,
    };
    erasures.iter().filter_map(request).collect()
}
