//! The catalogue's questions as fields of a form: one control a kind, for registering at the desk and for corrections.

use std::collections::BTreeMap;

use crate::domain::answers::{Answer, AnswerError};
use crate::domain::calendar::{DateError, as_people_write};
use crate::domain::catalogue::{Catalogue, Question, QuestionKind};
use crate::domain::iban::IbanError;
use crate::domain::name::NAME_CHARACTERS_MAX;
use crate::domain::national_id::NationalIdError;
use crate::language::{Words, dates};

/// From here on a text gets a field of several lines.
const LONG_TEXT_CHARACTERS: u32 = 120;
/// Of what has no limit of its own: longer than any answer, so that the rule and not the browser says what is wrong.
const LINE_CHARACTERS: u32 = 100;

/// One question on a form.
#[derive(Default)]
pub struct Field {
    /// The control's name, and the id that labels and errors refer to
    pub name: String,
    pub label: String,
    pub help: Option<String>,
    /// What to do about what was typed
    pub error: Option<String>,
    pub optional: bool,
    /// What was typed, for a control that isn't a choice
    pub value: String,
    /// `text`, `numeric` or `tel`
    pub inputmode: &'static str,
    /// `ltr` for numbers, `auto` for words
    pub direction: &'static str,
    pub is_long: bool,
    pub maxlength: u32,
    pub choices: Vec<Choice>,
    pub is_several: bool,
    /// How a date was understood, in both calendars
    pub understood: Option<String>,
    /// Takes over what stands in another field: the button's value, and its words
    pub same: Option<(String, String)>,
}

pub struct Choice {
    /// The control's name: each of several choices has its own
    pub name: String,
    pub value: String,
    pub label: String,
    pub checked: bool,
}

impl Field {
    /// One of a few choices that no catalogue asks for, such as the channel.
    pub fn one_of(name: &str, label: String, chosen: &str, choices: &[(&str, String)]) -> Self {
        let choice = |(value, label): &(&str, String)| Choice {
            name: name.to_owned(),
            value: (*value).to_owned(),
            label: label.clone(),
            checked: *value == chosen,
        };
        Self { name: name.to_owned(), label, choices: choices.iter().map(choice).collect(), ..Self::default() }
    }

    /// The ids of what explains the control.
    pub fn described(&self) -> Option<String> {
        let help = self.help.as_ref().map(|_| format!("{}-help", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        let ids: Vec<String> = help.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// The name of a question's control. Ids have no hyphen, so that no two names are the same.
pub fn name(question: &Question) -> String {
    format!("q-{}", question.id())
}

/// What was typed or chosen, as [`Question::parse`] reads it; choices that the question doesn't have are passed over.
pub fn typed(catalogue: &Catalogue, question: &Question, fields: &BTreeMap<String, String>) -> String {
    let name = name(question);
    let of = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    match question.kind {
        QuestionKind::MultipleChoice => {
            let chosen = question.choices(catalogue).into_iter().map(|choice| choice.id);
            chosen.filter(|id| !of(&format!("{name}-{id}")).is_empty()).collect::<Vec<_>>().join(",")
        }
        QuestionKind::Date => as_people_write(of(&name)),
        _ => of(&name).to_owned(),
    }
}

/// Whether the question's control stood on the page that was sent, by the list of names that each page carries.
pub fn was_shown(question: &Question, shown: &str) -> bool {
    shown.split(',').any(|id| id == question.id())
}

/// The field of a question, with what was typed or was answered before.
pub fn field(catalogue: &Catalogue, words: &Words, question: &Question, raw: &str, answer: Option<&Answer>) -> Field {
    let language = words.language();
    let name = name(question);
    let chosen: Vec<&str> = raw.split(',').map(str::trim).collect();
    let choice = |id: &str, label: String| Choice {
        name: if question.kind == QuestionKind::MultipleChoice { format!("{name}-{id}") } else { name.clone() },
        value: id.to_owned(),
        label,
        checked: chosen.contains(&id),
    };
    let choices = match question.kind {
        QuestionKind::YesNo => vec![choice("yes", words.get("office-yes")), choice("no", words.get("office-no"))],
        _ => {
            let of_catalogue = question.choices(catalogue);
            of_catalogue.iter().map(|one| choice(one.id, one.label.in_language(language).to_owned())).collect()
        }
    };
    let maxlength = match question.kind {
        // One more, so that too long a text is named and not silently cut.
        QuestionKind::Text => question.characters_max() + 1,
        QuestionKind::Name => NAME_CHARACTERS_MAX as u32 + 1,
        _ => LINE_CHARACTERS,
    };
    let (inputmode, direction) = match question.kind {
        QuestionKind::NationalId | QuestionKind::Count | QuestionKind::Amount => ("numeric", "ltr"),
        QuestionKind::Mobile => ("tel", "ltr"),
        QuestionKind::Iban | QuestionKind::Date => ("text", "ltr"),
        _ => ("text", "auto"),
    };
    Field {
        label: question.label.in_language(language).to_owned(),
        help: question.help.as_ref().map(|help| help.in_language(language).to_owned()),
        error: None,
        optional: question.optional,
        value: raw.to_owned(),
        inputmode,
        direction,
        is_long: question.kind == QuestionKind::Text && question.characters_max() > LONG_TEXT_CHARACTERS,
        maxlength,
        choices,
        is_several: question.kind == QuestionKind::MultipleChoice,
        understood: match answer {
            Some(Answer::Date(day)) => Some(dates::both(words, *day)),
            Some(Answer::Month(month)) => Some(dates::month(words, *month)),
            _ => None,
        },
        same: None,
        name,
    }
}

/// What to do about an answer that can't be taken (P12: without blame).
pub fn error(words: &Words, question: &Question, error: &AnswerError) -> String {
    let limit = |limit: u32| words.format("error-text-long", &[("limit", limit.into())]);
    match error {
        AnswerError::Missing => words.get(match question.kind {
            QuestionKind::SingleChoice | QuestionKind::YesNo => "error-choice",
            QuestionKind::MultipleChoice => "error-choices",
            QuestionKind::Date => "office-field-date",
            _ => "error-required",
        }),
        AnswerError::NationalId(NationalIdError::CheckDigit) => words.get("error-national-id-digit"),
        AnswerError::NationalId(_) => words.get("error-national-id"),
        AnswerError::Mobile(_) => words.get("error-mobile"),
        AnswerError::Iban(IbanError::CheckDigits) => words.get("error-iban-digit"),
        AnswerError::Iban(IbanError::Form) => words.get("error-iban"),
        AnswerError::Name(crate::domain::name::NameError::Length) => limit(NAME_CHARACTERS_MAX as u32),
        AnswerError::Name(_) => words.get("error-name"),
        AnswerError::TooLong { max } => limit(*max),
        AnswerError::Date(DateError::Future) => words.get("error-date-future"),
        AnswerError::Date(DateError::TooEarly) => words.get("office-field-date-early"),
        AnswerError::Date(DateError::DayMissing) => words.get("office-field-date-day"),
        AnswerError::Date(_) => words.get("office-field-date"),
        AnswerError::NotANumber => {
            let (least, most) = question.number_range();
            words.format("office-field-number", &[("least", least.into()), ("most", most.into())])
        }
        AnswerError::OutOfRange { min, max } => {
            words.format("office-field-number", &[("least", (*min).into()), ("most", (*max).into())])
        }
        AnswerError::NoSuchChoice { .. } => words.get("error-choice"),
    }
}
