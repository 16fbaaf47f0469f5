//! Everything that is tried from outside: real processes, real screens, real paper, and oracles that we didn't write.

mod crashes;
mod end_to_end;
mod languages;
mod oracles;
mod receipts;
mod screens;
mod support;
