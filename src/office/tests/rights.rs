//! What people may ask for of their data: the register of their asks, deletion and the copy, of all that the office holds of
//! them.

use chrono::TimeDelta;

use super::corrections::correct;
use super::support::*;
use super::uploads;
use super::working::hidden;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::Event;
use crate::office::database::Database;
use crate::office::people::Role;
use crate::office::retention;

pub const NAME: &str = "نورة بنت سعد القحطاني";

pub async fn office_with_request() -> (TestOffice, TestKiosk, Request) {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1_234_567);
    let sealed = [kiosk.seal(&signature(request.id)), kiosk.seal(&Record::Request(request.clone()))];
    kiosk.send(&sealed).await.unwrap();
    (office, kiosk, request)
}

/// The id of the file to which a request belongs, from its page.
pub fn person_of(browser: &mut Browser, request: &str) -> String {
    let page = browser.get(&format!("/requests/{request}")).text();
    let (_, part) = page.split_once("<h2 id=\"others\">").unwrap();
    part.split_once("href=\"/persons/").unwrap().1.split('"').next().unwrap().to_owned()
}

/// Enters an ask by the register's form as a page has it, and gives the address of its page.
fn enter(browser: &mut Browser, page: &str, given: &[(&str, &str)]) -> String {
    let form = browser.get(page).text();
    let today = form.split_once("type=\"date\" value=\"").unwrap().1.split('"').next().unwrap();
    let form_id = hidden(&form, "form_id");
    let fields = [("form_id", form_id.as_str()), ("channel", "desk"), ("received_on", today)];
    let answer = browser.post_from(page, "/privacy", &[&fields[..], given].concat());
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

/// Sends a deletion as the ask's page has it.
fn delete(browser: &mut Browser, ask: &str) -> u16 {
    let shown = hidden(&browser.get(ask).text(), "shown");
    let fields = [("confirmed", "yes"), ("shown", shown.as_str()), ("password", PASSWORD)];
    browser.post_from(ask, &format!("{ask}/erasure"), &fields).status
}

#[tokio::test]
async fn a_deletion_is_carried_out_at_the_person_s_ask_and_by_whoever_may() {
    let (office, _kiosk, request) = office_with_request().await;
    let id = request.id.to_string();
    let number = request.tracking_number.to_string();
    let reception = office.browser(Role::Reception).await;
    let mut manager = office.browser(Role::Manager).await;
    let ask = blocking(move || {
        let ask = enter(&mut manager, "/privacy", &[("kind", "deletion"), ("number", &number)]);
        let page = manager.get(&ask).text();
        assert!(page.contains("بقي ٣٠ يوماً") || page.contains("بقي 30 يوماً"), "{page}");
        // Nobody is erased before somebody has looked at the ID, nor without saying it again.
        let confirmed = [("confirmed", "yes")];
        let erasure = format!("{ask}/erasure");
        assert_eq!(manager.post_from(&ask, &erasure, &confirmed).status, 409);
        assert_eq!(manager.post_from(&ask, &format!("{ask}/answer"), &[("answer", "done")]).status, 409);
        assert_eq!(manager.post_from(&ask, &format!("{ask}/answer"), &[("answer", "refused")]).status, 409);
        // Whoever may not, may not: also with a form of their own making.
        let mut reception = reception;
        for path in [ask.as_str(), "/privacy", "/privacy/retention"] {
            assert_eq!(reception.get(path).status, 403, "{path}");
        }
        assert_eq!(reception.post_from("/", &format!("{ask}/identity"), &[]).status, 403);
        assert_eq!(reception.post_from("/", &erasure, &confirmed).status, 403);
        assert!(manager.get(&format!("/requests/{id}")).text().contains(NAME));
        assert_eq!(manager.post_from(&ask, &format!("{ask}/identity"), &[]).status, 303);
        let shown = hidden(&manager.get(&ask).text(), "shown");
        let seen = [("confirmed", "yes"), ("shown", shown.as_str())];
        assert_eq!(manager.post_from(&ask, &erasure, &seen).status, 409, "an open page alone erases nobody");
        let seen_and_confirmed = [&seen[..], &[("password", PASSWORD)]].concat();
        assert_eq!(manager.post_from(&ask, &erasure, &[("shown", &shown)]).status, 409);
        assert_eq!(manager.post_from(&ask, &erasure, &confirmed).status, 409, "nobody has seen what goes");
        assert!(manager.get(&format!("/requests/{id}")).text().contains(NAME));
        assert_eq!(manager.post_from(&ask, &erasure, &seen_and_confirmed).status, 303);
        assert_eq!(manager.post_from(&ask, &erasure, &seen_and_confirmed).status, 303, "sent twice it is one");
        let page = manager.get(&format!("/requests/{id}"));
        assert!(page.status == 200 && !page.text().contains(NAME), "{}", page.text());
        assert!(manager.get(&ask).text().contains("تم الرد"));
        ask
    })
    .await;
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.erased == 1, "{summary:?}");
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let ask_id = ask.rsplit('/').next().unwrap().to_owned();
    let changes = "action <> 'privacy ask opened' AND details LIKE '%' || $1 || '%'";
    let entries: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM trail WHERE {changes}")))
        .bind(&ask_id)
        .fetch_one(&mut *database.read().await.unwrap())
        .await
        .unwrap();
    assert_eq!(entries, 3, "entered, identity, answered");
    database.close().await;
}

#[tokio::test]
async fn the_register_counts_thirty_days_and_takes_only_what_makes_sense() {
    let (office, kiosk, request) = office_with_request().await;
    let number = request.tracking_number.to_string();
    let unknown = kiosk.request(5).tracking_number.to_string();
    let mut manager = office.browser(Role::Manager).await;
    let clock = office.clock.clone();
    blocking(move || {
        let form_id = hidden(&manager.get("/privacy").text(), "form_id");
        let good = [
            ("form_id", form_id.as_str()),
            ("kind", "copy"),
            ("channel", "letter"),
            ("received_on", "2026-10-20"),
            ("number", &number),
        ];
        for (field, value, status) in [
            ("received_on", "2026-11-02", 422),
            ("received_on", "yesterday", 422),
            ("number", "123", 422),
            ("number", &unknown, 422),
            ("kind", "everything", 403),
            ("channel", "", 403),
            ("form_id", "'; DROP TABLE privacy_ask", 403),
        ] {
            let fields = good.map(|(name, given)| if name == field { (name, value) } else { (name, given) });
            assert_eq!(manager.post_from("/privacy", "/privacy", &fields).status, status, "{field} {value}");
        }
        for _ in 0..2 {
            assert_eq!(manager.post_from("/privacy", "/privacy", &good).status, 303);
        }
        let page = manager.get("/privacy").text();
        assert_eq!(page.matches("/privacy/asks/").count(), 1, "sent twice it is one");
        assert!(!manager.get("/").text().contains("مدة الرد"));
        clock.advance(TimeDelta::days(18));
        assert!(!manager.clone().signed_in("manager", PASSWORD).get("/").text().contains("مدة الرد"), "the last day");
        clock.advance(TimeDelta::days(1));
        let mut manager = manager.signed_in("manager", PASSWORD);
        assert!(manager.get("/").text().contains("مدة الرد"), "overdue asks stand on the first page");
        assert!(manager.get("/privacy").text().contains("تأخر الرد يوماً واحداً"));
        // Nothing was found of whoever asks: that is an answer, too.
        let ask = enter(&mut manager, "/privacy", &[("kind", "copy"), ("identity", "yes")]);
        let refused = [("answer", "refused"), ("reason", "لا توجد بيانات")];
        assert_eq!(manager.post_from(&ask, &format!("{ask}/answer"), &refused).status, 303);
        assert!(manager.get(&ask).text().contains("لا توجد بيانات"));
        assert_eq!(manager.get("/privacy/asks/none").status, 404);
    })
    .await;
}

/// Two requests of one person and one of another, whose answers are changed by a closure.
async fn office_with_people() -> (TestOffice, TestKiosk, [Request; 3]) {
    let (office, mut kiosk, first) = office_with_request().await;
    let second = kiosk.request(2);
    let other = another(&kiosk, 3);
    let sealed = [&second, &other].map(|request| kiosk.seal(&Record::Request(request.clone())));
    kiosk.send(&sealed).await.unwrap();
    (office, kiosk, [first, second, other])
}

/// A request of somebody else, with the same name.
fn another(kiosk: &TestKiosk, random_part: u32) -> Request {
    let mut request = kiosk.request(random_part);
    let catalogue = crate::domain::catalogue::Catalogue::read(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/config/catalog.toml"
    )))
    .unwrap();
    let question = catalogue.question("national_id").unwrap();
    let answer = question.parse(&catalogue, "2000000006", "2026-11-01".parse().unwrap()).unwrap();
    request.answers.set("national_id", answer);
    request
}

#[tokio::test]
async fn a_deletion_covers_the_whole_person_and_nobody_else() {
    let (office, mut kiosk, requests) = office_with_people().await;
    let [first, second, other] = requests.map(|request| request.id.to_string());
    let mut manager = office.browser(Role::Manager).await;
    let late = kiosk.request(4);
    let envelope = kiosk.seal(&Record::Request(late.clone()));
    let (ask, mut manager) = {
        let (first, second, other) = (first.clone(), second.clone(), other.clone());
        blocking(move || {
            let person = person_of(&mut manager, &first);
            assert!(manager.get(&format!("/persons/{person}")).text().contains(&format!("/privacy?person={person}")));
            let form = format!("/privacy?person={person}");
            assert!(manager.get(&form).text().contains(NAME), "the form says of whom it is");
            let given = [("kind", "deletion"), ("person", person.as_str()), ("identity", "yes")];
            let refused = enter(&mut manager, &form, &[("kind", "correction"), ("person", person.as_str())]);
            let why = [("answer", "refused"), ("reason", "الاسم كما في الهوية")];
            assert_eq!(manager.post_from(&refused, &format!("{refused}/answer"), &why).status, 303);
            let ask = enter(&mut manager, &form, &given);
            let page = manager.get(&ask).text();
            assert!(page.contains(&first) && page.contains(&second) && !page.contains(&other), "{page}");
            // It stands with the person, and with each request.
            for place in [format!("/persons/{person}"), format!("/requests/{second}")] {
                assert!(manager.get(&place).text().contains(&ask), "{place}");
            }
            assert!(!manager.get(&format!("/requests/{other}")).text().contains(&ask));
            let strange = [("kind", "copy"), ("channel", "desk"), ("received_on", "2026-11-01"), ("person", "00")];
            let form_id = hidden(&manager.get(&form).text(), "form_id");
            let strange = [&strange[..], &[("form_id", form_id.as_str())]].concat();
            assert_eq!(manager.post_from(&form, "/privacy", &strange).status, 403);
            (ask, manager)
        })
        .await
    };
    // What arrives while somebody looks isn't erased unseen.
    let shown = {
        let (ask, mut manager) = (ask.clone(), manager.clone());
        blocking(move || hidden(&manager.get(&ask).text(), "shown")).await
    };
    kiosk.send(&[envelope]).await.unwrap();
    let late = late.id.to_string();
    blocking(move || {
        let erasure = format!("{ask}/erasure");
        assert_eq!(manager.post_from(&ask, &erasure, &[("confirmed", "yes"), ("shown", &shown)]).status, 409);
        assert!(manager.get(&format!("/requests/{first}")).text().contains(NAME));
        assert!(manager.get(&ask).text().contains(&late));
        assert_eq!(delete(&mut manager, &ask), 303);
        for erased in [&first, &second, &late] {
            assert!(!manager.get(&format!("/requests/{erased}")).text().contains(NAME), "{erased}");
        }
        assert!(manager.get(&format!("/requests/{other}")).text().contains(NAME));
        let page = manager.get(&ask).text();
        assert!(page.contains("تم الرد") && page.contains("لم يبق شيء") && !page.contains(NAME), "{page}");
    })
    .await;
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.erased == 3, "{summary:?}");
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let said = "SELECT COUNT(*) FROM privacy_ask WHERE COALESCE(beneficiary, reason, salt) IS NOT NULL";
    let said: i64 = sqlx::query_scalar(said).fetch_one(&mut *database.read().await.unwrap()).await.unwrap();
    assert_eq!(said, 0, "nor does the register say any more whose ask it was, or why it was refused");
    database.close().await;
}

#[tokio::test]
async fn no_reason_is_written_to_what_was_erased() {
    let (office, _kiosk, requests) = office_with_people().await;
    office.clock.advance(TimeDelta::days(20));
    office.server.take_step(requests[0].tracking_number, &Event::Withdrawn).await.unwrap();
    office.clock.advance(TimeDelta::days(5 * 366));
    let running = office.server.office().clone();
    assert_eq!(retention::carry_out(&running).await.unwrap().announced, 1);
    let mut manager = office.browser(Role::Manager).await;
    let id = requests[0].id.to_string();
    blocking(move || {
        let person = person_of(&mut manager, &id);
        let given = [("kind", "deletion"), ("person", person.as_str()), ("identity", "yes")];
        let ask = enter(&mut manager, &format!("/privacy?person={person}"), &given);
        assert_eq!(delete(&mut manager, &ask), 303);
        let reason = [("step", "hold"), ("reason", "نورة اتصلت")];
        let path = format!("/privacy/retention/{id}");
        assert_eq!(manager.post_from("/privacy/retention", &path, &reason).status, 303);
    })
    .await;
    let written: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM retention WHERE reason IS NOT NULL")
        .fetch_one(&mut *running.database.read().await.unwrap())
        .await
        .unwrap();
    assert_eq!(written, 0);
}

#[tokio::test]
async fn what_is_held_back_stays_and_the_answer_says_why() {
    let (office, _kiosk, requests) = office_with_people().await;
    office.clock.advance(TimeDelta::days(20));
    let held = requests[0].clone();
    office.server.take_step(held.tracking_number, &Event::Withdrawn).await.unwrap();
    office.clock.advance(TimeDelta::days(5 * 366));
    let running = office.server.office().clone();
    assert_eq!(retention::carry_out(&running).await.unwrap().announced, 1);
    let mut manager = office.browser(Role::Manager).await;
    let [held, free, _] = requests.map(|request| request.id.to_string());
    blocking(move || {
        let path = format!("/privacy/retention/{held}");
        let reason = [("step", "hold"), ("reason", "دعوى قائمة")];
        assert_eq!(manager.post_from("/privacy/retention", &path, &reason).status, 303);
        let person = person_of(&mut manager, &free);
        let given = [("kind", "deletion"), ("person", person.as_str()), ("identity", "yes")];
        let ask = enter(&mut manager, &format!("/privacy?person={person}"), &given);
        assert!(manager.get(&ask).text().contains("دعوى قائمة"));
        assert_eq!(delete(&mut manager, &ask), 303);
        assert!(!manager.get(&format!("/requests/{free}")).text().contains(NAME));
        assert!(manager.get(&format!("/requests/{held}")).text().contains(NAME));
        // Still open: somebody has to say why the rest stays.
        let page = manager.get(&ask).text();
        assert!(!page.contains("تم الرد") && !page.contains("/erasure"), "{page}");
        let erasure = format!("{ask}/erasure");
        assert_eq!(manager.post_from(&ask, &erasure, &[("confirmed", "yes")]).status, 409);
        let answer = format!("{ask}/answer");
        assert_eq!(manager.post_from(&ask, &answer, &[("answer", "done")]).status, 409);
        let done = [("answer", "done"), ("reason", "بقي طلب واحد لدعوى قائمة")];
        assert_eq!(manager.post_from(&ask, &answer, &done).status, 303);
        assert!(manager.get(&ask).text().contains("تم الرد"));
        // The copy says that it is held back, and why.
        let copy = manager.get(&format!("/persons/{person}/data.json"));
        let copy: serde_json::Value = serde_json::from_slice(&copy.body).unwrap();
        assert_eq!(copy["requests"].as_array().unwrap().len(), 1);
        assert_eq!(copy["requests"][0]["held_back"]["reason"], "دعوى قائمة");
        assert_eq!(copy["requests"][0]["held_back"]["by"], "manager");
        assert!(manager.get(&format!("/persons/{person}/data")).text().contains("دعوى قائمة"));
    })
    .await;
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.erased == 1, "{summary:?}");
}

/// Files that staff have merged are one; the page says so before anything is erased.
#[tokio::test]
async fn merged_files_are_shown_and_go_together() {
    let (office, _kiosk, requests) = office_with_people().await;
    let mut manager = office.browser(Role::Manager).await;
    let [first, _, other] = requests.map(|request| request.id.to_string());
    blocking(move || {
        let (person, gone) = (person_of(&mut manager, &first), person_of(&mut manager, &other));
        // Entered before the merge, for the file that will be gone.
        let early = enter(&mut manager, &format!("/privacy?person={gone}"), &[("kind", "copy"), ("person", &gone)]);
        let merge = format!("/persons/{person}/merge");
        assert_eq!(manager.post_from("/", &merge, &[("other", &gone)]).status, 303);
        assert!(manager.get(&format!("/persons/{person}")).text().contains(&early));
        let copy = manager.get(&format!("/persons/{gone}/data"));
        assert_eq!((copy.status, copy.header("location")), (303, Some(format!("/persons/{person}/data").as_str())));
        let copy = manager.get(&format!("/persons/{person}/data.json"));
        let copy: serde_json::Value = serde_json::from_slice(&copy.body).unwrap();
        assert_eq!((copy["requests"].as_array().unwrap().len(), copy["asks"].as_array().unwrap().len()), (3, 1));
        let given = [("kind", "deletion"), ("person", gone.as_str()), ("identity", "yes")];
        let ask = enter(&mut manager, &format!("/privacy?person={gone}"), &given);
        let page = manager.get(&ask).text();
        assert!(page.contains("٢٠٠٠٠٠٠٠٠٦") || page.contains("2000000006"), "whose file was merged: {page}");
        assert_eq!(delete(&mut manager, &ask), 303);
        assert_eq!(manager.get(&format!("/persons/{person}/data")).status, 410);
        assert!(!manager.get(&format!("/requests/{other}")).text().contains(NAME));
    })
    .await;
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.erased == 3, "{summary:?}");
}

/// Files are separated again, and answers corrected: the ask stays with the request by which it was entered.
#[tokio::test]
async fn an_ask_follows_the_request_by_which_it_was_entered() {
    let (office, _kiosk, requests) = office_with_people().await;
    let mut manager = office.browser(Role::Manager).await;
    let numbers = requests.each_ref().map(|request| request.tracking_number.to_string());
    let [first, second, other] = requests.map(|request| request.id.to_string());
    blocking(move || {
        let (person, gone) = (person_of(&mut manager, &first), person_of(&mut manager, &other));
        assert_eq!(manager.post_from("/", &format!("/persons/{person}/merge"), &[("other", &gone)]).status, 303);
        let ask = enter(&mut manager, "/privacy", &[("kind", "deletion"), ("number", &numbers[2])]);
        assert!(manager.get(&ask).text().contains(&first), "one file, as long as it is one");
        assert_eq!(manager.post_from("/", &format!("/persons/{person}/undo"), &[("part", &gone)]).status, 303);
        let page = manager.get(&ask).text();
        assert!(page.contains(&other) && !page.contains(&first) && !page.contains(&second), "{page}");
        let listed = |manager: &mut Browser, person: &str, ask: &str| {
            manager.get(&format!("/persons/{person}")).text().contains(ask)
        };
        assert!(listed(&mut manager, &gone, &ask) && !listed(&mut manager, &person, &ask));
        // The first was somebody else's all along: its national id was mistyped.
        let ask = enter(&mut manager, "/privacy", &[("kind", "deletion"), ("number", &numbers[0])]);
        assert!(manager.get(&ask).text().contains(&second));
        let corrected = correct(&mut manager, &first, "national_id", ("q-national_id", "2000000006"), "الهوية");
        assert_eq!(corrected.status, 303, "{}", corrected.text());
        let page = manager.get(&ask).text();
        assert!(page.contains(&first) && page.contains(&other) && !page.contains(&second), "{page}");
    })
    .await;
}

#[tokio::test]
async fn a_copy_holds_everything_of_the_person_and_who_has_read_it() {
    let (office, _kiosk, requests) = office_with_people().await;
    let mut reception = office.browser(Role::Reception).await;
    let mut researcher = office.browser(Role::Researcher).await;
    let mut manager = office.browser(Role::Manager).await;
    let mut auditor = office.browser(Role::Auditor).await;
    let mut scans = uploads::Desk::of(&office, Role::Reception, &requests[0]).await;
    let [id, second, other] = requests.map(|request| request.id.to_string());
    blocking(move || {
        let page = format!("/requests/{id}");
        let person = person_of(&mut manager, &id);
        let file = format!("/persons/{person}");
        assert_eq!(researcher.get(&page).status, 200);
        assert!(!researcher.get(&page).text().contains("/trail?subject="), "who has read it is not for everybody");
        assert_eq!(researcher.get(&format!("{file}/data")).status, 403);
        assert_eq!(researcher.get(&format!("{file}/data.json")).status, 403);
        let readers = auditor.get(&page).text();
        assert!(readers.contains("/trail?subject=") && readers.contains("researcher: فُتح طلب"), "{readers}");
        let corrected = correct(&mut reception, &id, "name", ("q-name", "نورة بنت سعيد القحطاني"), "ورد في الهوية");
        assert_eq!(corrected.status, 303);
        let scan = scans.upload("id_card", &[uploads::file("id.jpg", &uploads::jpeg())]);
        assert_eq!(scan.status, 303, "{}", scan.text());
        let note = [("id", "00112233445566778899aabbccddeeff"), ("text", "تسكن مع أختها")];
        assert_eq!(reception.post_from(&page, &format!("{page}/notes"), &note).status, 303);
        let copy = manager.get(&format!("{file}/data.json"));
        assert!(copy.header("content-disposition").unwrap().starts_with("attachment"));
        let copy: serde_json::Value = serde_json::from_slice(&copy.body).unwrap();
        assert_eq!(copy["format"], "istiqbal data copy 2");
        let copied = copy["requests"].as_array().unwrap();
        let of = |id: &str| copied.iter().find(|one| one["id"] == id);
        assert!(copied.len() == 2 && of(&second).is_some() && of(&other).is_none());
        let request = of(&id).unwrap();
        let answer = |question: &str| {
            let answers = request["answers"].as_array().unwrap();
            answers.iter().find(|one| one["question"] == question).unwrap()["answer"].as_str().unwrap().to_owned()
        };
        assert_eq!((answer("name").as_str(), answer("national_id").as_str()), ("نورة بنت سعيد القحطاني", "1000000008"));
        let correction = &request["corrections"][0];
        for (field, value) in [
            ("question", "name"),
            ("was", NAME),
            ("becomes", "نورة بنت سعيد القحطاني"),
            ("reason", "ورد في الهوية"),
            ("by", "reception"),
        ] {
            assert_eq!(correction[field], value, "{correction}");
        }
        assert_eq!(request["documents"].as_array().unwrap().len(), 2);
        assert!(request["signature"].as_str().unwrap().starts_with('M'));
        assert_eq!(request["uploads"][0]["document"], "id_card");
        assert_eq!(request["uploads"][0]["kind"], "jpeg");
        assert_eq!(request["notes"][0]["text"], "تسكن مع أختها");
        assert_eq!(request["notices"].as_array().unwrap().last().unwrap()["what"], "received");
        let read_by = copy["read_by"].as_array().unwrap();
        assert!(read_by.iter().any(|one| one["by"] == "researcher" && one["what"] == "request opened"));
        let paper = manager.get(&format!("{file}/data")).text();
        for part in [NAME, "سعيد", "ورد في الهوية", "تسكن مع أختها", "researcher", "class=\"signature\"", "data.json"]
        {
            assert!(paper.contains(part), "{part}");
        }
        assert!(paper.contains(&format!("r-{id}")) && paper.contains(&format!("r-{second}")));
        assert_eq!(manager.get("/persons/00000000000000000000000000000000/data.json").status, 404);
        // The copy itself is a look at the file.
        assert!(auditor.get(&page).text().contains("manager: أُعدت نسخة من البيانات"));
    })
    .await;
    assert!(office.check().await.is_sound());
}
