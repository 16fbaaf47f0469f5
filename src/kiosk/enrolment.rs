//! What a kiosk knows of its office after it was enrolled: a small file beside its key.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::tracking_number::KioskNumber;
use crate::ledger::{self, Identity, LedgerError, durable};
use crate::replication::invite::{Invite, Pin};
use crate::replication::kiosk::{self, KioskSideError, Office};
use crate::replication::wire::Enrolled;
use crate::seal::envelope::Epoch;
use crate::seal::keys::{KioskKeys, ProvingKey, SealingKey, hex, unhex};
use crate::seal::seed::{Seed, SeedError};

/// The command that makes a kiosk's key and enrols it.
const FRESH: &str = "istiqbal kiosk enroll --invite …, with `data` set to a fresh folder";

#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    #[error("{}: this kiosk isn't enrolled. Run: istiqbal kiosk enroll --invite … (the office makes the invite: istiqbal office invite --print)", .0.display())]
    Missing(PathBuf),
    #[error("{}: damaged ({cause}). Restore it from its copy, or enrol the kiosk again in a fresh data folder", path.display())]
    Damaged { path: PathBuf, cause: String },
    #[error("{}: this kiosk is already enrolled as number {kiosk}. To enrol it anew, give it a fresh data folder", path.display())]
    AlreadyEnrolled { path: PathBuf, kiosk: KioskNumber },
    #[error("{}: it is gone, and the folder holds records of a kiosk. Restore it from its copy, or enrol in a fresh data folder", .0.display())]
    RecordsOfAnother(PathBuf),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Replication(#[from] KioskSideError),
}

impl EnrolmentError {
    /// True when there is no kiosk in the folder, and never was: it may join.
    pub fn is_fresh(&self) -> bool {
        match self {
            Self::Missing(file) => file.parent().is_none_or(|data| !data.join("journal").exists()),
            _ => false,
        }
    }
}

/// The file's form: hexadecimal texts, readable for the one who repairs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolmentFile {
    office_address: String,
    office_pin: String,
    office_proving_key: String,
    kiosk: KioskNumber,
    first_epoch: String,
    sealing_key: String,
}

/// An enrolled kiosk: its keys, its place in the world, and its office.
#[derive(Clone)]
pub struct Enrolment {
    pub identity: Identity,
    pub office: Office,
}

impl Enrolment {
    pub fn read(data: &Path) -> Result<Self, EnrolmentError> {
        let path = file(data);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(EnrolmentError::Missing(path)),
            other => other.map_err(|source| EnrolmentError::Io { path: path.clone(), source })?,
        };
        let file: EnrolmentFile = toml::from_str(&text)
            .map_err(|error| EnrolmentError::Damaged { path: path.clone(), cause: error.message().to_owned() })?;
        let damaged = |key: &str| {
            let cause = format!("`{key}` doesn't have its hexadecimal digits");
            EnrolmentError::Damaged { path: path.clone(), cause }
        };
        let keys = KioskKeys::from_seed(&Seed::read(&seed_path(data), FRESH)?);
        Ok(Self {
            identity: Identity {
                keys,
                kiosk: file.kiosk,
                first_epoch: Epoch(unhex(&file.first_epoch).ok_or_else(|| damaged("first_epoch"))?),
                sealing_key: SealingKey(unhex(&file.sealing_key).ok_or_else(|| damaged("sealing_key"))?),
            },
            office: Office {
                address: file.office_address,
                pin: Pin(unhex(&file.office_pin).ok_or_else(|| damaged("office_pin"))?),
                proving_key: ProvingKey(unhex(&file.office_proving_key).ok_or_else(|| damaged("office_proving_key"))?),
            },
        })
    }

    /// Makes the kiosk's key if there is none, and enrols at the office by its invite.
    pub async fn by_invite(data: &Path, invite: &Invite, name: String) -> Result<Self, EnrolmentError> {
        match Self::read(data) {
            Ok(enrolled) => {
                return Err(EnrolmentError::AlreadyEnrolled { path: file(data), kiosk: enrolled.identity.kiosk });
            }
            Err(EnrolmentError::Missing(_)) if !data.join("journal").exists() => {}
            // A lost or damaged key is no reason to make another one beside records that were signed by it.
            Err(EnrolmentError::Missing(path)) => return Err(EnrolmentError::RecordsOfAnother(path)),
            Err(error) => return Err(error),
        }
        durable::make_folder(data).map_err(|source| EnrolmentError::Io { path: data.to_owned(), source })?;
        let seed = match Seed::read(&seed_path(data), FRESH) {
            Err(SeedError::Missing { path, .. }) => Seed::create(&path)?,
            other => other?,
        };
        let enrolled = kiosk::enrol(invite, &KioskKeys::from_seed(&seed), name).await?;
        ledger::mark_new(data)?;
        write(data, invite, &enrolled)?;
        Self::read(data)
    }
}

fn write(data: &Path, invite: &Invite, enrolled: &Enrolled) -> Result<(), EnrolmentError> {
    let path = file(data);
    let content = EnrolmentFile {
        office_address: invite.address.clone(),
        office_pin: hex(&invite.pin.0),
        office_proving_key: hex(&enrolled.proving_key.0),
        kiosk: enrolled.kiosk,
        first_epoch: hex(&enrolled.epoch.0),
        sealing_key: hex(&enrolled.sealing_key.0),
    };
    let text = toml::to_string(&content)
        .map_err(|error| EnrolmentError::Damaged { path: path.clone(), cause: error.to_string() })?;
    durable::replace_file(&path, text.as_bytes()).map_err(|source| EnrolmentError::Io { path, source })
}

fn file(data: &Path) -> PathBuf {
    data.join("enrolment.toml")
}

fn seed_path(data: &Path) -> PathBuf {
    data.join("kiosk.seed")
}
