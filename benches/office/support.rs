//! What every measurement needs: an office in a folder, kiosks that have joined it, and figures.

use std::path::Path;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::clock::SystemClock;
use istiqbal::domain::record::{Opening, Record};
use istiqbal::office::{OfficeConfig, Server, commands, enrolment};
use istiqbal::replication::invite::Pin;
use istiqbal::replication::tls;
use istiqbal::replication::wire::{BATCH_ENVELOPES_MAX, Batch, Enrolled, Enrolment};
use istiqbal::seal::envelope::{Envelope, HeaderHash, KioskTime, Place};
use istiqbal::seal::keys::KioskKeys;
use istiqbal::seal::seed::Seed;

use crate::visitors::Visitors;

/// An office that serves on free ports of this machine.
pub struct BenchOffice {
    pub config: OfficeConfig,
    pub server: Server,
}

impl BenchOffice {
    pub async fn start(folder: &Path) -> Self {
        let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml");
        let config = OfficeConfig::local(folder.to_owned(), catalogue);
        commands::init(&config).await.expect("the office is made");
        let catalogue = Catalogue::read(&config.catalogue).expect("the catalogue is sound");
        let server = Server::start(&config, catalogue, SystemClock::shared()).await.expect("the office starts");
        Self { config, server }
    }

    pub fn catalogue(&self) -> Catalogue {
        Catalogue::read(&self.config.catalogue).expect("the catalogue is sound")
    }
}

/// A kiosk that has joined an office.
pub struct Kiosk {
    pub keys: KioskKeys,
    pub enrolled: Enrolled,
    /// The pin of its own TLS key, by which the office knows it
    pub pin: Pin,
    /// The pin of the office's key
    pub office: Pin,
    next: Place,
}

impl Kiosk {
    pub async fn enrol(office: &BenchOffice) -> Self {
        let invite = office.server.invite(TimeDelta::minutes(60)).await.expect("an invite");
        let keys = KioskKeys::from_seed(&Seed::random());
        let pin = tls::pin_of_secret(keys.tls_secret()).expect("a TLS key");
        let enrolment =
            Enrolment { code: invite.code, name: "بهو الاستقبال".into(), proving_key: keys.proving_key() };
        let enrolled = enrolment::enrol(office.server.office(), pin, &enrolment).await.expect("the kiosk joins").first;
        let next = Place { kiosk: enrolled.kiosk, epoch: enrolled.epoch, sequence: 0, previous: HeaderHash::NONE };
        Self { keys, enrolled, pin, office: invite.pin, next }
    }

    /// The opening of the kiosk's first epoch.
    pub fn opening(&mut self) -> Vec<u8> {
        let receipt_key = self.keys.receipt_key().clone();
        self.seal(&Record::Opening(Opening { receipt_key, reason: "first".into() }))
    }

    /// What so many visitors leave: two envelopes each.
    pub fn registrations(&mut self, visitors: &mut Visitors, count: usize) -> Vec<Vec<u8>> {
        let kiosk = self.enrolled.kiosk;
        (0..count).flat_map(|_| visitors.registration(kiosk)).map(|record| self.seal(&record)).collect()
    }

    fn seal(&mut self, record: &Record) -> Vec<u8> {
        let time = KioskTime { at: Utc::now(), trusted: true };
        let envelope = Envelope::seal(&self.keys, &self.enrolled.sealing_key, self.next, time, record);
        let envelope = envelope.expect("it is sealed");
        self.next = envelope.header.next();
        envelope.encode()
    }

    /// The header's hash of the last envelope that was sealed, and its sequence.
    pub fn head(&self) -> (u64, HeaderHash) {
        (self.next.sequence - 1, self.next.previous)
    }
}

/// Cuts envelopes into batches as a kiosk does.
pub fn batches(envelopes: &[Vec<u8>]) -> Vec<Batch> {
    envelopes.chunks(BATCH_ENVELOPES_MAX).map(|chunk| Batch { envelopes: chunk.to_vec() }).collect()
}

/// A runtime with a worker for each core, as `istiqbal office serve` has.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub fn a_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// `within` or `OVER`.
pub fn verdict(is_within: bool) -> &'static str {
    if is_within { "within" } else { "OVER" }
}
