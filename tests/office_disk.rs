//! The office on a disk that is full or fails for a while: nothing is promised that isn't stored, and work goes on by itself.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::support::browser::Browser;
use crate::support::disk::{Disk, has};
use crate::support::random::Random;
use crate::support::{OfficeProcess, PASSWORD, USER, Workplace, registration};

/// The most visits until a fault is met.
const VISITS_MAX: usize = 120;
/// Faults that an office goes through in one life.
const FAULTS: usize = 3;

/// Registers one request; true when the office has acknowledged it.
fn registers(workplace: &Workplace) -> bool {
    let words = ["kiosk", "visit", "--no-print", "--script", "-"];
    workplace.run(&words, "kiosk.toml", &registration("نورة القحطاني")).status.success()
}

/// Signs in; the answer's status, and its text.
fn sign_in(office: &OfficeProcess) -> (u16, String) {
    let mut browser = Browser::new(&office.staff);
    let page = browser.get("/sign-in");
    let form = [("form_token", page.field("form_token")), ("name", USER.into()), ("password", PASSWORD.into())];
    let answer = browser.post("/sign-in", &form);
    (answer.status, answer.text)
}

/// Takes each byte that the disk still has.
fn fill_up(disk: &Disk) -> [PathBuf; 2] {
    let large = disk.fill(1024 * 1024);
    let small = disk.mount.join("small filler");
    let mut file = fs::File::create(&small).unwrap();
    while file.write_all(&[7; 4096]).is_ok() {}
    let _ = file.sync_all();
    [large, small]
}

fn log(workplace: &Workplace) -> String {
    fs::read_to_string(workplace.path("office.log")).unwrap()
}

/// All that the kiosk has is at the office, which is whole.
fn assert_whole(workplace: &Workplace) {
    workplace.visit(&["--no-print"], "");
    let kiosk: Vec<String> = serde_json::from_value(kiosk_check(workplace)["tracking_numbers"].clone()).unwrap();
    let office = workplace.check("office");
    assert_eq!(office["requests"], kiosk.len(), "{office}");
    for what in ["trail", "database", "envelopes"] {
        assert_eq!(office[what], "intact", "{office}");
    }
    assert_eq!((&office["gaps"], &office["forks"]), (&0.into(), &0.into()), "{office}");
    assert!(!log(workplace).contains("panicked"), "{}", log(workplace));
}

fn kiosk_check(workplace: &Workplace) -> serde_json::Value {
    serde_json::from_str(&workplace.succeed(&["kiosk", "check", "--list"], "kiosk.toml", "")).unwrap()
}

#[test]
fn a_full_disk_stops_the_office_only_while_it_is_full() {
    let Some(disk) = Disk::of_megabytes(96) else { return };
    let workplace = Workplace::new();
    workplace.configure_office_at(&disk.mount.join("office"), &workplace.replication);
    let office = workplace.set_up();
    assert!(registers(&workplace));
    for _ in 0..FAULTS {
        let fillers = fill_up(&disk);
        // Earlier writes leave some room in the database's files.
        assert!((0..VISITS_MAX).any(|_| !registers(&workplace)), "the disk isn't full");
        let (status, text) = sign_in(&office);
        assert!(status == 503 && text.contains("disk is full"), "{status} {text}");
        for filler in fillers {
            fs::remove_file(filler).unwrap();
        }
        assert_eq!(sign_in(&office).0, 200);
        assert!(registers(&workplace));
    }
    let log = log(&workplace);
    assert!(log.contains("the disk of the office's folder is full: make room there"), "{log}");
    assert_whole(&workplace);
    office.end();
}

/// Single calls fail with EIO or ENOSPC, in each life of the writer's connection anew.
#[test]
fn after_an_error_of_the_disk_the_office_goes_on_by_itself() {
    if !has("strace") {
        return;
    }
    let mut random = Random::seeded();
    for (calls, error, range) in [
        ("pwrite64", "EIO", 100..200),
        ("pwrite64", "ENOSPC", 100..200),
        ("fsync,fdatasync", "EIO", 8..16),
        ("fsync,fdatasync", "ENOSPC", 8..16),
    ] {
        let at = range.start + random.below(range.end - range.start);
        let workplace = Workplace::new();
        let first = workplace.set_up();
        assert!(registers(&workplace));
        first.end();
        let inject = format!("inject={calls}:error={error}:when={at}");
        let office = workplace.start_office_by(&["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", &inject]);
        println!("{calls} {error}, the {at}th of each thread");
        for _ in 0..FAULTS {
            // A visit may send again what met a fault, and succeed: the office's log tells of it.
            let faults = || log(&workplace).matches("the disk of the office's folder").count();
            let before = faults();
            let meets = |_| {
                registers(&workplace);
                faults() > before
            };
            assert!((0..VISITS_MAX).any(meets), "{calls} {error} {at}: no fault was met");
            assert!((0..FAULTS).any(|_| registers(&workplace)), "{calls} {error} {at}: the office doesn't go on");
            assert!((0..FAULTS).any(|_| sign_in(&office).0 == 200), "{calls} {error} {at}: nobody can sign in");
        }
        office.end();
        let office = workplace.start_office();
        assert_whole(&workplace);
        office.end();
    }
}
