//! A catalogue as people read it.

use crate::domain::catalogue::{Catalogue, Condition, Question, QuestionKind, Text};
use crate::language::{Words, dates};

/// A part of the catalogue with its entries.
pub struct Part {
    pub title: String,
    pub entries: Vec<Entry>,
}

pub struct Entry {
    pub label: String,
    /// As it stands in the file; empty where there is none
    pub id: String,
    pub lines: Vec<String>,
}

/// The whole catalogue, in the order of its file.
pub fn parts(words: &Words, catalogue: &Catalogue) -> Vec<Part> {
    let language = words.language();
    let t = |text: &Text| text.in_language(language).to_owned();
    let part = |key: &str, entries: Vec<Entry>| Part { title: words.get(key), entries };
    let entry = |label: &Text, id: &str, lines: Vec<String>| Entry { label: t(label), id: id.to_owned(), lines };
    let line = |key: &str, value: String| words.format(key, &[("value", value.into())]);
    let conditions = |when: &[Condition]| when.iter().map(|one| condition(words, catalogue, one)).collect::<Vec<_>>();
    let version = |version: u32| words.format("office-catalogue-version", &[("version", version.into())]);
    let (notice, declaration) = (&catalogue.privacy_notice, &catalogue.declaration);
    let told = vec![
        entry(&catalogue.association.name, "", vec![t(&catalogue.association.contact)]),
        entry(&catalogue.policy.title, "", vec![version(catalogue.policy.version)]),
        Entry {
            label: words.get("office-catalogue-part-privacy"),
            id: String::new(),
            lines: [version(notice.version), t(&notice.short)].into_iter().chain(notice.pages.iter().map(t)).collect(),
        },
        Entry {
            label: words.get("office-catalogue-part-declaration"),
            id: String::new(),
            lines: vec![version(declaration.version), t(&declaration.text), t(&declaration.responsibility)],
        },
    ];
    let services = catalogue.services.iter().map(|service| {
        let documents = service.documents.iter().map(|id| catalogue.document_label(id.get_ref(), language));
        let documents = words.list(&documents.collect::<Vec<_>>());
        let lines = vec![
            t(&service.for_whom),
            t(&service.about),
            line("office-catalogue-department", service.department.clone()),
            line("office-catalogue-documents", documents),
        ];
        entry(&service.label, service.id.get_ref(), lines)
    });
    let categories = catalogue.categories.iter().map(|one| entry(&one.label, one.id.get_ref(), Vec::new()));
    let documents = catalogue.documents.iter().map(|document| {
        let lines = std::iter::once(t(&document.from)).chain(conditions(&document.when)).collect();
        entry(&document.label, document.id.get_ref(), lines)
    });
    let questions = catalogue.questions.iter().map(|question| {
        let mut lines = vec![kind(words, question)];
        lines.extend(question.help.as_ref().map(t));
        lines.extend(conditions(&question.when));
        let choices: Vec<String> = question.choices(catalogue).iter().map(|choice| t(choice.label)).collect();
        if !choices.is_empty() {
            lines.push(line("office-catalogue-choices", words.list(&choices)));
        }
        entry(&question.label, question.id(), lines)
    });
    let common = catalogue.common_questions.iter().map(|one| entry(&one.question, "", vec![t(&one.answer)]));
    let reasons = catalogue.rating_reasons.iter().map(|one| entry(&one.label, one.id.get_ref(), Vec::new()));
    let notices = catalogue.notices.iter().map(|one| {
        let days = [("from", dates::both(words, one.from.0).into()), ("until", dates::both(words, one.until.0).into())];
        entry(&one.text, one.id.get_ref(), vec![words.format("office-catalogue-days", &days)])
    });
    vec![
        part("office-catalogue-part-texts", told),
        part("office-catalogue-part-services", services.collect()),
        part("office-catalogue-part-categories", categories.collect()),
        part("office-catalogue-part-documents", documents.collect()),
        part("office-catalogue-part-questions", questions.collect()),
        part("office-catalogue-part-common", common.collect()),
        part("office-catalogue-part-reasons", reasons.collect()),
        part("office-catalogue-part-notices", notices.collect()),
    ]
}

/// "Only when …"
fn condition(words: &Words, catalogue: &Catalogue, condition: &Condition) -> String {
    let language = words.language();
    let question = catalogue.question(condition.question.get_ref());
    let label = |id: &String| {
        let choices = question.map(|question| question.choices(catalogue)).unwrap_or_default();
        let choice = choices.iter().find(|choice| choice.id == id).map(|choice| choice.label.in_language(language));
        match (choice, id.as_str()) {
            (Some(label), _) => label.to_owned(),
            (None, "yes") => words.get("office-yes"),
            (None, "no") => words.get("office-no"),
            (None, id) => id.to_owned(),
        }
    };
    let answers: Vec<String> = condition.is.iter().map(label).collect();
    let asked = question.map_or(condition.question.get_ref().as_str(), |question| question.label.in_language(language));
    words.format("office-catalogue-when", &[("question", asked.into()), ("answers", words.list(&answers).into())])
}

fn kind(words: &Words, question: &Question) -> String {
    let kind = words.get(match question.kind {
        QuestionKind::NationalId => "office-catalogue-kind-national-id",
        QuestionKind::Mobile => "office-catalogue-kind-mobile",
        QuestionKind::Name => "office-catalogue-kind-name",
        QuestionKind::Text => "office-catalogue-kind-text",
        QuestionKind::Date => "office-catalogue-kind-date",
        QuestionKind::SingleChoice => "office-catalogue-kind-single-choice",
        QuestionKind::MultipleChoice => "office-catalogue-kind-multiple-choice",
        QuestionKind::Count => "office-catalogue-kind-count",
        QuestionKind::Amount => "office-catalogue-kind-amount",
        QuestionKind::Iban => "office-catalogue-kind-iban",
        QuestionKind::YesNo => "office-catalogue-kind-yes-no",
    });
    if question.optional { words.format("office-catalogue-optional", &[("kind", kind.into())]) } else { kind }
}
