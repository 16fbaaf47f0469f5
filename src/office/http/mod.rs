//! The staff pages: one file a group of routes, one template a page (`ui/office/templates`).

mod account;
mod assets;
mod calls;
mod catalogue;
mod clock;
mod fields;
mod findings;
mod frame;
mod invites;
mod kiosks;
mod language;
mod moment;
mod notices;
mod own_password;
mod people;
mod persons;
mod privacy;
mod qr;
mod ratings;
mod register;
mod request;
mod requests;
mod revision;
mod scan;
mod second_factor;
mod session;
mod sessions;
mod sign_in;
mod suggestions;
pub mod trail;
mod waiting;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::{Office, panics};

/// The most bytes of a form: the longest has one note.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Nothing from elsewhere, nothing inline; `$scripts` is what may run.
macro_rules! content_security_policy {
    ($scripts:literal) => {
        concat!(
            "default-src 'none'; object-src 'none'; style-src 'self'; script-src ",
            $scripts,
            "; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
    };
}

const CONTENT_SECURITY_POLICY: &str = content_security_policy!("'self'");
/// The scan page reads codes from the camera's picture by WebAssembly; still no `eval`.
const SCAN_SECURITY_POLICY: &str = content_security_policy!("'self' 'wasm-unsafe-eval'");

/// For two years, and for all hosts below this one.
const TRANSPORT_SECURITY: &str = "max-age=63072000; includeSubDomains";

/// All pages.
pub fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/", get(scan::page).post(scan::open))
        .merge(sign_in::routes())
        .merge(account::routes())
        .merge(people::routes())
        .route("/language", post(language::choose))
        .merge(requests::routes())
        .merge(persons::routes())
        .merge(request::routes(&office))
        .merge(privacy::routes())
        .merge(trail::routes())
        .merge(sessions::routes())
        .merge(notices::routes())
        .merge(register::routes())
        .merge(catalogue::routes())
        .merge(clock::routes())
        .route("/ratings", get(ratings::page))
        .merge(suggestions::routes())
        .route("/calls", get(calls::page))
        .route("/calls/open", get(calls::open))
        .route("/calls/{id}/coming", post(calls::come))
        .route("/kiosks", get(kiosks::page))
        .route("/kiosks/{number}/revocation", post(kiosks::revoke))
        .route("/kiosks/{number}/waiting", get(waiting::page).post(waiting::decide))
        .route("/findings", get(findings::page))
        .route("/findings/{id}", post(findings::settle))
        .route("/invites", post(invites::make))
        .route("/knocks/{id}/admission", post(kiosks::let_in))
        .route("/static/{file}", get(assets::file))
        .fallback(frame::not_found)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(office.clone(), findings::refuse_steps))
        .layer(middleware::from_fn_with_state(office.clone(), privacy::refuse_steps))
        .layer(middleware::from_fn(answer_panics))
        .layer(middleware::from_fn_with_state(office.clone(), security_headers))
        .with_state(office)
}

/// The page of a fault, in the place of no answer at all.
async fn answer_panics(request: Request, next: Next) -> Response {
    match panics::caught(next.run(request)).await {
        Ok(response) => response,
        Err(panicked) => frame::Failure::Internal(panicked.to_string()).into_response(),
    }
}

async fn security_headers(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let over_tls = office.staff_caller(request.headers(), request.extensions()).over_tls;
    let (policy, permissions) = match request.uri().path() {
        "/" => (SCAN_SECURITY_POLICY, "camera=(self), microphone=(), geolocation=()"),
        _ => (CONTENT_SECURITY_POLICY, "camera=(), microphone=(), geolocation=()"),
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 6] = [
        (HeaderName::from_static("permissions-policy"), permissions),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A scan's is narrower.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    // Over a plain line a browser ignores it (RFC 6797, section 8.1), and nobody may promise it.
    if over_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT_SECURITY));
    }
    // Pages show personal files; only static files may be kept, and those say so themselves.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use tower::Service;

    use super::*;

    #[tokio::test]
    async fn a_page_that_panics_is_answered_with_the_page_of_a_fault() {
        let breaks = || async { "7 or more".parse::<u32>().unwrap().to_string() };
        let mut router = Router::new().route("/", get(breaks)).layer(middleware::from_fn(answer_panics));
        let response = router.call(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let page = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(page.contains("<h1") && !page.contains("7 or more"), "{page}");
    }
}
