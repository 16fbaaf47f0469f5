//! `kill -9` while visits are registered: what was answered is there, nothing is doubled.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use crate::support::{Workplace, program, registration};

/// Rounds of the short run; a person may set more.
const ROUNDS: u32 = 8;

#[test]
fn what_was_answered_survives_kill_9() {
    let rounds = std::env::var("ISTIQBAL_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let mut seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let (workplace, office) = Workplace::open();
    let mut answered = BTreeSet::new();
    for _ in 0..rounds {
        // xorshift64: the instant of the kill, opening included
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let instant = Duration::from_micros(seed % 120_000);
        let mut command = program();
        command
            .args(["kiosk", "visit", "--offline", "--no-print", "--script", "-", "--config"])
            .arg(workplace.path("kiosk.toml"));
        let mut kiosk = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut input = kiosk.stdin.take().unwrap();
        let feeding = std::thread::spawn(move || {
            // The pipe breaks when the kiosk is killed.
            while writeln!(input, "{}", registration("نورة القحطاني")).is_ok() {}
        });
        let output = BufReader::new(kiosk.stdout.take().unwrap());
        let reading = std::thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
        std::thread::sleep(instant);
        kiosk.kill().unwrap();
        kiosk.wait().unwrap();
        feeding.join().unwrap();
        for line in reading.join().unwrap() {
            // The last line may be cut: it was never answered.
            let Ok(answer) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
            assert!(answered.insert(answer["tracking_number"].as_str().unwrap().to_owned()), "{line}");
        }
    }
    println!("{} registrations answered", answered.len());
    let check = workplace.succeed(&["kiosk", "check", "--list"], "kiosk.toml", "");
    let check: serde_json::Value = serde_json::from_str(&check).unwrap();
    let stored: BTreeSet<String> = serde_json::from_value(check["tracking_numbers"].clone()).unwrap();
    assert!(answered.is_subset(&stored), "{:?} are lost", answered.difference(&stored));
    assert_eq!(check["damaged"], serde_json::json!([]));

    workplace.visit(&["--no-print"], "");
    let at_office = workplace.check("office");
    assert_eq!(at_office["requests"], stored.len(), "{at_office}");
    assert_eq!((&at_office["gaps"], &at_office["forks"]), (&0.into(), &0.into()), "{at_office}");
    office.end();
}
