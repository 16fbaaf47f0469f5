//! Correcting answers: what was signed stays beside what was corrected.

use super::desk::{Desk, hidden, stored};
use super::support::*;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::Event;
use crate::office::database::{Database, requests};
use crate::office::people::Role;
use crate::replication::wire::Change;

async fn office_with_request() -> (TestOffice, TestKiosk, Request) {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1_234_567);
    let sealed = [kiosk.seal(&Record::Request(request.clone())), kiosk.seal(&signature(request.id))];
    kiosk.send(&sealed).await.unwrap();
    (office, kiosk, request)
}

/// Opens a correction's form and sends it.
pub fn correct(browser: &mut Browser, request: &str, question: &str, field: (&str, &str), reason: &str) -> Answer {
    let path = format!("/requests/{request}/corrections/{question}");
    let page = browser.get(&path).text();
    let (form, opened_with) = (hidden(&page, "form"), hidden(&page, "opened_with"));
    browser.post_from(&path, &path, &[("form", &form), ("opened_with", &opened_with), field, ("reason", reason)])
}

async fn trail(office: &TestOffice) -> String {
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let details: Vec<String> = sqlx::query_scalar("SELECT action || ' ' || details FROM trail")
        .fetch_all(&mut *database.read().await.unwrap())
        .await
        .unwrap();
    details.join("\n")
}

#[tokio::test]
async fn a_corrected_name_stands_beside_what_was_signed() {
    let (office, _, request) = office_with_request().await;
    let mut browser = office.browser(Role::Reception).await;
    let id = request.id.to_string();
    let page = blocking(move || {
        let place = format!("/requests/{id}");
        assert!(browser.get(&place).text().contains("/corrections/name"));
        let empty = correct(&mut browser, &id, "name", ("q-name", "نورة بنت سعيد القحطاني"), "  ");
        assert_eq!(empty.status, 422);
        assert!(empty.text().contains("سبب التصحيح") && empty.text().contains("value=\"نورة بنت سعيد القحطاني\""));
        let wrong = correct(&mut browser, &id, "national_id", ("q-national_id", "1000000000"), "الهوية");
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("تفضلوا بمقارنة الرقم بالبطاقة"));
        let done = correct(&mut browser, &id, "name", ("q-name", "نورة بنت سعيد القحطاني"), "ورد في <b>الهوية");
        assert_eq!((done.status, done.header("location")), (303, Some(place.as_str())), "{}", done.text());
        let unknown = correct_path(&mut browser, &id, "no_such");
        assert_eq!((unknown, correct_path(&mut browser, &id, "applicant_name")), (404, 404));
        browser.get(&place).text()
    })
    .await;
    assert!(page.contains("<h1><bdi>نورة بنت سعيد القحطاني</bdi></h1>"), "{page}");
    assert!(page.contains("كانت: نورة بنت سعد القحطاني"), "what was signed");
    assert!(page.contains("reception") && page.contains("ورد في &#60;b&#62;الهوية"), "{page}");
    assert!(page.contains("class=\"signature\""));
    let trail = trail(&office).await;
    assert!(trail.contains("answer corrected") && trail.contains("\"question\":\"name\""));
    for value in ["سعيد", "سعد", "الهوية"] {
        assert!(!trail.contains(value), "the trail holds no value: {trail}");
    }
    assert_eq!(office.check().await.trail, "intact");
}

fn correct_path(browser: &mut Browser, request: &str, question: &str) -> u16 {
    browser.get(&format!("/requests/{request}/corrections/{question}")).status
}

#[tokio::test]
async fn the_same_form_twice_is_one_correction_and_two_people_don_t_overwrite_each_other() {
    let (office, _, request) = office_with_request().await;
    let mut one = office.browser(Role::Reception).await;
    let mut other = office.browser(Role::Researcher).await;
    let path = format!("/requests/{}/corrections/mobile", request.id);
    let page = format!("/requests/{}", request.id);
    let text = blocking(move || {
        let [ours, theirs] = [one.get(&path).text(), other.get(&path).text()];
        let send = |browser: &mut Browser, opened: &str, mobile: &str| {
            let (form, opened_with) = (hidden(opened, "form"), hidden(opened, "opened_with"));
            let fields =
                [("form", form.as_str()), ("opened_with", &opened_with), ("q-mobile", mobile), ("reason", "اتصال")];
            browser.post_from(&path, &path, &fields).status
        };
        assert_eq!(send(&mut one, &ours, "0511111111"), 303);
        assert_eq!(send(&mut one, &ours, "0511111111"), 303, "sent twice");
        assert_eq!(send(&mut other, &theirs, "0522222222"), 409, "somebody was faster");
        one.get(&page).text()
    })
    .await;
    assert_eq!(text.matches("صُحّحت في").count(), 1, "{text}");
    assert!(text.contains("٠٥١١١١١١١١") && text.contains("كانت: ٠٥٠٠٠٠٠٠٠٠"));
}

#[tokio::test]
async fn what_follows_from_an_answer_follows_from_the_corrected_one() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let browser = office.browser(Role::Manager).await;
    let (id, page) = blocking(move || {
        let mut desk = Desk::filled(browser);
        desk.set("q-category", "prisoner_family");
        desk.set("d-prison_letter", "later");
        let id = desk.register();
        let mut browser = desk.browser;
        let done = correct(&mut browser, &id.to_string(), "category", ("q-category", "divorced"), "الصك");
        assert_eq!(done.status, 303, "{}", done.text());
        let page = browser.get(&format!("/requests/{id}")).text();
        (id, page)
    })
    .await;
    assert!(page.contains("لم يعد مطلوبًا بعد تصحيح إجابة: خطاب من السجن"), "{page}");
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let standing = requests::standing(&mut reading, id).await.unwrap().unwrap();
    let asked: Vec<&str> = standing.documents.keys().map(String::as_str).collect();
    assert_eq!(asked, ["divorce_deed", "family_record", "id_card"]);
    let events = requests::events(&mut reading, id).await.unwrap();
    assert!(events.iter().any(|one| one.event == Event::DocumentNotAsked { document: "prison_letter".into() }));
    drop(reading);
    assert_eq!(stored(&office, id).await.answers.choice("category"), Some("divorced"));
    let changes = kiosk.changes(None).await.changes;
    let [Change::Request { status, .. }] = changes.as_slice() else { panic!("{changes:?}") };
    assert!(status.standing.missing_documents().contains(&"divorce_deed".to_owned()), "kiosks hear of it");
}

#[tokio::test]
async fn an_answer_that_is_no_longer_asked_falls_away_and_is_still_shown() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Manager).await;
    let page = blocking(move || {
        let mut desk = Desk::filled(browser);
        desk.set("q-for", "other");
        desk.set("q-applicant_name", "سعد بن علي القحطاني");
        desk.set("q-applicant_mobile", "0533333333");
        let id = desk.register().to_string();
        let mut browser = desk.browser;
        assert_eq!(correct(&mut browser, &id, "for", ("q-for", "self"), "حضر بنفسه").status, 303);
        browser.get(&format!("/requests/{id}")).text()
    })
    .await;
    assert!(page.contains("كانت: سعد بن علي القحطاني") && page.contains("كانت: ٠٥٣٣٣٣٣٣٣٣"), "{page}");
    assert_eq!(page.matches("<bdi>بلا إجابة</bdi>").count(), 2);
}

#[tokio::test]
async fn only_those_who_correct_may() {
    let (office, _, request) = office_with_request().await;
    let path = format!("/requests/{}/corrections/name", request.id);
    let page = format!("/requests/{}", request.id);
    for (role, may) in [
        (Role::Reception, true),
        (Role::Researcher, true),
        (Role::Manager, true),
        (Role::Committee, false),
        (Role::Auditor, false),
    ] {
        let (mut browser, path, page) = (office.browser(role).await, path.clone(), page.clone());
        let (linked, opened, forged) = blocking(move || {
            let linked = browser.get(&page).text().contains("/corrections/");
            let opened = browser.get(&path).status;
            let fields = [("form", "0123456789abcdef0123456789abcdef"), ("q-name", "سعد سعيد"), ("reason", "x")];
            (linked, opened, browser.post_from("/", &path, &fields).status)
        })
        .await;
        // A forged form of somebody who may doesn't know the answer it was opened with.
        let expected = if may { (true, 200, 409) } else { (false, 403, 403) };
        assert_eq!((linked, opened, forged), expected, "{role}");
    }
}
