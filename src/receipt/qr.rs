//! The QR codes on paper: a receipt's 32 digits (error correction H), and a paper copy (M), both drawn at whole dots.

use qrcode::{Color, EcLevel, QrCode};
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

use crate::domain::code::Code;
use crate::domain::tracking_number::TrackingNumber;

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

/// What the QR code of a receipt says: the tracking number and the code, digits only.
pub fn receipt_digits(number: TrackingNumber, code: &Code) -> String {
    format!("{number}{}", code.as_str())
}

/// The picture of a receipt's QR code with its quiet zone, `module` dots a module.
pub fn receipt_picture(digits: &str, module: u32) -> Result<Image, QrError> {
    Ok(draw(&QrCode::with_error_correction_level(digits, EcLevel::H)?, module))
}

/// The picture of a paper copy for paper of a width in dots, its modules as large as they fit.
pub fn paper_copy_picture(digits: &str, width: u32) -> Result<Image, QrError> {
    let code = QrCode::with_error_correction_level(digits, EcLevel::M)?;
    let modules = code.width() as u32 + 2 * QUIET_MODULES;
    match width / modules {
        module if module < PAPER_COPY_MODULE_DOTS_MIN => Err(QrError::TooWide { modules, width }),
        module => Ok(draw(&code, module.min(PAPER_MODULE_DOTS))),
    }
}

fn draw(code: &QrCode, module: u32) -> Image {
    let modules = code.width() as u32;
    let size = (modules + 2 * QUIET_MODULES) * module;
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(size, size);
    for (place, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (place as u32 % size / module, place as u32 / size / module);
        let inside = |n: u32| (QUIET_MODULES..QUIET_MODULES + modules).contains(&n);
        let at = || ((x - QUIET_MODULES) as usize, (y - QUIET_MODULES) as usize);
        let dark = inside(x) && inside(y) && code[at()] == Color::Dark;
        *pixel = if dark { Rgb8Pixel::new(0, 0, 0) } else { Rgb8Pixel::new(255, 255, 255) };
    }
    Image::from_rgb8(buffer)
}
