//! Batches of several kiosks that are written in one transaction: each gets its own answer, whatever becomes of the others.

use super::support::*;
use crate::domain::clock::Clock;
use crate::domain::record::Record;
use crate::office::commands::Summary;
use crate::office::database::kiosks;
use crate::office::intake::{self, IntakeError};
use crate::replication::invite::Pin;
use crate::replication::tls::pin_of_secret;
use crate::replication::wire::{Acknowledgement, Batch};
use crate::seal::keys::{hex, random, sha256};

type Taken = tokio::task::JoinHandle<Result<Acknowledgement, IntakeError>>;

/// Hands the office a batch with one new request of each kiosk, while the writer is taken; all of them are ready afterwards.
async fn send_all(office: &TestOffice, kiosks: &mut [TestKiosk], random_part: u32) -> Vec<Taken> {
    let running = office.server.office().clone();
    let writer = running.database.write().await.unwrap();
    let mut taken: Vec<Taken> = Vec::new();
    for kiosk in kiosks.iter_mut() {
        let batch = Batch { envelopes: vec![kiosk.seal(&Record::Request(kiosk.request(random_part)))] };
        let (pin, office) = (pin(kiosk), running.clone());
        taken.push(tokio::spawn(async move { intake::take_in(&office, pin, &batch).await }));
        while running.intake.ready_count() < taken.len() {
            tokio::task::yield_now().await;
        }
    }
    drop(writer);
    taken
}

fn pin(kiosk: &TestKiosk) -> Pin {
    pin_of_secret(kiosk.keys.tls_secret()).unwrap()
}

async fn kiosks_of(office: &TestOffice, count: u8) -> Vec<TestKiosk> {
    let mut kiosks = Vec::new();
    for seed in 1..=count {
        kiosks.push(TestKiosk::enrol(office, seed).await);
    }
    kiosks
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_can_t_be_written_holds_up_no_other() {
    let office = TestOffice::start().await;
    let mut kiosks = kiosks_of(&office, 4).await;
    let poisoned = kiosks[2].request(7).tracking_number;
    let database = sqlx::SqlitePool::connect(office.config.database_path().to_str().unwrap()).await.unwrap();
    let trigger = format!(
        "CREATE TRIGGER poison BEFORE INSERT ON request WHEN NEW.tracking_number = '{poisoned}'
         BEGIN SELECT RAISE(ABORT, 'poison'); END"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(&database).await.unwrap();
    let mut outcomes = Vec::new();
    for taken in send_all(&office, &mut kiosks, 7).await {
        outcomes.push(taken.await.unwrap());
    }
    let heads: Vec<_> = kiosks.iter().map(|kiosk| kiosk.next.previous).collect();
    for (place, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(acknowledgement) => assert_eq!(acknowledgement.held[0].head, heads[place]),
            Err(error) => assert!(place == 2 && matches!(error, IntakeError::Database(_)), "{place}: {error}"),
        }
    }
    assert!(outcomes[2].is_err());
    sqlx::raw_sql("DROP TRIGGER poison").execute(&database).await.unwrap();
    database.close().await;
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.requests == 3, "{summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_revoked_meanwhile_is_put_aside_alone() {
    let office = TestOffice::start().await;
    let mut kiosks = kiosks_of(&office, 3).await;
    let revoked = kiosks[1].enrolled.kiosk;
    let running = office.server.office().clone();
    let mut writer = running.database.write().await.unwrap();
    let mut taken: Vec<Taken> = Vec::new();
    for kiosk in &mut kiosks {
        let batch = Batch { envelopes: vec![kiosk.seal(&Record::Request(kiosk.request(7)))] };
        let (pin, office) = (pin(kiosk), running.clone());
        taken.push(tokio::spawn(async move { intake::take_in(&office, pin, &batch).await }));
    }
    while running.intake.ready_count() < taken.len() {
        tokio::task::yield_now().await;
    }
    assert!(kiosks::revoke(&mut writer, revoked, office.clock.now()).await.unwrap());
    writer.commit().await.unwrap();
    for one in taken {
        one.await.unwrap().unwrap();
    }
    let summary = office.check().await;
    assert!(summary.is_sound() && summary.requests == 2, "{summary:?}");
}

/// A kiosk breaks off at any moment, also while it leads: the others hear what they would have heard.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_breaks_off_leaves_the_others_their_answers() {
    let seed = hex(&random::<8>());
    eprintln!("seed {seed}");
    let office = TestOffice::start().await;
    let mut kiosks = kiosks_of(&office, 4).await;
    const ROUNDS: u32 = 40;
    for round in 0..ROUNDS {
        let mut taken = send_all(&office, &mut kiosks, round).await;
        let [yields, more, who, ..] = sha256(&[seed.as_bytes(), &round.to_be_bytes()]);
        for _ in 0..u16::from(yields) * u16::from(more % 8) {
            tokio::task::yield_now().await;
        }
        taken.remove(usize::from(who % 2)).abort();
        for one in taken {
            one.await.unwrap().unwrap();
        }
        // A kiosk that broke off is answered as before.
        for kiosk in &kiosks {
            kiosk.send(&[]).await.unwrap();
        }
    }
    let summary = office.check().await;
    assert!(summary.requests >= u64::from(ROUNDS) * 3 && summary.forks == 0, "{summary:?}");
    // A batch that was broken off is missing before the kiosk's next one; nothing else may be wrong.
    let but_for_gaps = Summary { gaps: 0, ..summary };
    assert!(but_for_gaps.is_sound(), "{but_for_gaps:?}");
}
