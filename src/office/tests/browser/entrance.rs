//! The pages on the way in: the first password, the second factor, its recovery codes, and the code that is asked for. Axe
//! finds nothing on them, whether all goes well or not.

use chrono::TimeDelta;
use serde_json::json;

use super::super::sign_in::{OWN, enrolled, inside, strict_office};
use super::super::support::*;
use super::chrome::{Chrome, is_installed, scheme};
use super::hands::Hands;
use super::rules::violations_in_every_look;
use crate::domain::clock::Clock;
use crate::domain::language::Language;
use crate::office::people::Role;
use crate::office::second_factor::SecondFactor;

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_way_in() {
    if !is_installed() {
        return;
    }
    let office = strict_office().await;
    office.person(Role::Administrator).await;
    let (administrator, _) = enrolled(&office, "administrator").await;
    let mut found = Vec::new();
    for (language, name) in [(Language::Arabic, "noura"), (Language::English, "salma")] {
        let given = password_given_to(&administrator, name).await;
        let chrome = Chrome::start(&office, &[]).await;
        let hands = Hands::new(&chrome, language).await;
        let way = Way { office: &office, chrome: &chrome, hands: &hands };
        hands.sign_in(name, &given).await;
        found.extend(way.first_password().await);
        let (factor, more) = way.second_factor().await;
        found.extend(more);
        hands.press("office-sign-out").await;
        hands.sign_in(name, OWN).await;
        found.extend(way.code(&factor).await);
    }
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

/// A new person of the staff; the password that is shown once.
async fn password_given_to(administrator: &Browser, name: &'static str) -> String {
    let mut administrator = administrator.clone();
    blocking(move || {
        let page = administrator.post_from("/people", "/people", &[("name", name), ("role", "manager")]).text();
        inside(&page, "id=\"initial-password\">").to_owned()
    })
    .await
}

struct Way<'a> {
    office: &'a TestOffice,
    chrome: &'a Chrome,
    hands: &'a Hands<'a>,
}

impl Way<'_> {
    async fn look(&self, page: &str) -> Vec<String> {
        let language = self.hands.words.language().code();
        violations_in_every_look(self.chrome, &format!("{page} in {language}")).await
    }

    async fn is_at(&self, path: &str) {
        assert_eq!(self.chrome.path().await, path, "{}", self.chrome.text().await);
    }

    /// Two that differ, then one of their own.
    async fn first_password(&self) -> Vec<String> {
        self.is_at("/sign-in/password").await;
        let mut found = self.look("the first password").await;
        let choose = self.hands.say("office-password-do");
        for (again, status) in [("another", 422), (OWN, 200)] {
            self.hands.write("office-password-new", OWN).await;
            self.hands.write("office-password-again", again).await;
            assert_eq!(self.hands.press_for_status(&choose).await, status);
            if status == 422 {
                self.hands.reads(&self.hands.say("office-password-differs")).await;
                found.extend(self.look("passwords that differ").await);
            }
        }
        found
    }

    /// A wrong code, the right one, and the recovery codes, which may be printed.
    async fn second_factor(&self) -> (SecondFactor, Vec<String>) {
        self.is_at("/sign-in/second-factor").await;
        let mut found = self.look("setting up").await;
        let secret = self.chrome.run("return document.querySelector('.secret').textContent").await;
        let factor = SecondFactor::from_text(secret.as_str().unwrap());
        let now = self.office.clock.now();
        let confirm = self.hands.say("office-factor-do");
        for (at, status) in [(now + TimeDelta::minutes(5), 422), (now, 200)] {
            self.hands.write("office-factor-confirm", &factor.code(at)).await;
            assert_eq!(self.hands.press_for_status(&confirm).await, status);
            if status == 422 {
                found.extend(self.look("a code that doesn't confirm").await);
            }
        }
        assert_eq!(self.chrome.run("return document.querySelectorAll('.recovery code').length").await, 8);
        found.extend(self.look("the recovery codes").await);
        self.chrome.medium("print", &[scheme(true)]).await;
        let on_paper = "return [getComputedStyle(document.querySelector('.recovery code')).color,
            getComputedStyle(document.querySelector('.top')).display, document.querySelector('.recovery').checkVisibility()]";
        assert_eq!(self.chrome.run(on_paper).await, json!(["rgb(28, 43, 42)", "none", true]), "dark on white paper");
        self.chrome.medium("", &[]).await;
        self.hands.press("office-recovery-go-on").await;
        self.is_at("/").await;
        (factor, found)
    }

    /// The next time: a wrong code, then the next one.
    async fn code(&self, factor: &SecondFactor) -> Vec<String> {
        self.is_at("/sign-in/code").await;
        let mut found = self.look("asking for a code").await;
        let prove = self.hands.say("office-code-do");
        self.office.clock.advance(TimeDelta::seconds(30));
        let next = factor.code(self.office.clock.now());
        let wrong = if next == "000000" { "000001" } else { "000000" };
        for (code, status) in [(wrong, 401), (next.as_str(), 200)] {
            self.hands.write("office-code-label", code).await;
            assert_eq!(self.hands.press_for_status(&prove).await, status);
            if status == 401 {
                self.hands.reads(&self.hands.say("office-code-wrong")).await;
                found.extend(self.look("a wrong code").await);
            }
        }
        // Told of the wrong one, and led on.
        found.extend(self.look("a wrong code before").await);
        self.hands.press("office-code-wrong-before-on").await;
        self.is_at("/").await;
        found
    }
}
