#![no_main]

use istiqbal::receipt::printer::answers::Answers;
use libfuzzer_sys::fuzz_target;

// Whatever a printer says: no panic, and a real-time answer is heard again soon after.
fuzz_target!(|bytes: &[u8]| {
    let mut answers = Answers::default();
    for byte in bytes {
        answers.take(*byte);
    }
    assert!((0..100).any(|_| answers.take(0x12).is_some()));
});
