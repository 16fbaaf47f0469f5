//! A Saudi mobile number.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::digits::{digit_value, only_digits};

/// A mobile number, kept as E.164: `+9665` and 8 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Zeroize)]
#[serde(try_from = "String", into = "String")]
pub struct Mobile(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MobileError {
    #[error("a mobile number has 10 digits, like 05X XXX XXXX")]
    Length,
    #[error("a mobile number begins with 05")]
    Prefix,
}

impl Mobile {
    /// `05XXXXXXXX`, `5XXXXXXXX`, `+9665XXXXXXXX` or `009665XXXXXXXX`, digits in any style.
    pub fn parse(text: &str) -> Result<Self, MobileError> {
        let foreign = |c: char| !(digit_value(c).is_some() || c.is_whitespace() || "+-()".contains(c));
        let digits = only_digits(text);
        if text.contains(foreign) {
            return Err(MobileError::Length);
        }
        let national = digits
            .strip_prefix("00966")
            .or_else(|| digits.strip_prefix("966"))
            .or_else(|| digits.strip_prefix('0'))
            .unwrap_or(&digits);
        if !national.starts_with('5') {
            return Err(MobileError::Prefix);
        }
        if national.len() != 9 {
            return Err(MobileError::Length);
        }
        Ok(Self(format!("+966{national}")))
    }

    /// E.164, for example `+966500000000`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people say it: `05XXXXXXXX`.
    pub fn national(&self) -> String {
        format!("0{}", &self.0[4..])
    }
}

impl TryFrom<String> for Mobile {
    type Error = MobileError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Mobile> for String {
    fn from(mobile: Mobile) -> Self {
        mobile.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_one_number() {
        for text in ["0500000000", "٠٥٠٠٠٠٠٠٠٠", "+966 50 000 0000", "00966500000000", "500000000"] {
            assert_eq!(Mobile::parse(text).unwrap().as_str(), "+966500000000", "{text}");
        }
        assert_eq!(Mobile::parse("0400000000"), Err(MobileError::Prefix));
        assert_eq!(Mobile::parse("050000000"), Err(MobileError::Length));
        assert_eq!(Mobile::parse("05000000000"), Err(MobileError::Length));
    }
}
