#![no_main]

use istiqbal::seal::keys::OfficeKeys;
use istiqbal::seal::paper_copy::{self, PaperCopy};
use istiqbal::seal::seed::Seed;
use libfuzzer_sys::fuzz_target;

// Whatever a scanner types: no panic, and what is read is what was printed.
fuzz_target!(|text: &str| {
    match paper_copy::parse(text) {
        Ok(PaperCopy::Whole(envelope)) => {
            let digits = paper_copy::to_digits(&envelope.encode()).expect("it was on paper");
            assert_eq!(paper_copy::parse(&digits).expect("its own digits"), PaperCopy::Whole(envelope));
        }
        Ok(compact) => drop(compact.restore(&OfficeKeys::from_seed(&Seed::random()))),
        Err(_) => {}
    }
});
