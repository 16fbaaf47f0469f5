//! The paper copy: a request's envelope as digits, for a QR code at the end of a receipt whose request had not reached the
//! office when it was printed. Scanned at the office, it restores a request whose kiosk died.
//!
//! Seven bytes are one number of 17 digits (2⁵⁶ < 10¹⁷); what is left over at the end takes as many digits as it needs.
//! Digits alone survive every keyboard layout, and a QR code packs them densest (ISO/IEC 18004, 7.4.3).

use super::envelope::{Envelope, EnvelopeError};
use crate::domain::digits::only_digits;

/// The largest envelope that is copied: with error correction M its code has version 18, 89 modules.
pub const PAPER_COPY_BYTES_MAX: usize = 550;
/// The longest text that can be a paper copy, in bytes: every digit may be one of ٠-٩, and a scanner may add a little.
pub const PAPER_COPY_TEXT_MAX: usize = 4096;

/// Bytes a group.
const GROUP: usize = 7;
/// How many digits so many bytes take.
const DIGITS: [usize; GROUP + 1] = [0, 3, 5, 8, 10, 13, 15, 17];

#[derive(Debug, thiserror::Error)]
pub enum PaperCopyError {
    #[error("this is not the whole code of a paper copy: scan it once more, slowly and straight")]
    Form,
    #[error("the paper copy can't be read: {0}")]
    Envelope(#[from] EnvelopeError),
}

/// The digits of an envelope's bytes; `None` when it is too large for paper.
pub fn to_digits(envelope: &[u8]) -> Option<String> {
    if envelope.len() > PAPER_COPY_BYTES_MAX {
        return None;
    }
    let mut digits = String::with_capacity(envelope.len() * DIGITS[GROUP] / GROUP + DIGITS[GROUP]);
    for group in envelope.chunks(GROUP) {
        let number = group.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let width = DIGITS[group.len()];
        digits += &format!("{number:0width$}");
    }
    Some(digits)
}

/// True for a text with more digits than any receipt's own code has: it is a paper copy, or nothing of ours.
pub fn is_paper_copy(text: &str) -> bool {
    text.len() <= PAPER_COPY_TEXT_MAX && only_digits(text).len() > 100
}

/// The envelope on a paper copy, whose content is whole; whose it is, its signature proves, where the kiosk's key is known.
pub fn parse(text: &str) -> Result<Envelope, PaperCopyError> {
    if text.len() > PAPER_COPY_TEXT_MAX {
        return Err(PaperCopyError::Form);
    }
    let digits = only_digits(text);
    let mut bytes = Vec::with_capacity(PAPER_COPY_BYTES_MAX);
    for group in digits.as_bytes().chunks(DIGITS[GROUP]) {
        let length = DIGITS.iter().position(|digits| *digits == group.len()).ok_or(PaperCopyError::Form)?;
        // At most 17 digits: far below 2⁶⁴.
        let number = group.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        if number >> (8 * length) != 0 {
            return Err(PaperCopyError::Form);
        }
        bytes.extend_from_slice(&number.to_be_bytes()[8 - length..]);
    }
    if bytes.len() > PAPER_COPY_BYTES_MAX {
        return Err(PaperCopyError::Form);
    }
    Ok(Envelope::decode(&bytes)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::digits::to_eastern;
    use crate::domain::record::Record;
    use crate::domain::tracking_number::KioskNumber;
    use crate::seal::envelope::{Epoch, HeaderHash, KioskTime, Place};
    use crate::seal::keys::{KioskKeys, OfficeKeys};
    use crate::seal::seed::Seed;

    fn envelope(text: &str) -> Envelope {
        let place = Place {
            kiosk: KioskNumber::try_from(3).unwrap(),
            epoch: Epoch([9; 16]),
            sequence: 7,
            previous: HeaderHash::NONE,
        };
        let time = KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true };
        let keys = KioskKeys::from_seed(&Seed::fixed(1));
        let office = OfficeKeys::from_seed(&Seed::fixed(2));
        Envelope::seal(&keys, &office.sealing_key(), place, time, &Record::Suggestion { text: text.into() }).unwrap()
    }

    #[test]
    fn an_envelope_comes_back_byte_for_byte_in_any_digits() {
        for length in 0..40 {
            let bytes = envelope(&"x".repeat(length)).encode();
            let digits = to_digits(&bytes).unwrap();
            assert!(is_paper_copy(&digits));
            for text in [digits.clone(), to_eastern(&digits), format!(" {digits}\r\n")] {
                assert_eq!(parse(&text).unwrap().encode(), bytes, "{length}");
            }
        }
    }

    #[test]
    fn what_is_too_large_for_paper_is_left_out() {
        assert!(to_digits(&[7; PAPER_COPY_BYTES_MAX]).unwrap().len() <= 1346, "version 18 with error correction M");
        assert_eq!(to_digits(&[7; PAPER_COPY_BYTES_MAX + 1]), None);
    }

    proptest! {
        /// A digit that was misread, lost or doubled is noticed: the content's hash is part of what was signed.
        #[test]
        fn a_changed_copy_is_refused(place in 0_usize..600, digit in 0_u8..10, change in 0..3) {
            let mut digits = to_digits(&envelope("a suggestion").encode()).unwrap().into_bytes();
            let place = place % digits.len();
            let before = digits.clone();
            match change {
                0 => digits[place] = b'0' + digit,
                1 => drop(digits.remove(place)),
                _ => digits.insert(place, b'0' + digit),
            }
            prop_assume!(digits != before);
            let text = String::from_utf8(digits).unwrap();
            // The 64 bytes of the signature and most of the header are vouched for by the signature alone.
            let proved = parse(&text).is_ok_and(|read| read.verify(&KioskKeys::from_seed(&Seed::fixed(1)).proving_key()).is_ok());
            prop_assert!(!proved);
        }

        #[test]
        fn nothing_panics(text in ".{0,200}", digits in "[0-9]{0,1400}") {
            let _ = parse(&text);
            let _ = parse(&digits);
        }
    }
}
