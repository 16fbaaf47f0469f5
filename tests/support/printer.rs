//! A printer that misbehaves as real ones do: it stalls, loses its paper, is unplugged, talks nonsense, or reads 45 bytes at a
//! time. It listens on TCP, or sits behind a serial line.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use istiqbal::receipt::bitmap::Bitmap;
use istiqbal::receipt::paper::{Dialect, Paper, PaperCondition};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// How long its threads wait for bytes before they look at what has changed.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(30);
const PAPER_DOTS: usize = 576;

/// What is wrong with it, beside the condition of its paper.
#[derive(Clone, Debug)]
pub struct Faults {
    /// So many bytes it reads at once …
    pub portion: usize,
    /// … and rests for so long after each
    pub rest: Duration,
    /// After so many bytes it does what `then` says
    pub after: Option<usize>,
    pub then: Then,
    /// It talks all the time, and says nothing
    pub babbles: bool,
    /// Whoever connects is turned away
    pub unplugged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It reads no more, and answers no more
    Stall,
    /// The roll ends
    PaperOut,
    OpenCover,
    /// It is switched off
    Unplug,
}

impl Default for Faults {
    fn default() -> Self {
        Self { portion: 4096, rest: Duration::ZERO, after: None, then: Then::Stall, babbles: false, unplugged: false }
    }
}

/// A printer that misbehaves.
pub struct FakePrinter {
    shared: Arc<Mutex<Inside>>,
    /// As the kiosk's configuration says it
    pub address: String,
}

struct Inside {
    paper: Paper,
    faults: Faults,
    taken: usize,
    sheets: Vec<Bitmap>,
    errors: Vec<String>,
}

impl FakePrinter {
    /// On any free TCP port.
    pub fn on_tcp(dialect: Dialect) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let shared = Inside::shared(dialect);
        let inside = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Like many a printer, it talks to one at a time.
                if let Err(error) = serve_tcp(&inside, stream) {
                    inside.lock().unwrap().errors.push(error.to_string());
                }
            }
        });
        Self { shared, address: format!("tcp://{address}") }
    }

    /// At the other end of a serial line.
    pub fn on_serial(dialect: Dialect) -> Self {
        let line = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&line).unwrap();
        unlockpt(&line).unwrap();
        let path = PathBuf::from(ptsname(&line, Vec::new()).unwrap().into_string().unwrap());
        let shared = Inside::shared(dialect);
        let inside = shared.clone();
        std::thread::spawn(move || serve_serial(&inside, line));
        Self { shared, address: format!("serial://{}?baud=115200&flow=none", path.display()) }
    }

    pub fn set(&self, faults: Faults) {
        let mut inside = self.shared.lock().unwrap();
        inside.faults = faults;
        inside.taken = 0;
    }

    pub fn set_condition(&self, condition: PaperCondition) {
        let mut inside = self.shared.lock().unwrap();
        inside.paper.set_condition(condition);
        inside.print();
    }

    /// The next cut ends with a stuck cutter.
    pub fn let_cutter_stick(&self) {
        self.shared.lock().unwrap().paper.let_cutter_stick();
    }

    /// Somebody has put everything right: paper, cover, cutter, plug.
    pub fn repair(&self) {
        self.set(Faults::default());
        self.set_condition(PaperCondition::default());
    }

    /// What was cut off, in order.
    pub fn sheets(&self) -> Vec<Bitmap> {
        self.shared.lock().unwrap().sheets.clone()
    }

    /// Waits until so many sheets were cut off.
    pub fn wait_for_sheets(&self, count: usize) -> Vec<Bitmap> {
        let until = Instant::now() + PATIENCE;
        loop {
            let sheets = self.sheets();
            if sheets.len() >= count {
                return sheets;
            }
            assert!(Instant::now() < until, "{} of {count} sheets", sheets.len());
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until it has taken the bytes after which a fault comes.
    pub fn wait_for_fault(&self) {
        let until = Instant::now() + PATIENCE;
        while !self.shared.lock().unwrap().is_at_fault() {
            assert!(Instant::now() < until, "the fault didn't come");
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Commands that no receipt has.
    pub fn errors(&self) -> Vec<String> {
        self.shared.lock().unwrap().errors.clone()
    }
}

impl Inside {
    fn shared(dialect: Dialect) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            paper: Paper::in_printer(PAPER_DOTS, dialect),
            faults: Faults::default(),
            taken: 0,
            sheets: Vec::new(),
            errors: Vec::new(),
        }))
    }

    fn is_at_fault(&self) -> bool {
        self.faults.after.is_some_and(|after| self.taken >= after)
    }

    fn is_off(&self) -> bool {
        self.faults.unplugged || self.is_at_fault() && self.faults.then == Then::Unplug
    }

    fn takes_bytes(&self) -> bool {
        // A printer that can't go on fills its buffer, and takes nothing more.
        self.paper.waiting() < 8192 + 8 && !(self.is_at_fault() && self.faults.then == Then::Stall)
    }

    /// How many bytes it reads now.
    fn portion(&self) -> usize {
        match self.faults.after {
            Some(after) if after > self.taken => self.faults.portion.min(after - self.taken),
            _ => self.faults.portion,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.taken += bytes.len();
        match self.paper.feed(bytes) {
            Ok(sheets) => self.sheets.extend(sheets),
            Err(error) => self.errors.push(error.to_string()),
        }
        if self.is_at_fault() {
            let well = self.paper.condition();
            match self.faults.then {
                Then::PaperOut => self.paper.set_condition(PaperCondition { paper_out: true, ..well }),
                Then::OpenCover => self.paper.set_condition(PaperCondition { cover_open: true, ..well }),
                Then::Stall | Then::Unplug => {}
            }
        }
    }

    fn print(&mut self) {
        match self.paper.go_on() {
            Ok(sheets) => self.sheets.extend(sheets),
            Err(error) => self.errors.push(error.to_string()),
        }
    }

    fn words(&mut self) -> Vec<u8> {
        if self.faults.babbles {
            self.paper.take_answers();
            return vec![0x9f, 0x12, 0x00, 0xc3, 0x37, 0x22, 0x80];
        }
        if self.is_at_fault() && self.faults.then == Then::Stall {
            self.paper.take_answers();
        }
        self.paper.take_answers()
    }
}

fn serve_tcp(shared: &Mutex<Inside>, mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(LOOK_EVERY))?;
    stream.set_nodelay(true)?;
    loop {
        if shared.lock().unwrap().is_off() {
            // What was in it is gone when it is switched on again.
            shared.lock().unwrap().paper.restart();
            return Ok(());
        }
        if !serve_some(shared, &mut stream)? {
            return Ok(());
        }
    }
}

fn serve_serial(shared: &Mutex<Inside>, line: OwnedFd) {
    let flags = rustix::fs::fcntl_getfl(&line).unwrap();
    rustix::fs::fcntl_setfl(&line, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut line = File::from(line);
    loop {
        // Nobody has the other end open: it may come.
        if serve_some(shared, &mut line).is_err() {
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// Reads a portion and says what there is to say; false when the line has ended.
fn serve_some(shared: &Mutex<Inside>, line: &mut (impl Read + Write)) -> io::Result<bool> {
    let (takes, portion, rest) = {
        let inside = shared.lock().unwrap();
        (inside.takes_bytes(), inside.portion(), inside.faults.rest)
    };
    let mut bytes = vec![0; portion];
    if takes {
        match line.read(&mut bytes) {
            Ok(0) => return Ok(false),
            Ok(count) => shared.lock().unwrap().take(&bytes[..count]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                std::thread::sleep(LOOK_EVERY);
            }
            Err(error) => return Err(error),
        }
    } else {
        std::thread::sleep(LOOK_EVERY);
    }
    std::thread::sleep(rest);
    let words = shared.lock().unwrap().words();
    match line.write_all(&words) {
        // Nobody listens: a printer doesn't mind.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
        other => other.map(|()| true),
    }
}
