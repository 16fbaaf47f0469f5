//! Replication: what passes between a kiosk and its office (`docs/protocol.md` comes before this code).
//!
//! - A **batch** is envelopes in their order, from the kiosk to the office.
//! - An **acknowledgement** is the office's signed word that it holds all envelopes of an epoch through one of them.
//! - A **change** is what the office tells the kiosks: where a request stands, or a new catalogue.
//! - A **call** is a visitor's touch of "call staff". It passes beside all of these, and the kiosk never stores it.
//! - A **cursor** says through which change a kiosk has heard; it belongs to one incarnation of the office's database.

#[cfg(feature = "kiosk")]
pub mod calls;
#[cfg(feature = "kiosk")]
mod client;
pub mod invite;
#[cfg(feature = "kiosk")]
pub mod kiosk;
#[cfg(feature = "office")]
pub mod office;
#[cfg(all(test, feature = "kiosk", feature = "office"))]
mod tests;
pub mod tls;
pub mod wire;
