//! A file that a stranger handed to the staff.

#![no_main]

use istiqbal::office::uploads::budget::{Budget, STEPS_MAX};
use istiqbal::office::uploads::{self, UploadLimits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let budget = Budget::default();
    let checked = uploads::check_within(bytes.to_vec(), UploadLimits::default(), &budget);
    assert!(budget.spent() <= STEPS_MAX);
    // A kept file is taken again; a PDF stays the same bytes.
    if let Ok(kept) = checked {
        let again = uploads::check(kept.bytes.clone(), UploadLimits::default()).expect("it was kept");
        assert_eq!(again.kind, kept.kind);
        assert!(kept.kind != uploads::Kind::Pdf || again.bytes == kept.bytes);
    }
});
