//! The national id of a citizen or the iqama of a resident.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::digits::{luhn_holds, only_digits};

/// A national id or iqama: 10 digits, the first 1 (citizen) or 2 (resident), with a Luhn check digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Zeroize)]
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

/// The neighbours of each digit on a telephone's number pad.
const BESIDE: [&str; 10] = ["8", "24", "135", "26", "157", "2468", "359", "48", "5790", "68"];

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

    /// Whether one slip of a finger makes the other of this one: a digit taken for its neighbour on the number pad, or two
    /// neighbours swapped, with the check digit that belongs to what was typed.
    pub fn is_a_slip_from(&self, other: &Self) -> bool {
        let (one, other) = (self.0.as_bytes(), other.0.as_bytes());
        let mut differing = (0..9).filter(|place| one[*place] != other[*place]);
        match (differing.next(), differing.next(), differing.next()) {
            (None, ..) => false,
            (Some(place), None, _) => {
                let is_beside = BESIDE[usize::from(one[place] - b'0')].bytes().any(|beside| beside == other[place]);
                // The ninth digit swapped with the check digit, which is another one then.
                is_beside || place == 8 && other[place] == one[9]
            }
            (Some(place), Some(next), None) => {
                next == place + 1 && one[place] == other[next] && one[next] == other[place]
            }
            _ => false,
        }
    }

    /// The ids that [one slip](Self::is_a_slip_from) makes of this one and that pass the check all the same.
    pub fn mistyped(&self) -> BTreeSet<Self> {
        let digits = self.0.as_bytes();
        let mut typed: Vec<Vec<u8>> = Vec::new();
        for place in 0..9 {
            for beside in BESIDE[usize::from(digits[place] - b'0')].bytes() {
                let mut changed = digits.to_vec();
                changed[place] = beside;
                typed.push(changed);
            }
        }
        for place in 0..9 {
            let mut changed = digits.to_vec();
            changed.swap(place, place + 1);
            typed.push(changed);
        }
        let with_check = typed.iter().flat_map(|typed| {
            let body = String::from_utf8_lossy(&typed[..9]).into_owned();
            (0..10).filter_map(move |check| Self::parse(&format!("{body}{check}")).ok())
        });
        with_check.filter(|id| id != self).collect()
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
    fn a_slip_makes_another_id_that_makes_this_one_again() {
        let id = NationalId::parse("1000000008").unwrap();
        let mistyped = id.mistyped();
        assert!(!mistyped.contains(&id) && (5..60).contains(&mistyped.len()), "{}", mistyped.len());
        assert!(mistyped.iter().all(|other| other.mistyped().contains(&id)));
    }

    #[test]
    fn a_slip_is_known_by_looking_at_both() {
        let all: Vec<NationalId> = ["1000000008", "1234567897", "2345678903", "1055512345", "2198765430"]
            .iter()
            .flat_map(|text| (0..10).filter_map(|check| NationalId::parse(&format!("{}{check}", &text[..9])).ok()))
            .collect();
        assert_eq!(all.len(), 5);
        for id in &all {
            let mistyped = id.mistyped();
            for other in
                mistyped.iter().chain(mistyped.iter().flat_map(|one| one.mistyped()).collect::<Vec<_>>().iter())
            {
                assert_eq!(id.is_a_slip_from(other), mistyped.contains(other), "{id:?} {other:?}");
            }
        }
    }

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
