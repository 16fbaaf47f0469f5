//! The invite: what a kiosk needs to reach its office for the first time.
//!
//! As text it is `ISTIQBAL/host:port/PIN/CODE`. As a QR code it is digits only, because the kiosk's scanner types it, and
//! under an Arabic layout letters turn into others.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::code::Code;
use crate::domain::digits::{digit_value, from_bytes, to_bytes};
use crate::seal::keys::{hex, sha256};

/// The office's address, a pin of its key, and a one-time code; shown by the office as a QR code and as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// `host:port` of the office's replication listener
    pub address: String,
    pub pin: Pin,
    pub code: Code,
}

/// The first 16 bytes of the SHA-256 of a public key (SubjectPublicKeyInfo).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin(pub [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no invite: it reads ISTIQBAL/host:port/32 hexadecimal digits/20 digits. Make one with: istiqbal office invite --print"
)]
pub struct InviteError;

const SCHEME: &str = "ISTIQBAL";
/// The first byte of an invite's digits; a paper copy begins otherwise.
const SCANNED: u8 = 2;
/// So many bytes of a SHA-256 tell an invite that was misread.
const CHECK_BYTES: usize = 4;
/// 10²⁰ < 2⁷²
const CODE_BYTES: usize = 9;
/// The longest address in an invite, in bytes: a host's name has at most 253.
const ADDRESS_BYTES_MAX: usize = 120;

impl Invite {
    /// The invite for a scanner: [`SCANNED`], four bytes of SHA-256 over what follows, pin, code and address.
    pub fn to_digits(&self) -> String {
        let code = self.code.number().to_be_bytes();
        let content = [&self.pin.0, &code[code.len() - CODE_BYTES..], self.address.as_bytes()].concat();
        let check = sha256(&[&content]);
        from_bytes(&[&[SCANNED], &check[..CHECK_BYTES], &content].concat())
    }

    fn from_digits(text: &str) -> Option<Self> {
        let bytes = to_bytes(text)?;
        let (check, content) = bytes.strip_prefix(&[SCANNED])?.split_at_checked(CHECK_BYTES)?;
        if sha256(&[content])[..CHECK_BYTES] != *check {
            return None;
        }
        let (pin, rest) = content.split_first_chunk()?;
        let (code, address) = rest.split_first_chunk::<CODE_BYTES>()?;
        let number = code.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let address = std::str::from_utf8(address).ok().filter(|address| is_address(address))?;
        let code = Code::parse(&format!("{number:020}")).ok()?;
        Some(Self { address: address.to_lowercase(), pin: Pin(*pin), code })
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Capitals only: the QR code's alphanumeric mode is half as large.
        let pin = hex(&self.pin.0).to_uppercase();
        write!(formatter, "{SCHEME}/{}/{pin}/{}", self.address.to_uppercase(), self.code.as_str())
    }
}

impl FromStr for Invite {
    type Err = InviteError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.chars().all(|character| digit_value(character).is_some() || character.is_whitespace()) {
            return Self::from_digits(text).ok_or(InviteError);
        }
        let parts: Vec<&str> = text.trim().split('/').collect();
        let &[scheme, address, pin, code] = parts.as_slice() else { return Err(InviteError) };
        if !scheme.eq_ignore_ascii_case(SCHEME) || !is_address(address) {
            return Err(InviteError);
        }
        Ok(Self {
            address: address.to_lowercase(),
            pin: pin.parse()?,
            code: Code::parse(code).map_err(|_| InviteError)?,
        })
    }
}

impl FromStr for Pin {
    type Err = InviteError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A request id has the same form: 128 bits in hexadecimal.
        let id: crate::domain::request::RequestId = text.parse().map_err(|_| InviteError)?;
        Ok(Self(id.0))
    }
}

/// True for `host:port` with a port that can be reached.
fn is_address(text: &str) -> bool {
    match text.rsplit_once(':') {
        Some((host, port)) => {
            let plain = host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
            !host.is_empty()
                && plain
                && text.len() <= ADDRESS_BYTES_MAX
                // Digits alone: a number's parser takes a sign, too.
                && port.bytes().all(|byte| byte.is_ascii_digit())
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digits::to_eastern;

    #[test]
    fn an_invite_is_read_back_and_others_refused() {
        let invite = Invite { address: "office.example:7443".into(), pin: Pin([0xab; 16]), code: Code::from_number(5) };
        assert_eq!(invite.to_string().parse(), Ok(invite.clone()));
        for text in ["", "ISTIQBAL/a/b/c", "HTTPS://x/y", "ISTIQBAL/host:0/00/1", "ISTIQBAL/é:1/é/é"] {
            assert_eq!(text.parse::<Invite>(), Err(InviteError), "{text}");
        }
        for port in ["+7443", "0", "65536", "", "７"] {
            let text = invite.to_string().replace("7443", port);
            assert_eq!(text.parse::<Invite>(), Err(InviteError), "{text}");
        }
    }

    /// Every misread digit is noticed, and no receipt or paper copy is taken for an invite.
    #[test]
    fn an_invite_is_scanned_in_any_digits_and_only_whole() {
        let largest = Code::from_number(u128::MAX);
        for (address, code) in [("10.0.0.7:7443", Code::from_number(5)), ("office.example:7443", largest)] {
            let invite = Invite { address: address.into(), pin: Pin([0xab; 16]), code };
            let digits = invite.to_digits();
            assert!(
                digits.len() <= 200 && !crate::seal::paper_copy::parse(&digits).is_ok_and(|copy| copy.kiosk().is_ok())
            );
            for text in [digits.clone(), to_eastern(&digits), format!("{digits}\r\n")] {
                assert_eq!(text.parse(), Ok(invite.clone()));
            }
            for place in 0..digits.len() {
                let mut misread = digits.clone().into_bytes();
                misread[place] = b'0' + (misread[place] - b'0' + 1) % 10;
                let misread = String::from_utf8(misread).unwrap();
                assert_eq!(misread.parse::<Invite>(), Err(InviteError), "{place}");
                assert_eq!(digits[..place].parse::<Invite>(), Err(InviteError), "{place}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}", digits in "[0-9]{0,400}") {
            let _ = text.parse::<Invite>();
            let _ = digits.parse::<Invite>();
        }
    }
}
