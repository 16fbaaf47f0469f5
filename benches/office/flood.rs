//! Every kiosk was cut off for a week; now all come back at the same moment, over TLS, to one office.
//!
//! The kiosks run on this machine too and take their share of its cores, which real ones don't.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use istiqbal::office::commands;
use tokio::task::JoinSet;

use crate::support::{BenchOffice, Kiosk, a_second, batches, runtime, verdict};
use crate::tls_client::OfficeConnection;
use crate::visitors::Visitors;

const KIOSKS: usize = 500;
const REQUESTS_EACH: usize = 100;
const LIMIT: Duration = Duration::from_secs(30);
/// A kiosk waits so long for an answer, and so long after a failure (`replication/client.rs`, `replication/kiosk.rs`).
const ANSWER_WAIT: Duration = Duration::from_secs(40);
const BACKOFF: Duration = Duration::from_millis(500);

/// A kiosk and the batches it has to send, encoded.
struct Returning {
    kiosk: Kiosk,
    batches: Vec<Vec<u8>>,
}

/// How one kiosk fared, counted from the common start.
struct Fared {
    connected: Duration,
    acknowledged: Duration,
    failures: Vec<String>,
}

pub fn run(folder: &Path) {
    let offices = runtime();
    let office = offices.block_on(BenchOffice::start(&folder.join("flood")));
    let returning = prepare(&offices, &office);
    let address = office.server.replication_address;
    // The kiosks have a runtime of their own: they must not take their turns among the office's tasks.
    let mut fared = runtime().block_on(come_back(address, returning));
    fared.sort_by_key(|one| one.acknowledged);
    offices.block_on(office.server.shutdown());
    let summary = offices.block_on(commands::check(&office.config)).expect("the office can be checked");
    let (median, last) = (fared[KIOSKS / 2].acknowledged, fared[KIOSKS - 1].acknowledged);
    let requests = KIOSKS * REQUESTS_EACH;
    println!(
        "{KIOSKS} kiosks with {REQUESTS_EACH} requests each ({} envelopes) come back at once, over TLS",
        2 * requests + KIOSKS
    );
    println!(
        "until all are acknowledged: {:.1} s ({:.0} requests a second), limit {} s: {}",
        last.as_secs_f64(),
        a_second(requests, last),
        LIMIT.as_secs(),
        verdict(last <= LIMIT)
    );
    println!(
        "the first kiosk {:.1} s, the median {:.1} s, the last {:.1} s: last ÷ median {:.2}",
        fared[0].acknowledged.as_secs_f64(),
        median.as_secs_f64(),
        last.as_secs_f64(),
        last.as_secs_f64() / median.as_secs_f64()
    );
    let connected = fared.iter().map(|one| one.connected).max().unwrap_or_default();
    let failures: Vec<&String> = fared.iter().flat_map(|one| &one.failures).collect();
    println!("the last TLS connection stood after {:.1} s; {} tries failed", connected.as_secs_f64(), failures.len());
    for failure in failures.iter().take(3) {
        println!("    {failure}");
    }
    let all_there_once = summary.is_sound() && summary.requests == requests as u64;
    let whole = (summary.damaged, summary.forks, summary.gaps) == (0, 0, 0);
    println!(
        "`office check`: {} requests, trail {}, database {}: {}\n",
        summary.requests,
        summary.trail,
        summary.database,
        if all_there_once && whole { "all there, once" } else { "WRONG" }
    );
}

/// Enrols the kiosks and seals what a week brought them.
fn prepare(offices: &tokio::runtime::Runtime, office: &BenchOffice) -> Vec<Returning> {
    let mut kiosks: Vec<Kiosk> = (0..KIOSKS).map(|_| offices.block_on(Kiosk::enrol(office))).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = KIOSKS.div_ceil(cores);
    std::thread::scope(|scope| {
        let mut sealing = Vec::new();
        while !kiosks.is_empty() {
            let part = kiosks.split_off(kiosks.len().saturating_sub(share));
            let mut visitors = Visitors::new(office.catalogue());
            let seal = move |mut kiosk: Kiosk| {
                let mut envelopes = vec![kiosk.opening()];
                envelopes.extend(kiosk.registrations(&mut visitors, REQUESTS_EACH));
                let encode = |batch| postcard::to_allocvec(&batch).expect("it is encoded");
                Returning { batches: batches(&envelopes).into_iter().map(encode).collect(), kiosk }
            };
            sealing.push(scope.spawn(move || part.into_iter().map(seal).collect::<Vec<_>>()));
        }
        sealing.into_iter().flat_map(|part| part.join().expect("all are sealed")).collect()
    })
}

async fn come_back(address: SocketAddr, returning: Vec<Returning>) -> Vec<Fared> {
    let start = Arc::new(tokio::sync::Barrier::new(KIOSKS));
    let mut kiosks = JoinSet::new();
    for one in returning {
        let start = start.clone();
        kiosks.spawn(async move {
            start.wait().await;
            one.send_everything(address).await
        });
    }
    kiosks.join_all().await
}

impl Returning {
    async fn send_everything(self, address: SocketAddr) -> Fared {
        let begun = Instant::now();
        let (mut connected, mut failures, mut sent) = (None, Vec::new(), 0);
        while sent < self.batches.len() {
            if let Err(failure) = self.send_from(address, begun, &mut connected, &mut sent).await {
                failures.push(failure.to_string());
                tokio::time::sleep(BACKOFF).await;
            }
        }
        let acknowledged = begun.elapsed();
        Fared { connected: connected.unwrap_or(acknowledged), acknowledged, failures }
    }

    /// Sends what isn't acknowledged yet over one connection, as far as it goes.
    async fn send_from(
        &self,
        address: SocketAddr,
        begun: Instant,
        connected: &mut Option<Duration>,
        sent: &mut usize,
    ) -> std::io::Result<()> {
        let mut connection = tokio::time::timeout(ANSWER_WAIT, OfficeConnection::open(address, &self.kiosk)).await??;
        connected.get_or_insert(begun.elapsed());
        while let Some(batch) = self.batches.get(*sent) {
            let acknowledged = tokio::time::timeout(ANSWER_WAIT, connection.send(batch, &self.kiosk)).await??;
            *sent += 1;
            if *sent == self.batches.len() {
                let held: Vec<_> = acknowledged.held.iter().map(|held| (held.sequence, held.head)).collect();
                assert_eq!(held, [self.kiosk.head()], "the office holds the whole chain");
            }
        }
        Ok(())
    }
}
