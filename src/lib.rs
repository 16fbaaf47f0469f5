//! Istiqbal (استقبال): a reception kiosk with an embedded store, and the office behind it.
//!
//! `domain`, `language` and `seal` depend on nothing above them. The kiosk's side is `ledger`, `receipt` and `kiosk`;
//! the office's side is `office`; between them there is only `replication`.

pub mod config;
#[cfg(any(feature = "kiosk", feature = "office"))]
pub mod core_dumps;
#[cfg(all(feature = "kiosk", feature = "office"))]
pub mod demo;
pub mod domain;
#[cfg(feature = "kiosk")]
pub mod kiosk;
pub mod language;
#[cfg(feature = "kiosk")]
pub mod ledger;
#[cfg(feature = "office")]
pub mod office;
#[cfg(feature = "kiosk")]
pub mod offscreen;
#[cfg(any(feature = "kiosk", feature = "office"))]
pub mod private_files;
#[cfg(feature = "kiosk")]
pub mod receipt;
pub mod replication;
pub mod seal;
pub mod signals;
