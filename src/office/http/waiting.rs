//! What a revoked kiosk sent and waits for staff: each record is admitted or declined, or all of them.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::session::{Posted, Staff, Visitor};
use super::words;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::aside::{self, Received, Verdict, Waiting};
use crate::office::database::envelopes::{self, Aside};
use crate::office::database::requests::beneficiary_name;
use crate::office::database::{kiosks, trail};
use crate::office::people::Permission;
use crate::seal::envelope::HeaderHash;
use crate::seal::keys::{hex, unhex};

/// A record that waits.
struct Row {
    /// The hash of its header, which names it in forms
    envelope: String,
    what: String,
    text: Option<String>,
    /// Label and value, each in a line
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage {
    frame: Frame,
    id: u16,
    kiosk: String,
    count: String,
    rows: Vec<Row>,
    may_decide: bool,
}

/// "3 records wait for your decision".
pub fn how_many(words: &Words, count: u64) -> String {
    words.format("office-waiting-count", &[("count", count.into())])
}

pub async fn page(
    State(office): State<Arc<Office>>,
    Path(number): Path<u16>,
    staff: Staff,
) -> Result<Response, Failure> {
    let number = kiosk_number(&staff.visitor, number)?;
    let mut writing = office.database.write().await?;
    let kiosk = kiosks::find(&mut writing, number).await?.ok_or_else(|| Failure::not_found(&staff.visitor))?;
    let waiting = aside::waiting(&mut writing, &office.keys.now(), number).await?;
    let count = envelopes::count_aside(&mut writing, Aside::Waiting).await?.get(&number).copied().unwrap_or(0);
    let details = json!({ "kiosk": number.get(), "count": waiting.len() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "list opened", "waiting", details).await?;
    writing.commit().await?;
    let frame = Frame::new(&staff.visitor, "kiosks");
    let page = WaitingPage {
        id: number.get(),
        kiosk: words::kiosk(frame.words, kiosk.number, &kiosk.name),
        count: how_many(frame.words, count),
        rows: waiting.into_iter().map(|waiting| row(&office, frame.words, waiting)).collect(),
        may_decide: staff.person.role.may(Permission::ManageKiosks),
        frame,
    };
    Ok(show(&page)?.into_response())
}

pub async fn decide(
    State(office): State<Arc<Office>>,
    Path(number): Path<u16>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManageKiosks)?;
    let visitor = &posted.staff.visitor;
    let number = kiosk_number(visitor, number)?;
    let verdict = match posted.field("verdict") {
        "admit" => Verdict::Admit,
        "decline" => Verdict::Decline,
        _ => return Err(Failure::form_is_stale(visitor)),
    };
    let which = match posted.field("envelope") {
        "all" => None,
        hash => Some(HeaderHash(unhex(hash).ok_or_else(|| Failure::not_found(visitor))?)),
    };
    let actor = posted.staff.actor();
    let now = office.clock.now();
    let decided = aside::decide(&office.database, &office.keys.now(), number, which, verdict, (now, &actor)).await?;
    if decided == 0 {
        // A colleague was faster, or the page was old.
        let sentence = Words::of(visitor.language).get("office-waiting-decided-already");
        let back = format!("/kiosks/{}/waiting", number.get());
        return Err(Failure::refused(visitor, StatusCode::CONFLICT, sentence, &back));
    }
    Ok(Redirect::to(&format!("/kiosks/{}/waiting", number.get())).into_response())
}

fn kiosk_number(visitor: &Visitor, number: u16) -> Result<KioskNumber, Failure> {
    KioskNumber::try_from(number).map_err(|_| Failure::not_found(visitor))
}

fn row(office: &Office, words: &Words, waiting: Waiting) -> Row {
    let mut facts = Vec::new();
    let number = |number: TrackingNumber| (words.get("office-column-number"), words::number(words, number));
    let (what, text) = match waiting.received {
        Received::Request(request) => {
            facts.push((words.get("office-column-name"), beneficiary_name(&request.answers).to_owned()));
            facts.push(number(request.tracking_number));
            let catalogue = office.catalogue.now();
            let service = catalogue.service_label(request.service(), words.language());
            facts.push((words.get("office-column-service"), service.to_owned()));
            ("office-waiting-request", None)
        }
        Received::DocumentsBrought(of, documents) => {
            facts.push(number(of));
            let catalogue = office.catalogue.now();
            let label = |id: &String| catalogue.document_label(id, words.language()).to_owned();
            let labels: Vec<String> = documents.iter().map(label).collect();
            facts.push((words.get("office-column-documents"), words.list(&labels)));
            ("office-waiting-documents", None)
        }
        Received::Suggestion(text) => ("office-waiting-suggestion", Some(text)),
        Received::Unreadable => ("office-waiting-unreadable", None),
    };
    facts.push((words.get("office-waiting-kiosk-time"), dates::time(words, waiting.header.time.at)));
    Row { envelope: hex(&waiting.header.hash().0), what: words.get(what), text, facts }
}
