//! The call list: people whom no notice has reached, and how it went when somebody called them.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::notices::{Unreached, kind};
use super::trail::Actor;
use super::{Connection, DatabaseError, rows};
use crate::domain::mobile::Mobile;
use crate::domain::notice::NoticeKind;
use crate::domain::request::RequestId;

/// Which part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallList {
    /// To be called today
    Now,
    /// Somebody said from which day to call again
    Later,
}

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    Reached,
    NotReached,
    WrongNumber,
}

/// Someone to be called.
#[derive(Clone, Debug)]
pub struct ToCall {
    pub request: RequestId,
    /// Since when something is untold
    pub since: DateTime<Utc>,
    /// What is untold, the newest first
    pub untold: Vec<(NoticeKind, Unreached)>,
    pub contact: Contact,
}

/// What is known of reaching the people of a request.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// These numbers are strangers'
    pub wrong: Vec<Mobile>,
    /// The day from which to call again
    pub call_from: Option<NaiveDate>,
}

/// A call that was made.
#[derive(Clone, Debug)]
pub struct StoredCall {
    pub at: DateTime<Utc>,
    /// As [`Actor`] writes it
    pub actor: String,
    pub outcome: CallOutcome,
}

impl CallOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NotReached => "not_reached",
            Self::WrongNumber => "wrong_number",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reached, Self::NotReached, Self::WrongNumber].into_iter().find(|one| one.as_str() == text)
    }
}

/// `$1` is today: a day without a call agreed for later comes first.
macro_rules! listed {
    ($what:literal, $from:literal, $end:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM notice LEFT JOIN notice_contact ON notice_contact.request = notice.request
              WHERE notice.state = 'unreached' AND ",
            $from,
            " ",
            $end
        )
    };
}

/// One page of the list: who has waited longest comes first.
pub async fn page(
    connection: &mut Connection,
    list: CallList,
    today: NaiveDate,
    limit: u32,
    offset: u32,
) -> Result<Vec<ToCall>, DatabaseError> {
    let statement = match list {
        CallList::Now => listed!(
            "notice.request AS request, MIN(notice.made_at) AS since",
            "COALESCE(notice_contact.call_from, '') <= $1",
            "GROUP BY notice.request ORDER BY since, request LIMIT $2 OFFSET $3"
        ),
        CallList::Later => listed!(
            "notice.request AS request, MIN(notice.made_at) AS since",
            "notice_contact.call_from > $1",
            "GROUP BY notice.request ORDER BY since, request LIMIT $2 OFFSET $3"
        ),
    };
    let found = sqlx::query(statement)
        .bind(today.to_string())
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(&mut *connection)
        .await?;
    let begin = |row: &SqliteRow| Ok((rows::request_id(row.try_get("request")?)?, rows::time(row.try_get("since")?)?));
    let mut list = Vec::with_capacity(found.len());
    for (request, since) in rows::readable(&found, "calls to make", begin) {
        list.push(ToCall {
            request,
            since,
            untold: untold(connection, request).await?,
            contact: contact(connection, request).await?,
        });
    }
    Ok(list)
}

pub async fn count(connection: &mut Connection, list: CallList, today: NaiveDate) -> Result<u64, DatabaseError> {
    let statement = match list {
        CallList::Now => {
            listed!("COUNT(DISTINCT notice.request)", "COALESCE(notice_contact.call_from, '') <= $1", "")
        }
        CallList::Later => listed!("COUNT(DISTINCT notice.request)", "notice_contact.call_from > $1", ""),
    };
    let count: i64 = sqlx::query_scalar(statement).bind(today.to_string()).fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

/// What a person of this request hasn't been told, the newest first.
pub async fn untold(
    connection: &mut Connection,
    request: RequestId,
) -> Result<Vec<(NoticeKind, Unreached)>, DatabaseError> {
    let found: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT kind, why FROM notice WHERE request = $1 AND state = 'unreached' ORDER BY made_at DESC, id",
    )
    .bind(request.to_string())
    .fetch_all(connection)
    .await?;
    found.into_iter().map(|(name, why)| Ok((kind(&name)?, Unreached::of(why.as_deref())?))).collect()
}

pub async fn contact(connection: &mut Connection, request: RequestId) -> Result<Contact, DatabaseError> {
    let call_from: Option<String> = sqlx::query_scalar("SELECT call_from FROM notice_contact WHERE request = $1")
        .bind(request.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let wrong: Vec<String> =
        sqlx::query_scalar("SELECT mobile FROM notice_wrong_mobile WHERE request = $1 ORDER BY mobile")
            .bind(request.to_string())
            .fetch_all(connection)
            .await?;
    let wrong = wrong.iter().map(|text| Mobile::parse(text).map_err(|_| rows::damaged("a mobile number")));
    Ok(Contact { wrong: wrong.collect::<Result<_, _>>()?, call_from: call_from.as_deref().map(rows::day).transpose()? })
}

/// Sets the day from which to call again; `None` for today.
pub async fn set_call_from(
    connection: &mut Connection,
    request: RequestId,
    day: Option<NaiveDate>,
) -> Result<(), DatabaseError> {
    let query = match day {
        Some(day) => sqlx::query(
            "INSERT INTO notice_contact (request, call_from) VALUES ($1, $2)
             ON CONFLICT (request) DO UPDATE SET call_from = excluded.call_from",
        )
        .bind(request.to_string())
        .bind(day.to_string()),
        None => sqlx::query("DELETE FROM notice_contact WHERE request = $1").bind(request.to_string()),
    };
    query.execute(connection).await?;
    Ok(())
}

/// Keeps that a number is a stranger's.
pub async fn add_wrong_mobile(
    connection: &mut Connection,
    request: RequestId,
    mobile: &Mobile,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO notice_wrong_mobile (request, mobile) VALUES ($1, $2) ON CONFLICT (request, mobile) DO NOTHING",
    )
    .bind(request.to_string())
    .bind(mobile.as_str())
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE notice SET why = $2 WHERE request = $1 AND state = 'unreached'")
        .bind(request.to_string())
        .bind(Unreached::WrongNumber.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn add_call(
    connection: &mut Connection,
    request: RequestId,
    at: DateTime<Utc>,
    actor: &Actor,
    outcome: CallOutcome,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO notice_call (request, at, actor, outcome) VALUES ($1, $2, $3, $4)")
        .bind(request.to_string())
        .bind(rows::millis(at))
        .bind(actor.to_string())
        .bind(outcome.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The calls about a request, in their order.
pub async fn calls(connection: &mut Connection, request: RequestId) -> Result<Vec<StoredCall>, DatabaseError> {
    let found: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT at, actor, outcome FROM notice_call WHERE request = $1 ORDER BY number")
            .bind(request.to_string())
            .fetch_all(connection)
            .await?;
    found
        .into_iter()
        .map(|(at, actor, outcome)| {
            let outcome = CallOutcome::parse(&outcome).ok_or_else(|| rows::damaged("how a call went"))?;
            Ok(StoredCall { at: rows::time(at)?, actor, outcome })
        })
        .collect()
}
