//! Pictures: decoded whole under limits, turned upright, and encoded anew, so that nothing but the picture is kept.

use std::io::{Cursor, Read};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, GrayImage, ImageDecoder, ImageError, Limits, RgbImage};
use jpeg_decoder::PixelFormat;

use super::FileError;
use super::budget::Budget;
use super::jpeg::{END, Layout};

/// Maximum number of points that are kept: an A4 page at 600 dpi has 35 million.
const PIXELS_MAX: u64 = 40_000_000;
const SIDE_MAX: u32 = 20_000;
/// Maximum bytes that decoding and turning a picture upright take at once, in the worst order of its threads; a photograph
/// of 48 million points, which is halved while it is decoded, takes 60 MB as a rule.
pub const MEMORY_MAX: u64 = 384 * 1024 * 1024;
/// Points of one scan of a JPEG that cost a step.
const POINTS_PER_STEP: u64 = 4;
/// No difference is seen on a document, at a fifth of the bytes.
const JPEG_QUALITY: u8 = 88;

pub fn jpeg(bytes: &[u8], budget: &Budget) -> Result<Vec<u8>, FileError> {
    let layout = Layout::read(bytes).ok_or(FileError::Picture)?;
    let eighths = eighths(&layout).ok_or(FileError::TooManyPixels)?;
    let steps = layout.points().saturating_mul(layout.scans as u64) / POINTS_PER_STEP;
    budget.spend(usize::try_from(steps).unwrap_or(usize::MAX)).map_err(|_| FileError::TooManyPixels)?;
    let end: &[u8] = if layout.is_ended { b"" } else { END };
    let mut decoder = jpeg_decoder::Decoder::new(bytes[..layout.length].chain(end));
    let scaled = |side: u16| u16::try_from((u32::from(side) * eighths).div_ceil(8)).unwrap_or(side);
    decoder.scale(scaled(layout.width), scaled(layout.height)).map_err(|_| FileError::Picture)?;
    let mut points = decoder.decode().map_err(|_| FileError::Picture)?;
    let info = decoder.info().ok_or(FileError::Picture)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let mut picture = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, points).map(DynamicImage::ImageLuma8),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, points).map(DynamicImage::ImageRgb8),
        PixelFormat::CMYK32 => {
            inks_to_rgb(&mut points, layout.is_adobe);
            RgbImage::from_raw(width, height, points).map(DynamicImage::ImageRgb8)
        }
        PixelFormat::L16 => None,
    }
    .ok_or(FileError::Picture)?;
    // Which way is up stands in what isn't kept.
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    let mut anew = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut anew, JPEG_QUALITY)).map_err(error)?;
    Ok(anew)
}

/// How many eighths of its width and height a JPEG keeps: as many as there is memory for. Its coefficients, two bytes each,
/// are all held when it is progressive, and may be when its scans come apart.
fn eighths(layout: &Layout) -> Option<u32> {
    if u32::from(layout.width.max(layout.height)) > SIDE_MAX {
        return None;
    }
    [8, 4, 2, 1].into_iter().find(|eighths| {
        let scaled = |count: u64| count * u64::from(eighths * eighths) / 64;
        let picture = scaled(layout.points() * u64::from(layout.components));
        let decoding = 2 * layout.samples() + scaled(layout.samples()) + picture;
        scaled(layout.points()) <= PIXELS_MAX && decoding.max(2 * picture) <= MEMORY_MAX
    })
}

/// Four inks a point become three colours, in place. Adobe's programs store how much of an ink is missing, and say that it
/// was them; the decoder takes it so in any case.
fn inks_to_rgb(points: &mut Vec<u8>, is_adobe: bool) {
    let count = points.len() / 4;
    for point in 0..count {
        let ink = |place: usize| if is_adobe { points[point * 4 + place] } else { 255 - points[point * 4 + place] };
        let inks: [u8; 4] = std::array::from_fn(ink);
        let light = |ink: u8| u32::from(255 - ink);
        for (place, ink) in inks[..3].iter().enumerate() {
            // At most 255: a product of two of them by a third.
            points[point * 3 + place] = (light(*ink) * light(inks[3]) / 255) as u8;
        }
    }
    points.truncate(count * 3);
}

pub fn png(bytes: &[u8], budget: &Budget) -> Result<Vec<u8>, FileError> {
    let mut decoder = PngDecoder::with_limits(Cursor::new(bytes), limits()).map_err(error)?;
    let (width, height) = decoder.dimensions();
    let points = u64::from(width) * u64::from(height);
    let orientation = decoder.orientation().map_err(error)?;
    // Sixteen bits become eight, and what is turned is there twice.
    let kept = points * u64::from(decoder.color_type().channel_count());
    let is_copied = decoder.total_bytes() > kept || orientation != Orientation::NoTransforms;
    if points > PIXELS_MAX || decoder.total_bytes() + u64::from(is_copied) * kept > MEMORY_MAX {
        return Err(FileError::TooManyPixels);
    }
    budget.spend(usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX)).map_err(|_| FileError::TooManyPixels)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(error)?;
    let mut picture = match picture.color() {
        ColorType::L8 | ColorType::L16 => DynamicImage::ImageLuma8(picture.into_luma8()),
        ColorType::La8 | ColorType::La16 => DynamicImage::ImageLumaA8(picture.into_luma_alpha8()),
        ColorType::Rgb8 | ColorType::Rgb16 => DynamicImage::ImageRgb8(picture.into_rgb8()),
        _ => DynamicImage::ImageRgba8(picture.into_rgba8()),
    };
    picture.apply_orientation(orientation);
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

fn error(error: ImageError) -> FileError {
    match error {
        ImageError::Limits(_) => FileError::TooManyPixels,
        _ => FileError::Picture,
    }
}

#[cfg(test)]
mod tests {
    use image::ImageEncoder;
    use proptest::prelude::*;

    use super::*;

    fn jpeg(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
        super::jpeg(bytes, &Budget::default())
    }

    fn png(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
        super::png(bytes, &Budget::default())
    }

    fn shown(bytes: &[u8]) -> RgbImage {
        image::load_from_memory(bytes).unwrap().into_rgb8()
    }

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
        let kept = jpeg(&whole).unwrap();
        // Only the end marker may be missing, and what the decoder reads ahead.
        for length in 0..whole.len() - 2 {
            match jpeg(&whole[..length]) {
                Ok(_) => assert!(length >= whole.len() - 2 - 8, "{length} of {} bytes", whole.len()),
                Err(error) => assert_eq!(error, FileError::Picture),
            }
        }
        assert_eq!(jpeg(&whole[..whole.len() - 2]).unwrap(), kept, "as some cameras leave it");
        // Of a progressive one nobody knows how many scans are missing.
        let progressive = include_bytes!("samples/progressive.jpg");
        assert!(jpeg(progressive).is_ok());
        assert_eq!(jpeg(&progressive[..progressive.len() - 2]), Err(FileError::Picture));
    }

    #[test]
    fn what_is_hidden_behind_a_picture_is_not_kept() {
        let film = [&[0, 0, 0, 24], b"ftypmp42".as_slice(), &[7; 5000]].concat();
        let given = [as_jpeg().as_slice(), &film].concat();
        assert_eq!(jpeg(&given).unwrap(), jpeg(&as_jpeg()).unwrap());
    }

    #[test]
    fn printers_inks_become_the_colours_that_people_see() {
        let kept = shown(&jpeg(include_bytes!("samples/cmyk_white.jpg")).unwrap());
        assert!(kept.pixels().all(|point| point.0.iter().all(|colour| *colour > 250)), "white");
        // Without Adobe's segment, the inks are stored as they are.
        let colours = |mut points: Vec<u8>, is_adobe| {
            inks_to_rgb(&mut points, is_adobe);
            points
        };
        let (cyan, black) = ([0, 255, 255], [0, 0, 0]);
        assert_eq!(colours(vec![255, 0, 0, 0, 0, 0, 0, 255], true), [cyan, black].concat());
        assert_eq!(colours(vec![0, 255, 255, 255, 255, 255, 255, 0], false), [cyan, black].concat());
        let grey = png(include_bytes!("samples/gray16.png")).unwrap();
        assert_eq!(image::load_from_memory(&grey).unwrap().color(), ColorType::L8);
    }

    #[test]
    fn a_photograph_of_a_telephone_is_halved_while_it_is_decoded() {
        let (width, height) = (8000, 6000);
        let given = {
            let dark_left = |x, _| image::Rgb(if x < width / 2 { [10, 20, 30] } else { [240, 230, 220] });
            let mut bytes = Vec::new();
            JpegEncoder::new(&mut bytes).encode_image(&RgbImage::from_fn(width, height, dark_left)).unwrap();
            bytes
        };
        let budget = Budget::default();
        let kept = shown(&super::jpeg(&given, &budget).unwrap());
        assert_eq!((kept.width(), kept.height()), (width / 2, height / 2));
        assert!(kept.get_pixel(1000, 1500)[0] < 30 && kept.get_pixel(3000, 1500)[0] > 220);
        assert!(budget.spent() >= u64::from(width * height) / POINTS_PER_STEP);
    }

    #[test]
    fn as_much_is_kept_of_a_picture_as_there_is_memory_for() {
        let eighths = |width: u16, height: u16, sampling: [u8; 3]| {
            let mut header =
                [b"\xFF\xD8\xFF\xC0\0\x11\x08".as_slice(), &height.to_be_bytes(), &width.to_be_bytes()].concat();
            header.push(3);
            for (number, sampling) in (1..).zip(sampling) {
                header.extend([number, sampling, 0]);
            }
            let scan = b"\xFF\xDA\0\x0C\x03\x01\0\x02\0\x03\0\0\x3F\0\0\xFF\xD9";
            super::eighths(&Layout::read(&[&header, scan.as_slice()].concat()).unwrap())
        };
        let (usual, full) = ([0x22, 0x11, 0x11], [0x11; 3]);
        assert_eq!(eighths(4960, 7016, usual), Some(8), "A4 at 600 dpi");
        assert_eq!(eighths(4960, 7016, full), Some(4));
        assert_eq!(eighths(8000, 6000, usual), Some(4), "48 million points");
        assert_eq!(eighths(8000, 6000, full), Some(4), "with all colours");
        assert_eq!(eighths(12_000, 9000, usual), Some(2), "108 million");
        assert_eq!(eighths(16_320, 12_240, usual), None, "200 million");
        assert_eq!(eighths(20_001, 10, usual), None);
    }

    #[test]
    fn scans_without_end_cost_no_more_than_the_budget() {
        let whole = as_jpeg();
        let scan = whole.windows(2).position(|two| two == [0xFF, 0xDA]).unwrap();
        let scans =
            |count: usize| [&whole[..scan], &whole[scan..whole.len() - 2].repeat(count), &[0xFF, 0xD9]].concat();
        assert_eq!(jpeg(&scans(65)), Err(FileError::Picture));
        let tight = Budget::of(48 * 32 * 3 / POINTS_PER_STEP);
        assert!(super::jpeg(&scans(3), &tight).is_ok() && tight.spent() > 0);
        assert_eq!(super::jpeg(&scans(4), &Budget::of(48 * 32 * 3 / POINTS_PER_STEP)), Err(FileError::TooManyPixels));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        /// Decoders are other people's; what they would panic on, `check` refuses. None is known.
        #[test]
        fn a_damaged_picture_is_refused_or_shown(
            which in 0..4_usize,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        ) {
            let inks = include_bytes!("samples/cmyk_white.jpg").to_vec();
            let progressive = include_bytes!("samples/progressive.jpg").to_vec();
            let grey = include_bytes!("samples/gray16.png").to_vec();
            let mut bytes = vec![as_jpeg(), progressive, grey, inks].swap_remove(which);
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let kept = if bytes.starts_with(&[0xFF, 0xD8]) { jpeg(&bytes) } else { png(&bytes) };
            if let Ok(kept) = kept {
                shown(&kept);
            }
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
