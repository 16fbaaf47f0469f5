//! Sealing to the office: HPKE (RFC 9180) base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256,
};
use zeroize::Zeroizing;

use super::keys::{OfficeKeys, SealingKey, hpke_public};

/// How many bytes sealing adds: the encapsulated key (32) and the tag (16).
pub const SEALING_BYTES: usize = 48;

/// Separates these seals from all other uses of the same key.
const INFO: &[u8] = b"istiqbal envelope 1";

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    #[error("the office's sealing key is damaged: enrol the kiosk again")]
    Key,
    #[error("this was not sealed to this office, or it was changed on the way")]
    Opening,
}

/// Seals a text so that only the office opens it, together with the same associated data.
pub fn seal(to: &SealingKey, associated: &[u8], text: &[u8]) -> Result<Vec<u8>, SealingError> {
    let public = hpke_public(to).map_err(|_| SealingError::Key)?;
    let (encapsulated, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        INFO,
        text,
        associated,
    )
    .map_err(|_| SealingError::Key)?;
    let mut bytes = encapsulated.to_bytes().to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// Opens what [`seal`] made.
pub fn open(keys: &OfficeKeys, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (encapsulated, text) = sealed.split_at_checked(32).ok_or(SealingError::Opening)?;
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealingError::Opening)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        keys.opening_key(),
        &encapsulated,
        INFO,
        text,
        associated,
    )
    .map(Zeroizing::new)
    .map_err(|_| SealingError::Opening)
}

#[cfg(test)]
mod tests {
    use super::super::seed::Seed;
    use super::*;

    #[test]
    fn only_the_office_opens_and_only_unchanged() {
        let office = OfficeKeys::from_seed(&Seed::fixed(1));
        let sealed = seal(&office.sealing_key(), b"header", "نورة".as_bytes()).unwrap();
        assert_eq!(sealed.len(), "نورة".len() + SEALING_BYTES);
        assert_eq!(&**open(&office, b"header", &sealed).unwrap(), "نورة".as_bytes());
        assert_eq!(open(&office, b"other", &sealed), Err(SealingError::Opening));
        assert_eq!(open(&OfficeKeys::from_seed(&Seed::fixed(2)), b"header", &sealed), Err(SealingError::Opening));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(open(&office, b"header", &changed), Err(SealingError::Opening), "byte {place}");
        }
        assert_eq!(open(&office, b"header", b"short"), Err(SealingError::Opening));
    }
}
