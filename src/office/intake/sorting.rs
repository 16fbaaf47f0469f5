//! Sorts a batch: what is an envelope of the kiosk that speaks is taken in; everything else is passed over, noted, and holds
//! up nothing.

use chrono::{DateTime, Utc};

use crate::domain::tracking_number::KioskNumber;
use crate::office::Office;
use crate::office::database::DatabaseError;
use crate::office::database::kiosks::Kiosk;
use crate::office::database::passed_over::{self, PassedOver};
use crate::office::kiosk_reports::{self, Matter};
use crate::replication::wire::Batch;
use crate::seal::envelope::{Envelope, EnvelopeError};
use crate::seal::keys::sha256;

/// A batch whose envelopes were read, each beside its bytes.
pub struct Sorted<'a>(Vec<(&'a [u8], Result<Envelope, EnvelopeError>)>);

impl<'a> Sorted<'a> {
    pub fn read(batch: &'a Batch) -> Self {
        let read = |bytes: &'a Vec<u8>| (bytes.as_slice(), Envelope::decode_any_version(bytes));
        Self(batch.envelopes.iter().map(read).collect())
    }

    /// The kiosks whose numbers the envelopes bear, in their order.
    pub fn kiosks(&self) -> impl Iterator<Item = KioskNumber> {
        self.0.iter().filter_map(|(_, envelope)| envelope.as_ref().ok()).map(|envelope| envelope.header.kiosk)
    }

    /// The envelopes of one kiosk, and what else there is.
    pub fn of(self, kiosk: KioskNumber) -> (Vec<Envelope>, Vec<PassedOver>) {
        let (mut own, mut others) = (Vec::with_capacity(self.0.len()), Vec::new());
        for (bytes, envelope) in self.0 {
            let cause = match envelope {
                Err(error) => error.to_string(),
                Ok(envelope) if envelope.header.kiosk != kiosk => {
                    format!("an envelope of kiosk {}", envelope.header.kiosk)
                }
                Ok(envelope) if envelope.header.sequence >= i64::MAX as u64 => {
                    "an envelope with a sequence that no kiosk can reach".to_owned()
                }
                Ok(envelope) => {
                    own.push(envelope);
                    continue;
                }
            };
            others.push(PassedOver { hash: sha256(&[bytes]), cause });
        }
        (own, others)
    }
}

/// Notes what was passed over, and tells staff once a day. What was noted before costs no write.
pub async fn note_passed_over(
    office: &Office,
    kiosk: &Kiosk,
    others: &[PassedOver],
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let Some(first) = others.first() else { return Ok(()) };
    let count = others.len();
    tracing::warn!(kiosk = %kiosk.number, count, cause = %first.cause, "a kiosk sent what is no envelope of its own");
    if passed_over::news(&mut *office.database.read().await?, kiosk.number, others).await?.is_empty() {
        return Ok(());
    }
    let mut writing = office.database.write().await?;
    let news = passed_over::news(&mut writing, kiosk.number, others).await?;
    passed_over::add_all(&mut writing, kiosk.number, &news, now).await?;
    let text = format!(
        "this kiosk sends what is no record of its own, and isn't kept here ({}): its store was damaged, mixed with another kiosk's, or somebody else speaks by its key",
        first.cause
    );
    kiosk_reports::note_once_a_day(&mut writing, kiosk.number, Matter::PassedOver, now, text).await?;
    writing.commit().await
}
