use proptest::prelude::*;

use super::super::seed::Seed;
use super::*;

fn sealed() -> (KioskKeys, OfficeKeys, Envelope) {
    let kiosk = KioskKeys::from_seed(&Seed::fixed(1));
    let office = OfficeKeys::from_seed(&Seed::fixed(2));
    let place = Place {
        kiosk: KioskNumber::try_from(1).unwrap(),
        epoch: Epoch([3; 16]),
        sequence: 9,
        previous: HeaderHash::NONE,
    };
    let time = KioskTime { at: "2026-11-23T08:00:00Z".parse().unwrap(), trusted: true };
    let record = Record::Suggestion { text: "شكراً".into() };
    let envelope = Envelope::seal(&kiosk, &office.sealing_key(), place, time, &record).unwrap();
    (kiosk, office, envelope)
}

#[test]
fn an_envelope_survives_its_bytes() {
    let (kiosk, office, envelope) = sealed();
    let bytes = envelope.encode();
    assert_eq!(bytes.len(), envelope.len());
    let read = Envelope::decode(&bytes).unwrap();
    assert_eq!(read, envelope);
    read.verify(&kiosk.proving_key()).unwrap();
    assert_eq!(read.open(&office).unwrap(), Record::Suggestion { text: "شكراً".into() });
    assert!(!bytes.windows(4).any(|window| window == &"شكراً".as_bytes()[..4]));
}

/// What a newer program sends is verified and kept by an older office, which can't open it.
#[test]
fn an_envelope_of_a_newer_version_can_be_verified() {
    let (kiosk, office, envelope) = sealed();
    let newer = Header { version: 2, ..envelope.header.clone() };
    let envelope = Envelope { signature: kiosk.sign(&newer.encode()), header: newer, ..envelope };
    let bytes = envelope.encode();
    assert_eq!(Envelope::decode(&bytes), Err(EnvelopeError::Version(2)));
    let read = Envelope::decode_any_version(&bytes).unwrap();
    read.verify(&kiosk.proving_key()).unwrap();
    assert_eq!((read.encode(), read.open(&office)), (bytes, Err(EnvelopeError::Version(2))));
}

#[test]
fn every_changed_bit_is_noticed() {
    let (kiosk, _, envelope) = sealed();
    let bytes = envelope.encode();
    for place in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[place / 8] ^= 1 << (place % 8);
        let noticed = Envelope::decode(&changed).and_then(|envelope| envelope.verify(&kiosk.proving_key()));
        assert!(noticed.is_err(), "bit {place}");
    }
    for length in 0..bytes.len() {
        assert!(Envelope::decode(&bytes[..length]).is_err(), "cut at {length}");
    }
}

#[test]
fn a_record_that_is_too_large_is_refused() {
    let (kiosk, office, envelope) = sealed();
    let record = Record::Suggestion { text: "x".repeat(ENVELOPE_BYTES_MAX) };
    let refused = Envelope::seal(&kiosk, &office.sealing_key(), envelope.header.next(), envelope.header.time, &record);
    assert!(matches!(refused, Err(EnvelopeError::TooLarge(_))));
}

/// Written once by the program of version 1; every later version reads it.
#[test]
fn the_golden_envelope_of_version_1_stays_readable() {
    let (kiosk, office, _) = sealed();
    let golden = include_bytes!("golden_v1.envelope");
    let envelope = Envelope::decode(golden).unwrap();
    envelope.verify(&kiosk.proving_key()).unwrap();
    assert_eq!(envelope.header.sequence, 9);
    assert_eq!(envelope.open(&office).unwrap(), Record::Suggestion { text: "شكراً".into() });
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Envelope::decode(&bytes);
    }
}

#[test]
fn what_is_left_of_an_erased_envelope_still_proves_its_place() {
    let (kiosk, office, envelope) = sealed();
    let left = ErasedEnvelope::of(&envelope);
    let bytes = left.encode();
    assert_eq!(bytes.len(), ERASED_BYTES);
    let read = ErasedEnvelope::decode(&bytes).unwrap();
    assert_eq!(read, left);
    read.verify(&kiosk.proving_key()).unwrap();
    assert_eq!(read.header.hash(), envelope.header.hash(), "the next envelope's link holds");
    assert!(read.verify(&KioskKeys::from_seed(&Seed::fixed(3)).proving_key()).is_err());
    // Neither is ever taken for the other: from an erased one nothing can be made.
    assert_eq!(Envelope::decode_any_version(&bytes), Err(EnvelopeError::Form));
    assert_eq!(ErasedEnvelope::decode(&envelope.encode()), Err(EnvelopeError::Form));
    assert!(!bytes.windows(16).any(|window| envelope.sealed.windows(16).any(|part| part == window)));
    drop(office);
    for place in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[place / 8] ^= 1 << (place % 8);
        let noticed = ErasedEnvelope::decode(&changed).and_then(|left| left.verify(&kiosk.proving_key()));
        assert!(noticed.is_err(), "bit {place}");
    }
    for length in 0..bytes.len() {
        assert!(ErasedEnvelope::decode(&bytes[..length]).is_err(), "cut at {length}");
    }
}
