//! What happens next: the research committee replies, in no less than two weeks (P17–P19).

use istiqbal_ui::{App, CommitteeNoticeAdapter, shown};
use slint::ComponentHandle;

use crate::domain::calendar::{not_before, riyadh_day};
use crate::language::{Words, dates};
use crate::seal::envelope::KioskTime;

/// Without a trusted clock no date is promised.
pub fn show(app: &App, words: &Words, busy: bool, time: Option<KioskTime>) {
    let adapter = app.global::<CommitteeNoticeAdapter>();
    adapter.set_busy(busy);
    match time.filter(|time| time.trusted) {
        Some(time) => {
            let day = not_before(riyadh_day(time.at));
            adapter.set_not_before(shown(words.get("committee-not-before")));
            adapter.set_hijri(shown(dates::hijri(words, day)));
            adapter.set_gregorian(shown(dates::gregorian(words, day)));
        }
        None => {
            adapter.set_not_before(shown(words.get("committee-not-before-unknown")));
            adapter.set_hijri("".into());
            adapter.set_gregorian("".into());
        }
    }
}
