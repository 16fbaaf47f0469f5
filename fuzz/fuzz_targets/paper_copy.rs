#![no_main]

use istiqbal::seal::paper_copy;
use libfuzzer_sys::fuzz_target;

// Whatever a scanner types: no panic, and what is read is what was printed.
fuzz_target!(|text: &str| {
    if let Ok(envelope) = paper_copy::parse(text) {
        let digits = paper_copy::to_digits(&envelope.encode()).expect("it was on paper");
        assert_eq!(paper_copy::parse(&digits).expect("its own digits").encode(), envelope.encode());
    }
});
