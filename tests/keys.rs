//! Keys that are lost, damaged or readable by others: each says what to do, and none is made in the place of another.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Workplace, registration, stored};

#[test]
fn a_lost_or_damaged_key_says_what_to_do() {
    let (workplace, office) = Workplace::open();
    let visit = registration("نورة القحطاني");
    let words = ["kiosk", "visit", "--no-print", "--offline", "--script", "-"];
    workplace.succeed(&words, "kiosk.toml", &visit);
    let seed = workplace.path("kiosk/kiosk.seed");
    let copy = fs::read(&seed).unwrap();
    let invite = workplace.succeed(&["office", "invite", "--print"], "office.toml", "");
    let enroll = ["kiosk", "enroll", "--invite", invite.trim()];

    fs::remove_file(&seed).unwrap();
    for words in [words.as_slice(), enroll.as_slice(), &["kiosk", "check"]] {
        let error = workplace.fail(words, "kiosk.toml", &visit);
        assert!(error.contains("Restore it from its copy"), "{words:?}: {error}");
        assert!(!seed.exists(), "{words:?} made another key");
    }
    fs::write(&seed, &copy[..20]).unwrap();
    fs::set_permissions(&seed, fs::Permissions::from_mode(0o600)).unwrap();
    let error = workplace.fail(&words, "kiosk.toml", &visit);
    assert!(error.contains("damaged. Restore it from its copy"), "{error}");
    fs::write(&seed, &copy).unwrap();
    fs::set_permissions(&seed, fs::Permissions::from_mode(0o644)).unwrap();
    let error = workplace.fail(&words, "kiosk.toml", &visit);
    assert!(error.contains("chmod 600"), "{error}");
    fs::set_permissions(&seed, fs::Permissions::from_mode(0o600)).unwrap();

    let enrolment = workplace.path("kiosk/enrolment.toml");
    fs::rename(&enrolment, workplace.path("enrolment.copy")).unwrap();
    let error = workplace.fail(&enroll, "kiosk.toml", "");
    assert!(error.contains("holds records of a kiosk") && !enrolment.exists(), "{error}");
    fs::rename(workplace.path("enrolment.copy"), &enrolment).unwrap();
    workplace.succeed(&words, "kiosk.toml", &visit);
    assert_eq!(stored(&workplace).0.len(), 2);
    office.end();
}
