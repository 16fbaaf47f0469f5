//! Notices: what people are to be told, each try to tell them, and how it ended. Made in the transaction of what they
//! tell.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;

use super::{Connection, DatabaseError, Writing, rows};
use crate::domain::notice::NoticeKind;
use crate::domain::request::RequestId;
use crate::seal::keys::{hex, random};

/// So long a new notice waits: changes of the same kind within that time become one, and what is taken back at once is
/// not told.
pub const GATHERING: TimeDelta = TimeDelta::minutes(3);

/// A notice that a transaction makes.
pub(super) struct NewNotice {
    request: RequestId,
    kind: NoticeKind,
    at: DateTime<Utc>,
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeState {
    Waiting,
    /// The gateway has taken it
    Sent,
    /// No longer true, or a later one has reached the person
    Overtaken,
    /// It is on the call list
    Unreached(Unreached),
    /// A person has told it
    Told,
}

/// Why a notice didn't reach anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreached {
    NoMobile,
    /// Somebody said that the number is a stranger's
    WrongNumber,
    /// All tries were used up
    Attempts,
    /// No gateway is set up
    NoGateway,
    /// The limit of messages was reached
    Limit,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    Sent,
    /// The gateway answered, but not that it took the message
    Refused,
    TimedOut,
    /// No connection, or it broke off
    Unreachable,
}

/// A notice whose turn has come.
#[derive(Clone, Debug)]
pub struct DueNotice {
    /// 32 hexadecimal digits
    pub id: String,
    pub request: RequestId,
    pub kind: NoticeKind,
    pub made_at: DateTime<Utc>,
    pub attempts: u32,
}

/// One try, as it is kept.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub at: DateTime<Utc>,
    /// `None` while it is under way, and for ever when the office stopped meanwhile
    pub outcome: Option<AttemptOutcome>,
    pub status: Option<u16>,
    pub answer: String,
}

/// A notice with its tries, for the page of its request.
#[derive(Clone, Debug)]
pub struct StoredNotice {
    pub kind: NoticeKind,
    pub made_at: DateTime<Utc>,
    pub state: NoticeState,
    pub attempts: Vec<Attempt>,
}

impl NoticeState {
    pub fn as_str(self) -> &'static str {
        self.columns().0
    }

    fn columns(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Waiting => ("waiting", None),
            Self::Sent => ("sent", None),
            Self::Overtaken => ("overtaken", None),
            Self::Unreached(why) => ("unreached", Some(why.as_str())),
            Self::Told => ("told", None),
        }
    }

    fn of(state: &str, why: Option<&str>) -> Result<Self, DatabaseError> {
        Ok(match state {
            "waiting" => Self::Waiting,
            "sent" => Self::Sent,
            "overtaken" => Self::Overtaken,
            "told" => Self::Told,
            "unreached" => Self::Unreached(Unreached::of(why)?),
            _ => return Err(rows::damaged("the state of a notice")),
        })
    }
}

impl Unreached {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoMobile => "no_mobile",
            Self::WrongNumber => "wrong_number",
            Self::Attempts => "attempts",
            Self::NoGateway => "no_gateway",
            Self::Limit => "limit",
        }
    }

    pub(super) fn of(why: Option<&str>) -> Result<Self, DatabaseError> {
        let all = [Self::NoMobile, Self::WrongNumber, Self::Attempts, Self::NoGateway, Self::Limit];
        let known = all.into_iter().find(|one| Some(one.as_str()) == why);
        known.ok_or_else(|| rows::damaged("why nobody was reached"))
    }
}

impl AttemptOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
        }
    }

    fn of(text: &str) -> Result<Self, DatabaseError> {
        let all = [Self::Sent, Self::Refused, Self::TimedOut, Self::Unreachable];
        all.into_iter().find(|one| one.as_str() == text).ok_or_else(|| rows::damaged("the outcome of a try"))
    }
}

/// Makes a notice, when the transaction is committed.
pub fn add(writing: &mut Writing, request: RequestId, kind: NoticeKind, at: DateTime<Utc>) {
    writing.notices.push(NewNotice { request, kind, at });
}

/// Writes the notices that a transaction has made. One of the same kind that nobody has tried to send yet stands for
/// both.
pub(super) async fn write(writing: &mut Writing) -> Result<(), DatabaseError> {
    let new = std::mem::take(&mut writing.notices);
    let insert = "INSERT INTO notice (id, request, kind, made_at, due_at, state)";
    let known = "ON CONFLICT (request, kind) WHERE state = 'waiting' AND attempts = 0 DO NOTHING";
    rows::insert_all(writing, insert, &new, known, |values, new| {
        values.push_bind(hex(&random::<16>())).push_bind(new.request.to_string()).push_bind(new.kind.as_str());
        values.push_bind(rows::millis(new.at)).push_bind(rows::millis(new.at + GATHERING)).push_bind("waiting");
    })
    .await?;
    Ok(())
}

/// The notices whose turn has come, the longest waiting first.
pub async fn due(connection: &mut Connection, now: DateTime<Utc>, limit: u32) -> Result<Vec<DueNotice>, DatabaseError> {
    let found = sqlx::query(
        "SELECT id, request, kind, made_at, attempts FROM notice WHERE state = 'waiting' AND due_at <= $1
         ORDER BY due_at, id LIMIT $2",
    )
    .bind(rows::millis(now))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    found
        .iter()
        .map(|row| {
            Ok(DueNotice {
                id: row.try_get("id")?,
                request: rows::request_id(row.try_get("request")?)?,
                kind: kind(row.try_get("kind")?)?,
                made_at: rows::time(row.try_get("made_at")?)?,
                attempts: count(row.try_get("attempts")?)?,
            })
        })
        .collect()
}

/// Begins a try, whose number is the answer; `None` when somebody else has taken the notice meanwhile. Until
/// `gone_after` nobody else takes it.
pub async fn begin_attempt(
    connection: &mut Connection,
    notice: &str,
    now: DateTime<Utc>,
    gone_after: DateTime<Utc>,
) -> Result<Option<u32>, DatabaseError> {
    let number: Option<i64> = sqlx::query_scalar(
        "UPDATE notice SET attempts = attempts + 1, due_at = $3 WHERE id = $1 AND state = 'waiting' AND due_at <= $2
         RETURNING attempts",
    )
    .bind(notice)
    .bind(rows::millis(now))
    .bind(rows::millis(gone_after))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(number) = number else { return Ok(None) };
    sqlx::query("INSERT INTO notice_attempt (notice, number, at, answer) VALUES ($1, $2, $3, '')")
        .bind(notice)
        .bind(number)
        .bind(rows::millis(now))
        .execute(connection)
        .await?;
    Ok(Some(count(number)?))
}

/// Keeps how a try ended.
pub async fn end_attempt(
    connection: &mut Connection,
    notice: &str,
    number: u32,
    attempt: &Attempt,
) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE notice_attempt SET outcome = $3, status = $4, answer = $5 WHERE notice = $1 AND number = $2")
        .bind(notice)
        .bind(i64::from(number))
        .bind(attempt.outcome.map(AttemptOutcome::as_str))
        .bind(attempt.status.map(i64::from))
        .bind(&attempt.answer)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a later notice of the same kind waits, too: it says the same.
pub async fn has_later(connection: &mut Connection, notice: &DueNotice) -> Result<bool, DatabaseError> {
    let later: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM notice WHERE request = $1 AND kind = $2 AND state = 'waiting' AND made_at > $3",
    )
    .bind(notice.request.to_string())
    .bind(notice.kind.as_str())
    .bind(rows::millis(notice.made_at))
    .fetch_one(connection)
    .await?;
    Ok(later > 0)
}

/// Lets a waiting notice wait longer.
pub async fn postpone(connection: &mut Connection, notice: &str, due_at: DateTime<Utc>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE notice SET due_at = $2 WHERE id = $1 AND state = 'waiting'")
        .bind(notice)
        .bind(rows::millis(due_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a notice's waiting.
pub async fn settle(connection: &mut Connection, notice: &str, state: NoticeState) -> Result<(), DatabaseError> {
    let (state, why) = state.columns();
    sqlx::query("UPDATE notice SET state = $2, why = $3 WHERE id = $1 AND state = 'waiting'")
        .bind(notice)
        .bind(state)
        .bind(why)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a request off the call list: `as_state` is [`NoticeState::Told`] or [`NoticeState::Overtaken`]. False when it
/// wasn't on it.
pub async fn settle_unreached(
    connection: &mut Connection,
    request: RequestId,
    as_state: NoticeState,
) -> Result<bool, DatabaseError> {
    let (state, why) = as_state.columns();
    let done = sqlx::query("UPDATE notice SET state = $2, why = $3 WHERE request = $1 AND state = 'unreached'")
        .bind(request.to_string())
        .bind(state)
        .bind(why)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// All notices of a request, the newest first, each with its tries.
pub async fn of_request(connection: &mut Connection, request: RequestId) -> Result<Vec<StoredNotice>, DatabaseError> {
    let found =
        sqlx::query("SELECT id, kind, made_at, state, why FROM notice WHERE request = $1 ORDER BY made_at DESC, id")
            .bind(request.to_string())
            .fetch_all(&mut *connection)
            .await?;
    let mut notices = Vec::with_capacity(found.len());
    for row in found {
        let id: String = row.try_get("id")?;
        let attempts =
            sqlx::query("SELECT at, outcome, status, answer FROM notice_attempt WHERE notice = $1 ORDER BY number")
                .bind(&id)
                .fetch_all(&mut *connection)
                .await?;
        let attempts = attempts.iter().map(|row| {
            let outcome: Option<&str> = row.try_get("outcome")?;
            let status: Option<i64> = row.try_get("status")?;
            Ok(Attempt {
                at: rows::time(row.try_get("at")?)?,
                outcome: outcome.map(AttemptOutcome::of).transpose()?,
                status: status.map(u16::try_from).transpose().map_err(|_| rows::damaged("a status"))?,
                answer: row.try_get("answer")?,
            })
        });
        notices.push(StoredNotice {
            kind: kind(row.try_get("kind")?)?,
            made_at: rows::time(row.try_get("made_at")?)?,
            state: NoticeState::of(row.try_get("state")?, row.try_get("why")?)?,
            attempts: attempts.collect::<Result<_, DatabaseError>>()?,
        });
    }
    Ok(notices)
}

/// Forgets all that was told, or was to be told, about a request, and by which number nobody was reached.
pub async fn erase(writing: &mut Writing, request: RequestId) -> Result<(), DatabaseError> {
    writing.notices.retain(|new| new.request != request);
    for statement in [
        "DELETE FROM notice_message WHERE notice IN (SELECT id FROM notice WHERE request = $1)",
        "DELETE FROM notice_attempt WHERE notice IN (SELECT id FROM notice WHERE request = $1)",
        "DELETE FROM notice WHERE request = $1",
        "DELETE FROM notice_contact WHERE request = $1",
        "DELETE FROM notice_wrong_mobile WHERE request = $1",
        "DELETE FROM notice_call WHERE request = $1",
    ] {
        sqlx::query(statement).bind(request.to_string()).execute(&mut **writing).await?;
    }
    Ok(())
}

pub(super) fn kind(text: &str) -> Result<NoticeKind, DatabaseError> {
    text.parse().map_err(|_| rows::damaged("the kind of a notice"))
}

fn count(number: i64) -> Result<u32, DatabaseError> {
    u32::try_from(number).map_err(|_| rows::damaged("the number of tries"))
}
