//! Changes: what goes out to the kiosks. A request has one change, its newest; numbers are counted in the writing
//! transaction, so that whoever has heard through a number has missed none before it.

use std::collections::BTreeSet;

use super::{Connection, DatabaseError, Writing, catalogues, incarnation, kiosks, requests, rows};
use crate::domain::code::Code;
use crate::domain::request::RequestId;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::TrackingNumber;
use crate::replication::wire::{Change, Changes, Cursor};
use crate::seal::receipt_code::{bound_code_hash, code_hash, receipt_code};

/// The most changes in one answer: a standing is smaller than its envelope (6 KiB), so it stays below a message's limit.
pub const PAGE: usize = 128;

/// Which hash of receipts' codes a kiosk knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeHashes {
    /// Without the number: kiosks of earlier versions
    Unbound,
    Bound,
}

/// Gives a request its next change, when the transaction is committed.
pub fn add(writing: &mut Writing, request: RequestId) {
    writing.changes.push(request);
}

/// Writes the changes that a transaction has made: each request has one, however often it changed.
pub(super) async fn write(writing: &mut Writing) -> Result<(), DatabaseError> {
    let mut changed = BTreeSet::new();
    let mut requests = std::mem::take(&mut writing.changes);
    requests.retain(|request| changed.insert(*request));
    if requests.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = requests.iter().map(RequestId::to_string).collect();
    // A change that gets another number leaves the one that it had.
    let left: Vec<i64> = sqlx::query_scalar(
        "SELECT number FROM change WHERE request IN (SELECT value FROM json_each($1)) ORDER BY number",
    )
    .bind(rows::to_json(&ids)?)
    .fetch_all(&mut **writing)
    .await?;
    left.into_iter().for_each(|number| writing.touched.note("change", number));
    let last = count_more(writing, requests.len() as i64).await?;
    let numbered: Vec<(i64, RequestId)> = (last - requests.len() as i64 + 1..).zip(requests).collect();
    let newest = "ON CONFLICT (request) DO UPDATE SET number = excluded.number";
    rows::insert_all(
        writing,
        "INSERT INTO change (number, request)",
        &numbered,
        newest,
        |values, (number, request)| {
            values.push_bind(*number).push_bind(request.to_string());
        },
    )
    .await?;
    Ok(())
}

/// Counts changes, and gives the number of the last.
pub(super) async fn count_more(connection: &mut Connection, changes: i64) -> Result<i64, DatabaseError> {
    let last = sqlx::query_scalar("UPDATE office SET last_change = last_change + $1 RETURNING last_change");
    Ok(last.bind(changes).fetch_one(connection).await?)
}

/// The number of the last change.
pub async fn last(connection: &mut Connection) -> Result<i64, DatabaseError> {
    Ok(sqlx::query_scalar("SELECT last_change FROM office").fetch_one(connection).await?)
}

/// What changed since a cursor. A cursor of another incarnation, one from the future, or none gives a snapshot from
/// the beginning.
pub async fn since(
    connection: &mut Connection,
    cursor: Option<Cursor>,
    page: usize,
    hashes: CodeHashes,
) -> Result<Changes, DatabaseError> {
    let incarnation = incarnation(connection).await?;
    let last = last(connection).await?;
    let known = cursor
        .filter(|cursor| cursor.incarnation == incarnation)
        .and_then(|cursor| i64::try_from(cursor.change).ok())
        .filter(|change| *change <= last);
    let after = known.unwrap_or(0);
    let found: Vec<(i64, String)> =
        sqlx::query_as("SELECT number, request FROM change WHERE number > $1 ORDER BY number LIMIT $2")
            .bind(after)
            .bind(page as i64 + 1)
            .fetch_all(&mut *connection)
            .await?;
    let more = found.len() > page;
    let mut changes = Vec::with_capacity(found.len().min(page));
    let mut through = if more { after } else { last };
    for (number, request) in found.into_iter().take(page) {
        changes.extend(change_of(connection, rows::request_id(&request)?, hashes).await?);
        if more {
            through = number;
        }
    }
    if let Some(text) = catalogues::newest_between(connection, after, through).await? {
        changes.push(Change::Catalogue { text });
    }
    // The counter begins at zero and only grows.
    let change = u64::try_from(through).unwrap_or(0);
    Ok(Changes { cursor: Cursor { incarnation, change }, snapshot: known.is_none(), more, changes })
}

async fn change_of(
    connection: &mut Connection,
    id: RequestId,
    hashes: CodeHashes,
) -> Result<Option<Change>, DatabaseError> {
    let Some(request) = requests::find(connection, id).await? else { return Ok(None) };
    if request.erased_at.is_some() {
        return Ok(Some(Change::Forget { tracking_number: request.tracking_number }));
    }
    let Some(standing) = requests::standing(connection, id).await? else { return Ok(None) };
    let receipt_key = kiosks::receipt_key(connection, request.kiosk).await?;
    // Revoking a kiosk turns its codes off; and before its opening came, none can be known. No code has this hash.
    let number = request.tracking_number;
    let hash_by = |hash: fn(TrackingNumber, &Code) -> [u8; 32]| {
        receipt_key.map_or([0; 32], |key| hash(number, &receipt_code(&key, number)))
    };
    let status = RequestStatus { tracking_number: number, service: request.service, standing };
    Ok(Some(match hashes {
        CodeHashes::Unbound => Change::Request { status, code_hash: hash_by(|_, code| code_hash(code)) },
        CodeHashes::Bound => Change::BoundRequest { status, code_hash: hash_by(bound_code_hash) },
    }))
}
