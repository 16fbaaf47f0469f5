//! What programs by other people say about dates and check digits; `make_vectors.py` wrote it down.
//!
//! Each file's first line names the oracle, its version and its licence; the second names the columns.

use std::ops::RangeInclusive;

use chrono::{Days, NaiveDate};
use istiqbal::domain::calendar::{DateError, HijriDate};
use istiqbal::domain::digits::luhn_holds;
use istiqbal::domain::iban::{Iban, IbanError};
use istiqbal::domain::national_id::{NationalId, NationalIdError};
use istiqbal::domain::tracking_number::{TrackingNumber, damm};

const HIJRI_OPENJDK: &str = include_str!("hijri_openjdk.csv");
const HIJRI_HIJRIDATE: &str = include_str!("hijri_hijridate.csv");
const NATIONAL_IDS: &str = include_str!("national_ids.csv");
const IBANS: &str = include_str!("ibans.csv");
const DAMM: &str = include_str!("damm.csv");

/// The years of both Hijri oracles.
const YEARS: RangeInclusive<i32> = 1343..=1500;

/// The years in which all tables of the calendar agree: 17 April 1999 to 13 May 2029.
const UNDISPUTED_YEARS: RangeInclusive<i32> = 1420..=1450;

/// The lines of a file without its remarks, each split at its commas.
fn rows<const COLUMNS: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; COLUMNS]> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let columns: Vec<&str> = line.split(',').collect();
        columns.try_into().unwrap_or_else(|_| panic!("not {COLUMNS} columns: {line}"))
    })
}

/// A month of an oracle's calendar.
#[derive(Debug)]
struct Month {
    year: i32,
    month: u8,
    first: NaiveDate,
    days: u8,
}

fn months(text: &'static str) -> Vec<Month> {
    let mut months = Vec::new();
    for [year, first, lengths] in rows(text) {
        let year = year.parse().unwrap();
        let mut first: NaiveDate = first.parse().unwrap();
        for (month, digit) in (1..).zip(lengths.bytes()) {
            let days = match digit {
                b'8' | b'9' => 20 + (digit - b'0'),
                b'0' | b'1' => 30 + (digit - b'0'),
                _ => panic!("no month's length: {lengths}"),
            };
            months.push(Month { year, month, first, days });
            first = first + Days::new(days.into());
        }
    }
    assert_eq!(months.len(), 12 * YEARS.count());
    months
}

/// Every day of the month in both directions, and the day that would be too many.
fn check_month(Month { year, month, first, days }: &Month) {
    for day in 1..=*days {
        let hijri = HijriDate { year: *year, month: *month, day };
        let gregorian = *first + Days::new(u64::from(day) - 1);
        assert_eq!(hijri.to_gregorian(), Ok(gregorian), "{hijri:?}");
        assert_eq!(HijriDate::of(gregorian), Some(hijri), "{gregorian}");
    }
    assert_eq!(HijriDate::days_in_month(*year, *month), *days, "{year}-{month}");
    let too_many = HijriDate { year: *year, month: *month, day: days + 1 };
    assert_eq!(too_many.to_gregorian(), Err(DateError::NoSuchDay), "{too_many:?}");
}

#[test]
fn every_day_is_openjdk_s() {
    months(HIJRI_OPENJDK).iter().for_each(check_month);
}

#[test]
fn every_day_of_the_undisputed_years_is_hijridate_s() {
    months(HIJRI_HIJRIDATE).iter().filter(|month| UNDISPUTED_YEARS.contains(&month.year)).for_each(check_month);
}

/// Two tables of one calendar are about: the one that OpenJDK, ICU and we use, and the calendars
/// as they were printed (hijridate). Before 1420 H a birth date's Gregorian day can differ by this; after 1450 H nothing
/// is printed yet. The numbers are here so that a change of either table is noticed, not because they are right.
#[test]
fn the_disputed_years_differ_by_no_more_than_known() {
    let mut before = 0;
    let mut after = 0;
    for Month { year, month, first, .. } in months(HIJRI_HIJRIDATE) {
        let ours = HijriDate { year, month, day: 1 }.to_gregorian().unwrap();
        let apart = (ours - first).num_days().abs();
        assert!(apart <= 2, "{year}-{month} begins {apart} days apart");
        match apart {
            0 => {}
            _ if year < *UNDISPUTED_YEARS.start() => before += 1,
            _ => after += 1,
        }
    }
    assert_eq!((before, after), (529, 211), "months that begin on another day before and after {UNDISPUTED_YEARS:?}");
}

#[test]
fn no_day_of_chrono_breaks_the_calendar() {
    for day in [NaiveDate::MIN, NaiveDate::MAX] {
        assert_eq!(HijriDate::of(day), None, "{day}");
    }
}

#[test]
fn national_ids_have_stdnum_s_luhn_digit() {
    let mut right = 0;
    for [number, luhn] in rows(NATIONAL_IDS) {
        let valid = luhn == "valid";
        assert_eq!(luhn_holds(number), valid, "{number}");
        let expected = match (number.starts_with(['1', '2']), valid) {
            (false, _) => Err(NationalIdError::FirstDigit),
            (true, false) => Err(NationalIdError::CheckDigit),
            (true, true) => Ok(()),
        };
        assert_eq!(NationalId::parse(number).map(drop), expected, "{number}");
        right += usize::from(expected.is_ok());
    }
    assert!(right >= 50, "only {right} right ones: the file is cut short");
}

#[test]
fn ibans_are_right_where_stdnum_says_so() {
    let mut right = 0;
    for [number, verdict] in rows(IBANS) {
        let expected = if verdict == "valid" { Ok(()) } else { Err(IbanError::CheckDigits) };
        assert_eq!(Iban::parse(number).map(drop), expected, "{number}");
        right += usize::from(expected.is_ok());
    }
    assert!(right >= 30, "only {right} right ones: the file is cut short");
}

#[test]
fn damm_digits_are_stdnum_s() {
    let mut tracking_numbers = 0;
    for [number, check] in rows(DAMM) {
        let mut digits: Vec<u8> = number.bytes().map(|byte| byte - b'0').collect();
        let check: u8 = check.parse().unwrap();
        assert_eq!(damm(&digits), check, "{number}");
        digits.push(check);
        assert_eq!(damm(&digits), 0, "{number}{check}");
        if digits.len() == 12 {
            assert!(TrackingNumber::parse(&format!("{number}{check}")).is_ok(), "{number}{check}");
            tracking_numbers += 1;
        }
    }
    assert!(tracking_numbers >= 100, "only {tracking_numbers} tracking numbers: the file is cut short");
}
