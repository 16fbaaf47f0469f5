//! The office's intake (signatures proved, seals opened, rows committed), beside bare SQLite that writes the same rows.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use istiqbal::office::{Office, intake};
use istiqbal::replication::invite::Pin;
use istiqbal::replication::wire::{BATCH_ENVELOPES_MAX, Batch};
use tokio::task::JoinSet;

use crate::rival;
use crate::support::{BenchOffice, Kiosk, a_second, batches, median, runtime, verdict};
use crate::visitors::Visitors;

const ROUNDS: usize = 3;
const KIOSKS: usize = 8;
const BATCHES_EACH: usize = 8;
/// A registration is two envelopes.
pub const REGISTRATIONS_A_BATCH: usize = BATCH_ENVELOPES_MAX / 2;
pub const BATCHES: usize = KIOSKS * BATCHES_EACH;
const REGISTRATIONS: usize = BATCHES * REGISTRATIONS_A_BATCH;
const LIMIT_A_SECOND: f64 = 4000.0;

/// The batches of one kiosk, and the key it shows.
type Sent = (Pin, Vec<Batch>);

pub fn run(folder: &Path) {
    let (mut together, mut alone, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for round in 0..ROUNDS {
        let folder = folder.join(format!("intake-{round}"));
        let office = folder.join("office");
        runtime().block_on(async {
            let office = BenchOffice::start(&office).await;
            let sent = prepare(&office).await;
            bytes = sent.iter().flat_map(|(_, batches)| batches).flat_map(|batch| &batch.envelopes).map(Vec::len).sum();
            together.push(take_in_together(&office, sent).await);
            office.server.shutdown().await;
        });
        bare.push(runtime().block_on(rival::write_again(&office, &folder.join("bare"))));
        runtime().block_on(async {
            let office = BenchOffice::start(&folder.join("alone")).await;
            let sent = prepare(&office).await;
            alone.push(take_in_alone(office.server.office(), &sent).await);
            office.server.shutdown().await;
        });
    }
    let of_both = bytes / REGISTRATIONS;
    println!(
        "intake: {REGISTRATIONS} registrations of {KIOSKS} kiosks, {of_both} bytes in 2 envelopes each, \
         in batches of {BATCH_ENVELOPES_MAX} (median of {ROUNDS} rounds)"
    );
    let rate = |times: Vec<Duration>| a_second(REGISTRATIONS, median(times));
    let (together, alone, bare) = (rate(together), rate(alone), rate(bare));
    let line = |name: &str, rate: f64| println!("{name:<60} {rate:>7.0} a second");
    line("the office, all kiosks at once", together);
    println!("    limit {LIMIT_A_SECOND}: {}", verdict(together >= LIMIT_A_SECOND));
    line("the office, one batch after the other", alone);
    line("bare SQLite: the same rows, INSERT … SELECT, no cryptography", bare);
    println!("    ÷ the office {:.2}, ÷ one batch after the other {:.2}\n", bare / together, bare / alone);
}

/// Kiosks that have joined and told their opening, and what they will send.
async fn prepare(office: &BenchOffice) -> Vec<Sent> {
    let mut visitors = Visitors::new(office.catalogue());
    let mut sent = Vec::new();
    for _ in 0..KIOSKS {
        let mut kiosk = Kiosk::enrol(office).await;
        let opening = Batch { envelopes: vec![kiosk.opening()] };
        intake::take_in(office.server.office(), kiosk.pin, &opening).await.expect("the opening is taken");
        let envelopes = kiosk.registrations(&mut visitors, BATCHES_EACH * REGISTRATIONS_A_BATCH);
        sent.push((kiosk.pin, batches(&envelopes)));
    }
    sent
}

async fn take_in_together(office: &BenchOffice, sent: Vec<Sent>) -> Duration {
    let begun = Instant::now();
    let mut kiosks = JoinSet::new();
    for (pin, batches) in sent {
        let office: Arc<Office> = office.server.office().clone();
        kiosks.spawn(async move {
            for batch in batches {
                intake::take_in(&office, pin, &batch).await.expect("the batch is taken");
            }
        });
    }
    kiosks.join_all().await;
    begun.elapsed()
}

async fn take_in_alone(office: &Office, sent: &[Sent]) -> Duration {
    let begun = Instant::now();
    for place in 0..BATCHES_EACH {
        for (pin, batches) in sent {
            intake::take_in(office, *pin, &batches[place]).await.expect("the batch is taken");
        }
    }
    begun.elapsed()
}
