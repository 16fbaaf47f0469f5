//! Signing in: step by step, by whom, how often, and from where.

use chrono::TimeDelta;

use super::support::*;
use crate::domain::clock::Clock;
use crate::office::people::Role;
use crate::office::second_factor::SecondFactor;
use crate::office::sign_in::SECOND_FACTOR_FOR;

pub(super) const OWN: &str = "قهوة ونافذة وحقيبة زرقاء";

pub(super) async fn strict_office() -> TestOffice {
    TestOffice::start_with(|config| config.second_factor_for = SECOND_FACTOR_FOR.to_vec()).await
}

/// The text of an element with this beginning.
pub(super) fn inside<'a>(text: &'a str, begin: &str) -> &'a str {
    text.split_once(begin).unwrap_or_else(|| panic!("no {begin} in {text}")).1.split('<').next().unwrap()
}

/// Signs in by password as far as that leads, and says where.
fn by_password(browser: &mut Browser, name: &str, password: &str) -> String {
    let answer = browser.post_from("/sign-in", "/sign-in", &[("name", name), ("password", password)]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

fn opens_nothing(browser: &Browser) {
    let mut browser = browser.clone();
    for page in ["/", "/requests", "/account", "/people"] {
        assert_eq!(browser.get(page).header("location"), Some("/sign-in"), "{page}");
    }
    assert_eq!(browser.get("/calls/open").status, 401);
}

#[tokio::test]
async fn a_new_person_is_led_through_password_and_second_factor_before_anything_opens() {
    let office = strict_office().await;
    let mut administrator = {
        office.person(Role::Administrator).await;
        enrolled(&office, "administrator").await.0
    };
    let address = office.server.staff_address;
    let clock = office.clock.clone();
    let (secret, codes, code) = blocking(move || {
        let page = administrator.post_from("/people", "/people", &[("name", "Noura"), ("role", "manager")]).text();
        let given = inside(&page, "id=\"initial-password\">").to_owned();
        assert!(!administrator.get("/people").text().contains(&given), "shown once");
        let mut browser = Browser::at(address);
        let mut tokens = vec![];
        assert_eq!(by_password(&mut browser, "noura", &given), "/sign-in/password");
        tokens.push(browser.cookies["istiqbal_session"].clone());
        opens_nothing(&browser);
        // Nobody goes round a step, or back to one that isn't owed.
        for step in ["/sign-in", "/sign-in/code", "/sign-in/second-factor"] {
            assert_eq!(browser.get(step).header("location"), Some("/sign-in/password"), "{step}");
            let forged = browser.post_from("/sign-in/password", step, &[("code", "000000"), ("new", OWN)]);
            assert_ne!(forged.header("location"), Some("/"), "{step}");
        }
        // The forged sign-in above was one without a name: it changes nothing of this session.
        let mut choose = |new: &str, again: &str| {
            browser.post_from("/sign-in/password", "/sign-in/password", &[("new", new), ("again", again)])
        };
        for (new, again) in [
            ("short", "short"),
            (OWN, "another"),
            (given.as_str(), given.as_str()),
            ("noura istiqbal 12", "noura istiqbal 12"),
        ] {
            assert_eq!(choose(new, again).status, 422, "{new}");
        }
        assert_eq!(choose(OWN, OWN).header("location"), Some("/sign-in/second-factor"));
        tokens.push(browser.cookies["istiqbal_session"].clone());
        opens_nothing(&browser);
        let page = browser.get("/sign-in/second-factor").text();
        let secret = inside(&page, "class=\"secret\">").to_owned();
        let factor = SecondFactor::from_text(&secret);
        let confirm = |browser: &mut Browser, code: &str| {
            browser.post_from("/sign-in/second-factor", "/sign-in/second-factor", &[("code", code)])
        };
        let later = factor.code(clock.now() + TimeDelta::minutes(5));
        let wrong = confirm(&mut browser, &later);
        assert!(wrong.status == 422 && inside(&wrong.text(), "class=\"secret\">") == secret);
        let code = factor.code(clock.now());
        let before = browser.clone();
        let page = confirm(&mut browser, &code);
        assert_eq!(page.status, 200);
        tokens.push(browser.cookies["istiqbal_session"].clone());
        let text = page.text();
        let codes: Vec<String> =
            text.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
        assert_eq!(codes.len(), 8);
        assert_eq!(browser.get("/").status, 200);
        opens_nothing(&before);
        tokens.sort();
        tokens.dedup();
        assert_eq!(tokens.len(), 3, "each step has its own token");
        // The given password opens nothing any more.
        let mut other = Browser::at(address);
        let given = [("name", "noura"), ("password", given.as_str())];
        assert_eq!(other.post_from("/sign-in", "/sign-in", &given).status, 401);
        (secret, codes, code)
    })
    .await;

    // Signing in again: the code that confirmed is used up, the next one opens once.
    let clock = office.clock.clone();
    clock.advance(TimeDelta::seconds(30));
    blocking(move || {
        let factor = SecondFactor::from_text(&secret);
        let prove =
            |browser: &mut Browser, code: &str| browser.post_from("/sign-in/code", "/sign-in/code", &[("code", code)]);
        let mut browser = Browser::at(address);
        assert_eq!(by_password(&mut browser, "noura", OWN), "/sign-in/code");
        opens_nothing(&browser);
        assert_eq!(prove(&mut browser, &code).status, 401, "used up");
        let next = factor.code(clock.now());
        let mut twin = Browser::at(address);
        by_password(&mut twin, "noura", OWN);
        assert_eq!(prove(&mut browser, &next).status, 200, "told of the wrong one, and signed in");
        assert_eq!(browser.get("/").status, 200);
        assert_eq!(prove(&mut twin, &next).status, 401, "used up in another browser");
        // A recovery code, typed in its own way, once.
        let typed = codes[3].replace('-', " ").to_uppercase();
        assert_eq!(prove(&mut twin, &typed).status, 200);
        assert!(twin.get("/account").text().contains("٧ رموز استرداد"));
        let mut third = Browser::at(address);
        by_password(&mut third, "noura", OWN);
        assert_eq!(prove(&mut third, &codes[3]).status, 401);
        // A half-way session is over after ten minutes.
        clock.advance(TimeDelta::minutes(10));
        assert_eq!(third.get("/sign-in/code").header("location"), Some("/sign-in"));
        assert_eq!(third.get("/sign-in").status, 200);
    })
    .await;
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn a_secret_lies_nowhere_in_clear() {
    let office = strict_office().await;
    office.person(Role::Auditor).await;
    let (_, secret) = enrolled(&office, "auditor").await;
    let plain: String = secret.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let raw = totp_rs::Secret::try_from_base32(&plain).unwrap();
    for entry in std::fs::read_dir(&office.config.data).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for clear in [plain.as_bytes(), raw.as_bytes()] {
            assert!(!bytes.windows(clear.len()).any(|window| window == clear), "{}", path.display());
        }
    }
}

/// A browser of a person who has just set a second factor up, and its secret.
pub(super) async fn enrolled(office: &TestOffice, name: &'static str) -> (Browser, String) {
    let (address, clock) = (office.server.staff_address, office.clock.clone());
    blocking(move || {
        let mut browser = Browser::at(address);
        assert_eq!(by_password(&mut browser, name, PASSWORD), "/sign-in/second-factor");
        let page = browser.get("/sign-in/second-factor").text();
        let secret = inside(&page, "class=\"secret\">").to_owned();
        let code = SecondFactor::from_text(&secret).code(clock.now());
        let page = browser.post_from("/sign-in/second-factor", "/sign-in/second-factor", &[("code", &code)]);
        assert_eq!(page.status, 200, "{}", page.text());
        (browser, secret)
    })
    .await
}

#[tokio::test]
async fn codes_cant_be_guessed() {
    let office = strict_office().await;
    office.person(Role::Manager).await;
    enrolled(&office, "manager").await;
    let (address, clock) = (office.server.staff_address, office.clock.clone());
    blocking(move || {
        let mut stranger = Browser::at(address);
        by_password(&mut stranger, "manager", PASSWORD);
        let guess = |stranger: &mut Browser| {
            stranger.post_from("/sign-in/code", "/sign-in/code", &[("code", "not a code")]).status
        };
        assert_eq!((0..5).map(|_| guess(&mut stranger)).collect::<Vec<_>>(), [401; 5]);
        assert_eq!(guess(&mut stranger), 429);
        assert_eq!(stranger.get("/sign-in/code").header("location"), Some("/sign-in"), "the password is asked again");
        // It helps nothing that the password is known.
        by_password(&mut stranger, "manager", PASSWORD);
        assert_eq!(guess(&mut stranger), 429);
        clock.advance(TimeDelta::minutes(16));
        by_password(&mut stranger, "manager", PASSWORD);
        assert_eq!(guess(&mut stranger), 401);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_locked_out_by_a_stranger() {
    let office = TestOffice::start().await;
    let mut own = office.browser(Role::Manager).await;
    let address = office.server.staff_address;
    blocking(move || {
        assert_eq!(own.post_from("/account", "/sign-out", &[]).status, 303);
        let wrong = [("name", "manager"), ("password", "guess guess guess")];
        let mut stranger = Browser::at(address);
        for _ in 0..10 {
            assert_eq!(stranger.post_from("/sign-in", "/sign-in", &wrong).status, 401);
        }
        let right = [("name", "manager"), ("password", PASSWORD)];
        assert_eq!(stranger.post_from("/sign-in", "/sign-in", &right).status, 429);
        assert_eq!(
            Browser::at(address).post_from("/sign-in", "/sign-in", &right).status,
            429,
            "strangers share one count"
        );
        // A cookie that somebody has made up makes no browser known.
        let mut pretender = Browser::at(address);
        pretender.cookies.insert("istiqbal_browser".into(), "0".repeat(64));
        assert_eq!(pretender.post_from("/sign-in", "/sign-in", &right).status, 429);
        // The own browser has a count of its own, and no more tries than others.
        assert_eq!(own.post_from("/sign-in", "/sign-in", &wrong).status, 401);
        let mut stolen = own.clone();
        assert_eq!(own.post_from("/sign-in", "/sign-in", &right).status, 303);
        assert_eq!(own.get("/").status, 200);
        // Its token changes with each sign-in: a copy of the one before is a stranger's.
        assert_eq!(stolen.post_from("/sign-in", "/sign-in", &right).status, 429);
    })
    .await;
}

#[tokio::test]
async fn a_known_browser_guesses_no_longer_than_others() {
    let office = TestOffice::start().await;
    let mut own = office.browser(Role::Manager).await;
    blocking(move || {
        own.post_from("/account", "/sign-out", &[]);
        let wrong = [("name", "manager"), ("password", "guess guess guess")];
        let statuses: Vec<u16> = (0..11).map(|_| own.post_from("/sign-in", "/sign-in", &wrong).status).collect();
        assert_eq!(statuses[..10], [401; 10]);
        assert_eq!(statuses[10], 429);
        // For another name it is a stranger.
        let other = [("name", "auditor"), ("password", "guess guess guess")];
        assert_eq!(own.post_from("/sign-in", "/sign-in", &other).status, 401);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_taken_over() {
    let office = TestOffice::start().await;
    office.person(Role::Manager).await;
    let address = office.server.staff_address;
    blocking(move || {
        let mut attacker = Browser::at(address);
        attacker.get("/sign-in");
        // Another's tokens before signing in, and one that was made up, as all the cookies there are.
        let planted = attacker.cookies["istiqbal_form"].clone();
        for name in ["istiqbal_form", "istiqbal_session", "istiqbal_browser"] {
            attacker.cookies.insert(name.into(), planted.clone());
        }
        let victim = attacker.clone().signed_in("manager", PASSWORD);
        assert_ne!(victim.cookies["istiqbal_session"], planted);
        assert_ne!(victim.cookies["istiqbal_browser"], planted);
        opens_nothing(&attacker);
        // Signing in again ends the session before.
        let mut again = victim.clone();
        assert_eq!(by_password_again(&mut again), 303);
        assert_ne!(again.cookies["istiqbal_session"], victim.cookies["istiqbal_session"]);
        opens_nothing(&victim);
    })
    .await;
}

fn by_password_again(browser: &mut Browser) -> u16 {
    browser.post_from("/", "/sign-in", &[("name", "manager"), ("password", PASSWORD)]).status
}
