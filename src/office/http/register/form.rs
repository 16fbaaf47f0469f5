//! The form of a registration as it was sent, and as far as it can be read.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::super::fields;
use super::super::session::Posted;
use crate::domain::answers::{AnswerError, Answers};
use crate::domain::catalogue::{Catalogue, Question};
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::registration::Filled;
use crate::domain::request::{Beneficiary, Channel, RequestId};
use crate::office::desk::{self, DeskRequest};
use crate::seal::keys::{hex, random, sha256, unhex};

/// What has been typed so far, and what of it is right.
pub struct Form {
    /// Random, the same for each time the form is sent
    pub id: String,
    pub channel: Channel,
    pub language: Language,
    pub beneficiary: Beneficiary,
    /// As typed, by question id, also what isn't asked at the moment: nothing is lost
    pub typed: BTreeMap<String, String>,
    pub answers: Answers,
    pub errors: BTreeMap<String, AnswerError>,
    pub documents: BTreeMap<String, DocumentAnswer>,
    /// The ids of the questions that stood on the page that was sent
    pub shown: String,
    /// The documents stood on it, too
    pub documents_shown: bool,
    pub privacy_told: bool,
    pub is_declared: bool,
    /// What the declaration was shown with, as [`Form::seen_now`] said then
    pub seen: String,
}

impl Form {
    /// A form that nobody has begun.
    pub fn new(catalogue: &Catalogue, today: NaiveDate) -> Self {
        Self::read(catalogue, today, hex(&random::<16>()), &BTreeMap::new())
    }

    /// The form that was sent; `None` for one without the id that our own pages give it.
    pub fn sent(catalogue: &Catalogue, today: NaiveDate, posted: &Posted) -> Option<Self> {
        let id = posted.field("form");
        unhex::<16>(id)?;
        Some(Self::read(catalogue, today, id.to_owned(), &posted.fields))
    }

    fn read(catalogue: &Catalogue, today: NaiveDate, id: String, fields: &BTreeMap<String, String>) -> Self {
        let of = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let mut typed: BTreeMap<String, String> = catalogue
            .questions
            .iter()
            .map(|question| (question.id().to_owned(), fields::typed(catalogue, question, fields)))
            .collect();
        take_over(catalogue, &mut typed, of("step"));
        let raw = |question: &Question| typed.get(question.id()).cloned().unwrap_or_default();
        let Filled { answers, errors } = catalogue.fill_in(raw, today);
        let said = |id: &str| match of(&format!("d-{id}")) {
            "with_me" => Some(DocumentAnswer::WithMe),
            "later" => Some(DocumentAnswer::Later),
            _ => None,
        };
        let asked = catalogue.documents_for(&answers);
        let ids = asked.iter().map(|document| document.id.get_ref());
        let documents = ids.filter_map(|id| Some((id.clone(), said(id)?))).collect();
        Self {
            id,
            channel: if of("channel") == "phone" { Channel::Phone } else { Channel::Desk },
            language: of("language").parse().unwrap_or(Language::Arabic),
            beneficiary: if of("beneficiary") == "internal" { Beneficiary::Internal } else { Beneficiary::External },
            typed,
            answers,
            errors,
            documents,
            shown: of("shown").to_owned(),
            documents_shown: !of("documents_shown").is_empty(),
            privacy_told: of("privacy") == "told",
            is_declared: of("declared") == "yes",
            seen: of("seen").to_owned(),
        }
    }

    pub fn is_complete(&self, catalogue: &Catalogue) -> bool {
        self.errors.is_empty() && catalogue.is_complete(&self.answers, &self.documents)
    }

    /// What is declared, in short: when it has changed since the declaration was shown, that was another declaration (P15).
    pub fn seen_now(&self, catalogue: &Catalogue) -> Result<String, serde_json::Error> {
        let declared = serde_json::to_vec(&(
            &self.answers,
            &self.documents,
            self.channel,
            self.language,
            self.beneficiary,
            catalogue.versions(),
        ))?;
        Ok(hex(&sha256(&[b"istiqbal declared 1", &declared])[..16]))
    }

    pub fn request_id(&self, posted: &Posted) -> RequestId {
        desk::request_id(&posted.staff.actor(), &self.id)
    }

    /// What is registered of a complete form.
    pub fn into_request(self, catalogue: &Catalogue, id: RequestId) -> DeskRequest {
        DeskRequest {
            id,
            channel: self.channel,
            language: self.language,
            beneficiary: self.beneficiary,
            versions: catalogue.versions(),
            answers: self.answers,
            documents: self.documents,
        }
    }
}

/// The button "the same number": what stands in the earlier question's field is typed into this one's (P6).
fn take_over(catalogue: &Catalogue, typed: &mut BTreeMap<String, String>, step: &str) {
    let question = step.strip_prefix("same-").and_then(|id| catalogue.question(id));
    let earlier = question.and_then(|question| Some((question.id(), question.same_as.as_ref()?.get_ref())));
    if let Some((id, earlier)) = earlier {
        let same = typed.get(earlier).cloned().unwrap_or_default();
        typed.insert(id.to_owned(), same);
    }
}
