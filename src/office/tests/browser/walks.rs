//! A day's work, key by key and click by click.

use chrono::TimeDelta;
use fantoccini::Locator;
use serde_json::json;

use super::super::support::PASSWORD;
use super::chrome::{Chrome, is_installed};
use super::furnished::Furnished;
use super::rules::violations;
use crate::domain::clock::Clock;
use crate::office::people::Role;
use crate::office::second_factor::SecondFactor;

/// How a layout writes the keys of the digits, from 0 to 9.
const LAYOUTS: [(&str, [&str; 10]); 4] = [
    ("Latin", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
    ("Arabic", ["٠", "١", "٢", "٣", "٤", "٥", "٦", "٧", "٨", "٩"]),
    ("Urdu", ["۰", "۱", "۲", "۳", "۴", "۵", "۶", "۷", "۸", "۹"]),
    ("French", ["à", "&", "é", "\"", "'", "(", "-", "è", "_", "ç"]),
];

/// Types as a scanner does: the keys of the digits, whatever the layout makes of them, then Enter.
async fn scan(chrome: &Chrome, digits: &str, layout: &[&str; 10]) {
    for digit in digits.bytes().map(|byte| byte - b'0') {
        chrome.key(&format!("Digit{digit}"), layout[usize::from(digit)], u32::from(b'0' + digit)).await;
    }
    chrome.enter().await;
}

async fn click(chrome: &Chrome, css: &str) {
    let target = chrome.client.find(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    // A visitor's call lies over the lower edge: people scroll what they press to where they see it.
    chrome.run(&format!("document.querySelector({}).scrollIntoView({{ block: 'center' }})", json!(css))).await;
    target.click().await.unwrap();
}

/// Signed in by the form, in English.
async fn sign_in(chrome: &Chrome, furnished: &Furnished, role: Role) {
    furnished.office.person(role).await;
    chrome.cookie("istiqbal_language", "en").await;
    chrome.open("/").await;
    assert_eq!(chrome.path().await, "/sign-in");
    assert_eq!(chrome.run("return document.activeElement.id").await, "name", "whoever comes can type at once");
    let form = chrome.client.form(Locator::Css("form[action='/sign-in']")).await.unwrap();
    form.set_by_name("name", role.as_str()).await.unwrap();
    form.set_by_name("password", PASSWORD).await.unwrap();
    chrome.client.find(Locator::Css("form[action='/sign-in'] button")).await.unwrap().click().await.unwrap();
    chrome.until("document.getElementById('scan') !== null").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_scanned_under_any_layout_and_its_documents_are_verified() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::start(&furnished.office, &[]).await;
    sign_in(&chrome, &furnished, Role::Reception).await;
    let (number, code) = furnished.kiosk.receipt(furnished.numbers["brought"]);
    let request = format!("/requests/{}", furnished.requests["brought"]);
    for (name, layout) in LAYOUTS {
        chrome.open("/").await;
        scan(&chrome, &format!("{number}{}", code.as_str()), &layout).await;
        chrome.until(&format!("location.pathname === {}", json!(request))).await;
        assert!(chrome.path().await == request, "{name}");
    }
    // A scan while nothing has the focus belongs to the field.
    chrome.open("/").await;
    chrome.run("document.activeElement.blur()").await;
    scan(&chrome, &number.to_string(), &LAYOUTS[3].1).await;
    chrome.until(&format!("location.pathname === {}", json!(request))).await;

    for document in ["id_card", "family_record"] {
        click(&chrome, &format!("form:has(input[value='{document}']) button[value='verified']")).await;
        chrome.until(&format!(
            "document.readyState === 'complete' && document.querySelector(\"form:has(input[value='{document}']) button[value='verified']\") === null"
        ))
        .await;
    }
    let text = chrome.text().await;
    assert!(text.contains("All documents are complete") || text.contains("complete"), "{text}");
    // A wrong digit is caught, and the field is ready for the next scan.
    chrome.open("/").await;
    let wrong = number.to_string().replacen('1', "2", 1);
    scan(&chrome, &wrong, &LAYOUTS[0].1).await;
    chrome.until("document.getElementById('error') !== null").await;
    assert_eq!(chrome.run("return document.activeElement.id").await, "scan");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ready_is_delivered_once_and_names_are_shown_as_they_are() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::start(&furnished.office, &[]).await;
    sign_in(&chrome, &furnished, Role::Manager).await;
    chrome.open("/suggestions").await;
    assert!(chrome.text().await.contains("<script>alert('x')</script> <b>أسرعوا</b>"));
    assert_eq!(chrome.run("return document.querySelectorAll('main b, main script').length").await, 0);
    // The time that stands for a date says it to whoever asks.
    let exact = chrome.run("return document.querySelector('main time').title.replace(/[\\u2066-\\u2069]/g, '')").await;
    assert!(exact.as_str().unwrap().contains("November 2026, "), "{exact}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_set_up_and_asked_for() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let clock = &furnished.office.clock;
    let chrome = Chrome::start(&furnished.office, &[]).await;
    sign_in(&chrome, &furnished, Role::Reception).await;
    // The password is asked once more before anything of the sign-in changes.
    chrome.open("/account").await;
    assert_eq!(violations(&chrome).await, [""; 0]);
    write(&chrome, "#factor-password", PASSWORD).await;
    click(&chrome, "form[action='/account/second-factor'] button").await;
    chrome.until("document.querySelector('.secret') !== null").await;
    assert_eq!(violations(&chrome).await, [""; 0]);
    let secret = chrome.run("return document.querySelector('.secret').textContent").await;
    let factor = SecondFactor::from_text(secret.as_str().unwrap());
    write(&chrome, "#code", &factor.code(clock.now())).await;
    click(&chrome, "form:has(#code) button").await;
    // The recovery codes are shown once.
    chrome.until("document.getElementById('code') === null && document.querySelector('main h1') !== null").await;
    assert_eq!(violations(&chrome).await, [""; 0]);

    click(&chrome, "form[action='/sign-out'] button").await;
    chrome.until("document.getElementById('password') !== null").await;
    write(&chrome, "#name", Role::Reception.as_str()).await;
    write(&chrome, "#password", PASSWORD).await;
    chrome.enter().await;
    chrome.until("location.pathname === '/sign-in/code'").await;
    assert_eq!(chrome.run("return document.activeElement.id").await, "code", "it can be typed at once");
    assert_eq!(violations(&chrome).await, [""; 0]);
    write(&chrome, "#code", "000000").await;
    chrome.enter().await;
    chrome.until("document.getElementById('error') !== null").await;
    assert_eq!(violations(&chrome).await, [""; 0]);
    clock.advance(TimeDelta::seconds(30));
    write(&chrome, "#code", &factor.code(clock.now())).await;
    chrome.enter().await;
    // Told of the wrong one, and led on.
    chrome.until("document.querySelector('main .notice + p + p a') !== null").await;
    assert_eq!(violations(&chrome).await, [""; 0]);
    click(&chrome, "main .notice + p + p a").await;
    chrome.until("document.getElementById('scan') !== null").await;
}

async fn write(chrome: &Chrome, css: &str, text: &str) {
    chrome.client.find(Locator::Css(css)).await.unwrap().send_keys(text).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_of_two_people_sees_both_versions_and_goes_on_knowingly() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let [earlier, later] = [
        Chrome::signed_in(&furnished.office, Role::Manager).await,
        Chrome::signed_in(&furnished.office, Role::Administrator).await,
    ];
    let request = format!("/requests/{}", furnished.requests["ready"]);
    for chrome in [&earlier, &later] {
        chrome.open(&request).await;
    }
    write(&earlier, "#handed-over", "نصف السلة").await;
    click(&earlier, "button[name='part'][value='part']").await;
    earlier.until("document.readyState === 'complete' && document.body.innerText.includes('نصف السلة')").await;

    write(&later, "#handed-over", "السلة كلها").await;
    click(&later, "button[name='part'][value='last']").await;
    later.until("document.querySelector('.versions') !== null").await;
    let text = later.text().await;
    assert!(text.contains("نصف السلة"), "what is there now: {text}");
    assert_eq!(later.run("return document.querySelector('.versions textarea').value").await, "السلة كلها");
    assert_eq!(violations(&later).await, [""; 0]);
    click(&later, "form:has(.versions) .buttons button").await;
    later
        .until(&format!("location.pathname === {} && document.querySelector('#handed-over') === null", json!(request)))
        .await;
    assert!(later.text().await.contains("السلة كلها"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_away_as_a_file_that_a_spreadsheet_reads() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::signed_in(&furnished.office, Role::Manager).await;
    chrome.open("/requests?list=all").await;
    let fetched = "const done = arguments[arguments.length - 1];
        fetch(document.querySelector('a[download][href*=\"csv\"]').href)
            .then(async (answer) => done([answer.headers.get('content-type'), [...new Uint8Array(await answer.arrayBuffer())].slice(0, 3), null]),
                  (error) => done([String(error)]));";
    let found = chrome.client.execute_async(fetched, vec![]).await.unwrap();
    assert!(found[0].as_str().unwrap().starts_with("text/csv"), "{found}");
    // The mark by which spreadsheets know that Arabic is UTF-8.
    assert_eq!(found[1], json!([0xEF, 0xBB, 0xBF]));
    let text = "const done = arguments[arguments.length - 1];
        fetch(document.querySelector('a[download][href*=\"csv\"]').href).then((answer) => answer.text()).then(done);";
    let text = chrome.client.execute_async(text, vec![]).await.unwrap();
    assert!(text.as_str().unwrap().contains("نورة بنت سعد القحطاني"), "{text}");
}
