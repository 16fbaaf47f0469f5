//! Times as people think of them: "3 days ago", with the exact date on hover, for assistive technology and on paper.
//!
//! A page's struct holds a [`Moment`], its template writes `{{ row.when }}`; nothing else is needed.

use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};

use crate::domain::calendar::riyadh_day;
use crate::language::{Words, dates};

/// After so many days nobody counts any more: the date itself is shown.
const DAYS_COUNTED: i64 = 30;

/// A past instant or day as a `<time>` element.
#[derive(Template)]
#[template(path = "moment.html")]
pub struct Moment {
    /// For machines: RFC 3339, or the bare day
    datetime: String,
    /// "3 days ago"
    shown: String,
    exact: String,
}

/// The template escapes its fields itself.
impl HtmlSafe for Moment {}

impl Moment {
    /// How long before `now` it was. What lies ahead, or more than 30 days back, is shown by its date.
    pub fn new(words: &Words, at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let exact = dates::time(words, at);
        let passed = now - at;
        let shown = if passed < TimeDelta::zero() {
            exact.clone()
        } else if passed < TimeDelta::minutes(1) {
            words.get("office-time-now")
        } else if passed < TimeDelta::hours(1) {
            words.format("office-time-minutes-ago", &[("count", passed.num_minutes().into())])
        } else if passed < TimeDelta::days(1) {
            words.format("office-time-hours-ago", &[("count", passed.num_hours().into())])
        } else {
            days_ago(words, riyadh_day(at), riyadh_day(now)).unwrap_or_else(|| exact.clone())
        };
        Self { datetime: at.to_rfc3339_opts(SecondsFormat::Secs, true), shown, exact }
    }

    /// A day without a time, seen from the day of today in Riyadh; the exact date stands in both calendars.
    pub fn of_day(words: &Words, day: NaiveDate, today: NaiveDate) -> Self {
        let exact = dates::both(words, day);
        let shown = days_ago(words, day, today).unwrap_or_else(|| dates::hijri(words, day));
        Self { datetime: day.to_string(), shown, exact }
    }
}

/// `None` when a date says it better.
fn days_ago(words: &Words, day: NaiveDate, today: NaiveDate) -> Option<String> {
    match (today - day).num_days() {
        0 => Some(words.get("office-time-today")),
        days @ 1..=DAYS_COUNTED => Some(words.format("office-time-days-ago", &[("count", days.into())])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;

    fn plain(text: &str) -> String {
        text.replace(|letter| matches!(letter, '\u{2066}'..='\u{2069}' | '\u{200f}'), "")
    }

    fn ago(language: Language, at: &str) -> String {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        plain(&Moment::new(Words::of(language), at.parse().unwrap(), now).shown)
    }

    #[test]
    fn counted_in_the_largest_unit_that_people_use() {
        let cases = [
            ("2026-11-23T08:59:01Z", "الآن", "just now"),
            ("2026-11-23T08:59:00Z", "قبل دقيقة", "1 minute ago"),
            ("2026-11-23T08:49:00Z", "قبل ١١ دقيقة", "11 minutes ago"),
            ("2026-11-23T07:00:00Z", "قبل ساعتين", "2 hours ago"),
            ("2026-11-22T09:00:01Z", "قبل ٢٣ ساعة", "23 hours ago"),
            ("2026-11-22T09:00:00Z", "أمس", "yesterday"),
            ("2026-11-20T09:00:00Z", "قبل ٣ أيام", "3 days ago"),
            ("2026-10-24T20:00:00Z", "قبل ٣٠ يومًا", "30 days ago"),
            ("2026-10-23T20:00:00Z", "٢٣ أكتوبر ٢٠٢٦ م، ٢٣:٠٠", "23 October 2026, 23:00"),
            ("2026-11-23T09:00:01Z", "٢٣ نوفمبر ٢٠٢٦ م، ١٢:٠٠", "23 November 2026, 12:00"),
        ];
        for (at, arabic, english) in cases {
            assert_eq!(ago(Language::Arabic, at), arabic, "{at}");
            assert_eq!(ago(Language::English, at), english, "{at}");
        }
    }

    #[test]
    fn a_day_is_a_day_in_riyadh() {
        // 25 hours ago, but two days back: it was before midnight there.
        assert_eq!(plain(&ago(Language::English, "2026-11-21T20:59:00Z")), "2 days ago");
        let words = Words::of(Language::English);
        let of = |day: &str| Moment::of_day(words, day.parse().unwrap(), "2026-11-23".parse().unwrap());
        assert_eq!(plain(&of("2026-11-23").shown), "today");
        assert_eq!(plain(&of("2026-11-22").shown), "yesterday");
        assert!(plain(&of("2026-11-24").shown).ends_with("1448 H"), "a day ahead is a date");
    }

    #[test]
    fn it_is_one_time_element_wherever_it_stands() {
        let words = Words::of(Language::English);
        let at = "2026-11-20T09:00:00Z".parse().unwrap();
        let html = Moment::new(words, at, at + TimeDelta::days(3)).to_string();
        let expected = "<time datetime=\"2026-11-20T09:00:00Z\" title=\"20 November 2026, 12:00\">3 days ago</time>";
        assert_eq!(plain(&html), expected);
    }
}
