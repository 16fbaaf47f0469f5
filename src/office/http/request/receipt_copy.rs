//! A receipt to print at the desk: the one of a request that was registered there, and a lost one once more, marked as a copy.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use qrcode::EcLevel;
use serde_json::json;

use super::super::frame::{Failure, show};
use super::super::qr::Qr;
use super::super::session::Posted;
use super::request_id;
use crate::domain::calendar::not_before;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::domain::public_address::receipt_text;
use crate::domain::request::Channel;
use crate::domain::tracking_number::KioskNumber;
use crate::language::{Words, dates, isolate_ltr, standing};
use crate::office::Office;
use crate::office::database::prints::{self, StoredPrint};
use crate::office::database::{requests, trail};
use crate::office::people::Permission;
use crate::office::receipts;
use crate::seal::keys::random;
use crate::seal::receipt_code::receipt_code;

/// The words of the paper that a kiosk prints, in the request's language.
#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    language: &'static str,
    direction: &'static str,
    association: String,
    title: String,
    /// Empty on the desk's own receipt, which is printed once
    copy: String,
    number_title: String,
    number: String,
    number_eastern: String,
    /// `None` when no code can be made: the kiosk is revoked, or was never heard
    qr: Option<Qr>,
    qr_text: String,
    service: String,
    registered: String,
    missing_title: String,
    missing: Vec<String>,
    sentences: Vec<String>,
    not_before: String,
    contact: String,
    /// For whoever prints it, in the language of the pages
    own_language: &'static str,
    own_direction: &'static str,
    back: String,
    back_text: String,
    print_text: String,
    no_code: Option<String>,
}

pub async fn print(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::VerifyDocuments)?;
    let visitor = &posted.staff.visitor;
    let id = request_id(visitor, &id)?;
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let request = requests::find(&mut writing, id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let standing = requests::standing(&mut writing, id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let key = receipts::key_of(&mut writing, request.kiosk).await?;
    let number = request.tracking_number;
    // The desk's own receipt is the first of its prints; each one after it is a copy, as each of a kiosk's request is.
    let is_first = prints::of_number(&mut writing, number).await?.is_empty();
    let is_original = request.kiosk == KioskNumber::DESK && is_first;
    // Whether paper came out of the desk's printer, only whoever stands there knows.
    let print = Print {
        tracking_number: number,
        printout: if is_original { Printout::Receipt } else { Printout::Copy },
        language: request.language,
        outcome: Outcome::Unknown,
    };
    prints::add_all(&mut writing, &[(random(), StoredPrint { at: now, kiosk: None, print })]).await?;
    let details = json!({ "with_code": key.is_some() });
    let action = if is_original { "receipt printed" } else { "receipt printed again" };
    trail::append(&mut writing, now, &posted.staff.actor(), action, &id.to_string(), details).await?;
    writing.commit().await?;

    let address = office.public_address.as_ref();
    let qr = key.map(|key| Qr::of(&receipt_text(address, number, &receipt_code(&key, number)), EcLevel::H));
    let qr = qr.transpose().map_err(|error| Failure::Internal(error.to_string()))?;
    let words = Words::of(request.language);
    let own = Words::of(visitor.language);
    let catalogue = office.catalogue.now();
    let language = request.language;
    let missing: Vec<String> = standing::missing_documents(&standing)
        .iter()
        .map(|id| catalogue.document_label(id, language).to_owned())
        .collect();
    let dated = |key: &str, day| {
        let both = [("hijri", dates::hijri(words, day).into()), ("gregorian", dates::gregorian(words, day).into())];
        words.format(key, &both)
    };
    let by_telephone = request.channel == Channel::Phone.as_str();
    let service = catalogue.service_label(&request.service, language);
    let page = ReceiptPage {
        language: language.code(),
        direction: if language.is_right_to_left() { "rtl" } else { "ltr" },
        association: catalogue.association.name.in_language(language).to_owned(),
        title: words.get("receipt-title"),
        copy: if is_original { String::new() } else { words.get("receipt-copy") },
        number_title: words.get("receipt-number-title"),
        number: isolate_ltr(&number.grouped()),
        number_eastern: isolate_ltr(&number.grouped_eastern()),
        qr_text: words.get("receipt-qr-text-one"),
        service: words.format("receipt-service", &[("service", service.into())]),
        registered: dated("receipt-registered-on", request.received_on),
        missing_title: match missing.len() {
            0 => String::new(),
            count => words.format("receipt-missing-title", &[("count", count.into())]),
        },
        missing,
        sentences: vec![
            words.get("receipt-committee"),
            words.get("receipt-follow-up"),
            words.get(if by_telephone { "office-receipt-declared" } else { "receipt-declaration" }),
        ],
        not_before: dated("receipt-paper-not-before", not_before(request.received_on)),
        contact: catalogue.association.contact.in_language(language).to_owned(),
        own_language: own.language().code(),
        own_direction: if own.language().is_right_to_left() { "rtl" } else { "ltr" },
        back: format!("/requests/{id}"),
        back_text: own.get("office-back"),
        print_text: own.get("office-receipt-print"),
        no_code: qr.is_none().then(|| own.get("office-receipt-no-code")),
        qr,
    };
    Ok(show(&page)?.into_response())
}
