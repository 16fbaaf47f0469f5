//! A receipt's bytes: bands of raster (`GS v 0`), feeds for what is white, and the cut. Nothing a printer could take for
//! another command, and no `CAN`, which clears the buffer of some.
//!
//! A band holds only the bytes between its first and its last black dot, and is set at its place by justification (`ESC a`).
//! Words are made [`coarse`], 203 × 101 dots an inch, the fineness of a telefax, and sent as half their rows; what is made of
//! squares of 2 × 2 dots, as a QR code is, is sent at half its size. All of it takes three quarters of the bytes away.

use super::bitmap::Bitmap;

/// `ESC @`: every setting as after switching on.
pub const INITIALISE: [u8; 2] = [0x1b, b'@'];
/// `GS V 66 0`: feed to the cutter and cut, leaving one point. (`GS V 65` would cut through.)
pub const PARTIAL_CUT: [u8; 4] = [0x1d, b'V', 66, 0];

/// `GS a 14`: the printer says by itself when it goes off-line, has an error, or its paper changes.
pub const AUTOMATIC_STATUS: [u8; 3] = [0x1d, b'a', 0x0e];
/// `GS r 1`: the paper sensors, answered in its turn behind everything before it.
pub const SENSORS_REQUEST: [u8; 3] = [0x1d, b'r', 1];
/// A band has less than 8192 bytes: so many zeros end the one that a printer may still wait for, as white.
pub const NULS_AFTER_ABORT: usize = 8192;

/// Rows a band: below 8192 bytes at 576 dots, and no height that hangs or garbles a known printer.
const BAND_ROWS: usize = 100;
/// So many white rows, and more, become a feed: the space between two lines of text.
const FEED_ROWS: usize = 8;
/// `ESC J n` feeds at most this many dots.
const FEED_ROWS_MAX: usize = 255;

/// The bytes of a picture: bands and feeds. They begin at the left, as a printer does after [`INITIALISE`].
pub fn raster(picture: &Bitmap) -> Vec<u8> {
    let mut writer = Writer { bytes: Vec::new(), justification: Justification::Left };
    let mut row = 0;
    while row < picture.height() {
        let white = (row..picture.height()).take_while(|row| picture.is_row_white(*row)).count();
        if white >= FEED_ROWS {
            push_feed(&mut writer.bytes, white);
            row += white;
            continue;
        }
        let end = end_of_block(picture, row, FEED_ROWS);
        row = writer.push_block(picture, row, end);
    }
    writer.justify(Justification::Left);
    writer.bytes
}

/// Feeds the paper by dots.
pub fn push_feed(bytes: &mut Vec<u8>, mut rows: usize) {
    while rows > 0 {
        let step = rows.min(FEED_ROWS_MAX);
        bytes.extend_from_slice(&[0x1b, b'J', step as u8]);
        rows -= step;
    }
}

/// `GS ( H`, function 48: the printer answers with the id when everything before it is printed.
pub fn completion_request(id: [u8; 4]) -> Vec<u8> {
    [&[0x1d, b'(', b'H', 6, 0, 48, 48][..], &id].concat()
}

/// The answer to [`completion_request`].
pub fn completion_answer(id: [u8; 4]) -> Vec<u8> {
    [&[0x37, 0x22][..], &id, &[0]].concat()
}

/// The row at which the next run of at least so many white rows begins, or the picture's end.
fn end_of_block(picture: &Bitmap, start: usize, gap: usize) -> usize {
    let mut white = 0;
    for row in start..picture.height() {
        white = if picture.is_row_white(row) { white + 1 } else { 0 };
        if white == gap {
            return row + 1 - gap;
        }
    }
    picture.height()
}

/// The picture as it is sent: of each two rows of words, one that has the dots of both. Strokes become a little bolder, which a
/// faint print thanks. QR codes stay as they are.
pub fn coarse(picture: &Bitmap) -> Bitmap {
    let mut coarse = Bitmap::new(picture.width());
    let mut row = 0;
    while row < picture.height() {
        if picture.is_row_white(row) {
            coarse.push_white(1);
            row += 1;
            continue;
        }
        // One white row may be taken along, and a feed must still follow: else the next block would begin within a pair.
        let end = end_of_block(picture, row, FEED_ROWS + 1);
        if is_made_of(picture, row, end, Scale::Square) {
            (row..end).for_each(|row| coarse.push_row(picture.row(row)));
            row = end;
            continue;
        }
        for first in (row..end).step_by(2) {
            let second = if first + 1 < picture.height() { picture.row(first + 1) } else { picture.row(first) };
            let both: Vec<u8> = picture.row(first).iter().zip(second).map(|(one, other)| one | other).collect();
            coarse.push_row(&both);
            coarse.push_row(&both);
        }
        // A block with an odd number of rows has taken a white one along.
        row += (end - row).next_multiple_of(2);
    }
    coarse
}

/// Where a band stands on the paper (`ESC a`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Justification {
    Left,
    Center,
    Right,
}

/// How `GS v 0` prints the dots of a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// As they are
    Single,
    /// Twice as high
    Tall,
    /// Twice as wide and as high
    Square,
}

impl Scale {
    /// Dots on paper a dot of the band: across and down.
    fn factors(self) -> (usize, usize) {
        match self {
            Self::Single => (1, 1),
            Self::Tall => (1, 2),
            Self::Square => (2, 2),
        }
    }

    fn mode(self) -> u8 {
        match self {
            Self::Single => 0,
            Self::Tall => 2,
            Self::Square => 3,
        }
    }
}

struct Writer {
    bytes: Vec<u8>,
    justification: Justification,
}

impl Writer {
    fn justify(&mut self, justification: Justification) {
        if std::mem::replace(&mut self.justification, justification) != justification {
            self.bytes.extend_from_slice(&[0x1b, b'a', justification as u8]);
        }
    }

    /// A block in bands of about equal heights, each as coarse as its rows allow; the last may take a white row behind the
    /// block along. Gives the row after the last.
    fn push_block(&mut self, picture: &Bitmap, start: usize, end: usize) -> usize {
        let mut next = start;
        while next < end {
            let reach = |scale: Scale| {
                let (_, down) = scale.factors();
                let rows = (end - next).div_ceil(down);
                next + down * harmless_height(rows.div_ceil(rows.div_ceil(BAND_ROWS)))
            };
            let fits = |scale: &Scale| is_made_of(picture, next, reach(*scale), *scale);
            let scale = [Scale::Square, Scale::Tall].into_iter().find(fits).unwrap_or(Scale::Single);
            let last = reach(scale);
            self.push_band(picture, next, last, scale);
            next = last;
        }
        next
    }

    fn push_band(&mut self, picture: &Bitmap, start: usize, end: usize, scale: Scale) {
        let (across, down) = scale.factors();
        let whole = picture.width_bytes();
        let columns = black_columns(picture, start, end);
        // Halved bytes need an even number of them.
        let grain = |bytes: usize| bytes.next_multiple_of(across).min(whole);
        let left = grain(columns.end);
        let right = grain(whole - columns.start);
        // Both margins alike, so that the middle is the paper's.
        let margin = columns.start.min(whole - columns.end) / across * across;
        let center = whole - 2 * margin;
        let (width, from, justification) = if left <= right && left <= center {
            (left, 0, Justification::Left)
        } else if right <= center {
            (right, whole - right, Justification::Right)
        } else {
            (center, margin, Justification::Center)
        };
        self.justify(justification);
        let mut data = Vec::with_capacity((end - start) / down * width / across);
        for row in (start..end).step_by(down) {
            if row >= picture.height() {
                data.resize(data.len() + width / across, 0);
                continue;
            }
            let bytes = &picture.row(row)[from..from + width];
            match scale {
                Scale::Single | Scale::Tall => data.extend_from_slice(bytes),
                Scale::Square => data.extend(bytes.chunks(2).map(|pair| halved(pair[0]) << 4 | halved(pair[1]))),
            }
        }
        break_real_time_commands(&mut data);
        // A band is narrower and lower than 2¹⁶ dots.
        let [width_low, width_high] = ((width / across) as u16).to_le_bytes();
        let [height_low, height_high] = (((end - start) / down) as u16).to_le_bytes();
        self.bytes.extend([0x1d, b'v', b'0', scale.mode(), width_low, width_high, height_low, height_high]);
        self.bytes.extend(data);
    }
}

/// From the first byte with a black dot to the one behind the last; one byte where all is white.
fn black_columns(picture: &Bitmap, start: usize, end: usize) -> std::ops::Range<usize> {
    let rows = || (start..end.min(picture.height())).map(|row| picture.row(row));
    let is_black = |column: &usize| rows().any(|row| row[*column] != 0);
    let first = (0..picture.width_bytes()).find(is_black).unwrap_or(0);
    let last = (0..picture.width_bytes()).rfind(is_black).unwrap_or(0);
    first..last + 1
}

/// True when nothing is lost in rows that are sent at this scale: each second row is the same as the one before, and for
/// squares each second dot, too. White follows behind the picture.
fn is_made_of(picture: &Bitmap, start: usize, end: usize, scale: Scale) -> bool {
    let white = vec![0; picture.width_bytes()];
    let row = |row: usize| if row < picture.height() { picture.row(row) } else { &white };
    let is_paired = |byte: &u8| (byte ^ byte >> 1) & 0x55 == 0;
    let same_below = || (start..end).step_by(2).all(|upper| row(upper) == row(upper + 1));
    match scale {
        Scale::Single => true,
        Scale::Tall => same_below(),
        Scale::Square => {
            let paired = (start..end).all(|each| row(each).iter().all(is_paired));
            picture.width_bytes().is_multiple_of(2) && paired && same_below()
        }
    }
}

/// Every second of a byte's eight dots.
fn halved(byte: u8) -> u8 {
    (0..4).fold(0, |half, place| half << 1 | byte >> (7 - 2 * place) & 1)
}

/// Powers of two from 64 hang a TM-T20II, multiples of 48 garble a POS-5890K: one row more, which is white. Very small bands
/// leave gaps between each other; a block that is split has none.
fn harmless_height(rows: usize) -> usize {
    if rows.is_multiple_of(48) || rows >= 64 && rows.is_power_of_two() { rows + 1 } else { rows }
}

/// Printers obey `DLE EOT`, `DLE ENQ` and `DLE DC4` even inside picture data: one more black dot breaks such a pair.
/// The QR code's bytes are all black or all white and never look like one.
fn break_real_time_commands(data: &mut [u8]) {
    for place in 1..data.len() {
        if data[place - 1] == 0x10 && matches!(data[place], 0x04 | 0x05 | 0x14) {
            data[place - 1] |= 0x08;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::paper::Paper;
    use super::*;

    fn picture(rows: &[Vec<u8>]) -> Bitmap {
        let mut picture = Bitmap::new(576);
        rows.iter().for_each(|row| picture.push_row(row));
        picture
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// What a printer draws is what was sent, but for single dots that break a real-time command: words anywhere on the
        /// line, codes of squares, and the white between them.
        #[test]
        fn the_paper_shows_the_picture(
            blocks in prop::collection::vec((0usize..40, 1usize..150, any::<u64>(), 0usize..72, 0usize..72, any::<bool>()), 1..6),
            is_coarse in any::<bool>(),
        ) {
            let mut rows = Vec::new();
            for (white, black, seed, from, to, squares) in blocks {
                rows.extend(std::iter::repeat_n(vec![0; 72], white));
                let (from, to) = (from.min(to), from.max(to) + 1);
                let mut dots = seed | 1;
                for row in 0..black {
                    let mut bytes = vec![0; 72];
                    if squares && row % 2 == 1 {
                        bytes = rows.last().cloned().unwrap_or(bytes);
                    } else {
                        for byte in &mut bytes[from..to] {
                            dots = dots.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                            let random = (dots >> 56) as u8;
                            *byte = if squares { (random & 0x55) | (random & 0x55) << 1 } else { random };
                        }
                    }
                    rows.push(bytes);
                }
            }
            let picture = picture(&rows);
            let picture = if is_coarse { coarse(&picture) } else { picture };
            let mut bytes = INITIALISE.to_vec();
            bytes.extend(raster(&picture));
            prop_assert!(!bytes.windows(2).any(|pair| matches!(pair, [0x10, 0x04 | 0x05 | 0x14])));
            bytes.extend(PARTIAL_CUT);
            let receipts = Paper::new(576).feed(&bytes).unwrap();
            prop_assert_eq!(receipts.len(), 1);
            let (drawn, sent) = (receipts[0].trimmed(), picture.trimmed());
            prop_assert_eq!(drawn.height(), sent.height());
            let different: u32 = (0..sent.height())
                .flat_map(|row| drawn.row(row).iter().zip(sent.row(row)).map(|(one, other)| (one ^ other).count_ones()))
                .sum();
            // Random bytes hold a real-time command now and then; each costs a dot, or a square of four.
            prop_assert!(different as usize <= 4 + sent.height() * 72 / 1000, "{} dots", different);
        }
    }

    #[test]
    fn bands_stay_harmless() {
        for rows in 1..2000 {
            let height = harmless_height(rows_of(rows));
            assert!(
                (1..=101).contains(&height) && !height.is_multiple_of(48) && ![64, 128].contains(&height),
                "{rows}"
            );
        }
        fn rows_of(rows: usize) -> usize {
            rows.div_ceil(rows.div_ceil(BAND_ROWS))
        }
    }

    #[test]
    fn a_real_time_command_inside_a_picture_is_broken() {
        let mut row = vec![0; 72];
        row[3..6].copy_from_slice(&[0x10, 0x04, 0x01]);
        let bytes = raster(&picture(&[row]));
        assert!(!bytes.windows(2).any(|pair| pair == [0x10, 0x04]));
    }
}
