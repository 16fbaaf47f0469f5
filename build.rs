//! Tells the program when it was built: a clock that shows an earlier time is wrong (P19 counts days).

use std::time::SystemTime;

fn main() {
    // Reproducible builds set it: https://reproducible-builds.org/specs/source-date-epoch/
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rerun-if-changed=build.rs");
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |passed| passed.as_secs());
    println!("cargo::rustc-env=ISTIQBAL_BUILT_AT={}", given.unwrap_or(now));
}
