//! What a scanner, a camera or a keyboard gives: one parser for all of them.

use super::code::{CODE_DIGITS, Code};
use super::digits::only_digits;
use super::tracking_number::{TrackingNumber, TrackingNumberError};

/// A receipt as it was scanned (with its code) or typed (the tracking number alone).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    pub tracking_number: TrackingNumber,
    pub code: Option<Code>,
}

/// The longest text that can be a receipt; anything longer is refused unread.
pub const SCAN_BYTES_MAX: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    #[error("this is not a receipt of ours: scan the QR code of the receipt, or type its 12 digits")]
    Foreign,
    #[error("one of the digits is not right: compare the number with the receipt, or scan it again")]
    CheckDigit,
}

impl Scan {
    /// 32 digits or 12, in any style, bare or behind `HTTPS://HOST/T/`, with spaces or foreign letters between them
    /// (a scanner under a foreign keyboard layout turns the address's letters into others, never its digits).
    pub fn parse(text: &str) -> Result<Self, ScanError> {
        if text.len() > SCAN_BYTES_MAX {
            return Err(ScanError::Foreign);
        }
        let digits = only_digits(text);
        let (number, code) = match digits.len() {
            12 => (digits.as_str(), None),
            32 => {
                let (number, code) = digits.split_at(32 - CODE_DIGITS);
                (number, Some(Code::parse(code).map_err(|_| ScanError::Foreign)?))
            }
            _ => return Err(ScanError::Foreign),
        };
        let tracking_number = TrackingNumber::parse(number).map_err(|error| match error {
            TrackingNumberError::CheckDigit => ScanError::CheckDigit,
            TrackingNumberError::Length | TrackingNumberError::Kiosk => ScanError::Foreign,
        })?;
        Ok(Self { tracking_number, code })
    }
}

#[cfg(test)]
mod tests {
    use super::super::digits::to_eastern;
    use super::super::tracking_number::KioskNumber;
    use super::*;

    fn receipt() -> (String, Scan) {
        let tracking_number = TrackingNumber::new(KioskNumber::try_from(3).unwrap(), 7_654_321);
        let code = Code::from_number(98_765_432_109_876_543_210);
        (format!("{tracking_number}{}", code.as_str()), Scan { tracking_number, code: Some(code) })
    }

    #[test]
    fn a_receipt_is_read_in_every_form() {
        let (digits, scan) = receipt();
        for text in [
            digits.clone(),
            to_eastern(&digits),
            format!("HTTPS://EXAMPLE.ORG/T/{digits}\r\n"),
            format!("اففحس://ثءشةحمث/ف/{digits}"),
        ] {
            assert_eq!(Scan::parse(&text), Ok(scan.clone()), "{text}");
        }
        let typed = Scan::parse(&scan.tracking_number.grouped()).unwrap();
        assert_eq!((typed.tracking_number, typed.code), (scan.tracking_number, None));
    }

    #[test]
    fn anything_else_is_refused() {
        let (digits, _) = receipt();
        for text in ["", "1000000008", &digits[..31], &format!("{digits}1"), "WIFI:S:guest;;", &"1".repeat(100_000)] {
            assert_eq!(Scan::parse(text), Err(ScanError::Foreign));
        }
        let mut wrong = digits.into_bytes();
        wrong[5] = if wrong[5] == b'9' { b'0' } else { wrong[5] + 1 };
        assert_eq!(Scan::parse(&String::from_utf8(wrong).unwrap()), Err(ScanError::CheckDigit));
    }
}
