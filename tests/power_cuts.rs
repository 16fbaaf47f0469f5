//! Power cuts at random instants, on a file system that loses what was not synced.

use std::collections::BTreeSet;

use crate::support::disk::Disk;
use crate::support::random::{Random, rounds};
use crate::support::{Workplace, stored};

/// Rounds of the short run; `ISTIQBAL_POWER_CUTS=100` and more are the long one.
const ROUNDS: u32 = 5;

#[test]
fn what_was_answered_survives_power_cuts() {
    let Some(disk) = Disk::of_megabytes(512) else { return };
    let mut random = Random::seeded();
    let (workplace, office) = Workplace::open();
    workplace.move_kiosk_to(&disk.mount);
    let mut answered = BTreeSet::new();
    for round in 0..rounds("ISTIQBAL_POWER_CUTS", ROUNDS) {
        let playing = workplace.play(&[]);
        std::thread::sleep(random.instant(0..500));
        disk.cut_power();
        for number in playing.kill() {
            assert!(answered.insert(number.clone()), "{number} was given twice");
        }
        disk.start_again();
        let (kept, damaged) = stored(&workplace);
        assert!(answered.is_subset(&kept), "round {round}: {:?} are lost; {damaged:?}", answered.difference(&kept));
    }
    println!("{} registrations answered", answered.len());
    assert!(!answered.is_empty(), "no round came as far as a registration");
    workplace.visit(&["--no-print"], "");
    let (kept, damaged) = stored(&workplace);
    assert!(answered.is_subset(&kept), "{:?} are lost", answered.difference(&kept));
    assert_eq!(damaged, Vec::<serde_json::Value>::new());
    let at_office = workplace.check("office");
    assert_eq!(at_office["requests"], kept.len(), "{at_office}");
    assert_eq!((&at_office["gaps"], &at_office["forks"]), (&0.into(), &0.into()), "{at_office}");
    office.end();
}

/// The control: with sled's own flush alone, the same cut loses what was acknowledged. If it ever doesn't, the cut in the
/// test above proves nothing.
#[test]
fn sled_alone_loses_what_it_acknowledged() {
    const RECORDS: u32 = 100;
    let Some(disk) = Disk::of_megabytes(64) else { return };
    let open = || sled::Config::default().path(disk.mount.join("sled")).flush_every_ms(None).open().unwrap();
    let store = open();
    // The folder itself is on the disk; only what is written from now on is at stake.
    assert!(std::process::Command::new("sync").status().unwrap().success());
    for record in 0..RECORDS {
        store.insert(record.to_be_bytes(), vec![7; 700]).unwrap();
        store.flush().unwrap();
    }
    disk.cut_power();
    // sled may panic about its file; what counts is what is found afterwards.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(store)));
    disk.start_again();
    let kept = open().iter().filter(Result::is_ok).count();
    println!("{kept} of {RECORDS} survived");
    assert!(kept < RECORDS as usize);
}
