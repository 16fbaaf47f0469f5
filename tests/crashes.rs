//! `kill -9`, and a store that hangs, while visits are registered: what was answered is there, nothing is doubled.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use crate::support::disk::text;
use crate::support::random::{Random, rounds};
use crate::support::{Workplace, registration, stored};

/// Rounds of the short run; `ISTIQBAL_KILL_ROUNDS=500` is the long one.
const ROUNDS: u32 = 20;

#[test]
fn what_was_answered_survives_kill_9() {
    let mut random = Random::seeded();
    let (workplace, office) = Workplace::open();
    let mut answered = BTreeSet::new();
    for round in 0..rounds("ISTIQBAL_KILL_ROUNDS", ROUNDS) {
        let playing = workplace.play(&[]);
        // The first hundredths of a second are the opening.
        let within = if round % 2 == 0 { 0..60 } else { 0..400 };
        std::thread::sleep(random.instant(within));
        for number in playing.kill() {
            assert!(answered.insert(number.clone()), "{number} was given twice");
        }
    }
    println!("{} registrations answered", answered.len());
    assert!(!answered.is_empty(), "no round came as far as a registration");
    // Opening repairs; afterwards all is well.
    workplace.visit(&["--no-print", "--offline"], "");
    let (kept, damaged) = stored(&workplace);
    assert!(answered.is_subset(&kept), "{:?} are lost", answered.difference(&kept));
    assert_eq!(damaged, Vec::<serde_json::Value>::new());

    workplace.visit(&["--no-print"], "");
    let at_office = workplace.check("office");
    assert_eq!(at_office["requests"], kept.len(), "{at_office}");
    assert_eq!((&at_office["gaps"], &at_office["forks"]), (&0.into(), &0.into()), "{at_office}");
    office.end();
}

/// The office's database of yesterday: what the kiosk had sent since, an epoch included, is sent again, once.
#[test]
fn an_office_restored_from_an_old_copy_gets_what_it_lacks() {
    let (workplace, office) = Workplace::open();
    let register = || {
        let visits = [registration("نورة القحطاني"), registration("سعد القحطاني")].join("\n");
        workplace.visit(&["--no-print"], &visits);
    };
    register();
    office.end();
    let databases =
        ["office.sqlite", "office.sqlite-wal", "office.sqlite-shm"].map(|name| workplace.path("office").join(name));
    let copy = |name: &std::path::Path| workplace.path("yesterday").join(name.file_name().unwrap());
    std::fs::create_dir(workplace.path("yesterday")).unwrap();
    for path in databases.iter().filter(|path| path.exists()) {
        std::fs::copy(path, copy(path)).unwrap();
    }
    let office = workplace.start_office();
    register();
    // A torn tail begins another epoch.
    let segment = workplace.path("kiosk/journal/00000001.segment");
    std::fs::OpenOptions::new().append(true).open(segment).unwrap().write_all(b"torn").unwrap();
    register();
    assert_eq!(workplace.check("office")["requests"], 6);
    office.end();
    for path in &databases {
        let _ = std::fs::remove_file(path);
        if copy(path).exists() {
            std::fs::copy(copy(path), path).unwrap();
        }
    }
    // It is noticed, and taken only by somebody's word.
    let told = workplace.fail(&["office", "check"], "office.toml", "");
    assert!(told.contains("was rolled back"), "{told}");
    let refused = workplace.fail(&["office", "serve"], "office.toml", "");
    assert!(refused.contains("--accept-rollback"), "{refused}");
    let office = workplace.start_office_with(&[], &["--accept-rollback"]);
    workplace.visit(&["--no-print"], "");
    let at_office = workplace.check("office");
    assert_eq!(
        (&at_office["requests"], &at_office["gaps"], &at_office["forks"]),
        (&6.into(), &0.into(), &0.into()),
        "{at_office}"
    );
    office.end();
}

/// sled waits for ever on a pipe in the place of one of its files: a real hang in its opening.
#[test]
fn a_store_that_hangs_ends_the_process_and_is_made_anew() {
    let (workplace, office) = Workplace::open();
    let script = crate::support::registration("نورة القحطاني");
    let answers = workplace.visit(&["--no-print", "--offline"], &script);
    let number = answers[0]["tracking_number"].as_str().unwrap().to_owned();
    let conf = workplace.path("kiosk/sled/conf");
    std::fs::remove_file(&conf).unwrap();
    assert!(Command::new("mkfifo").arg(text(&conf)).status().unwrap().success());
    workplace.configure_kiosk_at(std::path::Path::new("kiosk"), "off", 2);

    let output = workplace.run(&["kiosk", "visit", "--script", "-", "--no-print", "--offline"], "kiosk.toml", &script);
    assert_eq!(output.status.signal(), Some(9), "{output:?}");
    let (_, damaged) = stored(&workplace);
    assert!(damaged[0].as_str().unwrap().contains("opening the store had hung"), "{damaged:?}");
    let answers = workplace.visit(&["--no-print"], &script);
    let (kept, damaged) = stored(&workplace);
    assert!(kept.contains(&number) && kept.contains(answers[0]["tracking_number"].as_str().unwrap()));
    assert_eq!(damaged, Vec::<serde_json::Value>::new());
    assert!(workplace.path("kiosk/damaged/sled-1").is_dir(), "the original is kept");
    assert_eq!(workplace.check("office")["requests"], 2);
    office.end();
}
