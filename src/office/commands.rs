//! What `istiqbal office …` does; the command line itself is in `main.rs`.

use std::future::Future;
use std::io::{self, BufRead, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::Serialize;

use super::backup::{self, BackupError, Made};
use super::config::OfficeConfig;
use super::database::people::{self as people_table, ListedPerson};
use super::database::trail::Actor;
use super::database::{Database, DatabaseError};
use super::enrolment::again::{self, AgainError, Whom};
use super::enrolment::{self, InviteFailure};
use super::erasure::ErasureError;
use super::keys::{self, ExportError, Lock};
use super::logs::LogError;
use super::paper_copies::{self, Imported};
use super::passwords::{self, PasswordError};
use super::people::{Role, UserName, UserNameError};
use super::server::{Server, ServerError};
use super::staff::{self, Change, NewPassword, StaffError};
use super::upgrade::{self, UpgradeError};
use super::verification::AcceptRollback;
use crate::config::ConfigError;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::replication::invite::Invite;
use crate::seal::keys::OfficeKeys;
use crate::seal::paper_copy;
use crate::seal::seed::{Seed, SeedError};

pub use super::check::{Summary, check, check_with_witnesses};

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Invite(#[from] InviteFailure),
    #[error(transparent)]
    Again(#[from] AgainError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    UserName(#[from] UserNameError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Staff(#[from] StaffError),
    #[error("{}: can't be made ({source}): choose another folder by `data` in the office's file", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error(
        "{}: there is a database but its key is gone. Restore `office.seed` from its copy, or by `istiqbal office keys import`: without it no record can be opened", path.display()
    )]
    KeyGone { path: PathBuf },
    #[error(
        "`replication_listen` has port 0, so that an invite can't say where the office listens: set `replication_address` in the office's file"
    )]
    NoAddress,
}

/// What [`init`] found or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initialised {
    Made,
    /// Everything was there; nothing was touched
    AlreadyThere,
}

/// Makes the folder (readable by its owner only), the key and the database. What is there, as imported keys may be, is
/// left as it is.
pub async fn init(config: &OfficeConfig) -> Result<Initialised, CommandError> {
    make_private_folder(&config.data)?;
    let had_database = config.database_path().exists();
    let made = match OfficeKeys::read(&config.data) {
        Ok(_) => !had_database,
        Err(SeedError::Missing { .. }) if had_database => {
            return Err(CommandError::KeyGone { path: config.data.clone() });
        }
        Err(SeedError::Missing { .. }) => {
            Seed::create(&config.seed_path())?;
            true
        }
        Err(error) => return Err(error.into()),
    };
    let database = match upgrade::open(config).await {
        // A database that `init` was about to make has no tables yet.
        Err(UpgradeError::Database(DatabaseError::Missing { .. } | DatabaseError::Empty { .. })) => {
            Database::open_or_create(&config.database_path()).await?
        }
        opened => opened?,
    };
    let bound = keys::bind_new(&database, &OfficeKeys::read(&config.data)?).await;
    database.close().await;
    bound?;
    Ok(if made { Initialised::Made } else { Initialised::AlreadyThere })
}

/// Serves until `until` is done. `ready` hears of the server once both listeners answer.
pub async fn serve(
    config: &OfficeConfig,
    clock: SharedClock,
    accept: AcceptRollback,
    ready: impl FnOnce(&Server),
    until: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let catalogue = Catalogue::read(&config.catalogue)?;
    let server = Server::start_with(config, catalogue, clock, accept).await?;
    ready(&server);
    until.await;
    server.shutdown().await;
    Ok(())
}

/// Makes an invite for one kiosk, good for `ttl` ([`enrolment::INVITE_MINUTES`] by custom).
pub async fn invite(config: &OfficeConfig, clock: &SharedClock, ttl: TimeDelta) -> Result<Invite, CommandError> {
    let address = match &config.replication_address {
        Some(address) => address.clone(),
        None if config.replication_listen.port() > 0 => config.replication_listen.to_string(),
        None => return Err(CommandError::NoAddress),
    };
    let keys = OfficeKeys::read(&config.data)?;
    let database = upgrade::open(config).await?;
    let invite = enrolment::invite(&database, &keys, &address, clock.now(), ttl, &Actor::Command).await;
    database.close().await;
    Ok(invite?)
}

/// Lets the kiosk that knocks by this number in again.
pub async fn let_in(
    config: &OfficeConfig,
    clock: &SharedClock,
    number: KioskNumber,
) -> Result<KioskNumber, CommandError> {
    let keys = OfficeKeys::read(&config.data)?;
    let log = config.numbers_log();
    in_database(config, async |database| {
        let by = (clock.now(), &Actor::Command);
        Ok(again::let_in(database, (&keys, &log), Whom::Number(number), by).await?)
    })
    .await
}

/// A password that somebody gives to a command.
#[derive(Clone, Copy, Debug)]
pub struct GivenPassword<'a> {
    pub text: &'a str,
    /// Its person has typed it, or is a script: it needn't be changed at the next sign-in
    pub is_own: bool,
}

impl<'a> GivenPassword<'a> {
    pub fn own(text: &'a str) -> Self {
        Self { text, is_own: true }
    }
}

/// Adds a person of the staff with a given password.
pub async fn add_user(
    config: &OfficeConfig,
    clock: &SharedClock,
    name: &str,
    role: Role,
    password: GivenPassword<'_>,
) -> Result<(), CommandError> {
    let name = UserName::parse(name)?;
    passwords::check_choice(password.text, name.as_str())?;
    let kept = NewPassword { hash: passwords::hash(password.text)?, is_initial: !password.is_own };
    in_database(config, async |database| {
        Ok(staff::add(database, clock.now(), &Actor::Command, &name, None, role, kept).await?)
    })
    .await
}

/// Adds a person with a generated password, which this gives back: it must be changed at the first sign-in.
pub async fn add_user_with_generated_password(
    config: &OfficeConfig,
    clock: &SharedClock,
    name: &str,
    role: Role,
) -> Result<String, CommandError> {
    let name = UserName::parse(name)?;
    let password = passwords::generated();
    let kept = NewPassword { hash: passwords::hash(&password)?, is_initial: true };
    in_database(config, async |database| {
        Ok(staff::add(database, clock.now(), &Actor::Command, &name, None, role, kept).await?)
    })
    .await?;
    Ok(password)
}

/// All people of the staff, by name.
pub async fn users(config: &OfficeConfig) -> Result<Vec<ListedPerson>, CommandError> {
    in_database(config, async |database| Ok(people_table::all(&mut *database.read().await?).await?)).await
}

/// Changes one thing of a person.
pub async fn change_user(
    config: &OfficeConfig,
    clock: &SharedClock,
    name: &str,
    change: Change,
) -> Result<(), CommandError> {
    in_database(config, async |database| {
        let id = id_of(database, name).await?;
        Ok(staff::change(database, clock.now(), &Actor::Command, &id, change).await?)
    })
    .await
}

/// Gives a person another password: the one given, or a generated one that is given back and must be changed at the next
/// sign-in. All sessions of theirs end.
pub async fn reset_password(
    config: &OfficeConfig,
    clock: &SharedClock,
    name: &str,
    given: Option<GivenPassword<'_>>,
) -> Result<String, CommandError> {
    let name = UserName::parse(name)?;
    let password = match given {
        Some(given) => {
            passwords::check_choice(given.text, name.as_str())?;
            given.text.to_owned()
        }
        None => passwords::generated(),
    };
    let is_initial = given.is_none_or(|given| !given.is_own);
    let kept = NewPassword { hash: passwords::hash(&password)?, is_initial };
    in_database(config, async |database| {
        let id = id_of(database, name.as_str()).await?;
        Ok(staff::reset_password(database, clock.now(), &Actor::Command, &id, kept).await?)
    })
    .await?;
    Ok(password)
}

async fn id_of(database: &Database, name: &str) -> Result<String, CommandError> {
    let name = UserName::parse(name)?;
    let person = people_table::find(&mut *database.read().await?, &name).await?;
    Ok(person.ok_or(StaffError::NoSuchUser)?.id)
}

/// Opens the database for one piece of work, and closes it again.
async fn in_database<T>(
    config: &OfficeConfig,
    work: impl AsyncFnOnce(&Database) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let database = upgrade::open(config).await?;
    let done = work(&database).await;
    database.close().await;
    done
}

/// One line that [`import_paper`] prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum ImportLine {
    Taken {
        tracking_number: TrackingNumber,
        /// False when the request was here already
        imported: bool,
    },
    Refused {
        error: String,
    },
}

/// Restores requests from their paper copies, one a line of digits, and answers each with a line of JSON. True when all
/// of them could be taken.
pub async fn import_paper(
    config: &OfficeConfig,
    clock: SharedClock,
    copies: impl BufRead,
    admit_revoked: bool,
    mut answers: impl Write,
) -> Result<bool, CommandError> {
    let keys = OfficeKeys::read(&config.data)?;
    let database = upgrade::open(config).await?;
    let mut all_taken = true;
    for line in copies.split(b'\n') {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let taken = match paper_copy::parse(&text) {
            Ok(copy) => {
                let import = paper_copies::import(&database, &keys, clock.now(), &copy, &Actor::Command, admit_revoked);
                import.await.map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        all_taken &= taken.is_ok();
        let line = match taken {
            Ok(Imported { tracking_number, is_news, .. }) => ImportLine::Taken { tracking_number, imported: is_news },
            Err(error) => ImportLine::Refused { error },
        };
        writeln!(answers, "{}", serde_json::to_string(&line).map_err(io::Error::other)?)?;
    }
    database.close().await;
    Ok(all_taken)
}

/// Makes a backup now, beside a running office or without one. `lock` is what the office's file says unless another is
/// given.
pub async fn back_up(config: &OfficeConfig, clock: &SharedClock, lock: Option<Lock>) -> Result<Made, CommandError> {
    let lock = match lock {
        Some(lock) => lock,
        None => config.backup.lock()?,
    };
    let database = upgrade::open(config).await?;
    let made = backup::make(&database, &config.data, &config.backup, lock, clock.now()).await;
    database.close().await;
    Ok(made?)
}

/// Makes a folder that only its owner can read, with those above it.
pub(super) fn make_private_folder(path: &Path) -> Result<(), CommandError> {
    let failed = |source| CommandError::Folder { path: path.to_owned(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::enrolment::INVITE_MINUTES;

    fn config(folder: &Path) -> OfficeConfig {
        OfficeConfig {
            replication_address: Some("office.example:7443".into()),
            ..OfficeConfig::local(folder.join("new/office"), folder.join("catalog.toml"))
        }
    }

    #[tokio::test]
    async fn an_office_is_set_up_by_commands_alone() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let clock = crate::domain::clock::SystemClock::shared();
        let missing = check(&config).await;
        assert!(matches!(missing, Err(CommandError::Upgrade(UpgradeError::Database(DatabaseError::Missing { .. })))));
        assert_eq!(init(&config).await.unwrap(), Initialised::Made);
        let seed = std::fs::read(config.seed_path()).unwrap();
        assert_eq!(init(&config).await.unwrap(), Initialised::AlreadyThere);
        assert_eq!(std::fs::read(config.seed_path()).unwrap(), seed);
        assert_eq!(std::fs::metadata(&config.data).unwrap().permissions().mode() & 0o777, 0o700);
        let ttl = TimeDelta::minutes(INVITE_MINUTES);
        assert_eq!(invite(&config, &clock, ttl).await.unwrap().address, "office.example:7443");
        let unknown = OfficeConfig { replication_address: None, ..config.clone() };
        assert!(matches!(invite(&unknown, &clock, ttl).await, Err(CommandError::NoAddress)));
        let password = passwords::generated();
        add_user(&config, &clock, "Noura", Role::Manager, GivenPassword::own(&password)).await.unwrap();
        let twice = add_user(&config, &clock, "noura", Role::Auditor, GivenPassword::own(&password)).await;
        assert!(matches!(twice, Err(CommandError::Staff(StaffError::UserExists(_)))));
        let short = add_user(&config, &clock, "saad", Role::Auditor, GivenPassword::own("short")).await;
        assert!(matches!(short, Err(CommandError::Password(PasswordError::Length))));
        let given = add_user_with_generated_password(&config, &clock, "saad", Role::Administrator).await.unwrap();
        let reset = reset_password(&config, &clock, "Saad", None).await.unwrap();
        assert_ne!(given, reset);
        let chosen = reset_password(&config, &clock, "saad", Some(GivenPassword::own("password password"))).await;
        assert!(matches!(chosen, Err(CommandError::Password(PasswordError::Common))));
        reset_password(&config, &clock, "saad", Some(GivenPassword::own("a lamp, a chair, a well"))).await.unwrap();
        for change in [Change::Disable, Change::Role(Role::Auditor)] {
            let last = change_user(&config, &clock, "saad", change.clone()).await;
            assert!(matches!(last, Err(CommandError::Staff(StaffError::LastAdministrator))), "{change:?}");
        }
        change_user(&config, &clock, "noura", Change::Role(Role::Administrator)).await.unwrap();
        change_user(&config, &clock, "saad", Change::Disable).await.unwrap();
        let last = change_user(&config, &clock, "noura", Change::Role(Role::Manager)).await;
        assert!(
            matches!(last, Err(CommandError::Staff(StaffError::LastAdministrator))),
            "a disabled one doesn't count"
        );
        let nobody = change_user(&config, &clock, "nobody", Change::SignOut).await;
        assert!(matches!(nobody, Err(CommandError::Staff(StaffError::NoSuchUser))));
        let listed: Vec<_> = users(&config).await.unwrap().into_iter().map(|one| (one.name, one.is_disabled)).collect();
        assert_eq!(listed, [("noura".to_owned(), false), ("saad".to_owned(), true)]);
        let summary = check(&config).await.unwrap();
        assert!(summary.is_sound() && summary.requests == 0);
        let printed = serde_json::to_value(&summary).unwrap();
        for key in ["requests", "ratings", "suggestions", "kiosks", "damaged", "forks", "gaps"] {
            assert_eq!(printed[key], 0, "{key}");
        }
        assert_eq!(printed["trail"], "intact");
    }

    #[tokio::test]
    async fn a_database_without_its_key_is_not_given_another() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        init(&config).await.unwrap();
        std::fs::remove_file(config.seed_path()).unwrap();
        assert!(matches!(init(&config).await, Err(CommandError::KeyGone { .. })));
        assert!(!config.seed_path().exists());
    }
}
