//! `make bench`: how fast the office takes in what kiosks send, beside its limits and bare SQLite, measured in one run.
//!
//! `ISTIQBAL_BENCH_DIR` chooses the file system. All envelopes are sealed before a clock starts: on real kiosks that
//! happened long before.

mod flood;
mod idle;
mod intake;
mod rival;
mod support;
mod tls_client;
mod visitors;

use std::path::PathBuf;

fn main() {
    let base = std::env::var_os("ISTIQBAL_BENCH_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    std::fs::create_dir_all(&base).expect("the folder can be made");
    let place = tempfile::Builder::new().prefix("bench-").tempdir_in(&base).expect("the folder can be made");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("on {}, {cores} cores, release, one run\n", base.display());
    intake::run(place.path());
    flood::run(place.path());
    idle::run(place.path());
}
