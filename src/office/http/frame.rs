//! What all pages share: the frame around them, and the pages that say why something can't be done.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::session::{Staff, Visitor};
use super::words;
use crate::language::Words;
use crate::office::database::DatabaseError;
use crate::office::passwords::WorkError;
use crate::office::people::{Permission, Role};

/// When something of ours is broken. The frame itself may be what failed: a page without one, in both languages.
const BROKEN: &str = include_str!("../../../ui/office/templates/broken.html");

/// When a row of the database is what this program never writes.
const DAMAGED: &str = include_str!("../../../ui/office/templates/damaged.html");

/// When nothing can be stored at the moment.
const DISK: &str = include_str!("../../../ui/office/templates/disk.html");

/// A place of the navigation: name, address, message, and what it asks for.
type Place = (&'static str, &'static str, &'static str, Option<Permission>);

/// Where staff go all day: one line on a desk's screen.
const DAILY_PLACES: &[Place] = &[
    ("scan", "/", "office-nav-scan", None),
    ("register", "/register", "office-nav-register", Some(Permission::Register)),
    ("requests", "/requests", "office-nav-requests", None),
    ("sessions", "/sessions", "office-nav-sessions", None),
    ("notices", "/notices", "office-nav-notices", Some(Permission::CallPeople)),
    ("calls", "/calls", "office-nav-calls", None),
];
/// Where they go now and then: behind "more".
const FURTHER_PLACES: &[Place] = &[
    ("doubles", "/persons/doubles", "office-nav-doubles", Some(Permission::MergePersons)),
    ("ratings", "/ratings", "office-nav-ratings", None),
    ("suggestions", "/suggestions", "office-nav-suggestions", None),
    ("catalogue", "/catalogue", "office-nav-catalogue", Some(Permission::EditCatalogue)),
    ("kiosks", "/kiosks", "office-nav-kiosks", None),
    ("people", "/people", "office-nav-people", Some(Permission::ManagePeople)),
    ("privacy", "/privacy", "office-nav-privacy", Some(Permission::AnswerPrivacyAsks)),
    ("clock", "/clock", "office-nav-clock", Some(Permission::ConfirmDay)),
    ("findings", "/findings", "office-nav-findings", Some(Permission::ManagePeople)),
    ("trail", "/trail", "office-nav-trail", Some(Permission::ReadTrail)),
];

/// A link of the navigation.
#[derive(Clone)]
pub struct Link {
    pub path: &'static str,
    pub label: String,
    /// `aria-current`
    pub current: &'static str,
}

/// The frame around a page: its language, who is signed in, and the token of its forms.
pub struct Frame {
    pub words: &'static Words,
    pub form_token: String,
    pub path: String,
    /// Name and role of whoever is signed in
    pub staff: Option<(String, String)>,
    role: Option<Role>,
    /// The page's own place in the navigation
    pub place: &'static str,
}

impl Frame {
    pub fn new(visitor: &Visitor, place: &'static str) -> Self {
        let words = Words::of(visitor.language);
        Self {
            words,
            form_token: visitor.form_token(),
            path: visitor.path.clone(),
            staff: visitor.staff.as_ref().map(|staff| (staff.name.clone(), words::role(words, staff.role))),
            role: visitor.staff.as_ref().map(|staff| staff.role),
            place,
        }
    }

    /// A message of the page's language.
    pub fn t(&self, key: &str) -> String {
        self.words.get(key)
    }

    pub fn language(&self) -> &'static str {
        self.words.language().code()
    }

    pub fn direction(&self) -> &'static str {
        if self.words.language().is_right_to_left() { "rtl" } else { "ltr" }
    }

    /// The whole navigation of whoever is signed in: only what the role may open.
    pub fn navigation(&self) -> Vec<Link> {
        [self.daily(), self.further()].concat()
    }

    pub fn daily(&self) -> Vec<Link> {
        self.links(DAILY_PLACES)
    }

    pub fn further(&self) -> Vec<Link> {
        self.links(FURTHER_PLACES)
    }

    fn links(&self, places: &[Place]) -> Vec<Link> {
        let Some(role) = self.role else { return Vec::new() };
        let may = |needed: Option<Permission>| needed.is_none_or(|permission| role.may(permission));
        let link = |(place, path, key, _): &Place| Link {
            path,
            label: self.t(key),
            current: if self.place == *place { "page" } else { "false" },
        };
        places.iter().filter(|(.., needed)| may(*needed)).map(link).collect()
    }
}

/// A page that says in one sentence why something can't be done.
#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    frame: Frame,
    sentence: String,
    back: String,
}

/// Why a page isn't shown.
#[derive(Debug)]
pub enum Failure {
    /// Nobody is signed in
    SignInFirst,
    /// The same for what a page asks by itself: its script understands the status
    SessionEnded,
    /// A ready page that says why
    Refused(Box<Response>),
    /// A row for the page is damaged in the database; the log says which
    Damaged(String),
    /// The disk is full or fails; the log says which
    Disk(String),
    /// Something of ours is broken; the log says what
    Internal(String),
}

impl Failure {
    /// A page with one sentence and a way back.
    pub fn refused(visitor: &Visitor, status: StatusCode, sentence: String, back: &str) -> Self {
        let page = RefusedPage { frame: Frame::new(visitor, ""), sentence, back: back.to_owned() };
        match show(&page) {
            Ok(html) => Self::Refused(Box::new((status, html).into_response())),
            Err(failure) => failure,
        }
    }

    pub fn form_is_stale(visitor: &Visitor) -> Self {
        let sentence = Words::of(visitor.language).get("office-refused-stale-form");
        Self::refused(visitor, StatusCode::FORBIDDEN, sentence, "/")
    }

    pub fn not_permitted(visitor: &Visitor) -> Self {
        let sentence = Words::of(visitor.language).get("office-refused-role");
        Self::refused(visitor, StatusCode::FORBIDDEN, sentence, "/")
    }

    /// A password that couldn't be hashed or checked now.
    pub fn password_work(visitor: &Visitor, error: WorkError) -> Self {
        match error {
            WorkError::Busy => {
                tracing::warn!(address = %visitor.caller.address, "{error}");
                let sentence = Words::of(visitor.language).get("office-password-busy");
                Self::refused(visitor, StatusCode::SERVICE_UNAVAILABLE, sentence, "/")
            }
            WorkError::Password(_) | WorkError::Broken(_) => Self::Internal(error.to_string()),
        }
    }

    pub fn not_found(visitor: &Visitor) -> Self {
        let sentence = Words::of(visitor.language).get("office-refused-not-found");
        Self::refused(visitor, StatusCode::NOT_FOUND, sentence, "/")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::SignInFirst => Redirect::to("/sign-in").into_response(),
            Self::SessionEnded => StatusCode::UNAUTHORIZED.into_response(),
            Self::Refused(response) => *response,
            Self::Damaged(cause) => {
                tracing::error!(%cause, "a page can't be shown");
                (StatusCode::INTERNAL_SERVER_ERROR, Html(DAMAGED)).into_response()
            }
            Self::Disk(cause) => {
                tracing::error!(%cause, "a page can't be stored or read");
                (StatusCode::SERVICE_UNAVAILABLE, Html(DISK)).into_response()
            }
            Self::Internal(cause) => {
                tracing::error!(%cause, "a page failed");
                (StatusCode::INTERNAL_SERVER_ERROR, Html(BROKEN)).into_response()
            }
        }
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Damaged(_) => Self::Damaged(error.to_string()),
            DatabaseError::DiskFull | DatabaseError::Disk(_) | DatabaseError::Moved { .. } => {
                Self::Disk(error.to_string())
            }
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// Renders a page.
pub fn show<T: Template>(page: &T) -> Result<Html<String>, Failure> {
    page.render().map(Html).map_err(|error| Failure::Internal(error.to_string()))
}

pub async fn not_found(staff: Staff) -> Failure {
    Failure::not_found(&staff.visitor)
}
