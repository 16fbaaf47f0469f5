//! Receipts: what came out, what waits for the staff, and what of a request goes on paper.

use super::*;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::seal::envelope::Envelope;

fn print(number: TrackingNumber, printout: Printout, outcome: Outcome) -> Record {
    Record::Printed(Print { tracking_number: number, printout, language: Language::English, outcome })
}

#[test]
fn a_failed_receipt_waits_until_it_came_out_and_survives_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let numbers: Vec<TrackingNumber> = (0..4)
        .map(|_| {
            let request = request(&mut ledger);
            let number = request.tracking_number;
            ledger.commit(&[Record::Request(request)], now()).unwrap();
            number
        })
        .collect();
    // Only of the last one is it unknown whether it was being printed.
    assert_eq!(ledger.unprinted().unwrap(), [numbers[3]]);
    let [failed, confirmed, unknown, last] = numbers.try_into().unwrap();
    for (number, outcome) in [
        (failed, Outcome::Failed),
        (confirmed, Outcome::Confirmed),
        (unknown, Outcome::Unknown),
        (last, Outcome::Failed),
    ] {
        ledger.commit(&[print(number, Printout::Receipt, outcome)], now()).unwrap();
    }
    let sorted = |ledger: &mut Ledger| {
        let mut numbers = ledger.unprinted().unwrap();
        numbers.sort_by_key(ToString::to_string);
        numbers
    };
    let mut expected = vec![failed, last];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(sorted(&mut ledger), expected);
    ledger.close().unwrap();

    // Without sled all of it is computed anew.
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let (mut ledger, _) = open(folder.path());
    assert_eq!(sorted(&mut ledger), expected);
    let entry = ledger.receipt(failed).unwrap().unwrap();
    assert_eq!((entry.time, entry.printed), (now(), Some((Language::English, Outcome::Failed))));

    // Printed at last; a copy that fails later takes nothing away, and slips are no receipts.
    ledger.commit(&[print(failed, Printout::Receipt, Outcome::Confirmed)], now()).unwrap();
    ledger.commit(&[print(failed, Printout::Copy, Outcome::Failed)], now()).unwrap();
    ledger.commit(&[print(last, Printout::StatusSlip, Outcome::Confirmed)], now()).unwrap();
    assert_eq!(ledger.unprinted().unwrap(), [last]);
    assert!(!ledger.receipt(failed).unwrap().unwrap().has_failed());
}

#[test]
fn a_paper_copy_is_made_only_of_what_the_office_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let request = request(&mut ledger);
    let header = ledger.commit(&[Record::Request(request)], now()).unwrap().remove(0);
    let place = EnvelopePlace { epoch: header.epoch, sequence: header.sequence };
    let bytes = ledger.unacknowledged_envelope(place).unwrap().unwrap();
    assert_eq!(Envelope::decode(&bytes).unwrap().header, header);
    let held = Held { epoch: header.epoch, sequence: header.sequence, head: header.hash(), backed_up_through: None };
    ledger.acknowledge(&[held], true).unwrap();
    assert_eq!(ledger.unacknowledged_envelope(place).unwrap(), None);
}
