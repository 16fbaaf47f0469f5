//! Both sides together: `model` tries them without a network against what must be true, `network` over lines that break by
//! a seed.

mod kiosk_side;
mod model;
mod network;
mod office_side;
mod stories;
mod truth;

use crate::ledger::tests::copy_folder;
