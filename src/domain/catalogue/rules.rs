//! What a catalogue must keep to beyond its form; each broken rule names its place in the file.

use std::collections::BTreeSet;

use toml::Spanned;

use super::super::rating::{Face, Mood};
use super::{Catalogue, Condition, NOTICE_CHARACTERS_MAX, Question, QuestionKind, SERVICE_QUESTION, Text};

/// A broken rule, with the byte of the file where it is broken.
pub struct Broken {
    pub place: Option<usize>,
    pub cause: String,
}

type Check = Result<(), Broken>;

/// The screens' name for all documents together.
pub const DOCUMENTS: &str = "documents";
/// The number pad takes fewer digits than this has.
const AMOUNT_BEYOND: u32 = 100_000_000;
/// The years that the date's wheels reach.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2170;

/// The longest text of a free answer: the envelope is sized by it.
pub const TEXT_CHARACTERS_MAX: u32 = 500;

pub fn check(catalogue: &Catalogue) -> Check {
    versions_begin_at_one(catalogue)?;
    unique(catalogue.services.iter().map(|service| &service.id), "service")?;
    unique(catalogue.categories.iter().map(|category| &category.id), "category")?;
    unique(catalogue.documents.iter().map(|document| &document.id), "document")?;
    unique(catalogue.questions.iter().map(|question| &question.id), "question")?;
    unique(catalogue.rating_reasons.iter().map(|reason| &reason.id), "rating reason")?;
    documents_exist(catalogue)?;
    let mut earlier = BTreeSet::new();
    for question in &catalogue.questions {
        check_question(catalogue, question, &earlier)?;
        earlier.insert(question.id());
    }
    for document in &catalogue.documents {
        conditions_look_back(catalogue, &document.when, &earlier)?;
    }
    service_is_asked(catalogue)?;
    each_face_has_reasons(catalogue)?;
    notices_are_right(catalogue)?;
    privacy_is_explained(catalogue)?;
    nothing_is_empty(catalogue)
}

fn privacy_is_explained(catalogue: &Catalogue) -> Check {
    if catalogue.privacy_notice.pages.is_empty() {
        let cause = "the privacy notice has no [[privacy_notice.pages]]: \"read more\" would be empty";
        return Err(Broken { place: None, cause: cause.into() });
    }
    Ok(())
}

fn versions_begin_at_one(catalogue: &Catalogue) -> Check {
    let versions =
        [catalogue.version, catalogue.policy.version, catalogue.privacy_notice.version, catalogue.declaration.version];
    if versions.contains(&0) {
        return Err(Broken { place: None, cause: "each `version` is counted from 1".into() });
    }
    Ok(())
}

fn unique<'a>(ids: impl Iterator<Item = &'a Spanned<String>>, what: &str) -> Check {
    let mut seen = BTreeSet::new();
    for id in ids {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if id.get_ref().is_empty() || id.get_ref().len() > 32 || !id.get_ref().bytes().all(plain) {
            return broken(id, format!("the id of a {what} has 1 to 32 of a-z, 0-9 and _"));
        }
        if !seen.insert(id.get_ref()) {
            return broken(id, format!("there are two {what} entries with the id `{}`", id.get_ref()));
        }
    }
    if seen.is_empty() {
        return Err(Broken { place: None, cause: format!("there is no {what}: the catalogue needs at least one") });
    }
    Ok(())
}

fn documents_exist(catalogue: &Catalogue) -> Check {
    for service in &catalogue.services {
        let mut seen = BTreeSet::new();
        for id in &service.documents {
            if catalogue.document(id.get_ref()).is_none() {
                return broken(id, format!("there is no document `{}`", id.get_ref()));
            }
            if !seen.insert(id.get_ref()) {
                return broken(id, format!("the document `{}` stands twice in one service", id.get_ref()));
            }
        }
    }
    Ok(())
}

fn check_question(catalogue: &Catalogue, question: &Question, earlier: &BTreeSet<&str>) -> Check {
    conditions_look_back(catalogue, &question.when, earlier)?;
    for variant in &question.variants {
        if variant.when.is_empty() {
            return broken(&question.id, "a variant needs `when`: without it, it would replace the question");
        }
        conditions_look_back(catalogue, &variant.when, earlier)?;
    }
    let chooses = matches!(question.kind, QuestionKind::SingleChoice | QuestionKind::MultipleChoice);
    let choices = question.choices(catalogue);
    if chooses && choices.is_empty() {
        return broken(&question.id, "a choice needs `choices` or `choices_from`");
    }
    if !chooses && !choices.is_empty() {
        return broken(&question.id, "only single_choice and multiple_choice have choices");
    }
    if question.choices_from.is_some() && !question.choices.is_empty() {
        return broken(&question.id, "a choice has either `choices` or `choices_from`");
    }
    let limited = [QuestionKind::Count, QuestionKind::Amount, QuestionKind::Date, QuestionKind::Text];
    if (question.min.is_some() || question.max.is_some()) && !limited.contains(&question.kind) {
        return broken(&question.id, "only count, amount, date and text have `min` and `max`");
    }
    if question.day_unknown && question.kind != QuestionKind::Date {
        return broken(&question.id, "only a date has `day_unknown`");
    }
    if let Some(other) = &question.same_as {
        let kind = catalogue.question(other.get_ref()).map(|other| other.kind);
        if !earlier.contains(other.get_ref().as_str()) || kind != Some(question.kind) {
            return broken(other, "`same_as` names an earlier question of the same kind");
        }
        if !matches!(question.kind, QuestionKind::NationalId | QuestionKind::Mobile | QuestionKind::Iban) {
            return broken(other, "only national_id, mobile and iban have `same_as`");
        }
    }
    if question.choices_from.is_none() && chooses {
        unique(question.choices.iter().map(|choice| &choice.id), "choice")?;
    }
    if question.id() == DOCUMENTS {
        return broken(&question.id, "`documents` stands for all documents together: give the question another id");
    }
    let counts = matches!(question.kind, QuestionKind::Count | QuestionKind::Amount);
    let (min, max) = question.number_range();
    if question.min.zip(question.max).is_some_and(|(min, max)| min > max) || counts && min > max {
        return broken(&question.id, format!("`min` is greater than `max`, which is {max} where it is left out"));
    }
    if question.kind == QuestionKind::Amount && min >= AMOUNT_BEYOND {
        return broken(&question.id, "an amount has at most 8 digits: nobody could type this `min`");
    }
    if question.kind == QuestionKind::Date && !YEARS.contains(&question.min.unwrap_or(*YEARS.start())) {
        return broken(&question.id, "`min` of a date is a Gregorian year from 1900 to 2170");
    }
    if question.kind == QuestionKind::Text && question.max == Some(0) {
        return broken(&question.id, "a text of no characters can't be written: `max` is at least 1");
    }
    if question.future && question.kind != QuestionKind::Date {
        return broken(&question.id, "only a date has `future`");
    }
    if question.kind == QuestionKind::Text && question.max.is_some_and(|max| max > TEXT_CHARACTERS_MAX) {
        return broken(&question.id, format!("a text has at most {TEXT_CHARACTERS_MAX} characters"));
    }
    Ok(())
}

fn conditions_look_back(catalogue: &Catalogue, conditions: &[Condition], earlier: &BTreeSet<&str>) -> Check {
    for condition in conditions {
        if !earlier.contains(condition.question.get_ref().as_str()) {
            let cause = format!("`when` looks at `{}`, which is no earlier question", condition.question.get_ref());
            return broken(&condition.question, cause);
        }
        let known = catalogue.question(condition.question.get_ref()).map(|question| match question.kind {
            QuestionKind::YesNo => vec!["yes", "no"],
            _ => question.choices(catalogue).iter().map(|choice| choice.id).collect(),
        });
        let known = known.unwrap_or_default();
        if let Some(unknown) = condition.is.iter().find(|id| !known.contains(&id.as_str())) {
            let cause = format!("`{}` is not an answer of `{}`", unknown, condition.question.get_ref());
            return broken(&condition.question, cause);
        }
        if condition.is.is_empty() {
            return broken(&condition.question, "`is` names no answer: it would never hold");
        }
    }
    Ok(())
}

fn service_is_asked(catalogue: &Catalogue) -> Check {
    match catalogue.question(SERVICE_QUESTION) {
        Some(question)
            if question.kind == QuestionKind::SingleChoice
                && question.choices_from == Some(super::ChoicesFrom::Services)
                && question.when.is_empty()
                && !question.optional =>
        {
            Ok(())
        }
        Some(question) => broken(
            &question.id,
            "the question `service` is a single_choice with choices_from = \"services\", always asked and not optional",
        ),
        None => Err(Broken {
            place: None,
            cause: "there is no question `service`: without it no request has a service".into(),
        }),
    }
}

fn notices_are_right(catalogue: &Catalogue) -> Check {
    if !catalogue.notices.is_empty() {
        unique(catalogue.notices.iter().map(|notice| &notice.id), "notice")?;
    }
    for notice in &catalogue.notices {
        if notice.from > notice.until {
            return broken(&notice.id, "`from` lies after `until`: nobody would ever see this notice");
        }
        if notice.text.each().iter().any(|words| words.chars().count() > NOTICE_CHARACTERS_MAX) {
            let cause = format!("a notice has at most {NOTICE_CHARACTERS_MAX} characters: the screen doesn't scroll");
            return broken(&notice.id, cause);
        }
    }
    Ok(())
}

fn each_face_has_reasons(catalogue: &Catalogue) -> Check {
    match Face::ALL.into_iter().find(|face| catalogue.reasons_for(*face).next().is_none()) {
        None => Ok(()),
        Some(face) => Err(Broken {
            place: None,
            cause: format!(
                "there is no rating_reason for {} faces: their page would be empty",
                match face.mood() {
                    Mood::Happy => "happy",
                    Mood::Unhappy => "unhappy",
                }
            ),
        }),
    }
}

fn nothing_is_empty(catalogue: &Catalogue) -> Check {
    let single = [
        &catalogue.association.name,
        &catalogue.association.contact,
        &catalogue.policy.title,
        &catalogue.privacy_notice.short,
        &catalogue.declaration.text,
        &catalogue.declaration.responsibility,
    ];
    let services = catalogue.services.iter().flat_map(|service| [&service.label, &service.for_whom, &service.about]);
    let documents = catalogue.documents.iter().flat_map(|document| [&document.label, &document.from]);
    let questions = catalogue.questions.iter().flat_map(|question| {
        std::iter::once(&question.label).chain(question.choices.iter().map(|choice| &choice.label))
    });
    let variants = || catalogue.questions.iter().flat_map(|question| &question.variants);
    let helps = catalogue.questions.iter().filter_map(|question| question.help.as_ref());
    let helps = helps.chain(variants().filter_map(|variant| variant.help.as_ref()));
    let helps = helps.chain(variants().map(|variant| &variant.label));
    let common = catalogue.common_questions.iter().flat_map(|common| [&common.question, &common.answer]);
    let mut texts: Vec<&Text> =
        single.into_iter().chain(services).chain(documents).chain(questions).chain(helps).chain(common).collect();
    texts.extend(&catalogue.privacy_notice.pages);
    texts.extend(catalogue.categories.iter().map(|category| &category.label));
    texts.extend(catalogue.rating_reasons.iter().map(|reason| &reason.label));
    texts.extend(catalogue.notices.iter().map(|notice| &notice.text));
    match texts.iter().find(|text| text.each().iter().any(|words| words.trim().is_empty())) {
        None => Ok(()),
        Some(text) => Err(Broken { place: None, cause: format!("a text is empty in one language: {:?}", text.each()) }),
    }
}

fn broken<T>(at: &Spanned<T>, cause: impl Into<String>) -> Check {
    Err(Broken { place: Some(at.span().start), cause: cause.into() })
}
