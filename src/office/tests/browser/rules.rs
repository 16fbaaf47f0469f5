//! axe-core on every page: no violation of WCAG 2.2 A and AA, nor of its best practices, in both languages, light and
//! dark, on a desk's screen and on a phone's.

use fantoccini::Locator;
use serde_json::Value;

use super::chrome::{Chrome, Look, is_installed};
use super::furnished::Furnished;
use super::places;
use crate::domain::language::Language;
use crate::office::people::Role;

const AXE: &str = include_str!("vendor/axe-4.14.1.min.js");

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
    // WCAG 2.2 AA asks for 24 pixels, which axe leaves off unless told.
    const options = { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] };
    axe.run(document, options).then(
        (result) => done(result.violations.flatMap((rule) => rule.nodes.map((node) =>
            `${rule.id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}: ${node.failureSummary}`))),
        (error) => done([`axe failed: ${error}`]));";

/// What axe finds on the page that is open.
pub async fn violations(chrome: &Chrome) -> Vec<String> {
    if chrome.run("return window.axe === undefined").await == true {
        chrome.client.execute(AXE, vec![]).await.unwrap();
    }
    let found = chrome.client.execute_async(RUN, vec![]).await.unwrap();
    let Value::Array(found) = found else { panic!("axe answers with a list: {found}") };
    found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

/// The same, light and dark, on a desk's screen and on a phone's.
pub async fn violations_in_every_look(chrome: &Chrome, about: &str) -> Vec<String> {
    let mut found = Vec::new();
    for width in [1280, 360] {
        chrome.width(width).await;
        for dark in [false, true] {
            chrome.scheme(dark).await;
            let look = format!("{about}, {width} wide, {}", if dark { "dark" } else { "light" });
            found.extend(violations(chrome).await.into_iter().map(|one| format!("{look}: {one}")));
        }
    }
    found
}

/// Every page of a role in these looks.
async fn look_everywhere(
    furnished: &Furnished,
    role: Role,
    language: Language,
    widths: &[u32],
    schemes: &[bool],
) -> Vec<String> {
    let chrome = Chrome::signed_in(&furnished.office, role).await;
    let mut found = Vec::new();
    for path in places::of(furnished, role).await {
        for width in widths {
            chrome.look(Look { language, dark: schemes[0], width: *width }).await;
            chrome.open(&path).await;
            for dark in schemes {
                chrome.scheme(*dark).await;
                let colours = if *dark { "dark" } else { "light" };
                let about = format!("{path} as {role} in {} {colours} {width}", language.code());
                found.extend(violations(&chrome).await.into_iter().map(|one| format!("{about}: {one}")));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_arabic() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let found = look_everywhere(&furnished, Role::Administrator, Language::Arabic, &[1280, 360], &[false, true]).await;
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_english() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let found = look_everywhere(&furnished, Role::Administrator, Language::English, &[1280, 360], &[false, true]).await;
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_for_any_other_role() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let mut found = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Administrator) {
        found.extend(look_everywhere(&furnished, role, Language::Arabic, &[1280], &[false]).await);
    }
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

/// Pages that answer a form: an error beside the field, a refusal, an invite, a receipt to print.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_answers_to_forms() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let mut found = Vec::new();
    for (language, dark, width) in [(Language::Arabic, false, 360), (Language::English, true, 1280)] {
        let chrome = Chrome::start(&furnished.office, &[]).await;
        chrome.look(Look { language, dark, width }).await;
        chrome.open("/sign-in").await;
        found.extend(violations(&chrome).await);
        let form = chrome.client.form(Locator::Css("form[action='/sign-in']")).await.unwrap();
        form.set_by_name("name", "nobody").await.unwrap();
        form.set_by_name("password", "wrong").await.unwrap();
        chrome.client.find(Locator::Css("form[action='/sign-in'] button")).await.unwrap().click().await.unwrap();
        chrome.until("document.querySelector('[role=alert]') !== null").await;
        found.extend(violations(&chrome).await);

        chrome.take_cookies(&furnished.office.browser(Role::Administrator).await).await;
        chrome.open("/").await;
        chrome.client.find(Locator::Id("scan")).await.unwrap().send_keys("123456789012\n").await.unwrap();
        chrome.until("document.getElementById('error') !== null").await;
        found.extend(violations(&chrome).await);
        chrome.open("/kiosks").await;
        chrome.client.find(Locator::Css("form[action='/invites'] button")).await.unwrap().click().await.unwrap();
        chrome.until("document.querySelector('.qr') !== null").await;
        found.extend(violations(&chrome).await);
        let missing = format!("{}/requests/{}", chrome.office, "0".repeat(32));
        chrome.client.goto(&missing).await.unwrap();
        chrome.until("document.querySelector('.notice') !== null").await;
        found.extend(violations(&chrome).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
