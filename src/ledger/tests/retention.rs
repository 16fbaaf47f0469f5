//! What leaves the journal, and what stays.

use super::*;
use crate::domain::code::Code;
use crate::replication::wire::{Change, Incarnation};
use crate::seal::receipt_code::{bound_code_hash, code_hash};

/// The office acknowledges everything, and its backup holds all through a sequence.
fn acknowledge_all(ledger: &mut Ledger, backed_up_through: Option<u64>) {
    let (epoch, sequence, head) = (ledger.next.epoch, ledger.next.sequence - 1, ledger.next.previous);
    ledger.acknowledge(&[Held { epoch, sequence, head, backed_up_through }], false).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
}

#[test]
fn segments_leave_only_when_acknowledged_and_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    fill(&mut ledger, 700);
    let all = segments(folder.path()).len();
    assert!(all >= 4);
    assert_eq!(ledger.tidy().unwrap().segments, 0, "nothing is acknowledged");
    acknowledge_all(&mut ledger, None);
    assert_eq!(ledger.tidy().unwrap().segments, 0, "there is no backup");
    let second_ends = ledger.spans[1].parts[0].last;
    acknowledge_all(&mut ledger, Some(second_ends));
    assert_eq!(ledger.tidy().unwrap().segments, 2);
    assert_eq!(segments(folder.path()).len(), all - 2);
    assert!(ledger.status(number).unwrap().is_some(), "its index stays until the office has told of it");
    acknowledge_all(&mut ledger, Some(u64::MAX));
    assert_eq!(ledger.tidy().unwrap().segments, all - 3, "the one that is written to stays");
    ledger.close().unwrap();
    let found = summary(folder.path());
    assert_eq!((found.damaged, found.retired, found.requests), (vec![], 1, 1));

    let (mut ledger, report) = open(folder.path());
    assert_eq!(report, OpeningReport::default());
    assert_eq!(ledger.epochs.len(), 1);
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    commit(&mut ledger);
    assert_eq!(ledger.unacknowledged(10).unwrap().len(), 1);
}

#[test]
fn a_number_that_left_is_never_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    fill(&mut ledger, 250);
    acknowledge_all(&mut ledger, Some(u64::MAX));
    let status = ledger.status(number).unwrap().unwrap();
    let told = Changes {
        cursor: Cursor { incarnation: Incarnation([1; 16]), change: 1 },
        snapshot: false,
        more: false,
        changes: vec![Change::Request { status, code_hash: [0; 32] }],
    };
    ledger.take_changes(&told).unwrap();
    assert_eq!(ledger.tidy().unwrap().segments, 1);
    assert!(ledger.store.as_ref().unwrap().request(number).unwrap().is_none(), "only the office's word is kept");
    drop(ledger);
    // Even when the list of what has left is lost, and the whole store after it.
    fs::write(folder.path().join("gone"), "x").unwrap();
    assert_eq!(summary(folder.path()).requests, 1);
    open(folder.path()).0.close().unwrap();
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.lost, []);
    assert!(ledger.status(number).unwrap().is_none());
    assert!(ledger.was_given(number).unwrap());
}

/// Each moment of a retirement at which a power cut can come.
#[test]
fn a_retirement_that_was_broken_off_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    fill(&mut ledger, 450);
    acknowledge_all(&mut ledger, Some(u64::MAX));
    ledger.close().unwrap();
    let before = folder.path().join("before");
    for name in ["journal", "sled"] {
        copy_folder(&folder.path().join(name), &before.join(name));
    }
    let (mut ledger, _) = open(folder.path());
    assert!(ledger.tidy().unwrap().segments >= 2);
    ledger.close().unwrap();
    let put_back = |name: &str| {
        fs::remove_dir_all(folder.path().join(name)).unwrap();
        copy_folder(&before.join(name), &folder.path().join(name));
    };
    put_back("sled");
    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.repairs, Vec::<String>::new(), "the store's part was undone");
    let first = ledger.first_sequence(ledger.next.epoch).unwrap();
    let kept = ledger.ask_store(|store| store.first_sequence(&identity().first_epoch(), 0)).unwrap();
    assert_eq!(kept, Some(first), "what had left the journal has left the store");
    ledger.close().unwrap();
    put_back("journal");
    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.repairs, Vec::<String>::new(), "the segments had not yet gone");
    assert!(ledger.tidy().unwrap().segments >= 2);
    ledger.close().unwrap();
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

#[test]
fn an_office_restored_from_an_old_backup_gets_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let mut heads = Vec::new();
    for _ in 0..5 {
        commit(&mut ledger);
        heads.push((ledger.next.sequence - 1, ledger.next.previous));
    }
    acknowledge_all(&mut ledger, Some(2));
    let (sequence, head) = heads[1];
    let epoch = ledger.next.epoch;
    ledger.acknowledge(&[Held { epoch, sequence, head, backed_up_through: Some(2) }], false).unwrap();
    assert_eq!(ledger.unacknowledged(100).unwrap().len(), 3);
}

/// When an office is restored to a time before what has already left, that is named, and the rest is still sent.
#[test]
fn an_office_that_lost_what_had_left_is_sent_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 250);
    acknowledge_all(&mut ledger, Some(u64::MAX));
    assert_eq!(ledger.tidy().unwrap().segments, 1);
    let epoch = ledger.next.epoch;
    let head = crate::seal::envelope::HeaderHash([3; 32]);
    ledger.acknowledge(&[Held { epoch, sequence: 1, head, backed_up_through: None }], false).unwrap();
    let first = ledger.first_sequence(epoch).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 251 - first);
}

#[test]
fn a_damaged_list_of_what_left_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    fill(&mut ledger, 250);
    acknowledge_all(&mut ledger, Some(u64::MAX));
    assert_eq!(ledger.tidy().unwrap().segments, 1);
    ledger.close().unwrap();
    overwrite(&folder.path().join("gone"), 40, b"\xff\xff");
    assert_eq!(summary(folder.path()).damaged.len(), 1);
    let (mut ledger, report) = open(folder.path());
    assert_eq!((report.repairs.len(), report.lost.len()), (1, 0), "{report:?}");
    assert_eq!(ledger.epochs.len(), 1);
    assert!(ledger.was_given(number).unwrap(), "the store still knows it");
    drop(ledger);
    assert_eq!(open(folder.path()).1.repairs, Vec::<String>::new());
}

/// With the list damaged nobody knows where the journal should begin; what only the store has must not be swept away.
#[test]
fn a_damaged_list_and_a_lost_segment_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 450);
    acknowledge_all(&mut ledger, None);
    ledger.gone.note_breaks([]).unwrap();
    ledger.close().unwrap();
    let before = envelopes(folder.path()).len();
    fs::remove_file(&segments(folder.path())[0]).unwrap();
    overwrite(&folder.path().join("gone"), 0, b"\xff\xff");
    let (ledger, report) = open(folder.path());
    assert_eq!(report.lost, [], "{report:?}");
    ledger.close().unwrap();
    assert_eq!(envelopes(folder.path()).len(), before + 1, "and the new epoch's opening");
    assert!(open(folder.path()).1.repairs.is_empty());
}

/// The store is copied into a fresh folder and goes on there.
#[test]
fn a_store_can_be_copied_into_a_fresh_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    fill(&mut ledger, 450);
    acknowledge_all(&mut ledger, Some(u64::MAX));
    assert_eq!(ledger.tidy().unwrap(), Tidied { segments: 2, fresh_store: false });
    ledger.ask_store(|store| store.flush_durably()).unwrap();
    let before = ledger.ask_store(|store| store.bytes()).unwrap();
    ledger.take_fresh_store().unwrap();
    let after = ledger.ask_store(|store| store.bytes()).unwrap();
    assert!(after < before, "{after} of {before} bytes");
    assert!(ledger.status(number).unwrap().is_some());
    let later = commit(&mut ledger);
    ledger.close().unwrap();
    let (mut ledger, report) = open(folder.path());
    assert_eq!(report, OpeningReport::default());
    assert!(ledger.status(later).unwrap().is_some());
    assert_eq!(ledger.unacknowledged_count().unwrap(), 1);
}

/// A store of an earlier version: its hashes are without the number and its cursor has another name. They count until the
/// office has told of everything once more, and then none of them is left.
#[test]
fn hashes_without_the_number_count_until_a_snapshot_replaces_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    let code = Code::parse("12345678901234567890").unwrap();
    let other_code = Code::parse("12345678901234567891").unwrap();
    let status = ledger.status(number).unwrap().unwrap();
    let told = |cursor: u64, snapshot: bool, change: Change| Changes {
        cursor: Cursor { incarnation: Incarnation([1; 16]), change: cursor },
        snapshot,
        more: false,
        changes: vec![change],
    };
    let unbound = Change::Request { status: status.clone(), code_hash: code_hash(&code) };
    ledger.take_changes(&told(1, true, unbound)).unwrap();
    let store = ledger.store.as_ref().unwrap();
    store.write_as_earlier(number).unwrap();
    assert!(ledger.proves(number, &code).unwrap() && !ledger.proves(number, &other_code).unwrap());
    assert_eq!(ledger.cursor().unwrap(), None, "so that it asks for everything");
    let bound = Change::BoundRequest { status, code_hash: bound_code_hash(number, &code) };
    ledger.take_changes(&told(1, true, bound)).unwrap();
    assert!(ledger.proves(number, &code).unwrap() && !ledger.proves(number, &other_code).unwrap());
    assert!(ledger.cursor().unwrap().is_some());
    assert!(ledger.store.as_ref().unwrap().told(number).unwrap().unwrap().is_bound);
}

/// The verification of the store goes on where it stopped, and comes to every entry.
#[test]
fn a_store_is_read_in_portions() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    for _ in 0..250 {
        commit(&mut ledger);
    }
    let store = ledger.store.as_ref().unwrap();
    let (mut place, mut portions) = (None, 0);
    loop {
        place = store.read_some(place).unwrap();
        portions += 1;
        if place.is_none() {
            break;
        }
        assert!(portions < 100, "it comes to an end");
    }
    // 251 envelopes, 250 requests and receipts, a hundred at once; and the small trees.
    assert!(portions > 9, "{portions}");
}

/// What was put behind a hole, or came late, may begin the next segment: when the one before it leaves, the journal begins as it
/// should.
#[test]
fn a_journal_may_begin_behind_a_break_that_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    commit(&mut ledger);
    ledger.close().unwrap();
    let headers: Vec<Header> = envelopes(folder.path()).into_iter().map(|one| one.header).collect();
    let (left, behind) = (&headers[0], &headers[2]);
    let mut gone = Gone::read(&folder.path().join("gone")).unwrap().unwrap();
    gone.advance(left, &[], []).unwrap();
    assert!(gone.allows_beginning_with(&headers[1]) && !gone.allows_beginning_with(behind));
    gone.note_breaks([(headers[1].hash(), behind.hash())]).unwrap();
    assert!(!gone.allows_beginning_with(behind), "that break is elsewhere");
    gone.note_breaks([(left.hash(), behind.hash())]).unwrap();
    assert!(gone.allows_beginning_with(behind));
}

/// What the store has lost deep inside is noticed when it is to be sent, and comes from the journal: it is never left out.
#[test]
fn what_the_store_lacks_is_sent_from_the_journal() {
    for limit in [2, 100] {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, _) = open(folder.path());
        for _ in 0..5 {
            commit(&mut ledger);
        }
        let all: Vec<_> = ledger.unacknowledged(100).unwrap();
        let epoch = ledger.next.epoch;
        ledger.ask_store(|store| store.remove_envelopes(&epoch, 0, 2)).unwrap();
        let failed = ledger.unacknowledged(limit);
        assert!(matches!(failed, Err(LedgerError::Store(StoreError::Lacks(..)))), "{failed:?}");
        drop(ledger);
        let (mut ledger, report) = open(folder.path());
        assert_eq!(ledger.unacknowledged(100).unwrap()[..all.len()], all, "{report:?}");
    }
}
