//! Core dumps are off: a crash must not write what a visitor typed, or a key, to a disk.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Switches core dumps of this process and its children off, and keeps other processes of the same user from reading its
/// memory. A system that refuses is named in the log and goes on: nobody is turned away for that.
pub fn switch_off() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let outcomes = [setrlimit(Resource::Core, none), set_dumpable_behavior(DumpableBehavior::NotDumpable)];
    for error in outcomes.into_iter().filter_map(Result::err) {
        tracing::warn!("core dumps can't be switched off: {error}");
    }
}
