//! Answers to the catalogue's questions, checked as they are given.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::calendar::{DateError, MonthOfYear, TypedDate, parse_typed_date};
use super::catalogue::{Catalogue, Question, QuestionKind};
use super::digits::whole_number;
use super::iban::{Iban, IbanError};
use super::mobile::{Mobile, MobileError};
use super::name::{NameError, PersonName};
use super::national_id::{NationalId, NationalIdError};

/// One answer. Ids are the catalogue's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    NationalId(NationalId),
    Mobile(Mobile),
    Name(PersonName),
    Text(String),
    Date(NaiveDate),
    Choice(String),
    Choices(Vec<String>),
    Count(u32),
    /// In whole riyals
    Amount(u32),
    Iban(Iban),
    YesNo(bool),
    /// A date whose day nobody knows
    Month(MonthOfYear),
}

/// Why an answer can't be taken; the screen says it beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    #[error("this question needs an answer")]
    Missing,
    #[error(transparent)]
    NationalId(#[from] NationalIdError),
    #[error(transparent)]
    Mobile(#[from] MobileError),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Date(#[from] DateError),
    #[error(transparent)]
    Iban(#[from] IbanError),
    #[error("write a whole number")]
    NotANumber,
    #[error("the number is at least {min} and at most {max}")]
    OutOfRange { min: u32, max: u32 },
    #[error("the text is too long: {max} characters at most")]
    TooLong { max: u32 },
    #[error("`{id}` is not one of the choices")]
    NoSuchChoice { id: String },
}

/// The longest text where the question sets no limit.
const TEXT_CHARACTERS: u32 = 200;
/// The greatest count where the question sets no limit.
const COUNT_MAX: u32 = 30;
/// The greatest amount, in riyals, where the question sets no limit.
const AMOUNT_MAX: u32 = 10_000_000;
/// No one alive was born before.
const YEAR_MIN: u32 = 1900;

impl Question {
    /// Checks what was typed or chosen; `today` is the day in Riyadh. Several choices are separated by commas.
    pub fn parse(&self, catalogue: &Catalogue, raw: &str, today: NaiveDate) -> Result<Answer, AnswerError> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(AnswerError::Missing);
        }
        Ok(match self.kind {
            QuestionKind::NationalId => Answer::NationalId(NationalId::parse(raw)?),
            QuestionKind::Mobile => Answer::Mobile(Mobile::parse(raw)?),
            QuestionKind::Name => Answer::Name(PersonName::parse(raw)?),
            QuestionKind::Iban => Answer::Iban(Iban::parse(raw)?),
            QuestionKind::Text => Answer::Text(self.parse_text(raw)?),
            QuestionKind::Date => self.parse_day(raw, today)?,
            QuestionKind::Count => Answer::Count(self.parse_number(raw, COUNT_MAX)?),
            QuestionKind::Amount => Answer::Amount(self.parse_number(raw, AMOUNT_MAX)?),
            QuestionKind::SingleChoice => Answer::Choice(self.parse_choice(catalogue, raw)?),
            QuestionKind::MultipleChoice => {
                let ids = raw.split(',').map(|id| self.parse_choice(catalogue, id.trim()));
                let ids: BTreeSet<String> = ids.collect::<Result<_, _>>()?;
                Answer::Choices(ids.into_iter().collect())
            }
            QuestionKind::YesNo => match raw {
                "yes" | "true" => Answer::YesNo(true),
                "no" | "false" => Answer::YesNo(false),
                _ => return Err(AnswerError::NoSuchChoice { id: raw.to_owned() }),
            },
        })
    }

    /// The least and the greatest number this question takes.
    pub fn number_range(&self) -> (u32, u32) {
        let max = if self.kind == QuestionKind::Amount { AMOUNT_MAX } else { COUNT_MAX };
        (self.min.unwrap_or(0), self.max.unwrap_or(max))
    }

    /// The most characters a text may have.
    pub fn characters_max(&self) -> u32 {
        self.max.unwrap_or(TEXT_CHARACTERS)
    }

    fn parse_text(&self, raw: &str) -> Result<String, AnswerError> {
        let max = self.characters_max();
        let mut kept = Zeroizing::new(String::with_capacity(raw.len()));
        kept.extend(raw.chars().filter(|c| !c.is_control()));
        let kept = kept.trim().to_owned();
        if kept.is_empty() {
            return Err(AnswerError::Missing);
        }
        if kept.chars().count() as u32 > max { Err(AnswerError::TooLong { max }) } else { Ok(kept) }
    }

    fn parse_day(&self, raw: &str, today: NaiveDate) -> Result<Answer, AnswerError> {
        let (day, answer) = match parse_typed_date(raw)? {
            TypedDate::Day(day) => (day, Answer::Date(day)),
            TypedDate::Month(month) if self.day_unknown => (month.first_day()?, Answer::Month(month)),
            TypedDate::Month(_) => return Err(DateError::DayMissing.into()),
        };
        if day > today && !self.future {
            return Err(DateError::Future.into());
        }
        if day.year() < self.min.unwrap_or(YEAR_MIN) as i32 {
            return Err(DateError::TooEarly.into());
        }
        Ok(answer)
    }

    fn parse_number(&self, raw: &str, max: u32) -> Result<u32, AnswerError> {
        let max = self.max.unwrap_or(max);
        let min = self.min.unwrap_or(0);
        let number: u32 = whole_number(raw).ok_or(AnswerError::NotANumber)?;
        if (min..=max).contains(&number) { Ok(number) } else { Err(AnswerError::OutOfRange { min, max }) }
    }

    fn parse_choice(&self, catalogue: &Catalogue, id: &str) -> Result<String, AnswerError> {
        if self.choices(catalogue).iter().any(|choice| choice.id == id) {
            Ok(id.to_owned())
        } else {
            Err(AnswerError::NoSuchChoice { id: id.to_owned() })
        }
    }
}

/// The answers of one request, by question id. Dropped, they overwrite their memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers(BTreeMap<String, Answer>);

impl Answers {
    pub fn get(&self, question: &str) -> Option<&Answer> {
        self.0.get(question)
    }

    pub fn set(&mut self, question: &str, answer: Answer) {
        self.0.insert(question.to_owned(), answer);
    }

    pub fn remove(&mut self, question: &str) {
        self.0.remove(question);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.0.iter().map(|(id, answer)| (id.as_str(), answer))
    }

    /// The chosen id of a single choice.
    pub fn choice(&self, question: &str) -> Option<&str> {
        match self.get(question) {
            Some(Answer::Choice(id)) => Some(id),
            _ => None,
        }
    }

    /// The chosen ids, for conditions.
    pub fn ids(&self, question: &str) -> Vec<&str> {
        match self.get(question) {
            Some(Answer::Choice(id)) => vec![id],
            Some(Answer::Choices(ids)) => ids.iter().map(String::as_str).collect(),
            Some(Answer::YesNo(true)) => vec!["yes"],
            Some(Answer::YesNo(false)) => vec!["no"],
            _ => Vec::new(),
        }
    }

    /// Leaves out answers to questions that are no longer asked, which may take others with them.
    pub fn keep_only_asked(&mut self, catalogue: &Catalogue) {
        loop {
            let asked: Vec<String> = catalogue.questions_for(self).map(|question| question.id().to_owned()).collect();
            let before = self.0.len();
            self.0.retain(|id, _| asked.contains(id));
            if self.0.len() == before {
                return;
            }
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Answer::wipe);
    }
}

impl Answer {
    /// Overwrites what a person wrote; chosen ids are the catalogue's own words.
    fn wipe(&mut self) {
        match self {
            Self::NationalId(id) => id.zeroize(),
            Self::Mobile(mobile) => mobile.zeroize(),
            Self::Name(name) => name.zeroize(),
            Self::Text(text) => text.zeroize(),
            Self::Iban(iban) => iban.zeroize(),
            Self::Date(day) => *day = NaiveDate::MIN,
            Self::Month(month) => (month.year, month.month) = (0, 0),
            Self::Count(number) | Self::Amount(number) => number.zeroize(),
            Self::Choice(_) | Self::Choices(_) | Self::YesNo(_) => {}
        }
    }

    /// As it would be typed again: the form that [`Question::parse`] reads.
    pub fn raw(&self) -> String {
        match self {
            Self::NationalId(id) => id.as_str().to_owned(),
            Self::Mobile(mobile) => mobile.national(),
            Self::Name(name) => name.as_str().to_owned(),
            Self::Text(text) | Self::Choice(text) => text.clone(),
            Self::Date(day) => day.format("%Y-%m-%d").to_string(),
            Self::Month(month) => month.typed(),
            Self::Choices(ids) => ids.join(","),
            Self::Count(number) | Self::Amount(number) => number.to_string(),
            Self::Iban(iban) => iban.as_str().to_owned(),
            Self::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        }
    }
}
