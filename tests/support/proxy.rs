//! A bad line between a kiosk and its office: it passes, delays, stalls and cuts what goes through it, as the dice fall.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::random::Random;

/// Beyond a handshake and questions for changes: so many bytes to the office hold envelopes.
const BATCH_BYTES: u64 = 8 * 1024;
/// What passes at once; less than a batch.
const PIECE_BYTES: usize = 4 * 1024;

/// What a connection has to suffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    /// Each piece comes late
    Delay(Duration),
    /// Cut after so many bytes to the office
    CutUp(u64),
    /// Cut after so many bytes to the kiosk
    CutDown(u64),
    /// After so many bytes to the office nothing moves for a moment, then it is cut
    Stall(u64, Duration),
    /// The office has answered a batch, and the kiosk never hears it: it must send the same again
    LoseAnswer,
}

impl Trouble {
    const KINDS: usize = 6;

    fn of_kind(kind: usize, random: &mut Random) -> Self {
        match kind {
            0 => Self::None,
            1 => Self::Delay(random.instant(1..10)),
            2 => Self::CutUp(random.below(100_000)),
            3 => Self::CutDown(random.below(4_000)),
            4 => Self::Stall(random.below(100_000), random.instant(50..500)),
            _ => Self::LoseAnswer,
        }
    }
}

/// Where a line leads, and how it is.
struct Line {
    office: SocketAddr,
    random: Mutex<Dealer>,
    /// Nothing happens to new connections any more
    is_calm: AtomicBool,
    connections: AtomicU64,
    cuts: AtomicU64,
    lost_answers: AtomicU64,
}

/// Deals each kind of trouble once before any comes again, so that none is left out.
struct Dealer {
    random: Random,
    left: Vec<usize>,
}

impl Dealer {
    fn deal(&mut self) -> Trouble {
        if self.left.is_empty() {
            self.left = (0..Trouble::KINDS).collect();
        }
        let place = self.random.below(self.left.len() as u64) as usize;
        let kind = self.left.swap_remove(place);
        Trouble::of_kind(kind, &mut self.random)
    }
}

/// The proxy; it listens until the test's process ends.
pub struct Proxy {
    /// `127.0.0.1:port`, which the kiosk takes for the office
    pub address: String,
    line: Arc<Line>,
}

impl Proxy {
    pub fn start(office: &str, random: Random) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let line = Arc::new(Line {
            office: office.parse().unwrap(),
            random: Mutex::new(Dealer { random, left: Vec::new() }),
            // A kiosk joins undisturbed.
            is_calm: AtomicBool::new(true),
            connections: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            lost_answers: AtomicU64::new(0),
        });
        let accepting = line.clone();
        thread::spawn(move || {
            for kiosk in listener.incoming() {
                let line = accepting.clone();
                thread::spawn(move || connect(&line, kiosk.unwrap()));
            }
        });
        Self { address, line }
    }

    /// Troubles what connects from now on, or leaves it in peace.
    pub fn trouble(&self, is_on: bool) {
        self.line.is_calm.store(!is_on, Ordering::SeqCst);
    }

    pub fn connections(&self) -> u64 {
        self.line.connections.load(Ordering::SeqCst)
    }

    /// Connections that it has cut.
    pub fn cuts(&self) -> u64 {
        self.line.cuts.load(Ordering::SeqCst)
    }

    /// Answers to batches that never arrived.
    pub fn lost_answers(&self) -> u64 {
        self.line.lost_answers.load(Ordering::SeqCst)
    }
}

/// One connection through the line; both directions share how much went to the office since it last answered.
fn connect(line: &Arc<Line>, kiosk: TcpStream) {
    // Without an office the connection ends at once, like one that is refused.
    let Ok(office) = TcpStream::connect(line.office) else { return };
    line.connections.fetch_add(1, Ordering::SeqCst);
    let is_calm = line.is_calm.load(Ordering::SeqCst);
    let trouble = if is_calm { Trouble::None } else { line.random.lock().unwrap().deal() };
    for end in [&kiosk, &office] {
        end.set_nodelay(true).unwrap();
    }
    let asked = Arc::new(AtomicU64::new(0));
    let (from, to) = (kiosk.try_clone().unwrap(), office.try_clone().unwrap());
    let up = Direction { line: line.clone(), from, to, is_up: true, trouble, asked: asked.clone() };
    let down = Direction { line: line.clone(), from: office, to: kiosk, is_up: false, trouble, asked };
    let upwards = thread::spawn(move || up.pump());
    down.pump();
    upwards.join().unwrap();
}

/// One way through a connection.
struct Direction {
    line: Arc<Line>,
    from: TcpStream,
    to: TcpStream,
    is_up: bool,
    trouble: Trouble,
    /// Bytes to the office since its last answer
    asked: Arc<AtomicU64>,
}

impl Direction {
    /// Hands on what comes, until either end closes or the trouble cuts it; closes both ends.
    fn pump(mut self) {
        let mut piece = [0; PIECE_BYTES];
        let mut passed = 0;
        while let Ok(length @ 1..) = self.from.read(&mut piece) {
            let Some(allowed) = self.suffer(passed, length as u64) else { break };
            // What is cut goes as far as it may: half a message arrives.
            if self.to.write_all(&piece[..allowed as usize]).is_err() || allowed < length as u64 {
                break;
            }
            passed += allowed;
        }
        // The peer may have closed it before.
        let _ = self.from.shutdown(Shutdown::Both);
        let _ = self.to.shutdown(Shutdown::Both);
    }

    /// How many of these bytes may pass, behind those that have; fewer, or `None`, when it is cut here.
    fn suffer(&self, passed: u64, length: u64) -> Option<u64> {
        let asked = if self.is_up {
            self.asked.fetch_add(length, Ordering::SeqCst) + length
        } else {
            self.asked.swap(0, Ordering::SeqCst)
        };
        match self.trouble {
            Trouble::Delay(by) => thread::sleep(by),
            Trouble::CutUp(after) if self.is_up => return self.cut(passed, length, after, Duration::ZERO),
            Trouble::CutDown(after) if !self.is_up => return self.cut(passed, length, after, Duration::ZERO),
            Trouble::Stall(after, by) if self.is_up => return self.cut(passed, length, after, by),
            Trouble::LoseAnswer if !self.is_up && asked >= BATCH_BYTES => {
                self.line.lost_answers.fetch_add(1, Ordering::SeqCst);
                return None;
            }
            _ => {}
        }
        Some(length)
    }

    fn cut(&self, passed: u64, length: u64, after: u64, wait: Duration) -> Option<u64> {
        if passed + length <= after {
            return Some(length);
        }
        thread::sleep(wait);
        self.line.cuts.fetch_add(1, Ordering::SeqCst);
        Some(after - passed)
    }
}
