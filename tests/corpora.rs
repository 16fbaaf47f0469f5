//! The seeds of the fuzz targets, run by every test: nothing in them may panic.

use std::fs;
use std::path::{Path, PathBuf};

use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::code::CODE_DIGITS;
use istiqbal::domain::digits::to_eastern;
use istiqbal::domain::language::Language;
use istiqbal::domain::scan::Scan;
use istiqbal::domain::tracking_number::KioskNumber;
use istiqbal::language::{Words, standing};
use istiqbal::ledger::journal::Content;
use istiqbal::office::uploads::budget::{Budget, STEPS_MAX};
use istiqbal::office::uploads::{self, FileError, Kind, UploadLimits};
use istiqbal::receipt::printer::answers::Answers;
use istiqbal::replication::invite::Invite;
use istiqbal::replication::wire::{Acknowledgement, Change, Changes, Enrolled, Enrolment, SignedAcknowledgement};
use istiqbal::seal::envelope::Envelope;
use istiqbal::seal::keys::OfficeKeys;
use istiqbal::seal::paper_copy::{self, PaperCopy};
use istiqbal::seal::sealing;
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

#[test]
fn acknowledgements() {
    let office = OfficeKeys::from_seed(&Seed::from_secret([2; 32]));
    let (mut signed, mut plain) = (0, 0);
    for (path, bytes) in seeds("acknowledgement") {
        if let Ok(read) = postcard::from_bytes::<SignedAcknowledgement>(&bytes) {
            signed += usize::from(read.verify(&office.proving_key()).is_ok());
        }
        if let Ok(read) = Acknowledgement::decode(&bytes) {
            let again = SignedAcknowledgement::sign(&office, &read).unwrap();
            assert_eq!(again.verify(&office.proving_key()).unwrap(), read, "{}", path.display());
            plain += 1;
        }
    }
    // The same with something behind it is the same.
    assert_eq!(signed, 2, "what was forged or cut is refused");
    assert!(plain >= 2, "some seeds are acknowledgements without a signature");
}

#[test]
fn changes() {
    let (mut shown, mut catalogues) = (0, 0);
    for (_, bytes) in seeds("changes") {
        let Ok(changes) = postcard::from_bytes::<Changes>(&bytes) else { continue };
        for change in &changes.changes {
            match change {
                Change::Request { status, .. } | Change::BoundRequest { status, .. } => {
                    for language in [Language::Arabic, Language::English] {
                        let (words, standing) = (Words::of(language), &status.standing);
                        assert!(!standing::documents_track(words, standing).is_empty());
                        for proved in [false, true] {
                            let today = standing.received_on;
                            assert!(!standing::committee_track(words, standing, proved, today).is_empty());
                        }
                    }
                    shown += 1;
                }
                Change::Catalogue { text } => {
                    catalogues += usize::from(Catalogue::parse(Path::new("catalog.toml"), text).is_err());
                }
                Change::Forget { .. } => {}
            }
        }
    }
    assert!(shown >= 4 && catalogues > 0, "some seeds are changes");
}

#[test]
fn enrolments() {
    let (mut asked, mut answered) = (0, 0);
    for (_, bytes) in seeds("enrolment") {
        if let Ok(enrolment) = postcard::from_bytes::<Enrolment>(&bytes) {
            assert_eq!(enrolment.code.as_str().len(), CODE_DIGITS);
            assert!(enrolment.proving_key.verify(&bytes, &[0; 64]).is_err());
            asked += 1;
        }
        if let Ok(enrolled) = postcard::from_bytes::<Enrolled>(&bytes) {
            assert!(enrolled.kiosk.get() <= KioskNumber::MAX);
            let _ = sealing::seal(&enrolled.sealing_key, b"", b"");
            assert!(enrolled.proving_key.verify(&bytes, &[0; 64]).is_err());
            answered += 1;
        }
    }
    assert!(asked > 0 && answered > 1, "some seeds are enrolments");
}

#[test]
fn scans() {
    let (mut read, mut refused) = (0, 0);
    for (path, bytes) in seeds("scan") {
        let Ok(scan) = Scan::parse(&String::from_utf8_lossy(&bytes)) else {
            refused += 1;
            continue;
        };
        let code = scan.code.as_ref().map_or("", |code| code.as_str());
        let digits = format!("{}{code}", scan.tracking_number);
        for text in [digits.clone(), to_eastern(&digits)] {
            assert_eq!(Scan::parse(&text), Ok(scan.clone()), "{}", path.display());
        }
        read += 1;
    }
    assert!(read >= 4 && refused >= 4, "{read} {refused}");
}

#[test]
fn catalogues() {
    let path = Path::new("catalog.toml");
    for (seed, bytes) in seeds("catalogue") {
        let error = Catalogue::parse(path, &String::from_utf8_lossy(&bytes)).err();
        let error = error.unwrap_or_else(|| panic!("{} is no catalogue", seed.display())).to_string();
        assert!(error.contains("catalog.toml"), "{error}");
    }
    // The shipped one cut short anywhere is no catalogue, and no panic.
    let whole = fs::read_to_string("config/catalog.toml").unwrap();
    assert!(Catalogue::parse(path, &whole).is_ok());
    for end in (0..whole.len() / 2).step_by(97).filter(|end| whole.is_char_boundary(*end)) {
        assert!(Catalogue::parse(path, &whole[..end]).is_err(), "{end}");
    }
}

#[test]
fn invites() {
    let mut read = 0;
    for (path, bytes) in seeds("invite") {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(invite) = text.parse::<Invite>() {
            assert_eq!(invite.to_string().parse(), Ok(invite.clone()), "{}", path.display());
            assert_eq!(invite.to_digits().parse(), Ok(invite), "{}", path.display());
            read += 1;
        }
    }
    assert_eq!(read, 3, "the text, its digits, and eastern ones");
}

#[test]
fn uploads() {
    let (mut kept, mut active, mut odd) = (0, 0, 0);
    for (path, bytes) in seeds("upload") {
        let budget = Budget::default();
        let checked = uploads::check_within(bytes, UploadLimits::default(), &budget);
        assert!(budget.spent() <= STEPS_MAX);
        if path.file_name().unwrap().to_str().unwrap().starts_with("script_") {
            assert!(matches!(checked, Err(FileError::ActivePdf | FileError::LockedPdf)), "{}", path.display());
        }
        match checked {
            Ok(first) => {
                let again = uploads::check(first.bytes.clone(), UploadLimits::default()).unwrap();
                assert_eq!(again.kind, first.kind, "{}", path.display());
                assert!(first.kind != Kind::Pdf || again.bytes == first.bytes, "{}", path.display());
                kept += 1;
            }
            Err(FileError::ActivePdf) => active += 1,
            Err(_) => odd += 1,
        }
    }
    assert!(kept >= 6 && active >= 2 && odd >= 4, "{kept} {active} {odd}");
}
