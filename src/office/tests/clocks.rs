//! No clock alone decides or destroys (F8), over real HTTP: the fourteen days, the witnesses of the day, what people
//! say of it.

use chrono::{NaiveDate, TimeDelta};

use super::committee::Held;
use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::domain::stage::{Decision, Event};
use crate::office::database::{clock, requests, trail};
use crate::office::day::statements::{self, Said, StatementError};
use crate::office::day::{self, watch};
use crate::office::people::Role;
use crate::office::retention;
use crate::replication::wire::{ENROLMENT_PATH, Enrolled, Enrolment, HEARTBEAT_PATH, Heartbeat};
use crate::seal::envelope::KioskTime;
use crate::seal::keys::KioskKeys;
use crate::seal::seed::Seed;

const REASON: &str = "قارنّاها بالجوال";

const fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

/// A kiosk's word, when its clock is so far ahead of the office's.
async fn heartbeat(office: &TestOffice, kiosk: &TestKiosk, ahead: TimeDelta) {
    let heartbeat = Heartbeat {
        version: "0.1.0".into(),
        printer: crate::domain::printer::PrinterState::Ready,
        unprinted: 0,
        unsent: 0,
        kiosk_time: office.clock.now() + ahead,
        clock_is_trusted: ahead.abs() <= days(1),
        free_bytes: Some(1 << 30),
    };
    let body = postcard::to_allocvec(&heartbeat).unwrap();
    assert_eq!(post_raw(&kiosk.keys, &kiosk.invite, "POST", HEARTBEAT_PATH, body).await.status, 200);
}

async fn send_request(office: &TestOffice, kiosk: &mut TestKiosk, part: u32, ahead: TimeDelta) -> Request {
    let request = kiosk.request(part);
    let time = KioskTime { at: office.clock.now() + ahead, trusted: ahead.abs() <= days(1) };
    let sealed = kiosk.seal_at(&Record::Request(request.clone()), time);
    kiosk.send(&[sealed]).await.unwrap();
    request
}

/// Gives the committee's page's answer to a decision of today.
async fn decide(office: &TestOffice, request: &Request) -> Answer {
    office.person(Role::Manager).await;
    let browser = office.browser(Role::Committee).await;
    let (request, today) = (request.clone(), today(office));
    blocking(move || {
        let mut held = Held::make(browser, &today, 3);
        held.put(&request);
        held.decide(&request, "accepted")
    })
    .await
}

fn today(office: &TestOffice) -> String {
    crate::domain::calendar::riyadh_day(office.clock.now()).to_string()
}

async fn confirm(office: &TestOffice, role: Role, fields: &[(&str, &str)]) -> Answer {
    post(office, role, "/clock/confirmation", fields).await
}

async fn post(office: &TestOffice, role: Role, path: &'static str, fields: &[(&str, &str)]) -> Answer {
    let mut browser = office.browser(role).await;
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    blocking(move || {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post_from("/", path, &fields)
    })
    .await
}

async fn first_page(office: &TestOffice) -> String {
    let mut browser = office.browser(Role::Reception).await;
    blocking(move || browser.get("/").text()).await
}

async fn received_on(office: &TestOffice, request: &Request) -> NaiveDate {
    let mut reading = office.server.office().database.read().await.unwrap();
    requests::find(&mut reading, request.id).await.unwrap().unwrap().received_on
}

async fn is_certain(office: &TestOffice) -> bool {
    let office = office.server.office();
    day::reckon(&mut office.database.read().await.unwrap(), &office.clock).await.unwrap().is_certain()
}

/// F8, first case: the clock is 20 days behind when a request arrives, then it is put right.
#[tokio::test]
async fn a_clock_that_was_behind_at_arrival_shortens_nothing() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    office.clock.turn(days(-20));
    // The kiosk's own clock has gone wrong in the same way: nothing of the record tells.
    let request = send_request(&office, &mut kiosk, 1, TimeDelta::zero()).await;
    assert_eq!(received_on(&office, &request).await.to_string(), "2026-10-12");
    office.clock.turn(days(20));
    let refused = decide(&office, &request).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("اليوم والساعة"), "it says where to go: {}", refused.text());
    // The clock is right again, and the request's own day is still in doubt.
    let today_is = today(&office);
    let fields = [("on", today_is.as_str()), ("reason", REASON)];
    assert_eq!(confirm(&office, Role::Manager, &fields).await.status, 303);
    assert_eq!(received_on(&office, &request).await.to_string(), today_is);
    assert_eq!(decide(&office, &request).await.status, 409, "fourteen days from its true arrival");
    office.clock.advance(days(14));
    assert_eq!(decide(&office, &request).await.status, 303);
    assert_eq!(office.check().await.trail, "intact");
}

/// The same where only the kiosk's record tells: the office was set up by the wrong clock, and restarted with the right
/// one.
#[tokio::test]
async fn a_kiosk_s_record_tells_that_the_office_is_behind() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = send_request(&office, &mut kiosk, 1, days(20)).await;
    office.clock.turn(days(20));
    let office = office.restarted().await;
    assert_eq!(decide(&office, &request).await.status, 409);
    let page = first_page(&office).await;
    assert!(page.contains("طلب واحد وصل والساعات مختلفة") && page.contains("الساعات مختلفة في تحديد اليوم"), "{page}");
    let today_is = today(&office);
    let without = [("on", today_is.as_str()), ("reason", REASON)];
    assert_eq!(confirm(&office, Role::Manager, &without).await.status, 422, "it jumped forward: how was it before?");
    let with = [without.as_slice(), &[("before", "right")]].concat();
    assert_eq!(confirm(&office, Role::Manager, &with).await.status, 303);
    assert_eq!(received_on(&office, &request).await.to_string(), today_is);
    assert_eq!(decide(&office, &request).await.status, 409);
    assert!(!first_page(&office).await.contains("الساعات مختلفة"));
}

/// Nobody but the jump tells, and a manager says that the clock was behind.
#[tokio::test]
async fn what_arrived_by_a_clock_that_was_behind_counts_from_the_day_that_is_confirmed() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = send_request(&office, &mut kiosk, 1, TimeDelta::zero()).await;
    office.clock.turn(days(20));
    assert_eq!(decide(&office, &request).await.status, 409);
    let today_is = today(&office);
    let fields = [("on", today_is.as_str()), ("reason", REASON), ("before", "wrong")];
    assert_eq!(confirm(&office, Role::Manager, &fields).await.status, 303);
    assert_eq!(received_on(&office, &request).await.to_string(), today_is);
    assert_eq!(decide(&office, &request).await.status, 409);
    office.clock.advance(days(14));
    assert_eq!(decide(&office, &request).await.status, 303);
}

/// F8, second case: the clock is 15 days ahead on the day of the arrival.
#[tokio::test]
async fn a_clock_that_is_ahead_decides_nothing() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = send_request(&office, &mut kiosk, 1, TimeDelta::zero()).await;
    office.clock.turn(days(15));
    assert_eq!(decide(&office, &request).await.status, 409);
    let by_command = Event::Decided { decision: Decision::Accepted, session: None };
    assert!(office.server.take_step(request.tracking_number, &by_command).await.is_err());
    // Nor after a restart of the program, which writes at once.
    let office = office.restarted().await;
    assert_eq!(decide(&office, &request).await.status, 409);
    // Nobody but a manager or an administrator confirms, with a reason, and only the day that the clock shows.
    let today_is = today(&office);
    let good = [("on", today_is.as_str()), ("reason", REASON), ("before", "right")];
    for role in [Role::Reception, Role::Researcher, Role::Committee, Role::Auditor] {
        assert_eq!(confirm(&office, role, &good).await.status, 403, "{role}");
    }
    for bad in [("on", "2026-11-01"), ("on", ""), ("reason", " "), ("before", "")] {
        let fields: Vec<_> = good.iter().map(|field| if field.0 == bad.0 { bad } else { *field }).collect();
        assert_eq!(confirm(&office, Role::Manager, &fields).await.status, 422, "{bad:?}");
    }
    assert_eq!(decide(&office, &request).await.status, 409);
    // The clock is put right: it is where it would have been, and nobody needs to confirm anything.
    office.clock.turn(days(-15));
    assert!(is_certain(&office).await);
    assert_eq!(decide(&office, &request).await.status, 409, "too early");
    office.clock.advance(days(14));
    assert_eq!(decide(&office, &request).await.status, 303);
    let summary = office.check().await;
    assert!(summary.trail == "intact" && !summary.clock.is_empty(), "{summary:?}");
}

/// Jumps that are small each add up.
#[tokio::test]
async fn many_small_jumps_are_one() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = send_request(&office, &mut kiosk, 1, TimeDelta::zero()).await;
    for _ in 0..20 {
        office.clock.turn(TimeDelta::hours(20));
        watch::observe(&office.server.office().database, &office.server.office().clock).await.unwrap();
    }
    assert!(!is_certain(&office).await);
    assert_eq!(decide(&office, &request).await.status, 409);
}

/// One kiosk of three is wrong: it is named, and nobody obeys it. Where it is the only one, somebody has to say who is
/// right.
#[tokio::test]
async fn an_outlier_is_named_and_not_obeyed() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = send_request(&office, &mut kiosk, 1, TimeDelta::zero()).await;
    let other = TestKiosk::enrol(&office, 2).await;
    let mut wrong = TestKiosk::enrol(&office, 3).await;
    office.clock.advance(days(14));
    for (kiosk, ahead) in [(&kiosk, TimeDelta::hours(3)), (&other, TimeDelta::zero()), (&wrong, days(300))] {
        heartbeat(&office, kiosk, ahead).await;
    }
    assert!(is_certain(&office).await);
    let page = first_page(&office).await;
    assert!(page.contains("ساعته خاطئة") && !page.contains("الساعات مختلفة"), "{page}");
    let late = send_request(&office, &mut wrong, 2, days(300)).await;
    assert_eq!(received_on(&office, &late).await.to_string(), "2026-11-15", "as if it had said nothing");
    assert_eq!(decide(&office, &request).await.status, 303);

    // The others fall silent.
    office.clock.advance(days(2));
    heartbeat(&office, &wrong, days(300)).await;
    assert!(!is_certain(&office).await);
    office.clock.advance(days(13));
    heartbeat(&office, &wrong, days(300)).await;
    assert_eq!(decide(&office, &late).await.status, 409);
    let today_is = today(&office);
    let fields = [("on", today_is.as_str()), ("reason", REASON)];
    assert_eq!(confirm(&office, Role::Manager, &fields).await.status, 303);
    assert!(is_certain(&office).await && first_page(&office).await.contains("ساعته خاطئة"));
    assert_eq!(decide(&office, &late).await.status, 303);
    // Off by something else, it is asked about again; in a year before the program it is nobody's witness.
    heartbeat(&office, &wrong, days(302)).await;
    assert!(!is_certain(&office).await);
    heartbeat(&office, &wrong, days(-20_000)).await;
    assert!(is_certain(&office).await);
}

/// A kiosk that is right and 23 hours behind makes no thirteen days.
#[tokio::test]
async fn a_kiosk_s_hours_count_at_the_latest_of_the_witnesses() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let behind = -TimeDelta::hours(23);
    heartbeat(&office, &kiosk, behind).await;
    let request = send_request(&office, &mut kiosk, 1, behind).await;
    assert_eq!(received_on(&office, &request).await.to_string(), "2026-11-01");
    // Today is the earliest: on the fifteenth the kiosk still shows the fourteenth.
    office.clock.advance(days(14));
    heartbeat(&office, &kiosk, behind).await;
    let office_day = today(&office);
    assert_eq!(office_day, "2026-11-15");
    assert_eq!(decide(&office, &request).await.status, 409);
    office.clock.advance(days(1));
    heartbeat(&office, &kiosk, behind).await;
    assert_eq!(decide(&office, &request).await.status, 409, "its session is tomorrow");
    heartbeat(&office, &kiosk, TimeDelta::zero()).await;
    assert_eq!(decide(&office, &request).await.status, 303);
}

/// A clock of 2099 writes entries and takes a request; declared void, they poison nothing.
#[tokio::test]
async fn entries_of_a_wrong_clock_are_declared_void() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let wrong_by = days(26_700);
    let database = office.config.database_path();
    let length = || async {
        let database = crate::office::database::Database::open(&database).await.unwrap();
        let (length, _) = trail::end(&mut database.read().await.unwrap()).await.unwrap();
        database.close().await;
        length
    };
    let before = length().await;
    office.clock.turn(wrong_by);
    let request = send_request(&office, &mut kiosk, 1, TimeDelta::zero()).await;
    watch::observe(&office.server.office().database, &office.server.office().clock).await.unwrap();
    let after = length().await;
    office.clock.turn(-wrong_by);
    assert_eq!(received_on(&office, &request).await.to_string(), "2099-12-08");
    let mut reading = office.server.office().database.read().await.unwrap();
    assert!(clock::trail_at(&mut reading).await.unwrap().unwrap() > office.clock.now() + wrong_by / 2);
    drop(reading);
    assert!(is_certain(&office).await, "it is back where it was");
    assert_eq!(decide(&office, &request).await.status, 409, "received in 2099");
    assert!(first_page(&office).await.contains("طلب واحد وصل والساعات مختلفة"));
    let (first, last, today_is) = ((before + 1).to_string(), after.to_string(), today(&office));
    let fields = [("first", first.as_str()), ("last", &last), ("on", &today_is), ("reason", REASON)];
    assert_eq!(post(&office, Role::Manager, "/clock/void", &fields).await.status, 403);
    let backwards = [("first", last.as_str()), ("last", "1"), ("on", &today_is), ("reason", REASON)];
    let beyond = [("first", "1"), ("last", "999999"), ("on", today_is.as_str()), ("reason", REASON)];
    for bad in [&backwards, &beyond] {
        assert_eq!(post(&office, Role::Administrator, "/clock/void", bad).await.status, 422);
    }
    assert_eq!(post(&office, Role::Administrator, "/clock/void", &fields).await.status, 303);
    assert!(is_certain(&office).await);
    assert_eq!(received_on(&office, &request).await.to_string(), today_is);
    let mut browser = office.browser(Role::Administrator).await;
    let (trail_page, clock_page) = blocking(move || (browser.get("/trail").text(), browser.get("/clock").text())).await;
    assert!(trail_page.contains(">باطل<"), "{trail_page}");
    assert!(clock_page.contains("باطلة") && clock_page.contains(REASON), "{clock_page}");
    office.clock.advance(days(14));
    assert_eq!(decide(&office, &request).await.status, 303);
    // The chain is whole, and the trail knows the reason by its hash only.
    assert_eq!(office.check().await.trail, "intact");
    let mut reading = office.server.office().database.read().await.unwrap();
    let said = trail::last_details(&mut reading, "entries declared void").await.unwrap().unwrap();
    assert!(said["requests"] == 1 && !said.to_string().contains(REASON));
}

/// Nothing is erased by its age while the witnesses disagree, and days of a wrong clock bring nothing nearer.
#[tokio::test]
async fn no_clock_alone_destroys() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut ended = Vec::new();
    for part in 1..=2 {
        let request = send_request(&office, &mut kiosk, part, TimeDelta::zero()).await;
        ended.push(request);
    }
    // The second one stays under way.
    let end = Event::Withdrawn;
    office.server.take_step(ended[0].tracking_number, &end).await.unwrap();
    let years = i64::from(office.config.retention.years_after_end);
    let held = office.server.office();
    office.clock.turn(TimeDelta::days(366 * years));
    for _ in 0..2 {
        assert_eq!(retention::carry_out(held).await.unwrap(), retention::Done::default());
        watch::observe(&held.database, &held.clock).await.unwrap();
        office.clock.advance(days(31));
    }
    // A manager who confirms such a day would be asked for it in full.
    office.clock.turn(TimeDelta::days(-366 * years));
    assert!(is_certain(&office).await);
    assert_eq!(retention::carry_out(held).await.unwrap(), retention::Done::default());
    // When the years have really passed, it is announced, and erased a month later.
    office.clock.advance(TimeDelta::days(366 * years));
    assert_eq!(retention::carry_out(held).await.unwrap(), retention::Done { announced: 1, erased: 0 });
    office.clock.turn(days(31));
    assert_eq!(retention::carry_out(held).await.unwrap(), retention::Done::default(), "nobody waited that month");
    office.clock.turn(days(-31));
    office.clock.advance(days(31));
    assert_eq!(retention::carry_out(held).await.unwrap(), retention::Done { announced: 0, erased: 1 });
}

#[tokio::test]
async fn years_are_not_counted_from_days_of_a_wrong_clock() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let years = i64::from(office.config.retention.years_after_end);
    let held = office.server.office();
    office.clock.turn(TimeDelta::days(-366 * (years + 1)));
    watch::observe(&held.database, &held.clock).await.unwrap();
    let (first, _) = trail::end(&mut held.database.read().await.unwrap()).await.unwrap();
    let request = send_request(&office, &mut kiosk, 1, TimeDelta::zero()).await;
    office.server.take_step(request.tracking_number, &Event::Withdrawn).await.unwrap();
    let (last, _) = trail::end(&mut held.database.read().await.unwrap()).await.unwrap();
    office.clock.turn(TimeDelta::days(366 * (years + 1)));
    let actor = trail::Actor::Command;
    let said = Said { actor: &actor, on: today(&office).parse().unwrap(), reason: REASON };
    let elsewhere = Said { actor: &actor, on: said.on.succ_opt().unwrap(), reason: REASON };
    let refused = statements::declare_void(&held.database, &held.clock, &elsewhere, (first, last)).await;
    assert!(matches!(refused, Err(StatementError::OtherDay)));
    statements::declare_void(&held.database, &held.clock, &said, (first, last)).await.unwrap();
    assert!(is_certain(&office).await);
    assert_eq!(retention::carry_out(held).await.unwrap(), retention::Done::default(), "it ended today at the earliest");
    office.clock.advance(TimeDelta::days(366 * years));
    assert_eq!(retention::carry_out(held).await.unwrap(), retention::Done { announced: 1, erased: 0 });
}

/// A closed office is opened again: the machine was off, and kiosks say that time has really passed.
#[tokio::test]
async fn a_long_closure_is_vouched_for_by_kiosks() {
    use crate::office::day::witnesses::Reference;
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let held = office.server.office();
    // As the office before that start left it.
    let mut writing = held.database.write().await.unwrap();
    clock::set_reference(&mut writing, &Reference::new(office.clock.now() - days(90), None)).await.unwrap();
    writing.commit().await.unwrap();
    assert!(!is_certain(&office).await);
    watch::observe(&held.database, &held.clock).await.unwrap();
    assert!(!is_certain(&office).await);
    heartbeat(&office, &kiosk, TimeDelta::hours(-2)).await;
    assert!(is_certain(&office).await);
    // The desk's registrations count, too; a weekend needs nobody.
    let mut writing = held.database.write().await.unwrap();
    clock::set_reference(&mut writing, &Reference::new(office.clock.now() - days(6), None)).await.unwrap();
    writing.commit().await.unwrap();
    assert!(is_certain(&office).await);
}

#[test]
fn the_words_of_the_page_are_there_in_both_languages() {
    use crate::domain::language::Language;
    use crate::language::files;
    let keys = |language| {
        let (_, text) = files(language).into_iter().find(|(name, _)| *name == "office-clock.ftl").unwrap();
        let keys = text.lines().filter_map(|line| line.split_once(" =").filter(|_| line.starts_with("office-")));
        keys.map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(Language::Arabic), keys(Language::English));
}

/// Sessions and invites of a clock that was ahead don't last until its day.
#[tokio::test]
async fn no_session_and_no_invite_lasts_until_the_day_of_a_wrong_clock() {
    let office = TestOffice::start().await;
    office.clock.turn(days(400));
    let mut browser = office.browser(Role::Reception).await;
    let invite = office.server.invite(TimeDelta::minutes(60)).await.unwrap();
    office.clock.turn(days(-400));
    let answer = blocking(move || browser.get("/")).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/sign-in")));
    let keys = KioskKeys::from_seed(&Seed::fixed(9));
    let enrolment =
        Enrolment {
            code: invite.code.clone(), name: "بهو الاستقبال".into(), proving_key: keys.proving_key()
        };
    let refused = ask::<_, Enrolled>(&keys, &invite, "POST", ENROLMENT_PATH, &enrolment).await;
    assert_eq!(refused.unwrap_err().status, 403);
}
