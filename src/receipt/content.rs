//! What a receipt says: policy P17–P20 in the visitor's language, with the number to follow the request by.

use std::sync::Arc;

use istiqbal_ui::{ReceiptContent, ReceiptParagraph, shown};
use slint::{Image, ModelRc, SharedString, VecModel};

use super::qr::{self, QrError};
use crate::domain::calendar::{not_before, riyadh_day};
use crate::domain::catalogue::Catalogue;
use crate::domain::digits::GROUP_SPACE;
use crate::domain::language::Language;
use crate::domain::public_address::{PublicAddress, receipt_text};
use crate::domain::tracking_number::TrackingNumber;
use crate::language::{Words, dates, isolate_ltr};
use crate::ledger::keeper::Registered;

/// A receipt before it is drawn; unlike Slint's own types it travels between threads.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub registered: Registered,
    pub language: Language,
    pub catalogue: Arc<Catalogue>,
    /// Before the digits of its code, so that a phone opens the status page
    pub public_address: Option<PublicAddress>,
    /// Printed a second time because somebody asked for it
    pub is_copy: bool,
}

impl Receipt {
    /// As the component shows it on paper of a width in dots, with the QR codes at whole dots.
    pub fn content(&self, width: u32) -> Result<ReceiptContent, QrError> {
        let words = Words::of(self.language);
        let registered = &self.registered;
        let service = self.catalogue.service_label(&registered.service, self.language);
        let missing = self.missing();
        let missing_title = match missing.len() {
            0 => String::new(),
            count => words.format("receipt-missing-title", &[("count", count.into())]),
        };
        let (registered_on, not_before) = self.dates(words);
        let sentences = [
            (words.get("receipt-committee"), false),
            (not_before, true),
            (words.get("receipt-follow-up"), false),
            (words.get("receipt-declaration"), false),
        ];
        Ok(ReceiptContent {
            copy_mark: if self.is_copy { shown(words.get("receipt-copy")) } else { SharedString::new() },
            qr: qr::paper_picture(&self.code(), width)?,
            qr_text: shown(words.get("receipt-qr-text")),
            dated: shown(registered_on),
            service: shown(words.format("receipt-service", &[("service", service.into())])),
            list_title: shown(missing_title),
            list: ModelRc::new(VecModel::from_iter(missing.into_iter().map(shown))),
            paragraphs: paragraphs(sentences),
            ..headed(&self.catalogue, words, "receipt-title", registered.tracking_number)
        })
    }

    /// What its QR code says.
    pub fn code(&self) -> String {
        receipt_text(self.public_address.as_ref(), self.registered.tracking_number, &self.registered.code)
    }

    /// The labels of the documents that are still missing.
    pub fn missing(&self) -> Vec<String> {
        let label = |id: &String| self.catalogue.document_label(id, self.language).to_owned();
        self.registered.missing_documents.iter().map(label).collect()
    }

    /// When it was registered, and not before when the committee replies (P19). A clock that can't be trusted prints
    /// no date.
    fn dates(&self, words: &Words) -> (String, String) {
        let time = self.registered.time;
        if !time.trusted {
            return (words.get("receipt-registered-untrusted"), words.get("receipt-paper-not-before-unknown"));
        }
        let day = riyadh_day(time.at);
        let registered = dated(words, "receipt-registered-on", day);
        (registered, dated(words, "receipt-paper-not-before", not_before(day)))
    }
}

/// The last part of a receipt whose request the office had not acknowledged when it was printed: the paper copy, or, where
/// it has no room, what to do.
pub fn paper_copy_content(digits: Option<&str>, width: u32, language: Language) -> Result<ReceiptContent, QrError> {
    let words = Words::of(language);
    let (qr, key) = match digits {
        Some(digits) => (qr::paper_copy_picture(digits, width)?, "receipt-paper-copy"),
        None => (Image::default(), "receipt-return"),
    };
    Ok(ReceiptContent {
        rtl: language.is_right_to_left(),
        qr,
        paragraphs: paragraphs([(words.get(key), false)]),
        is_continued: true,
        ..ReceiptContent::default()
    })
}

/// What every piece of paper begins and ends with.
pub(super) fn headed(catalogue: &Catalogue, words: &Words, title: &str, number: TrackingNumber) -> ReceiptContent {
    let language = words.language();
    ReceiptContent {
        rtl: language.is_right_to_left(),
        association: shown(catalogue.association.name.in_language(language)),
        title: shown(words.get(title)),
        tracking_title: shown(words.get("receipt-number-title")),
        tracking_number: shown(isolate_ltr(&number.grouped())),
        tracking_number_eastern: shown(isolate_ltr(&number.grouped_eastern())),
        contact: shown(catalogue.association.contact.in_language(language)),
        ..ReceiptContent::default()
    }
}

/// Sentences, each with whether it stands out; empty ones are left out.
pub(super) fn paragraphs(sentences: impl IntoIterator<Item = (String, bool)>) -> ModelRc<ReceiptParagraph> {
    let sentences = sentences.into_iter().filter(|(text, _)| !text.is_empty());
    ModelRc::new(VecModel::from_iter(sentences.map(|(text, strong)| ReceiptParagraph { text: shown(text), strong })))
}

/// A sentence with a day in both calendars.
pub(super) fn dated(words: &Words, key: &str, day: chrono::NaiveDate) -> String {
    let (hijri, gregorian) = (dates::hijri(words, day), dates::gregorian(words, day));
    let both = [("hijri", end_together(&hijri).into()), ("gregorian", end_together(&gregorian).into())];
    words.format(key, &both)
}

/// A date whose last word doesn't begin a line alone; a whole date that can't break has no room on narrow paper.
fn end_together(date: &str) -> String {
    match date.rsplit_once(' ') {
        Some((beginning, end)) => format!("{beginning}{GROUP_SPACE}{end}"),
        None => date.to_owned(),
    }
}
