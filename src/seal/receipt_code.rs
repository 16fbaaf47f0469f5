//! The code of a receipt: proof that whoever shows it holds the paper.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::keys::sha256;
use crate::domain::code::Code;
use crate::domain::record::ReceiptKeyBytes;
use crate::domain::tracking_number::TrackingNumber;

const LABEL: &[u8] = b"istiqbal receipt code 1";

/// The first 16 bytes of HMAC-SHA256 (label ‖ tracking number), big-endian, modulo 10²⁰.
pub fn receipt_code(key: &ReceiptKeyBytes, number: TrackingNumber) -> Code {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
    mac.update(LABEL);
    mac.update(number.to_string().as_bytes());
    let tag = mac.finalize().into_bytes();
    let mut first = [0; 16];
    first.copy_from_slice(&tag[..16]);
    Code::from_number(u128::from_be_bytes(first))
}

/// The SHA-256 of a code: enough for another kiosk to recognise the receipt, not to print it.
pub fn code_hash(code: &Code) -> [u8; 32] {
    sha256(&[b"istiqbal code hash 1", code.as_str().as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking_number::KioskNumber;

    #[test]
    fn each_number_and_each_kiosk_has_its_own_code() {
        let [one, two] = [1, 2].map(|random| TrackingNumber::new(KioskNumber::try_from(1).unwrap(), random));
        let key = ReceiptKeyBytes([7; 32]);
        assert_eq!(receipt_code(&key, one), receipt_code(&key, one));
        assert_ne!(receipt_code(&key, one), receipt_code(&key, two));
        assert_ne!(receipt_code(&key, one), receipt_code(&ReceiptKeyBytes([8; 32]), one));
    }
}
