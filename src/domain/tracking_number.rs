//! The number by which a request is followed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digits::{GROUP_SPACE, digit_value, to_eastern};

/// A tracking number: 12 digits, made of the kiosk (4), a random part (7) and a Damm check digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackingNumber([u8; 12]);

/// How many random parts a kiosk can hand out.
pub const RANDOM_PARTS: u32 = 10_000_000;

/// The number of a kiosk: 1 to 9999; 0 is the office's own desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct KioskNumber(u16);

impl KioskNumber {
    pub const DESK: Self = Self(0);
    pub const MAX: u16 = 9999;

    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for KioskNumber {
    type Error = TrackingNumberError;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        if number > Self::MAX { Err(TrackingNumberError::Kiosk) } else { Ok(Self(number)) }
    }
}

impl From<KioskNumber> for u16 {
    fn from(number: KioskNumber) -> Self {
        number.0
    }
}

impl fmt::Display for KioskNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrackingNumberError {
    #[error("a tracking number has 12 digits")]
    Length,
    #[error("one of the digits is not right: compare the number with the receipt")]
    CheckDigit,
    #[error("a kiosk number is at most 9999")]
    Kiosk,
}

impl TrackingNumber {
    /// The number of `kiosk` with the given random part, taken modulo [`RANDOM_PARTS`].
    pub fn new(kiosk: KioskNumber, random: u32) -> Self {
        let text = format!("{:04}{:07}", kiosk.get(), random % RANDOM_PARTS);
        let mut digits = [0; 12];
        for (place, byte) in text.bytes().enumerate() {
            digits[place] = byte - b'0';
        }
        digits[11] = damm(&digits[..11]);
        Self(digits)
    }

    /// Digits in any style; spaces and dashes are passed over.
    pub fn parse(text: &str) -> Result<Self, TrackingNumberError> {
        let mut digits = [0; 12];
        let mut count = 0;
        for character in text.chars() {
            match digit_value(character) {
                Some(value) if count < 12 => {
                    digits[count] = value;
                    count += 1;
                }
                Some(_) => return Err(TrackingNumberError::Length),
                None if character.is_whitespace() || character == '-' => {}
                None => return Err(TrackingNumberError::Length),
            }
        }
        if count != 12 {
            return Err(TrackingNumberError::Length);
        }
        if damm(&digits) != 0 {
            return Err(TrackingNumberError::CheckDigit);
        }
        Ok(Self(digits))
    }

    pub fn kiosk(&self) -> KioskNumber {
        KioskNumber(self.0[..4].iter().fold(0, |number, digit| number * 10 + u16::from(*digit)))
    }

    /// As it is shown: `4712 8039 5614`.
    pub fn grouped(&self) -> String {
        let text = self.to_string();
        format!("{} {} {}", &text[..4], &text[4..8], &text[8..])
    }

    /// As it is shown in ٠-٩, whose groups only [`GROUP_SPACE`] keeps in their order.
    pub fn grouped_eastern(&self) -> String {
        to_eastern(&self.grouped()).replace(' ', &GROUP_SPACE.to_string())
    }
}

impl fmt::Display for TrackingNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(formatter, "{digit}"))
    }
}

impl fmt::Debug for TrackingNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl TryFrom<String> for TrackingNumber {
    type Error = TrackingNumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<TrackingNumber> for String {
    fn from(number: TrackingNumber) -> Self {
        number.to_string()
    }
}

/// The check digit of H. Michael Damm's thesis (2004): every single wrong digit and every swap of
/// neighbours is noticed. The digit of a number that already ends with its check digit is 0.
pub fn damm(digits: &[u8]) -> u8 {
    const QUASIGROUP: [[u8; 10]; 10] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];
    digits.iter().fold(0, |row, digit| QUASIGROUP[usize::from(row)][usize::from(digit % 10)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damm_s_published_vector() {
        assert_eq!(damm(&[5, 7, 2]), 4);
        assert_eq!(damm(&[5, 7, 2, 4]), 0);
    }

    #[test]
    fn a_wrong_digit_or_a_swap_is_noticed() {
        let number = TrackingNumber::new(KioskNumber::try_from(17).unwrap(), 1_234_567);
        let text = number.to_string();
        assert_eq!(TrackingNumber::parse(&text), Ok(number));
        assert_eq!(number.kiosk().get(), 17);
        for place in 0..12 {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + 1) % 10;
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(TrackingNumber::parse(&changed), Err(TrackingNumberError::CheckDigit), "{changed}");
        }
        assert_eq!(TrackingNumber::parse("0017"), Err(TrackingNumberError::Length));
        assert_eq!(TrackingNumber::parse(&format!("{text}0")), Err(TrackingNumberError::Length));
    }

    #[test]
    fn it_is_shown_in_groups_of_four() {
        let number = TrackingNumber::new(KioskNumber::try_from(1).unwrap(), 42);
        assert_eq!(number.grouped().len(), 14);
        assert_eq!(TrackingNumber::parse(&number.grouped_eastern()), Ok(number));
    }
}
