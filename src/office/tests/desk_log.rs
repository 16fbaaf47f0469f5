//! The desk's registrations outlive the database: what a backup lacks, a restore takes in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::TimeDelta;

use super::backups::{Keeper, back_up, start_again};
use super::desk::{Desk, stored};
use super::restores::{kept_office, restored};
use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::request::RequestId;
use crate::office::OfficeConfig;
use crate::office::backup;
use crate::office::database::trail::Actor;
use crate::office::desk::log as desk_log;
use crate::office::erasure::{self, Ground};
use crate::office::logs;
use crate::office::people::Role;
use crate::seal::keys::OfficeKeys;
use crate::seal::receipt_code::receipt_code;

/// Registers at the desk, and gives the id.
async fn at_desk(office: &TestOffice) -> RequestId {
    let browser = office.browser(Role::Reception).await;
    blocking(move || Desk::filled(browser).register()).await
}

fn desk_lines(folder: &Path) -> usize {
    logs::read(&folder.join(desk_log::FILE_NAME)).unwrap().lines().count()
}

#[tokio::test]
async fn what_the_desk_registered_after_the_backup_is_there_after_the_restore() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let before = at_desk(&office).await;
    let made = back_up(&office, &office.config).await;
    let after = at_desk(&office).await;
    let erased = at_desk(&office).await;
    let original = stored(&office, after).await;
    let running = office.server.office();
    let writing = running.database.write().await.unwrap();
    let by = (office.clock.now(), &Actor::Command);
    erasure::erase(writing, erasure::Place::of(running), &[erased], Ground::Ask, by).await.unwrap();
    for folder in [office.config.data.clone(), keeper.elsewhere()] {
        assert_eq!(desk_lines(&folder), 2, "the erased one lies in neither");
    }
    // A power cut tore a line; its receipt was never given.
    let own = office.config.data.join(desk_log::FILE_NAME);
    let text = logs::read(&own).unwrap();
    logs::append(&own, &text[..100]).unwrap();
    assert!(office.check().await.desk_log.contains("line 3"));
    let clock = office.clock.clone();
    clock.advance(TimeDelta::days(3));
    let (office, done) = restored(office, &made.path, &keeper).await;
    assert_eq!((done.desk.requests, done.desk.damaged.len()), (1, 1));
    let again = stored(&office, after).await;
    assert_eq!(
        (again.tracking_number, again.received_on, again.registered_at, again.answers.clone(), again.channel.clone()),
        (original.tracking_number, original.received_on, original.registered_at, original.answers, original.channel)
    );
    assert_eq!(stored(&office, before).await.received_on, original.received_on);
    assert_eq!(office.check().await.requests, 2);
    // Its receipt is valid, and staff read who registered it.
    let key = OfficeKeys::read(&office.config.data).unwrap();
    let code = receipt_code(key.receipt_key(), again.tracking_number);
    let mut manager = office.browser(Role::Manager).await;
    let (scanned, page) = blocking(move || {
        let scan = format!("{}{}", again.tracking_number, code.as_str());
        (manager.post_from("/", "/", &[("scan", &scan)]), manager.get(&format!("/requests/{after}")).text())
    })
    .await;
    let place = format!("/requests/{after}");
    assert_eq!((scanned.status, scanned.header("location")), (303, Some(place.as_str())));
    assert!(page.contains("وُقّع عليه بخط اليد") && page.contains("<bdi>reception</bdi>"), "{page}");
    // Nothing is taken in twice.
    let office = office.restarted().await;
    assert_eq!(office.check().await.requests, 2);
}

/// The folder is lost with its log, and the keys come after the restore.
#[tokio::test]
async fn a_registration_is_taken_in_from_beside_the_backup_at_the_first_start_with_the_keys() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let made = back_up(&office, &office.config).await;
    let after = at_desk(&office).await;
    let folder = tempfile::tempdir().unwrap();
    let fresh = OfficeConfig { data: folder.path().join("office"), ..office.config.clone() };
    let restored = backup::restore(&fresh, &made.path, keeper.opener(), office.clock.now()).await.unwrap();
    assert_eq!(restored.desk.requests, 0);
    fs::copy(office.config.seed_path(), fresh.seed_path()).unwrap();
    let original = stored(&office, after).await;
    let TestOffice { clock, server, _folder, .. } = office;
    server.shutdown().await;
    let server = start_again(&fresh, clock.clone()).await;
    let office = TestOffice { config: fresh, clock, server, _folder };
    assert_eq!(stored(&office, after).await.tracking_number, original.tracking_number);
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn without_the_second_file_nothing_is_registered_and_nothing_promised() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let browser = office.browser(Role::Reception).await;
    let own = office.config.data.join(desk_log::FILE_NAME);
    let beside = keeper.elsewhere().join(desk_log::FILE_NAME);
    for place in [own, beside] {
        let _ = fs::remove_file(&place);
        fs::create_dir_all(&place).unwrap();
        let browser = browser.clone();
        let (refused, mut desk) = blocking(move || {
            let mut desk = Desk::filled(browser);
            assert_eq!(desk.press("continue").status, 200);
            desk.set("declared", "yes");
            (desk.press("register"), desk)
        })
        .await;
        assert_eq!(refused.status, 503);
        assert!(refused.text().contains("لم يُسجّل شيء"), "{}", refused.text());
        let database = &office.server.office().database;
        let mut reading = database.read().await.unwrap();
        let requests: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM request").fetch_one(&mut *reading).await.unwrap();
        drop(reading);
        fs::remove_dir(&place).unwrap();
        let registered = blocking(move || desk.press("register").status).await;
        assert_eq!(
            (registered, office.check().await.requests),
            (303, requests as u64 + 1),
            "the same form, sent again"
        );
    }
}

#[tokio::test]
async fn the_desk_s_log_is_thinned_by_what_is_old_and_stands_in_a_backup() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    at_desk(&office).await;
    back_up(&office, &office.config).await;
    assert_eq!(desk_lines(&keeper.elsewhere()), 1, "an earlier backup may be restored");
    office.clock.advance(TimeDelta::days(desk_log::KEPT_DAYS + 1));
    office.person(Role::Reception).await;
    at_desk(&office).await;
    back_up(&office, &office.config).await;
    for folder in [office.config.data.clone(), keeper.elsewhere()] {
        assert_eq!(desk_lines(&folder), 1, "{}", folder.display());
    }
    let mode = fs::metadata(keeper.elsewhere().join(desk_log::FILE_NAME)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(office.check().await.is_sound());
}
