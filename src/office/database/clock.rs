//! The witnesses of the office's day, and what people said of it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::trail::salted_hash;
use super::{Connection, DatabaseError, Writing, changes, rows};
use crate::domain::clock::Uptime;
use crate::domain::request::RequestId;
use crate::domain::tracking_number::KioskNumber;
use crate::office::day::witnesses::{Reference, Step};
use crate::seal::keys;

/// A person's statement about the clock.
#[derive(Clone, Debug)]
pub struct Statement {
    pub at: DateTime<Utc>,
    /// As the trail writes an actor
    pub by: String,
    /// The day that it was
    pub on: NaiveDate,
    /// The first and the last entry of the trail that are void; `None` where only the day was confirmed
    pub void: Option<(i64, i64)>,
    pub reason: String,
}

/// A step that nobody has settled, with its number.
#[derive(Clone, Copy, Debug)]
pub struct OpenStep {
    pub number: i64,
    pub step: Step,
}

/// The newest time in the trail: that of its last entry which isn't void.
pub async fn trail_at(connection: &mut Connection) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let at: Option<i64> = sqlx::query_scalar(
        "SELECT at FROM trail WHERE NOT EXISTS
             (SELECT 1 FROM clock_statement WHERE trail.number BETWEEN first_entry AND last_entry)
         ORDER BY number DESC LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    at.map(rows::time).transpose()
}

pub async fn reference(connection: &mut Connection) -> Result<Option<Reference>, DatabaseError> {
    let found: Option<(i64, String, i64, i64)> =
        sqlx::query_as("SELECT at, boot, uptime, seen_at FROM clock_reference").fetch_optional(connection).await?;
    let Some((at, boot, milliseconds, seen)) = found else { return Ok(None) };
    let uptime = (!boot.is_empty()).then_some(Uptime { boot, milliseconds });
    Ok(Some(Reference { at: rows::time(at)?, uptime, seen: rows::time(seen)? }))
}

pub async fn set_reference(connection: &mut Connection, reference: &Reference) -> Result<(), DatabaseError> {
    let Reference { at, uptime, seen } = reference;
    sqlx::query(
        "INSERT INTO clock_reference (only_row, at, boot, uptime, seen_at) VALUES (1, $1, $2, $3, $4)
         ON CONFLICT (only_row) DO UPDATE SET at = $1, boot = $2, uptime = $3, seen_at = $4",
    )
    .bind(rows::millis(*at))
    .bind(uptime.as_ref().map_or("", |uptime| &uptime.boot))
    .bind(uptime.as_ref().map_or(0, |uptime| uptime.milliseconds))
    .bind(rows::millis(*seen))
    .execute(connection)
    .await?;
    Ok(())
}

/// Steps that nobody has settled, the first one first.
pub async fn open_steps(connection: &mut Connection) -> Result<Vec<OpenStep>, DatabaseError> {
    let found: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT number, after_entry, expected_at, shown_at, across_boots FROM clock_step
         WHERE settled_at IS NULL ORDER BY number",
    )
    .fetch_all(connection)
    .await?;
    let step = |(number, after_entry, expected, shown, across_boots)| {
        let (expected, shown) = (rows::time(expected)?, rows::time(shown)?);
        Ok(OpenStep { number, step: Step { after_entry, expected, shown, across_boots: across_boots != 0 } })
    };
    found.into_iter().map(step).collect()
}

pub async fn add_step(connection: &mut Connection, step: &Step) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO clock_step (after_entry, expected_at, shown_at, across_boots) VALUES ($1, $2, $3, $4)")
        .bind(step.after_entry)
        .bind(rows::millis(step.expected))
        .bind(rows::millis(step.shown))
        .bind(i64::from(step.across_boots))
        .execute(connection)
        .await?;
    Ok(())
}

/// Settles the open steps behind an entry up to another.
pub async fn settle_steps(
    connection: &mut Connection,
    (first, last): (i64, i64),
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let set = "UPDATE clock_step SET settled_at = $3 WHERE settled_at IS NULL AND after_entry BETWEEN $1 AND $2";
    sqlx::query(set).bind(first).bind(last).bind(rows::millis(now)).execute(connection).await?;
    Ok(())
}

/// The trail's last entry before the step that came before another; 0 where there is none.
pub async fn entry_before_earlier_step(connection: &mut Connection, number: i64) -> Result<i64, DatabaseError> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT after_entry FROM clock_step WHERE number < $1 ORDER BY number DESC LIMIT 1")
            .bind(number)
            .fetch_optional(connection)
            .await?;
    Ok(found.unwrap_or(0))
}

/// Kiosks whose clocks were found wrong, and how far they were ahead.
pub async fn known_wrong(connection: &mut Connection) -> Result<Vec<(KioskNumber, TimeDelta)>, DatabaseError> {
    let found: Vec<(i64, i64)> =
        sqlx::query_as("SELECT kiosk, ahead FROM clock_known_wrong").fetch_all(connection).await?;
    let known = |(kiosk, ahead): (i64, i64)| {
        let ahead = TimeDelta::try_milliseconds(ahead).ok_or_else(|| rows::damaged("a kiosk's clock"))?;
        Ok((rows::kiosk_number(kiosk)?, ahead))
    };
    // Left out, a kiosk's clock is in doubt again: nothing is decided by a damaged row.
    Ok(rows::readable(found, "clocks", known))
}

pub async fn set_known_wrong(
    connection: &mut Connection,
    kiosks: &[(KioskNumber, TimeDelta)],
) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM clock_known_wrong WHERE TRUE").execute(&mut *connection).await?;
    for (kiosk, ahead) in kiosks {
        sqlx::query("INSERT INTO clock_known_wrong (kiosk, ahead) VALUES ($1, $2)")
            .bind(i64::from(kiosk.get()))
            .bind(ahead.num_milliseconds())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Keeps what somebody said; the answer is the reason's hash for the trail.
pub async fn add_statement(connection: &mut Connection, statement: &Statement) -> Result<String, DatabaseError> {
    let salt = keys::random::<16>().to_vec();
    let Statement { at, by, on, void, reason } = statement;
    sqlx::query(
        "INSERT INTO clock_statement (at, by_actor, on_day, first_entry, last_entry, reason, salt)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(rows::millis(*at))
    .bind(by)
    .bind(on.to_string())
    .bind(void.map(|(first, _)| first))
    .bind(void.map(|(_, last)| last))
    .bind(reason)
    .bind(&salt)
    .execute(connection)
    .await?;
    Ok(salted_hash(&salt, reason))
}

/// Gives the statements, the newest first.
pub async fn statements(connection: &mut Connection, limit: u32) -> Result<Vec<Statement>, DatabaseError> {
    type Row = (i64, String, String, Option<i64>, Option<i64>, String);
    let found: Vec<Row> = sqlx::query_as(
        "SELECT at, by_actor, on_day, first_entry, last_entry, reason FROM clock_statement
         ORDER BY number DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    let statement = |(at, by, on, first, last, reason): Row| {
        Ok(Statement { at: rows::time(at)?, by, on: rows::day(&on)?, void: first.zip(last), reason })
    };
    Ok(rows::readable(found, "statements of the clock", statement))
}

/// The entries of the trail that are void, each time from the first to the last.
pub async fn void_entries(connection: &mut Connection) -> Result<Vec<(i64, i64)>, DatabaseError> {
    let select = "SELECT first_entry, last_entry FROM clock_statement WHERE last_entry IS NOT NULL";
    let found: Vec<(Option<i64>, i64)> = sqlx::query_as(select).fetch_all(connection).await?;
    Ok(found.into_iter().filter_map(|(first, last)| Some((first?, last))).collect())
}

/// Notes that requests came while the witnesses disagreed.
pub async fn put_in_doubt(
    connection: &mut Connection,
    requests: impl IntoIterator<Item = &RequestId>,
) -> Result<(), DatabaseError> {
    for request in requests {
        sqlx::query("UPDATE request SET day_in_doubt = 1 WHERE id = $1")
            .bind(request.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Requests that came while the witnesses disagreed, and whose day nobody has put right.
pub async fn in_doubt(connection: &mut Connection) -> Result<BTreeSet<RequestId>, DatabaseError> {
    let found: Vec<String> =
        sqlx::query_scalar("SELECT id FROM request WHERE day_in_doubt = 1").fetch_all(connection).await?;
    Ok(rows::readable(found, "requests in doubt", |id| rows::request_id(&id)).into_iter().collect())
}

/// How many those are, and those that wait for the committee and were received after a day.
pub async fn count_in_doubt(connection: &mut Connection, day: NaiveDate) -> Result<u64, DatabaseError> {
    let marked: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM request WHERE day_in_doubt = 1").fetch_one(&mut *connection).await?;
    let to_come: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM request WHERE stage = 'under_study' AND received_on > $1 AND day_in_doubt = 0",
    )
    .bind(day.to_string())
    .fetch_one(connection)
    .await?;
    Ok(marked.unsigned_abs().saturating_add(to_come.unsigned_abs()))
}

pub async fn is_in_doubt(connection: &mut Connection, request: RequestId) -> Result<bool, DatabaseError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT day_in_doubt FROM request WHERE id = $1")
        .bind(request.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some_and(|in_doubt| in_doubt != 0))
}

/// Requests that wait for the committee and were received after a day: by a clock that was ahead.
pub async fn received_after(connection: &mut Connection, day: NaiveDate) -> Result<Vec<RequestId>, DatabaseError> {
    let found: Vec<String> =
        sqlx::query_scalar("SELECT id FROM request WHERE stage = 'under_study' AND received_on > $1")
            .bind(day.to_string())
            .fetch_all(connection)
            .await?;
    found.iter().map(|id| rows::request_id(id)).collect()
}

/// Requests that wait for the committee and whose arrival is one of these entries of the trail.
pub async fn received_in(
    connection: &mut Connection,
    (first, last): (i64, i64),
) -> Result<Vec<RequestId>, DatabaseError> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM request WHERE stage = 'under_study' AND id IN
             (SELECT subject FROM trail WHERE number BETWEEN $1 AND $2
              AND action IN ('request received', 'request registered', 'paper copy imported'))",
    )
    .bind(first)
    .bind(last)
    .fetch_all(connection)
    .await?;
    found.iter().map(|id| rows::request_id(id)).collect()
}

/// Lets a request count as received on a day.
pub async fn set_received(writing: &mut Writing, request: RequestId, on: NaiveDate) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE request SET received_on = $2, day_in_doubt = 0 WHERE id = $1")
        .bind(request.to_string())
        .bind(on.to_string())
        .execute(&mut **writing)
        .await?;
    changes::add(writing, request);
    Ok(())
}

/// Lets the years of requests with which something happened in these entries of the trail count from a day at the
/// earliest.
pub async fn keep_from(
    connection: &mut Connection,
    (first, last): (i64, i64),
    day: NaiveDate,
) -> Result<(), DatabaseError> {
    let set = "UPDATE request SET kept_from = $3 WHERE erased_at IS NULL
               AND id IN (SELECT subject FROM trail WHERE number BETWEEN $1 AND $2)";
    sqlx::query(set).bind(first).bind(last).bind(day.to_string()).execute(connection).await?;
    Ok(())
}
