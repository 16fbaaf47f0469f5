//! Working on a request's page: its documents, notes, and two people at one request.

use chrono::TimeDelta;

use super::support::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::{Decision, Event, Standing};
use crate::office::Server;
use crate::office::database::notes::NoteId;
use crate::office::database::{Database, requests, trail};
use crate::office::people::Role;
use crate::replication::wire::Change;

pub(super) async fn office_with_request() -> (TestOffice, TestKiosk, Request) {
    office_with_request_in(TestOffice::start().await).await
}

/// An office to which a kiosk has sent one request, signed.
pub(super) async fn office_with_request_in(office: TestOffice) -> (TestOffice, TestKiosk, Request) {
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1_234_567);
    let sealed = [kiosk.seal(&Record::Request(request.clone())), kiosk.seal(&signature(request.id))];
    kiosk.send(&sealed).await.unwrap();
    (office, kiosk, request)
}

pub(super) async fn standing(office: &TestOffice, request: &Request) -> Standing {
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let standing = requests::standing(&mut reading, request.id).await.unwrap().unwrap();
    drop(reading);
    database.close().await;
    standing
}

/// The value of a hidden field, the first with this name.
pub(super) fn hidden(page: &str, name: &str) -> String {
    let before = format!("name=\"{name}\" value=\"");
    page.split_once(&before).unwrap_or_else(|| panic!("no field {name}")).1.split('"').next().unwrap().to_owned()
}

/// A page as one person has it open, with what its forms carry.
fn open(browser: &mut Browser, page: &str) -> (String, String) {
    let text = browser.get(page).text();
    (hidden(&text, "form_token"), hidden(&text, "revision"))
}

#[tokio::test]
async fn the_later_of_two_people_sees_both_versions_and_sends_again_knowingly() {
    let (office, _, request) = office_with_request().await;
    office.clock.advance(at("2026-11-20T08:00:00Z") - at("2026-11-01T08:00:00Z"));
    let verified = ["id_card", "family_record"].map(|document| Event::DocumentVerified { document: document.into() });
    let accepted = Event::Decided { decision: Decision::Accepted, session: None };
    for event in [&verified[0], &verified[1], &accepted] {
        office.server.take_step(request.tracking_number, event).await.unwrap();
    }
    let mut first = office.browser(Role::Reception).await;
    let mut second = office.browser(Role::Manager).await;
    let page = format!("/requests/{}", request.id);
    let shown = blocking(move || {
        let delivery = format!("{page}/delivery");
        let form = |browser: &mut Browser, part: &str, note: &str| {
            let text = browser.get(&page).text();
            let hidden_fields =
                ["form_token", "form_id", "revision"].map(|name| (name.to_owned(), hidden(&text, name)));
            let typed = [("part".to_owned(), part.to_owned()), ("note".to_owned(), note.to_owned())];
            [hidden_fields.as_slice(), &typed].concat()
        };
        let post = |browser: &mut Browser, fields: &[(String, String)]| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            browser.post(&delivery, &fields)
        };
        let earlier = form(&mut first, "part", "نصف السلة");
        let mut later = form(&mut second, "part", "<b>سلة</b> كاملة");
        assert_eq!(earlier[2], later[2], "both have seen the same");
        assert_eq!(post(&mut first, &earlier).status, 303);
        assert_eq!(post(&mut first, &earlier).status, 303, "the same form sent twice counts once");
        let answer = post(&mut second, &later);
        assert_eq!(answer.status, 409);
        let text = answer.text();
        assert!(text.contains("نصف السلة"), "what is there now: {text}");
        assert!(text.contains("&#60;b&#62;سلة&#60;/b&#62; كاملة</textarea>"), "what was typed, in its field: {text}");
        for (name, value) in [&later[1], &later[3]] {
            assert_eq!(hidden(&text, name), *value);
        }
        assert_eq!(post(&mut second, &later).status, 409, "nothing was taken of it yet");
        // Knowingly, by the form of that page.
        later[2].1 = hidden(&text, "revision");
        assert_eq!(post(&mut second, &later).status, 303);
        assert_eq!(post(&mut second, &later).status, 303);
        second.get(&page).text()
    })
    .await;
    for note in ["نصف السلة", "&#60;b&#62;سلة&#60;/b&#62; كاملة"] {
        assert!(shown.contains(note), "{note}");
    }
    assert_eq!(standing(&office, &request).await.parts_delivered_on.len(), 2);
    let looks: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM trail WHERE action = 'request opened' AND subject = $1 AND details LIKE '%two versions%'",
    )
    .bind(request.id.to_string())
    .fetch_one(&mut *office.server.office().database.read().await.unwrap())
    .await
    .unwrap();
    assert_eq!(looks, 2, "both pages of two versions");
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn two_people_at_two_documents_are_not_in_each_other_s_way() {
    let (office, _, request) = office_with_request().await;
    let mut first = office.browser(Role::Reception).await;
    let mut second = office.browser(Role::Researcher).await;
    let page = format!("/requests/{}", request.id);
    blocking(move || {
        let (token, revision) = open(&mut first, &page);
        let (other_token, _) = open(&mut second, &page);
        let path = format!("{page}/documents");
        let step = |browser: &mut Browser, token: &str, document: &str, step: &str, note: &str| {
            let fields = [
                ("form_token", token),
                ("revision", revision.as_str()),
                ("document", document),
                ("step", step),
                ("note", note),
            ];
            browser.post(&path, &fields)
        };
        assert_eq!(step(&mut first, &token, "id_card", "verified", "").status, 303);
        assert_eq!(step(&mut second, &other_token, "family_record", "verified", "").status, 303);
        let answer = step(&mut second, &other_token, "id_card", "returned", "الصورة غير واضحة");
        assert_eq!(answer.status, 409);
        let text = answer.text();
        assert!(text.contains("الصورة غير واضحة</textarea>") && text.contains("تم التحقق"), "{text}");
        // Knowingly, it is taken.
        let fields = [
            ("form_token", other_token.as_str()),
            ("revision", &hidden(&text, "revision")),
            ("document", "id_card"),
            ("step", "returned"),
            ("note", "الصورة غير واضحة"),
        ];
        assert_eq!(second.post(&path, &fields).status, 303);
        assert!(second.get(&page).text().contains("الصورة غير واضحة"));
    })
    .await;
    let standing = standing(&office, &request).await;
    assert_eq!(standing.missing_documents(), ["id_card"]);
}

/// Sends one of the page's forms about a document, as the page has it now.
fn step(browser: &mut Browser, page: &str, fields: &[(&str, &str)]) -> u16 {
    let (token, revision) = open(browser, page);
    let fields = [fields, &[("form_token", token.as_str()), ("revision", &revision)]].concat();
    browser.post(&format!("{page}/documents"), &fields).status
}

#[tokio::test]
async fn a_document_is_verified_undone_returned_with_a_reason_and_one_more_is_asked_for() {
    let (office, kiosk, request) = office_with_request().await;
    let mut researcher = office.browser(Role::Researcher).await;
    let mut auditor = office.browser(Role::Auditor).await;
    let page = format!("/requests/{}", request.id);
    blocking({
        let page = page.clone();
        move || {
            let id_card = ("document", "id_card");
            assert_eq!(step(&mut researcher, &page, &[id_card, ("step", "verified")]), 303);
            assert!(researcher.get(&page).text().contains("value=\"unverified\""));
            assert_eq!(step(&mut researcher, &page, &[id_card, ("step", "unverified")]), 303);
            assert!(!researcher.get(&page).text().contains("value=\"unverified\""), "only what can be done is offered");
            assert_eq!(step(&mut researcher, &page, &[id_card, ("step", "returned")]), 422, "without a reason");
            let reason = ("note", "الصورة <i>قديمة</i>");
            assert_eq!(step(&mut researcher, &page, &[id_card, ("step", "returned"), reason]), 303);
            let report = ("document", "medical_report");
            assert!(researcher.get(&page).text().contains("<option value=\"medical_report\">"));
            assert_eq!(step(&mut researcher, &page, &[report, ("step", "asked"), ("note", "يذكر مرضاً")]), 303);
            let text = researcher.get(&page).text();
            assert!(!text.contains("<option value=\"medical_report\">") && text.contains("يذكر مرضاً"));
            assert!(text.contains("الصورة &#60;i&#62;قديمة&#60;/i&#62;"), "{text}");
            assert_eq!(step(&mut researcher, &page, &[report, ("step", "asked")]), 409, "it is there already");
            let unknown = ("document", "no_such_document");
            assert_eq!(step(&mut researcher, &page, &[unknown, ("step", "asked")]), 403);
            assert_eq!(step(&mut researcher, &page, &[unknown, ("step", "unverified")]), 409);
            // Who only reads is offered nothing, and refused all of it.
            let text = auditor.get(&page).text();
            assert!(!text.contains(&format!("{page}/documents")) && !text.contains("textarea"));
            let token = hidden(&text, "form_token");
            for step in ["verified", "unverified", "returned", "asked"] {
                let fields = [("form_token", token.as_str()), id_card, ("step", step), reason];
                assert_eq!(auditor.post(&format!("{page}/documents"), &fields).status, 403, "{step}");
            }
        }
    })
    .await;
    let standing = standing(&office, &request).await;
    assert_eq!(standing.missing_documents(), ["family_record", "id_card", "medical_report"]);
    // The kiosks hear of it.
    let changes = kiosk.changes(None).await;
    let Some(Change::Request { status, .. }) = changes.changes.last() else { panic!("no change") };
    assert_eq!(status.standing.missing_documents(), standing.missing_documents());
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn a_note_is_seen_by_colleagues_and_withdrawn_by_its_author_only() {
    let (office, mut kiosk, request) = office_with_request().await;
    let other = kiosk.request(7_654_321);
    let envelope = kiosk.seal(&Record::Request(other.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let mut author = office.browser(Role::Reception).await;
    let mut colleague = office.browser(Role::Manager).await;
    let mut auditor = office.browser(Role::Auditor).await;
    let page = format!("/requests/{}", request.id);
    let other_page = format!("/requests/{}", other.id);
    let clock = office.clock.clone();
    blocking(move || {
        let add = |browser: &mut Browser, id: &str, text: &str| {
            clock.advance(TimeDelta::minutes(1));
            browser.post_from(&page, &format!("{page}/notes"), &[("id", id), ("text", text)]).status
        };
        let id = hidden(&author.get(&page).text(), "id");
        assert_eq!(add(&mut author, &id, "زرنا <b>الأسرة</b>\nوالسكن ضيق"), 303);
        assert_eq!(add(&mut author, &id, "زرنا <b>الأسرة</b>\nوالسكن ضيق"), 303, "sent twice");
        let text = colleague.get(&page).text();
        assert_eq!(text.matches("زرنا &#60;b&#62;الأسرة&#60;/b&#62;\nوالسكن ضيق").count(), 1, "{text}");
        let own = hidden(&text, "id");
        assert_eq!(add(&mut colleague, &own, "اتصلت بهم"), 303);
        let text = author.get(&page).text();
        assert!(text.find("اتصلت بهم").unwrap() < text.find("زرنا").unwrap(), "the newest first");
        assert_eq!(add(&mut author, &NoteId::random().to_string(), " \n "), 422);
        assert_eq!(add(&mut author, "no id", "x"), 403);
        assert_eq!(add(&mut auditor, &NoteId::random().to_string(), "x"), 403);
        assert!(!auditor.get(&page).text().contains("/notes"));
        // Its author's, on its own request.
        let withdrawal = format!("{page}/notes/{id}/withdrawal");
        assert!(text.contains(&withdrawal) && !colleague.get(&page).text().contains(&withdrawal));
        assert_eq!(colleague.post_from(&page, &withdrawal, &[]).status, 404);
        assert_eq!(author.post_from(&page, &withdrawal.replace(&page, &other_page), &[]).status, 404);
        assert_eq!(author.post_from(&page, &withdrawal, &[]).status, 303);
        let text = colleague.get(&page).text();
        assert!(!text.contains("زرنا") && text.contains("اتصلت بهم"));
    })
    .await;
    assert_eq!(office.check().await.trail, "intact");
    // The trail doesn't know what was written.
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let added = trail::last_details(&mut reading, "note added").await.unwrap().unwrap();
    assert!(!added.to_string().contains("اتصلت"));
    drop(reading);
    database.close().await;
}

#[tokio::test]
async fn a_request_is_read_in_the_words_of_the_catalogue_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.toml");
    let today = std::fs::read_to_string(configuration(folder.path()).catalogue).unwrap();
    let first = today.replacen("\nversion = 2\n", "\nversion = 1\n", 1);
    let first =
        first.replace("السلة الغذائية", "سلة الأمس").replace("على أي جوال نخبر المستفيد بالرد؟", "الجوال كما سُئل عنه");
    assert_ne!(first, today);
    // Today the service is no longer offered.
    let services: Vec<&str> = today.split("\n[[").filter(|part| !part.contains("id = \"food_basket\"")).collect();
    let today = services.join("\n[[");
    std::fs::write(&path, &first).unwrap();
    let office = TestOffice::start_with(|config| config.catalogue = path.clone()).await;
    let (office, mut kiosk, request) = office_with_request_in(office).await;
    let mut unknown = kiosk.request(7_654_321);
    unknown.versions.catalogue = 77;
    let envelope = kiosk.seal(&Record::Request(unknown.clone()));
    kiosk.send(&[envelope]).await.unwrap();

    let TestOffice { config, clock, server, _folder } = office;
    server.shutdown().await;
    std::fs::write(&path, &today).unwrap();
    let catalogue = Catalogue::read(&path).unwrap();
    assert!(catalogue.service("food_basket").is_none());
    let server = Server::start(&config, catalogue, clock.clone()).await.unwrap();
    let office = TestOffice { config, clock, server, _folder };
    let mut browser = office.browser(Role::Researcher).await;
    let (own, foreign) = blocking(move || {
        let shown = |browser: &mut Browser, id| browser.get(&format!("/requests/{id}")).text();
        (shown(&mut browser, request.id), shown(&mut browser, unknown.id))
    })
    .await;
    assert!(own.contains("سلة الأمس") && own.contains("الجوال كما سُئل عنه"), "{own}");
    assert!(!own.contains("food_basket") && !own.contains("بألفاظ اليوم"));
    assert!(foreign.contains("على أي جوال نخبر المستفيد بالرد؟") && foreign.contains("بألفاظ اليوم"));
}
