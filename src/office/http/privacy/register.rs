//! The register: what people asked for, by which way, and until when it is to be answered.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use super::super::frame::{Failure, Frame, show};
use super::super::session::{Posted, Staff};
use super::super::words as office_words;
use super::words;
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::tracking_number::TrackingNumber;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::asks::{self, Ask, AskChannel, AskKind};
use crate::office::database::persons::{self, StoredPerson};
use crate::office::database::taken_forms::FormId;
use crate::office::database::{Connection, DatabaseError, requests, retention, trail};
use crate::office::people::Permission;

const PAGE_ROWS: u32 = 25;

#[derive(Default, Deserialize)]
pub struct PageQuery {
    page: Option<u32>,
    /// Puts a tracking number into the form
    #[serde(default)]
    number: String,
    /// The id of a person's file: the form is about this person
    #[serde(default)]
    person: String,
}

/// A row of the register.
struct Row {
    path: String,
    kind: String,
    /// The number of the request by which it was entered
    number: String,
    received: String,
    channel: String,
    identity_is_checked: bool,
    state: String,
    is_overdue: bool,
}

/// A value of a choice, its label, and whether it is chosen.
type Choice = (&'static str, String);

#[derive(Template)]
#[template(path = "privacy.html")]
struct RegisterPage {
    frame: Frame,
    error: Option<String>,
    rows: Vec<Row>,
    kinds: Vec<Choice>,
    channels: Vec<Choice>,
    number: String,
    /// Id and name of the person whom the form is about
    person: Option<(String, String)>,
    today: String,
    form_id: String,
    retention: String,
    earlier: Option<u32>,
    later: Option<u32>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<PageQuery>,
) -> Result<Response, Failure> {
    staff.need(Permission::AnswerPrivacyAsks)?;
    let page = register(&office, &staff, &query, None).await?;
    let mut writing = office.database.write().await?;
    let details = json!({ "page": query.page.unwrap_or(1), "count": page.rows.len() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "list opened", "privacy asks", details).await?;
    writing.commit().await?;
    Ok(show(&page)?.into_response())
}

/// Enters an ask. The form's own id is the ask's: sent twice, it counts once.
pub async fn enter(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::AnswerPrivacyAsks)?;
    let form = FormId::parse(posted.field("form_id")).ok_or_else(|| Failure::form_is_stale(&staff.visitor))?;
    let stale = || Failure::form_is_stale(&staff.visitor);
    let kind = AskKind::parse(posted.field("kind")).ok_or_else(stale)?;
    let channel = AskChannel::parse(posted.field("channel")).ok_or_else(stale)?;
    let now = office.clock.now();
    let received_on = match posted.field("received_on").parse::<NaiveDate>() {
        Ok(day) if day <= riyadh_day(now) => day,
        _ => return refused(&office, &posted, "office-ask-wrong-day").await,
    };
    let (person, request) = match whose(&office, &posted).await? {
        Ok(whose) => whose,
        Err(key) => return refused(&office, &posted, key).await,
    };
    let ask = Ask {
        id: form.as_str().to_owned(),
        person: person.as_ref().map(|person| person.number),
        request,
        kind,
        channel,
        received_on,
        entered_by: staff.person.id.clone(),
        identity_checked_by: (posted.field("identity") == "yes").then(|| staff.person.id.clone()),
        answered: None,
    };
    let mut writing = office.database.write().await?;
    if asks::add(&mut writing, &ask, now).await? {
        let details = json!({
            "ask": ask.id,
            "kind": kind.as_str(),
            "channel": channel.as_str(),
            "identity_checked": ask.identity_checked_by.is_some(),
        });
        let subject = request.map(|request| request.to_string()).or(person.map(|person| person.id)).unwrap_or_default();
        trail::append(&mut writing, now, &staff.actor(), "privacy ask entered", &subject, details).await?;
        writing.commit().await?;
    }
    Ok(Redirect::to(&format!("/privacy/asks/{}", ask.id)).into_response())
}

/// Of whom the form is, and the request by whose number it was entered: the person of the page from which somebody came, else
/// the person of a typed number; nobody without either. The key of a sentence where the number is of no use.
async fn whose(
    office: &Office,
    posted: &Posted,
) -> Result<Result<(Option<StoredPerson>, Option<RequestId>), &'static str>, Failure> {
    let mut reading = office.database.read().await?;
    if !posted.field("person").is_empty() {
        let person = file(&mut reading, posted.field("person")).await?;
        let person = person.ok_or_else(|| Failure::form_is_stale(&posted.staff.visitor))?;
        return Ok(Ok((Some(person), None)));
    }
    let number = posted.field("number");
    if number.trim().is_empty() {
        return Ok(Ok((None, None)));
    }
    let Ok(number) = TrackingNumber::parse(number) else { return Ok(Err("office-ask-wrong-number")) };
    let found = requests::by_number(&mut reading, number).await?;
    let request = match found.as_slice() {
        [] => return Ok(Err("office-ask-unknown-number")),
        [one] => one.id,
        several => {
            let mut left = several.iter().filter(|one| one.erased_at.is_none());
            match (left.next(), left.next()) {
                (Some(one), None) => one.id,
                // Two people bear it: staff open the right one by scanning its receipt, and come from its page.
                _ => return Ok(Err("office-ask-shared-number")),
            }
        }
    };
    Ok(Ok((persons::of_request(&mut reading, request).await?, Some(request))))
}

/// The file of a person, as staff see it now: it may have been merged into another.
async fn file(connection: &mut Connection, id: &str) -> Result<Option<StoredPerson>, DatabaseError> {
    let Some(person) = persons::find(connection, id).await? else { return Ok(None) };
    persons::by_number(connection, person.belongs_to).await
}

async fn refused(office: &Office, posted: &Posted, key: &str) -> Result<Response, Failure> {
    let sentence = Words::of(posted.staff.visitor.language).get(key);
    let field = |name| posted.field(name).to_owned();
    let query = PageQuery { page: None, number: field("number"), person: field("person") };
    let page = register(office, &posted.staff, &query, Some(sentence)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn register(
    office: &Office,
    staff: &Staff,
    query: &PageQuery,
    error: Option<String>,
) -> Result<RegisterPage, Failure> {
    let frame = Frame::new(&staff.visitor, "privacy");
    let (words, now) = (frame.words, office.clock.now());
    let number = query.page.unwrap_or(1).clamp(1, 100_000);
    let mut reading = office.database.read().await?;
    let count = asks::count(&mut reading).await?;
    let found = asks::page(&mut reading, PAGE_ROWS, (number - 1) * PAGE_ROWS).await?;
    let mut rows = Vec::with_capacity(found.len());
    for ask in &found {
        let request = match ask.request {
            Some(id) => requests::find(&mut reading, id).await?,
            None => None,
        };
        rows.push(Row {
            path: format!("/privacy/asks/{}", ask.id),
            kind: words::kind(words, ask.kind),
            number: request.map(|request| office_words::number(words, request.tracking_number)).unwrap_or_default(),
            received: dates::both(words, ask.received_on),
            channel: words::channel(words, ask.channel),
            identity_is_checked: ask.identity_checked_by.is_some(),
            state: words::state(words, ask, now),
            is_overdue: ask.answered.is_none() && ask.due_on() < riyadh_day(now),
        });
    }
    let waiting = retention::count_waiting(&mut reading).await?;
    let person = match file(&mut reading, &query.person).await? {
        Some(person) => {
            let newest = persons::requests(&mut reading, person.number, 1).await?;
            newest.first().map(|one| (person.id, office_words::name(words, &one.request)))
        }
        None => None,
    };
    Ok(RegisterPage {
        error,
        rows,
        kinds: AskKind::ALL.into_iter().map(|kind| (kind.as_str(), words::kind(words, kind))).collect(),
        channels: AskChannel::ALL
            .into_iter()
            .map(|channel| (channel.as_str(), words::channel(words, channel)))
            .collect(),
        number: query.number.clone(),
        person,
        today: riyadh_day(now).to_string(),
        form_id: FormId::random().as_str().to_owned(),
        retention: words.format("office-retention-waiting", &[("count", waiting.into())]),
        earlier: (number > 1).then(|| number - 1),
        later: (u64::from(number) * u64::from(PAGE_ROWS) < count).then(|| number + 1),
        frame,
    })
}
