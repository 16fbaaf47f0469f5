//! `istiqbal demo`: an office, an enrolled kiosk, a printer drawn to PNG and an SMS gateway that sends nothing, ready to use.
//!
//! Office and kiosk are child processes with real databases and real protocols; only the requests made weeks ago were
//! made under a clock set back. Without a display, scripted visits walk the real screens and save pictures of them.

pub mod past;
mod pictures;
pub mod printer;

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::ConfigError;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{SharedClock, SystemClock};
use crate::kiosk::commands::{self as kiosk_commands, CommandError as KioskError};
use crate::kiosk::config::KioskConfig;
use crate::kiosk::window::has_display;
use crate::office::commands::{self as office_commands, CommandError as OfficeError, GivenPassword};
use crate::office::day::statements::StatementError;
use crate::office::notices::SmsConfig;
use crate::office::notices::practice::PracticeGateway;
use crate::office::people::Role;
use crate::office::steps::TakeStepError;
use crate::office::{OfficeConfig, Server, ServerError};
use crate::receipt::picture::PaperWidth;
use past::PastReceipts;
use printer::DrawnPrinter;

/// The demo's sign-in; it opens an office that only this machine can reach.
const USER: &str = "demo";
const PASSWORD: &str = "three dates and a coffee";

/// The file of the past's receipts in the demo's folder.
const PAST_RECEIPTS: &str = "past-receipts.toml";

const CATALOGUE: &str = include_str!("../../config/catalog.toml");

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Office(#[from] OfficeError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Step(#[from] TakeStepError),
    #[error(transparent)]
    Day(#[from] StatementError),
    #[error(transparent)]
    Kiosk(#[from] KioskError),
    #[error("the demo's requests of the past could not be made: {0}. Remove the demo's folder and try again")]
    Past(String),
    #[error(transparent)]
    Pictures(#[from] pictures::PicturesError),
    #[error("the {0} ended unexpectedly: look at {1} in the demo's folder")]
    Ended(&'static str, &'static str),
}

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    pub folder: PathBuf,
    pub headless: bool,
    /// Ends by itself after so long; without it, when the window is closed or on Ctrl-C
    pub duration: Option<Duration>,
}

/// The files of the demo's folder.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Runs the demo to its end.
pub async fn run(options: &Options) -> Result<(), DemoError> {
    let folder = options.folder.clone();
    fs::create_dir_all(&folder).map_err(|source| DemoError::Io { path: folder.clone(), source })?;
    let folder = folder.canonicalize().map_err(|source| DemoError::Io { path: folder, source })?;
    let files = Files { folder };
    let receipts = files.path("receipts");
    let printer = DrawnPrinter::start(&receipts, PaperWidth::Mm80)
        .map_err(|source| DemoError::Io { path: receipts.clone(), source })?;
    let (office, kiosk) = configure(&files, &printer)?;
    let messages = files.path("messages");
    let _gateway = start_gateway(&office, &messages)?;
    let catalogue = Arc::new(Catalogue::read(&kiosk.catalogue)?);
    let past_receipts = match read_past_receipts(&files) {
        Some(receipts) => receipts,
        None => {
            println!("Preparing requests of the past weeks …");
            prepare(&files, &office, &kiosk, &catalogue).await?
        }
    };
    let mut office_process = start_office(&files)?;
    describe(&files, &office, &office_process, &receipts, &messages, &past_receipts);
    let headless = options.headless || !has_display();
    let outcome = if headless {
        if !options.headless {
            println!("There is no display: the scripted demo walks through the real screens instead.\n");
        }
        pictures::walk(&files.path("screens"), &kiosk, &past_receipts, &printer).map_err(DemoError::from)
    } else {
        watch_kiosk(&files, &mut office_process, options.duration).await
    };
    office_process.end();
    outcome?;
    println!("The demo's data stay in {}; run it again with --dir to go on with them.", files.folder.display());
    Ok(())
}

/// Writes the configuration: the ports of the first run stay, because the kiosk is enrolled at one of them.
fn configure(files: &Files, printer: &DrawnPrinter) -> Result<(OfficeConfig, KioskConfig), DemoError> {
    let write = |name: &str, text: String| {
        let path = files.path(name);
        fs::write(&path, text).map_err(|source| DemoError::Io { path, source })
    };
    if !files.path("catalog.toml").exists() {
        write("catalog.toml", CATALOGUE.to_owned())?;
    }
    if !files.path("office.toml").exists() {
        let [staff, replication, public, messages] =
            free_ports().map_err(|source| DemoError::Io { path: files.folder.clone(), source })?;
        write(
            "office.toml",
            format!(
                "# The demo's office.\ndata = \"office\"\ncatalogue = \"catalog.toml\"\nstaff_listen = \"127.0.0.1:{staff}\"\n\
                 replication_listen = \"127.0.0.1:{replication}\"\nreplication_address = \"127.0.0.1:{replication}\"\n\
                 public_listen = \"127.0.0.1:{public}\"\n\
                 # Only for the demo: with real visitors 5, so that nobody can be recognised.\nrating_minimum = 1\n\
                 # Only for the demo: its sign-in is printed, and opens by the password alone.\nsecond_factor_for = []\n\n\
                 # Messages go to a gateway of the demo, which sends nothing and keeps them in its folder.\n{}",
                PracticeGateway::patterns(messages)
            ),
        )?;
    }
    write(
        "kiosk.toml",
        format!(
            "# The demo's kiosk.\ndata = \"kiosk\"\ncatalogue = \"catalog.toml\"\nprinter = \"tcp://{}\"\npaper = \"80mm\"\n\
             screen_inches = 21.5\nfullscreen = false\nbeneficiaries = \"external\"\n\
             # Only for the demo: with real visitors 5, so that no rating can be matched with a visit.\nbatch_minimum = 1\n\
             idle_seconds = 60\nidle_warning_seconds = 30\nstore_patience_seconds = 60\n",
            printer.address
        ),
    )?;
    Ok((OfficeConfig::read(&files.path("office.toml"))?, KioskConfig::read(&files.path("kiosk.toml"))?))
}

/// The usual ports of staff pages, replication and status page where they are free, and any free one for the messages.
fn free_ports() -> io::Result<[u16; 4]> {
    // All are held until all are known, so that no two are one.
    let mut held = Vec::new();
    for usual in [7080, 7443, 7081, 0] {
        held.push(TcpListener::bind(("127.0.0.1", usual)).or_else(|_| TcpListener::bind("127.0.0.1:0"))?);
    }
    let mut ports = [0; 4];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// Listens where the office sends its messages; `None` where an office's file of an earlier demo sends none.
fn start_gateway(office: &OfficeConfig, folder: &Path) -> Result<Option<PracticeGateway>, DemoError> {
    let Some(port) = office.sms.as_ref().and_then(SmsConfig::port) else { return Ok(None) };
    let failed = |source| DemoError::Io { path: folder.to_owned(), source };
    PracticeGateway::start(port, Some(folder)).map(Some).map_err(failed)
}

/// Makes office, user and kiosk, and the requests of the past weeks. A preparation that was broken off begins anew.
async fn prepare(
    files: &Files,
    office: &OfficeConfig,
    kiosk: &KioskConfig,
    catalogue: &Arc<Catalogue>,
) -> Result<PastReceipts, DemoError> {
    for data in [&office.data, &kiosk.data] {
        match fs::remove_dir_all(data) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DemoError::Io { path: data.clone(), source: error });
            }
            _ => {}
        }
    }
    let clock: SharedClock = SystemClock::shared();
    office_commands::init(office).await?;
    office_commands::add_user(office, &clock, USER, Role::Administrator, GivenPassword::own(PASSWORD)).await?;
    let server = Server::start(office, catalogue.clone(), clock.clone()).await?;
    let invite = server.invite(TimeDelta::minutes(10)).await?;
    let config = kiosk.clone();
    let enrolled = tokio::task::spawn_blocking(move || kiosk_commands::enroll(&config, &invite, "demo".into())).await;
    enrolled.map_err(|error| DemoError::Past(error.to_string()))??;
    server.shutdown().await;
    let receipts = past::make(office, kiosk, catalogue, clock.now()).await?;
    // Today again.
    let server = Server::start(office, catalogue.clone(), clock.clone()).await?;
    server.confirm_day(past::WHY).await?;
    server.shutdown().await;
    let text = toml::to_string(&receipts).map_err(|error| DemoError::Past(error.to_string()))?;
    let path = files.path(PAST_RECEIPTS);
    fs::write(&path, text).map_err(|source| DemoError::Io { path, source })?;
    Ok(receipts)
}

/// The receipts of an earlier run. Written last, they also say that the preparation was finished.
fn read_past_receipts(files: &Files) -> Option<PastReceipts> {
    toml::from_str(&fs::read_to_string(files.path(PAST_RECEIPTS)).ok()?).ok()
}

/// A child process that is ended, and waited for, when the demo goes.
struct Process {
    child: Child,
    /// What it said when it was ready
    said: String,
}

impl Process {
    /// Asks it to end in order, and waits until it has.
    fn end(&mut self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id() as i32) {
            // It may have ended by itself, or by the same Ctrl-C.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.child.wait();
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts the office and waits for its first line, which says where it listens.
fn start_office(files: &Files) -> Result<Process, DemoError> {
    let mut child = start(files, &["office", "serve"], "office.toml", "office.log", Stdio::piped())?;
    let mut said = String::new();
    if let Some(output) = child.stdout.take() {
        // Without a line it has ended; its log says why.
        let _ = BufReader::new(output).read_line(&mut said);
    }
    let mut process = Process { child, said };
    if process.said.is_empty() && process.has_ended() {
        return Err(DemoError::Ended("office", "office.log"));
    }
    Ok(process)
}

fn start(files: &Files, words: &[&str], config: &str, log: &str, stdout: Stdio) -> Result<Child, DemoError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DemoError::Io { path, source }
    };
    let log_path = files.path(log);
    let log = fs::OpenOptions::new().create(true).append(true).open(&log_path).map_err(failed(&log_path))?;
    let program = std::env::current_exe().map_err(failed(Path::new("istiqbal")))?;
    let mut command = Command::new(&program);
    command.args(words).arg("--config").arg(files.path(config)).stdin(Stdio::null()).stdout(stdout).stderr(log);
    command.spawn().map_err(failed(&program))
}

fn describe(
    files: &Files,
    config: &OfficeConfig,
    office: &Process,
    receipts: &Path,
    messages: &Path,
    past: &PastReceipts,
) {
    let status_page = config.public_listen.map_or_else(|| "(none)".to_owned(), |at| format!("http://{at}"));
    let address = office.said.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or("(see office.log)");
    println!(
        "\nIstiqbal is open.\n  staff pages   {address}\n  sign in as    {USER} / {PASSWORD}\n  status page   {status_page}\n  \
         receipts      {}\n  messages      {}\n  everything    {}\n\
         Requests of the past weeks, by the digits of their QR codes (a scanner types them; so can you, on the scan page):\n  \
         {}  can be decided today\n  {}  a document is missing\n  {}  not before 14 days have passed\n  \
         {}  delivered: to be rated at the kiosk\n\
         In this demo a single rating leaves the kiosk and is counted (batch_minimum = 1); with real visitors five do.\n",
        receipts.display(),
        messages.display(),
        files.folder.display(),
        past.to_be_decided,
        past.documents_missing,
        past.too_early,
        past.delivered,
    );
}

/// The kiosk in its window, until it is closed, time is over, or somebody ends the demo.
async fn watch_kiosk(files: &Files, office: &mut Process, duration: Option<Duration>) -> Result<(), DemoError> {
    let child = start(files, &["kiosk", "run"], "kiosk.toml", "kiosk.log", Stdio::null())?;
    let mut kiosk = Process { child, said: String::new() };
    println!("The kiosk is in its window. Close it, or press Ctrl-C here, to end the demo.");
    let time_is_over = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    let something_ended = async {
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if kiosk.has_ended() || office.has_ended() {
                return;
            }
        }
    };
    tokio::select! {
        () = crate::signals::wait_for_end() => {}
        () = time_is_over => {}
        () = something_ended => {}
    }
    if office.has_ended() {
        return Err(DemoError::Ended("office", "office.log"));
    }
    if matches!(kiosk.child.try_wait(), Ok(Some(status)) if !status.success()) {
        return Err(DemoError::Ended("kiosk", "kiosk.log"));
    }
    kiosk.end();
    Ok(())
}
