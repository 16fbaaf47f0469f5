//! How a kiosk joins: a stranger's question at the office, and the answer at the kiosk.

#![no_main]

use istiqbal::domain::code::CODE_DIGITS;
use istiqbal::domain::tracking_number::KioskNumber;
use istiqbal::replication::wire::{Enrolled, Enrolment};
use istiqbal::seal::sealing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(enrolment) = postcard::from_bytes::<Enrolment>(bytes) {
        assert_eq!(enrolment.code.as_str().len(), CODE_DIGITS);
        let _ = enrolment.proving_key.verify(bytes, &[0; 64]);
    }
    if let Ok(enrolled) = postcard::from_bytes::<Enrolled>(bytes) {
        assert!(enrolled.kiosk.get() <= KioskNumber::MAX);
        let _ = sealing::seal(&enrolled.sealing_key, b"", b"");
        let _ = enrolled.proving_key.verify(bytes, &[0; 64]);
    }
});
