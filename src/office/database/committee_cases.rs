//! What stands before the committee in its sessions, and what it decided (P18, P19, P23).
//!
//! Why it was decided so and what was granted are personal data: they can be destroyed ([`erase`]), and the hashes that
//! stay keep the seal of the minutes whole.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::requests::{StoredRequest, from_row as request_from_row};
use super::trail::{Actor, salted_hash};
use super::{Connection, DatabaseError, Writing, rows};
use crate::domain::request::RequestId;
use crate::domain::stage::Decision;
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::keys::random;

/// A personal text that can be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptText {
    /// `None` once it was erased
    pub text: Option<String>,
    /// Salted; it says nothing when the salt is destroyed
    pub hash: String,
}

/// Why a case that was decided is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksAgain {
    /// The applicant objected (P23)
    Objection,
    /// The committee decides anew
    Anew,
}

impl LooksAgain {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Objection => "objection",
            Self::Anew => "anew",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Objection, Self::Anew].into_iter().find(|known| known.as_str() == text)
    }
}

/// A request before the committee in a session.
#[derive(Clone, Debug)]
pub struct Case {
    pub session: String,
    pub request: RequestId,
    pub tracking_number: TrackingNumber,
    pub service: String,
    /// Why it is to be decided anew
    pub anew_because: Option<KeptText>,
    pub decided: Option<Decided>,
    /// False when one of its texts isn't what its hash says
    pub texts_are_sound: bool,
}

/// What was decided on a case.
#[derive(Clone, Debug)]
pub struct Decided {
    pub decision: Decision,
    pub at: DateTime<Utc>,
    /// As [`Actor`] writes it
    pub by: String,
    /// Who decided: the ids of members
    pub took_part: Vec<String>,
    pub looks_again: Option<LooksAgain>,
    /// The session in which it was decided before
    pub earlier: Option<String>,
    pub reason: Option<KeptText>,
    pub granted: Option<KeptText>,
}

/// A decision to record.
pub struct NewDecision<'a> {
    pub decision: Decision,
    pub at: DateTime<Utc>,
    pub by: &'a Actor,
    pub took_part: &'a [String],
    pub looks_again: Option<LooksAgain>,
    pub earlier: Option<&'a str>,
    pub reason: &'a str,
    pub granted: Option<&'a str>,
}

/// A request that can be put before the committee.
pub struct Candidate {
    pub request: StoredRequest,
    pub documents_complete: bool,
    pub objected_on: Option<NaiveDate>,
}

/// Which requests are shown to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Their fourteen days have passed: they can be decided
    Ripe,
    /// They can be studied only
    TooEarly,
}

/// Puts a request before the committee; false when it is there already.
pub async fn add(
    writing: &mut Writing,
    session: &str,
    request: &StoredRequest,
    anew_because: Option<&str>,
) -> Result<bool, DatabaseError> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(place), 0) FROM committee_case WHERE session = $1")
        .bind(session)
        .fetch_one(&mut **writing)
        .await?;
    let salt = random::<16>().to_vec();
    let added = sqlx::query(
        "INSERT INTO committee_case
             (session, request, tracking_number, service, place, anew_because, anew_because_hash, salt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (session, request) DO NOTHING",
    )
    .bind(session)
    .bind(request.id.to_string())
    .bind(request.tracking_number.to_string())
    .bind(&request.service)
    .bind(last + 1)
    .bind(anew_because)
    .bind(anew_because.map(|text| salted_hash(&salt, text)))
    .bind(&salt)
    .execute(&mut **writing)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Takes a case off that wasn't decided.
pub async fn take_off(writing: &mut Writing, session: &str, request: RequestId) -> Result<(), DatabaseError> {
    for statement in [
        "DELETE FROM committee_aside WHERE session = $1 AND request = $2",
        "DELETE FROM committee_case WHERE session = $1 AND request = $2 AND decision IS NULL",
    ] {
        sqlx::query(statement).bind(session).bind(request.to_string()).execute(&mut **writing).await?;
    }
    Ok(())
}

/// In the order of the session.
pub async fn of_session(connection: &mut Connection, session: &str) -> Result<Vec<Case>, DatabaseError> {
    let found = sqlx::query("SELECT * FROM committee_case WHERE session = $1 ORDER BY place")
        .bind(session)
        .fetch_all(connection)
        .await?;
    found.iter().map(from_row).collect()
}

/// Every time that a request stood before the committee, from the first; for its page, and for the copy of their data
/// that people can ask for.
pub async fn of_request(connection: &mut Connection, request: RequestId) -> Result<Vec<Case>, DatabaseError> {
    let found = sqlx::query(
        "SELECT committee_case.* FROM committee_case JOIN committee_session ON committee_session.id = session
         WHERE request = $1 ORDER BY committee_session.number",
    )
    .bind(request.to_string())
    .fetch_all(connection)
    .await?;
    found.iter().map(from_row).collect()
}

pub async fn find(
    connection: &mut Connection,
    session: &str,
    request: RequestId,
) -> Result<Option<Case>, DatabaseError> {
    let row = sqlx::query("SELECT * FROM committee_case WHERE session = $1 AND request = $2")
        .bind(session)
        .bind(request.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// How many cases a session has, and how many of them are decided.
pub async fn counts(connection: &mut Connection, session: &str) -> Result<(usize, usize), DatabaseError> {
    let (all, decided): (i64, i64) =
        sqlx::query_as("SELECT COUNT(*), COUNT(decision) FROM committee_case WHERE session = $1")
            .bind(session)
            .fetch_one(connection)
            .await?;
    let count = |number| usize::try_from(number).unwrap_or_default();
    Ok((count(all), count(decided)))
}

/// Who steps aside in which case of a session.
pub async fn asides(connection: &mut Connection, session: &str) -> Result<Vec<(RequestId, String)>, DatabaseError> {
    let found: Vec<(String, String)> =
        sqlx::query_as("SELECT request, member FROM committee_aside WHERE session = $1 ORDER BY request, member")
            .bind(session)
            .fetch_all(connection)
            .await?;
    found.into_iter().map(|(request, member)| Ok((rows::request_id(&request)?, member))).collect()
}

/// Says who steps aside in a case, in the place of what was said before.
pub async fn set_asides(
    writing: &mut Writing,
    session: &str,
    request: RequestId,
    members: &[&str],
) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM committee_aside WHERE session = $1 AND request = $2")
        .bind(session)
        .bind(request.to_string())
        .execute(&mut **writing)
        .await?;
    for member in members {
        sqlx::query("INSERT INTO committee_aside (session, request, member) VALUES ($1, $2, $3)")
            .bind(session)
            .bind(request.to_string())
            .bind(member)
            .execute(&mut **writing)
            .await?;
    }
    Ok(())
}

/// Writes the decision on a case, whose rules the caller has asked. The answer are the hashes of the reason and of what
/// was granted, for the trail.
pub async fn decide(
    writing: &mut Writing,
    session: &str,
    request: RequestId,
    new: &NewDecision<'_>,
) -> Result<(String, Option<String>), DatabaseError> {
    let salt: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT salt FROM committee_case WHERE session = $1 AND request = $2")
            .bind(session)
            .bind(request.to_string())
            .fetch_one(&mut **writing)
            .await?;
    // Erased in an open session: a new salt for what is written now.
    let salt = salt.unwrap_or_else(|| random::<16>().to_vec());
    let reason_hash = salted_hash(&salt, new.reason);
    let granted_hash = new.granted.map(|granted| salted_hash(&salt, granted));
    sqlx::query(
        "UPDATE committee_case SET decision = $3, decided_at = $4, decided_by = $5, took_part = $6, looks_again = $7,
             earlier = $8, reason = $9, reason_hash = $10, granted = $11, granted_hash = $12, salt = $13
         WHERE session = $1 AND request = $2 AND decision IS NULL",
    )
    .bind(session)
    .bind(request.to_string())
    .bind(new.decision.as_str())
    .bind(rows::millis(new.at))
    .bind(new.by.to_string())
    .bind(rows::to_json(&new.took_part)?)
    .bind(new.looks_again.map(LooksAgain::as_str))
    .bind(new.earlier)
    .bind(new.reason)
    .bind(&reason_hash)
    .bind(new.granted)
    .bind(&granted_hash)
    .bind(&salt)
    .execute(&mut **writing)
    .await?;
    Ok((reason_hash, granted_hash))
}

/// Requests under study that aren't in the session yet: objections first, then whole documents, then the longest waiting.
/// `ripe` is the last day of receipt whose fourteen days have passed.
pub async fn to_choose_from(
    connection: &mut Connection,
    session: &str,
    choice: Choice,
    ripe: NaiveDate,
    limit: u32,
    offset: u32,
) -> Result<Vec<Candidate>, DatabaseError> {
    let statement = match choice {
        Choice::Ripe => {
            "SELECT * FROM request WHERE stage = 'under_study' AND received_on <= $2
                 AND id NOT IN (SELECT request FROM committee_case WHERE session = $1)
             ORDER BY CASE WHEN objected_on IS NULL THEN 1 ELSE 0 END, documents_complete DESC, received_on, id
             LIMIT $3 OFFSET $4"
        }
        Choice::TooEarly => {
            "SELECT * FROM request WHERE stage = 'under_study' AND received_on > $2
                 AND id NOT IN (SELECT request FROM committee_case WHERE session = $1)
             ORDER BY documents_complete DESC, received_on, id LIMIT $3 OFFSET $4"
        }
    };
    let found = sqlx::query(statement)
        .bind(session)
        .bind(ripe.to_string())
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| {
            let objected_on: Option<String> = row.try_get("objected_on")?;
            Ok(Candidate {
                request: request_from_row(row)?,
                documents_complete: row.try_get::<i64, _>("documents_complete")? != 0,
                objected_on: objected_on.as_deref().map(rows::day).transpose()?,
            })
        })
        .collect()
}

/// Destroys what the committee wrote about a request, with the salt; the hashes stay, so that the minutes' seal does.
pub async fn erase(writing: &mut Writing, request: RequestId) -> Result<(), DatabaseError> {
    sqlx::query(
        "UPDATE committee_case SET anew_because = NULL, reason = NULL, granted = NULL, salt = NULL WHERE request = $1",
    )
    .bind(request.to_string())
    .execute(&mut **writing)
    .await?;
    Ok(())
}

fn from_row(row: &SqliteRow) -> Result<Case, DatabaseError> {
    let salt: Option<Vec<u8>> = row.try_get("salt")?;
    let kept = |text: &str, hash: &str| -> Result<Option<KeptText>, DatabaseError> {
        let (text, hash): (Option<String>, Option<String>) = (row.try_get(text)?, row.try_get(hash)?);
        // A text without its hash was put in by hand: it fits none.
        let hash = hash.or_else(|| text.as_ref().map(|_| String::new()));
        Ok(hash.map(|hash| KeptText { text, hash }))
    };
    let (anew_because, reason, granted) =
        (kept("anew_because", "anew_because_hash")?, kept("reason", "reason_hash")?, kept("granted", "granted_hash")?);
    let is_sound = |kept: &KeptText| match (&kept.text, &salt) {
        (Some(text), Some(salt)) => salted_hash(salt, text) == kept.hash,
        (text, salt) => text.is_none() && salt.is_none(),
    };
    let texts_are_sound = [&anew_because, &reason, &granted].into_iter().flatten().all(is_sound);
    let decision: Option<&str> = row.try_get("decision")?;
    let decided = match decision {
        None => None,
        Some(word) => {
            let looks_again: Option<&str> = row.try_get("looks_again")?;
            Some(Decided {
                decision: match word {
                    "accepted" => Decision::Accepted,
                    "refused" => Decision::Refused,
                    _ => return Err(rows::damaged("a decision")),
                },
                at: rows::time(row.try_get("decided_at")?)?,
                by: row.try_get("decided_by")?,
                took_part: rows::json(row.try_get("took_part")?, "who decided")?,
                looks_again: match looks_again {
                    Some(word) => Some(LooksAgain::parse(word).ok_or_else(|| rows::damaged("a second look"))?),
                    None => None,
                },
                earlier: row.try_get("earlier")?,
                reason,
                granted,
            })
        }
    };
    Ok(Case {
        session: row.try_get("session")?,
        request: rows::request_id(row.try_get("request")?)?,
        tracking_number: rows::tracking_number(row.try_get("tracking_number")?)?,
        service: row.try_get("service")?,
        anew_because,
        decided,
        texts_are_sound,
    })
}
