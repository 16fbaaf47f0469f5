//! Damage of the whole folder: what is gone, old, or something else than it should be is healed, or said.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use super::losses::named;
use super::*;
use crate::ledger::opening::salvage::envelopes_in;

fn register_all(folder: &Path, count: usize) -> Vec<Envelope> {
    let (mut ledger, _) = open(folder);
    for _ in 0..count {
        commit(&mut ledger);
    }
    ledger.close().unwrap();
    envelopes(folder)
}

fn remove(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|kind| kind.is_dir()) {
        fs::remove_dir_all(path).unwrap();
    } else {
        let _ = fs::remove_file(path);
    }
}

/// F14: the last segment and sled are gone, and what is left looks whole.
#[test]
fn a_missing_end_is_noticed_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 250);
    ledger.close().unwrap();
    let all = envelopes(folder.path());
    assert_eq!(segments(folder.path()).len(), 2);
    fs::remove_file(last_segment(folder.path())).unwrap();
    remove(&folder.path().join("sled"));
    let kept = envelopes(folder.path()).len() as u64;

    let found = summary(folder.path());
    assert_eq!(found.damaged.len(), 1, "{found:?}");
    assert!(found.damaged[0].contains(&format!("{kept} to {}", all.len() - 1)), "{found:?}");
    let (ledger, report) = open(folder.path());
    assert_eq!((report.lost[0].first, report.lost[0].last), (kept, Some(all.len() as u64 - 1)));
    assert_ne!(ledger.next.epoch, identity().first_epoch(), "nothing at the office is contradicted");
    ledger.close().unwrap();
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new(), "it is told once");
    assert!(open(folder.path()).1.lost.is_empty());
}

/// The office and its backup hold all of it, so that the store takes it for left; but nothing has.
#[test]
fn a_check_misses_a_journal_that_could_have_left() {
    let folder = tempfile::tempdir().unwrap();
    let last = register_all(folder.path(), 3).pop().unwrap().header;
    let (mut ledger, _) = open(folder.path());
    let (epoch, sequence) = (last.epoch, last.sequence);
    let held = Held { epoch, sequence, head: last.hash(), backed_up_through: Some(sequence) };
    ledger.acknowledge(&[held], true).unwrap();
    ledger.close().unwrap();
    fs::remove_file(last_segment(folder.path())).unwrap();
    let lacking = format!("the journal lacks {epoch:?} {sequence}, which the store has");
    assert_eq!(summary(folder.path()).damaged, std::slice::from_ref(&lacking));
    let (ledger, report) = open(folder.path());
    assert!(report.repairs.contains(&lacking) && report.lost.is_empty(), "{report:?}");
    ledger.close().unwrap();
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

/// The journal's folder is gone, and something was set aside before: the store brings all of it back.
#[test]
fn a_journal_that_is_gone_is_repaired_whatever_was_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let all = register_all(folder.path(), 3);
    fs::create_dir_all(folder.path().join("damaged")).unwrap();
    fs::write(folder.path().join("damaged/gone-1"), "x").unwrap();
    remove(&folder.path().join("journal"));
    assert!(!summary(folder.path()).damaged.is_empty());
    let repaired = check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
    assert_eq!(repaired.damaged, Vec::<String>::new(), "{:?}", repaired.repaired);
    assert!(envelopes(folder.path()).starts_with(&all));
}

/// The last kilobytes are zeros and sled is gone: named by epoch and sequence.
#[test]
fn a_wiped_end_is_named_by_its_sequences() {
    for bytes in [8 * 1024, 40 * 1024] {
        let folder = tempfile::tempdir().unwrap();
        let all = register_all(folder.path(), 150);
        let path = last_segment(folder.path());
        let end = end_of(&path);
        overwrite(&path, end - bytes, &vec![0; bytes as usize]);
        remove(&folder.path().join("sled"));
        let (ledger, report) = open(folder.path());
        let lost = report.lost.last().unwrap();
        assert_eq!(lost.last, Some(all.len() as u64 - 1), "{report:?}");
        ledger.close().unwrap();
        let kept = envelopes(folder.path());
        for one in &all {
            let is_named = report.lost.iter().any(|lost| {
                lost.first <= one.header.sequence && lost.last.is_none_or(|last| one.header.sequence <= last)
            });
            assert!(kept.contains(one) || is_named, "{}", one.header.sequence);
        }
    }
}

#[test]
fn a_folder_that_lost_both_copies_says_so() {
    let folder = tempfile::tempdir().unwrap();
    register_all(folder.path(), 3);
    remove(&folder.path().join("journal"));
    remove(&folder.path().join("sled"));
    assert!(summary(folder.path()).damaged[0].contains("0 to 3 are lost"), "{:?}", summary(folder.path()).damaged);
    // Without the count, too.
    remove(&folder.path().join("count"));
    assert!(summary(folder.path()).damaged[0].contains("neither the journal nor the store"));
}

/// The list of what has left is gone: what isn't here may have left, and only the office can say.
#[test]
fn a_lost_list_of_what_left_cries_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    fill(&mut ledger, 250);
    let last = envelopes(folder.path()).last().unwrap().header.clone();
    let held =
        Held { epoch: last.epoch, sequence: last.sequence, head: last.hash(), backed_up_through: Some(last.sequence) };
    ledger.acknowledge(&[held], true).unwrap();
    assert_eq!(ledger.tidy().unwrap().segments, 1);
    ledger.close().unwrap();
    for keeps_sled in [true, false] {
        remove(&folder.path().join("gone"));
        if !keeps_sled {
            remove(&folder.path().join("sled"));
        }
        assert!(summary(folder.path()).damaged.iter().any(|what| what.contains("has left")), "it is noticed");
        let (mut ledger, report) = open(folder.path());
        assert_eq!((report.repairs.len(), report.lost), (1, vec![]), "{:?}", report.repairs);
        assert!(!keeps_sled || ledger.was_given(number).unwrap());
        // The office holds all of it: nothing is named.
        ledger.acknowledge(&[held], true).unwrap();
        assert!(!ledger.settle(&[held], true, now()).unwrap());
        ledger.close().unwrap();
        assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
    }
}

/// Something else in the place of a file or folder: the other copy has everything.
#[test]
fn strange_things_in_the_folder_keep_nobody_from_starting() {
    type Blow = fn(&Path);
    let blows: [(&str, Blow); 9] = [
        ("a link to nothing for a segment", |folder| {
            let path = last_segment(folder);
            remove(&path);
            symlink("/nowhere", path).unwrap();
        }),
        ("a folder for a segment", |folder| {
            let path = last_segment(folder);
            remove(&path);
            fs::create_dir(path).unwrap();
        }),
        ("a file for the journal", |folder| {
            remove(&folder.join("journal"));
            fs::write(folder.join("journal"), b"x").unwrap();
        }),
        ("a file for sled", |folder| {
            remove(&folder.join("sled"));
            fs::write(folder.join("sled"), b"x").unwrap();
        }),
        ("a link to nothing for sled", |folder| {
            remove(&folder.join("sled"));
            symlink("/nowhere", folder.join("sled")).unwrap();
        }),
        ("a folder for gone", |folder| {
            remove(&folder.join("gone"));
            fs::create_dir(folder.join("gone")).unwrap();
        }),
        ("a folder for the count", |folder| {
            remove(&folder.join("count"));
            fs::create_dir(folder.join("count")).unwrap();
        }),
        ("a folder for the account", |folder| fs::create_dir(folder.join("account")).unwrap()),
        ("a file for the damaged", |folder| {
            fs::write(folder.join("damaged"), b"x").unwrap();
            fs::write(folder.join("opening"), b"").unwrap();
        }),
    ];
    for (what, blow) in blows {
        let folder = tempfile::tempdir().unwrap();
        let all = register_all(folder.path(), 5);
        blow(folder.path());
        let (ledger, report) = open(folder.path());
        assert_eq!(report.lost, [], "{what}");
        ledger.close().unwrap();
        let kept = envelopes(folder.path());
        assert!(all.iter().all(|one| kept.contains(one)), "{what}");
        assert_eq!(summary(folder.path()).damaged, Vec::<String>::new(), "{what}");
    }
}

/// Deep in sled, damage shows only where it is read: a quiet moment of each day is for that, and the next start heals it.
#[test]
fn damage_deep_in_the_store_is_noticed_while_nobody_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 450);
    ledger.close().unwrap();
    // Wherever sled has written this one, in the middle, where the opening doesn't look.
    let victim = envelopes(folder.path())[100].encode();
    let db = folder.path().join("sled/db");
    let bytes = fs::read(&db).unwrap();
    let places = bytes.windows(40).enumerate().filter(|(_, window)| *window == &victim[..40]);
    let places: Vec<usize> = places.map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        overwrite(&db, at as u64 + 300, &[bytes[at + 300] ^ 1]);
    }
    assert!(!summary(folder.path()).damaged.is_empty());
    let (mut ledger, report) = open(folder.path());
    if report.repairs.is_empty() {
        assert!(ledger.tidy().is_err() && !ledger.is_in_service());
        drop(ledger);
        let (healed, report) = open(folder.path());
        assert!(report.repairs[0].contains("the store had failed"), "{report:?}");
        ledger = healed;
    }
    assert!(ledger.tidy().is_ok());
    ledger.close().unwrap();
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

/// The journal, too.
#[test]
fn damage_of_the_journal_is_noticed_while_nobody_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    fill(&mut ledger, 10);
    let path = last_segment(folder.path());
    let byte = fs::read(&path).unwrap()[9000];
    overwrite(&path, 9000, &[byte ^ 4]);
    assert!(ledger.tidy().is_err() && !ledger.is_in_service());
    drop(ledger);
    let (ledger, report) = open(folder.path());
    assert_eq!(report.lost, []);
    assert!(ledger.is_in_service());
}

/// Rounds of the short run; `ISTIQBAL_DAMAGES=1000` is the long one.
fn rounds() -> u64 {
    std::env::var("ISTIQBAL_DAMAGES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(60)
}

/// Random damage of anything in the folder: healed, or named by the check and by the start; never silent, and nothing is
/// lost that any copy holds.
#[test]
fn no_damage_is_silent() {
    let original = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(original.path());
    for _ in 0..12 {
        commit(&mut ledger);
        fill(&mut ledger, 22);
    }
    ledger.close().unwrap();
    let all = envelopes(original.path());
    let seed = std::env::var("ISTIQBAL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| u64::from_be_bytes(random()));
    println!("ISTIQBAL_SEED={seed}");
    for round in 0..rounds() {
        let mut random = Random(seed ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let folder = tempfile::tempdir().unwrap();
        copy_folder(original.path(), folder.path());
        let mut blows = Vec::new();
        for _ in 0..random.below(3) + 1 {
            blows.push(strike(folder.path(), &mut random));
        }
        let story = format!("seed {seed}, round {round}: {blows:?}");
        let here: BTreeSet<Vec<u8>> = anywhere(folder.path());
        let before = summary(folder.path());
        let (mut ledger, report) = open(folder.path());
        // Where the list of what left is gone, only the office can say that it doesn't hold what is missing.
        ledger.acknowledge(&[], true).unwrap();
        ledger.settle(&[], true, now()).unwrap();
        ledger.close().unwrap();
        let repaired = check::repair(folder.path(), &identity(), now(), false, PATIENCE).unwrap();
        assert_eq!(repaired.damaged, Vec::<String>::new(), "{story}");
        let kept = envelopes(folder.path());
        let gone: Vec<&Envelope> = all.iter().filter(|one| !kept.contains(one)).collect();
        let settled = named(folder.path());
        assert!(gone.is_empty() || !before.damaged.is_empty(), "the check was silent: {story}");
        for one in gone {
            let Header { epoch, sequence, .. } = one.header;
            assert!(!here.contains(&one.encode()), "{sequence} was there, and is lost: {story}");
            let is_named = report.lost.iter().any(|lost| {
                lost.epoch == epoch && lost.first <= sequence && lost.last.is_none_or(|last| sequence <= last)
            });
            let is_settled =
                settled.iter().any(|lost| lost.epoch == epoch.0 && lost.first <= sequence && sequence <= lost.last);
            let nothing_left = report.repairs.iter().any(|repair| repair.contains("neither"));
            assert!(is_named || is_settled || nothing_left, "{sequence} isn't named: {story} {report:?}");
        }
    }
}

/// xorshift64
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Every envelope whose bytes lie anywhere in the folder.
fn anywhere(folder: &Path) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(anywhere(&entry.path()));
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).unwrap();
            found.extend(envelopes_in(&bytes).map(|(_, envelope)| envelope.encode()));
        }
    }
    found
}

fn strike(folder: &Path, random: &mut Random) -> String {
    let name = ["journal", "journal", "sled", "sled/db", "gone", "opening"][random.below(6) as usize];
    let path = match name {
        "journal" => {
            let all = if folder.join("journal").is_dir() { segments(folder) } else { Vec::new() };
            if all.is_empty() {
                return "nothing".into();
            }
            all[random.below(all.len() as u64) as usize].clone()
        }
        name => folder.join(name),
    };
    if name == "opening" {
        fs::write(&path, b"").unwrap();
        return "a start broken off".into();
    }
    if !path.is_file() || random.below(5) == 0 {
        remove(&path);
        return format!("{name} removed");
    }
    let length = fs::metadata(&path).unwrap().len().max(1);
    let used = if name == "journal" { end_of_any(&path).max(1) } else { length };
    let at = random.below(used);
    let size = (random.below(60_000) + 1).min(used - at) as usize;
    match random.below(4) {
        0 => {
            let byte = fs::read(&path).unwrap().get(at as usize).copied().unwrap_or_default();
            overwrite(&path, at, &[byte ^ (1 << random.below(8))]);
            format!("{name}: a bit at {at}")
        }
        1 => {
            overwrite(&path, at, &vec![0; size]);
            format!("{name}: {size} zeros at {at}")
        }
        2 => {
            overwrite(&path, at, &vec![0xa5; size]);
            format!("{name}: {size} bytes of garbage at {at}")
        }
        _ => {
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(at).unwrap();
            format!("{name}: cut to {at}")
        }
    }
}

fn end_of_any(path: &Path) -> u64 {
    fs::read(path).unwrap().iter().rposition(|byte| *byte != 0).map_or(0, |place| place as u64 + 1)
}
