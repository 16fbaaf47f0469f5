//! Nothing is sealed anew without a word: neither where a hand says that nothing was sealed, nor by an accepted rollback, a
//! restore or an update.

use std::fs;

use super::backups::{Keeper, back_up, start_again};
use super::damage_named::{beside, check, office_with_request, refusal, start};
use super::support::*;
use crate::domain::clock::{Clock, SharedClock};
use crate::domain::record::Record;
use crate::office::backup;
use crate::office::commands::{self, GivenPassword};
use crate::office::database::{Database, findings};
use crate::office::people::Role;
use crate::office::{AcceptRollback, OfficeConfig, verification};
use crate::seal::keys::{hex, sha256};

const CHANGED: &str = "UPDATE request SET answers = replace(answers, '1000000008', '1000000016')";

async fn found(database: &Database) -> Vec<String> {
    let found = findings::open(&mut database.read().await.unwrap(), 100).await.unwrap();
    found.into_iter().map(|finding| finding.text).collect()
}

fn names(found: &[String], what: &str) -> bool {
    found.iter().any(|text| text.contains(what))
}

#[tokio::test]
async fn a_running_office_seals_on_when_a_hand_says_that_nothing_is_sealed() {
    let (office, mut kiosk, _) = office_with_request().await;
    beside(&office.config, "UPDATE office SET key_check = NULL").await;
    beside(&office.config, CHANGED).await;
    let more = kiosk.request(2);
    let more = kiosk.seal(&Record::Request(more));
    kiosk.send(&[more]).await.unwrap();
    // A command beside it writes nothing over that.
    let clock: SharedClock = office.clock.clone();
    let password = GivenPassword::own(PASSWORD);
    let refused = commands::add_user(&office.config, &clock, "auditor", Role::Auditor, password).await.unwrap_err();
    assert!(refused.to_string().contains("--accept-rollback"), "{refused}");
    let summary = office.check().await;
    assert!(summary.count.contains("sealed") && summary.rows.contains("row 1 of request isn't as"), "{summary:?}");
    assert!(!summary.rows.contains("lost its seal") && !summary.is_sound(), "{summary:?}");
    let served = office.server.office();
    assert_eq!(verification::verify(served).await.unwrap(), 2);
    let named = found(&served.database).await;
    assert!(names(&named, "row 1 of request isn't as") && names(&named, "the rows were sealed"), "{named:?}");
    // The seals are healed: only the changed row is left.
    let summary = office.check().await;
    assert!(summary.count == "intact" && summary.rows == "row 1 of request isn't as it was written", "{summary:?}");
    assert_eq!(verification::verify(served).await.unwrap(), 0);
    let office = office.restarted().await;
    assert_eq!(office.check().await.rows, "row 1 of request isn't as it was written");
}

#[tokio::test]
async fn a_stopped_office_doesnt_start_when_a_hand_says_that_nothing_is_sealed() {
    let (office, _kiosk, _) = office_with_request().await;
    let TestOffice { config, server, clock, _folder } = office;
    server.shutdown().await;
    let whole = fs::read(config.database_path()).unwrap();
    for more in ["", ", commits = commits + 1", ", counted = 0", ", counted = 1"] {
        fs::write(config.database_path(), &whole).unwrap();
        beside(&config, &format!("UPDATE office SET key_check = NULL{more}")).await;
        beside(&config, CHANGED).await;
        let summary = check(&config).await;
        assert!(!summary.is_sound() && summary.count.contains("sealed"), "{more}: {summary:?}");
        assert!(summary.rows.contains("row 1 of request isn't as"), "{more}: {summary:?}");
        assert!(refusal(&config, clock.clone()).await.contains("--accept-rollback"));
    }
    // Accepted, the rows are sealed as they stand, and what was changed is named first.
    let server = start(&config, clock, AcceptRollback::Yes).await.unwrap();
    let named = found(&server.office().database).await;
    assert!(names(&named, "row 1 of request isn't as") && names(&named, "the rows were sealed"), "{named:?}");
    server.shutdown().await;
    let summary = check(&config).await;
    assert!(summary.is_sound(), "{summary:?}");
}

/// Gives the number of commits, the trail's length and head, and the incarnation.
pub async fn standing(database: &Database) -> (i64, i64, Vec<u8>, Vec<u8>) {
    sqlx::query_as("SELECT commits, trail_length, trail_head, incarnation FROM office")
        .fetch_one(&mut *database.read().await.unwrap())
        .await
        .unwrap()
}

/// Writes a count as an earlier program did, without a key: anybody could.
pub fn write_unproved_count(config: &OfficeConfig, (commits, length): (i64, i64), head: &[u8], incarnation: &[u8]) {
    let text = format!("istiqbal office count 1 {commits} {length} {} {} 0", hex(head), hex(incarnation));
    let line = format!("{text} {}\n", &hex(&sha256(&[text.as_bytes()]))[..16]);
    fs::write(config.data.join("office.sqlite.count"), line).unwrap();
}

#[tokio::test]
async fn a_count_without_a_proof_replaces_none_that_had_one() {
    let (office, _kiosk, _) = office_with_request().await;
    let TestOffice { config, server, clock, _folder } = office;
    let (commits, length, head, incarnation) = standing(&server.office().database).await;
    server.shutdown().await;
    write_unproved_count(&config, (commits, length), &head, &incarnation);
    let summary = check(&config).await;
    assert!(!summary.is_sound() && summary.count.contains("isn't this office's"), "{summary:?}");
    assert!(refusal(&config, clock.clone()).await.contains("--accept-rollback"));
    // With every trace taken away it passes for a restore without keys, which is said, too.
    beside(&config, CHANGED).await;
    beside(&config, "UPDATE office SET key_check = NULL, counted = 1").await;
    beside(&config, "DELETE FROM row_seal").await;
    let server = start(&config, clock, AcceptRollback::No).await.unwrap();
    let named = found(&server.office().database).await;
    assert!(names(&named, "nobody can tell"), "{named:?}");
    server.shutdown().await;
    assert!(check(&config).await.is_sound());
}

#[tokio::test]
async fn a_restore_names_what_was_changed_before_it_seals_it() {
    let (office, _kiosk, _) = office_with_request().await;
    office.person(Role::Reception).await;
    let keeper = Keeper::new();
    let config = keeper.named_in(&office.config);
    beside(&config, "UPDATE person SET role = 'administrator' WHERE role = 'reception'").await;
    let made = back_up(&office, &config).await;
    for with_keys in [true, false] {
        let places = tempfile::tempdir().unwrap();
        let restored = OfficeConfig { data: places.path().join("office"), ..config.clone() };
        let bring_key = || {
            let _ = fs::create_dir_all(&restored.data);
            let (from, to) = (config.data.join("office.seed"), restored.data.join("office.seed"));
            fs::copy(from, to).unwrap();
        };
        if with_keys {
            bring_key();
        }
        backup::restore(&restored, &made.path, keeper.opener(), office.clock.now()).await.unwrap();
        let clock: SharedClock = office.clock.clone();
        bring_key();
        let server = start_again(&restored, clock).await;
        let named = found(&server.office().database).await;
        let what = if with_keys { "of person isn't as it was written" } else { "nobody can tell" };
        assert!(named.len() == 1 && names(&named, what), "{named:?}");
        server.shutdown().await;
        let summary = check(&restored).await;
        assert!(summary.is_sound(), "{summary:?}");
    }
}
