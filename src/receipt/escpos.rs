//! A receipt's bytes: bands of raster (`GS v 0`), feeds for what is white, and the cut. Nothing a printer could take for
//! another command, and no `CAN`, which clears the buffer of some.

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
/// So many white rows, and more, become a feed.
const FEED_ROWS: usize = 24;
/// `ESC J n` feeds at most this many dots.
const FEED_ROWS_MAX: usize = 255;

/// The bytes of a picture: bands and feeds.
pub fn raster(picture: &Bitmap) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut row = 0;
    while row < picture.height() {
        let white = (row..picture.height()).take_while(|row| picture.is_row_white(*row)).count();
        if white >= FEED_ROWS {
            push_feed(&mut bytes, white);
            row += white;
            continue;
        }
        let end = end_of_block(picture, row);
        row = push_block(&mut bytes, picture, row, end);
    }
    bytes
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

/// The row at which the next run of white begins that is worth a feed, or the picture's end.
fn end_of_block(picture: &Bitmap, start: usize) -> usize {
    let mut white = 0;
    for row in start..picture.height() {
        white = if picture.is_row_white(row) { white + 1 } else { 0 };
        if white == FEED_ROWS {
            return row + 1 - FEED_ROWS;
        }
    }
    picture.height()
}

/// A block in bands of equal heights, which may take some of the rows behind it along; gives the row after the last.
fn push_block(bytes: &mut Vec<u8>, picture: &Bitmap, start: usize, end: usize) -> usize {
    let rows = end - start;
    let height = harmless_height(rows.div_ceil(rows.div_ceil(BAND_ROWS)));
    let mut next = start;
    while next < end {
        let first = next;
        next += height;
        let mut data = Vec::with_capacity(height * picture.width_bytes());
        for row in first..next.min(picture.height()) {
            data.extend_from_slice(picture.row(row));
        }
        data.resize(height * picture.width_bytes(), 0);
        break_real_time_commands(&mut data);
        let [width_low, width_high] = (picture.width_bytes() as u16).to_le_bytes();
        let [height_low, height_high] = (height as u16).to_le_bytes();
        bytes.extend_from_slice(&[0x1d, b'v', b'0', 0, width_low, width_high, height_low, height_high]);
        bytes.extend_from_slice(&data);
    }
    next
}

/// Powers of two from 64 hang a TM-T20II, multiples of 48 garble a POS-5890K, very small bands leave gaps.
fn harmless_height(rows: usize) -> usize {
    let rows = rows.max(16);
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
        /// What a printer draws is what was sent, but for single dots that break a real-time command.
        #[test]
        fn the_paper_shows_the_picture(blocks in prop::collection::vec((0usize..150, 0usize..150, any::<u8>()), 1..5)) {
            let mut rows = Vec::new();
            for (white, black, byte) in blocks {
                rows.extend(std::iter::repeat_n(vec![0; 72], white));
                rows.extend(std::iter::repeat_n(vec![byte; 72], black));
            }
            let picture = picture(&rows);
            let mut bytes = INITIALISE.to_vec();
            bytes.extend(raster(&picture));
            prop_assert!(!bytes.windows(2).any(|pair| matches!(pair, [0x10, 0x04 | 0x05 | 0x14])));
            bytes.extend(PARTIAL_CUT);
            let mut paper = Paper::new(576);
            let receipts = paper.feed(&bytes).unwrap();
            prop_assert_eq!(receipts.len(), 1);
            // Not `assert_eq`: nobody reads two pictures as numbers.
            prop_assert!(receipts[0].trimmed() == picture.trimmed());
        }
    }

    #[test]
    fn bands_stay_harmless() {
        for rows in 1..2000 {
            let height = harmless_height(rows_of(rows));
            assert!(
                (16..=101).contains(&height) && !height.is_multiple_of(48) && ![64, 128].contains(&height),
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
