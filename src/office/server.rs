//! The running office: its listeners, and how they close.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::TimeDelta;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::catalogue::HeldCatalogue;
use super::catalogue_versions::CatalogueVersions;
use super::certificates::{self, CertificateError, CertificateFiles, Readers, ServedCertificate};
use super::config::OfficeConfig;
use super::database::trail::Actor;
use super::database::{DatabaseError, requests};
use super::day::statements::{self, Before, Said, StatementError};
use super::day::watch as clock_watch;
use super::erasure::{self, ErasureError};
use super::exports::Exports;
use super::folder::{self, FolderError, FolderLock};
use super::keys::{HeldKeys, WrongKeys, held};
use super::listening::{self, Manners, PlaceLimits, TlsNow, descriptors};
use super::notices::{self, Gateway, GatewayError};
use super::passwords::PasswordWork;
use super::public;
use super::sign_in::Limits;
use super::steps::TakeStepError;
use super::upgrade::{self, UpgradeError};
use super::uploads::Uploads;
use super::verification::{self, AcceptRollback};
use super::{Office, aside, backup, catalogue, desk, enrolment, http, intake, noise, retention, steps};
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::Catalogue;
use crate::domain::clock::SharedClock;
use crate::domain::stage::Event;
use crate::domain::tracking_number::TrackingNumber;
use crate::replication::invite::Invite;
use crate::replication::{self, tls};
use crate::seal::keys::SealingKeyId;
use crate::seal::seed::SeedError;

/// Maximum time between two requests of a browser, and for the head of each.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// The same of a kiosk, whose connection stays open between two heartbeats, a minute apart.
const KIOSK_HEAD_TIME: Duration = Duration::from_secs(150);
/// Maximum time for a form of the status page, which is a few hundred bytes long.
const PUBLIC_BODY_TIME: Duration = Duration::from_secs(30);
/// Maximum time for a batch of a kiosk, which itself waits for 40 s at most.
const KIOSK_BODY_TIME: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    #[error(transparent)]
    Desk(#[from] desk::RegisterError),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("{address} can't be listened on ({source}): change `{key}` in the office's file, or stop who holds it")]
    Listen { address: SocketAddr, key: &'static str, source: std::io::Error },
    #[error(transparent)]
    Invite(#[from] enrolment::InviteFailure),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(
        "the sealing key {id}, which the audit trail names as the newest, isn't in the office's folder. Restore its file from its copy, or by `istiqbal office keys import`. Only when no copy is left: `istiqbal office keys rotate` makes another, and what kiosks have sealed to the lost one stays closed for ever"
    )]
    SealingKeyGone { id: SealingKeyId },
    #[error(transparent)]
    Keys(#[from] WrongKeys),
}

/// A running office. Close it with [`Server::shutdown`]; dropped, its listeners go on until the runtime ends.
pub struct Server {
    /// Where the staff pages really listen
    pub staff_address: SocketAddr,
    /// Where the replication really listens
    pub replication_address: SocketAddr,
    /// Where the status page really listens; `None` where there is none
    pub public_address: Option<SocketAddr>,
    office: Arc<Office>,
    closing: watch::Sender<bool>,
    /// The listeners, and what is done by the clock; each ends with `closing`
    tasks: Vec<(&'static str, JoinHandle<()>)>,
    /// No second office serves from the same folder meanwhile
    _alone: FolderLock,
}

impl Server {
    /// Takes the folder, opens the database, binds the listeners and serves; they answer when this returns.
    pub async fn start(
        config: &OfficeConfig,
        catalogue: impl Into<Arc<Catalogue>>,
        clock: SharedClock,
    ) -> Result<Self, ServerError> {
        Self::start_with(config, catalogue, clock, AcceptRollback::No).await
    }

    /// The same, and says whether a database is taken that was rolled back.
    pub async fn start_with(
        config: &OfficeConfig,
        catalogue: impl Into<Arc<Catalogue>>,
        clock: SharedClock,
        accept: AcceptRollback,
    ) -> Result<Self, ServerError> {
        let keys = HeldKeys::read(&config.data)?;
        let alone = folder::lock(&config.data)?;
        folder::keep_private(&config.data)?;
        let tls_config = Arc::new(tls::server_config(keys.now().tls_secret())?);
        let gateway = config.sms.as_ref().map(Gateway::open).transpose()?;
        let served = |files: &Option<CertificateFiles>, readers| {
            files.as_ref().map(|files| ServedCertificate::read(files, readers)).transpose()
        };
        let staff_certificate = served(&config.staff_certificate, Readers::Staff)?;
        let public_certificate = served(&config.public_certificate, Readers::Public)?;
        let database = upgrade::open_alone(config, &alone, accept).await?;
        if let Err(refused) = verification::admit(&database, &keys.now(), accept, &clock).await {
            database.close().await;
            return Err(refused);
        }
        let (erased_log, desk_log) = (config.erased_log(&keys.now()), config.desk_log());
        let place = erasure::Place { database: &database, log: &erased_log, desk_log: &desk_log };
        match erasure::erase_again(place, clock.now()).await? {
            0 => {}
            erased => {
                tracing::warn!(erased, "the database still held requests that had been erased: they were erased again")
            }
        }
        let numbers_log = config.numbers_log();
        if let Err(error) = enrolment::complete_log(&database, &keys.now(), &numbers_log).await {
            tracing::error!("{error}");
        }
        match aside::read_again(&database, &keys.now(), clock.now()).await? {
            0 => {}
            taken => tracing::info!(taken, "records that had been kept aside can be read now"),
        }
        let catalogue = catalogue::at_start(&database, config, catalogue.into(), clock.now()).await?;
        match desk::take_in(&database, &keys.now(), &desk_log, clock.now()).await?.requests {
            0 => {}
            taken => {
                tracing::warn!(taken, "the database lacked registrations of the desk: they were taken in from its log")
            }
        }
        let descriptors = descriptors::raise();
        let (staff, staff_address) = bind(config.staff_listen, "staff_listen").await?;
        let (replication, replication_address) = bind(config.replication_listen, "replication_listen").await?;
        let public = match config.public_listen {
            Some(address) => Some(bind(address, "public_listen").await?),
            None => None,
        };
        let public_address = public.as_ref().map(|(_, address)| *address);
        let (closing, is_closing) = watch::channel(false);
        let office = Arc::new(Office {
            data: config.data.clone(),
            database,
            keys,
            catalogue: HeldCatalogue::new(catalogue),
            clock,
            replication_address: config.replication_address.clone().unwrap_or_else(|| replication_address.to_string()),
            rating_minimum: config.rating_minimum,
            committee_quorum: config.committee_quorum,
            catalogue_versions: CatalogueVersions::default(),
            exports: Exports::default(),
            uploads: Uploads::new(config.uploads),
            second_factor_for: config.second_factor_for.clone(),
            limits: Limits::default(),
            passwords: PasswordWork::default(),
            staff_certificate,
            public_certificate,
            proxies: config.proxies.clone(),
            backup: config.backup.clone(),
            erased_log,
            desk_log,
            numbers_log,
            retention: config.retention,
            intake: intake::Turns::default(),
            gateway,
            sending: tokio::sync::Mutex::default(),
            public_address: config.public_address.clone(),
            openings: public::Openings::default(),
            closing: is_closing,
        });
        if office.staff_certificate.is_none() && !staff_address.ip().is_loopback() {
            tracing::warn!(
                %staff_address,
                "the staff pages speak plain HTTP: name `staff_certificate` and `staff_key`, or put a proxy with TLS before them"
            );
        }
        let places = descriptors::divided(descriptors, if public.is_some() { 3 } else { 2 });
        let open = Opening { office: office.clone(), places };
        let replication_tls: TlsNow = Box::new(move || Some(tls_config.clone()));
        let routes = replication::office::router(office.clone());
        let mut tasks = vec![
            ("the staff pages", open.staff(staff)),
            ("the replication", open.listen(replication, "replication", routes, replication_tls, KIOSK_TIMES)),
        ];
        if let Some((listener, address)) = public {
            tasks.push(("the status page", open.public(listener)));
            tracing::info!(%address, "the status page is open");
        }
        tasks.extend([
            ("what looks for a rotated key", tokio::spawn(held::keep_up(office.clone()))),
            ("what looks for renewed certificates", tokio::spawn(certificates::keep_up(office.clone()))),
            ("what sends notices", tokio::spawn(notices::keep_sending(office.clone()))),
            ("what makes backups", tokio::spawn(backup::keep_up(office.clone()))),
            ("what watches the clock", tokio::spawn(clock_watch::keep_up(office.clone()))),
            ("what erases requests whose time is over", tokio::spawn(retention::keep_up(office.clone()))),
            ("what verifies everything", tokio::spawn(verification::keep_up(office.clone()))),
            ("what keeps the count of commits", tokio::spawn(verification::keep_count(office.clone()))),
            ("what counts refusals", tokio::spawn(noise::keep_up(office.closing.clone()))),
        ]);
        tracing::info!(%staff_address, %replication_address, "the office is open");
        Ok(Self { staff_address, replication_address, public_address, office, closing, tasks, _alone: alone })
    }

    /// Makes an invite that says where this server really listens, unless the file says another address.
    pub async fn invite(&self, ttl: TimeDelta) -> Result<Invite, ServerError> {
        let Office { database, keys, replication_address, clock, .. } = &*self.office;
        Ok(enrolment::invite(database, &keys.now(), replication_address, clock.now(), ttl, &Actor::Command).await?)
    }

    /// Records a step by command, for a request whose tracking number is borne by no other.
    pub async fn take_step(&self, number: TrackingNumber, event: &Event) -> Result<(), TakeStepError> {
        let mut reading = self.office.database.read().await?;
        let found = requests::by_number(&mut reading, number).await?;
        drop(reading);
        let [request] = found.as_slice() else { return Err(TakeStepError::NoSuchRequest) };
        steps::take(&self.office, &Actor::Command, request.id, event, None).await
    }

    /// Confirms the day by command, where the clock was put elsewhere on purpose and was right before.
    pub async fn confirm_day(&self, reason: &str) -> Result<(), StatementError> {
        let Office { database, clock, .. } = &*self.office;
        let said = Said { actor: &Actor::Command, on: riyadh_day(clock.now()), reason };
        statements::confirm(database, clock, &said, Some(Before::Right)).await.map(drop)
    }

    /// Where a browser finds the staff pages.
    pub fn staff_pages(&self) -> String {
        let scheme = if self.office.staff_certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.staff_address)
    }

    /// What stands behind the routes, for whoever calls it without a connection: the benchmarks measure intake alone.
    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// Lets requests under way end, closes the database, and lets go of the folder.
    pub async fn shutdown(self) {
        // Held questions for changes end at once; nobody listens any more when all are gone.
        let _ = self.closing.send(true);
        for (what, task) in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "{what} broke off");
            }
        }
        self.office.database.close().await;
        tracing::info!("the office is closed");
    }
}

async fn bind(address: SocketAddr, key: &'static str) -> Result<(TcpListener, SocketAddr), ServerError> {
    let failed = |source| ServerError::Listen { address, key, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Times of a listener: for heads, and for bodies.
type Times = (Duration, Duration);

const KIOSK_TIMES: Times = (KIOSK_HEAD_TIME, KIOSK_BODY_TIME);

/// Opens the listeners of an office.
struct Opening {
    office: Arc<Office>,
    places: PlaceLimits,
}

impl Opening {
    fn staff(&self, listener: TcpListener) -> JoinHandle<()> {
        let office = self.office.clone();
        let tls: TlsNow = Box::new(move || office.staff_certificate.as_ref().map(ServedCertificate::config));
        // An upload ends by its own time, with a page that says so; every other form is shorter.
        let times = (HEAD_TIME, self.office.uploads.limits.time_max + HEAD_TIME);
        self.listen(listener, "staff", http::router(self.office.clone()), tls, times)
    }

    fn public(&self, listener: TcpListener) -> JoinHandle<()> {
        let office = self.office.clone();
        let tls: TlsNow = Box::new(move || office.public_certificate.as_ref().map(ServedCertificate::config));
        let times = (HEAD_TIME, PUBLIC_BODY_TIME);
        self.listen(listener, "public", public::router(self.office.clone()), tls, times)
    }

    fn listen(
        &self,
        listener: TcpListener,
        name: &'static str,
        routes: Router,
        tls: TlsNow,
        (head_time, body_time): Times,
    ) -> JoinHandle<()> {
        let proxies = self.office.proxies.clone();
        let manners = Manners { name, tls, head_time, body_time, places: self.places, proxies };
        tokio::spawn(listening::listen(listener, routes, manners, self.office.closing.clone()))
    }
}
