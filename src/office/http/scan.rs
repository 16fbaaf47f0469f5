//! The scan page, home of the staff: a scan or a typed number opens the request.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use serde_json::json;

use super::clock;
use super::frame::{Failure, Frame, show};
use super::privacy;
use super::requests::{self, Row};
use super::session::{Posted, Staff};
use super::words;
use crate::domain::calendar::riyadh_day;
use crate::domain::scan::{Scan, ScanError};
use crate::language::{Value, Words, dates};
use crate::office::Office;
use crate::office::database::call_list::{self, CallList};
use crate::office::database::envelopes::{self, Aside};
use crate::office::database::requests as table;
use crate::office::database::work_lists::WorkList;
use crate::office::database::{
    Connection, DatabaseError, findings, heartbeats, kiosks, notice_messages, passed_over, trail,
};
use crate::office::paper_copies::{self, PaperCopyRefused};
use crate::office::people::Permission;
use crate::office::receipts;
use crate::seal::envelope::EnvelopeError;
use crate::seal::paper_copy::{self, PaperCopyError};

/// A kiosk speaks every minute; after so long without a word what it said last is no news.
const HEARD_LATELY: TimeDelta = TimeDelta::minutes(5);

/// Time for which staff are told of messages that aren't their kiosk's own.
const SET_ASIDE_SHOWN: TimeDelta = TimeDelta::days(7);

/// The lists in which somebody waits for the staff.
const HOME_LISTS: [WorkList; 7] = [
    WorkList::New,
    WorkList::Incomplete,
    WorkList::Ready,
    WorkList::RepliesOwed,
    WorkList::Objections,
    WorkList::Accepted,
    WorkList::Forks,
];

#[derive(Template)]
#[template(path = "scan.html")]
struct ScanPage {
    frame: Frame,
    error: Option<String>,
    /// Requests that bear the same number: staff choose
    same_number: Vec<Row>,
    /// The lists somebody should look at, with how many wait there
    lists: Vec<(String, String, String)>,
    /// How many people are to be called, for whoever calls
    to_call: Option<String>,
    /// Kiosks whose printer needs somebody's hands, or with receipts that failed
    alerts: Vec<String>,
    /// The digits of a revoked kiosk's paper copy, for whoever may admit it
    to_admit: Option<String>,
    /// What the search box holds and carries along: nothing
    text: &'static str,
    hidden: [(&'static str, &'static str); 0],
}

pub async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    Ok(show(&scan_page(&office, &staff, None, Vec::new()).await?)?.into_response())
}

pub async fn open(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let staff = &posted.staff;
    if paper_copy::is_paper_copy(posted.field("scan")) {
        return import(&office, &posted).await;
    }
    let scan = match Scan::parse(posted.field("scan")) {
        Ok(scan) => scan,
        Err(ScanError::CheckDigit) => return refuse(&office, staff, "office-scan-check-digit").await,
        Err(ScanError::Foreign) => return refuse(&office, staff, "office-scan-foreign").await,
    };
    let mut reading = office.database.read().await?;
    let bearing = table::by_number(&mut reading, scan.tracking_number).await?;
    if bearing.is_empty() {
        return refuse(&office, staff, "office-scan-not-found").await;
    }
    let found = match &scan.code {
        Some(code) => receipts::with_right_code(&mut reading, bearing, code).await?,
        // Only the number was typed.
        None => bearing,
    };
    drop(reading);
    match found.as_slice() {
        [] => {
            note_wrong_code(&office, staff).await?;
            refuse(&office, staff, "office-scan-wrong-code").await
        }
        [one] => Ok(Redirect::to(&format!("/requests/{}", one.id)).into_response()),
        several => {
            let mut rows = Vec::new();
            for request in several {
                rows.push(requests::row_of(&office, Words::of(staff.visitor.language), request).await?);
            }
            Ok(show(&scan_page(&office, staff, None, rows).await?)?.into_response())
        }
    }
}

/// A receipt's second code: the whole request, from a kiosk that may have died.
async fn import(office: &Office, posted: &Posted) -> Result<Response, Failure> {
    let staff = &posted.staff;
    // It adds a request: nothing for those who only look on.
    staff.need(Permission::VerifyDocuments)?;
    let digits = posted.field("scan");
    let copy = match paper_copy::parse(digits) {
        Ok(copy) => copy,
        Err(PaperCopyError::Envelope(EnvelopeError::Content)) => {
            return refuse(office, staff, "office-copy-changed").await;
        }
        Err(_) => return refuse(office, staff, "office-copy-not-whole").await,
    };
    let may_admit = staff.person.role.may(Permission::ManageKiosks);
    let admits = may_admit && posted.field("admit") == "yes";
    let (database, keys, now) = (&office.database, office.keys.now(), office.clock.now());
    match paper_copies::import(database, &keys, now, &copy, &staff.actor(), admits).await {
        Ok(imported) => Ok(Redirect::to(&format!("/requests/{}", imported.request)).into_response()),
        Err(PaperCopyRefused::Database(error)) => Err(error.into()),
        Err(PaperCopyRefused::Revoked { since }) if may_admit => {
            let words = Words::of(staff.visitor.language);
            let sentence = words.format("office-copy-admit-about", &[("since", dates::time(words, since).into())]);
            let page = scan_page(office, staff, Some(sentence), Vec::new()).await?;
            let page = ScanPage { to_admit: Some(digits.to_owned()), ..page };
            Ok((StatusCode::CONFLICT, show(&page)?).into_response())
        }
        Err(PaperCopyRefused::Revoked { .. }) => refuse(office, staff, "office-copy-revoked").await,
        Err(PaperCopyRefused::UnknownKiosk(_)) => refuse(office, staff, "office-copy-unknown-kiosk").await,
        Err(PaperCopyRefused::Waits) => refuse(office, staff, "office-copy-waits").await,
        Err(PaperCopyRefused::Erased) => refuse(office, staff, "office-copy-erased").await,
        Err(PaperCopyRefused::NoRequest) => refuse(office, staff, "office-copy-no-request").await,
        Err(PaperCopyRefused::Changed | PaperCopyRefused::Envelope(_)) => {
            refuse(office, staff, "office-copy-changed").await
        }
    }
}

async fn note_wrong_code(office: &Office, staff: &Staff) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "wrong code scanned", "", json!({})).await?;
    writing.commit().await
}

async fn refuse(office: &Office, staff: &Staff, key: &str) -> Result<Response, Failure> {
    let sentence = Words::of(staff.visitor.language).get(key);
    let page = scan_page(office, staff, Some(sentence), Vec::new()).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

async fn scan_page(
    office: &Office,
    staff: &Staff,
    error: Option<String>,
    same_number: Vec<Row>,
) -> Result<ScanPage, Failure> {
    let frame = Frame::new(&staff.visitor, "scan");
    let today = riyadh_day(office.clock.now());
    let mut reading = office.database.read().await?;
    let mut lists = Vec::new();
    for list in HOME_LISTS {
        let count = requests::waiting_in(&mut reading, list, today).await?;
        let count = requests::how_many_counted(frame.words, count);
        lists.push((list.as_str().to_owned(), requests::title(frame.words, list), count));
    }
    let may_call = staff.person.role.may(Permission::CallPeople);
    let to_call = call_list::count(&mut reading, CallList::Now, today).await?;
    let to_call = (may_call && to_call > 0).then(|| people_to_call(frame.words, to_call));
    let mut alerts = alerts(office, &mut reading, frame.words).await?;
    alerts.extend(clock::alerts(office, &mut reading, frame.words).await?);
    alerts.extend(privacy::alerts(office, &mut reading, staff.person.role, frame.words).await?);
    Ok(ScanPage { frame, error, same_number, lists, to_call, alerts, to_admit: None, text: "", hidden: [] })
}

fn people_to_call(words: &Words, count: u64) -> String {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    words.format("office-scan-to-call", &[("count", count.into())])
}

/// What waits for somebody's hands: printers of kiosks that were heard lately, and receipts that failed.
async fn alerts(office: &Office, reading: &mut Connection, words: &Words) -> Result<Vec<String>, DatabaseError> {
    let heard_after = office.clock.now() - HEARD_LATELY;
    let heard = heartbeats::all(reading).await?;
    let waiting = envelopes::count_aside(reading, Aside::Waiting).await?;
    let set_aside_after = office.clock.now() - SET_ASIDE_SHOWN;
    let passed_over = passed_over::count_after(reading, set_aside_after).await?;
    let forged = envelopes::count_forged_after(reading, set_aside_after).await?;
    let mut alerts = Vec::new();
    alerts.extend(super::findings::alert(words, findings::count_open(reading).await?));
    let held_back = notice_messages::count_held_back(reading).await?;
    if held_back > 0 {
        alerts.push(words.format("office-alert-messages-limit", &[("count", held_back.into())]));
    }
    for kiosk in kiosks::all(reading).await? {
        if let Some(count) = waiting.get(&kiosk.number) {
            let name = words::kiosk(words, kiosk.number, &kiosk.name);
            alerts.push(words.format("office-alert-waiting", &[("kiosk", name.into()), ("what", (*count).into())]));
        }
        let strange = [&passed_over, &forged].map(|counts| counts.get(&kiosk.number).copied().unwrap_or(0));
        let strange = strange[0].saturating_add(strange[1]);
        if strange > 0 {
            let name = words::kiosk(words, kiosk.number, &kiosk.name);
            alerts.push(words.format("office-alert-strange", &[("kiosk", name.into()), ("what", strange.into())]));
        }
        let Some((at, heartbeat)) = heard.get(&kiosk.number).filter(|_| !kiosk.is_revoked()) else { continue };
        let name = words::kiosk(words, kiosk.number, &kiosk.name);
        let named =
            |key: &str, state: Value<'_>| words.format(key, &[("kiosk", name.as_str().into()), ("what", state)]);
        if *at >= heard_after && heartbeat.printer.needs_hands() {
            alerts.push(named("office-alert-printer", words::printer(words, heartbeat.printer).into()));
        }
        // A receipt that failed waits however long the kiosk is silent.
        if heartbeat.unprinted > 0 {
            alerts.push(named("office-alert-unprinted", heartbeat.unprinted.into()));
        }
    }
    Ok(alerts)
}
