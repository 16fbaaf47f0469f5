//! `istiqbal office users …`, and what adds people.

use anyhow::Result;
use istiqbal::domain::clock::SharedClock;
use istiqbal::office::OfficeConfig;
use istiqbal::office::commands::{self, GivenPassword};
use istiqbal::office::people::{FullName, Role};
use istiqbal::office::staff::Change;

use super::read_line;
use crate::Config;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Name everybody: role, second factor, when last seen, disabled
    List {
        #[command(flatten)]
        config: Config<false>,
    },
    /// Give somebody a new password, which is printed once and must be changed at the next sign-in
    ResetPassword {
        name: String,
        #[command(flatten)]
        password: Password,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Take somebody's second factor away, for a lost telephone: it is set up anew at the next sign-in
    ResetSecondFactor {
        name: String,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Let somebody sign in no more, at once; what they did stays in the trail under their name
    Disable {
        name: String,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Let somebody sign in again
    Enable {
        name: String,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Give somebody another role
    SetRole {
        name: String,
        /// reception, researcher, committee, manager, administrator or auditor
        role: Role,
        #[command(flatten)]
        config: Config<false>,
    },
    /// Say how minutes and pages call somebody; an empty text takes it back
    SetFullName {
        name: String,
        full_name: String,
        #[command(flatten)]
        config: Config<false>,
    },
    /// End all sessions of somebody
    SignOut {
        name: String,
        #[command(flatten)]
        config: Config<false>,
    },
}

/// How a password comes to a command.
#[derive(clap::Args)]
pub struct Password {
    /// Read the password from standard input; without this one is made and printed. Either must be changed at the next sign-in
    #[arg(long)]
    pub password_stdin: bool,
    /// The password that is read is the person's own, or a script's: it needn't be changed
    #[arg(long, requires = "password_stdin")]
    own_password: bool,
}

impl Password {
    fn read(&self) -> Result<Option<String>> {
        self.password_stdin.then(|| read_line("password")).transpose()
    }

    fn given<'a>(&self, text: &'a str) -> GivenPassword<'a> {
        GivenPassword { text, is_own: self.own_password }
    }
}

pub async fn carry_out(command: Command, clock: &SharedClock) -> Result<()> {
    let change = async |config: Config<false>, name: String, change: Change, done: &str| -> Result<()> {
        commands::change_user(&config.read()?, clock, &name, change).await?;
        println!("{name}: {done}");
        Ok(())
    };
    match command {
        Command::List { config } => list(&config.read()?).await,
        Command::ResetPassword { name, password, config } => {
            let config = config.read()?;
            let given = password.read()?;
            let kept = given.as_deref().map(|text| password.given(text));
            let password = commands::reset_password(&config, clock, &name, kept).await?;
            match given {
                Some(_) => println!("{name} has another password, and is signed out everywhere."),
                None => println!(
                    "{name} is signed out everywhere. The password, shown only now, to be changed at the next sign-in: {password}"
                ),
            }
            Ok(())
        }
        Command::ResetSecondFactor { name, config } => {
            change(config, name, Change::ResetSecondFactor, "the second factor is gone; signed out everywhere").await
        }
        Command::Disable { name, config } => {
            change(config, name, Change::Disable, "can't sign in any more, and is signed out everywhere").await
        }
        Command::Enable { name, config } => change(config, name, Change::Enable, "can sign in again").await,
        Command::SetRole { name, role, config } => {
            change(config, name, Change::Role(role), &format!("is {role}; signed out everywhere")).await
        }
        Command::SetFullName { name, full_name, config } => {
            let full_name = FullName::parse_optional(&full_name)?;
            let called = full_name.as_ref().map_or(&*name, FullName::as_str).to_owned();
            change(config, name, Change::FullName(full_name), &format!("is called {called}")).await
        }
        Command::SignOut { name, config } => change(config, name, Change::SignOut, "signed out everywhere").await,
    }
}

/// Adds somebody by `office user` and `office init --administrator`.
pub async fn add(
    config: &OfficeConfig,
    clock: &SharedClock,
    name: &str,
    role: Role,
    password: &Password,
) -> Result<()> {
    if let Some(given) = password.read()? {
        commands::add_user(config, clock, name, role, password.given(&given)).await?;
        println!("Added {name} as {role}.");
    } else {
        let password = commands::add_user_with_generated_password(config, clock, name, role).await?;
        println!(
            "Added {name} as {role}. The password, shown only now, to be changed at the first sign-in: {password}"
        );
    }
    Ok(())
}

async fn list(config: &OfficeConfig) -> Result<()> {
    for person in commands::users(config).await? {
        let mut about = vec![person.role.to_string()];
        about.push(if person.has_second_factor { "second factor".into() } else { "no second factor".into() });
        about.push(match person.last_seen_at {
            Some(at) => format!("last seen {}", at.format("%Y-%m-%d %H:%M UTC")),
            None => "never signed in".into(),
        });
        if person.password_is_initial {
            about.push("password not yet changed".into());
        }
        if person.is_disabled {
            about.push("disabled".into());
        }
        if let Some(full_name) = &person.full_name {
            about.insert(0, full_name.clone());
        }
        println!("{}: {}", person.name, about.join(", "));
    }
    Ok(())
}
