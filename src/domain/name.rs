//! A person's name.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A person's name: at least two words of letters in any script, at most 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Zeroize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// The most characters a name may have; the receipt copy and the envelope are sized by it.
pub const NAME_CHARACTERS_MAX: usize = 80;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("write the name with the father's or family name")]
    TwoWords,
    #[error("a name is written with letters only")]
    Letters,
    #[error("the name is too long: 80 characters at most")]
    Length,
}

impl PersonName {
    /// Spaces are gathered; letters, marks, apostrophes, hyphens and dots are welcome in any script.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() > NAME_CHARACTERS_MAX {
            return Err(NameError::Length);
        }
        let fits = |c: char| c == ' ' || "'’-.ـ".contains(c) || c.is_alphabetic() || is_mark(c);
        if !name.chars().all(fits) {
            return Err(NameError::Letters);
        }
        let words = name.split(' ').filter(|word| word.contains(char::is_alphabetic)).count();
        if words < 2 {
            return Err(NameError::TwoWords);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks that a name may carry: Arabic vowels (tashkeel), combining accents, the Indic viramas, and the joiners of
/// Persian and Urdu.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{0300}'..='\u{036F}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{093C}' | '\u{094D}' | '\u{09CD}' | '\u{200C}' | '\u{200D}')
}

impl TryFrom<String> for PersonName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds() {
        for name in ["نورة بنت سعد القحطاني", "Mary-Anne O'Neil", "عَبْدُ الله  محمد", "محمد عبد الرحمٰن"]
        {
            assert!(PersonName::parse(name).is_ok(), "{name}");
        }
        assert_eq!(PersonName::parse(" نورة "), Err(NameError::TwoWords));
        assert_eq!(PersonName::parse("نورة 5"), Err(NameError::Letters));
        assert_eq!(PersonName::parse("- -"), Err(NameError::TwoWords));
        assert_eq!(PersonName::parse(&"ab ".repeat(40)), Err(NameError::Length));
    }
}
