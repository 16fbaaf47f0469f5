//! Both sides together: `model` tries them without a network against what must be true, `network` over lines that break by
//! a seed, and `simulation` lets disks, clocks, lines and both machines do whatever a seed says.

mod kiosk_side;
mod model;
mod network;
mod office_side;
mod simulation;
mod stories;
mod truth;

use crate::ledger::tests::copy_folder;
