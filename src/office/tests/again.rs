//! A kiosk that joined after the backup from which the office was restored: it knocks, a person lets it in, and all that it
//! holds arrives under its old number, which nobody else has got.

use std::fs;

use chrono::TimeDelta;

use super::backups::{Keeper, back_up, start_again};
use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::printer::PrinterState;
use crate::domain::record::{LostRange, Record};
use crate::office::backup;
use crate::office::commands;
use crate::office::database::{Database, kiosks, knocks};
use crate::office::enrolment::again::{self, AgainError, Whom};
use crate::office::enrolment::numbers;
use crate::office::people::Role;
use crate::replication::invite::Pin;
use crate::replication::tls;
use crate::replication::wire::*;
use crate::seal::envelope::Envelope;
use crate::seal::keys::{KioskKeys, OfficeKeys, hex};
use crate::seal::sealing;
use crate::seal::seed::Seed;

/// Gives the signed enrolment, as a kiosk hears it each minute.
async fn vouched(kiosk: &TestKiosk) -> SignedEnrolment {
    let heartbeat = Heartbeat {
        printer: PrinterState::Ready,
        unprinted: 0,
        unsent: 0,
        free_bytes: None,
        kiosk_time: at("2026-11-01T08:00:00Z"),
        clock_is_trusted: true,
        version: "0.1.0".into(),
    };
    let body = postcard::to_allocvec(&heartbeat).unwrap();
    let answer = post_raw(&kiosk.keys, &kiosk.invite, "POST", HEARTBEAT_PATH, body).await;
    let grown: Grown<HeartbeatAnswer, SignedEnrolment> = Grown::decode(&answer.body).unwrap();
    let signed = grown.more.unwrap();
    signed.verified().unwrap();
    assert_eq!(grown.first.sealing_key, signed.terms.sealing_key);
    signed
}

fn pin(keys: &KioskKeys) -> Pin {
    tls::pin_of_secret(keys.tls_secret()).unwrap()
}

fn knock(keys: &KioskKeys, terms: EnrolmentTerms, office_signature: Option<Vec<u8>>) -> SignedKnock {
    let receipt_key = sealing::seal(&terms.sealing_key, Knock::ASSOCIATED, &keys.receipt_key().0).unwrap();
    let knock = Knock { terms, office_signature, name: "بهو الفرع".into(), receipt_key };
    SignedKnock::sign(keys, &knock).unwrap()
}

/// Of a key that says it was number so many, with nothing to prove it.
fn stranger(keys: &KioskKeys, office: &EnrolmentTerms, number: u16) -> SignedKnock {
    let kiosk = number.try_into().unwrap();
    let terms = EnrolmentTerms { kiosk, kiosk_proving_key: keys.proving_key(), kiosk_pin: pin(keys), ..*office };
    knock(keys, terms, None)
}

/// The office as it stood at its backup; kiosks find it at another port.
async fn restored(
    office: TestOffice,
    from: &std::path::Path,
    keeper: &Keeper,
    kiosks: &mut [&mut TestKiosk],
) -> TestOffice {
    let TestOffice { config, clock, server, _folder } = office;
    server.shutdown().await;
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", config.database_path().display()));
    }
    backup::restore(&config, from, keeper.opener(), clock.now()).await.unwrap();
    let server = start_again(&config, clock.clone()).await;
    for kiosk in kiosks {
        kiosk.invite.address = server.replication_address.to_string();
    }
    TestOffice { config, clock, server, _folder }
}

async fn knocking(office: &TestOffice) -> Vec<knocks::StoredKnock> {
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let all = knocks::all(&mut database.read().await.unwrap()).await.unwrap();
    database.close().await;
    all
}

#[tokio::test]
async fn a_kiosk_that_joined_after_the_backup_is_let_in_and_everything_arrives() {
    let keeper = Keeper::new();
    let office = TestOffice::start().await;
    let mut one = TestKiosk::enrol(&office, 1).await;
    let made = back_up(&office, &keeper.named_in(&office.config)).await;
    let mut two = TestKiosk::enrol(&office, 2).await;
    assert_eq!(two.enrolled.kiosk.get(), 2);
    let request = two.request(1_234_567);
    let number = request.tracking_number;
    let sent = [two.seal(&signature(request.id)), two.seal(&Record::Request(request))];
    two.send(&sent).await.unwrap();
    let signed = vouched(&two).await;
    let signature = signed.verified().unwrap().to_vec();
    // The office's folder is lost, and with it the log there: the one beside the backups knows.
    let log = office.config.data.join(numbers::FILE_NAME);
    fs::copy(&log, keeper.elsewhere().join(numbers::FILE_NAME)).unwrap();
    fs::remove_file(&log).unwrap();
    let mut office = restored(office, &made.path, &keeper, &mut [&mut one, &mut two]).await;

    assert_eq!(two.send(&sent).await.unwrap_err().status, 403);
    let asked = postcard::to_allocvec(&knock(&two.keys, signed.terms, Some(signature))).unwrap();
    let answer = post_raw(&two.keys, &two.invite, "POST", AGAIN_PATH, asked.clone()).await;
    assert_eq!(answer.status, 403, "nobody hears what became of it");
    assert_eq!(
        knocking(&office).await.iter().map(|knock| (knock.number.get(), knock.is_proved)).collect::<Vec<_>>(),
        [(2, true)]
    );

    // The number isn't given again: the log says so, and where that is lost, whoever knocks by it.
    assert_eq!(TestKiosk::enrol(&office, 3).await.enrolled.kiosk.get(), 3);
    for log in [log, keeper.elsewhere().join(numbers::FILE_NAME)] {
        fs::remove_file(log).unwrap();
    }
    office = restored(office, &made.path, &keeper, &mut [&mut one, &mut two]).await;
    post_raw(&two.keys, &two.invite, "POST", AGAIN_PATH, asked).await;
    assert_eq!(TestKiosk::enrol(&office, 4).await.enrolled.kiosk.get(), 3);

    let mut manager = office.browser(Role::Manager).await;
    let id = hex(&pin(&two.keys).0);
    let (page, done) = blocking(move || {
        let page = manager.get("/kiosks").text();
        let done = manager.post_from("/kiosks", &format!("/knocks/{id}/admission"), &[]);
        (page, done)
    })
    .await;
    assert!(page.contains("٠٠٠٢") && page.contains("بهو الفرع"), "{page}");
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(knocking(&office).await, []);
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let known = kiosks::receipt_key(&mut reading, two.enrolled.kiosk).await.unwrap().unwrap();
    assert_eq!(known.0, two.keys.receipt_key().0, "its receipts are known before anything has arrived");
    drop(reading);
    database.close().await;
    two.send(&sent).await.unwrap();
    assert_eq!(office.check().await.gaps, 1, "its opening had left the kiosk while the office held it");
    let resumes_after = Envelope::decode(&sent[0]).unwrap().header.previous.0;
    let lost = LostRange { epoch: two.enrolled.epoch.0, first: 0, last: 0, resumes_after };
    let losses = two.seal(&Record::Losses(vec![lost]));
    two.send(&[losses]).await.unwrap();
    let (mut browser, code) = (office.browser(Role::Reception).await, two.receipt(number).1);
    let scan = format!("{number}{}", code.as_str());
    let found = blocking(move || browser.post_from("/", "/", &[("scan", &scan)])).await;
    assert_eq!(found.status, 303, "{}", found.text());
    assert_eq!(vouched(&two).await.terms, signed.terms);
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.requests == 1, "{summary:?}");
    // Once: what knocks no more can't be let in.
    let clock: crate::domain::clock::SharedClock = office.clock.clone();
    let nobody = commands::let_in(&office.config, &clock, two.enrolled.kiosk).await;
    assert!(nobody.unwrap_err().to_string().contains("no kiosk knocks"));
}

#[tokio::test]
async fn strangers_burn_no_number_and_fill_no_disk() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let terms = vouched(&kiosk).await.terms;
    let side = office.server.office();
    // This office gave number 7 to this key: it says so by its own signature, or by its log.
    let keys = OfficeKeys::read(&office.config.data).unwrap();
    let lost = KioskKeys::from_seed(&Seed::fixed(7));
    let given = EnrolmentTerms {
        kiosk: 7.try_into().unwrap(),
        kiosk_proving_key: lost.proving_key(),
        kiosk_pin: pin(&lost),
        ..terms
    };
    let signature = given.sign(&keys).verified().unwrap().to_vec();
    again::note(side, pin(&lost), &knock(&lost, given, Some(signature.clone()))).await.unwrap();
    let earlier = KioskKeys::from_seed(&Seed::fixed(8));
    let log = office.config.numbers_log();
    let logged =
        numbers::Given { number: 8.try_into().unwrap(), proving_key: earlier.proving_key(), at: office.clock.now() };
    log.append(&keys, &[logged]).unwrap();
    again::note(side, pin(&earlier), &stranger(&earlier, &terms, 8)).await.unwrap();
    for round in 0..130_u32 {
        office.clock.advance(TimeDelta::seconds(2));
        let keys = KioskKeys::from_seed(&Seed::from_secret(crate::seal::keys::sha256(&[&round.to_be_bytes()])));
        again::note(side, pin(&keys), &stranger(&keys, &terms, 5000)).await.unwrap();
        // At once again: neither the same nor another is written.
        again::note(side, pin(&keys), &stranger(&keys, &terms, 5001)).await.unwrap();
        let other =
            KioskKeys::from_seed(&Seed::from_secret(crate::seal::keys::sha256(&[b"other", &round.to_be_bytes()])));
        again::note(side, pin(&other), &stranger(&other, &terms, 6000)).await.unwrap();
    }
    // By another's key in the handshake, or with a signature for another number: not noted, or not proved.
    again::note(side, pin(&kiosk.keys), &stranger(&earlier, &terms, 1)).await.unwrap();
    office.clock.advance(TimeDelta::seconds(2));
    let thief = KioskKeys::from_seed(&Seed::fixed(66));
    let claimed = EnrolmentTerms { kiosk_proving_key: thief.proving_key(), kiosk_pin: pin(&thief), ..given };
    again::note(side, pin(&thief), &knock(&thief, claimed, Some(signature))).await.unwrap();
    let all = knocking(&office).await;
    assert_eq!(all.len(), 100);
    let proved: Vec<_> = all.iter().filter(|knock| knock.is_proved).map(|knock| knock.number.get()).collect();
    assert_eq!(proved, [7, 8], "strangers drive out strangers only");
    assert!(all.iter().all(|knock| ![5001, 6000].contains(&knock.number.get())));
    assert_eq!(TestKiosk::enrol(&office, 2).await.enrolled.kiosk.get(), 9);
    // By the command the proved one is meant, whoever else says the same number.
    let clock: crate::domain::clock::SharedClock = office.clock.clone();
    commands::let_in(&office.config, &clock, given.kiosk).await.unwrap();
    let known = vouched(&TestKiosk { keys: lost, ..kiosk.clone() }).await;
    assert_eq!(known.terms, EnrolmentTerms { sealing_key: known.terms.sealing_key, ..given });
    let several = commands::let_in(&office.config, &clock, 5000.try_into().unwrap()).await;
    assert!(several.unwrap_err().to_string().contains("choose on the page"));
}

#[tokio::test]
async fn a_revoked_kiosk_and_a_number_that_another_bears_stay_outside() {
    let office = TestOffice::start().await;
    let kiosk = TestKiosk::enrol(&office, 1).await;
    let terms = vouched(&kiosk).await.terms;
    let side = office.server.office();
    let taken = KioskKeys::from_seed(&Seed::fixed(5));
    again::note(side, pin(&taken), &stranger(&taken, &terms, 1)).await.unwrap();
    let mut manager = office.browser(Role::Manager).await;
    let id = hex(&pin(&taken).0);
    let refused = blocking(move || manager.post_from("/kiosks", &format!("/knocks/{id}/admission"), &[])).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("أُعطي هذا الرقم لكشك آخر"), "{}", refused.text());
    let log = office.config.numbers_log();
    let keys = OfficeKeys::read(&office.config.data).unwrap();
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let by = (office.clock.now(), &crate::office::database::trail::Actor::Command);
    let error = again::let_in(&database, (&keys, &log), Whom::Key(pin(&taken)), by).await.unwrap_err();
    assert!(matches!(error, AgainError::NumberTaken(_)), "{error}");

    // A revoked kiosk shows another key in the handshake: its proving key is known all the same.
    let mut writing = database.write().await.unwrap();
    kiosks::revoke(&mut writing, terms.kiosk, office.clock.now()).await.unwrap();
    crate::office::database::trail::append(
        &mut writing,
        office.clock.now(),
        &crate::office::database::trail::Actor::Command,
        "kiosk revoked",
        "",
        serde_json::json!({}),
    )
    .await
    .unwrap();
    writing.commit().await.unwrap();
    database.close().await;
    office.clock.advance(TimeDelta::minutes(2));
    let other_line = KioskKeys::from_seed(&Seed::fixed(6));
    let claimed = EnrolmentTerms { kiosk: 44.try_into().unwrap(), kiosk_pin: pin(&other_line), ..terms };
    again::note(side, pin(&other_line), &knock(&kiosk.keys, claimed, None)).await.unwrap();
    assert_eq!(knocking(&office).await.len(), 1, "only the one of before");
}
