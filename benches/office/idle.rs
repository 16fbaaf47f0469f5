//! What a kiosk that nobody uses costs its line: the bytes of its TLS connections, both ways, through a counting relay.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const LIMIT_BYTES_A_MINUTE: u64 = 1000;
/// After so long it has connected, sent its opening and heard everything.
const SETTLED: Duration = Duration::from_secs(20);
/// More than the longest question for changes is held back.
const MINUTES: u64 = 5;

pub fn run(place: &Path) {
    let folder = place.join("idle");
    std::fs::create_dir(&folder).expect("a folder");
    let office_port = free_port();
    let passed = Arc::new(AtomicU64::new(0));
    let relay_port = relay(office_port, passed.clone());
    let catalogue = std::fs::canonicalize("config/catalog.toml").expect("the catalogue");
    let catalogue = catalogue.display();
    let office = folder.join("office.toml");
    let text = format!(
        "data = \"office\"\ncatalogue = \"{catalogue}\"\nstaff_listen = \"127.0.0.1:0\"\n\
         replication_listen = \"127.0.0.1:{office_port}\"\nreplication_address = \"127.0.0.1:{relay_port}\"\n"
    );
    std::fs::write(&office, text).expect("the office's file");
    let kiosk = folder.join("kiosk.toml");
    let text = format!(
        "data = \"kiosk\"\ncatalogue = \"{catalogue}\"\nprinter = \"off\"\npaper = \"80mm\"\nscreen_inches = 21.5\n\
         fullscreen = true\nbeneficiaries = \"external\"\nbatch_minimum = 5\nidle_seconds = 60\nidle_warning_seconds = 30\n\
         store_patience_seconds = 60\n"
    );
    std::fs::write(&kiosk, text).expect("the kiosk's file");
    assert!(istiqbal(&["office", "init"], &office).stdout(Stdio::null()).status().expect("office init").success());
    let mut serving = Ended(istiqbal(&["office", "serve"], &office).stdout(Stdio::piped()).spawn().expect("an office"));
    let mut line = String::new();
    BufReader::new(serving.0.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
    let invite = istiqbal(&["office", "invite", "--print"], &office).output().expect("an invite").stdout;
    let invite = String::from_utf8(invite).expect("an invite");
    let joined = istiqbal(&["kiosk", "enroll", "--invite", invite.trim()], &kiosk).stdout(Stdio::null()).status();
    assert!(joined.expect("kiosk enroll").success());
    // Replication goes on for as long as the script's end isn't there.
    let mut visiting = istiqbal(&["kiosk", "visit", "--no-print", "--script", "-"], &kiosk);
    let visiting = Ended(visiting.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a kiosk"));
    std::thread::sleep(SETTLED);
    let before = passed.load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_secs(60 * MINUTES));
    let a_minute = (passed.load(Ordering::Relaxed) - before) / MINUTES;
    drop((visiting, serving));
    println!(
        "an idle kiosk, of {MINUTES} minutes:   {a_minute} bytes a minute, both ways: {:.2} × the limit of {LIMIT_BYTES_A_MINUTE}",
        a_minute as f64 / LIMIT_BYTES_A_MINUTE as f64
    );
}

/// A process that ends with its measurement.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn istiqbal(words: &[&str], config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_istiqbal"));
    command.args(words).arg("--config").arg(config).stderr(Stdio::null());
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port()
}

/// Passes everything on to the office, and counts it.
fn relay(office_port: u16, passed: Arc<AtomicU64>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for kiosk in listener.incoming().flatten() {
            let Ok(office) = TcpStream::connect(("127.0.0.1", office_port)) else { continue };
            let ways = [(kiosk.try_clone(), office.try_clone()), (Ok(office), Ok(kiosk))];
            for (from, to) in ways {
                let (Ok(from), Ok(to), passed) = (from, to, passed.clone()) else { continue };
                std::thread::spawn(move || pass(from, to, &passed));
            }
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream, passed: &AtomicU64) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        passed.fetch_add(length as u64, Ordering::Relaxed);
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
