//! The kiosks: which there are, and when each was last heard.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
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
use crate::office::database::{changes, heartbeats, requests, trail};
use crate::office::people::Permission;
use crate::replication::wire::Heartbeat;

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
    may_manage: bool,
}

pub async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
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
    let may_manage = staff.person.role.may(Permission::ManageKiosks);
    Ok(show(&KiosksPage { rows, may_manage, frame })?.into_response())
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
