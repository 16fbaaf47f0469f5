//! The code: the 20 digits behind the tracking number in a receipt's QR. Only the receipt shows it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digits::digit_value;

/// 20 digits that nobody can guess: who holds them holds the receipt.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// How many digits a code has.
pub const CODE_DIGITS: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the code of a receipt has 20 digits")]
pub struct CodeError;

impl Code {
    /// The code for a number below 10²⁰; greater ones are taken modulo 10²⁰.
    pub fn from_number(number: u128) -> Self {
        Self(format!("{:020}", number % 10u128.pow(CODE_DIGITS as u32)))
    }

    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let digits: Option<String> = text.chars().map(|c| digit_value(c).map(|value| (b'0' + value) as char)).collect();
        match digits {
            Some(digits) if digits.len() == CODE_DIGITS => Ok(Self(digits)),
            _ => Err(CodeError),
        }
    }

    /// The number that the digits are, below 10²⁰.
    pub fn number(&self) -> u128 {
        self.0.bytes().fold(0, |number, digit| number * 10 + u128::from(digit - b'0'))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A code opens a person's request: it stays out of logs.
impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code(…)")
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}
