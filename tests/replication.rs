//! A bad line, and an office that is killed again and again: every envelope arrives, once.

use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::process::{Child, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::support::proxy::Proxy;
use crate::support::random::{Random, rounds};
use crate::support::{Workplace, program, registration};

/// Registrations of the short run, each a signature and a request; `ISTIQBAL_REGISTRATIONS=50000` is the long one.
const REGISTRATIONS: u32 = 5_000;
/// So long an office lives: some batches come in, and never all.
const OFFICE_LIVES_MS: Range<u64> = 800..2_500;
/// An office takes in some hundreds before it dies; with so few of them the kiosk waits longer than it sends.
const REGISTRATIONS_A_DEATH: u32 = 25;

#[test]
fn ten_thousand_envelopes_arrive_once_over_a_bad_line() {
    let mut random = Random::seeded();
    let workplace = Workplace::new();
    let proxy = Proxy::start(&workplace.replication, Random::of(random.below(u64::MAX)));
    workplace.configure_office(&proxy.address);
    let mut office = workplace.set_up();
    let registrations = rounds("ISTIQBAL_REGISTRATIONS", REGISTRATIONS);
    let line = registration("نورة القحطاني") + "\n";
    workplace.visit(&["--offline", "--no-print"], &line.repeat(registrations as usize));
    let made = workplace.check("kiosk");
    // The opening stands before them.
    assert_eq!((&made["envelopes"], &made["acknowledged"]), (&json!(2 * registrations + 1), &json!(0)), "{made}");

    proxy.trouble(true);
    let mut kiosk = start_kiosk(&workplace);
    let (mut deaths, mut suggestions) = (0, 0);
    loop {
        thread::sleep(random.instant(OFFICE_LIVES_MS));
        let memory = peak_kilobytes(office.id());
        office.kill();
        deaths += 1;
        assert!(deaths <= registrations / REGISTRATIONS_A_DEATH, "it doesn't get on");
        let at_office = workplace.check("office");
        println!("death {deaths}: {} requests, {memory} kB at most", at_office["requests"]);
        assert_sound(&at_office);
        office = workplace.start_office();
        if at_office["requests"] == registrations {
            break;
        }
        // Visitors still come; with each of them the kiosk tries again, however long it has waited in vain.
        suggestions += 1;
        writeln!(kiosk.stdin.as_mut().unwrap(), "{}", json!({ "visit": "suggest", "text": "شاي" })).unwrap();
    }
    let (connections, cuts, lost) = (proxy.connections(), proxy.cuts(), proxy.lost_answers());
    println!("{connections} connections, {cuts} cut, {lost} answers lost; the office was killed {deaths} times");
    assert!(cuts > 0 && lost > 0, "the line was no bad one");

    // What the kiosk has not heard of yet is sent again, and changes nothing.
    proxy.trouble(false);
    println!("the kiosk took {} kB at most", peak_kilobytes(kiosk.id()));
    end(kiosk);
    workplace.visit(&["--no-print"], "");
    let kiosk = workplace.check("kiosk");
    let envelopes = json!(2 * registrations + 1 + suggestions);
    assert_eq!((&kiosk["acknowledged"], &kiosk["envelopes"]), (&envelopes, &envelopes), "{kiosk}");
    assert_eq!((&kiosk["requests"], &kiosk["damaged"]), (&json!(registrations), &json!([])), "{kiosk}");
    let at_office = workplace.check("office");
    assert_sound(&at_office);
    assert_eq!((&at_office["requests"], &at_office["suggestions"]), (&json!(registrations), &json!(suggestions)));
    office.end();
}

/// A kiosk that replicates until its input ends.
fn start_kiosk(workplace: &Workplace) -> Child {
    let mut kiosk = program();
    kiosk.args(["kiosk", "visit", "--no-print", "--script", "-", "--config"]).arg(workplace.path("kiosk.toml"));
    let log = File::create(workplace.path("kiosk.log")).unwrap();
    kiosk.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Ends it in order. Whether all is acknowledged by then, the next visit shows.
fn end(mut kiosk: Child) {
    drop(kiosk.stdin.take());
    let status = kiosk.wait().unwrap();
    assert!(status.code().is_some(), "the kiosk ended with {status}");
}

/// True at any moment: what an office that was killed holds is whole, and nothing of it is there twice.
fn assert_sound(at_office: &Value) {
    for nothing in ["forks", "gaps", "damaged"] {
        assert_eq!(at_office[nothing], 0, "{nothing}: {at_office}");
    }
    assert_eq!((&at_office["trail"], &at_office["database"]), (&json!("intact"), &json!("intact")), "{at_office}");
}

/// The most memory that a process has ever held at once.
fn peak_kilobytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}
