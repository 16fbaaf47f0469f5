//! Who is let in, what a revoked kiosk may still do, and what is kept aside.

use super::support::*;
use crate::domain::record::Record;
use crate::office::aside;
use crate::office::database::Database;
use crate::office::database::envelopes::{self, Aside, Keeping, NewEnvelope};
use crate::office::people::Role;
use crate::replication::invite::Pin;
use crate::replication::tls;
use crate::replication::wire::*;
use crate::seal::envelope::{Envelope, Epoch};
use crate::seal::keys::{KioskKeys, OfficeKeys, ProvingKey, SealingKey};
use crate::seal::seed::Seed;

#[tokio::test]
async fn whoever_isnt_known_always_hears_the_same() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let stranger = KioskKeys::from_seed(&Seed::fixed(2));
    let genuine = kiosk.seal(&Record::Suggestion { text: "x".into() });
    let batch = postcard::to_allocvec(&Batch { envelopes: vec![genuine] }).unwrap();
    let wrong_code = Enrolment {
        code: crate::domain::code::Code::from_number(7),
        name: "x".into(),
        proving_key: stranger.proving_key(),
    };
    let used_code = Enrolment { code: kiosk.invite.code.clone(), name: String::new(), ..wrong_code.clone() };
    let asked = [
        ("POST", ENVELOPES_PATH, batch),
        ("POST", ENVELOPES_PATH, vec![0xff; 40]),
        ("POST", RATINGS_PATH, vec![]),
        ("GET", CHANGES_PATH, vec![]),
        ("GET", "/replication/v1/changes?after=x", vec![]),
        ("POST", CALL_PATH, vec![1; 19]),
        ("POST", HEARTBEAT_PATH, vec![2; 30]),
        ("GET", ENROLMENT_PATH, vec![]),
        ("GET", "/", vec![]),
        ("DELETE", "/no/such/route", vec![]),
        ("POST", ENROLMENT_PATH, vec![0xff; 5]),
        ("POST", ENROLMENT_PATH, vec![0; 2 * STRANGER_BYTES_MAX]),
        ("POST", ENROLMENT_PATH, postcard::to_allocvec(&wrong_code).unwrap()),
        ("POST", AGAIN_PATH, vec![0xff; 5]),
        ("POST", AGAIN_PATH, vec![0; 2 * STRANGER_BYTES_MAX]),
        ("POST", AGAIN_PATH, postcard::to_allocvec(&knock_of(&stranger)).unwrap()),
        ("POST", ENROLMENT_PATH, postcard::to_allocvec(&used_code).unwrap()),
    ];
    let mut answers = std::collections::BTreeSet::new();
    for (method, path, body) in asked {
        let answer = post_raw(&stranger, &kiosk.invite, method, path, body).await;
        let mut headers: Vec<&str> = answer.headers.lines().filter(|line| !line.starts_with("date:")).collect();
        headers.sort_unstable();
        answers.insert((headers.join("\n"), answer.body));
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(office.check().await.suggestions, 0);
}

/// Its signature holds; nothing else of it does.
fn knock_of(keys: &KioskKeys) -> SignedKnock {
    let terms = EnrolmentTerms {
        kiosk: 7.try_into().unwrap(),
        first_epoch: Epoch([1; 16]),
        sealing_key: SealingKey([2; 32]),
        office_proving_key: ProvingKey([3; 32]),
        office_pin: Pin([4; 16]),
        kiosk_proving_key: keys.proving_key(),
        kiosk_pin: tls::pin_of_secret(keys.tls_secret()).unwrap(),
    };
    let knock = Knock { terms, office_signature: None, name: "x".into(), receipt_key: vec![0; 80] };
    SignedKnock::sign(keys, &knock).unwrap()
}

async fn revoke(office: &TestOffice) -> Browser {
    let browser = office.browser(Role::Manager).await;
    let mut manager = browser.clone();
    let done = blocking(move || manager.post_from("/kiosks", "/kiosks/1/revocation", &[])).await;
    assert_eq!(done.status, 303);
    browser
}

async fn get(browser: &Browser, path: &'static str) -> Answer {
    let mut browser = browser.clone();
    blocking(move || browser.get(path)).await
}

async fn decide(browser: &Browser, envelope: String, verdict: &'static str) -> u16 {
    let mut browser = browser.clone();
    let fields = move || [("envelope", envelope), ("verdict", verdict.to_owned())];
    blocking(move || {
        let fields = fields();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post_from("/kiosks", "/kiosks/1/waiting", &fields).status
    })
    .await
}

fn hash_of(bytes: &[u8]) -> String {
    crate::seal::keys::hex(&Envelope::decode(bytes).unwrap().header.hash().0)
}

#[tokio::test]
async fn what_a_revoked_kiosk_still_sends_waits_for_staff() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let before = kiosk.seal(&Record::Request(kiosk.request(1)));
    kiosk.send(std::slice::from_ref(&before)).await.unwrap();
    let waiting_poll = tokio::spawn({
        let kiosk = kiosk.clone();
        let cursor = kiosk.changes(None).await.cursor;
        let path = format!(
            "{CHANGES_PATH}?after={}&incarnation={}",
            cursor.change,
            crate::seal::keys::hex(&cursor.incarnation.0)
        );
        async move { post_raw(&kiosk.keys, &kiosk.invite, "GET", &path, vec![]).await }
    });
    let manager = revoke(&office).await;
    // Told at once, also where it waited for changes.
    assert_eq!(waiting_poll.await.unwrap().status, 410);
    for (method, path) in [("GET", CHANGES_PATH), ("POST", HEARTBEAT_PATH), ("POST", RATINGS_PATH), ("POST", CALL_PATH)]
    {
        assert_eq!(post_raw(&kiosk.keys, &kiosk.invite, method, path, vec![]).await.status, 410, "{path}");
    }

    let request = kiosk.request(2);
    let [signed, wanted] = [signature(request.id), Record::Request(request.clone())].map(|record| kiosk.seal(&record));
    let said = kiosk.seal(&Record::Suggestion { text: "<b>أسرعوا".into() });
    let held = kiosk.send(&[signed, wanted.clone(), said.clone()]).await.unwrap().held;
    // Held, though nothing was made of it: the kiosk needn't send it again.
    assert_eq!((held[0].sequence, held[0].head), (4, kiosk.next.previous));
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.suggestions, summary.gaps), (1, 0, 0));

    assert!(get(&manager, "/").await.text().contains("ينتظر"));
    let page = get(&manager, "/kiosks/1/waiting").await.text();
    assert!(page.contains("نورة بنت سعد القحطاني") && !page.contains("<b>"), "{page}");
    // Once for the request, once for the suggestion: a signature doesn't stand alone.
    assert_eq!(page.matches("name=\"envelope\"").count(), 3, "two records, and all");
    let auditor = office.browser(Role::Auditor).await;
    assert!(!get(&auditor, "/kiosks/1/waiting").await.text().contains("name=\"envelope\""));
    assert_eq!(decide(&auditor, hash_of(&wanted), "admit").await, 403);

    assert_eq!(decide(&manager, hash_of(&wanted), "admit").await, 303);
    assert_eq!(decide(&manager, hash_of(&wanted), "decline").await, 409);
    assert_eq!(decide(&manager, "no".into(), "decline").await, 404);
    assert_eq!(decide(&manager, "all".into(), "decline").await, 303);
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.suggestions, summary.trail.as_str()), (2, 0, "intact"));
    let mut browser = manager.clone();
    let path = format!("/requests/{}", request.id);
    let page = blocking(move || browser.get(&path).text()).await;
    assert!(page.contains("<polyline") || page.contains("<path"), "its signature came with it: {page}");
    // Sent again, it stays decided.
    kiosk.send(&[wanted, said]).await.unwrap();
    assert!(get(&manager, "/kiosks/1/waiting").await.text().contains("لا شيء"));
    assert_eq!(office.check().await.requests, 2);
}

#[tokio::test]
async fn forks_gaps_and_foreign_numbers_are_shown_to_staff() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let other = TestKiosk::enrol(&office, 2).await;
    let mut twin = kiosk.clone();
    let said = |text: &str| Record::Suggestion { text: text.into() };
    let [first, lost, late] = ["1", "2", "3"].map(|text| kiosk.seal(&said(text)));
    let forked = ["other", "more", "most"].map(|text| twin.seal(&said(text)));
    kiosk.send(&[first, late]).await.unwrap();
    let manager = office.browser(Role::Manager).await;
    let page = get(&manager, "/kiosks").await.text();
    assert!(page.contains("ينقص ما قبله") && !page.contains("two records stand"), "{page}");
    twin.send(&forked).await.unwrap();
    kiosk.send(&[lost]).await.unwrap();
    let page = get(&manager, "/kiosks").await.text();
    assert!(!page.contains("ينقص ما قبله") && page.contains("two records stand at place 1"), "{page}");
    assert_eq!(page.matches("two records stand").count(), 1, "an epoch is told once: {page}");
    assert_eq!(office.check().await.suggestions, 6, "all of them count");

    // A number that no honest kiosk of its own gives.
    let foreign = kiosk.seal(&Record::Request(other.request(5)));
    kiosk.send(std::slice::from_ref(&foreign)).await.unwrap();
    assert_eq!(office.check().await.requests, 0);
    assert!(get(&manager, "/kiosks/1/waiting").await.text().contains("نورة بنت سعد القحطاني"));
    assert_eq!(decide(&manager, hash_of(&foreign), "admit").await, 303);
    assert_eq!((office.check().await.requests, office.check().await.trail.as_str()), (1, "intact"));
}

#[tokio::test]
async fn what_no_program_could_read_is_read_by_the_next() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let bytes = kiosk.seal(&Record::Request(kiosk.request(1)));
    // As an older program kept it, for which this record was of a newer kind.
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let keys = OfficeKeys::from_seed(&Seed::read(&office.config.seed_path(), "").unwrap());
    let envelope = Envelope::decode(&bytes).unwrap();
    let mut writing = database.write().await.unwrap();
    let keeping = Keeping { aside: Some(Aside::Unknown), damage: Some("a newer record") };
    let header = &envelope.header;
    let kept = [NewEnvelope { header, bytes, keeping, about: envelopes::About::default(), is_erased: false }];
    envelopes::add_all(&mut writing, &kept, at("2026-11-01T08:00:00Z")).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!((office.check().await.requests, office.check().await.damaged), (0, 1));

    let now = at("2026-11-02T08:00:00Z");
    assert_eq!(aside::read_again(&database, &keys, now).await.unwrap(), 1);
    assert_eq!(aside::read_again(&database, &keys, now).await.unwrap(), 0);
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.damaged, summary.trail.as_str()), (1, 0, "intact"));

    // An envelope of version 2: its signature and place are verified, and those behind it come in.
    let mut newer = kiosk.seal(&Record::Suggestion { text: "x".into() });
    newer[2] = 2;
    let signed = kiosk.keys.sign(&newer[..111]);
    newer[111..175].copy_from_slice(&signed);
    let header = Envelope::decode_any_version(&newer).unwrap().header;
    kiosk.next = header.next();
    let behind = kiosk.seal(&Record::Request(kiosk.request(2)));
    let held = kiosk.send(&[newer.clone(), behind]).await.unwrap().held;
    assert_eq!((held[0].sequence, held[0].head), (3, kiosk.next.previous));
    let summary = office.check().await;
    assert_eq!((summary.requests, summary.damaged, summary.suggestions), (2, 1, 0));
    newer[200] ^= 1;
    kiosk.send(&[newer]).await.unwrap();
    assert_eq!(office.check().await.passed_over, 1);
}
