//! A disk that is full, can only be read, or answers with errors: nothing is promised that isn't stored.

use std::collections::BTreeSet;
use std::fs;

use crate::support::disk::{Disk, has};
use crate::support::random::{Random, rounds};
use crate::support::{Workplace, registration, stored};

/// The calls by which the journal and its folders are written.
const CALLS: [&str; 6] = ["fdatasync", "pwrite64", "fsync", "rename", "openat", "unlink"];

/// Rounds a call in the short run; `ISTIQBAL_FAULT_ROUNDS` sets more.
const ROUNDS: u32 = 3;

/// The n-th of each call fails with EIO, wherever that is: in the opening, in a commit, or behind it.
#[test]
fn an_error_of_the_disk_ends_the_service_and_loses_nothing() {
    if !has("strace") {
        return;
    }
    let mut random = Random::seeded();
    let (workplace, office) = Workplace::open();
    workplace.configure_kiosk_at(std::path::Path::new("kiosk"), "off", 10);
    let mut answered = BTreeSet::new();
    for call in CALLS {
        for _ in 0..rounds("ISTIQBAL_FAULT_ROUNDS", ROUNDS) {
            // The first 17 writes make the first segment.
            let at = 1 + random.below(if call == "pwrite64" { 80 } else { 25 });
            // From that call on all fail, as on a disk that is gone.
            let inject = format!("inject={call}:error=EIO:when={at}+");
            let wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
            let playing = workplace.play(&wrapper);
            let watch = std::time::Instant::now();
            let (numbers, status) = match call {
                // These may never fail again once the service runs: it goes on until it is ended.
                "openat" | "unlink" | "rename" | "fsync" => {
                    std::thread::sleep(random.instant(300..900));
                    (playing.kill(), None)
                }
                _ => {
                    let (numbers, status) = playing.end();
                    (numbers, Some(status))
                }
            };
            println!("{call} from {at} on: {} answered, {status:?}, {:?}", numbers.len(), watch.elapsed());
            assert!(status.is_none_or(|status| !status.success()), "{call} {at}: an error of the disk was passed over");
            answered.extend(numbers);
            // The next start finds everything.
            workplace.visit(&["--no-print", "--offline"], &registration("سعد القحطاني"));
            let (kept, damaged) = stored(&workplace);
            assert!(answered.is_subset(&kept), "{call} {at}: {:?} are lost", answered.difference(&kept));
            assert_eq!(damaged, Vec::<serde_json::Value>::new(), "{call} {at}");
        }
    }
    let log = fs::read_to_string(workplace.path("kiosk.log")).unwrap();
    let ours: Vec<_> = log.lines().filter(|line| line.contains("panicked at src")).collect();
    assert!(ours.is_empty(), "{ours:?}");
    println!("{} registrations answered", answered.len());
    workplace.visit(&["--no-print"], "");
    let at_office = workplace.check("office");
    assert_eq!((&at_office["gaps"], &at_office["forks"]), (&0.into(), &0.into()), "{at_office}");
    office.end();
}

/// Below the floor, and on a disk that can only be read, nobody gets as far as the first question.
#[test]
fn without_room_new_visits_are_refused_and_later_taken_again() {
    let Some(disk) = Disk::of_megabytes(200) else { return };
    let (workplace, office) = Workplace::open();
    workplace.move_kiosk_to(&disk.mount);
    let visit = registration("نورة القحطاني");
    let words = ["kiosk", "visit", "--no-print", "--offline", "--script", "-"];
    workplace.succeed(&words, "kiosk.toml", &visit);
    let filler = disk.fill(40 * 1024 * 1024);
    let error = workplace.fail(&words, "kiosk.toml", &visit);
    assert!(error.contains("nearly full") && error.contains("Make room"), "{error}");
    fs::remove_file(filler).unwrap();
    workplace.succeed(&words, "kiosk.toml", &visit);
    disk.make_read_only(true);
    let error = workplace.fail(&words, "kiosk.toml", &visit);
    assert!(error.contains("ead-only file system") || error.contains("only be read"), "{error}");
    disk.make_read_only(false);
    workplace.succeed(&words, "kiosk.toml", &visit);
    let (kept, damaged) = stored(&workplace);
    assert_eq!((kept.len(), damaged.len()), (3, 0));
    office.end();
}
