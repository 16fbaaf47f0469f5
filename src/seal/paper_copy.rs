//! The paper copy: a request's envelope as digits, for a QR code at the end of a receipt whose request had not reached the
//! office when it was printed. Scanned at the office, it restores a request whose kiosk died.

use super::envelope::{Envelope, EnvelopeError};
use super::keys::OfficeKeys;
use crate::domain::digits::{from_bytes, only_digits, to_bytes};
use crate::domain::tracking_number::KioskNumber;

/// The most bytes that are copied: with error correction M its code has version 18, 89 modules.
pub const PAPER_COPY_BYTES_MAX: usize = 550;
/// The longest text that can be a paper copy, in bytes: every digit may be one of ٠-٩, and a scanner may add a little.
pub const PAPER_COPY_TEXT_MAX: usize = 4096;

#[derive(Debug, thiserror::Error)]
pub enum PaperCopyError {
    #[error("this is not the whole code of a paper copy: scan it once more, slowly and straight")]
    Form,
    #[error("the paper copy can't be read: {0}")]
    Envelope(#[from] EnvelopeError),
}

/// A copy as it was read from paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaperCopy {
    Whole(Box<Envelope>),
    /// [`Envelope::to_compact`], where the whole one has no room
    Compact(Vec<u8>),
}

impl PaperCopy {
    /// Whose copy it says it is, before anything is proved.
    pub fn kiosk(&self) -> Result<KioskNumber, EnvelopeError> {
        match self {
            Self::Whole(envelope) => Ok(envelope.header.kiosk),
            Self::Compact(bytes) => Ok(Envelope::header_of_compact(bytes)?.kiosk),
        }
    }

    /// The envelope, byte for byte; whether it was changed, its signature says.
    pub fn restore(&self, keys: &OfficeKeys) -> Result<Envelope, EnvelopeError> {
        match self {
            Self::Whole(envelope) => Ok(Envelope::clone(envelope)),
            Self::Compact(bytes) => Envelope::from_compact(bytes, keys),
        }
    }
}

/// The digits of an envelope's bytes, or of its compact form where they are too many; `None` when both are too large for
/// paper.
pub fn to_digits(envelope: &[u8]) -> Option<String> {
    if envelope.len() <= PAPER_COPY_BYTES_MAX {
        return Some(from_bytes(envelope));
    }
    let compact = Envelope::decode(envelope).ok()?.to_compact();
    (compact.len() <= PAPER_COPY_BYTES_MAX).then(|| from_bytes(&compact))
}

/// True for a text with more digits than any receipt's own code has: it is a paper copy, or nothing of ours.
pub fn is_paper_copy(text: &str) -> bool {
    text.len() <= PAPER_COPY_TEXT_MAX && only_digits(text).len() > 100
}

/// What is on a paper copy; whose it is, its signature proves, where the kiosk's key is known.
pub fn parse(text: &str) -> Result<PaperCopy, PaperCopyError> {
    if text.len() > PAPER_COPY_TEXT_MAX {
        return Err(PaperCopyError::Form);
    }
    let bytes = to_bytes(text).ok_or(PaperCopyError::Form)?;
    if bytes.len() > PAPER_COPY_BYTES_MAX {
        return Err(PaperCopyError::Form);
    }
    match bytes.first() {
        // A whole envelope begins with `IQ`.
        Some(b'I') => Ok(PaperCopy::Whole(Box::new(Envelope::decode(&bytes)?))),
        Some(_) => Ok(PaperCopy::Compact(bytes)),
        None => Err(PaperCopyError::Form),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::digits::to_eastern;
    use crate::domain::record::Record;
    use crate::seal::envelope::{Epoch, HeaderHash, KioskTime, Place};
    use crate::seal::keys::KioskKeys;
    use crate::seal::seed::Seed;

    fn office() -> OfficeKeys {
        OfficeKeys::from_seed(&Seed::fixed(2))
    }

    fn envelope(text: &str) -> Envelope {
        let place = Place {
            kiosk: KioskNumber::try_from(3).unwrap(),
            epoch: Epoch([9; 16]),
            sequence: 7,
            previous: HeaderHash::NONE,
        };
        let time = KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true };
        let keys = KioskKeys::from_seed(&Seed::fixed(1));
        Envelope::seal(&keys, &office().sealing_key(), place, time, &Record::Suggestion { text: text.into() }).unwrap()
    }

    #[test]
    fn an_envelope_comes_back_byte_for_byte_in_any_digits() {
        for length in 0..40 {
            let bytes = envelope(&"x".repeat(length)).encode();
            let digits = to_digits(&bytes).unwrap();
            assert!(is_paper_copy(&digits));
            for text in [digits.clone(), to_eastern(&digits), format!(" {digits}\r\n")] {
                assert_eq!(parse(&text).unwrap().restore(&office()).unwrap().encode(), bytes, "{length}");
            }
        }
    }

    #[test]
    fn what_is_too_large_goes_without_what_can_be_computed_and_then_not_at_all() {
        let mut forms = [0; 3];
        for length in 150..500 {
            let bytes = envelope(&"x".repeat(length)).encode();
            let Some(digits) = to_digits(&bytes) else {
                forms[2] += 1;
                continue;
            };
            assert!(digits.len() <= 1346, "version 18 with error correction M");
            let copy = parse(&digits).unwrap();
            assert_eq!(copy.restore(&office()).unwrap().encode(), bytes, "{length}");
            forms[usize::from(matches!(copy, PaperCopy::Compact(_)))] += 1;
        }
        assert!(forms.iter().all(|count| *count > 20), "{forms:?}");
    }

    proptest! {
        /// A digit that was misread, lost or doubled is noticed: the content's hash is part of what was signed.
        #[test]
        fn a_changed_copy_is_refused(
            length in prop::sample::select(vec![10_usize, 320]),
            place in 0_usize..1400,
            digit in 0_u8..10,
            change in 0..3,
        ) {
            let mut digits = to_digits(&envelope(&"x".repeat(length)).encode()).unwrap().into_bytes();
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
            let key = KioskKeys::from_seed(&Seed::fixed(1)).proving_key();
        let restored = parse(&text).ok().and_then(|copy| copy.restore(&office()).ok());
        prop_assert!(restored.is_none_or(|envelope| envelope.verify(&key).is_err()));
        }

        #[test]
        fn nothing_panics(text in ".{0,200}", digits in "[0-9]{0,1400}") {
            let _ = parse(&text);
            let _ = parse(&digits);
        }
    }
}
