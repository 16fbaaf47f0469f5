//! A picture of black and white dots.

use std::io;
use std::path::Path;

/// Rows of dots, eight a byte, the leftmost in the highest bit; a set bit is black.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    width_bytes: usize,
    rows: Vec<u8>,
}

impl Bitmap {
    /// A white picture without rows; the width is in dots and a multiple of 8.
    pub fn new(width: usize) -> Self {
        Self { width_bytes: width / 8, rows: Vec::new() }
    }

    pub fn width(&self) -> usize {
        self.width_bytes * 8
    }

    pub fn width_bytes(&self) -> usize {
        self.width_bytes
    }

    pub fn height(&self) -> usize {
        self.rows.len().checked_div(self.width_bytes).unwrap_or(0)
    }

    pub fn row(&self, row: usize) -> &[u8] {
        &self.rows[row * self.width_bytes..(row + 1) * self.width_bytes]
    }

    /// Adds a row; what is missing of it is white, what is too much is cut.
    pub fn push_row(&mut self, row: &[u8]) {
        let taken = row.len().min(self.width_bytes);
        self.rows.extend_from_slice(&row[..taken]);
        self.rows.resize(self.rows.len() + self.width_bytes - taken, 0);
    }

    pub fn push_white(&mut self, rows: usize) {
        self.rows.resize(self.rows.len() + rows * self.width_bytes, 0);
    }

    pub fn is_row_white(&self, row: usize) -> bool {
        self.row(row).iter().all(|byte| *byte == 0)
    }

    pub fn is_black(&self, x: usize, y: usize) -> bool {
        self.row(y)[x / 8] & (0x80 >> (x % 8)) != 0
    }

    /// Without the white rows at its beginning and end.
    pub fn trimmed(&self) -> Self {
        let black = |row: &usize| !self.is_row_white(*row);
        let first = (0..self.height()).find(black).unwrap_or(0);
        let end = (0..self.height()).rfind(black).map_or(0, |row| row + 1);
        Self {
            width_bytes: self.width_bytes,
            rows: self.rows[first * self.width_bytes..end.max(first) * self.width_bytes].to_vec(),
        }
    }

    /// Writes the picture as a PNG of one bit a dot, with a white margin all around.
    pub fn save_png(&self, path: &Path, margin: usize) -> io::Result<()> {
        let margin_bytes = margin.div_ceil(8);
        let width_bytes = self.width_bytes + 2 * margin_bytes;
        let height = self.height() + 2 * margin;
        let mut bytes = vec![0xff; width_bytes * height];
        for row in 0..self.height() {
            let start = (row + margin) * width_bytes + margin_bytes;
            for (target, source) in bytes[start..start + self.width_bytes].iter_mut().zip(self.row(row)) {
                *target = !source;
            }
        }
        let mut encoder =
            png::Encoder::new(io::BufWriter::new(std::fs::File::create(path)?), width_bytes as u32 * 8, height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        writer.write_image_data(&bytes).map_err(io::Error::other)
    }
}
