//! The ledger by itself; `tests/` at the top of the project tries it from outside, with power cuts and kills.

mod bad_disk;
mod clock;
mod damage;
mod ends;
mod found_again;
mod golden;
mod losses;
mod model;
mod opening;
mod own;
mod receipts;
mod retention;
mod salvage;
mod whole_folder;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::check::Summary;
use super::*;
use crate::domain::answers::{Answer, Answers};
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::request::{Beneficiary, Channel, Request, RequestId};
use crate::replication::wire::{Changes, Cursor, Held};
use crate::seal::keys::{KioskKeys, OfficeKeys, SealingKey, random};
use crate::seal::seed::Seed;

const NAME: &str = "نورة بنت سعد القحطاني";
const PATIENCE: Duration = Duration::from_secs(60);

fn identity() -> Identity {
    let (keys, kiosk) = (KioskKeys::from_seed(&Seed::fixed(1)), KioskNumber::try_from(1).unwrap());
    Identity::new(keys, kiosk, Epoch([1; 16]), OfficeKeys::from_seed(&Seed::fixed(2)).sealing_key())
}

fn now() -> KioskTime {
    KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true }
}

fn try_open(folder: &Path) -> Result<(Ledger, OpeningReport), LedgerError> {
    if !folder.join("lock").exists() {
        mark_new(folder).unwrap();
    }
    Ledger::open(folder, identity(), &OpeningOptions { now: now(), patience: PATIENCE, progress: &|_| {} })
}

fn open(folder: &Path) -> (Ledger, OpeningReport) {
    try_open(folder).unwrap()
}

fn summary(folder: &Path) -> Summary {
    check::check(folder, &identity(), true, PATIENCE).unwrap()
}

fn request(ledger: &mut Ledger) -> Request {
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

/// Fills segments: 5,000 letters each.
fn fill(ledger: &mut Ledger, suggestions: usize) {
    for _ in 0..suggestions {
        ledger.commit(&[Record::Suggestion { text: "x".repeat(5000) }], now()).unwrap();
    }
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "segment")).collect();
    paths.sort();
    paths
}

fn last_segment(folder: &Path) -> PathBuf {
    segments(folder).pop().unwrap()
}

/// The byte at which the last frame ends: before the zeros.
fn end_of(path: &Path) -> u64 {
    fs::read(path).unwrap().iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    use std::os::unix::fs::FileExt;
    fs::OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every envelope that a ledger still holds in its journal.
fn envelopes(folder: &Path) -> Vec<Envelope> {
    let read = |path: &PathBuf| {
        let number = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        journal::read_segment(path, number).unwrap().envelopes
    };
    segments(folder).iter().flat_map(read).collect()
}

#[test]
fn what_was_committed_is_there_after_each_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let (mut ledger, report) = open(folder.path());
        assert_eq!((report.repairs, report.lost), (vec![], vec![]));
        numbers.push(commit(&mut ledger));
        numbers.push(commit(&mut ledger));
        for number in &numbers {
            let status = ledger.status(*number).unwrap().unwrap();
            let missing = status.standing.missing_documents();
            assert_eq!((status.service.as_str(), missing), ("rent", vec!["id_card".to_owned()]));
        }
    }
    let found = summary(folder.path());
    assert_eq!((found.requests, found.envelopes, found.damaged.len()), (6, 7, 0), "{found:?}");
    numbers.sort();
    assert_eq!(found.tracking_numbers, Some(numbers));
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
    assert!(matches!(try_open(folder.path()), Err(LedgerError::InUse(_))));
}

#[test]
fn the_journal_goes_on_in_further_segments() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 450);
    assert!(ledger.journal.number() > 2);
    drop(ledger);
    let (mut ledger, report) = open(folder.path());
    assert_eq!((report.repairs, report.lost), (vec![], vec![]));
    assert_eq!(ledger.unacknowledged_count().unwrap(), 451);
    drop(ledger);
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

#[test]
fn acknowledgements_count_only_with_our_own_head() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    let epoch = ledger.epochs[0];
    let head = ledger.next.previous;
    let held = |head| Held { epoch, sequence: 1, head, backed_up_through: None };
    ledger.acknowledge(&[held(crate::seal::envelope::HeaderHash([9; 32]))], false).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 2);
    ledger.acknowledge(&[held(head)], false).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    assert!(ledger.unacknowledged(10).unwrap().is_empty());
}

/// Records that were staged together share one sync, and their numbers differ before they are in the store.
#[test]
fn staged_records_are_durable_together() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let mut numbers = Vec::new();
    for _ in 0..5 {
        let request = request(&mut ledger);
        numbers.push(request.tracking_number);
        assert!(ledger.was_given(request.tracking_number).is_ok_and(|given| !given));
        ledger.stage(&[Record::Request(request)], now()).unwrap();
        assert!(ledger.was_given(*numbers.last().unwrap()).unwrap());
    }
    let before = envelopes(folder.path()).len();
    ledger.sync().unwrap();
    assert_eq!(envelopes(folder.path()).len(), before + 5);
    drop(ledger);
    let (mut ledger, report) = open(folder.path());
    assert!(report.put_again >= 5, "they were in the journal only");
    for number in numbers {
        assert!(ledger.status(number).unwrap().is_some());
    }
}
