//! The keys of a kiosk and of an office, each derived from a seed.

use std::fmt;
use std::str::FromStr;

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

impl fmt::Display for SealingKeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex(&self.0))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a sealing key has 16 hexadecimal digits")]
pub struct NoSealingKeyId;

impl FromStr for SealingKeyId {
    type Err = NoSealingKeyId;

    fn from_str(text: &str) -> Result<Self, NoSealingKeyId> {
        let is_plain = text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_plain).ok_or(NoSealingKeyId)?;
        Ok(Self(number.to_be_bytes()))
    }
}

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

/// The private half of a sealing key: it opens what was sealed to the public one.
pub type OpeningKey = <X25519HkdfSha256 as Kem>::PrivateKey;

#[derive(Clone)]
struct SealingPair {
    opening: OpeningKey,
    sealing: SealingKey,
}

impl SealingPair {
    fn from_seed(seed: &Seed, label: &str) -> Self {
        let (opening, sealing) = X25519HkdfSha256::derive_keypair(&*seed.derive(label));
        Self { opening, sealing: SealingKey(sealing.to_bytes().into()) }
    }
}

/// All keys of an office. Of the sealing keys kiosks are told the newest; the earlier ones open what was sealed to them
/// before, and is still under way. [`Self::read`] reads them from the office's folder.
#[derive(Clone)]
pub struct OfficeKeys {
    newest: SealingPair,
    /// In the order they were made
    earlier: Vec<SealingPair>,
    /// To which the office seals what it keeps for itself
    keeping: SealingPair,
    signing: SigningKey,
    tls: Zeroizing<[u8; 32]>,
    receipt: ReceiptKeyBytes,
}

impl OfficeKeys {
    /// The keys of an office whose sealing key was never rotated.
    pub fn from_seed(seed: &Seed) -> Self {
        Self::from_seeds(seed, &[])
    }

    /// The keys of an office: all of them from its first seed, and one more sealing key from each later one, in the order
    /// they were made.
    pub fn from_seeds(first: &Seed, later: &[Seed]) -> Self {
        let mut newest = SealingPair::from_seed(first, "office sealing");
        let mut earlier = Vec::with_capacity(later.len());
        for seed in later {
            earlier.push(std::mem::replace(&mut newest, SealingPair::from_seed(seed, "office sealing")));
        }
        Self {
            newest,
            earlier,
            keeping: SealingPair::from_seed(first, "office keeping"),
            signing: SigningKey::from_bytes(&first.derive("office signing")),
            tls: first.derive("office tls"),
            receipt: ReceiptKeyBytes(*first.derive("office receipt")),
        }
    }

    /// The newest sealing key: the one that kiosks are told.
    pub fn sealing_key(&self) -> SealingKey {
        self.newest.sealing
    }

    /// All sealing keys in the order they were made; the last is [`Self::sealing_key`].
    pub fn sealing_keys(&self) -> impl Iterator<Item = SealingKey> {
        self.earlier.iter().chain([&self.newest]).map(|pair| pair.sealing)
    }

    /// The private half of one sealing key; `None` when the office doesn't have it.
    pub fn opening_key(&self, id: SealingKeyId) -> Option<&OpeningKey> {
        self.newest_first().find(|pair| pair.sealing.id() == id).map(|pair| &pair.opening)
    }

    /// The private halves of all sealing keys, the newest first.
    pub fn opening_keys(&self) -> impl Iterator<Item = &OpeningKey> {
        self.newest_first().map(|pair| &pair.opening)
    }

    /// The key of what the office keeps for itself: public half and private half. It is not rotated.
    pub(super) fn keeping_key(&self) -> (&SealingKey, &OpeningKey) {
        (&self.keeping.sealing, &self.keeping.opening)
    }

    fn newest_first(&self) -> impl Iterator<Item = &SealingPair> {
        std::iter::once(&self.newest).chain(self.earlier.iter().rev())
    }

    /// Whether these are the same office's keys, and no sealing key of the others is missing among them.
    pub fn include(&self, others: &Self) -> bool {
        self.proving_key() == others.proving_key()
            && others.sealing_keys().all(|key| self.opening_key(key.id()).is_some())
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    pub fn proving_key(&self) -> ProvingKey {
        ProvingKey(self.signing.verifying_key().to_bytes())
    }

    /// The key of the receipts that the office's own desk gives (kiosk 0000).
    pub fn receipt_key(&self) -> &ReceiptKeyBytes {
        &self.receipt
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
    // Batches write thousands of them: a formatter a byte would cost as much as a hash.
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
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
