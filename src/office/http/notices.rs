//! The call list: people whom no notice has reached, what to tell them, and how it went.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{Days, NaiveDate, TimeDelta};
use serde::Deserialize;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::session::{Posted, Staff};
use super::words;
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::Catalogue;
use crate::domain::mobile::Mobile;
use crate::domain::notice::NoticeKind;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::call_list::{self, CallList, CallOutcome, ToCall};
use crate::office::database::notices::{NoticeState, Unreached};
use crate::office::database::requests::{self, StoredRequest};
use crate::office::database::{DatabaseError, status_page, trail};
use crate::office::notices::{self, CallError};
use crate::office::people::Permission;

const PAGE_ROWS: u32 = 25;
/// The last day to which a call can be put off, counted from today.
const AGAIN_DAYS_MAX: u64 = 60;
/// The status page's openings of so many days are shown.
const OPENINGS_DAYS: TimeDelta = TimeDelta::days(30);

pub fn routes() -> Router<Arc<Office>> {
    Router::new().route("/notices", get(page)).route("/notices/{request}/call", post(called))
}

#[derive(Deserialize)]
pub struct ListQuery {
    list: Option<String>,
    page: Option<u32>,
}

/// A number to dial.
pub struct Phone {
    /// Whose it is, by the form's question
    pub label: String,
    /// E.164
    pub dial: String,
    pub shown: String,
}

/// Someone to be called.
pub struct Row {
    pub id: String,
    pub number: String,
    pub name: String,
    pub since: String,
    pub why: String,
    pub what: Vec<String>,
    pub phones: Vec<Phone>,
    /// The language and direction of what is to be said
    pub language: &'static str,
    pub direction: &'static str,
    pub say: Vec<String>,
    pub calls: usize,
    pub calls_line: String,
    pub again: Option<String>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    frame: Frame,
    /// The address's word, the title with its count, and whether it is this list
    lists: Vec<(&'static str, String, &'static str)>,
    list: &'static str,
    rows: Vec<Row>,
    no_gateway: bool,
    tomorrow: String,
    last_day: String,
    today: String,
    openings: Option<String>,
    earlier: Option<u32>,
    later: Option<u32>,
}

fn address_of(list: CallList) -> &'static str {
    match list {
        CallList::Now => "now",
        CallList::Later => "later",
    }
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    staff.need(Permission::CallPeople)?;
    let list = if query.list.as_deref() == Some("later") { CallList::Later } else { CallList::Now };
    let number = query.page.unwrap_or(1).clamp(1, 100_000);
    let frame = Frame::new(&staff.visitor, "notices");
    let now = office.clock.now();
    let today = riyadh_day(now);
    let mut reading = office.database.read().await?;
    let mut lists = Vec::new();
    let mut count = 0;
    for other in [CallList::Now, CallList::Later] {
        let people = call_list::count(&mut reading, other, today).await?;
        let key = match other {
            CallList::Now => "office-notices-now",
            CallList::Later => "office-notices-later",
        };
        let title = frame.words.format(key, &[("count", usize::try_from(people).unwrap_or(usize::MAX).into())]);
        lists.push((address_of(other), title, if other == list { "true" } else { "false" }));
        if other == list {
            count = people;
        }
    }
    let listed = call_list::page(&mut reading, list, today, PAGE_ROWS, (number - 1) * PAGE_ROWS).await?;
    let mut rows = Vec::with_capacity(listed.len());
    for one in &listed {
        let Some(request) = requests::find(&mut reading, one.request).await? else { continue };
        let calls = call_list::calls(&mut reading, one.request).await?.len();
        rows.push(row(&office.catalogue.now(), frame.words, &request, one, calls));
    }
    let openings = status_page::since(&mut reading, riyadh_day(now - OPENINGS_DAYS)).await?;
    drop(reading);
    note_opened(&office, &staff, list, rows.len()).await?;
    let counted = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).into();
    let day = |days: u64| today.checked_add_days(Days::new(days)).unwrap_or(today).to_string();
    let page = NoticesPage {
        lists,
        list: address_of(list),
        rows,
        no_gateway: office.gateway.is_none(),
        tomorrow: day(1),
        last_day: day(AGAIN_DAYS_MAX),
        today: today.to_string(),
        openings: office.public_address.as_ref().map(|_| {
            let counts = [("shown", counted(openings.shown)), ("refused", counted(openings.refused))];
            frame.words.format("office-notices-openings", &counts)
        }),
        earlier: (number > 1).then(|| number - 1),
        later: (u64::from(number) * u64::from(PAGE_ROWS) < count).then(|| number + 1),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// Somebody was called.
pub async fn called(
    State(office): State<Arc<Office>>,
    Path(request): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::CallPeople)?;
    let visitor = &posted.staff.visitor;
    let request = request.parse().map_err(|_| Failure::not_found(visitor))?;
    let calls = posted.field("calls").parse().map_err(|_| Failure::form_is_stale(visitor))?;
    let mobile = Mobile::parse(posted.field("wrong")).ok();
    let outcome = match mobile {
        Some(_) => CallOutcome::WrongNumber,
        None => CallOutcome::parse(posted.field("outcome")).ok_or_else(|| Failure::form_is_stale(visitor))?,
    };
    let today = riyadh_day(office.clock.now());
    let mut again = None;
    if outcome == CallOutcome::NotReached {
        let last = today.checked_add_days(Days::new(AGAIN_DAYS_MAX)).unwrap_or(today);
        let day: Option<NaiveDate> = posted.field("again").parse().ok();
        let Some(day) = day.filter(|day| (today..=last).contains(day)) else {
            let sentence = Words::of(visitor.language).get("office-notices-again-wrong");
            return Err(Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, "/notices"));
        };
        // Later today is today.
        again = Some(day).filter(|day| *day > today);
    }
    let actor = posted.staff.actor();
    match notices::record(&office, &actor, request, outcome, calls, again, mobile.as_ref()).await {
        Ok(()) => Ok(Redirect::to("/notices").into_response()),
        Err(CallError::NoSuchRequest) => Err(Failure::not_found(visitor)),
        Err(CallError::NoSuchNumber) => Err(Failure::form_is_stale(visitor)),
        Err(CallError::Database(error)) => Err(error.into()),
    }
}

fn row(catalogue: &Catalogue, words: &Words, request: &StoredRequest, to_call: &ToCall, calls: usize) -> Row {
    let own = Words::of(request.language);
    let association = catalogue.association.name.in_language(request.language);
    let phone = |(question, mobile): &(&str, &Mobile)| Phone {
        label: catalogue.question(question).map_or_else(
            || (*question).to_owned(),
            |asked| asked.wording(&request.answers).0.in_language(words.language()).to_owned(),
        ),
        dial: mobile.as_str().to_owned(),
        shown: isolate_ltr(&digits(words.language(), &mobile.national())),
    };
    let numbers = notices::mobiles(catalogue, &request.answers);
    let phones = numbers.iter().filter(|(_, mobile)| !to_call.contact.wrong.contains(mobile)).map(phone).collect();
    let mut say = vec![own.format("office-notices-say-first", &[("association", association.into())])];
    // The newest says where it stands; what came before is history.
    say.extend(to_call.untold.first().map(|(kind, _)| notices::sentence(own, *kind, request.tracking_number)));
    Row {
        id: request.id.to_string(),
        number: words::number(words, request.tracking_number),
        name: words::name(words, request),
        since: dates::time(words, to_call.since),
        why: to_call.untold.first().map(|(_, why)| unreached(words, *why)).unwrap_or_default(),
        what: to_call.untold.iter().map(|(kind, _)| notice(words, *kind)).collect(),
        phones,
        language: own.language().code(),
        direction: if own.language().is_right_to_left() { "rtl" } else { "ltr" },
        say,
        calls,
        calls_line: words.format("office-notices-calls", &[("count", calls.into())]),
        again: to_call
            .contact
            .call_from
            .map(|day| words.format("office-notices-again-from", &[("date", dates::both(words, day).into())])),
    }
}

/// What a notice is about, in a few words.
pub fn notice(words: &Words, kind: NoticeKind) -> String {
    words.get(match kind {
        NoticeKind::Received => "office-notice-kind-received",
        NoticeKind::DocumentsNeeded => "office-notice-kind-documents-needed",
        NoticeKind::DocumentsComplete => "office-notice-kind-documents-complete",
        NoticeKind::Decided => "office-notice-kind-decided",
        NoticeKind::ObjectionRecorded => "office-notice-kind-objection",
        NoticeKind::Ready => "office-notice-kind-ready",
        NoticeKind::PartDelivered => "office-notice-kind-part-delivered",
        NoticeKind::Delivered => "office-notice-kind-delivered",
        NoticeKind::Withdrawn => "office-notice-kind-withdrawn",
        NoticeKind::Closed => "office-notice-kind-closed",
        NoticeKind::ClosedAsDouble => "office-notice-kind-closed-as-double",
    })
}

/// Why nobody was reached.
pub fn unreached(words: &Words, why: Unreached) -> String {
    words.get(match why {
        Unreached::NoMobile => "office-notice-no-mobile",
        Unreached::WrongNumber => "office-notice-wrong-number",
        Unreached::Attempts => "office-notice-attempts",
        Unreached::NoGateway => "office-notice-no-gateway",
        Unreached::Limit => "office-notice-limit",
    })
}

/// Where a notice stands.
pub fn state(words: &Words, state: NoticeState) -> String {
    words.get(match state {
        NoticeState::Waiting => "office-notice-waiting",
        NoticeState::Sent => "office-notice-sent",
        NoticeState::Overtaken => "office-notice-overtaken",
        NoticeState::Told => "office-notice-told",
        NoticeState::Unreached(why) => return unreached(words, why),
    })
}

/// How a call went.
pub fn call_outcome(words: &Words, outcome: CallOutcome) -> String {
    words.get(match outcome {
        CallOutcome::Reached => "office-notices-reached",
        CallOutcome::NotReached => "office-notices-not-reached",
        CallOutcome::WrongNumber => "office-notices-wrong",
    })
}

/// The list shows names and numbers: one entry of the trail, with its filter and count.
async fn note_opened(office: &Office, staff: &Staff, list: CallList, count: usize) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    let details = json!({ "list": address_of(list), "count": count });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "list opened", "calls to people", details).await?;
    writing.commit().await
}
