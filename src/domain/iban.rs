//! A Saudi bank account.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::digits::to_western;

/// A Saudi IBAN: `SA` and 22 digits, mod 97 (ISO 13616). The registry would allow letters in the account number; Saudi
/// banks give digits only, and the number pad has nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Zeroize)]
#[serde(try_from = "String", into = "String")]
pub struct Iban(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IbanError {
    #[error("an IBAN is SA and 22 digits")]
    Form,
    #[error("one of the digits is not right: compare the number with the bank's paper")]
    CheckDigits,
}

impl Iban {
    /// With or without `SA`, spaces anywhere, digits in any style.
    pub fn parse(text: &str) -> Result<Self, IbanError> {
        let compact: String =
            to_western(text).chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let digits = compact.strip_prefix("SA").unwrap_or(&compact);
        if digits.len() != 22 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(IbanError::Form);
        }
        // ISO 7064: the country code as numbers (S = 28, A = 10) and the check digits go to the end.
        let rearranged = format!("{}2810{}", &digits[2..], &digits[..2]);
        let remainder = rearranged.bytes().fold(0u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
        if remainder != 1 {
            return Err(IbanError::CheckDigits);
        }
        Ok(Self(format!("SA{digits}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Iban {
    type Error = IbanError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Iban> for String {
    fn from(iban: Iban) -> Self {
        iban.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_s_vector() {
        assert!(Iban::parse("SA03 8000 0000 6080 1016 7519").is_ok());
        assert!(Iban::parse("0380000000608010167519").is_ok());
        assert_eq!(Iban::parse("SA0380000000608010167518"), Err(IbanError::CheckDigits));
        assert_eq!(Iban::parse("SA03é"), Err(IbanError::Form));
    }
}
