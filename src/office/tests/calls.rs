//! Calls for staff, from the kiosk's post to the button on a page.

use chrono::TimeDelta;

use super::support::*;
use crate::domain::language::Language;
use crate::office::database::Database;
use crate::office::people::Role;
use crate::replication::wire::*;

impl TestKiosk {
    /// Posts a call; how it stands.
    async fn post_call(&self, call: CallForStaff) -> Result<CallState, Answer> {
        let answer: Result<CallAnswer, Answer> = ask(&self.keys, &self.invite, "POST", CALL_PATH, &call).await;
        answer.map(|answer| answer.state)
    }
}

fn call(number: u8) -> CallForStaff {
    CallForStaff { id: [number; 16], place: CallPlace::Registration, language: Language::English, ended: false }
}

fn ended(number: u8) -> CallForStaff {
    CallForStaff { ended: true, ..call(number) }
}

/// The address of the form by which a call is answered.
fn coming(number: u8) -> String {
    format!("/calls/{}/coming", format!("{number:02x}").repeat(16))
}

/// What a page hears that somebody sees, or nobody.
async fn poll(browser: &Browser, visible: bool) -> Answer {
    let mut browser = browser.clone();
    blocking(move || browser.get(&format!("/calls/open?visible={visible}"))).await
}

async fn answer_from_the_page(browser: &Browser, number: u8) -> u16 {
    let mut browser = browser.clone();
    blocking(move || browser.post_from("/calls", &coming(number), &[]).status).await
}

#[tokio::test]
async fn a_call_is_shown_answered_and_taken_away() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let browser = office.browser(Role::Auditor).await;
    assert!(!poll(&browser, true).await.text().contains("<li"));
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Shown);
    office.clock.advance(TimeDelta::seconds(11));
    let banner = poll(&browser, true).await.text();
    assert_eq!(banner.matches("<li").count(), 1);
    for part in ["بهو الاستقبال – الكشك ٠٠٠١", "أثناء تسجيل طلب", "English", "منذ ١١ ثانية", "سأحضر الآن"]
    {
        assert!(banner.contains(part), "{part}: {banner}");
    }
    // Posted again, it is still one call; answered twice, it is one answer.
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Shown);
    for _ in 0..2 {
        assert_eq!(answer_from_the_page(&browser, 1).await, 303);
        office.clock.advance(TimeDelta::seconds(3));
    }
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Coming);
    let banner = poll(&browser, true).await.text();
    assert!(banner.contains("في طريقه") && !banner.contains("<form"), "{banner}");
    kiosk.post_call(ended(1)).await.unwrap();
    assert!(!poll(&browser, true).await.text().contains("<li"));
    // What has ended isn't opened again by a post that comes late.
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Unwatched);
    assert!(!poll(&browser, true).await.text().contains("<li"));
    let mut reader = browser.clone();
    let page = blocking(move || reader.get("/calls")).await;
    // Without these the page's script couldn't ask.
    assert!(page.header("content-security-policy").unwrap().contains("connect-src 'self'"));
    let page = page.text();
    assert!(page.contains("<script src=\"/static/calls.js\" defer>") && page.contains("id=\"calls\""));
    assert!(page.contains("لُبّي النداء بعد ١١ ثانية"), "{page}");
    assert_eq!(trail_of_answers(&office).await, [format!("{{\"kiosk\":{}}}", kiosk.enrolled.kiosk.get())]);
    assert_eq!(office.check().await.trail, "intact");
}

/// The details of each answered call in the trail.
async fn trail_of_answers(office: &TestOffice) -> Vec<String> {
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    sqlx::query_scalar("SELECT details FROM trail WHERE action = 'call answered' AND actor LIKE 'person:%'")
        .fetch_all(&mut *reading)
        .await
        .unwrap()
}

#[tokio::test]
async fn nobody_is_said_to_see_a_call_whom_no_page_shows_it() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Unwatched);
    let browser = office.browser(Role::Reception).await;
    // A tab in the background hears of the call, so that its title can say so; it is no pair of eyes.
    assert!(poll(&browser, false).await.text().contains("<li"));
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Unwatched);
    poll(&browser, true).await;
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Shown);
    office.clock.advance(TimeDelta::seconds(14));
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Shown);
    office.clock.advance(TimeDelta::seconds(1));
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Unwatched);
    // A clock set back by an hour: what was seen "in the future" says nothing of now.
    office.clock.advance(TimeDelta::hours(-1));
    assert_eq!(kiosk.post_call(call(2)).await.unwrap(), CallState::Unwatched);
    poll(&browser, true).await;
    assert_eq!(kiosk.post_call(call(2)).await.unwrap(), CallState::Shown);
    // Whoever has set out is still coming when no page is in view.
    answer_from_the_page(&browser, 2).await;
    office.clock.advance(TimeDelta::minutes(2));
    assert_eq!(kiosk.post_call(call(2)).await.unwrap(), CallState::Coming);
}

#[tokio::test]
async fn a_call_expires_when_its_kiosk_is_silent() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let browser = office.browser(Role::Reception).await;
    kiosk.post_call(call(1)).await.unwrap();
    for _ in 0..2 {
        office.clock.advance(TimeDelta::minutes(2));
        assert!(poll(&browser, true).await.text().contains("<li"));
        kiosk.post_call(call(1)).await.unwrap();
    }
    office.clock.advance(TimeDelta::minutes(3));
    assert!(!poll(&browser, true).await.text().contains("<li"));
    // Too late: nobody waits any more.
    answer_from_the_page(&browser, 1).await;
    assert!(trail_of_answers(&office).await.is_empty());
    let mut reader = browser.clone();
    let page = blocking(move || reader.get("/calls").text()).await;
    assert!(page.contains("لم يُلبَّ النداء، وانتهى بعد ٤ دقائق") && !page.contains("/coming"), "{page}");
    // The network was away, the visitor still waits; but no call goes on for ever.
    kiosk.post_call(call(1)).await.unwrap();
    assert!(poll(&browser, true).await.text().contains("<li"));
    office.clock.advance(TimeDelta::minutes(3));
    assert!(!poll(&browser, true).await.text().contains("<li"));
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Unwatched);
}

#[tokio::test]
async fn a_kiosk_has_one_open_call_and_not_too_many_in_a_row() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let other = TestKiosk::enrol(&office, 2).await;
    let browser = office.browser(Role::Reception).await;
    other.post_call(call(200)).await.unwrap();
    for number in 1..=30 {
        kiosk.post_call(call(number)).await.unwrap();
    }
    let banner = poll(&browser, true).await.text();
    assert_eq!(banner.matches("<li").count(), 2, "the other kiosk's, and the newest");
    assert!(banner.contains(&coming(200)) && banner.contains(&coming(30)));
    assert_eq!(kiosk.post_call(call(31)).await.unwrap_err().status, 429);
    assert_eq!(kiosk.post_call(call(30)).await.unwrap(), CallState::Shown, "that one goes on");
    // To take away what never came is no call.
    assert_eq!(other.post_call(ended(201)).await.unwrap(), CallState::Unwatched);
    assert!(poll(&browser, true).await.text().contains(&coming(200)));
    office.clock.advance(TimeDelta::minutes(10));
    assert_eq!(kiosk.post_call(call(31)).await.unwrap(), CallState::Unwatched);
}

#[tokio::test]
async fn only_enrolled_kiosks_call_and_each_for_itself() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let other = TestKiosk::enrol(&office, 2).await;
    let stranger = TestKiosk {
        keys: crate::seal::keys::KioskKeys::from_seed(&crate::seal::seed::Seed::fixed(9)),
        ..kiosk.clone()
    };
    assert_eq!(stranger.post_call(call(1)).await.unwrap_err().status, 403);
    kiosk.post_call(call(1)).await.unwrap();
    for foreign in [call(1), ended(1)] {
        assert_eq!(other.post_call(foreign).await.unwrap_err().status, 403);
    }
    let mut browser = office.browser(Role::Manager).await;
    assert!(poll(&browser, true).await.text().contains(&coming(1)), "nobody else takes it away");
    blocking(move || assert_eq!(browser.post_from("/kiosks", "/kiosks/1/revocation", &[]).status, 303)).await;
    let refused = kiosk.post_call(call(2)).await.unwrap_err();
    assert_eq!(refused.status, 410);
    assert!(refused.text().contains("revoked"));
    let garbage = post_raw(&other.keys, &other.invite, "POST", CALL_PATH, vec![0xff; 50]).await;
    assert_eq!(garbage.status, 400);
}

#[tokio::test]
async fn an_answer_needs_its_form() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    kiosk.post_call(call(1)).await.unwrap();
    let browser = office.browser(Role::Reception).await;
    let mut forger = browser.clone();
    let mut anyone = Browser::at(office.server.staff_address);
    blocking(move || {
        assert_eq!(forger.post(&coming(1), &[]).status, 403);
        assert_eq!(forger.post(&coming(1), &[("form_token", "00")]).status, 403);
        assert_eq!(forger.post_from("/calls", "/calls/1/coming", &[]).status, 404);
        assert_eq!(forger.post_from("/calls", &coming(2), &[]).status, 303, "gone meanwhile");
        assert_eq!(anyone.post(&coming(1), &[]).status, 303);
        assert_eq!(anyone.get("/calls").header("location"), Some("/sign-in"));
        assert_eq!(anyone.get("/calls/open?visible=true").status, 401);
    })
    .await;
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Unwatched, "nobody answered, nobody looked");
    assert_eq!(answer_from_the_page(&browser, 1).await, 303);
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Coming);
}

#[tokio::test]
async fn a_page_that_asks_by_itself_doesnt_keep_its_session_open() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let browser = office.browser(Role::Reception).await;
    for _ in 0..2 {
        office.clock.advance(TimeDelta::minutes(29));
        assert_eq!(poll(&browser, true).await.status, 200);
    }
    office.clock.advance(TimeDelta::minutes(2));
    assert_eq!(poll(&browser, true).await.status, 401);
    let mut page = browser.clone();
    assert_eq!(blocking(move || page.get("/").status).await, 303);
    assert_eq!(kiosk.post_call(call(1)).await.unwrap(), CallState::Unwatched, "a page without a session sees nothing");
}
