//! Work lists, filtered and paged by their address.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::session::Staff;
use super::words;
use crate::domain::calendar::{DAYS_BEFORE_DECISION, riyadh_day};
use crate::domain::stage::Standing;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::requests::{self as table, StoredRequest};
use crate::office::database::work_lists::{self, Listed, WorkList};
use crate::office::database::{DatabaseError, trail};

const PAGE_ROWS: u32 = 25;

#[derive(Deserialize)]
pub struct ListQuery {
    list: Option<String>,
    page: Option<u32>,
}

/// A request as a list shows it.
pub struct Row {
    pub id: String,
    pub number: String,
    pub name: String,
    pub service: String,
    pub received: String,
    pub stage: String,
    pub stage_word: String,
    pub documents_complete: bool,
    /// How long the reply is owed, or until when it can't be given
    pub waiting: String,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    frame: Frame,
    list: &'static str,
    title: String,
    count: String,
    /// The address's word, the title, and whether it is this list
    lists: Vec<(&'static str, String, &'static str)>,
    rows: Vec<Row>,
    earlier: Option<u32>,
    later: Option<u32>,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let list = query.list.as_deref().and_then(WorkList::parse).unwrap_or(WorkList::All);
    let number = query.page.unwrap_or(1).clamp(1, 100_000);
    let frame = Frame::new(&staff.visitor, "requests");
    let today = riyadh_day(office.clock.now());
    let mut reading = office.database.read().await?;
    let count = work_lists::count(&mut reading, list, ripe(today)).await?;
    let offset = (number - 1) * PAGE_ROWS;
    let listed = work_lists::page(&mut reading, list, ripe(today), PAGE_ROWS, offset).await?;
    drop(reading);
    note_opened(&office, &staff, list, listed.len()).await?;
    let rows = listed.iter().map(|listed| row(&office, frame.words, listed, today)).collect();
    let lists = WorkList::ALL
        .map(|other| (other.as_str(), title(frame.words, other), if other == list { "true" } else { "false" }))
        .to_vec();
    let page = RequestsPage {
        list: list.as_str(),
        title: title(frame.words, list),
        count: how_many(frame.words, count),
        lists,
        rows,
        earlier: (number > 1).then(|| number - 1),
        later: (u64::from(number) * u64::from(PAGE_ROWS) < count).then(|| number + 1),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// The last day of receipt whose fourteen days have passed (P19).
pub fn ripe(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(DAYS_BEFORE_DECISION)).unwrap_or(NaiveDate::MIN)
}

pub fn title(words: &Words, list: WorkList) -> String {
    words.get(match list {
        WorkList::All => "office-list-all",
        WorkList::New => "office-list-new",
        WorkList::UnderStudy => "office-list-under-study",
        WorkList::Incomplete => "office-list-incomplete",
        WorkList::RepliesOwed => "office-list-replies-owed",
        WorkList::Accepted => "office-list-accepted",
        WorkList::Refused => "office-list-refused",
        WorkList::Delivered => "office-list-delivered",
    })
}

pub fn how_many(words: &Words, count: u64) -> String {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    words.format("office-requests-count", &[("count", count.into())])
}

/// A request as a list shows it, by itself.
pub async fn row_of(office: &Office, words: &Words, request: &StoredRequest) -> Result<Row, DatabaseError> {
    let mut reading = office.database.read().await?;
    let standing = table::standing(&mut reading, request.id).await?;
    let stage = standing.as_ref().map_or("under_study", table::stage).to_owned();
    let documents_complete = standing.as_ref().is_some_and(Standing::documents_complete);
    let listed = Listed { request: request.clone(), stage, documents_complete };
    Ok(row(office, words, &listed, riyadh_day(office.clock.now())))
}

fn row(office: &Office, words: &Words, listed: &Listed, today: NaiveDate) -> Row {
    let request = &listed.request;
    Row {
        id: request.id.to_string(),
        number: words::number(words, request.tracking_number),
        name: table::beneficiary_name(&request.answers).to_owned(),
        service: office.catalogue.service_label(&request.service, words.language()).to_owned(),
        received: dates::hijri(words, request.received_on),
        stage: words::stage(words, &listed.stage),
        stage_word: listed.stage.clone(),
        documents_complete: listed.documents_complete,
        waiting: if listed.stage == "under_study" { waiting(words, request.received_on, today) } else { String::new() },
    }
}

/// How many days the committee's reply is owed, or still can't be given.
fn waiting(words: &Words, received_on: NaiveDate, today: NaiveDate) -> String {
    let passed = (today - crate::domain::calendar::not_before(received_on)).num_days();
    let days = passed.unsigned_abs() as usize;
    let key = if passed < 0 { "office-reply-possible-in" } else { "office-reply-owed-since" };
    words.format(key, &[("days", days.into())])
}

/// A list is one entry of the trail, with its filter and count.
async fn note_opened(office: &Office, staff: &Staff, list: WorkList, count: usize) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    let details = json!({ "list": list.as_str(), "count": count });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "list opened", "requests", details).await?;
    writing.commit().await
}
