//! A form that is filled in as a whole: what is asked depends on what was answered before. The kiosk, which asks one
//! question a page, and the office's desk keep to the same rules.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::answers::{AnswerError, Answers};
use super::catalogue::{Catalogue, Question, holds};
use super::declaration::Versions;
use super::documents::DocumentAnswer;

/// What was typed on a form, read as far as it can be.
#[derive(Debug, Default)]
pub struct Filled {
    /// Only answers to questions that are asked
    pub answers: Answers,
    /// Why a question that is asked has no answer yet, by its id
    pub errors: BTreeMap<String, AnswerError>,
}

impl Catalogue {
    /// Reads a form from its beginning: `typed` gives what stands in a question's field. Questions that aren't asked after
    /// the answers before them are passed over, whatever stands there.
    pub fn fill_in(&self, typed: impl Fn(&Question) -> String, today: NaiveDate) -> Filled {
        let mut filled = Filled::default();
        for question in &self.questions {
            if !holds(&question.when, &filled.answers) {
                continue;
            }
            match question.parse(self, &typed(question), today) {
                Ok(answer) => filled.answers.set(question.id(), answer),
                Err(AnswerError::Missing) if question.optional => {}
                Err(error) => {
                    filled.errors.insert(question.id().to_owned(), error);
                }
            }
        }
        filled
    }

    /// Every document that is asked for has been said to be here or to come later.
    pub fn documents_answered(&self, answers: &Answers, documents: &BTreeMap<String, DocumentAnswer>) -> bool {
        self.documents_for(answers).iter().all(|document| documents.contains_key(document.id.get_ref()))
    }

    /// Every question that needs an answer has one, and so has every document.
    pub fn is_complete(&self, answers: &Answers, documents: &BTreeMap<String, DocumentAnswer>) -> bool {
        let mut asked = self.questions_for(answers);
        asked.all(|question| question.optional || answers.get(question.id()).is_some())
            && self.documents_answered(answers, documents)
    }

    /// The versions under which a request is made now (P22).
    pub fn versions(&self) -> Versions {
        Versions {
            catalogue: self.version,
            declaration: self.declaration.version,
            privacy_notice: self.privacy_notice.version,
            policy: self.policy.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::answers::Answer;
    use crate::domain::mobile::MobileError;

    fn catalogue() -> Catalogue {
        Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml")).unwrap()
    }

    fn filled(typed: &[(&str, &str)]) -> Filled {
        let of = |question: &Question| {
            let found = typed.iter().find(|(id, _)| *id == question.id());
            found.map(|(_, raw)| (*raw).to_owned()).unwrap_or_default()
        };
        catalogue().fill_in(of, "2026-11-01".parse().unwrap())
    }

    #[test]
    fn only_what_is_asked_is_read() {
        let own = filled(&[("for", "self"), ("applicant_name", "سعد القحطاني"), ("mobile", "05")]);
        assert!(own.answers.get("applicant_name").is_none() && !own.errors.contains_key("applicant_name"));
        assert_eq!(own.errors["mobile"], AnswerError::Mobile(MobileError::Length));
        assert_eq!(own.errors["service"], AnswerError::Missing);
        let other = filled(&[("for", "other"), ("applicant_name", "سعد القحطاني")]);
        assert!(matches!(other.answers.get("applicant_name"), Some(Answer::Name(_))));
        assert_eq!(other.errors["applicant_mobile"], AnswerError::Missing);
    }

    #[test]
    fn complete_means_answers_and_documents() {
        let whole = filled(&[
            ("for", "self"),
            ("national_id", "1000000008"),
            ("name", "نورة القحطاني"),
            ("birth_date", "1399-07 H"),
            ("mobile", "٠٥٠٠٠٠٠٠٠٠"),
            ("category", "widow"),
            ("household", "4"),
            ("service", "food_basket"),
        ]);
        assert!(whole.errors.is_empty(), "{:?}", whole.errors);
        let catalogue = catalogue();
        let mut documents = BTreeMap::new();
        for document in catalogue.documents_for(&whole.answers) {
            assert!(!catalogue.is_complete(&whole.answers, &documents));
            documents.insert(document.id.get_ref().clone(), DocumentAnswer::Later);
        }
        assert!(catalogue.is_complete(&whole.answers, &documents));
        assert!(!catalogue.is_complete(&filled(&[("for", "self")]).answers, &documents));
    }
}
