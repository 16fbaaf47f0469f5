//! The status page on people's own telephones: axe finds nothing on it, whatever it has to say.

use chrono::TimeDelta;

use super::super::status_page;
use super::super::support::*;
use super::chrome::{Chrome, is_installed};
use super::hands::Hands;
use super::rules::violations_in_every_look;
use crate::domain::language::Language;
use crate::domain::stage::{ClosingReason, Decision, Event};

const DOCUMENTS: [&str; 2] = ["id_card", "family_record"];

/// An office with a request in each stage that the page tells apart, and the 32 digits of its receipt.
pub async fn office_with_every_stage() -> (TestOffice, Vec<(&'static str, String)>) {
    let office = status_page::office().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let brought = || DOCUMENTS.map(|document| Event::DocumentBrought { document: document.into() });
    let verified = || DOCUMENTS.map(|document| Event::DocumentVerified { document: document.into() });
    let decided = |decision| [Event::Decided { decision, session: None }];
    let accepted = || decided(Decision::Accepted).into_iter().chain(verified());
    let steps: [(&str, Vec<Event>); 9] = [
        ("received", vec![]),
        ("brought", brought().into()),
        ("accepted", decided(Decision::Accepted).into()),
        ("ready", accepted().collect()),
        ("partly delivered", accepted().chain([Event::PartDelivered]).collect()),
        ("delivered", accepted().chain([Event::Delivered]).collect()),
        ("refused", decided(Decision::Refused).into()),
        ("withdrawn", vec![Event::Withdrawn]),
        ("closed", vec![Event::Closed { why: ClosingReason::Expired, other: None }]),
    ];
    let mut receipts = Vec::new();
    let mut numbers = Vec::new();
    for (random_part, (stage, _)) in (1..).zip(&steps) {
        let (request, receipt) = status_page::received(&mut kiosk, random_part, Language::Arabic).await;
        numbers.push(request.tracking_number);
        receipts.push((*stage, receipt));
    }
    office.clock.advance(TimeDelta::days(16));
    for (number, (_, events)) in numbers.into_iter().zip(steps) {
        for event in events {
            office.server.take_step(number, &event).await.unwrap();
        }
    }
    (office, receipts)
}

pub fn address(office: &TestOffice, path: &str) -> String {
    format!("http://{}{path}", office.server.public_address.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_stage() {
    if !is_installed() {
        return;
    }
    let (office, receipts) = office_with_every_stage().await;
    let chrome = Chrome::start(&office, &[]).await;
    let mut found = Vec::new();
    for language in Language::ALL {
        for (stage, receipt) in &receipts {
            let path = format!("/t/{receipt}?language={}", language.code());
            chrome.visit(&address(&office, &path), 200).await;
            assert_eq!(chrome.run("return document.querySelectorAll('.track').length").await, 2, "{stage}");
            found.extend(violations_in_every_look(&chrome, &format!("{stage} in {}", language.code())).await);
        }
    }
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

/// The form as whoever types finds it, what a wrong code leads to, then the right one; and an address where nothing is.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_from_the_form_to_the_answer() {
    if !is_installed() {
        return;
    }
    let (office, receipts) = office_with_every_stage().await;
    let (number, code) = receipts[0].1.split_at(12);
    let wrong = status_page::with_wrong_code(&receipts[0].1)[12..].to_owned();
    let chrome = Chrome::start(&office, &[]).await;
    let mut found = Vec::new();
    for language in Language::ALL {
        let hands = Hands::new(&chrome, language).await;
        chrome.visit(&address(&office, "/"), 200).await;
        if language == Language::English {
            hands.press_named("English").await;
        }
        let about = |page: &str| format!("{page} in {}", language.code());
        found.extend(violations_in_every_look(&chrome, &about("the form")).await);
        let show = hands.say("office-status-show");
        for (code, status) in [(wrong.as_str(), 404), (code, 200)] {
            hands.write("office-status-number", number).await;
            hands.write("office-status-code", code).await;
            assert_eq!(hands.press_for_status(&show).await, status);
            if status == 404 {
                hands.reads(&hands.say("office-status-refused")).await;
            }
            let page = if status == 404 { "a wrong code" } else { "the answer" };
            found.extend(violations_in_every_look(&chrome, &about(page)).await);
        }
        hands.reads(&hands.say("office-status-keep")).await;
    }
    // Nobody has chosen a language here.
    chrome.visit(&address(&office, "/nothing"), 404).await;
    let hands = Hands::new(&chrome, Language::Arabic).await;
    hands.reads(&hands.say("office-status-nothing")).await;
    found.extend(violations_in_every_look(&chrome, "where nothing is").await);
    hands.press("office-status-title").await;
    assert!(status_page::guess(&office, &receipts[0].1, "").await.contains(&429));
    for language in Language::ALL {
        let path = format!("/t/{number}{code}?language={}", language.code());
        chrome.visit(&address(&office, &path), 429).await;
        found.extend(violations_in_every_look(&chrome, &format!("too many tries in {}", language.code())).await);
    }
    office.clock.advance(TimeDelta::minutes(10));
    let mut writing = office.server.office().database.write().await.unwrap();
    sqlx::query("ALTER TABLE request RENAME TO gone").execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    chrome.visit(&address(&office, &format!("/t/{number}{code}")), 500).await;
    found.extend(violations_in_every_look(&chrome, "when something is broken").await);
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}
