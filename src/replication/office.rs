//! The office's side of replication: the routes of [`super::wire`], for kiosks that show a key.
//!
//! Who calls is the public key of the caller's certificate; whose key that is, the database says. Whoever isn't known is
//! always refused in the same words, whatever was asked for; a revoked kiosk is told so, and may only send what it
//! still holds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Extension, Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::TimeDelta;
use rustls::pki_types::CertificateDer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::Instrument;

use super::invite::Pin;
use super::tls::pin_of_certificate;
use super::wire::{
    AGAIN_PATH, Batch, CALL_PATH, CHANGES_PATH, CallAnswer, CallForStaff, Changes, Cursor, ENROLMENT_PATH,
    ENVELOPES_PATH, Enrolment, Grown, HEARTBEAT_PATH, Heartbeat, HeartbeatAnswer, Incarnation, LONG_POLL_SECONDS,
    MESSAGE_BYTES_MAX, RATINGS_PATH, RatingBatch, STRANGER_BYTES_MAX, SignedAcknowledgement, SignedKnock,
    VERSION_BYTES_MAX, Witness,
};
use crate::office::Office;
use crate::office::calls::{self, CallError};
use crate::office::database::changes::CodeHashes;
use crate::office::database::kiosks::Kiosk;
use crate::office::database::{DatabaseError, changes, heartbeats, kiosks};
use crate::office::enrolment::{self, EnrolmentError, again};
use crate::office::intake::{self, IntakeError};
use crate::office::listening::{PeerCertificates, Place};
use crate::office::{noise, panics, witnesses};
use crate::seal::keys::hex;

/// A kiosk that only asks for changes is noted as seen no more often than this.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Whoever waits for changes looks no more often than this: each write wakes all the kiosks.
const GATHERING: Duration = Duration::from_millis(300);

/// The routes for kiosks, behind a listener that speaks TLS.
pub fn router(office: Arc<Office>) -> Router {
    routes(office).layer(middleware::from_fn(note_shown_key))
}

/// The routes, for whoever says by a [`ShownKey`] who calls. What is logged on the way bears the caller's address and key,
/// and nothing of what was said.
pub(super) fn routes(office: Arc<Office>) -> Router {
    let routes = Router::new()
        .route(ENROLMENT_PATH, post(enrol).layer(DefaultBodyLimit::max(STRANGER_BYTES_MAX)))
        .route(AGAIN_PATH, post(again).layer(DefaultBodyLimit::max(STRANGER_BYTES_MAX)))
        .route(ENVELOPES_PATH, post(envelopes))
        .route(RATINGS_PATH, post(ratings))
        .route(CHANGES_PATH, get(changes_since))
        .route(CALL_PATH, post(call))
        .route(HEARTBEAT_PATH, post(heartbeat))
        .layer(DefaultBodyLimit::max(MESSAGE_BYTES_MAX))
        .with_state(office.clone());
    // Around all of them: a route that answers before its layers do would tell strangers that it is there.
    let routes = Router::new().fallback_service(routes);
    routes.layer(middleware::from_fn_with_state(office, known_callers_only)).layer(middleware::from_fn(name_the_caller))
}

/// Gives the log a name for who calls: the address, where the listener knows one, and the pin of the key that was shown.
async fn name_the_caller(request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|connected| connected.0.to_string());
    let key = request.extensions().get::<ShownKey>().and_then(|shown| shown.0).map(|pin| hex(&pin.0));
    let unknown = "unknown";
    let (address, key) = (address.as_deref().unwrap_or(unknown), key.as_deref().unwrap_or(unknown));
    let span = tracing::info_span!("caller", address, key);
    next.run(request).instrument(span).await
}

/// The pin of the key that the caller has shown in the handshake; `None` when its certificate can't be read.
#[derive(Clone, Copy)]
pub(super) struct ShownKey(pub Option<Pin>);

impl ShownKey {
    /// From the handshake's certificates; the first is the caller's own.
    pub fn of(certificates: &[impl AsRef<[u8]>]) -> Self {
        let first = certificates.first().map(|certificate| CertificateDer::from(certificate.as_ref()));
        Self(first.and_then(|certificate| pin_of_certificate(&certificate).ok()))
    }

    fn pin(self) -> Result<Pin, Refused> {
        self.0.ok_or_else(Refused::unknown)
    }
}

/// Takes the caller's key from the listener's TLS.
async fn note_shown_key(Extension(shown): Extension<PeerCertificates>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ShownKey::of(&shown.0));
    next.run(request).await
}

async fn known_callers_only(
    State(office): State<Arc<Office>>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let let_in = panics::caught(let_in(&office, &caller, request, next)).await;
    let answered = let_in.unwrap_or_else(|_panicked| Err(Refused::internal()));
    let mut response = answered.unwrap_or_else(Refused::into_response);
    if response.status() == StatusCode::FORBIDDEN {
        if noise::STRANGERS.lets_through() {
            tracing::warn!("a kiosk that isn't known, or its enrolment, was refused");
        }
        // A stranger's connection isn't held any longer.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn let_in(office: &Office, caller: &Caller, request: Request, next: Next) -> Result<Response, Refused> {
    // There the invite's code decides, or a person later.
    let is_for_strangers = matches!(request.uri().path(), ENROLMENT_PATH | AGAIN_PATH);
    if is_for_strangers && request.method() == Method::POST {
        return Ok(next.run(request).await);
    }
    let pin = caller.pin()?;
    let mut reading = office.database.read().await?;
    let known = kiosks::by_pin(&mut reading, pin).await?;
    drop(reading);
    match known {
        None => Err(Refused::unknown()),
        Some(kiosk) if kiosk.is_revoked() && request.uri().path() != ENVELOPES_PATH => Err(IntakeError::Revoked.into()),
        Some(kiosk) => {
            // A revoked kiosk stays among the strangers: whoever stole it mustn't keep others away.
            if let Some(place) = request.extensions().get::<Place>().filter(|_| !kiosk.is_revoked()) {
                place.belongs_to(pin.0);
            }
            Ok(next.run(request).await)
        }
    }
}

type Caller = Extension<ShownKey>;

async fn enrol(
    State(office): State<Arc<Office>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    // Anybody may ask: the line that counts is written, not too often, where the answer passes.
    let refuse = |cause: &str| {
        tracing::debug!(cause, "an enrolment was refused");
        Refused::unknown()
    };
    let body = body.map_err(|_| refuse("its message is too long"))?;
    let enrolment: Enrolment = read(&body).map_err(|_| refuse("its message can't be read"))?;
    let enrolled = match enrolment::enrol(&office, caller.pin()?, &enrolment).await {
        Err(EnrolmentError::Code) => return Err(refuse("its code is wrong, used or too old")),
        other => other?,
    };
    tracing::info!(kiosk = %enrolled.first.kiosk, "a kiosk was enrolled");
    grown(&enrolled)
}

/// Notes who asks to be let in again. The answer is always the one that strangers hear.
async fn again(
    State(office): State<Arc<Office>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    let body = body.map_err(|_| Refused::unknown())?;
    let knock: SignedKnock = read(&body).map_err(|_| Refused::unknown())?;
    if let Err(error) = again::note(&office, caller.pin()?, &knock).await {
        tracing::error!("a kiosk that asks to be let in again can't be noted: {error}");
    }
    Err(Refused::unknown())
}

async fn envelopes(State(office): State<Arc<Office>>, caller: Caller, body: Bytes) -> Result<Response, Refused> {
    let batch: Batch = read(&body)?;
    let acknowledgement = intake::take_in(&office, caller.pin()?, &batch).await?;
    let signed = SignedAcknowledgement::sign(&office.keys.now(), &acknowledgement).map_err(|_| Refused::internal())?;
    message(&signed)
}

async fn ratings(State(office): State<Arc<Office>>, caller: Caller, body: Bytes) -> Result<Response, Refused> {
    let batch: RatingBatch = read(&body)?;
    intake::take_in_ratings(&office, caller.pin()?, &batch).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn call(State(office): State<Arc<Office>>, caller: Caller, body: Bytes) -> Result<Response, Refused> {
    let call: CallForStaff = read(&body)?;
    let state = calls::take_in(&office, caller.pin()?, &call).await?;
    message(&CallAnswer { state })
}

async fn heartbeat(State(office): State<Arc<Office>>, caller: Caller, body: Bytes) -> Result<Response, Refused> {
    let heartbeat: Heartbeat = read(&body)?;
    let is_plain = heartbeat.version.bytes().all(|byte| byte.is_ascii_graphic());
    if heartbeat.version.len() > VERSION_BYTES_MAX || !is_plain {
        let sentence = format!("a version has at most {VERSION_BYTES_MAX} printable characters");
        return Err(Refused { status: StatusCode::BAD_REQUEST, sentence });
    }
    let peer = caller.pin()?;
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let kiosk = intake::known_kiosk(&mut writing, peer).await?;
    heartbeats::set(&mut writing, kiosk.number, now, &heartbeat).await?;
    kiosks::seen(&mut writing, kiosk.number, now).await?;
    writing.commit().await?;
    let keys = office.keys.now();
    let vouched = enrolment::vouch(&keys, &kiosk).map_err(|error| {
        tracing::error!("{error}");
        Refused::internal()
    })?;
    grown(&Grown { first: HeartbeatAnswer { sealing_key: keys.sealing_key() }, more: Some(vouched) })
}

/// `?after=<change>&incarnation=<32 hexadecimal digits>`; without both, a snapshot. With `&at_once=true` there is no long
/// poll: the answer comes even when nothing has changed.
#[derive(Deserialize)]
struct ChangesQuery {
    after: Option<u64>,
    incarnation: Option<String>,
    #[serde(default)]
    at_once: bool,
    /// A head of the trail that the kiosk has kept, as [`Witness`] is written; an earlier kiosk shows none
    witness: Option<String>,
    /// 2 from a kiosk that knows hashes of codes with the number in them; an earlier kiosk says nothing
    code_hash: Option<u8>,
}

impl ChangesQuery {
    fn cursor(&self) -> Option<Cursor> {
        // An incarnation is written like a pin: 128 bits in hexadecimal.
        let incarnation: Pin = self.incarnation.as_deref()?.parse().ok()?;
        Some(Cursor { incarnation: Incarnation(incarnation.0), change: self.after? })
    }

    fn hashes(&self) -> CodeHashes {
        if self.code_hash == Some(2) { CodeHashes::Bound } else { CodeHashes::Unbound }
    }
}

async fn changes_since(
    State(office): State<Arc<Office>>,
    caller: Caller,
    Query(query): Query<ChangesQuery>,
) -> Result<Response, Refused> {
    let peer = caller.pin()?;
    let kiosk = note_as_seen(&office, peer).await?;
    if let Some(witness) = query.witness.as_deref().and_then(Witness::parse) {
        witnesses::hear(&office, &kiosk, query.cursor().map(|cursor| cursor.incarnation), witness).await?;
    }
    if let Some(cursor) = query.cursor() {
        witnesses::hear_cursor(&office, &kiosk, cursor).await?;
    }
    let long_poll = Duration::from_secs(if query.at_once { 0 } else { LONG_POLL_SECONDS });
    message(&wait_for_changes(&office, peer, query.cursor(), query.hashes(), long_poll).await?)
}

/// Answers at once when there is something to say, else when there is, or after the long poll's time.
async fn wait_for_changes(
    office: &Office,
    peer: Pin,
    cursor: Option<Cursor>,
    hashes: CodeHashes,
    long_poll: Duration,
) -> Result<Changes, Refused> {
    let deadline = Instant::now() + long_poll;
    let written = office.database.changed();
    let mut closing = office.closing.clone();
    loop {
        // Enabled before reading, so that nothing written in between is missed.
        let mut next_write = std::pin::pin!(written.notified());
        next_write.as_mut().enable();
        let mut reading = office.database.read().await?;
        // It may have been revoked while it waited.
        intake::known_kiosk(&mut reading, peer).await?;
        let found = changes::since(&mut reading, cursor, changes::PAGE, hashes).await?;
        drop(reading);
        if found.snapshot || !found.changes.is_empty() || Instant::now() >= deadline || *closing.borrow() {
            return Ok(found);
        }
        tokio::select! {
            () = next_write => tokio::time::sleep(GATHERING).await,
            () = tokio::time::sleep_until(deadline) => {}
            _ = closing.changed() => return Ok(found),
        }
    }
}

async fn note_as_seen(office: &Office, peer: Pin) -> Result<Kiosk, Refused> {
    let mut reading = office.database.read().await?;
    let kiosk = intake::known_kiosk(&mut reading, peer).await?;
    drop(reading);
    let now = office.clock.now();
    if now - kiosk.last_seen_at >= SEEN_EVERY {
        let mut writing = office.database.write().await?;
        kiosks::seen(&mut writing, kiosk.number, now).await?;
        writing.commit().await?;
    }
    Ok(kiosk)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    postcard::from_bytes(body)
        .map_err(|_| Refused { status: StatusCode::BAD_REQUEST, sentence: "the message can't be read".into() })
}

fn message<T: Serialize>(value: &T) -> Result<Response, Refused> {
    Ok(bytes(postcard::to_allocvec(value).map_err(|_| Refused::internal())?))
}

fn grown<T, M>(value: &Grown<T, M>) -> Result<Response, Refused>
where
    T: Serialize + DeserializeOwned,
    M: Serialize + DeserializeOwned,
{
    Ok(bytes(value.encode().map_err(|_| Refused::internal())?))
}

fn bytes(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response()
}

/// A status and one plain sentence.
struct Refused {
    status: StatusCode,
    sentence: String,
}

impl Refused {
    /// The one answer to everybody who isn't known, and to every wrong code.
    fn unknown() -> Self {
        let sentence = "not known here: a kiosk joins by a new invite (istiqbal office invite --print)";
        Self { status: StatusCode::FORBIDDEN, sentence: sentence.into() }
    }

    fn internal() -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, sentence: "the office has a fault: see its log".into() }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        // A caller who isn't known is logged in `known_callers_only`.
        if self.status != StatusCode::FORBIDDEN && noise::KIOSKS.lets_through() {
            tracing::warn!(status = self.status.as_u16(), sentence = %self.sentence, "a kiosk was refused");
        }
        (self.status, self.sentence).into_response()
    }
}

impl From<DatabaseError> for Refused {
    fn from(error: DatabaseError) -> Self {
        tracing::error!(%error, "the database failed");
        match error {
            DatabaseError::DiskFull | DatabaseError::Disk(_) => Self {
                status: StatusCode::SERVICE_UNAVAILABLE,
                sentence: "the office can store nothing at the moment, because its disk is full or fails: see its log"
                    .into(),
            },
            _ => Self::internal(),
        }
    }
}

impl From<IntakeError> for Refused {
    fn from(error: IntakeError) -> Self {
        let status = match error {
            IntakeError::Database(error) => return error.into(),
            IntakeError::UnknownKiosk => return Self::unknown(),
            IntakeError::Revoked => StatusCode::GONE,
            IntakeError::TooManyAfterRevocation => StatusCode::INSUFFICIENT_STORAGE,
            IntakeError::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
            IntakeError::BrokenOff => StatusCode::SERVICE_UNAVAILABLE,
            IntakeError::Ratings(_) => StatusCode::BAD_REQUEST,
        };
        Self { status, sentence: error.to_string() }
    }
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        let status = match error {
            CallError::Database(error) => return error.into(),
            CallError::Kiosk(error) => return error.into(),
            CallError::Foreign => StatusCode::FORBIDDEN,
            CallError::TooMany => StatusCode::TOO_MANY_REQUESTS,
        };
        Self { status, sentence: error.to_string() }
    }
}

impl From<EnrolmentError> for Refused {
    fn from(error: EnrolmentError) -> Self {
        let status = match error {
            EnrolmentError::Database(error) => return error.into(),
            EnrolmentError::Code => return Self::unknown(),
            EnrolmentError::Log(_) | EnrolmentError::Tls(_) => {
                tracing::error!("a kiosk can't be enrolled: {error}");
                return Self::internal();
            }
            EnrolmentError::Name => StatusCode::BAD_REQUEST,
            EnrolmentError::NoNumber => StatusCode::CONFLICT,
        };
        Self { status, sentence: error.to_string() }
    }
}
