//! The research committee's session as staff hold it: from making it to its minutes, then what follows its decisions. Every
//! step is taken by what stands on the pages.

use chrono::{NaiveDate, TimeDelta};

use super::super::committee::{Held, office_with_requests};
use super::super::support::*;
use super::chrome::{Chrome, is_installed};
use super::hands::{Hands, plain};
use super::rules::violations_in_every_look;
use crate::domain::language::Language;
use crate::domain::record::Record;
use crate::domain::request::{Request, RequestId};
use crate::domain::stage::{Committee, Decision, Standing};
use crate::language::{dates, digits};
use crate::office::database::committee_cases::{self as cases, Case};
use crate::office::database::committee_sessions::{self as sessions, Member, StoredSession};
use crate::office::database::requests;
use crate::office::people::Role;

/// Of the staff, and from outside; the last one doesn't come.
const MEMBERS: [&str; 5] = ["committee", "manager", "سعد العمري", "هند الشهري", "علي العسيري"];
const STEPS_ASIDE: &str = "سعد العمري";
const TAKE_PART: [&str; 3] = ["committee", "manager", "هند الشهري"];

const GRANTED: &str = "سلة غذائية كل شهر حتى نهاية رمضان";
const WHY_ACCEPTED: &str = "دخل الأسرة دون الحد";
const WHY_REFUSED: &str = "للأسرة دخل يكفيها";
const OBJECTION: &str = "انقطع الدخل منذ شهر";
const FIRST_PART: &str = "سلة نوفمبر";
const LAST_PART: &str = "سلة ديسمبر وما بعدها";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// As it stands on the pages.
fn number(hands: &Hands<'_>, request: &Request) -> String {
    digits(hands.words.language(), &request.tracking_number.grouped())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_held_in_arabic() {
    hold_a_session(Language::Arabic).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_held_in_english() {
    hold_a_session(Language::English).await;
}

/// From its making to what follows its decisions.
async fn hold_a_session(language: Language) {
    if !is_installed() {
        return;
    }
    let (office, mut kiosk, received) = office_with_requests(2).await;
    let [granted, refused] = received.as_slice() else { panic!("two requests") };
    office.clock.advance(TimeDelta::days(5));
    let young = kiosk.request(3);
    let sealed = kiosk.seal(&Record::Request(young.clone()));
    kiosk.send(&[sealed]).await.unwrap();
    // The sixteenth of November: two weeks have passed since two of them came, and ten days since the third did.
    office.clock.advance(TimeDelta::days(10));
    office.person(Role::Reception).await;

    let chrome = Chrome::start(&office, &[]).await;
    let hands = Hands::new(&chrome, language).await;
    hands.sign_in_as(Role::Committee).await;
    make_session(&hands).await;
    gather(&hands).await;
    let title = plain(chrome.run("return document.querySelector('h1').innerText").await.as_str().unwrap());
    put_before(&hands, &[granted, refused], &young).await;
    decide(&hands, granted, refused, &young).await;
    seal_and_read_the_minutes(&hands, &chrome, &[granted, refused, &young]).await;
    hands.press("office-sign-out").await;

    hands.sign_in_as(Role::Reception).await;
    deliver_in_parts(&hands, &chrome, granted).await;
    object(&hands, refused, &title).await;
    hands.press("office-sign-out").await;
    hands.sign_in_as(Role::Committee).await;
    put_before_another(&hands, refused, &title).await;

    prove(&office, granted, refused, &young).await;
}

/// A session planned for tomorrow; then they meet today.
async fn make_session(hands: &Hands<'_>) {
    hands.press("office-nav-sessions").await;
    hands.reads(&hands.say("office-sessions-empty")).await;
    hands.write_date("office-session-date", day("2026-11-17")).await;
    for person in &MEMBERS[..2] {
        hands.choose(person).await;
    }
    hands.write("office-session-members-outside", &MEMBERS[2..].join("\n")).await;
    hands.press("office-session-make-do").await;
    let tomorrow = dates::both(hands.words, day("2026-11-17"));
    hands.reads(&tomorrow).await;
    hands.reads(&hands.say_with("office-session-not-yet", &[("date", tomorrow.into())])).await;
    assert!(!hands.offers("office-session-seal-open").await, "not before its day");

    hands.unfold("office-session-day-open").await;
    hands.write_date("office-session-date", day("2026-11-16")).await;
    hands.press("office-session-day-do").await;
    hands.reads(&dates::both(hands.words, day("2026-11-16"))).await;
    assert!(hands.offers("office-session-seal-open").await);
}

/// All come but one.
async fn gather(hands: &Hands<'_>) {
    hands.reads(&hands.say_with("office-session-present-count", &[("present", 0.into()), ("count", 5.into())])).await;
    for member in &MEMBERS[..4] {
        hands.within(member).choose(&hands.say("office-session-present")).await;
    }
    hands.press("office-session-members-do").await;
    hands.reads(&hands.say_with("office-session-present-count", &[("present", 4.into()), ("count", 5.into())])).await;
}

/// Chooses the requests whose two weeks have passed, and one that can only be studied.
async fn put_before(hands: &Hands<'_>, ripe: &[&Request], young: &Request) {
    let tick = |request: &Request| format!("{}: {}", hands.say("office-column-choose"), number(hands, request));
    hands.press("office-cases-choose").await;
    let text = hands.text().await;
    assert!(!text.contains(&number(hands, young)), "ten days aren't two weeks: {text}");
    for request in ripe {
        hands.choose(&tick(request)).await;
    }
    hands.press("office-cases-add-do").await;

    hands.press("office-cases-choose").await;
    hands.press("office-cases-early").await;
    hands.reads(&hands.say("office-cases-early-about")).await;
    hands.choose(&tick(young)).await;
    hands.press("office-cases-add-do").await;
}

async fn decide(hands: &Hands<'_>, granted: &Request, refused: &Request, young: &Request) {
    let case = hands.within(&number(hands, granted));
    case.unfold("office-case-aside-open").await;
    case.choose(STEPS_ASIDE).await;
    case.press("office-case-aside-do").await;
    case.reads(&format!("{}: {STEPS_ASIDE}", hands.say("office-case-aside"))).await;
    case.reads(&hands.say_with("office-case-taking-part", &[("count", 3.into()), ("quorum", 3.into())])).await;

    case.unfold("office-decision-accept").await;
    case.write("office-case-granted", GRANTED).await;
    case.write("office-case-reason", WHY_ACCEPTED).await;
    case.press("office-decision-accept").await;
    case.reads(&hands.say("office-case-accepted")).await;
    assert_eq!(case.beside("office-case-granted").await, GRANTED);
    assert_eq!(case.beside("office-case-reason").await, WHY_ACCEPTED);
    assert_eq!(case.beside("office-case-took-part").await, hands.words.list(&TAKE_PART));
    assert_eq!(case.beside("office-case-aside").await, STEPS_ASIDE);
    assert!(!case.offers("office-decision-refuse").await, "what is decided is decided");

    let case = hands.within(&number(hands, refused));
    case.unfold("office-decision-refuse").await;
    case.write("office-case-reason", WHY_REFUSED).await;
    case.press("office-decision-refuse").await;
    assert_eq!(case.beside("office-case-reason").await, WHY_REFUSED);
    assert!(case.beside("office-case-took-part").await.contains(STEPS_ASIDE), "in this case nobody steps aside");

    // P19: of the third the page says from when, and offers nothing.
    let case = hands.within(&number(hands, young));
    let from = dates::both(hands.words, day("2026-11-20"));
    case.reads(&hands.say_with("office-step-too-early", &[("date", from.into())])).await;
    for decision in ["office-decision-accept", "office-decision-refuse"] {
        assert!(!case.offers(decision).await, "{decision}");
    }
}

async fn seal_and_read_the_minutes(hands: &Hands<'_>, chrome: &Chrome, all: &[&Request]) {
    let close = hands.within(&hands.say("office-session-seal"));
    close.reads(&hands.say_with("office-session-undecided", &[("count", 1.into())])).await;
    close.unfold("office-session-seal-open").await;
    close.press("office-session-seal-do").await;
    hands.within(&hands.say("office-session-sealed")).reads("committee").await;
    assert_eq!(chrome.run("return document.querySelectorAll('main form').length").await, 0, "nothing changes any more");
    let seal = "return document.querySelector('.seal').innerText.trim()";
    let sealed = chrome.run(seal).await;
    assert_eq!(sealed.as_str().unwrap().len(), 71, "eight groups of eight digits");

    hands.press("office-minutes-open").await;
    assert_eq!(chrome.run(seal).await, sealed, "the paper bears the page's seal");
    let text = hands.text().await;
    let said = [
        GRANTED,
        WHY_ACCEPTED,
        WHY_REFUSED,
        &hands.say("office-minutes-undecided"),
        &plain(&dates::gregorian(hands.words, day("2026-11-16"))),
    ];
    let numbers: Vec<String> = all.iter().map(|request| number(hands, request)).collect();
    for expected in said.into_iter().chain(MEMBERS).chain(numbers.iter().map(String::as_str)) {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(hands.offers("office-minutes-print").await);
    hands.press("office-back").await;
}

async fn deliver_in_parts(hands: &Hands<'_>, chrome: &Chrome, granted: &Request) {
    hands.look_up(&granted.tracking_number.to_string()).await;
    let delivery = hands.within(&hands.say("office-request-delivery"));
    delivery.reads(&hands.say("office-step-documents-incomplete")).await;
    assert!(!delivery.offers("office-delivery-part-do").await);
    while let Some(verify) = next_to_verify(hands, chrome).await {
        hands.press_named(&verify).await;
    }
    for (button, handed_over) in [("office-delivery-part-do", FIRST_PART), ("office-delivery-last-do", LAST_PART)] {
        delivery.write("office-delivery-note", handed_over).await;
        delivery.press(button).await;
        delivery.reads(handed_over).await;
        let is_last = handed_over == LAST_PART;
        assert_eq!(delivery.offers("office-delivery-part-do").await, !is_last, "{}", delivery.text().await);
    }
    delivery.reads(&hands.say_with("office-delivery-part", &[("number", 1.into())])).await;
    let on = dates::both(hands.words, day("2026-11-16"));
    delivery.reads(&hands.say_with("office-delivery-done", &[("date", on.into())])).await;
}

/// What the next button is called by which a document is verified.
async fn next_to_verify(hands: &Hands<'_>, chrome: &Chrome) -> Option<String> {
    let names =
        chrome.run("return [...document.querySelectorAll('button[aria-label]')].map((one) => one.ariaLabel)").await;
    let names: Vec<String> = serde_json::from_value(names).unwrap();
    names.iter().map(|name| plain(name)).find(|name| name.starts_with(&hands.say("office-document-verify")))
}

async fn object(hands: &Hands<'_>, refused: &Request, title: &str) {
    hands.press("office-nav-scan").await;
    hands.look_up(&refused.tracking_number.to_string()).await;
    let committee = hands.within(&hands.say("office-request-committee"));
    committee.reads(WHY_REFUSED).await;
    committee.unfold("office-objection-open").await;
    committee.write("office-objection-text", OBJECTION).await;
    committee.press("office-objection-do").await;
    committee.reads(&hands.say("office-committee-under-study")).await;
    committee.reads(OBJECTION).await;
    let on = dates::both(hands.words, day("2026-11-16"));
    let waits = [("date", on.into()), ("session", title.to_owned().into())];
    committee.reads(&hands.say_with("office-objection-second-look-after", &waits)).await;
    assert!(!committee.offers("office-objection-open").await, "once");
}

/// The session that refused isn't offered for the second look: another is made for it.
async fn put_before_another(hands: &Hands<'_>, refused: &Request, first: &str) {
    hands.look_up(&refused.tracking_number.to_string()).await;
    let committee = hands.within(&hands.say("office-request-committee"));
    assert!(!committee.offers("office-committee-put").await);
    committee.press("office-committee-make-session").await;
    hands.press("office-session-make-do").await;
    hands.press("office-nav-scan").await;
    hands.look_up(&refused.tracking_number.to_string()).await;
    let open = committee.options("office-committee-session").await;
    assert!(open.len() == 1 && open[0] != first, "{open:?}");
    committee.press("office-committee-put").await;
    let case = hands.within(&number(hands, refused));
    case.reads(&hands.say_with("office-case-objection-to", &[("session", first.to_owned().into())])).await;
    assert!(!case.offers("office-decision-accept").await, "nobody has come yet");
}

/// What the database holds of all that.
async fn prove(office: &TestOffice, granted: &Request, refused: &Request, young: &Request) {
    let today = day("2026-11-16");
    let (session, members) = first_session(office).await;
    let standing = standing(office, granted.id).await;
    assert_eq!(standing.committee, Committee::Accepted { on: today });
    assert_eq!((standing.delivered_on, standing.parts_delivered_on.as_slice()), (Some(today), &[today][..]));
    assert_eq!(standing.decided_in.as_ref(), Some(&session.id));
    let standing = self::standing(office, refused.id).await;
    assert_eq!((standing.committee, standing.objected_on), (Committee::UnderStudy, Some(today)));
    assert_eq!(standing.decided_in.as_ref(), Some(&session.id));
    let standing = self::standing(office, young.id).await;
    assert_eq!((standing.committee, standing.decided_in), (Committee::UnderStudy, None));

    let mut reading = office.server.office().database.read().await.unwrap();
    let stored = cases::of_session(&mut reading, &session.id).await.unwrap();
    let asides = cases::asides(&mut reading, &session.id).await.unwrap();
    drop(reading);
    let case = |request: &Request| -> &Case { stored.iter().find(|case| case.request == request.id).unwrap() };
    let name = |id: &String| members.iter().find(|member| member.id == *id).unwrap().name.as_str();
    let decided = case(granted).decided.as_ref().unwrap();
    let took_part: Vec<&str> = decided.took_part.iter().map(name).collect();
    assert_eq!((decided.decision, took_part.as_slice()), (Decision::Accepted, &TAKE_PART[..]));
    assert_eq!(decided.granted.as_ref().unwrap().text.as_deref(), Some(GRANTED));
    let [(aside_in, aside)] = asides.as_slice() else { panic!("{asides:?}") };
    assert_eq!((*aside_in, name(aside)), (granted.id, STEPS_ASIDE));
    let decided = case(refused).decided.as_ref().unwrap();
    assert_eq!((decided.decision, decided.took_part.len()), (Decision::Refused, 4));
    assert!(case(young).decided.is_none());
    let summary = office.check().await;
    assert!(summary.is_sound(), "{summary:?}");
}

/// The only sealed one, and its members.
async fn first_session(office: &TestOffice) -> (StoredSession, Vec<Member>) {
    let mut reading = office.server.office().database.read().await.unwrap();
    let mut sealed = sessions::sealed_ones(&mut reading).await.unwrap();
    assert_eq!((sealed.len(), sessions::count(&mut reading).await.unwrap()), (1, 2));
    let session = sealed.remove(0);
    let members = sessions::members(&mut reading, &session.id).await.unwrap();
    (session, members)
}

async fn standing(office: &TestOffice, request: RequestId) -> Standing {
    let mut reading = office.server.office().database.read().await.unwrap();
    requests::standing(&mut reading, request).await.unwrap().unwrap()
}

/// The page still shows the form when the session gets a day that is too early for it: the form is refused, with what was
/// typed, on a page in which axe finds nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_opened_before_decides_nothing_too_early() {
    if !is_installed() {
        return;
    }
    let (office, _, received) = office_with_requests(1).await;
    office.clock.advance(TimeDelta::days(15));
    let browser = office.browser(Role::Manager).await;
    let request = received[0].clone();
    let path = blocking(move || {
        let mut held = Held::make(browser, "2026-11-16", 3);
        assert_eq!(held.put(&request), 303);
        held.path
    })
    .await;
    let first = Chrome::signed_in(&office, Role::Committee).await;
    let second = Chrome::signed_in(&office, Role::Manager).await;
    for language in [Language::Arabic, Language::English] {
        let decides = Hands::new(&first, language).await;
        let plans = Hands::new(&second, language).await;
        first.open(&path).await;
        decides.unfold("office-decision-accept").await;
        decides.write("office-case-granted", GRANTED).await;
        decides.write("office-case-reason", WHY_ACCEPTED).await;
        set_day(&second, &plans, &path, day("2026-11-14")).await;
        let accept = decides.say("office-decision-accept");
        assert_eq!(decides.press_for_status(&accept).await, 409);
        let from = dates::both(decides.words, day("2026-11-15"));
        decides.reads(&decides.say_with("office-step-too-early", &[("date", from.into())])).await;
        assert_eq!(decides.beside("office-case-granted").await, GRANTED);
        assert_eq!(decides.beside("office-case-reason").await, WHY_ACCEPTED);
        assert_eq!(violations_in_every_look(&first, "a decision too early").await, [""; 0]);
        assert_eq!(standing(&office, received[0].id).await.committee, Committee::UnderStudy);
        set_day(&second, &plans, &path, day("2026-11-16")).await;
    }
}

async fn set_day(chrome: &Chrome, hands: &Hands<'_>, session: &str, on: NaiveDate) {
    chrome.open(session).await;
    hands.unfold("office-session-day-open").await;
    hands.write_date("office-session-date", on).await;
    hands.press("office-session-day-do").await;
    hands.reads(&dates::both(hands.words, on)).await;
}
