//! The staff pages in a real browser: Debian's Chromium, driven by WebDriver, before a real office with requests in every
//! stage. Without Chromium and its driver these tests are left out, which is said loudly.

mod camera;
mod chrome;
mod committee;
mod entrance;
pub(super) mod furnished;
mod hands;
mod hostile_rows;
mod keyboard;
mod layout;
mod media;
mod papers;
mod pictures;
mod places;
mod public;
mod refusals;
mod rules;
mod walks;
