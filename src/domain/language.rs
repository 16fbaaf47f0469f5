//! The languages of the reception.

use serde::{Deserialize, Serialize};

/// A language of the screens and of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "ar")]
    Arabic,
    #[serde(rename = "en")]
    English,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the languages are ar and en")]
pub struct LanguageError;

impl Language {
    pub const ALL: [Self; 2] = [Self::Arabic, Self::English];

    /// ISO 639-1: `ar`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Arabic => "ar",
            Self::English => "en",
        }
    }

    /// The language's name in its own script.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Arabic => "العربية",
            Self::English => "English",
        }
    }

    pub fn is_right_to_left(self) -> bool {
        self == Self::Arabic
    }
}

impl std::str::FromStr for Language {
    type Err = LanguageError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|language| language.code() == code).ok_or(LanguageError)
    }
}
