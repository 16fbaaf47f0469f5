//! QR codes on pages, as the path of an SVG.

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// The white border that ISO/IEC 18004 asks for, in modules.
const QUIET_ZONE: usize = 4;

/// A QR code on a page.
pub struct Qr {
    /// Its side with its border, in modules
    pub side: usize,
    /// One square a dark module
    pub path: String,
}

impl Qr {
    pub fn of(text: &str, level: EcLevel) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text, level)?;
        let width = code.width();
        let mut path = String::new();
        for (place, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (place % width + QUIET_ZONE, place / width + QUIET_ZONE);
                path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
        Ok(Self { side: width + 2 * QUIET_ZONE, path })
    }
}
