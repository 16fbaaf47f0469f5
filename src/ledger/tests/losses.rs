//! Losses in both copies are named to the office; and a pair that a power cut tore was never promised.

use super::*;
use crate::domain::record::{Listing, LostRange};
use crate::domain::signature::Signature;
use crate::ledger::tests::golden::stuck_kiosk;
use crate::replication::wire::{EPOCHS_NAMED_MAX, Incarnation};
use crate::seal::envelope::HeaderHash;

fn register(ledger: &mut Ledger) -> TrackingNumber {
    let request = request(ledger);
    let number = request.tracking_number;
    let signature = Signature::from_fractions(&[vec![(0.1, 0.5), (0.4, 0.2)]]).unwrap();
    let records = [Record::Signature { request: request.id, signature }, Record::Request(request)];
    ledger.commit(&records, now()).unwrap();
    number
}

/// The frames of a segment: where each begins, and its length.
fn frames(path: &Path) -> Vec<(u64, usize)> {
    let bytes = fs::read(path).unwrap();
    let (mut at, mut frames) = (20, Vec::new());
    loop {
        let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        if length == 0 {
            return frames;
        }
        frames.push((at as u64, 8 + length));
        at += 8 + length;
    }
}

/// Zeros in the place of a frame, counted from the last.
fn wipe_frame(folder: &Path, from_last: usize) {
    let path = last_segment(folder);
    let frames = frames(&path);
    let (at, length) = frames[frames.len() - 1 - from_last];
    overwrite(&path, at, &vec![0; length]);
}

/// Reads the losses that the kiosk's records name, as the office does.
pub(super) fn named(folder: &Path) -> Vec<LostRange> {
    let office = OfficeKeys::from_seed(&Seed::fixed(2));
    let losses = |envelope: &Envelope| match envelope.open(&office) {
        Ok(Record::Losses(ranges)) => ranges,
        _ => Vec::new(),
    };
    envelopes(folder).iter().flat_map(losses).collect()
}

fn held(header: &Header) -> Held {
    Held { epoch: header.epoch, sequence: header.sequence, head: header.hash(), backed_up_through: Some(u64::MAX) }
}

/// F4: one signature is lost in both copies. It is named by a record, with the hash at which the chain goes on.
#[test]
fn a_loss_in_both_copies_is_named_by_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    for _ in 0..3 {
        register(&mut ledger);
    }
    ledger.close().unwrap();
    let before = envelopes(folder.path());
    wipe_frame(folder.path(), 1);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();

    let (ledger, report) = open(folder.path());
    assert_eq!((report.lost.len(), report.lost[0].first, report.lost[0].last), (1, 5, Some(5)), "{report:?}");
    ledger.close().unwrap();
    let expected = LostRange { epoch: [1; 16], first: 5, last: 5, resumes_after: before[5].header.hash().0 };
    assert_eq!(named(folder.path()), [expected]);
    let kept = envelopes(folder.path());
    assert!(kept.contains(&before[6]), "the sound half of the pair is kept");
    assert!(matches!(kept.last().unwrap().listing(), Ok(Listing::Losses)));
    drop(open(folder.path()));
    assert_eq!(named(folder.path()).len(), 1, "once");
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

/// A kiosk that an earlier version left stuck: what the office has said shows what neither side holds.
#[test]
fn a_hole_that_was_told_in_words_is_named_when_the_office_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    stuck_kiosk(folder.path());
    let (mut ledger, _) = open(folder.path());
    let here = envelopes(folder.path());
    assert_eq!(named(folder.path()), []);
    // The office holds all before the hole, and the other epoch.
    let words = [held(&here[2].header), held(&here[4].header)];
    ledger.acknowledge(&words, true).unwrap();
    assert!(ledger.unacknowledged_count().unwrap() > 0);
    assert!(ledger.settle(&words, true, now()).unwrap());
    let hole = LostRange { epoch: [1; 16], first: 3, last: 3, resumes_after: here[3].header.previous.0 };
    assert_eq!(named(folder.path()), [hole]);
    // An office of an earlier version keeps the record aside and goes on waiting: it isn't told again and again.
    let told = envelopes(folder.path()).last().unwrap().header.clone();
    let words = [held(&here[2].header), held(&told)];
    ledger.acknowledge(&words, true).unwrap();
    assert!(!ledger.settle(&words, true, now()).unwrap());
    // One that reads it goes on behind the hole, and then everything may leave.
    ledger.acknowledge(&[held(&here[3].header), held(&told)], true).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    fill(&mut ledger, 300);
    let last = held(&envelopes(folder.path()).last().unwrap().header);
    ledger.acknowledge(&[held(&here[3].header), last], true).unwrap();
    assert!(ledger.tidy().unwrap().segments >= 1);
}

/// Nobody can send an envelope again that had left here before the office lost it by a restore.
#[test]
fn what_left_and_is_lost_at_the_office_blocks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 250);
    let all = envelopes(folder.path());
    ledger.acknowledge(&[held(&all.last().unwrap().header)], true).unwrap();
    assert_eq!(ledger.tidy().unwrap().segments, 1);
    let first = ledger.first_sequence(ledger.next.epoch).unwrap();
    let restored = [held(&all[9].header)];
    ledger.acknowledge(&restored, true).unwrap();
    assert!(ledger.settle(&restored, true, now()).unwrap());
    let resumes_after = all[first as usize - 1].header.hash().0;
    assert_eq!(named(folder.path()), [LostRange { epoch: [1; 16], first: 10, last: first - 1, resumes_after }]);
}

/// The power goes while the two frames of a registration are written: the second is on the disk, and a sector of the first
/// isn't. sled knows all that stood before. Nobody was promised anything.
#[test]
fn a_pair_torn_by_a_power_cut_is_cut_off_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let promised = register(&mut ledger);
    ledger.close().unwrap();
    fs::remove_file(folder.path().join("count")).unwrap();
    let sled_before = folder.path().join("before");
    copy_folder(&folder.path().join("sled"), &sled_before);
    let (mut ledger, _) = open(folder.path());
    let torn = register(&mut ledger);
    drop(ledger);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    fs::rename(&sled_before, folder.path().join("sled")).unwrap();
    fs::remove_file(folder.path().join("count")).unwrap();
    wipe_frame(folder.path(), 1);

    let (mut ledger, report) = open(folder.path());
    assert_eq!((report.lost, ledger.epochs.len()), (vec![], 2), "{:?}", report.repairs);
    assert!(ledger.status(promised).unwrap().is_some());
    assert!(ledger.status(torn).unwrap().is_none());
    ledger.close().unwrap();
    assert_eq!(named(folder.path()), []);
    // Its original is kept, and isn't taken for something that was lost.
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
    check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
    assert_eq!(envelopes(folder.path()).len(), 4, "opening, signature, request, opening");
}

/// The same bytes, and the count says that the pair was durable: then it is damage, and the sound half is kept.
#[test]
fn a_counted_pair_is_never_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    register(&mut ledger);
    ledger.close().unwrap();
    let sled_before = folder.path().join("before");
    copy_folder(&folder.path().join("sled"), &sled_before);
    let (mut ledger, _) = open(folder.path());
    let number = register(&mut ledger);
    ledger.note_count();
    drop(ledger);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    fs::rename(&sled_before, folder.path().join("sled")).unwrap();
    wipe_frame(folder.path(), 1);
    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.lost.len(), 1, "{report:?}");
    assert!(ledger.status(number).unwrap().is_some());
}

/// The office holds more of this epoch than the store, which is an old copy, or has lost its end.
#[test]
fn an_epoch_that_the_office_knows_better_isn_t_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder.path(), copy.path());
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    commit(&mut ledger);
    let farthest = held(&envelopes(folder.path()).last().unwrap().header);
    drop(ledger);

    let (mut old, report) = open(copy.path());
    assert_eq!(report, OpeningReport::default(), "nothing here can tell");
    old.acknowledge(&[farthest], true).unwrap();
    assert!(old.settle(&[farthest], true, now()).unwrap());
    assert_eq!(old.epochs.len(), 2);
    assert_ne!(old.next.epoch, farthest.epoch);
    assert!(!old.settle(&[farthest], true, now()).unwrap(), "once");
    commit(&mut old);
    // Another record at a place that this store has, too.
    let foreign = Held { epoch: old.next.epoch, sequence: 0, head: HeaderHash([7; 32]), backed_up_through: None };
    assert!(old.settle(&[foreign], true, now()).unwrap());
    assert_eq!(old.epochs.len(), 3);
}

/// Another epoch stands behind the end that is missing, or records that were salvaged and put there: the count knows of it
/// all the same.
#[test]
fn a_missing_end_is_named_though_another_epoch_stands_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    let missing = ledger.next;
    ledger.begin_another_epoch("a test".into(), now()).unwrap();
    ledger.close().unwrap();
    let through = Place { sequence: missing.sequence + 2, previous: HeaderHash([7; 32]), ..missing };
    Count::open(&folder.path().join("count")).unwrap().note(&through);
    let (ledger, report) = open(folder.path());
    assert_eq!((report.lost.len(), report.lost[0].first, report.lost[0].last), (1, 2, Some(3)), "{report:?}");
    ledger.close().unwrap();
    assert_eq!(named(folder.path()).len(), 1);
    assert_eq!(open(folder.path()).1.lost, [], "once");
}

/// Of the newest epoch nothing is left, and only its beginning would say how far the one before it went.
#[test]
fn an_end_that_nobody_knows_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    let here = envelopes(folder.path()).last().unwrap().header.clone();
    let missing = Place { epoch: Epoch([9; 16]), sequence: 2, previous: HeaderHash([7; 32]), ..here.next() };
    Count::open(&folder.path().join("count")).unwrap().note(&missing);
    let (_, report) = open(folder.path());
    let lost: Vec<_> = report.lost.iter().map(|lost| (lost.epoch, lost.first, lost.last)).collect();
    assert_eq!(lost, [(here.epoch, here.sequence + 1, None), (missing.epoch, 0, Some(1))], "{report:?}");
}

/// Stages registrations that are to be made durable together.
fn stage_pairs(ledger: &mut Ledger, count: usize) {
    for _ in 0..count {
        let request = request(ledger);
        let signature = Signature::from_fractions(&[vec![(0.1, 0.5), (0.4, 0.2)]]).unwrap();
        let records = [Record::Signature { request: request.id, signature }, Record::Request(request)];
        ledger.stage(&records, now()).unwrap();
    }
}

/// Nothing of the torn write counts, nobody is told of a loss, and no request stands without its signature.
fn expect_cut_off_whole(folder: &Path, kept: usize) {
    let before = envelopes(folder);
    let (mut ledger, report) = open(folder);
    assert_eq!((report.lost, ledger.epochs.len()), (vec![], 2), "{:?}", report.repairs);
    commit(&mut ledger);
    ledger.close().unwrap();
    assert_eq!(named(folder), []);
    let here = envelopes(folder);
    assert_eq!(here[..kept], before[..kept]);
    assert_eq!(here.len(), kept + 2, "the next epoch's opening, and what was committed now");
    assert_eq!(summary(folder).damaged, Vec::<String>::new());
    check::repair(folder, &identity(), now(), false, PATIENCE).unwrap();
    assert_eq!(envelopes(folder).len(), kept + 2);
}

/// Two registrations share a write, and the first one's signature is torn.
#[test]
fn a_torn_write_of_several_registrations_is_cut_off_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    register(&mut ledger);
    stage_pairs(&mut ledger, 2);
    ledger.sync().unwrap();
    drop(ledger);
    wipe_frame(folder.path(), 3);
    expect_cut_off_whole(folder.path(), 3);
}

/// The write begins a segment: what stood before it stands in the segment before.
#[test]
fn a_torn_write_at_a_segment_s_beginning_is_cut_off_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 185);
    let mut kept = envelopes(folder.path()).len();
    loop {
        stage_pairs(&mut ledger, 1);
        ledger.sync().unwrap();
        if ledger.journal.number() == 2 {
            break;
        }
        ledger.apply().unwrap();
        kept += 2;
    }
    drop(ledger);
    wipe_frame(folder.path(), 1);
    expect_cut_off_whole(folder.path(), kept);
}

/// The frame of the request is torn, too, and its envelope is sound.
#[test]
fn a_torn_write_whose_request_is_found_by_its_bytes_is_cut_off_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    register(&mut ledger);
    stage_pairs(&mut ledger, 1);
    ledger.sync().unwrap();
    drop(ledger);
    let path = last_segment(folder.path());
    let (request, _) = *frames(&path).last().unwrap();
    overwrite(&path, request, &[0; 8]);
    let torn = frames_before(&path, request);
    overwrite(&path, torn.0, &vec![0; torn.1]);
    expect_cut_off_whole(folder.path(), 3);
}

fn frames_before(path: &Path, at: u64) -> (u64, usize) {
    // The request's own frame is wiped already: the last that is left is the signature's.
    frames(path).into_iter().take_while(|(begins, _)| *begins < at).last().unwrap()
}

/// A record right before a hole that was told of is lost in both copies, too: the hole is another now.
#[test]
fn a_hole_that_grows_is_named_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    for _ in 0..9 {
        commit(&mut ledger);
    }
    ledger.close().unwrap();
    let lose = |which: usize| {
        let path = last_segment(folder.path());
        let (at, length) = frames(&path)[which];
        overwrite(&path, at, &vec![0; length]);
        fs::remove_dir_all(folder.path().join("sled")).unwrap();
        let (ledger, report) = open(folder.path());
        ledger.close().unwrap();
        report.lost.iter().map(|lost| (lost.first, lost.last)).collect::<Vec<_>>()
    };
    assert_eq!(lose(5), [(5, Some(5))]);
    fs::remove_dir_all(folder.path().join("damaged")).unwrap();
    assert_eq!(lose(4), [(4, Some(5))]);
    assert_eq!(open(folder.path()).1, OpeningReport::default());
    assert!(named(folder.path()).iter().any(|range| (range.first, range.last) == (4, 5)));
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

/// The office names so many epochs at most. One that it leaves out is sent once more, and its answer to that says how far it
/// holds it; nothing is named as lost meanwhile.
#[test]
fn an_epoch_that_a_full_answer_leaves_out_is_asked_about_by_sending() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    let last = held(&envelopes(folder.path()).last().unwrap().header);
    ledger.acknowledge(&[last], true).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    let others = |number: usize| {
        let epoch = Epoch([[9; 8], (number as u64).to_be_bytes()].concat().try_into().unwrap());
        Held { epoch, ..last }
    };
    let full: Vec<Held> = (0..EPOCHS_NAMED_MAX).map(others).collect();
    for round in 0..2 {
        ledger.hear_whole(Incarnation([1; 16]), &full).unwrap();
        ledger.acknowledge(&full, true).unwrap();
        assert!(!ledger.settle(&full, true, now()).unwrap());
        assert_eq!(ledger.unacknowledged_count().unwrap(), if round == 0 { 2 } else { 0 });
        ledger.acknowledge(&[last], false).unwrap();
        assert_eq!(ledger.unacknowledged_count().unwrap(), 0);
    }
    // Restored meanwhile: another database may lack it.
    ledger.hear_whole(Incarnation([2; 16]), &full).unwrap();
    assert_eq!(ledger.unacknowledged_count().unwrap(), 2);
}
