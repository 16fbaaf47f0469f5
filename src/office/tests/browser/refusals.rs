//! The pages that say why something can't be done: somebody was faster, nothing is there, it isn't this role's, something is
//! broken. Axe finds nothing on them.

use super::super::committee::submit;
use super::super::support::*;
use super::chrome::{Chrome, is_installed};
use super::furnished::Furnished;
use super::hands::Hands;
use super::rules::violations_in_every_look;
use crate::domain::language::Language;
use crate::office::people::Role;

/// Somebody else hands over a part while the request's page is open here; then it is sent from here, too.
async fn be_too_late(furnished: &Furnished, chrome: &Chrome, hands: &Hands<'_>) {
    let request = format!("/requests/{}", furnished.requests["ready"]);
    chrome.width(1280).await;
    chrome.open(&request).await;
    let mut faster = furnished.office.browser(Role::Reception).await;
    blocking(move || {
        let part = [("part", "part"), ("note", "نصف السلة")];
        assert_eq!(submit(&mut faster, &request, &format!("{request}/delivery"), &part).status, 303);
    })
    .await;
    let delivery = hands.within(&hands.say("office-request-delivery"));
    delivery.write("office-delivery-note", "السلة كلها").await;
    assert_eq!(delivery.press_for_status(&hands.say("office-delivery-part-do")).await, 409);
    hands.reads("نصف السلة").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_what_cant_be_done() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let chrome = Chrome::signed_in(&furnished.office, Role::Manager).await;
    let mut found = Vec::new();
    for language in Language::ALL {
        let hands = Hands::new(&chrome, language).await;
        let about = |page: &str| format!("{page} in {}", language.code());
        be_too_late(&furnished, &chrome, &hands).await;
        found.extend(violations_in_every_look(&chrome, &about("too late")).await);
        let nowhere = format!("/requests/{}", "0".repeat(32));
        let not_permitted = "office-refused-role";
        for (path, status, sentence) in
            [(nowhere.as_str(), 404, "office-refused-not-found"), ("/people", 403, not_permitted)]
        {
            chrome.visit(&format!("{}{path}", chrome.office), status).await;
            hands.reads(&hands.say(sentence)).await;
            found.extend(violations_in_every_look(&chrome, &about(sentence)).await);
        }
    }
    let mut writing = furnished.office.server.office().database.write().await.unwrap();
    sqlx::query("ALTER TABLE suggestion RENAME TO gone").execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    chrome.visit(&format!("{}/suggestions", chrome.office), 500).await;
    found.extend(violations_in_every_look(&chrome, "when something is broken").await);
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}
