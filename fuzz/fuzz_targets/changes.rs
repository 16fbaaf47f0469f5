//! What the office tells of its requests, and how a kiosk shows it.

#![no_main]

use std::path::Path;

use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::language::Language;
use istiqbal::language::{Words, standing};
use istiqbal::replication::wire::{Change, Changes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(changes) = postcard::from_bytes::<Changes>(bytes) else { return };
    for change in &changes.changes {
        match change {
            Change::Request { status, .. } => {
                for language in [Language::Arabic, Language::English] {
                    let (words, standing) = (Words::of(language), &status.standing);
                    assert!(!standing::documents_track(words, standing).is_empty());
                    for proved in [false, true] {
                        assert!(!standing::committee_track(words, standing, proved, standing.received_on).is_empty());
                    }
                }
            }
            Change::Catalogue { text } => drop(Catalogue::parse(Path::new("catalog.toml"), text)),
            Change::Forget { .. } => {}
        }
    }
});
