//! The command line of Istiqbal; what the commands do stands in the library.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
#[cfg(feature = "office")]
use command_line::office;
use tracing_subscriber::EnvFilter;

mod command_line {
    #[cfg(feature = "office")]
    pub mod office;
}

/// Istiqbal (استقبال): a reception kiosk with an embedded store, and the office behind it.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// An office, an enrolled kiosk and a printer drawn to PNG files, ready to use
    #[cfg(all(feature = "kiosk", feature = "office"))]
    Demo(demo::Arguments),
    /// The touch screen in the lobby
    #[cfg(feature = "kiosk")]
    #[command(subcommand)]
    Kiosk(kiosk::Command),
    /// The server behind the kiosks, and its staff pages
    #[cfg(feature = "office")]
    #[command(subcommand)]
    Office(office::Command),
}

impl Command {
    /// What goes to the log unless ISTIQBAL_LOG says otherwise: programs that run for long tell more.
    fn usual_log(&self) -> &'static str {
        match self {
            #[cfg(feature = "kiosk")]
            Self::Kiosk(kiosk::Command::Run { .. }) => "istiqbal=info,warn",
            #[cfg(feature = "office")]
            Self::Office(office::Command::Serve { .. }) => "istiqbal=info,warn",
            _ => "warn",
        }
    }
}

/// The file of configuration.
#[derive(clap::Args)]
struct Config<const KIOSK: bool> {
    /// The file of configuration [default: config/kiosk.toml or config/office.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl<const KIOSK: bool> Config<KIOSK> {
    fn path(&self) -> PathBuf {
        let usual = if KIOSK { "config/kiosk.toml" } else { "config/office.toml" };
        self.config.clone().unwrap_or_else(|| usual.into())
    }
}

#[cfg(feature = "kiosk")]
impl Config<true> {
    fn read(&self) -> anyhow::Result<istiqbal::kiosk::config::KioskConfig> {
        let config = istiqbal::kiosk::config::KioskConfig::read(&self.path())?;
        istiqbal::private_files::refuse_root(&config.data)?;
        Ok(config)
    }
}

#[cfg(feature = "office")]
impl Config<false> {
    fn read(&self) -> anyhow::Result<istiqbal::office::OfficeConfig> {
        let config = istiqbal::office::OfficeConfig::read(&self.path())?;
        istiqbal::private_files::refuse_root(&config.data)?;
        Ok(config)
    }
}

fn main() -> ExitCode {
    istiqbal::private_files::by_umask();
    let arguments = Arguments::parse();
    let filter =
        EnvFilter::try_from_env("ISTIQBAL_LOG").unwrap_or_else(|_| EnvFilter::new(arguments.command.usual_log()));
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
    #[cfg(feature = "office")]
    if matches!(arguments.command, Command::Office(office::Command::Serve { .. })) {
        istiqbal::office::panics::log_all();
    }
    istiqbal::core_dumps::switch_off();
    let outcome = match arguments.command {
        #[cfg(all(feature = "kiosk", feature = "office"))]
        Command::Demo(arguments) => demo::run(&arguments),
        #[cfg(feature = "kiosk")]
        Command::Kiosk(command) => kiosk::run(command),
        #[cfg(feature = "office")]
        Command::Office(command) => office::run(command),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        // The command has already said what is wrong.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("istiqbal: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(all(feature = "kiosk", feature = "office"))]
mod demo {
    use std::path::PathBuf;
    use std::time::Duration;

    use anyhow::Result;
    use istiqbal::demo::{self, Options};

    #[derive(clap::Args)]
    pub struct Arguments {
        /// Where the demo keeps its data; a second run goes on with them
        #[arg(long, default_value = "demo")]
        dir: PathBuf,
        /// Walk through the real screens without a window and save a picture of each
        #[arg(long)]
        headless: bool,
        /// End by itself after this many seconds
        #[arg(long, value_name = "N")]
        seconds: Option<u64>,
    }

    pub fn run(arguments: &Arguments) -> Result<bool> {
        let options = Options {
            folder: arguments.dir.clone(),
            headless: arguments.headless,
            duration: arguments.seconds.map(Duration::from_secs),
        };
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(demo::run(&options))?;
        Ok(true)
    }
}

#[cfg(feature = "kiosk")]
mod kiosk {
    use std::fs::File;
    use std::io::{BufRead, BufReader, IsTerminal, Read};
    use std::path::PathBuf;

    use anyhow::{Context, Result};
    use istiqbal::domain::clock::SystemClock;
    use istiqbal::domain::printout::Outcome;
    use istiqbal::kiosk::commands::{self, VisitOptions};
    use istiqbal::kiosk::pin::{PIN_DIGITS, Pin};
    use istiqbal::kiosk::window;
    use istiqbal::replication::invite::Invite;

    use super::Config;

    #[derive(clap::Subcommand)]
    pub enum Command {
        /// Open the kiosk on this machine's screen
        Run {
            #[command(flatten)]
            config: Config<true>,
        },
        /// Enrol this kiosk at an office, once, by the office's invite
        Enroll {
            /// What `istiqbal office invite --print` printed
            #[arg(long)]
            invite: Invite,
            /// What the office shall call this kiosk [default: `name` in the kiosk's file]
            #[arg(long)]
            name: Option<String>,
            #[command(flatten)]
            config: Config<true>,
        },
        /// Replay visits, one JSON object a line, through the real visit, store, printer and replication
        Visit {
            /// The file of visits, or - for standard input
            #[arg(long, value_name = "FILE")]
            script: PathBuf,
            /// Don't wait for the office
            #[arg(long)]
            offline: bool,
            /// Leave paper out
            #[arg(long)]
            no_print: bool,
            #[command(flatten)]
            config: Config<true>,
        },
        /// Look into the store without changing it, and print a JSON summary
        Check {
            /// Name every tracking number too
            #[arg(long)]
            list: bool,
            /// Repair what is damaged, and keep the damaged originals in the folder `damaged`
            #[arg(long)]
            repair: bool,
            #[command(flatten)]
            config: Config<true>,
        },
        /// Copy the store, without the keys, into a fresh folder: for a disk or a machine that takes over
        Export {
            /// A folder that doesn't exist yet
            #[arg(long, value_name = "FOLDER")]
            to: PathBuf,
            #[command(flatten)]
            config: Config<true>,
        },
        /// Set the staff's PIN, by which the maintenance screen opens; it is read from standard input
        Pin {
            #[command(flatten)]
            config: Config<true>,
        },
        /// Show which printers are plugged in, ask the configured one how it is, and print a test pattern
        PrintTest {
            #[command(flatten)]
            config: Config<true>,
        },
    }

    pub fn run(command: Command) -> Result<bool> {
        match command {
            Command::Run { config } => {
                window::run(&config.read()?, SystemClock::shared())?;
                Ok(true)
            }
            Command::Enroll { invite, name, config } => {
                let config = config.read()?;
                let name = name.unwrap_or_else(|| config.name.clone());
                let enrolled = commands::enroll(&config, &invite, name)?;
                println!("Enrolled as kiosk {} at {}.", enrolled.identity.kiosk(), enrolled.office.address);
                Ok(true)
            }
            Command::Visit { script, offline, no_print, config } => {
                let config = config.read()?;
                let options = VisitOptions { offline, print: !no_print };
                let lines: Box<dyn BufRead> = if script.as_os_str() == "-" {
                    Box::new(std::io::stdin().lock())
                } else {
                    let file = File::open(&script).with_context(|| format!("{}: can't be read", script.display()))?;
                    Box::new(BufReader::new(file))
                };
                Ok(commands::visit(&config, SystemClock::shared(), options, lines, std::io::stdout())?)
            }
            Command::Check { list, repair, config } => {
                let config = config.read()?;
                let summary = if repair {
                    commands::repair(&config, &SystemClock::shared(), list)?
                } else {
                    commands::check(&config, list)?
                };
                println!("{}", serde_json::to_string(&summary)?);
                Ok(summary.is_well())
            }
            Command::Export { to, config } => {
                let exported = commands::export(&config.read()?, &to)?;
                println!("{}", serde_json::to_string(&exported)?);
                eprintln!(
                    "The keys were not copied: put kiosk.seed and enrolment.toml into {} too, and never start both.",
                    to.display()
                );
                Ok(exported.lost.is_empty())
            }
            Command::Pin { config } => {
                let config = config.read()?;
                if std::io::stdin().is_terminal() {
                    eprintln!("Type the PIN, {} to {} digits, and Enter:", PIN_DIGITS.start(), PIN_DIGITS.end());
                }
                let mut pin = String::new();
                std::io::stdin().lock().take(64).read_line(&mut pin)?;
                Pin::set(&config.data, pin.trim())?;
                println!(
                    "The PIN is set. On the home screen, hold the corner at the beginning of the upper edge for three seconds."
                );
                Ok(true)
            }
            Command::PrintTest { config } => {
                let config = config.read()?;
                for (address, name) in commands::found_printers() {
                    println!("found: {address} {name}");
                }
                let test = commands::print_test(&config)?;
                let names = test.names.join(" ");
                println!("{} {names}: {:?}; test pattern: {:?}", config.printer, test.state, test.outcome);
                Ok(test.outcome != Outcome::Failed)
            }
        }
    }
}
