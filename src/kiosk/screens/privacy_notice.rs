//! The privacy notice: who collects what, why, who receives it and for how long, before the first question.

use istiqbal_ui::{App, PrivacyNoticeAdapter, shown};
use slint::ComponentHandle;

use super::Touch;
use crate::domain::catalogue::Catalogue;
use crate::kiosk::visit::Event;
use crate::language::Words;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<PrivacyNoticeAdapter>();
    adapter.on_read_more(super::sends(touch, Event::ReadMore));
    adapter.on_read_less(super::sends(touch, Event::ReadLess));
}

pub fn show(app: &App, words: &Words, catalogue: &Catalogue, expanded: bool) {
    let adapter = app.global::<PrivacyNoticeAdapter>();
    let notice = &catalogue.privacy_notice;
    let pages = notice.pages.iter().map(|page| page.in_language(words.language()).trim());
    adapter.set_summary(shown(notice.short.in_language(words.language()).trim()));
    adapter.set_full_text(shown(pages.collect::<Vec<_>>().join("\n\n")));
    adapter.set_expanded(expanded);
}
