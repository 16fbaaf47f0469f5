//! Every page can be done with the keyboard alone: Tab reaches each control in the order of the page and leaves it again,
//! what has the focus shows it, and the first key press offers the way past the navigation.

use serde_json::Value;

use super::chrome::{Chrome, Look, is_installed};
use super::furnished::Furnished;
use super::places;
use crate::domain::language::Language;
use crate::office::people::Role;

/// Marks what Tab should reach, and begins at the page's beginning.
const PREPARE: &str = "
    const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"], audio[controls], video[controls]';
    const seen = new Set();
    const reachable = [...document.querySelectorAll(wanted)].filter((element) => {
        if (element.disabled || element.tabIndex < 0 || !element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false;
        if (element.closest('details:not([open])') && element.tagName !== 'SUMMARY') return false;
        if (element.tagName === 'SUMMARY' && element.parentElement.parentElement.closest('details:not([open])')) return false;
        // One of a group of radio buttons, by the arrow keys the others.
        if (element.type === 'radio') {
            const group = `${element.form?.id} ${element.name}`;
            if (seen.has(group)) return false;
            seen.add(group);
        }
        return true;
    });
    reachable.forEach((element, index) => { element.dataset.tab = index; });
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    return reachable.map((element) => element.outerHTML.slice(0, 100));";

/// Which control has the focus, and whether that can be seen.
const FOCUSED: &str = "
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== 'rgba(0, 0, 0, 0)';
    const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return [Number(element.dataset.tab ?? -1), ring && inView, element.outerHTML.slice(0, 100)];";

/// Presses Tab for the first time: what can be reached, and what has the focus. The window may only now hear that it has the
/// focus, and give it to its own field: then once more.
async fn begin(chrome: &Chrome) -> (Vec<Value>, Value) {
    let mut tries = 5;
    loop {
        let Value::Array(reachable) = chrome.run(PREPARE).await else { panic!("the script answers with a list") };
        chrome.tab().await;
        let focused = chrome.run(FOCUSED).await;
        tries -= 1;
        if tries == 0 || focused[0] != own_field(chrome).await {
            return (reachable, focused);
        }
    }
}

/// The number of what stands behind the field that takes the focus by itself; nothing where there is none.
async fn own_field(chrome: &Chrome) -> Value {
    chrome
        .run("const own = document.querySelector('[autofocus]'); return own ? Number(own.dataset.tab) + 1 : 'none'")
        .await
}

/// Walks through a page by Tab; what is wrong with it.
async fn walk(chrome: &Chrome, about: &str) -> Vec<String> {
    // What comes by itself has come: the cursor in its field, and the visitor's call in its banner.
    chrome.until("(() => { const own = document.querySelector('[autofocus]'); return own === null || own === document.activeElement; })()").await;
    chrome.until("document.getElementById('calls') === null || document.querySelector('#calls li') !== null").await;
    let (reachable, first) = begin(chrome).await;
    let mut problems = Vec::new();
    let mut order: Vec<i64> = Vec::new();
    let mut focused = first;
    // A date's field holds the focus for day, month and year.
    for _ in 0..reachable.len() * 4 + 4 {
        let Value::Array(now) = focused else { break };
        let (index, visible) = (now[0].as_i64().unwrap(), now[1] == true);
        if order.last() != Some(&index) {
            if order.contains(&index) {
                // Round the window and at the beginning again.
                break;
            }
            if !visible {
                problems.push(format!("{about}: the focus isn't seen on {}", now[2]));
            }
            order.push(index);
        }
        chrome.tab().await;
        focused = chrome.run(FOCUSED).await;
    }
    let expected: Vec<i64> = (0..reachable.len() as i64).collect();
    if order != expected {
        let missed = expected.iter().filter(|index| !order.contains(index)).map(|index| &reachable[*index as usize]);
        problems.push(format!(
            "{about}: reached {order:?} of {}; missed {:?}",
            reachable.len(),
            missed.collect::<Vec<_>>()
        ));
    }
    problems
}

#[tokio::test(flavor = "multi_thread")]
async fn tab_reaches_everything_in_order() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::signed_in(&furnished.office, Role::Administrator).await;
    let mut problems = Vec::new();
    for path in places::of(&furnished, Role::Administrator).await {
        // The narrow one has its navigation in a menu.
        for width in [1280, 360] {
            chrome.look(Look { language: Language::Arabic, dark: width == 360, width }).await;
            chrome.open(&path).await;
            problems.extend(walk(&chrome, &format!("{path} {width}")).await);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_key_leads_past_the_navigation() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::signed_in(&furnished.office, Role::Reception).await;
    chrome.open("/requests").await;
    chrome.tab().await;
    assert_eq!(chrome.run("return document.activeElement.className").await, "skip");
    assert_eq!(
        chrome.run("return document.activeElement.getBoundingClientRect().top >= 0").await,
        true,
        "it comes into view"
    );
    chrome.enter().await;
    chrome.until("document.activeElement.id === 'content'").await;
    chrome.tab().await;
    assert_eq!(chrome.run("return document.getElementById('content').contains(document.activeElement)").await, true);

    // The menu of narrow windows opens and leads by keys alone.
    chrome.width(360).await;
    chrome.open("/requests").await;
    chrome.run("document.querySelector('.menu summary').focus()").await;
    chrome.enter().await;
    chrome.until("document.querySelector('.menu details').open").await;
    chrome.tab().await;
    chrome.enter().await;
    chrome.until("location.pathname === '/'").await;
}
