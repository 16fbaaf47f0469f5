//! The invite: what a kiosk needs to reach its office for the first time.

use std::fmt;
use std::str::FromStr;

use crate::domain::code::Code;
use crate::seal::keys::hex;

/// The office's address, a pin of its key, and a one-time code; shown by the office as a QR code and as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// `host:port` of the office's replication listener
    pub address: String,
    pub pin: Pin,
    pub code: Code,
}

/// The first 16 bytes of the SHA-256 of a public key (SubjectPublicKeyInfo).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin(pub [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no invite: it reads ISTIQBAL/host:port/32 hexadecimal digits/20 digits. Make one with: istiqbal office invite --print"
)]
pub struct InviteError;

const SCHEME: &str = "ISTIQBAL";

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
        Some((host, port)) => !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_is_read_back_and_others_refused() {
        let invite = Invite { address: "office.example:7443".into(), pin: Pin([0xab; 16]), code: Code::from_number(5) };
        assert_eq!(invite.to_string().parse(), Ok(invite.clone()));
        for text in ["", "ISTIQBAL/a/b/c", "HTTPS://x/y", "ISTIQBAL/host:0/00/1", "ISTIQBAL/é:1/é/é"] {
            assert_eq!(text.parse::<Invite>(), Err(InviteError), "{text}");
        }
    }
}
