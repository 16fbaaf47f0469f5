//! emupos, a receipt printer played by foreign hands: it reads our bytes, draws them, answers as an Epson TM-T20III does, and has
//! the faults that it knows.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use istiqbal::domain::printer::PrinterState;
use istiqbal::domain::printout::Outcome;
use istiqbal::receipt::printer::{Address, Connection};
use tempfile::TempDir;

use super::{Bench, PATIENCE, receipt};
use crate::support::zbar;

/// A running emupos; ended when dropped.
struct Emupos {
    child: Child,
    folder: TempDir,
    api: u16,
    address: String,
}

impl Emupos {
    /// `None` where it isn't installed, which is said by the set-up (`tests/python.sh`).
    fn start() -> Option<Self> {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python/emupos/bin/emupos");
        if !program.exists() {
            println!("SKIPPED: emupos isn't installed: see tests/python.sh");
            return None;
        }
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (api, port) = (free(), free());
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "schema: 1\napi: {{ host: 127.0.0.1, port: {api} }}\ndevices:\n  - id: front\n    type: printer\n    profile: \
             epson-tm-t20iii\n    receipts_dir: ./receipts\n    connections:\n      - tcp: {{ port: {port} }}\n"
        );
        std::fs::write(folder.path().join("emupos.yaml"), config).unwrap();
        let mut command = Command::new(program);
        command.arg("run").current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut ready = lines.map_while(Result::ok).skip_while(|line| !line.starts_with("Showing events"));
        assert!(ready.next().is_some(), "emupos doesn't start");
        // Its events would fill the pipe.
        std::thread::spawn(move || ready.count());
        Some(Self { child, folder, api, address: format!("tcp://127.0.0.1:{port}") })
    }

    /// Sets a fault (`PUT`), or clears it (`DELETE`).
    fn fault(&self, method: &str, fault: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.api)).unwrap();
        let head = format!("{method} /api/v1/devices/front/faults/{fault} HTTP/1.1\r\nHost: 127.0.0.1:{}", self.api);
        write!(stream, "{head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 204"), "{method} {fault}: {answer}");
    }

    /// The receipts it has drawn, waited for.
    fn receipts(&self, count: usize) -> Vec<PathBuf> {
        let until = Instant::now() + PATIENCE;
        loop {
            let entries = std::fs::read_dir(self.folder.path().join("receipts")).into_iter().flatten().flatten();
            let paths = entries.map(|entry| entry.path());
            let mut pictures: Vec<_> =
                paths.filter(|path| path.extension().is_some_and(|ending| ending == "png")).collect();
            pictures.sort();
            if pictures.len() >= count {
                return pictures;
            }
            assert!(Instant::now() < until, "{} of {count} receipts", pictures.len());
            std::thread::yield_now();
        }
    }
}

impl Drop for Emupos {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn foreign_hands_print_the_receipt_and_name_each_trouble() {
    let Some(emupos) = Emupos::start() else { return };
    let address = Address::try_from(emupos.address.clone()).unwrap();
    let connection = Connection::open(&address).unwrap().unwrap();
    assert_eq!(connection.ask().unwrap(), PrinterState::Ready);
    assert_eq!(connection.names(), ["EPSON", "TM-T20III"]);
    drop(connection);

    let bench = Bench::at(&emupos.address);
    bench.wait_for(PrinterState::Ready);
    // It doesn't know `GS ( H`: its status is its word.
    assert_eq!(bench.print(), Outcome::Confirmed);
    let registered = receipt().registered;
    let digits = format!("{}{}", registered.tracking_number, registered.code.as_str());
    assert_eq!(zbar(&emupos.receipts(1)[0]), [digits.as_str()]);

    for (fault, state) in [
        ("paper-out", PrinterState::PaperOut),
        ("cover-open", PrinterState::CoverOpen),
        ("offline", PrinterState::Offline),
    ] {
        emupos.fault("PUT", fault);
        bench.wait_for(state);
        assert_eq!(bench.print(), Outcome::Failed, "{fault}");
        emupos.fault("DELETE", fault);
        bench.wait_for(PrinterState::Ready);
    }
    emupos.fault("PUT", "paper-near-end");
    bench.wait_for(PrinterState::PaperLow);
    assert_eq!(bench.print(), Outcome::Confirmed);
    let receipts = emupos.receipts(2);
    assert_eq!(receipts.len(), 2, "what failed doesn't come out by surprise");
    assert_eq!(zbar(&receipts[1]), [digits.as_str()]);
}
