//! A database of an earlier version: backed up, then brought up to date.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sqlx::SqlitePool;

use super::backups::{Keeper, start_again};
use super::seals_denied::write_unproved_count;
use super::support::*;
use crate::domain::clock::{SetClock, SharedClock};
use crate::office::OfficeConfig;
use crate::office::backup::{self, BackupError};
use crate::office::commands::{self, CommandError, GivenPassword};
use crate::office::database::{self, Database, DatabaseError, VERSION};
use crate::office::day;
use crate::office::folder::{self, FolderError};
use crate::office::keys::Lock;
use crate::office::people::Role;
use crate::office::upgrade::UpgradeError;

/// An office whose database is of the version before, with something in it.
async fn earlier_office(folder: &Path) -> OfficeConfig {
    office_of_version(folder, VERSION as usize - 1).await
}

async fn office_of_version(folder: &Path, version: usize) -> OfficeConfig {
    let config = configuration(folder);
    commands::init(&config).await.unwrap();
    for end in ["", "-wal", "-shm", ".count"] {
        let _ = fs::remove_file(format!("{}{end}", config.database_path().display()));
    }
    let pool = SqlitePool::connect_with(database::connect_options(&config.database_path())).await.unwrap();
    database::make_tables_of_version(&pool, version).await;
    sqlx::query(
        "INSERT INTO office (only_row, incarnation, last_change, trail_length, trail_head)
         VALUES (1, x'07070707070707070707070707070707', 0, 0, zeroblob(32))",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    config
}

async fn execute(config: &OfficeConfig, statement: &'static str) {
    let pool = SqlitePool::connect_with(database::connect_options(&config.database_path())).await.unwrap();
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
}

async fn version_of(path: &Path) -> i64 {
    let pool = SqlitePool::connect_with(database::connect_options(path)).await.unwrap();
    let version = sqlx::query_scalar("SELECT MAX(version) FROM schema_version").fetch_one(&pool).await.unwrap();
    pool.close().await;
    version
}

fn copies(config: &OfficeConfig) -> Vec<PathBuf> {
    let entries = fs::read_dir(&config.data).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains("before")).collect()
}

fn clock() -> SharedClock {
    SetClock::at("2026-11-01T08:00:00Z".parse().unwrap())
}

#[tokio::test]
async fn without_recipients_a_copy_is_kept_until_the_next_backup() {
    let folder = tempfile::tempdir().unwrap();
    let config = earlier_office(folder.path()).await;
    start_again(&config, clock()).await.shutdown().await;
    assert_eq!(version_of(&config.database_path()).await, VERSION);
    let copy = config.data.join(format!("office.before-{VERSION:04}.sqlite"));
    assert_eq!(copies(&config), std::slice::from_ref(&copy));
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(&copy).unwrap();
    // An update that changes nothing makes nothing.
    start_again(&config, clock()).await.shutdown().await;
    commands::users(&config).await.unwrap();
    assert_eq!(copies(&config), std::slice::from_ref(&copy));
    assert_eq!(fs::read(&copy).unwrap(), bytes);
    assert!(!config.backup.folder.exists());

    // The way back: the program of the version before opens the copy.
    let back = folder.path().join("back.sqlite");
    fs::copy(&copy, &back).unwrap();
    assert_eq!(version_of(&back).await, VERSION - 1);
    let lock = Lock::passphrase("correct horse battery staple".into()).unwrap();
    commands::back_up(&config, &clock(), Some(lock)).await.unwrap();
    assert_eq!(copies(&config), Vec::<PathBuf>::new(), "the backup holds more");
}

/// The way back as docs/operations.md describes it, to a program that has counted, too.
#[tokio::test]
async fn the_count_goes_back_with_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let config = earlier_office(folder.path()).await;
    execute(&config, "UPDATE office SET counted = 1").await;
    write_unproved_count(&config, (0, 0), &[0; 32], &[7; 16]);
    let counted = fs::read(config.data.join("office.sqlite.count")).unwrap();
    start_again(&config, clock()).await.shutdown().await;
    let away = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&config.data).unwrap() {
        let name = entry.unwrap().file_name();
        if name.to_str().unwrap().starts_with("office.sqlite") {
            fs::rename(config.data.join(&name), away.path().join(&name)).unwrap();
        }
    }
    for end in ["", ".count"] {
        let copy = config.data.join(format!("office.before-{VERSION:04}.sqlite{end}"));
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        fs::rename(copy, config.data.join(format!("office.sqlite{end}"))).unwrap();
    }
    assert_eq!(version_of(&config.database_path()).await, VERSION - 1);
    assert_eq!(fs::read(config.data.join("office.sqlite.count")).unwrap(), counted);
    // The earlier program compares them like this one, which does so before another update.
    start_again(&config, clock()).await.shutdown().await;
    assert!(commands::check(&config).await.unwrap().is_sound());
}

/// The office rested for a day; its clock is 20 days ahead when it is updated.
#[tokio::test]
async fn the_first_start_after_an_update_believes_no_clock_that_is_ahead() {
    for by_command in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        // The last before the clock was measured by a reference.
        let config = office_of_version(folder.path(), 22).await;
        execute(
            &config,
            "INSERT INTO trail (number, at, actor, action, subject, details, previous, hash)
             VALUES (1, 1793433600000, 'command', 'user added', '', '{}', zeroblob(32), zeroblob(32))",
        )
        .await;
        execute(&config, "UPDATE office SET trail_length = 1").await;
        let ahead: SharedClock = SetClock::at("2026-11-20T08:00:00Z".parse().unwrap());
        if by_command {
            let given = GivenPassword::own(PASSWORD);
            commands::add_user(&config, &ahead, "amal", Role::Reception, given).await.unwrap();
        }
        let server = start_again(&config, ahead).await;
        let office = server.office();
        let reckoning = day::reckon(&mut office.database.read().await.unwrap(), &office.clock).await.unwrap();
        assert!(!reckoning.is_certain(), "{by_command}");
        server.shutdown().await;
    }
}

#[tokio::test]
async fn with_recipients_an_encrypted_backup_is_made_by_commands_too() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = Keeper::new();
    let config = keeper.named_in(&earlier_office(folder.path()).await);
    commands::users(&config).await.unwrap();
    assert_eq!(version_of(&config.database_path()).await, VERSION);
    let backups =
        || -> Vec<PathBuf> { fs::read_dir(keeper.elsewhere()).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let made = backups();
    assert_eq!((made.len(), copies(&config).len()), (1, 0), "{made:?}");
    assert!(!config.data.join("backup.unfinished").exists());
    commands::users(&config).await.unwrap();
    assert_eq!(backups(), made);
    assert!(made[0].file_name().unwrap().to_str().unwrap().starts_with("office-000001-"), "the first: {made:?}");
    // It is a backup like any other: of the version before, and brought up to date where it is restored.
    let fresh = OfficeConfig { data: folder.path().join("fresh"), ..config.clone() };
    backup::restore(&fresh, &made[0], keeper.opener(), clock().now()).await.unwrap();
    assert_eq!(version_of(&fresh.database_path()).await, VERSION);
}

#[tokio::test]
async fn what_cant_be_backed_up_or_is_served_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let config = earlier_office(folder.path()).await;
    let assert_in_use = async |who: &str| {
        let refused = commands::users(&config).await.unwrap_err();
        assert!(
            matches!(refused, CommandError::Upgrade(UpgradeError::Folder(FolderError::InUse { .. }))),
            "{who}: {refused}"
        );
        assert_eq!((version_of(&config.database_path()).await, copies(&config).len()), (VERSION - 1, 0), "{who}");
    };
    let held = folder::lock(&config.data).unwrap();
    assert_in_use("an office serves that knows the folder's lock").await;
    drop(held);
    // Earlier ones don't take it. This one is at rest: it has the database open, and no transaction.
    let earlier = SqlitePool::connect_with(database::connect_options(&config.database_path())).await.unwrap();
    let _: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM request").fetch_one(&earlier).await.unwrap();
    assert_in_use("an office of an earlier version serves").await;
    earlier.close().await;
    // A folder stands where the backup belongs.
    let mut occupied = Keeper::new().named_in(&config);
    occupied.backup.folder = folder.path().join("occupied");
    fs::write(&occupied.backup.folder, "x").unwrap();
    let refused = commands::users(&occupied).await.unwrap_err();
    assert!(matches!(refused, CommandError::Upgrade(UpgradeError::Backup(BackupError::Io { .. }))), "{refused}");
    assert!(refused.to_string().contains("wasn't brought up to date"), "{refused}");
    assert_eq!(version_of(&config.database_path()).await, VERSION - 1);

    // A page is damaged: no copy counts that can't be read whole.
    let pool = SqlitePool::connect_with(database::connect_options(&config.database_path())).await.unwrap();
    let page: i64 =
        sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = 'request'").fetch_one(&pool).await.unwrap();
    pool.close().await;
    let mut bytes = fs::read(config.database_path()).unwrap();
    bytes[(page as usize - 1) * 4096..][..64].fill(0xff);
    fs::write(config.database_path(), bytes).unwrap();
    let refused = commands::users(&config).await.unwrap_err();
    assert!(matches!(refused, CommandError::Upgrade(UpgradeError::Backup(_))), "{refused}");
    assert_eq!((version_of(&config.database_path()).await, copies(&config).len()), (VERSION - 1, 0));
}

#[tokio::test]
async fn an_empty_file_is_no_office() {
    let folder = tempfile::tempdir().unwrap();
    let config = earlier_office(folder.path()).await;
    fs::write(config.database_path(), "").unwrap();
    let refused = Database::open(&config.database_path()).await.err();
    assert!(matches!(refused, Some(DatabaseError::Empty { .. })), "{refused:?}");
    let refused = commands::check(&config).await;
    assert!(matches!(refused, Err(CommandError::Upgrade(UpgradeError::Database(DatabaseError::Empty { .. })))));
    // `init`, which was broken off there, goes on.
    commands::init(&config).await.unwrap();
    assert!(commands::check(&config).await.unwrap().is_sound());
}
