//! Lines without a key erase nothing by themselves, and a restore opens no way in that was closed since the backup.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;

use super::backups::{Keeper, back_up, start_again};
use super::sign_in::{OWN, enrolled, strict_office};
use super::support::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{Clock, SetClock, SharedClock};
use crate::domain::record::Record;
use crate::domain::request::{Request, RequestId};
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::office::backup::{self, RestoreError, Restored, UnkeyedErasures};
use crate::office::commands::{self, GivenPassword};
use crate::office::database::erasures::{Erased, Erasure};
use crate::office::database::trail::Actor;
use crate::office::erasure::{self, Ground, log};
use crate::office::logs;
use crate::office::people::Role;
use crate::office::second_factor::{RECOVERY_CODES, SecondFactor, recovery_hash};
use crate::office::{OfficeConfig, Server};
use crate::seal::keys::OfficeKeys;

/// Of the sign-in page.
const RESTORED: &str = "استُعيدت بيانات المكتب";

/// An office whose backups a keeper can open, beside which its logs lie.
pub async fn kept_office(keeper: &Keeper) -> TestOffice {
    let office = TestOffice::start_with(|config| {
        *config = keeper.named_in(config);
        // It makes one as soon as it is open; all others are the tests' own.
        config.backup.every = TimeDelta::days(10_000);
    })
    .await;
    while office.check().await.backup == "none" {
        tokio::task::yield_now().await;
    }
    office
}

async fn with_request(office: &TestOffice) -> Request {
    let mut kiosk = TestKiosk::enrol(office, 1).await;
    let request = kiosk.request(1);
    let sealed = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[sealed]).await.unwrap();
    request
}

fn erasure_of(request: &Request) -> Erasure {
    let what = Erased::Request { request: request.id, tracking_number: request.tracking_number };
    Erasure { what, at: at("2026-11-01T08:00:00Z") }
}

fn without_database(config: &OfficeConfig) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", config.database_path().display()));
    }
}

/// The office as it stood at its backup, with what a restore takes in; started again.
pub async fn restored(office: TestOffice, from: &Path, keeper: &Keeper) -> (TestOffice, Restored) {
    let TestOffice { config, clock, server, _folder } = office;
    server.shutdown().await;
    without_database(&config);
    let restored = backup::restore(&config, from, keeper.opener(), clock.now()).await.unwrap();
    let server = start_again(&config, clock.clone()).await;
    (TestOffice { config, clock, server, _folder }, restored)
}

#[tokio::test]
async fn an_appended_line_erases_nothing_at_a_start() {
    let keeper = Keeper::new();
    let mut office = kept_office(&keeper).await;
    let request = with_request(&office).await;
    let line = log::unkeyed_line(&erasure_of(&request));
    let forged = line.replacen('1', "3", 1);
    let own = office.config.data.join(log::FILE_NAME);
    let beside = keeper.elsewhere().join(log::FILE_NAME);
    for (place, name) in [(&beside, "beside the backups"), (&own, "in the office's folder")] {
        for line in [&line, &forged] {
            logs::append(place, line).unwrap();
            office = office.restarted().await;
            let summary = office.check().await;
            assert_eq!(summary.erased, 0, "{name}: {line}");
            assert!(!summary.is_sound() && summary.erased_log.contains(&place.display().to_string()), "{summary:?}");
        }
        fs::remove_file(place).unwrap();
        assert!(office.check().await.is_sound());
    }
    // The office's own line, beside the backups alone, is obeyed by a restore and not by a start.
    let elsewhere = logs::Places::in_folders([keeper.elsewhere().as_path()], log::FILE_NAME);
    let keys = OfficeKeys::read(&office.config.data).unwrap();
    log::ErasedLog::new(elsewhere, &keys).append(&[erasure_of(&request)]).unwrap();
    let office = office.restarted().await;
    assert_eq!(office.check().await.erased, 0);
}

/// An office of an earlier version, which has erased, is started by this one.
#[tokio::test]
async fn lines_without_a_key_count_once_at_the_update_and_never_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path());
    let clock = SetClock::at(at("2026-11-01T08:00:00Z"));
    commands::init(&config).await.unwrap();
    let own = config.data.join(log::FILE_NAME);
    fs::write(&own, include_bytes!("../erasure/golden/unkeyed.log")).unwrap();
    assert!(commands::check(&config).await.unwrap().is_sound(), "they wait for the first start");
    let start = async || {
        let shared: SharedClock = clock.clone();
        Server::start(&config, Arc::new(Catalogue::read(&config.catalogue).unwrap()), shared).await.unwrap()
    };
    let server = start().await;
    let erased = async || commands::check(&config).await.unwrap().erased;
    assert_eq!(erased().await, 3);
    let read = log::ErasedLog::new(config.places_of_log(log::FILE_NAME), &OfficeKeys::read(&config.data).unwrap());
    let logged = read.read_own().unwrap();
    assert_eq!((logged.erasures.len(), logged.unkeyed.len(), logged.damaged.len()), (3, 0, 0), "each has its key now");
    let office = TestOffice { config: config.clone(), clock: clock.clone(), server, _folder: folder };
    let request = with_request(&office).await;
    logs::append(&own, &log::unkeyed_line(&erasure_of(&request))).unwrap();
    let office = office.restarted().await;
    assert_eq!(erased().await, 3);
    let said = office.check().await.erased_log;
    assert!(said.starts_with("1 lines") && said.contains("line 7"), "{said}");
    // Nor where somebody has put the old file in the place of the whole log.
    fs::write(&own, log::unkeyed_line(&erasure_of(&request))).unwrap();
    let _office = office.restarted().await;
    assert_eq!(erased().await, 3);
}

#[tokio::test]
async fn a_restore_asks_before_it_obeys_a_line_without_a_key() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let request = with_request(&office).await;
    let made = back_up(&office, &office.config).await;
    let line = log::unkeyed_line(&erasure_of(&request));
    logs::append(&keeper.elsewhere().join(log::FILE_NAME), &line).unwrap();
    let what = Erased::Request { request: RequestId([9; 16]), tracking_number: request.tracking_number };
    let another = Erasure { what, ..erasure_of(&request) };
    let folder = tempfile::tempdir().unwrap();
    // Once without the office's keys, as in a drill, once with them.
    for with_keys in [false, true] {
        let data = folder.path().join(with_keys.to_string());
        let fresh = OfficeConfig { data, ..office.config.clone() };
        if with_keys {
            fs::create_dir(&fresh.data).unwrap();
            fs::copy(office.config.seed_path(), fresh.seed_path()).unwrap();
        }
        let now = office.clock.now();
        let restore = async |unkeyed| {
            without_database(&fresh);
            backup::restore_with(&fresh, &made.path, keeper.opener(), unkeyed, now).await
        };
        let error = restore(UnkeyedErasures::Refuse).await.unwrap_err();
        assert!(matches!(&error, RestoreError::Unkeyed(lines) if lines.len() == 1), "{error}");
        let number = request.tracking_number.to_string();
        assert!(error.to_string().contains(&number) && error.to_string().contains("--accept-unkeyed-erasures"));
        assert!(!fresh.database_path().exists());
        assert_eq!(restore(UnkeyedErasures::Ignore).await.unwrap().erased_again, 0);
        assert_eq!(commands::check(&fresh).await.unwrap().erased, 0);
        let seen = backup::unkeyed_erasures(&fresh, &made.path).unwrap();
        let digits = backup::check_of(&seen);
        assert!(error.to_string().contains(&format!("--accept-unkeyed-erasures {digits}")), "{error}");
        // While the person looks, somebody adds a line.
        let beside = keeper.elsewhere().join(log::FILE_NAME);
        let text = logs::read(&beside).unwrap();
        logs::append(&beside, &log::unkeyed_line(&another)).unwrap();
        let more = backup::unkeyed_erasures(&fresh, &made.path).unwrap();
        assert_ne!(backup::check_of(&more), digits, "another list");
        assert_eq!(restore(UnkeyedErasures::Accept(seen)).await.unwrap().erased_again, 1, "what was seen");
        fs::write(&beside, text).unwrap();
        let summary = commands::check(&fresh).await.unwrap();
        assert_eq!(summary.erased, 1);
        if with_keys {
            let server = start_again(&fresh, office.clock.clone()).await;
            assert_eq!(commands::check(&fresh).await.unwrap().erased, 1);
            server.shutdown().await;
            // From now on a line with the key says it, and nobody is asked.
            assert_eq!(restore(UnkeyedErasures::Refuse).await.unwrap().erased_again, 1);
        } else {
            assert!(summary.erased_log.starts_with("not verified"), "{summary:?}");
        }
    }
}

#[test]
fn every_line_without_a_key_is_shown_before_anybody_says_yes() {
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path());
    fs::create_dir(&config.data).unwrap();
    let tracking_number = TrackingNumber::new(KioskNumber::DESK, 1);
    let ids = (0..100).map(|byte| RequestId([byte; 16]));
    let erasure =
        |request| Erasure { what: Erased::Request { request, tracking_number }, at: at("2026-11-01T08:00:00Z") };
    let text: String = ids.clone().map(|id| log::unkeyed_line(&erasure(id))).collect();
    fs::write(config.data.join(log::FILE_NAME), text).unwrap();
    let told = backup::told(&backup::unkeyed_erasures(&config, Path::new("elsewhere/a.age")).unwrap());
    assert!(told.starts_with("100 erasures"), "{told}");
    for id in ids {
        assert!(told.contains(&id.to_string()), "{id}");
    }
}

/// The office's folder is lost with its log: the lines beside the backup have the key and are obeyed, by a restore that lacks
/// the keys at the first start after their import.
#[tokio::test]
async fn keyed_lines_from_beside_the_backup_are_obeyed() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let request = with_request(&office).await;
    let made = back_up(&office, &office.config).await;
    let running = office.server.office();
    let writing = running.database.write().await.unwrap();
    let by = (office.clock.now(), &Actor::Command);
    erasure::erase(writing, erasure::Place::of(running), &[request.id], Ground::Ask, by).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let fresh = OfficeConfig { data: folder.path().join("office"), ..office.config.clone() };
    let restored = backup::restore(&fresh, &made.path, keeper.opener(), office.clock.now()).await.unwrap();
    assert_eq!(restored.erased_again, 0, "nothing can be verified");
    fs::copy(office.config.seed_path(), fresh.seed_path()).unwrap();
    let server = start_again(&fresh, office.clock.clone()).await;
    let summary = commands::check(&fresh).await.unwrap();
    assert!(summary.is_sound() && summary.erased == 1, "{summary:?}");
    server.shutdown().await;
}

/// Others may have filled the logs beside the backups, or they have grown.
#[tokio::test]
async fn no_size_of_a_log_beside_the_backup_refuses_a_restore() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let request = with_request(&office).await;
    let made = back_up(&office, &office.config).await;
    let running = office.server.office();
    let writing = running.database.write().await.unwrap();
    let by = (office.clock.now(), &Actor::Command);
    erasure::erase(writing, erasure::Place::of(running), &[request.id], Ground::Ask, by).await.unwrap();
    for name in ["erased.log", "kiosks.log", "desk.log"] {
        let path = keeper.elsewhere().join(name);
        let text = logs::read(&path).unwrap();
        fs::File::create(&path).unwrap().set_len(logs::FOREIGN_BYTES_MAX).unwrap();
        logs::append(&path, &text).unwrap();
    }
    // The folder is lost, and only those know.
    let folder = tempfile::tempdir().unwrap();
    let fresh = OfficeConfig { data: folder.path().to_owned(), ..office.config.clone() };
    fs::copy(office.config.seed_path(), fresh.seed_path()).unwrap();
    let restored_fresh = backup::restore(&fresh, &made.path, keeper.opener(), office.clock.now()).await.unwrap();
    assert_eq!(restored_fresh.erased_again, 1);
    // The office's own know, too.
    let (office, done) = restored(office, &made.path, &keeper).await;
    assert_eq!((done.erased_again, office.check().await.erased), (1, 1));
}

#[tokio::test]
async fn no_way_in_that_was_closed_since_is_opened_by_a_restore() {
    let keeper = Keeper::new();
    let office = strict_office().await;
    office.person(Role::Manager).await;
    office.person(Role::Reception).await;
    let (own, secret) = enrolled(&office, "manager").await;
    let known_browser = own.cookies["istiqbal_browser"].clone();
    let recovery = "abcd-efgh-jkmn-pqrs-tuvw-xyz2";
    let mut writing = office.server.office().database.write().await.unwrap();
    let person: String = sqlx::query_scalar("SELECT person FROM second_factor").fetch_one(&mut *writing).await.unwrap();
    sqlx::query("INSERT INTO recovery_code (code_hash, person) VALUES ($1, $2)")
        .bind(recovery_hash(&person, recovery).to_vec())
        .bind(&person)
        .execute(&mut *writing)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let config = keeper.named_in(&office.config);
    let made = back_up(&office, &config).await;
    office.clock.advance(TimeDelta::minutes(1));
    // Used up after the backup: a recovery code, and the telephone's code of this moment.
    let address = office.server.staff_address;
    let by_password = |browser: &mut Browser, name: &str, password: &str| {
        browser.post_from("/sign-in", "/sign-in", &[("name", name), ("password", password)])
    };
    let prove =
        |browser: &mut Browser, code: &str| browser.post_from("/sign-in/code", "/sign-in/code", &[("code", code)]);
    let now = office.clock.now();
    let used = SecondFactor::from_text(&secret).code(now);
    let typed = used.clone();
    blocking(move || {
        for code in [recovery, &typed] {
            let mut browser = Browser::at(address);
            assert_eq!(by_password(&mut browser, "manager", PASSWORD).header("location"), Some("/sign-in/code"));
            assert_eq!(prove(&mut browser, code).header("location"), Some("/"));
        }
    })
    .await;
    let (office, done) = restored(office, &made.path, &keeper).await;
    assert_eq!(done.without_password, 1, "reception has no second factor");
    let running = office.server.office();
    let mut reading = running.database.read().await.unwrap();
    for table in ["session", "known_browser", "recovery_code", "second_factor_offer", "invite"] {
        let statement = format!("SELECT COUNT(*) FROM {table}");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&mut *reading).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    drop(reading);
    let (address, clock) = (office.server.staff_address, office.clock.clone());
    blocking(move || {
        let mut browser = Browser::at(address);
        browser.cookies.insert("istiqbal_browser".into(), known_browser);
        assert_eq!(by_password(&mut browser, "manager", PASSWORD).header("location"), Some("/sign-in/code"));
        for code in [recovery, &used] {
            assert_eq!(prove(&mut browser, code).status, 401, "{code}");
        }
        clock.advance(TimeDelta::minutes(2));
        let code = SecondFactor::from_text(&secret).code(clock.now());
        let page = prove(&mut browser, &code).text();
        assert_eq!(page.matches("<li><code>").count(), RECOVERY_CODES, "new recovery codes: {page}");
        assert!(page.contains("رموز غير صحيحة") || page.contains("رمزان غير صحيحين"), "told of the two: {page}");
        assert_eq!(browser.get("/requests").header("location"), Some("/sign-in"));
        assert_eq!(browser.get("/sign-in").header("location"), Some("/sign-in/password"));
        let chosen = [("new", OWN), ("again", OWN)];
        let answer = browser.post_from("/sign-in/password", "/sign-in/password", &chosen);
        assert_eq!(answer.header("location"), Some("/"));
        // The new ones count, the backup's password doesn't.
        let code =
            page.split("<li><code>").nth(1).unwrap().split('<').next().unwrap().replace(['\u{2066}', '\u{2069}'], "");
        let mut other = Browser::at(address);
        other.get("/sign-in");
        assert_eq!(by_password(&mut other, "manager", PASSWORD).status, 401);
        assert_eq!(by_password(&mut other, "manager", OWN).header("location"), Some("/sign-in/code"));
        assert_eq!(prove(&mut other, &code).header("location"), Some("/"));
        // Without a second factor the backup's password opens nothing.
        let mut reception = Browser::at(address);
        let refused = by_password(&mut reception, "reception", PASSWORD);
        assert_eq!(refused.status, 401);
        assert!(refused.text().contains(RESTORED), "told why: {}", refused.text());
    })
    .await;
    let shared: SharedClock = office.clock.clone();
    let given = Some(GivenPassword::own("a lamp, a chair, a well"));
    commands::reset_password(&office.config, &shared, "reception", given).await.unwrap();
    let address = office.server.staff_address;
    blocking(move || {
        assert!(!Browser::at(address).get("/sign-in").text().contains(RESTORED), "everybody has a password again");
        Browser::at(address).signed_in("reception", "a lamp, a chair, a well")
    })
    .await;
}
