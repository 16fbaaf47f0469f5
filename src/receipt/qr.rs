//! The QR code of a receipt: 32 digits, error correction H, drawn at whole dots.

use qrcode::{Color, EcLevel, QrCode};
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

use crate::domain::code::Code;
use crate::domain::tracking_number::TrackingNumber;

/// Dots a module on paper: one millimetre at 203 dpi, and whole bytes of the raster.
pub const PAPER_MODULE_DOTS: u32 = 8;
/// White modules around the code (ISO/IEC 18004, 6.3.8).
pub const QUIET_MODULES: u32 = 4;

#[derive(Debug, thiserror::Error)]
#[error("the QR code can't be made: {0}")]
pub struct QrError(#[from] qrcode::types::QrError);

/// What the QR code of a receipt says: the tracking number and the code, digits only.
pub fn receipt_digits(number: TrackingNumber, code: &Code) -> String {
    format!("{number}{}", code.as_str())
}

/// The picture of a QR code with its quiet zone, `module` dots a module.
pub fn picture(text: &str, module: u32) -> Result<Image, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::H)?;
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
    Ok(Image::from_rgb8(buffer))
}
