//! The second factor: how many wrong codes there may be, who hears of them, and who may replace it.

use chrono::TimeDelta;

use super::sign_in::{enrolled, inside, strict_office};
use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::language::Language;
use crate::language::Words;
use crate::office::people::Role;
use crate::office::second_factor::SecondFactor;
use crate::office::sign_in::WRONG_CODES_IN_A_ROW_MAX;

fn by_password(browser: &mut Browser) {
    let fields = [("name", "manager"), ("password", PASSWORD)];
    assert_eq!(browser.post_from("/sign-in", "/sign-in", &fields).header("location"), Some("/sign-in/code"));
}

fn prove(browser: &mut Browser, code: &str) -> Answer {
    browser.post_from("/sign-in/code", "/sign-in/code", &[("code", code)])
}

async fn wrong_codes(office: &TestOffice) -> i64 {
    let mut reading = office.server.office().database.read().await.unwrap();
    sqlx::query_scalar("SELECT wrong_codes FROM second_factor").fetch_one(&mut *reading).await.unwrap()
}

#[tokio::test]
async fn wrong_codes_in_a_row_have_an_end_and_only_a_recovery_code_goes_on() {
    let office = strict_office().await;
    office.person(Role::Manager).await;
    let (mut own, secret) = enrolled(&office, "manager").await;
    // As after weeks of slow tries: but the last of those that may be wrong.
    let almost = i64::try_from(WRONG_CODES_IN_A_ROW_MAX).unwrap() - 1;
    let mut writing = office.server.office().database.write().await.unwrap();
    sqlx::query("UPDATE second_factor SET wrong_codes = $1").bind(almost).execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    office.clock.advance(TimeDelta::minutes(30));
    let (address, clock) = (office.server.staff_address, office.clock.clone());
    let closed = Words::of(Language::Arabic).get("office-code-closed");
    let right = SecondFactor::from_text(&secret).code(clock.now());
    blocking(move || {
        // Another session can't set it up anew either, but by a recovery code.
        let mut stranger = Browser::at(address);
        by_password(&mut stranger);
        let answer = prove(&mut stranger, "000000");
        assert!(answer.status == 401 && answer.text().contains(&closed), "{}", answer.text());
        let answer = prove(&mut stranger, &right);
        assert!(answer.status == 401 && answer.text().contains(&closed), "the right one is too late");
        let fields = [("password", PASSWORD), ("code", right.as_str())];
        assert_eq!(own.post_from("/account", "/account/second-factor", &fields).status, 422);
    })
    .await;
    assert!(wrong_codes(&office).await > almost);
    // An administrator's reset helps, or a recovery code.
    office.clock.advance(TimeDelta::hours(1));
    let (address, clock) = (office.server.staff_address, office.clock.clone());
    let mut writing = office.server.office().database.write().await.unwrap();
    let person: String = sqlx::query_scalar("SELECT person FROM second_factor").fetch_one(&mut *writing).await.unwrap();
    let recovery = "abcd-efgh-jkmn-pqrs-tuvw-xyz2";
    let hash = crate::office::second_factor::recovery_hash(&person, recovery);
    sqlx::query("INSERT INTO recovery_code (code_hash, person) VALUES ($1, $2)")
        .bind(hash.to_vec())
        .bind(&person)
        .execute(&mut *writing)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    blocking(move || {
        let mut own = Browser::at(address);
        by_password(&mut own);
        let answer = prove(&mut own, recovery);
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("href=\"/\""), "told of the wrong ones, and led on: {}", answer.text());
        assert_eq!(own.get("/").status, 200);
        clock.advance(TimeDelta::minutes(1));
        let mut again = Browser::at(address);
        by_password(&mut again);
        let code = SecondFactor::from_text(&secret).code(clock.now());
        assert_eq!(prove(&mut again, &code).header("location"), Some("/"), "the telephone's codes count again");
    })
    .await;
    assert_eq!(wrong_codes(&office).await, 0);
}

#[tokio::test]
async fn a_person_hears_of_wrong_codes_once() {
    let office = strict_office().await;
    office.person(Role::Manager).await;
    let (_, secret) = enrolled(&office, "manager").await;
    office.clock.advance(TimeDelta::minutes(1));
    let (address, clock) = (office.server.staff_address, office.clock.clone());
    blocking(move || {
        let mut stranger = Browser::at(address);
        by_password(&mut stranger);
        for _ in 0..3 {
            assert_eq!(prove(&mut stranger, "not a code").status, 401);
        }
        let factor = SecondFactor::from_text(&secret);
        let mut own = Browser::at(address);
        by_password(&mut own);
        let told = prove(&mut own, &factor.code(clock.now()));
        let title = Words::of(Language::Arabic).get("office-code-wrong-before-title");
        assert!(told.status == 200 && told.text().contains(&title), "{}", told.text());
        assert_eq!(own.get("/").status, 200, "signed in all the same");
        clock.advance(TimeDelta::minutes(1));
        let mut again = Browser::at(address);
        by_password(&mut again);
        assert_eq!(prove(&mut again, &factor.code(clock.now())).header("location"), Some("/"));
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_replaced_only_by_whoever_has_it_and_shown_only_where_it_was_asked_for() {
    let office = strict_office().await;
    office.person(Role::Manager).await;
    let (mut own, secret) = enrolled(&office, "manager").await;
    office.clock.advance(TimeDelta::minutes(1));
    let (address, clock) = (office.server.staff_address, office.clock.clone());
    blocking(move || {
        let factor = SecondFactor::from_text(&secret);
        // Another session of the same person, as a thief of its cookie has it.
        let mut other = Browser::at(address);
        by_password(&mut other);
        assert_eq!(prove(&mut other, &factor.code(clock.now())).status, 303);
        let offer = |browser: &mut Browser, fields: &[(&str, &str)]| {
            browser.post_from("/account", "/account/second-factor", fields)
        };
        for fields in [
            &[("password", PASSWORD)][..],
            &[("password", PASSWORD), ("code", "000000")],
            &[("password", "another password"), ("code", &factor.code(clock.now()))],
            // Used up by the sign-in above
            &[("password", PASSWORD), ("code", &factor.code(clock.now()))],
        ] {
            assert_eq!(offer(&mut own, fields).status, 422, "{fields:?}");
            assert_eq!(own.get("/account/second-factor").header("location"), Some("/account"));
        }
        clock.advance(TimeDelta::minutes(20));
        let code = factor.code(clock.now());
        let offered = offer(&mut own, &[("password", PASSWORD), ("code", &code)]);
        assert_eq!(offered.header("location"), Some("/account/second-factor"));
        let page = own.get("/account/second-factor").text();
        let new = SecondFactor::from_text(inside(&page, "class=\"secret\">"));
        assert_eq!(
            other.get("/account/second-factor").header("location"),
            Some("/account"),
            "shown in another session"
        );
        let confirm = |browser: &mut Browser, code: &str| {
            browser.post_from("/account", "/account/second-factor/confirmation", &[("code", code)])
        };
        assert_eq!(confirm(&mut other, &new.code(clock.now())).status, 303, "nothing is offered there");
        assert_eq!(confirm(&mut own, &new.code(clock.now())).status, 200);
        // All other sessions have ended, and the factor before counts no more.
        assert_eq!(other.get("/account").header("location"), Some("/sign-in"));
        clock.advance(TimeDelta::minutes(1));
        let mut again = Browser::at(address);
        by_password(&mut again);
        assert_eq!(prove(&mut again, &factor.code(clock.now())).status, 401);
        assert_ne!(prove(&mut again, &new.code(clock.now())).status, 401);
    })
    .await;
    assert_eq!(office.check().await.trail, "intact");
}
