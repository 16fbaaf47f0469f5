//! The research committee's sessions, over real HTTP: who may what, when, with whom, and what can't be changed any more.

use super::support::*;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::{Decision, Event};
use crate::office::people::Role;
use crate::seal::keys::{hex, random};

/// The day on which requests of these tests are received is 2026-11-01; from this instant on they can be decided.
const RIPE: &str = "2026-11-14T21:00:00Z";

pub(super) async fn office_with_requests(count: u32) -> (TestOffice, TestKiosk, Vec<Request>) {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let requests: Vec<Request> = (1..=count).map(|number| kiosk.request(number)).collect();
    let sealed: Vec<Vec<u8>> = requests.iter().map(|one| kiosk.seal(&Record::Request(one.clone()))).collect();
    kiosk.send(&sealed).await.unwrap();
    office.person(Role::Committee).await;
    office.person(Role::Manager).await;
    (office, kiosk, requests)
}

fn go_to(office: &TestOffice, instant: &str) {
    use crate::domain::clock::Clock;
    office.clock.advance(at(instant) - office.clock.now());
}

/// The hidden fields of the page's form with this action, if the page has one.
pub(super) fn hidden(page: &str, action: &str) -> Option<Vec<(String, String)>> {
    let (_, form) = page.split_once(&format!("action=\"{action}\""))?;
    let (form, _) = form.split_once("</form>")?;
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    Some(
        inputs
            .map(|input| {
                let (name, rest) = input.split_once("\" value=\"").unwrap();
                (name.to_owned(), rest.split('"').next().unwrap().to_owned())
            })
            .collect(),
    )
}

/// Fills the form that the page offers.
pub(super) fn submit(browser: &mut Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let text = browser.get(page).text();
    let hidden = hidden(&text, action).unwrap_or_else(|| panic!("{page} offers no {action}"));
    let hidden: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(action, &[&hidden, fields].concat())
}

/// The same form made by hand, whether the page offers it or not.
pub(super) fn forge(browser: &mut Browser, action: &str, fields: &[(&str, &str)]) -> Answer {
    let id = hex(&random::<16>());
    browser.post_from("/", action, &[&[("form_id", id.as_str())], fields].concat())
}

/// The value behind a name on the page, as in `name="member-VALUE"`, in the page's order.
fn behind<'a>(page: &'a str, before: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = page.split(before).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    found.dedup();
    found
}

/// A session that is held, as a browser sees it.
pub(super) struct Held {
    pub browser: Browser,
    /// `/sessions/ID`
    pub path: String,
}

impl Held {
    /// Makes one with the committee's and the management's people and some from outside, all of them present.
    pub fn make(mut browser: Browser, on: &str, outside: usize) -> Self {
        let page = browser.get("/sessions").text();
        let persons = behind(&page, "name=\"person-");
        let mut fields: Vec<(String, String)> = persons.iter().map(|id| (format!("person-{id}"), "1".into())).collect();
        fields.push(("outside".into(), (0..outside).map(|number| format!("عضو {number}\n")).collect()));
        fields.push(("on".into(), on.into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let made = submit(&mut browser, "/sessions", "/sessions", &fields);
        assert_eq!(made.status, 303, "{}", made.text());
        let path = made.header("location").unwrap().to_owned();
        let mut held = Self { browser, path };
        held.attend(usize::MAX);
        held
    }

    pub fn page(&mut self) -> String {
        self.browser.get(&self.path).text()
    }

    pub fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> Answer {
        submit(&mut self.browser, &self.path, &format!("{}{action}", self.path), fields)
    }

    /// The ids of the members.
    pub fn members(&mut self) -> Vec<String> {
        let page = self.page();
        behind(&page, "name=\"member-").into_iter().map(str::to_owned).collect()
    }

    /// The first of them come, the others don't.
    pub fn attend(&mut self, present: usize) -> u16 {
        let members = self.members();
        let words = (0..members.len()).map(|place| if place < present { "present" } else { "absent" });
        let fields: Vec<(String, &str)> = members.iter().map(|id| format!("member-{id}")).zip(words).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, word)| (name.as_str(), *word)).collect();
        self.submit("/members", &fields).status
    }

    pub fn put(&mut self, request: &Request) -> u16 {
        let path = self.path.clone();
        let field = format!("request-{}", request.id);
        let page = format!("{path}/cases");
        let text = self.browser.get(&page).text();
        let page = if text.contains(&field) { page } else { format!("{page}?which=early") };
        submit(&mut self.browser, &page, &format!("{path}/cases"), &[(&field, "1")]).status
    }

    /// Decides by a form made by hand, so that only the rules stand in the way.
    pub fn decide(&mut self, request: &Request, decision: &str) -> Answer {
        let action = format!("{}/cases/{}/decision", self.path, request.id);
        let fields = [("decision", decision), ("reason", "دخل الأسرة"), ("granted", "سلة كل شهر")];
        forge(&mut self.browser, &action, &fields)
    }

    pub fn seal(&mut self) -> u16 {
        self.submit("/seal", &[]).status
    }
}

#[tokio::test]
async fn a_session_from_its_making_to_its_minutes() {
    let (office, kiosk, requests) = office_with_requests(3).await;
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Committee).await;
    let (path, seal) = blocking({
        let requests = requests.clone();
        move || {
            let mut held = Held::make(browser, "2026-11-16", 1);
            assert_eq!(held.members().len(), 3);
            for request in &requests {
                assert_eq!(held.put(request), 303);
            }
            let page = held.page();
            assert!(page.contains("الجلسة رقم ١") && page.contains("٦ جمادى الآخرة ١٤٤٨"), "{page}");
            let action = format!("/cases/{}/decision", requests[0].id);
            assert_eq!(held.submit(&action, &[("decision", "accepted"), ("reason", "دخل الأسرة")]).status, 422);
            let fields = [("decision", "accepted"), ("reason", "دخل الأسرة"), ("granted", "سلة كل شهر")];
            assert_eq!(held.submit(&action, &fields).status, 303);
            assert_eq!(held.decide(&requests[1], "refused").status, 303);
            let again = held.decide(&requests[1], "accepted");
            assert_eq!(again.status, 409);
            assert!(again.text().contains("سلة كل شهر"), "what was typed is shown again");
            assert!(held.browser.get(&format!("{}/minutes", held.path)).status == 409, "not before it is sealed");
            assert_eq!(held.seal(), 303);
            let page = held.page();
            assert!(!page.contains("<form method=\"post\" action=\"/sessions"), "nothing is left to do");
            assert!(!page.contains("role=\"alert\""));
            let minutes = held.browser.get(&format!("{}/minutes", held.path)).text();
            for words in [
                "محضر جلسة لجنة البحث رقم ١",
                "سلة كل شهر",
                "دخل الأسرة",
                "عضو 0",
                "دُرس الطلب ولم يُقرَّر فيه",
                "١٦ نوفمبر ٢٠٢٦",
            ] {
                assert!(minutes.contains(words), "{words}");
            }
            let english = held.browser.get(&format!("{}/minutes?language=en", held.path)).text();
            assert!(english.contains("Minutes of session 1") && english.contains("16 November 2026"));
            let seals = |text: &str| behind(text, "<p class=\"seal\" dir=\"ltr\">")[0].to_owned();
            assert_eq!(seals(&minutes), seals(&english), "one seal in both languages");
            let request = held.browser.get(&format!("/requests/{}", requests[0].id)).text();
            assert!(request.contains("سلة كل شهر") && request.contains(&held.path));
            (held.path, seals(&minutes))
        }
    })
    .await;
    let seal: String = seal.split("<span>").skip(1).map(|group| &group[..8]).collect();
    let mut reading = office.server.office().database.read().await.unwrap();
    let details: String =
        sqlx::query_scalar("SELECT details FROM trail WHERE action = 'session sealed' AND subject = $1")
            .bind(path.strip_prefix("/sessions/").unwrap())
            .fetch_one(&mut *reading)
            .await
            .unwrap();
    assert!(details.contains(&seal), "the paper's seal stands in the trail");
    let all: Vec<String> = sqlx::query_scalar("SELECT details FROM trail").fetch_all(&mut *reading).await.unwrap();
    assert!(all.iter().all(|details| !details.contains("سلة") && !details.contains("دخل")), "hashes only");
    drop(reading);
    let summary = office.check().await;
    assert!(summary.is_sound(), "{summary:?}");
    let changes = kiosk.changes(None).await.changes;
    assert_eq!(changes.len(), 3);
}

#[tokio::test]
async fn no_decision_before_fourteen_days_by_any_route_role_or_form() {
    let (office, _, requests) = office_with_requests(1).await;
    let request = requests[0].clone();
    // The last second of the thirteenth day in Riyadh.
    go_to(&office, "2026-11-14T20:59:59Z");
    for role in [Role::Committee, Role::Manager, Role::Administrator] {
        let browser = office.browser(role).await;
        let request = request.clone();
        blocking(move || {
            let page = format!("/requests/{}", request.id);
            // Today's session, one that claims to have been earlier, and one that claims to be later.
            for on in ["2026-11-14", "2026-10-01", "2026-11-20"] {
                let mut held = Held::make(browser.clone(), on, 3);
                assert_eq!(held.put(&request), 303, "it can be studied");
                let text = held.page();
                assert!(!text.contains("/decision\""), "no form is offered");
                assert!(text.contains("١٥ نوفمبر ٢٠٢٦") || on == "2026-11-20");
                let forged = held.decide(&request, "accepted");
                assert_eq!(forged.status, 409, "{role} {on}");
                let action = format!("{}/cases/{}/off", held.path, request.id);
                assert_eq!(submit(&mut held.browser, &held.path, &action, &[]).status, 303);
            }
            let mut browser = browser;
            let old = forge(&mut browser, &format!("{page}/decision"), &[("decision", "accepted")]);
            assert_eq!(old.status, 404, "a request's page decides nothing");
            assert!(browser.get(&page).text().contains("١٥ نوفمبر ٢٠٢٦"));
        })
        .await;
    }
    let by_command = Event::Decided { decision: Decision::Accepted, session: None };
    assert!(office.server.take_step(request.tracking_number, &by_command).await.is_err());
    go_to(&office, RIPE);
    let browser = office.browser(Role::Committee).await;
    blocking(move || {
        let mut back_dated = Held::make(browser.clone(), "2026-11-14", 3);
        back_dated.put(&request);
        assert_eq!(
            back_dated.decide(&request, "accepted").status,
            409,
            "the paper would say a day before the fifteenth"
        );
        let mut planned = Held::make(browser.clone(), "2026-11-16", 3);
        planned.put(&request);
        assert_eq!(planned.decide(&request, "accepted").status, 409, "that session is tomorrow");
        assert_eq!(forge(&mut planned.browser, &format!("{}/seal", planned.path), &[("version", "3")]).status, 409);
        let mut held = Held::make(browser, "2026-11-15", 3);
        held.put(&request);
        assert_eq!(held.decide(&request, "accepted").status, 303);
    })
    .await;
}

#[tokio::test]
async fn a_case_is_decided_by_a_quorum_of_those_who_do_not_step_aside() {
    let (office, _, requests) = office_with_requests(2).await;
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Manager).await;
    blocking(move || {
        let mut held = Held::make(browser, "2026-11-16", 1);
        let members = held.members();
        for request in &requests {
            held.put(request);
        }
        assert_eq!(held.attend(2), 303);
        assert!(!held.page().contains("/decision\""));
        let without = held.decide(&requests[0], "accepted");
        assert!(without.status == 409 && without.text().contains("المشاركون ٢، والنصاب ٣"), "{}", without.text());
        held.attend(3);
        let aside = format!("aside-{}", members[0]);
        assert_eq!(held.submit(&format!("/cases/{}/members", requests[0].id), &[(&aside, "1")]).status, 303);
        assert_eq!(held.decide(&requests[0], "accepted").status, 409, "one steps aside");
        assert_eq!(held.decide(&requests[1], "accepted").status, 303, "in the other case nobody does");
        assert_eq!(held.attend(2), 409, "who took part stays in the minutes");
        assert_eq!(held.submit(&format!("/cases/{}/members", requests[0].id), &[]).status, 303);
        assert_eq!(held.decide(&requests[0], "refused").status, 303);
        let after = forge(
            &mut held.browser.clone(),
            &format!("{}/cases/{}/members", held.path, requests[0].id),
            &[("version", "9"), (&aside, "1")],
        );
        assert_eq!(after.status, 409);
    })
    .await;
    assert!(office.check().await.is_sound());
}

#[tokio::test]
async fn two_people_at_once_are_told_and_a_form_sent_twice_counts_once() {
    let (office, _, requests) = office_with_requests(2).await;
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Manager).await;
    let other = office.browser(Role::Committee).await;
    blocking(move || {
        let page = browser.clone().get("/sessions").text();
        let fields = hidden(&page, "/sessions").unwrap();
        let mut fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("on", "2026-11-16"));
        let mut twice = browser.clone();
        assert_eq!(twice.post("/sessions", &fields).status, 303);
        assert_eq!(twice.post("/sessions", &fields).header("location"), Some("/sessions"));
        assert_eq!(behind(&twice.get("/sessions").text(), "<th scope=\"row\"><a href=\"/sessions/").len(), 1);

        let mut held = Held::make(browser, "2026-11-16", 3);
        held.put(&requests[0]);
        let mut stale = Held { browser: other.clone(), path: held.path.clone() };
        let before = stale.page();
        held.put(&requests[1]);
        for action in ["/members", "/seal"] {
            let action = format!("{}{action}", held.path);
            let fields = hidden(&before, &action).unwrap();
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = stale.browser.post(&action, &fields);
            assert!(answer.status == 409 && answer.text().contains("غيّر شخص آخر"), "{action}: {}", answer.status);
        }
        assert_eq!(held.decide(&requests[0], "accepted").status, 303);
        let second = stale.decide(&requests[0], "refused");
        assert!(second.status == 409 && second.text().contains("سُجّل قرار هذا الطلب"));
        assert_eq!(stale.page().matches("<span class=\"tag accepted\">قُبل</span>").count(), 1);
        for bad in ["", "x", "../../etc", &"0".repeat(33)] {
            let action = format!("{}/seal", held.path);
            let answer = held.browser.post_from("/", &action, &[("form_id", bad), ("version", "0")]);
            assert_eq!(answer.status, 403, "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_sealed_session_is_changed_by_no_form() {
    let (office, _, requests) = office_with_requests(3).await;
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Administrator).await;
    blocking(move || {
        let mut held = Held::make(browser, "2026-11-16", 3);
        let members = held.members();
        held.put(&requests[0]);
        held.put(&requests[1]);
        held.decide(&requests[0], "refused");
        held.seal();
        let before = held.page();
        let version = ("version", "9");
        let (aside, member) = (format!("aside-{}", members[0]), format!("member-{}", members[0]));
        let third = format!("request-{}", requests[2].id);
        let (path, first, second) = (held.path.clone(), requests[0].id, requests[1].id);
        for (action, fields) in [
            (format!("{path}/members"), vec![version, (member.as_str(), "off"), ("outside", "x")]),
            (format!("{path}/cases"), vec![(third.as_str(), "1")]),
            (
                format!("{path}/cases/{second}/decision"),
                vec![("decision", "accepted"), ("reason", "x"), ("granted", "x")],
            ),
            (
                format!("{path}/cases/{first}/decision"),
                vec![("decision", "accepted"), ("reason", "x"), ("granted", "x")],
            ),
            (format!("{path}/cases/{second}/members"), vec![version, (aside.as_str(), "1")]),
            (format!("{path}/cases/{second}/off"), vec![]),
            (format!("{path}/seal"), vec![version]),
            (format!("{path}/day"), vec![("on", "2026-11-17")]),
            (format!("/requests/{first}/session"), vec![("session", &path["/sessions/".len()..]), ("because", "x")]),
        ] {
            let answer = forge(&mut held.browser, &action, &fields);
            assert_eq!(answer.status, 409, "{action}");
            assert!(answer.text().contains("هذه الجلسة مختومة"), "{action}");
        }
        assert_eq!(held.page(), before);
        let mut later = Held::make(held.browser.clone(), "2026-11-16", 3);
        later.put(&requests[1]);
        assert_eq!(later.decide(&requests[1], "accepted").status, 303);
        assert_eq!(held.page(), before, "it says what it knew, not what has become of the request since");
    })
    .await;
    assert!(office.check().await.is_sound());
}

#[tokio::test]
async fn a_sealed_session_that_is_changed_in_the_database_is_found() {
    let (office, _, requests) = office_with_requests(2).await;
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Manager).await;
    let request = requests[0].id.to_string();
    let mut held = blocking(move || {
        let mut held = Held::make(browser, "2026-11-16", 1);
        let aside = held.members();
        held.attend(3);
        for request in &requests {
            held.put(request);
        }
        held.decide(&requests[0], "accepted");
        held.submit(&format!("/cases/{}/members", requests[1].id), &[(&format!("aside-{}", aside[0]), "1")]);
        assert_eq!(held.seal(), 303);
        held
    })
    .await;
    assert!(office.check().await.is_sound());
    // Each with what undoes it.
    let changes = [
        (
            "UPDATE committee_case SET granted = 'x' WHERE granted IS NOT NULL",
            "UPDATE committee_case SET granted = 'سلة كل شهر' WHERE granted IS NOT NULL",
        ),
        (
            "UPDATE committee_case SET reason = NULL WHERE granted IS NOT NULL",
            "UPDATE committee_case SET reason = 'دخل الأسرة' WHERE granted IS NOT NULL",
        ),
        (
            "UPDATE committee_case SET decision = 'refused' WHERE decision = 'accepted'",
            "UPDATE committee_case SET decision = 'accepted' WHERE decision = 'refused'",
        ),
        ("UPDATE committee_case SET service = service || 'x'", "UPDATE committee_case SET service = 'food_basket'"),
        (
            "UPDATE committee_member SET name = name || 'x'",
            "UPDATE committee_member SET name = substr(name, 1, length(name) - 1)",
        ),
        ("UPDATE committee_member SET present = 0", "UPDATE committee_member SET present = 1"),
        ("UPDATE committee_session SET on_day = '2026-11-15'", "UPDATE committee_session SET on_day = '2026-11-16'"),
        ("UPDATE committee_session SET quorum = 2", "UPDATE committee_session SET quorum = 3"),
        (
            "UPDATE request_event SET event = replace(event, 'accepted', 'refused')",
            "UPDATE request_event SET event = replace(event, 'refused', 'accepted')",
        ),
    ];
    let database = &office.server.office().database;
    for (change, undo) in changes {
        for (statement, is_changed) in [(change, true), (undo, false)] {
            let mut writing = database.write().await.unwrap();
            assert!(sqlx::query(statement).execute(&mut *writing).await.unwrap().rows_affected() > 0, "{statement}");
            writing.commit().await.unwrap();
            let summary = office.check().await;
            assert_eq!(summary.minutes != "intact", is_changed, "{statement}: {}", summary.minutes);
            assert_eq!(summary.is_sound(), !is_changed);
            held = blocking(move || {
                assert_eq!(held.page().contains("ليست هذه الجلسة كما خُتمت"), is_changed, "{statement}");
                held
            })
            .await;
        }
    }
    // Erasing the person is no change: the hashes stay.
    let mut writing = database.write().await.unwrap();
    crate::office::database::committee_cases::erase(&mut writing, request.parse().unwrap()).await.unwrap();
    writing.commit().await.unwrap();
    assert!(office.check().await.is_sound());
    let (text, mut held) = blocking(move || {
        let path = format!("{}/minutes", held.path);
        (held.browser.get(&path).text(), held)
    })
    .await;
    assert!(text.contains("مُحي هذا النص") && !text.contains("سلة كل شهر"));
    // Whoever makes the rows and the seal fit each other is found by the trail; whoever takes the seal off, too.
    for statement in [
        "UPDATE committee_session SET seal = zeroblob(32)",
        "UPDATE committee_session SET sealed_at = NULL, sealed_by = NULL, seal = NULL",
    ] {
        let mut writing = database.write().await.unwrap();
        sqlx::query(statement).execute(&mut *writing).await.unwrap();
        writing.commit().await.unwrap();
        let summary = office.check().await;
        assert!(summary.minutes.contains("session 1") && !summary.is_sound(), "{summary:?}");
    }
    blocking(move || assert_eq!(held.seal(), 303)).await;
    assert!(!office.check().await.is_sound(), "opened by hand and sealed once more");
}

#[tokio::test]
async fn a_refusal_is_objected_to_once_and_another_session_looks_at_it() {
    let (office, _, requests) = office_with_requests(1).await;
    let request = requests[0].clone();
    let page = format!("/requests/{}", request.id);
    let objection = format!("{page}/objection");
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Committee).await;
    let mut reception = office.browser(Role::Reception).await;
    blocking(move || {
        assert!(hidden(&reception.get(&page).text(), &objection).is_none(), "nothing is refused yet");
        assert_eq!(forge(&mut reception, &objection, &[("note", "x")]).status, 409);
        let mut first = Held::make(browser.clone(), "2026-11-16", 3);
        first.put(&request);
        assert_eq!(first.decide(&request, "refused").status, 303);
        let text = reception.get(&page).text();
        let fields = hidden(&text, &objection).unwrap();
        let mut fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(reception.post(&objection, &fields).status, 422, "an objection says something");
        fields.push(("note", "راتبي انقطع منذ شهر"));
        assert_eq!(reception.post(&objection, &fields).status, 303);
        assert_eq!(reception.post(&objection, &fields).status, 303, "sent twice");
        let text = reception.get(&page).text();
        assert_eq!(text.matches("<strong>اعترض مقدم الطلب على الرفض</strong>").count(), 2, "once in each list");
        assert!(text.contains("راتبي انقطع") && text.contains("يجوز أن يكون أعضاؤها هم الأعضاء أنفسهم"));
        assert_eq!(first.decide(&request, "accepted").status, 409, "not in the first session");
        let put = [("session", &first.path["/sessions/".len()..])];
        assert_eq!(forge(&mut first.browser.clone(), &format!("{page}/session"), &put).status, 409);
        let mut second = Held::make(browser, "2026-11-16", 3);
        assert!(second.browser.get(&format!("{}/cases", second.path)).text().contains("اعترض صاحبه"));
        second.put(&request);
        assert!(second.page().contains("نظر ثانٍ بعد اعتراض على قرار الجلسة رقم ١"));
        assert_eq!(second.decide(&request, "refused").status, 303);
        assert_eq!(
            forge(&mut reception, &objection, &[("note", "x")]).status,
            409,
            "the answer to an objection ends it"
        );
        assert!(hidden(&reception.get(&page).text(), &objection).is_none());
        second.seal();
        let minutes = second.browser.get(&format!("{}/minutes", second.path)).text();
        assert!(minutes.contains("نظر ثانٍ بعد اعتراض على قرار الجلسة رقم ١"));
    })
    .await;
    let mut reading = office.server.office().database.read().await.unwrap();
    let columns: (Option<String>, Option<String>) =
        sqlx::query_as("SELECT decided_on, objected_on FROM request").fetch_one(&mut *reading).await.unwrap();
    assert_eq!(columns, (Some("2026-11-16".into()), Some("2026-11-16".into())));
}

#[tokio::test]
async fn what_was_decided_is_changed_by_a_new_decision_that_names_the_old_one() {
    let (office, _, requests) = office_with_requests(1).await;
    let request = requests[0].clone();
    let page = format!("/requests/{}", request.id);
    go_to(&office, "2026-11-16T08:00:00Z");
    let mut browser = office.browser(Role::Committee).await;
    blocking(move || {
        let mut first = Held::make(browser.clone(), "2026-11-16", 3);
        first.put(&request);
        first.decide(&request, "refused");
        first.seal();
        let mut second = Held::make(browser.clone(), "2026-11-16", 3);
        let action = format!("{page}/session");
        let session = ("session", &second.path["/sessions/".len()..]);
        assert_eq!(submit(&mut browser, &page, &action, &[session]).status, 422, "not without a reason");
        let because = ("because", "ظهر مستند جديد");
        let put = submit(&mut browser, &page, &action, &[session, because]);
        assert_eq!(put.status, 303, "{}", put.text());
        assert!(browser.get(&page).text().contains("class=\"tag refused\""), "the earlier decision counts until then");
        assert!(second.page().contains("ظهر مستند جديد"));
        assert_eq!(second.decide(&request, "accepted").status, 303);
        second.seal();
        let text = browser.get(&page).text();
        assert!(text.contains("class=\"tag accepted\"") && text.contains(&first.path) && text.contains(&second.path));
        let minutes = second.browser.get(&format!("{}/minutes", second.path)).text();
        assert!(minutes.contains("قرار جديد في ما قررته الجلسة رقم ١") && minutes.contains("ظهر مستند جديد"));
        assert!(!first.page().contains("role=\"alert\""), "the first is what it was");
    })
    .await;
    assert!(office.check().await.is_sound());
}

#[tokio::test]
async fn each_role_does_only_its_own_and_everybody_reads() {
    let (office, _, requests) = office_with_requests(1).await;
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Manager).await;
    let request = requests[0].clone();
    let path = blocking({
        let request = request.clone();
        move || {
            let mut held = Held::make(browser, "2026-11-16", 3);
            held.put(&request);
            held.path
        }
    })
    .await;
    let page = format!("/requests/{}", request.id);
    for role in Role::ALL {
        use crate::office::people::Permission::*;
        let mut browser = office.browser(role).await;
        let (path, page) = (path.clone(), page.clone());
        let case = format!("{path}/cases/{}", request.id);
        let posts = [
            ("/sessions".to_owned(), HoldSessions),
            (format!("{path}/members"), HoldSessions),
            (format!("{path}/cases"), HoldSessions),
            (format!("{path}/day"), HoldSessions),
            (format!("{path}/seal"), HoldSessions),
            (format!("{case}/members"), HoldSessions),
            (format!("{case}/off"), HoldSessions),
            (format!("{case}/decision"), Decide),
            (format!("{page}/session"), HoldSessions),
            (format!("{page}/objection"), RecordObjection),
            (format!("{page}/delivery"), Deliver),
            (format!("{page}/ending"), EndRequest),
        ];
        blocking(move || {
            for (action, permission) in &posts {
                // No form has this id: whoever may is told that the form is stale, or what it lacks.
                let answer = browser.post_from("/", action, &[("form_id", "none")]);
                let refused = answer.text().contains("ليست من صلاحيات دوركم");
                assert_eq!(refused, !role.may(*permission), "{role} {action}: {}", answer.text());
                assert!(matches!(answer.status, 403 | 422));
            }
            for readable in ["/sessions", path.as_str()] {
                assert_eq!(browser.get(readable).status, 200, "{role}");
            }
            let text = browser.get(&path).text();
            assert_eq!(text.contains("/members\""), role.may(HoldSessions));
            assert_eq!(text.contains("/decision\""), role.may(Decide));
            assert_eq!(browser.get(&format!("{path}/cases")).status, if role.may(HoldSessions) { 200 } else { 403 });
        })
        .await;
    }
    let anyone = office.server.staff_address;
    blocking(move || assert_eq!(Browser::at(anyone).get(&path).status, 303)).await;
}

#[tokio::test]
async fn sessions_are_shown_in_both_languages_and_survive_hostile_input() {
    let (office, _, requests) = office_with_requests(2).await;
    go_to(&office, "2026-11-16T08:00:00Z");
    let browser = office.browser(Role::Administrator).await;
    blocking(move || {
        let mut held = Held::make(browser, "1448-06-06 H", 3);
        held.put(&requests[0]);
        let hostile = "<script>alert(1)</script>\u{202e}\u{0}";
        let action = format!("{}/cases/{}/decision", held.path, requests[0].id);
        let fields = [("decision", "accepted"), ("reason", hostile), ("granted", &"ط".repeat(20_000)[..])];
        assert_eq!(forge(&mut held.browser, &action, &fields[..2]).status, 422);
        assert_eq!(
            forge(&mut held.browser, &action, &[fields[0], ("reason", hostile), ("granted", hostile)]).status,
            303
        );
        held.seal();
        let cases = format!("{}/cases", held.path);
        let mut planned = Held::make(held.browser.clone(), "2026-12-01", 0);
        planned.put(&requests[1]);
        for (language, direction) in [("en", "ltr"), ("ar", "rtl")] {
            held.browser.post_from("/", "/language", &[("language", language), ("back", "/")]);
            planned.browser = held.browser.clone();
            for path in [
                "/sessions".to_owned(),
                "/sessions?page=2".into(),
                held.path.clone(),
                planned.path.clone(),
                format!("{}/minutes", held.path),
                format!("{}/cases", planned.path),
                format!("{}/cases?which=early&page=99999999", planned.path),
                format!("/requests/{}", requests[0].id),
                format!("/requests/{}", requests[1].id),
            ] {
                let answer = held.browser.get(&path);
                assert_eq!(answer.status, 200, "{path}");
                let text = answer.text();
                assert!(text.contains(&format!("lang=\"{language}\" dir=\"{direction}\"")), "{path}");
                let mut shown = text.split('>').filter_map(|part| part.split('<').next());
                assert!(shown.all(|words| !words.contains("office-")), "{path}: a message is missing");
                assert!(!text.contains("<script>alert") && !text.contains("style="), "{path}");
            }
        }
        assert_eq!(held.browser.get(&cases).status, 409);
        for path in ["/sessions/x", "/sessions/x/minutes", "/sessions/x/cases", "/sessions/%27%20OR%201=1"] {
            assert_eq!(held.browser.get(path).status, 404, "{path}");
        }
        let day = format!("{}/day", planned.path);
        assert_eq!(submit(&mut held.browser, &planned.path, &day, &[("on", "2026-11-30")]).status, 303);
        assert!(planned.page().contains("٣٠ نوفمبر ٢٠٢٦"));
        assert_eq!(forge(&mut held.browser, &day, &[("on", "1926-11-30")]).status, 422);
        for on in ["", "yesterday", "2026-13-01", "9999999-01-01", "1448-06 H", "2062-11-16"] {
            assert_eq!(forge(&mut held.browser, "/sessions", &[("on", on)]).status, 422, "{on}");
        }
        let many: String = (0..60).map(|number| format!("عضو {number}\n")).collect();
        assert_eq!(forge(&mut held.browser, "/sessions", &[("on", "2026-12-01"), ("outside", &many)]).status, 409);
    })
    .await;
}
