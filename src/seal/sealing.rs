//! Sealing to the office: HPKE (RFC 9180) base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
//!
//! `hpke` seals. Opening is most of what an office's processor does when many kiosks have much to send; there rustls's HPKE
//! over AWS-LC takes half the time. So each proves the other wherever something is opened. It leaves a second copy of the
//! text in freed memory: only the office opens, and whoever reads its memory reads its keys.

use hpke::{OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256};
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_CHACHA20_POLY1305 as OPENING;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey};
use zeroize::Zeroizing;

use super::keys::{OfficeKeys, OpeningKey, SealingKey, SealingKeyId, hpke_public};

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
    #[error(
        "this was sealed to the office's key {0}, which isn't here: restore its file from its copy, or by `istiqbal office keys import`"
    )]
    UnknownKey(SealingKeyId),
}

/// Separates what the office keeps for itself.
const KEEPING_INFO: &[u8] = b"istiqbal kept 1";

/// Seals a text so that only the office opens it, together with the same associated data.
pub fn seal(to: &SealingKey, associated: &[u8], text: &[u8]) -> Result<Vec<u8>, SealingError> {
    seal_for(INFO, to, associated, text)
}

/// Seals what the office keeps for itself in its database: without its seed nobody reads it. `associated` says what and
/// whose it is, so that it can't be put in another's place.
pub fn keep(keys: &OfficeKeys, associated: &[u8], text: &[u8]) -> Result<Vec<u8>, SealingError> {
    seal_for(KEEPING_INFO, keys.keeping_key().0, associated, text)
}

/// Opens what [`keep`] made.
pub fn open_kept(keys: &OfficeKeys, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    open_for(KEEPING_INFO, keys.keeping_key().1, associated, sealed)
}

fn seal_for(info: &[u8], to: &SealingKey, associated: &[u8], text: &[u8]) -> Result<Vec<u8>, SealingError> {
    let public = hpke_public(to).map_err(|_| SealingError::Key)?;
    let (encapsulated, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        text,
        associated,
    )
    .map_err(|_| SealingError::Key)?;
    let mut bytes = encapsulated.to_bytes().to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// Opens what [`seal`] made, where the key isn't named: by the newest of the office's sealing keys that does.
pub fn open(keys: &OfficeKeys, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    keys.opening_keys().find_map(|key| open_by(key, associated, sealed).ok()).ok_or(SealingError::Opening)
}

/// Opens what [`seal`] made to the key with this id.
pub fn open_named(
    keys: &OfficeKeys,
    id: SealingKeyId,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    open_by(keys.opening_key(id).ok_or(SealingError::UnknownKey(id))?, associated, sealed)
}

fn open_by(key: &OpeningKey, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    open_for(INFO, key, associated, sealed)
}

fn open_for(
    info: &[u8],
    key: &OpeningKey,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (encapsulated, text) = sealed.split_at_checked(32).ok_or(SealingError::Opening)?;
    let encapsulated = EncapsulatedSecret(encapsulated.to_vec());
    let key = HpkePrivateKey::from(key.0.to_vec());
    OPENING.open(&encapsulated, info, associated, text, &key).map(Zeroizing::new).map_err(|_| SealingError::Opening)
}

#[cfg(test)]
mod tests {
    use super::super::keys::SealingPair;
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

    #[test]
    fn what_the_office_keeps_is_opened_by_its_seed_alone() {
        let office = OfficeKeys::from_seed(&Seed::fixed(1));
        let kept = keep(&office, b"second factor of a", b"secret").unwrap();
        assert_eq!(&**open_kept(&office, b"second factor of a", &kept).unwrap(), b"secret");
        assert_eq!(open_kept(&office, b"second factor of b", &kept), Err(SealingError::Opening));
        let other = OfficeKeys::from_seed(&Seed::fixed(2));
        assert_eq!(open_kept(&other, b"second factor of a", &kept), Err(SealingError::Opening));
        assert_eq!(open(&office, b"second factor of a", &kept), Err(SealingError::Opening));
        let rotated = OfficeKeys::from_seeds(&Seed::fixed(1), &[Seed::fixed(3)]);
        assert_eq!(&**open_kept(&rotated, b"second factor of a", &kept).unwrap(), b"secret");
    }

    /// RFC 9180, appendix A.2.1 and A.2.1.1, the first message.
    #[test]
    fn the_rfc_s_own_message_is_opened() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        let secret = bytes("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
        let pair = SealingPair::derive(&secret.try_into().unwrap());
        assert_eq!(pair.sealing.0.to_vec(), bytes("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"));
        let encapsulated = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a";
        let text = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28";
        let sealed = bytes(&format!("{encapsulated}{text}"));
        let opened = open_for(b"Ode on a Grecian Urn", &pair.opening, b"Count-0", &sealed).unwrap();
        assert_eq!(&**opened, b"Beauty is truth, truth beauty");
    }

    #[test]
    fn a_rotated_office_opens_what_was_sealed_to_any_of_its_keys() {
        let [first, second, third] = [1, 2, 3].map(Seed::fixed);
        let before = OfficeKeys::from_seed(&first);
        let now = OfficeKeys::from_seeds(&first, &[second, third]);
        assert_ne!(now.sealing_key(), before.sealing_key());
        assert_eq!(now.sealing_keys().last(), Some(now.sealing_key()));
        assert_eq!(now.tls_secret(), before.tls_secret());
        assert!(now.include(&before) && now.include(&now) && !before.include(&now));
        for key in now.sealing_keys() {
            let sealed = seal(&key, b"header", b"text").unwrap();
            assert_eq!(&**open(&now, b"header", &sealed).unwrap(), b"text");
            assert_eq!(&**open_named(&now, key.id(), b"header", &sealed).unwrap(), b"text");
        }
        let sealed = seal(&now.sealing_key(), b"header", b"text").unwrap();
        let id = now.sealing_key().id();
        assert_eq!(open_named(&before, id, b"header", &sealed), Err(SealingError::UnknownKey(id)));
        let other = before.sealing_key().id();
        assert_eq!(open_named(&now, other, b"header", &sealed), Err(SealingError::Opening));
    }
}
