use std::fs;
use std::os::unix::fs::FileExt;

use super::*;
use crate::domain::answers::{Answer, Answers};
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::request::{Beneficiary, Channel, Request, RequestId};
use crate::seal::keys::{OfficeKeys, random};
use crate::seal::seed::Seed;

const NAME: &str = "نورة بنت سعد القحطاني";

fn identity() -> Identity {
    Identity {
        keys: KioskKeys::from_seed(&Seed::fixed(1)),
        kiosk: KioskNumber::try_from(1).unwrap(),
        first_epoch: Epoch([1; 16]),
        sealing_key: OfficeKeys::from_seed(&Seed::fixed(2)).sealing_key(),
    }
}

fn now() -> KioskTime {
    KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true }
}

fn open(folder: &Path) -> (Ledger, OpeningReport) {
    Ledger::open(folder, identity(), now()).unwrap()
}

fn request(ledger: &Ledger) -> Request {
    let mut answers = Answers::default();
    answers.set("service", Answer::Choice("rent".into()));
    answers.set("name", Answer::Text(NAME.into()));
    Request {
        id: RequestId(random()),
        tracking_number: ledger.new_tracking_number().unwrap(),
        language: Language::Arabic,
        channel: Channel::Kiosk,
        beneficiary: Beneficiary::External,
        versions: Versions { catalogue: 1, declaration: 1, privacy_notice: 1, policy: 1 },
        answers,
        documents: [("id_card".to_owned(), DocumentAnswer::Later)].into(),
    }
}

fn commit(ledger: &mut Ledger) -> TrackingNumber {
    let request = request(ledger);
    let number = request.tracking_number;
    ledger.commit(&[Record::Request(request)], now()).unwrap();
    number
}

fn last_segment(folder: &Path) -> std::path::PathBuf {
    let mut paths: Vec<_> = fs::read_dir(folder.join("journal")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.pop().unwrap()
}

/// The byte at which the last frame ends: before the zeros.
fn end_of(path: &Path) -> u64 {
    fs::read(path).unwrap().iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1
}

#[test]
fn what_was_committed_is_there_after_each_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let (mut ledger, report) = open(folder.path());
        assert_eq!(report, OpeningReport::default());
        numbers.push(commit(&mut ledger));
        numbers.push(commit(&mut ledger));
        for number in &numbers {
            let status = ledger.status(*number).unwrap().unwrap();
            assert_eq!(
                (status.service.as_str(), status.standing.missing_documents()),
                ("rent", vec!["id_card".to_owned()])
            );
        }
    }
    let summary = check::check(folder.path(), &identity().keys.proving_key(), true).unwrap();
    assert_eq!((summary.requests, summary.envelopes, summary.damaged.len()), (6, 7, 0));
    numbers.sort();
    assert_eq!(summary.tracking_numbers, Some(numbers));
}

#[test]
fn nothing_typed_is_on_the_disk_in_clear() {
    fn search(folder: &Path, needle: &[u8]) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                search(&path, needle);
            } else {
                let bytes = fs::read(&path).unwrap();
                assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", path.display());
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    search(folder.path(), "القحطاني".as_bytes());
}

#[test]
fn one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (_ledger, _) = open(folder.path());
    assert!(matches!(Ledger::open(folder.path(), identity(), now()), Err(LedgerError::InUse(_))));
}

#[test]
fn a_torn_tail_is_cut_and_begins_an_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    drop(ledger);
    let path = last_segment(folder.path());
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(b"half a frame", end_of(&path)).unwrap();

    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.done.len(), 1, "{report:?}");
    assert!(report.lost.is_empty());
    assert_eq!(ledger.epochs.len(), 2);
    assert!(ledger.status(number).unwrap().is_some());
    commit(&mut ledger);
    assert_eq!(ledger.unacknowledged(100).unwrap().len(), 4);
    drop(ledger);
    let summary = check::check(folder.path(), &identity().keys.proving_key(), false).unwrap();
    assert_eq!((summary.requests, summary.damaged), (2, vec![]));
}

#[test]
fn a_damaged_journal_is_filled_from_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let numbers: Vec<_> = (0..5).map(|_| commit(&mut ledger)).collect();
    ledger.close().unwrap();
    let path = last_segment(folder.path());
    let middle = end_of(&path) / 2;
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(b"\xff\xff\xff", middle).unwrap();

    let (ledger, report) = open(folder.path());
    assert!(report.lost.is_empty(), "{report:?}");
    for number in numbers {
        assert!(ledger.status(number).unwrap().is_some());
    }
    drop(ledger);
    let summary = check::check(folder.path(), &identity().keys.proving_key(), false).unwrap();
    assert_eq!((summary.requests, summary.damaged), (5, vec![]));
}

#[test]
fn a_lost_store_is_made_anew_from_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let numbers: Vec<_> = (0..5).map(|_| commit(&mut ledger)).collect();
    drop(ledger);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let (ledger, _) = open(folder.path());
    for number in numbers {
        assert!(ledger.status(number).unwrap().is_some());
    }
}

#[test]
fn after_an_unfinished_opening_the_store_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    drop(ledger);
    fs::write(folder.path().join("opening"), b"").unwrap();
    let (ledger, report) = open(folder.path());
    assert!(report.done[0].contains("set aside"), "{report:?}");
    assert!(ledger.status(number).unwrap().is_some());
    assert!(folder.path().join("sled.aside-1").is_dir());
    assert!(!folder.path().join("opening").exists());
}

#[test]
fn the_journal_goes_on_in_further_segments() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let text = "x".repeat(5000);
    for _ in 0..300 {
        ledger.commit(&[Record::Suggestion { text: text.clone() }], now()).unwrap();
    }
    assert!(ledger.journal.number() > 1);
    drop(ledger);
    let (ledger, report) = open(folder.path());
    assert_eq!(report, OpeningReport::default());
    assert_eq!(ledger.unacknowledged_count().unwrap(), 301);
}

#[test]
fn acknowledgements_count_only_with_our_own_head() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    let epoch = ledger.epochs[0];
    let head = ledger.store.header(&epoch, 1).unwrap().unwrap().hash();
    let held = |head| Held { epoch, sequence: 1, head, backed_up_through: None };
    ledger.acknowledge(&[held(crate::seal::envelope::HeaderHash([9; 32]))]).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 2);
    ledger.acknowledge(&[held(head)]).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    assert!(ledger.unacknowledged(10).unwrap().is_empty());
}

/// A power cut between the rewriting of the last segment and the removal of the old one leaves both.
#[test]
fn a_segment_that_was_rewritten_and_not_removed_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let mut number = None;
    for round in 0..4 {
        let (mut ledger, report) = open(folder.path());
        assert_eq!(report, OpeningReport::default(), "{round}");
        number = Some(commit(&mut ledger));
        let segment = ledger.journal.number();
        drop(ledger);
        let path = |number: u64| journal.join(format!("{number:08}.segment"));
        let old = fs::read(path(segment)).unwrap();
        drop(open(folder.path()));
        match round {
            // The old one beside its whole rewriting, then beside an empty one.
            0 | 2 => fs::write(path(segment), &old).unwrap(),
            1 => {
                fs::remove_file(path(segment + 1)).unwrap();
                fs::write(path(segment), &old).unwrap();
                drop(Journal::create(&journal, segment + 1).unwrap());
            }
            _ => {}
        }
    }
    let (ledger, report) = open(folder.path());
    assert_eq!(report, OpeningReport::default());
    assert_eq!(ledger.unacknowledged_count().unwrap(), 5);
    assert!(ledger.status(number.unwrap()).unwrap().is_some());
    drop(ledger);
    let summary = check::check(folder.path(), &identity().keys.proving_key(), false).unwrap();
    assert_eq!((summary.requests, summary.envelopes, summary.damaged), (4, 5, vec![]));
    assert_eq!(fs::read_dir(journal).unwrap().count(), 1);
}
