//! The page of the day and the clock: what the witnesses say, confirming the day, and declaring entries of a wrong
//! clock void.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::frame::{Failure, Frame, show};
use super::request::actor;
use super::session::{Posted, Staff, Visitor};
use super::sessions::refused_with;
use super::words;
use crate::domain::calendar::{parse_date, riyadh_day};
use crate::domain::digits::to_western;
use crate::domain::tracking_number::KioskNumber;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::clock::{self as table, Statement};
use crate::office::database::{Connection, DatabaseError, kiosks, people, trail};
use crate::office::day;
use crate::office::day::statements::{self, Before, Said, StatementError};
use crate::office::day::witnesses::{Doubt, KioskClock, Reckoning, Says};
use crate::office::people::Permission;

/// Statements that are shown.
const STATEMENTS_SHOWN: u32 = 20;

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/clock", get(page))
        .route("/clock/confirmation", post(confirm))
        .route("/clock/void", post(declare_void))
}

struct KioskRow {
    name: String,
    /// Its clock's time by now
    shows: String,
    heard: String,
    says: String,
    agrees: bool,
}

struct StatementRow {
    what: String,
    when: String,
    by: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "clock.html")]
struct ClockPage {
    frame: Frame,
    /// Time of the machine's clock, in both calendars and by the minute
    day: String,
    machine: String,
    /// When the trail's newest entry was written, and its number
    trail: Option<(String, String)>,
    doubts: Vec<String>,
    /// Requests whose day is in doubt
    requests: Option<String>,
    kiosks: Vec<KioskRow>,
    /// Somebody has to say which day it is
    is_asked: bool,
    /// … and whether the clock was right before it jumped forward
    asks_before: bool,
    may_declare_void: bool,
    statements: Vec<StatementRow>,
}

async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    staff.need(Permission::ConfirmDay)?;
    let frame = Frame::new(&staff.visitor, "clock");
    let words = frame.words;
    let mut reading = office.database.read().await?;
    let reckoning = day::reckon(&mut reading, &office.clock).await?;
    let requests = count_in_doubt(&mut reading, &reckoning).await?;
    let trail_at = table::trail_at(&mut reading).await?;
    let (entries, _) = trail::end(&mut reading).await?;
    let kiosk_names = kiosk_names(&mut reading, words).await?;
    let people = people::names(&mut reading).await?;
    let statements = table::statements(&mut reading, STATEMENTS_SHOWN).await?;
    drop(reading);
    let number = |number: i64| isolate_ltr(&digits(words.language(), &number.to_string()));
    let page = ClockPage {
        day: dates::both(words, riyadh_day(reckoning.machine)),
        machine: dates::time(words, reckoning.machine),
        trail: trail_at.map(|at| (dates::time(words, at), number(entries))),
        doubts: reckoning.doubts.iter().map(|doubt| doubt_in_words(words, &reckoning, doubt)).collect(),
        requests: in_doubt(words, requests),
        kiosks: reckoning
            .kiosks
            .iter()
            .map(|(clock, says)| row(words, &reckoning, clock, *says, &kiosk_names))
            .collect(),
        is_asked: !reckoning.is_certain() || requests > 0,
        asks_before: reckoning.jumped_forward(),
        may_declare_void: staff.person.role.may(Permission::DeclareVoid),
        statements: statements.into_iter().map(|one| statement_row(words, one, &people, &number)).collect(),
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// Confirms the day which the machine's clock shows.
async fn confirm(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::ConfirmDay)?;
    let before = match posted.field("before") {
        "right" => Some(Before::Right),
        "wrong" => Some(Before::Wrong),
        _ => None,
    };
    let actor = posted.staff.actor();
    let done = match said(&posted, &actor) {
        Ok(said) => statements::confirm(&office.database, &office.clock, &said, before).await,
        Err(error) => Err(error),
    };
    answered(&posted, done)
}

/// Declares entries of the trail void that a wrong clock wrote.
async fn declare_void(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::DeclareVoid)?;
    let number = |name: &str| to_western(posted.field(name)).trim().parse::<i64>();
    let actor = posted.staff.actor();
    let done = match (said(&posted, &actor), number("first"), number("last")) {
        (Err(error), ..) => Err(error),
        (Ok(said), Ok(first), Ok(last)) => {
            statements::declare_void(&office.database, &office.clock, &said, (first, last)).await
        }
        _ => Err(StatementError::NoSuchEntries),
    };
    answered(&posted, done)
}

/// The day as it was typed: whoever confirms it has looked at a calendar.
fn said<'a>(posted: &'a Posted, actor: &'a trail::Actor) -> Result<Said<'a>, StatementError> {
    let on = parse_date(posted.field("on")).map_err(|_| StatementError::OtherDay)?;
    Ok(Said { actor, on, reason: posted.field("reason") })
}

fn answered(posted: &Posted, done: Result<usize, StatementError>) -> Result<Response, Failure> {
    let visitor: &Visitor = &posted.staff.visitor;
    let key = match done {
        Ok(_) => return Ok(Redirect::to("/clock").into_response()),
        Err(StatementError::Database(error)) => return Err(error.into()),
        Err(StatementError::OtherDay) => "office-clock-other-day",
        Err(StatementError::ReasonMissing) => "office-clock-reason-missing",
        Err(StatementError::BeforeMissing) => "office-clock-before-missing",
        Err(StatementError::NoSuchEntries) => "office-clock-no-such-entries",
    };
    let sentence = Words::of(visitor.language).get(key);
    let typed = [("office-clock-reason", posted.field("reason"))];
    Err(refused_with(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, "/clock", &typed))
}

/// Gives the first page's alerts about the day.
pub async fn alerts(office: &Office, reading: &mut Connection, words: &Words) -> Result<Vec<String>, DatabaseError> {
    let reckoning = day::reckon(reading, &office.clock).await?;
    let mut alerts = Vec::new();
    if !reckoning.is_certain() {
        alerts.push(words.get("office-alert-day"));
    }
    alerts.extend(in_doubt(words, count_in_doubt(reading, &reckoning).await?));
    let mut outliers = reckoning.outliers().peekable();
    if outliers.peek().is_some() {
        let names = kiosk_names(reading, words).await?;
        let named = |clock: &KioskClock| {
            let name = names.get(&clock.kiosk).cloned().unwrap_or_default();
            words.format("office-alert-kiosk-clock", &[("kiosk", name.into())])
        };
        alerts.extend(outliers.map(named));
    }
    Ok(alerts)
}

/// Why nothing is decided now; `None` when the day is certain.
pub fn why_not(words: &Words, reckoning: &Reckoning) -> Option<String> {
    (!reckoning.is_certain()).then(|| words.get("office-step-day-in-doubt"))
}

/// How many requests wait for their day of receipt to be put right. Witnesses that agree are a day apart at most.
async fn count_in_doubt(reading: &mut Connection, reckoning: &Reckoning) -> Result<u64, DatabaseError> {
    let latest = reckoning.arrival_day();
    table::count_in_doubt(reading, latest.succ_opt().unwrap_or(latest)).await
}

fn in_doubt(words: &Words, requests: u64) -> Option<String> {
    (requests > 0).then(|| words.format("office-alert-requests-in-doubt", &[("count", requests.into())]))
}

async fn kiosk_names(reading: &mut Connection, words: &Words) -> Result<HashMap<KioskNumber, String>, DatabaseError> {
    let kiosks = kiosks::all(reading).await?;
    Ok(kiosks.into_iter().map(|kiosk| (kiosk.number, words::kiosk(words, kiosk.number, &kiosk.name))).collect())
}

fn doubt_in_words(words: &Words, reckoning: &Reckoning, doubt: &Doubt) -> String {
    let time = |at| dates::time(words, at).into();
    let shown = ("shown", time(reckoning.machine));
    match doubt {
        Doubt::BeforeProgram => words.format("office-clock-before-program", &[shown]),
        Doubt::BehindTrail { entry } => words.format("office-clock-behind-trail", &[shown, ("entry", time(*entry))]),
        Doubt::Jumped(step) => {
            let variables = [("expected", time(step.expected)), ("shown", time(step.shown))];
            words.format("office-clock-jumped", &variables)
        }
        Doubt::Kiosks => words.format("office-clock-kiosks", &[shown]),
    }
}

fn row(
    words: &Words,
    reckoning: &Reckoning,
    clock: &KioskClock,
    says: Says,
    names: &HashMap<KioskNumber, String>,
) -> KioskRow {
    let key = match says {
        Says::Agrees => "office-clock-kiosk-agrees",
        Says::Contradicts => "office-clock-kiosk-contradicts",
        Says::KnownWrong => "office-clock-kiosk-known-wrong",
        Says::Impossible => "office-clock-kiosk-impossible",
    };
    KioskRow {
        name: names.get(&clock.kiosk).cloned().unwrap_or_default(),
        shows: dates::time(words, reckoning.machine.checked_add_signed(clock.ahead).unwrap_or(clock.said)),
        heard: dates::time(words, clock.heard_at),
        says: words.get(key),
        agrees: says == Says::Agrees,
    }
}

fn statement_row(
    words: &Words,
    statement: Statement,
    people: &HashMap<String, String>,
    number: &dyn Fn(i64) -> String,
) -> StatementRow {
    let Statement { at, by, on, void, reason } = statement;
    let what = match void {
        None => words.format("office-clock-was-confirmed", &[("day", dates::both(words, on).into())]),
        Some((first, last)) => {
            let variables = [("first", number(first).into()), ("last", number(last).into())];
            words.format("office-clock-was-void", &variables)
        }
    };
    StatementRow { what, when: dates::time(words, at), by: actor(words, &by, people), reason }
}
