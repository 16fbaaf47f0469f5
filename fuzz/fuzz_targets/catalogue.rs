//! A catalogue, from a file or from the office.

#![no_main]

use std::path::Path;

use istiqbal::domain::answers::Answers;
use istiqbal::domain::catalogue::Catalogue;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Catalogue::parse(Path::new("catalog.toml"), text) {
        Ok(catalogue) => {
            let answers = Answers::default();
            assert!(catalogue.questions_for(&answers).count() <= catalogue.questions.len());
            assert!(catalogue.documents_for(&answers).len() <= catalogue.documents.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
