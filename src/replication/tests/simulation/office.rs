//! The office's machine: the real intake over a database in memory, which is killed, backed up and restored.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::{Extension, Router};
use chrono::TimeDelta;

use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{Clock, SetClock, SharedClock};
use crate::domain::tracking_number::TrackingNumber;
use crate::ledger::tests::copy_folder;
use crate::office::database::summary::{self, Counts};
use crate::office::database::trail::{self, Actor};
use crate::office::database::{copies, losses, requests};
use crate::office::tests::support::configuration;
use crate::office::{Office, OfficeConfig, commands, enrolment};
use crate::replication::invite::Pin;
use crate::replication::kiosk::Membership;
use crate::replication::office::{ShownKey, routes};
use crate::replication::tls;
use crate::replication::wire::{Enrolled, Enrolment};
use crate::seal::envelope::Epoch;
use crate::seal::keys::KioskKeys;
use crate::seal::seed::Seed;

/// When every story begins.
pub const BEGINNING: &str = "2026-11-23T08:00:00Z";

/// A folder that is in memory, where the system has such a place.
pub fn folder_in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// An office at which the kiosk has just been enrolled. Each story begins with a copy of it.
pub struct Template {
    folder: tempfile::TempDir,
    catalogue: Arc<Catalogue>,
    pub enrolled: Enrolled,
    pub membership: Membership,
    pin: Pin,
}

impl Template {
    pub async fn make() -> Self {
        let folder = folder_in_memory();
        let config = configuration(folder.path());
        let clock = SetClock::at(BEGINNING.parse().unwrap());
        let shared: SharedClock = clock.clone();
        commands::init(&config).await.unwrap();
        let catalogue = Arc::new(Catalogue::read(&config.catalogue).unwrap());
        let office = Office::unlistening(&config, catalogue.clone(), shared).await;
        let (hour, actor, keys) = (TimeDelta::hours(1), Actor::Command, KioskKeys::from_seed(&Seed::fixed(1)));
        let (database, office_keys) = (&office.database, office.keys.now());
        let invite =
            enrolment::invite(database, &office_keys, "office.example:7443", clock.now(), hour, &actor).await.unwrap();
        let enrolment = Enrolment { code: invite.code, name: "بهو".into(), proving_key: keys.proving_key() };
        let pin = tls::pin_of_secret(keys.tls_secret()).unwrap();
        let grown = enrolment::enrol(&office, pin, &enrolment).await.unwrap();
        let (enrolled, signed) = (grown.first, grown.more.unwrap());
        let signature = Some(signed.verified().unwrap());
        let membership = Membership { keys, terms: signed.terms, signature, name: "بهو".into() };
        office.database.close().await;
        Self { folder, catalogue, enrolled, membership, pin }
    }
}

pub struct OfficeMachine {
    root: tempfile::TempDir,
    catalogue: Arc<Catalogue>,
    pin: Pin,
    pub clock: Arc<SetClock>,
    office: Arc<Office>,
    config: OfficeConfig,
    lives: usize,
    backups: Vec<PathBuf>,
}

impl OfficeMachine {
    pub async fn start(template: &Template) -> Self {
        let root = folder_in_memory();
        let clock = SetClock::at(BEGINNING.parse().unwrap());
        let config = configuration(&root.path().join("life-0"));
        copy_folder(&configuration(template.folder.path()).data, &config.data);
        let catalogue = template.catalogue.clone();
        let office = Self::open(&config, &catalogue, &clock).await;
        Self { root, catalogue, pin: template.pin, clock, office, config, lives: 0, backups: Vec::new() }
    }

    async fn open(config: &OfficeConfig, catalogue: &Arc<Catalogue>, clock: &Arc<SetClock>) -> Arc<Office> {
        let shared: SharedClock = clock.clone();
        Arc::new(Office::unlistening(config, catalogue.clone(), shared).await)
    }

    /// Gives the routes that kiosks ask.
    pub fn routes(&self) -> Router {
        routes(self.office.clone()).layer(Extension(ShownKey(Some(self.pin))))
    }

    /// Goes on with the files as they are now, the database's log among them, as after a kill.
    pub async fn kill(&mut self) {
        self.move_on(None).await;
    }

    pub fn backups(&self) -> usize {
        self.backups.len()
    }

    pub async fn back_up(&mut self) {
        let (database, copy) = (&self.office.database, self.root.path().join(format!("copy-{}", self.backups.len())));
        // Nobody writes meanwhile: what SQLite does for a running office would take most of a story's time.
        database.empty_log().await.unwrap();
        std::fs::copy(self.config.database_path(), &copy).unwrap();
        copies::mark_backed_up(database, &copy).await.unwrap();
        let mut writing = database.write().await.unwrap();
        copies::set_made(&mut writing, self.clock.now(), "a backup").await.unwrap();
        writing.commit().await.unwrap();
        self.backups.push(copy);
    }

    pub async fn restore(&mut self, which: usize) {
        self.move_on(Some(which)).await;
        let mut writing = self.office.database.write_over_rollback().await.unwrap();
        copies::become_another(&mut writing).await.unwrap();
        writing.commit().await.unwrap();
        self.office.database.count_from_here().await.unwrap();
    }

    async fn move_on(&mut self, backup: Option<usize>) {
        self.lives += 1;
        let config = configuration(&self.root.path().join(format!("life-{}", self.lives)));
        copy_folder(&self.config.data, &config.data);
        let beside = |end: &str| PathBuf::from(format!("{}{end}", config.database_path().display()));
        // SQLite makes it anew from the log.
        let _ = std::fs::remove_file(beside("-shm"));
        if let Some(backup) = backup {
            let _ = std::fs::remove_file(beside("-wal"));
            std::fs::copy(&self.backups[backup], config.database_path()).unwrap();
        }
        self.office.database.close().await;
        std::fs::remove_dir_all(&self.config.data).unwrap();
        self.office = Self::open(&config, &self.catalogue, &self.clock).await;
        self.config = config;
    }

    /// The tracking numbers of all requests, in order.
    pub async fn numbers(&self, template: &Template) -> Vec<TrackingNumber> {
        let mut reading = self.office.database.read().await.unwrap();
        let mut numbers = Vec::new();
        for id in requests::of_kiosk(&mut reading, template.enrolled.kiosk).await.unwrap() {
            numbers.push(requests::find(&mut reading, id).await.unwrap().unwrap().tracking_number);
        }
        numbers.sort();
        numbers
    }

    /// The places that the kiosk has named as lost.
    pub async fn losses(&self, template: &Template, epochs: BTreeSet<Epoch>) -> BTreeSet<(Epoch, u64)> {
        let mut reading = self.office.database.read().await.unwrap();
        let mut places = BTreeSet::new();
        for epoch in epochs {
            for loss in losses::of_epoch(&mut reading, template.enrolled.kiosk, epoch).await.unwrap() {
                places.extend((loss.first..=loss.last).map(|sequence| (epoch, sequence.unsigned_abs())));
            }
        }
        places
    }

    /// As `office check` counts them, and what it says of the trail.
    pub async fn check(&self) -> (Counts, String) {
        let mut reading = self.office.database.read().await.unwrap();
        let counts = summary::counts(&mut reading).await.unwrap();
        (counts, trail::verify(&mut reading).await.unwrap().to_string())
    }

    pub async fn close(&self) {
        self.office.database.close().await;
    }
}
