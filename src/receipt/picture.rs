//! Draws receipts: the Slint component that the screen shows too, on a thread without a screen, then black or white.

use istiqbal_ui::{ReceiptContent, ReceiptWindow};
use slint::{ComponentHandle, Image, PlatformError, Rgb8Pixel, SharedPixelBuffer};

use super::bitmap::Bitmap;
use super::escpos::coarse;
use super::logo::Logo;
use crate::offscreen::{Offscreen, OffscreenError};

/// Brighter dots are white. Text is antialiased; dithering would make it rough.
const THRESHOLD: u32 = 128;
/// A receipt can't be longer than this many dots (1.5 m at 203 dpi), whatever its texts are.
const HEIGHT_DOTS_MAX: u32 = 12_000;

/// A receipt's width on the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub enum PaperWidth {
    /// 576 dots at 203 dpi
    #[serde(rename = "80mm")]
    Mm80,
    /// 384 dots at 203 dpi
    #[serde(rename = "58mm")]
    Mm58,
}

impl PaperWidth {
    pub fn dots(self) -> u32 {
        match self {
            Self::Mm80 => 576,
            Self::Mm58 => 384,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error(transparent)]
    Offscreen(#[from] OffscreenError),
    #[error("the receipt can't be drawn: {0}")]
    Slint(#[from] PlatformError),
}

/// Draws receipts on the thread that made it.
pub struct ReceiptDrawer {
    offscreen: Offscreen,
    window: ReceiptWindow,
    width: PaperWidth,
    logo: Image,
}

impl ReceiptDrawer {
    pub fn new(width: PaperWidth, logo: Option<&Logo>) -> Result<Self, PictureError> {
        let offscreen = Offscreen::for_this_thread()?;
        let window = ReceiptWindow::new()?;
        window.set_width_dots(width.dots() as i32);
        window.show()?;
        Ok(Self { offscreen, window, width, logo: logo.map(Logo::image).unwrap_or_default() })
    }

    /// The receipt as the dots that are sent ([`coarse`]), without white rows at its ends. What it said is forgotten afterwards.
    pub fn draw(&self, content: ReceiptContent) -> Bitmap {
        let logo = if content.is_continued { Image::default() } else { self.logo.clone() };
        self.window.set_content(ReceiptContent { logo, ..content });
        let width = self.width.dots();
        // Lines that come and go with the content exist only once they've been drawn: the first picture gives the height.
        self.offscreen.draw(width, 8);
        let height = (self.window.get_wanted_height().ceil() as u32).clamp(8, HEIGHT_DOTS_MAX);
        let bitmap = threshold(&self.offscreen.draw(width, height));
        self.window.set_content(ReceiptContent::default());
        coarse(&bitmap.trimmed()).trimmed()
    }
}

fn threshold(picture: &SharedPixelBuffer<Rgb8Pixel>) -> Bitmap {
    let width = picture.width() as usize;
    let mut bitmap = Bitmap::new(width);
    for row in picture.as_slice().chunks_exact(width) {
        let bytes: Vec<u8> = row
            .chunks(8)
            .map(|dots| {
                dots.iter().enumerate().fold(0, |byte, (place, dot)| {
                    // Rec. 601 luma, in thousandths.
                    let luma = (299 * u32::from(dot.r) + 587 * u32::from(dot.g) + 114 * u32::from(dot.b)) / 1000;
                    if luma < THRESHOLD { byte | 0x80 >> place } else { byte }
                })
            })
            .collect();
        bitmap.push_row(&bytes);
    }
    bitmap
}
