//! Files that the program of commit 377cd7f wrote: a journal with a hole, told only in words, its `gone`, an `account`.

use super::*;
use crate::ledger::gone::Gone;
use crate::ledger::journal::SEGMENT_BYTES;
use crate::ledger::opening::account::Account;
use crate::seal::envelope::HeaderHash;

const SEGMENT: &[u8] = include_bytes!("golden/00000001.segment");
const GONE: &[u8] = include_bytes!("golden/gone");
const GONE_RETIRED: &[u8] = include_bytes!("golden/gone_retired");
/// Of the version that held breaks by what stands behind them
const GONE_DROPPED: &[u8] = include_bytes!("golden/gone_dropped");
const ACCOUNT: &[u8] = include_bytes!("golden/account");

/// The kiosk that is stuck today: of its second registration the signature is lost, and the office was told in words.
pub fn stuck_kiosk(folder: &Path) {
    fs::create_dir_all(folder.join("journal")).unwrap();
    // Zeros to the end, as it stood on the disk.
    let mut segment = SEGMENT.to_vec();
    segment.resize(SEGMENT_BYTES as usize, 0);
    fs::write(folder.join("journal/00000001.segment"), segment).unwrap();
    fs::write(folder.join("gone"), GONE).unwrap();
    fs::write(folder.join("lock"), b"").unwrap();
}

#[test]
fn a_journal_of_an_earlier_version_opens() {
    let folder = tempfile::tempdir().unwrap();
    stuck_kiosk(folder.path());
    let before = envelopes(folder.path());
    assert_eq!(before.len(), 5, "an opening, a registration, half of another, and the next epoch's opening");
    let (mut ledger, report) = open(folder.path());
    assert_eq!((report.repairs, report.lost), (vec![], vec![]), "it was told");
    commit(&mut ledger);
    ledger.close().unwrap();
    assert_eq!(envelopes(folder.path())[..5], before);
    assert_eq!(summary(folder.path()).damaged, Vec::<String>::new());
}

#[test]
fn a_list_of_what_left_of_an_earlier_version_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone");
    fs::write(&path, GONE_RETIRED).unwrap();
    let mut gone = Gone::read(&path).unwrap().unwrap();
    let through = *gone.through().unwrap();
    assert_eq!((through.epoch, through.sequence, gone.numbers().len()), (Epoch([1; 16]), 1, 2));
    assert!(gone.has_left(Epoch([1; 16]), 1) && !gone.has_left(Epoch([1; 16]), 2));
    gone.note_dropped([through.head]).unwrap();
    let grown = Gone::read(&path).unwrap().unwrap();
    assert_eq!((grown.through(), grown.numbers().len()), (Some(&through), 2));
    assert!(grown.was_dropped(through.head));
}

#[test]
fn a_list_with_single_breaks_opens_and_gets_pairs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone");
    fs::write(&path, GONE_DROPPED).unwrap();
    let mut gone = Gone::read(&path).unwrap().unwrap();
    let [before, behind] = [HeaderHash([3; 32]), HeaderHash(GONE_DROPPED[110..142].try_into().unwrap())];
    assert!(gone.was_dropped(HeaderHash([9; 32])) && gone.has_left(Epoch([1; 16]), 1) && !gone.was_searched());
    assert!(gone.knows_break(before, behind) && gone.knows_only_behind(behind));
    gone.note_breaks([(before, behind)]).unwrap();
    let grown = Gone::read(&path).unwrap().unwrap();
    assert!(grown.knows_break(before, behind) && !grown.knows_only_behind(behind));
    assert!(!grown.knows_break(HeaderHash([4; 32]), behind), "something else stands before it");
    assert_eq!((grown.through(), grown.numbers().len()), (gone.through(), 2));
}

#[test]
fn an_account_of_an_earlier_version_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account");
    fs::write(&path, ACCOUNT).unwrap();
    let account = Account::open(&path).unwrap();
    assert!(account.begins_epoch() && account.lost().is_empty());
    assert_eq!(account.reason().as_deref(), Some("segment 1 was cut off"));
}
