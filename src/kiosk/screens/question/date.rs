//! Dates: three wheels, in Hijri or Gregorian, each showing the other.

use istiqbal_ui::{App, CalendarKind as ShownCalendar, DateQuestionAdapter, WheelColumn, shown};
use slint::ComponentHandle;

use crate::kiosk::screens::{Touch, sends};
use crate::kiosk::visit::{CalendarKind, DateColumn, DateInput, Event};
use crate::language::{Words, dates, digits};

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<DateQuestionAdapter>();
    let send = touch.clone();
    adapter.on_step(move |column, by| {
        let column = match column {
            0 => DateColumn::Day,
            1 => DateColumn::Month,
            _ => DateColumn::Year,
        };
        send(Event::StepDate(column, by));
    });
    let mut hijri = sends(touch, Event::ChooseCalendar(CalendarKind::Hijri));
    let mut gregorian = sends(touch, Event::ChooseCalendar(CalendarKind::Gregorian));
    adapter.on_choose_calendar(move |calendar| match calendar {
        ShownCalendar::Hijri => hijri(),
        ShownCalendar::Gregorian => gregorian(),
    });
}

pub fn show(app: &App, words: &Words, date: DateInput) {
    let adapter = app.global::<DateQuestionAdapter>();
    adapter.set_day(column(words, date, DateColumn::Day, "date-day", |date| {
        digits(words.language(), &date.day.to_string())
    }));
    adapter.set_month(column(words, date, DateColumn::Month, "date-month", |date| {
        words.get(&match date.calendar {
            CalendarKind::Hijri => dates::hijri_month_key(date.month),
            CalendarKind::Gregorian => dates::gregorian_month_key(date.month),
        })
    }));
    adapter.set_year(column(words, date, DateColumn::Year, "date-year", |date| {
        digits(words.language(), &date.year.to_string())
    }));
    let day = date.day().ok();
    let other = match date.calendar {
        CalendarKind::Hijri => {
            day.map(|day| words.format("date-in-gregorian", &[("date", dates::gregorian(words, day).into())]))
        }
        CalendarKind::Gregorian => {
            day.map(|day| words.format("date-in-hijri", &[("date", dates::hijri(words, day).into())]))
        }
    };
    adapter.set_other_calendar_text(shown(other.unwrap_or_default()));
    adapter.set_calendar(match date.calendar {
        CalendarKind::Hijri => ShownCalendar::Hijri,
        CalendarKind::Gregorian => ShownCalendar::Gregorian,
    });
}

/// A wheel with its neighbours; a year at the end of its range has none on that side.
fn column(
    words: &Words,
    date: DateInput,
    column: DateColumn,
    label: &str,
    text: impl Fn(DateInput) -> String,
) -> WheelColumn {
    let neighbour = |by| {
        let mut other = date;
        other.step(column, by);
        other
    };
    let (previous, next) = (neighbour(-1), neighbour(1));
    let moved = |other: DateInput| column != DateColumn::Year || other.year != date.year;
    let unless_at_end = |other: DateInput| if moved(other) { text(other) } else { String::new() };
    WheelColumn {
        label: shown(words.get(label)),
        previous: shown(unless_at_end(previous)),
        current: shown(text(date)),
        next: shown(unless_at_end(next)),
        can_go_back: moved(previous),
        can_go_on: moved(next),
    }
}
