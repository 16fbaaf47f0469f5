//! What a visitor has typed or chosen so far, before it is an answer.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use zeroize::{Zeroize, Zeroizing};

use super::{CLEAR, DELETE};
use crate::domain::answers::{Answer, AnswerError};
use crate::domain::calendar::{Calendar, DateError, HIJRI_YEARS, HijriDate, MonthOfYear, TypedDate, parse_typed_date};
use crate::domain::catalogue::{Catalogue, Question, QuestionKind};
use crate::domain::digits::{digit_value, to_western};
use crate::domain::mobile::MobileError;
use crate::domain::name::NAME_CHARACTERS_MAX;
use crate::domain::national_id::NationalIdError;

/// An answer in the making, by the kind of its screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Digits, as 0-9
    Number(Zeroizing<String>),
    Text(Zeroizing<String>),
    Date(DateInput),
    Choice(BTreeSet<String>),
    Count(u32),
}

/// Three wheels in one of two calendars. A day that the month doesn't have becomes its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateInput {
    pub calendar: Calendar,
    pub year: i32,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
    /// Nobody knows the day; the wheel keeps it for when somebody does
    pub day_unknown: bool,
    /// False while the wheels stand where they began: nobody's birth date is taken unasked
    pub turned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateColumn {
    Day,
    Month,
    Year,
}

/// A birth date's wheels begin where most beneficiaries are near.
const USUAL_AGE_YEARS: u32 = 45;
/// A day that every month has, and that is as often in its calendar's next month as in the one before.
const MIDDLE_OF_MONTH: u8 = 15;
const IBAN_DIGITS: usize = 22;
const ID_DIGITS: usize = 10;
const AMOUNT_DIGITS: usize = 8;
/// UTF-8's longest; typed texts get room for all their characters at once, so that growing leaves no copies behind.
pub const BYTES_A_CHARACTER: usize = 4;

impl Input {
    /// How a question begins that has not been answered.
    pub fn empty(question: &Question, today: NaiveDate) -> Self {
        match question.kind {
            QuestionKind::NationalId | QuestionKind::Mobile | QuestionKind::Amount | QuestionKind::Iban => {
                Self::Number(with_room(number_digits(question)))
            }
            QuestionKind::Name | QuestionKind::Text => Self::Text(with_room(text_characters(question))),
            QuestionKind::Date => {
                let usual = if question.future { today } else { today - Months::new(12 * USUAL_AGE_YEARS) };
                Self::Date(DateInput::of(usual, Calendar::Hijri))
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
            (Self::Date(_), Answer::Date(day)) => Self::Date(DateInput::of(*day, Calendar::Hijri).turned()),
            (Self::Date(_), Answer::Month(month)) => Self::Date(DateInput::of_month(*month).turned()),
            (Self::Count(_), Answer::Count(count)) => Self::Count(*count),
            (Self::Choice(_), answer) => Self::Choice(answer.raw().split(',').map(str::to_owned).collect()),
            (mut empty, answer) => {
                match &mut empty {
                    Self::Number(digits) => digits.push_str(Zeroizing::new(answer.raw()).trim_start_matches("SA")),
                    Self::Text(text) => text.push_str(&Zeroizing::new(answer.raw())),
                    _ => {}
                }
                empty
            }
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
            Self::Number(digits) => *digits = Zeroizing::new(to_western(raw.trim())),
            Self::Text(text) => *text = Zeroizing::new(raw.to_owned()),
            Self::Choice(chosen) => *chosen = raw.split(',').map(|id| id.trim().to_owned()).collect(),
            Self::Count(count) => *count = to_western(raw.trim()).parse().unwrap_or(u32::MAX),
            Self::Date(date) => {
                *date = match parse_typed_date(raw) {
                    Ok(TypedDate::Day(day)) => DateInput::of(day, date.calendar),
                    Ok(TypedDate::Month(month)) => DateInput::of_month(month),
                    Err(_) => DateInput::NO_DAY,
                }
                .turned();
            }
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

    /// As it would be typed; a copy that overwrites itself, too.
    fn raw(&self) -> Result<Zeroizing<String>, AnswerError> {
        Ok(Zeroizing::new(match self {
            Self::Number(text) | Self::Text(text) => return Ok(text.clone()),
            Self::Date(date) if !date.turned => return Err(AnswerError::Missing),
            Self::Date(date) if date.day_unknown => date.month().typed(),
            Self::Date(date) => date.day()?.format("%Y-%m-%d").to_string(),
            Self::Choice(chosen) => chosen.iter().cloned().collect::<Vec<_>>().join(","),
            Self::Count(count) => count.to_string(),
        }))
    }

    /// Overwrites what was typed before the memory is given back.
    pub fn wipe(&mut self) {
        match self {
            Self::Number(text) | Self::Text(text) => text.zeroize(),
            Self::Choice(chosen) => chosen.clear(),
            Self::Date(date) => *date = DateInput::NO_DAY,
            Self::Count(count) => count.zeroize(),
        }
    }
}

impl DateInput {
    /// Refused by every question, with the sentence of a day that isn't there.
    const NO_DAY: Self =
        Self { calendar: Calendar::Gregorian, year: 0, month: 1, day: 1, day_unknown: false, turned: false };

    pub fn of(day: NaiveDate, calendar: Calendar) -> Self {
        match (calendar, HijriDate::of(day)) {
            (Calendar::Hijri, Some(hijri)) => {
                Self { calendar, year: hijri.year, month: hijri.month, day: hijri.day, ..Self::NO_DAY }
            }
            // `chrono` gives months up to 12 and days up to 31.
            _ => Self { year: day.year(), month: day.month() as u8, day: day.day() as u8, ..Self::NO_DAY },
        }
    }

    /// A month whose day nobody knows.
    fn of_month(month: MonthOfYear) -> Self {
        let MonthOfYear { calendar, year, month } = month;
        Self { calendar, year, month, day_unknown: true, ..Self::NO_DAY }
    }

    fn turned(self) -> Self {
        Self { turned: true, ..self }
    }

    pub fn month(&self) -> MonthOfYear {
        MonthOfYear { calendar: self.calendar, year: self.year, month: self.month }
    }

    /// The Gregorian day.
    pub fn day(&self) -> Result<NaiveDate, DateError> {
        match self.calendar {
            Calendar::Hijri => HijriDate { year: self.year, month: self.month, day: self.day }.to_gregorian(),
            Calendar::Gregorian => {
                NaiveDate::from_ymd_opt(self.year, self.month.into(), self.day.into()).ok_or(DateError::NoSuchDay)
            }
        }
    }

    pub fn days_in_month(&self) -> u8 {
        match self.calendar {
            Calendar::Hijri => HijriDate::days_in_month(self.year, self.month),
            Calendar::Gregorian => {
                let last =
                    (28..=31).rev().find(|day| NaiveDate::from_ymd_opt(self.year, self.month.into(), *day).is_some());
                last.unwrap_or(28) as u8
            }
        }
    }

    pub fn years(&self) -> std::ops::RangeInclusive<i32> {
        match self.calendar {
            Calendar::Hijri => 1310..=*HIJRI_YEARS.end(),
            Calendar::Gregorian => 1900..=2170,
        }
    }

    /// Turns a wheel; days and months go round, years stop at their ends.
    pub fn step(&mut self, column: DateColumn, by: i32) {
        if column == DateColumn::Day && self.day_unknown {
            return;
        }
        self.turned = true;
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

    pub fn toggle_day_unknown(&mut self) {
        self.day_unknown = !self.day_unknown;
        self.turned = true;
    }

    /// The same day in the other calendar; of a month without a day, the month in which its middle lies.
    pub fn in_calendar(self, calendar: Calendar) -> Self {
        let day = if self.day_unknown { MIDDLE_OF_MONTH } else { self.day };
        let other = Self { day, ..self }.day().map_or(self, |day| Self::of(day, calendar));
        Self { day_unknown: self.day_unknown, turned: self.turned, ..other }
    }
}

fn with_room(characters: usize) -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(characters * BYTES_A_CHARACTER))
}

/// Grows a text to its greatest size at once. The memory it leaves is overwritten: growing by itself, a text would leave
/// copies of its beginning behind.
fn make_room(text: &mut String, characters: usize) {
    let bytes = characters * BYTES_A_CHARACTER;
    if text.capacity() < bytes {
        let mut larger = String::with_capacity(bytes);
        larger.push_str(text);
        std::mem::swap(text, &mut larger);
        larger.zeroize();
    }
}

/// Appends, deletes or clears at the end of a text.
pub fn type_key(text: &mut String, key: &str, max: usize, fits: impl Fn(char) -> bool) {
    match key {
        DELETE => drop(text.pop()),
        CLEAR => text.zeroize(),
        key => {
            let room = max.saturating_sub(text.chars().count());
            make_room(text, max);
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
