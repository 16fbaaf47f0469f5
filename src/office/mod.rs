//! The office: one server that takes in what kiosks send, and the staff's pages over it.
//!
//! - **Intake** turns a batch of envelopes into rows, in one transaction.
//! - A **step** is what a person does with a request: verify a document, record a decision, deliver.
//! - The **trail** says who did what and when, without any personal value (`database/trail.rs`).
//! - The **research committee** decides in sessions, whose minutes are sealed (`committee/`).
//! - A **call** is a visitor's touch of "call staff" (`calls.rs`); it stands on every page of the staff.
//! - A **notice** tells a person without being asked (`notices/`); the **status page** answers whoever holds a receipt
//!   (`public/`).
//! - A **backup** is an encrypted copy of the database (`backup/`); an **erasure** destroys everything personal of a request
//!   (`erasure/`), whether its person asks or its time is over.
//! - A **change** is the number under which a request's new standing goes out to the kiosks.

pub mod aside;
mod attempts;
pub mod backup;
mod caller;
pub mod calls;
pub mod catalogue;
mod catalogue_versions;
mod certificates;
pub mod check;
pub mod commands;
pub mod committee;
pub mod config;
pub mod corrections;
pub mod data_copy;
pub mod database;
pub mod day;
pub mod desk;
pub mod enrolment;
pub mod erasure;
pub(crate) mod exports;
pub mod folder;
mod http;
pub mod intake;
pub mod keys;
mod kiosk_reports;
mod labels;
pub(crate) mod listening;
pub mod logs;
pub(crate) mod noise;
pub mod notices;
pub mod panics;
pub mod paper_copies;
pub mod passwords;
pub mod people;
mod proofs;
mod public;
mod receipts;
mod records;
pub mod retention;
mod satisfaction;
pub mod second_factor;
mod server;
pub mod sign_in;
pub mod staff;
pub mod steps;
#[cfg(test)]
pub(crate) mod tests;
pub mod upgrade;
pub mod uploads;
mod verification;
pub mod witnesses;

use std::net::IpAddr;
use std::path::PathBuf;
#[cfg(all(test, feature = "kiosk"))]
use std::sync::Arc;

use tokio::sync::watch;

pub use config::OfficeConfig;
pub use server::{Server, ServerError};
pub use verification::AcceptRollback;

#[cfg(all(test, feature = "kiosk"))]
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;
use crate::domain::public_address::PublicAddress;
#[cfg(all(test, feature = "kiosk"))]
use crate::seal::keys::OfficeKeys;
use catalogue::HeldCatalogue;
use catalogue_versions::CatalogueVersions;
use certificates::ServedCertificate;
use config::{BackupConfig, Retention};
use database::Database;
use desk::log::DeskLog;
use enrolment::numbers::NumbersLog;
use erasure::log::ErasedLog;
use exports::Exports;
use keys::HeldKeys;
use passwords::PasswordWork;
use people::Role;
use sign_in::Limits;
use uploads::Uploads;

/// What every route works with; one for all listeners.
pub struct Office {
    /// The office's folder
    pub(crate) data: PathBuf,
    pub(crate) database: Database,
    pub(crate) keys: HeldKeys,
    /// Each use asks for it anew: it can be replaced at any moment
    pub(crate) catalogue: HeldCatalogue,
    pub(crate) clock: SharedClock,
    /// `host:port` that invites say
    pub(crate) replication_address: String,
    pub(crate) rating_minimum: u32,
    /// So many members decide a case at least, in sessions made from now on
    pub(crate) committee_quorum: u32,
    /// The catalogues that requests answered
    pub(crate) catalogue_versions: CatalogueVersions,
    /// Lists that are being taken away as files
    pub(crate) exports: Exports,
    /// Scans under way
    pub(crate) uploads: Uploads,
    /// The roles that must have a second factor
    pub(crate) second_factor_for: Vec<Role>,
    /// Tries of passwords and codes
    pub(crate) limits: Limits,
    pub(crate) passwords: PasswordWork,
    /// The certificates of the staff pages and of the status page; without one they speak plain HTTP
    pub(crate) staff_certificate: Option<ServedCertificate>,
    pub(crate) public_certificate: Option<ServedCertificate>,
    /// Whose `X-Forwarded-…` is believed, beside this machine's own
    pub(crate) proxies: Vec<IpAddr>,
    pub(crate) backup: BackupConfig,
    /// Written before anything is erased
    pub(crate) erased_log: ErasedLog,
    /// Written before the desk gives a receipt
    pub(crate) desk_log: DeskLog,
    /// Written before a kiosk gets its number
    pub(crate) numbers_log: NumbersLog,
    pub(crate) retention: Retention,
    /// The batches of kiosks that are in work
    pub(crate) intake: intake::Turns,
    /// Sends notices; `None` where no gateway is set up, and everybody is called
    pub(crate) gateway: Option<notices::Gateway>,
    /// One round of notices at a time
    pub(crate) sending: tokio::sync::Mutex<()>,
    /// How people reach the status page
    pub(crate) public_address: Option<PublicAddress>,
    /// Openings of the status page that aren't written down yet
    pub(crate) openings: public::Openings,
    /// Becomes true when the server closes, so that held questions end at once
    pub(crate) closing: watch::Receiver<bool>,
}

#[cfg(all(test, feature = "kiosk"))]
impl Office {
    /// The office of an existing folder without its listeners: tests hand it themselves what kiosks send.
    pub(crate) async fn unlistening(config: &OfficeConfig, catalogue: Arc<Catalogue>, clock: SharedClock) -> Self {
        Self {
            data: config.data.clone(),
            database: Database::open(&config.database_path()).await.unwrap(),
            backup: config.backup.clone(),
            erased_log: config.erased_log(&OfficeKeys::read(&config.data).unwrap()),
            desk_log: config.desk_log(),
            numbers_log: config.numbers_log(),
            retention: config.retention,
            keys: HeldKeys::read(&config.data).unwrap(),
            catalogue: HeldCatalogue::new(catalogue),
            clock,
            replication_address: "office.example:7443".into(),
            rating_minimum: config.rating_minimum,
            committee_quorum: config.committee_quorum,
            catalogue_versions: CatalogueVersions::default(),
            exports: Exports::default(),
            uploads: Uploads::new(config.uploads),
            second_factor_for: Vec::new(),
            limits: Limits::default(),
            passwords: PasswordWork::default(),
            staff_certificate: None,
            public_certificate: None,
            proxies: Vec::new(),
            intake: intake::Turns::default(),
            gateway: None,
            sending: tokio::sync::Mutex::default(),
            public_address: None,
            openings: public::Openings::default(),
            closing: watch::channel(false).1,
        }
    }
}
