//! `istiqbal office keys …`.

use std::path::PathBuf;

use anyhow::Result;
use istiqbal::domain::clock::SharedClock;
use istiqbal::office::keys::{self, Lock, Opener};

use super::read_line;
use crate::Config;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Show each sealing key: its id, its file, and which one kiosks are told
    List {
        #[command(flatten)]
        config: Config<false>,
    },
    /// Make one more sealing key, to which kiosks seal from now on; the earlier ones still open what was sealed to them
    Rotate {
        #[command(flatten)]
        config: Config<false>,
    },
    /// Write all keys into one new file, encrypted with age
    Export {
        /// A file that doesn't exist yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        lock: LockArguments,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Restore the keys from an export; key files that are there are never replaced
    Import {
        /// What `istiqbal office keys export` wrote
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        #[command(flatten)]
        opener: OpenerArguments,
        #[command(flatten)]
        config: Config<false>,
    },
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct LockArguments {
    /// Encrypt to this public key, whose identity file opens the export
    #[arg(long, value_name = "age1…")]
    recipient: Option<String>,
    /// Encrypt by a passphrase, which is read from standard input
    #[arg(long)]
    passphrase_stdin: bool,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct OpenerArguments {
    /// The identity file for whose public key the file was made
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Read the file's passphrase from standard input
    #[arg(long)]
    passphrase_stdin: bool,
}

impl OpenerArguments {
    pub fn opener(&self) -> Result<Opener> {
        Ok(match &self.identity {
            Some(path) => Opener::identity_file(path)?,
            None => Opener::passphrase(read_line("passphrase")?),
        })
    }
}

pub async fn carry_out(command: Command, clock: &SharedClock) -> Result<()> {
    match command {
        Command::List { config } => {
            for key in keys::list(&config.read()?)? {
                println!("{key}");
            }
        }
        Command::Rotate { config } => {
            let config = config.read()?;
            let key = keys::rotate(&config, clock).await?;
            println!("Made {}: kiosks now seal to {}.", config.data.join(&key.file).display(), key.id);
            println!("A running office takes it up within {} seconds.", keys::LOOK_EVERY.as_secs());
            println!("Keep all earlier key files: what was sealed to them can be opened by nothing else.");
            println!("Earlier exports lack this key. Make a new one: istiqbal office keys export");
        }
        Command::Export { out, lock, config } => {
            let config = config.read()?;
            let lock = match &lock.recipient {
                Some(recipient) => Lock::recipient(recipient)?,
                None => Lock::passphrase(read_line("passphrase")?)?,
            };
            let files = keys::export(&config, &out, &lock)?;
            println!("Exported {} to {}. Keep it away from this machine.", files.join(", "), out.display());
        }
        Command::Import { from, opener, config } => {
            let config = config.read()?;
            let imported = keys::import(&config, &from, &opener.opener()?)?;
            match imported.made.as_slice() {
                [] => println!("All keys of the export are there already; nothing was written."),
                made => println!("Restored {} in {}.", made.join(", "), config.data.display()),
            }
            for key in imported.keys {
                println!("{key}");
            }
        }
    }
    Ok(())
}
