//! The seeds of the fuzz targets, run by every test: nothing in them may panic.

use std::fs;
use std::path::PathBuf;

use istiqbal::ledger::journal::Content;
use istiqbal::receipt::printer::answers::Answers;
use istiqbal::seal::envelope::Envelope;
use istiqbal::seal::keys::OfficeKeys;
use istiqbal::seal::paper_copy::{self, PaperCopy};
use istiqbal::seal::seed::Seed;

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

#[test]
fn printer_answers() {
    let mut whole = 0;
    for (path, bytes) in seeds("printer_answers") {
        let mut answers = Answers::default();
        whole += bytes.iter().filter(|byte| answers.take(**byte).is_some()).count();
        assert!((0..100).any(|_| answers.take(0x12).is_some()), "{}: deaf for ever", path.display());
    }
    assert!(whole > 10, "some seeds are answers");
}

#[test]
fn paper_copies() {
    let folder = tempfile::tempdir().unwrap();
    let seed = Seed::create(&folder.path().join("office.seed")).unwrap();
    let keys = OfficeKeys::from_seed(&seed);
    let mut whole = 0;
    for (path, bytes) in seeds("paper_copy") {
        let text = String::from_utf8_lossy(&bytes);
        match paper_copy::parse(&text) {
            Ok(PaperCopy::Whole(envelope)) => {
                let digits = paper_copy::to_digits(&envelope.encode()).unwrap();
                assert_eq!(paper_copy::parse(&digits).unwrap(), PaperCopy::Whole(envelope), "{}", path.display());
                whole += 1;
            }
            Ok(copy) => assert!(copy.restore(&keys).is_err(), "{}", path.display()),
            Err(_) => {}
        }
    }
    assert!(whole >= 3, "some seeds are paper copies");
}
