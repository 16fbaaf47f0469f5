//! Work lists, filtered, sorted, searched and paged by their address.

pub mod bulk;
pub mod export;
mod query;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{Days, NaiveDate};
use serde_json::json;

use self::query::ListQuery;
use super::frame::{Failure, Frame, show};
use super::moment::Moment;
use super::session::Staff;
use super::words;
use crate::domain::calendar::{DAYS_BEFORE_DECISION, riyadh_day};
use crate::domain::catalogue::Catalogue;
use crate::domain::stage::Standing;
use crate::language::Words;
use crate::office::Office;
use crate::office::database::requests::{self as table, StoredRequest};
use crate::office::database::search::PERSONS_MAX;
use crate::office::database::work_lists::{self, COUNT_MAX, Count, Filter, Listed, Sort, Start, WorkList};
use crate::office::database::{Connection, DatabaseError, trail};
use crate::office::people::Permission;

const PAGE_ROWS: u32 = 25;

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/requests", get(page))
        .route("/requests/export/{kind}", get(export::export))
        .route("/requests/bulk", post(bulk::look))
        .route("/requests/bulk/done", post(bulk::close))
        .route("/requests/bulk/session", post(bulk::put))
}

/// A request as a list shows it.
pub struct Row {
    pub id: String,
    pub number: String,
    pub name: String,
    pub service: String,
    pub received: Moment,
    pub stage: String,
    pub stage_word: String,
    pub documents_complete: bool,
    /// How long the reply is owed, or until when it can't be given
    pub waiting: String,
}

/// A choice of a filter: its value, its words, and whether it is chosen.
pub struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

/// A field of the filter with its choices.
struct Field {
    name: &'static str,
    label: String,
    choices: Vec<Choice>,
}

/// A column by which rows can be sorted.
struct Column {
    label: String,
    address: String,
    /// `aria-sort`
    sorted: &'static str,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    frame: Frame,
    title: String,
    count: String,
    /// The address, the title, and whether it is this list
    lists: Vec<(String, String, &'static str)>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// What the list is for, where nothing is in it
    empty: String,
    text: String,
    /// The search has nothing in it that can be looked for
    is_search_short: bool,
    fields: Vec<Field>,
    kiosk: String,
    from: String,
    to: String,
    /// What the filter's form carries along
    hidden: Vec<(&'static str, String)>,
    is_filtered: bool,
    /// The address without any filter
    whole: String,
    earlier: Option<String>,
    later: Option<String>,
    csv: Option<String>,
    xlsx: Option<String>,
    may: bulk::May,
    /// This page, to come back to
    here: String,
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(fields): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let query = ListQuery::parse(&fields);
    let frame = Frame::new(&staff.visitor, "requests");
    let words = frame.words;
    let today = riyadh_day(office.clock.now());
    let is_search_short = query.is_search_short();
    let mut reading = office.database.read().await?;
    let asked = query.asked(&mut reading, ripe(today)).await?;
    let (count, found) = if is_search_short {
        (Count::Exactly(0), work_lists::Page { rows: Vec::new(), has_earlier: false, has_later: false })
    } else {
        let count = work_lists::count(&mut reading, &asked).await?;
        (count, work_lists::page(&mut reading, &asked, count, query.start, PAGE_ROWS).await?)
    };
    drop(reading);
    note_opened(&office, &staff, &query, found.rows.len()).await?;
    let at = |start: Start| ListQuery { start, ..query.clone() }.address("/requests");
    let earlier = found.rows.first().filter(|_| found.has_earlier).map(|first| at(Start::Before(first.request.id)));
    let later = found.rows.last().filter(|_| found.has_later).map(|last| at(Start::After(last.request.id)));
    let role = staff.person.role;
    let export = |kind: &str| {
        let address = ListQuery { start: Start::Top, ..query.clone() }.address(&format!("/requests/export/{kind}"));
        (role.may(Permission::Export) && !found.rows.is_empty()).then_some(address)
    };
    let whole = ListQuery { filter: Filter { list: query.filter.list, ..Filter::default() }, ..ListQuery::default() };
    let in_form = ["service", "category", "channel", "beneficiary", "stage", "kiosk", "from", "to", "q"];
    let filter = &query.filter;
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let page = RequestsPage {
        title: title(words, filter.list),
        count: how_many_counted(words, count),
        lists: WorkList::ALL.map(|list| link(&query, words, list)).to_vec(),
        columns: Sort::ALL.map(|sort| column(&query, words, sort)).into(),
        empty: if query.is_filtered() { words.get("office-list-empty") } else { purpose(words, filter.list) },
        is_search_short,
        fields: filter_fields(&office.catalogue.now(), words, filter),
        kiosk: filter.kiosk.map(|kiosk| kiosk.to_string()).unwrap_or_default(),
        from: day(filter.from),
        to: day(filter.to),
        hidden: query.fields().into_iter().filter(|(name, _)| !in_form.contains(name)).collect(),
        is_filtered: query.is_filtered(),
        whole: ListQuery { descending: filter.list.descends(), ..whole }.address("/requests"),
        earlier,
        later,
        csv: export("csv"),
        xlsx: export("xlsx"),
        may: bulk::may(role),
        here: query.address("/requests"),
        rows: found.rows.iter().map(|listed| row(&office, words, listed, today)).collect(),
        text: query.text.clone(),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// Another list of the same filter, in its own order.
fn link(query: &ListQuery, words: &Words, list: WorkList) -> (String, String, &'static str) {
    let is_this = list == query.filter.list;
    let filter = Filter { list, ..query.filter.clone() };
    let other = ListQuery {
        filter,
        sort: Sort::default(),
        descending: list.descends(),
        text: query.text.clone(),
        start: Start::Top,
    };
    (other.address("/requests"), title(words, list), if is_this { "true" } else { "false" })
}

fn column(query: &ListQuery, words: &Words, sort: Sort) -> Column {
    let label = words.get(match sort {
        Sort::Number => "office-column-number",
        Sort::Name => "office-column-name",
        Sort::Service => "office-column-service",
        Sort::Received => "office-column-received",
        Sort::Stage => "office-column-stage",
    });
    let sorted = match (query.sort == sort, query.descending) {
        (false, _) => "none",
        (true, false) => "ascending",
        (true, true) => "descending",
    };
    Column { label, address: query.sorted_by(sort).address("/requests"), sorted }
}

/// The choices of the filter, each with "all" first.
fn filter_fields(catalogue: &Catalogue, words: &Words, filter: &Filter) -> Vec<Field> {
    let language = words.language();
    let field = |name, label: String, chosen: &Option<String>, choices: Vec<(String, String)>| {
        let is_chosen = |value: &str| chosen.as_deref().unwrap_or_default() == value;
        let all = (String::new(), words.get("office-filter-all"));
        let choices = std::iter::once(all).chain(choices);
        let choices = choices.map(|(value, label)| Choice { is_chosen: is_chosen(&value), value, label });
        Field { name, label, choices: choices.collect() }
    };
    let services = catalogue.services.iter();
    let services = services.map(|one| (one.id.get_ref().clone(), one.label.in_language(language).to_owned()));
    let categories = catalogue.categories.iter();
    let categories = categories.map(|one| (one.id.get_ref().clone(), one.label.in_language(language).to_owned()));
    let of = |values: &[&str], label: fn(&Words, &str) -> String| {
        values.iter().map(|value| ((*value).to_owned(), label(words, value))).collect::<Vec<_>>()
    };
    let stages = ["under_study", "accepted", "refused", "delivered", "withdrawn", "closed"];
    vec![
        field("service", words.get("office-column-service"), &filter.service, services.collect()),
        field("category", words.get("office-export-category"), &filter.category, categories.collect()),
        field(
            "channel",
            words.get("office-export-channel"),
            &filter.channel,
            of(&["kiosk", "desk", "phone"], words::channel),
        ),
        field(
            "beneficiary",
            words.get("office-export-beneficiary"),
            &filter.beneficiary,
            of(&["internal", "external"], words::beneficiary),
        ),
        field("stage", words.get("office-column-stage"), &filter.stage, of(&stages, words::stage)),
    ]
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
        WorkList::Ready => "office-list-ready",
        WorkList::RepliesOwed => "office-list-replies-owed",
        WorkList::Accepted => "office-list-accepted",
        WorkList::Refused => "office-list-refused",
        WorkList::Objections => "office-list-objections",
        WorkList::Delivered => "office-list-delivered",
        WorkList::NotReached => "office-list-not-reached",
        WorkList::Forks => "office-list-forks",
    })
}

/// What a list is for: said where nothing is in it.
fn purpose(words: &Words, list: WorkList) -> String {
    words.get(match list {
        WorkList::All => "office-purpose-all",
        WorkList::New => "office-purpose-new",
        WorkList::UnderStudy => "office-purpose-under-study",
        WorkList::Incomplete => "office-purpose-incomplete",
        WorkList::Ready => "office-purpose-ready",
        WorkList::RepliesOwed => "office-purpose-replies-owed",
        WorkList::Accepted => "office-purpose-accepted",
        WorkList::Refused => "office-purpose-refused",
        WorkList::Objections => "office-purpose-objections",
        WorkList::Delivered => "office-purpose-delivered",
        WorkList::NotReached => "office-purpose-not-reached",
        WorkList::Forks => "office-purpose-forks",
    })
}

/// How many a list has, as far as it was counted.
pub fn how_many_counted(words: &Words, count: Count) -> String {
    match count {
        Count::Exactly(count) => how_many(words, count),
        Count::Many => words.format("office-requests-more-than", &[("count", (COUNT_MAX as usize).into())]),
        Count::Unknown => words.format("office-search-common", &[("count", PERSONS_MAX.into())]),
    }
}

/// How many wait in a list, for its link on the home page.
pub async fn waiting_in(connection: &mut Connection, list: WorkList, today: NaiveDate) -> Result<Count, DatabaseError> {
    let query = ListQuery { filter: Filter { list, ..Filter::default() }, ..ListQuery::default() };
    let asked = query.asked(connection, ripe(today)).await?;
    work_lists::count(connection, &asked).await
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
        name: words::name(words, request),
        service: office.catalogue.now().service_label(&request.service, words.language()).to_owned(),
        received: Moment::of_day(words, request.received_on, today),
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

/// A list is one entry of the trail, with its filter and count; of a search, only how many words and numbers it had.
async fn note_opened(office: &Office, staff: &Staff, query: &ListQuery, count: usize) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    let mut details = query.for_trail();
    details.insert("count".to_owned(), json!(count));
    let action = if query.search().is_some() { "list searched" } else { "list opened" };
    trail::append(&mut writing, office.clock.now(), &staff.actor(), action, "requests", details.into()).await?;
    writing.commit().await
}
