//! Requests, their events, and where they stand. The events decide; the index columns are computed from them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::persons::{self, Identity};
use super::trail::salted_hash;
use super::{Connection, DatabaseError, Writing, changes, doubts, notices, rows};
use crate::domain::answers::{Answer, Answers};
use crate::domain::catalogue::{NAME_QUESTION, SERVICE_QUESTION};
use crate::domain::declaration::Versions;
use crate::domain::documents::{DocumentAnswer, DocumentState};
use crate::domain::language::Language;
use crate::domain::notice::NoticeKind;
use crate::domain::request::{Request, RequestId};
use crate::domain::stage::{Committee, Ending, Event, Standing};
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::seal::keys;

/// A request as the office holds it.
#[derive(Clone, Debug)]
pub struct StoredRequest {
    pub id: RequestId,
    pub tracking_number: TrackingNumber,
    pub kiosk: KioskNumber,
    /// From this day the fourteen days count (P19)
    pub received_on: NaiveDate,
    pub registered_at: DateTime<Utc>,
    pub arrived_at: DateTime<Utc>,
    pub service: String,
    /// `kiosk`, `desk` or `phone` (P8)
    pub channel: String,
    /// `internal` or `external` (P14)
    pub beneficiary: String,
    pub language: Language,
    pub versions: Versions,
    pub answers: Answers,
    /// When everything personal of it was destroyed: nothing more happens with it
    pub erased_at: Option<DateTime<Utc>>,
}

/// When something counts as done: the kiosk's own time where it can be trusted, else the arrival.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub at: DateTime<Utc>,
    pub day: NaiveDate,
}

/// An event as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    pub event: Event,
    pub at: DateTime<Utc>,
    /// As [`super::trail::Actor`] writes it
    pub actor: String,
    pub reason: Option<String>,
}

/// An event to record.
pub struct NewEvent<'a> {
    pub event: &'a Event,
    pub counted: Counted,
    pub actor: &'a super::trail::Actor,
    pub reason: Option<&'a str>,
}

/// A request as it arrived.
pub struct Arrived<'a> {
    pub request: &'a Request,
    pub kiosk: KioskNumber,
    pub counted: Counted,
}

impl Arrived<'_> {
    /// Where it stands before anything has happened with it.
    fn standing(&self) -> Standing {
        let documents = self.request.documents.iter();
        let documents = documents.map(|(id, said)| (id.clone(), DocumentState::from_answer(*said))).collect();
        Standing::received(self.counted.day, documents)
    }
}

/// A request with what its row is made of, as far as the database need not be asked.
pub struct Prepared<'a> {
    arrived: &'a Arrived<'a>,
    standing: Standing,
    /// As JSON
    answers: String,
    identity: Identity,
}

pub fn prepare<'a>(arrived: &'a [Arrived<'a>]) -> Result<Vec<Prepared<'a>>, DatabaseError> {
    let prepared = |one: &'a Arrived<'a>| {
        let given = &one.request.answers;
        let (answers, identity) = (rows::to_json(given)?, Identity::of(given));
        Ok(Prepared { arrived: one, standing: one.standing(), answers, identity })
    };
    arrived.iter().map(prepared).collect()
}

/// Stores one request.
pub async fn add(writing: &mut Writing, arrived: Arrived<'_>, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    add_all(writing, &prepare(&[arrived])?, now).await?;
    Ok(())
}

/// Stores requests with their documents, tells the kiosks, and makes the notices to the people. The answer are the ids that weren't here.
pub async fn add_all(
    writing: &mut Writing,
    prepared: &[Prepared<'_>],
    now: DateTime<Utc>,
) -> Result<BTreeSet<RequestId>, DatabaseError> {
    let last: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(arrival), 0) FROM request").fetch_one(&mut **writing).await?;
    let identities: Vec<&Identity> = prepared.iter().map(|one| &one.identity).collect();
    let belongings = persons::of_all(writing, &identities).await?;
    let stored: Vec<_> = (last + 1..).zip(prepared).zip(belongings).collect();
    let insert =
        "INSERT INTO request (id, tracking_number, kiosk, received_on, registered_at, arrived_at, service, category,
         channel, beneficiary, language, catalogue_version, declaration_version, privacy_notice_version, policy_version,
         answers, name_normalised, registered_as, belongs_to, stage, documents_complete, arrival)";
    let known = "ON CONFLICT (id) DO NOTHING RETURNING id";
    let news = rows::insert_all(
        writing,
        insert,
        &stored,
        known,
        |values, ((arrival, Prepared { arrived, standing, answers, identity }), belonging)| {
            let Arrived { request, kiosk, counted } = arrived;
            values.push_bind(request.id.to_string()).push_bind(request.tracking_number.to_string());
            values.push_bind(i64::from(kiosk.get())).push_bind(counted.day.to_string());
            values.push_bind(rows::millis(counted.at)).push_bind(rows::millis(now));
            values.push_bind(request.service()).push_bind(request.answers.choice("category"));
            values.push_bind(request.channel.as_str()).push_bind(request.beneficiary.as_str());
            values.push_bind(request.language.code());
            values.push_bind(i64::from(request.versions.catalogue)).push_bind(i64::from(request.versions.declaration));
            values.push_bind(i64::from(request.versions.privacy_notice)).push_bind(i64::from(request.versions.policy));
            values.push_bind(answers).push_bind(&identity.name_words);
            values.push_bind(belonging.registered_as.0).push_bind(belonging.belongs_to.0);
            values.push_bind(stage(standing)).push_bind(i64::from(standing.documents_complete()));
            values.push_bind(*arrival);
        },
    )
    .await?;
    let news = news.iter().map(|row| rows::request_id(row.try_get("id")?)).collect::<Result<BTreeSet<_>, _>>()?;
    let mut documents = Vec::new();
    let mut left = news.clone();
    for Prepared { arrived: Arrived { request, .. }, .. } in prepared {
        // Of two with one id, the first was stored.
        if left.remove(&request.id) {
            for (document, said) in &request.documents {
                documents.push((request.id.to_string(), document, rows::to_json(said)?));
            }
            changes::add(writing, request.id);
            notices::add(writing, request.id, NoticeKind::Received, now);
        }
    }
    let insert = "INSERT INTO request_document (request, document, said)";
    rows::insert_all(writing, insert, &documents, "", |values, (request, document, said)| {
        values.push_bind(request).push_bind(*document).push_bind(said);
    })
    .await?;
    let numbers = prepared.iter().map(|one| one.arrived.request).filter(|request| news.contains(&request.id));
    doubts::note_shared_numbers(writing, numbers.map(|request| request.tracking_number)).await?;
    Ok(news)
}

/// Records an event, whose rules the caller has asked ([`Standing::allows`]), tells the kiosks, and makes the notice to
/// the person.
///
/// The answer is the hash of the reason, for the trail.
pub async fn add_event(
    writing: &mut Writing,
    request: RequestId,
    new: NewEvent<'_>,
) -> Result<Option<String>, DatabaseError> {
    let salt = new.reason.map(|_| keys::random::<16>().to_vec());
    sqlx::query(
        "INSERT INTO request_event (request, event, at, on_day, actor, reason, salt) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(request.to_string())
    .bind(rows::to_json(new.event)?)
    .bind(rows::millis(new.counted.at))
    .bind(new.counted.day.to_string())
    .bind(new.actor.to_string())
    .bind(new.reason)
    .bind(&salt)
    .execute(&mut **writing)
    .await?;
    let standing = index(writing, request).await?;
    if let Some(kind) = NoticeKind::of(new.event, &standing) {
        notices::add(writing, request, kind, new.counted.at);
    }
    Ok(new.reason.zip(salt).map(|(reason, salt)| salted_hash(&salt, reason)))
}

/// Replaces the answers by corrected ones, with all that is computed from them, and tells the kiosks.
pub async fn set_answers(writing: &mut Writing, id: RequestId, answers: &Answers) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE request SET answers = $2, service = $3, category = $4 WHERE id = $1")
        .bind(id.to_string())
        .bind(rows::to_json(answers)?)
        .bind(answers.choice(SERVICE_QUESTION).unwrap_or_default())
        .bind(answers.choice("category"))
        .execute(&mut **writing)
        .await?;
    persons::refresh(writing, id).await?;
    changes::add(writing, id);
    Ok(())
}

pub async fn find(connection: &mut Connection, id: RequestId) -> Result<Option<StoredRequest>, DatabaseError> {
    let row =
        sqlx::query("SELECT * FROM request WHERE id = $1").bind(id.to_string()).fetch_optional(connection).await?;
    row.as_ref().map(from_row).transpose()
}

/// Usually one; should two requests bear one number, both.
pub async fn by_number(
    connection: &mut Connection,
    number: TrackingNumber,
) -> Result<Vec<StoredRequest>, DatabaseError> {
    let rows = sqlx::query("SELECT * FROM request WHERE tracking_number = $1 ORDER BY registered_at, id")
        .bind(number.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(from_row).collect()
}

/// All requests of a kiosk.
pub async fn of_kiosk(connection: &mut Connection, kiosk: KioskNumber) -> Result<Vec<RequestId>, DatabaseError> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM request WHERE kiosk = $1")
        .bind(i64::from(kiosk.get()))
        .fetch_all(connection)
        .await?;
    ids.iter().map(|id| rows::request_id(id)).collect()
}

/// Where a request stands, from its documents and events.
pub async fn standing(connection: &mut Connection, id: RequestId) -> Result<Option<Standing>, DatabaseError> {
    let row: Option<(String, Option<i64>)> = sqlx::query_as("SELECT received_on, erased_at FROM request WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some((received_on, erased_at)) = row else { return Ok(None) };
    let documents: Vec<(String, String)> =
        sqlx::query_as("SELECT document, said FROM request_document WHERE request = $1")
            .bind(id.to_string())
            .fetch_all(&mut *connection)
            .await?;
    let documents = documents
        .into_iter()
        .map(|(document, said)| {
            let said: DocumentAnswer = rows::json(&said, "a document's answer")?;
            Ok((document, DocumentState::from_answer(said)))
        })
        .collect::<Result<_, DatabaseError>>()?;
    let mut standing = Standing::received(rows::day(&received_on)?, documents);
    let events: Vec<(String, String)> =
        sqlx::query_as("SELECT event, on_day FROM request_event WHERE request = $1 ORDER BY number")
            .bind(id.to_string())
            .fetch_all(connection)
            .await?;
    for (event, day) in events {
        standing.apply(&rows::json(&event, "an event")?, rows::day(&day)?);
    }
    if erased_at.is_some() && standing.delivered_on.is_none() {
        // Nothing happens any more with what was erased, a refusal's second look neither.
        standing.ended.get_or_insert(Ending::Closed);
    }
    Ok(Some(standing))
}

/// What happened with a request, in the order it was recorded.
pub async fn events(connection: &mut Connection, id: RequestId) -> Result<Vec<RecordedEvent>, DatabaseError> {
    events_after(connection, id, 0).await
}

/// The same from behind the event with a number.
pub(super) async fn events_after(
    connection: &mut Connection,
    id: RequestId,
    after: i64,
) -> Result<Vec<RecordedEvent>, DatabaseError> {
    let select =
        "SELECT event, at, actor, reason FROM request_event WHERE request = $1 AND number > $2 ORDER BY number";
    let found = sqlx::query(select).bind(id.to_string()).bind(after).fetch_all(connection).await?;
    found
        .iter()
        .map(|row| {
            Ok(RecordedEvent {
                event: rows::json(row.try_get("event")?, "an event")?,
                at: rows::time(row.try_get("at")?)?,
                actor: row.try_get("actor")?,
                reason: row.try_get("reason")?,
            })
        })
        .collect()
}

/// The one word under which work lists find a request.
pub fn stage(standing: &Standing) -> &'static str {
    match (standing.ended, standing.delivered_on, standing.committee) {
        (Some(Ending::Withdrawn), ..) => "withdrawn",
        (Some(Ending::Closed), ..) => "closed",
        (None, Some(_), _) => "delivered",
        (None, None, Committee::Accepted { .. }) => "accepted",
        (None, None, Committee::Refused { .. }) => "refused",
        (None, None, Committee::UnderStudy) => "under_study",
    }
}

/// Computes the index columns anew, and gives the request its next change; where it stands now.
async fn index(writing: &mut Writing, id: RequestId) -> Result<Standing, DatabaseError> {
    let standing = standing(writing, id).await?.ok_or_else(|| rows::damaged("a request without its row"))?;
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    sqlx::query(
        "UPDATE request SET stage = $2, documents_complete = $3, decided_on = $4, objected_on = $5 WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(stage(&standing))
    .bind(i64::from(standing.documents_complete()))
    .bind(day(standing.committee.decided_on()))
    .bind(day(standing.objected_on))
    .execute(&mut **writing)
    .await?;
    changes::add(writing, id);
    Ok(standing)
}

/// The beneficiary's name; the first name there is where the form asks otherwise; empty where it asks for none.
pub fn beneficiary_name(answers: &Answers) -> &str {
    fn name_of(answer: &Answer) -> Option<&str> {
        match answer {
            Answer::Name(name) => Some(name.as_str()),
            _ => None,
        }
    }
    let asked = answers.get(NAME_QUESTION).and_then(name_of);
    asked.or_else(|| answers.iter().find_map(|(_, answer)| name_of(answer))).unwrap_or_default()
}

pub(super) fn from_row(row: &SqliteRow) -> Result<StoredRequest, DatabaseError> {
    let version = |column: &str| -> Result<u32, DatabaseError> {
        u32::try_from(row.try_get::<i64, _>(column)?).map_err(|_| rows::damaged("a version"))
    };
    Ok(StoredRequest {
        id: rows::request_id(row.try_get("id")?)?,
        tracking_number: rows::tracking_number(row.try_get("tracking_number")?)?,
        kiosk: rows::kiosk_number(row.try_get("kiosk")?)?,
        received_on: rows::day(row.try_get("received_on")?)?,
        registered_at: rows::time(row.try_get("registered_at")?)?,
        arrived_at: rows::time(row.try_get("arrived_at")?)?,
        service: row.try_get("service")?,
        channel: row.try_get("channel")?,
        beneficiary: row.try_get("beneficiary")?,
        language: row.try_get::<&str, _>("language")?.parse().map_err(|_| rows::damaged("a language"))?,
        versions: Versions {
            catalogue: version("catalogue_version")?,
            declaration: version("declaration_version")?,
            privacy_notice: version("privacy_notice_version")?,
            policy: version("policy_version")?,
        },
        answers: rows::json(row.try_get("answers")?, "the answers of a request")?,
        erased_at: row.try_get::<Option<i64>, _>("erased_at")?.map(rows::time).transpose()?,
    })
}
