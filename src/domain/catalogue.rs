//! The catalogue: services, categories, documents, questions and texts, all of it data (`config/catalog.toml`).
//!
//! What the policy's text leaves open (channels, tools, stages) stays content that a charity edits.

pub mod difference;
mod notice;
mod rules;
#[cfg(test)]
mod tests;

use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::answers::Answers;
use super::language::Language;
use super::rating::{Face, Mood};

use crate::config::{self, ConfigError};
pub use notice::{NOTICE_CHARACTERS_MAX, Notice, NoticeDay};
pub use rules::DOCUMENTS;

/// A text in the languages of the reception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    ar: String,
    en: String,
}

impl Text {
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Arabic => &self.ar,
            Language::English => &self.en,
        }
    }

    fn each(&self) -> [&str; 2] {
        [&self.ar, &self.en]
    }
}

/// The whole catalogue. A value of this type has passed all rules of [`Catalogue::parse`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    pub version: u32,
    pub association: Association,
    pub policy: Policy,
    pub privacy_notice: PrivacyNotice,
    pub declaration: Declaration,
    #[serde(rename = "service")]
    pub services: Vec<Service>,
    #[serde(rename = "category")]
    pub categories: Vec<Choice>,
    #[serde(rename = "document")]
    pub documents: Vec<Document>,
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    #[serde(rename = "common_question", default)]
    pub common_questions: Vec<CommonQuestion>,
    #[serde(rename = "rating_reason")]
    pub rating_reasons: Vec<RatingReason>,
    /// What visitors are told for some days. A program that doesn't know them yet refuses a catalogue that has any, and stays
    /// with the one it has
    #[serde(default)]
    pub notices: Vec<Notice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Association {
    pub name: Text,
    /// Where and when a visitor reaches people: printed on the receipt
    pub contact: Text,
}

/// The board's policy on relations with beneficiaries, by its version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub version: u32,
    pub title: Text,
}

/// What the visitor is told before the first question: who collects what, why, who receives it, for how long.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyNotice {
    pub version: u32,
    pub short: Text,
    /// The pages behind "read more"
    pub pages: Vec<Text>,
}

/// What the applicant declares and signs (P15); the responsibility (P16) stands apart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    pub version: u32,
    pub text: Text,
    pub responsibility: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub id: Spanned<String>,
    pub label: Text,
    pub icon: String,
    /// To whom it is offered
    pub for_whom: Text,
    /// What is offered, and what isn't (P11)
    pub about: Text,
    /// The department that provides it (P14)
    pub department: String,
    /// Ids of the documents it needs
    pub documents: Vec<Spanned<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: Spanned<String>,
    pub label: Text,
    pub icon: Option<String>,
}

/// What a visitor may give as the reason of a rating; it speaks of the service, never of a person (P13).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingReason {
    pub id: Spanned<String>,
    pub label: Text,
    pub icon: Option<String>,
    /// After which faces it's offered; after all of them where this is left out
    #[serde(rename = "for")]
    pub mood: Option<Mood>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub id: Spanned<String>,
    pub label: Text,
    /// Where to get it
    pub from: Text,
    pub icon: Option<String>,
    /// Asked only when these hold
    #[serde(default)]
    pub when: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: Spanned<String>,
    pub kind: QuestionKind,
    pub label: Text,
    pub help: Option<Text>,
    /// The question in other words, for those who gave certain answers before
    #[serde(default)]
    pub variants: Vec<Variant>,
    #[serde(default)]
    pub optional: bool,
    /// Asked only when all of these hold
    #[serde(default)]
    pub when: Vec<Condition>,
    /// The choices of a single or multiple choice
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Choices that stand elsewhere in the catalogue
    pub choices_from: Option<ChoicesFrom>,
    /// The least count, amount (riyals) or year (Gregorian)
    pub min: Option<u32>,
    /// The greatest count, amount (riyals) or number of characters
    pub max: Option<u32>,
    /// A date that may lie ahead, such as an id's expiry
    #[serde(default)]
    pub future: bool,
    /// A date whose day may be unknown
    #[serde(default)]
    pub day_unknown: bool,
    /// An earlier question of the same kind, whose answer may be taken over by one touch (P6: nothing asked twice)
    pub same_as: Option<Spanned<String>>,
}

/// A question's words after certain answers: whoever asks for support for himself is asked for "your name".
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// All of these must hold; the first variant that fits is taken
    pub when: Vec<Condition>,
    pub label: Text,
    pub help: Option<Text>,
}

/// There is one screen a kind, none a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    NationalId,
    Mobile,
    Name,
    Text,
    Date,
    SingleChoice,
    MultipleChoice,
    Count,
    Amount,
    Iban,
    YesNo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoicesFrom {
    Services,
    Categories,
}

/// Holds when the earlier question was answered with one of the ids (`yes` and `no` for a yes/no question).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub question: Spanned<String>,
    pub is: Vec<String>,
}

/// A question that visitors often ask, and its answer (P8).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonQuestion {
    pub question: Text,
    pub answer: Text,
}

/// The question whose answer names the service; each catalogue has it.
pub const SERVICE_QUESTION: &str = "service";

/// Where a catalogue asks for the beneficiary's name, it's by this question; the declaration and the office's lists show it.
pub const NAME_QUESTION: &str = "name";
/// The name of an applicant who came for somebody else.
pub const APPLICANT_NAME_QUESTION: &str = "applicant_name";
/// Where a catalogue asks for the beneficiary's national id, it's by this question; the office tells people apart by it.
pub const NATIONAL_ID_QUESTION: &str = "national_id";
/// The beneficiary's day of birth, by which the office notices that two ids may be of one person.
pub const BIRTH_DATE_QUESTION: &str = "birth_date";
/// The number on which the reply is told.
pub const MOBILE_QUESTION: &str = "mobile";

impl Catalogue {
    /// Reads and checks a catalogue; `path` is only named in errors.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let catalogue: Self = config::parse(path, text)?;
        rules::check(&catalogue).map_err(|broken| config::error_at(path, text, broken.place, broken.cause))?;
        Ok(catalogue)
    }

    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(path, &config::read_text(path)?)
    }

    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id.get_ref() == id)
    }

    pub fn document(&self, id: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.id.get_ref() == id)
    }

    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id.get_ref() == id)
    }

    /// The reasons that are offered after a face.
    pub fn reasons_for(&self, face: Face) -> impl Iterator<Item = &RatingReason> {
        self.rating_reasons.iter().filter(move |reason| reason.mood.is_none_or(|mood| mood == face.mood()))
    }

    /// What visitors are told on a day in Riyadh, in the order of the file.
    pub fn notices_on(&self, day: NaiveDate) -> impl Iterator<Item = &Notice> {
        self.notices.iter().filter(move |notice| notice.from.0 <= day && day <= notice.until.0)
    }

    /// The label of a service, or its id where this catalogue no longer has it.
    pub fn service_label<'a>(&'a self, id: &'a str, language: Language) -> &'a str {
        self.service(id).map_or(id, |service| service.label.in_language(language))
    }

    /// The label of a document, or its id where this catalogue no longer has it.
    pub fn document_label<'a>(&'a self, id: &'a str, language: Language) -> &'a str {
        self.document(id).map_or(id, |document| document.label.in_language(language))
    }

    /// The questions that are to be asked with the answers so far.
    pub fn questions_for<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = &'a Question> {
        self.questions.iter().filter(|question| holds(&question.when, answers))
    }

    /// The documents that the chosen service needs with these answers.
    pub fn documents_for(&self, answers: &Answers) -> Vec<&Document> {
        let Some(service) = answers.choice(SERVICE_QUESTION).and_then(|id| self.service(id)) else { return Vec::new() };
        service
            .documents
            .iter()
            .filter_map(|id| self.document(id.get_ref()))
            .filter(|document| holds(&document.when, answers))
            .collect()
    }
}

impl Question {
    pub fn id(&self) -> &str {
        self.id.get_ref()
    }

    /// The question and its help, as they are said after these answers.
    pub fn wording(&self, answers: &Answers) -> (&Text, Option<&Text>) {
        match self.variants.iter().find(|variant| holds(&variant.when, answers)) {
            Some(variant) => (&variant.label, variant.help.as_ref()),
            None => (&self.label, self.help.as_ref()),
        }
    }

    /// The ids and labels one can choose from; empty for kinds without choices.
    pub fn choices<'a>(&'a self, catalogue: &'a Catalogue) -> Vec<ChoiceView<'a>> {
        let of_choice = |choice: &'a Choice| ChoiceView {
            id: choice.id.get_ref(),
            label: &choice.label,
            icon: choice.icon.as_deref(),
        };
        match self.choices_from {
            Some(ChoicesFrom::Services) => catalogue
                .services
                .iter()
                .map(|service| ChoiceView {
                    id: service.id.get_ref(),
                    label: &service.label,
                    icon: Some(&service.icon),
                })
                .collect(),
            Some(ChoicesFrom::Categories) => catalogue.categories.iter().map(of_choice).collect(),
            None => self.choices.iter().map(of_choice).collect(),
        }
    }
}

/// A choice as a screen shows it.
#[derive(Clone, Copy, Debug)]
pub struct ChoiceView<'a> {
    pub id: &'a str,
    pub label: &'a Text,
    pub icon: Option<&'a str>,
}

/// True when every condition holds.
pub fn holds(conditions: &[Condition], answers: &Answers) -> bool {
    conditions.iter().all(|condition| {
        let given = answers.ids(condition.question.get_ref());
        given.iter().any(|id| condition.is.iter().any(|wanted| wanted == id))
    })
}
