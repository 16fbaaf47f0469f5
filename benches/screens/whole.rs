//! The whole kiosk, store and threads included, in a window of its own display: start to first frame, memory, and what it
//! does when nobody is here. Beside it headless Chromium with an equal page. Without Xvfb or Chromium this is skipped,
//! and says so.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DISPLAY: &str = ":93";
const ROUNDS: usize = 5;
const WAIT: Duration = Duration::from_secs(30);
/// After so long a program has the memory it keeps.
const SETTLED: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(20);
const FASTER_LIMIT: f64 = 4.0;
const SMALLER_LIMIT: f64 = 6.0;
const IDLE_LIMIT_PERCENT: f64 = 1.0;
/// The ground of "new request" on the home screen, red, green and blue: seen when the store is open.
const NEW_REQUEST: [u8; 3] = [0x0e, 0x5a, 0x53];
/// A dot of it beside its words.
const PLACE: (usize, usize) = (1030, 1000);

pub fn run() {
    for program in ["Xvfb", "chromium"] {
        if Command::new(program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            println!("SKIPPED: start, memory and idling of the whole kiosk ({program} isn't installed)");
            return;
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let office = Office::open(folder.path());
    let display = Display::open(folder.path());
    let ours: Vec<(f64, f64)> = (0..ROUNDS).map(|_| kiosk(folder.path(), &display)).collect();
    let theirs: Vec<(f64, f64)> = (0..ROUNDS).map(|_| browser(folder.path())).collect();
    let idle = idling(folder.path(), &display);
    drop((display, office));

    let median = |values: &[(f64, f64)], which: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = values.iter().map(which).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (start, page) = (median(&ours, |one| one.0), median(&theirs, |one| one.0));
    let (memory, pages) = (median(&ours, |one| one.1), median(&theirs, |one| one.1));
    println!(
        "start to home screen: {start:.3} s; Chromium, an equal page, {page:.3} s: {:.1} × (limit {FASTER_LIMIT} ×)",
        page / start
    );
    println!(
        "memory (PSS):         {memory:.0} MB; Chromium {pages:.0} MB: {:.1} × (limit {SMALLER_LIMIT} ×)",
        pages / memory
    );
    println!("idle, of one core:    {idle:.2} % (limit {IDLE_LIMIT_PERCENT} %)");
}

/// A child process that ends with its measurement.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // A group of its own, so that a browser's many processes end, too.
        if let Some(group) = rustix::process::Pid::from_raw(self.0.id() as i32) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Ended {
    use std::os::unix::process::CommandExt;
    Ended(command.process_group(0).stderr(Stdio::null()).spawn().expect("the program starts"))
}

fn istiqbal(words: &[&str], config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_istiqbal"));
    command.args(words).arg("--config").arg(config);
    command
}

/// An office with one enrolled kiosk.
struct Office {
    _process: Ended,
}

impl Office {
    fn open(folder: &Path) -> Self {
        fs::copy("config/catalog.toml", folder.join("catalog.toml")).expect("the catalogue");
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let office = folder.join("office.toml");
        let text = format!(
            "data = \"office\"\ncatalogue = \"catalog.toml\"\nstaff_listen = \"127.0.0.1:0\"\n\
             replication_listen = \"127.0.0.1:{port}\"\nreplication_address = \"127.0.0.1:{port}\"\nrating_minimum = 5\n"
        );
        fs::write(&office, text).expect("the office's file");
        let kiosk = folder.join("kiosk.toml");
        let text = "data = \"kiosk\"\ncatalogue = \"catalog.toml\"\nprinter = \"off\"\npaper = \"80mm\"\nscreen_inches = 21.5\n\
             fullscreen = true\nbeneficiaries = \"external\"\nbatch_minimum = 5\nidle_seconds = 60\nidle_warning_seconds = 30\n\
             store_patience_seconds = 60\n";
        fs::write(&kiosk, text).expect("the kiosk's file");
        assert!(istiqbal(&["office", "init"], &office).status().expect("office init").success());
        let mut process = start(istiqbal(&["office", "serve"], &office).stdout(Stdio::piped()));
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
        let invite = istiqbal(&["office", "invite", "--print"], &office).output().expect("an invite").stdout;
        let invite = String::from_utf8(invite).expect("an invite");
        let enrolled = istiqbal(&["kiosk", "enroll", "--invite", invite.trim()], &kiosk).stdout(Stdio::null()).status();
        assert!(enrolled.expect("kiosk enroll").success());
        Self { _process: process }
    }
}

/// An X server whose frame buffer is a file.
struct Display {
    buffer: PathBuf,
    _process: Ended,
}

impl Display {
    fn open(folder: &Path) -> Self {
        let mut command = Command::new("Xvfb");
        command.args([DISPLAY, "-screen", "0", "1080x1920x24", "-nolisten", "tcp", "-fbdir"]).arg(folder);
        let process = start(command.stdout(Stdio::null()));
        let buffer = folder.join("Xvfb_screen0");
        let socket = Path::new("/tmp/.X11-unix").join(DISPLAY.replace(':', "X"));
        wait("the display", || buffer.exists() && socket.exists());
        Self { buffer, _process: process }
    }

    /// The colour at [`PLACE`]. The file is an XWD: a header of big-endian words, colours, rows.
    fn dot(&self) -> Option<[u8; 3]> {
        let picture = fs::read(&self.buffer).ok()?;
        let word =
            |place: usize| Some(u32::from_be_bytes(picture.get(4 * place..4 * place + 4)?.try_into().ok()?) as usize);
        let (header, row, colors) = (word(0)?, word(12)?, word(19)?);
        let place = header + 12 * colors + PLACE.1 * row + 4 * PLACE.0;
        let [blue, green, red] = picture.get(place..place + 3)?.try_into().ok()?;
        Some([red, green, blue])
    }
}

/// Seconds to the first frame, and megabytes.
fn kiosk(folder: &Path, display: &Display) -> (f64, f64) {
    wait("an empty display", || display.dot() != Some(NEW_REQUEST));
    let started = Instant::now();
    let process = start(run_kiosk(folder));
    wait("the kiosk's first frame", || display.dot() == Some(NEW_REQUEST));
    let seconds = started.elapsed().as_secs_f64();
    std::thread::sleep(SETTLED);
    (seconds, megabytes(process.0.id()))
}

fn run_kiosk(folder: &Path) -> &'static mut Command {
    let mut command = istiqbal(&["kiosk", "run"], &folder.join("kiosk.toml"));
    command.env("DISPLAY", DISPLAY).env_remove("WAYLAND_DISPLAY").stdout(Stdio::null());
    Box::leak(Box::new(command))
}

/// Seconds to the picture, and megabytes, of a browser with an equal page.
fn browser(folder: &Path) -> (f64, f64) {
    let page = fs::canonicalize("benches/screens/home.html").expect("the page");
    let picture = folder.join("page.png");
    let _ = fs::remove_file(&picture);
    let chromium = |profile: &str| {
        let mut command = Command::new("chromium");
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"])
            .args(["--disable-background-networking", "--disable-component-update", "--window-size=1080,1920"])
            .arg(format!("--user-data-dir={}", folder.join(profile).display()))
            .stdout(Stdio::null());
        command
    };
    // A profile that has been used before, as a kiosk's would be.
    let started = Instant::now();
    let process = start(chromium("profile").arg(format!("--screenshot={}", picture.display())).arg(&page));
    wait("the browser's picture", || fs::metadata(&picture).is_ok_and(|file| file.len() > 0));
    let seconds = started.elapsed().as_secs_f64();
    drop(process);
    let process = start(chromium("profile").arg("--remote-debugging-port=0").arg(&page));
    std::thread::sleep(SETTLED);
    (seconds, megabytes(process.0.id()))
}

/// Percent of one core.
fn idling(folder: &Path, display: &Display) -> f64 {
    let process = start(run_kiosk(folder));
    wait("the kiosk's first frame", || display.dot() == Some(NEW_REQUEST));
    std::thread::sleep(SETTLED);
    let before = cpu_ticks(process.0.id());
    std::thread::sleep(IDLE);
    let ticks = cpu_ticks(process.0.id()) - before;
    // A tick is a hundredth of a second on Linux.
    ticks as f64 / IDLE.as_secs_f64()
}

fn cpu_ticks(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let fields: Vec<&str> = text.rsplit(')').next().expect("fields").split_whitespace().collect();
    fields[11].parse::<u64>().expect("user time") + fields[12].parse::<u64>().expect("system time")
}

/// The proportional memory of a process and all its descendants.
fn megabytes(root: u32) -> f64 {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .expect("proc")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| {
            let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            Some((pid, text.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect();
    let mut family = vec![root];
    let mut place = 0;
    while let Some(&parent) = family.get(place) {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid));
        place += 1;
    }
    let kilobytes = |file: String, key: &str| -> Option<f64> {
        let text = fs::read_to_string(file).ok()?;
        text.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
    };
    // Our own program lets only root read this; what it holds resident, shared or not, is more.
    let of = |pid: &u32| {
        let proportional = kilobytes(format!("/proc/{pid}/smaps_rollup"), "Pss:");
        proportional.or_else(|| kilobytes(format!("/proc/{pid}/status"), "VmRSS:"))
    };
    family.iter().filter_map(of).sum::<f64>() / 1024.0
}

fn wait(what: &str, is_there: impl Fn() -> bool) {
    let until = Instant::now() + WAIT;
    while !is_there() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
