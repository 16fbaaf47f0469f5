//! Slips: smaller papers about a request that has its receipt. They bear no QR code: the receipt stays the proof.

use std::sync::Arc;

use istiqbal_ui::{ReceiptContent, shown};
use slint::{ModelRc, VecModel};

use super::content::{dated, headed, paragraphs};
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::Catalogue;
use crate::domain::language::Language;
use crate::domain::printout::Printout;
use crate::domain::stage::RequestStatus;
use crate::language::Words;
use crate::language::standing::{self, Stage};
use crate::seal::envelope::KioskTime;

/// A slip before it is drawn.
#[derive(Clone, Debug)]
pub struct Slip {
    pub about: SlipAbout,
    pub status: RequestStatus,
    pub language: Language,
    pub catalogue: Arc<Catalogue>,
    /// Of today; a clock that can't be trusted prints no date
    pub time: KioskTime,
}

/// What a slip tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipAbout {
    /// Where the request stands. Without `proved` neither the service nor the decision: only the number was typed
    Status { proved: bool },
    /// The documents that the applicant says to have brought, by their ids
    DocumentsBrought(Vec<String>),
}

impl Slip {
    pub fn printout(&self) -> Printout {
        match self.about {
            SlipAbout::Status { .. } => Printout::StatusSlip,
            SlipAbout::DocumentsBrought(_) => Printout::DocumentsSlip,
        }
    }

    /// As the component shows it.
    pub fn content(&self) -> ReceiptContent {
        let words = Words::of(self.language);
        let dated_today = match self.time.trusted {
            true => dated(words, "receipt-slip-on", riyadh_day(self.time.at)),
            false => String::new(),
        };
        ReceiptContent { dated: shown(dated_today), ..self.undated(words) }
    }

    fn undated(&self, words: &Words) -> ReceiptContent {
        let number = self.status.tracking_number;
        let service = self.catalogue.service_label(&self.status.service, self.language);
        let service = shown(words.format("receipt-service", &[("service", service.into())]));
        match &self.about {
            SlipAbout::DocumentsBrought(brought) => ReceiptContent {
                service,
                list_title: shown(words.format("receipt-brought-title", &[("count", brought.len().into())])),
                list: self.labels(brought),
                list_ticked: true,
                paragraphs: paragraphs([(words.get("receipt-brought-hand-over"), false)]),
                ..headed(&self.catalogue, words, "receipt-documents-slip-title", number)
            },
            SlipAbout::Status { proved } => {
                let standing = &self.status.standing;
                let missing = standing::missing_documents(standing);
                let missing_title = match missing.len() {
                    0 => String::new(),
                    count => words.format("receipt-missing-title", &[("count", count.into())]),
                };
                let documents = standing::documents_track(words, standing);
                let committee = standing::committee_track(words, standing, *proved, riyadh_day(self.time.at));
                let reached =
                    documents.into_iter().chain(committee).filter(|stage| stage.reached != standing::Reached::Ahead);
                let sentences = reached.map(|stage| (line(&stage), false)).chain([
                    (standing::decision(words, standing, *proved), true),
                    (standing::next_step(words, standing, *proved), true),
                ]);
                ReceiptContent {
                    service: if *proved { service } else { "".into() },
                    list_title: shown(missing_title),
                    list: self.labels(&missing),
                    paragraphs: paragraphs(sentences),
                    ..headed(&self.catalogue, words, "receipt-status-slip-title", number)
                }
            }
        }
    }

    fn labels(&self, documents: &[String]) -> ModelRc<slint::SharedString> {
        let labels = documents.iter().map(|id| shown(self.catalogue.document_label(id, self.language)));
        ModelRc::new(VecModel::from_iter(labels))
    }
}

fn line(stage: &Stage) -> String {
    if stage.detail.is_empty() {
        format!("• {}", stage.label)
    } else {
        format!("• {} – {}", stage.label, stage.detail)
    }
}
