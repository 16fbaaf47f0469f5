//! Both sides together without a network between them: `model` tries them against what must be true.

mod kiosk_side;
mod model;
mod office_side;
mod stories;
mod truth;

use crate::ledger::tests::copy_folder;
