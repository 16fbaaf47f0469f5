//! Which pages there are: found by following every link, so that a new page is proved without being listed, and a short
//! list of those to which no link leads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::support::{Browser, blocking};
use super::furnished::Furnished;
use crate::office::people::{Permission, Role};

/// The most pages that are looked at for links: more means that a link leads on without end.
const PAGES_MAX: usize = 400;

/// The addresses of pages that a person of this role reaches, each kind once, and each stage of a request.
pub async fn of(furnished: &Furnished, role: Role) -> Vec<String> {
    let browser = furnished.office.browser(role).await;
    let requests = furnished.requests.values().map(|id| format!("/requests/{id}"));
    let asks = furnished.asks.iter().filter(|_| role.may(Permission::AnswerPrivacyAsks)).cloned();
    let known = ["/".to_owned(), "/requests?page=2".to_owned()];
    let known: Vec<String> = known.into_iter().chain(requests).chain(asks).collect();
    blocking(move || follow(browser, known)).await
}

fn follow(mut browser: Browser, known: Vec<String>) -> Vec<String> {
    let mut pages = Vec::new();
    let mut kinds: BTreeSet<String> = known.iter().map(|path| kind(path)).collect();
    let mut waiting: VecDeque<String> = known.into();
    while let Some(path) = waiting.pop_front() {
        assert!(pages.len() < PAGES_MAX, "links without end: {path}");
        let answer = browser.get(&path);
        assert!([200, 303].contains(&answer.status), "a link leads to {path}: {}", answer.status);
        // Files to take away are no pages.
        if answer.status != 200 || !answer.header("content-type").unwrap_or_default().starts_with("text/html") {
            continue;
        }
        let text = answer.text();
        assert!(text.contains("<h1"), "a page has a heading: {path}");
        for link in links(&text) {
            if kinds.insert(kind(&link)) {
                waiting.push_back(link);
            }
        }
        pages.push(path);
    }
    pages
}

/// Where the links of a page lead within the office.
fn links(html: &str) -> Vec<String> {
    let anchors = html.split("<a ").skip(1).filter_map(|rest| rest.split_once('>'));
    let targets = anchors.filter_map(|(tag, _)| tag.split_once("href=\"")?.1.split('"').next());
    let ours = targets.filter(|target| target.starts_with('/') && !target.starts_with("//"));
    let plain = ours.map(|target| target.replace("&amp;", "&").replace("&#38;", "&"));
    plain.map(|target| target.split('#').next().unwrap_or_default().to_owned()).collect()
}

/// What addresses of one kind of page have in common: the path without ids, and what is asked for.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_id = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
            && part.chars().any(|c| c.is_ascii_digit())
    };
    let parts: Vec<&str> = path.split('/').map(|part| if is_id(part) { "*" } else { part }).collect();
    let asked: BTreeMap<&str, ()> = query.split('&').filter_map(|pair| Some((pair.split('=').next()?, ()))).collect();
    format!("{}?{}", parts.join("/"), asked.into_keys().collect::<Vec<_>>().join("&"))
}

#[test]
fn one_page_of_a_kind_is_enough() {
    assert_eq!(kind("/requests/0a1b/answers"), kind("/requests/ff00/answers"));
    assert_eq!(kind("/requests?page=2&list=new"), kind("/requests?list=all&page=7"));
    assert_ne!(kind("/requests"), kind("/requests?list=new"));
    assert_eq!(links("<a class=\"x\" href=\"/a?b=1&#38;c=2#d\">…</a> <a href=\"https://x\">"), ["/a?b=1&c=2"]);
}
