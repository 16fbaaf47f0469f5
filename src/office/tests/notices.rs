//! Notices from the change to the gateway, and the call list, against a real server and a gateway that misbehaves.

use std::path::Path;

use chrono::TimeDelta;

use super::support::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::record::Record;
use crate::domain::request::{Request, RequestId};
use crate::domain::stage::{Decision, Event};
use crate::language::digits;
use crate::office::OfficeConfig;
use crate::office::database::call_list;
use crate::office::database::notices::{self as table, AttemptOutcome, NoticeState, StoredNotice, Unreached};
use crate::office::notices::practice::{Behaviour, PracticeGateway};
use crate::office::notices::{MessageLimits, SmsConfig, send_due};
use crate::office::people::Role;

const KEY: &str = "a-very-secret-key";

/// How the office's file asks the practice gateway, with a key that it gives in a header.
fn sms(gateway: &PracticeGateway) -> SmsConfig {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, format!("{KEY}\n")).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let patterns = PracticeGateway::patterns(gateway.address.port())
        .replace("Content-Type", "Authorization = \"Bearer {key}\", Content-Type")
        .replace("timeout_seconds = 5", "timeout_seconds = 1\nkey_file = \"key\"");
    let path = folder.path().join("office.toml");
    let rest =
        "data = \"d\"\ncatalogue = \"c\"\nstaff_listen = \"127.0.0.1:0\"\nreplication_listen = \"127.0.0.1:0\"\n";
    std::fs::write(&path, format!("{rest}{patterns}")).unwrap();
    let sms = OfficeConfig::read(&path).unwrap().sms.unwrap();
    // The key is read when an office starts: its folder stays as long as the tests.
    std::mem::forget(folder);
    sms
}

async fn office_with(gateway: &PracticeGateway) -> TestOffice {
    let sms = sms(gateway);
    TestOffice::start_with(|config| config.sms = Some(sms)).await
}

/// A request that has arrived, with all documents at hand.
async fn received(kiosk: &mut TestKiosk, random_part: u32, change: impl FnOnce(&mut Request)) -> Request {
    let mut request = kiosk.request(random_part);
    request.documents = [("id_card".to_owned(), DocumentAnswer::WithMe)].into();
    change(&mut request);
    let envelope = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    request
}

impl TestOffice {
    /// Lets time pass until new notices are due, and sends them.
    async fn send(&self) {
        self.clock.advance(table::GATHERING);
        self.send_now().await;
    }

    async fn send_now(&self) {
        while send_due(self.server.office()).await.unwrap() > 0 {}
    }

    async fn step(&self, request: &Request, event: Event) {
        self.server.take_step(request.tracking_number, &event).await.unwrap();
    }

    async fn notices(&self, request: RequestId) -> Vec<StoredNotice> {
        let mut reading = self.server.office().database.read().await.unwrap();
        table::of_request(&mut reading, request).await.unwrap()
    }

    /// The only notice of a request.
    async fn notice(&self, request: RequestId) -> StoredNotice {
        let notices = self.notices(request).await;
        assert_eq!(notices.len(), 1, "{notices:?}");
        notices.into_iter().next().unwrap()
    }

    async fn trail(&self, action: &str) -> Vec<String> {
        let mut reading = self.server.office().database.read().await.unwrap();
        sqlx::query_scalar("SELECT details FROM trail WHERE action = $1 ORDER BY number")
            .bind(action)
            .fetch_all(&mut *reading)
            .await
            .unwrap()
    }
}

fn verified() -> Event {
    Event::DocumentVerified { document: "id_card".into() }
}

fn returned() -> Event {
    Event::DocumentReturned { document: "id_card".into() }
}

fn decided(decision: Decision) -> Event {
    Event::Decided { decision, session: None }
}

#[tokio::test]
async fn each_change_is_told_once_in_the_person_s_language_and_names_nothing() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let arabic = received(&mut kiosk, 1_234_567, |_| {}).await;
    let english = received(&mut kiosk, 2_345_678, |request| request.language = Language::English).await;
    office.send_now().await;
    assert!(gateway.came().is_empty(), "what was just made gathers first");
    office.send().await;
    for event in
        [verified(), decided(Decision::Refused), Event::Objected, decided(Decision::Accepted), Event::Delivered]
    {
        if matches!(event, Event::Decided { .. }) {
            office.clock.advance(TimeDelta::days(14));
        }
        for request in [&arabic, &english] {
            office.step(request, event.clone()).await;
        }
        office.send().await;
    }
    let messages = gateway.messages();
    assert_eq!(messages.len(), 12, "{messages:#?}");
    assert_eq!(gateway.came().len(), 12, "none went out twice");
    for request in [&arabic, &english] {
        let end = digits(request.language, &request.tracking_number.to_string()[8..]);
        let own: Vec<_> = messages.iter().filter(|message| message.text.contains(&end)).collect();
        assert_eq!(own.len(), 6);
        // A refusal and an acceptance can't be told apart.
        assert_eq!(own[2].text, own[4].text);
        for message in own {
            assert_eq!(message.to, "+966500000000");
            let is_arabic = message.text.contains("طلبكم");
            assert_eq!(is_arabic, request.language == Language::Arabic);
            for secret in ["نورة", "القحطاني", "1000000008", "سلة", "basket"] {
                assert!(!message.text.contains(secret), "{}", message.text);
            }
        }
    }
    let came = gateway.came();
    let authorization = ("authorization".to_owned(), format!("Bearer {KEY}"));
    assert!(came.iter().all(|came| came.line == "POST /messages" && came.headers.contains(&authorization)));
    assert_eq!(office.trail("notice tried").await.len(), 12);
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn what_is_taken_back_or_never_happened_is_not_told() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    office.send().await;
    // A transaction that isn't committed, and a step that is refused.
    let database = &office.server.office().database;
    let mut writing = database.write().await.unwrap();
    let event = verified();
    let counted = crate::office::database::requests::Counted {
        at: at("2026-11-01T08:05:00Z"),
        day: "2026-11-01".parse().unwrap(),
    };
    let actor = crate::office::database::trail::Actor::Command;
    let new = crate::office::database::requests::NewEvent { event: &event, counted, actor: &actor, reason: None };
    crate::office::database::requests::add_event(&mut writing, request.id, new).await.unwrap();
    drop(writing);
    office.server.take_step(request.tracking_number, &decided(Decision::Accepted)).await.unwrap_err();
    office.send().await;
    assert_eq!(gateway.messages().len(), 1, "only that it was received");
    // Verified by mistake, and taken back before anybody was told.
    office.step(&request, verified()).await;
    office.step(&request, returned()).await;
    office.send().await;
    let states: Vec<_> =
        office.notices(request.id).await.into_iter().map(|one| (one.kind.as_str(), one.state)).collect();
    assert!(states.contains(&("documents_complete", NoticeState::Overtaken)), "{states:?}");
    assert!(states.contains(&("documents_needed", NoticeState::Sent)), "{states:?}");
    assert_eq!(gateway.messages().len(), 2);
}

#[tokio::test]
async fn repeated_changes_become_one_notice_until_it_is_tried() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    office.send().await;
    for _ in 0..4 {
        office.step(&request, returned()).await;
        office.step(&request, verified()).await;
    }
    office.step(&request, returned()).await;
    office.send().await;
    assert_eq!(gateway.messages().len(), 2);
    // One that is still tried again when the next is made gives way to it.
    gateway.behave(Behaviour::Answer(500, String::new()));
    office.step(&request, verified()).await;
    office.send().await;
    office.step(&request, returned()).await;
    office.step(&request, verified()).await;
    gateway.behave(Behaviour::Take);
    office.clock.advance(TimeDelta::minutes(20));
    office.send_now().await;
    let complete = office.notices(request.id).await;
    let complete = complete.iter().filter(|one| one.kind.as_str() == "documents_complete");
    assert_eq!(
        complete.map(|one| one.state).collect::<Vec<_>>(),
        [NoticeState::Sent, NoticeState::Overtaken, NoticeState::Overtaken]
    );
    assert_eq!(gateway.came().len(), 4, "one of them in vain");
}

#[tokio::test]
async fn a_gateway_that_fails_in_every_way_costs_time_and_loses_nothing() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    let echo = format!("no credit for 966500000000 {KEY} +966 50 000 0000 code 17");
    let failures = [
        (Behaviour::Answer(500, echo), AttemptOutcome::Refused),
        (Behaviour::Answer(200, "{\"status\":\"rejected\"}".into()), AttemptOutcome::Refused),
        (Behaviour::Nonsense, AttemptOutcome::Unreachable),
        (Behaviour::HangUp, AttemptOutcome::Unreachable),
        (Behaviour::Stall, AttemptOutcome::TimedOut),
    ];
    office.clock.advance(table::GATHERING);
    // Each wait is over by then; the last one ends after the night.
    let waits = [10, 30, 60, 240, 19 * 60].map(TimeDelta::minutes);
    for ((behaviour, _), wait) in failures.iter().zip(waits) {
        gateway.behave(behaviour.clone());
        office.send_now().await;
        // Not again at once.
        assert_eq!(send_due(office.server.office()).await.unwrap(), 0);
        office.clock.advance(wait);
    }
    gateway.behave(Behaviour::Take);
    office.send_now().await;
    let notice = office.notice(request.id).await;
    assert_eq!(notice.state, NoticeState::Sent);
    let outcomes: Vec<_> = notice.attempts.iter().map(|one| one.outcome).collect();
    let expected: Vec<_> =
        failures.iter().map(|(_, outcome)| Some(*outcome)).chain([Some(AttemptOutcome::Sent)]).collect();
    assert_eq!(outcomes, expected);
    assert_eq!(notice.attempts[0].answer, "no credit for … … … code 17");
    assert_eq!(gateway.messages().len(), 1, "each try bears the same id");
    // The page shows the tries, without number or key.
    let mut browser = office.browser(Role::Auditor).await;
    let page = blocking(move || browser.get(&format!("/requests/{}", request.id)).text()).await;
    for part in ["استلام الطلب", "رفضها مزود الرسائل", "تأخر مزود الرسائل", "no credit for"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let tries = page.split_once("id=\"notices\"").unwrap().1;
    assert!(!tries.contains(KEY) && !tries.contains("50 000 0000") && !tries.contains("966500000000"));
}

#[tokio::test]
async fn an_office_that_stops_in_the_middle_of_a_try_tries_again() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    gateway.behave(Behaviour::Stall);
    office.clock.advance(table::GATHERING);
    let stopped = office.server.office().clone();
    let task = tokio::spawn(async move { send_due(&stopped).await });
    while gateway.came().is_empty() {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    gateway.behave(Behaviour::Take);
    let office = office.restarted().await;
    office.send_now().await;
    assert_eq!(gateway.came().len(), 1, "whoever began may still be at it");
    office.clock.advance(TimeDelta::minutes(2));
    office.send_now().await;
    let notice = office.notice(request.id).await;
    assert_eq!(notice.state, NoticeState::Sent);
    let outcomes: Vec<_> = notice.attempts.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [None, Some(AttemptOutcome::Sent)]);
    assert_eq!((gateway.came().len(), gateway.messages().len()), (2, 1));
}

#[tokio::test]
async fn nobody_is_woken_at_night() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    // 22:30 in Riyadh
    office.clock.advance(TimeDelta::minutes(11 * 60 + 30));
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    for _ in 0..18 {
        office.send().await;
        office.clock.advance(TimeDelta::minutes(27));
    }
    assert!(gateway.came().is_empty(), "07:30");
    assert!(office.notice(request.id).await.attempts.is_empty(), "no try was made");
    office.clock.advance(TimeDelta::minutes(51));
    office.send_now().await;
    assert_eq!(gateway.messages().len(), 1, "08:21");
}

#[tokio::test]
async fn who_was_never_tried_is_tried_however_late_it_is() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    // A machine that was off over a feast, or a clock that was ahead for a moment.
    office.clock.advance(TimeDelta::days(5));
    office.send_now().await;
    assert_eq!(office.notice(request.id).await.state, NoticeState::Sent);
}

#[tokio::test]
async fn when_all_tries_are_used_up_somebody_calls_and_a_later_message_makes_that_needless() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    gateway.behave(Behaviour::Answer(503, "later".into()));
    for _ in 0..40 {
        office.clock.advance(TimeDelta::hours(3));
        office.send_now().await;
    }
    let notice = office.notice(request.id).await;
    assert_eq!(notice.state, NoticeState::Unreached(Unreached::Attempts));
    assert!((5..=8).contains(&notice.attempts.len()), "{}", notice.attempts.len());
    let tried = gateway.came().len();
    assert!(list(&office, Role::Reception, "now").await.contains("لم تصل الرسالة بعد عدة محاولات"));
    gateway.behave(Behaviour::Take);
    office.send().await;
    assert_eq!(gateway.came().len(), tried, "it is given up");
    office.step(&request, verified()).await;
    office.clock.advance(TimeDelta::hours(12));
    office.send_now().await;
    office.clock.advance(TimeDelta::hours(12));
    office.send_now().await;
    assert!(list(&office, Role::Reception, "now").await.contains("لا أحد في هذه القائمة"));
    let states: Vec<_> = office.notices(request.id).await.into_iter().map(|one| one.state).collect();
    assert_eq!(states, [NoticeState::Sent, NoticeState::Overtaken]);
}

async fn list(office: &TestOffice, role: Role, list: &str) -> String {
    let mut browser = office.browser(role).await;
    let path = format!("/notices?list={list}");
    blocking(move || browser.get(&path).text()).await
}

async fn call(office: &TestOffice, request: RequestId, fields: &[(&'static str, &'static str)]) -> u16 {
    let mut browser = office.browser(Role::Researcher).await;
    let fields = fields.to_vec();
    blocking(move || browser.post_from("/notices", &format!("/notices/{request}/call"), &fields).status).await
}

#[tokio::test]
async fn without_a_gateway_everybody_is_called() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let told = received(&mut kiosk, 1, |request| request.language = Language::English).await;
    let busy = received(&mut kiosk, 2, |_| {}).await;
    office.send().await;
    let page = list(&office, Role::Reception, "now").await;
    let parts = [
        "للاتصال الآن (٢)",
        "نورة بنت سعد القحطاني",
        "href=\"tel:+966500000000\"",
        "٠٥٠٠٠٠٠٠٠٠",
        "الرسائل غير مفعّلة",
        "<blockquote lang=\"en\" dir=\"ltr\">",
        "Am I speaking with the person who made the request?",
        "We have received your request",
    ];
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
    let mut browser = office.browser(Role::Reception).await;
    let (id, other) = (told.id, busy.id);
    let lists = blocking(move || (browser.get("/").text(), browser.get("/requests?list=not_reached").text())).await;
    assert!(lists.0.contains("شخصان ينتظران اتصالكم"), "{}", lists.0);
    assert!([id, other].iter().all(|id| lists.1.contains(&format!("/requests/{id}"))), "{}", lists.1);
    // Told; the same form again changes nothing.
    assert_eq!(call(&office, told.id, &[("outcome", "reached"), ("calls", "0")]).await, 303);
    assert_eq!(call(&office, told.id, &[("outcome", "reached"), ("calls", "0")]).await, 303);
    assert_eq!(office.notice(told.id).await.state, NoticeState::Told);
    // Not reached: on the day that was said, and not before.
    let again = [("outcome", "not_reached"), ("calls", "0"), ("again", "2026-11-04")];
    assert_eq!(call(&office, busy.id, &again).await, 303);
    assert_eq!(call(&office, busy.id, &again).await, 303);
    assert!(list(&office, Role::Manager, "now").await.contains("لا أحد في هذه القائمة"));
    assert!(list(&office, Role::Manager, "later").await.contains("للاتصال لاحقًا (١)"));
    for wrong in ["2026-10-31", "2027-11-04", "tomorrow", ""] {
        let fields = [("outcome", "not_reached"), ("calls", "1"), ("again", wrong)];
        assert_eq!(call(&office, busy.id, &fields).await, 422, "{wrong}");
    }
    office.clock.advance(TimeDelta::days(3));
    let page = list(&office, Role::Manager, "now").await;
    assert!(page.contains("للاتصال الآن (١)") && page.contains("اتصال واحد"), "{page}");
    let outcomes =
        ["{\"again\":null,\"outcome\":\"reached\"}", "{\"again\":\"2026-11-04\",\"outcome\":\"not_reached\"}"];
    assert_eq!(office.trail("person called").await, outcomes);
    assert_eq!(office.check().await.trail, "intact");
    let mut browser = office.browser(Role::Auditor).await;
    let page = blocking(move || browser.get(&format!("/requests/{}", busy.id)).text()).await;
    assert!(page.contains("اتصال هاتفي") && page.contains("researcher"), "{page}");
}

#[tokio::test]
async fn only_those_who_call_see_the_list_and_forged_forms_change_nothing() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    office.send().await;
    for role in [Role::Committee, Role::Auditor] {
        let mut browser = office.browser(role).await;
        let id = request.id;
        blocking(move || {
            assert_eq!(browser.get("/notices").status, 403);
            assert!(!browser.get("/").text().contains("href=\"/notices\""));
            let forged = [("outcome", "reached"), ("calls", "0")];
            assert_eq!(browser.post_from("/", &format!("/notices/{id}/call"), &forged).status, 403);
        })
        .await;
    }
    let mut browser = office.browser(Role::Reception).await;
    let id = request.id;
    blocking(move || {
        let path = format!("/notices/{id}/call");
        assert_eq!(browser.post(&path, &[("outcome", "reached"), ("calls", "0")]).status, 403, "without its token");
        for fields in [
            &[("outcome", "reached")][..],
            &[("outcome", "told"), ("calls", "0")],
            &[("outcome", "reached"), ("calls", "-1")],
            &[("wrong", "+966511111111"), ("calls", "0")],
        ] {
            assert_eq!(browser.post_from("/notices", &path, fields).status, 403, "{fields:?}");
        }
        let fields = [("outcome", "reached"), ("calls", "0")];
        assert_eq!(browser.post_from("/notices", "/notices/1/call", &fields).status, 404);
        let nobody = format!("/notices/{}/call", RequestId([7; 16]));
        assert_eq!(browser.post_from("/notices", &nobody, &fields).status, 404);
        assert_eq!(Browser::at(browser.address).get("/notices").header("location"), Some("/sign-in"));
    })
    .await;
    assert_eq!(office.notice(request.id).await.state, NoticeState::Unreached(Unreached::NoGateway));
    assert!(office.trail("person called").await.is_empty());
}

#[tokio::test]
async fn a_stranger_whose_number_it_is_hears_no_more() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |request| {
        let mobile = crate::domain::mobile::Mobile::parse("0511111111").unwrap();
        request.answers.set("applicant_mobile", crate::domain::answers::Answer::Mobile(mobile));
    })
    .await;
    let without = received(&mut kiosk, 2, |request| request.answers.remove("mobile")).await;
    gateway.behave(Behaviour::Answer(500, String::new()));
    for _ in 0..40 {
        office.clock.advance(TimeDelta::hours(3));
        office.send_now().await;
    }
    assert_eq!(office.notice(without.id).await.state, NoticeState::Unreached(Unreached::NoMobile));
    assert!(gateway.came().iter().all(|came| came.message().unwrap().to == "+966500000000"));
    assert_eq!(call(&office, request.id, &[("wrong", "+966500000000"), ("calls", "0")]).await, 303);
    let page = list(&office, Role::Reception, "now").await;
    assert!(!page.contains("tel:+966500000000") && page.contains("tel:+966511111111"), "{page}");
    assert!(page.contains("لا رقم صالح للاتصال"), "of the other request");
    gateway.behave(Behaviour::Take);
    let before = gateway.came().len();
    office.step(&request, verified()).await;
    office.clock.advance(TimeDelta::hours(12));
    office.send_now().await;
    office.clock.advance(TimeDelta::hours(12));
    office.send_now().await;
    let later: Vec<_> = gateway.came()[before..].iter().map(|came| came.message().unwrap().to).collect();
    assert_eq!(later, ["+966511111111"], "to whoever applied");
}

#[tokio::test]
async fn that_it_can_be_fetched_is_told_when_somebody_says_so() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    let (page, form) = (format!("/requests/{}", request.id), format!("/requests/{}/ready", request.id));
    let ready = |role: Role| {
        let (page, form) = (page.clone(), form.clone());
        let office = &office;
        async move {
            let mut browser = office.browser(role).await;
            blocking(move || (browser.get(&page).text().contains(&form), browser.post_from("/", &form, &[]).status))
                .await
        }
    };
    assert_eq!(ready(Role::Reception).await, (false, 409), "under study");
    office.step(&request, verified()).await;
    office.clock.advance(TimeDelta::days(14));
    office.step(&request, decided(Decision::Accepted)).await;
    office.send().await;
    let before = gateway.messages().len();
    assert_eq!(ready(Role::Researcher).await, (false, 403));
    assert_eq!(ready(Role::Reception).await, (true, 303));
    assert_eq!(ready(Role::Reception).await, (false, 303), "said twice, told once");
    office.send().await;
    assert_eq!(gateway.messages().len(), before + 1);
    assert!(gateway.messages().last().unwrap().text.contains("ننتظر زيارتكم"));
    office.step(&request, Event::Delivered).await;
    assert_eq!(ready(Role::Reception).await, (false, 409));
}

#[tokio::test]
async fn an_erasure_leaves_nothing_of_what_was_told() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = received(&mut kiosk, 1, |_| {}).await;
    office.send().await;
    let again = [("outcome", "not_reached"), ("calls", "0"), ("again", "2026-11-04")];
    call(&office, request.id, &again).await;
    call(&office, request.id, &[("wrong", "+966500000000"), ("calls", "1")]).await;
    let database = &office.server.office().database;
    let mut writing = database.write().await.unwrap();
    table::erase(&mut writing, request.id).await.unwrap();
    writing.commit().await.unwrap();
    assert!(office.notices(request.id).await.is_empty());
    let mut reading = database.read().await.unwrap();
    assert!(call_list::calls(&mut reading, request.id).await.unwrap().is_empty());
    let contact = call_list::contact(&mut reading, request.id).await.unwrap();
    assert!(contact.wrong.is_empty() && contact.call_from.is_none());
    for table in ["notice", "notice_attempt", "notice_call", "notice_contact", "notice_wrong_mobile"] {
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")));
        let count: i64 = count.fetch_one(&mut *reading).await.unwrap();
        assert_eq!(count, 0, "{table}");
    }
}

/// Requests that a stolen kiosk's key invents, as many at once as a batch holds.
async fn flood(kiosk: &mut TestKiosk, mobiles: impl Iterator<Item = String>) {
    let catalogue = Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml")).unwrap();
    let mut sent = Vec::new();
    for (number, mobile) in (0..).zip(mobiles) {
        let mut request = kiosk.request(number);
        let parsed = catalogue.question("mobile").unwrap().parse(&catalogue, &mobile, "2026-11-01".parse().unwrap());
        request.answers.set("mobile", parsed.unwrap());
        sent.push(kiosk.seal(&Record::Request(request)));
    }
    kiosk.send(&sent).await.unwrap();
}

/// How many people stand on the call list because of a limit, as the first page says it.
async fn alert(office: &TestOffice) -> Option<String> {
    let mut browser = office.browser(Role::Reception).await;
    let page = blocking(move || browser.get("/").text()).await;
    page.lines().find(|line| line.contains("بلغت الرسائل المرسلة حدّها")).map(str::to_owned)
}

#[tokio::test]
async fn a_kiosk_sends_no_more_messages_an_hour_than_visitors_can_come() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut other = TestKiosk::enrol(&office, 2).await;
    flood(&mut kiosk, (0..200).map(|place| format!("05{place:08}"))).await;
    assert_eq!(alert(&office).await, None);
    office.send().await;
    assert_eq!(gateway.messages().len(), 60);
    assert!(alert(&office).await.unwrap().contains("١٤٠"), "the others are called");
    // Another kiosk's visitors hear all the same, and staff tell whom they like.
    let honest = received(&mut other, 1, |_| {}).await;
    office.send().await;
    assert_eq!(gateway.messages().len(), 61);
    office.step(&honest, verified()).await;
    office.send().await;
    assert_eq!(gateway.messages().len(), 62);
    // An hour later there is room again, for what is new.
    office.clock.advance(TimeDelta::hours(1));
    received(&mut kiosk, 1000, |_| {}).await;
    office.send().await;
    assert_eq!(gateway.messages().len(), 63);
    assert!(office.check().await.is_sound());
}

#[tokio::test]
async fn one_number_hears_only_so_much_a_day() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let office = office_with(&gateway).await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    flood(&mut kiosk, (0..200).map(|_| "0512345678".to_owned())).await;
    office.send().await;
    assert_eq!(gateway.messages().len(), 6);
    assert!(alert(&office).await.unwrap().contains("١٩٤"));
    office.clock.advance(TimeDelta::days(1));
    let mut more = kiosk.request(5000);
    let catalogue = Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml")).unwrap();
    let day = "2026-11-01".parse().unwrap();
    more.answers.set("mobile", catalogue.question("mobile").unwrap().parse(&catalogue, "0512345678", day).unwrap());
    let envelope = kiosk.seal(&Record::Request(more));
    kiosk.send(&[envelope]).await.unwrap();
    office.send().await;
    assert_eq!(gateway.messages().len(), 7, "the next day it may hear again");
    let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notice_message")
        .fetch_one(&mut *office.server.office().database.read().await.unwrap())
        .await
        .unwrap();
    assert_eq!(kept, 1, "numbers are forgotten after a day");
}

#[tokio::test]
async fn all_messages_together_are_limited() {
    let gateway = PracticeGateway::start(0, None).unwrap();
    let mut sms = sms(&gateway);
    sms.limits = MessageLimits { per_day: 10, ..MessageLimits::default() };
    let office = TestOffice::start_with(|config| config.sms = Some(sms)).await;
    for seed in 1..=3 {
        let mut kiosk = TestKiosk::enrol(&office, seed).await;
        flood(&mut kiosk, (0..5).map(|place| format!("05{seed}{place:07}"))).await;
    }
    office.send().await;
    assert_eq!(gateway.messages().len(), 10);
    assert!(alert(&office).await.is_some());
}
