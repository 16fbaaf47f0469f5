//! The office's word, as whoever stands in the line may make it.

#![no_main]

use istiqbal::replication::wire::{Acknowledgement, SignedAcknowledgement};
use istiqbal::seal::keys::OfficeKeys;
use istiqbal::seal::seed::Seed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let office = OfficeKeys::from_seed(&Seed::from_secret([2; 32]));
    if let Ok(signed) = postcard::from_bytes::<SignedAcknowledgement>(bytes) {
        let _ = signed.verify(&office.proving_key());
    }
    // Behind a signature that nobody can forge: what an office of another version may say.
    if let Ok(acknowledgement) = Acknowledgement::decode(bytes) {
        let signed = SignedAcknowledgement::sign(&office, &acknowledgement).expect("it was read");
        assert_eq!(signed.verify(&office.proving_key()).expect("its own signature"), acknowledgement);
    }
});
