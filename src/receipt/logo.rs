//! The association's logo at the head of every paper: a PNG file, printed dot by dot.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

/// The widest logo, so that it fits on paper of 58 mm.
pub const LOGO_WIDTH_MAX: u32 = 352;
/// The highest: 4 cm of paper.
pub const LOGO_HEIGHT_MAX: u32 = 320;
/// Darker dots are printed.
const THRESHOLD: u32 = 128;

#[derive(Debug, thiserror::Error)]
pub enum LogoError {
    #[error("{}: the logo can't be read ({cause}). It must be a PNG file", path.display())]
    Read { path: PathBuf, cause: String },
    #[error(
        "{}: the logo has {width} × {height} dots, at most {LOGO_WIDTH_MAX} × {LOGO_HEIGHT_MAX} are printed. Make it smaller (8 dots are a millimetre)",
        path.display()
    )]
    Size { path: PathBuf, width: u32, height: u32 },
}

/// A logo in black and white. Clones share its dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    width: u32,
    /// A byte a dot: true is black
    dots: Arc<[bool]>,
}

impl Logo {
    pub fn read(path: &Path) -> Result<Self, LogoError> {
        let failed = |cause: String| LogoError::Read { path: path.to_owned(), cause };
        let file = File::open(path).map_err(|error| failed(error.to_string()))?;
        let mut decoder = png::Decoder::new(BufReader::new(file));
        decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
        let mut reader = decoder.read_info().map_err(|error| failed(error.to_string()))?;
        let (width, height) = reader.info().size();
        if width > LOGO_WIDTH_MAX || height > LOGO_HEIGHT_MAX {
            return Err(LogoError::Size { path: path.to_owned(), width, height });
        }
        let size = reader.output_buffer_size().ok_or_else(|| failed("it is too large".into()))?;
        let mut bytes = vec![0; size];
        let frame = reader.next_frame(&mut bytes).map_err(|error| failed(error.to_string()))?;
        let samples = frame.color_type.samples();
        let dots = bytes[..frame.buffer_size()].chunks_exact(samples).map(is_black);
        Ok(Self { width, dots: dots.collect() })
    }

    pub fn image(&self) -> Image {
        let height = self.dots.len() as u32 / self.width.max(1);
        let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(self.width, height);
        for (pixel, black) in buffer.make_mut_slice().iter_mut().zip(self.dots.iter()) {
            let shade = if *black { 0 } else { 255 };
            *pixel = Rgb8Pixel::new(shade, shade, shade);
        }
        Image::from_rgb8(buffer)
    }
}

/// A dot of one grey or three colours, with its opacity behind, on white paper.
fn is_black(dot: &[u8]) -> bool {
    let (opacity, colours) = dot.split_last().unwrap_or((&0, &[]));
    let grey = colours.iter().map(|colour| u32::from(*colour)).sum::<u32>() / colours.len().max(1) as u32;
    let opacity = u32::from(*opacity);
    (grey * opacity + 255 * (255 - opacity)) / 255 < THRESHOLD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, width: u32, height: u32, colour: png::ColorType, bytes: &[u8]) {
        let mut encoder = png::Encoder::new(File::create(path).unwrap(), width, height);
        encoder.set_color(colour);
        encoder.write_header().unwrap().write_image_data(bytes).unwrap();
    }

    #[test]
    fn dark_and_opaque_dots_are_black() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo.png");
        write(&path, 2, 2, png::ColorType::Rgba, &[0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 255, 255, 90, 90, 90, 255]);
        assert_eq!(&*Logo::read(&path).unwrap().dots, [true, false, false, true]);
        write(&path, 2, 1, png::ColorType::Grayscale, &[0, 200]);
        let logo = Logo::read(&path).unwrap();
        assert_eq!(&*logo.dots, [true, false]);
        assert_eq!(logo.image().size().width, 2);
    }

    #[test]
    fn what_is_no_logo_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo.png");
        assert!(matches!(Logo::read(&path), Err(LogoError::Read { .. })));
        std::fs::write(&path, b"GIF89a").unwrap();
        assert!(matches!(Logo::read(&path), Err(LogoError::Read { .. })));
        write(&path, 600, 1, png::ColorType::Grayscale, &[0; 600]);
        assert!(Logo::read(&path).unwrap_err().to_string().contains("600 × 1"));
    }
}
