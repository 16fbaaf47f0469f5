//! Days in Asia/Riyadh, in the Gregorian and the Umm al-Qura calendar.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, TimeDelta, Utc};
use icu_calendar::{Date, cal::Hijri};
use serde::{Deserialize, Serialize};

/// Saudi Arabia keeps UTC+3 all year.
const RIYADH_OFFSET_SECONDS: i32 = 3 * 3600;

/// The days that must pass between a request and a decision (P19: "no less than two weeks").
pub const DAYS_BEFORE_DECISION: u64 = 14;

/// The Hijri years that the Umm al-Qura table covers.
pub const HIJRI_YEARS: std::ops::RangeInclusive<i32> = 1300..=1600;

/// A date of the Umm al-Qura calendar, for showing and typing only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HijriDate {
    pub year: i32,
    /// 1 (Muharram) to 12 (Dhu al-Hijja)
    pub month: u8,
    /// 1 to 29 or 30
    pub day: u8,
}

/// The calendars in which people give dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Calendar {
    Hijri,
    Gregorian,
}

/// A month of a year, for a date whose day nobody knows: many an old person's birth date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthOfYear {
    pub calendar: Calendar,
    pub year: i32,
    /// 1 to 12
    pub month: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    #[error("this day is not in the calendar: choose the day, the month and the year again")]
    NoSuchDay,
    #[error("write the date as year-month-day, with H behind a Hijri date")]
    Form,
    #[error("this date has not come yet")]
    Future,
    #[error("this date lies too far back")]
    TooEarly,
    #[error("the day is missing: write the date as year-month-day")]
    DayMissing,
}

impl MonthOfYear {
    /// Its first day, by which it's compared with others.
    pub fn first_day(self) -> Result<NaiveDate, DateError> {
        match self.calendar {
            Calendar::Hijri => HijriDate { year: self.year, month: self.month, day: 1 }.to_gregorian(),
            Calendar::Gregorian => {
                NaiveDate::from_ymd_opt(self.year, u32::from(self.month), 1).ok_or(DateError::NoSuchDay)
            }
        }
    }

    /// As it would be typed: `1979-05`, or `1399-07 H`.
    pub fn typed(self) -> String {
        let mark = if self.calendar == Calendar::Hijri { " H" } else { "" };
        format!("{}-{:02}{mark}", self.year, self.month)
    }
}

impl HijriDate {
    /// The Hijri date of a Gregorian day; `None` outside the table of 1300–1600 H.
    pub fn of(day: NaiveDate) -> Option<Self> {
        let gregorian =
            Date::try_new_gregorian(day.year(), u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?).ok()?;
        let hijri = gregorian.to_calendar(Hijri::new_umm_al_qura());
        let date =
            Self { year: hijri.year().extended_year(), month: hijri.month().ordinal, day: hijri.day_of_month().0 };
        HIJRI_YEARS.contains(&date.year).then_some(date)
    }

    /// The Gregorian day of a Hijri date.
    pub fn to_gregorian(self) -> Result<NaiveDate, DateError> {
        if !HIJRI_YEARS.contains(&self.year) {
            return Err(DateError::NoSuchDay);
        }
        let hijri = Date::try_new_hijri_with_calendar(self.year, self.month, self.day, Hijri::new_umm_al_qura())
            .map_err(|_| DateError::NoSuchDay)?;
        let day = hijri.to_calendar(icu_calendar::Gregorian);
        NaiveDate::from_ymd_opt(
            day.year().extended_year(),
            u32::from(day.month().ordinal),
            u32::from(day.day_of_month().0),
        )
        .ok_or(DateError::NoSuchDay)
    }

    /// How many days this month has: 29 or 30; 30 for a month outside the table.
    pub fn days_in_month(year: i32, month: u8) -> u8 {
        let last = Self { year, month, day: 30 };
        if last.to_gregorian().is_ok() { 30 } else { 29 }
    }
}

/// Today, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Today {
    /// The likeliest day
    pub day: NaiveDate,
    /// No later day can be today
    pub latest: NaiveDate,
}

impl From<NaiveDate> for Today {
    /// A day that is known.
    fn from(day: NaiveDate) -> Self {
        Self { day, latest: day }
    }
}

/// Bounds on today that hold without a trusted clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayBounds {
    pub clock_is_trusted: bool,
    /// Today is this day or a later one
    pub least: NaiveDate,
    /// Beyond this day nobody has kept the program as it is
    pub latest: NaiveDate,
}

impl DayBounds {
    /// Today where a clock shows this day. One that isn't trusted says little: what it takes for the future may be past.
    pub fn today(&self, clock: NaiveDate) -> Today {
        if self.clock_is_trusted {
            return clock.into();
        }
        let day = clock.max(self.least);
        Today { day, latest: day.max(self.latest) }
    }
}

/// The day in Riyadh at an instant.
pub fn riyadh_day(instant: DateTime<Utc>) -> NaiveDate {
    riyadh_time(instant).date_naive()
}

/// The instant as Riyadh's clocks show it. The first and last days that chrono knows are shown a day later and earlier: three
/// hours on, they'd be outside its calendar.
pub fn riyadh_time(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    let instant =
        instant.clamp(DateTime::<Utc>::MIN_UTC + TimeDelta::days(1), DateTime::<Utc>::MAX_UTC - TimeDelta::days(1));
    // Three hours are within the day that an offset may have.
    let offset =
        FixedOffset::east_opt(RIYADH_OFFSET_SECONDS).unwrap_or(FixedOffset::east_opt(0).expect("zero is an offset"));
    instant.with_timezone(&offset)
}

/// The first day on which the committee may decide on a request received on `received` (P19).
pub fn not_before(received: NaiveDate) -> NaiveDate {
    received.checked_add_days(Days::new(DAYS_BEFORE_DECISION)).unwrap_or(NaiveDate::MAX)
}

/// A date as it is typed: with its day, or without one that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedDate {
    Day(NaiveDate),
    Month(MonthOfYear),
}

/// A typed date: `1979-05-31`, or `1399-07-04 H` for Hijri; digits in any style, `/` or `-` between them.
pub fn parse_date(text: &str) -> Result<NaiveDate, DateError> {
    match parse_typed_date(text)? {
        TypedDate::Day(day) => Ok(day),
        TypedDate::Month(_) => Err(DateError::DayMissing),
    }
}

/// A typed date like [`parse_date`]'s, whose day may be left out: `1979-05`, `1399-07 H`.
pub fn parse_typed_date(text: &str) -> Result<TypedDate, DateError> {
    let western = super::digits::to_western(text.trim());
    // «هـ» is usually written with a tatweel.
    let western = western.trim_end_matches('\u{640}');
    let (digits, calendar) = match western.strip_suffix(['H', 'h', 'ه']) {
        Some(rest) => (rest.trim_end(), Calendar::Hijri),
        None => (western, Calendar::Gregorian),
    };
    let parts: Vec<u32> = digits
        .split(['-', '/'])
        .map(|part| super::digits::whole_number(part.trim()).ok_or(DateError::Form))
        .collect::<Result<_, _>>()?;
    let (year, month, day) = match *parts.as_slice() {
        [year, month, day] => (year, month, Some(day)),
        [year, month] => (year, month, None),
        _ => return Err(DateError::Form),
    };
    let year = i32::try_from(year).map_err(|_| DateError::NoSuchDay)?;
    let narrow = |value: u32| u8::try_from(value).map_err(|_| DateError::NoSuchDay);
    let Some(day) = day else {
        let month = MonthOfYear { calendar, year, month: narrow(month)? };
        return month.first_day().map(|_| TypedDate::Month(month));
    };
    let day = match calendar {
        Calendar::Hijri => HijriDate { year, month: narrow(month)?, day: narrow(day)? }.to_gregorian()?,
        Calendar::Gregorian => NaiveDate::from_ymd_opt(year, month, day).ok_or(DateError::NoSuchDay)?,
    };
    Ok(TypedDate::Day(day))
}

/// A date as people write it, made into what [`parse_typed_date`] reads: with the day in front, with dots between, and in a
/// Hijri year without its mark (no Gregorian year that anybody is asked for lies between 1300 and 1600). What can't be such
/// a date stays as it is.
pub fn as_people_write(text: &str) -> String {
    let western = super::digits::to_western(text.trim());
    let unmarked = western.trim_end_matches(['\u{640}', 'H', 'h', 'ه', 'م', ' ']);
    let is_hijri = unmarked.len() < western.len() && !western.ends_with('م');
    let mut parts: Vec<&str> = unmarked.split(['-', '/', '.', ' ']).filter(|part| !part.is_empty()).collect();
    if parts.first().is_some_and(|part| part.len() <= 2) && parts.last().is_some_and(|part| part.len() == 4) {
        parts.reverse();
    }
    let Some(year) = parts.first().and_then(|year| year.parse().ok()) else { return text.to_owned() };
    let mark = if is_hijri || HIJRI_YEARS.contains(&year) { " H" } else { "" };
    parts.join("-") + mark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gregorian(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn the_policy_s_two_dates() {
        let hijri = HijriDate { year: 1445, month: 7, day: 4 };
        assert_eq!(hijri.to_gregorian(), Ok(gregorian(2024, 1, 16)));
        assert_eq!(HijriDate::of(gregorian(2024, 1, 16)), Some(hijri));
    }

    #[test]
    fn dates_are_typed_in_both_calendars_and_all_digits() {
        assert_eq!(parse_date("1445-07-04 H"), Ok(gregorian(2024, 1, 16)));
        assert_eq!(parse_date("١٤٤٥/٧/٤ هـ"), Ok(gregorian(2024, 1, 16)));
        assert_eq!(parse_date("+2024-01-16"), Err(DateError::Form));
        assert_eq!(parse_date("2024-01-16"), Ok(gregorian(2024, 1, 16)));
        assert_eq!(parse_date("2023-02-29"), Err(DateError::NoSuchDay));
        assert_eq!(parse_date("1445-13-01 H"), Err(DateError::NoSuchDay));
        assert_eq!(parse_date("1299-01-01 H"), Err(DateError::NoSuchDay));
        assert_eq!(parse_date("yesterday"), Err(DateError::Form));
        assert_eq!(parse_date("1445-07 H"), Err(DateError::DayMissing));
        let month = |calendar, year, month| Ok(TypedDate::Month(MonthOfYear { calendar, year, month }));
        assert_eq!(parse_typed_date("١٤٤٥/٧ هـ"), month(Calendar::Hijri, 1445, 7));
        assert_eq!(parse_typed_date("1979-05"), month(Calendar::Gregorian, 1979, 5));
        for no_month in ["1979-13", "1979-0", "1299-01 H", "1979-300"] {
            assert_eq!(parse_typed_date(no_month), Err(DateError::NoSuchDay), "{no_month}");
        }
        let rajab = MonthOfYear { calendar: Calendar::Hijri, year: 1445, month: 7 };
        assert_eq!(rajab.first_day(), Ok(gregorian(2024, 1, 13)));
        assert_eq!(parse_typed_date(&rajab.typed()), Ok(TypedDate::Month(rajab)));
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let day = Ok(TypedDate::Day(gregorian(2024, 1, 16)));
        for text in ["4/7/1445", "1445-07-04", "٤/٧/١٤٤٥ هـ", "1445.7.4 H", "16/1/2024", "2024-01-16", "16.1.2024 م"]
        {
            assert_eq!(parse_typed_date(&as_people_write(text)), day, "{text}");
        }
        let month = MonthOfYear { calendar: Calendar::Hijri, year: 1399, month: 7 };
        assert_eq!(parse_typed_date(&as_people_write("7/1399")), Ok(TypedDate::Month(month)));
        for text in ["", "yesterday", "1445-13-01", "1/2/3/4", "٪٪", "H"] {
            assert!(parse_typed_date(&as_people_write(text)).is_err(), "{text}");
        }
    }

    /// A clock that fell back to 1970, or far ahead, knows nothing of what has come.
    #[test]
    fn a_clock_that_isn_t_trusted_bounds_today_from_below_only() {
        let bounds =
            DayBounds { clock_is_trusted: false, least: gregorian(2026, 11, 1), latest: gregorian(2046, 11, 1) };
        let today = bounds.today(gregorian(1970, 1, 1));
        assert_eq!((today.day, today.latest), (gregorian(2026, 11, 1), gregorian(2046, 11, 1)));
        assert_eq!(bounds.today(gregorian(2099, 1, 1)).latest, gregorian(2099, 1, 1));
        let trusted = DayBounds { clock_is_trusted: true, ..bounds };
        assert_eq!(trusted.today(gregorian(2027, 5, 1)), gregorian(2027, 5, 1).into());
    }

    #[test]
    fn a_day_ends_at_midnight_in_riyadh() {
        let late = "2026-11-23T21:30:00Z".parse().unwrap();
        assert_eq!(riyadh_day(late), gregorian(2026, 11, 24));
        assert_eq!(not_before(gregorian(2026, 11, 24)), gregorian(2026, 12, 8));
    }
}
