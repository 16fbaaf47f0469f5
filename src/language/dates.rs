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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::calendar::{not_before, riyadh_day};
    use crate::domain::language::Language;
    use crate::domain::rating::iso_week;

    /// Shows an instant and its day in every way there is.
    fn show(instant: DateTime<Utc>) {
        let day = riyadh_day(instant);
        for language in [Language::Arabic, Language::English] {
            let words = Words::of(language);
            assert!(!time(words, instant).is_empty());
            for day in [day, not_before(day), NaiveDate::MIN, NaiveDate::MAX] {
                for shown in [gregorian(words, day), hijri(words, day), both(words, day), both_unbroken(words, day)] {
                    assert!(!shown.is_empty());
                }
                for calendar in [Calendar::Gregorian, Calendar::Hijri] {
                    assert!(!month(words, MonthOfYear { calendar, year: day.year(), month: 13 }).is_empty());
                }
                assert!(!iso_week(day).is_empty());
            }
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_shown() {
        let proof = DateTime::from_timestamp_millis(8_210_266_876_799_000).unwrap();
        for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, DateTime::UNIX_EPOCH, proof] {
            show(instant);
        }
    }

    proptest! {
        /// Whatever number stands in a database: a page shows something, and never breaks off.
        #[test]
        fn every_stored_time_is_shown(millis: i64, near_end in 0..200_000_000_i64) {
            let ends = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC].map(|end| end.timestamp_millis());
            for millis in [millis, millis % 400_000_000_000_000, ends[0] + near_end, ends[1] - near_end] {
                if let Some(instant) = DateTime::from_timestamp_millis(millis) {
                    show(instant);
                }
            }
        }

        #[test]
        fn every_hijri_date_has_an_answer(year: i32, month: u8, day: u8) {
            for year in [year, year % 2000] {
                let date = HijriDate { year, month, day };
                if let Ok(gregorian) = date.to_gregorian() {
                    prop_assert_eq!(HijriDate::of(gregorian), Some(date));
                }
                prop_assert!((29..=30).contains(&HijriDate::days_in_month(year, month)));
                for calendar in [Calendar::Gregorian, Calendar::Hijri] {
                    let _ = MonthOfYear { calendar, year, month }.first_day();
                }
            }
        }
    }
}
