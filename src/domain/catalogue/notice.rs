//! Short notices for visitors: "we are closed on Thursday", or "you said, we did" (P4).

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::Text;
use crate::domain::calendar::{DateError, parse_date};

/// The most characters of a notice in each language: kiosks show it whole, and nothing there scrolls.
pub const NOTICE_CHARACTERS_MAX: usize = 160;

/// What visitors are told from one day through another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub id: Spanned<String>,
    pub text: Text,
    /// The first day
    pub from: NoticeDay,
    /// The last day
    pub until: NoticeDay,
}

/// A day in Riyadh as the file says it: `2026-11-23`, or `1448-06-13 H`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct NoticeDay(pub NaiveDate);

impl TryFrom<String> for NoticeDay {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        parse_date(&text).map(Self)
    }
}
