//! Backups while the office works, the drill of a lost folder, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::x25519::Identity;
use chrono::TimeDelta;

use super::support::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{Clock, SharedClock};
use crate::domain::record::Record;
use crate::office::backup::{self, BackupError, Made, RestoreError, Restored};
use crate::office::commands::{self, CommandError};
use crate::office::database::copies;
use crate::office::keys::{self, ExportError, Lock, Opener};
use crate::office::people::Role;
use crate::office::{Office, OfficeConfig, Server, verification};
use age::secrecy::ExposeSecret;

/// Who may open the backups, with the identity's file.
pub struct Keeper {
    identity: Identity,
    folder: tempfile::TempDir,
}

impl Keeper {
    pub fn new() -> Self {
        Self { identity: Identity::generate(), folder: tempfile::tempdir().unwrap() }
    }

    pub fn opener(&self) -> Opener {
        let path = self.folder.path().join("identity.txt");
        fs::write(&path, self.identity.to_string().expose_secret()).unwrap();
        Opener::identity_file(&path).unwrap()
    }

    /// Where nothing of the office lies.
    pub fn elsewhere(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    /// The office's configuration with this keeper's key in it.
    pub fn named_in(&self, config: &OfficeConfig) -> OfficeConfig {
        let mut config = config.clone();
        config.backup.recipients = vec![self.identity.to_public()];
        config.backup.folder = self.elsewhere();
        config
    }
}

pub async fn back_up(office: &TestOffice, config: &OfficeConfig) -> Made {
    let clock: SharedClock = office.clock.clone();
    commands::back_up(config, &clock, None).await.unwrap()
}

async fn restore(office: &TestOffice, config: &OfficeConfig, from: &Path, opener: Opener) -> Restored {
    backup::restore(config, from, opener, office.clock.now()).await.unwrap()
}

/// Starts an office again where its database and keys lie.
pub async fn start_again(config: &OfficeConfig, clock: SharedClock) -> Server {
    Server::start(config, Arc::new(Catalogue::read(&config.catalogue).unwrap()), clock).await.unwrap()
}

#[tokio::test]
async fn the_drill_a_folder_is_lost_and_kiosks_send_again_what_came_after() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let one = kiosk.request(1);
    let sent = [kiosk.seal(&signature(one.id)), kiosk.seal(&Record::Request(one.clone()))];
    let before = kiosk.send(&sent).await.unwrap();
    assert_eq!(before.held[0].backed_up_through, None, "nothing is backed up yet");
    let Made { path, .. } = back_up(&office, &config).await;
    let after = kiosk.send(&[]).await.unwrap();
    assert_eq!((after.held[0].sequence, after.held[0].backed_up_through), (2, Some(2)));

    // What comes after the backup is held, and in no backup.
    let two = kiosk.request(2);
    let later = [kiosk.seal(&signature(two.id)), kiosk.seal(&Record::Request(two.clone()))];
    let held = kiosk.send(&later).await.unwrap().held[0];
    assert_eq!((held.sequence, held.backed_up_through), (4, Some(2)));
    let export = keeper.folder.path().join("keys.age");
    keys::export(&config, &export, &Lock::recipient(&keeper.identity.to_public().to_string()).unwrap()).unwrap();
    let summary = office.check().await;
    assert!(summary.is_sound(), "{summary:?}");
    assert_eq!(summary.backup, "2026-11-01T08:00:00Z");

    let lost = config.data.clone();
    let TestOffice { clock, server, _folder, .. } = office;
    let replication_address = server.replication_address;
    server.shutdown().await;
    fs::remove_dir_all(&lost).unwrap();
    clock.advance(TimeDelta::hours(3));
    let config = OfficeConfig { replication_listen: replication_address, ..config };
    keys::import(&config, &export, &keeper.opener()).unwrap();
    let restored = backup::restore(&config, &path, keeper.opener(), clock.now()).await.unwrap();
    assert_eq!(restored, Restored { last_entry_at: Some(at("2026-11-01T08:00:00Z")), ..Restored::default() });
    assert_eq!(
        fs::read_dir(&config.data)
            .unwrap()
            .filter(|entry| { entry.as_ref().unwrap().file_name().to_string_lossy().contains("restoring") })
            .count(),
        0
    );

    let server = start_again(&config, clock.clone()).await;
    let heard = kiosk.send(&[]).await.unwrap();
    assert_ne!(heard.incarnation, before.incarnation, "kiosks notice that it is another database");
    assert_eq!(heard.held[0].sequence, 2, "less than it acknowledged: the kiosk sends again from there");
    let again = kiosk.send(&later).await.unwrap().held[0];
    assert_eq!((again.sequence, again.head), (4, held.head));
    let summary = commands::check(&config).await.unwrap();
    assert!(summary.is_sound(), "{summary:?}");
    assert_eq!((summary.requests, summary.gaps, summary.forks), (2, 0, 0));
    server.shutdown().await;
}

#[tokio::test]
async fn backups_under_load_are_each_one_consistent_state() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let sender = kiosk.clone();
    // A signature and its request leave in one batch, so that no state of the database has one without the other.
    let batches: Vec<[Vec<u8>; 2]> = (0..60)
        .map(|number| {
            let request = kiosk.request(number);
            [kiosk.seal(&signature(request.id)), kiosk.seal(&Record::Request(request))]
        })
        .collect();
    let sending = tokio::spawn(async move {
        for batch in &batches {
            sender.send(batch).await.unwrap();
        }
    });
    let mut made = Vec::new();
    while !sending.is_finished() || made.is_empty() {
        let said = kiosk.send(&[]).await.unwrap();
        made.push((back_up(&office, &config).await, said.held.first().map_or(0, |held| held.sequence)));
    }
    sending.await.unwrap();
    let all = kiosk.send(&[]).await.unwrap().held[0];
    assert!(all.sequence == 120 && all.backed_up_through.is_some());
    for (Made { path, .. }, held_before) in made {
        let folder = tempfile::tempdir().unwrap();
        let config = OfficeConfig { data: folder.path().join("office"), ..config.clone() };
        restore(&office, &config, &path, keeper.opener()).await;
        let database = crate::office::database::Database::open(&config.database_path()).await.unwrap();
        let mut reading = database.read().await.unwrap();
        let counts: (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM request), (SELECT COUNT(*) FROM signature), (SELECT COUNT(*) FROM envelope)",
        )
        .fetch_one(&mut *reading)
        .await
        .unwrap();
        drop(reading);
        database.close().await;
        assert_eq!(counts.0, counts.1, "no half batch");
        assert_eq!(counts.2, 1 + 2 * counts.0);
        assert!(counts.2 > held_before as i64, "what was acknowledged before it began is in it");
        let summary = commands::check(&config).await.unwrap();
        assert!(summary.trail == "intact" && summary.envelopes == "intact", "{summary:?}");
    }
}

#[tokio::test]
async fn a_torn_or_changed_backup_is_refused_and_nothing_is_left() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1);
    let sealed = kiosk.seal(&Record::Request(request));
    kiosk.send(&[sealed]).await.unwrap();
    let Made { path, bytes, .. } = back_up(&office, &config).await;
    let whole = fs::read(&path).unwrap();
    assert_eq!(whole.len() as u64, bytes);
    let folder = tempfile::tempdir().unwrap();
    let fresh = OfficeConfig { data: folder.path().join("office"), ..config.clone() };
    let bad = folder.path().join("bad.age");
    let refused = async |bytes: &[u8], opener: Opener| {
        fs::write(&bad, bytes).unwrap();
        let refused = backup::restore(&fresh, &bad, opener, office.clock.now()).await.unwrap_err();
        let left: Vec<_> = fs::read_dir(&fresh.data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{left:?}");
        refused
    };
    for cut in [0, 1, 100, whole.len() / 2, whole.len() - 70_000, whole.len() - 1] {
        let error = refused(&whole[..cut], keeper.opener()).await;
        let is_clear =
            matches!(error, RestoreError::Damaged { .. } | RestoreError::Opening { cause: ExportError::Damaged, .. });
        assert!(is_clear, "cut at {cut}: {error}");
    }
    let seed = u64::from_le_bytes(crate::seal::keys::random());
    println!("seed {seed}");
    for round in 0..20 {
        let place = seed.wrapping_mul(6_364_136_223_846_793_005).rotate_left(round * 3) as usize % whole.len();
        let mut changed = whole.clone();
        changed[place] ^= 1 << (round % 8);
        let error = refused(&changed, keeper.opener()).await;
        assert!(
            matches!(error, RestoreError::Damaged { .. } | RestoreError::Opening { .. }),
            "bit {round} of byte {place}: {error}"
        );
    }
    let error = refused(&whole, Keeper::new().opener()).await;
    assert!(matches!(error, RestoreError::Opening { cause: ExportError::Closed, .. }), "{error}");
    let error = refused(&whole, Opener::passphrase("some words that nobody chose".into())).await;
    assert!(matches!(error, RestoreError::Opening { cause: ExportError::WantsIdentity, .. }), "{error}");
    let recipient = keeper.identity.to_public();
    let foreign = age::encrypt(&recipient, b"istiqbal office keys 1\nsomething else altogether\n").unwrap();
    assert!(matches!(refused(&foreign, keeper.opener()).await, RestoreError::Foreign { .. }));
    let text = [b"istiqbal office backup 1\n".as_slice(), &[7; 9000]].concat();
    let nonsense = age::encrypt(&recipient, &text).unwrap();
    assert!(matches!(refused(&nonsense, keeper.opener()).await, RestoreError::Unsound { .. }));

    // A trail that somebody has touched before the backup was made is no office to go on with.
    let database = sqlx::SqlitePool::connect(config.database_path().to_str().unwrap()).await.unwrap();
    sqlx::query("UPDATE trail SET actor = 'person:nobody' WHERE number = 2").execute(&database).await.unwrap();
    database.close().await;
    office.clock.advance(TimeDelta::minutes(1));
    let Made { path, .. } = back_up(&office, &config).await;
    let error = backup::restore(&fresh, &path, keeper.opener(), office.clock.now()).await.unwrap_err();
    assert!(matches!(&error, RestoreError::Unsound { what, .. } if what.contains("entry 2")), "{error}");
}

#[tokio::test]
async fn a_restore_never_replaces_a_database() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let Made { path, .. } = back_up(&office, &config).await;
    let before = fs::read(config.database_path()).unwrap();
    let refused = backup::restore(&config, &path, keeper.opener(), office.clock.now()).await;
    assert!(matches!(refused, Err(RestoreError::Exists { .. })));
    assert_eq!(fs::read(config.database_path()).unwrap(), before);
    // What a database's log holds would be lost as well.
    let folder = tempfile::tempdir().unwrap();
    let fresh = OfficeConfig { data: folder.path().to_owned(), ..config.clone() };
    fs::write(folder.path().join("office.sqlite-wal"), "x").unwrap();
    let refused = backup::restore(&fresh, &path, keeper.opener(), office.clock.now()).await;
    assert!(matches!(refused, Err(RestoreError::Exists { .. })));
    fs::remove_file(folder.path().join("office.sqlite-wal")).unwrap();
    restore(&office, &fresh, &path, keeper.opener()).await;
    let refused = backup::restore(&fresh, &path, keeper.opener(), office.clock.now()).await;
    assert!(matches!(refused, Err(RestoreError::Exists { .. })));
}

#[tokio::test]
async fn what_was_closed_since_stays_closed_after_a_restore() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let browser = office.browser(Role::Manager).await;
    let invite = office.server.invite(TimeDelta::hours(1)).await.unwrap();
    let Made { path, .. } = back_up(&office, &config).await;
    let folder = tempfile::tempdir().unwrap();
    let fresh = OfficeConfig { data: folder.path().join("office"), ..config.clone() };
    restore(&office, &fresh, &path, keeper.opener()).await;
    fs::copy(config.seed_path(), fresh.seed_path()).unwrap();
    let server = start_again(&fresh, office.clock.clone()).await;
    let mut browser = Browser { address: server.staff_address, ..browser };
    assert_eq!(blocking(move || browser.get("/")).await.status, 303, "sessions don't come back");
    let database = crate::office::database::Database::open(&fresh.database_path()).await.unwrap();
    let code = &invite.code;
    let invites: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM invite")
        .fetch_one(&mut *database.read().await.unwrap())
        .await
        .unwrap();
    assert_eq!(invites, 0, "nor does the invite {}", code.as_str());
    database.close().await;
    server.shutdown().await;
}

#[tokio::test]
async fn without_anybody_who_could_open_it_no_backup_is_made() {
    let office = TestOffice::start().await;
    let clock: SharedClock = office.clock.clone();
    let refused = commands::back_up(&office.config, &clock, None).await;
    assert!(matches!(refused, Err(CommandError::Backup(BackupError::NoRecipients))));
    assert!(!office.config.backup.folder.exists());
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.backup == "none");
    let mut browser = office.browser(Role::Administrator).await;
    assert!(blocking(move || browser.get("/")).await.text().contains("office.toml"), "the first page says it");
    // By a passphrase it can be made, and restored.
    let words = "correct horse battery staple";
    let lock = Lock::passphrase(words.into()).unwrap();
    let made = commands::back_up(&office.config, &clock, Some(lock)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let fresh = OfficeConfig { data: folder.path().join("office"), ..office.config.clone() };
    restore(&office, &fresh, &made.path, Opener::passphrase(words.into())).await;
    assert!(commands::check(&fresh).await.unwrap().is_sound());
}

#[tokio::test]
async fn a_backup_that_fails_is_told_and_leaves_nothing() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let mut config = keeper.named_in(&office.config);
    // A file stands where the folder should be.
    config.backup.folder = keeper.folder.path().join("occupied");
    fs::write(&config.backup.folder, "x").unwrap();
    let clock: SharedClock = office.clock.clone();
    let failed = commands::back_up(&config, &clock, None).await;
    assert!(matches!(failed, Err(CommandError::Backup(BackupError::Io { .. }))), "{failed:?}");
    let summary = office.check().await;
    assert!(!summary.is_sound() && summary.backup.starts_with("failed: "), "{}", summary.backup);
    assert!(!config.data.join("backup.unfinished").exists(), "no copy in clear is left");
    let mut browser = office.browser(Role::Reception).await;
    let page = blocking(move || browser.get("/")).await.text();
    assert!(page.contains("تعذر"), "staff see it");
    // The next one that succeeds ends it.
    fs::remove_file(&config.backup.folder).unwrap();
    office.clock.advance(TimeDelta::minutes(1));
    back_up(&office, &config).await;
    assert!(office.check().await.is_sound());
    let left: Vec<_> = fs::read_dir(&config.backup.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn kiosks_hear_only_what_a_backup_really_holds() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let text = |text: &str| Record::Suggestion { text: text.into() };
    let before_fork = kiosk.next;
    let one = kiosk.seal(&text("1"));
    kiosk.send(&[one]).await.unwrap();
    back_up(&office, &config).await;
    assert_eq!(kiosk.send(&[]).await.unwrap().held[0].backed_up_through, Some(1));
    // Another history at the same place came after the backup: it isn't in it, whatever stood there before.
    let mut copy = TestKiosk { next: before_fork, ..kiosk.clone() };
    let other = copy.seal(&text("other"));
    let held = copy.send(&[other]).await.unwrap().held[0];
    assert_eq!((held.sequence, held.backed_up_through), (1, Some(0)));
    back_up(&office, &config).await;
    let held = copy.send(&[]).await.unwrap().held[0];
    assert_eq!(held.backed_up_through, Some(1));
    let database = crate::office::database::Database::open(&config.database_path()).await.unwrap();
    let state = copies::state(&mut database.read().await.unwrap()).await.unwrap();
    assert!(state.made.is_some() && state.failure().is_none());
    database.close().await;
}

#[tokio::test]
async fn a_backup_s_number_goes_on_where_the_folder_is_another() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let numbers = async |count: u64| {
        let Made { path, .. } = back_up(&office, &config).await;
        assert!(path.file_name().unwrap().to_str().unwrap().starts_with(&format!("office-{count:06}-")), "{path:?}");
    };
    numbers(1).await;
    numbers(2).await;
    // As while a share isn't mounted.
    fs::rename(&config.backup.folder, office._folder.path().join("share")).unwrap();
    numbers(3).await;
}

/// A backup that is gone or damaged is named while another can still be made.
#[tokio::test]
async fn a_backup_that_is_gone_or_changed_is_named() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let backups = async || {
        let summary = commands::check(&config).await.unwrap();
        (summary.is_sound(), summary.backups)
    };
    let intact = (true, "intact".to_owned());
    assert_eq!(backups().await, intact, "there are none");
    let made = [back_up(&office, &config).await, back_up(&office, &config).await];
    assert_eq!(backups().await, intact);
    for Made { path, .. } in &made {
        let before = fs::read(path).unwrap();
        let (mut changed, cut) = (before.clone(), &before[..before.len() - 1]);
        *changed.last_mut().unwrap() ^= 1;
        for damaged in [&changed, cut] {
            fs::write(path, damaged).unwrap();
            let (is_sound, told) = backups().await;
            assert!(!is_sound && told.contains(path.to_str().unwrap()), "{told}");
        }
        fs::write(path, &before).unwrap();
    }
    assert_eq!(backups().await, intact);
    // Others' files, and older ones that were thinned, are nobody's business.
    fs::write(config.backup.folder.join("office-000099-20261126T140500Z-1a2b3c4d.age"), "x").unwrap();
    fs::remove_file(&made[0].path).unwrap();
    assert_eq!(backups().await, intact);
    fs::remove_file(&made[1].path).unwrap();
    let (is_sound, told) = backups().await;
    assert!(!is_sound && told.contains("the newest"), "{told}");
    // The running office reads the newest in its quiet hour.
    let newest = back_up(&office, &config).await;
    let served = Office::unlistening(&config, office.server.office().catalogue.now(), office.clock.clone()).await;
    assert_eq!(verification::verify(&served).await.unwrap(), 0);
    fs::write(&newest.path, "x").unwrap();
    assert_eq!(verification::verify(&served).await.unwrap(), 1);
    // A drill has no folder of backups.
    fs::remove_dir_all(&config.backup.folder).unwrap();
    let (is_sound, told) = backups().await;
    assert!(is_sound && told.starts_with("not verified: "), "{told}");
}
