//! Damage of every kind, to one copy and to both.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What is done to a file.
#[derive(Clone, Debug)]
enum Blow {
    Flip { place: f64, mask: u8 },
    Zeros { place: f64, length: usize },
    Garbage { place: f64, length: usize },
    Cut { place: f64 },
    Remove,
}

fn blow() -> impl Strategy<Value = Blow> {
    prop_oneof![
        4 => (0.0..1.0, 1..=255_u8).prop_map(|(place, mask)| Blow::Flip { place, mask }),
        2 => (0.0..1.0, 1..9000_usize).prop_map(|(place, length)| Blow::Zeros { place, length }),
        2 => (0.0..1.0, 1..9000_usize).prop_map(|(place, length)| Blow::Garbage { place, length }),
        2 => (0.0..1.0).prop_map(|place| Blow::Cut { place }),
        1 => Just(Blow::Remove),
    ]
}

impl Blow {
    /// Strikes a file within its first `used` bytes.
    fn strike(&self, path: &Path, used: u64) {
        let at = |place: f64| ((used as f64) * place) as u64;
        let length = |place: f64, length: usize| length.min((used - at(place)) as usize);
        match self {
            Self::Flip { place, mask } => {
                let byte = fs::read(path).unwrap()[at(*place) as usize];
                overwrite(path, at(*place), &[byte ^ mask]);
            }
            Self::Zeros { place, length: wanted } => overwrite(path, at(*place), &vec![0; length(*place, *wanted)]),
            Self::Garbage { place, length: wanted } => {
                overwrite(path, at(*place), &vec![0xa5; length(*place, *wanted)]);
            }
            Self::Cut { place } => {
                fs::OpenOptions::new().write(true).open(path).unwrap().set_len(at(*place)).unwrap();
            }
            Self::Remove => fs::remove_file(path).unwrap(),
        }
    }
}

/// A ledger of three segments and two epochs, made once.
struct Original {
    folder: tempfile::TempDir,
    numbers: BTreeSet<TrackingNumber>,
    places: BTreeSet<(Epoch, u64)>,
}

fn original() -> &'static Original {
    static ORIGINAL: std::sync::OnceLock<Original> = std::sync::OnceLock::new();
    ORIGINAL.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut numbers = BTreeSet::new();
        for round in 0..2 {
            let (mut ledger, _) = open(folder.path());
            for _ in 0..25 {
                numbers.insert(commit(&mut ledger));
                fill(&mut ledger, 9);
            }
            ledger.close().unwrap();
            if round == 0 {
                let path = last_segment(folder.path());
                overwrite(&path, end_of(&path), b"torn");
            }
        }
        assert!(segments(folder.path()).len() >= 3);
        let places = places(folder.path());
        Original { folder, numbers, places }
    })
}

fn places(folder: &Path) -> BTreeSet<(Epoch, u64)> {
    envelopes(folder).iter().map(|envelope| (envelope.header.epoch, envelope.header.sequence)).collect()
}

fn known_numbers(folder: &Path) -> BTreeSet<TrackingNumber> {
    summary(folder).tracking_numbers.unwrap().into_iter().collect()
}

fn struck(journal: &[(usize, Blow)], sled: &[Blow]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(original().folder.path(), folder.path());
    let segments = segments(folder.path());
    for (segment, blow) in journal {
        let path = &segments[segment % segments.len()];
        if path.exists() {
            let used = end_of(path);
            let cut = fs::metadata(path).unwrap().len();
            blow.strike(path, used.min(cut));
        }
    }
    let db = folder.path().join("sled/db");
    for blow in sled {
        if db.exists() {
            blow.strike(&db, fs::metadata(&db).unwrap().len());
        }
    }
    folder
}

/// After the repair all is well: nothing to repair, nothing doubled.
fn expect_healed(folder: &Path) {
    let found = summary(folder);
    assert_eq!(found.damaged, Vec::<String>::new());
    let (ledger, report) = open(folder);
    assert_eq!((report.repairs, report.lost), (vec![], vec![]));
    drop(ledger);
    assert_eq!(envelopes(folder).len(), places(folder).len(), "an envelope stands twice");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn damage_to_the_journal_loses_nothing(blows in prop::collection::vec((0..4_usize, blow()), 1..4)) {
        let folder = struck(&blows, &[]);
        let (ledger, report) = open(folder.path());
        ledger.close().unwrap();
        prop_assert_eq!(report.lost, vec![]);
        prop_assert!(places(folder.path()).is_superset(&original().places));
        prop_assert!(known_numbers(folder.path()).is_superset(&original().numbers));
        expect_healed(folder.path());
    }

    /// A repair must not give the store away before the journal has what only the store holds.
    #[test]
    fn a_repair_of_the_journal_loses_nothing(blows in prop::collection::vec((0..4_usize, blow()), 1..4)) {
        let folder = struck(&blows, &[]);
        let repaired = check::repair(folder.path(), &identity(), now(), true, PATIENCE).unwrap();
        prop_assert_eq!(repaired.damaged, Vec::<String>::new());
        prop_assert!(places(folder.path()).is_superset(&original().places));
        expect_healed(folder.path());
    }

    #[test]
    fn damage_to_the_store_loses_nothing(blows in prop::collection::vec(blow(), 1..4)) {
        let folder = struck(&[], &blows);
        // Deep in sled it is found only by a check; opening looks where it must.
        let repaired = check::repair(folder.path(), &identity(), now(), true, PATIENCE).unwrap();
        prop_assert_eq!(repaired.damaged, Vec::<String>::new());
        prop_assert!(places(folder.path()).is_superset(&original().places));
        prop_assert!(known_numbers(folder.path()).is_superset(&original().numbers));
        expect_healed(folder.path());
    }

    #[test]
    fn damage_to_both_is_named_frame_by_frame(
        journal in prop::collection::vec((0..4_usize, blow()), 1..4),
        sled in prop::collection::vec(blow(), 1..4),
    ) {
        let folder = struck(&journal, &sled);
        let (ledger, report) = open(folder.path());
        ledger.close().unwrap();
        let named = |place: &(Epoch, u64)| report.lost.iter().any(|lost| {
            lost.epoch == place.0 && lost.first <= place.1 && lost.last.is_none_or(|last| place.1 <= last)
        });
        let kept = places(folder.path());
        let silent: Vec<_> = original().places.iter().filter(|place| !kept.contains(place) && !named(place)).collect();
        // Deep in sled, damage is found only by a check.
        check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
        // Only where nothing at all is left behind the loss, its length can't be known; then the epoch begun says so.
        let last_kept = original().places.iter().filter(|place| kept.contains(place)).count();
        prop_assert!(silent.is_empty() || !report.repairs.is_empty() && behind_everything(&silent, &kept), "{silent:?} {report:?} {last_kept}");
        expect_healed(folder.path());
    }
}

/// True when nothing that was kept stood behind these places.
fn behind_everything(silent: &[&(Epoch, u64)], kept: &BTreeSet<(Epoch, u64)>) -> bool {
    let order = |place: &(Epoch, u64)| original_order().iter().position(|other| other == place);
    let last_kept = kept.iter().filter_map(order).max();
    silent.iter().all(|place| order(place) > last_kept)
}

fn original_order() -> Vec<(Epoch, u64)> {
    let order = envelopes(original().folder.path());
    order.iter().map(|envelope| (envelope.header.epoch, envelope.header.sequence)).collect()
}

/// Every file cut at every kind of boundary: empty, in a header, in a frame, between frames.
#[test]
fn each_cut_of_each_segment_is_mended() {
    let original = original();
    let frame = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        28 + u64::from(u32::from_be_bytes(bytes[20..24].try_into().unwrap()))
    };
    for segment in 0..segments(original.folder.path()).len() {
        for cut in [0, 1, 19, 20, 24, 28, 100, 4096] {
            for boundary in [false, true] {
                let folder = struck(&[], &[]);
                let path = &segments(folder.path())[segment];
                let length = if boundary { frame(path) + cut } else { cut };
                fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
                let (ledger, report) = open(folder.path());
                ledger.close().unwrap();
                assert_eq!(report.lost, [], "segment {segment} cut to {length}");
                assert!(!report.repairs.is_empty());
                assert!(places(folder.path()).is_superset(&original.places), "segment {segment} cut to {length}");
            }
        }
    }
}

/// Every file below a folder, with its bytes.
fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(content(&path)) } else { found.push((path.clone(), fs::read(&path).unwrap())) }
    }
    found.sort();
    found
}

#[test]
fn a_check_changes_nothing_and_a_repair_keeps_the_originals() {
    let folder = struck(&[(0, Blow::Garbage { place: 0.5, length: 100 })], &[Blow::Flip { place: 0.5, mask: 4 }]);
    fs::write(folder.path().join("ratings"), b"garbage").unwrap();
    let before = content(folder.path());
    let found = summary(folder.path());
    assert!(found.damaged.len() >= 2, "{found:?}");
    assert_eq!(content(folder.path()), before);
    let repaired = check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
    assert_eq!(repaired.damaged, Vec::<String>::new());
    assert!(!repaired.repaired.is_empty());
    let kept: Vec<_> = content(&folder.path().join("damaged")).into_iter().map(|(_, bytes)| bytes).collect();
    let segment = &before.iter().find(|(path, _)| path.ends_with("00000001.segment")).unwrap().1;
    assert!(kept.contains(segment) && kept.contains(&b"garbage".to_vec()));
}

#[test]
fn an_export_is_a_whole_ledger() {
    let folder = struck(&[(1, Blow::Garbage { place: 0.3, length: 3000 })], &[]);
    let to = folder.path().join("export");
    let exported = export::export(folder.path(), &to, Some(&identity()), PATIENCE).unwrap();
    assert!(exported.from_store > 0 && exported.lost.is_empty(), "{exported:?}");
    assert!(matches!(export::export(folder.path(), &to, Some(&identity()), PATIENCE), Err(LedgerError::Exists(_))));
    let (ledger, report) = open(&to);
    assert_eq!((report.repairs.len(), report.lost), (1, vec![]), "only that it was exported");
    assert!(
        !original().places.iter().any(|(epoch, _)| *epoch == ledger.next.epoch),
        "it goes on in an epoch of its own"
    );
    drop(ledger);
    assert!(places(&to).is_superset(&original().places));
}

/// sled changes its files when it is opened, and cuts off what it can't read: an export opens a copy, and finds by its bytes
/// what sled can't give.
#[test]
fn an_export_leaves_the_store_as_it_is_and_reads_all_of_it() {
    for place in [None, Some(0.05), Some(0.6), Some(0.95)] {
        let garbage = place.map(|place| Blow::Garbage { place, length: 700 });
        let folder = struck(&[(1, Blow::Garbage { place: 0.3, length: 3000 })], garbage.as_slice());
        let before = content(&folder.path().join("sled"));
        let to = folder.path().join("export");
        let exported = export::export(folder.path(), &to, Some(&identity()), PATIENCE).unwrap();
        assert!(content(&folder.path().join("sled")) == before, "the store was changed");
        let kept = places(&to);
        let lost: Vec<_> = original().places.difference(&kept).collect();
        assert!(exported.from_store > 0 && lost.is_empty(), "{place:?}: {lost:?}");
    }
}
