//! The keys of a kiosk and of an office, each derived from a seed.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::{Deserializable, Kem, Serializable, kem::X25519HkdfSha256};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::seed::Seed;
use crate::domain::record::ReceiptKeyBytes;

/// The key to which envelopes are sealed: X25519, public half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingKey(pub [u8; 32]);

/// The first 8 bytes of the SHA-256 of a sealing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingKeyId(pub [u8; 8]);

impl SealingKey {
    pub fn id(&self) -> SealingKeyId {
        let mut id = [0; 8];
        id.copy_from_slice(&sha256(&[&self.0])[..8]);
        SealingKeyId(id)
    }
}

/// The key that proves who signed: Ed25519, public half.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvingKey(pub [u8; 32]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature doesn't belong to this key and text")]
pub struct ForgedError;

impl ProvingKey {
    /// Checks an Ed25519 signature (RFC 8032), strictly: weak keys and signatures of more than one form are refused.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), ForgedError> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| ForgedError)?;
        key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| ForgedError)
    }
}

impl fmt::Debug for ProvingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ProvingKey({})", hex(&self.0[..8]))
    }
}

/// All keys of a kiosk.
#[derive(Clone)]
pub struct KioskKeys {
    signing: SigningKey,
    tls: Zeroizing<[u8; 32]>,
    receipt: ReceiptKeyBytes,
}

impl KioskKeys {
    pub fn from_seed(seed: &Seed) -> Self {
        Self {
            signing: SigningKey::from_bytes(&seed.derive("kiosk signing")),
            tls: seed.derive("kiosk tls"),
            receipt: ReceiptKeyBytes(*seed.derive("kiosk receipt")),
        }
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    pub fn proving_key(&self) -> ProvingKey {
        ProvingKey(self.signing.verifying_key().to_bytes())
    }

    /// The Ed25519 secret of the kiosk's TLS certificate.
    pub fn tls_secret(&self) -> &[u8; 32] {
        &self.tls
    }

    pub fn receipt_key(&self) -> &ReceiptKeyBytes {
        &self.receipt
    }
}

/// All keys of an office.
#[derive(Clone)]
pub struct OfficeKeys {
    opening: <X25519HkdfSha256 as Kem>::PrivateKey,
    sealing: SealingKey,
    signing: SigningKey,
    tls: Zeroizing<[u8; 32]>,
}

impl OfficeKeys {
    pub fn from_seed(seed: &Seed) -> Self {
        let (opening, sealing) = X25519HkdfSha256::derive_keypair(&*seed.derive("office sealing"));
        Self {
            opening,
            sealing: SealingKey(sealing.to_bytes().into()),
            signing: SigningKey::from_bytes(&seed.derive("office signing")),
            tls: seed.derive("office tls"),
        }
    }

    pub fn sealing_key(&self) -> SealingKey {
        self.sealing
    }

    /// The private half, with which [`super::sealing::open`] opens.
    pub fn opening_key(&self) -> &<X25519HkdfSha256 as Kem>::PrivateKey {
        &self.opening
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    pub fn proving_key(&self) -> ProvingKey {
        ProvingKey(self.signing.verifying_key().to_bytes())
    }

    /// The Ed25519 secret of the office's replication certificate.
    pub fn tls_secret(&self) -> &[u8; 32] {
        &self.tls
    }
}

/// The public key that HPKE wants, from its 32 bytes.
pub(super) fn hpke_public(key: &SealingKey) -> Result<<X25519HkdfSha256 as Kem>::PublicKey, hpke::HpkeError> {
    <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key.0)
}

/// SHA-256 over the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Bytes as lowercase hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// N bytes from 2 N hexadecimal digits.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if !text.is_ascii() || text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Fills with random bytes from the operating system.
///
/// # Panics
/// When the system has no randomness: then there are no keys, no numbers and nothing that could safely go on.
pub fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// A random array.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_random(&mut bytes);
    bytes
}
