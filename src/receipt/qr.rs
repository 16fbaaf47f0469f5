//! The QR codes on paper: what a receipt says (error correction H), and a paper copy (M), all drawn at whole dots.
//!
//! A receipt bears its code twice, side by side. A dead segment of the print head leaves a white line down the paper; where
//! it runs through the two squares at a code's left edge, no decoder finds the code any more, whatever its error correction.
//! It can't run through both codes.

use qrcode::{Color, EcLevel, QrCode};
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

/// Dots a module on paper: one millimetre at 203 dpi, and whole bytes of the raster.
pub const PAPER_MODULE_DOTS: u32 = 8;
/// White modules around the code (ISO/IEC 18004, 6.3.8).
pub const QUIET_MODULES: u32 = 4;
/// A paper copy's modules are no smaller, or nobody could scan them.
pub const PAPER_COPY_MODULE_DOTS_MIN: u32 = 5;

#[derive(Debug, thiserror::Error)]
pub enum QrError {
    #[error("the QR code can't be made: {0}")]
    Code(#[from] qrcode::types::QrError),
    #[error("the paper copy has {modules} modules, too many for paper of {width} dots")]
    TooWide { modules: u32, width: u32 },
}

/// The picture of a receipt's QR code with its quiet zone, `module` dots a module, for a screen.
pub fn screen_picture(digits: &str, module: u32) -> Result<Image, QrError> {
    Ok(draw(&QrCode::with_error_correction_level(digits, EcLevel::H)?, module, 1))
}

/// The picture of a receipt's QR code, twice, for paper of a width in dots, its modules as large as they fit.
pub fn paper_picture(digits: &str, width: u32) -> Result<Image, QrError> {
    let code = QrCode::with_error_correction_level(digits, EcLevel::H)?;
    Ok(draw(&code, (width / modules_of(&code, 2)).clamp(1, PAPER_MODULE_DOTS), 2))
}

/// The picture of a paper copy for paper of a width in dots, its modules as large as they fit.
pub fn paper_copy_picture(digits: &str, width: u32) -> Result<Image, QrError> {
    let code = QrCode::with_error_correction_level(digits, EcLevel::M)?;
    let modules = modules_of(&code, 1);
    match width / modules {
        module if module < PAPER_COPY_MODULE_DOTS_MIN => Err(QrError::TooWide { modules, width }),
        module => Ok(draw(&code, module.min(PAPER_MODULE_DOTS), 1)),
    }
}

/// How wide a row of codes is: they share the quiet zones between them.
fn modules_of(code: &QrCode, codes: u32) -> u32 {
    codes * (code.width() as u32 + QUIET_MODULES) + QUIET_MODULES
}

fn draw(code: &QrCode, module: u32, codes: u32) -> Image {
    let modules = code.width() as u32;
    let (width, height) = (modules_of(code, codes) * module, modules_of(code, 1) * module);
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    for (place, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let (column, row) = (place as u32 % width / module, place as u32 / width / module);
        // Each code begins behind a quiet zone.
        let within = |n: u32| n.checked_sub(QUIET_MODULES).filter(|n| *n < modules);
        let place = within(column % (modules + QUIET_MODULES)).zip(within(row));
        let dark = place.is_some_and(|(x, y)| code[(x as usize, y as usize)] == Color::Dark);
        *pixel = if dark { Rgb8Pixel::new(0, 0, 0) } else { Rgb8Pixel::new(255, 255, 255) };
    }
    Image::from_rgb8(buffer)
}
