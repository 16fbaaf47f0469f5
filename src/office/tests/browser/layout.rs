//! No page scrolls sideways, neither on a phone 360 pixels wide nor with letters twice as large; language and direction are
//! said by every page.

use serde_json::Value;

use super::chrome::{Chrome, Look, is_installed};
use super::furnished::Furnished;
use super::places;
use crate::domain::language::Language;
use crate::office::people::Role;

/// What is wider than the window, without what scrolls in a box of its own.
const TOO_WIDE: &str = "
    const page = document.scrollingElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const out = [...document.body.querySelectorAll('*')].filter((element) => {
        if (element.parentElement.closest('.scroll')) return false;
        const box = element.getBoundingClientRect();
        return box.width > 0 && (box.right > page.clientWidth + 0.5 || box.left < -0.5);
    });
    return [`${page.scrollWidth} > ${page.clientWidth}`, ...out.slice(0, 6).map((element) => element.outerHTML.slice(0, 120))];";

async fn too_wide(chrome: &Chrome) -> Vec<String> {
    let Value::Array(found) = chrome.run(TOO_WIDE).await else { panic!("the script answers with a list") };
    found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_scrolls_sideways() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::signed_in(&furnished.office, Role::Administrator).await;
    let pages = places::of(&furnished, Role::Administrator).await;
    let mut found = Vec::new();
    for language in [Language::Arabic, Language::English] {
        let expected = if language == Language::Arabic { "ar rtl" } else { "en ltr" };
        for path in &pages {
            for (width, letters) in [(360, "100%"), (1280, "200%"), (640, "200%")] {
                chrome.look(Look { language, dark: false, width }).await;
                chrome.open(path).await;
                let root =
                    chrome.run("return document.documentElement.lang + ' ' + document.documentElement.dir").await;
                assert_eq!(root, expected, "{path}");
                chrome.run(&format!("document.documentElement.style.fontSize = '{letters}'")).await;
                chrome.run("for (const part of document.querySelectorAll('details')) part.open = true").await;
                let wide = too_wide(&chrome).await;
                if !wide.is_empty() {
                    found.push(format!("{path} {} {width} {letters}: {wide:#?}", language.code()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
