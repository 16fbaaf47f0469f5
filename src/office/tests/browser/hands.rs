//! A page in somebody's hands: links, buttons and fields are found by the words that stand on them, as people find them. A
//! walk that uses nothing else fails when a page no longer leads on.

use chrono::{Datelike, NaiveDate};
use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::super::support::PASSWORD;
use super::chrome::Chrome;
use crate::domain::language::Language;
use crate::language::{Value as Variable, Words};
use crate::office::people::Role;

/// What the scripts below share. `part` is the heading of the part of the page that is looked at, or nothing for the whole.
const FINDING: &str = "
    const plain = (text) => text.replace(/[\\u200e\\u200f\\u2066-\\u2069]/g, '').replace(/\\s+/g, ' ').trim();
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
    const nameOf = (element) => plain(element.getAttribute('aria-label') ?? element.innerText);
    const partsOf = (part) => part === null ? [document.body] : [...document.querySelectorAll('section, fieldset')].filter((one) =>
        isSeen(one) && plain(one.querySelector('h2, h3, legend')?.innerText ?? '').includes(part));
    const find = (part, css, name) => [...new Set(partsOf(part).flatMap((one) => [...one.querySelectorAll(css)]))]
        .filter((element) => isSeen(element) && nameOf(element) === name);";

const LINKS_AND_BUTTONS: &str = "a, button";
const FOLDED: &str = "summary";
const CHOICES: &str = "label, input[aria-label]";

/// Whoever works on the pages, in their language.
pub struct Hands<'a> {
    chrome: &'a Chrome,
    pub words: &'static Words,
    part: Option<String>,
}

impl<'a> Hands<'a> {
    pub async fn new(chrome: &'a Chrome, language: Language) -> Self {
        chrome.cookie("istiqbal_language", language.code()).await;
        Self { chrome, words: Words::of(language), part: None }
    }

    /// The same hands in the part of the page under a heading or legend that contains these words.
    pub fn within(&self, heading: &str) -> Self {
        Self { chrome: self.chrome, words: self.words, part: Some(plain(heading)) }
    }

    /// A message as a page shows it.
    pub fn say(&self, key: &str) -> String {
        plain(&self.words.get(key))
    }

    /// The same with variables.
    pub fn say_with(&self, key: &str, variables: &[(&str, Variable<'_>)]) -> String {
        plain(&self.words.format(key, variables))
    }

    /// All that can be read in the part.
    pub async fn text(&self) -> String {
        let text = self.ask("return partsOf(part).map((one) => plain(one.innerText)).join(' ');", "").await;
        text.as_str().unwrap().to_owned()
    }

    pub async fn reads(&self, expected: &str) {
        let text = self.text().await;
        assert!(text.contains(&plain(expected)), "{expected}\nisn't on {}:\n{text}", self.chrome.path().await);
    }

    /// What stands beside a term.
    pub async fn beside(&self, key: &str) -> String {
        let found = self.ask("return plain(find(part, 'dt', name)[0].nextElementSibling.innerText);", key).await;
        found.as_str().unwrap().to_owned()
    }

    /// Whether there is a link, a button or something folded with this message.
    pub async fn offers(&self, key: &str) -> bool {
        self.ask("return find(part, 'a, button, summary', name).length > 0;", key).await == true
    }

    /// What can be chosen in a field.
    pub async fn options(&self, key: &str) -> Vec<String> {
        let script =
            "return [...find(part, 'label', name)[0].control.options].map((option) => plain(option.innerText));";
        let Value::Array(found) = self.ask(script, key).await else { panic!("{key} is a list") };
        found.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }

    /// Presses the link or button with this message; the page that comes is one that answers.
    pub async fn press(&self, key: &str) {
        self.press_named(&self.say(key)).await;
    }

    /// The same by what it is called.
    pub async fn press_named(&self, name: &str) {
        let status = self.press_for_status(name).await;
        assert_eq!(status, 200, "{name} leads to {}: {}", self.chrome.path().await, self.text().await);
    }

    /// Presses a button, and waits for the next page; its status.
    pub async fn press_for_status(&self, name: &str) -> Value {
        let found = self.only(LINKS_AND_BUTTONS, name).await;
        self.chrome.leave(async || found.click().await.unwrap()).await;
        self.chrome.status().await
    }

    pub async fn unfold(&self, key: &str) {
        self.only(FOLDED, &self.say(key)).await.click().await.unwrap();
    }

    /// Ticks a box or chooses one of several by its label.
    pub async fn choose(&self, name: &str) {
        self.only(CHOICES, &plain(name)).await.click().await.unwrap();
    }

    /// Types into the field with this label.
    pub async fn write(&self, key: &str, text: &str) {
        self.field(key).await.send_keys(text).await.unwrap();
    }

    /// Types a date by the keyboard, in the order in which the browser asks for its parts.
    pub async fn write_date(&self, key: &str, day: NaiveDate) {
        self.field(key).await;
        self.chrome.run("document.querySelector('[data-found]').focus()").await;
        let order =
            "return new Intl.DateTimeFormat(navigator.language).formatToParts(new Date()).map((one) => one.type)";
        let Value::Array(order) = self.chrome.run(order).await else { panic!("a list of parts") };
        for part in order.iter().filter_map(Value::as_str) {
            let digits = match part {
                // As many as a year may have: then the next part has the focus by itself.
                "year" => format!("{:06}", day.year()),
                "month" => format!("{:02}", day.month()),
                "day" => format!("{:02}", day.day()),
                _ => continue,
            };
            for digit in digits.bytes() {
                let key = char::from(digit).to_string();
                self.chrome.key(&format!("Digit{key}"), &key, u32::from(digit)).await;
            }
        }
        let typed = self.chrome.run("return document.querySelector('[data-found]').value").await;
        assert_eq!(typed, day.to_string(), "the browser takes the date as it is typed");
    }

    /// Types a number into the scan page's field, then Enter.
    pub async fn look_up(&self, number: &str) {
        let field = self.field("office-scan-label").await;
        self.chrome.leave(async || field.send_keys(&format!("{number}\n")).await.unwrap()).await;
        assert_eq!(self.chrome.status().await, 200);
    }

    /// From the first page to the scan page.
    pub async fn sign_in(&self, name: &str, password: &str) {
        self.chrome.open("/").await;
        self.write("office-sign-in-name", name).await;
        self.write("office-sign-in-password", password).await;
        self.press("office-sign-in-do").await;
    }

    /// The same for a person of the tests' office.
    pub async fn sign_in_as(&self, role: Role) {
        self.sign_in(role.as_str(), PASSWORD).await;
        assert_eq!(self.chrome.path().await, "/");
    }

    async fn field(&self, key: &str) -> Element {
        let name = self.say(key);
        let script = "const fields = find(part, 'label', name).map((label) => label.control);
            return [fields.length, fields[0]];";
        self.marked(script, &name).await
    }

    /// The one thing of this kind with this name that is seen.
    async fn only(&self, css: &str, name: &str) -> Element {
        let script = format!("const found = find(part, {}, name); return [found.length, found[0]];", json!(css));
        self.marked(&script, name).await
    }

    /// What a script finds, where it can be pressed: in the middle of the window, so that nothing lies over it.
    async fn marked(&self, script: &str, name: &str) -> Element {
        let script = format!(
            "{FINDING}
            const [part, name] = arguments;
            document.querySelector('[data-found]')?.removeAttribute('data-found');
            const [count, element] = (() => {{ {script} }})();
            if (count === 1) {{
                element.dataset.found = '';
                element.scrollIntoView({{ block: 'center' }});
            }}
            return count;"
        );
        let count = self.chrome.client.execute(&script, vec![json!(self.part), json!(name)]).await.unwrap();
        if count != 1 {
            panic!("{count} of “{name}” in {:?} on {}:\n{}", self.part, self.chrome.path().await, self.text().await);
        }
        self.chrome.client.find(Locator::Css("[data-found]")).await.unwrap()
    }

    async fn ask(&self, script: &str, key: &str) -> Value {
        let name = if key.is_empty() { String::new() } else { self.say(key) };
        let script = format!("{FINDING} const [part, name] = arguments; {script}");
        self.chrome.client.execute(&script, vec![json!(self.part), json!(name)]).await.unwrap()
    }
}

/// A text without the marks that isolate directions, its white space as a page shows it.
pub fn plain(text: &str) -> String {
    let text = text.replace(|c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}'), "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
