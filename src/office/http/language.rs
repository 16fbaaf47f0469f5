//! The language of the pages.

use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;

use super::session::{LANGUAGE_COOKIE, PostedByAnyone};
use crate::domain::language::Language;

pub async fn choose(posted: PostedByAnyone) -> Response {
    let field = |name: &str| posted.fields.get(name).map(String::as_str).unwrap_or_default();
    let language: Language = field("language").parse().unwrap_or(Language::Arabic);
    let cookie = posted.visitor.cookie(LANGUAGE_COOKIE, language.code(), TimeDelta::days(365));
    ([(header::SET_COOKIE, cookie)], Redirect::to(own_path(field("back")))).into_response()
}

/// Only a path of this server: `//elsewhere` and `/\elsewhere` lead away.
fn own_path(path: &str) -> &str {
    let stays = path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if stays { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        assert_eq!(own_path("/requests?list=new"), "/requests?list=new");
        for path in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb"] {
            assert_eq!(own_path(path), "/");
        }
    }
}
