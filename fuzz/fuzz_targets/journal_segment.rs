//! A segment of the journal, from a disk that may hold anything.

#![no_main]

use istiqbal::ledger::journal::Content;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let content = Content::read(bytes, 1);
    // What was read is sound: it can be written again.
    for envelope in &content.envelopes {
        assert!(bytes.windows(envelope.len()).any(|window| window == envelope.encode()));
    }
});
