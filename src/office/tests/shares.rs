//! The folder of the backups, which may be a mounted share: away, hanging, or written by others. The office works without it.

use std::fs;
use std::path::Path;

use super::backups::Keeper;
use super::desk::Desk;
use super::restores::kept_office;
use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::record::Record;
use crate::domain::request::RequestId;
use crate::office::backup;
use crate::office::database::trail::Actor;
use crate::office::erasure::{self, Ground};
use crate::office::logs;
use crate::office::people::Role;

const ALERT: &str = "نسخ سجلات المكتب بجانب النسخ الاحتياطية";
const LOGS: [&str; 3] = ["erased.log", "kiosks.log", "desk.log"];

async fn erase(office: &TestOffice, request: RequestId) {
    let running = office.server.office();
    let writing = running.database.write().await.unwrap();
    let by = (office.clock.now(), &Actor::Command);
    erasure::erase(writing, erasure::Place::of(running), &[request], Ground::Ask, by).await.unwrap();
}

/// Enrols a kiosk, registers two requests at the desk, and erases one of them and the kiosk's.
async fn work(office: &TestOffice, seed: u8) {
    let mut kiosk = TestKiosk::enrol(office, seed).await;
    let request = kiosk.request(1);
    let sealed = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[sealed]).await.unwrap();
    let browser = office.browser(Role::Reception).await;
    let desk = move || [Desk::filled(browser.clone()).register(), Desk::filled(browser).register()];
    let [stays, goes] = blocking(desk).await;
    assert_ne!(stays, goes);
    erase(office, goes).await;
    erase(office, request.id).await;
}

async fn is_alerted(office: &TestOffice) -> bool {
    let mut browser = office.browser(Role::Manager).await;
    blocking(move || browser.get("/").text().contains(ALERT)).await
}

fn texts(folder: &Path) -> [String; 3] {
    LOGS.map(|name| logs::read(&folder.join(name)).unwrap())
}

#[tokio::test]
async fn the_office_works_and_starts_without_the_folder_of_its_backups() {
    let keeper = Keeper::new();
    let mut office = kept_office(&keeper).await;
    work(&office, 1).await;
    assert_eq!(texts(&keeper.elsewhere()), texts(&office.config.data));
    assert!(!is_alerted(&office).await);
    // Nothing in it can be read or written: it is no folder any more.
    let away = keeper.elsewhere().with_extension("away");
    fs::rename(keeper.elsewhere(), &away).unwrap();
    fs::write(keeper.elsewhere(), "no folder").unwrap();
    work(&office, 2).await;
    assert!(is_alerted(&office).await);
    office = office.restarted().await;
    assert!(is_alerted(&office).await, "a start without it says so, too");
    work(&office, 3).await;
    // It is there again: what it lacks is completed, also what was erased meanwhile.
    fs::remove_file(keeper.elsewhere()).unwrap();
    fs::rename(&away, keeper.elsewhere()).unwrap();
    assert!(texts(&keeper.elsewhere()) != texts(&office.config.data));
    backup::complete_logs(office.server.office(), None).await.unwrap();
    assert_eq!(texts(&keeper.elsewhere()), texts(&office.config.data));
    assert!(!is_alerted(&office).await);
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.erased == 6, "{summary:?}");
    // It is another, empty one: a start fills it.
    fs::remove_dir_all(keeper.elsewhere()).unwrap();
    let office = office.restarted().await;
    assert_eq!(texts(&keeper.elsewhere()), texts(&office.config.data));
}

#[tokio::test]
async fn a_hostile_log_beside_the_backups_stops_no_start() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    work(&office, 1).await;
    for name in LOGS {
        let path = keeper.elsewhere().join(name);
        fs::remove_file(&path).unwrap();
        fs::File::create(&path).unwrap().set_len(logs::FOREIGN_BYTES_MAX + 1).unwrap();
    }
    let office = office.restarted().await;
    // They are set aside, and others begun.
    assert!(!is_alerted(&office).await);
    work(&office, 2).await;
    assert_eq!(texts(&keeper.elsewhere()), texts(&office.config.data));
    for name in LOGS {
        assert!(keeper.elsewhere().join(format!("{name}.too-large")).exists());
    }
    assert!(office.check().await.is_sound());
}

/// A pipe can't be opened to be read until somebody writes: so does a share hang.
fn hang(path: &Path) {
    let _ = fs::remove_file(path);
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
}

/// Lets whoever waits for the pipe go on.
fn answer(path: &Path) {
    drop(fs::OpenOptions::new().read(true).write(true).open(path).unwrap());
    fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn while_the_folder_of_the_backups_hangs_everybody_works() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    LOGS.iter().for_each(|name| hang(&keeper.elsewhere().join(name)));
    let running = office.server.office().clone();
    let completing = tokio::spawn(async move { backup::complete_logs(&running, None).await.unwrap() });
    work(&office, 1).await;
    completing.await.unwrap();
    work(&office, 2).await;
    assert!(is_alerted(&office).await);
    LOGS.iter().for_each(|name| answer(&keeper.elsewhere().join(name)));
    while is_alerted(&office).await {
        backup::complete_logs(office.server.office(), None).await.unwrap();
    }
    assert_eq!(texts(&keeper.elsewhere()), texts(&office.config.data));
}

#[tokio::test]
async fn a_check_says_which_copies_can_t_be_read_and_waits_for_none_of_them() {
    let keeper = Keeper::new();
    let office = kept_office(&keeper).await;
    work(&office, 1).await;
    assert!(office.check().await.is_sound());
    let beside = LOGS.map(|name| keeper.elsewhere().join(name));
    fs::File::create(&beside[0]).unwrap().set_len(logs::FOREIGN_BYTES_MAX + 1).unwrap();
    hang(&beside[1]);
    hang(&beside[2]);
    let summary = office.check().await;
    assert!(!summary.is_sound());
    for (said, path) in [&summary.erased_log, &summary.kiosks_log, &summary.desk_log].into_iter().zip(&beside) {
        let unread = format!("the copy beside the backups can't be read: {}", path.display());
        assert!(said.starts_with(&unread), "{said}");
    }
    assert!(!beside[0].with_extension("log.too-large").exists(), "a check changes nothing");
    beside[1..].iter().for_each(|path| answer(path));
}
