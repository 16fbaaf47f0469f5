//! The page of the staff, and that of the own account.

use chrono::TimeDelta;

use super::committee;
use super::sign_in::enrolled;
use super::support::*;
use crate::office::people::Role;
use crate::office::sign_in::SECOND_FACTOR_FOR;

const OTHER: &str = "a lamp, a chair, a well";

/// The random id of a person, as the page of the staff names it.
fn id_of(browser: &mut Browser, name: &str) -> String {
    let text = browser.get("/people").text();
    let row = text.split("<tr>").find(|row| row.contains(&format!("<th scope=\"row\"><bdi>{name}</bdi>")));
    let row = row.unwrap_or_else(|| panic!("no {name} in {text}"));
    row.split_once("action=\"/people/").unwrap().1.split('/').next().unwrap().to_owned()
}

fn does(browser: &mut Browser, id: &str, what: &str, fields: &[(&str, &str)]) -> u16 {
    browser.post_from("/people", &format!("/people/{id}/{what}"), fields).status
}

#[tokio::test]
async fn what_is_changed_of_a_person_counts_at_once() {
    let office = TestOffice::start().await;
    let mut administrator = office.browser(Role::Administrator).await;
    let researcher = office.browser(Role::Researcher).await;
    blocking(move || {
        let is_in = |browser: &Browser| browser.clone().get("/").status == 200;
        let sign_in = |password: &str| {
            let mut browser = Browser::at(researcher.address);
            let fields = [("name", "researcher"), ("password", password)];
            let status = browser.post_from("/sign-in", "/sign-in", &fields).status;
            (browser, status)
        };
        let id = id_of(&mut administrator, "researcher");
        assert!(is_in(&researcher));
        assert_eq!(does(&mut administrator, &id, "role", &[("role", "researcher")]), 303);
        assert!(is_in(&researcher), "nothing was changed");
        assert_eq!(does(&mut administrator, &id, "role", &[("role", "reception")]), 303);
        assert!(!is_in(&researcher), "another role ends the sessions");
        assert_eq!(does(&mut administrator, &id, "role", &[("role", "boss")]), 403);
        let (again, _) = sign_in(PASSWORD);
        assert!(is_in(&again));
        assert_eq!(does(&mut administrator, &id, "sign-out", &[]), 303);
        assert!(!is_in(&again));
        let (again, _) = sign_in(PASSWORD);
        for _ in 0..2 {
            assert_eq!(does(&mut administrator, &id, "disabling", &[]), 303, "also sent twice");
        }
        assert!(!is_in(&again), "who is disabled is out at once");
        assert_eq!(sign_in(PASSWORD).1, 401);
        assert!(administrator.get("/people").text().contains("موقوف"));
        assert_eq!(does(&mut administrator, &id, "enabling", &[]), 303);
        let (again, status) = sign_in(PASSWORD);
        assert!(status == 303 && is_in(&again));
        // A new password is shown once, ends the sessions, and must be changed.
        let page = administrator.post_from("/people", &format!("/people/{id}/password"), &[]);
        assert_eq!(page.status, 200);
        let text = page.text();
        let given = text.split_once("id=\"initial-password\">").unwrap().1.split('<').next().unwrap();
        assert!(!is_in(&again));
        assert_eq!(sign_in(PASSWORD).1, 401);
        let (half_way, status) = sign_in(given);
        assert!(status == 303 && !is_in(&half_way));
        // Whom nobody knows.
        for what in ["disabling", "password", "sign-out", "second-factor"] {
            assert_eq!(does(&mut administrator, "00", what, &[]), 404, "{what}");
        }
    })
    .await;
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn names_are_given_once_and_plain() {
    let office = TestOffice::start().await;
    let mut administrator = office.browser(Role::Administrator).await;
    blocking(move || {
        let mut add = |name: &str, role: &str| {
            administrator.post_from("/people", "/people", &[("name", name), ("role", role)]).status
        };
        assert_eq!(add("Huda", "committee"), 200);
        assert_eq!(add("huda", "auditor"), 409);
        assert_eq!(add("<b>", "auditor"), 422);
        assert_eq!(add("", "auditor"), 422);
        assert_eq!(add("saad", "boss"), 403);
        assert_eq!(add("saad", ""), 403);
        assert_eq!(id_of(&mut administrator, "huda").len(), 32);
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let office = TestOffice::start().await;
    let mut administrator = office.browser(Role::Administrator).await;
    office.person(Role::Manager).await;
    blocking(move || {
        let own = id_of(&mut administrator, "administrator");
        let manager = id_of(&mut administrator, "manager");
        assert_eq!(does(&mut administrator, &own, "disabling", &[]), 409);
        assert_eq!(does(&mut administrator, &own, "role", &[("role", "manager")]), 409);
        assert_eq!(does(&mut administrator, &manager, "role", &[("role", "administrator")]), 303);
        assert_eq!(does(&mut administrator, &manager, "disabling", &[]), 303);
        assert_eq!(does(&mut administrator, &own, "disabling", &[]), 409, "the other one can't sign in");
        assert_eq!(does(&mut administrator, &manager, "enabling", &[]), 303);
        assert_eq!(does(&mut administrator, &own, "role", &[("role", "manager")]), 303);
        assert_eq!(administrator.get("/people").header("location"), Some("/sign-in"));
    })
    .await;
}

#[tokio::test]
async fn a_lost_telephone_is_set_up_anew() {
    let office = TestOffice::start_with(|config| config.second_factor_for = SECOND_FACTOR_FOR.to_vec()).await;
    office.person(Role::Administrator).await;
    office.person(Role::Auditor).await;
    let (mut administrator, _) = enrolled(&office, "administrator").await;
    let (mut auditor, secret) = enrolled(&office, "auditor").await;
    blocking(move || {
        let id = id_of(&mut administrator, "auditor");
        assert_eq!(does(&mut administrator, &id, "second-factor", &[]), 303);
        assert_eq!(auditor.get("/").status, 303, "signed out");
        assert!(administrator.get("/people").text().contains("بانتظار الإعداد"));
    })
    .await;
    let (_, another) = enrolled(&office, "auditor").await;
    assert_ne!(secret, another);
}

#[tokio::test]
async fn the_own_password_is_changed_by_whoever_knows_it() {
    let office = TestOffice::start().await;
    let mut here = office.browser(Role::Reception).await;
    let mut elsewhere = office.browser(Role::Reception).await;
    blocking(move || {
        let mut change = |old: &str, new: &str, again: &str| {
            let fields = [("old", old), ("new", new), ("again", again)];
            here.post_from("/account", "/account/password", &fields).status
        };
        assert_eq!(change("another password", OTHER, OTHER), 422);
        assert_eq!(change(PASSWORD, "short", "short"), 422);
        assert_eq!(change(PASSWORD, PASSWORD, PASSWORD), 422);
        assert_eq!(change(PASSWORD, OTHER, "a lamp, a chair"), 422);
        assert_eq!(change(PASSWORD, OTHER, OTHER), 303);
        assert_eq!(here.get("/").status, 200);
        assert_eq!(elsewhere.get("/").status, 303, "sessions in other browsers end");
        let old = [("name", "reception"), ("password", PASSWORD)];
        assert_eq!(Browser::at(here.address).post_from("/sign-in", "/sign-in", &old).status, 401);
        let mut elsewhere = Browser::at(here.address).signed_in("reception", OTHER);
        let page = elsewhere.get("/account").text();
        assert_eq!(page.matches("<tr><td>").count(), 2);
        assert_eq!(page.matches("هذا المتصفح").count(), 1);
        assert_eq!(here.post_from("/account", "/account/sign-out", &[]).header("location"), Some("/sign-in"));
        assert_eq!(here.get("/").status, 303);
        assert_eq!(elsewhere.get("/").status, 303, "signed out everywhere");
    })
    .await;
}

#[tokio::test]
async fn tries_of_the_own_password_are_counted() {
    let office = TestOffice::start().await;
    let mut browser = office.browser(Role::Auditor).await;
    blocking(move || {
        let fields = [("password", "guess guess guess")];
        let statuses: Vec<u16> =
            (0..21).map(|_| browser.post_from("/account", "/account/second-factor", &fields).status).collect();
        assert_eq!(statuses[..20], [422; 20]);
        assert_eq!(statuses[20], 429);
    })
    .await;
}

#[tokio::test]
async fn whoever_wants_a_second_factor_has_one_and_is_asked_for_it() {
    let office = TestOffice::start().await;
    let mut browser = office.browser(Role::Reception).await;
    let clock = office.clock.clone();
    blocking(move || {
        assert_eq!(browser.get("/account/second-factor").header("location"), Some("/account"), "nothing is offered");
        let offer = browser.post_from("/account", "/account/second-factor", &[("password", PASSWORD)]);
        assert_eq!(offer.header("location"), Some("/account/second-factor"));
        let page = browser.get("/account/second-factor").text();
        let secret = page.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap();
        let factor = crate::office::second_factor::SecondFactor::from_text(secret);
        let place = "/account/second-factor/confirmation";
        assert_eq!(browser.post_from("/account", place, &[("code", "12")]).status, 422);
        let code = factor.code(crate::domain::clock::Clock::now(&*clock));
        let mut other = Browser::at(browser.address).signed_in("reception", PASSWORD);
        assert_eq!(browser.post_from("/account", place, &[("code", &code)]).status, 200);
        assert_eq!(browser.get("/").status, 200);
        assert_eq!(other.get("/").status, 303, "sessions in other browsers end");
        let fields = [("name", "reception"), ("password", PASSWORD)];
        let next = other.post_from("/sign-in", "/sign-in", &fields);
        assert_eq!(next.header("location"), Some("/sign-in/code"));
    })
    .await;
}

#[tokio::test]
async fn minutes_print_full_names() {
    let (office, _kiosk, _requests) = committee::office_with_requests(1).await;
    office.clock.advance(TimeDelta::days(15));
    let mut administrator = office.browser(Role::Administrator).await;
    let committee = office.browser(Role::Committee).await;
    let signed_in = committee.clone();
    blocking(move || {
        let id = id_of(&mut administrator, "committee");
        let name = |browser: &mut Browser, name: &str| does(browser, &id, "full-name", &[("full_name", name)]);
        for wrong in ["\u{202e}دعس تنب ىده", &"x".repeat(81)] {
            assert_eq!(name(&mut administrator, wrong), 422, "{wrong:?}");
        }
        assert_eq!(name(&mut administrator, " هدى  بنت سعد "), 303);
        assert!(administrator.get("/people").text().contains("<bdi>هدى بنت سعد</bdi>"));
        assert_eq!(signed_in.clone().get("/").status, 200, "a name ends no session");
        let mut held = committee::Held::make(committee, "2026-11-16", 3);
        // Who is called otherwise later was called so then.
        assert_eq!(name(&mut administrator, "هدى الشهري"), 303);
        assert_eq!(held.seal(), 303);
        let minutes = held.browser.get(&format!("{}/minutes", held.path)).text();
        assert!(minutes.contains("هدى بنت سعد") && minutes.contains("manager"), "{minutes}");
        assert_eq!(name(&mut administrator, ""), 303);
        assert!(!administrator.get("/people").text().contains("هدى"));
    })
    .await;
}
