//! Damage, a rollback and exchanged keys are named, and keeps the office from starting only where it can't work.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use super::seals_denied::{standing, write_unproved_count};
use super::support::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{Clock, SharedClock};
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::{Event, StepError};
use crate::office::commands::{self, Summary};
use crate::office::database::trail::Actor;
use crate::office::database::{connect_options, findings};
use crate::office::keys::{self, Lock};
use crate::office::people::Role;
use crate::office::server::ServerError;
use crate::office::steps::TakeStepError;
use crate::office::verification;
use crate::office::{AcceptRollback, OfficeConfig, Server};
use crate::seal::seed::Seed;

pub async fn office_with_request() -> (TestOffice, TestKiosk, Request) {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1);
    let sent = [kiosk.seal(&signature(request.id)), kiosk.seal(&Record::Request(request.clone()))];
    kiosk.send(&sent).await.unwrap();
    (office, kiosk, request)
}

/// Changes the database beside this program, as a disk or a hand would.
pub async fn beside(config: &OfficeConfig, statement: &str) {
    let options = connect_options(&config.database_path()).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub async fn check(config: &OfficeConfig) -> Summary {
    commands::check(config).await.unwrap()
}

pub async fn start(config: &OfficeConfig, clock: SharedClock, accept: AcceptRollback) -> Result<Server, ServerError> {
    let catalogue: Arc<Catalogue> = Arc::new(Catalogue::read(&config.catalogue).unwrap());
    Server::start_with(config, catalogue, clock, accept).await
}

/// Why an office doesn't start.
pub async fn refusal(config: &OfficeConfig, clock: SharedClock) -> String {
    match start(config, clock, AcceptRollback::No).await {
        Ok(_) => panic!("it starts"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_row_of_any_table_that_something_else_has_changed_is_named() {
    let (office, _kiosk, _) = office_with_request().await;
    office.person(Role::Reception).await;
    let TestOffice { config, server, _folder, .. } = office;
    server.shutdown().await;
    assert_eq!(check(&config).await.rows, "intact");
    let whole = fs::read(config.database_path()).unwrap();
    for (statement, named) in [
        ("UPDATE request SET answers = replace(answers, '1000000008', '1000000016')", "row 1 of request isn't as"),
        ("UPDATE request SET stage = 'accepted'", "of request isn't as"),
        ("UPDATE request_document SET said = '\"No\"' WHERE document = 'id_card'", "row 1 of request isn't as"),
        ("DELETE FROM request_document WHERE document = 'id_card'", "row 1 of request isn't as"),
        ("DELETE FROM request", "row 1 of request is gone"),
        ("UPDATE envelope SET tracking_number = NULL", "of envelope isn't as"),
        ("UPDATE envelope SET sequence = 7 WHERE sequence = 1", "of envelope isn't as"),
        ("DELETE FROM envelope WHERE sequence = 2", "of envelope is gone"),
        ("UPDATE beneficiary SET birth_date = '1999-01-01'", "of beneficiary isn't as"),
        ("DELETE FROM beneficiary_word WHERE word = '1000000008'", "of beneficiary isn't as"),
        ("UPDATE beneficiary_word SET word = CAST(word AS BLOB)", "of beneficiary isn't as"),
        ("UPDATE request SET answers = CAST(answers AS BLOB)", "row 1 of request isn't as"),
        ("UPDATE person SET role = 'administrator'", "of person isn't as"),
        (
            "INSERT INTO person (rowid, id, name, role, password, added_at)
             VALUES (-9223372036854775808, 'x', 'x', 'administrator', '', 1)",
            "row -9223372036854775808 of person wasn't written by this office",
        ),
        ("INSERT INTO taken_form (id, at) VALUES ('x', 1)", "of taken_form wasn't written by this office"),
        ("UPDATE signature SET strokes = x'00'", "of signature isn't as"),
        ("UPDATE change SET number = number + 1", "of change"),
        ("UPDATE office SET incarnation = x'00112233445566778899aabbccddeeff'", "of office isn't as"),
        ("UPDATE row_seal SET seals = randomblob(512) WHERE table_name = 'kiosk'", "row 1 of kiosk isn't as"),
        ("CREATE TABLE added (one TEXT)", "row 0 of sqlite_master isn't as"),
    ] {
        fs::write(config.database_path(), &whole).unwrap();
        beside(&config, statement).await;
        let summary = check(&config).await;
        assert!(summary.rows.contains(named), "{statement}: {}", summary.rows);
        assert!(!summary.is_sound());
    }
}

/// Whoever adds rows by the thousand hides none.
#[tokio::test]
async fn a_changed_request_is_noted_before_all_that_was_added_beside_it() {
    let (office, _kiosk, request) = office_with_request().await;
    let served = office.server.office().clone();
    let many = "WITH RECURSIVE numbers(one) AS (SELECT 1 UNION ALL SELECT one + 1 FROM numbers WHERE one < 1100)
                INSERT INTO heartbeat (kiosk, at, heartbeat) SELECT 5000 + one, one, '{}' FROM numbers";
    beside(&office.config, many).await;
    beside(&office.config, "UPDATE request SET answers = replace(answers, '1000000008', '1000000016')").await;
    assert_eq!(verification::verify(&served).await.unwrap(), findings::NOTED_MAX);
    let event = Event::DocumentVerified { document: "id_card".into() };
    let refused = office.server.take_step(request.tracking_number, &event).await.unwrap_err();
    assert!(matches!(refused, TakeStepError::Step(StepError::SetApart)), "{refused}");
    let found = findings::open(&mut served.database.read().await.unwrap(), 2000).await.unwrap();
    assert!(found.iter().any(|finding| finding.text == "101 more rows aren't as they were written"));
    // The others follow.
    assert_eq!(verification::verify(&served).await.unwrap(), 101);
}

#[tokio::test]
async fn a_changed_request_is_set_apart_until_an_administrator_has_looked() {
    let (office, _kiosk, request) = office_with_request().await;
    let served = office.server.office().clone();
    assert_eq!(verification::verify(&served).await.unwrap(), 0);
    beside(&office.config, "UPDATE request SET answers = replace(answers, '1000000008', '1000000016')").await;
    assert_eq!(verification::verify(&served).await.unwrap(), 1);
    assert_eq!(verification::verify(&served).await.unwrap(), 0, "it is told once");

    let event = Event::DocumentVerified { document: "id_card".into() };
    let refused = office.server.take_step(request.tracking_number, &event).await.unwrap_err();
    assert!(matches!(refused, TakeStepError::Step(StepError::SetApart)), "{refused}");
    let page = format!("/requests/{}", request.id);
    let mut reception = office.browser(Role::Reception).await;
    let mut administrator = office.browser(Role::Administrator).await;
    blocking(move || {
        assert!(reception.get("/").text().contains("موضع واحد تالف"));
        assert!(reception.get(&page).text().contains("ليس كما كُتب"));
        let fields = [("document", "id_card"), ("step", "verify")];
        assert_eq!(reception.post_from(&page, &format!("{page}/documents"), &fields).status, 409);
        assert_eq!(reception.get("/findings").status, 403);
        let found = administrator.get("/findings").text();
        assert!(found.contains("row 1 of request") && found.contains(&page), "{found}");
        let id = found.split_once("action=\"/findings/").unwrap().1.split('"').next().unwrap().to_owned();
        assert_eq!(administrator.post_from("/findings", &format!("/findings/{id}"), &[]).status, 303);
        assert!(!administrator.get("/findings").text().contains("row 1 of request"));
        assert!(!reception.get("/").text().contains("موضع واحد تالف"));
    })
    .await;
    office.server.take_step(request.tracking_number, &event).await.unwrap();
    assert_eq!(verification::verify(&served).await.unwrap(), 0);
    // The same when something of its person was changed.
    beside(&office.config, "UPDATE beneficiary SET birth_date = '1999-01-01'").await;
    assert_eq!(verification::verify(&served).await.unwrap(), 1);
    let event = Event::DocumentVerified { document: "family_record".into() };
    let refused = office.server.take_step(request.tracking_number, &event).await.unwrap_err();
    assert!(matches!(refused, TakeStepError::Step(StepError::SetApart)), "{refused}");
    let mut writing = served.database.write().await.unwrap();
    let found = findings::open(&mut writing, 1).await.unwrap();
    findings::settle(&mut writing, &found[0].id, (office.clock.now(), &Actor::Command)).await.unwrap();
    writing.commit().await.unwrap();
    let summary = office.check().await;
    assert!(summary.is_sound(), "{summary:?}");
}

#[tokio::test]
async fn a_rollback_is_named_and_starts_only_when_it_is_accepted() {
    let (office, mut kiosk, _) = office_with_request().await;
    let places = tempfile::tempdir().unwrap();
    let killed = places.path().join("office");
    super::damage::copy(&office.config.data, &killed);
    let before = kiosk.send(&[]).await.unwrap().incarnation;
    let more = kiosk.request(2);
    let more = kiosk.seal(&Record::Request(more));
    kiosk.send(std::slice::from_ref(&more)).await.unwrap();
    let clock: SharedClock = office.clock.clone();
    let config = OfficeConfig { data: killed, ..office.config.clone() };
    let log = config.data.join("office.sqlite-wal");
    let whole = fs::read(&log).unwrap();
    assert!(!whole.is_empty());
    type Blow = fn(&Path, &[u8]);
    let blows: [(&str, Blow); 4] = [
        ("removed", |log, _| fs::remove_file(log).unwrap()),
        ("cut", |log, whole| fs::write(log, &whole[..whole.len() / 2]).unwrap()),
        ("zeroed", |log, whole| fs::write(log, vec![0; whole.len()]).unwrap()),
        ("one bit in the last page", |log, whole| {
            let mut bytes = whole.to_vec();
            let at = bytes.len() - 2048;
            bytes[at] ^= 1;
            fs::write(log, bytes).unwrap();
        }),
    ];
    let intact = places.path().join("intact");
    super::damage::copy(&config.data, &intact);
    for (name, blow) in blows {
        fs::remove_dir_all(&config.data).unwrap();
        super::damage::copy(&intact, &config.data);
        blow(&log, &whole);
        let damaged = fs::read(&log).ok();
        match commands::check(&config).await {
            Ok(summary) => assert!(!summary.is_sound() && summary.count.contains("rolled back"), "{name}: {summary:?}"),
            // Where nothing was ever brought into the file itself, it holds no tables.
            Err(error) => assert!(error.to_string().contains("restore"), "{name}: {error}"),
        }
        // A look ends the log of pages, and what was damaged in it is kept all the same.
        let kept = config.data.join("office.sqlite-wal.kept-1");
        let lies_there = [&log, &kept].map(|path| fs::read(path).ok().filter(|bytes| !bytes.is_empty()));
        assert!(damaged.is_none() || lies_there.contains(&damaged), "{name}");
        if kept.exists() {
            assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // What a command commits now would hide it.
        let refused =
            commands::back_up(&config, &clock, Some(Lock::passphrase("correct horse battery staple".into()).unwrap()))
                .await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("--accept-rollback") || refused.contains("restore"), "{name}: {refused}");
        let told = refusal(&config, clock.clone()).await;
        assert!(told.contains("--accept-rollback") || told.contains("restore"), "{name}: {told}");
    }
    assert!(config.data.join("office.sqlite-wal.kept-1").exists(), "one bit leaves the rest to be looked at");
    // The last one is accepted.
    let TestOffice { server, .. } = office;
    server.shutdown().await;
    let server = start(&config, clock.clone(), AcceptRollback::Yes).await.unwrap();
    let summary = check(&config).await;
    assert!(summary.is_sound(), "{summary:?}");
    let mut reading = server.office().database.read().await.unwrap();
    let accepted = crate::office::database::trail::last_details(&mut reading, "rollback accepted").await.unwrap();
    assert!(accepted.unwrap()["found"].as_str().unwrap().contains("rolled back"));
    let found = crate::office::database::findings::open(&mut reading, 10).await.unwrap();
    assert!(found.len() == 1 && found[0].text.contains("rolled back"), "{found:?}");
    let incarnation = crate::office::database::incarnation(&mut reading).await.unwrap();
    assert_ne!(incarnation, before, "kiosks send again what they hold");
    drop(reading);
    server.shutdown().await;
    start(&config, clock, AcceptRollback::No).await.unwrap().shutdown().await;
}

#[tokio::test]
async fn a_count_that_is_gone_is_an_alarm() {
    let office = TestOffice::start().await;
    let TestOffice { config, server, clock, _folder } = office;
    server.shutdown().await;
    fs::remove_file(config.data.join("office.sqlite.count")).unwrap();
    let summary = check(&config).await;
    assert!(!summary.is_sound() && summary.count.contains("count"), "{summary:?}");
    assert!(refusal(&config, clock.clone()).await.contains("--accept-rollback"));
    start(&config, clock, AcceptRollback::Yes).await.unwrap().shutdown().await;
    assert!(check(&config).await.is_sound());
}

#[tokio::test]
async fn keys_that_are_missing_damaged_open_or_exchanged_are_named_before_anything_is_written() {
    let (office, _kiosk, _) = office_with_request().await;
    let clock: SharedClock = office.clock.clone();
    keys::rotate(&office.config, &clock).await.unwrap();
    let TestOffice { config, server, _folder, .. } = office;
    let (commits, length, head, incarnation) = standing(&server.office().database).await;
    server.shutdown().await;
    assert!(check(&config).await.is_sound());
    let whole = fs::read(config.database_path()).unwrap();
    type Blow = Box<dyn Fn(&Path, &Path)>;
    let blows: Vec<(&str, Blow)> = vec![
        ("the first is missing", Box::new(|first, _| fs::remove_file(first).unwrap())),
        ("the second is missing", Box::new(|_, second| fs::remove_file(second).unwrap())),
        ("the first's head is damaged", Box::new(|first, _| flip(first, 3))),
        ("the second's head is damaged", Box::new(|_, second| flip(second, 3))),
        ("one bit of the first", Box::new(|first, _| flip(first, 20))),
        ("one bit of the second", Box::new(|_, second| flip(second, 20))),
        ("the first is open to all", Box::new(|first, _| set_mode(first, 0o644))),
        (
            "exchanged",
            Box::new(|first, second| {
                let (one, other) = (fs::read(first).unwrap(), fs::read(second).unwrap());
                fs::write(first, other).unwrap();
                fs::write(second, one).unwrap();
            }),
        ),
        (
            "another office's",
            Box::new(|first, _| {
                fs::remove_file(first).unwrap();
                Seed::create(first).unwrap();
            }),
        ),
    ];
    let count = config.data.join("office.sqlite.count");
    let counted = fs::read(&count).unwrap();
    let places = ["office.seed", "sealing-0002.seed"].map(|name| config.data.join(name));
    let seeds = places.each_ref().map(|path| fs::read(path).unwrap());
    // Also before the rows are sealed, as in an office of an earlier version.
    for is_sealed in [true, false] {
        for (name, blow) in &blows {
            fs::write(config.database_path(), &whole).unwrap();
            fs::write(&count, &counted).unwrap();
            if !is_sealed {
                beside(&config, "UPDATE office SET key_check = NULL, counted = 1").await;
                write_unproved_count(&config, (commits, length), &head, &incarnation);
            }
            let before = fs::read(config.database_path()).unwrap();
            blow(&places[0], &places[1]);
            match commands::check(&config).await {
                Ok(summary) if is_sealed => {
                    assert!(!summary.is_sound() && summary.keys != "intact", "{name}: {summary:?}")
                }
                Ok(summary) => assert!(summary.keys != "intact", "{name}: {summary:?}"),
                Err(error) => assert!(error.to_string().contains("seed"), "{name}: {error}"),
            }
            let told = refusal(&config, clock.clone()).await;
            assert!(told.contains("seed") || told.contains("sealing key"), "{name}: {told}");
            assert!(fs::read(config.database_path()).unwrap() == before, "{name}: nothing is written");
            for (path, seed) in places.iter().zip(&seeds) {
                let _ = fs::remove_file(path);
                fs::write(path, seed).unwrap();
                set_mode(path, 0o600);
            }
        }
    }
    fs::write(config.database_path(), &whole).unwrap();
    fs::write(&count, &counted).unwrap();
    start(&config, clock, AcceptRollback::No).await.unwrap().shutdown().await;
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn an_empty_or_foreign_file_is_refused_and_left_as_it_is() {
    let office = TestOffice::start().await;
    let TestOffice { config, server, clock, _folder } = office;
    server.shutdown().await;
    let path = config.database_path();
    fs::remove_file(&path).unwrap();
    assert!(refusal(&config, clock.clone()).await.contains("gone"));
    let foreign = {
        let other = config.data.join("other.sqlite");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&other).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("CREATE TABLE something (one TEXT)").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        fs::read(other).unwrap()
    };
    for bytes in [Vec::new(), foreign, b"no database at all, but a text of some length".repeat(200)] {
        fs::write(&path, &bytes).unwrap();
        let told = commands::check(&config).await.unwrap_err().to_string();
        assert!(told.contains("restore"), "{told}");
        let told = refusal(&config, clock.clone()).await;
        assert!(told.contains("restore"), "{told}");
        assert!(commands::init(&config).await.is_err());
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_damaged_file_keeps_the_office_from_starting_in_words() {
    let (office, _kiosk, _) = office_with_request().await;
    let TestOffice { config, server, clock, _folder } = office;
    server.shutdown().await;
    let whole = fs::read(config.database_path()).unwrap();
    for page in [1, 3, 9, 20] {
        let mut bytes = whole.clone();
        bytes[page * 4096..page * 4096 + 200].fill(0xff);
        fs::write(config.database_path(), bytes).unwrap();
        let told = refusal(&config, clock.clone()).await;
        assert!(told.contains("istiqbal office restore"), "page {page}: {told}");
        match commands::check(&config).await {
            Ok(summary) => assert!(!summary.is_sound(), "page {page}: {summary:?}"),
            Err(error) => assert!(error.to_string().contains("istiqbal office restore"), "page {page}: {error}"),
        }
    }
}

/// The whole folder is an earlier copy, its count with it: only a kiosk knows.
#[tokio::test]
async fn an_earlier_copy_of_the_whole_folder_is_told_by_a_kiosk() {
    let (office, mut kiosk, _) = office_with_request().await;
    let places = tempfile::tempdir().unwrap();
    let earlier = places.path().join("office");
    super::damage::copy(&office.config.data, &earlier);
    let more = kiosk.request(2);
    let more = kiosk.seal(&Record::Request(more));
    kiosk.send(&[more]).await.unwrap();
    let cursor = kiosk.all_changes(None).await.cursor;
    let TestOffice { config, server, clock, _folder } = office;
    let replication_listen = server.replication_address;
    server.shutdown().await;
    let config = OfficeConfig { data: earlier, replication_listen, ..config };
    let server = start(&config, clock, AcceptRollback::No).await.unwrap();
    for _ in 0..2 {
        assert!(kiosk.all_changes(Some(cursor)).await.snapshot);
    }
    let mut reading = server.office().database.read().await.unwrap();
    let found = crate::office::database::findings::open(&mut reading, 10).await.unwrap();
    assert!(found.len() == 1 && found[0].text.contains("earlier copy"), "{found:?}");
    drop(reading);
    server.shutdown().await;
}
