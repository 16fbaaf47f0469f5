//! A place of work for a test: an office and a kiosk in a folder of their own, run as the real program.

pub mod browser;
pub mod disk;
pub mod printer;
pub mod proxy;
pub mod random;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use istiqbal::demo::printer::DrawnPrinter;
use istiqbal::receipt::picture::PaperWidth;
use serde_json::Value;
use tempfile::TempDir;

/// The longest that a kiosk may take to end by itself.
const END_WAIT: Duration = Duration::from_secs(60);

pub const USER: &str = "reception";
pub const PASSWORD: &str = "a long password";

/// A visit that the shipped catalogue accepts, with the name of the beneficiary left open.
pub fn registration(name: &str) -> String {
    serde_json::json!({
        "visit": "register", "language": "ar", "for": "self",
        "answers": {
            "national_id": "1000000008", "name": name, "birth_date": "1399-07-04 H", "mobile": "٠٥٠٠٠٠٠٠٠٠",
            "category": "widow", "household": 4, "service": "food_basket",
        },
        "documents": { "id_card": "with_me", "family_record": "later" },
        "signature": [[[0.1, 0.5], [0.4, 0.2]]],
    })
    .to_string()
}

/// The folder, the drawn printer and the commands of one office and one kiosk.
pub struct Workplace {
    folder: TempDir,
    pub printer: DrawnPrinter,
    /// `127.0.0.1:port` of the office's replication
    pub replication: String,
}

/// A running office; ended in order when dropped.
pub struct OfficeProcess {
    child: Child,
    /// `127.0.0.1:port` of the staff pages
    pub staff: String,
}

impl Workplace {
    /// Configuration and a printer; nothing is initialised yet.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let printer = DrawnPrinter::start(&folder.path().join("receipts"), PaperWidth::Mm80).unwrap();
        fs::copy("config/catalog.toml", folder.path().join("catalog.toml")).unwrap();
        // The kiosk is enrolled at this port, so it stays the same when the office is started again.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let workplace = Self { folder, printer, replication: format!("127.0.0.1:{port}") };
        workplace.configure_office(&workplace.replication);
        workplace.configure_kiosk(&format!("tcp://{}", workplace.printer.address));
        workplace
    }

    /// An office with a person to sign in, and a kiosk enrolled at it; the office is left running.
    pub fn open() -> (Self, OfficeProcess) {
        let workplace = Self::new();
        let office = workplace.set_up();
        (workplace, office)
    }

    /// Makes the office and enrols the kiosk, both as they are configured.
    pub fn set_up(&self) -> OfficeProcess {
        self.succeed(&["office", "init"], "office.toml", "");
        let role = ["office", "user", USER, "--role", "administrator", "--password-stdin", "--own-password"];
        self.succeed(&role, "office.toml", PASSWORD);
        let office = self.start_office();
        let invite = self.succeed(&["office", "invite", "--print"], "office.toml", "");
        self.succeed(&["kiosk", "enroll", "--invite", invite.trim()], "kiosk.toml", "");
        office
    }

    /// An office that kiosks find at `address`, wherever it really listens.
    pub fn configure_office(&self, address: &str) {
        self.configure_office_at(Path::new("office"), address);
    }

    /// The same with the office's data elsewhere.
    pub fn configure_office_at(&self, data: &Path, address: &str) {
        let (listen, data) = (&self.replication, data.display());
        let office = format!(
            "data = \"{data}\"\ncatalogue = \"catalog.toml\"\nstaff_listen = \"127.0.0.1:0\"\n\
             replication_listen = \"{listen}\"\nreplication_address = \"{address}\"\nrating_minimum = 1\n\
             second_factor_for = []\n"
        );
        fs::write(self.path("office.toml"), office).unwrap();
    }

    pub fn configure_kiosk(&self, printer: &str) {
        self.configure_kiosk_at(Path::new("kiosk"), printer, 60);
    }

    /// The same with the kiosk's data elsewhere, and another patience with its store.
    pub fn configure_kiosk_at(&self, data: &Path, printer: &str, patience_seconds: u64) {
        let data = data.display();
        let kiosk = format!(
            "data = \"{data}\"\ncatalogue = \"catalog.toml\"\nprinter = \"{printer}\"\npaper = \"80mm\"\nscreen_inches = 21.5\n\
             fullscreen = false\nbeneficiaries = \"external\"\nbatch_minimum = 1\nidle_seconds = 60\nidle_warning_seconds = 30\nstore_patience_seconds = {patience_seconds}\n"
        );
        fs::write(self.path("kiosk.toml"), kiosk).unwrap();
    }

    /// Takes the kiosk's data, keys and all, to another file system.
    pub fn move_kiosk_to(&self, folder: &Path) {
        let data = folder.join("kiosk");
        fs::create_dir(&data).unwrap();
        for entry in fs::read_dir(self.path("kiosk")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
        }
        // This isn't what is tried: it happened long ago.
        assert!(Command::new("sync").status().unwrap().success());
        self.configure_kiosk_at(&data, "off", 60);
    }

    /// Starts to play visits offline, as many as it takes until it is ended.
    pub fn play(&self, wrapper: &[&str]) -> Playing {
        Playing::start(self, wrapper)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command of the program with a configuration and some input.
    pub fn run(&self, words: &[&str], config: &str, input: &str) -> Output {
        let mut child = program()
            .args(words)
            .arg("--config")
            .arg(self.path(config))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            // Beside the reading, so that neither waits for the other. A command that doesn't read its input may close it.
            scope.spawn(move || stdin.write_all(input.as_bytes()));
            child.wait_with_output().unwrap()
        })
    }

    /// The output of a command that must succeed.
    pub fn succeed(&self, words: &[&str], config: &str, input: &str) -> String {
        let output = self.run(words, config, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error} {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The error of a command that must fail without a panic.
    pub fn fail(&self, words: &[&str], config: &str, input: &str) -> String {
        let output = self.run(words, config, input);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code() == Some(1) || output.status.code() == Some(2),
            "{words:?}: {:?} {error}",
            output.status
        );
        assert!(!error.contains("panicked"), "{error}");
        error
    }

    /// Plays visits at the kiosk; each line's answer.
    pub fn visit(&self, options: &[&str], script: &str) -> Vec<Value> {
        let words = [&["kiosk", "visit", "--script", "-"], options].concat();
        json_lines(&self.succeed(&words, "kiosk.toml", script))
    }

    /// Plays a visit that goes wrong; its line's error.
    pub fn failing_visit(&self, script: &str) -> String {
        let output = self.run(&["kiosk", "visit", "--script", "-"], "kiosk.toml", script);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = json_lines(&String::from_utf8(output.stdout).unwrap());
        lines[0]["error"].as_str().unwrap().to_owned()
    }

    pub fn check(&self, who: &str) -> Value {
        let text = self.succeed(&[who, "check"], &format!("{who}.toml"), "");
        serde_json::from_str(&text).unwrap()
    }

    /// Starts the office's process and waits for the line that says where it listens.
    pub fn start_office(&self) -> OfficeProcess {
        self.start_office_by(&[])
    }

    /// The same by another program, such as strace, which makes way for it: the office is the process that was started.
    pub fn start_office_by(&self, wrapper: &[&str]) -> OfficeProcess {
        self.start_office_with(wrapper, &[])
    }

    /// The same with options of its own.
    pub fn start_office_with(&self, wrapper: &[&str], options: &[&str]) -> OfficeProcess {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("office.log")).unwrap();
        let words = [wrapper, &[env!("CARGO_BIN_EXE_istiqbal"), "office", "serve", "--config"]].concat();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(self.path("office.toml")).args(options);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let staff = line.split_whitespace().find_map(|word| word.strip_prefix("http://"));
        let staff =
            staff.unwrap_or_else(|| panic!("{}", fs::read_to_string(self.path("office.log")).unwrap())).to_owned();
        OfficeProcess { child, staff }
    }
}

/// A kiosk that registers one request after the other, without paper and without the office.
pub struct Playing {
    child: Child,
    answers: JoinHandle<Vec<Value>>,
    feeding: JoinHandle<()>,
}

impl Playing {
    fn start(workplace: &Workplace, wrapper: &[&str]) -> Self {
        let program = env!("CARGO_BIN_EXE_istiqbal");
        let words =
            [wrapper, &[program, "kiosk", "visit", "--offline", "--no-print", "--script", "-", "--config"]].concat();
        let log = fs::OpenOptions::new().create(true).append(true).open(workplace.path("kiosk.log")).unwrap();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(workplace.path("kiosk.toml"));
        // A group of its own, so that a wrapper and what it wraps are ended together.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let feeding = std::thread::spawn(move || {
            // The pipe breaks when the kiosk ends.
            while writeln!(input, "{}", registration("نورة القحطاني")).is_ok() {}
        });
        let output = BufReader::new(child.stdout.take().unwrap());
        let answers = std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            // The last line may be cut: it was never answered.
            lines.map_while(|line| serde_json::from_str(&line).ok()).collect()
        });
        Self { child, answers, feeding }
    }

    /// Ends it by SIGKILL.
    pub fn kill(self) -> Vec<String> {
        let group = rustix::process::Pid::from_raw(self.child.id() as i32).unwrap();
        // It may have ended by itself.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        self.end().0
    }

    /// Waits until it ends by itself; the numbers that it answered, and how it ended.
    pub fn end(mut self) -> (Vec<String>, std::process::ExitStatus) {
        let until = Instant::now() + END_WAIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > until {
                self.child.kill().unwrap();
                panic!("the kiosk doesn't end");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.feeding.join().unwrap();
        let answers = self.answers.join().unwrap();
        let number = |answer: &Value| answer["tracking_number"].as_str().map(str::to_owned);
        (answers.iter().filter_map(number).collect(), status)
    }
}

impl OfficeProcess {
    /// Ends the office in order and waits for its end.
    pub fn end(mut self) {
        self.terminate();
    }

    /// Ends it by SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn terminate(&mut self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id() as i32) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let status = self.child.wait().unwrap();
        assert!(status.success() || std::thread::panicking(), "the office ended with {status}");
    }
}

impl Drop for OfficeProcess {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.terminate();
        }
    }
}

/// The tracking numbers that a kiosk's data hold, and what is damaged.
pub fn stored(workplace: &Workplace) -> (BTreeSet<String>, Vec<Value>) {
    let output = workplace.run(&["kiosk", "check", "--list"], "kiosk.toml", "");
    let error = String::from_utf8_lossy(&output.stderr);
    let check: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
    assert!(!error.contains("panicked"), "{error}");
    let damaged = check["damaged"].as_array().unwrap().clone();
    (serde_json::from_value(check["tracking_numbers"].clone()).unwrap(), damaged)
}

/// The program under test.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_istiqbal"))
}

pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What zbar reads in a picture, each text once; nothing when there is no code it can read. zbar is a decoder that we didn't
/// write.
pub fn zbar(picture: &Path) -> Vec<String> {
    let output = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(picture).output();
    let output = output.expect("zbarimg is there: `make setup` installs zbar-tools");
    let mut texts: Vec<String> = Vec::new();
    for text in String::from_utf8(output.stdout).unwrap().lines() {
        if texts.iter().all(|other| other != text) {
            texts.push(text.to_owned());
        }
    }
    texts
}
