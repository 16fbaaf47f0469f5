//! What the screens say of paper, before a printer that misbehaves: to a visitor, and to the staff who put it right.

use istiqbal::kiosk::pin::Pin;
use istiqbal::kiosk::visit::{FollowUp, Printing, Screen};
use istiqbal::receipt::paper::{Dialect, PaperCondition};
use istiqbal_ui::{FollowUpAdapter, HomeAdapter, MaintenanceAdapter, PrintState, ReceiptAdapter};
use slint::{ComponentHandle, Model};

use super::visitor::{Visitor, WAIT};
use crate::support::printer::{FakePrinter, Faults, Then};

/// A visitor at a kiosk with this printer; the kiosk knows by now that it's ready.
fn before(printer: &FakePrinter) -> Visitor {
    Visitor::after(|workplace| {
        workplace.configure_kiosk(&printer.address);
        Pin::set(&workplace.path("kiosk"), "4821").unwrap();
    })
}

/// Waits for something that the screens show.
fn wait_until(visitor: &Visitor, what: &str, mut is_so: impl FnMut(&Visitor) -> bool) {
    let until = std::time::Instant::now() + WAIT;
    while !is_so(visitor) {
        assert!(std::time::Instant::now() < until, "{what}: {:?}", visitor.lobby.screen());
        visitor.lobby.wait_for_news(std::time::Duration::from_millis(50));
        visitor.lobby.tick();
    }
}

/// Without the marks that keep Arabic lines whole.
fn plain(text: &str) -> String {
    text.replace('\u{200f}', "")
}

fn notice(visitor: &Visitor) -> String {
    plain(&visitor.lobby.app().global::<HomeAdapter>().get_notice())
}

fn printed(visitor: &Visitor) -> Printing {
    match visitor.lobby.screen() {
        Screen::Receipt { printing, .. } => printing,
        other => panic!("no receipt: {other:?}"),
    }
}

fn open_maintenance(visitor: &mut Visitor) {
    visitor.lobby.app().global::<HomeAdapter>().invoke_staff_corner();
    visitor.type_keys("4821");
    visitor.touch("next");
}

fn value_of(visitor: &Visitor, label: &str) -> String {
    let rows = visitor.lobby.app().global::<MaintenanceAdapter>().get_rows();
    rows.iter().find(|row| plain(&row.label) == label).map(|row| plain(&row.value)).unwrap_or_default()
}

#[test]
fn each_trouble_is_said_before_the_first_question_and_at_the_end() {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    let mut visitor = before(&printer);
    let well = PaperCondition::default();
    let out = PaperCondition { paper_out: true, ..well };
    let open = PaperCondition { cover_open: true, ..well };
    let stuck = PaperCondition { cutter_error: true, ..well };
    for (condition, words) in [(out, "نفد"), (open, "لا تعمل"), (stuck, "لا تعمل")] {
        printer.set_condition(condition);
        wait_until(&visitor, words, |visitor| notice(visitor).contains(words));
        printer.repair();
        wait_until(&visitor, "no notice", |visitor| notice(visitor).is_empty());
    }
    // The visitor may go on without paper, and the number stays on the screen.
    printer.set_condition(out);
    wait_until(&visitor, "paper out", |visitor| !notice(visitor).is_empty());
    visitor.fill_in();
    visitor.wait("the receipt", |screen| matches!(screen, Screen::Receipt { printing: Printing::Failed, .. }));
    assert_eq!(visitor.lobby.app().global::<ReceiptAdapter>().get_state(), PrintState::Failed);
    // What the paper would say can be read: it is the component that is printed.
    visitor.touch("show-paper");
    let paper = visitor.lobby.app().global::<ReceiptAdapter>().get_paper();
    assert!(paper.paragraphs.iter().any(|line| line.text.contains("أسبوعين")));
    visitor.picture("paper-shown");
    visitor.touch("paper-close");
    visitor.touch("finish");
    let forgotten = visitor.lobby.app().global::<ReceiptAdapter>().get_paper();
    assert!(forgotten.tracking_number.is_empty() && forgotten.paragraphs.row_count() == 0);
    assert_eq!(printer.sheets().len(), 0);

    // New paper alone prints nothing: nobody else's receipt comes out before the next visitor.
    printer.repair();
    wait_until(&visitor, "ready again", |visitor| notice(visitor).is_empty());
    let next = visitor.register();
    assert_eq!(printer.wait_for_sheets(1).len(), 1, "only the next visitor's own receipt");
    visitor.touch("finish");

    // Staff ask for what didn't come out: it is printed once, and isn't waiting any more.
    open_maintenance(&mut visitor);
    wait_until(&visitor, "one waits", |visitor| value_of(visitor, "إيصالات لم تُطبع").contains("واحد"));
    visitor.touch("reprint");
    visitor.touch("print-unprinted");
    assert_eq!(printer.wait_for_sheets(2).len(), 2);
    visitor.touch("back");
    wait_until(&visitor, "none waits", |visitor| value_of(visitor, "إيصالات لم تُطبع").contains("لا شيء"));
    visitor.touch("close");
    assert!(!next.is_empty());
    visitor.end();
}

#[test]
fn a_printer_that_breaks_off_or_says_nothing_leaves_the_number_on_the_screen() {
    for (dialect, faults, expected) in [
        (Dialect::WHOLE, Faults { after: Some(9_000), then: Then::PaperOut, ..Faults::default() }, Printing::Failed),
        (Dialect::MUTE, Faults::default(), Printing::Unknown),
    ] {
        let printer = FakePrinter::on_tcp(dialect);
        printer.set(faults);
        let expected_screen = std::thread::spawn(move || {
            let mut visitor = before(&printer);
            visitor.fill_in();
            visitor.wait(
                "the end of printing",
                |screen| matches!(screen, Screen::Receipt { printing, .. } if *printing != Printing::Underway),
            );
            assert_eq!(printed(&visitor), expected);
            let adapter = visitor.lobby.app().global::<ReceiptAdapter>();
            assert!(!adapter.get_tracking_number().is_empty() && adapter.get_qr().size().width > 0);
            visitor.touch("finish");
            visitor.end();
        });
        // Each visitor has a thread of its own: one Slint platform a thread.
        expected_screen.join().unwrap();
    }
}

#[test]
fn staff_print_a_lost_receipt_again_marked_as_a_copy() {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    let mut visitor = before(&printer);
    let digits = visitor.register();
    visitor.touch("finish");
    let original = printer.wait_for_sheets(1).remove(0);

    open_maintenance(&mut visitor);
    let note = |visitor: &Visitor| visitor.lobby.app().global::<MaintenanceAdapter>().get_note();
    let error = |visitor: &Visitor| visitor.lobby.app().global::<MaintenanceAdapter>().get_error().to_string();
    wait_until(&visitor, "the printer is known", |visitor| {
        visitor.lobby.app().global::<MaintenanceAdapter>().get_can_print()
    });
    visitor.touch("reprint");
    visitor.type_keys("000112345678");
    assert!(!error(&visitor).is_empty(), "a wrong digit is caught at the last one");
    visitor.touch("key-clear");
    visitor.type_keys(&digits[..12]);
    visitor.touch("next");
    wait_until(&visitor, "printed", |visitor| plain(&note(visitor)) == "تمت الطباعة.");
    visitor.picture("reprint");
    let copy = printer.wait_for_sheets(2).remove(1);
    assert!(copy.height() > original.height() + 20, "the copy says so in a line of its own");
    // The holder's code is the same.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.png");
    copy.save_png(&path, 24).unwrap();
    assert_eq!(crate::support::zbar(&path), [digits.as_str()]);

    // A number of another kiosk is the desk's business.
    visitor.touch("key-clear");
    visitor.type_keys(&istiqbal::domain::tracking_number::TrackingNumber::new(9.try_into().unwrap(), 7).to_string());
    visitor.touch("next");
    wait_until(&visitor, "not here", |visitor| !error(visitor).is_empty());
    assert_eq!(printer.sheets().len(), 2);
    visitor.touch("home");

    // Every print is a record at the office.
    let (workplace, running, lobby) = (visitor.workplace, visitor.running, visitor.lobby);
    drop(lobby);
    running.stop();
    workplace.visit(&["--no-print"], "");
    let check = workplace.check("kiosk");
    assert_eq!(check["envelopes"], 5, "opening, signature, request, receipt, copy: {check}");
    assert_eq!(check["acknowledged"], 5);
    drop(visitor.office);
}

#[test]
fn slips_tell_on_paper_what_the_screen_tells() {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    let mut visitor = before(&printer);
    let digits = visitor.register();
    visitor.touch("finish");
    visitor.scan(&digits);
    visitor.wait("the follow-up", |screen| matches!(screen, Screen::FollowUp(FollowUp::Result { proved: true, .. })));
    visitor.touch("print-slip");
    visitor.wait("the slip", |screen| {
        matches!(screen, Screen::FollowUp(FollowUp::Result { slip: Some(Printing::Confirmed), .. }))
    });
    assert_eq!(printer.wait_for_sheets(2).len(), 2);
    assert!(!visitor.lobby.app().global::<FollowUpAdapter>().get_slip_enabled(), "one slip a look");
    visitor.touch("bring-documents");
    visitor.touch("choice-family_record");
    visitor.forward();
    visitor.wait("the slip", |screen| {
        matches!(screen, Screen::FollowUp(FollowUp::Thanks { slip: Printing::Confirmed, .. }))
    });
    assert_eq!(printer.wait_for_sheets(3).len(), 3);
    visitor.touch("finish");
    visitor.end();
}
