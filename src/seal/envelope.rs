//! Envelopes: one sealed, signed record each (`docs/protocol.md` has the byte table).

mod compact;
mod erased;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::keys::{ForgedError, KioskKeys, OfficeKeys, ProvingKey, SealingKey, SealingKeyId, Verifier, sha256};
use super::sealing::{self, SealingError};
use crate::domain::record::{Listing, Record};
use crate::domain::tracking_number::KioskNumber;

pub use erased::{ERASED_BYTES, ErasedEnvelope};

/// The format that this program writes.
pub const VERSION: u8 = 1;
/// How many bytes a header has.
pub const HEADER_BYTES: usize = 111;
/// The most bytes an envelope may have: the journal, the store and the batches are sized by it.
pub const ENVELOPE_BYTES_MAX: usize = 6 * 1024;

const MAGIC: [u8; 2] = *b"IQ";
/// Years in which a kiosk's clock can be right: from the first to before the last.
const YEARS: (i32, i32) = (2000, 2200);
const IDENTITY_BYTES: usize = 30;

/// A run of sequences without a gap; a kiosk whose store was cut or restored begins another one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub [u8; 16]);

impl Epoch {
    pub fn random() -> Self {
        Self(super::keys::random())
    }
}

impl std::fmt::Debug for Epoch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Epoch({})", super::keys::hex(&self.0[..4]))
    }
}

/// The SHA-256 of a header: the link of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HeaderHash(pub [u8; 32]);

impl HeaderHash {
    /// What the first envelope of a kiosk without a past names as its predecessor.
    pub const NONE: Self = Self([0; 32]);
}

impl std::fmt::Debug for HeaderHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "HeaderHash({})", super::keys::hex(&self.0[..4]))
    }
}

/// A time by the kiosk's clock, and whether that clock was close enough to the office's to count. Any time that chrono can
/// hold: a clock that fell back to 1970 loses no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KioskTime {
    pub at: DateTime<Utc>,
    pub trusted: bool,
}

/// Where an envelope stands, and what it vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// [`VERSION`], or that of a newer program: every version has this header, so that signature and chain can always be
    /// verified
    pub version: u8,
    pub kiosk: KioskNumber,
    pub epoch: Epoch,
    /// Counted from 0 in each epoch
    pub sequence: u64,
    /// The hash of the header before; across epochs, of the predecessor's head
    pub previous: HeaderHash,
    pub time: KioskTime,
    pub sealing_key: SealingKeyId,
    /// SHA-256 (SHA-256 of the listing ‖ SHA-256 of the sealed part), so that either can be erased and still be proved
    pub content: [u8; 32],
}

/// One sealed, signed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    pub header: Header,
    pub signature: [u8; 64],
    /// The listing in clear, as it was signed
    listing: Vec<u8>,
    sealed: Vec<u8>,
}

/// Where the next envelope goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub kiosk: KioskNumber,
    pub epoch: Epoch,
    pub sequence: u64,
    pub previous: HeaderHash,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("not an envelope, or cut short")]
    Form,
    #[error("an envelope of version {0}, which this program doesn't know: update it")]
    Version(u8),
    #[error("the record is too large: {0} bytes, {ENVELOPE_BYTES_MAX} at most")]
    TooLarge(usize),
    #[error("the content is not what the header vouches for")]
    Content,
    #[error(transparent)]
    Forged(#[from] ForgedError),
    #[error(transparent)]
    Sealing(#[from] SealingError),
    #[error("the sealed record can't be read: it is from a newer program, or malformed")]
    Record,
    #[error("what the envelope shows in clear is not what is sealed in it: it was made to deceive, or is damaged")]
    Listing,
}

impl KioskTime {
    /// True for a time that counts where it is `now`: the kiosk trusted its clock, and the time has passed, in a year in which
    /// there were kiosks.
    pub fn counts(&self, now: DateTime<Utc>) -> bool {
        self.trusted && self.at <= now && Self::is_possible(self.at)
    }

    /// True for a time in a year in which there are kiosks.
    pub fn is_possible(at: DateTime<Utc>) -> bool {
        (YEARS.0..YEARS.1).contains(&at.year())
    }
}

impl Header {
    fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut rest = &mut bytes[..];
        let mut put = |part: &[u8]| {
            let (here, tail) = std::mem::take(&mut rest).split_at_mut(part.len());
            here.copy_from_slice(part);
            rest = tail;
        };
        put(&MAGIC);
        put(&[self.version, 0]);
        put(&self.kiosk.get().to_be_bytes());
        put(&self.epoch.0);
        put(&self.sequence.to_be_bytes());
        put(&self.previous.0);
        put(&self.time.at.timestamp_millis().to_be_bytes());
        put(&[u8::from(self.time.trusted)]);
        put(&self.sealing_key.0);
        put(&self.content);
        bytes
    }

    fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, EnvelopeError> {
        let mut rest = &bytes[..];
        if take::<2>(&mut rest)? != MAGIC {
            return Err(EnvelopeError::Form);
        }
        let [version, reserved] = take(&mut rest)?;
        if version < VERSION {
            return Err(EnvelopeError::Form);
        }
        let kiosk = KioskNumber::try_from(u16::from_be_bytes(take(&mut rest)?)).map_err(|_| EnvelopeError::Form)?;
        let epoch = Epoch(take(&mut rest)?);
        let sequence = u64::from_be_bytes(take(&mut rest)?);
        let previous = HeaderHash(take(&mut rest)?);
        let at = DateTime::from_timestamp_millis(i64::from_be_bytes(take(&mut rest)?)).ok_or(EnvelopeError::Form)?;
        let [trusted] = take(&mut rest)?;
        if reserved != 0 || trusted > 1 {
            return Err(EnvelopeError::Form);
        }
        let sealing_key = SealingKeyId(take(&mut rest)?);
        let content = take(&mut rest)?;
        let time = KioskTime { at, trusted: trusted == 1 };
        Ok(Self { version, kiosk, epoch, sequence, previous, time, sealing_key, content })
    }

    /// The link by which the next envelope names this one.
    pub fn hash(&self) -> HeaderHash {
        HeaderHash(sha256(&[&self.encode()]))
    }

    /// The place after this envelope.
    pub fn next(&self) -> Place {
        Place { kiosk: self.kiosk, epoch: self.epoch, sequence: self.sequence + 1, previous: self.hash() }
    }

    /// The first 30 bytes, kiosk, epoch and sequence: the seal's associated data.
    fn identity(kiosk: KioskNumber, epoch: Epoch, sequence: u64) -> [u8; IDENTITY_BYTES] {
        let mut bytes = [0; IDENTITY_BYTES];
        bytes[..2].copy_from_slice(&MAGIC);
        bytes[2] = VERSION;
        bytes[4..6].copy_from_slice(&kiosk.get().to_be_bytes());
        bytes[6..22].copy_from_slice(&epoch.0);
        bytes[22..].copy_from_slice(&sequence.to_be_bytes());
        bytes
    }
}

impl Envelope {
    /// Seals and signs a record for its place.
    pub fn seal(
        keys: &KioskKeys,
        to: &SealingKey,
        place: Place,
        time: KioskTime,
        record: &Record,
    ) -> Result<Self, EnvelopeError> {
        Self::seal_listed(keys, to, place, time, record, &record.listing())
    }

    /// The same with any listing: tests send what only a hostile kiosk makes.
    pub(crate) fn seal_listed(
        keys: &KioskKeys,
        to: &SealingKey,
        place: Place,
        time: KioskTime,
        record: &Record,
        listing: &Listing,
    ) -> Result<Self, EnvelopeError> {
        let encode = |error: postcard::Error| match error {
            postcard::Error::SerializeBufferFull => EnvelopeError::TooLarge(ENVELOPE_BYTES_MAX + 1),
            _ => EnvelopeError::Record,
        };
        let listing = postcard::to_allocvec(listing).map_err(encode)?;
        let text = Zeroizing::new(postcard::to_allocvec(record).map_err(encode)?);
        let identity = Header::identity(place.kiosk, place.epoch, place.sequence);
        let sealed = sealing::seal(to, &identity, &text)?;
        let header = Header {
            version: VERSION,
            kiosk: place.kiosk,
            epoch: place.epoch,
            sequence: place.sequence,
            previous: place.previous,
            time: KioskTime { at: whole_milliseconds(time.at), ..time },
            sealing_key: to.id(),
            content: content_hash(sha256(&[&listing]), sha256(&[&sealed])),
        };
        let signature = keys.sign(&header.encode());
        let envelope = Self { header, signature, listing, sealed };
        let size = envelope.len();
        if size > ENVELOPE_BYTES_MAX { Err(EnvelopeError::TooLarge(size)) } else { Ok(envelope) }
    }

    /// How many bytes [`Self::encode`] gives.
    #[expect(clippy::len_without_is_empty, reason = "an envelope is never empty")]
    pub fn len(&self) -> usize {
        HEADER_BYTES + 64 + 2 + self.listing.len() + 2 + self.sealed.len()
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        bytes.extend_from_slice(&self.header.encode());
        bytes.extend_from_slice(&self.signature);
        for part in [&self.listing, &self.sealed] {
            // Both parts are within ENVELOPE_BYTES_MAX, far below 2^16: `seal` and `decode` see to it.
            bytes.extend_from_slice(&(part.len() as u16).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Reads an envelope and checks that its content is what the header vouches for. The signature is checked by
    /// [`Self::verify`], where the kiosk's key is known.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope = Self::decode_any_version(bytes)?;
        match envelope.header.version {
            VERSION => Ok(envelope),
            newer => Err(EnvelopeError::Version(newer)),
        }
    }

    /// The same, also for an envelope of a newer program: it can be verified and kept, and not be opened.
    pub fn decode_any_version(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLarge(bytes.len()));
        }
        let mut rest = bytes;
        let header = Header::decode(&take(&mut rest)?)?;
        let signature = take(&mut rest)?;
        let listing = take_part(&mut rest)?;
        let sealed = take_part(&mut rest)?;
        if !rest.is_empty() {
            return Err(EnvelopeError::Form);
        }
        if content_hash(sha256(&[&listing]), sha256(&[&sealed])) != header.content {
            return Err(EnvelopeError::Content);
        }
        Ok(Self { header, signature, listing, sealed })
    }

    /// Proves that the kiosk with this key signed the envelope.
    pub fn verify(&self, key: &ProvingKey) -> Result<(), EnvelopeError> {
        self.verify_by(&key.verifier()?)
    }

    /// The same, with a key that is ready for many.
    pub fn verify_by(&self, verifier: &Verifier) -> Result<(), EnvelopeError> {
        Ok(verifier.verify(&self.header.encode(), &self.signature)?)
    }

    /// Opens the sealed record by the key that the header names; only the office can. A record of which the listing says
    /// anything else is an error ([`EnvelopeError::Listing`]): whoever decides by the listing decides about the record.
    pub fn open(&self, keys: &OfficeKeys) -> Result<Record, EnvelopeError> {
        if self.header.version != VERSION {
            return Err(EnvelopeError::Version(self.header.version));
        }
        let identity = Header::identity(self.header.kiosk, self.header.epoch, self.header.sequence);
        let text = sealing::open_named(keys, self.header.sealing_key, &identity, &self.sealed)?;
        let record: Record = postcard::from_bytes(&text).map_err(|_| EnvelopeError::Record)?;
        match self.listing() {
            Ok(listing) if listing == record.listing() => Ok(record),
            _ => Err(EnvelopeError::Listing),
        }
    }

    /// The part in clear.
    pub fn listing(&self) -> Result<Listing, EnvelopeError> {
        postcard::from_bytes(&self.listing).map_err(|_| EnvelopeError::Record)
    }
}

/// From the hashes of both parts: either can be erased, and the header still vouches for it.
fn content_hash(listing: [u8; 32], sealed: [u8; 32]) -> [u8; 32] {
    sha256(&[&listing, &sealed])
}

/// The header keeps milliseconds; a time must be the same before and after.
fn whole_milliseconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], EnvelopeError> {
    let (part, tail) = rest.split_first_chunk().ok_or(EnvelopeError::Form)?;
    *rest = tail;
    Ok(*part)
}

fn take_part(rest: &mut &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let length = usize::from(u16::from_be_bytes(take(rest)?));
    let (part, tail) = rest.split_at_checked(length).ok_or(EnvelopeError::Form)?;
    *rest = tail;
    Ok(part.to_vec())
}
