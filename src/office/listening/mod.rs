//! Serves one listener: takes connections, speaks TLS and HTTP/1.1 on them, and lets go whoever is silent, slow or too many.
//!
//! - A **place** is what a connection holds, from the moment it is taken until it is closed. Each listener has its own
//!   places, so that none can starve another (`places.rs`).
//! - A **stranger** is a connection whose caller has proved nothing yet. When all places of strangers are taken, the one
//!   that has been idle for longest gives its place to the next.
//! - An **owner** is whoever a route has recognised: an enrolled kiosk by its key, a member of staff by the session. What
//!   belongs to an owner stands in reserved places, and never makes room for a stranger.
//! - The **pace** is the least that has to move, in each direction, for a connection to go on (`pace.rs`).
//!
//! HTTP/2 isn't spoken: nothing here needs it, and one connection of it is as many callers as it likes.

pub mod descriptors;
mod pace;
mod places;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::caller::network;
use super::noise;
use pace::{PacedBody, PacedLine};
use places::{Doing, Places};
pub use places::{Owner, Place, PlaceLimits};

/// Requests under way get this long to end when the office closes.
const CLOSING_TIME: Duration = Duration::from_secs(5);
/// Maximum time for a TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Maximum time from the handshake's end to the end of the first request's head.
const FIRST_HEAD_TIME: Duration = Duration::from_secs(20);
/// Maximum size of a request's head: an address, a few cookies, and what proxies and browsers add. It also bounds the
/// memory that a connection's buffers take.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Pause before the next connection is taken when the system has refused one, as without free descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The configuration by which the next connection speaks TLS; `None` where a listener speaks plainly.
pub type TlsNow = Box<dyn Fn() -> Option<Arc<ServerConfig>> + Send + Sync>;

/// How a listener treats whoever calls.
pub struct Manners {
    /// Which listener this is, for the log
    pub name: &'static str,
    /// Asked at each connection, because certificates are renewed
    pub tls: TlsNow,
    /// Maximum time between two requests, and for the head of each
    pub head_time: Duration,
    /// Maximum time for a request's body, however fast it comes
    pub body_time: Duration,
    pub places: PlaceLimits,
    /// Many share the address of a proxy: the limit of an address doesn't count there
    pub proxies: Vec<IpAddr>,
}

/// The certificates that the caller has shown in the handshake, its own first; an extension of each request over TLS.
#[derive(Clone)]
pub struct PeerCertificates(pub Arc<Vec<CertificateDer<'static>>>);

struct Listener {
    manners: Manners,
    http: http1::Builder,
    routes: Router,
    places: Arc<Places>,
}

/// Serves a listener until `closing` becomes true and the requests under way have ended, or their time.
pub async fn listen(socket: TcpListener, routes: Router, manners: Manners, mut closing: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(manners.head_time).max_buf_size(HEAD_BYTES_MAX);
    let places = Arc::new(Places::new(manners.places));
    let listener = Arc::new(Listener { manners, http, routes, places });
    let mut conversations = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => break,
            Some(ended) = conversations.join_next() => {
                note_end(ended);
                continue;
            }
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((line, peer)) => match listener.places.take(listener.limited_as(peer.ip())) {
                Some(place) => {
                    conversations.spawn(listener.clone().converse(line, peer, place, closing.clone()));
                }
                None if noise::CONNECTIONS.lets_through() => {
                    tracing::warn!(listener = listener.manners.name, %peer, "too many connections from one address");
                }
                None => {}
            },
            Err(error) => {
                if noise::ACCEPTS.lets_through() {
                    tracing::warn!(listener = listener.manners.name, %error, "a connection couldn't be taken");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(socket);
    let all_ended = async {
        while let Some(ended) = conversations.join_next().await {
            note_end(ended);
        }
    };
    if timeout(CLOSING_TIME, all_ended).await.is_err() {
        conversations.shutdown().await;
    }
}

fn note_end(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection broke off");
    }
}

impl Listener {
    /// Gives the name under which an address is counted; `None` for one that the configuration says many share.
    fn limited_as(&self, address: IpAddr) -> Option<String> {
        let address = address.to_canonical();
        let here = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        let is_proxy =
            here.contains(&address) || self.manners.proxies.iter().any(|proxy| proxy.to_canonical() == address);
        (!is_proxy).then(|| network(address))
    }

    async fn converse(
        self: Arc<Self>,
        line: TcpStream,
        peer: SocketAddr,
        place: Place,
        mut closing: watch::Receiver<bool>,
    ) {
        // Small answers leave at once; a system that can't is only slower.
        let _ = line.set_nodelay(true);
        let line = PacedLine::new(line);
        let Some(config) = (self.manners.tls)() else {
            return self.speak_http(line, peer, None, place, closing).await;
        };
        let accepted = tokio::select! {
            () = place.lost() => return,
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            accepted = timeout(HANDSHAKE_TIME, TlsAcceptor::from(config).accept(line)) => accepted,
        };
        let Ok(Ok(line)) = accepted else { return };
        let certificates = line.get_ref().1.peer_certificates().unwrap_or_default();
        let shown = PeerCertificates(Arc::new(certificates.iter().map(|one| one.clone().into_owned()).collect()));
        self.speak_http(line, peer, Some(shown), place, closing).await;
    }

    async fn speak_http(
        &self,
        line: impl AsyncRead + AsyncWrite + Unpin,
        peer: SocketAddr,
        shown: Option<PeerCertificates>,
        place: Place,
        mut closing: watch::Receiver<bool>,
    ) {
        let service = service_fn(|request| self.answer(request, peer, shown.clone(), place.clone()));
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(line), service));
        let mut first_head = pin!(sleep(FIRST_HEAD_TIME));
        let (mut has_begun, mut is_closing) = (false, false);
        loop {
            tokio::select! {
                // An error is the caller's: a line that broke, a head that nobody can read, a time that has passed.
                _ = connection.as_mut() => return,
                () = place.lost() => return,
                () = first_head.as_mut(), if !has_begun => has_begun = true,
                _ = closing.wait_for(|is_closing| *is_closing), if !is_closing => {
                    is_closing = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
            if (has_begun || is_closing) && !place.has_asked() {
                return;
            }
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        shown: Option<PeerCertificates>,
        place: Place,
    ) -> Result<Response<Answer>, Infallible> {
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(ConnectInfo(peer));
        parts.extensions.insert(place.clone());
        if let Some(shown) = shown {
            parts.extensions.insert(shown);
        }
        place.does(if body.is_end_stream() { Doing::Answering } else { Doing::Sending });
        let busy = Busy(place.clone());
        let body = PacedBody::new(body, self.manners.body_time, place);
        let response = self.routes.clone().call(Request::from_parts(parts, body)).await?;
        Ok(response.map(|body| Answer { body, _busy: busy }))
    }
}

/// A place whose request is being answered; it waits again when this is dropped.
struct Busy(Place);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.does(Doing::Waiting);
    }
}

/// The body of an answer, which keeps its place busy until it has been handed to the line.
struct Answer {
    body: Body,
    _busy: Busy,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
