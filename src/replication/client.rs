//! The HTTPS client by which a kiosk talks to its one pinned office.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::invite::Pin;
use super::kiosk::KioskSideError;
use super::tls;
use super::wire::*;
use crate::seal::keys::{KioskKeys, ProvingKey, hex};

/// The longest an answer may take on a slow line.
const ANSWER_WAIT: Duration = Duration::from_secs(40);
/// The same for a long poll.
const CHANGES_WAIT: Duration = Duration::from_secs(20 + LONG_POLL_SECONDS);
/// The longest the answer to a call for staff may take: the visitor stands there.
const CALL_WAIT: Duration = Duration::from_secs(4);
/// A connection unused for longer is not used again. A heartbeat a minute keeps one open: a new one costs some kilobytes.
const CONNECTION_IDLE: Duration = Duration::from_secs(90);
/// The same for calls: whoever calls for staff can't wait until it shows that the office is gone at the other end.
const CALL_CONNECTION_IDLE: Duration = Duration::from_secs(10);
/// So often the system asks whether the other end of a silent connection is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);
const KEEPALIVE_AGAIN: Duration = Duration::from_secs(10);
const KEEPALIVE_TRIES: u32 = 3;

/// Carries one question to the office, and its answer back.
pub trait Transport {
    /// Gives the answer's status and body, or why there is none. `is_call` says that a visitor waits for it.
    async fn carry(&self, question: Request<Full<Bytes>>, is_call: bool) -> Result<(StatusCode, Bytes), String>;
}

type Http<Line> = HttpClient<HttpsConnector<Line>, Full<Bytes>>;

/// HTTPS over TCP, or over any other `Line`.
pub struct Https<Line = HttpConnector> {
    http: Http<Line>,
    /// Of its own, so that a call never waits behind anything
    calls: Http<Line>,
}

impl<Line> Transport for Https<Line>
where
    HttpsConnector<Line>: Connect + Clone + Send + Sync + 'static,
    Line: Clone,
{
    async fn carry(&self, question: Request<Full<Bytes>>, is_call: bool) -> Result<(StatusCode, Bytes), String> {
        let http = if is_call { &self.calls } else { &self.http };
        let response = http.request(question).await.map_err(|error| causes(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), 2 * MESSAGE_BYTES_MAX).collect().await;
        Ok((status, body.map_err(|error| error.to_string())?.to_bytes()))
    }
}

/// A client that talks to one pinned office.
pub struct OfficeClient<Carrier = Https> {
    address: String,
    transport: Carrier,
}

impl OfficeClient {
    pub fn new(address: &str, pin: Pin, keys: &KioskKeys) -> Result<Self, KioskSideError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE_AGAIN));
        tcp.set_keepalive_retries(Some(KEEPALIVE_TRIES));
        Self::over(tcp, address, pin, keys)
    }
}

impl<Line> OfficeClient<Https<Line>>
where
    HttpsConnector<Line>: Connect + Clone + Send + Sync + 'static,
    Line: Clone,
{
    /// A client whose connections `line` makes.
    pub fn over(line: Line, address: &str, pin: Pin, keys: &KioskKeys) -> Result<Self, KioskSideError> {
        let config = tls::client_config(keys.tls_secret(), pin)?;
        // The name means nothing: the pinned key is what counts.
        let name = rustls::pki_types::ServerName::try_from("istiqbal").map_err(|_| KioskSideError::Answer)?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .with_server_name_resolver(FixedServerNameResolver::new(name))
            .enable_http1()
            .wrap_connector(line);
        let client = |idle| HttpClient::builder(TokioExecutor::new()).pool_idle_timeout(idle).build(connector.clone());
        let transport = Https { http: client(CONNECTION_IDLE), calls: client(CALL_CONNECTION_IDLE) };
        Ok(Self { address: address.to_owned(), transport })
    }
}

impl<Carrier: Transport> OfficeClient<Carrier> {
    /// A client whose questions this carries.
    #[cfg(test)]
    pub fn carried_by(transport: Carrier) -> Self {
        Self { address: "office.example".into(), transport }
    }

    /// Sends the one-time code of an invite.
    pub async fn enrol(&self, enrolment: &Enrolment) -> Result<Grown<Enrolled, SignedEnrolment>, KioskSideError> {
        let body = encode(enrolment)?;
        let answer = self.exchange(Method::POST, ENROLMENT_PATH.to_owned(), body, ANSWER_WAIT).await?;
        Grown::decode(&answer).map_err(|_| KioskSideError::Answer)
    }

    /// Asks to be let in again. Whether that was noted nobody hears: the office answers as it answers every stranger.
    pub async fn knock(&self, knock: &SignedKnock) -> Result<(), KioskSideError> {
        let answer = self.exchange(Method::POST, AGAIN_PATH.to_owned(), encode(knock)?, ANSWER_WAIT).await;
        match answer {
            Ok(_) | Err(KioskSideError::NotKnown) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub async fn send(&self, batch: &Batch, office: &ProvingKey) -> Result<Acknowledgement, KioskSideError> {
        let signed: SignedAcknowledgement = self.post(ENVELOPES_PATH, batch).await?;
        Ok(signed.verify(office)?)
    }

    pub async fn send_ratings(&self, batch: &RatingBatch) -> Result<(), KioskSideError> {
        self.exchange(Method::POST, RATINGS_PATH.to_owned(), encode(batch)?, ANSWER_WAIT).await.map(drop)
    }

    /// What changed after a cursor. Unless it is asked to answer at once, the office waits until something has.
    /// A head of its trail that the kiosk has kept is shown to it by the way.
    pub async fn changes(
        &self,
        after: Option<Cursor>,
        witness: Option<&Witness>,
        at_once: bool,
    ) -> Result<Changes, KioskSideError> {
        // This program knows hashes of codes that take in the number.
        let mut query = format!("?at_once={at_once}&code_hash=2");
        if let Some(witness) = witness {
            query += &format!("&witness={witness}");
        }
        if let Some(cursor) = after {
            query += &format!("&after={}&incarnation={}", cursor.change, hex(&cursor.incarnation.0));
        }
        decode(&self.exchange(Method::GET, format!("{CHANGES_PATH}{query}"), Bytes::new(), CHANGES_WAIT).await?)
    }

    /// Tells the office how the kiosk is. An office of an earlier version answers nothing.
    pub async fn beat(
        &self,
        heartbeat: &Heartbeat,
    ) -> Result<Option<Grown<HeartbeatAnswer, SignedEnrolment>>, KioskSideError> {
        let body = encode(heartbeat)?;
        let answer = self.exchange(Method::POST, HEARTBEAT_PATH.to_owned(), body, ANSWER_WAIT).await?;
        if answer.is_empty() {
            return Ok(None);
        }
        Grown::decode(&answer).map(Some).map_err(|_| KioskSideError::Answer)
    }

    /// Calls for staff, or takes the call away. Within 4 s there is an answer or an error.
    pub async fn call_for_staff(&self, call: CallForStaff) -> Result<CallState, KioskSideError> {
        let answer = self.exchange(Method::POST, CALL_PATH.to_owned(), encode(&call)?, CALL_WAIT).await?;
        let answer: CallAnswer = decode(&answer)?;
        Ok(answer.state)
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, message: &impl Serialize) -> Result<T, KioskSideError> {
        decode(&self.exchange(Method::POST, path.to_owned(), encode(message)?, ANSWER_WAIT).await?)
    }

    async fn exchange(
        &self,
        method: Method,
        path: String,
        body: Bytes,
        limit: Duration,
    ) -> Result<Bytes, KioskSideError> {
        let unreachable = |cause: String| KioskSideError::Unreachable { address: self.address.clone(), cause };
        // An invite's code may be wrong, and a call another kiosk's: there it says something else.
        let speaks_of_the_kiosk = path != ENROLMENT_PATH && path != CALL_PATH;
        let request = Request::builder()
            .method(method)
            .uri(format!("https://{}{path}", self.address))
            .header("content-type", "application/octet-stream")
            .body(Full::new(body))
            .map_err(|error| unreachable(error.to_string()))?;
        let exchange = async {
            let (status, body) = self.transport.carry(request, path == CALL_PATH).await.map_err(unreachable)?;
            if status.is_success() {
                return Ok(body);
            }
            if status == StatusCode::GONE {
                return Err(KioskSideError::Revoked);
            }
            if status == StatusCode::FORBIDDEN && speaks_of_the_kiosk {
                return Err(KioskSideError::NotKnown);
            }
            let reason = String::from_utf8_lossy(&body[..body.len().min(500)]).into_owned();
            Err(KioskSideError::Refused { status, reason })
        };
        match tokio::time::timeout(limit, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(unreachable("no answer in time".into())),
        }
    }
}

/// The whole chain of an error's causes: hyper's own first sentence says little.
fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn encode(message: &impl Serialize) -> Result<Bytes, KioskSideError> {
    postcard::to_allocvec(message).map(Bytes::from).map_err(|_| KioskSideError::Answer)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, KioskSideError> {
    postcard::from_bytes(bytes).map_err(|_| KioskSideError::Answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;
    use crate::seal::seed::Seed;

    /// An office whose machine takes the connection and then says nothing.
    #[tokio::test]
    async fn a_mute_office_doesnt_hold_up_a_call() {
        let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = mute.local_addr().unwrap().to_string();
        let client = OfficeClient::new(&address, Pin([0; 16]), &KioskKeys::from_seed(&Seed::fixed(1))).unwrap();
        let call = CallForStaff { id: [1; 16], place: CallPlace::Home, language: Language::Arabic, ended: false };
        let outcome = tokio::time::timeout(Duration::from_secs(5), client.call_for_staff(call)).await;
        assert!(matches!(outcome, Ok(Err(KioskSideError::Unreachable { .. }))), "{outcome:?}");
    }
}
