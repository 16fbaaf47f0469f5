//! The enrolment's file: a changed digit, another key and another kiosk's file are noticed; earlier files are read.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::seal::keys::OfficeKeys;

fn office() -> OfficeKeys {
    OfficeKeys::from_seed(&Seed::fixed(2))
}

/// A folder in which this kiosk is enrolled.
fn enrolled(kiosk: u16) -> (tempfile::TempDir, EnrolmentTerms) {
    let folder = tempfile::tempdir().unwrap();
    let keys = KioskKeys::from_seed(&Seed::create(&seed_path(folder.path())).unwrap());
    let terms = EnrolmentTerms {
        kiosk: kiosk.try_into().unwrap(),
        first_epoch: Epoch([3; 16]),
        sealing_key: office().sealing_key(),
        office_proving_key: office().proving_key(),
        office_pin: tls::pin_of_secret(office().tls_secret()).unwrap(),
        kiosk_proving_key: keys.proving_key(),
        kiosk_pin: tls::pin_of_secret(keys.tls_secret()).unwrap(),
    };
    let signature = terms.sign(&office()).verified().unwrap();
    write(folder.path(), "office.example:7443".into(), &terms, Some(signature)).unwrap();
    (folder, terms)
}

#[test]
fn every_changed_character_is_noticed_or_harmless() {
    let (folder, terms) = enrolled(92);
    let path = file(folder.path());
    let whole = fs::read(&path).unwrap();
    let address = whole.iter().position(|byte| *byte == b'\n').unwrap();
    assert_eq!(Enrolment::read(folder.path()).unwrap().terms, terms);
    let mut noticed = 0;
    for place in 0..whole.len() {
        for mask in [1, 2, 4, 8, 16, 32, 64, 128] {
            let mut changed = whole.clone();
            changed[place] ^= mask;
            fs::write(&path, &changed).unwrap();
            match Enrolment::read(folder.path()) {
                // A capital digit, another white space; or the address, by which nothing but a try to reach it can tell.
                Ok(read) => {
                    let is_same = read.terms == terms && read.signature.is_some();
                    assert!(
                        is_same && (place < address || read.office.address == "office.example:7443"),
                        "byte {place}"
                    );
                }
                Err(error) => {
                    assert!(error.asks_for_a_copy(), "byte {place}: {error}");
                    noticed += 1;
                }
            }
        }
    }
    assert!(noticed > 6 * whole.len(), "{noticed}");
    // Two digits changed for each other, a line that is gone, a file cut short.
    let text = String::from_utf8(whole.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let without: Vec<&str> =
            lines.iter().enumerate().filter(|(other, _)| *other != number).map(|(_, line)| *line).collect();
        fs::write(&path, without.join("\n")).unwrap();
        assert!(Enrolment::read(folder.path()).is_err_and(|error| error.asks_for_a_copy()), "without {line}");
    }
}

#[test]
fn a_key_or_a_file_of_another_kiosk_is_named() {
    let (folder, _) = enrolled(92);
    let (other, _) = enrolled(93);
    let seed = fs::read(seed_path(folder.path())).unwrap();
    let put = |bytes: &[u8]| {
        fs::write(seed_path(folder.path()), bytes).unwrap();
        fs::set_permissions(seed_path(folder.path()), fs::Permissions::from_mode(0o600)).unwrap();
        Enrolment::read(folder.path()).map(|enrolled| enrolled.identity.kiosk().get())
    };
    for bit in 0..8 * 32 {
        let mut flipped = seed.clone();
        flipped[16 + bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(put(&flipped), Err(EnrolmentError::OtherSeed { .. })), "bit {bit}");
    }
    let another = fs::read(seed_path(other.path())).unwrap();
    let error = put(&another).unwrap_err().to_string();
    assert!(error.contains("kiosk.seed") && error.contains("0092") && error.contains("Restore it"), "{error}");
    assert_eq!(put(&seed).unwrap(), 92);
    // The other's enrolment is genuine, and yet not this one's.
    fs::copy(file(other.path()), file(folder.path())).unwrap();
    assert!(matches!(put(&seed), Err(EnrolmentError::OtherSeed { .. })));
}

/// As files were before offices signed them.
#[test]
fn an_earlier_file_is_read_and_gets_its_signature() {
    let (folder, terms) = enrolled(92);
    write(folder.path(), "10.0.0.7:7443".into(), &terms, None).unwrap();
    let text = fs::read_to_string(file(folder.path())).unwrap();
    assert_eq!(text.lines().count(), 6, "{text}");
    let read = Enrolment::read(folder.path()).unwrap();
    assert_eq!((read.terms, read.signature), (terms, None));
    let newer = EnrolmentTerms { sealing_key: SealingKey([9; 32]), ..terms };
    keep(folder.path(), &newer.sign(&office())).unwrap();
    let read = Enrolment::read(folder.path()).unwrap();
    assert_eq!((read.terms, read.signature.is_some()), (newer, true));
    assert_eq!(read.office.address, "10.0.0.7:7443");
    assert_eq!(*read.identity.sealing_key(), newer.sealing_key);
    let forged = EnrolmentTerms { kiosk: 1.try_into().unwrap(), ..terms }.sign(&OfficeKeys::from_seed(&Seed::fixed(3)));
    assert!(keep(folder.path(), &forged).is_err(), "signed by another office");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
