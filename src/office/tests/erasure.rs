//! Erasing a person: nothing personal is left anywhere, everything else still proves itself, and nothing comes back.

use std::collections::BTreeSet;
use std::fs;

use chrono::TimeDelta;

use super::backups::start_again;
use super::support::*;
use crate::domain::clock::SharedClock;
use crate::domain::documents::DocumentAnswer;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::{Decision, Event};
use crate::office::backup;
use crate::office::commands;
use crate::office::database::Database;
use crate::office::database::erasures::{Erased, Erasure};
use crate::office::database::trail::Actor;
use crate::office::erasure::{self, ErasureError, Ground};
use crate::office::keys::{Lock, Opener};
use crate::office::people::Role;
use crate::office::steps;
use crate::replication::wire::Change;
use crate::seal::envelope::{ERASED_BYTES, Envelope, ErasedEnvelope};
use crate::seal::paper_copy;

/// Whether a column holds something about a person who asks for support, or may.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    /// Erasing destroys it
    Personal,
    /// Ids, times, words of the program, numbers: nothing that says something of a person once the personal is gone
    NothingPersonal,
    /// About the staff or a kiosk, kept for the trail's sake
    OfTheOffice,
}
use Holds::{NothingPersonal as No, OfTheOffice as Office, Personal};

/// Every column of the database. **A new column gets its line here, and if it is personal its statement in
/// `database/erasures.rs`.**
const COLUMNS: &[(&str, &[(&str, Holds)])] = &[
    ("backup", &[("only_row", No), ("made_at", No), ("file", No), ("failed_at", No), ("failure", No), ("made", No)]),
    (
        "beneficiary",
        &[
            ("number", No),
            ("id", No),
            ("national_id", Personal),
            ("name_words", Personal),
            ("first_word", Personal),
            ("birth_date", Personal),
            ("merged_into", No),
            ("merged_at", No),
            ("belongs_to", No),
        ],
    ),
    ("beneficiary_word", &[("word", Personal), ("beneficiary", No)]),
    ("catalogue", &[("version", No), ("text", No), ("published_at", No), ("change", No), ("published_by", Office)]),
    ("change", &[("number", No), ("request", No)]),
    ("clock_known_wrong", &[("kiosk", No), ("ahead", No)]),
    ("clock_reference", &[("only_row", No), ("at", No), ("boot", No), ("uptime", No), ("seen_at", No)]),
    (
        "clock_statement",
        &[
            ("number", No),
            ("at", No),
            ("by_actor", Office),
            ("on_day", No),
            ("first_entry", No),
            ("last_entry", No),
            ("reason", Office),
            ("salt", No),
        ],
    ),
    (
        "clock_step",
        &[
            ("number", No),
            ("after_entry", No),
            ("expected_at", No),
            ("shown_at", No),
            ("across_boots", No),
            ("settled_at", No),
        ],
    ),
    (
        "loss",
        &[("kiosk", No), ("epoch", No), ("first_lost", No), ("last_lost", No), ("resumes_after", No), ("reached", No)],
    ),
    (
        "envelope",
        &[
            ("header_hash", No),
            ("kiosk", No),
            ("epoch", No),
            ("sequence", No),
            ("previous", No),
            ("rooted", No),
            ("damage", No),
            ("bytes", Personal),
            ("received_at", No),
            ("aside", No),
            ("request", No),
            ("tracking_number", No),
            ("erased_at", No),
            ("backed_up", No),
        ],
    ),
    ("committee_aside", &[("session", No), ("request", No), ("member", Office)]),
    (
        "committee_case",
        &[
            ("session", No),
            ("request", No),
            ("tracking_number", No),
            ("service", No),
            ("place", No),
            ("decision", No),
            ("decided_at", No),
            ("decided_by", Office),
            ("took_part", Office),
            ("looks_again", No),
            ("earlier", No),
            ("anew_because", Personal),
            ("reason", Personal),
            ("granted", Personal),
            ("salt", Personal),
            // Without their salt they say nothing; the minutes' seal needs them
            ("anew_because_hash", No),
            ("reason_hash", No),
            ("granted_hash", No),
        ],
    ),
    (
        "committee_member",
        &[("session", Office), ("id", Office), ("person", Office), ("name", Office), ("present", Office)],
    ),
    (
        "committee_session",
        &[
            ("id", No),
            ("number", No),
            ("on_day", No),
            ("quorum", No),
            ("version", No),
            ("sealed_at", No),
            ("sealed_by", Office),
            ("seal", No),
        ],
    ),
    ("erasure", &[("request", No), ("tracking_number", No), ("at", No)]),
    ("heartbeat", &[("kiosk", Office), ("at", Office), ("heartbeat", Office)]),
    ("invite", &[("code_hash", Office), ("expires_at", Office), ("kiosk", Office)]),
    (
        "kiosk",
        &[
            ("number", Office),
            ("name", Office),
            ("tls_pin", Office),
            ("proving_key", Office),
            ("receipt_key", Office),
            ("first_epoch", Office),
            ("enrolled_at", Office),
            ("last_seen_at", Office),
            ("revoked_at", Office),
            ("after_revocation", Office),
            ("witnessed_at", Office),
            ("witnessed_on", Office),
        ],
    ),
    ("kiosk_epoch", &[("number", Office), ("kiosk", Office), ("epoch", Office)]),
    ("passed_over", &[("kiosk", Office), ("hash", Office), ("at", Office), ("cause", Office)]),
    (
        "kiosk_knock",
        &[
            ("tls_pin", Office),
            ("number", Office),
            ("name", Office),
            ("proving_key", Office),
            ("first_epoch", Office),
            ("receipt_key", Office),
            ("proved", Office),
            ("first_at", Office),
            ("last_at", Office),
        ],
    ),
    ("kiosk_report", &[("header_hash", Office), ("kiosk", Office), ("at", Office), ("report", Office)]),
    (
        "office",
        &[
            ("only_row", No),
            ("incarnation", No),
            ("last_change", No),
            ("trail_length", No),
            ("trail_head", No),
            ("watched_at", No),
            ("commits", No),
            ("counted", No),
            ("key_check", No),
            ("verified_at", No),
        ],
    ),
    ("row_seal", &[("table_name", No), ("page", No), ("seals", No)]),
    ("sealing_key", &[("number", No), ("id", No)]),
    (
        "finding",
        &[
            ("id", No),
            ("kind", No),
            ("table_name", No),
            ("row_number", No),
            ("request", No),
            ("found_at", No),
            ("text", No),
            ("settled_at", No),
            ("settled_by", Office),
        ],
    ),
    (
        "person",
        &[
            ("id", Office),
            ("name", Office),
            ("role", Office),
            ("password", Office),
            ("added_at", Office),
            ("disabled_at", Office),
            ("password_is_initial", Office),
            ("last_seen_at", Office),
            ("full_name", Office),
        ],
    ),
    ("known_browser", &[("token_hash", Office), ("person", Office), ("signed_in_at", Office)]),
    ("recovery_code", &[("code_hash", Office), ("person", Office)]),
    (
        "second_factor",
        &[
            ("person", Office),
            ("secret", Office),
            ("confirmed_at", Office),
            ("last_step", Office),
            ("wrong_codes", Office),
        ],
    ),
    ("second_factor_offer", &[("person", Office), ("secret", Office), ("offered_at", Office), ("session", Office)]),
    ("possible_double", &[("one", No), ("other", No), ("why", No), ("settled", No)]),
    (
        "notice",
        &[
            ("id", No),
            ("request", No),
            ("kind", No),
            ("made_at", No),
            ("due_at", No),
            ("state", No),
            ("why", No),
            ("attempts", No),
        ],
    ),
    (
        "notice_attempt",
        &[("notice", No), ("number", No), ("at", No), ("outcome", No), ("status", No), ("answer", Personal)],
    ),
    ("notice_call", &[("number", No), ("request", No), ("at", No), ("actor", Office), ("outcome", No)]),
    ("notice_message", &[("notice", No), ("at", No), ("kiosk", No), ("mobile", Personal)]),
    ("notice_contact", &[("request", No), ("call_from", No)]),
    ("notice_wrong_mobile", &[("request", No), ("mobile", Personal)]),
    ("status_page_count", &[("day", No), ("shown", No), ("refused", No)]),
    ("print", &[("id", No), ("tracking_number", No), ("kiosk", No), ("at", No), ("print", Personal)]),
    (
        "privacy_ask",
        &[
            ("id", No),
            ("request", No),
            // NULL once nothing of the person is left
            ("beneficiary", No),
            ("kind", No),
            ("channel", No),
            ("received_on", No),
            ("entered_at", No),
            ("entered_by", Office),
            ("identity_checked_by", Office),
            ("answered_at", No),
            ("answered_by", Office),
            ("answer", No),
            ("reason", Personal),
            ("salt", Personal),
        ],
    ),
    ("rating", &[("id", No), ("service", No), ("iso_week", No), ("face", No), ("reasons", No)]),
    ("rating_batch", &[("id", No), ("damaged", No)]),
    (
        "request",
        &[
            ("day_in_doubt", No),
            ("kept_from", No),
            ("id", No),
            ("arrival", No),
            ("tracking_number", No),
            ("kiosk", No),
            ("received_on", No),
            ("registered_at", No),
            ("arrived_at", No),
            ("service", No),
            ("category", Personal),
            ("channel", No),
            ("beneficiary", No),
            ("language", No),
            ("catalogue_version", No),
            ("declaration_version", No),
            ("privacy_notice_version", No),
            ("policy_version", No),
            ("answers", Personal),
            ("name_normalised", Personal),
            ("stage", No),
            ("documents_complete", No),
            ("erased_at", No),
            ("decided_on", No),
            ("objected_on", No),
            ("registered_as", No),
            ("belongs_to", No),
            ("doubt", No),
        ],
    ),
    (
        "request_note",
        &[
            ("id", No),
            ("request", No),
            ("at", No),
            ("author", Office),
            ("text", Personal),
            ("salt", Personal),
            ("withdrawn_at", No),
        ],
    ),
    ("request_document", &[("request", No), ("document", Personal), ("said", Personal)]),
    (
        "request_event",
        &[
            ("number", No),
            ("request", No),
            ("event", Personal),
            ("at", No),
            ("on_day", No),
            ("actor", Office),
            ("reason", Personal),
            ("salt", Personal),
        ],
    ),
    (
        "retention",
        &[
            ("request", No),
            ("announced_on", No),
            ("held_at", No),
            ("held_by", Office),
            ("reason", Personal),
            ("salt", Personal),
        ],
    ),
    (
        "correction",
        &[
            ("form", No),
            ("request", No),
            ("question", No),
            ("at", No),
            ("actor", Office),
            ("was", Personal),
            ("becomes", Personal),
            ("reason", Personal),
            ("salt", Personal),
        ],
    ),
    // Numbers that were given are never given again: kept for ever, and of nobody once their request is erased.
    ("desk_number", &[("tracking_number", No)]),
    ("desk_registration", &[("request", No), ("actor", Office), ("at", No), ("declaration", No)]),
    ("schema_version", &[("version", No)]),
    (
        "session",
        &[("token_hash", Office), ("person", Office), ("begun_at", Office), ("used_at", Office), ("owes", Office)],
    ),
    ("signature", &[("request", No), ("kiosk", No), ("strokes", Personal)]),
    (
        "staff_call",
        &[
            ("id", No),
            ("kiosk", No),
            ("place", No),
            ("language", No),
            ("called_at", No),
            ("last_asked_at", No),
            ("ended_at", No),
            ("coming_at", No),
        ],
    ),
    ("taken_form", &[("id", No), ("at", No)]),
    (
        "upload",
        &[
            ("id", No),
            ("request", No),
            ("document", Personal),
            ("kind", No),
            ("bytes", No),
            ("parts", No),
            ("sealing_key", No),
            ("sealed_name", Personal),
            ("salt", Personal),
            ("hash", Personal),
            ("added_at", No),
            ("added_by", Office),
        ],
    ),
    ("upload_part", &[("upload", No), ("number", No), ("sealed", Personal)]),
    // A suggestion belongs to no request: nobody but its writer knows whose it is.
    ("erased_suggestion", &[("header_hash", No), ("at", No)]),
    // Its text may name somebody, but stands in nobody's file: it is erased by itself
    ("suggestion", &[("header_hash", No), ("kiosk", No), ("at", No), ("text", No), ("announced_on", No)]),
    (
        "trail",
        &[
            ("number", No),
            ("at", No),
            ("actor", Office),
            ("action", No),
            ("subject", No),
            ("details", No),
            ("previous", No),
            ("hash", No),
        ],
    ),
    (
        "waiting_document",
        &[
            ("header_hash", No),
            ("tracking_number", No),
            ("document", Personal),
            ("at", No),
            ("on_day", No),
            ("kiosk", No),
        ],
    ),
];

#[tokio::test]
async fn whether_a_column_is_personal_is_said_of_every_one() {
    let office = TestOffice::start().await;
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT tables.name, columns.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut *reading)
    .await
    .unwrap();
    let found: BTreeSet<(String, String)> = found.into_iter().collect();
    let said: BTreeSet<(String, String)> = COLUMNS
        .iter()
        .flat_map(|(table, columns)| columns.iter().map(|(column, _)| ((*table).to_owned(), (*column).to_owned())))
        .collect();
    let new: Vec<_> = found.difference(&said).collect();
    let gone: Vec<_> = said.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "say in COLUMNS whether these are personal, and erase them in database/erasures.rs: {new:?}; gone: {gone:?}"
    );
    // Each personal column's table is named where erasing is done.
    let statements = include_str!("../database/erasures.rs");
    for (table, columns) in COLUMNS {
        if columns.iter().any(|(_, holds)| *holds == Personal) {
            let elsewhere = match *table {
                "envelope" => "envelopes::erase_about(",
                "committee_case" => "committee_cases::erase(",
                "notice_attempt" | "notice_wrong_mobile" => "notices::erase(",
                "upload" | "upload_part" => "uploads::erase(",
                "request_note" => "notes::erase(",
                "beneficiary" | "beneficiary_word" => "persons::refresh(",
                _ => "none",
            };
            let is_named = statements.contains(elsewhere)
                || ["DELETE FROM ", "UPDATE "].iter().any(|verb| statements.contains(&format!("{verb}{table} ")));
            assert!(is_named, "nothing erases {table}");
        }
    }
}

const NAME: &str = "نورة بنت سعد القحطاني";
const REASON: &str = "تحتاج الأسرة إلى دراسة ثانية";

/// An office with one request of which everything is there, and another's beside it.
async fn office_with_a_whole_file() -> (TestOffice, TestKiosk, Request, Vec<Vec<u8>>) {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut request = kiosk.request(1_234_567);
    request.documents.insert("medical_report".into(), DocumentAnswer::Later);
    let number = request.tracking_number;
    let print = Print {
        tracking_number: number,
        printout: Printout::Receipt,
        language: request.language,
        outcome: Outcome::Confirmed,
    };
    let brought = Record::DocumentsBrought { tracking_number: number, documents: vec!["medical_report".to_owned()] };
    let records = [signature(request.id), Record::Request(request.clone()), Record::Printed(print), brought];
    let sealed: Vec<Vec<u8>> = records.iter().map(|record| kiosk.seal(record)).collect();
    kiosk.send(&sealed).await.unwrap();
    let other = kiosk.request(7_654_321);
    let others = [kiosk.seal(&signature(other.id)), kiosk.seal(&Record::Request(other))];
    kiosk.send(&others).await.unwrap();
    office.clock.advance(TimeDelta::days(20));
    let refused = Event::Decided { decision: Decision::Refused, session: None };
    steps::take(office.server.office(), &Actor::Command, request.id, &refused, Some(REASON)).await.unwrap();
    (office, kiosk, request, sealed)
}

async fn erase(office: &TestOffice, request: &Request) -> Result<(), ErasureError> {
    let database = &office.server.office().database;
    let writing = database.write().await.unwrap();
    let now = office.server.office().clock.now();
    let place = erasure::Place::of(office.server.office());
    erasure::erase(writing, place, &[request.id], Ground::Ask, (now, &Actor::Command)).await
}

/// Where in the database's files a text stands, in UTF-8 or UTF-16.
pub fn found_in_files(office: &TestOffice, text: &str) -> Vec<String> {
    let utf_16: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let mut found = Vec::new();
    for entry in fs::read_dir(&office.config.data).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_file() {
            continue;
        }
        let bytes = fs::read(entry.path()).unwrap();
        for form in [text.as_bytes(), &little, &big] {
            if bytes.windows(form.len()).any(|window| window == form) {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_left_and_everything_else_still_proves_itself() {
    let (office, mut kiosk, request, sealed) = office_with_a_whole_file().await;
    // The other's name must go on standing there, so the erased one's is made its own by what is only this one's.
    let sealed_part = &sealed[1][sealed[1].len() - 60..];
    let before = office.check().await;
    assert!(before.is_sound());
    assert!(!found_in_files(&office, REASON).is_empty() && !found_in_files(&office, "medical_report").is_empty());
    let cursor = kiosk.changes(None).await.cursor;
    erase(&office, &request).await.unwrap();
    assert!(matches!(erase(&office, &request).await, Err(ErasureError::ErasedBefore)));

    assert_eq!(found_in_files(&office, REASON), Vec::<String>::new());
    let bytes = fs::read(office.config.database_path()).unwrap();
    assert!(!bytes.windows(sealed_part.len()).any(|window| window == sealed_part), "its envelope can't be opened");
    let after = office.check().await;
    assert!(after.is_sound(), "{after:?}");
    assert_eq!((after.requests, after.erased, after.gaps, after.forks), (2, 1, 0, 0));
    let changes = kiosk.changes(Some(cursor)).await.changes;
    assert_eq!(changes, [Change::Forget { tracking_number: request.tracking_number }]);

    let database = &office.server.office().database;
    let mut reading = database.read().await.unwrap();
    let id = request.id.to_string();
    let row: (String, String, Option<String>, String, String) =
        sqlx::query_as("SELECT answers, name_normalised, category, stage, tracking_number FROM request WHERE id = $1")
            .bind(&id)
            .fetch_one(&mut *reading)
            .await
            .unwrap();
    assert_eq!((row.1.as_str(), row.2, row.3.as_str()), ("", None, "refused"), "the figures stay");
    assert!(!row.0.contains(NAME) && row.4 == request.tracking_number.to_string());
    for (table, column) in [("signature", "request"), ("request_document", "request")] {
        let statement = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1");
        let left: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(&id).fetch_one(&mut *reading).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    let lengths: Vec<i64> =
        sqlx::query_scalar("SELECT LENGTH(bytes) FROM envelope WHERE request = $1 OR tracking_number = $2")
            .bind(&id)
            .bind(request.tracking_number.to_string())
            .fetch_all(&mut *reading)
            .await
            .unwrap();
    assert_eq!(lengths, vec![ERASED_BYTES as i64; 4], "signature, request, print and brought documents");
    drop(reading);

    // The chain goes on.
    let next = kiosk.seal(&Record::Suggestion { text: "شكراً".into() });
    let held = kiosk.send(&[next]).await.unwrap().held[0];
    assert_eq!(held.head, kiosk.next.previous);
    assert!(office.check().await.is_sound());
}

/// The same person has one request only: then the name itself must be nowhere.
#[tokio::test]
async fn the_name_stands_in_no_file_any_more() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1);
    let sealed = [kiosk.seal(&signature(request.id)), kiosk.seal(&Record::Request(request.clone()))];
    kiosk.send(&sealed).await.unwrap();
    let words = [NAME, "القحطاني", "1000000008", "+966500000000", "نوره بنت سعد"];
    assert!(words[..4].iter().all(|word| !found_in_files(&office, word).is_empty()), "they stand there before");
    erase(&office, &request).await.unwrap();
    for word in words {
        assert_eq!(found_in_files(&office, word), Vec::<String>::new(), "{word}");
    }
    let mut browser = office.browser(Role::Manager).await;
    let pages =
        [format!("/requests/{}", request.id), "/requests?list=all".into(), "/requests/export/csv?list=all".into()];
    let pages = blocking(move || pages.map(|path| browser.get(&path))).await;
    for page in pages {
        let text = page.text();
        assert!(page.status == 200 && !text.contains(NAME) && !text.contains("القحطاني"));
        assert!(text.contains("بيانات محذوفة"), "what stands where the name stood: {text}");
    }
}

#[tokio::test]
async fn what_a_kiosk_sends_again_of_an_erased_request_is_acknowledged_and_makes_none() {
    let (office, kiosk, request, sealed) = office_with_a_whole_file().await;
    erase(&office, &request).await.unwrap();
    // The same envelopes are known; in another epoch, as by a kiosk that began anew, they are not.
    kiosk.send(&sealed).await.unwrap();
    let mut anew = TestKiosk {
        next: crate::seal::envelope::Place { epoch: crate::seal::envelope::Epoch::random(), sequence: 0, ..kiosk.next },
        ..kiosk.clone()
    };
    let brought = Record::DocumentsBrought {
        tracking_number: request.tracking_number,
        documents: vec!["medical_report".to_owned()],
    };
    let records = [signature(request.id), Record::Request(request.clone()), brought];
    let again: Vec<Vec<u8>> = records.iter().map(|record| anew.seal(record)).collect();
    let held = anew.send(&again).await.unwrap().held[0];
    assert_eq!((held.sequence, held.head), (2, anew.next.previous), "acknowledged like all others");
    let summary = office.check().await;
    assert!(summary.is_sound(), "{summary:?}");
    assert_eq!((summary.requests, summary.damaged, summary.erased), (2, 0, 1));
    assert!(found_in_files(&office, REASON).is_empty());
    let database = &office.server.office().database;
    let mut reading = database.read().await.unwrap();
    let whole: Vec<Vec<u8>> = sqlx::query_scalar("SELECT bytes FROM envelope WHERE request = $1")
        .bind(request.id.to_string())
        .fetch_all(&mut *reading)
        .await
        .unwrap();
    assert!(whole.iter().all(|bytes| ErasedEnvelope::decode(bytes).is_ok()));
    drop(reading);
    // Nor by its paper copy.
    let copy = paper_copy::to_digits(&again[1]).unwrap();
    let mut browser = office.browser(Role::Manager).await;
    let page = blocking(move || browser.post_from("/", "/", &[("scan", &copy)])).await;
    assert!(page.status != 303 && page.text().contains("حُذفت بيانات هذا الطلب"), "{}", page.text());
    assert_eq!(office.check().await.requests, 2);
}

#[tokio::test]
async fn a_restore_does_not_bring_the_erased_back() {
    let (office, kiosk, request, sealed) = office_with_a_whole_file().await;
    let words = "correct horse battery staple";
    let lock = Lock::passphrase(words.into()).unwrap();
    let clock: SharedClock = office.clock.clone();
    let made = commands::back_up(&office.config, &clock, Some(lock)).await.unwrap();
    erase(&office, &request).await.unwrap();
    let TestOffice { config, server, clock, _folder } = office;
    server.shutdown().await;
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", config.database_path().display()));
    }
    let shared: SharedClock = clock.clone();
    let restored = backup::restore(&config, &made.path, Opener::passphrase(words.into()), shared.now()).await.unwrap();
    assert_eq!(restored.erased_again, 1);
    let summary = commands::check(&config).await.unwrap();
    assert!(summary.is_sound() && summary.erased == 1, "{summary:?}");
    let bytes = fs::read(config.database_path()).unwrap();
    assert!(!bytes.windows(REASON.len()).any(|window| window == REASON.as_bytes()));

    // Nor does a database that somebody put there by hand, when the office is started.
    let folder = tempfile::tempdir().unwrap();
    let other = crate::office::OfficeConfig { data: folder.path().join("office"), ..config.clone() };
    backup::restore(&other, &made.path, Opener::passphrase(words.into()), shared.now()).await.unwrap();
    assert_eq!(commands::check(&other).await.unwrap().erased, 0, "there the log is not");
    for end in ["", ".count"] {
        let path = |config: &crate::office::OfficeConfig| format!("{}{end}", config.database_path().display());
        fs::copy(path(&other), path(&config)).unwrap();
    }
    let server = start_again(&config, shared).await;
    let summary = commands::check(&config).await.unwrap();
    assert!(summary.is_sound() && summary.erased == 1, "{summary:?}");
    server.shutdown().await;
    drop((kiosk, sealed));
}

/// After a crash between the log and the database, the next start carries out what was promised.
#[tokio::test]
async fn what_the_log_says_is_carried_out_at_the_next_start() {
    let (office, kiosk, request, _) = office_with_a_whole_file().await;
    let log = office.server.office().erased_log.clone();
    let at = office.server.office().clock.now();
    let what = Erased::Request { request: request.id, tracking_number: request.tracking_number };
    log.append(&[Erasure { what, at }]).unwrap();
    let TestOffice { config, server, clock, _folder } = office;
    server.shutdown().await;
    let server = start_again(&config, clock.clone()).await;
    let summary = commands::check(&config).await.unwrap();
    assert!(summary.is_sound() && summary.erased == 1, "{summary:?}");
    server.shutdown().await;
    // A log that was lost is written again from what the database knows.
    fs::remove_file(config.data.join("erased.log")).unwrap();
    let server = start_again(&config, clock.clone()).await;
    assert_eq!(log.read_own().unwrap().erasures.len(), 1);
    server.shutdown().await;
    let mut bytes = fs::read(config.data.join("erased.log")).unwrap();
    bytes.extend_from_slice(b"1 17935200");
    fs::write(config.data.join("erased.log"), bytes).unwrap();
    assert!(commands::check(&config).await.unwrap().erased_log.starts_with("1 line"));
    drop(kiosk);
}

/// Nobody was told that it is erased, so that the next start must not erase it.
#[tokio::test]
async fn an_erasure_that_fails_is_not_carried_out_later() {
    let (office, kiosk, request, _) = office_with_a_whole_file().await;
    let database = sqlx::SqlitePool::connect(office.config.database_path().to_str().unwrap()).await.unwrap();
    let trigger = "CREATE TRIGGER refusing BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'refused'); END";
    sqlx::query(trigger).execute(&database).await.unwrap();
    assert!(matches!(erase(&office, &request).await, Err(ErasureError::Database(_))));
    sqlx::query("DROP TRIGGER refusing").execute(&database).await.unwrap();
    database.close().await;
    assert_eq!(office.server.office().erased_log.read_own().unwrap().erasures, []);
    let office = office.restarted().await;
    assert_eq!(office.check().await.erased, 0);
    erase(&office, &request).await.unwrap();
    assert_eq!(office.check().await.erased, 1);
    drop(kiosk);
}

/// An open request is withdrawn by being erased, so that no reply is owed to nobody; steps are refused afterwards.
#[tokio::test]
async fn an_erased_request_stands_in_no_list_and_takes_no_step() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1);
    let sealed = kiosk.seal(&Record::Request(request.clone()));
    let envelope = Envelope::decode(&sealed).unwrap();
    kiosk.send(&[sealed]).await.unwrap();
    office.clock.advance(TimeDelta::days(20));
    erase(&office, &request).await.unwrap();
    let database = &office.server.office().database;
    let stage: String =
        sqlx::query_scalar("SELECT stage FROM request").fetch_one(&mut *database.read().await.unwrap()).await.unwrap();
    assert_eq!(stage, "withdrawn");
    let mut browser = office.browser(Role::Manager).await;
    let path = format!("/requests/{}", request.id);
    let statuses = blocking(move || {
        [("decision", "decision", "accepted"), ("documents", "step", "verified"), ("receipt", "x", "x")]
            .map(|(form, field, value)| browser.post_from("/", &format!("{path}/{form}"), &[(field, value)]).status)
    })
    .await;
    assert_eq!(statuses, [410; 3]);
    assert_eq!(envelope.header.kiosk, kiosk.enrolled.kiosk);
}
