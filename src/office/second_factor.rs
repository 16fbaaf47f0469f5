//! One-time codes of the staff (RFC 6238), and the recovery codes for a lost telephone.
//!
//! Secrets stand encrypted in the database. A code is of six digits and a half minute (SHA-1, which all telephones
//! know), taken once, and also in the half minute before and after: clocks differ.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Totp, TotpError};
use zeroize::Zeroizing;

use super::passwords::groups_of_letters;
use crate::domain::digits::to_western;
use crate::seal::keys::{OfficeKeys, random, sha256};
use crate::seal::sealing::{self, SealingError};

/// RFC 4226, section 4, R6: 160 bits are recommended.
const SECRET_BYTES: usize = 20;
/// The builder's own, that of RFC 6238.
const STEP_SECONDS: i64 = 30;
/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 8;
/// Letters of a recovery code: almost 119 bits, so that a plain hash keeps them (OWASP ASVS 6.5.2).
const RECOVERY_LETTERS: usize = 24;
/// What a telephone shows above the code.
const ISSUER: &str = "Istiqbal";

#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    #[error(transparent)]
    Sealing(#[from] SealingError),
    #[error("a one-time code's secret is damaged: {0}")]
    Secret(#[from] TotpError),
}

/// A secret from which codes are computed.
pub struct SecondFactor(Totp);

impl SecondFactor {
    pub fn random() -> Result<Self, SecondFactorError> {
        Self::from_secret(&*Zeroizing::new(random::<SECRET_BYTES>()))
    }

    fn from_secret(secret: &[u8]) -> Result<Self, SecondFactorError> {
        // The builder's own values are those of RFC 6238: SHA-1, 6 digits, 30 seconds, one step to each side.
        Ok(Self(Builder::new().with_secret(secret.to_vec()).with_skew(1).build()?))
    }

    /// As it is kept in the database for one person.
    pub fn sealed(&self, keys: &OfficeKeys, person: &str) -> Result<Vec<u8>, SealingError> {
        sealing::keep(keys, &associated(person), self.0.secret().as_bytes())
    }

    /// Opens what [`Self::sealed`] made for the same person.
    pub fn open(keys: &OfficeKeys, person: &str, sealed: &[u8]) -> Result<Self, SecondFactorError> {
        Self::from_secret(&sealing::open_kept(keys, &associated(person), sealed)?)
    }

    /// The time step to which a typed code belongs, now or one step to each side; digits of any script, with spaces.
    pub fn step_of(&self, typed: &str, now: DateTime<Utc>) -> Option<u64> {
        let code: String = to_western(typed).chars().filter(|c| !c.is_whitespace()).collect();
        self.0.check(&code, u64::try_from(now.timestamp()).ok()?)
    }

    /// The last time step whose code anybody may have used before a moment: one step ahead counts, too.
    pub fn last_step_before(now: DateTime<Utc>) -> i64 {
        now.timestamp() / STEP_SECONDS + 1
    }

    /// The code of a moment, for whoever has the secret: tests are their own telephone.
    #[cfg(test)]
    pub fn code(&self, now: DateTime<Utc>) -> String {
        self.0.generate(now.timestamp() as u64).to_string()
    }

    /// The secret in base 32, as it is typed into a telephone.
    pub fn text(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The address that a telephone reads from a QR code (Key URI Format).
    pub fn address(&self, name: &str) -> String {
        let name: String = name.bytes().map(escaped).collect();
        let secret = self.text();
        format!("otpauth://totp/{ISSUER}:{name}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30")
    }

    /// For a test, from what [`Self::text`] showed.
    #[cfg(test)]
    pub fn from_text(text: &str) -> Self {
        let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        Self::from_secret(totp_rs::Secret::try_from_base32(plain).unwrap().as_bytes()).unwrap()
    }
}

fn associated(person: &str) -> Vec<u8> {
    [b"second factor ", person.as_bytes()].concat()
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// New recovery codes: six groups of four letters each.
pub fn recovery_codes() -> [String; RECOVERY_CODES] {
    std::array::from_fn(|_| groups_of_letters::<RECOVERY_LETTERS>(4))
}

/// What a recovery code of a person is stored as; typed with or without hyphens, in any case.
pub fn recovery_hash(person: &str, typed: &str) -> [u8; 32] {
    let plain: String = typed.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    sha256(&[b"istiqbal recovery code 1", person.as_bytes(), b"\0", plain.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::seed::Seed;

    /// RFC 6238, appendix B, the rows of SHA-1: the last six of their eight digits.
    #[test]
    fn the_rfc_s_own_codes_are_computed() {
        let factor = SecondFactor::from_secret(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let at = DateTime::from_timestamp_secs(seconds).unwrap();
            assert_eq!(factor.code(at), code[2..]);
            assert_eq!(factor.step_of(&code[2..], at), Some(seconds as u64 / 30));
        }
        assert_eq!(factor.text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_counts_one_step_before_and_after_and_no_more() {
        let factor = SecondFactor::from_secret(b"12345678901234567890").unwrap();
        let now: DateTime<Utc> = "2026-11-23T08:00:10Z".parse().unwrap();
        let code = factor.code(now);
        for (seconds, found) in [(0, true), (-29, true), (45, true), (-75, false), (75, false)] {
            let at = now + chrono::TimeDelta::seconds(seconds);
            assert_eq!(factor.step_of(&code, at).is_some(), found, "{seconds}");
        }
        let eastern = crate::domain::digits::to_eastern(&format!("{} {}", &code[..3], &code[3..]));
        assert!(factor.step_of(&eastern, now).is_some());
        for wrong in ["", "12345", "1234567", "abcdef", "+12345", "١٢٣", "\u{202e}123456"] {
            assert_eq!(factor.step_of(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_kept_for_one_person() {
        let keys = OfficeKeys::from_seed(&Seed::fixed(1));
        let factor = SecondFactor::random().unwrap();
        let sealed = factor.sealed(&keys, "a").unwrap();
        assert_eq!(SecondFactor::open(&keys, "a", &sealed).unwrap().text(), factor.text());
        assert!(SecondFactor::open(&keys, "b", &sealed).is_err());
        assert!(!sealed.windows(4).any(|four| factor.0.secret().as_bytes().starts_with(four)));
        assert!(factor.address("نورة").starts_with("otpauth://totp/Istiqbal:%D9%86%D9%88%D8%B1%D8%A9?secret="));
    }

    #[test]
    fn recovery_codes_are_read_as_they_are_typed() {
        let codes = recovery_codes();
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), RECOVERY_CODES);
        let plain = codes[0].replace('-', "").to_uppercase();
        assert_eq!(recovery_hash("a", &codes[0]), recovery_hash("a", &format!(" {plain} ")));
        assert_ne!(recovery_hash("a", &codes[0]), recovery_hash("b", &codes[0]));
        assert_eq!(codes[0].len(), 29);
    }
}
