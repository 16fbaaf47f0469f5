//! A request for support (طلب دعم).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::catalogue::SERVICE_QUESTION;
use super::declaration::Versions;
use super::documents::DocumentAnswer;
use super::language::Language;
use super::tracking_number::TrackingNumber;

/// The identity of a request: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub [u8; 16]);

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::str::FromStr for RequestId {
    type Err = RequestIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 32 || !text.is_ascii() {
            return Err(RequestIdError);
        }
        let mut id = [0; 16];
        for (place, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).map_err(|_| RequestIdError)?;
        }
        Ok(Self(id))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a request id is 32 hexadecimal digits")]
pub struct RequestIdError;

/// Where a request came in (P8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Kiosk,
    Desk,
    Phone,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Desk => "desk",
            Self::Phone => "phone",
        }
    }
}

/// Whether the beneficiary belongs to the association itself (P14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beneficiary {
    Internal,
    External,
}

impl Beneficiary {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::External => "external",
        }
    }
}

/// What an applicant registers and signs; its time is the envelope's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: RequestId,
    pub tracking_number: TrackingNumber,
    pub language: Language,
    pub channel: Channel,
    pub beneficiary: Beneficiary,
    pub versions: Versions,
    pub answers: Answers,
    pub documents: BTreeMap<String, DocumentAnswer>,
}

impl Request {
    /// The catalogue's id of the service asked for. The catalogue's rules make that answer present; a request made by
    /// foreign hands without it has the empty service.
    pub fn service(&self) -> &str {
        self.answers.choice(SERVICE_QUESTION).unwrap_or_default()
    }

    /// The documents that are not there yet, in the catalogue's ids.
    pub fn missing_documents(&self) -> Vec<String> {
        let later = self.documents.iter().filter(|(_, answer)| **answer == DocumentAnswer::Later);
        later.map(|(id, _)| id.clone()).collect()
    }
}
