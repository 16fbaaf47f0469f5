//! The real screens without a display: found by their accessible ids, touched as fingers do, measured in millimetres, and
//! compared with pictures that a person has looked at.

mod any_visit;
mod boxes;
mod easel;
mod gallery;
mod geometry;
mod mirror;
mod paper;
mod pictures;
mod visitor;
mod walks;

use std::path::Path;

use slint::{Rgba8Pixel, SharedPixelBuffer};

/// Saves a screen at its own size when a person wants to look: `ISTIQBAL_PICTURES=FOLDER`.
fn save(drawn: &SharedPixelBuffer<Rgba8Pixel>, name: &str) {
    let Some(folder) = std::env::var_os("ISTIQBAL_PICTURES") else { return };
    let file = std::fs::File::create(Path::new(&folder).join(format!("{name}.png"))).unwrap();
    let mut encoder = png::Encoder::new(file, drawn.width(), drawn.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(drawn.as_bytes()).unwrap();
}
