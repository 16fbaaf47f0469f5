//! Nothing that any copy still holds is reported lost, or set aside unread.

use super::*;

fn filled(folder: &Path) -> Vec<Envelope> {
    let (mut ledger, _) = open(folder);
    for _ in 0..20 {
        commit(&mut ledger);
    }
    fill(&mut ledger, 250);
    for _ in 0..20 {
        commit(&mut ledger);
    }
    ledger.close().unwrap();
    envelopes(folder)
}

fn expect_all(folder: &Path, all: &[Envelope]) {
    let kept = envelopes(folder);
    let missing: Vec<_> = all.iter().filter(|one| !kept.contains(one)).map(|one| one.header.sequence).collect();
    assert_eq!(missing, Vec::<u64>::new());
    assert_eq!(summary(folder).damaged, Vec::<String>::new());
}

/// F5: a segment is gone, and a start was broken off in sled's opening: the store is set aside unopened, and read all the
/// same.
#[test]
fn a_store_that_is_set_aside_unopened_gives_what_the_journal_lacks() {
    for segment in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let all = filled(folder.path());
        fs::remove_file(&segments(folder.path())[segment]).unwrap();
        fs::write(folder.path().join("opening"), b"").unwrap();
        let (ledger, report) = open(folder.path());
        assert_eq!(report.lost, [], "segment {segment}: {:?}", report.repairs);
        assert!(folder.path().join("damaged/sled-1").is_dir());
        ledger.close().unwrap();
        expect_all(folder.path(), &all);
    }
}

/// A store that sled can't open any more, whatever is wrong with it.
#[test]
fn a_store_that_can_t_be_opened_gives_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let all = filled(folder.path());
    fs::remove_file(&segments(folder.path())[1]).unwrap();
    let sled = folder.path().join("sled");
    for entry in fs::read_dir(&sled).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.file_name().unwrap() != "db" && entry.is_file() {
            fs::write(&entry, b"garbage").unwrap();
        }
    }
    let (ledger, report) = open(folder.path());
    assert_eq!(report.lost, [], "{:?}", report.repairs);
    ledger.close().unwrap();
    expect_all(folder.path(), &all);
}

/// A check finds envelopes that an earlier version set aside unread, and its repair brings them back.
#[test]
fn a_check_reads_what_was_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let all = filled(folder.path());
    fs::remove_file(&segments(folder.path())[1]).unwrap();
    fs::create_dir_all(folder.path().join("damaged")).unwrap();
    fs::rename(folder.path().join("sled"), folder.path().join("damaged/sled-1")).unwrap();
    // The count, and a segment that is missing at the end, say nothing to an earlier version: its end was simply there.
    fs::remove_file(folder.path().join("count")).unwrap();
    let found = summary(folder.path());
    assert!(found.damaged.iter().any(|what| what.contains("damaged/sled-1/db holds")), "{:?}", found.damaged);
    let repaired = check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
    assert_eq!(repaired.damaged, Vec::<String>::new(), "{:?}", repaired.repaired);
    expect_all(folder.path(), &all);
}

/// The office and its backup hold it, and it left: that a folder of earlier still has it is no loss.
#[test]
fn what_has_left_isn_t_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let all = filled(folder.path());
    fs::create_dir_all(folder.path().join("damaged")).unwrap();
    copy_folder(&folder.path().join("sled"), &folder.path().join("damaged/sled-1"));
    let (mut ledger, _) = open(folder.path());
    let last = &all.last().unwrap().header;
    let held =
        Held { epoch: last.epoch, sequence: last.sequence, head: last.hash(), backed_up_through: Some(last.sequence) };
    ledger.acknowledge(&[held], true).unwrap();
    assert_eq!(ledger.tidy().unwrap().segments, 1);
    ledger.close().unwrap();
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

/// A frame's own header is damaged, and the envelope behind it is sound: no other copy is needed.
#[test]
fn an_envelope_whose_frame_is_damaged_is_found_by_its_bytes() {
    for last in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, _) = open(folder.path());
        for _ in 0..4 {
            commit(&mut ledger);
        }
        ledger.close().unwrap();
        let all = envelopes(folder.path());
        let path = last_segment(folder.path());
        let frame = |which: usize| 20 + all[..which].iter().map(|one| 8 + one.len() as u64).sum::<u64>();
        overwrite(&path, frame(if last { 4 } else { 2 }), &[9, 9, 9, 9]);
        fs::remove_dir_all(folder.path().join("sled")).unwrap();
        let (ledger, report) = open(folder.path());
        assert_eq!(report.lost, [], "{:?}", report.repairs);
        ledger.close().unwrap();
        expect_all(folder.path(), &all);
    }
}
