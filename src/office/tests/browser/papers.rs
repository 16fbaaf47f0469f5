//! What is printed at the office: the minutes of a session, the declaration that is signed by hand, a receipt once more. Axe
//! finds nothing on the screen, and on paper stands only what belongs there.

use chrono::TimeDelta;
use serde_json::json;

use super::super::committee::{Held, office_with_requests};
use super::super::desk::Desk;
use super::super::paper;
use super::super::support::*;
use super::chrome::{Chrome, is_installed, scheme};
use super::hands::Hands;
use super::rules::violations_in_every_look;
use crate::domain::language::Language;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::office::people::Role;

/// In points, as printers count.
const A4: (f64, f64) = (595.0, 842.0);
/// What the minutes' margins leave of A4, in CSS pixels: 178 by 264 mm.
const SHEET: (u32, f64) = (673, 997.8);

/// Where a member signs: 62 mm.
const SIGNATURE_WIDTH: f64 = 234.3;

const HEIGHT: &str = "return document.querySelector('.paper').getBoundingClientRect().height";
const SIGNATURE: &str = "return document.querySelector('td.signs').getBoundingClientRect().width";
const TERM_AND_TEXT: &str = "
    const [term, text] = ['dt', 'dd'].map((name) => document.querySelector(name).getBoundingClientRect().top);
    return text - term;";

const SENDS_A_FORM: &str = "
    const [action, fields] = arguments;
    const form = Object.assign(document.createElement('form'), { method: 'post', action });
    const token = document.querySelector('[name=form_token]').value;
    for (const [name, value] of Object.entries({ ...fields, form_token: token })) {
        form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    document.body.append(form);
    form.submit();";

/// What is still there of what only a screen needs, and of what leads elsewhere.
const LEFT_ON_PAPER: &str = "return [...document.querySelectorAll('nav, .screen-only, a, button, input')]
    .filter((element) => element.checkVisibility()).map((element) => element.outerHTML.slice(0, 100));";

/// Whoever prints reads the pages' language, the paper's may be another: a screen reader is told of both.
async fn assert_speaks(chrome: &Chrome, paper: Language, pages: Language) {
    let spoken = "return [document.documentElement.lang, document.querySelector('nav').closest('[lang]').lang]";
    assert_eq!(chrome.run(spoken).await, json!([paper.code(), pages.code()]), "{}", chrome.path().await);
}

/// A sealed session with all these requests, of which the first is accepted and the second refused.
async fn sealed_session(office: &TestOffice, requests: &[Request]) -> String {
    let browser = office.browser(Role::Manager).await;
    let requests = requests.to_vec();
    blocking(move || {
        let mut held = Held::make(browser, "2026-11-16", 3);
        for request in &requests {
            assert_eq!(held.put(request), 303);
        }
        assert_eq!(held.decide(&requests[0], "accepted").status, 303);
        assert_eq!(held.decide(&requests[1], "refused").status, 303);
        assert_eq!(held.seal(), 303);
        held.path
    })
    .await
}

/// The page to print that comes with all answers, in Arabic and in the request's own language.
async fn open_declaration(office: &TestOffice, chrome: &Chrome, language: Language) {
    let browser = office.browser(Role::Reception).await;
    let desk = blocking(move || {
        let mut desk = Desk::filled(browser);
        desk.set("language", language.code());
        assert_eq!(desk.press("continue").status, 200);
        desk
    })
    .await;
    chrome.take_cookies(&desk.browser).await;
    chrome.open("/register").await;
    let sent = vec![json!("/register/declaration"), json!(desk.fields)];
    chrome.leave(async || drop(chrome.client.execute(SENDS_A_FORM, sent).await.unwrap())).await;
    chrome.until("document.querySelector('.signing') !== null").await;
}

/// The page that a receipt is printed on once more.
async fn open_receipt(chrome: &Chrome, hands: &Hands<'_>, request: &Request) {
    chrome.width(1280).await;
    chrome.open(&format!("/requests/{}", request.id)).await;
    hands.press("office-receipt-again").await;
    assert_eq!(chrome.run("return document.querySelectorAll('.number').length").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_what_is_printed() {
    if !is_installed() {
        return;
    }
    let (office, mut kiosk, received) = office_with_requests(3).await;
    let english = Request { language: Language::English, ..kiosk.request(4) };
    let sealed = kiosk.seal(&Record::Request(english.clone()));
    kiosk.send(&[sealed]).await.unwrap();
    office.clock.advance(TimeDelta::days(15));
    let session = sealed_session(&office, &received).await;
    let chrome = Chrome::signed_in(&office, Role::Manager).await;
    chrome.count_prints().await;
    let mut found = Vec::new();
    // The pages in one language, the receipt in the other.
    for (language, request) in [(Language::Arabic, &english), (Language::English, &received[0])] {
        let hands = Hands::new(&chrome, language).await;
        let about = |page: &str| format!("{page} in {}", language.code());
        chrome.open(&session).await;
        hands.press("office-minutes-open").await;
        found.extend(violations_in_every_look(&chrome, &about("the minutes")).await);
        assert_eq!(chrome.run("return window.asked").await, 0, "minutes are read first");
        open_receipt(&chrome, &hands, request).await;
        assert_speaks(&chrome, request.language, language).await;
        found.extend(violations_in_every_look(&chrome, &about("the receipt")).await);
        assert_eq!(chrome.run("return window.asked").await, 1, "a receipt is wanted on paper at once");
        open_declaration(&office, &chrome, language).await;
        assert_speaks(&chrome, Language::Arabic, language).await;
        found.extend(violations_in_every_look(&chrome, &about("the declaration")).await);
        assert_eq!(chrome.run("return window.asked").await, 1);
        chrome.take_cookies(&office.browser(Role::Manager).await).await;
    }
    // Of a kiosk that was revoked the receipt has no code, which is said on the screen.
    paper::revoke(&office, &kiosk).await;
    let hands = Hands::new(&chrome, Language::Arabic).await;
    open_receipt(&chrome, &hands, &received[0]).await;
    hands.reads(&hands.say("office-receipt-no-code")).await;
    found.extend(violations_in_every_look(&chrome, "a receipt without a code").await);
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

/// What a script finds on the page as it lies on the minutes' paper.
async fn on_paper(chrome: &Chrome, script: &str) -> f64 {
    chrome.width(SHEET.0).await;
    chrome.medium("print", &[]).await;
    let found = chrome.run(script).await;
    chrome.medium("", &[]).await;
    found.as_f64().unwrap()
}

fn assert_a4(sheets: &[(f64, f64)]) {
    let is_a4 = |(width, height): &(f64, f64)| (width - A4.0).abs() < 1.0 && (height - A4.1).abs() < 1.0;
    assert!(!sheets.is_empty() && sheets.iter().all(is_a4), "{sheets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_fill_as_many_sheets_of_a4_as_they_need() {
    if !is_installed() {
        return;
    }
    let (office, _, received) = office_with_requests(26).await;
    office.clock.advance(TimeDelta::days(15));
    let short = sealed_session(&office, &received[..2]).await;
    let long = sealed_session(&office, &received[2..]).await;
    let chrome = Chrome::signed_in(&office, Role::Manager).await;
    for language in Language::ALL {
        for (session, is_long) in [(&short, false), (&long, true)] {
            chrome.open(&format!("{session}/minutes?language={}", language.code())).await;
            let sheets = chrome.sheets().await;
            assert_a4(&sheets);
            let height = on_paper(&chrome, HEIGHT).await;
            let (fewest, printed) = ((height / SHEET.1).ceil() as usize, sheets.len());
            let about = format!("{printed} sheets for {height} pixels in {}", language.code());
            assert_eq!(fewest > 1, is_long, "{about}");
            // A case isn't torn apart: what doesn't fit goes to the next sheet.
            let most = if is_long { fewest + 1 } else { 1 };
            assert!((fewest..=most).contains(&printed), "{about}");
            let place = on_paper(&chrome, SIGNATURE).await;
            assert!((place - SIGNATURE_WIDTH).abs() < 2.0, "{place} pixels to sign in {}", language.code());
            let beside = on_paper(&chrome, TERM_AND_TEXT).await;
            assert!(beside.abs() < 1.0, "a text stands beside its term, not {beside} pixels below");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_only_a_screen_needs_is_printed() {
    if !is_installed() {
        return;
    }
    let (office, _, received) = office_with_requests(2).await;
    office.clock.advance(TimeDelta::days(15));
    let session = sealed_session(&office, &received).await;
    let chrome = Chrome::signed_in(&office, Role::Manager).await;
    chrome.count_prints().await;
    let hands = Hands::new(&chrome, Language::Arabic).await;
    for page in ["the minutes", "a receipt", "the declaration"] {
        match page {
            "the minutes" => chrome.open(&format!("{session}/minutes")).await,
            "a receipt" => open_receipt(&chrome, &hands, &received[0]).await,
            _ => {
                open_declaration(&office, &chrome, Language::English).await;
                let sheets = chrome.sheets().await;
                assert_a4(&sheets);
                assert_eq!(sheets.len(), 1, "the declaration in both languages stands on one sheet");
            }
        }
        assert_ne!(chrome.run(LEFT_ON_PAPER).await, json!([]), "{page} has a button on the screen");
        // Paper is white and letters are dark, also for those who work in the dark.
        chrome.medium("print", &[scheme(true)]).await;
        assert_eq!(chrome.run(LEFT_ON_PAPER).await, json!([]), "{page}");
        let colours = "const { color } = getComputedStyle(document.querySelector('main'));
            return [color, getComputedStyle(document.body).backgroundColor];";
        assert_eq!(chrome.run(colours).await, json!(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]), "{page}");
        chrome.medium("", &[]).await;
    }
}
