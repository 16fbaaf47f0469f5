//! Istiqbal (استقبال): a reception kiosk with an embedded store, and the office behind it.
//!
//! `domain`, `language` and `seal` depend on nothing above them. The kiosk's side is `ledger`, `receipt` and `kiosk`;
//! the office's side is `office`; between them there is only `replication`.

pub mod config;
pub mod domain;
pub mod language;
#[cfg(feature = "kiosk")]
pub mod ledger;
pub mod replication;
pub mod seal;
