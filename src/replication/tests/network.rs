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
use sqlx::Connection as _;
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;
use turmoil::net::{TcpListener, TcpStream};

use crate::domain::answers::{Answer, Answers};
use crate::domain::catalogue::Catalogue;
use crate::domain::chance::Chance;
use crate::domain::clock::{SetClock, SharedClock};
use crate::domain::declaration::Versions;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::request::Beneficiary;
use crate::domain::signature::Signature;
use crate::ledger::handle::{LedgerHandle, Opening};
use crate::ledger::keeper::{KeeperError, Registered, Registration};
use crate::ledger::{Identity, Standing, mark_new};
use crate::office::database::{Database, connect_options, knocks, summary};
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
    let mut sim = world.machines(seed);
    let mut chance = Chance::of(seed);
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
        let fault = chance.below(4) as usize;
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

/// An office that was restored from a backup older than its kiosk: the kiosk takes no request more, knocks, and goes on by
/// itself once a person has let it in. Everything that it holds arrives.
#[test]
fn a_kiosk_that_is_no_longer_known_knocks_and_reopens_by_itself() {
    let world = World::new();
    let mut sim = world.machines(1);
    world.step_until(&mut sim, "some are registered", || world.registered() >= 5);
    world.step_until(&mut sim, "the office has forgotten all", || world.forget_all().is_ok());
    sim.crash("office");
    world.accept_that();
    sim.bounce("office");
    world.step_until(&mut sim, "it refuses", || world.shared.refused.load(Ordering::SeqCst) > 0);
    world.step_until(&mut sim, "it knocks", || world.knocks() == 1);
    let says_so = || world.progress().1.is_some_and(|progress| progress.standing == Standing::NotKnown);
    world.step_until(&mut sim, "it says so", says_so);
    assert!(world.registered() < REQUESTS);
    world.step_until(&mut sim, "it is let in", || world.let_in().is_ok());
    world.step_until(&mut sim, "everything has arrived", || world.is_done());
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
    /// Of visitors who came while the office didn't know the kiosk
    refused: AtomicUsize,
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
            refused: AtomicUsize::new(0),
            all_acknowledged: AtomicBool::new(false),
            progress: Mutex::new(None),
            store: Mutex::new(None),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Both machines, at their beginning.
    fn machines(&self, seed: u64) -> turmoil::Sim<'static> {
        let mut sim = turmoil::Builder::new()
            .rng_seed(seed)
            .tick_duration(STEP)
            .simulation_duration(Duration::from_secs(1_000_000))
            .min_message_latency(Duration::from_millis(5))
            .max_message_latency(Duration::from_millis(800))
            .build();
        let (at_office, at_kiosk) = (self.clone(), self.clone());
        sim.host("office", move || at_office.clone().office());
        sim.host("kiosk", move || at_kiosk.clone().kiosk());
        sim
    }

    fn step_until(&self, sim: &mut turmoil::Sim<'static>, what: &str, is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < PATIENCE, "{what}, after {:?}: {:?}", sim.elapsed(), self.progress());
            for _ in 0..20 {
                sim.step().unwrap();
                std::thread::sleep(STEP_TAKES);
            }
        }
    }

    /// Makes the office's database what it was before anybody joined. It may be written to at this moment: then an error.
    fn forget_all(&self) -> Result<(), sqlx::Error> {
        let path = self.shared.config.database_path();
        let options = connect_options(&path).foreign_keys(false).busy_timeout(Duration::from_millis(20));
        outside(async {
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
            let mut writing = connection.begin_with("BEGIN IMMEDIATE").await?;
            let tables: Vec<String> = sqlx::query_scalar(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                 AND name NOT IN ('schema_version', 'office', 'backup', 'catalogue')",
            )
            .fetch_all(&mut *writing)
            .await?;
            for table in tables {
                sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *writing).await?;
            }
            sqlx::query("UPDATE office SET incarnation = $1, trail_length = 0, trail_head = $2")
                .bind(crate::seal::keys::random::<16>().to_vec())
                .bind(vec![0; 32])
                .execute(&mut *writing)
                .await?;
            writing.commit().await
        })
    }

    /// As after `serve --accept-rollback`.
    fn accept_that(&self) {
        outside(async {
            let database = Database::open(&self.shared.config.database_path()).await.unwrap();
            database.count_from_here().await.unwrap();
            database.close().await;
        });
    }

    fn knocks(&self) -> usize {
        outside(async {
            let Ok(database) = Database::open(&self.shared.config.database_path()).await else { return 0 };
            let all = knocks::all(&mut database.read().await.unwrap()).await.unwrap();
            database.close().await;
            all.len()
        })
    }

    /// A person says yes. The database may be written to at this moment: then an error.
    fn let_in(&self) -> Result<(), commands::CommandError> {
        let Shared { config, enrolled, .. } = &*self.shared;
        outside(commands::let_in(config, &self.clock(), enrolled.kiosk)).map(drop)
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
            let count = move |done: Result<_, KeeperError>| {
                let count = match done {
                    Err(KeeperError::NotKnown) => &world.shared.refused,
                    other => other.map(|_: Registered| &world.shared.registered).unwrap(),
                };
                // Counted where it becomes durable: the machine may fall before anybody hears of it.
                count.fetch_add(1, Ordering::SeqCst);
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

/// Runs something beside the made-up network, between two of its steps.
fn outside<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
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
