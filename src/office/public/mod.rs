//! The status page (P9): where a request stands, on its owner's own telephone, for whoever holds the receipt.
//!
//! It has a listener of its own, which knows nothing of the staff's pages. It shows no name and nothing that was answered,
//! keeps no cookie, and writes down how often it was opened, not by whom or for what: whoever looks after his own request
//! is nobody's business, and an address would say where he is.

mod openings;
mod page;
mod tls;
mod tries;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;

use super::Office;
pub use openings::Openings;
pub use tls::{PublicTlsError, tls_config};
use tries::Tries;

/// A form has a number, a code and a language.
const FORM_BYTES_MAX: usize = 4096;

/// Nothing from elsewhere, nothing inline, no script at all.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

/// Whose word counts on who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxies {
    /// Nobody's: callers come by themselves, over our own TLS
    None,
    /// That of a proxy on this machine, and of this one
    Trusted(Option<IpAddr>),
}

/// What the routes work with.
#[derive(Clone)]
pub struct Public {
    office: Arc<Office>,
    tries: Arc<Tries>,
    proxies: Proxies,
}

/// The status page's routes, and no others.
pub fn router(office: Arc<Office>, proxies: Proxies) -> Router {
    let public = Public { office, tries: Arc::new(Tries::default()), proxies };
    Router::new()
        .route("/", get(page::form).post(page::typed))
        .route("/t/{digits}", get(page::scanned))
        // As a receipt's QR says it
        .route("/T/{digits}", get(page::scanned))
        .route("/static/{file}", get(page::file))
        .fallback(page::nothing_here)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(proxies, headers))
        .with_state(public)
}

async fn headers(State(proxies): State<Proxies>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if proxies == Proxies::None {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The network address that a caller's tries are counted by. Of IPv6 it is the subscriber's network: a single one has
/// addresses without end.
fn caller(peer: SocketAddr, headers: &HeaderMap, proxies: Proxies) -> String {
    let peer = peer.ip().to_canonical();
    let is_proxy = match proxies {
        Proxies::None => false,
        Proxies::Trusted(proxy) => peer.is_loopback() || proxy.is_some_and(|proxy| proxy.to_canonical() == peer),
    };
    // Only the last entry is the proxy's own; those before it may say anything.
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let said = last.and_then(|line| line.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    let address = said.filter(|_| is_proxy).map_or(peer, |said| said.to_canonical());
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_can_t_say_that_he_is_another() {
        let peer = |text: &str| text.parse::<SocketAddr>().unwrap();
        let said = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            headers
        };
        let behind = Proxies::Trusted(Some("10.0.0.5".parse().unwrap()));
        for (from, lines, proxies, expected) in [
            ("127.0.0.1:1", &["198.51.100.7"][..], behind, "198.51.100.7"),
            ("127.0.0.1:1", &["203.0.113.1, 198.51.100.7"], behind, "198.51.100.7"),
            ("127.0.0.1:1", &["198.51.100.7", "203.0.113.1"], behind, "203.0.113.1"),
            ("10.0.0.5:1", &["198.51.100.7"], behind, "198.51.100.7"),
            ("10.0.0.6:1", &["198.51.100.7"], behind, "10.0.0.6"),
            ("127.0.0.1:1", &["198.51.100.7"], Proxies::None, "127.0.0.1"),
            ("127.0.0.1:1", &["nonsense"], behind, "127.0.0.1"),
            ("[::ffff:10.0.0.6]:1", &[], behind, "10.0.0.6"),
            ("[2001:db8:1:2:3::4]:1", &[], behind, "2001:db8:1:2"),
            ("[2001:db8:1:2:ffff::4]:1", &[], behind, "2001:db8:1:2"),
        ] {
            assert_eq!(caller(peer(from), &said(lines), proxies), expected, "{from} {lines:?}");
        }
    }
}
