//! The compact form: an envelope without what the office can compute again, for paper, where every byte counts.
//!
//! A byte 1, bytes 4–78 of the header (kiosk to sealing key), the signature, and the sealed part to the end. The listing follows
//! from the record, and the content hash from both; the signature proves that the same came out.

use super::{Envelope, EnvelopeError, HEADER_BYTES, Header, MAGIC, VERSION, content_hash, sha256, take};
use crate::domain::record::Record;
use crate::seal::keys::OfficeKeys;
use crate::seal::sealing;

/// The first byte; a whole envelope begins with `I`.
const COMPACT: u8 = 1;
/// Where the header's part begins and ends.
const FROM: usize = 4;
const TO: usize = 79;

impl Envelope {
    pub fn to_compact(&self) -> Vec<u8> {
        [&[COMPACT], &self.header.encode()[FROM..TO], &self.signature, &self.sealed].concat()
    }

    /// The header, but for the content hash.
    pub fn header_of_compact(bytes: &[u8]) -> Result<Header, EnvelopeError> {
        header(&mut &*bytes)
    }

    /// The envelope as it was; whether it was changed, [`Self::verify`] says. Only the office can.
    pub fn from_compact(bytes: &[u8], keys: &OfficeKeys) -> Result<Self, EnvelopeError> {
        let mut rest = bytes;
        let mut header = header(&mut rest)?;
        let signature = take(&mut rest)?;
        let identity = Header::identity(header.kiosk, header.epoch, header.sequence);
        let text = sealing::open_named(keys, header.sealing_key, &identity, rest)?;
        let record: Record = postcard::from_bytes(&text).map_err(|_| EnvelopeError::Record)?;
        let listing = postcard::to_allocvec(&record.listing()).map_err(|_| EnvelopeError::Record)?;
        header.content = content_hash(sha256(&[&listing]), sha256(&[rest]));
        Ok(Self { header, signature, listing, sealed: rest.to_vec() })
    }
}

/// Takes a header from the front; its content hash is still to be computed.
fn header(rest: &mut &[u8]) -> Result<Header, EnvelopeError> {
    if take::<1>(rest)? != [COMPACT] {
        return Err(EnvelopeError::Form);
    }
    let mut whole = [0; HEADER_BYTES];
    whole[..2].copy_from_slice(&MAGIC);
    whole[2] = VERSION;
    whole[FROM..TO].copy_from_slice(&take::<{ TO - FROM }>(rest)?);
    Header::decode(&whole)
}
