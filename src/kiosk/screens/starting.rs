//! While the store is being opened: a line that says how far it has come, once it takes longer than a moment.

use istiqbal_ui::{App, Navigation, Screen, StartingAdapter, shown};
use slint::ComponentHandle;

use crate::language::Words;
use crate::ledger::{OpeningProgress, OpeningWork};

/// Shows the empty page, or with `slow` the line on it.
pub fn show(app: &App, words: &Words, progress: Option<OpeningProgress>, slow: bool) {
    let adapter = app.global::<StartingAdapter>();
    app.global::<Navigation>().set_screen(Screen::Starting);
    app.global::<Navigation>().set_home_visible(false);
    app.global::<Navigation>().set_corner_open(false);
    adapter.set_slow(slow);
    let Some(OpeningProgress { work, done, total }) = progress else { return };
    let percent = done * 100 / total.max(1);
    let key = match work {
        OpeningWork::OpeningStore => "starting-opening",
        OpeningWork::ReadingJournal => "starting-reading",
        OpeningWork::MendingJournal => "starting-mending",
        OpeningWork::MakingStore => "starting-making",
    };
    adapter.set_text(shown(words.format(key, &[("percent", (percent as u64).into())])));
    adapter.set_done(i32::try_from(done).unwrap_or(i32::MAX));
    adapter.set_total(i32::try_from(total).unwrap_or(i32::MAX));
}
