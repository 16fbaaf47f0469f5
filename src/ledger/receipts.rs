//! What the ledger knows of receipts: which came out, which wait for the staff, and what of a request goes on paper.

use super::store::ReceiptEntry;
use super::{Ledger, LedgerError};
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::envelope::Epoch;

/// Where an envelope stands in this ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvelopePlace {
    pub epoch: Epoch,
    pub sequence: u64,
}

impl Ledger {
    /// An envelope's bytes as long as the office hasn't acknowledged it.
    pub fn unacknowledged_envelope(&mut self, place: EnvelopePlace) -> Result<Option<Vec<u8>>, LedgerError> {
        self.apply()?;
        let EnvelopePlace { epoch, sequence } = place;
        self.ask_store(|store| {
            if store.acknowledged(&epoch)?.is_some_and(|held| held.through >= sequence) {
                return Ok(None);
            }
            Ok(store.envelope(&epoch, sequence)?.map(|envelope| envelope.encode()))
        })
    }

    /// The receipt of a request of this kiosk; `None` when its records have left for the office.
    pub fn receipt(&mut self, number: TrackingNumber) -> Result<Option<ReceiptEntry>, LedgerError> {
        self.apply()?;
        self.ask_store(|store| store.receipt(number))
    }

    /// The numbers of receipts that didn't come out, in no order.
    pub fn unprinted(&mut self) -> Result<Vec<TrackingNumber>, LedgerError> {
        self.apply()?;
        self.ask_store(|store| store.unprinted())
    }
}
