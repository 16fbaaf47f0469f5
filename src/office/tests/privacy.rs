//! Retention, and the trail's page: as people see them. Who may open what of both, and of the data rights (`rights.rs`).

use chrono::TimeDelta;

use super::rights::{office_with_request, person_of};
use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::record::Record;
use crate::office::people::{Permission, Role};
use crate::office::retention;
use crate::replication::wire::{CHANGES_PATH, Changes, Witness};
use crate::seal::keys::{hex, random};

#[tokio::test]
async fn what_is_over_is_announced_held_back_and_then_erased() {
    let (office, mut kiosk, request) = office_with_request().await;
    let (other, open) = (kiosk.request(2), kiosk.request(3));
    let more = [kiosk.seal(&Record::Request(other.clone())), kiosk.seal(&Record::Request(open))];
    kiosk.send(&more).await.unwrap();
    office.clock.advance(TimeDelta::days(20));
    let mut manager = office.browser(Role::Manager).await;
    for one in [&request, &other] {
        let event = crate::domain::stage::Event::Withdrawn;
        office.server.take_step(one.tracking_number, &event).await.unwrap();
    }
    let running = office.server.office().clone();
    let done = async || retention::carry_out(&running).await.map(|done| (done.announced, done.erased)).unwrap();
    // Withdrawn on 2026-11-21; five years are over on 2031-11-21, and a month before that it is told.
    office.clock.advance(at("2031-10-21T08:00:00Z") - office.clock.now());
    assert_eq!(done().await, (0, 0));
    office.clock.advance(TimeDelta::days(1));
    assert_eq!(done().await, (2, 0));
    assert_eq!(done().await, (0, 0), "told once");
    let (id, held) = (request.id.to_string(), other.id.to_string());
    blocking(move || {
        manager = manager.signed_in("manager", PASSWORD);
        assert!(manager.get("/").text().contains("انتهت مدة حفظهما"));
        let page = manager.get("/privacy/retention").text();
        assert!(page.contains(&id) && page.contains(&held));
        let path = format!("/privacy/retention/{held}");
        assert_eq!(manager.post_from("/privacy/retention", &path, &[("step", "hold")]).status, 422);
        let reason = [("step", "hold"), ("reason", "دعوى لم تنتهِ")];
        for _ in 0..2 {
            assert_eq!(manager.post_from("/privacy/retention", &path, &reason).status, 303);
        }
        assert!(manager.get("/privacy/retention").text().contains("دعوى لم تنتهِ"));
    })
    .await;
    office.clock.advance(TimeDelta::days(29));
    assert_eq!(done().await, (0, 0));
    office.clock.advance(TimeDelta::days(1));
    assert_eq!(done().await, (0, 1), "the one that is held back stays");
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.erased == 1 && summary.requests == 3, "{summary:?}");
    // Let go, it is told anew: nobody is surprised.
    let mut manager = office.browser(Role::Manager).await;
    let path = format!("/privacy/retention/{}", other.id);
    blocking(move || {
        assert_eq!(manager.post_from("/privacy/retention", &path, &[("step", "let_go")]).status, 303);
    })
    .await;
    assert_eq!(done().await, (0, 0));
    office.clock.advance(TimeDelta::days(30));
    assert_eq!(done().await, (0, 1));
    assert_eq!(office.check().await.erased, 2, "the open one is never touched");
}

/// A clock that is years ahead for a moment destroys nothing.
#[tokio::test]
async fn a_clock_that_jumps_erases_nobody() {
    let (office, _kiosk, request) = office_with_request().await;
    office.clock.advance(TimeDelta::days(20));
    office.server.take_step(request.tracking_number, &crate::domain::stage::Event::Withdrawn).await.unwrap();
    let running = office.server.office().clone();
    let years = TimeDelta::days(40 * 365);
    for by in [years, -years] {
        office.clock.turn(by);
        let done = retention::carry_out(&running).await.unwrap();
        assert_eq!((done.announced, done.erased), (0, 0));
    }
    // It is told in its time.
    office.clock.advance(TimeDelta::days(5 * 366));
    let done = retention::carry_out(&running).await.unwrap();
    assert_eq!((done.announced, done.erased), (1, 0));
    office.clock.advance(TimeDelta::days(30));
    let done = retention::carry_out(&running).await.unwrap();
    assert_eq!((done.announced, done.erased), (0, 1));
}

#[tokio::test]
async fn the_trail_s_page_filters_pages_and_verifies() {
    let (office, _kiosk, request) = office_with_request().await;
    let id = request.id.to_string();
    let reception = office.browser(Role::Reception).await;
    let mut auditor = office.browser(Role::Auditor).await;
    let path = office.config.database_path();
    let page = blocking(move || {
        let mut reception = reception;
        for _ in 0..60 {
            assert_eq!(reception.get(&format!("/requests/{id}")).status, 200);
        }
        assert_eq!(reception.get("/trail").status, 403);
        assert_eq!(reception.post_from("/", "/trail/verification", &[]).status, 403);
        let page = auditor.get("/trail").text();
        assert_eq!(page.matches("<th scope=\"row\">").count(), 50);
        let older = page.split("href=\"/trail?before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(auditor.get(&format!("/trail?before={older}")).text().contains("<th scope=\"row\">"));
        let of_request =
            auditor.get(&format!("/trail?subject={id}&action=request%20opened&from=2026-11-01&to=2026-11-01"));
        assert_eq!(of_request.text().matches("<th scope=\"row\">").count(), 50);
        assert!(of_request.text().contains("reception"));
        let none = auditor.get("/trail?from=2027-01-01").text();
        assert!(!none.contains("<th scope=\"row\">"));
        for hostile in ["before=x", "before=-5", "from=0000", "subject=%27%3BDROP", "actor=%3Cscript%3E", "action=%00"]
        {
            let answer = auditor.get(&format!("/trail?{hostile}"));
            assert!(answer.status < 500 && !answer.text().contains("<script>"), "{hostile}: {}", answer.status);
        }
        // Each look is an entry.
        assert!(auditor.get("/trail?action=trail%20opened").text().matches("<th scope=\"row\">").count() >= 4);
        let whole = auditor.post_from("/trail", "/trail/verification", &[]).text();
        assert!(whole.contains("السجل سليم"), "{whole}");
        auditor
    })
    .await;
    // A row that somebody changes, removes, reorders or appends by hand is found, by the page and by `office check`.
    let database = sqlx::SqlitePool::connect(path.to_str().unwrap()).await.unwrap();
    for (change, back) in [
        (
            "UPDATE trail SET actor = 'person:nobody' WHERE number = 3",
            "UPDATE trail SET actor = 'kiosk:1' WHERE number = 3",
        ),
        ("UPDATE trail SET number = -1 WHERE number = 4", "UPDATE trail SET number = 4 WHERE number = -1"),
        (
            "UPDATE trail SET number = CASE number WHEN 5 THEN -6 ELSE -5 END WHERE number IN (5, 6)",
            "UPDATE trail SET number = CASE number WHEN -6 THEN 5 ELSE 6 END WHERE number IN (-5, -6)",
        ),
        (
            "INSERT INTO trail SELECT number + 1, at, actor, action, subject, details, hash, hash FROM trail
             ORDER BY number DESC LIMIT 1",
            "DELETE FROM trail WHERE number = (SELECT MAX(number) FROM trail)",
        ),
    ] {
        let actor: String =
            sqlx::query_scalar("SELECT actor FROM trail WHERE number = 3").fetch_one(&database).await.unwrap();
        sqlx::query(change).execute(&database).await.unwrap();
        let summary = office.check().await;
        assert!(summary.trail.starts_with("broken at entry ") && !summary.is_sound(), "{change}: {}", summary.trail);
        sqlx::query(back).execute(&database).await.unwrap();
        sqlx::query("UPDATE trail SET actor = $1 WHERE number = 3").bind(actor).execute(&database).await.unwrap();
        assert_eq!(office.check().await.trail, "intact", "{back}");
    }
    sqlx::query("DELETE FROM trail WHERE number = 7").execute(&database).await.unwrap();
    database.close().await;
    let mut auditor = page;
    let broken = blocking(move || auditor.post_from("/trail", "/trail/verification", &[])).await;
    assert!(broken.text().contains("السجل ليس كما كُتب"), "{}", broken.text());
}

/// The forms of the register ask for the permission that shows them, whoever makes them.
#[tokio::test]
async fn each_role_reaches_only_what_it_may() {
    let (office, _kiosk, request) = office_with_request().await;
    let id = request.id.to_string();
    let ask = hex(&random::<16>());
    for role in Role::ALL {
        let mut browser = office.browser(role).await;
        let (id, ask) = (id.clone(), ask.clone());
        blocking(move || {
            let person = person_of(&mut browser, &id);
            let may = |permission: Permission| role.may(permission);
            let home = browser.get("/").text();
            for (path, permission) in [
                ("/privacy".to_owned(), Permission::AnswerPrivacyAsks),
                ("/privacy/retention".to_owned(), Permission::AnswerPrivacyAsks),
                (format!("/persons/{person}/data"), Permission::AnswerPrivacyAsks),
                (format!("/persons/{person}/data.json"), Permission::AnswerPrivacyAsks),
                ("/trail".to_owned(), Permission::ReadTrail),
            ] {
                let expected = if may(permission) { 200 } else { 403 };
                assert_eq!(browser.get(&path).status, expected, "{role} {path}");
                if matches!(path.as_str(), "/privacy" | "/trail") {
                    let link = format!("href=\"{path}\"");
                    assert_eq!(home.contains(&link), may(permission), "{role} {path}");
                }
            }
            for path in [
                "/privacy".to_owned(),
                format!("/privacy/asks/{ask}/identity"),
                format!("/privacy/asks/{ask}/answer"),
                format!("/privacy/asks/{ask}/erasure"),
                format!("/privacy/retention/{id}"),
            ] {
                let status = browser.post_from("/", &path, &[("confirmed", "yes")]).status;
                let expected = if may(Permission::AnswerPrivacyAsks) { [403, 404] } else { [403, 403] };
                assert!(expected.contains(&status), "{role} {path}: {status}");
            }
        })
        .await;
    }
    assert_eq!(office.check().await.erased, 0);
}

/// Whoever may write the database computes all hashes anew: the trail itself is whole then, but kiosks remember.
#[tokio::test]
async fn a_trail_that_was_written_anew_is_noticed_by_what_kiosks_kept() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let text = |text: &str| Record::Suggestion { text: text.into() };
    let first = kiosk.seal(&text("1"));
    let head = kiosk.send(&[first]).await.unwrap().trail_head;
    let witness = Witness { day: "2026-11-01".parse().unwrap(), trail_head: head };
    assert_eq!(Witness::parse(&witness.to_string()), Some(witness));
    office.clock.advance(TimeDelta::days(1));
    let second = kiosk.seal(&text("2"));
    kiosk.send(&[second]).await.unwrap();
    let cursor = kiosk.all_changes(None).await.cursor;
    let show = async |witness: &str| {
        let incarnation = hex(&cursor.incarnation.0);
        let query = format!("after={}&incarnation={incarnation}&at_once=true&witness={witness}", cursor.change);
        let _: Changes = ask(&kiosk.keys, &kiosk.invite, "GET", &format!("{CHANGES_PATH}?{query}"), &()).await.unwrap();
    };
    let manager = office.browser(Role::Manager).await;
    let reports = async || {
        let mut browser = manager.clone();
        blocking(move || browser.get("/kiosks")).await.text().matches("audit trail").count()
    };
    show(&witness.to_string()).await;
    for strange in ["", "x", "2026-11-01:zz", "9999-99-99:00", "2020-01-01:"] {
        show(strange).await;
    }
    // Of a day before it joined, or one to come, a kiosk can have kept nothing.
    for day in ["2026-10-31", "2026-11-03"] {
        show(&format!("{day}:{}", "11".repeat(32))).await;
    }
    assert_eq!(reports().await, 0);

    let database = sqlx::SqlitePool::connect(office.config.database_path().to_str().unwrap()).await.unwrap();
    for statement in [
        "DELETE FROM trail WHERE number > 2",
        "UPDATE office SET trail_length = 2, trail_head = (SELECT hash FROM trail WHERE number = 2)",
    ] {
        sqlx::query(statement).execute(&database).await.unwrap();
    }
    assert_eq!(office.check().await.trail, "intact", "the chain itself shows nothing");
    for _ in 0..2 {
        show(&witness.to_string()).await;
    }
    assert_eq!(reports().await, 1, "told once");
    database.close().await;
}
