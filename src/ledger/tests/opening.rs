//! What a crash leaves, moment by moment, and what opening makes of it.

use super::*;

#[test]
fn a_torn_tail_is_cut_and_begins_an_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    drop(ledger);
    let path = last_segment(folder.path());
    overwrite(&path, end_of(&path), b"half a frame");
    let torn = fs::read(&path).unwrap();

    let (mut ledger, report) = open(folder.path());
    assert_eq!((report.repairs.len(), report.lost.len()), (1, 0), "{report:?}");
    assert_eq!(fs::read(folder.path().join("damaged/00000001.segment-1")).unwrap(), torn);
    assert_eq!(ledger.epochs.len(), 2);
    assert!(ledger.status(number).unwrap().is_some());
    commit(&mut ledger);
    assert_eq!(ledger.unacknowledged(100).unwrap().len(), 4);
    drop(ledger);
    let found = summary(folder.path());
    assert_eq!((found.requests, found.damaged, found.kept.len()), (2, vec![], 1));
    assert!(open(folder.path()).1.repairs.is_empty(), "it is repaired once");
}

#[test]
fn a_lost_store_is_made_anew_from_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let numbers: Vec<_> = (0..5).map(|_| commit(&mut ledger)).collect();
    drop(ledger);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let (mut ledger, _) = open(folder.path());
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
    let (mut ledger, report) = open(folder.path());
    assert!(report.repairs[0].contains("broke off"), "{report:?}");
    assert!(ledger.status(number).unwrap().is_some());
    assert!(folder.path().join("damaged/sled-1").is_dir());
    assert!(!folder.path().join("opening").exists());
    // It is told to the office: an envelope behind the request's.
    assert_eq!(ledger.unacknowledged_count().unwrap(), 3);
}

#[test]
fn a_store_that_fails_while_serving_is_set_aside_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    let failed: Result<(), _> = ledger.ask_store(|_| Err(StoreError::Panicked));
    assert!(failed.is_err());
    assert!(matches!(ledger.stage(&[], now()), Err(LedgerError::OutOfService)));
    drop(ledger);
    let (mut ledger, report) = open(folder.path());
    assert!(report.repairs[0].contains("the store had failed"), "{report:?}");
    assert!(ledger.status(number).unwrap().is_some());
}

#[test]
fn a_journal_without_a_store_and_a_store_without_a_journal_both_serve() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let mut numbers: Vec<_> = (0..5).map(|_| commit(&mut ledger)).collect();
    ledger.close().unwrap();
    fs::remove_dir_all(folder.path().join("journal")).unwrap();
    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.lost, [], "{report:?}");
    assert_eq!(ledger.epochs.len(), 2, "nobody knows whether the journal had more");
    numbers.push(commit(&mut ledger));
    ledger.close().unwrap();
    let found = summary(folder.path());
    numbers.sort();
    assert_eq!((found.tracking_numbers, found.damaged), (Some(numbers), vec![]));
}

#[test]
fn a_folder_that_lost_both_begins_another_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    for name in ["journal", "sled"] {
        fs::remove_dir_all(folder.path().join(name)).unwrap();
    }
    let (ledger, report) = open(folder.path());
    assert!(report.repairs.iter().any(|repair| repair.contains("neither the journal nor the store")), "{report:?}");
    assert_eq!((report.lost[0].first, report.lost[0].last), (0, Some(1)), "as far as it was counted");
    assert_ne!(ledger.next.epoch, identity().first_epoch());
}

/// Copies of the keys in an empty folder, after the disk has died: nothing that the office holds is contradicted.
#[test]
fn an_empty_folder_without_an_enrolment_begins_another_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpeningOptions { now: now(), patience: PATIENCE, progress: &|_| {} };
    let (ledger, report) = Ledger::open(folder.path(), identity(), &options).unwrap();
    assert_eq!(report.repairs.len(), 1);
    assert_ne!(ledger.next.epoch, identity().first_epoch());
}

/// A journal cut back to an earlier frame looks clean; the store knows better.
#[test]
fn a_journal_that_was_cut_at_a_frame_is_filled_from_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let kept = end_of(&last_segment(folder.path()));
    let numbers: Vec<_> = (0..5).map(|_| commit(&mut ledger)).collect();
    ledger.close().unwrap();
    let path = last_segment(folder.path());
    let zeros = vec![0; (end_of(&path) - kept) as usize];
    overwrite(&path, kept, &zeros);

    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.lost, [], "{report:?}");
    for number in numbers {
        assert!(ledger.status(number).unwrap().is_some());
    }
    assert_eq!(ledger.epochs.len(), 2);
    commit(&mut ledger);
}

/// Each moment at which a crash can leave a swap of folders, or a segment that was being made.
#[test]
fn what_was_broken_off_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    ledger.close().unwrap();
    let expect_clean = |moment: &str| {
        let (mut ledger, report) = open(folder.path());
        assert_eq!(report.repairs, Vec::<String>::new(), "{moment}");
        assert!(ledger.status(number).unwrap().is_some(), "{moment}");
        ledger.close().unwrap();
        for left in ["journal.fresh", "sled.fresh", "sled.old", "opening"] {
            assert!(!path(left).exists(), "{moment}: {left}");
        }
    };
    fs::write(path("journal/00000002.unfinished"), b"half").unwrap();
    expect_clean("a segment is being made");
    copy_folder(&path("journal"), &path("journal.fresh"));
    fs::remove_file(path("journal.fresh/00000001.segment")).unwrap();
    expect_clean("a mended journal is being written");
    fs::rename(path("journal"), path("journal.fresh")).unwrap();
    expect_clean("a mended journal is about to take its place");
    copy_folder(&path("sled"), &path("sled.fresh"));
    expect_clean("a fresh store is being written");
    fs::rename(path("sled"), path("sled.old")).unwrap();
    copy_folder(&path("sled.old"), &path("sled.fresh"));
    expect_clean("a fresh store is about to take its place");
    copy_folder(&path("sled"), &path("sled.old"));
    expect_clean("a fresh store has taken its place");
    fs::create_dir_all(path("sled")).unwrap();
    fs::write(path("sled/snap.0000000000000001.generating"), b"half").unwrap();
    expect_clean("sled writes its snapshot");
    assert!(!path("sled/snap.0000000000000001.generating").exists());
}

#[test]
fn the_opening_says_how_far_it_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 250);
    drop(ledger);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let heard = std::cell::RefCell::new(Vec::new());
    let progress = |progress: OpeningProgress| heard.borrow_mut().push(progress);
    Ledger::open(folder.path(), identity(), &OpeningOptions { now: now(), patience: PATIENCE, progress: &progress })
        .unwrap();
    for work in [OpeningWork::OpeningStore, OpeningWork::ReadingJournal, OpeningWork::MakingStore] {
        assert!(
            heard.borrow().iter().any(|progress| progress.work == work && progress.done < progress.total),
            "{work:?}"
        );
    }
}

/// A clock that was wrong once must not make every later one wrong.
#[test]
fn only_trusted_times_are_the_last_record() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    let far = KioskTime { at: "2099-01-01T00:00:00Z".parse().unwrap(), trusted: false };
    ledger.commit(&[Record::Suggestion { text: "x".into() }], far).unwrap();
    assert_eq!(ledger.last_trusted_at(), Some(now().at));
    drop(ledger);
    assert_eq!(open(folder.path()).0.last_trusted_at(), Some(now().at));
}

/// A crash between the cut of a tail and the epoch that tells of it: the cut can't be seen any more.
#[test]
fn what_was_not_told_is_told_by_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    let path = folder.path().join("account");
    let mut account = super::super::opening::account::Account::open(&path).unwrap();
    account.note_all(["segment 1 was cut off".to_owned()], true).unwrap();

    let (ledger, report) = open(folder.path());
    assert_eq!(report.repairs, ["segment 1 was cut off"]);
    assert_eq!(ledger.epochs.len(), 2);
    assert!(!path.exists());
    ledger.close().unwrap();
    fs::write(&path, b"garbage").unwrap();
    let (ledger, report) = open(folder.path());
    assert_eq!((report.repairs.len(), ledger.epochs.len()), (1, 3), "when in doubt, an epoch begins");
    drop(ledger);
    assert!(open(folder.path()).1.repairs.is_empty());
}
