//! The kiosks: which there are, and when each was last heard.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::moment::Moment;
use super::session::{Posted, Staff};
use super::{waiting, words};
use crate::domain::tracking_number::KioskNumber;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::envelopes::{self, Aside};
use crate::office::database::kiosks::{self, Kiosk, Report};
use crate::office::database::knocks::{self, StoredKnock};
use crate::office::database::{changes, heartbeats, requests, trail};
use crate::office::enrolment::again::{self, AgainError, Whom};
use crate::office::people::Permission;
use crate::replication::wire::Heartbeat;
use crate::seal::keys::hex;

pub struct Row {
    /// As it stands in addresses
    pub id: u16,
    pub number: String,
    pub name: String,
    pub enrolled: Moment,
    pub last_seen: Moment,
    pub revoked: bool,
    /// How many of its records wait for staff
    pub waiting: Option<String>,
    /// How many of its records came though something before them is missing
    pub gap: Option<String>,
    /// What it said of its store: when, and in the words of its program
    pub reports: Vec<(Moment, String)>,
    /// How it was when it was last heard
    pub health: Option<Health>,
}

/// A kiosk that isn't known here and asks to be let in again.
pub struct KnockRow {
    /// As it stands in addresses
    pub id: String,
    pub number: String,
    pub name: String,
    pub first: Moment,
    pub last: Moment,
    /// This office itself has given that number to that key
    pub is_proved: bool,
}

impl KnockRow {
    fn new(words: &Words, knock: StoredKnock, now: DateTime<Utc>) -> Self {
        Self {
            id: hex(&knock.tls_pin.0),
            number: isolate_ltr(&digits(words.language(), &knock.number.to_string())),
            name: knock.name,
            first: Moment::new(words, knock.first_at, now),
            last: Moment::new(words, knock.last_at, now),
            is_proved: knock.is_proved,
        }
    }
}

/// A kiosk's newest heartbeat in words.
pub struct Health {
    pub printer: String,
    pub needs_hands: bool,
    /// Label and value, each in a line
    pub facts: Vec<(String, String)>,
}

fn health(words: &Words, at: DateTime<Utc>, heartbeat: &Heartbeat) -> Health {
    let count = |key: &str, count: u64| words.format(key, &[("count", count.into())]);
    let storage = match heartbeat.free_bytes {
        Some(bytes) => count("maintenance-storage-megabytes", bytes / 1_000_000),
        None => words.get("maintenance-storage-read-only"),
    };
    let clock = if heartbeat.clock_is_trusted { "maintenance-clock-trusted" } else { "maintenance-clock-untrusted" };
    Health {
        printer: words::printer(words, heartbeat.printer),
        needs_hands: heartbeat.printer.needs_hands(),
        facts: vec![
            (words.get("maintenance-unprinted"), count("maintenance-unprinted-count", heartbeat.unprinted.into())),
            (words.get("maintenance-unsent"), count("maintenance-unsent-count", heartbeat.unsent)),
            (words.get("maintenance-storage"), storage),
            (words.get("maintenance-clock"), words.get(clock)),
            (words.get("office-kiosk-version"), isolate_ltr(&heartbeat.version)),
            (words.get("office-kiosk-heard"), dates::time(words, at)),
        ],
    }
}

#[derive(Template)]
#[template(path = "kiosks.html")]
struct KiosksPage {
    frame: Frame,
    rows: Vec<Row>,
    knocks: Vec<KnockRow>,
    may_manage: bool,
    /// Why the kiosk that somebody wanted to let in stays outside
    refusal: Option<String>,
}

pub async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    Ok(show(&kiosks_page(&office, &staff, None).await?)?.into_response())
}

async fn kiosks_page(office: &Office, staff: &Staff, refusal: Option<String>) -> Result<KiosksPage, Failure> {
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let found = kiosks::all(&mut reading).await?;
    let frame = Frame::new(&staff.visitor, "kiosks");
    let heard = heartbeats::all(&mut reading).await?;
    let waiting = envelopes::count_aside(&mut reading, Aside::Waiting).await?;
    let gaps = envelopes::count_behind_gaps(&mut reading).await?;
    let row = |kiosk: Kiosk, reports: Vec<Report>| Row {
        health: heard.get(&kiosk.number).map(|(at, heartbeat)| health(frame.words, *at, heartbeat)),
        reports: reports.into_iter().map(|report| (Moment::new(frame.words, report.at, now), report.text)).collect(),
        id: kiosk.number.get(),
        revoked: kiosk.is_revoked(),
        gap: gaps.get(&kiosk.number).map(|count| frame.words.format("office-kiosk-gap", &[("count", (*count).into())])),
        waiting: waiting.get(&kiosk.number).map(|count| waiting::how_many(frame.words, *count)),
        number: isolate_ltr(&digits(frame.words.language(), &kiosk.number.to_string())),
        name: kiosk.name,
        enrolled: Moment::new(frame.words, kiosk.enrolled_at, now),
        last_seen: Moment::new(frame.words, kiosk.last_seen_at, now),
    };
    let mut rows = Vec::with_capacity(found.len());
    for kiosk in found {
        let reports = kiosks::reports(&mut reading, kiosk.number).await?;
        rows.push(row(kiosk, reports));
    }
    let knocks = knocks::all(&mut reading).await?;
    let knocks = knocks.into_iter().map(|knock| KnockRow::new(frame.words, knock, now)).collect();
    let may_manage = staff.person.role.may(Permission::ManageKiosks);
    Ok(KiosksPage { rows, knocks, may_manage, refusal, frame })
}

/// Lets a kiosk in again that was enrolled after the backup from which this office was restored.
pub async fn let_in(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManageKiosks)?;
    let pin = id.parse().map_err(|_| Failure::not_found(&posted.staff.visitor))?;
    let (keys, actor) = (office.keys.now(), posted.staff.actor());
    let by = (office.clock.now(), &actor);
    let refusal = match again::let_in(&office.database, (&keys, &office.numbers_log), Whom::Key(pin), by).await {
        Ok(_) => return Ok(Redirect::to("/kiosks").into_response()),
        Err(AgainError::Database(error)) => return Err(error.into()),
        Err(AgainError::Log(error)) => return Err(Failure::Internal(error.to_string())),
        Err(AgainError::NumberTaken(_)) => "office-knock-number-taken",
        Err(AgainError::Revoked) => "office-knock-revoked",
        Err(AgainError::ReceiptKey(_)) => "office-knock-receipt-key",
        // Somebody else has let it in meanwhile.
        Err(AgainError::NobodyKnocks | AgainError::Several(_)) => return Ok(Redirect::to("/kiosks").into_response()),
    };
    let refusal = Words::of(posted.staff.visitor.language).get(refusal);
    let page = kiosks_page(&office, &posted.staff, Some(refusal)).await?;
    Ok((StatusCode::CONFLICT, show(&page)?).into_response())
}

/// Takes nothing more from a kiosk, and turns the codes of its receipts off everywhere.
pub async fn revoke(
    State(office): State<Arc<Office>>,
    Path(number): Path<u16>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManageKiosks)?;
    let number = KioskNumber::try_from(number).map_err(|_| Failure::not_found(&posted.staff.visitor))?;
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    if kiosks::revoke(&mut writing, number, now).await? {
        for request in requests::of_kiosk(&mut writing, number).await? {
            changes::add(&mut writing, request);
        }
        let details = json!({ "kiosk": number.get() });
        trail::append(&mut writing, now, &posted.staff.actor(), "kiosk revoked", "", details).await?;
        writing.commit().await?;
    }
    Ok(Redirect::to("/kiosks").into_response())
}
