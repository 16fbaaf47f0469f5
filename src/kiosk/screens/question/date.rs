//! Dates: three wheels, in Hijri or Gregorian, each showing the other.

use istiqbal_ui::{App, CalendarKind as ShownCalendar, DateQuestionAdapter, WheelColumn, shown};
use slint::ComponentHandle;

use crate::domain::calendar::Calendar;
use crate::domain::catalogue::Question;
use crate::kiosk::screens::{Touch, sends};
use crate::kiosk::visit::{DateColumn, DateInput, Event};
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
    adapter.on_toggle_day_unknown(sends(touch, Event::ToggleDayUnknown));
    let mut hijri = sends(touch, Event::ChooseCalendar(Calendar::Hijri));
    let mut gregorian = sends(touch, Event::ChooseCalendar(Calendar::Gregorian));
    adapter.on_choose_calendar(move |calendar| match calendar {
        ShownCalendar::Hijri => hijri(),
        ShownCalendar::Gregorian => gregorian(),
    });
}

pub fn show(app: &App, words: &Words, question: &Question, date: DateInput) {
    let adapter = app.global::<DateQuestionAdapter>();
    adapter.set_day_unknown_allowed(question.day_unknown);
    adapter.set_day_unknown(date.day_unknown);
    adapter.set_turned(date.turned);
    let day = column(words, date, DateColumn::Day, "date-day", |date| digits(words.language(), &date.day.to_string()));
    adapter.set_day(if date.day_unknown {
        WheelColumn { label: day.label, current: "–".into(), ..WheelColumn::default() }
    } else {
        day
    });
    adapter.set_month(column(words, date, DateColumn::Month, "date-month", |date| {
        words.get(&match date.calendar {
            Calendar::Hijri => dates::hijri_month_key(date.month),
            Calendar::Gregorian => dates::gregorian_month_key(date.month),
        })
    }));
    adapter.set_year(column(words, date, DateColumn::Year, "date-year", |date| {
        digits(words.language(), &date.year.to_string())
    }));
    let day = date.day().ok().filter(|_| !date.day_unknown);
    let other = match date.calendar {
        Calendar::Hijri => {
            day.map(|day| words.format("date-in-gregorian", &[("date", dates::gregorian(words, day).into())]))
        }
        Calendar::Gregorian => {
            day.map(|day| words.format("date-in-hijri", &[("date", dates::hijri(words, day).into())]))
        }
    };
    adapter.set_other_calendar_text(shown(other.unwrap_or_default()));
    adapter.set_calendar(match date.calendar {
        Calendar::Hijri => ShownCalendar::Hijri,
        Calendar::Gregorian => ShownCalendar::Gregorian,
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

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<DateQuestionAdapter>();
    for set in [DateQuestionAdapter::set_day, DateQuestionAdapter::set_month, DateQuestionAdapter::set_year] {
        set(&adapter, WheelColumn::default());
    }
    adapter.set_other_calendar_text("".into());
}
