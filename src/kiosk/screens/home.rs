//! The home screen: the four large choices, and what visitors should know before they begin.

use istiqbal_ui::{App, HomeAdapter, shown};
use slint::ComponentHandle;

use super::{Around, Touch};
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

/// What the home screen warns of, the most important thing first.
pub fn show(app: &App, words: &Words, error: Option<ScanError>, health: LedgerHealth, around: &Around) {
    let adapter = app.global::<HomeAdapter>();
    let notice = match (error, around.printer) {
        (Some(_), _) => Some("error-scan-home"),
        _ if health != LedgerHealth::Well => Some("home-notice-no-new-requests"),
        (None, PrinterState::PaperOut) => Some("home-notice-no-paper"),
        (None, printer) if !printer.may_print() && printer != PrinterState::Off => Some("home-notice-printer"),
        (None, _) => None,
    };
    adapter.set_takes_requests(health == LedgerHealth::Well);
    adapter.set_notice_urgent(notice.is_some());
    let notice = notice.or((!around.office_is_reachable).then_some("home-notice-offline"));
    adapter.set_notice(shown(notice.map(|key| words.get(key)).unwrap_or_default()));
}
