//! The register of what people ask for under the Personal Data Protection Law: a copy of their data, a correction, deletion.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::persons::{self, PersonNumber};
use super::requests::{self, StoredRequest};
use super::retention::{self, Held};
use super::trail::salted_hash;
use super::{Connection, DatabaseError, rows};
use crate::domain::request::RequestId;
use crate::seal::keys;

/// Within so many days an ask is to be answered (article 3 of the law's implementing regulation).
pub const ANSWER_DAYS: u64 = 30;

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskKind {
    Copy,
    Correction,
    Deletion,
}

impl AskKind {
    pub const ALL: [Self; 3] = [Self::Copy, Self::Correction, Self::Deletion];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Correction => "correction",
            Self::Deletion => "deletion",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// By which way an ask came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskChannel {
    Desk,
    Phone,
    Letter,
    Email,
}

impl AskChannel {
    pub const ALL: [Self; 4] = [Self::Desk, Self::Phone, Self::Letter, Self::Email];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Phone => "phone",
            Self::Letter => "letter",
            Self::Email => "email",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// How an ask was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Done,
    /// With a reason
    Refused,
}

impl Answer {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// An ask as it stands in the register. People are the staff's random ids.
#[derive(Clone, Debug)]
pub struct Ask {
    pub id: String,
    /// Whose data it is about; `None` when nothing was found of whoever asks, and once everything of them was erased
    pub person: Option<PersonNumber>,
    /// The request by which it was entered
    pub request: Option<RequestId>,
    pub kind: AskKind,
    pub channel: AskChannel,
    pub received_on: NaiveDate,
    pub entered_by: String,
    /// `None` as long as nobody has looked at the paper that proves who asks
    pub identity_checked_by: Option<String>,
    pub answered: Option<Answered>,
}

/// The end of an ask.
#[derive(Clone, Debug)]
pub struct Answered {
    pub at: DateTime<Utc>,
    pub by: String,
    pub answer: Answer,
    pub reason: Option<String>,
}

/// A request that an ask is about.
pub struct Covered {
    pub request: StoredRequest,
    /// The word of [`requests::stage`]
    pub stage: String,
    /// Not to be erased, and why
    pub held: Option<Held>,
}

impl Ask {
    /// The last day of the time in which it is to be answered.
    pub fn due_on(&self) -> NaiveDate {
        self.received_on.checked_add_days(Days::new(ANSWER_DAYS)).unwrap_or(NaiveDate::MAX)
    }
}

/// Enters an ask; one whose id is there changes nothing, so that a form sent twice counts once. False when it was there.
pub async fn add(connection: &mut Connection, ask: &Ask, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "INSERT INTO privacy_ask
             (id, request, kind, channel, received_on, entered_at, entered_by, identity_checked_by, beneficiary)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&ask.id)
    .bind(ask.request.map(|request| request.to_string()))
    .bind(ask.kind.as_str())
    .bind(ask.channel.as_str())
    .bind(ask.received_on.to_string())
    .bind(rows::millis(now))
    .bind(&ask.entered_by)
    .bind(&ask.identity_checked_by)
    .bind(ask.person.map(|person| person.0))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Records who has proved who asks; false when somebody did before, or it is answered.
pub async fn check_identity(connection: &mut Connection, id: &str, by: &str) -> Result<bool, DatabaseError> {
    let done = sqlx::query(
        "UPDATE privacy_ask SET identity_checked_by = $2
         WHERE id = $1 AND identity_checked_by IS NULL AND answered_at IS NULL",
    )
    .bind(id)
    .bind(by)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends an open ask; the answer is the hash of the reason for the trail, or `None` when it was answered before.
pub async fn answer(
    connection: &mut Connection,
    id: &str,
    answer: Answer,
    reason: Option<&str>,
    (now, by): (DateTime<Utc>, &str),
) -> Result<Option<Option<String>>, DatabaseError> {
    let salt = reason.map(|_| keys::random::<16>().to_vec());
    let done = sqlx::query(
        "UPDATE privacy_ask SET answered_at = $2, answered_by = $3, answer = $4, reason = $5, salt = $6
         WHERE id = $1 AND answered_at IS NULL",
    )
    .bind(id)
    .bind(rows::millis(now))
    .bind(by)
    .bind(answer.as_str())
    .bind(reason)
    .bind(&salt)
    .execute(connection)
    .await?;
    let is_news = done.rows_affected() > 0;
    Ok(is_news.then(|| reason.zip(salt).map(|(reason, salt)| salted_hash(&salt, reason))))
}

pub async fn find(connection: &mut Connection, id: &str) -> Result<Option<Ask>, DatabaseError> {
    let row = sqlx::query("SELECT * FROM privacy_ask WHERE id = $1").bind(id).fetch_optional(connection).await?;
    row.as_ref().map(from_row).transpose()
}

/// The asks of a person, through whichever request they were entered, and those about one request; the oldest first. Where the
/// request by which one was entered is here, it says whose the ask is ([`file_of`]).
pub async fn about(
    connection: &mut Connection,
    person: Option<PersonNumber>,
    request: Option<RequestId>,
) -> Result<Vec<Ask>, DatabaseError> {
    let rows = sqlx::query(
        "SELECT * FROM privacy_ask
         WHERE request = $1 OR request IN (SELECT id FROM request WHERE belongs_to = $2)
             OR (beneficiary IN (SELECT number FROM beneficiary WHERE number = $2 OR belongs_to = $2)
                 AND NOT EXISTS (SELECT 1 FROM request
                                 WHERE request.id = privacy_ask.request AND request.belongs_to IS NOT NULL))
         ORDER BY received_on, entered_at, id",
    )
    .bind(request.map(|request| request.to_string()))
    .bind(person.map(|person| person.0))
    .fetch_all(connection)
    .await?;
    rows.iter().map(from_row).collect()
}

/// The requests that an ask is about: all of the person, the newest first, and the one by which it was entered. What was
/// erased is not among them.
pub async fn covered(connection: &mut Connection, ask: &Ask) -> Result<Vec<Covered>, DatabaseError> {
    let mut found = Vec::new();
    if let Some(person) = file_of(connection, ask).await? {
        let requests = persons::requests(connection, person, u32::MAX).await?;
        found.extend(requests.into_iter().map(|one| (one.request, one.stage)));
    }
    if let Some(id) = ask.request.filter(|id| found.iter().all(|(request, _)| request.id != *id))
        && let Some(request) = requests::find(connection, id).await?.filter(|request| request.erased_at.is_none())
        && let Some(standing) = requests::standing(connection, id).await?
    {
        found.push((request, requests::stage(&standing).to_owned()));
    }
    let mut covered = Vec::with_capacity(found.len());
    for (request, stage) in found {
        let held = retention::held(connection, request.id).await?;
        covered.push(Covered { request, stage, held });
    }
    Ok(covered)
}

/// The file of whoever asks, as staff see it now: that of the request by which the ask was entered, whose answers may have been
/// corrected and whose file may have been merged or separated since; without it, the file from which it was entered.
pub async fn file_of(connection: &mut Connection, ask: &Ask) -> Result<Option<PersonNumber>, DatabaseError> {
    if let Some(request) = ask.request
        && let Some(person) = persons::of_request(connection, request).await?
    {
        return Ok(Some(person.number));
    }
    let Some(person) = ask.person else { return Ok(None) };
    Ok(persons::by_number(connection, person).await?.map(|person| person.belongs_to))
}

/// Forgets whose asks they were and why they were answered so, when nothing of the person is left.
pub async fn forget_person(connection: &mut Connection, person: PersonNumber) -> Result<(), DatabaseError> {
    sqlx::query(
        "UPDATE privacy_ask SET beneficiary = NULL, reason = NULL, salt = NULL
         WHERE beneficiary IN (SELECT number FROM beneficiary WHERE number = $1 OR belongs_to = $1)
             AND NOT EXISTS (SELECT 1 FROM request WHERE belongs_to = $1)
             AND NOT EXISTS (SELECT 1 FROM request
                             WHERE request.id = privacy_ask.request AND request.belongs_to IS NOT NULL)",
    )
    .bind(person.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of the register: the open ones first, the longest waiting of them before all, then the newest answered.
pub async fn page(connection: &mut Connection, limit: u32, offset: u32) -> Result<Vec<Ask>, DatabaseError> {
    let found = sqlx::query(
        "SELECT * FROM privacy_ask
         ORDER BY CASE WHEN answered_at IS NULL THEN 0 ELSE 1 END, answered_at DESC, received_on, entered_at, id
         LIMIT $1 OFFSET $2",
    )
    .bind(i64::from(limit))
    .bind(i64::from(offset))
    .fetch_all(connection)
    .await?;
    Ok(rows::readable(&found, "asks", from_row))
}

pub async fn count(connection: &mut Connection) -> Result<u64, DatabaseError> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM privacy_ask").fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

/// How many open asks were received before a day.
pub async fn count_open_before(connection: &mut Connection, day: NaiveDate) -> Result<u64, DatabaseError> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM privacy_ask WHERE answered_at IS NULL AND received_on < $1")
            .bind(day.to_string())
            .fetch_one(connection)
            .await?;
    Ok(count.unsigned_abs())
}

fn from_row(row: &SqliteRow) -> Result<Ask, DatabaseError> {
    let request: Option<&str> = row.try_get("request")?;
    let answered_at: Option<i64> = row.try_get("answered_at")?;
    let answered = match answered_at {
        None => None,
        Some(at) => Some(Answered {
            at: rows::time(at)?,
            by: row.try_get::<Option<String>, _>("answered_by")?.unwrap_or_default(),
            answer: match row.try_get::<Option<&str>, _>("answer")? {
                Some("done") => Answer::Done,
                Some("refused") => Answer::Refused,
                _ => return Err(rows::damaged("an answer to an ask")),
            },
            reason: row.try_get("reason")?,
        }),
    };
    Ok(Ask {
        id: row.try_get("id")?,
        person: row.try_get::<Option<i64>, _>("beneficiary")?.map(PersonNumber),
        request: request.map(rows::request_id).transpose()?,
        kind: AskKind::parse(row.try_get("kind")?).ok_or_else(|| rows::damaged("an ask"))?,
        channel: AskChannel::parse(row.try_get("channel")?).ok_or_else(|| rows::damaged("the channel of an ask"))?,
        received_on: rows::day(row.try_get("received_on")?)?,
        entered_by: row.try_get("entered_by")?,
        identity_checked_by: row.try_get("identity_checked_by")?,
        answered,
    })
}
