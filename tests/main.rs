//! Everything that is tried from outside: real processes, real screens, real paper, and oracles that we didn't write.

mod calls;
mod corpora;
mod crashes;
mod disk_faults;
mod end_to_end;
mod keys;
mod languages;
mod oracles;
mod paper_copies;
mod power_cuts;
mod printers;
mod receipts;
mod screens;
mod support;
