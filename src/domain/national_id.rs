//! The national id of a citizen or the iqama of a resident.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::digits::{luhn_holds, only_digits};

/// A national id or iqama: 10 digits, the first 1 (citizen) or 2 (resident), with a Luhn check digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Zeroize)]
#[serde(try_from = "String", into = "String")]
pub struct NationalId(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NationalIdError {
    #[error("a national id or iqama has 10 digits")]
    Length,
    #[error("a national id begins with 1, an iqama with 2")]
    FirstDigit,
    #[error("one of the digits is not right: compare the number with the card")]
    CheckDigit,
}

impl NationalId {
    /// Digits in any style; spaces and dashes are passed over.
    pub fn parse(text: &str) -> Result<Self, NationalIdError> {
        let foreign = |c: char| !(super::digits::digit_value(c).is_some() || c.is_whitespace() || c == '-');
        let digits = only_digits(text);
        if digits.len() != 10 || text.contains(foreign) {
            return Err(NationalIdError::Length);
        }
        if !digits.starts_with(['1', '2']) {
            return Err(NationalIdError::FirstDigit);
        }
        if !luhn_holds(&digits) {
            return Err(NationalIdError::CheckDigit);
        }
        Ok(Self(digits))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for NationalId {
    type Error = NationalIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<NationalId> for String {
    fn from(id: NationalId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_s_vectors() {
        assert!(NationalId::parse("1000000008").is_ok());
        assert_eq!(NationalId::parse("1000000000"), Err(NationalIdError::CheckDigit));
        assert_eq!(NationalId::parse("3000000004"), Err(NationalIdError::FirstDigit));
        assert_eq!(NationalId::parse("100000000"), Err(NationalIdError::Length));
        assert_eq!(NationalId::parse("1000000008x"), Err(NationalIdError::Length));
        assert_eq!(NationalId::parse("١٠٠٠٠٠٠٠٠٨").unwrap().as_str(), "1000000008");
    }
}
