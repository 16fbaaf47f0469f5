//! Dates and times as people read them, in both calendars. Days are days in Riyadh.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use super::{Value, Words, digits};
use crate::domain::calendar::{Calendar, HijriDate, MonthOfYear, riyadh_time};
use crate::domain::digits::GROUP_SPACE;

/// `16 January 2024`
pub fn gregorian(words: &Words, day: NaiveDate) -> String {
    let month = words.get(&gregorian_month_key(day.month() as u8));
    date(words, "date-gregorian", day.day(), &month, day.year())
}

/// `4 Rajab 1445 H`; the Gregorian date where the Umm al-Qura table ends.
pub fn hijri(words: &Words, day: NaiveDate) -> String {
    let Some(hijri) = HijriDate::of(day) else { return gregorian(words, day) };
    let month = words.get(&hijri_month_key(hijri.month));
    date(words, "date-hijri", u32::from(hijri.day), &month, hijri.year)
}

/// Both calendars, Hijri first.
pub fn both(words: &Words, day: NaiveDate) -> String {
    words.format("date-both", &[("hijri", hijri(words, day).into()), ("gregorian", gregorian(words, day).into())])
}

/// The same, so that a line may break between the two only.
pub fn both_unbroken(words: &Words, day: NaiveDate) -> String {
    let hijri = unbroken(&hijri(words, day));
    let gregorian = unbroken(&gregorian(words, day));
    words.format("date-both", &[("hijri", hijri.into()), ("gregorian", gregorian.into())])
}

/// A date that no line break tears apart: without the isolates around its parts, with spaces at which lines don't break,
/// and a word joiner (U+2060) behind a hyphen.
pub fn unbroken(date: &str) -> String {
    let plain: String = date.chars().filter(|letter| !('\u{2066}'..='\u{2069}').contains(letter)).collect();
    plain.replace(' ', &GROUP_SPACE.to_string()).replace('-', "-\u{2060}")
}

/// `Rajab 1399 H, day unknown`
pub fn month(words: &Words, month: MonthOfYear) -> String {
    let (key, name) = match month.calendar {
        Calendar::Hijri => ("date-month-hijri", hijri_month_key(month.month)),
        Calendar::Gregorian => ("date-month-gregorian", gregorian_month_key(month.month)),
    };
    words.format(key, &[("month", words.get(&name).into()), ("year", month.year.into())])
}

/// The Gregorian date and the time of day in Riyadh, `16 January 2024, 14:05`.
pub fn time(words: &Words, instant: DateTime<Utc>) -> String {
    let local = riyadh_time(instant);
    let clock = digits(words.language(), &format!("{:02}:{:02}", local.hour(), local.minute()));
    words.format("date-time", &[("date", gregorian(words, local.date_naive()).into()), ("time", clock.into())])
}

/// The message of a Gregorian month, 1 (January) to 12.
pub fn gregorian_month_key(month: u8) -> String {
    format!("month-gregorian-{month}")
}

/// The message of a Hijri month, 1 (Muharram) to 12.
pub fn hijri_month_key(month: u8) -> String {
    format!("month-hijri-{month}")
}

fn date(words: &Words, key: &str, day: u32, month: &str, year: i32) -> String {
    let variables: [(&str, Value<'_>); 3] = [("day", day.into()), ("month", month.into()), ("year", year.into())];
    words.format(key, &variables)
}
