//! What is left of an envelope whose record was erased: header, signature, and the hashes of both parts. Signature and chain
//! cover no more than these, so that they still verify.

use super::{EnvelopeError, HEADER_BYTES, Header, content_hash, sha256, take};
use crate::seal::envelope::Envelope;
use crate::seal::keys::ProvingKey;

/// Stands where a part's length would stand. No part is so long, so that an envelope and what is left of one are never
/// taken for each other.
const ERASED_PART: u16 = u16::MAX;

/// How many bytes [`ErasedEnvelope::encode`] gives.
pub const ERASED_BYTES: usize = HEADER_BYTES + 64 + 2 * (2 + 32);

/// An envelope without its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedEnvelope {
    pub header: Header,
    pub signature: [u8; 64],
    listing_hash: [u8; 32],
    sealed_hash: [u8; 32],
}

impl ErasedEnvelope {
    /// What is left of an envelope.
    pub fn of(envelope: &Envelope) -> Self {
        Self {
            header: envelope.header.clone(),
            signature: envelope.signature,
            listing_hash: sha256(&[&envelope.listing]),
            sealed_hash: sha256(&[&envelope.sealed]),
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ERASED_BYTES);
        bytes.extend_from_slice(&self.header.encode());
        bytes.extend_from_slice(&self.signature);
        for hash in [&self.listing_hash, &self.sealed_hash] {
            bytes.extend_from_slice(&ERASED_PART.to_be_bytes());
            bytes.extend_from_slice(hash);
        }
        bytes
    }

    /// Reads what is left of an envelope, and checks that its hashes are what the header vouches for.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let mut rest = bytes;
        let header = Header::decode(&take(&mut rest)?)?;
        let signature = take(&mut rest)?;
        let mut hash = || match u16::from_be_bytes(take(&mut rest)?) {
            ERASED_PART => take(&mut rest),
            _ => Err(EnvelopeError::Form),
        };
        let (listing_hash, sealed_hash) = (hash()?, hash()?);
        if !rest.is_empty() {
            return Err(EnvelopeError::Form);
        }
        if content_hash(listing_hash, sealed_hash) != header.content {
            return Err(EnvelopeError::Content);
        }
        Ok(Self { header, signature, listing_hash, sealed_hash })
    }

    /// Proves that the kiosk with this key signed the envelope that this is left of.
    pub fn verify(&self, key: &ProvingKey) -> Result<(), EnvelopeError> {
        Ok(key.verify(&self.header.encode(), &self.signature)?)
    }
}
