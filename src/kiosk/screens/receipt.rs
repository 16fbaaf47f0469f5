//! The receipt on the screen: how the paper is getting on, the number and the QR code to photograph, what is missing.

use std::sync::Arc;

use istiqbal_ui::{App, PrintState, ReceiptAdapter, ReceiptContent, shown};
use slint::{ComponentHandle, Image, ModelRc, VecModel};

use super::{Around, Touch};
use crate::domain::calendar::{not_before, riyadh_day};
use crate::kiosk::visit::{Event, Printing, Visit};
use crate::language::{Words, dates, isolate_ltr};
use crate::ledger::keeper::Registered;
use crate::receipt::content::Receipt;
use crate::receipt::picture::PaperWidth;
use crate::receipt::qr;

/// Dots a module on the screen: about 2 mm at 100 dpi, for a telephone held at arm's length.
const SCREEN_MODULE_DOTS: u32 = 10;

pub fn connect(app: &App, touch: &Touch) {
    let adapter = app.global::<ReceiptAdapter>();
    adapter.on_finish(super::sends(touch, Event::Finish));
    let touch = touch.clone();
    adapter.on_show_paper(move |shown| touch(Event::ShowPaper(shown)));
}

pub fn show(
    app: &App,
    words: &Words,
    visit: &Visit,
    around: &Around,
    registered: &Registered,
    printing: Printing,
    paper_shown: bool,
) {
    let adapter = app.global::<ReceiptAdapter>();
    adapter.set_state(match printing {
        Printing::Off => PrintState::Off,
        Printing::Underway => PrintState::Printing,
        Printing::Confirmed => PrintState::Printed,
        Printing::Unknown => PrintState::Unknown,
        Printing::Failed => PrintState::Failed,
    });
    let number = registered.tracking_number;
    adapter.set_tracking_number(shown(isolate_ltr(&number.grouped())));
    adapter.set_tracking_number_eastern(shown(isolate_ltr(&number.grouped_eastern())));
    let receipt = Receipt {
        registered: registered.clone(),
        language: words.language(),
        catalogue: Arc::clone(visit.catalogue()),
        public_address: around.public_address.clone(),
        is_copy: false,
    };
    let paper = if paper_shown {
        receipt.content(PaperWidth::Mm80.dots()).unwrap_or_default()
    } else {
        ReceiptContent::default()
    };
    adapter.set_paper(paper);
    adapter.set_paper_shown(paper_shown);
    adapter.set_qr(qr::screen_picture(&receipt.code(), SCREEN_MODULE_DOTS).unwrap_or_default());
    let missing = receipt.missing().into_iter().map(shown);
    adapter.set_missing(ModelRc::new(VecModel::from_iter(missing)));
    let sentence = registered.time.trusted.then(|| {
        let day = not_before(riyadh_day(registered.time.at));
        let both = [
            ("hijri", dates::unbroken(&dates::hijri(words, day)).into()),
            ("gregorian", dates::unbroken(&dates::gregorian(words, day)).into()),
        ];
        words.format("receipt-not-before", &both)
    });
    adapter.set_not_before(shown(sentence.unwrap_or_else(|| words.get("committee-not-before-unknown"))));
}

/// How long the page stays; empty while the paper is still on its way.
pub fn show_seconds_left(app: &App, words: &Words, seconds: Option<u64>) {
    let text = seconds.map(|seconds| words.format("receipt-seconds-left", &[("seconds", seconds.into())]));
    app.global::<ReceiptAdapter>().set_seconds_left(shown(text.unwrap_or_default()));
}

/// Nothing of a former visitor stays behind in the properties.
pub fn forget(app: &App) {
    let adapter = app.global::<ReceiptAdapter>();
    adapter.set_paper(ReceiptContent::default());
    adapter.set_paper_shown(false);
    adapter.set_qr(Image::default());
    adapter.set_tracking_number("".into());
    adapter.set_tracking_number_eastern("".into());
    adapter.set_missing(ModelRc::default());
    adapter.set_not_before("".into());
}
