//! Our own printer that misbehaves.

use std::path::Path;
use std::time::Duration;

use istiqbal::domain::printer::PrinterState;
use istiqbal::domain::printout::Outcome;
use istiqbal::receipt::bitmap::Bitmap;
use istiqbal::receipt::paper::{Dialect, Paper as Roll, PaperCondition};

use super::{Bench, PATIENCE};
use crate::support::printer::{FakePrinter, Faults, Then};

/// The receipt as a sound printer prints it.
fn whole() -> Bitmap {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    assert_eq!(Bench::at(&printer.address).print(), Outcome::Confirmed);
    printer.wait_for_sheets(1).remove(0).trimmed()
}

/// The next receipt comes out whole, and with nothing of the one before on it.
fn next_is_clean(printer: &FakePrinter, bench: &Bench) {
    let before = printer.sheets().len();
    assert_eq!(bench.print(), Outcome::Confirmed);
    let sheets = printer.wait_for_sheets(before + 1);
    // Not `assert_eq`: nobody reads two pictures as numbers.
    assert!(sheets.last().unwrap().trimmed() == whole(), "the next receipt isn't clean");
    assert_eq!(printer.errors(), [""; 0]);
}

#[test]
fn what_a_printer_can_say_decides_what_is_believed() {
    let by_state = Dialect { completion: false, ..Dialect::WHOLE };
    let real_time_only = Dialect { real_time: true, ..Dialect::MUTE };
    for (dialect, state, outcome) in [
        (Dialect::WHOLE, PrinterState::Ready, Outcome::Confirmed),
        (by_state, PrinterState::Ready, Outcome::Confirmed),
        (real_time_only, PrinterState::Ready, Outcome::Unknown),
        (Dialect::MUTE, PrinterState::Unknown, Outcome::Unknown),
    ] {
        let printer = FakePrinter::on_tcp(dialect);
        let bench = Bench::at(&printer.address);
        bench.wait_for(state);
        assert_eq!(bench.print(), outcome, "{dialect:?}");
        assert_eq!(printer.wait_for_sheets(1).len(), 1);
        assert_eq!(printer.errors(), [""; 0]);
    }
}

#[test]
fn each_trouble_is_told_and_nothing_is_sent_into_it() {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    let bench = Bench::at(&printer.address);
    bench.wait_for(PrinterState::Ready);
    let well = PaperCondition::default();
    for (condition, state) in [
        (PaperCondition { paper_out: true, ..well }, PrinterState::PaperOut),
        (PaperCondition { cover_open: true, ..well }, PrinterState::CoverOpen),
        (PaperCondition { cutter_error: true, ..well }, PrinterState::CutterError),
    ] {
        printer.set_condition(condition);
        bench.wait_for(state);
        assert_eq!(bench.print(), Outcome::Failed);
        assert_eq!(printer.sheets().len(), 0);
        printer.repair();
        bench.wait_for(PrinterState::Ready);
    }
    assert_eq!(printer.sheets().len(), 0, "what failed doesn't come out by surprise");
    printer.set_condition(PaperCondition { paper_low: true, ..well });
    bench.wait_for(PrinterState::PaperLow);
    assert_eq!(bench.print(), Outcome::Confirmed);
    printer.repair();
    next_is_clean(&printer, &bench);
}

/// A printer that breaks off in the middle of the picture, and is put right.
fn breaks_off(then: Then, outcomes: &[Outcome], told: PrinterState) {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    let bench = Bench::at(&printer.address);
    bench.wait_for(PrinterState::Ready);
    printer.set(Faults { after: Some(9_000), then, ..Faults::default() });
    let outcome = bench.begin();
    printer.wait_for_fault();
    let outcome = outcome.recv_timeout(PATIENCE).unwrap();
    assert!(outcomes.contains(&outcome), "{then:?}: {outcome:?}");
    bench.wait_for(told);
    printer.repair();
    bench.wait_for(PrinterState::Ready);
    next_is_clean(&printer, &bench);
}

#[test]
fn a_roll_that_ends_within_a_picture() {
    breaks_off(Then::PaperOut, &[Outcome::Failed], PrinterState::PaperOut);
}

#[test]
fn a_cover_opened_within_a_picture() {
    breaks_off(Then::OpenCover, &[Outcome::Failed], PrinterState::CoverOpen);
}

#[test]
fn a_printer_unplugged_within_a_picture() {
    // When everything is on its way already, nobody can say whether it was printed.
    breaks_off(Then::Unplug, &[Outcome::Failed, Outcome::Unknown], PrinterState::Unreachable);
}

#[test]
fn a_stuck_cutter_leaves_the_outcome_open() {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    let bench = Bench::at(&printer.address);
    bench.wait_for(PrinterState::Ready);
    printer.let_cutter_stick();
    assert_eq!(bench.print(), Outcome::Unknown);
    bench.wait_for(PrinterState::CutterError);
    printer.repair();
    bench.wait_for(PrinterState::Ready);
    next_is_clean(&printer, &bench);
}

#[test]
fn a_printer_that_stalls_is_given_up_and_the_next_receipt_is_clean() {
    let printer = FakePrinter::on_serial(Dialect::WHOLE);
    let bench = Bench::at(&printer.address);
    bench.wait_for(PrinterState::Ready);
    printer.set(Faults { after: Some(3_000), then: Then::Stall, ..Faults::default() });
    assert_eq!(bench.print(), Outcome::Failed);
    printer.repair();
    next_is_clean(&printer, &bench);
}

#[test]
fn noise_is_never_taken_for_printed() {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    printer.set(Faults { babbles: true, ..Faults::default() });
    let bench = Bench::at(&printer.address);
    bench.wait_for(PrinterState::Unknown);
    assert_eq!(bench.print(), Outcome::Unknown);
    printer.repair();
    next_is_clean(&printer, &bench);
}

#[test]
fn a_buffer_of_45_bytes_is_enough() {
    for printer in [FakePrinter::on_tcp(Dialect::WHOLE), FakePrinter::on_serial(Dialect::WHOLE)] {
        printer.set(Faults { portion: 45, rest: Duration::from_millis(1), ..Faults::default() });
        let bench = Bench::at(&printer.address);
        bench.wait_for(PrinterState::Ready);
        next_is_clean(&printer, &bench);
    }
}

#[test]
fn a_printer_switched_off_and_on_is_found_again() {
    let printer = FakePrinter::on_tcp(Dialect::WHOLE);
    let bench = Bench::at(&printer.address);
    bench.wait_for(PrinterState::Ready);
    printer.set(Faults { unplugged: true, ..Faults::default() });
    bench.wait_for(PrinterState::Unreachable);
    assert_eq!(bench.print(), Outcome::Failed);
    printer.repair();
    bench.wait_for(PrinterState::Ready);
    next_is_clean(&printer, &bench);
}

#[test]
fn a_plain_file_takes_receipts_and_confirms_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper");
    let bench = Bench::at(&format!("file://{}", path.display()));
    assert_eq!([bench.print(), bench.print()], [Outcome::Unknown, Outcome::Unknown]);
    let sheets = Roll::new(576).feed(&std::fs::read(&path).unwrap()).unwrap();
    assert!(sheets.len() == 2 && sheets.iter().all(|sheet| sheet.trimmed() == whole()));
}

#[test]
fn a_device_that_is_not_there_is_no_file_to_be_made() {
    let bench = Bench::at("file:///dev/istiqbal-no-printer");
    bench.wait_for(PrinterState::Unreachable);
    assert_eq!(bench.print(), Outcome::Failed);
    assert!(!Path::new("/dev/istiqbal-no-printer").exists());
}
