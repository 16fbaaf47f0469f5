//! What real paper does to a QR code: a dead segment of the print head, a faint print, a blur, a skewed look, crumples. A test
//! and the figures share it.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use slint::Image;

use crate::random::Random;

/// White around the code, as on the paper, in dots.
const MARGIN: usize = 40;
const WHITE: u8 = 255;
/// A camera sees an eighth of a millimetre no sharper than this many dots.
const CAMERA: usize = 3;

/// A picture in shades of grey, as a camera sees it.
#[derive(Clone)]
pub struct Grey {
    pub width: usize,
    pub height: usize,
    dots: Vec<u8>,
}

/// One kind of damage and how bad it is.
#[derive(Clone, Copy, Debug)]
pub enum Damage {
    /// So many neighbouring dots of the head are dead, from this column on
    DeadSegment { at: usize, dots: usize },
    /// So many of a hundred black dots are missing, and all are grey, as a camera sees them
    Faint(u64),
    /// The mean over a square of so many dots, twice
    Blur(usize),
    /// Turned by so many degrees
    Skew(f64),
    /// Folded and smoothed out again: waves of so many dots, shadows, and some dots rubbed off
    Crumple(f64),
}

impl Grey {
    /// A picture with white around it.
    pub fn of(image: &Image) -> Self {
        let source = image.to_rgb8().expect("it was drawn dot by dot");
        let (inner, rows) = (source.width() as usize, source.height() as usize);
        let mut grey = Self::white(inner + 2 * MARGIN, rows + 2 * MARGIN);
        for (row, line) in source.as_slice().chunks_exact(inner).enumerate() {
            let from = (row + MARGIN) * grey.width + MARGIN;
            for (dot, pixel) in grey.dots[from..from + inner].iter_mut().zip(line) {
                *dot = pixel.r;
            }
        }
        grey
    }

    fn white(width: usize, height: usize) -> Self {
        Self { width, height, dots: vec![WHITE; width * height] }
    }

    pub fn dot(&self, x: usize, y: usize) -> u8 {
        self.dots[y * self.width + x]
    }

    /// Between the dots, as a camera sees them; white outside.
    fn between(&self, x: f64, y: f64) -> u8 {
        let (left, top) = (x.floor(), y.floor());
        let at = |x: f64, y: f64| {
            let inside = x >= 0.0 && y >= 0.0 && (x as usize) < self.width && (y as usize) < self.height;
            f64::from(if inside { self.dot(x as usize, y as usize) } else { WHITE })
        };
        let (right, down) = (x - left, y - top);
        let upper = at(left, top) * (1.0 - right) + at(left + 1.0, top) * right;
        let lower = at(left, top + 1.0) * (1.0 - right) + at(left + 1.0, top + 1.0) * right;
        (upper * (1.0 - down) + lower * down) as u8
    }

    pub fn damaged(&self, damage: Damage, random: &mut Random) -> Self {
        match damage {
            Damage::DeadSegment { at, dots } => {
                self.each(|x, _, dot| if (at..at + dots).contains(&x) { WHITE } else { dot })
            }
            Damage::Faint(share) => self
                .each(|_, _, dot| if random.below(100) < share { WHITE } else { dot.max(90 + random.below(60) as u8) })
                .blurred(CAMERA),
            Damage::Blur(side) => self.blurred(side).blurred(side),
            Damage::Skew(degrees) => self.skewed(degrees),
            Damage::Crumple(waves) => self.crumpled(waves, random),
        }
    }

    fn each(&self, mut change: impl FnMut(usize, usize, u8) -> u8) -> Self {
        let dots =
            self.dots.iter().enumerate().map(|(place, dot)| change(place % self.width, place / self.width, *dot));
        Self { dots: dots.collect(), ..*self }
    }

    fn blurred(&self, side: usize) -> Self {
        let reach = side / 2;
        self.each(|x, y, _| {
            let (mut sum, mut count) = (0_usize, 0);
            for row in y.saturating_sub(reach)..=(y + reach).min(self.height - 1) {
                for column in x.saturating_sub(reach)..=(x + reach).min(self.width - 1) {
                    sum += usize::from(self.dot(column, row));
                    count += 1;
                }
            }
            (sum / count) as u8
        })
    }

    fn skewed(&self, degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let side = ((self.width + self.height) as f64 * 0.75) as usize;
        let (middle, own) = (side as f64 / 2.0, (self.width as f64 / 2.0, self.height as f64 / 2.0));
        Self::white(side, side).each(|x, y, _| {
            let (x, y) = (x as f64 - middle, y as f64 - middle);
            self.between(x * cos + y * sin + own.0, y * cos - x * sin + own.1)
        })
    }

    fn crumpled(&self, waves: f64, random: &mut Random) -> Self {
        let mut fraction = || random.below(1000) as f64 / 1000.0;
        let phases = [fraction() * 6.3, fraction() * 6.3, fraction() * 6.3];
        let rubbed: Vec<(f64, f64, f64)> = (0..3)
            .map(|_| (fraction() * self.width as f64, fraction() * self.height as f64, 3.0 + fraction() * 5.0))
            .collect();
        self.each(|x, y, _| {
            let (x, y) = (x as f64, y as f64);
            if rubbed.iter().any(|(at_x, at_y, reach)| (x - at_x).hypot(y - at_y) < *reach) {
                return WHITE;
            }
            let dx = waves * (y / 37.0 + phases[0]).sin();
            let dy = waves * (x / 43.0 + phases[1]).sin();
            let shadow = 35.0 * (1.0 + ((x + y) / 61.0 + phases[2]).sin());
            (f64::from(self.between(x + dx, y + dy)) - shadow).clamp(0.0, 255.0) as u8
        })
    }

    pub fn save(&self, path: &Path) {
        let file = BufWriter::new(File::create(path).expect("the folder is ours"));
        let mut encoder = png::Encoder::new(file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&self.dots).expect("all dots");
    }
}
