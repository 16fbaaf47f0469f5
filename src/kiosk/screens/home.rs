//! The home screen: the four large choices, and what visitors should know before they begin.

use chrono::NaiveDate;
use istiqbal_ui::{App, HomeAdapter, shown};
use slint::ComponentHandle;

use super::{Around, Touch};
use crate::domain::catalogue::Catalogue;
use crate::domain::printer::PrinterState;
use crate::domain::scan::ScanError;
use crate::kiosk::visit::Event;
use crate::language::Words;
use crate::ledger::keeper::LedgerHealth;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<HomeAdapter>();
    adapter.on_new_request(super::sends(touch, Event::NewRequest));
    adapter.on_follow_up(super::sends(touch, Event::FollowUp));
    adapter.on_rate(super::sends(touch, Event::Rate));
    adapter.on_services(super::sends(touch, Event::Information));
    adapter.on_suggest(super::sends(touch, Event::Suggest));
}

/// What the home screen says before anybody begins.
pub fn show(
    app: &App,
    words: &Words,
    catalogue: &Catalogue,
    error: Option<ScanError>,
    health: LedgerHealth,
    around: &Around,
) {
    let adapter = app.global::<HomeAdapter>();
    let warning = warning(error, health, around.printer);
    adapter.set_takes_requests(health == LedgerHealth::Well);
    adapter.set_notice_urgent(warning.is_some());
    let key = warning.or((!around.office_is_reachable).then_some("home-notice-offline"));
    let notice = key.map(|key| words.get(key)).or_else(|| message(catalogue, words, around.today));
    adapter.set_notice(shown(notice.unwrap_or_default()));
}

/// What the home screen warns of, the most important thing first.
fn warning(error: Option<ScanError>, health: LedgerHealth, printer: PrinterState) -> Option<&'static str> {
    match (error, printer) {
        (Some(_), _) => Some("error-scan-home"),
        _ if health != LedgerHealth::Well => Some("home-notice-no-new-requests"),
        (None, PrinterState::PaperOut) => Some("home-notice-no-paper"),
        (None, printer) if !printer.may_print() && printer != PrinterState::Off => Some("home-notice-printer"),
        (None, _) => None,
    }
}

/// What the office tells all visitors today: the first of its notices, where nothing else has to be said. There is room for one.
fn message(catalogue: &Catalogue, words: &Words, today: NaiveDate) -> Option<String> {
    catalogue.notices_on(today).next().map(|notice| notice.text.in_language(words.language()).to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::language::Language;

    #[test]
    fn the_office_s_message_stands_from_its_first_day_through_its_last() {
        let text = include_str!("../../../config/catalog.toml");
        let notice = "\n[[notices]]\nid = \"closed\"\nfrom = \"2026-11-26\"\nuntil = \"2026-11-28\"\n\
                      text = { ar = \"المكتب مغلق يوم الخميس.\", en = \"The office is closed on Thursday.\" }\n";
        let catalogue = Catalogue::parse(Path::new("catalog.toml"), &format!("{text}{notice}")).unwrap();
        let on = |language, day: &str| message(&catalogue, Words::of(language), day.parse().unwrap());
        assert_eq!(on(Language::English, "2026-11-25"), None);
        for day in ["2026-11-26", "2026-11-28"] {
            assert_eq!(on(Language::English, day).as_deref(), Some("The office is closed on Thursday."));
            assert_eq!(on(Language::Arabic, day).as_deref(), Some("المكتب مغلق يوم الخميس."));
        }
        assert_eq!(on(Language::English, "2026-11-29"), None);
    }
}
