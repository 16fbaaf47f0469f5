//! The real programs of both sides, with TLS and HTTP, over a network within one thread: its lines are slow, stall, lose
//! segments and break by a seed, and either machine falls and rises at any instant. The time of the network is made up; store
//! and database are real, on real disks, and take real time: a step of the network waits a little for them.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::pin::Pin as Pinned;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Extension;
use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;
use turmoil::net::{TcpListener, TcpStream};

use crate::domain::answers::{Answer, Answers};
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{SetClock, SharedClock};
use crate::domain::declaration::Versions;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::request::Beneficiary;
use crate::domain::signature::Signature;
use crate::ledger::handle::{LedgerHandle, Opening};
use crate::ledger::keeper::Registration;
use crate::ledger::{Identity, mark_new};
use crate::office::database::summary;
use crate::office::tests::support::configuration;
use crate::office::{Office, OfficeConfig, commands, enrolment};
use crate::replication::calls::Calls;
use crate::replication::client::OfficeClient;
use crate::replication::kiosk::{Keeping, Membership, Progress, Side};
use crate::replication::office::ShownKey;
use crate::replication::wire::{Enrolled, Enrolment};
use crate::replication::{office, tls};
use crate::seal::keys::KioskKeys;
use crate::seal::seed::Seed;

const REQUESTS: usize = 60;
/// Each request is two envelopes: itself and its signature.
const PORT: u16 = 7443;
/// What a step of the network stands for, and the least that it really takes: store and database get a fortieth of the time.
const STEP: Duration = Duration::from_millis(20);
const STEP_TAKES: Duration = Duration::from_micros(500);
/// Real time; it only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(300);

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

#[test]
fn every_request_arrives_once_over_lines_that_break_and_between_machines_that_fall() {
    let seed = std::env::var("ISTIQBAL_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from_be_bytes(crate::seal::keys::random()));
    println!("ISTIQBAL_SEED={seed}");
    let world = World::new();
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(STEP)
        .simulation_duration(Duration::from_secs(1_000_000))
        .min_message_latency(Duration::from_millis(5))
        .max_message_latency(Duration::from_millis(800))
        .build();
    let at_office = world.clone();
    sim.host("office", move || at_office.clone().office());
    let at_kiosk = world.clone();
    sim.host("kiosk", move || at_kiosk.clone().kiosk());
    let mut chance = Chance(seed);
    let begun = Instant::now();
    let mut faults = [0; 4];
    let mut steps_to_fault = 100;
    while !world.is_done() {
        assert!(begun.elapsed() < PATIENCE, "after {:?}: {:?}", sim.elapsed(), world.progress());
        sim.step().unwrap();
        std::thread::sleep(STEP_TAKES);
        steps_to_fault -= 1;
        if steps_to_fault > 0 {
            continue;
        }
        // Faults end when all requests are registered: then everything must arrive by itself.
        let calm = world.registered() == REQUESTS && faults.iter().all(|count| *count > 0);
        sim.repair("kiosk", "office");
        sim.release("kiosk", "office");
        let fault = chance.below(4);
        steps_to_fault = 50 + chance.below(400);
        if calm {
            continue;
        }
        faults[fault] += 1;
        match fault {
            // What is under way stalls, and comes late.
            0 => sim.hold("kiosk", "office"),
            // What is under way is lost.
            1 => sim.partition("kiosk", "office"),
            2 => {
                sim.crash("office");
                sim.bounce("office");
            }
            _ => {
                sim.crash("kiosk");
                world.wait_for_closed_store();
                sim.bounce("kiosk");
            }
        }
    }
    println!("{:?} of the network's time, faults (stall, break, office falls, kiosk falls): {faults:?}", sim.elapsed());
    drop(sim);
    let counts = world.counts();
    assert_eq!((counts.requests, counts.forks, counts.gaps, counts.damaged), (REQUESTS as u64, 0, 0, 0));
}

/// What both machines have on their disks, and what is known of them from outside.
#[derive(Clone)]
struct World {
    shared: Arc<Shared>,
}

struct Shared {
    folder: tempfile::TempDir,
    config: OfficeConfig,
    catalogue: Arc<Catalogue>,
    clock: Arc<SetClock>,
    enrolled: Enrolled,
    membership: Membership,
    /// Requests that are durable at the kiosk
    registered: AtomicUsize,
    /// All of them have registered, and nothing of it is left to send
    all_acknowledged: AtomicBool,
    progress: Mutex<Option<watch::Receiver<Progress>>>,
    /// Of the kiosk's store: joined before it is opened again
    store: Mutex<Option<std::thread::JoinHandle<()>>>,
}

fn kiosk_keys() -> KioskKeys {
    KioskKeys::from_seed(&Seed::fixed(7))
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = configuration(folder.path());
        let clock = SetClock::at("2026-11-23T08:00:00Z".parse().unwrap());
        let catalogue = Arc::new(Catalogue::read(&config.catalogue).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let shared_clock: SharedClock = clock.clone();
        let grown = runtime.block_on(async {
            commands::init(&config).await.unwrap();
            let reached = OfficeConfig { replication_address: Some(format!("office:{PORT}")), ..config.clone() };
            let invite = commands::invite(&reached, &shared_clock, chrono::TimeDelta::hours(1)).await.unwrap();
            let office = Office::unlistening(&config, catalogue.clone(), shared_clock.clone()).await;
            let keys = kiosk_keys();
            let enrolment = Enrolment { code: invite.code, name: "بهو".into(), proving_key: keys.proving_key() };
            let pin = tls::pin_of_secret(keys.tls_secret()).unwrap();
            let enrolled = enrolment::enrol(&office, pin, &enrolment).await.unwrap();
            office.database.close().await;
            enrolled
        });
        let (enrolled, signed) = (grown.first, grown.more.unwrap());
        let (keys, name) = (kiosk_keys(), "بهو".into());
        let membership = Membership { keys, terms: signed.terms, signature: Some(signed.verified().unwrap()), name };
        mark_new(&folder.path().join("kiosk")).unwrap();
        let shared = Shared {
            folder,
            config,
            catalogue,
            clock,
            enrolled,
            membership,
            registered: AtomicUsize::new(0),
            all_acknowledged: AtomicBool::new(false),
            progress: Mutex::new(None),
            store: Mutex::new(None),
        };
        Self { shared: Arc::new(shared) }
    }

    fn clock(&self) -> SharedClock {
        self.shared.clock.clone()
    }

    fn registered(&self) -> usize {
        self.shared.registered.load(Ordering::SeqCst)
    }

    fn progress(&self) -> (usize, Option<Progress>) {
        let progress = self.shared.progress.lock().unwrap();
        (self.registered(), progress.as_ref().map(|progress| *progress.borrow()))
    }

    fn is_done(&self) -> bool {
        let (registered, progress) = self.progress();
        let all_sent = self.shared.all_acknowledged.load(Ordering::SeqCst);
        registered == REQUESTS && all_sent && progress.is_some_and(|progress| progress.all_heard)
    }

    fn counts(&self) -> summary::Counts {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let office = Office::unlistening(&self.shared.config, self.shared.catalogue.clone(), self.clock()).await;
            let mut reading = office.database.read().await.unwrap();
            summary::counts(&mut reading).await.unwrap()
        })
    }

    /// The office's machine.
    async fn office(self) -> Outcome {
        let Shared { config, catalogue, .. } = &*self.shared;
        let office = Arc::new(Office::unlistening(config, catalogue.clone(), self.clock()).await);
        let acceptor = TlsAcceptor::from(Arc::new(tls::server_config(office.keys.now().tls_secret())?));
        let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
        loop {
            let (line, _) = listener.accept().await?;
            let (acceptor, office) = (acceptor.clone(), office.clone());
            tokio::spawn(async move {
                let Ok(line) = acceptor.accept(line).await else { return };
                let caller = ShownKey::of(line.get_ref().1.peer_certificates().unwrap_or_default());
                let routes = office::routes(office).layer(Extension(caller));
                let service = TowerToHyperService::new(routes);
                // A line that breaks ends it; so it is meant.
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(line), service).await;
            });
        }
    }

    /// The kiosk's machine: visitors come while it replicates.
    async fn kiosk(self) -> Outcome {
        let Shared { folder, enrolled, .. } = &*self.shared;
        let keys = kiosk_keys();
        let identity = Identity::new(kiosk_keys(), enrolled.kiosk, enrolled.epoch, enrolled.sealing_key);
        let opening =
            Opening { folder: folder.path().join("kiosk"), identity, clock: self.clock(), patience: PATIENCE };
        let (ledger, report, thread) = LedgerHandle::start(opening, &|_| {}, |_| {})?;
        *self.shared.store.lock().unwrap() = Some(thread);
        assert_eq!(report.lost, []);
        let client = OfficeClient::over(Line, &format!("office:{PORT}"), office_pin(&self), &keys)?;
        let wake = Arc::new(Notify::new());
        let (report, progress) = watch::channel(Progress::default());
        *self.shared.progress.lock().unwrap() = Some(progress);
        let side = Side {
            client,
            office: enrolled.proving_key,
            ledger: ledger.clone(),
            batch_minimum: 5,
            wake: wake.clone(),
            report,
            calls: Calls::new(),
            printer: watch::channel(PrinterState::Off).1,
            membership: RefCell::new(self.shared.membership.clone()),
            keeping: RefCell::new(Keeping {
                on_catalogue: Box::new(|_| Ok(())),
                on_enrolment: Box::new(|_| panic!("nothing of the enrolment changes here")),
            }),
            told_witness: Cell::new(None),
            has_asked: Cell::new(false),
        };
        let (_stop, stopped) = watch::channel(false);
        tokio::join!(side.run(stopped), self.visitors(ledger, wake));
        Ok(())
    }

    /// One after another registers, each when the one before has the receipt.
    async fn visitors(&self, ledger: LedgerHandle, wake: Arc<Notify>) {
        while self.registered() < REQUESTS {
            let (tell, told) = tokio::sync::oneshot::channel();
            let world = self.clone();
            let count = move |done: Result<_, _>| {
                done.unwrap();
                // Counted where it becomes durable: the machine may fall before anybody hears of it.
                world.shared.registered.fetch_add(1, Ordering::SeqCst);
                let _ = tell.send(());
            };
            ledger.commit(|keeper| keeper.register(registration()), count);
            told.await.unwrap();
            wake.notify_one();
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        // Asked after the last one only: what the replication reported before says nothing of that one.
        loop {
            let left = ledger.ask(|keeper| keeper.ledger().unacknowledged_count()).await.unwrap().unwrap();
            self.shared.all_acknowledged.store(left == 0, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// A machine that has fallen has let go of its disk before it rises.
    fn wait_for_closed_store(&self) {
        if let Some(thread) = self.shared.store.lock().unwrap().take() {
            thread.join().unwrap();
        }
    }
}

fn office_pin(world: &World) -> crate::replication::invite::Pin {
    let keys = crate::seal::keys::OfficeKeys::read(&world.shared.config.data).unwrap();
    tls::pin_of_secret(keys.tls_secret()).unwrap()
}

fn registration() -> Registration {
    let mut answers = Answers::default();
    answers.set("service", Answer::Choice("food_basket".into()));
    Registration {
        language: Language::Arabic,
        beneficiary: Beneficiary::External,
        versions: Versions { catalogue: 1, declaration: 1, privacy_notice: 1, policy: 1 },
        answers,
        documents: Default::default(),
        signature: Signature::from_fractions(&[vec![(0.1, 0.5), (0.4, 0.2)]]).unwrap(),
    }
}

/// A line of the made-up network, where the program has TCP.
#[derive(Clone)]
struct Line;

impl tower::Service<Uri> for Line {
    type Response = LineStream;
    type Error = io::Error;
    type Future = Pinned<Box<dyn Future<Output = io::Result<LineStream>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        Box::pin(async move {
            let host = address.host().unwrap_or_default().to_owned();
            let stream = TcpStream::connect((host, address.port_u16().unwrap_or(PORT))).await?;
            Ok(LineStream(TokioIo::new(stream)))
        })
    }
}

struct LineStream(TokioIo<TcpStream>);

impl Connection for LineStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for LineStream {
    fn poll_read(
        mut self: Pinned<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pinned::new(&mut self.0).poll_read(context, into)
    }
}

impl Write for LineStream {
    fn poll_write(mut self: Pinned<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pinned::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pinned<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pinned::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pinned<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pinned::new(&mut self.0).poll_shutdown(context)
    }
}

/// SplitMix64: the same faults for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}
