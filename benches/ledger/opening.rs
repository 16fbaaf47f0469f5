//! Opening a ledger with 100,000 envelopes, a third of them unacknowledged: how long, how much memory, how much disk.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use istiqbal::ledger::Identity;
use istiqbal::replication::wire::Held;
use istiqbal::seal::envelope::Envelope;
use istiqbal::seal::seed::Seed;

use crate::support::{identity_of, now, open, registration, verdict};

/// The words by which this program writes or opens a ledger in a process of its own, whose memory is nobody else's.
pub const WRITE: &str = "write-ledger";
pub const OPEN: &str = "open-ledger";

const ENVELOPES: usize = 100_000;
const ROUND: usize = 64;
const MEMORY_LIMIT_MIB: f64 = 64.0;
const DISK_LIMIT: f64 = 5.0;
/// "Seconds, not minutes"
const OPENING_LIMIT_S: f64 = 10.0;

pub fn run(folder: &Path) {
    let folder = folder.join("opening");
    std::fs::create_dir_all(&folder).expect("a folder");
    Seed::create(&folder.join("seed")).expect("a seed");
    let ledger = folder.join("ledger");
    let [bytes, memory, peak] = in_child(WRITE, &folder);
    let share = bytes_of(&ledger) as f64 / bytes;
    println!("a ledger of {ENVELOPES} envelopes ({:.0} MB), a third unacknowledged", bytes / 1e6);
    println!("disk, both copies: {share:.2} × the envelopes, limit {DISK_LIMIT}: {}", verdict(share, DISK_LIMIT));
    let say_memory = |memory: f64, peak: f64| {
        println!(
            "    memory {memory:.0} MiB, at most {peak:.0}, limit {MEMORY_LIMIT_MIB}: {}",
            verdict(peak, MEMORY_LIMIT_MIB)
        );
    };
    println!("written, commit after commit:");
    say_memory(memory, peak);
    let open = |name: &str| {
        let [seconds, memory, peak] = in_child(OPEN, &folder);
        println!("{name}: {seconds:.2} s, limit {OPENING_LIMIT_S} s: {}", verdict(seconds, OPENING_LIMIT_S));
        say_memory(memory, peak);
    };
    open("opened in order");
    std::fs::remove_dir_all(ledger.join("sled")).expect("it is gone");
    open("opened without its store");
}

/// Runs a part of this program by itself; the figures that it prints.
fn in_child(word: &str, folder: &Path) -> [f64; 3] {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).arg(word).arg(folder).output().expect("the child runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    figures.try_into().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn child_identity(folder: &Path) -> Identity {
    identity_of(&Seed::read(&folder.join("seed"), "").expect("the seed"))
}

/// Writes the ledger, and prints the envelopes' bytes, the memory at the end, and the most.
pub fn write(folder: &Path) {
    let (mut ledger, _) = open(&folder.join("ledger"), &child_identity(folder));
    let mut bytes = 0;
    for round in 0..ENVELOPES / ROUND {
        for _ in 0..ROUND / 2 {
            let records = registration(&mut ledger);
            ledger
                .stage(&records, now())
                .and_then(|_| ledger.sync())
                .and_then(|()| ledger.apply())
                .expect("it is written");
        }
        let taken = ledger.unacknowledged_count().expect("it can be counted") as usize - ROUND;
        let batch = ledger.unacknowledged_behind(taken, ROUND).expect("it can be read");
        bytes += batch.iter().map(Vec::len).sum::<usize>();
        if round < ENVELOPES / ROUND * 2 / 3 {
            let header = Envelope::decode(batch.last().expect("the last")).expect("an envelope").header;
            let (epoch, sequence, head) = (header.epoch, header.sequence, header.hash());
            ledger.acknowledge(&[Held { epoch, sequence, head, backed_up_through: None }], false).expect("it is taken");
        }
    }
    println!("{bytes} {} {}", memory("VmRSS"), memory("VmHWM"));
    ledger.close().expect("it closes");
}

/// Opens the ledger, uses it, and prints the seconds, the memory at the end, and the most.
pub fn open_it(folder: &Path) {
    let begun = Instant::now();
    let (mut ledger, report) = open(&folder.join("ledger"), &child_identity(folder));
    let seconds = begun.elapsed().as_secs_f64();
    assert!(report.repairs.is_empty(), "{report:?}");
    assert!(!ledger.unacknowledged(128).expect("it can be read").is_empty());
    let records = registration(&mut ledger);
    ledger.commit(&records, now()).expect("it is durable");
    println!("{seconds} {} {}", memory("VmRSS"), memory("VmHWM"));
}

/// A line of /proc/self/status, in MiB.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel says it");
    let line = status.lines().find(|line| line.starts_with(name)).expect("it is there");
    let kib: f64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    kib / 1024.0
}

fn bytes_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| {
            if entry.path().is_dir() { bytes_of(&entry.path()) } else { entry.metadata().map_or(0, |data| data.len()) }
        })
        .sum()
}
