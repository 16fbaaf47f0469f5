//! Ratings: a right of the beneficiary, a tool for improvement (P13). A rating names no person and no request.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// One of four faces, 1 (very unsatisfied) to 4 (very satisfied); there is no neutral one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Face(u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a face is a number from 1 to 4")]
pub struct FaceError;

impl Face {
    pub const ALL: [Self; 4] = [Self(1), Self(2), Self(3), Self(4)];

    pub fn get(self) -> u8 {
        self.0
    }

    /// The two upper faces are happy ones.
    pub fn mood(self) -> Mood {
        if self.0 >= 3 { Mood::Happy } else { Mood::Unhappy }
    }
}

/// On which side of the missing middle a face is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    Happy,
    Unhappy,
}

impl TryFrom<u8> for Face {
    type Error = FaceError;

    fn try_from(face: u8) -> Result<Self, Self::Error> {
        if (1..=4).contains(&face) { Ok(Self(face)) } else { Err(FaceError) }
    }
}

impl From<Face> for u8 {
    fn from(face: Face) -> Self {
        face.0
    }
}

/// The service of a rating that was given without a receipt.
pub const GENERAL_SERVICE: &str = "general";

/// What a beneficiary thinks of a delivered service. Its time is a week, so that it can't be matched with a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    pub face: Face,
    /// Ids of the catalogue's reasons
    pub reasons: Vec<String>,
}

/// The ISO 8601 week of a day, for example `2026-W48`.
pub fn iso_week(day: NaiveDate) -> String {
    let week = day.iso_week();
    format!("{}-W{:02}", week.year(), week.week())
}
