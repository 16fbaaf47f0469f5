//! The versions of the texts that an applicant saw and signed (P16, P22).

use serde::{Deserialize, Serialize};

/// The versions of the texts a request was made under (P22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    pub catalogue: u32,
    pub declaration: u32,
    pub privacy_notice: u32,
    pub policy: u32,
}
