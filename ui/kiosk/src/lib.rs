//! The kiosk's screens and its receipt as Rust types, generated from the `.slint` files of this folder.

slint::include_modules!();
