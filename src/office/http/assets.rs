//! The files of the staff pages: compiled in, so that nothing is fetched from elsewhere.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Each file with its name and kind.
const FILES: &[(&str, &str, &[u8])] = &[
    ("common.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/common.css")),
    ("style.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/style.css")),
    ("scan.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/scan.js")),
    ("receipt.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/receipt.css")),
    ("declaration.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/declaration.css")),
    ("catalogue.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/catalogue.js")),
    ("receipt.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/receipt.js")),
    ("minutes.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/minutes.css")),
    ("minutes.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/minutes.js")),
    ("calls.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/calls.js")),
    ("camera.js", "text/javascript; charset=utf-8", include_bytes!("../../../ui/office/static/camera.js")),
    ("plex-regular.ttf", "font/ttf", include_bytes!("../../../ui/kiosk/fonts/IBMPlexSansArabic-Regular.ttf")),
    ("plex-semibold.ttf", "font/ttf", include_bytes!("../../../ui/kiosk/fonts/IBMPlexSansArabic-SemiBold.ttf")),
];

/// What others made (`ui/office/static/vendor/README.md`): its version stands in its name, so that it never changes.
const VENDORED: [(&str, &str, &[u8]); 2] = [
    (
        "zxing-reader-3.1.4.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../ui/office/static/vendor/zxing-reader-3.1.4.js"),
    ),
    (
        "zxing-reader-3.1.4.wasm",
        "application/wasm",
        include_bytes!("../../../ui/office/static/vendor/zxing-reader-3.1.4.wasm"),
    ),
];

pub async fn file(Path(name): Path<String>) -> Response {
    let ours = FILES.iter().map(|file| (file, "public, max-age=600"));
    let others = VENDORED.iter().map(|file| (file, "public, max-age=31536000, immutable"));
    match ours.chain(others).find(|((known, ..), _)| *known == name) {
        Some(((_, kind, bytes), keep)) => {
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, keep)], *bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
