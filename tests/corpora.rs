//! The seeds of the fuzz targets, run by every test: nothing in them may panic.

use std::fs;
use std::path::PathBuf;

use istiqbal::ledger::journal::Content;
use istiqbal::seal::envelope::Envelope;

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(format!("fuzz/corpus/{target}")).unwrap();
    let seeds: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    assert!(!seeds.is_empty());
    seeds
}

#[test]
fn journal_segments() {
    let mut sound = 0;
    for (path, bytes) in seeds("journal_segment") {
        let content = Content::read(&bytes, 1);
        for envelope in &content.envelopes {
            assert!(bytes.windows(envelope.len()).any(|window| window == envelope.encode()), "{}", path.display());
        }
        sound += content.envelopes.len();
    }
    assert!(sound > 0, "some seeds hold frames");
}

#[test]
fn envelopes() {
    let mut sound = 0;
    for (path, bytes) in seeds("envelope") {
        if let Ok(envelope) = Envelope::decode(&bytes) {
            assert_eq!(envelope.encode(), bytes, "{}", path.display());
            let _ = envelope.listing();
            sound += 1;
        }
    }
    assert!(sound > 0, "some seeds are envelopes");
}
