//! What a visitor has typed or chosen so far, before it is an answer.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use zeroize::Zeroize;

use super::{CLEAR, DELETE};
use crate::domain::answers::{Answer, AnswerError};
use crate::domain::calendar::{DateError, HIJRI_YEARS, HijriDate};
use crate::domain::catalogue::{Catalogue, Question, QuestionKind};
use crate::domain::digits::{digit_value, to_western};
use crate::domain::mobile::MobileError;
use crate::domain::name::NAME_CHARACTERS_MAX;
use crate::domain::national_id::NationalIdError;

/// An answer in the making, by the kind of its screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Digits, as 0-9
    Number(String),
    Text(String),
    Date(DateInput),
    Choice(BTreeSet<String>),
    Count(u32),
}

/// Three wheels in one of two calendars. A day that the month doesn't have becomes its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateInput {
    pub calendar: CalendarKind,
    pub year: i32,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarKind {
    Hijri,
    Gregorian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateColumn {
    Day,
    Month,
    Year,
}

/// A birth date's wheels begin where most beneficiaries are near.
const USUAL_AGE_YEARS: u32 = 45;
const IBAN_DIGITS: usize = 22;
const ID_DIGITS: usize = 10;
const AMOUNT_DIGITS: usize = 8;

impl Input {
    /// How a question begins that has not been answered.
    pub fn empty(question: &Question, today: NaiveDate) -> Self {
        match question.kind {
            QuestionKind::NationalId | QuestionKind::Mobile | QuestionKind::Amount | QuestionKind::Iban => {
                Self::Number(String::new())
            }
            QuestionKind::Name | QuestionKind::Text => Self::Text(String::new()),
            QuestionKind::Date => {
                let usual = if question.future { today } else { today - Months::new(12 * USUAL_AGE_YEARS) };
                Self::Date(DateInput::of(usual, CalendarKind::Hijri))
            }
            QuestionKind::SingleChoice | QuestionKind::MultipleChoice | QuestionKind::YesNo => {
                Self::Choice(BTreeSet::new())
            }
            QuestionKind::Count => Self::Count(question.number_range().0),
        }
    }

    /// An answer that was given, to be changed.
    pub fn of_answer(question: &Question, answer: &Answer, today: NaiveDate) -> Self {
        match (Self::empty(question, today), answer) {
            (Self::Date(_), Answer::Date(day)) => Self::Date(DateInput::of(*day, CalendarKind::Hijri)),
            (Self::Count(_), Answer::Count(count)) => Self::Count(*count),
            (Self::Choice(_), answer) => Self::Choice(answer.raw().split(',').map(str::to_owned).collect()),
            (Self::Number(_), answer) => Self::Number(answer.raw().trim_start_matches("SA").to_owned()),
            (Self::Text(_), answer) => Self::Text(answer.raw()),
            (empty, _) => empty,
        }
    }

    /// Takes one strike of an on-screen key.
    pub fn key(&mut self, question: &Question, key: &str) {
        match self {
            Self::Number(digits) => {
                let max = number_digits(question);
                type_key(digits, &to_western(key), max, |character| digit_value(character).is_some());
            }
            Self::Text(text) => type_key(text, key, text_characters(question), |character| !character.is_control()),
            Self::Date(_) | Self::Choice(_) | Self::Count(_) => {}
        }
    }

    /// Takes a whole answer as it is typed in a script.
    pub fn enter(&mut self, raw: &str) {
        match self {
            Self::Number(digits) => *digits = to_western(raw.trim()),
            Self::Text(text) => *text = raw.to_owned(),
            Self::Choice(chosen) => *chosen = raw.split(',').map(|id| id.trim().to_owned()).collect(),
            Self::Count(count) => *count = to_western(raw.trim()).parse().unwrap_or(u32::MAX),
            Self::Date(date) => match crate::domain::calendar::parse_date(raw) {
                Ok(day) => *date = DateInput::of(day, date.calendar),
                // Year 0 is refused by every question, with the sentence of a day that isn't there.
                Err(_) => *date = DateInput { calendar: CalendarKind::Gregorian, year: 0, month: 1, day: 1 },
            },
        }
    }

    /// Chooses a tile; a single choice lets the others go.
    pub fn choose(&mut self, question: &Question, id: &str) {
        let Self::Choice(chosen) = self else { return };
        if question.kind != QuestionKind::MultipleChoice {
            chosen.clear();
        } else if chosen.remove(id) {
            return;
        }
        chosen.insert(id.to_owned());
    }

    pub fn count(&mut self, question: &Question, by: i32) {
        let Self::Count(count) = self else { return };
        let (min, max) = question.number_range();
        *count = count.saturating_add_signed(by).clamp(min, max);
    }

    /// The answer, or what is wrong with it.
    pub fn answer(&self, question: &Question, catalogue: &Catalogue, today: NaiveDate) -> Result<Answer, AnswerError> {
        question.parse(catalogue, &self.raw()?, today)
    }

    /// What can already be said to be wrong while digits are still missing: a wrong digit is caught while typing.
    pub fn early_error(&self, question: &Question, catalogue: &Catalogue, today: NaiveDate) -> Option<AnswerError> {
        let Self::Number(digits) = self else { return None };
        if digits.is_empty() {
            return None;
        }
        let full = match question.kind {
            QuestionKind::NationalId if !digits.starts_with(['1', '2']) => {
                return Some(NationalIdError::FirstDigit.into());
            }
            QuestionKind::Mobile if !"05".starts_with(digits.as_str()) && !digits.starts_with("05") => {
                return Some(MobileError::Prefix.into());
            }
            QuestionKind::NationalId | QuestionKind::Mobile | QuestionKind::Iban => {
                digits.len() == number_digits(question)
            }
            _ => return None,
        };
        full.then(|| self.answer(question, catalogue, today).err()).flatten()
    }

    fn raw(&self) -> Result<String, AnswerError> {
        Ok(match self {
            Self::Number(text) | Self::Text(text) => text.clone(),
            Self::Date(date) => date.day()?.format("%Y-%m-%d").to_string(),
            Self::Choice(chosen) => chosen.iter().cloned().collect::<Vec<_>>().join(","),
            Self::Count(count) => count.to_string(),
        })
    }

    /// Overwrites what was typed before the memory is given back.
    pub fn wipe(&mut self) {
        match self {
            Self::Number(text) | Self::Text(text) => text.zeroize(),
            Self::Choice(chosen) => chosen.clear(),
            Self::Date(date) => *date = DateInput { calendar: CalendarKind::Hijri, year: 0, month: 1, day: 1 },
            Self::Count(count) => count.zeroize(),
        }
    }
}

impl DateInput {
    pub fn of(day: NaiveDate, calendar: CalendarKind) -> Self {
        match (calendar, HijriDate::of(day)) {
            (CalendarKind::Hijri, Some(hijri)) => {
                Self { calendar, year: hijri.year, month: hijri.month, day: hijri.day }
            }
            // `chrono` gives months up to 12 and days up to 31.
            _ => Self {
                calendar: CalendarKind::Gregorian,
                year: day.year(),
                month: day.month() as u8,
                day: day.day() as u8,
            },
        }
    }

    /// The Gregorian day.
    pub fn day(&self) -> Result<NaiveDate, DateError> {
        match self.calendar {
            CalendarKind::Hijri => HijriDate { year: self.year, month: self.month, day: self.day }.to_gregorian(),
            CalendarKind::Gregorian => {
                NaiveDate::from_ymd_opt(self.year, self.month.into(), self.day.into()).ok_or(DateError::NoSuchDay)
            }
        }
    }

    pub fn days_in_month(&self) -> u8 {
        match self.calendar {
            CalendarKind::Hijri => HijriDate::days_in_month(self.year, self.month),
            CalendarKind::Gregorian => {
                let last =
                    (28..=31).rev().find(|day| NaiveDate::from_ymd_opt(self.year, self.month.into(), *day).is_some());
                last.unwrap_or(28) as u8
            }
        }
    }

    pub fn years(&self) -> std::ops::RangeInclusive<i32> {
        match self.calendar {
            CalendarKind::Hijri => 1310..=*HIJRI_YEARS.end(),
            CalendarKind::Gregorian => 1900..=2170,
        }
    }

    /// Turns a wheel; days and months go round, years stop at their ends.
    pub fn step(&mut self, column: DateColumn, by: i32) {
        let around = |value: u8, length: u8| (i32::from(value) - 1 + by).rem_euclid(i32::from(length)) as u8 + 1;
        match column {
            DateColumn::Day => self.day = around(self.day, self.days_in_month()),
            DateColumn::Month => self.month = around(self.month, 12),
            DateColumn::Year => {
                let years = self.years();
                self.year = self.year.saturating_add(by).clamp(*years.start(), *years.end());
            }
        }
        self.day = self.day.min(self.days_in_month());
    }

    /// The same day in the other calendar.
    pub fn in_calendar(self, calendar: CalendarKind) -> Self {
        self.day().map_or(self, |day| Self::of(day, calendar))
    }
}

/// Appends, deletes or clears at the end of a text.
pub fn type_key(text: &mut String, key: &str, max: usize, fits: impl Fn(char) -> bool) {
    match key {
        DELETE => drop(text.pop()),
        CLEAR => text.zeroize(),
        key => {
            let room = max.saturating_sub(text.chars().count());
            text.extend(key.chars().filter(|character| fits(*character)).take(room));
        }
    }
}

/// How many digits a number may have.
pub fn number_digits(question: &Question) -> usize {
    match question.kind {
        QuestionKind::Iban => IBAN_DIGITS,
        QuestionKind::Amount => AMOUNT_DIGITS,
        _ => ID_DIGITS,
    }
}

/// How many characters a text may have.
pub fn text_characters(question: &Question) -> usize {
    match question.kind {
        QuestionKind::Name => NAME_CHARACTERS_MAX,
        _ => question.characters_max() as usize,
    }
}
