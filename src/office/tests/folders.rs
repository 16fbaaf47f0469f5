//! One office a folder, and nobody else's eyes in it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::backups::{Keeper, back_up, start_again};
use super::support::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{Clock, SharedClock};
use crate::domain::record::Record;
use crate::domain::request::{Channel, Request};
use crate::office::backup::{self, RestoreError};
use crate::office::commands;
use crate::office::database::DatabaseError;
use crate::office::database::trail::Actor;
use crate::office::desk::{self, DeskRequest, RegisterError};
use crate::office::erasure::{self, ErasureError, Ground};
use crate::office::folder::{self, FolderError};
use crate::office::people::Role;
use crate::office::{OfficeConfig, Server, ServerError};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_second_office_is_refused_and_commands_work_beside_the_first() {
    let office = TestOffice::start().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    let catalogue = Catalogue::read(&config.catalogue).unwrap();
    let second = Server::start(&config, catalogue, office.clock.clone()).await.err();
    assert!(matches!(&second, Some(ServerError::Folder(FolderError::InUse { path })) if *path == config.data));
    office.person(Role::Auditor).await;
    let made = back_up(&office, &config).await;
    assert!(office.check().await.is_sound());

    // Somebody has moved the database away under the running office.
    let away = tempfile::tempdir().unwrap();
    for end in ["", "-wal", "-shm"] {
        let name = format!("office.sqlite{end}");
        let _ = fs::rename(config.data.join(&name), away.path().join(&name));
    }
    let refused = backup::restore(&config, &made.path, keeper.opener(), office.clock.now()).await.unwrap_err();
    assert!(matches!(refused, RestoreError::Folder(FolderError::InUse { .. })), "{refused}");
    assert!(!config.database_path().exists());
    let TestOffice { server, clock, _folder, .. } = office;
    server.shutdown().await;
    backup::restore(&config, &made.path, keeper.opener(), clock.now()).await.unwrap();
    folder::lock(&config.data).unwrap();
    start_again(&config, clock).await.shutdown().await;
}

#[tokio::test]
async fn files_that_others_could_read_are_mended_at_the_start() {
    let office = TestOffice::start().await;
    let TestOffice { config, clock, server, _folder } = office;
    let files = |config: &OfficeConfig| {
        ["office.sqlite", "office.sqlite-wal", "office.sqlite-shm"].map(|name| config.data.join(name))
    };
    assert_eq!(files(&config).map(|path| mode(&path)), [0o600; 3]);
    // As an earlier version left it.
    for path in files(&config) {
        fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    }
    commands::check(&config).await.unwrap();
    assert_eq!(files(&config).map(|path| mode(&path)), [0o600; 3]);
    server.shutdown().await;
    fs::set_permissions(config.database_path(), Permissions::from_mode(0o664)).unwrap();
    fs::set_permissions(&config.data, Permissions::from_mode(0o755)).unwrap();
    let shared: SharedClock = clock;
    let server = start_again(&config, shared).await;
    assert_eq!(files(&config).map(|path| mode(&path)), [0o600; 3]);
    assert_eq!(mode(&config.data), 0o700);
    server.shutdown().await;
}

#[tokio::test]
async fn nothing_is_written_where_the_folder_was_moved_or_another_lies_in_its_place() {
    let office = TestOffice::start().await;
    let running = office.server.office();
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let known = kiosk.request(1);
    let sealed = kiosk.seal(&Record::Request(known.clone()));
    kiosk.send(&[sealed]).await.unwrap();
    let sealed = [kiosk.seal(&Record::Request(kiosk.request(2)))];
    let Request { id, language, beneficiary, versions, answers, documents, .. } = kiosk.request(3);
    let new = DeskRequest { id, channel: Channel::Desk, language, beneficiary, versions, answers, documents };
    let register = async || desk::register(running, &Actor::Command, new.clone()).await;
    let erase = async || {
        let writing = running.database.write().await?;
        let by = (office.clock.now(), &Actor::Command);
        erasure::erase(writing, erasure::Place::of(running), &[known.id], Ground::Ask, by).await
    };
    let (here, away) = (&office.config.data, office._folder.path().join("away"));
    fs::rename(here, &away).unwrap();
    assert!(kiosk.send(&sealed).await.is_err(), "nobody asks that folder any more");
    let registered = register().await;
    assert!(matches!(registered, Err(RegisterError::Database(DatabaseError::Moved { .. }))), "{registered:?}");
    let erased = erase().await;
    assert!(matches!(erased, Err(ErasureError::Database(DatabaseError::Moved { .. }))), "{erased:?}");
    assert!(!here.exists(), "an empty office would lie there");
    super::damage::copy(&away, here);
    assert!(kiosk.send(&sealed).await.is_err(), "this office has never opened that one");
    assert!(register().await.is_err() && erase().await.is_err());
    assert!(!here.join("desk.log").exists() && !here.join("erased.log").exists());
    fs::remove_dir_all(here).unwrap();
    fs::rename(&away, here).unwrap();
    kiosk.send(&sealed).await.unwrap();
    register().await.unwrap();
    erase().await.unwrap();
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.erased), (3, 1));
}
