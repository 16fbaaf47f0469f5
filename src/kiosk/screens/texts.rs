//! Answers and errors in the visitor's words.

use crate::domain::answers::{Answer, AnswerError, Answers};
use crate::domain::calendar::DateError;
use crate::domain::catalogue::{
    APPLICANT_NAME_QUESTION, Catalogue, MOBILE_QUESTION, NAME_QUESTION, Question, QuestionKind,
};
use crate::domain::digits::GROUP_SPACE;
use crate::domain::iban::IbanError;
use crate::domain::name::{NAME_CHARACTERS_MAX, NameError};
use crate::domain::national_id::NationalIdError;
use crate::language::{Words, dates, digits, isolate_ltr};

/// An answer as the list of answers shows it.
pub fn answer(words: &Words, catalogue: &Catalogue, question: &Question, answer: &Answer) -> String {
    let language = words.language();
    let label = |id: &str| {
        let choices = question.choices(catalogue);
        choices.iter().find(|choice| choice.id == id).map_or(id, |choice| choice.label.in_language(language)).to_owned()
    };
    match answer {
        Answer::NationalId(id) => number(words, QuestionKind::NationalId, id.as_str()),
        Answer::Mobile(mobile) => number(words, QuestionKind::Mobile, &mobile.national()),
        Answer::Iban(iban) => isolate_ltr(&format!("SA{}", grouped(iban.as_str().trim_start_matches("SA"), &[2, 4]))),
        Answer::Amount(amount) => {
            format!("{} {}", number(words, QuestionKind::Amount, &amount.to_string()), words.get("currency"))
        }
        Answer::Name(name) => name.as_str().to_owned(),
        Answer::Text(text) => text.clone(),
        Answer::Date(day) => dates::both_unbroken(words, *day),
        Answer::Month(month) => dates::month(words, *month),
        Answer::Choice(id) => label(id),
        Answer::Choices(ids) => words.list(&ids.iter().map(|id| label(id)).collect::<Vec<_>>()),
        Answer::Count(count) => digits(language, &count.to_string()),
        Answer::YesNo(true) => words.get("yes"),
        Answer::YesNo(false) => words.get("no"),
    }
}

/// Who declares, for whom, and on which number the reply is told. Empty parts of a catalogue that doesn't ask for them
/// are left out.
pub fn parties(words: &Words, answers: &Answers) -> String {
    let name = |id| match answers.get(id) {
        Some(Answer::Name(name)) => Some(name.as_str()),
        _ => None,
    };
    let who = match (name(APPLICANT_NAME_QUESTION), name(NAME_QUESTION)) {
        (Some(applicant), Some(beneficiary)) => {
            let both = [("applicant", applicant.into()), ("beneficiary", beneficiary.into())];
            Some(words.format("declaration-for-another", &both))
        }
        (Some(name), None) | (None, Some(name)) => Some(words.format("declaration-by", &[("name", name.into())])),
        (None, None) => None,
    };
    let told = match answers.get(MOBILE_QUESTION) {
        Some(Answer::Mobile(mobile)) => {
            let number = number(words, QuestionKind::Mobile, &mobile.national());
            Some(words.format("declaration-contact", &[("number", number.into())]))
        }
        _ => None,
    };
    who.into_iter().chain(told).collect::<Vec<_>>().join("\n")
}

/// Digits in groups as the kind is usually written, in the language's style, reading left to right.
pub fn number(words: &Words, kind: QuestionKind, western: &str) -> String {
    let grouped = match kind {
        QuestionKind::Amount => thousands(western, if words.language().is_right_to_left() { "٬" } else { "," }),
        QuestionKind::Iban => grouped(western, &[2, 4]),
        _ => grouped(western, &[3, 3, 4]),
    };
    match kind {
        _ if grouped.is_empty() => grouped,
        // Bank cards and letters write it in these digits only.
        QuestionKind::Iban => isolate_ltr(&grouped),
        _ => isolate_ltr(&digits(words.language(), &grouped)),
    }
}

/// Groups of the given sizes with [`GROUP_SPACE`] between; the last size repeats.
pub fn grouped(text: &str, sizes: &[usize]) -> String {
    let mut parts = Vec::new();
    let mut rest = text;
    for place in 0.. {
        let size = sizes.get(place).or(sizes.last()).copied().unwrap_or(4);
        match rest.split_at_checked(size) {
            Some((part, tail)) if !tail.is_empty() => {
                parts.push(part);
                rest = tail;
            }
            _ => break,
        }
    }
    parts.push(rest);
    parts.join(&GROUP_SPACE.to_string())
}

fn thousands(text: &str, separator: &str) -> String {
    let first = text.len() % 3;
    let (head, tail) = text.split_at_checked(first).unwrap_or((text, ""));
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    std::iter::once(head.to_owned()).filter(|head| !head.is_empty()).chain(groups).collect::<Vec<_>>().join(separator)
}

/// What is wrong with an answer, in a sentence that helps (P12: without blame).
pub fn error(words: &Words, question: &Question, error: &AnswerError) -> String {
    let limit = |key, limit: usize| words.format(key, &[("limit", limit.into())]);
    match error {
        AnswerError::Missing => match question.kind {
            QuestionKind::SingleChoice | QuestionKind::YesNo => words.get("error-choice"),
            QuestionKind::MultipleChoice => words.get("error-choices"),
            QuestionKind::Date => words.get("error-date-unset"),
            _ => words.get("error-required"),
        },
        AnswerError::NationalId(NationalIdError::CheckDigit) => words.get("error-national-id-digit"),
        AnswerError::NationalId(_) => words.get("error-national-id"),
        AnswerError::Mobile(_) => words.get("error-mobile"),
        AnswerError::Iban(IbanError::CheckDigits) => words.get("error-iban-digit"),
        AnswerError::Iban(IbanError::Form) => words.get("error-iban"),
        AnswerError::Name(NameError::Length) => limit("error-text-long", NAME_CHARACTERS_MAX),
        AnswerError::Name(_) => words.get("error-name"),
        AnswerError::TooLong { max } => limit("error-text-long", *max as usize),
        AnswerError::Date(DateError::Future) => words.get("error-date-future"),
        AnswerError::Date(_) => words.get("error-date"),
        AnswerError::NotANumber => words.get("error-required"),
        AnswerError::OutOfRange { min, max } => {
            if question.kind == QuestionKind::Amount {
                let amount = number(words, QuestionKind::Amount, &max.to_string());
                return words.format(
                    "error-amount-range",
                    &[("most", (*max).into()), ("least", (*min).into()), ("amount", amount.into())],
                );
            }
            words.format("error-count-range", &[("least", (*min).into()), ("most", (*max).into())])
        }
        AnswerError::NoSuchChoice { .. } => words.get("error-choice"),
    }
}
