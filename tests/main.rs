//! Everything that is tried from outside: real processes, real screens, real paper, and oracles that we didn't write.

mod at_rest;
mod calls;
mod catalogues;
mod corpora;
mod crashes;
mod disk_faults;
mod end_to_end;
mod enrolment;
mod hostile_network;
mod joining;
mod keys;
mod languages;
mod losses;
mod office_commands;
mod office_disk;
mod oracles;
mod paper_copies;
mod paper_damage;
mod power_cuts;
mod printers;
mod private_files;
mod receipts;
mod refusals;
mod replication;
mod revocation;
mod rotation;
mod screens;
mod support;
mod unlinkable;
mod uploads;
mod witness;

// The figures damage paper, too (`make bench`).
#[path = "../benches/receipts/damage.rs"]
#[allow(dead_code, reason = "the figures know more kinds of it")]
mod damage;
#[path = "../benches/receipts/decoders.rs"]
mod decoders;
use support::random;
