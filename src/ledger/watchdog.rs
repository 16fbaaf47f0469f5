//! The watchdog: ends the process when the ledger's thread hangs.
//!
//! sled has been seen to hang while opening, and a disk can. A thread that hangs can't be stopped, and leaving it
//! behind would keep its files; so the process ends, its supervisor starts it again, and the note that the watchdog
//! leaves makes the next start set sled's folder aside and make the store anew from the journal.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::disk;
use rustix::process::{Signal, getpid, kill_process};

/// How often the watchdog looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long it waits for its note to be written.
const NOTE_WAIT: Duration = Duration::from_secs(2);

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchedWork {
    pub name: &'static str,
    /// When it hangs, sled is to blame, and is made anew: it isn't when only the journal was being read
    pub uses_sled: bool,
}

/// Watches one thread's work. It looks on until it is dropped.
pub struct Watchdog {
    watched: Arc<Mutex<Watched>>,
    patience: Duration,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Watched {
    /// What is being done, and when it must be done
    work: Option<(WatchedWork, Instant)>,
    ended: bool,
}

impl Watchdog {
    /// `note` is the file that tells the next start why this process ended.
    pub fn start(note: &Path, patience: Duration) -> std::io::Result<Self> {
        let watched = Arc::new(Mutex::new(Watched::default()));
        let (note, looking) = (note.to_owned(), watched.clone());
        let thread = std::thread::Builder::new().name("watchdog".into()).spawn(move || look_on(&looking, &note))?;
        Ok(Self { watched, patience, thread: Some(thread) })
    }

    /// The work that begins now must have made progress within the watchdog's patience: then this is called again, or
    /// [`Self::rest`].
    pub fn watch(&self, work: WatchedWork) {
        lock(&self.watched).work = Some((work, Instant::now() + self.patience));
    }

    /// Nothing is being done.
    pub fn rest(&self) {
        lock(&self.watched).work = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        lock(&self.watched).ended = true;
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It has nothing to say that could matter now.
            let _ = thread.join();
        }
    }
}

fn look_on(watched: &Mutex<Watched>, note: &Path) {
    loop {
        std::thread::park_timeout(LOOK_EVERY);
        let watched = lock(watched);
        if watched.ended {
            return;
        }
        if let Some((work, _)) = watched.work.filter(|(_, until)| Instant::now() > *until) {
            end_process(work, note);
        }
    }
}

/// By SIGKILL: a hanging thread may hold what an orderly end would wait for, and no dump of the memory is left behind.
fn end_process(work: WatchedWork, note: &Path) {
    let WatchedWork { name, uses_sled } = work;
    tracing::error!("{name} hangs: the process ends, to be started again");
    if !uses_sled {
        let _ = kill_process(getpid(), Signal::KILL);
        return;
    }
    let (note, text) = (note.to_owned(), format!("{name} had hung"));
    let (done, noted) = mpsc::channel();
    // On a thread of its own: a disk that hangs must not keep the watchdog, too.
    let noting = std::thread::Builder::new().spawn(move || done.send(disk::write(&note, text.as_bytes())));
    if noting.is_ok() {
        let _ = noted.recv_timeout(NOTE_WAIT);
    }
    let _ = kill_process(getpid(), Signal::KILL);
}

fn lock(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    // Nobody who holds it can panic.
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}
