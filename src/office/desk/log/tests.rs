//! The desk's log: its lines, and which of them go.

use std::fs;

use super::*;
use crate::domain::answers::Answers;
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::request::{Beneficiary, Channel};
use crate::domain::tracking_number::TrackingNumber;
use crate::seal::seed::Seed;

fn keys() -> OfficeKeys {
    OfficeKeys::from_seed(&Seed::fixed(1))
}

fn registration(byte: u8, number: u32) -> Registration {
    Registration {
        request: Request {
            id: RequestId([byte; 16]),
            tracking_number: TrackingNumber::new(KioskNumber::DESK, number),
            language: Language::Arabic,
            channel: Channel::Phone,
            beneficiary: Beneficiary::External,
            versions: Versions { catalogue: 1, declaration: 2, privacy_notice: 3, policy: 4 },
            answers: Answers::default(),
            documents: [("id_card".to_owned(), DocumentAnswer::Later)].into(),
        },
        actor: "person:00ff".into(),
        at_ms: 1_793_520_000_123,
        day: "2026-11-01".parse().unwrap(),
        day_is_in_doubt: true,
    }
}

fn log(folders: &[&Path]) -> DeskLog {
    DeskLog::new(Places::in_folders(folders.iter().copied(), FILE_NAME))
}

#[tokio::test]
async fn what_is_registered_is_read_and_forgotten_in_each_place() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let both = log(&[folders[0].path(), folders[1].path()]);
    let keys = keys();
    assert_eq!(both.read(&keys).await.unwrap(), Logged::default());
    // The second was sent twice: its first number was never given.
    for (byte, number) in [(1, 7), (2, 8), (2, 9)] {
        let line = both.append(&keys, &registration(byte, number)).unwrap();
        both.copy(&keys, line).await;
    }
    let all = vec![registration(1, 7), registration(2, 9)];
    for folder in &folders {
        let read = log(&[folder.path()]).read_own(&keys).unwrap();
        assert_eq!(read, Logged { registrations: all.clone(), damaged: vec![] });
        let text = fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
        assert!(!text.contains("id_card") && !text.contains(&hex(b"id_card")), "sealed: {text}");
    }
    let copy = || log(&[folders[1].path()]).read_own(&keys).unwrap().registrations;
    both.forget(&[RequestId([2; 16])].into()).unwrap();
    assert_eq!((both.read_own(&keys).unwrap().registrations.len(), copy().len()), (1, 2));
    both.forget_in_copy([RequestId([2; 16])].into()).await;
    assert_eq!(copy(), all[..1]);
    fs::remove_file(folders[1].path().join(FILE_NAME)).unwrap();
    both.complete(&keys, HashSet::new()).await;
    assert_eq!(copy(), all[..1], "one that was lost is written again");
    fs::remove_file(folders[0].path().join(FILE_NAME)).unwrap();
    both.take_over(&folders[1].path().join(FILE_NAME)).unwrap();
    assert_eq!(both.read_own(&keys).unwrap().registrations, all[..1]);
}

#[test]
fn of_two_lines_about_one_request_the_greater_number_counts_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let (log, keys) = (log(&[folder.path()]), keys());
    let lines: Vec<String> =
        [8, 9].map(|number| log.append(&keys, &registration(2, number)).unwrap()).into_iter().rev().collect();
    fs::write(folder.path().join(FILE_NAME), lines.concat()).unwrap();
    assert_eq!(log.read_own(&keys).unwrap().registrations, [registration(2, 9)]);
    log.withdraw(&lines[0]).unwrap();
    assert_eq!(log.read_own(&keys).unwrap(), Logged { registrations: vec![registration(2, 8)], damaged: vec![] });
}

#[test]
fn a_line_goes_when_every_backup_that_stays_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let (log, keys) = (log(&[folder.path()]), keys());
    let ids = |bytes: &[u8]| -> HashSet<RequestId> { bytes.iter().map(|byte| RequestId([*byte; 16])).collect() };
    let thin = |number, holds: &[u8], oldest| {
        let through = log.thin(&keys, &Backup { number, holds: ids(holds), oldest }).unwrap();
        assert_eq!(log.read_own(&keys).unwrap().damaged, []);
        (through, log.requests(&keys).unwrap())
    };
    for byte in 1..=3 {
        log.append(&keys, &registration(byte, byte.into())).unwrap();
    }
    // The third was registered while the copy was made.
    assert_eq!(thin(5, &[1, 2], Some(1)), (None, ids(&[1, 2, 3])));
    assert_eq!(thin(6, &[1, 2, 3], Some(4)), (None, ids(&[1, 2, 3])), "an older backup stays");
    // A stranger who writes the file can't name an older line.
    logs::append(&folder.path().join(FILE_NAME), &format!("2 1 0 {} 00 x\n", RequestId([3; 16]))).unwrap();
    let text = fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
    log.thin(&keys, &Backup { number: 17, holds: ids(&[1, 2, 3]), oldest: Some(5) }).unwrap();
    assert_eq!(log.requests(&keys).unwrap(), ids(&[3]), "5 lacks the third");
    assert!(text.contains("00 x") && log.read_own(&keys).unwrap().damaged.len() == 1);
    log.forget(&ids(&[9])).unwrap();
    logs::take_out(&folder.path().join(FILE_NAME), |line| line.ends_with("00 x")).unwrap();
    assert_eq!(thin(18, &[3], None), (None, ids(&[3])), "too few stay");
    assert_eq!(thin(19, &[3], Some(6)), (Some(3), ids(&[])));
    // The numbers go on, also in a program that was started anew.
    let log = DeskLog::new(log.places.clone());
    assert!(log.append(&keys, &registration(4, 4)).unwrap().starts_with("2 4 "));
    log.append(&keys, &registration(5, 5)).unwrap();
    assert_eq!(thin(20, &[4, 5], Some(6)), (Some(3), ids(&[4, 5])));
    // A backup of a database from before the fourth: what was said of earlier ones isn't believed any more.
    assert_eq!(thin(21, &[5], Some(20)), (Some(3), ids(&[4, 5])));
    assert_eq!(thin(22, &[4, 5], Some(20)), (Some(3), ids(&[4, 5])));
    assert_eq!(thin(40, &[4, 5], Some(22)), (Some(5), ids(&[])));
    assert_eq!(fs::read_to_string(folder.path().join(FILE_NAME)).unwrap().lines().count(), 1);
}

/// Lines of earlier versions have no number: they go as soon as all backups hold all of them.
#[test]
fn lines_without_a_number_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let (log, keys) = (log(&[folder.path()]), keys());
    fs::write(folder.path().join(FILE_NAME), include_bytes!("../golden/desk.log")).unwrap();
    log.append(&keys, &registration(2, 8)).unwrap();
    let thin = |number, holds: &[u8], oldest| {
        let holds = holds.iter().map(|byte| RequestId([*byte; 16])).collect();
        log.thin(&keys, &Backup { number, holds, oldest }).unwrap()
    };
    assert_eq!(thin(3, &[2], Some(1)), None);
    assert_eq!(thin(4, &[1], Some(1)), None);
    assert_eq!(thin(15, &[1, 2], Some(4)), Some(0));
    assert_eq!(log.read_own(&keys).unwrap().registrations, [registration(2, 8)]);
}

#[test]
fn a_torn_or_changed_line_is_named_and_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let (log, keys) = (log(&[folder.path()]), keys());
    log.append(&keys, &registration(1, 7)).unwrap();
    let first = fs::read(&path).unwrap().len();
    log.append(&keys, &registration(2, 8)).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in (first..whole.len() - 1).step_by(7) {
        fs::write(&path, &whole[..length]).unwrap();
        log.append(&keys, &registration(3, 9)).unwrap();
        let read = log.read_own(&keys).unwrap();
        assert_eq!(read.registrations, [registration(1, 7), registration(3, 9)], "cut at {length}");
        let torn: Vec<usize> = read.damaged.iter().map(|line| line.number).collect();
        assert_eq!(torn, if length > first { vec![2] } else { vec![] }, "cut at {length}");
    }
    for place in (0..first - 1).step_by(11) {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).unwrap();
        let read = log.read_own(&keys).unwrap();
        assert_eq!((read.registrations, read.damaged.len()), (vec![registration(2, 8)], 1), "byte {place}");
    }
    // Another office's lines are nothing here.
    fs::write(&path, &whole).unwrap();
    let other = OfficeKeys::from_seed(&Seed::fixed(2));
    assert_eq!(log.read_own(&other).unwrap().damaged.len(), 2);
}

/// Logs of each form, which are read for ever.
#[test]
fn logs_of_each_form_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for golden in [include_bytes!("../golden/desk.log").as_slice(), include_bytes!("../golden/numbered.log")] {
        fs::write(folder.path().join(FILE_NAME), golden).unwrap();
        let expected = Logged { registrations: vec![registration(1, 7)], damaged: vec![] };
        assert_eq!(log(&[folder.path()]).read_own(&keys()).unwrap(), expected);
    }
}
