//! The receipt: what it says, its picture, its bytes, and the printer that makes paper of them.
//!
//! `content` (a receipt) or `slip` → `picture` (drawn by Slint, then black or white) → `escpos` (bands of raster) → `printer` (the device).
//! `paper` goes the other way: it reads bytes as a printer would and draws the paper.

pub mod bitmap;
pub mod content;
pub mod escpos;
pub mod logo;
pub mod paper;
pub mod picture;
pub mod press;
pub mod printer;
pub mod qr;
pub mod slip;
