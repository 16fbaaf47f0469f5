//! The files of the staff pages: compiled in, so that nothing is fetched from elsewhere.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Each file with its name and kind.
const FILES: [(&str, &str, &[u8]); 9] = [
    ("style.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/style.css")),
    ("scan.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/scan.js")),
    ("receipt.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/receipt.css")),
    ("receipt.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/receipt.js")),
    ("minutes.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/minutes.css")),
    ("minutes.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/minutes.js")),
    ("calls.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/calls.js")),
    ("plex-regular.ttf", "font/ttf", include_bytes!("../../../ui/kiosk/fonts/IBMPlexSansArabic-Regular.ttf")),
    ("plex-semibold.ttf", "font/ttf", include_bytes!("../../../ui/kiosk/fonts/IBMPlexSansArabic-SemiBold.ttf")),
];

pub async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, bytes)) => {
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=600")], *bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
