//! What a receipt says: policy P17–P20 in the visitor's language, with the number to follow the request by.

use std::sync::Arc;

use istiqbal_ui::{ReceiptContent, ReceiptPart, shown};
use slint::{Image, ModelRc, SharedString, VecModel};

use super::qr::{self, PAPER_MODULE_DOTS, QrError};
use crate::domain::calendar::{not_before, riyadh_day};
use crate::domain::catalogue::Catalogue;
use crate::domain::language::Language;
use crate::language::{Words, dates, isolate_ltr};
use crate::ledger::keeper::Registered;

/// A receipt before it is drawn; unlike Slint's own types it travels between threads.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub registered: Registered,
    pub language: Language,
    pub catalogue: Arc<Catalogue>,
    /// Printed a second time because somebody asked for it
    pub is_copy: bool,
}

impl Receipt {
    /// As the component shows it, with the QR code at whole dots.
    pub fn content(&self) -> Result<ReceiptContent, QrError> {
        let words = Words::of(self.language);
        let registered = &self.registered;
        let number = registered.tracking_number;
        let service = self.catalogue.service_label(&registered.service, self.language);
        let missing = self.missing();
        let missing_title = match missing.len() {
            0 => String::new(),
            count => words.format("receipt-missing-title", &[("count", count.into())]),
        };
        let (registered_on, not_before) = self.dates(words);
        Ok(ReceiptContent {
            part: ReceiptPart::Request,
            rtl: self.language.is_right_to_left(),
            association: shown(self.catalogue.association.name.in_language(self.language)),
            title: shown(words.get("receipt-title")),
            copy_mark: if self.is_copy { shown(words.get("receipt-copy")) } else { SharedString::new() },
            tracking_title: shown(words.get("receipt-number-title")),
            tracking_number: shown(isolate_ltr(&number.grouped())),
            tracking_number_eastern: shown(isolate_ltr(&number.grouped_eastern())),
            qr: self.qr(PAPER_MODULE_DOTS)?,
            qr_text: shown(words.get("receipt-qr-text")),
            registered_on: shown(registered_on),
            service: shown(words.format("receipt-service", &[("service", service.into())])),
            missing_title: shown(missing_title),
            missing: ModelRc::new(VecModel::from_iter(missing.into_iter().map(shown))),
            committee_sentence: shown(words.get("receipt-committee")),
            not_before: shown(not_before),
            follow_up_hint: shown(words.get("receipt-follow-up")),
            declaration: shown(words.get("receipt-declaration")),
            contact: shown(self.catalogue.association.contact.in_language(self.language)),
        })
    }

    /// The QR code of this receipt, `module` dots a module.
    pub fn qr(&self, module: u32) -> Result<Image, QrError> {
        qr::picture(&qr::receipt_digits(self.registered.tracking_number, &self.registered.code), module)
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
        let sentence = |key, day| {
            let both = [("hijri", dates::hijri(words, day).into()), ("gregorian", dates::gregorian(words, day).into())];
            words.format(key, &both)
        };
        let day = riyadh_day(time.at);
        (sentence("receipt-registered-on", day), sentence("receipt-paper-not-before", not_before(day)))
    }
}
