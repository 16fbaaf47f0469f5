//! The staff pages, as a browser sees them.

use chrono::TimeDelta;

use super::support::*;
use crate::domain::digits::to_eastern;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::tracking_number::KioskNumber;
use crate::domain::tracking_number::TrackingNumber;
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

#[tokio::test]
async fn nobody_sees_anything_without_signing_in() {
    let office = TestOffice::start().await;
    office.person(Role::Manager).await;
    let address = office.server.staff_address;
    blocking(move || {
        let mut browser = Browser::at(address);
        for path in ["/", "/requests", "/ratings", "/suggestions", "/calls", "/kiosks", "/requests/00"] {
            let answer = browser.get(path);
            assert_eq!((answer.status, answer.header("location")), (303, Some("/sign-in")), "{path}");
        }
        assert_eq!(browser.post("/", &[("scan", "1")]).status, 303);
        let page = browser.get("/sign-in");
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        assert!(page.header("set-cookie").unwrap().contains("HttpOnly; SameSite=Strict"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let name_and_password = [("name", "manager"), ("password", PASSWORD)];
        assert_eq!(browser.post("/sign-in", &name_and_password).status, 403, "a form without its token");
        let wrong = [("name", "manager"), ("password", "another password")];
        assert_eq!(browser.post_from("/sign-in", "/sign-in", &wrong).status, 401);
        let mut browser = browser.signed_in("manager", PASSWORD);
        assert_eq!(browser.get("/").status, 200);
        assert_eq!(browser.post("/sign-out", &[("form_token", "00")]).status, 403);
        let stolen = browser.clone();
        assert_eq!(browser.post_from("/", "/sign-out", &[]).status, 303);
        assert_eq!(stolen.clone().get("/").status, 303, "the session is over everywhere");
    })
    .await;
}

#[tokio::test]
async fn passwords_cant_be_guessed() {
    let office = TestOffice::start().await;
    let address = office.server.staff_address;
    let statuses = blocking(move || {
        let mut browser = Browser::at(address);
        let wrong = [("name", "auditor"), ("password", "guess guess")];
        (0..11).map(|_| browser.post_from("/sign-in", "/sign-in", &wrong).status).collect::<Vec<_>>()
    })
    .await;
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10], 429);
    office.clock.advance(TimeDelta::minutes(11));
    office.browser(Role::Auditor).await;
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it() {
    let office = TestOffice::start().await;
    let browser = office.browser(Role::Reception).await;
    for (minutes, status) in [(50, 200), (50, 200), (61, 303)] {
        office.clock.advance(TimeDelta::minutes(minutes));
        let mut again = browser.clone();
        assert_eq!(blocking(move || again.get("/").status).await, status);
    }
}

#[tokio::test]
async fn a_scan_opens_the_request_in_every_form_of_digits() {
    let (office, kiosk, request) = office_with_request().await;
    let mut browser = office.browser(Role::Reception).await;
    let (number, code) = kiosk.receipt(request.tracking_number);
    let unknown = TrackingNumber::new(KioskNumber::try_from(1).unwrap(), 7);
    let (_, wrong_code) = kiosk.receipt(unknown);
    blocking(move || {
        let digits = format!("{number}{}", code.as_str());
        for scan in [
            digits.clone(),
            to_eastern(&digits),
            format!("HTTPS://EXAMPLE.ORG/T/{digits}"),
            number.grouped(),
            number.grouped_eastern(),
        ] {
            let answer = browser.post_from("/", "/", &[("scan", &scan)]);
            let place = format!("/requests/{}", request.id);
            assert_eq!((answer.status, answer.header("location")), (303, Some(place.as_str())), "{scan}");
        }
        let mut refused = |scan: &str| {
            let answer = browser.post_from("/", "/", &[("scan", scan)]);
            assert_eq!(answer.status, 422, "{scan}");
            answer.text()
        };
        assert!(refused("123").contains("ليس إيصالاً"));
        assert!(refused(&unknown.to_string()).contains("لا يوجد طلب"));
        assert!(refused(&format!("{number}{}", wrong_code.as_str())).contains("لا يطابقه"));
    })
    .await;
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn staff_choose_between_two_requests_of_one_number() {
    let (office, mut kiosk, request) = office_with_request().await;
    let twin = kiosk.request(1_234_567);
    assert_eq!(twin.tracking_number, request.tracking_number);
    let envelope = kiosk.seal(&Record::Request(twin.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    assert_eq!(office.check().await.requests, 2);
    let mut browser = office.browser(Role::Reception).await;
    let page = blocking(move || browser.post_from("/", "/", &[("scan", &request.tracking_number.to_string())])).await;
    assert_eq!(page.status, 200);
    for id in [request.id, twin.id] {
        assert!(page.text().contains(&format!("/requests/{id}")));
    }
}

#[tokio::test]
async fn a_request_s_page_says_who_it_is_and_from_when_it_can_be_decided() {
    let (office, _, request) = office_with_request().await;
    let mut manager = office.browser(Role::Manager).await;
    let page = blocking(move || manager.get(&format!("/requests/{}", request.id)).text()).await;
    assert!(page.contains("١٥ نوفمبر ٢٠٢٦"), "the first day, in both calendars");
    assert!(page.contains("نورة بنت سعد القحطاني") && page.contains("class=\"signature\""));
}

#[tokio::test]
async fn replies_that_are_owed_are_listed_with_their_days() {
    let (office, mut kiosk, request) = office_with_request().await;
    office.clock.advance(TimeDelta::days(20));
    let young = kiosk.request(7);
    let envelope = kiosk.seal(&Record::Request(young.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let mut browser = office.browser(Role::Auditor).await;
    blocking(move || {
        let owed = browser.get("/requests?list=replies_owed").text();
        assert!(owed.contains(&request.id.to_string()) && !owed.contains(&young.id.to_string()));
        assert!(owed.contains("الرد مستحق منذ ٦ أيام"));
        let new = browser.get("/requests?list=new").text();
        assert!(!new.contains(&request.id.to_string()) && new.contains(&young.id.to_string()));
        assert!(new.contains("يمكن الرد بعد ١٤ يوماً"));
    })
    .await;
}

#[tokio::test]
async fn a_revoked_kiosk_is_heard_no_more_and_its_codes_are_off() {
    let (office, mut kiosk, request) = office_with_request().await;
    let other = TestKiosk::enrol(&office, 2).await;
    let mut browser = office.browser(Role::Manager).await;
    let (number, code) = kiosk.receipt(request.tracking_number);
    blocking(move || {
        assert_eq!(browser.post_from("/kiosks", "/kiosks/1/revocation", &[]).status, 303);
        assert!(browser.get("/kiosks").text().contains("موقوف"));
        let scan = format!("{number}{}", code.as_str());
        assert_eq!(browser.post_from("/", "/", &[("scan", &scan)]).status, 422);
    })
    .await;
    let envelope = kiosk.seal(&Record::Suggestion { text: "x".into() });
    kiosk.send(&[envelope]).await.unwrap();
    assert_eq!(office.check().await.suggestions, 0, "it waits for staff");
    let changes = other.changes(None).await.changes;
    let [Change::Request { code_hash, .. }] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(*code_hash, [0; 32]);
}

#[tokio::test]
async fn each_role_does_only_its_own() {
    let (office, _, request) = office_with_request().await;
    office.clock.advance(TimeDelta::days(20));
    let page = format!("/requests/{}", request.id);
    let verify = [("document", "id_card"), ("step", "verified")];
    for (role, what, fields, status) in [
        (Role::Auditor, "documents", verify.as_slice(), 403),
        (Role::Committee, "delivery", &[], 403),
        (Role::Researcher, "documents", verify.as_slice(), 303),
    ] {
        let mut browser = office.browser(role).await;
        let page = page.clone();
        let fields = fields.to_vec();
        let found = blocking(move || browser.post_from(&page, &format!("{page}/{what}"), &fields).status).await;
        assert_eq!(found, status, "{role} {what}");
    }
}

#[tokio::test]
async fn every_page_is_shown_in_both_languages() {
    let (office, mut kiosk, request) = office_with_request().await;
    let envelope = kiosk.seal(&Record::Suggestion { text: "<script>شكراً</script>".into() });
    kiosk.send(&[envelope]).await.unwrap();
    let mut browser = office.browser(Role::Administrator).await;
    blocking(move || {
        let pages = ["/", "/requests", "/requests?list=new&page=2", "/ratings", "/suggestions", "/calls", "/kiosks"];
        let mut pages: Vec<String> = pages.map(str::to_owned).into();
        pages.push(format!("/requests/{}", request.id));
        for (language, direction) in [("en", "ltr"), ("ar", "rtl")] {
            let back = [("language", language), ("back", "/kiosks")];
            assert_eq!(browser.post_from("/", "/language", &back).header("location"), Some("/kiosks"));
            for path in &pages {
                let page = browser.get(path);
                assert_eq!(page.status, 200, "{path}");
                let text = page.text();
                assert!(text.contains(&format!("lang=\"{language}\" dir=\"{direction}\"")), "{path}");
                // A key without its message is shown as itself.
                let shown = text.split('>').filter_map(|part| part.split('<').next());
                assert!(shown.clone().all(|words| !words.contains("office-")), "{path}: a message is missing");
                assert!(!text.contains("<script>شكراً") && !text.contains("style="), "{path}");
            }
            let invite = browser.post_from("/kiosks", "/invites", &[]);
            assert!(invite.text().contains("ISTIQBAL/127.0.0.1:"), "{}", invite.status);
        }
        for file in ["common.css", "style.css", "scan.js", "calls.js", "plex-regular.ttf"] {
            assert_eq!(browser.get(&format!("/static/{file}")).status, 200);
        }
        assert_eq!(Browser::at(browser.address).get("/nowhere").status, 303);
        assert_eq!(browser.get("/static/../office.seed").status, 404);
        assert_eq!(browser.get("/nowhere").status, 404);
    })
    .await;
}
