//! The desk's registrations outlive the database: what a backup lacks, a restore takes in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use super::backups::{Keeper, back_up, start_again};
use super::desk::{Desk, stored};
use super::restores::{kept_office, restored};
use super::support::*;
use crate::domain::clock::{Clock, SetClock};
use crate::domain::request::{Channel, Request, RequestId};
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::office::OfficeConfig;
use crate::office::backup;
use crate::office::database::trail::Actor;
use crate::office::desk::{self, DeskRequest, RegisterError, log as desk_log};
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

/// Without what is said of backups.
fn registered_lines(folder: &Path) -> usize {
    logs::read(&folder.join(desk_log::FILE_NAME)).unwrap().lines().filter(|line| line.starts_with("2 ")).count()
}

fn the_first_backup(keeper: &Keeper) -> PathBuf {
    let mut files = fs::read_dir(keeper.elsewhere()).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_some_and(|end| end == "age")).unwrap()
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
        assert_eq!(registered_lines(&folder), 2, "the erased one lies in neither");
    }
    // A power cut tore a line; its receipt was never given.
    let own = office.config.data.join(desk_log::FILE_NAME);
    let text = logs::read(&own).unwrap();
    logs::append(&own, &text[..100]).unwrap();
    assert!(office.check().await.desk_log.contains("line 4"));
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
    fs::create_dir_all(&own).unwrap();
    let (refused, mut desk) = blocking(move || {
        let mut desk = ready(browser);
        (desk.press("register"), desk)
    })
    .await;
    assert_eq!(refused.status, 503);
    assert!(refused.text().contains("لم يُسجّل شيء"), "{}", refused.text());
    fs::remove_dir(&own).unwrap();
    assert_eq!(office.check().await.requests, 0);
    let registered = blocking(move || desk.press("register").status).await;
    assert_eq!((registered, office.check().await.requests), (303, 1), "the same form, sent again");
}

/// A form that only waits to be sent.
fn ready(browser: Browser) -> Desk {
    let mut desk = Desk::filled(browser);
    assert_eq!(desk.press("continue").status, 200);
    desk.set("declared", "yes");
    desk
}

/// Reads the desk's log in the office's folder, each request once.
fn logged(office: &TestOffice) -> Vec<desk_log::Registration> {
    let keys = OfficeKeys::read(&office.config.data).unwrap();
    office.config.desk_log().read_own(&keys).unwrap().registrations
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_is_one_registration_with_one_number() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let browser = office.browser(Role::Reception).await;
    let desk = blocking(move || ready(browser)).await;
    let clicks = (0..4).map(|_| {
        let mut desk = desk.clone();
        tokio::task::spawn_blocking(move || desk.press("register"))
    });
    let mut places = Vec::new();
    for click in clicks.collect::<Vec<_>>() {
        let answer = click.await.unwrap();
        assert_eq!(answer.status, 303, "{}", answer.text());
        places.push(answer.header("location").unwrap().to_owned());
    }
    places.dedup();
    let [place] = places.as_slice() else { panic!("{places:?}") };
    let request = stored(&office, place.rsplit('/').next().unwrap().parse().unwrap()).await;
    for folder in [office.config.data.clone(), keeper.elsewhere()] {
        assert_eq!(desk_lines(&folder), 1, "{}", folder.display());
    }
    assert_eq!(logged(&office)[0].request.tracking_number, request.tracking_number);
}

/// A registration goes on to its end when the browser leaves; the same form sent again gets the same number.
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_whose_browser_left_keeps_its_number() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let browser = office.browser(Role::Reception).await;
    let mut desk = blocking(move || ready(browser)).await;
    let running = office.server.office().clone();
    let (held, holding) = tokio::sync::oneshot::channel();
    let (go_on, going_on) = std::sync::mpsc::channel::<()>();
    let holder = running.clone();
    let disk = tokio::task::spawn_blocking(move || {
        let _slow = holder.desk_log.held_up();
        held.send(()).unwrap();
        going_on.recv().unwrap();
    });
    holding.await.unwrap();
    let mut leaving = desk.clone();
    let first = tokio::task::spawn_blocking(move || {
        leaving.browser.post_unheard("/register", "/register", &Desk::fields(&leaving.fields, "register"))
    });
    let first = first.await.unwrap();
    while !running.desk_log.is_in_hand() {
        tokio::task::yield_now().await;
    }
    // The browser leaves while the line is being written, and its person sends the form again.
    drop(first);
    let second = tokio::task::spawn_blocking(move || desk.press("register"));
    // It asks for the page first.
    go_on.send(()).unwrap();
    disk.await.unwrap();
    let answer = second.await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    let id = answer.header("location").unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let number = stored(&office, id).await.tracking_number;
    assert_eq!((desk_lines(&office.config.data), logged(&office)[0].request.tracking_number), (1, number));
    let office = office.restarted().await;
    assert_eq!((office.check().await.requests, stored(&office, id).await.tracking_number), (1, number));
}

#[tokio::test]
async fn a_registration_that_cant_be_stored_leaves_no_line() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Reception).await;
    // Nor can the log be written anew, as on a full disk.
    let unfinished = office.config.data.join("desk.log.unfinished");
    fs::create_dir(&unfinished).unwrap();
    let database = sqlx::SqlitePool::connect(office.config.database_path().to_str().unwrap()).await.unwrap();
    sqlx::query("CREATE TRIGGER refusing BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'refused'); END")
        .execute(&database)
        .await
        .unwrap();
    let (refused, mut desk) = blocking(move || {
        let mut desk = ready(browser);
        (desk.press("register"), desk)
    })
    .await;
    assert_eq!(refused.status, 500);
    assert_eq!((desk_lines(&office.config.data), office.check().await.requests), (0, 0));
    fs::remove_dir(unfinished).unwrap();
    sqlx::query("DROP TRIGGER refusing").execute(&database).await.unwrap();
    database.close().await;
    let answer = blocking(move || desk.press("register")).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let office = office.restarted().await;
    assert_eq!((office.check().await.requests, desk_lines(&office.config.data)), (1, 1));
}

#[tokio::test]
async fn a_registration_that_cant_be_stored_leaves_no_line_beside_the_backups() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    at_desk(&office).await;
    let running = office.server.office();
    let mut registration = logged(&office).remove(0);
    registration.request.id = RequestId([7; 16]);
    let line = running.desk_log.append(&running.keys.now(), &registration).unwrap();
    // A backup completes the copy before the database refuses.
    backup::complete_logs(running, None).await.unwrap();
    assert_eq!(desk_lines(&keeper.elsewhere()), 2);
    desk::withdraw(running, line).await;
    for folder in [office.config.data.clone(), keeper.elsewhere()] {
        assert_eq!(desk_lines(&folder), 1, "{}", folder.display());
    }
}

/// A clock that breaks whatever asks it.
struct Breaking {
    clock: Arc<SetClock>,
    is_broken: AtomicBool,
}

impl Clock for Breaking {
    fn now(&self) -> DateTime<Utc> {
        assert!(!self.is_broken.load(Ordering::Relaxed), "a fault of this program");
        self.clock.now()
    }
}

#[tokio::test]
async fn a_registration_that_breaks_off_asks_to_look_and_to_send_it_again() {
    let TestOffice { config, clock, server, _folder } = TestOffice::start().await;
    server.shutdown().await;
    let breaking = Arc::new(Breaking { clock, is_broken: false.into() });
    let server = start_again(&config, breaking.clone()).await;
    let Request { id, language, beneficiary, versions, answers, documents, .. } =
        request(TrackingNumber::new(KioskNumber::DESK, 1));
    let new = DeskRequest { id, channel: Channel::Desk, language, beneficiary, versions, answers, documents };
    breaking.is_broken.store(true, Ordering::Relaxed);
    let error = desk::register(server.office(), &Actor::Command, new.clone()).await.unwrap_err();
    breaking.is_broken.store(false, Ordering::Relaxed);
    assert!(matches!(error, RegisterError::BrokenOff(_)), "{error}");
    assert!(error.to_string().ends_with("send the form again"), "{error}");
    desk::register(server.office(), &Actor::Command, new).await.unwrap();
    server.shutdown().await;
}

/// The office's clock jumps, the next backups follow, and only the first one can be restored.
#[tokio::test]
async fn no_clock_takes_a_registration_out_of_the_log() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let id = at_desk(&office).await;
    let number = stored(&office, id).await.tracking_number;
    let first = the_first_backup(&keeper);
    office.clock.advance(TimeDelta::days(400));
    for _ in 0..3 {
        let made = back_up(&office, &office.config).await;
        backup::complete_logs(office.server.office(), made.desk_through).await.unwrap();
    }
    for folder in [office.config.data.clone(), keeper.elsewhere()] {
        assert_eq!(registered_lines(&folder), 1, "{}", folder.display());
    }
    let (office, done) = restored(office, &first, &keeper).await;
    assert_eq!((done.desk.requests, stored(&office, id).await.tracking_number), (1, number));
}

fn backups_in(keeper: &Keeper) -> Vec<PathBuf> {
    let entries = fs::read_dir(keeper.elsewhere()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "age")).collect()
}

#[tokio::test]
async fn the_desk_s_log_is_thinned_when_every_backup_that_stays_holds_it() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    let first = the_first_backup(&keeper);
    at_desk(&office).await;
    let lines = || [office.config.data.clone(), keeper.elsewhere()].map(|folder| registered_lines(&folder));
    for _ in 0..12 {
        assert_eq!(back_up(&office, &office.config).await.desk_through, None);
    }
    assert_eq!(lines(), [1, 1], "the first one lacks it");
    fs::remove_file(first).unwrap();
    // What somebody else lays into the folder holds nothing of this office.
    let of_others = (0..12).map(|place| format!("office-9{place:05}-20261126T140500Z-1a2b3c4d.age"));
    let of_others: Vec<PathBuf> = of_others.map(|name| keeper.elsewhere().join(name)).collect();
    let real: Vec<PathBuf> = backups_in(&keeper);
    let aside = keeper.elsewhere().join("aside");
    fs::create_dir(&aside).unwrap();
    for path in &real {
        fs::rename(path, aside.join(path.file_name().unwrap())).unwrap();
    }
    of_others.iter().for_each(|path| fs::write(path, "x").unwrap());
    assert_eq!(back_up(&office, &office.config).await.desk_through, None);
    backups_in(&keeper).iter().for_each(|path| fs::remove_file(path).unwrap());
    for path in &real {
        fs::rename(aside.join(path.file_name().unwrap()), path).unwrap();
    }
    at_desk(&office).await;
    let made = back_up(&office, &office.config).await;
    assert_eq!(made.desk_through, Some(1));
    assert_eq!(lines(), [1, 2], "the copy is the serving office's");
    backup::complete_logs(office.server.office(), made.desk_through).await.unwrap();
    assert_eq!(lines(), [1, 1]);
    let mode = fs::metadata(keeper.elsewhere().join(desk_log::FILE_NAME)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(office.check().await.is_sound());
}
