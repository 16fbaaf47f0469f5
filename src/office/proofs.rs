//! Proves what is stored: that each envelope, whole or erased, is what its kiosk signed, and stands where its header says.

use std::collections::HashMap;
use std::fmt;

use super::database::envelopes::{self, StoredEnvelope};
use super::database::{Connection, DatabaseError, kiosks};
use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::{Envelope, EnvelopeError, ErasedEnvelope, HeaderHash};
use crate::seal::keys::{ProvingKey, hex};

/// So many envelopes are in memory at once.
const PAGE: u32 = 500;

/// A stored envelope that isn't what its kiosk signed.
#[derive(Debug)]
pub struct NotProved {
    kiosk: KioskNumber,
    hash: HeaderHash,
    cause: EnvelopeError,
}

impl fmt::Display for NotProved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "envelope {}… of kiosk {}: {}", hex(&self.hash.0[..4]), self.kiosk, self.cause)
    }
}

/// Walks all envelopes; the first that can't be proved.
pub async fn prove_all(connection: &mut Connection) -> Result<Option<NotProved>, DatabaseError> {
    let kiosks = kiosks::all(connection).await?;
    let keys: HashMap<KioskNumber, ProvingKey> =
        kiosks.into_iter().map(|kiosk| (kiosk.number, kiosk.proving_key)).collect();
    let mut last = None;
    loop {
        let page = envelopes::page_after(connection, last, PAGE).await?;
        let Some(end) = page.last() else { return Ok(None) };
        last = Some(end.header_hash);
        for stored in &page {
            if let Err(cause) = prove(stored, &keys) {
                return Ok(Some(NotProved { kiosk: stored.kiosk, hash: stored.header_hash, cause }));
            }
        }
    }
}

fn prove(stored: &StoredEnvelope, keys: &HashMap<KioskNumber, ProvingKey>) -> Result<(), EnvelopeError> {
    // Each envelope's row refers to its kiosk's; without that nothing could have signed it.
    let key = keys.get(&stored.kiosk).ok_or(EnvelopeError::Form)?;
    let (header, signed) = match Envelope::decode_any_version(&stored.bytes) {
        Ok(envelope) => (envelope.header.clone(), envelope.verify(key)),
        Err(_) => {
            let left = ErasedEnvelope::decode(&stored.bytes)?;
            (left.header.clone(), left.verify(key))
        }
    };
    // An envelope that its kiosk hasn't signed is kept as forged; any other that is called so was hidden from this look.
    match signed {
        Ok(()) if stored.is_forged => return Err(EnvelopeError::Content),
        Err(error) if !stored.is_forged => return Err(error),
        _ => {}
    }
    let stands_there =
        header.hash() == stored.header_hash && header.kiosk == stored.kiosk && header.previous == stored.previous;
    if stands_there { Ok(()) } else { Err(EnvelopeError::Content) }
}
