//! `config/office.toml`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use age::x25519::Recipient;
use chrono::TimeDelta;
use serde::Deserialize;
use toml::Spanned;

use super::certificates::CertificateFiles;
use super::desk::log::{self as desk_log, DeskLog};
use super::enrolment::numbers::{self, NumbersLog};
use super::erasure::log::{self as erased_log, ErasedLog};
use super::logs::Places;
use super::notices::{SmsConfig, SmsFile};
use super::people::Role;
use super::sign_in::SECOND_FACTOR_FOR;
use super::uploads::UploadLimits;
use crate::config::{self, ConfigError};
use crate::domain::public_address::PublicAddress;
use crate::seal::keys::OfficeKeys;

/// Cells of fewer ratings are withheld unless the file says otherwise.
const RATING_MINIMUM: u32 = 5;
/// So many members decide a case at least, unless the file says otherwise.
const COMMITTEE_QUORUM: u32 = 3;
const BACKUP_EVERY_MINUTES: u32 = 60;
const BACKUP_KEEP_DAYS: u32 = 30;
/// The longest that the file may say, so that no day leaves the calendar.
const RETENTION_YEARS_MAX: u32 = 100;

/// What an office needs to know before it starts.
#[derive(Clone, Debug)]
pub struct OfficeConfig {
    /// The folder of the database and the key
    pub data: PathBuf,
    /// The catalogue's file
    pub catalogue: PathBuf,
    /// Port 0 takes any free port; [`super::Server`] tells which
    pub staff_listen: SocketAddr,
    /// By which the staff pages speak TLS
    pub staff_certificate: Option<CertificateFiles>,
    /// Proxies on other machines whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed
    pub proxies: Vec<IpAddr>,
    /// The roles that must have a second factor
    pub second_factor_for: Vec<Role>,
    pub replication_listen: SocketAddr,
    /// `host:port` that invites say; `None` for the address the listener is really bound to
    pub replication_address: Option<String>,
    /// Satisfaction figures of fewer ratings are withheld
    pub rating_minimum: u32,
    /// So many members of the research committee decide a case at least; at least 1
    pub committee_quorum: u32,
    /// Where the status page listens; without it there is none
    pub public_listen: Option<SocketAddr>,
    /// By which the status page speaks TLS; without it a proxy does
    pub public_certificate: Option<CertificateFiles>,
    /// How people reach the status page
    pub public_address: Option<PublicAddress>,
    /// How notices go out; without it they go to the call list
    pub sms: Option<SmsConfig>,
    /// What the staff may upload
    pub uploads: UploadLimits,
    pub backup: BackupConfig,
    pub retention: Retention,
}

/// For how long what is personal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// So many years after its end a request is erased
    pub years_after_end: u32,
    /// So many years after it was left a suggestion is erased
    pub suggestion_years: u32,
}

/// That of requests is what the privacy notice of `config/catalog.toml` names.
impl Default for Retention {
    fn default() -> Self {
        Self { years_after_end: 5, suggestion_years: 2 }
    }
}

/// Where and how often the office's database is backed up.
#[derive(Clone, Debug)]
pub struct BackupConfig {
    pub folder: PathBuf,
    pub every: TimeDelta,
    /// Of the days before the last 24 hours, so many keep their newest backup
    pub keep_days: u32,
    /// The public keys that can open a backup; without any, none is made
    pub recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: PathBuf,
    catalogue: PathBuf,
    staff_listen: SocketAddr,
    staff_certificate: Option<Spanned<PathBuf>>,
    staff_key: Option<Spanned<PathBuf>>,
    #[serde(default)]
    proxies: Vec<IpAddr>,
    second_factor_for: Option<Vec<Spanned<String>>>,
    replication_listen: SocketAddr,
    replication_address: Option<Spanned<String>>,
    rating_minimum: Option<Spanned<u32>>,
    public_listen: Option<SocketAddr>,
    public_certificate: Option<Spanned<PathBuf>>,
    public_key: Option<Spanned<PathBuf>>,
    public_address: Option<PublicAddress>,
    sms: Option<SmsFile>,
    upload_megabytes_max: Option<Spanned<u16>>,
    uploads_max: Option<Spanned<u32>>,
    upload_seconds_max: Option<Spanned<u32>>,
    #[serde(default)]
    committee: CommitteeFile,
    backup: Option<BackupFile>,
    retention: Option<RetentionFile>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitteeFile {
    quorum: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupFile {
    folder: Option<PathBuf>,
    every_minutes: Option<Spanned<u32>>,
    keep_days: Option<Spanned<u32>>,
    #[serde(default)]
    recipients: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetentionFile {
    years_after_end: Option<Spanned<u32>>,
    suggestion_years: Option<Spanned<u32>>,
}

impl RetentionFile {
    fn checked(self, wrong: impl Fn(usize, &str) -> ConfigError) -> Result<Retention, ConfigError> {
        let years = |years: Option<Spanned<u32>>, unless_said: u32| match years {
            Some(years) if !(1..=RETENTION_YEARS_MAX).contains(years.get_ref()) => {
                let cause =
                    format!("at least 1 year and at most {RETENTION_YEARS_MAX}; the privacy notice says the same");
                Err(wrong(years.span().start, &cause))
            }
            Some(years) => Ok(years.into_inner()),
            None => Ok(unless_said),
        };
        let unless_said = Retention::default();
        Ok(Retention {
            years_after_end: years(self.years_after_end, unless_said.years_after_end)?,
            suggestion_years: years(self.suggestion_years, unless_said.suggestion_years)?,
        })
    }
}

impl OfficeConfig {
    /// An office at free ports of this machine that asks nobody for a second factor, with everything else as it is unless
    /// the file says otherwise.
    pub fn local(data: PathBuf, catalogue: PathBuf) -> Self {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            backup: BackupConfig::beside(&data),
            retention: Retention::default(),
            data,
            catalogue,
            staff_listen: any_port,
            staff_certificate: None,
            proxies: Vec::new(),
            second_factor_for: Vec::new(),
            replication_listen: any_port,
            replication_address: None,
            rating_minimum: RATING_MINIMUM,
            committee_quorum: COMMITTEE_QUORUM,
            public_listen: None,
            public_certificate: None,
            public_address: None,
            sms: None,
            uploads: UploadLimits::default(),
        }
    }

    /// Reads the file; its relative paths begin at its own folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = config::read_text(path)?;
        let file: File = config::parse(path, &text)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        if let Some(address) = &file.replication_address
            && !is_address(address.get_ref())
        {
            let cause = "an address is host:port, for example office.example:7443";
            return Err(config::error_at(path, &text, Some(address.span().start), cause));
        }
        if let Some(minimum) = &file.rating_minimum
            && *minimum.get_ref() == 0
        {
            return Err(config::error_at(
                path,
                &text,
                Some(minimum.span().start),
                "the minimum is at least 1; 5 is right",
            ));
        }
        if let Some(quorum) = &file.committee.quorum
            && *quorum.get_ref() == 0
        {
            let cause = "nobody can't decide: the quorum is at least 1";
            return Err(config::error_at(path, &text, Some(quorum.span().start), cause));
        }
        let uploads = upload_limits(path, &text, &file)?;
        let pair = |certificate: Option<Spanned<PathBuf>>, key: Option<Spanned<PathBuf>>, whose: &str| match (
            certificate,
            key,
        ) {
            (Some(certificate), Some(key)) => Ok(Some(CertificateFiles {
                certificate: folder.join(certificate.into_inner()),
                key: folder.join(key.into_inner()),
            })),
            (None, None) => Ok(None),
            (Some(alone), None) | (None, Some(alone)) => {
                let cause = format!("`{whose}_certificate` and `{whose}_key` belong together: name both, or neither");
                Err(config::error_at(path, &text, Some(alone.span().start), cause))
            }
        };
        let staff_certificate = pair(file.staff_certificate, file.staff_key, "staff")?;
        let public_certificate = pair(file.public_certificate, file.public_key, "public")?;
        let sms = file.sms.map(|sms| sms.check(path, &text)).transpose()?;
        let second_factor_for = match file.second_factor_for {
            Some(words) => words
                .iter()
                .map(|word| {
                    let role = word.get_ref().parse::<Role>();
                    role.map_err(|error| config::error_at(path, &text, Some(word.span().start), error.to_string()))
                })
                .collect::<Result<_, _>>()?,
            None => SECOND_FACTOR_FOR.to_vec(),
        };
        let data = folder.join(file.data);
        let wrong = |at: usize, cause: &str| config::error_at(path, &text, Some(at), cause);
        let backup = match file.backup {
            Some(backup) => backup.checked(folder, &data, wrong)?,
            None => BackupConfig::beside(&data),
        };
        let retention = file.retention.unwrap_or_default().checked(wrong)?;
        Ok(Self {
            backup,
            retention,
            public_listen: file.public_listen,
            public_certificate,
            public_address: file.public_address,
            sms,
            data,
            catalogue: folder.join(file.catalogue),
            staff_listen: file.staff_listen,
            staff_certificate,
            proxies: file.proxies,
            second_factor_for,
            replication_listen: file.replication_listen,
            replication_address: file.replication_address.map(Spanned::into_inner),
            rating_minimum: file.rating_minimum.map_or(RATING_MINIMUM, Spanned::into_inner),
            committee_quorum: file.committee.quorum.map_or(COMMITTEE_QUORUM, Spanned::into_inner),
            uploads,
        })
    }

    pub fn database_path(&self) -> PathBuf {
        self.data.join("office.sqlite")
    }

    pub fn seed_path(&self) -> PathBuf {
        self.data.join("office.seed")
    }

    /// The log of what was erased: in the office's folder, and where backups are made beside these, so that it outlives the
    /// folder.
    pub fn erased_log(&self, keys: &OfficeKeys) -> ErasedLog {
        ErasedLog::new(self.places_of_log(erased_log::FILE_NAME), keys)
    }

    /// The log of what the desk registers, in the same places.
    pub fn desk_log(&self) -> DeskLog {
        DeskLog::new(self.places_of_log(desk_log::FILE_NAME))
    }

    /// The log of kiosk numbers that were given, in the same places.
    pub fn numbers_log(&self) -> NumbersLog {
        NumbersLog::new(self.places_of_log(numbers::FILE_NAME))
    }

    /// A log's files: in the office's folder, and where backups are made beside these.
    pub fn places_of_log(&self, file_name: &str) -> Places {
        self.backup.places_of_log(&self.data, file_name)
    }
}

impl BackupConfig {
    /// A log's files; `data` is the office's folder.
    pub(super) fn places_of_log(&self, data: &Path, file_name: &str) -> Places {
        let beside_backups = (!self.recipients.is_empty()).then_some(self.folder.as_path());
        Places::in_folders(std::iter::once(data).chain(beside_backups), file_name)
    }

    /// The usual places and times, for nobody yet.
    fn beside(data: &Path) -> Self {
        Self {
            folder: data.join("backups"),
            every: TimeDelta::minutes(BACKUP_EVERY_MINUTES.into()),
            keep_days: BACKUP_KEEP_DAYS,
            recipients: Vec::new(),
        }
    }
}

impl BackupFile {
    /// `wrong` makes the error at a place of the file.
    fn checked(
        self,
        folder: &Path,
        data: &Path,
        wrong: impl Fn(usize, &str) -> ConfigError,
    ) -> Result<BackupConfig, ConfigError> {
        let usual = BackupConfig::beside(data);
        let at_least_one = |number: Option<Spanned<u32>>| match number {
            Some(number) if *number.get_ref() == 0 => Err(wrong(number.span().start, "at least 1")),
            other => Ok(other.map(Spanned::into_inner)),
        };
        let parse = |recipient: Spanned<String>| {
            let cause = "no public key of age: it begins with `age1`, and `age-keygen -o identity.txt` shows it";
            recipient.get_ref().trim().parse().map_err(|_| wrong(recipient.span().start, cause))
        };
        Ok(BackupConfig {
            folder: self.folder.map_or(usual.folder, |backups| folder.join(backups)),
            every: at_least_one(self.every_minutes)?.map_or(usual.every, |every| TimeDelta::minutes(every.into())),
            keep_days: at_least_one(self.keep_days)?.unwrap_or(usual.keep_days),
            recipients: self.recipients.into_iter().map(parse).collect::<Result<_, _>>()?,
        })
    }
}

fn upload_limits(path: &Path, text: &str, file: &File) -> Result<UploadLimits, ConfigError> {
    let wrong = |place: usize, cause: &str| config::error_at(path, text, Some(place), cause);
    let mut limits = UploadLimits::default();
    if let Some(megabytes) = &file.upload_megabytes_max {
        // The memory of a server is shared by all who upload at once.
        if !(1..=100).contains(megabytes.get_ref()) {
            return Err(wrong(megabytes.span().start, "a file has at least 1 and at most 100 MiB; 10 is right"));
        }
        limits.bytes_max = usize::from(*megabytes.get_ref()) * 1024 * 1024;
    }
    if let Some(files) = &file.uploads_max {
        if !(1..=200).contains(files.get_ref()) {
            return Err(wrong(files.span().start, "a request has at least 1 and at most 200 files; 20 is right"));
        }
        limits.files_max = *files.get_ref();
    }
    if let Some(seconds) = &file.upload_seconds_max {
        if !(10..=3600).contains(seconds.get_ref()) {
            return Err(wrong(seconds.span().start, "an upload may take 10 to 3600 seconds; 120 is right"));
        }
        limits.time_max = Duration::from_secs(u64::from(*seconds.get_ref()));
    }
    Ok(limits)
}

fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        let plain = |c: char| !c.is_whitespace() && c != '/';
        !host.is_empty() && host.chars().all(plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_comes_with_it_is_right() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/office.toml");
        let config = OfficeConfig::read(&path).unwrap();
        assert_eq!(config.uploads, UploadLimits::default());
        assert_eq!(config.second_factor_for, SECOND_FACTOR_FOR);
        assert_eq!((config.rating_minimum, config.committee_quorum, config.retention), (5, 3, Retention::default()));
        assert!(config.backup.folder.ends_with("data/backups") && config.backup.recipients.is_empty());
        assert!(config.data.ends_with("data/office"));
    }

    #[test]
    fn a_wrong_value_is_named_with_line_and_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.toml");
        let good =
            "data = \"d\"\ncatalogue = \"c\"\nstaff_listen = \"127.0.0.1:0\"\nreplication_listen = \"127.0.0.1:0\"\n";
        for (more, key) in [
            ("replication_address = \"office\"\n", "replication_address"),
            ("rating_minimum = 0\n", "rating_minimum"),
            ("public_certificate = \"c.pem\"\n", "public_certificate"),
            ("public_address = \"http://status.example.org\"\n", "public_address"),
            ("public_address = \"https://status1.example.org\"\n", "public_address"),
            ("public_address = \"https://status.example.org:8443\"\n", "public_address"),
            ("public_address = \"https://status.example.org/t\"\n", "public_address"),
            ("upload_megabytes_max = 0\n", "upload_megabytes_max"),
            ("uploads_max = 201\n", "uploads_max"),
            ("upload_seconds_max = 5\n", "upload_seconds_max"),
            ("staff_certificate = \"c.pem\"\n", "staff_certificate"),
            ("staff_key = \"k.pem\"\n", "staff_key"),
            ("proxies = [\"office\"]\n", "proxies"),
            ("second_factor_for = [\"boss\"]\n", "second_factor_for"),
        ] {
            std::fs::write(&path, format!("{good}{more}")).unwrap();
            let error = OfficeConfig::read(&path).unwrap_err();
            assert_eq!((error.line, error.key.as_deref()), (Some(5), Some(key)));
        }
        std::fs::write(&path, format!("{good}[committee]\nquorum = 0\n")).unwrap();
        let error = OfficeConfig::read(&path).unwrap_err();
        assert_eq!((error.line, error.key.as_deref()), (Some(6), Some("quorum")));
        for (more, key) in [
            ("[backup]\nevery_minutes = 0\n", "every_minutes"),
            ("[backup]\nkeep_days = 0\n", "keep_days"),
            ("[backup]\nrecipients = [\"age1nobody\"]\n", "recipients"),
            ("[sms.limits]\nper_day = 0\n[sms]\nurl = \"https://a.example/{to}{text}\"\n", "per_day"),
            ("[retention]\nyears_after_end = 0\n", "years_after_end"),
            ("[retention]\nyears_after_end = 101\n", "years_after_end"),
            ("[retention]\nsuggestion_years = 0\n", "suggestion_years"),
        ] {
            std::fs::write(&path, format!("{good}{more}")).unwrap();
            let error = OfficeConfig::read(&path).unwrap_err();
            assert_eq!((error.line, error.key.as_deref()), (Some(6), Some(key)));
        }
        std::fs::write(&path, good).unwrap();
        let config = OfficeConfig::read(&path).unwrap();
        assert_eq!(config.data, folder.path().join("d"));
        assert_eq!(config.second_factor_for, SECOND_FACTOR_FOR, "all but reception, unless the file says otherwise");
        let nobody = "second_factor_for = []\nstaff_certificate = \"c.pem\"\nstaff_key = \"k.pem\"\n";
        std::fs::write(&path, format!("{good}{nobody}")).unwrap();
        let config = OfficeConfig::read(&path).unwrap();
        assert!(config.second_factor_for.is_empty());
        assert_eq!(config.staff_certificate.unwrap().key, folder.path().join("k.pem"));
        assert_eq!(config.backup.folder, folder.path().join("d/backups"));
        let more =
            "[backup]\nfolder = \"far\"\nevery_minutes = 5\n[retention]\nyears_after_end = 7\nsuggestion_years = 3\n";
        std::fs::write(&path, format!("{good}{more}")).unwrap();
        let config = OfficeConfig::read(&path).unwrap();
        let retention = Retention { years_after_end: 7, suggestion_years: 3 };
        assert_eq!((config.backup.folder, config.retention), (folder.path().join("far"), retention));
        assert_eq!(config.backup.every, TimeDelta::minutes(5));
    }
}
