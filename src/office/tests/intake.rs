//! What kiosks send, and what they hear.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::rating::{Face, Rating};
use crate::domain::record::{LostRange, Opening, Record};
use crate::domain::stage::RequestStatus;
use crate::office::database::Database;
use crate::office::database::changes::{self, CodeHashes};
use crate::office::people::Role;
use crate::replication::wire::*;
use crate::seal::envelope::{Envelope, Epoch, HeaderHash, KioskTime, Place};
use crate::seal::keys::{KioskKeys, random};
use crate::seal::receipt_code::{bound_code_hash, code_hash, receipt_code};
use crate::seal::sealing;
use crate::seal::seed::Seed;

#[tokio::test]
async fn a_batch_twice_is_one_batch() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1);
    let first = kiosk.seal(&Record::Request(request.clone()));
    let second = kiosk.seal(&signature(request.id));
    let sent = [first, second];
    let held = |acknowledgement: &Acknowledgement| acknowledgement.held.clone();
    let one = kiosk.send(&sent).await.unwrap();
    let two = kiosk.send(&sent).await.unwrap();
    assert_eq!(held(&one), held(&two));
    assert_eq!((one.held[0].sequence, one.held[0].head), (2, kiosk.next.previous));
    assert_eq!(one.trail_head, two.trail_head);
    // The same request again in another envelope is kept, and still one request.
    let again = kiosk.seal(&Record::Request(request));
    kiosk.send(&[again]).await.unwrap();
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.kiosks, summary.forks, summary.gaps), (1, 1, 0, 0));
    assert_eq!(summary.trail, "intact");
}

#[tokio::test]
async fn an_acknowledgement_names_the_chain_without_a_gap() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let opened = kiosk.next;
    let text = |text: &str| Record::Suggestion { text: text.into() };
    let [one, two, three] = ["1", "2", "3"].map(|word| kiosk.seal(&text(word)));
    // 2 and 3 come first: the office holds only the opening without a gap.
    let early = kiosk.send(&[two, three]).await.unwrap();
    assert_eq!((early.held[0].sequence, early.held[0].head), (0, opened.previous));
    assert_eq!(office.check().await.gaps, 1);
    let healed = kiosk.send(&[one]).await.unwrap();
    let sequences: Vec<_> = healed.held.iter().map(|held| held.sequence).collect();
    assert_eq!(sequences, [1, 3], "first through what was sent: an older copy of the store has no more");
    assert_eq!(healed.held[1].head, kiosk.next.previous);
    // A fork at sequence 1: each chain hears of itself.
    let mut twin = TestKiosk { next: opened, ..kiosk.clone() };
    let other = twin.seal(&text("other"));
    let forked = twin.send(&[other]).await.unwrap();
    assert_eq!((forked.held[0].sequence, forked.held[0].head), (1, twin.next.previous));
    let summary = office.check().await;
    assert_eq!((summary.forks, summary.gaps, summary.suggestions), (1, 0, 4));
    // An empty batch asks how much is held.
    assert_eq!(kiosk.send(&[]).await.unwrap().held[0].sequence, 3);
}

#[tokio::test]
async fn strangers_are_refused_and_what_cant_be_read_is_kept() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let record = Record::Suggestion { text: "x".into() };
    let place = kiosk.next;
    // Sealed to another office: signed, but not to be opened.
    let stranger = crate::seal::keys::OfficeKeys::from_seed(&Seed::fixed(9)).sealing_key();
    let time = KioskTime { at: office.clock.now(), trusted: true };
    let unreadable = Envelope::seal(&kiosk.keys, &stranger, place, time, &record).unwrap();
    kiosk.next = unreadable.header.next();
    let good = kiosk.seal(&record);
    let acknowledged = kiosk.send(&[unreadable.encode(), good]).await.unwrap();
    assert_eq!(acknowledged.held[0].sequence, 2);
    let summary = office.check().await;
    assert_eq!((summary.damaged, summary.suggestions), (1, 1));
    // The right signature from the wrong caller, and a message that is nothing at all.
    let thief = KioskKeys::from_seed(&Seed::fixed(7));
    let honest = kiosk.seal(&record);
    let caller = TestKiosk { keys: thief, ..kiosk.clone() };
    assert_eq!(caller.send(&[honest]).await.unwrap_err().status, 403);
    let garbage = post_raw(&kiosk.keys, &kiosk.invite, "POST", ENVELOPES_PATH, vec![0xff; 50]).await;
    assert_eq!(garbage.status, 400);
    assert_eq!(office.check().await.suggestions, 1);
}

#[tokio::test]
async fn an_invite_works_once_and_codes_cant_be_guessed() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let enrolment =
        Enrolment { code: kiosk.invite.code.clone(), name: "x".into(), proving_key: kiosk.keys.proving_key() };
    // The same kiosk didn't hear the answer: it gets the same one.
    let again: Enrolled = ask(&kiosk.keys, &kiosk.invite, "POST", ENROLMENT_PATH, &enrolment).await.unwrap();
    assert_eq!(again, kiosk.enrolled);
    let other = KioskKeys::from_seed(&Seed::fixed(2));
    for _ in 0..20 {
        let refused = ask::<_, Enrolled>(&other, &kiosk.invite, "POST", ENROLMENT_PATH, &enrolment).await.unwrap_err();
        assert_eq!(refused.status, 403);
    }
    // However many guessed before, whoever has the right code comes in.
    TestKiosk::enrol(&office, 3).await;
    let late = office.server.invite(TimeDelta::minutes(60)).await.unwrap();
    office.clock.advance(TimeDelta::minutes(61));
    let enrolment = Enrolment { code: late.code.clone(), ..enrolment };
    assert_eq!(ask::<_, Enrolled>(&other, &late, "POST", ENROLMENT_PATH, &enrolment).await.unwrap_err().status, 403);
}

#[tokio::test]
async fn the_day_counts_from_the_kiosk_s_clock_only_where_it_is_trusted() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let now = office.clock.now();
    let week = TimeDelta::days(7);
    let times = [(now - week, true, "2026-10-25"), (now - week, false, "2026-11-01"), (now + week, true, "2026-11-01")];
    for (place, (at, trusted, day)) in (1..).zip(times) {
        let request = Record::Request(kiosk.request(place));
        let envelope = kiosk.seal_at(&request, KioskTime { at, trusted });
        kiosk.send(&[envelope]).await.unwrap();
        let changes = kiosk.changes(None).await.changes;
        let Some(Change::Request { status, .. }) = changes.last() else { panic!("no change") };
        assert_eq!(status.standing.received_on.to_string(), day);
    }
}

#[tokio::test]
async fn a_cursor_hears_only_what_is_new_and_a_foreign_one_everything() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let requests: Vec<_> = (1..=3).map(|part| kiosk.request(part)).collect();
    let sealed: Vec<_> = requests.iter().map(|request| kiosk.seal(&Record::Request(request.clone()))).collect();
    kiosk.send(&sealed).await.unwrap();
    let snapshot = kiosk.changes(None).await;
    assert!(snapshot.snapshot && !snapshot.more && snapshot.changes.len() == 3);
    let Change::Request { code_hash: hash, status: RequestStatus { tracking_number, .. } } = &snapshot.changes[0]
    else {
        panic!("no request")
    };
    assert_eq!(*hash, code_hash(&receipt_code(kiosk.keys.receipt_key(), *tracking_number)));
    // A kiosk that says that it knows them hears hashes that take in the number.
    let path = format!("{CHANGES_PATH}?code_hash=2");
    let bound: Changes = ask(&kiosk.keys, &kiosk.invite, "GET", &path, &()).await.unwrap();
    let Change::BoundRequest { code_hash: hash, status } = &bound.changes[0] else { panic!("{bound:?}") };
    let code = receipt_code(kiosk.keys.receipt_key(), status.tracking_number);
    assert_eq!(*hash, bound_code_hash(status.tracking_number, &code));
    let foreign = Cursor { incarnation: Incarnation([9; 16]), change: 3 };
    assert!(kiosk.changes(Some(foreign)).await.snapshot);
    let ahead = Cursor { change: 1_000, ..snapshot.cursor };
    assert!(kiosk.changes(Some(ahead)).await.snapshot);
    // Asked before there is anything new: the answer comes as soon as there is.
    let waiting = tokio::spawn({
        let kiosk = kiosk.clone();
        async move { kiosk.changes(Some(snapshot.cursor)).await }
    });
    let brought = Record::DocumentsBrought {
        tracking_number: requests[1].tracking_number,
        documents: vec!["family_record".into(), "no_such".into()],
    };
    let envelope = kiosk.seal(&brought);
    kiosk.send(&[envelope]).await.unwrap();
    let news = waiting.await.unwrap();
    assert!(!news.snapshot);
    let [Change::Request { status, .. }] = news.changes.as_slice() else { panic!("{news:?}") };
    assert_eq!(status.tracking_number, requests[1].tracking_number);
    assert!(status.standing.missing_documents().is_empty());
}

#[tokio::test]
async fn pages_of_changes_leave_nothing_out() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let requests = [0, 1, 2, 3, 4, 5, 6].map(|part| kiosk.request(part));
    let sealed = requests.map(|request| kiosk.seal(&Record::Request(request)));
    kiosk.send(&sealed).await.unwrap();
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let (mut cursor, mut numbers, mut pages) = (None, BTreeSet::new(), 0);
    loop {
        let page = changes::since(&mut reading, cursor, 3, CodeHashes::Unbound).await.unwrap();
        assert_eq!(page.snapshot, pages == 0);
        for change in page.changes {
            let Change::Request { status, .. } = change else { continue };
            assert!(numbers.insert(status.tracking_number));
        }
        (cursor, pages) = (Some(page.cursor), pages + 1);
        if !page.more {
            break;
        }
    }
    assert_eq!((numbers.len(), pages), (7, 3));
}

#[tokio::test]
async fn documents_that_arrive_before_their_request_wait_for_it() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut other = TestKiosk::enrol(&office, 2).await;
    assert_ne!(kiosk.enrolled.kiosk, other.enrolled.kiosk);
    let request = kiosk.request(1);
    let brought =
        Record::DocumentsBrought { tracking_number: request.tracking_number, documents: vec!["family_record".into()] };
    let envelope = other.seal(&brought);
    other.send(&[envelope]).await.unwrap();
    let envelope = kiosk.seal(&Record::Request(request));
    kiosk.send(&[envelope]).await.unwrap();
    let changes = kiosk.changes(None).await.changes;
    let [Change::Request { status, .. }] = changes.as_slice() else { panic!("{changes:?}") };
    assert!(status.standing.missing_documents().is_empty());
}

/// What a kiosk had to repair in its store stands on the page of the kiosks.
/// What is written together is what would be there if each envelope had come alone.
#[tokio::test]
async fn the_order_within_a_batch_changes_nothing() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let (early, late) = (kiosk.request(1), kiosk.request(2));
    let brought = |request: &crate::domain::request::Request| Record::DocumentsBrought {
        tracking_number: request.tracking_number,
        documents: vec!["family_record".into()],
    };
    let records = [
        brought(&late),
        Record::Request(early.clone()),
        signature(early.id),
        Record::Request(early.clone()),
        brought(&early),
        Record::Request(late.clone()),
        Record::Suggestion { text: "x".into() },
    ];
    let sealed = records.map(|record| kiosk.seal(&record));
    // All but the third, which the others behind it miss; each twice, the last first.
    let mut sent: Vec<Vec<u8>> = sealed.iter().cloned().chain(sealed.iter().cloned()).rev().collect();
    sent.retain(|bytes| *bytes != sealed[2]);
    assert_eq!(kiosk.send(&sent).await.unwrap().held[0].sequence, 2);
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.suggestions, summary.forks, summary.gaps), (2, 1, 0, 1));
    // It comes with what is here already, and with one behind all.
    let last = kiosk.seal(&Record::Suggestion { text: "y".into() });
    let healed = kiosk.send(&[last, sealed[2].clone(), sealed[6].clone()]).await.unwrap();
    assert_eq!((healed.held[0].sequence, healed.held[0].head), (8, kiosk.next.previous));
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.suggestions, summary.forks, summary.gaps), (2, 2, 0, 0));
    assert_eq!(summary.trail, "intact");
    // Both documents count as brought, whichever came first.
    let mut heard = 0;
    for change in kiosk.changes(None).await.changes {
        if let Change::Request { status, .. } = change {
            assert!(status.standing.missing_documents().is_empty(), "{status:?}");
            heard += 1;
        }
    }
    assert_eq!(heard, 2);
}

#[tokio::test]
async fn staff_are_told_of_a_kiosk_s_repairs() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let opening = Opening { receipt_key: kiosk.keys.receipt_key().clone(), reason: "segment 3 was <cut> off".into() };
    let repair = Record::Repair { report: "the store was made anew".into() };
    let envelopes = [kiosk.seal(&Record::Opening(opening)), kiosk.seal(&repair)];
    for _ in 0..2 {
        kiosk.send(&envelopes).await.unwrap();
    }
    let mut browser = office.browser(Role::Manager).await;
    let page = blocking(move || browser.get("/kiosks").text()).await;
    assert_eq!(page.matches("the store was made anew").count(), 1);
    assert!(
        page.contains("segment 3 was &#60;cut&#62; off") || page.contains("segment 3 was &lt;cut&gt; off"),
        "{page}"
    );
    assert!(office.check().await.is_sound());
}

#[tokio::test]
async fn ratings_count_once_a_batch() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let sealed = |face: u8| {
        let (id, iso_week) = (random(), "2026-W44".to_owned());
        let rating = Rating { face: Face::try_from(face).unwrap(), reasons: vec![] };
        let associated = SealedRating::associated(&id, &iso_week);
        let text = SealedRating::encode(&rating).unwrap();
        let sealed = sealing::seal(&kiosk.enrolled.sealing_key, &associated, &text).unwrap();
        SealedRating { id, iso_week, sealed }
    };
    let mut ratings: Vec<_> = [4, 4, 3, 1, 2].map(sealed).into();
    ratings.push(SealedRating { id: random(), iso_week: "2026-W44".into(), sealed: vec![1, 2, 3] });
    let batch = RatingBatch { id: random(), service: Some("food_basket".into()), ratings };
    for _ in 0..2 {
        let body = postcard::to_allocvec(&batch).unwrap();
        let answer = post_raw(&kiosk.keys, &kiosk.invite, "POST", RATINGS_PATH, body).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    }
    assert_eq!(office.check().await.ratings, 5);
}

#[tokio::test]
async fn a_changed_row_of_the_trail_is_noticed() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let envelope = kiosk.seal(&Record::Suggestion { text: "x".into() });
    kiosk.send(&[envelope]).await.unwrap();
    assert!(office.check().await.is_sound());
    let forge = async |statement: &'static str| {
        let database = Database::open(&office.config.database_path()).await.unwrap();
        let mut writing = database.write().await.unwrap();
        sqlx::query(statement).execute(&mut *writing).await.unwrap();
        writing.commit().await.unwrap();
        database.close().await;
        office.check().await.trail
    };
    assert_eq!(forge("UPDATE trail SET actor = 'person:nobody' WHERE number = 1").await, "broken at entry 1");
    assert_eq!(forge("UPDATE trail SET actor = 'command' WHERE number = 1").await, "intact");
    let last = {
        let database = Database::open(&office.config.database_path()).await.unwrap();
        let mut reading = database.read().await.unwrap();
        let last: i64 = sqlx::query_scalar("SELECT MAX(number) FROM trail").fetch_one(&mut *reading).await.unwrap();
        last
    };
    assert_eq!(
        forge("DELETE FROM trail WHERE number = (SELECT MAX(number) FROM trail)").await,
        format!("broken at entry {last}")
    );
}

#[tokio::test]
async fn an_epoch_of_its_own_begins_anew() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let old_head = kiosk.next.previous;
    kiosk.next = Place { epoch: Epoch([5; 16]), sequence: 0, previous: old_head, ..kiosk.next };
    assert_ne!(old_head, HeaderHash::NONE);
    let envelope = kiosk.seal(&Record::Suggestion { text: "x".into() });
    let held = kiosk.send(&[envelope]).await.unwrap().held;
    assert_eq!((held.len(), held[0].epoch, held[0].sequence), (1, Epoch([5; 16]), 0));
}

#[tokio::test]
async fn a_closing_office_answers_those_who_wait() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let cursor = kiosk.changes(None).await.cursor;
    let waiting = tokio::spawn(async move { kiosk.changes(Some(cursor)).await });
    tokio::task::yield_now().await;
    let TestOffice { server, _folder, .. } = office;
    server.shutdown().await;
    // Whether it had asked before the office closed decides between an answer and a refused connection.
    if let Ok(answer) = waiting.await {
        assert!(answer.changes.is_empty() && !answer.snapshot);
    }
}

fn lost(epoch: Epoch, first: u64, last: u64, resumes_after: HeaderHash) -> LostRange {
    LostRange { epoch: epoch.0, first, last, resumes_after: resumes_after.0 }
}

/// F4: what a kiosk's signed record names as lost keeps nothing back, whichever comes first.
#[tokio::test]
async fn an_acknowledgement_goes_on_behind_what_a_kiosk_names_as_lost() {
    for record_comes_first in [false, true] {
        let office = TestOffice::start().await;
        let mut kiosk = TestKiosk::enrol(&office, 1).await;
        let epoch = kiosk.next.epoch;
        let said = |text: &str| Record::Suggestion { text: text.into() };
        let sealed: Vec<Vec<u8>> = (1..=8).map(|number| kiosk.seal(&said(&number.to_string()))).collect();
        let hash = |sequence: usize| Envelope::decode(&sealed[sequence - 1]).unwrap().header.hash();
        // Two holes: 3 and 4, and 6; the kiosk goes on in another epoch.
        let before = kiosk.next.previous;
        kiosk.next = Place { kiosk: kiosk.next.kiosk, epoch: Epoch(random()), sequence: 0, previous: before };
        let opening = Opening { receipt_key: kiosk.keys.receipt_key().clone(), reason: "mended".into() };
        let opening = kiosk.seal(&Record::Opening(opening));
        let named = Record::Losses(vec![lost(epoch, 3, 4, hash(4)), lost(epoch, 6, 6, hash(6))]);
        let record = kiosk.seal(&named);
        let left: Vec<Vec<u8>> = [1, 2, 5, 7, 8].map(|sequence: usize| sealed[sequence - 1].clone()).into();
        if record_comes_first {
            kiosk.send(&[opening, record]).await.unwrap();
            kiosk.send(&left).await.unwrap();
        } else {
            let stuck = kiosk.send(&left).await.unwrap();
            assert_eq!(stuck.held.last().unwrap().sequence, 2);
            assert_eq!(office.check().await.gaps, 3);
            assert!(!office.check().await.is_sound(), "gaps that nobody names");
            kiosk.send(&[opening, record]).await.unwrap();
        }
        let whole = kiosk.send(&[]).await.unwrap();
        let held = whole.held.iter().find(|held| held.epoch == epoch).unwrap();
        assert_eq!((held.sequence, held.head), (8, hash(8)));
        // From a batch's own last envelope it is walked, too.
        let again = kiosk.send(&left[..2]).await.unwrap();
        assert_eq!(again.held.last().unwrap().sequence, 8);
        let summary = office.check().await;
        assert_eq!((summary.gaps, summary.lost, summary.is_sound()), (0, 3, true));
        // One that is found after all is taken as usual.
        kiosk.send(&[sealed[5].clone()]).await.unwrap();
        let summary = office.check().await;
        assert_eq!((summary.suggestions, summary.gaps, summary.lost), (6, 0, 2));
        let mut manager = office.browser(Role::Manager).await;
        let page = blocking(move || manager.get("/kiosks").text()).await;
        assert!(page.contains("3 to 4"), "{page}");
        assert!(!page.contains("ينقص ما قبله"), "{page}");
    }
}

/// Nobody names another kiosk's losses, nor reaches behind what isn't there.
#[tokio::test]
async fn a_loss_counts_only_for_its_own_kiosk_and_only_where_it_is_reached() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let mut other = TestKiosk::enrol(&office, 2).await;
    let epoch = kiosk.next.epoch;
    let said = |text: &str| Record::Suggestion { text: text.into() };
    let sealed: Vec<Vec<u8>> = (1..=6).map(|number| kiosk.seal(&said(&number.to_string()))).collect();
    let hash = |sequence: usize| Envelope::decode(&sealed[sequence - 1]).unwrap().header.hash();
    kiosk.send(&[sealed[0].clone(), sealed[5].clone()]).await.unwrap();
    let theirs = other.seal(&Record::Losses(vec![lost(epoch, 2, 5, hash(5))]));
    other.send(&[theirs]).await.unwrap();
    assert_eq!(kiosk.send(&[]).await.unwrap().held[0].sequence, 1);
    // 2 and 3 are still missing before what is named; and a range that is none.
    let named = [lost(epoch, 4, 5, hash(5)), lost(epoch, 9, 7, hash(5)), lost(epoch, 0, u64::MAX, hash(5))];
    let record = kiosk.seal(&Record::Losses(named.into()));
    kiosk.send(&[record]).await.unwrap();
    assert_eq!(kiosk.send(&[]).await.unwrap().held[0].sequence, 1);
    let healed = kiosk.send(&[sealed[2].clone(), sealed[1].clone()]).await.unwrap();
    assert_eq!(healed.held.last().unwrap().sequence, 7, "through the record itself");
    assert_eq!((office.check().await.gaps, office.check().await.lost), (0, 2));
}

/// A revoked kiosk's records wait for staff; its losses hold up nothing.
#[tokio::test]
async fn a_revoked_kiosk_s_losses_are_passed_over() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let epoch = kiosk.next.epoch;
    let said = |text: &str| Record::Suggestion { text: text.into() };
    let [one, two] = ["1", "2"].map(|text| kiosk.seal(&said(text)));
    let resumes_after = Envelope::decode(&one).unwrap().header.hash();
    let mut manager = office.browser(Role::Manager).await;
    let done = blocking(move || manager.post_from("/kiosks", "/kiosks/1/revocation", &[])).await;
    assert_eq!(done.status, 303);
    let record = kiosk.seal(&Record::Losses(vec![lost(epoch, 1, 1, resumes_after)]));
    kiosk.send(&[two, record]).await.unwrap();
    assert_eq!(kiosk.send(&[]).await.unwrap().held[0].sequence, 3);
}
