//! A day's work, key by key and click by click.

use fantoccini::Locator;
use serde_json::json;

use super::super::support::PASSWORD;
use super::chrome::{Chrome, is_installed};
use super::furnished::Furnished;
use crate::office::people::Role;

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
    chrome.client.find(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}")).click().await.unwrap();
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
