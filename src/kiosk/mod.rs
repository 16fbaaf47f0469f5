//! The kiosk: what happens in front of a visitor, and the threads that carry it out.
//!
//! - A **visit** is the pure state machine of one person's time here.
//! - The **attendant** carries out what a visit asks for, with the ledger, the printer and replication.
//! - The **lobby** is the one window: it brings touches, scans and news to the visit and shows what it has become.
//! - The **screens** show a visit and bring it touches: one adapter a screen.

pub mod attendant;
pub mod catalogue;
pub mod commands;
pub mod config;
pub mod enrolment;
pub mod idle;
pub mod joining;
pub mod lobby;
pub mod pin;
pub mod print_room;
pub mod running;
pub mod scanner;
pub mod screens;
pub mod script;
mod tries;
pub mod visit;
pub mod window;
