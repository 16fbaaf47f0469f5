//! `make bench`: the ledger's figures, each beside its limit or its rival, measured in one run on one file system.
//!
//! `ISTIQBAL_BENCH_DIR` chooses the file system; the rounds of the rivals alternate, so that a disk which changes its
//! pace does so for all of them.

mod commits;
mod drain;
mod opening;
mod support;

use std::path::{Path, PathBuf};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.as_slice() {
        [word, folder] if word == opening::WRITE => return opening::write(Path::new(folder)),
        [word, folder] if word == opening::OPEN => return opening::open_it(Path::new(folder)),
        _ => {}
    }
    let base = std::env::var_os("ISTIQBAL_BENCH_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    std::fs::create_dir_all(&base).expect("the folder can be made");
    let place = tempfile::Builder::new().prefix("bench-").tempdir_in(&base).expect("the folder can be made");
    println!("on {}, release, one run\n", base.display());
    commits::run(place.path());
    drain::run(place.path());
    opening::run(place.path());
}
