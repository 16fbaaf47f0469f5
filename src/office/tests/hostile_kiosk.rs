//! A kiosk whose key somebody else has, or whose store was mixed with another's: its good envelopes are taken, the rest
//! blocks nothing, deceives nobody and fills nothing.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::code::Code;
use crate::domain::language::Language;
use crate::domain::printout::{Outcome, Print, Printout};
use crate::domain::record::{Listing, Opening, Record};
use crate::domain::request::Request;
use crate::domain::tracking_number::TrackingNumber;
use crate::office::database::envelopes::{self, Aside};
use crate::office::database::trail::Actor;
use crate::office::people::Role;
use crate::office::{aside, erasure};
use crate::replication::tls;
use crate::replication::wire::*;
use crate::seal::envelope::{Envelope, Epoch, KioskTime, Place};
use crate::seal::keys::{KioskKeys, hex};
use crate::seal::paper_copy;
use crate::seal::seed::Seed;

fn said(text: &str) -> Record {
    Record::Suggestion { text: text.into() }
}

impl TestKiosk {
    /// An envelope whose signature is another kiosk's.
    fn seal_by(&mut self, keys: &KioskKeys, record: &Record) -> Vec<u8> {
        let time = KioskTime { at: self.clock.now(), trusted: true };
        let envelope = Envelope::seal(keys, &self.enrolled.sealing_key, self.next, time, record).unwrap();
        self.next = envelope.header.next();
        envelope.encode()
    }

    /// An envelope that shows another listing than its record's.
    fn seal_listed(&mut self, record: &Record, listing: &Listing) -> Vec<u8> {
        let time = KioskTime { at: self.clock.now() - TimeDelta::days(40), trusted: true };
        let to = &self.enrolled.sealing_key;
        let envelope = Envelope::seal_listed(&self.keys, to, self.next, time, record, listing).unwrap();
        self.next = envelope.header.next();
        envelope.encode()
    }
}

async fn revoke(office: &TestOffice) -> Browser {
    let browser = office.browser(Role::Manager).await;
    let mut manager = browser.clone();
    assert_eq!(blocking(move || manager.post_from("/kiosks", "/kiosks/1/revocation", &[])).await.status, 303);
    browser
}

async fn text_of(browser: &Browser, path: &'static str) -> String {
    let mut browser = browser.clone();
    let answer = blocking(move || browser.get(path)).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text()
}

async fn admit(browser: &Browser, envelope: &[u8]) -> u16 {
    let mut browser = browser.clone();
    let hash = hex(&Envelope::decode(envelope).unwrap().header.hash().0);
    blocking(move || {
        browser.post_from("/kiosks", "/kiosks/1/waiting", &[("envelope", &hash), ("verdict", "admit")]).status
    })
    .await
}

/// One wrong signature, one other kiosk's envelope and one that is nothing: those before and behind them come in, and the
/// chain goes on.
#[tokio::test]
async fn what_is_good_of_a_batch_is_taken() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut other = TestKiosk::enrol(&office, 2).await;
    let flipped = KioskKeys::from_seed(&Seed::fixed(7));
    let first = kiosk.seal(&Record::Request(kiosk.request(1)));
    let forged = kiosk.seal_by(&flipped, &Record::Request(kiosk.request(2)));
    let foreign = other.seal(&said("of another"));
    let last = kiosk.seal(&Record::Request(kiosk.request(3)));
    let far = kiosk.next;
    let impossible = Place { sequence: u64::MAX, ..far };
    let time = KioskTime { at: office.clock.now(), trusted: true };
    let impossible = Envelope::seal(&kiosk.keys, &kiosk.enrolled.sealing_key, impossible, time, &said("x")).unwrap();
    let batch = [foreign, vec![0; 200], first, impossible.encode(), forged.clone(), last];
    for _ in 0..2 {
        let held = kiosk.send(&batch).await.unwrap().held;
        assert_eq!((held[0].sequence, held[0].head), (3, kiosk.next.previous));
    }
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.forged, summary.passed_over, summary.suggestions), (2, 1, 3, 0));
    assert_eq!((summary.gaps, summary.forks, summary.damaged), (0, 0, 0));
    assert!(summary.is_sound(), "{summary:?}");
    // Staff hear of both, once.
    let manager = office.browser(Role::Manager).await;
    let page = text_of(&manager, "/kiosks").await;
    assert_eq!(page.matches("no record of its own").count(), 1, "{page}");
    assert_eq!(page.matches("not signed by this kiosk").count(), 1, "{page}");
    assert!(text_of(&manager, "/").await.contains("ليست من سجلاته"), "four of them");
    // Nobody can admit it, and no start of a newer program does.
    assert_eq!(admit(&manager, &forged).await, 409);
    let office = office.restarted().await;
    assert_eq!((office.check().await.requests, office.check().await.forged), (2, 1));
}

/// A header's hash doesn't cover the signature: whoever sends an honest header with another signature first must not keep the
/// honest envelope out.
#[tokio::test]
async fn nobody_takes_the_place_of_an_honest_envelope() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut twin = kiosk.clone();
    let honest = kiosk.seal(&Record::Request(kiosk.request(1)));
    let behind = kiosk.seal(&Record::Request(kiosk.request(2)));
    let mut same_header = honest.clone();
    same_header[130] ^= 1;
    let other_header = twin.seal_by(&KioskKeys::from_seed(&Seed::fixed(7)), &said("at its place"));
    kiosk.send(&[same_header.clone(), other_header.clone()]).await.unwrap();
    assert_eq!((office.check().await.requests, office.check().await.forged), (0, 2));
    // In a batch of its own, and together with the forged one, in either order.
    let held = kiosk.send(&[same_header.clone(), honest.clone(), behind.clone()]).await.unwrap().held;
    assert_eq!((held[0].sequence, held[0].head), (2, kiosk.next.previous));
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.forged), (2, 1));
    assert!(summary.is_sound(), "{summary:?}");
    kiosk.send(&[honest, same_header, other_header]).await.unwrap();
    assert_eq!((office.check().await.requests, office.check().await.forged), (2, 1));
    let both = kiosk.seal(&Record::Request(kiosk.request(3)));
    let mut forged = both.clone();
    forged[150] ^= 1;
    kiosk.send(&[forged, both]).await.unwrap();
    assert_eq!((office.check().await.requests, office.check().await.forged), (3, 1));
    assert!(office.check().await.is_sound());
}

/// However much of it comes, it fills no disk, and hides nothing else.
#[tokio::test]
async fn what_is_passed_over_is_bounded() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    for round in 0..3_u32 {
        let nothing = (0..100_u32).map(|place| [round.to_be_bytes(), place.to_be_bytes()].concat());
        let mut batch: Vec<Vec<u8>> = nothing.collect();
        batch.push(kiosk.seal(&Record::Request(kiosk.request(round))));
        kiosk.send(&batch).await.unwrap();
    }
    assert_eq!((office.check().await.passed_over, office.check().await.requests), (100, 3));
}

/// The attack of the security review: sealed requests behind clear listings of what goes along unseen.
#[tokio::test]
async fn staff_admit_what_they_saw_and_nothing_else() {
    for is_revoked in [false, true] {
        let office = TestOffice::start().await;
        let mut kiosk = TestKiosk::enrol(&office, 1).await;
        let other = TestKiosk::enrol(&office, 2).await;
        let manager = if is_revoked { revoke(&office).await } else { office.browser(Role::Manager).await };
        // Of a kiosk that isn't revoked, a request waits by its number.
        let seen = if is_revoked { kiosk.request(1) } else { other.request(1) };
        let print = |number: TrackingNumber| Print {
            tracking_number: number,
            printout: Printout::Receipt,
            language: Language::Arabic,
            outcome: Outcome::Confirmed,
        };
        let smuggled: Vec<Request> =
            vec![kiosk.request(2), other.request(3), kiosk.request(4), kiosk.request(5), kiosk.request(6)];
        let listings = [
            Listing::Opening,
            Listing::Signature { request: seen.id },
            Listing::Printed(print(seen.tracking_number)),
            Listing::Suggestion,
            Listing::DocumentsBrought { tracking_number: seen.tracking_number, documents: vec![] },
        ];
        let mut sent = vec![kiosk.seal(&Record::Request(seen.clone()))];
        for (request, listing) in smuggled.iter().zip(&listings) {
            sent.push(kiosk.seal_listed(&Record::Request(request.clone()), listing));
        }
        // And the other way round: a listing of the request that is seen, with something else in it.
        let of_seen = Record::Request(seen.clone()).listing();
        sent.push(kiosk.seal_listed(&said("behind a request"), &of_seen));
        let brought =
            Record::DocumentsBrought { tracking_number: seen.tracking_number, documents: vec!["family_record".into()] };
        let listing = Listing::DocumentsBrought { tracking_number: seen.tracking_number, documents: vec![] };
        sent.push(kiosk.seal_listed(&brought, &listing));
        kiosk.send(&sent).await.unwrap();
        let summary = office.check().await;
        assert_eq!((summary.requests, summary.suggestions, summary.damaged), (0, 0, 7), "revoked: {is_revoked}");
        let page = text_of(&manager, "/kiosks/1/waiting").await;
        assert_eq!(page.matches("نورة بنت سعد القحطاني").count(), 1, "{page}");
        assert!(text_of(&manager, "/kiosks").await.contains("is not what is sealed in it"));
        assert_eq!(admit(&manager, &sent[0]).await, 303);
        let summary = office.check().await;
        assert_eq!((summary.requests, summary.suggestions, summary.damaged), (1, 0, 7), "revoked: {is_revoked}");
        let office = office.restarted().await;
        assert_eq!(office.check().await.requests, 1, "nor does a later start take them in");
    }
}

/// As an earlier version kept them: the listing decided, and was believed.
#[tokio::test]
async fn what_an_earlier_version_kept_beside_is_not_admitted_by_its_listing() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let manager = revoke(&office).await;
    let seen = kiosk.request(1);
    let smuggled = Record::Request(kiosk.request(2));
    let sent = [
        kiosk.seal(&Record::Request(seen.clone())),
        kiosk.seal_listed(&smuggled, &Listing::Signature { request: seen.id }),
        kiosk.seal_listed(&smuggled, &Listing::Opening),
    ];
    kiosk.send(&sent).await.unwrap();
    let running = office.server.office();
    let mut writing = running.database.write().await.unwrap();
    for envelope in &sent[1..] {
        let hash = Envelope::decode(envelope).unwrap().header.hash();
        let beside = envelopes::Keeping { aside: Some(Aside::Beside), damage: None };
        envelopes::keep(&mut writing, hash, beside).await.unwrap();
    }
    writing.commit().await.unwrap();
    assert_eq!(admit(&manager, &sent[0]).await, 303);
    assert_eq!((office.check().await.requests, office.check().await.damaged), (1, 1));
}

/// With a record goes the opening of its own epoch, and no other's.
#[tokio::test]
async fn openings_go_with_their_own_epoch_only() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let manager = revoke(&office).await;
    let opening = |reason: &str| {
        Record::Opening(Opening { receipt_key: kiosk.keys.receipt_key().clone(), reason: reason.into() })
    };
    let openings = [opening("the first epoch"), opening("the second epoch"), opening("again in the first")];
    let begin = kiosk.next;
    kiosk.next = Place { epoch: Epoch([5; 16]), sequence: 0, ..begin };
    let first = kiosk.seal(&openings[0]);
    let again = kiosk.seal(&openings[2]);
    let wanted = kiosk.seal(&said("admit me"));
    kiosk.next = Place { epoch: Epoch([6; 16]), sequence: 0, ..begin };
    let second = kiosk.seal(&openings[1]);
    kiosk.send(&[first, again, wanted.clone(), second]).await.unwrap();
    assert_eq!(admit(&manager, &wanted).await, 303);
    let page = text_of(&manager, "/kiosks").await;
    assert!(
        page.contains("the first epoch") && !page.contains("the second epoch") && !page.contains("again in"),
        "{page}"
    );
}

/// A request with another kiosk's number waits, by whatever way it comes.
#[tokio::test]
async fn a_foreign_number_waits_on_paper_and_after_an_update_too() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let other = TestKiosk::enrol(&office, 2).await;
    let manager = office.browser(Role::Manager).await;
    let scan = async |envelope: &[u8]| {
        let (mut browser, digits) = (manager.clone(), paper_copy::to_digits(envelope).unwrap());
        blocking(move || browser.post_from("/", "/", &[("scan", &digits)])).await
    };
    let foreign = kiosk.seal(&Record::Request(other.request(5)));
    for _ in 0..2 {
        let answer = scan(&foreign).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("كشك آخر"), "{}", answer.text());
    }
    assert_eq!(office.check().await.requests, 0);
    assert!(text_of(&manager, "/kiosks/1/waiting").await.contains("نورة"));
    assert_eq!(admit(&manager, &foreign).await, 303);
    assert_eq!(scan(&foreign).await.status, 303, "decided, it opens");
    // A whole copy that shows something else than it holds.
    let lying = kiosk.seal_listed(&Record::Request(kiosk.request(7)), &Listing::Suggestion);
    assert_eq!(scan(&lying).await.status, 422);
    assert_eq!(office.check().await.requests, 1);

    // One that an older program couldn't read.
    let late = kiosk.seal(&Record::Request(other.request(8)));
    kiosk.send(std::slice::from_ref(&late)).await.unwrap();
    let running = office.server.office();
    let mut writing = running.database.write().await.unwrap();
    let hash = Envelope::decode(&late).unwrap().header.hash();
    let unknown = envelopes::Keeping { aside: Some(Aside::Unknown), damage: Some("a newer record") };
    envelopes::keep(&mut writing, hash, unknown).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!(aside::read_again(&running.database, &running.keys.now(), office.clock.now()).await.unwrap(), 0);
    assert_eq!(office.check().await.requests, 1);
    assert!(text_of(&manager, "/kiosks/1/waiting").await.contains("نورة"));
}

/// Any time that a header can hold: the pages show it, and no honest record is lost for its clock.
#[tokio::test]
async fn no_time_takes_a_page_away_or_a_record() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let other = TestKiosk::enrol(&office, 2).await;
    let manager = office.browser(Role::Manager).await;
    let far = [
        DateTime::<Utc>::MIN_UTC,
        DateTime::<Utc>::MAX_UTC,
        at("1970-01-01T00:00:00Z"),
        at("1999-12-31T23:59:59Z"),
        at("2200-01-01T00:00:00Z"),
    ];
    let millis = |millis: i64| DateTime::from_timestamp_millis(millis).unwrap();
    let proof = millis(8_210_266_876_799_000);
    let mut sent = Vec::new();
    for (place, time) in (0..).zip(far.into_iter().chain([proof])) {
        for trusted in [false, true] {
            let number = place * 2 + u32::from(trusted);
            let own = Record::Request(kiosk.request(number));
            sent.push(kiosk.seal_at(&own, KioskTime { at: time, trusted }));
            let foreign = Record::Request(other.request(number));
            sent.push(kiosk.seal_at(&foreign, KioskTime { at: time, trusted }));
        }
    }
    // Times that chrono can't hold are no envelope.
    let mut beyond = sent[0].clone();
    beyond[62..70].copy_from_slice(&i64::MAX.to_be_bytes());
    sent.push(beyond);
    let held = kiosk.send(&sent).await.unwrap().held;
    assert_eq!(held[0].sequence, 24);
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.passed_over, summary.damaged), (12, 1, 0));
    let page = text_of(&manager, "/kiosks/1/waiting").await;
    assert_eq!(page.matches("name=\"envelope\"").count(), 13, "each, and all at once");
    text_of(&manager, "/kiosks").await;
    // None of these times counts: all were received today.
    for change in kiosk.changes(None).await.changes {
        let Change::Request { status, .. } = change else { panic!("{change:?}") };
        assert_eq!(status.standing.received_on.to_string(), "2026-11-01");
    }
}

/// A record about an erased request counts like any other.
#[tokio::test]
async fn a_revoked_kiosk_fills_nothing() {
    const MOST: usize = 100;
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1);
    let envelope = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let running = office.server.office();
    let writing = running.database.write().await.unwrap();
    let place = erasure::Place::of(running);
    let by = (office.clock.now(), &Actor::Command);
    erasure::erase(writing, place, &[request.id], erasure::Ground::Ask, by).await.unwrap();
    revoke(&office).await;
    let about = |place: usize| {
        if place.is_multiple_of(2) {
            Record::DocumentsBrought { tracking_number: request.tracking_number, documents: vec![place.to_string()] }
        } else {
            said(&place.to_string())
        }
    };
    let mut sent: Vec<Vec<u8>> = (0..MOST - 10).map(|place| kiosk.seal(&about(place))).collect();
    kiosk.send(&sent).await.unwrap();
    // Sent again they take no room.
    kiosk.send(&sent).await.unwrap();
    let more: Vec<Vec<u8>> = (0..11).map(|place| kiosk.seal(&about(2 * place))).collect();
    assert_eq!(kiosk.send(&more).await.unwrap_err().status, 507);
    sent.extend_from_slice(&more[..10]);
    kiosk.send(&sent).await.unwrap();
    assert_eq!(kiosk.send(&more).await.unwrap_err().status, 507);
    assert!(office.check().await.is_sound());
}

/// The answer to an empty batch is short, however many epochs were begun.
#[tokio::test]
async fn many_epochs_make_no_long_answer() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let begin = kiosk.next;
    let mut batch = Vec::new();
    for number in 0..700_u32 {
        let mut epoch = [0; 16];
        epoch[..4].copy_from_slice(&number.to_be_bytes());
        kiosk.next = Place { epoch: Epoch(epoch), sequence: 0, ..begin };
        batch.push(kiosk.seal(&said("x")));
    }
    for part in batch.chunks(500) {
        kiosk.send(part).await.unwrap();
    }
    let held = kiosk.send(&[]).await.unwrap().held;
    assert_eq!(held.len(), EPOCHS_NAMED_MAX);
    assert_eq!(held[0].epoch, kiosk.next.epoch, "the newest first");
}

/// A lie raises one alert a day, which says whose word it is and that the others say otherwise.
#[tokio::test]
async fn a_lying_witness_is_told_apart() {
    let office = TestOffice::start().await;
    let (liar, mut honest) = (TestKiosk::enrol(&office, 1).await, TestKiosk::enrol(&office, 2).await);
    let envelope = honest.seal(&said("1"));
    let head = honest.send(&[envelope]).await.unwrap().trail_head;
    office.clock.advance(TimeDelta::days(3));
    let cursor = honest.all_changes(None).await.cursor;
    let show = async |kiosk: &TestKiosk, day: &str, head: &str| {
        let incarnation = hex(&cursor.incarnation.0);
        let query = format!("after={}&incarnation={incarnation}&at_once=true&witness={day}:{head}", cursor.change);
        let _: Changes = ask(&kiosk.keys, &kiosk.invite, "GET", &format!("{CHANGES_PATH}?{query}"), &()).await.unwrap();
    };
    show(&honest, "2026-11-01", &hex(&head)).await;
    for (place, day) in ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-01"].into_iter().enumerate() {
        show(&liar, day, &hex(&[place as u8 + 1; 32])).await;
    }
    let manager = office.browser(Role::Manager).await;
    let page = text_of(&manager, "/kiosks").await;
    assert_eq!(page.matches("this kiosk says").count(), 1, "{page}");
    assert!(page.contains("which it holds: 1; where"), "{page}");
    office.clock.advance(TimeDelta::days(1));
    show(&liar, "2026-11-02", &hex(&[9; 32])).await;
    let manager = office.browser(Role::Manager).await;
    assert_eq!(text_of(&manager, "/kiosks").await.matches("this kiosk says").count(), 2, "one a day");
}

/// Who was refused, by address and key; never what was typed.
#[tokio::test]
async fn refusals_are_logged_with_where_they_came_from() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    // The runtime of this test has one thread, on which the office answers, too.
    let _here = tracing::subscriber::set_default(lines);
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let stranger = KioskKeys::from_seed(&Seed::fixed(2));
    let key = hex(&tls::pin_of_secret(stranger.tls_secret()).unwrap().0);
    let code = Code::from_number(12_345_678_901_234_567_890);
    let enrolment = Enrolment { code: code.clone(), name: "typed".into(), proving_key: stranger.proving_key() };
    let body = postcard::to_allocvec(&enrolment).unwrap();
    assert_eq!(post_raw(&stranger, &kiosk.invite, "POST", ENROLMENT_PATH, body).await.status, 403);
    assert_eq!(post_raw(&stranger, &kiosk.invite, "GET", CHANGES_PATH, vec![]).await.status, 403);
    kiosk.send(&[vec![7; 40]]).await.unwrap();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let of = |what: &str| text.lines().filter(|line| line.contains(what)).map(str::to_owned).collect::<Vec<_>>();
    let refused = of("a kiosk that isn't known, or its enrolment, was refused");
    assert_eq!(refused.len(), 2, "{text}");
    assert!(refused.iter().all(|line| line.contains("127.0.0.1:") && line.contains(&key)), "{refused:?}");
    let own = hex(&tls::pin_of_secret(kiosk.keys.tls_secret()).unwrap().0);
    assert!(
        of("no envelope of its own").iter().all(|line| line.contains("127.0.0.1:") && line.contains(&own)),
        "{text}"
    );
    assert_eq!(of("no envelope of its own").len(), 1);
    assert!(!text.contains(code.as_str()) && !text.contains("typed"), "{text}");
}

#[tokio::test]
async fn a_kiosk_s_name_turns_nothing_around() {
    let office = TestOffice::start().await;
    for name in ["\u{202e}ksoik", "a\u{200b}b", "a\u{2066}b", "a\u{feff}", "a\nb"] {
        let invite = office.server.invite(TimeDelta::minutes(60)).await.unwrap();
        let keys = KioskKeys::from_seed(&Seed::fixed(9));
        let enrolment = Enrolment { code: invite.code.clone(), name: name.into(), proving_key: keys.proving_key() };
        let refused = ask::<_, Enrolled>(&keys, &invite, "POST", ENROLMENT_PATH, &enrolment).await.unwrap_err();
        assert_eq!(refused.status, 400, "{name:?}");
    }
    assert_eq!(office.check().await.kiosks, 0);
}
