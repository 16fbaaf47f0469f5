//! A disk that doesn't give everything, that is full, or that loses its power: on a simulated one.

use super::*;
use crate::ledger::disk::simulated::{End, Mounted};
use crate::ledger::durable::copy_files;
use crate::ledger::files::Files;
use crate::ledger::ratings::Ratings;

const CAPACITY: u64 = 1 << 32;

/// Opens a ledger that stands on a simulated disk.
fn open_on(root: &Path) -> (Ledger, OpeningReport) {
    if !disk::exists(&root.join("lock")) {
        mark_new(root).unwrap();
    }
    let options = OpeningOptions { now: now(), patience: PATIENCE, progress: &|_| {} };
    Ledger::open(root, identity(), &options).unwrap()
}

fn envelopes_on(root: &Path) -> Vec<Envelope> {
    let folder = root.join("journal");
    let numbers = journal::segment_numbers(&folder).unwrap();
    let read = |number| journal::read_segment(&journal::segment_path(&folder, number), number).unwrap().envelopes;
    numbers.into_iter().flat_map(read).collect()
}

/// A frame's bytes in the only segment.
fn frame(all: &[Envelope], which: usize) -> std::ops::Range<usize> {
    let from = 20 + all[..which].iter().map(|one| 8 + one.len()).sum::<usize>();
    from..from + 8 + all[which].len()
}

fn filled_on(root: &Path, count: usize) -> Vec<Envelope> {
    let (mut ledger, _) = open_on(root);
    for _ in 0..count {
        commit(&mut ledger);
    }
    ledger.close().unwrap();
    envelopes_on(root)
}

#[test]
fn a_copied_folder_survives_a_power_cut_under_its_new_name() {
    for seed in 0..50 {
        let mounted = Mounted::new(seed, CAPACITY);
        let (from, copy, named) =
            (mounted.root().join("sled"), mounted.root().join("copy"), mounted.root().join("spare"));
        disk::make_folders(&from.join("blobs")).unwrap();
        disk::write(&from.join("db"), &[1; 3000]).unwrap();
        disk::write(&from.join("blobs/1"), &[2; 3000]).unwrap();
        mounted.disk().settle();
        copy_files(&from, &copy, &|| {}).unwrap();
        durable::rename(&copy, &named).unwrap();
        mounted.disk().end_at(End::Power, 0);
        mounted.disk().start();
        assert_eq!(disk::read(&named.join("db")).unwrap(), [1; 3000], "seed {seed}");
        assert_eq!(disk::read(&named.join("blobs/1")).unwrap(), [2; 3000], "seed {seed}");
    }
}

/// An export is for a disk that fails: what can be read goes along, the rest is named, and a second try is none the worse.
#[test]
fn a_disk_that_fails_is_exported_as_far_as_it_can_be_read() {
    for name in ["sled/db", "gone", "ratings"] {
        let mounted = Mounted::new(1, CAPACITY);
        let root = mounted.root().join("kiosk");
        let all = filled_on(&root, 5);
        if !disk::exists(&root.join(name)) {
            value_file::replace(&root.join(name), &[1_u8; 40].as_slice()).unwrap();
        }
        mounted.disk().spoil(&root.join(name), 0..1);
        let to = mounted.root().join("to");
        let exported = export::export(&root, &to, Some(&identity()), PATIENCE).unwrap();
        assert_eq!(exported.lost.len(), usize::from(name != "sled/db"), "{exported:?}");
        assert!(!disk::exists(&to.join("sled.check")));
        assert_eq!(envelopes_on(&to), all, "{name}");
    }
}

/// A copy that hangs is opened once, and not by each look again.
#[test]
fn a_store_that_has_hung_is_not_opened_by_the_next_check() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = super::open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    let all = envelopes(folder.path());
    fs::write(folder.path().join("sled.check-note"), "opening the store").unwrap();
    assert!(summary(folder.path()).damaged.iter().any(|what| what.contains("sled hung in it")));
    let to = folder.path().join("to");
    export::export(folder.path(), &to, Some(&identity()), PATIENCE).unwrap();
    assert_eq!(envelopes(&to), all);
    super::open(folder.path()).0.close().unwrap();
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

/// A bad sector under one of the small files: the kiosk opens, and everything is there.
#[test]
fn a_bad_sector_under_a_small_file_keeps_nobody_from_starting() {
    for name in ["count", "account", "gone", "ratings"] {
        let mounted = Mounted::new(1, CAPACITY);
        let root = mounted.root();
        let all = filled_on(&root, 5);
        if !disk::exists(&root.join(name)) {
            value_file::replace(&root.join(name), &[1_u8; 40].as_slice()).unwrap();
        }
        mounted.disk().spoil(&root.join(name), 0..1);
        let (ledger, report) = open_on(&root);
        assert_eq!(report.lost, [], "{name}: {report:?}");
        Ratings::open(&root).unwrap();
        ledger.close().unwrap();
        assert!(envelopes_on(&root).starts_with(&all), "{name}");
        let (_, report) = open_on(&root);
        assert_eq!(report, OpeningReport::default(), "{name}: once");
    }
}

/// In a file that was set aside some sectors are bad: what stands before and behind them is found, and the file is kept.
#[test]
fn bad_sectors_in_what_was_set_aside_cost_only_what_stands_in_them() {
    let mounted = Mounted::new(1, CAPACITY);
    let root = mounted.root();
    let all = filled_on(&root, 30);
    let files = Files::of(&root);
    let victim = frame(&all, 15);
    // The first and the newest would be kept anyhow.
    for kept in 1..=5 {
        let path = root.join(format!("damaged/journal-{kept}/00000001.segment"));
        disk::make_folders(path.parent().unwrap()).unwrap();
        let bytes = disk::read(&journal::segment_path(&files.journal, 1)).unwrap();
        disk::write(&path, &bytes).unwrap();
        mounted.disk().spoil(&path, victim.clone());
    }
    disk::remove_folder(&files.journal).unwrap();
    disk::remove_folder(&files.sled).unwrap();
    let (ledger, report) = open_on(&root);
    ledger.close().unwrap();
    let kept = envelopes_on(&root);
    let lost: Vec<u64> = all.iter().filter(|one| !kept.contains(one)).map(|one| one.header.sequence).collect();
    // Pieces of 4096 bytes are read, some sectors are bad.
    assert!(lost.contains(&15) && lost.len() <= 15, "{lost:?}");
    for sequence in lost {
        let is_named = |lost: &Lost| lost.first <= sequence && lost.last.is_none_or(|last| sequence <= last);
        assert!(report.lost.iter().any(is_named), "{sequence}: {report:?}");
    }
    assert!(disk::exists(&root.join("damaged/journal-2/00000001.segment")), "another disk may read it");
}

/// There is room to mend, and none to copy the store as well.
#[test]
fn a_copy_of_the_store_takes_no_room_that_mending_needs() {
    for has_copy in [false, true] {
        let mounted = Mounted::new(1, CAPACITY);
        let root = mounted.root();
        let all = filled_on(&root, 5);
        let large = vec![1; 4 << 20];
        disk::write(&root.join("sled/large"), &large).unwrap();
        if has_copy {
            // Of a start that was broken off.
            disk::make_folders(&root.join("sled.spare")).unwrap();
            for (name, bytes) in mounted.disk().copy_of(&root.join("sled")) {
                disk::write(&root.join("sled.spare").join(name), &bytes).unwrap();
            }
        }
        let victim = frame(&all, 3);
        let segment = journal::segment_path(&root.join("journal"), 1);
        mounted.disk().damage(&segment, |bytes| bytes[victim.start + 20] ^= 1);
        mounted.disk().leave_free(Some(if has_copy { 512 << 10 } else { 9 << 19 }));
        let (ledger, report) = open_on(&root);
        assert_eq!(report.lost, [], "{report:?}");
        ledger.close().unwrap();
        assert!(envelopes_on(&root).starts_with(&all));
        assert!(!disk::exists(&root.join("sled.spare")));
    }
}

/// A start that was broken off in sled: its folder is set aside as it is, and no copy of it is needed.
#[test]
fn a_store_that_will_be_set_aside_is_not_copied() {
    let mounted = Mounted::new(1, CAPACITY);
    let root = mounted.root();
    let all = filled_on(&root, 5);
    let victim = frame(&all, 3);
    let segment = journal::segment_path(&root.join("journal"), 1);
    mounted.disk().damage(&segment, |bytes| bytes[victim.start + 20] ^= 1);
    disk::write(&root.join("opening"), b"").unwrap();
    let heard = std::cell::RefCell::new(Vec::new());
    let progress = |progress: OpeningProgress| heard.borrow_mut().push(progress.work);
    let options = OpeningOptions { now: now(), patience: PATIENCE, progress: &progress };
    let (ledger, report) = Ledger::open(&root, identity(), &options).unwrap();
    assert_eq!(report.lost, [], "{report:?}");
    ledger.close().unwrap();
    assert!(envelopes_on(&root).starts_with(&all));
    let opening = heard.borrow().iter().filter(|work| **work == OpeningWork::OpeningStore).count();
    assert_eq!(opening, 1, "it was opened, and not copied");
}
