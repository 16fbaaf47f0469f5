//! The keys of a kiosk and of an office, each derived from a seed.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use curve25519_dalek::constants::EIGHT_TORSION;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier as _, VerifyingKey};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        self.verifier()?.verify(message, signature)
    }

    /// Makes the key ready for many signatures; a weak key, to which any signature could belong, is refused.
    pub fn verifier(&self) -> Result<Verifier, ForgedError> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| ForgedError)?;
        if key.is_weak() { Err(ForgedError) } else { Ok(Verifier(key)) }
    }
}

/// A proving key ready for many signatures: what can be asked of the key alone was asked once.
pub struct Verifier(VerifyingKey);

/// The points of small order, of which the first half of a signature must not be one.
static SMALL_ORDER: LazyLock<[[u8; 32]; 8]> = LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress().to_bytes()));

impl Verifier {
    /// Accepts what [`VerifyingKey::verify_strict`] accepts, in three quarters of its time: that one reads the first half as
    /// a point to ask for its order, while a signature that holds has it in the one form in which points are written.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), ForgedError> {
        if SMALL_ORDER.iter().any(|point| signature.starts_with(point)) {
            return Err(ForgedError);
        }
        self.0.verify(message, &Signature::from_bytes(signature)).map_err(|_| ForgedError)
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
#[derive(Clone)]
pub struct OpeningKey(pub(super) Zeroizing<[u8; 32]>);

#[derive(Clone)]
pub(super) struct SealingPair {
    pub(super) opening: OpeningKey,
    pub(super) sealing: SealingKey,
}

impl SealingPair {
    fn from_seed(seed: &Seed, label: &str) -> Self {
        Self::derive(&seed.derive(label))
    }

    /// DeriveKeyPair of RFC 9180, 7.1.3
    pub(super) fn derive(secret: &[u8; 32]) -> Self {
        let (opening, sealing) = X25519HkdfSha256::derive_keypair(secret);
        Self {
            opening: OpeningKey(Zeroizing::new(opening.to_bytes().into())),
            sealing: SealingKey(sealing.to_bytes().into()),
        }
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
    /// By which the office knows its own lines in the log of kiosk numbers
    numbers: Zeroizing<[u8; 32]>,
    /// The same for the log of what was erased
    erased: Zeroizing<[u8; 32]>,
    /// The same for the log of the desk's registrations
    desk: Zeroizing<[u8; 32]>,
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
            numbers: first.derive("office kiosk numbers"),
            erased: first.derive("office erased log"),
            desk: first.derive("office desk log"),
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

    /// The key of the log of kiosk numbers.
    pub fn numbers_key(&self) -> &[u8; 32] {
        &self.numbers
    }

    /// The key of the log of what was erased.
    pub fn erased_key(&self) -> &[u8; 32] {
        &self.erased
    }

    /// The key of the log of the desk's registrations.
    pub fn desk_key(&self) -> &[u8; 32] {
        &self.desk
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
    unhex_all(text)?.try_into().ok()
}

/// The same for any number of bytes.
pub fn unhex_all(text: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(value(*high)? << 4 | value(*low)?) } else { None }).collect()
}

/// Fills with random bytes from the operating system.
///
/// # Panics
/// When the system has no randomness: then there are no keys, no numbers and nothing that could safely go on.
pub fn fill_random(bytes: &mut [u8]) {
    #[cfg(test)]
    if seeded::fill(bytes) {
        return;
    }
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// Randomness by a seed, for what must come out the same again.
#[cfg(test)]
pub mod seeded {
    use std::cell::RefCell;

    use crate::domain::chance::Chance;

    thread_local! {
        static CHANCE: RefCell<Option<Chance>> = const { RefCell::new(None) };
    }

    /// From now on in this thread; `None` asks the operating system again.
    pub fn set(chance: Option<Chance>) {
        CHANCE.set(chance);
    }

    pub(super) fn fill(bytes: &mut [u8]) -> bool {
        CHANCE.with_borrow_mut(|chance| match chance {
            Some(chance) => {
                bytes.fill_with(|| chance.draw() as u8);
                true
            }
            None => false,
        })
    }
}

/// A random array.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_random(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::EdwardsPoint;
    use curve25519_dalek::scalar::{Scalar, clamp_integer};
    use curve25519_dalek::traits::Identity;
    use proptest::prelude::*;
    use sha2::Sha512;

    use super::*;

    #[test]
    fn bytes_are_read_from_whole_pairs_of_digits() {
        for digits in ["0", "0g", "+f", "٠٠"] {
            assert_eq!(unhex_all(digits), None, "{digits}");
        }
        assert_eq!(unhex_all(&hex(&[0, 0x9f, 0xff])), Some(vec![0, 0x9f, 0xff]));
        assert_eq!((unhex::<2>("00ff"), unhex::<3>("00ff")), (Some([0, 0xff]), None));
    }

    /// What ed25519-dalek itself says, key and signature taken apart each time.
    fn strictly(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(key) else { return false };
        key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    fn ours(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        ProvingKey(*key).verify(message, signature).is_ok()
    }

    /// Of a weak key and a first half of small order, both halves fit any message, or every eighth: the loose check takes it.
    #[test]
    fn what_has_small_order_is_refused_as_strictly() {
        let mut loose = 0;
        for key in *SMALL_ORDER {
            for first in *SMALL_ORDER {
                for message in 0..16_u8 {
                    let mut signature = [0; 64];
                    signature[..32].copy_from_slice(&first);
                    let weak = VerifyingKey::from_bytes(&key).unwrap();
                    loose += u32::from(weak.verify(&[message], &Signature::from_bytes(&signature)).is_ok());
                    assert!(!ours(&key, &[message], &signature) && !strictly(&key, &[message], &signature));
                }
            }
        }
        assert!(loose > 0, "or this test tries nothing");
    }

    /// Whoever holds a key can make a signature whose first half is the neutral point: the loose check takes it.
    #[test]
    fn a_first_half_of_small_order_is_refused_though_it_fits() {
        let signing = SigningKey::from_bytes(&[7; 32]);
        let key = signing.verifying_key();
        let first = EdwardsPoint::identity().compress().to_bytes();
        let challenge: [u8; 64] =
            Sha512::new().chain_update(first).chain_update(key.as_bytes()).chain_update(b"text").finalize().into();
        let secret = Scalar::from_bytes_mod_order(clamp_integer(signing.to_scalar_bytes()));
        let second = Scalar::from_bytes_mod_order_wide(&challenge) * secret;
        let signature: [u8; 64] = [first, second.to_bytes()].concat().try_into().unwrap();
        assert!(key.verify(b"text", &Signature::from_bytes(&signature)).is_ok(), "or this test tries nothing");
        assert!(!strictly(key.as_bytes(), b"text", &signature));
        assert!(!ours(key.as_bytes(), b"text", &signature));
    }

    proptest! {
        #[test]
        fn a_signature_is_judged_as_by_the_library(
            seed: [u8; 32],
            message: Vec<u8>,
            flipped in proptest::option::of(0_usize..512),
            adds_the_order: bool,
            first in proptest::option::of(0_usize..8),
        ) {
            let signing = SigningKey::from_bytes(&seed);
            let key = signing.verifying_key().to_bytes();
            let mut signature = signing.sign(&message).to_bytes();
            prop_assert!(ours(&key, &message, &signature));
            if let Some(place) = flipped {
                signature[place / 8] ^= 1 << (place % 8);
            }
            if adds_the_order {
                // The second half plus the group's order: the same signature in another form.
                const ORDER: [u8; 32] = [
                    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
                ];
                let mut carry = 0_u16;
                for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
                    carry += u16::from(*byte) + u16::from(order);
                    *byte = carry as u8;
                    carry >>= 8;
                }
            }
            if let Some(point) = first {
                signature[..32].copy_from_slice(&SMALL_ORDER[point]);
            }
            let is_changed = flipped.is_some() || adds_the_order || first.is_some();
            prop_assert_eq!(ours(&key, &message, &signature), strictly(&key, &message, &signature));
            prop_assert_eq!(ours(&key, &message, &signature), !is_changed);
        }
    }
}
