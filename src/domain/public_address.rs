//! The address of the office's status page, as it stands in a receipt's QR code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::code::Code;
use super::tracking_number::TrackingNumber;

/// The longest host: with it, a receipt's two codes still have four dots a module on paper of 58 mm.
pub const HOST_CHARACTERS_MAX: usize = 40;

/// Where the office answers the public: `https://` and a host of letters, dots and hyphens. A host has no digits, because whoever
/// reads a receipt's code under a foreign keyboard layout takes all digits, and only them, for its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAddress {
    host: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public address is https:// and a host of letters, dots and hyphens, at most {HOST_CHARACTERS_MAX}, without digits or port, for example https://status.example.org"
)]
pub struct PublicAddressError;

impl PublicAddress {
    /// What a receipt's code says: an address that a phone opens, in capital letters, which take less room in a QR code.
    pub fn receipt(&self, number: TrackingNumber, code: &Code) -> String {
        format!("HTTPS://{}/T/{number}{}", self.host.to_uppercase(), code.as_str())
    }

    /// In small letters.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// What the QR code of a receipt says: the tracking number and the code, behind the office's public address where it has one.
pub fn receipt_text(address: Option<&PublicAddress>, number: TrackingNumber, code: &Code) -> String {
    match address {
        Some(address) => address.receipt(number, code),
        None => format!("{number}{}", code.as_str()),
    }
}

impl FromStr for PublicAddress {
    type Err = PublicAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_ascii_lowercase();
        let host = text.strip_prefix("https://").ok_or(PublicAddressError)?;
        let host = host.strip_suffix('/').unwrap_or(host);
        let is_label = |label: &str| {
            let fits = |c: char| c.is_ascii_lowercase() || c == '-';
            !label.is_empty() && label.chars().all(fits) && !label.starts_with('-') && !label.ends_with('-')
        };
        let is_host = host.len() <= HOST_CHARACTERS_MAX && host.contains('.') && host.split('.').all(is_label);
        if is_host { Ok(Self { host: host.to_owned() }) } else { Err(PublicAddressError) }
    }
}

impl fmt::Display for PublicAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "https://{}", self.host)
    }
}

impl<'de> Deserialize<'de> for PublicAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::Scan;
    use super::*;

    #[test]
    fn a_receipt_behind_an_address_is_still_that_receipt() {
        let number = TrackingNumber::new(17.try_into().unwrap(), 4_803_956);
        let code = Code::from_number(31_415_926_535_897_932_384);
        let address: PublicAddress = "https://Status.Example.org/".parse().unwrap();
        let text = receipt_text(Some(&address), number, &code);
        assert_eq!(text, format!("HTTPS://STATUS.EXAMPLE.ORG/T/{number}31415926535897932384"));
        for text in [text, receipt_text(None, number, &code)] {
            assert_eq!(Scan::parse(&text), Ok(Scan { tracking_number: number, code: Some(code.clone()) }));
        }
    }

    #[test]
    fn digits_ports_and_other_schemes_are_refused() {
        for text in [
            "",
            "status.example.org",
            "http://status.example.org",
            "https://",
            "https://localhost",
            "https://status2.example.org",
            "https://status.example.org:8443",
            "https://status.example.org/t",
            "https://-status.example.org",
            "https://user@example.org",
            "https://مثال.السعودية",
            &format!("https://{}.example.org", "x".repeat(40)),
        ] {
            assert_eq!(text.parse::<PublicAddress>(), Err(PublicAddressError), "{text}");
        }
    }
}
