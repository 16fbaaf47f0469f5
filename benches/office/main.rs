//! `make bench`: how fast the office takes in what kiosks send, beside its limits and bare SQLite, measured in one run.
//!
//! `ISTIQBAL_BENCH_DIR` chooses the file system. All envelopes are sealed before a clock starts: on real kiosks that
//! happened long before. `ISTIQBAL_REQUESTS` makes the large office of `lists` smaller or larger.

mod client;
mod crowd;
mod flood;
mod idle;
mod intake;
mod lists;
mod rival;
mod support;
mod tls_client;
mod visitors;

use std::path::{Path, PathBuf};

fn main() {
    let base = std::env::var_os("ISTIQBAL_BENCH_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    std::fs::create_dir_all(&base).expect("the folder can be made");
    let place = tempfile::Builder::new().prefix("bench-").tempdir_in(&base).expect("the folder can be made");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("on {}, {cores} cores, release, one run\n", base.display());
    type Measurement = (&'static str, fn(&Path));
    let measurements: [Measurement; 4] =
        [("intake", intake::run), ("flood", flood::run), ("lists", lists::run), ("idle", idle::run)];
    // `cargo bench --bench office -- lists` runs one of them; cargo itself adds words with dashes.
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (name, run) in measurements {
        if asked.is_empty() || asked.iter().any(|word| word == name) {
            run(place.path());
        }
    }
}
