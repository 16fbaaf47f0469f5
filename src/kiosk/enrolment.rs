//! What a kiosk knows of its office after it was enrolled: a small file beside its key.
//!
//! The office has signed it, so that a changed digit, or another kiosk's file or key, is noticed before anybody gets a
//! receipt. A file that an earlier version wrote has no signature; it comes with the office's next word.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::tracking_number::KioskNumber;
use crate::ledger::{self, Identity, LedgerError, durable};
use crate::replication::invite::{Invite, Pin};
use crate::replication::kiosk::{self, KioskSideError, Office};
use crate::replication::tls::{self, TlsError};
use crate::replication::wire::{EnrolmentTerms, SignedEnrolment};
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
    #[error(
        "{}: what stands in it isn't what the office has signed. Restore it from its copy. Nothing was started: receipts given by it might be worth nothing", .0.display()
    )]
    NotSigned(PathBuf),
    #[error(
        "{}: this isn't the key by which kiosk {kiosk} was enrolled. Restore it from its copy, or enrolment.toml where that one is another kiosk's. Nothing was started: receipts given by it would be worth nothing", path.display()
    )]
    OtherSeed { path: PathBuf, kiosk: KioskNumber },
    #[error(
        "{}: this kiosk is already enrolled as number {kiosk}. If its office doesn't know it, as after a restore, start it: at the office a person lets it in again on the page of the kiosks, or by `istiqbal office invite --again {}`. To enrol it anew, under a new number, give it a fresh data folder", path.display(), kiosk.get()
    )]
    AlreadyEnrolled { path: PathBuf, kiosk: KioskNumber },
    #[error("{}: another program is enrolling this kiosk, or runs it. Wait for its end; then look with `istiqbal kiosk check`", .0.display())]
    Busy(PathBuf),
    #[error("{}: it is gone, and the folder holds records of a kiosk. Restore it from its copy, or enrol in a fresh data folder", .0.display())]
    RecordsOfAnother(PathBuf),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Tls(#[from] TlsError),
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

    /// True when there is no enrolment here, or no key: nothing says whose the records are.
    pub fn is_without_owner(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Seed(SeedError::Missing { .. }))
    }

    /// True when a file that belongs to this kiosk must be put back from its copy.
    pub fn asks_for_a_copy(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::NotSigned(_)
                | Self::OtherSeed { .. }
                | Self::RecordsOfAnother(_)
                | Self::Seed(_)
        )
    }
}

/// The file's form: hexadecimal texts, readable for the one who repairs. The last three came later, and together.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolmentFile {
    office_address: String,
    office_pin: String,
    office_proving_key: String,
    kiosk: KioskNumber,
    first_epoch: String,
    sealing_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kiosk_proving_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kiosk_pin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    office_signature: Option<String>,
}

/// An enrolled kiosk: its keys, its place in the world, and its office.
#[derive(Clone)]
pub struct Enrolment {
    pub identity: Identity,
    pub office: Office,
    pub terms: EnrolmentTerms,
    /// The office's under the terms; `None` until an office has given it that knows of signatures
    pub signature: Option<[u8; 64]>,
}

impl Enrolment {
    /// Reads the enrolment and the key beside it.
    ///
    /// # Errors
    /// Also when the two don't belong together, or aren't what the office has signed.
    pub fn read(data: &Path) -> Result<Self, EnrolmentError> {
        let path = file(data);
        let content = EnrolmentFile::read(&path)?;
        let damaged = |key: &str| {
            let cause = format!("`{key}` doesn't have its hexadecimal digits");
            EnrolmentError::Damaged { path: path.clone(), cause }
        };
        let keys = KioskKeys::from_seed(&Seed::read(&seed_path(data), FRESH)?);
        let unsigned = EnrolmentTerms {
            kiosk: content.kiosk,
            first_epoch: Epoch(unhex(&content.first_epoch).ok_or_else(|| damaged("first_epoch"))?),
            sealing_key: SealingKey(unhex(&content.sealing_key).ok_or_else(|| damaged("sealing_key"))?),
            office_proving_key: ProvingKey(
                unhex(&content.office_proving_key).ok_or_else(|| damaged("office_proving_key"))?,
            ),
            office_pin: Pin(unhex(&content.office_pin).ok_or_else(|| damaged("office_pin"))?),
            kiosk_proving_key: keys.proving_key(),
            kiosk_pin: tls::pin_of_secret(keys.tls_secret())?,
        };
        let mut signed = None;
        match (&content.kiosk_proving_key, &content.kiosk_pin, &content.office_signature) {
            (None, None, None) => {}
            (Some(key), Some(pin), Some(signature)) => {
                let terms = EnrolmentTerms {
                    kiosk_proving_key: ProvingKey(unhex(key).ok_or_else(|| damaged("kiosk_proving_key"))?),
                    kiosk_pin: Pin(unhex(pin).ok_or_else(|| damaged("kiosk_pin"))?),
                    ..unsigned
                };
                let signature = unhex(signature).ok_or_else(|| damaged("office_signature"))?;
                terms.verify(&signature).map_err(|_| EnrolmentError::NotSigned(path.clone()))?;
                if terms != unsigned {
                    return Err(EnrolmentError::OtherSeed { path: seed_path(data), kiosk: content.kiosk });
                }
                signed = Some(signature);
            }
            _ => {
                let cause = "`kiosk_proving_key`, `kiosk_pin` and `office_signature` stand there together".into();
                return Err(EnrolmentError::Damaged { path, cause });
            }
        }
        let EnrolmentTerms { kiosk, first_epoch, sealing_key, office_proving_key, office_pin, .. } = unsigned;
        let identity = Identity::new(keys, kiosk, first_epoch, sealing_key);
        Ok(Self {
            identity: if signed.is_some() { identity.proved() } else { identity },
            office: Office { address: content.office_address, pin: office_pin, proving_key: office_proving_key },
            terms: unsigned,
            signature: signed,
        })
    }

    /// Makes the kiosk's key if there is none, and enrols at the office by its invite. One program does so at a time.
    pub async fn by_invite(data: &Path, invite: &Invite, name: String) -> Result<Self, EnrolmentError> {
        durable::make_folder(data).map_err(|source| EnrolmentError::Io { path: data.to_owned(), source })?;
        let lock = ledger::lock(data);
        match (Self::read(data), &lock) {
            (Ok(enrolled), _) => {
                return Err(EnrolmentError::AlreadyEnrolled { path: file(data), kiosk: enrolled.identity.kiosk() });
            }
            (_, Err(LedgerError::InUse(_))) => return Err(EnrolmentError::Busy(data.to_owned())),
            (Err(EnrolmentError::Missing(_)), _) if !data.join("journal").exists() => {}
            // A lost or damaged key is no reason to make another one beside records that were signed by it.
            (Err(EnrolmentError::Missing(path)), _) => return Err(EnrolmentError::RecordsOfAnother(path)),
            (Err(error), _) => return Err(error),
        }
        let _lock = lock?;
        let seed = match Seed::read(&seed_path(data), FRESH) {
            Err(SeedError::Missing { path, .. }) => Seed::create(&path)?,
            other => other?,
        };
        let keys = KioskKeys::from_seed(&seed);
        let answer = kiosk::enrol(invite, &keys, name).await?;
        let enrolled = answer.first;
        let terms = EnrolmentTerms {
            kiosk: enrolled.kiosk,
            first_epoch: enrolled.epoch,
            sealing_key: enrolled.sealing_key,
            office_proving_key: enrolled.proving_key,
            office_pin: invite.pin,
            kiosk_proving_key: keys.proving_key(),
            kiosk_pin: tls::pin_of_secret(keys.tls_secret())?,
        };
        let signature = match answer.more {
            None => None,
            Some(signed) if signed.terms == terms => Some(signed.verified().map_err(|_| KioskSideError::Answer)?),
            Some(_) => return Err(KioskSideError::Answer.into()),
        };
        ledger::mark_new(data)?;
        write(data, invite.address.clone(), &terms, signature)?;
        Self::read(data)
    }
}

impl EnrolmentFile {
    fn read(path: &Path) -> Result<Self, EnrolmentError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(EnrolmentError::Missing(path.to_owned()));
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let cause = "it is no text".into();
                return Err(EnrolmentError::Damaged { path: path.to_owned(), cause });
            }
            other => other.map_err(|source| EnrolmentError::Io { path: path.to_owned(), source })?,
        };
        toml::from_str(&text)
            .map_err(|error| EnrolmentError::Damaged { path: path.to_owned(), cause: error.message().to_owned() })
    }
}

/// Keeps what the office has signed anew: its first signature, or another sealing key. The address stays as it stands in
/// the file, where somebody may have changed it.
pub fn keep(data: &Path, signed: &SignedEnrolment) -> Result<(), EnrolmentError> {
    let address = EnrolmentFile::read(&file(data))?.office_address;
    let signature = signed.verified().map_err(|_| EnrolmentError::NotSigned(file(data)))?;
    write(data, address, &signed.terms, Some(signature))
}

fn write(
    data: &Path,
    office_address: String,
    terms: &EnrolmentTerms,
    signature: Option<[u8; 64]>,
) -> Result<(), EnrolmentError> {
    let path = file(data);
    let content = EnrolmentFile {
        office_address,
        office_pin: hex(&terms.office_pin.0),
        office_proving_key: hex(&terms.office_proving_key.0),
        kiosk: terms.kiosk,
        first_epoch: hex(&terms.first_epoch.0),
        sealing_key: hex(&terms.sealing_key.0),
        kiosk_proving_key: signature.map(|_| hex(&terms.kiosk_proving_key.0)),
        kiosk_pin: signature.map(|_| hex(&terms.kiosk_pin.0)),
        office_signature: signature.map(|signature| hex(&signature)),
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

#[cfg(test)]
mod tests;
