//! Records that aren't this kiosk's own: they are named and kept aside, never sent and never mended into the journal, and
//! everything honest before and behind them goes on. Where nothing is its own, nothing begins.

use super::*;

fn other_keys() -> KioskKeys {
    KioskKeys::from_seed(&Seed::fixed(9))
}

fn other_identity() -> Identity {
    let epoch = Epoch([2; 16]);
    Identity::new(other_keys(), KioskNumber::try_from(2).unwrap(), epoch, *identity().sealing_key())
}

fn open_as(folder: &Path, identity: Identity) -> Result<(Ledger, OpeningReport), LedgerError> {
    if !folder.join("lock").exists() {
        mark_new(folder).unwrap();
    }
    Ledger::open(folder, identity, &OpeningOptions { now: now(), patience: PATIENCE, progress: &|_| {} })
}

/// As a kiosk of an earlier version wrote it after its seed was damaged.
fn commit_signed_by(ledger: &mut Ledger, keys: &KioskKeys) {
    let record = Record::Suggestion { text: "by a wrong key".into() };
    let envelope = Envelope::seal(keys, identity().sealing_key(), ledger.next, now(), &record).unwrap();
    ledger.next = envelope.header.next();
    ledger.staged.push(envelope);
    ledger.sync().unwrap();
    ledger.apply().unwrap();
}

fn unsent(ledger: &mut Ledger) -> Vec<Envelope> {
    let bytes = ledger.unacknowledged(10_000).unwrap();
    bytes.iter().map(|bytes| Envelope::decode(bytes).unwrap()).collect()
}

fn numbers(envelopes: &[Envelope]) -> Vec<TrackingNumber> {
    let number = |envelope: &Envelope| match envelope.listing() {
        Ok(Listing::Request { tracking_number, .. }) => Some(tracking_number),
        _ => None,
    };
    envelopes.iter().filter_map(number).collect()
}

fn is_own(envelope: &Envelope) -> bool {
    envelope.header.kiosk == identity().kiosk() && envelope.verify(&identity().keys().proving_key()).is_ok()
}

/// The seed flipped, records given, the seed put back: in the middle, and at the end.
#[test]
fn wrongly_signed_records_are_kept_aside_and_the_honest_ones_go_on() {
    for behind in [0, 4] {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, _) = open(folder.path());
        let mut given: Vec<_> = (0..5).map(|_| commit(&mut ledger)).collect();
        (0..3).for_each(|_| commit_signed_by(&mut ledger, &other_keys()));
        given.extend((0..behind).map(|_| commit(&mut ledger)));
        ledger.close().unwrap();
        let check = summary(folder.path());
        assert!(check.damaged.iter().any(|what| what.contains("3 of its records aren't signed")), "{check:?}");

        // An export that knows whose the records are leaves them out; one that doesn't leaves nothing out.
        for (owner, foreign) in [(Some(identity()), 0), (None, 3)] {
            let to = folder.path().join(format!("export-{foreign}"));
            export::export(folder.path(), &to, owner.as_ref(), PATIENCE).unwrap();
            let copied = journal::read_segment(&segments(&to)[0], 1).unwrap().envelopes;
            assert_eq!(copied.iter().filter(|envelope| !is_own(envelope)).count(), foreign);
            assert_eq!(numbers(&copied), given);
        }

        let (mut ledger, report) = open(folder.path());
        assert!(report.repairs.iter().any(|what| what.contains("3 of its records aren't signed")), "{report:?}");
        given.push(commit(&mut ledger));
        let unsent = unsent(&mut ledger);
        assert!(unsent.iter().all(is_own));
        assert_eq!(numbers(&unsent), given);
        ledger.close().unwrap();
        // The originals are kept, and nothing is found anew.
        let kept = folder.path().join("damaged/journal-1/00000001.segment");
        let kept = journal::read_segment(&kept, 1).unwrap().envelopes;
        assert_eq!(kept.iter().filter(|envelope| !is_own(envelope)).count(), 3);
        assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
        let (_, report) = open(folder.path());
        assert_eq!(report, OpeningReport::default());
    }
}

#[test]
fn another_kiosk_s_store_is_set_aside_unmended() {
    for own_records in [0, 5] {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (mut ledger, _) = open(folder.path());
        let mut given: Vec<_> = (0..own_records).map(|_| commit(&mut ledger)).collect();
        ledger.close().unwrap();
        let (mut ledger, _) = open_as(other.path(), other_identity()).unwrap();
        for _ in 0..7 {
            commit(&mut ledger);
        }
        ledger.close().unwrap();
        fs::remove_dir_all(folder.path().join("sled")).unwrap();
        copy_folder(&other.path().join("sled"), &folder.path().join("sled"));
        let check = summary(folder.path());
        assert!(check.damaged.iter().any(|what| what.contains("hasn't signed")), "{check:?}");

        let (mut ledger, report) = open(folder.path());
        assert!(report.repairs.iter().any(|what| what.contains("hasn't signed")), "{report:?}");
        given.push(commit(&mut ledger));
        let unsent = unsent(&mut ledger);
        assert!(unsent.iter().all(is_own));
        assert_eq!(numbers(&unsent), given);
        ledger.close().unwrap();
        assert!(folder.path().join("damaged/sled-1").is_dir());
        assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
    }
}

/// The journal is gone, and the store is another's: nothing of this kiosk is left, and its key may be the wrong one.
#[test]
fn where_nothing_is_its_own_nothing_begins_and_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let given: Vec<_> = (0..3).map(|_| commit(&mut ledger)).collect();
    ledger.close().unwrap();
    let before: Vec<_> = segments(folder.path()).iter().map(|path| fs::read(path).unwrap()).collect();
    let (epoch, key) = (identity().first_epoch(), *identity().sealing_key());
    let wrong_key = Identity::new(other_keys(), identity().kiosk(), epoch, key);
    let number = KioskNumber::try_from(99).unwrap();
    let wrong_number = Identity::new(identity().keys().clone(), number, epoch, key);
    for lost in ["nothing", "sled", "journal"] {
        if lost != "nothing" {
            fs::rename(folder.path().join(lost), folder.path().join("away")).unwrap();
        }
        for _ in 0..2 {
            let error = open_as(folder.path(), wrong_key.clone()).err().unwrap();
            assert!(matches!(error, LedgerError::OtherKey { .. }), "without {lost}: {error}");
            assert!(error.to_string().contains("kiosk.seed isn't the key"), "{error}");
            let error = open_as(folder.path(), wrong_number.clone()).err().unwrap();
            assert!(matches!(error, LedgerError::OtherNumber { .. }), "without {lost}: {error}");
            assert!(error.to_string().contains("of kiosk 0001, and enrolment.toml is of kiosk 0099"), "{error}");
        }
        let check = check::check(folder.path(), &wrong_key, false, PATIENCE);
        assert!(matches!(check, Err(LedgerError::OtherKey { .. })), "{check:?}");
        if lost != "nothing" {
            let _ = fs::remove_dir_all(folder.path().join(lost));
            fs::rename(folder.path().join("away"), folder.path().join(lost)).unwrap();
        }
    }
    let after: Vec<_> = segments(folder.path()).iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(before == after, "nothing was written");
    let (mut ledger, report) = open(folder.path());
    assert_eq!((report.repairs, numbers(&unsent(&mut ledger))), (vec![], given));
}

/// An earlier version went on by a damaged seed; that seed is still there when this one opens the ledger.
#[test]
fn what_a_wrong_key_has_signed_drives_no_honest_record_out() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let mut given: Vec<_> = (0..3).map(|_| commit(&mut ledger)).collect();
    (0..2).for_each(|_| commit_signed_by(&mut ledger, &other_keys()));
    ledger.close().unwrap();
    let (kiosk, epoch, key) = (identity().kiosk(), identity().first_epoch(), *identity().sealing_key());
    let wrong = Identity::new(other_keys(), kiosk, epoch, key);
    let before = fs::read(&segments(folder.path())[0]).unwrap();
    let error = open_as(folder.path(), wrong.clone()).err().unwrap();
    assert!(matches!(error, LedgerError::OtherKey { .. }), "{error}");
    assert!(matches!(check::check(folder.path(), &wrong, false, PATIENCE), Err(LedgerError::OtherKey { .. })));
    assert!(before == fs::read(&segments(folder.path())[0]).unwrap());
    let (mut ledger, report) = open(folder.path());
    assert!(report.repairs.iter().any(|what| what.contains("2 of its records aren't signed")), "{report:?}");
    given.push(commit(&mut ledger));
    assert_eq!(numbers(&unsent(&mut ledger)), given);
    drop(ledger);

    // Where the office has signed that this key is the right one, it decides, wherever the journal begins.
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open_as(folder.path(), wrong).unwrap();
    commit(&mut ledger);
    ledger.owner = Owner::of(&identity()).unwrap();
    ledger.identity = identity();
    let number = commit(&mut ledger);
    ledger.close().unwrap();
    assert!(matches!(open_as(folder.path(), identity()), Err(LedgerError::OtherKey { .. })));
    let (mut ledger, report) = open_as(folder.path(), identity().proved()).unwrap();
    assert!(report.repairs.iter().any(|what| what.contains("aren't signed")), "{report:?}");
    assert_eq!(numbers(&unsent(&mut ledger)), [number]);
}

#[test]
fn a_record_that_isn_t_its_own_is_never_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    commit_signed_by(&mut ledger, &other_keys());
    assert_eq!(unsent_first(&mut ledger, 2).len(), 2, "what stands before it goes out");
    assert!(matches!(ledger.unacknowledged(3), Err(LedgerError::Store(_))));
    assert!(!ledger.is_in_service());
}

fn unsent_first(ledger: &mut Ledger, limit: usize) -> Vec<Vec<u8>> {
    ledger.unacknowledged(limit).unwrap()
}

#[test]
fn an_identity_that_the_memory_has_changed_seals_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = open(folder.path());
    let number = commit(&mut ledger);
    ledger.identity = ledger.identity.clone().with_a_changed_bit();
    let refused = ledger.commit(&[Record::Suggestion { text: "x".into() }], now());
    assert!(matches!(refused, Err(LedgerError::Identity)));
    assert!(!ledger.is_in_service());
    drop(ledger);
    let (mut ledger, _) = open(folder.path());
    assert_eq!(numbers(&unsent(&mut ledger)), [number]);
    assert!(identity().sealing_to(SealingKey([5; 32])).unwrap().is_whole());
    // Nothing else is given by it either, and another key of the office makes nothing of it sound.
    assert!(identity().with_a_changed_bit().sealing_to(SealingKey([5; 32])).is_none());
    ledger.identity = ledger.identity.clone().with_a_changed_bit();
    assert!(matches!(ledger.receipt_code(number), Err(LedgerError::Identity)));
    assert!(matches!(ledger.hear_sealing_key(*identity().sealing_key()), Err(LedgerError::Identity)));
    assert!(!ledger.is_in_service());
}

/// A file of an earlier version, which the office hasn't signed: a changed digit of its sealing key would give receipts that
/// nobody can open. Until the office has said its key, nothing new is promised; and one that was in use before is sound.
#[test]
fn an_unsigned_sealing_key_that_nothing_here_was_sealed_to_promises_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let office = *identity().sealing_key();
    let other = OfficeKeys::from_seed(&Seed::fixed(3)).sealing_key();
    let with = |key| Identity::new(KioskKeys::from_seed(&Seed::fixed(1)), identity().kiosk(), Epoch([1; 16]), key);
    let keeper = |identity: Identity| {
        let clock = crate::domain::clock::SystemClock::shared();
        super::super::keeper::Keeper::open(folder.path(), identity, clock, PATIENCE, &|_| {}).unwrap()
    };
    let (mut ledger, _) = open(folder.path());
    commit(&mut ledger);
    ledger.close().unwrap();
    keeper(with(other).proved()).close().unwrap();
    assert!(keeper(with(other).proved()).is_known());
    let mut doubtful = keeper(with(other));
    assert!(!doubtful.is_known());
    assert!(doubtful.suggest("x".into()).is_err());
    doubtful.hear_sealing_key(other);
    assert!(doubtful.is_known(), "the office says that it is the one");
    doubtful.suggest("x".into()).unwrap();
    doubtful.ledger().sync().unwrap();
    doubtful.close().unwrap();
    // Rotated meanwhile: both keys were in use.
    for key in [office, other] {
        assert!(keeper(with(key)).is_known());
    }
}
