//! The status page (P9): where a request stands, on its owner's own telephone, for whoever holds the receipt.
//!
//! It has a listener of its own, which knows nothing of the staff's pages. It shows no name and nothing that was answered,
//! keeps no cookie, and writes down how often it was opened, not by whom or for what: whoever looks after his own request
//! is nobody's business, and an address would say where he is.

mod openings;
mod page;
mod tries;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;

use super::caller::Caller;
use super::{Office, panics};
pub use openings::Openings;
use tries::Tries;

/// A form has a number, a code and a language.
const FORM_BYTES_MAX: usize = 4096;

/// Nothing from elsewhere, nothing inline, no script at all.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

/// What the routes work with.
#[derive(Clone)]
pub struct Public {
    office: Arc<Office>,
    tries: Arc<Tries>,
}

impl FromRequestParts<Public> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, public: &Public) -> Result<Self, Infallible> {
        Ok(public.office.public_caller(&parts.headers, &parts.extensions))
    }
}

/// The status page's routes, and no others.
pub fn router(office: Arc<Office>) -> Router {
    let public = Public { office: office.clone(), tries: Arc::new(Tries::default()) };
    Router::new()
        .route("/", get(page::form).post(page::typed))
        .route("/t/{digits}", get(page::scanned))
        // As a receipt's QR says it
        .route("/T/{digits}", get(page::scanned))
        .route("/static/{file}", get(page::file))
        .fallback(page::nothing_here)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn(answer_panics))
        .layer(middleware::from_fn_with_state(office, headers))
        .with_state(public)
}

async fn answer_panics(request: Request, next: Next) -> Response {
    match panics::caught(next.run(request)).await {
        Ok(response) => response,
        Err(panicked) => page::failed(&panicked.to_string()),
    }
}

async fn headers(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let over_tls = office.public_caller(request.headers(), request.extensions()).over_tls;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow, noarchive"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if over_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
