//! How far each epoch went is known outside both copies: what is lost with a whole segment is named.

use std::collections::BTreeMap;

use super::losses::named;
use super::*;
use crate::ledger::count::Counted;
use crate::replication::wire::Incarnation;
use crate::seal::envelope::HeaderHash;

/// An epoch that ended, and the beginning of the next, stand in the first segment; what follows in others.
fn two_epochs(folder: &Path) -> (Header, Epoch) {
    let (mut ledger, _) = open(folder);
    for _ in 0..7 {
        commit(&mut ledger);
    }
    let last = envelopes(folder).last().unwrap().header.clone();
    ledger.begin_another_epoch("a test".into(), now()).unwrap();
    fill(&mut ledger, 250);
    let epoch = ledger.next.epoch;
    ledger.close().unwrap();
    (last, epoch)
}

fn lose_the_first_segment(folder: &Path) -> u64 {
    fs::remove_file(&segments(folder)[0]).unwrap();
    fs::remove_dir_all(folder.join("sled")).unwrap();
    envelopes(folder)[0].header.sequence
}

/// The first epoch keeps five envelopes of eight; the next loses its first two.
fn lose_the_end(folder: &Path) {
    let path = &segments(folder)[0];
    let frame = |which: usize| 20 + envelopes(folder)[..which].iter().map(|one| 8 + one.len() as u64).sum::<u64>();
    let (from, until) = (frame(5), frame(10));
    overwrite(path, from, &vec![0; (until - from) as usize]);
    fs::remove_dir_all(folder.join("sled")).unwrap();
}

#[test]
fn an_epoch_that_is_lost_whole_is_named() {
    for starts in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let (last, epoch) = two_epochs(folder.path());
        for _ in 0..starts {
            open(folder.path()).0.close().unwrap();
        }
        let first = lose_the_first_segment(folder.path());
        assert_eq!(summary(folder.path()).damaged.iter().filter(|what| what.contains("0 to 7 are lost")).count(), 1);
        let (ledger, report) = open(folder.path());
        let lost: Vec<_> = report.lost.iter().map(|lost| (lost.epoch, lost.first, lost.last)).collect();
        assert_eq!(lost, [(epoch, 0, Some(first - 1)), (last.epoch, 0, Some(7))], "{:?}", report.repairs);
        ledger.close().unwrap();
        let told = named(folder.path());
        assert!(
            told.iter()
                .any(|range| (range.epoch, range.last) == (last.epoch.0, 7) && range.resumes_after == last.hash().0)
        );
        assert_eq!(open(folder.path()).1, OpeningReport::default(), "once");
        assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
    }
}

/// The end of an epoch is lost, and the beginning of the next with it.
#[test]
fn an_end_that_was_written_down_is_named_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let (last, _) = two_epochs(folder.path());
    lose_the_end(folder.path());
    let (_, report) = open(folder.path());
    let of_last: Vec<_> = report.lost.iter().filter(|lost| lost.epoch == last.epoch).collect();
    assert_eq!(of_last.len(), 1, "{report:?}");
    assert_eq!((of_last[0].first, of_last[0].last), (5, Some(7)));
}

/// The office holds the lost end, and its word on it can't be compared any more: what is left goes out once more, and then
/// leaves like everything else.
#[test]
fn what_stands_before_a_lost_end_that_the_office_holds_can_leave() {
    let folder = tempfile::tempdir().unwrap();
    let (last, _) = two_epochs(folder.path());
    lose_the_end(folder.path());
    let office = Incarnation([1; 16]);
    let (mut ledger, _) = open(folder.path());
    let mut words = BTreeMap::new();
    for Envelope { header, .. } in envelopes(folder.path()) {
        let backed_up_through = Some(header.sequence);
        let (epoch, sequence) = (header.epoch, header.sequence);
        words.insert(epoch, Held { epoch, sequence, head: header.hash(), backed_up_through });
    }
    let (epoch, sequence) = (last.epoch, last.sequence);
    words.insert(epoch, Held { epoch, sequence, head: last.hash(), backed_up_through: Some(sequence) });
    let words: Vec<_> = words.into_values().collect();
    let hear = |ledger: &mut Ledger| {
        ledger.hear_whole(office, &words).unwrap();
        ledger.acknowledge(&words, true).unwrap();
    };
    hear(&mut ledger);
    let waiting = ledger.unacknowledged(100).unwrap();
    let expected: Vec<_> = envelopes(folder.path())[..5].iter().map(Envelope::encode).collect();
    assert_eq!(waiting, expected, "nothing hangs on a head that can't be compared");
    assert_eq!(ledger.tidy().unwrap().segments, 0);
    ledger.close().unwrap();

    // As often as it is started, and whatever is answered to other questions.
    let (mut ledger, _) = open(folder.path());
    hear(&mut ledger);
    hear(&mut ledger);
    assert_eq!(ledger.unacknowledged(100).unwrap(), expected);
    ledger.note_sent(office, &waiting);
    ledger.acknowledge(&words, false).unwrap();
    hear(&mut ledger);
    assert_eq!(ledger.unacknowledged_count().unwrap(), 0, "once, and no more");
    assert_eq!(ledger.tidy().unwrap().segments, 1);
    ledger.close().unwrap();
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

/// Epochs that are found in what was set aside are put behind the newest, in their order. Nothing stood before the first: that
/// says nothing of the newest one's end.
#[test]
fn epochs_that_come_back_tell_of_no_unknown_end() {
    // Epochs have random names, so that they are found in another order each time.
    for _ in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, _) = open(folder.path());
        for _ in 0..4 {
            commit(&mut ledger);
            ledger.begin_another_epoch("a test".into(), now()).unwrap();
        }
        let newest = ledger.next.epoch;
        ledger.close().unwrap();
        let kept = folder.path().join("damaged/journal-1");
        copy_folder(&folder.path().join("journal"), &kept);
        let earlier = envelopes(folder.path());
        let (mut ledger, _) = open(folder.path());
        fill(&mut ledger, 250);
        ledger.close().unwrap();
        let earlier_bytes: usize = earlier[..earlier.len() - 1].iter().map(|one| 8 + one.len()).sum();
        let kept_segment = kept.join(segments(folder.path())[0].file_name().unwrap());
        fs::OpenOptions::new().write(true).open(kept_segment).unwrap().set_len(20 + earlier_bytes as u64).unwrap();
        let begins = lose_the_first_segment(folder.path());
        let (_, report) = open(folder.path());
        let lost: Vec<_> = report.lost.iter().map(|lost| (lost.epoch, lost.first, lost.last)).collect();
        assert_eq!(lost, [(newest, 0, Some(begins - 1))], "{:?}", report.repairs);
        let kept: Vec<_> = envelopes(folder.path()).into_iter().filter(|one| earlier.contains(one)).collect();
        assert_eq!(kept, earlier[..earlier.len() - 1]);
    }
}

/// The list of what has left is lost, and a segment with it: what the store alone still has is brought back.
#[test]
fn an_epoch_that_only_the_store_has_comes_back_although_the_list_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    two_epochs(folder.path());
    let all = envelopes(folder.path());
    fs::remove_file(&segments(folder.path())[0]).unwrap();
    fs::write(folder.path().join("gone"), "x").unwrap();
    let (mut ledger, report) = open(folder.path());
    assert_eq!(report.lost, [], "{:?}", report.repairs);
    let waiting = ledger.unacknowledged(1000).unwrap();
    assert!(all.iter().all(|one| waiting.contains(&one.encode())), "{:?}", report.repairs);
}

/// Where nobody wrote it down, it is said that something may be lost.
#[test]
fn without_a_count_it_is_said_that_epochs_may_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    two_epochs(folder.path());
    lose_the_first_segment(folder.path());
    fs::remove_file(folder.path().join("count")).unwrap();
    let (_, report) = open(folder.path());
    assert!(report.repairs.iter().any(|what| what.contains("epochs that stood before")), "{report:?}");
}

/// Epochs that have left are not missing, and a list of what has left that was lost makes none of them so.
#[test]
fn an_epoch_that_has_left_isn_t_missing() {
    for loses_gone in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        two_epochs(folder.path());
        let (mut ledger, _) = open(folder.path());
        let mut words = BTreeMap::new();
        for Envelope { header, .. } in envelopes(folder.path()) {
            let backed_up_through = Some(header.sequence);
            let (epoch, sequence) = (header.epoch, header.sequence);
            words.insert(epoch, Held { epoch, sequence, head: header.hash(), backed_up_through });
        }
        ledger.acknowledge(&words.into_values().collect::<Vec<_>>(), true).unwrap();
        assert_eq!(ledger.tidy().unwrap().segments, 1);
        ledger.close().unwrap();
        if loses_gone {
            fs::remove_file(folder.path().join("gone")).unwrap();
        }
        assert_eq!(open(folder.path()).1.lost, []);
    }
}

/// An earlier version's count says how far the newest epoch went, and nothing of others.
#[test]
fn a_count_of_an_earlier_version_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("count");
    fs::write(&path, include_bytes!("golden/count")).unwrap();
    let count = Count::open(&path).unwrap();
    assert!(count.covers(Epoch([1; 16]), 300) && !count.covers(Epoch([1; 16]), 301));
    assert!(!count.knows_epochs());
    let counted = Counted { epoch: Epoch([1; 16]), sequence: 300, head: HeaderHash([7; 32]) };
    value_file::replace(&path, &counted).unwrap();
    assert_eq!(fs::read(&path).unwrap(), include_bytes!("golden/count"));
}
