//! A verification looks at everything: what can't be read hides nothing else.

use std::fs;

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::backups::{Keeper, back_up};
use super::damage_named::{beside, office_with_request, refusal};
use super::support::*;
use crate::domain::clock::{Clock, SetClock, SharedClock};
use crate::office::database::findings::{self, Kind};
use crate::office::database::{connect_options, summary};
use crate::office::{commands, verification};

#[tokio::test]
async fn a_value_that_cant_be_read_is_named_and_hides_nothing_else() {
    let (office, _kiosk, _) = office_with_request().await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    for statement in [
        "UPDATE trail SET action = CAST(x'ff61' AS TEXT) WHERE number = 2",
        "UPDATE kiosk SET proving_key = 7 WHERE number > 0",
        "UPDATE request SET answers = replace(answers, '1000000008', '1000000016')",
    ] {
        beside(&config, statement).await;
    }
    let summary = office.check().await;
    assert_eq!(summary.trail, "broken at entry 2");
    assert!(summary.rows.contains("row 1 of request isn't as"), "{summary:?}");
    assert!(summary.envelopes != "intact" && summary.requests == 1 && !summary.is_sound(), "{summary:?}");
    // A trail that somebody has touched is backed up like everything else.
    back_up(&office, &config).await;
    let served = office.server.office();
    verification::verify(served).await.unwrap();
    let mut reading = served.database.read().await.unwrap();
    let found = findings::open(&mut reading, 100).await.unwrap();
    for kind in [Kind::Trail, Kind::Envelopes, Kind::Row] {
        assert!(found.iter().any(|finding| finding.kind == kind), "{kind:?}: {found:?}");
    }
    assert!(found.iter().any(|finding| finding.text.contains("row 1 of request")), "{found:?}");
    assert_eq!(summary::verified_at(&mut reading).await.unwrap(), office.clock.now());
}

/// `office init` was killed before its tables were there.
#[tokio::test]
async fn an_init_that_was_broken_off_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path());
    commands::init(&config).await.unwrap();
    let database = config.database_path();
    let count = config.data.join("office.sqlite.count");
    let begin = async || {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", database.display()));
        }
        let options = connect_options(&database);
        SqliteConnection::connect_with(&options).await.unwrap().close().await.unwrap();
        assert_eq!(fs::metadata(&database).unwrap().len(), 4096);
    };
    begin().await;
    // With its count beside it, it was more.
    let clock: SharedClock = SetClock::at(at("2026-11-01T08:00:00Z"));
    let told = refusal(&config, clock.clone()).await;
    assert!(told.contains("gone"), "{told}");
    let told = commands::init(&config).await.unwrap_err().to_string();
    assert!(told.contains("gone"), "{told}");
    fs::remove_file(count).unwrap();
    begin().await;
    let told = refusal(&config, clock).await;
    assert!(told.contains("office init"), "{told}");
    commands::init(&config).await.unwrap();
    assert!(commands::check(&config).await.unwrap().is_sound());
}
