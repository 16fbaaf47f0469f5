//! A commit while 10,000 envelopes wait for the office, and while they are sent. The office is played in this process:
//! it takes each batch, and answers with its word; on a real kiosk it is another machine.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;

use chrono::Utc;
use istiqbal::domain::clock::SystemClock;
use istiqbal::ledger::handle::{LedgerHandle, Opening};
use istiqbal::ledger::keeper::Registration;
use istiqbal::ledger::{Identity, Ledger};
use istiqbal::replication::wire::{Acknowledgement, BATCH_ENVELOPES_MAX, Held, Incarnation};
use istiqbal::seal::envelope::Envelope;

use crate::support::{PATIENCE, Times, identity, micros, now, open, ratio, registration, verdict};

const BACKLOG: usize = 10_000;
const COMMITS: usize = 1000;
const LIMIT: f64 = 2.0;

pub fn run(folder: &Path) {
    let identity = identity();
    let folder = folder.join("drain");
    let (idle, backlog, draining, drained) = {
        let idle = measure(&folder.join("idle"), &identity, |_| {});
        let with_backlog = folder.join("backlog");
        fill(&with_backlog, &identity);
        let backlog = measure(&with_backlog, &identity, |_| {});
        let sent = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = sent.clone();
        let draining = measure(&with_backlog, &identity, move |handle| drain(&handle, &counted));
        (idle, backlog, draining, sent.load(Ordering::Relaxed))
    };
    println!("commit through the keeper's thread, from the call to the answer ({COMMITS} commits)");
    println!("{:<44} {:>10} {:>10}", "", "median", "p99");
    for (name, times) in [
        ("nothing waits for the office".to_owned(), &idle),
        (format!("{BACKLOG} envelopes wait"), &backlog),
        (format!("while they are sent ({drained} meanwhile)"), &draining),
    ] {
        let share = ratio(times.p99(), idle.p99());
        println!(
            "{name:<44} {} {}   p99 ÷ idle {share:.2}, limit {LIMIT}: {}",
            micros(times.median()),
            micros(times.p99()),
            verdict(share, LIMIT)
        );
    }
    println!();
}

fn fill(folder: &Path, identity: &Identity) {
    let (mut ledger, _) = open(folder, identity);
    for _ in 0..BACKLOG / 64 {
        for _ in 0..32 {
            let records = registration(&mut ledger);
            ledger.stage(&records, now()).expect("it is staged");
        }
        ledger.sync().and_then(|()| ledger.apply()).expect("it is written");
    }
    ledger.close().expect("it closes");
}

/// Commits one registration after the other, while `beside` goes on on another thread.
fn measure(folder: &Path, identity: &Identity, beside: impl FnOnce(Beside) + Send + 'static) -> Times {
    let opening = Opening {
        folder: folder.to_owned(),
        identity: identity.clone(),
        clock: SystemClock::shared(),
        patience: PATIENCE,
    };
    let (handle, _, thread) = LedgerHandle::start(opening, &|_| {}, |_| {}).expect("the ledger opens");
    let ended = Arc::new(AtomicBool::new(false));
    let working = {
        let beside_handle = Beside { handle: handle.clone(), ended: ended.clone() };
        std::thread::spawn(move || beside(beside_handle))
    };
    let mut times = Times::default();
    let (send, received) = mpsc::channel();
    for _ in 0..COMMITS {
        let registration = handle.wait(|keeper| visitor(keeper.ledger())).expect("the keeper answers");
        let send = send.clone();
        let begun = Instant::now();
        handle.commit(
            move |keeper| keeper.register(registration),
            move |registered| drop(send.send(registered.map(|_| begun.elapsed()))),
        );
        times.add(received.recv().expect("an answer").expect("it is durable"));
    }
    ended.store(true, Ordering::Relaxed);
    working.join().expect("it ended");
    drop(handle);
    thread.join().expect("the ledger closes");
    times
}

struct Beside {
    handle: LedgerHandle,
    ended: Arc<AtomicBool>,
}

fn visitor(ledger: &mut Ledger) -> Registration {
    use istiqbal::domain::record::Record;
    let [signature, request] = registration(ledger);
    let (Record::Signature { signature, .. }, Record::Request(request)) = (signature, request) else {
        unreachable!("a registration is a signature and a request")
    };
    Registration {
        language: request.language,
        beneficiary: request.beneficiary,
        versions: request.versions,
        answers: request.answers,
        documents: request.documents,
        signature,
    }
}

/// Takes batches as replication does, and gives the office's word for them.
fn drain(beside: &Beside, sent: &std::sync::atomic::AtomicUsize) {
    while !beside.ended.load(Ordering::Relaxed) {
        let batch = istiqbal::replication::kiosk::next_batch(&beside.handle, 0, BATCH_ENVELOPES_MAX);
        let batch = futures(batch).expect("the keeper answers");
        let Some(last) = batch.last() else { continue };
        let header = Envelope::decode(last).expect("it is an envelope").header;
        let held =
            Held { epoch: header.epoch, sequence: header.sequence, head: header.hash(), backed_up_through: None };
        let acknowledgement = Acknowledgement {
            kiosk: header.kiosk,
            incarnation: Incarnation([0; 16]),
            held: vec![held],
            office_time: Utc::now(),
            trail_head: [0; 32],
            backups: None,
        };
        let count = batch.len();
        let taken =
            beside.handle.wait(move |keeper| keeper.acknowledge(&acknowledgement, &batch)).expect("the keeper answers");
        taken.expect("it is taken");
        sent.fetch_add(count, Ordering::Relaxed);
    }
}

fn futures<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(work)
}
