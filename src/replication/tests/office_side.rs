//! An office in a folder, with copies of its database of earlier.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{Clock, SetClock, SharedClock};
use crate::domain::request::RequestId;
use crate::domain::stage::{Event, RequestStatus};
use crate::office::database::summary::{self, Counts};
use crate::office::database::trail::{self, Actor};
use crate::office::database::{changes, requests};
use crate::office::steps::{self, TakeStepError};
use crate::office::tests::support::configuration;
use crate::office::{Office, OfficeConfig, commands, enrolment, intake};
use crate::replication::invite::Pin;
use crate::replication::tls;
use crate::replication::wire::*;
use crate::seal::keys::{KioskKeys, random};

pub struct OfficeSide {
    folder: tempfile::TempDir,
    config: OfficeConfig,
    catalogue: Arc<Catalogue>,
    pub clock: Arc<SetClock>,
    office: Office,
    /// Of the one kiosk
    pin: Pin,
    pub enrolled: Enrolled,
    copies: usize,
}

impl OfficeSide {
    /// An office at which this kiosk is enrolled.
    pub async fn enrolling(kiosk: &KioskKeys) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = configuration(folder.path());
        let clock = SetClock::at("2026-11-23T08:00:00Z".parse().unwrap());
        let shared: SharedClock = clock.clone();
        commands::init(&config).await.unwrap();
        let catalogue = Arc::new(Catalogue::read(&config.catalogue).unwrap());
        let office = Office::unlistening(&config, catalogue.clone(), shared).await;
        let (hour, actor) = (TimeDelta::hours(1), Actor::Command);
        let (database, keys) = (&office.database, office.keys.now());
        let invite =
            enrolment::invite(database, &keys, "office.example:7443", clock.now(), hour, &actor).await.unwrap();
        let enrolment = Enrolment { code: invite.code, name: "بهو".into(), proving_key: kiosk.proving_key() };
        let pin = tls::pin_of_secret(kiosk.tls_secret()).unwrap();
        let enrolled = enrolment::enrol(&office, pin, &enrolment).await.unwrap().first;
        Self { folder, config, catalogue, clock, office, pin, enrolled, copies: 0 }
    }

    /// What the kiosk hears of a batch.
    pub async fn take_in(&self, envelopes: &[Vec<u8>]) -> Acknowledgement {
        let batch = Batch { envelopes: envelopes.to_vec() };
        let acknowledgement = intake::take_in(&self.office, self.pin, &batch).await.unwrap();
        let signed = SignedAcknowledgement::sign(&self.office.keys.now(), &acknowledgement).unwrap();
        signed.verify(&self.enrolled.proving_key).unwrap()
    }

    pub async fn changes(&self, cursor: Option<Cursor>, page: usize) -> Changes {
        changes::since(&mut self.office.database.read().await.unwrap(), cursor, page, changes::CodeHashes::Bound)
            .await
            .unwrap()
    }

    /// Staff verify a document of one of the requests.
    pub async fn verify_document(&self, which: usize, document: &str) {
        let ids: Vec<_> = self.requests().await.into_keys().collect();
        let Some(id) = (!ids.is_empty()).then(|| ids[which % ids.len()]) else { return };
        let event = Event::DocumentVerified { document: document.into() };
        match steps::take(&self.office, &Actor::Command, id, &event, None).await {
            Ok(()) | Err(TakeStepError::Step(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Where each request stands.
    pub async fn requests(&self) -> BTreeMap<RequestId, RequestStatus> {
        let mut reading = self.office.database.read().await.unwrap();
        let mut found = BTreeMap::new();
        for id in requests::of_kiosk(&mut reading, self.enrolled.kiosk).await.unwrap() {
            let stored = requests::find(&mut reading, id).await.unwrap().unwrap();
            let standing = requests::standing(&mut reading, id).await.unwrap().unwrap();
            let (tracking_number, service) = (stored.tracking_number, stored.service);
            found.insert(id, RequestStatus { tracking_number, service, standing });
        }
        found
    }

    /// As `office check` counts them, and what it says of the trail.
    pub async fn check(&self) -> (Counts, String) {
        let mut reading = self.office.database.read().await.unwrap();
        let counts = summary::counts(&mut reading).await.unwrap();
        (counts, trail::verify(&mut reading).await.unwrap().to_string())
    }

    pub async fn copy(&mut self) {
        self.office.database.close().await;
        fs::copy(self.config.database_path(), self.copy_path(self.copies)).unwrap();
        self.copies += 1;
        self.open().await;
    }

    /// The office of that copy, which kiosks must take for another.
    pub async fn restore(&mut self, which: usize) {
        self.office.database.close().await;
        fs::copy(self.copy_path(which), self.config.database_path()).unwrap();
        self.open().await;
        let mut writing = self.office.database.write_over_rollback().await.unwrap();
        let other = sqlx::query("UPDATE office SET incarnation = $1").bind(random::<16>().to_vec());
        other.execute(&mut *writing).await.unwrap();
        writing.commit().await.unwrap();
        self.office.database.count_from_here().await.unwrap();
    }

    async fn open(&mut self) {
        let shared: SharedClock = self.clock.clone();
        self.office = Office::unlistening(&self.config, self.catalogue.clone(), shared).await;
    }

    fn copy_path(&self, which: usize) -> PathBuf {
        self.folder.path().join(format!("copy-{which}.sqlite"))
    }
}
