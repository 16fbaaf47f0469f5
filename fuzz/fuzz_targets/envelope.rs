//! An envelope, from a disk, a kiosk or a piece of paper.

#![no_main]

use istiqbal::seal::envelope::Envelope;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::decode(bytes) {
        assert_eq!(envelope.encode(), bytes);
        let _ = envelope.listing();
    }
});
