//! What a scanner, a camera or a keyboard gives.

#![no_main]

use istiqbal::domain::digits::to_eastern;
use istiqbal::domain::scan::Scan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(scan) = Scan::parse(text) {
        let code = scan.code.as_ref().map_or("", |code| code.as_str());
        let digits = format!("{}{code}", scan.tracking_number);
        assert_eq!(Scan::parse(&digits), Ok(scan.clone()));
        assert_eq!(Scan::parse(&to_eastern(&digits)), Ok(scan));
    }
});
