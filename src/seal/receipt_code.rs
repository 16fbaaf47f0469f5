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

/// The SHA-256 of a number and its code: enough for another kiosk to recognise the receipt, not to print it. With the number
/// in it, each guess serves one receipt at most: the 66 bits of a code aren't divided by the number of receipts.
pub fn bound_code_hash(number: TrackingNumber, code: &Code) -> [u8; 32] {
    sha256(&[b"istiqbal code hash 2", number.to_string().as_bytes(), code.as_str().as_bytes()])
}

/// The hash without the number, as kiosks of earlier versions know it.
pub fn code_hash(code: &Code) -> [u8; 32] {
    sha256(&[b"istiqbal code hash 1", code.as_str().as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking_number::KioskNumber;
    use crate::seal::keys::hex;

    /// By another program: SHA-256 over label, 12 digits, 20 digits.
    #[test]
    fn hashes_of_codes_have_their_bytes() {
        let number = TrackingNumber::new(KioskNumber::try_from(1).unwrap(), 5);
        assert_eq!(number.to_string(), "000100000054");
        let code = Code::parse("12345678901234567890").unwrap();
        assert_eq!(
            hex(&bound_code_hash(number, &code)),
            "e93f4e10f509898a317e9f35031836c5f5cfc551998feb2f7485087b5912e790"
        );
        assert_eq!(hex(&code_hash(&code)), "c469a3b05ca4e57a11c58c139b83eee8ddd48bcabdde12c079a5b14102ef1ac4");
        let other = TrackingNumber::new(KioskNumber::try_from(1).unwrap(), 6);
        assert_ne!(bound_code_hash(number, &code), bound_code_hash(other, &code), "a guess serves one receipt");
    }

    #[test]
    fn each_number_and_each_kiosk_has_its_own_code() {
        let [one, two] = [1, 2].map(|random| TrackingNumber::new(KioskNumber::try_from(1).unwrap(), random));
        let key = ReceiptKeyBytes([7; 32]);
        assert_eq!(receipt_code(&key, one), receipt_code(&key, one));
        assert_ne!(receipt_code(&key, one), receipt_code(&key, two));
        assert_ne!(receipt_code(&key, one), receipt_code(&ReceiptKeyBytes([8; 32]), one));
    }
}
