//! Who writes a ledger, and to whom it is sealed.

use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::Epoch;
use crate::seal::keys::{KioskKeys, SealingKey, sha256};

/// A kiosk's keys and number, and the key of its office. That they belong together is proved where the enrolment is read;
/// a sum over them shows at each seal that they still are what was proved.
#[derive(Clone)]
pub struct Identity {
    keys: KioskKeys,
    kiosk: KioskNumber,
    first_epoch: Epoch,
    sealing_key: SealingKey,
    /// The office has signed that key and number belong together
    is_proved: bool,
    sum: [u8; 32],
}

impl Identity {
    /// `first_epoch` is the one that the office gave at the enrolment.
    pub fn new(keys: KioskKeys, kiosk: KioskNumber, first_epoch: Epoch, sealing_key: SealingKey) -> Self {
        let mut identity = Self { keys, kiosk, first_epoch, sealing_key, is_proved: false, sum: [0; 32] };
        identity.sum = identity.sum_now();
        identity
    }

    /// The same, of which the office's signature was verified. Without one, the journal's beginning has to prove the key.
    pub fn proved(self) -> Self {
        Self { is_proved: true, ..self }
    }

    pub(super) fn is_proved(&self) -> bool {
        self.is_proved
    }

    pub fn keys(&self) -> &KioskKeys {
        &self.keys
    }

    pub fn kiosk(&self) -> KioskNumber {
        self.kiosk
    }

    pub fn first_epoch(&self) -> Epoch {
        self.first_epoch
    }

    pub fn sealing_key(&self) -> &SealingKey {
        &self.sealing_key
    }

    /// The same kiosk, which seals to another key of its office from now on. `None` when it isn't what was proved: a fresh
    /// sum would vouch for whatever the memory holds.
    pub(super) fn sealing_to(&self, key: SealingKey) -> Option<Self> {
        let mut other = Self { sealing_key: key, ..self.clone() };
        other.sum = other.sum_now();
        // Compared behind the copying, which may change something, too.
        (self.is_whole() && Self { sealing_key: self.sealing_key, ..other.clone() }.sum_now() == self.sum)
            .then_some(other)
    }

    /// False when the memory has changed a part since [`Self::new`]: nobody could open or believe what is sealed by it.
    pub(super) fn is_whole(&self) -> bool {
        self.sum == self.sum_now()
    }

    fn sum_now(&self) -> [u8; 32] {
        let (proving, receipts) = (self.keys.proving_key(), self.keys.receipt_key());
        sha256(&[&self.kiosk.get().to_be_bytes(), &self.first_epoch.0, &self.sealing_key.0, &proving.0, &receipts.0])
    }

    /// As a fault of the machine's memory would leave it.
    #[cfg(test)]
    pub(super) fn with_a_changed_bit(mut self) -> Self {
        self.sealing_key.0[7] ^= 1;
        self
    }
}
