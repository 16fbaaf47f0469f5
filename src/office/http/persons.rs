//! People: all requests of one, and two files that may be of one person, side by side. Only staff merge them, and take
//! that back.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::privacy::words as ask_words;
use super::session::{Posted, Staff, Visitor};
use super::words;
use crate::domain::answers::{Answer, Answers};
use crate::domain::catalogue::{BIRTH_DATE_QUESTION, MOBILE_QUESTION};
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::persons::doubles::{self, Pair, Why};
use crate::office::database::persons::{self, PersonsRequest, StoredPerson};
use crate::office::database::requests::beneficiary_name;
use crate::office::database::{Connection, DatabaseError, asks, trail};
use crate::office::people::Permission;

/// The most requests that a person's page shows.
const REQUESTS_MAX: u32 = 200;
const PAIRS_A_PAGE: u32 = 25;

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/persons/doubles", get(list))
        .route("/persons/{id}", get(page))
        .route("/persons/{id}/beside/{other}", get(beside))
        .route("/persons/{id}/merge", post(merge))
        .route("/persons/{id}/apart", post(tell_apart))
        .route("/persons/{id}/undo", post(undo))
}

/// A request in a person's file.
struct FileRow {
    id: String,
    number: String,
    name: String,
    service: String,
    received: String,
    stage: String,
    stage_word: String,
}

/// A person's file.
struct File {
    id: String,
    name: String,
    national_id: String,
    birth_date: String,
    mobile: String,
    requests: Vec<FileRow>,
}

/// A pair in a list.
struct PairRow {
    address: String,
    one: String,
    other: String,
    why: String,
}

/// A file that was merged into this one.
struct MergedRow {
    id: String,
    national_id: String,
    count: String,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    file: File,
    count: String,
    merged: Vec<MergedRow>,
    pairs: Vec<PairRow>,
    /// Others may be the same person, and are too many to be proposed
    more: bool,
    may_merge: bool,
    /// Address and line of each ask about the person's data
    asks: Vec<(String, String)>,
    may_answer: bool,
}

#[derive(Template)]
#[template(path = "beside.html")]
struct BesidePage {
    frame: Frame,
    files: [File; 2],
    may_merge: bool,
}

#[derive(Template)]
#[template(path = "doubles.html")]
struct DoublesPage {
    frame: Frame,
    pairs: Vec<PairRow>,
    later: Option<String>,
}

async fn page(State(office): State<Arc<Office>>, staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    let words = Words::of(staff.visitor.language);
    let mut writing = office.database.write().await?;
    let person = found(&mut writing, &staff.visitor, &id).await?;
    if person.belongs_to != person.number {
        // The file stands under another name now.
        let kept = persons::by_number(&mut writing, person.belongs_to).await?;
        let kept = kept.ok_or_else(|| Failure::not_found(&staff.visitor))?;
        return Ok(Redirect::to(&format!("/persons/{}", kept.id)).into_response());
    }
    doubles::look_for_mistyped(&mut writing, &person).await?;
    let requests = persons::requests(&mut writing, person.number, REQUESTS_MAX).await?;
    let details = json!({ "requests": requests.len() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "person opened", &person.id, details).await?;
    let mut merged = Vec::new();
    for gone in persons::merged_into(&mut writing, person.number).await? {
        let of_gone = requests.iter().filter(|one| one.registered_as == gone.number).count();
        merged.push(MergedRow {
            national_id: national_id(words, &gone),
            count: words.format("office-requests-count", &[("count", of_gone.into())]),
            id: gone.id,
        });
    }
    let mut pairs = Vec::new();
    for pair in doubles::of_person(&mut writing, person.number).await? {
        pairs.push(pair_row(&mut writing, words, &pair).await?);
    }
    let more = doubles::has_more(&mut writing, &person, pairs.len()).await?;
    let asks = asks::about(&mut writing, Some(person.number), None).await?;
    let now = office.clock.now();
    writing.commit().await?;
    let page = PersonPage {
        frame: Frame::new(&staff.visitor, "requests"),
        count: words.format("office-requests-count", &[("count", requests.len().into())]),
        file: file(&office, words, &person, &requests),
        merged,
        pairs,
        more,
        may_merge: staff.person.role.may(Permission::MergePersons),
        asks: asks.iter().map(|ask| (format!("/privacy/asks/{}", ask.id), ask_words::line(words, ask, now))).collect(),
        may_answer: staff.person.role.may(Permission::AnswerPrivacyAsks),
    };
    Ok(show(&page)?.into_response())
}

/// All pairs that nobody has looked at yet.
async fn list(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(fields): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let words = Words::of(staff.visitor.language);
    let numbers = |text: &String| {
        let (one, other) = text.split_once('-')?;
        Some((one.parse().ok()?, other.parse().ok()?))
    };
    let before: Option<(i64, i64)> = fields.get("before").and_then(numbers);
    let mut writing = office.database.write().await?;
    let (open, next) = doubles::open(&mut writing, before, PAIRS_A_PAGE).await?;
    let mut pairs = Vec::new();
    for pair in &open {
        pairs.push(pair_row(&mut writing, words, pair).await?);
    }
    let details = json!({ "list": "doubles", "count": pairs.len() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "list opened", "persons", details).await?;
    writing.commit().await?;
    let later = next.map(|(one, other)| format!("/persons/doubles?before={one}-{other}"));
    Ok(show(&DoublesPage { frame: Frame::new(&staff.visitor, "doubles"), pairs, later })?.into_response())
}

/// Both files side by side.
async fn beside(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path((id, other)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let words = Words::of(staff.visitor.language);
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let mut files = Vec::new();
    for id in [&id, &other] {
        let person = found(&mut writing, &staff.visitor, id).await?;
        let requests = persons::requests(&mut writing, person.number, REQUESTS_MAX).await?;
        let details = json!({ "requests": requests.len() });
        trail::append(&mut writing, now, &staff.actor(), "person opened", &person.id, details).await?;
        files.push(file(&office, words, &person, &requests));
    }
    writing.commit().await?;
    let files: [File; 2] = files.try_into().map_err(|_| Failure::not_found(&staff.visitor))?;
    let may_merge = staff.person.role.may(Permission::MergePersons) && files[0].id != files[1].id;
    Ok(show(&BesidePage { frame: Frame::new(&staff.visitor, "doubles"), files, may_merge })?.into_response())
}

async fn merge(State(office): State<Arc<Office>>, Path(id): Path<String>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::MergePersons)?;
    let visitor = &posted.staff.visitor;
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let kept = found(&mut writing, visitor, &id).await?;
    let gone = found(&mut writing, visitor, posted.field("other")).await?;
    if doubles::merge(&mut writing, &kept, &gone, now).await? {
        let details = json!({ "into": kept.id });
        trail::append(&mut writing, now, &posted.staff.actor(), "persons merged", &gone.id, details).await?;
        writing.commit().await?;
    } else if gone.merged_into != Some(kept.number) {
        let sentence = Words::of(visitor.language).get("office-person-merged-elsewhere");
        return Err(Failure::refused(visitor, StatusCode::CONFLICT, sentence, &format!("/persons/{}", kept.id)));
    }
    Ok(Redirect::to(&format!("/persons/{}", kept.id)).into_response())
}

async fn tell_apart(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::MergePersons)?;
    let visitor = &posted.staff.visitor;
    let mut writing = office.database.write().await?;
    let one = found(&mut writing, visitor, &id).await?;
    let other = found(&mut writing, visitor, posted.field("other")).await?;
    if doubles::tell_apart(&mut writing, one.number, other.number).await? {
        let details = json!({ "from": other.id });
        let actor = posted.staff.actor();
        trail::append(&mut writing, office.clock.now(), &actor, "persons told apart", &one.id, details).await?;
        writing.commit().await?;
    }
    Ok(Redirect::to("/persons/doubles").into_response())
}

async fn undo(State(office): State<Arc<Office>>, Path(id): Path<String>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::MergePersons)?;
    let visitor = &posted.staff.visitor;
    let mut writing = office.database.write().await?;
    let kept = found(&mut writing, visitor, &id).await?;
    let gone = found(&mut writing, visitor, posted.field("part")).await?;
    if doubles::undo(&mut writing, &gone).await? {
        let details = json!({ "from": kept.id });
        let actor = posted.staff.actor();
        trail::append(&mut writing, office.clock.now(), &actor, "merge taken back", &gone.id, details).await?;
        writing.commit().await?;
    }
    Ok(Redirect::to(&format!("/persons/{}", kept.id)).into_response())
}

async fn found(connection: &mut Connection, visitor: &Visitor, id: &str) -> Result<StoredPerson, Failure> {
    persons::find(connection, id).await?.ok_or_else(|| Failure::not_found(visitor))
}

fn file(office: &Office, words: &Words, person: &StoredPerson, requests: &[PersonsRequest]) -> File {
    let newest = requests.first().map(|one| &one.request.answers);
    let shown = |question: &str| newest.and_then(|answers| shown(words, answers, question)).unwrap_or_default();
    let catalogue = office.catalogue.now();
    let row = |one: &PersonsRequest| FileRow {
        id: one.request.id.to_string(),
        number: words::number(words, one.request.tracking_number),
        name: beneficiary_name(&one.request.answers).to_owned(),
        service: catalogue.service_label(&one.request.service, words.language()).to_owned(),
        received: dates::hijri(words, one.request.received_on),
        stage: words::stage(words, &one.stage),
        stage_word: one.stage.clone(),
    };
    File {
        id: person.id.clone(),
        name: newest.map(beneficiary_name).unwrap_or_default().to_owned(),
        national_id: national_id(words, person),
        birth_date: shown(BIRTH_DATE_QUESTION),
        mobile: shown(MOBILE_QUESTION),
        requests: requests.iter().map(row).collect(),
    }
}

fn shown(words: &Words, answers: &Answers, question: &str) -> Option<String> {
    Some(match answers.get(question)? {
        Answer::Date(day) => dates::both(words, *day),
        Answer::Month(month) => dates::month(words, *month),
        other => isolate_ltr(&digits(words.language(), &other.raw())),
    })
}

fn national_id(words: &Words, person: &StoredPerson) -> String {
    let id = person.national_id.as_deref().map(|id| isolate_ltr(&digits(words.language(), id)));
    id.unwrap_or_default()
}

async fn pair_row(connection: &mut Connection, words: &Words, pair: &Pair) -> Result<PairRow, DatabaseError> {
    let mut names = Vec::new();
    for person in [&pair.one, &pair.other] {
        let newest = persons::requests(connection, person.number, 1).await?;
        let name = newest.first().map(|one| beneficiary_name(&one.request.answers).to_owned());
        names.push(name.unwrap_or_default());
    }
    let other = names.pop().unwrap_or_default();
    Ok(PairRow {
        address: format!("/persons/{}/beside/{}", pair.one.id, pair.other.id),
        one: names.pop().unwrap_or_default(),
        other,
        why: words.get(match pair.why {
            Why::Name => "office-double-name",
            Why::NationalId => "office-double-national-id",
        }),
    })
}
