//! `istiqbal office …`.

mod keys;
mod users;

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use istiqbal::domain::clock::{SharedClock, SystemClock};
use istiqbal::office::backup::{self, UnkeyedErasures};
use istiqbal::office::commands::{self, Initialised};
use istiqbal::office::enrolment::INVITE_MINUTES;
use istiqbal::office::keys::Lock;
use istiqbal::office::logs;
use istiqbal::office::people::Role;
use istiqbal::office::{AcceptRollback, OfficeConfig};
use istiqbal::seal::keys::{OfficeKeys, unhex};
use istiqbal::signals;

use crate::Config;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Make the office's folder, key and database
    Init {
        /// Add the first administrator, too, with a password that is made and printed once
        #[arg(long, value_name = "NAME")]
        administrator: Option<String>,
        #[command(flatten)]
        password: users::Password,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Serve the staff pages and the kiosks' replication
    Serve {
        /// Start with a database that holds less than was committed, as after damage to its log of pages. It stands in the
        /// trail and on the staff's first page, and kiosks send again what they hold
        #[arg(long)]
        accept_rollback: bool,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Make an invite by which one kiosk can enrol, within the hour
    Invite {
        /// Print it; the staff pages show it as a QR code
        #[arg(long)]
        print: bool,
        /// Let the kiosk of this number in again, which this office doesn't know since it was restored from an earlier
        /// backup, and which asks for it. It keeps its number and its keys, and needs no invite
        #[arg(long, value_name = "NUMBER", conflicts_with = "print")]
        again: Option<u16>,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Add a person of the staff
    User {
        /// The name to sign in with
        name: String,
        /// reception, researcher, committee, manager, administrator or auditor
        #[arg(long)]
        role: Role,
        #[command(flatten)]
        password: users::Password,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Look after the staff: list them, reset passwords and second factors, disable, sign out
    #[command(subcommand)]
    Users(users::Command),
    /// Restore requests from the second code of their receipts, for a kiosk that has died
    ImportPaper {
        /// A file with one code a line, in digits, or - for standard input
        #[arg(long, value_name = "FILE", default_value = "-")]
        file: std::path::PathBuf,
        /// Take copies of a revoked kiosk, too: whoever took the kiosk could have made them
        #[arg(long)]
        admit_revoked: bool,
        #[command(flatten)]
        config: Config<false>,
    },
    /// The keys to which kiosks seal: look at them, rotate, export and restore them
    #[command(subcommand)]
    Keys(keys::Command),
    /// Make an encrypted backup of the database now, beside a running office or without one
    Backup {
        /// Encrypt by a passphrase, which is read from standard input, instead of to the recipients of the office's file
        #[arg(long)]
        passphrase_stdin: bool,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Turn a backup into the office's database, where there is none. The keys have an export of their own: istiqbal office keys import
    Restore {
        /// What `istiqbal office backup`, or the running office, has made
        #[arg(long, value_name = "FILE")]
        from: std::path::PathBuf,
        /// Obey lines of erased.log without the office's key, as earlier versions wrote them: what they name is erased for good.
        /// Anybody who may write that file could have added one, so the refusal, which lists them, names digits that stand for
        /// exactly that list. Without this, or the next, it asks at a terminal
        #[arg(long, value_name = "DIGITS", conflicts_with = "ignore_unkeyed_erasures")]
        accept_unkeyed_erasures: Option<String>,
        /// Leave out what only such lines say
        #[arg(long)]
        ignore_unkeyed_erasures: bool,
        #[command(flatten)]
        opener: keys::OpenerArguments,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Look through the database, and print a JSON summary
    Check {
        /// A head of the trail that a kiosk has kept (`istiqbal kiosk check --list`): a trail that was written anew, by
        /// whoever may write the database, doesn't hold it any more. May be given more than once
        #[arg(long, value_name = "HEX", value_parser = trail_head)]
        trail_head: Vec<[u8; 32]>,
        #[command(flatten)]
        config: Config<false>,
    },
}

/// So long is what still waits for a disk let go on.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(5);

pub fn run(command: Command) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(carry_out(command, SystemClock::shared()));
    // What still waits for a share that hangs holds up no end for long.
    runtime.shutdown_timeout(PATIENCE_AT_THE_END);
    outcome
}

async fn carry_out(command: Command, clock: SharedClock) -> Result<bool> {
    match command {
        Command::Init { administrator, password, config } => {
            if administrator.is_none() && password.password_stdin {
                anyhow::bail!("whose password? Name the first administrator, too: --administrator NAME");
            }
            let config = config.read()?;
            match commands::init(&config).await? {
                Initialised::Made => println!(
                    "Made {}. Keep a copy of {} in a safe place: istiqbal office keys export",
                    config.data.display(),
                    config.seed_path().display()
                ),
                Initialised::AlreadyThere => {
                    println!("{} is already there; nothing was touched.", config.data.display())
                }
            }
            if let Some(name) = administrator {
                users::add(&config, &clock, &name, Role::Administrator, &password).await?;
            }
        }
        Command::Serve { accept_rollback, config } => {
            let accept = if accept_rollback { AcceptRollback::Yes } else { AcceptRollback::No };
            let config = config.read()?;
            let ready = |server: &istiqbal::office::Server| {
                // Whoever started this program waits for the first line, and may read no further: the office goes on.
                let mut output = std::io::stdout().lock();
                let (staff, replication) = (server.staff_pages(), server.replication_address);
                let _ = writeln!(output, "staff pages: {staff} replication: {replication}");
                if let Some(address) = server.public_address {
                    let _ = writeln!(output, "status page: {address}");
                }
                let _ = output.flush();
            };
            commands::serve(&config, clock, accept, ready, signals::wait_for_end()).await?;
        }
        Command::Invite { again: Some(number), config, .. } => {
            let number = number.try_into().context("--again")?;
            let kiosk = commands::let_in(&config.read()?, &clock, number).await?;
            println!("Let kiosk {kiosk} in again. It asks every minute, and sends then what it holds.");
        }
        Command::Invite { print, again: None, config } => {
            let invite = commands::invite(&config.read()?, &clock, TimeDelta::minutes(INVITE_MINUTES)).await?;
            if print {
                println!("{invite}");
            } else {
                println!("Made an invite. It is shown with --print, or as a QR code on the staff page of the kiosks.");
            }
        }
        Command::User { name, role, password, config } => {
            users::add(&config.read()?, &clock, &name, role, &password).await?;
        }
        Command::ImportPaper { file, admit_revoked, config } => {
            let config = config.read()?;
            let lines: Box<dyn BufRead> = if file.as_os_str() == "-" {
                Box::new(std::io::stdin().lock())
            } else {
                let opened = std::fs::File::open(&file);
                Box::new(BufReader::new(opened.with_context(|| format!("{}: can't be read", file.display()))?))
            };
            return Ok(commands::import_paper(&config, clock, lines, admit_revoked, std::io::stdout()).await?);
        }
        Command::Users(command) => users::carry_out(command, &clock).await?,
        Command::Keys(command) => keys::carry_out(command, &clock).await?,
        Command::Backup { passphrase_stdin, config } => {
            let config = config.read()?;
            let lock = if passphrase_stdin { Some(Lock::passphrase(read_line("passphrase")?)?) } else { None };
            let made = commands::back_up(&config, &clock, lock).await?;
            println!("Made {}, {} bytes.", made.path.display(), made.bytes);
        }
        Command::Restore { from, accept_unkeyed_erasures, ignore_unkeyed_erasures, opener, config } => {
            let config = config.read()?;
            let unkeyed = match (accept_unkeyed_erasures, ignore_unkeyed_erasures) {
                (Some(digits), _) => match backup::unkeyed_erasures(&config, &from)? {
                    listed if backup::check_of(&listed) == digits => UnkeyedErasures::Accept(listed),
                    _ => UnkeyedErasures::Refuse,
                },
                (None, true) => UnkeyedErasures::Ignore,
                (None, false) => ask_about_unkeyed(&config, &from)?,
            };
            let opener = opener.opener()?;
            let restored = backup::restore_with(&config, &from, opener, unkeyed, clock.now()).await?;
            let through = restored.last_entry_at.map_or_else(|| "its beginning".to_owned(), |at| at.to_rfc3339());
            println!("Restored {}, as it was at {through}.", config.database_path().display());
            if restored.erased_again > 0 {
                println!("Erased again what was erased since: {}.", restored.erased_again);
            }
            if restored.desk.requests > 0 {
                println!("Taken in what the desk registered since: {}.", restored.desk.requests);
            }
            if !restored.desk.damaged.is_empty() {
                let lines = logs::named(&restored.desk.damaged);
                println!("Registrations of the desk that can't be read, in its log: {lines}.");
            }
            println!(
                "Everybody chooses a new password at the next sign-in, behind the code of their telephone, and gets new recovery codes."
            );
            if restored.without_password > 0 {
                println!(
                    "Without a second factor nobody signs in by a password of the backup ({} people). Give them one: istiqbal office users reset-password NAME",
                    restored.without_password
                );
            }
            match OfficeKeys::read(&config.data) {
                Ok(_) => {
                    println!(
                        "Kiosks send again what came after, when the office is started: istiqbal office serve\nOne that joined since the backup asks to be let in again: see the page of the kiosks."
                    )
                }
                // The copy can be looked at all the same: a drill needs no keys.
                Err(error) => println!(
                    "The office's keys aren't there ({error}). Before it is started: istiqbal office keys import\nOnly with them its logs can be verified: who was erased since, and what the desk registered, counts from the first start."
                ),
            }
        }
        Command::Check { trail_head, config } => {
            let config = config.read()?;
            let summary = commands::check_with_witnesses(&config, &trail_head).await?;
            println!("{}", serde_json::to_string(&summary)?);
            return Ok(summary.is_sound());
        }
    }
    Ok(true)
}

/// Asks at a terminal what becomes of erasures that no key vouches for; elsewhere they are refused.
fn ask_about_unkeyed(config: &OfficeConfig, from: &std::path::Path) -> Result<UnkeyedErasures> {
    let unkeyed = backup::unkeyed_erasures(config, from)?;
    if unkeyed.is_empty() || !std::io::stdin().is_terminal() {
        return Ok(UnkeyedErasures::Refuse);
    }
    eprintln!("{}\nErase these? Type yes, or no to leave all of them out:", backup::told(&unkeyed));
    let mut answer = String::new();
    std::io::stdin().lock().take(16).read_line(&mut answer)?;
    Ok(match answer.trim() {
        "yes" => UnkeyedErasures::Accept(unkeyed),
        "no" => UnkeyedErasures::Ignore,
        _ => UnkeyedErasures::Refuse,
    })
}

fn trail_head(text: &str) -> Result<[u8; 32], &'static str> {
    unhex(text.trim()).ok_or("a head of the trail has 64 hexadecimal digits")
}

/// What stands on standard input, without the end of its line.
fn read_line(what: &str) -> Result<String> {
    if std::io::stdin().is_terminal() {
        eprintln!("Type the {what} and end with Ctrl-D:");
    }
    let mut text = String::new();
    std::io::stdin().take(1024).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
