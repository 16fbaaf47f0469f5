//! Envelopes that were named as lost and are found again go to the office, whatever it acknowledges meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::ledger::gone::GoneThrough;
use crate::replication::wire::Incarnation;
use crate::seal::envelope::HeaderHash;

const OFFICE: Incarnation = Incarnation([1; 16]);

fn held(header: &Header, backed_up_through: Option<u64>) -> Held {
    Held { epoch: header.epoch, sequence: header.sequence, head: header.hash(), backed_up_through }
}

/// A ledger that has lost its second segment in both copies, as it stands when the office was told and has gone on behind
/// the hole. Gives what was lost; the store that holds it lies in `elsewhere`.
fn told_of_a_hole(folder: &Path, elsewhere: &Path) -> Vec<Envelope> {
    let (mut ledger, _) = open(folder);
    fill(&mut ledger, 450);
    ledger.close().unwrap();
    let all = envelopes(folder);
    copy_folder(&folder.join("sled"), elsewhere);
    fs::remove_dir_all(folder.join("sled")).unwrap();
    fs::remove_file(&segments(folder)[1]).unwrap();
    let (mut ledger, report) = open(folder);
    assert_eq!(report.lost.len(), 1, "{report:?}");
    let kept = envelopes(folder);
    acknowledge_to_the_end(&mut ledger, &kept);
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    ledger.close().unwrap();
    all.into_iter().filter(|one| !kept.contains(one)).collect()
}

/// The office goes on behind what is named as lost.
fn acknowledge_to_the_end(ledger: &mut Ledger, kept: &[Envelope]) {
    let mut words = BTreeMap::new();
    for Envelope { header, .. } in kept {
        words.insert(header.epoch, held(header, None));
    }
    ledger.acknowledge(&words.into_values().collect::<Vec<_>>(), true).unwrap();
}

/// As the version before this one wrote it.
fn write_gone_as_before(folder: &Path, kept: &[Envelope]) {
    let hashes: BTreeSet<HeaderHashBytes> = kept.iter().map(|one| one.header.hash().0).collect();
    let begins = |one: &&Envelope| !hashes.contains(&one.header.previous.0) && one.header.previous != HeaderHash::NONE;
    let breaks: BTreeSet<HeaderHashBytes> = kept.iter().filter(begins).map(|one| one.header.hash().0).collect();
    assert_eq!(breaks.len(), 1);
    let (numbers, left) = (BTreeSet::<TrackingNumber>::new(), BTreeMap::<Epoch, u64>::new());
    let dropped = BTreeSet::<HeaderHashBytes>::new();
    let before = (None::<GoneThrough>, numbers, breaks, left, dropped);
    value_file::replace(&folder.join("gone"), &before).unwrap();
}

type HeaderHashBytes = [u8; 32];

/// It waits to be sent, counts as unsent, and stays until the office and its backup hold it themselves.
fn expect_it_goes_out(folder: &Path, lost: &[Envelope]) {
    let check = summary(folder);
    assert_eq!(check.damaged, Vec::<String>::new());
    assert!(check.envelopes - check.acknowledged >= lost.len() as u64, "{check:?}");
    let (mut ledger, report) = open(folder);
    assert_eq!(report, OpeningReport::default());
    let kept = envelopes(folder);
    acknowledge_to_the_end(&mut ledger, &kept);
    let waiting = ledger.unacknowledged(10_000).unwrap();
    let expected: Vec<_> = lost.iter().map(Envelope::encode).collect();
    assert_eq!(waiting, expected, "the office goes on behind them without them");

    let backed_up = |ledger: &mut Ledger| {
        let words = kept.iter().map(|one| held(&one.header, Some(u64::MAX)));
        let words: BTreeMap<_, _> = words.map(|held| (held.epoch, held)).collect();
        ledger.acknowledge(&words.into_values().collect::<Vec<_>>(), true).unwrap();
    };
    backed_up(&mut ledger);
    assert_eq!(ledger.tidy().unwrap().segments, 1, "only what stands before them may leave");
    // Half of them arrive, then the office is another: it has to get them, too.
    ledger.note_sent(OFFICE, &waiting[..lost.len() / 2]);
    assert_eq!(ledger.unacknowledged_count().unwrap(), lost.len() as u64 / 2 + lost.len() as u64 % 2);
    ledger.note_sent(Incarnation([2; 16]), &[]);
    assert_eq!(ledger.unacknowledged(10_000).unwrap(), waiting);
    ledger.note_sent(Incarnation([2; 16]), &waiting);
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    assert_eq!(ledger.tidy().unwrap().segments, 0, "no backup is known to hold them");
    backed_up(&mut ledger);
    // The office is restored from a backup before they came: it gets them once more.
    ledger.note_sent(Incarnation([3; 16]), &[]);
    assert_eq!(ledger.unacknowledged(10_000).unwrap(), waiting);
    assert_eq!(ledger.tidy().unwrap().segments, 0, "nothing leaves that it lacks");
    ledger.note_sent(Incarnation([3; 16]), &waiting);
    backed_up(&mut ledger);
    assert!(ledger.tidy().unwrap().segments >= 1);
    ledger.close().unwrap();
    assert_eq!(summary(folder).damaged, Vec::<String>::new());
}

/// An earlier version had set the store aside unread: the first opening of this one reads it.
#[test]
fn what_an_earlier_version_set_aside_unread_is_read_once_and_sent() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let lost = told_of_a_hole(folder.path(), elsewhere.path());
    write_gone_as_before(folder.path(), &envelopes(folder.path()));
    copy_folder(elsewhere.path(), &folder.path().join("damaged/sled-1"));
    let (ledger, report) = open(folder.path());
    assert!(report.repairs.iter().any(|what| what.contains("damaged/sled-1/db holds")), "{report:?}");
    assert_eq!(report.lost, []);
    ledger.close().unwrap();
    expect_it_goes_out(folder.path(), &lost);
}

/// Something comes to light later, and a repair brings it back.
#[test]
fn what_a_repair_brings_back_is_sent() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let lost = told_of_a_hole(folder.path(), elsewhere.path());
    copy_folder(elsewhere.path(), &folder.path().join("damaged/sled-1"));
    assert!(summary(folder.path()).damaged.iter().any(|what| what.contains("damaged/sled-1/db holds")));
    let repaired = check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
    assert_eq!(repaired.damaged, Vec::<String>::new());
    expect_it_goes_out(folder.path(), &lost);
}

/// With the list of what has left it is lost which places an acknowledgement doesn't cover.
#[test]
fn what_came_back_is_sent_although_the_list_is_lost() {
    for is_damaged in [true, false] {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let lost = told_of_a_hole(folder.path(), elsewhere.path());
        copy_folder(elsewhere.path(), &folder.path().join("damaged/sled-1"));
        check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
        let gone = folder.path().join("gone");
        if is_damaged {
            fs::write(gone, "x").unwrap()
        } else {
            fs::remove_file(gone).unwrap()
        }
        let (mut ledger, report) = open(folder.path());
        acknowledge_to_the_end(&mut ledger, &envelopes(folder.path()));
        let waiting = ledger.unacknowledged(10_000).unwrap();
        assert!(lost.iter().all(|one| waiting.contains(&one.encode())), "{report:?}");
    }
}

/// Where two copies of a folder went on apart, one record stands at its place, and the file with the other is named and kept.
#[test]
fn the_other_record_of_a_place_that_is_filled_is_told() {
    let (folder, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    copy_folder(folder.path(), before.path());
    for path in [folder.path(), before.path()] {
        let (mut ledger, _) = open(path);
        commit(&mut ledger);
        ledger.close().unwrap();
    }
    let all = envelopes(folder.path());
    copy_folder(&before.path().join("sled"), &folder.path().join("damaged/sled-1"));
    fs::remove_file(last_segment(folder.path())).unwrap();
    let (_, report) = open(folder.path());
    assert!(
        report.repairs.iter().any(|what| what.contains("damaged/sled-1/db holds 1 records at whose")),
        "{report:?}"
    );
    assert!(all.iter().all(|one| envelopes(folder.path()).contains(one)));
}

/// The envelopes behind the hole have left, the hole hasn't.
#[test]
fn a_hole_doesn_t_leave_with_what_stands_behind_it() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let lost = told_of_a_hole(folder.path(), elsewhere.path());
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 250);
    let words = envelopes(folder.path()).into_iter().map(|one| (one.header.epoch, held(&one.header, Some(u64::MAX))));
    let words: BTreeMap<_, _> = words.collect();
    ledger.acknowledge(&words.into_values().collect::<Vec<_>>(), true).unwrap();
    assert!(ledger.tidy().unwrap().segments >= 2);
    ledger.close().unwrap();
    copy_folder(elsewhere.path(), &folder.path().join("damaged/sled-1"));
    let repaired = check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
    assert_eq!(repaired.damaged, Vec::<String>::new(), "{:?}", repaired.repaired);
    let (mut ledger, _) = open(folder.path());
    let expect_waiting = |ledger: &mut Ledger| {
        let waiting = ledger.unacknowledged(10_000).unwrap();
        assert!(lost.iter().all(|one| waiting.contains(&one.encode())));
    };
    expect_waiting(&mut ledger);
    // What stands before them leaves, though their places are before its own.
    fill(&mut ledger, 250);
    let words = envelopes(folder.path()).into_iter().map(|one| (one.header.epoch, held(&one.header, Some(u64::MAX))));
    let words: BTreeMap<_, _> = words.filter(|(epoch, _)| *epoch != lost[0].header.epoch).collect();
    let last_of_epoch = envelopes(folder.path()).into_iter().filter(|one| one.header.epoch == lost[0].header.epoch);
    let last_of_epoch = last_of_epoch.max_by_key(|one| one.header.sequence).unwrap();
    let mut words: Vec<Held> = words.into_values().collect();
    words.push(held(&last_of_epoch.header, Some(u64::MAX)));
    ledger.acknowledge(&words, true).unwrap();
    ledger.tidy().unwrap();
    expect_waiting(&mut ledger);
}

/// An earlier version had lost the journal's end, and went on in its epoch: the records of before lie in what was set
/// aside, at places where others stand. Nothing can bring them back by itself, and they are named.
#[test]
fn records_whose_places_are_taken_are_named_once_and_kept() {
    let (folder, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    copy_folder(folder.path(), before.path());
    for path in [folder.path(), before.path()] {
        let (mut ledger, _) = open(path);
        commit(&mut ledger);
        commit(&mut ledger);
        ledger.close().unwrap();
    }
    for kept in 1..=5 {
        copy_folder(&before.path().join("sled"), &folder.path().join(format!("damaged/sled-{kept}")));
    }
    let names =
        |told: &[String]| told.iter().any(|what| what.contains("2 records at whose places the journal holds others"));
    assert!(names(&summary(folder.path()).damaged), "{:?}", summary(folder.path()).damaged);
    let repaired = check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
    assert!(names(&repaired.repaired), "{:?}", repaired.repaired);
    assert_eq!(repaired.damaged, Vec::<String>::new(), "they are told once");
    let kept = summary(folder.path()).kept;
    assert!(kept.iter().any(|path| path.ends_with("sled-1")), "{kept:?}");
}
