//! Pictures: decoded whole under limits, turned upright, and encoded anew, so that nothing but the picture is kept.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, Limits};

use super::FileError;

/// An A4 page at 600 dpi has 35 million points.
const PIXELS_MAX: u64 = 40_000_000;
const SIDE_MAX: u32 = 20_000;
/// The most bytes of a decoded picture; turning it upright takes as much again.
pub const MEMORY_MAX: u64 = 256 * 1024 * 1024;
/// A progressive JPEG has about ten scans; thousands of them would only cost time.
const SCANS_MAX: usize = 64;
/// No difference is seen on a document, at a fifth of the bytes.
const JPEG_QUALITY: u8 = 88;

pub fn jpeg(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    // The decoder fills up what was cut off with grey: whether the end is there is asked first.
    if !is_whole_jpeg(bytes) {
        return Err(FileError::Picture);
    }
    let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(error)?;
    let picture = decoded(decoder)?;
    let picture = match picture.color() {
        ColorType::L8 => picture,
        _ => DynamicImage::ImageRgb8(picture.into_rgb8()),
    };
    let mut anew = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut anew, JPEG_QUALITY)).map_err(error)?;
    Ok(anew)
}

pub fn png(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits()).map_err(error)?;
    let picture = decoded(decoder)?;
    let picture = match picture.color() {
        ColorType::L8 | ColorType::L16 => DynamicImage::ImageLuma8(picture.into_luma8()),
        ColorType::La8 | ColorType::La16 => DynamicImage::ImageLumaA8(picture.into_luma_alpha8()),
        ColorType::Rgb8 | ColorType::Rgb16 => DynamicImage::ImageRgb8(picture.into_rgb8()),
        _ => DynamicImage::ImageRgba8(picture.into_rgba8()),
    };
    let mut anew = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut anew, CompressionType::Default, FilterType::Adaptive);
    picture.write_with_encoder(encoder).map_err(error)?;
    Ok(anew)
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    limits
}

fn decoded(mut decoder: impl ImageDecoder) -> Result<DynamicImage, FileError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > MEMORY_MAX {
        return Err(FileError::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(error)?;
    // Which way is up stands in what isn't kept.
    let orientation = decoder.orientation().map_err(error)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(error)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn error(error: ImageError) -> FileError {
    match error {
        ImageError::Limits(_) => FileError::TooManyPixels,
        _ => FileError::Picture,
    }
}

/// Whether the segments of a JPEG (ITU T.81, annex B) lead to its end, over no more than [`SCANS_MAX`] scans.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    const END: u8 = 0xD9;
    const SCAN: u8 = 0xDA;
    let mut place = 2;
    let mut scans = 0;
    loop {
        // Before a marker any number of FF may stand.
        while bytes.get(place) == Some(&0xFF) && bytes.get(place + 1) == Some(&0xFF) {
            place += 1;
        }
        let (Some(0xFF), Some(&marker)) = (bytes.get(place), bytes.get(place + 1)) else { return false };
        if marker == END {
            return scans > 0;
        }
        place += 2;
        // Markers without a length.
        if marker == 0x01 || (0xD0..=0xD7).contains(&marker) {
            continue;
        }
        let (Some(&high), Some(&low)) = (bytes.get(place), bytes.get(place + 1)) else { return false };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < 2 {
            return false;
        }
        place += length;
        if marker == SCAN {
            scans += 1;
            // The picture's own data: an FF in it is followed by 00 or by the number of a restart.
            let is_marker = |two: &[u8]| two[0] == 0xFF && two[1] != 0 && !(0xD0..=0xD7).contains(&two[1]);
            let Some(data) = bytes.get(place..) else { return false };
            let Some(length) = data.windows(2).position(is_marker) else { return false };
            place += length;
        }
        if scans > SCANS_MAX {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use image::ImageEncoder;

    use super::*;

    /// A small picture, dark on the left.
    fn picture() -> DynamicImage {
        let dark_left = |x, _| image::Rgb(if x < 24 { [10, 20, 30] } else { [240, 230, 220] });
        DynamicImage::ImageRgb8(image::RgbImage::from_fn(48, 32, dark_left))
    }

    fn as_jpeg() -> Vec<u8> {
        let mut bytes = Vec::new();
        picture().write_with_encoder(JpegEncoder::new(&mut bytes)).unwrap();
        bytes
    }

    /// The same with an Exif segment: turn it by a quarter, and a place.
    fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        let tiff = [
            b"II*\0\x08\0\0\0\x02\0".as_slice(),
            &[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0],
            &[0x0E, 0x01, 2, 0, 12, 0, 0, 0, 38, 0, 0, 0],
            &[0; 4],
            b"18.3N 42.7E\0",
        ]
        .concat();
        let segment = [b"Exif\0\0".as_slice(), &tiff].concat();
        let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &segment, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photograph_loses_where_it_was_taken_and_stands_upright() {
        let given = with_exif(&as_jpeg());
        assert!(given.windows(5).any(|five| five == b"18.3N"));
        let kept = jpeg(&given).unwrap();
        assert!(!kept.windows(4).any(|four| four == b"Exif") && !kept.windows(5).any(|five| five == b"18.3N"));
        let kept = image::load_from_memory(&kept).unwrap().into_rgb8();
        assert_eq!((kept.width(), kept.height()), (32, 48), "turned by a quarter");
        assert!(kept.get_pixel(16, 4)[0] < 60 && kept.get_pixel(16, 44)[0] > 200);
    }

    #[test]
    fn a_cut_off_picture_is_noticed_wherever_it_is_cut() {
        let whole = as_jpeg();
        assert!(jpeg(&whole).is_ok());
        for length in 0..whole.len() - 1 {
            assert_eq!(jpeg(&whole[..length]), Err(FileError::Picture), "{length} bytes");
        }
    }

    #[test]
    fn nothing_but_the_picture_is_kept() {
        let mut bytes = Vec::new();
        picture().write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
        let html = b"<script>alert(1)</script>";
        for given in [[bytes.as_slice(), html].concat(), [as_jpeg().as_slice(), html].concat()] {
            let kept = if given[0] == 0xFF { jpeg(&given).unwrap() } else { png(&given).unwrap() };
            assert!(!kept.windows(6).any(|six| six == b"script"));
        }
        // Sixteen bits a point and an alpha channel come out as eight.
        let deep = DynamicImage::ImageRgba16(picture().into_rgba16());
        let mut bytes = Vec::new();
        deep.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
        assert_eq!(image::load_from_memory(&png(&bytes).unwrap()).unwrap().color(), ColorType::Rgba8);
    }

    #[test]
    fn a_picture_of_too_many_points_is_refused_before_it_takes_memory() {
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes).write_image(&[0], 1, 1, ColorType::L8.into()).unwrap();
        // The width and height of the header, and its CRC.
        bytes[16..24].copy_from_slice(&[60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        assert_eq!(png(&bytes), Err(FileError::TooManyPixels));
    }
}
