//! Reads the segments of a JPEG (ITU T.81, annex B) before anything is decoded.

/// Maximum number of scans; a progressive JPEG has about ten. Thousands of them would only cost time.
const SCANS_MAX: usize = 64;

const MARKER_END: u8 = 0xD9;
const MARKER_SCAN: u8 = 0xDA;
const MARKER_ADOBE: u8 = 0xEE;

/// Stands in for the end marker that some cameras leave out. The decoder reads eight bytes ahead;
/// behind them stands what it passes over between segments, but refuses within a scan: so a picture of which more is missing
/// is refused.
pub const END: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0xFF, MARKER_END];

/// How a JPEG is laid out.
#[derive(Debug)]
pub struct Layout {
    pub width: u16,
    pub height: u16,
    pub components: u8,
    /// Samples of each component in a unit, horizontally times vertically, and the most of any
    sampling: (u64, u64),
    pub scans: usize,
    /// Whether Adobe's segment is there
    pub is_adobe: bool,
    /// Whether its end marker is there
    pub is_ended: bool,
    /// Up to and with the end marker: what stands behind it is no part of the picture
    pub length: usize,
}

impl Layout {
    /// Follows the segments from the beginning to the end; none if they don't lead there. Only what common decoders read:
    /// sequential and progressive, by Huffman codes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut layout: Option<Self> = None;
        let mut is_adobe = false;
        let mut is_in_one_scan = false;
        let mut place = 2;
        loop {
            // Before a marker any number of FF may stand.
            while bytes.get(place) == Some(&0xFF) && bytes.get(place + 1) == Some(&0xFF) {
                place += 1;
            }
            let (Some(0xFF), Some(&marker)) = (bytes.get(place), bytes.get(place + 1)) else { return None };
            place += 2;
            if marker == MARKER_END {
                let layout = layout.filter(|layout| layout.scans > 0)?;
                return Some(Self { is_adobe, is_ended: true, length: place, ..layout });
            }
            // Markers without a length.
            if marker == 0x01 || (0xD0..=0xD7).contains(&marker) {
                continue;
            }
            let length = usize::from(u16::from_be_bytes(bytes.get(place..)?.first_chunk().copied()?));
            let content = bytes.get(place + 2..place + length)?;
            place += length;
            match marker {
                0xC0..=0xC2 if layout.is_none() => {
                    layout = Some(Self::of_frame(content)?);
                    is_in_one_scan = marker != 0xC2;
                }
                // Tables of codes
                0xC4 => {}
                0xC0..=0xCF => return None,
                MARKER_ADOBE => is_adobe |= content.starts_with(b"Adobe"),
                MARKER_SCAN => {
                    let layout = layout.as_mut()?;
                    layout.scans += 1;
                    is_in_one_scan &= content.first() == Some(&layout.components);
                    if layout.scans > SCANS_MAX {
                        return None;
                    }
                    // The picture's own data: an FF in it is followed by 00 or by the number of a restart.
                    let is_marker = |two: &[u8]| two[0] == 0xFF && two[1] != 0 && !(0xD0..=0xD7).contains(&two[1]);
                    match bytes.get(place..)?.windows(2).position(is_marker) {
                        Some(length) => place += length,
                        None if is_in_one_scan => break,
                        None => return None,
                    }
                }
                _ => {}
            }
        }
        layout.map(|layout| Self { is_adobe, is_ended: false, length: bytes.len(), ..layout })
    }

    fn of_frame(content: &[u8]) -> Option<Self> {
        let [8, height, height_low, width, width_low, components @ (1 | 3 | 4), rest @ ..] = content else {
            return None;
        };
        let (mut all, mut widest, mut highest) = (0, 0, 0);
        for component in rest.chunks_exact(3).take(usize::from(*components)) {
            let (horizontal, vertical) = (u64::from(component[1] >> 4), u64::from(component[1] & 0x0F));
            all += horizontal * vertical;
            (widest, highest) = (widest.max(horizontal), highest.max(vertical));
        }
        let (width, height) = (u16::from_be_bytes([*width, *width_low]), u16::from_be_bytes([*height, *height_low]));
        let most = widest * highest;
        let layout = Self {
            width,
            height,
            components: *components,
            sampling: (all, most),
            scans: 0,
            is_adobe: false,
            is_ended: false,
            length: 0,
        };
        (width > 0 && height > 0 && most > 0).then_some(layout)
    }

    pub fn points(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The samples of all components together.
    pub fn samples(&self) -> u64 {
        // Rounded up to whole units of at most 32 × 32.
        let padded = (u64::from(self.width) + 32) * (u64::from(self.height) + 32);
        padded * self.sampling.0 / self.sampling.1
    }
}
