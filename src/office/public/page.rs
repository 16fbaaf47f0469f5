//! The pages of the status page: a form for number and code, and where the request stands, in the words of the kiosk.

use std::collections::BTreeMap;
use std::net::IpAddr;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use super::Public;
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::Catalogue;
use crate::domain::language::Language;
use crate::domain::scan::Scan;
use crate::domain::stage::Standing;
use crate::domain::tracking_number::TrackingNumber;
use crate::language::standing::{self, Reached, Stage};
use crate::language::{Words, isolate_ltr};
use crate::office::caller::Caller;
use crate::office::database::{DatabaseError, requests};
use crate::office::receipts;

/// Each file with its name and kind.
const FILES: [(&str, &str, &[u8]); 4] = [
    ("common.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/common.css")),
    ("status.css", "text/css; charset=utf-8", include_bytes!("../../../ui/office/static/status.css")),
    ("plex-regular.ttf", "font/ttf", include_bytes!("../../../ui/kiosk/fonts/IBMPlexSansArabic-Regular.ttf")),
    ("plex-semibold.ttf", "font/ttf", include_bytes!("../../../ui/kiosk/fonts/IBMPlexSansArabic-SemiBold.ttf")),
];

/// When something of ours is broken: a page that needs nothing, in both languages.
const BROKEN: &str = include_str!("../../../ui/office/templates/status/broken.html");

/// The frame around each page.
struct Frame {
    words: &'static Words,
    association: String,
    contact: String,
    /// What the language switch has to post to come back to the same page
    number: String,
    code: String,
}

impl Frame {
    fn new(catalogue: &Catalogue, language: Language) -> Self {
        Self {
            words: Words::of(language),
            association: catalogue.association.name.in_language(language).to_owned(),
            contact: catalogue.association.contact.in_language(language).to_owned(),
            number: String::new(),
            code: String::new(),
        }
    }

    fn t(&self, key: &str) -> String {
        self.words.get(key)
    }

    fn language(&self) -> &'static str {
        self.words.language().code()
    }

    fn direction(&self) -> &'static str {
        if self.words.language().is_right_to_left() { "rtl" } else { "ltr" }
    }
}

#[derive(Template)]
#[template(path = "status/form.html")]
struct FormPage {
    frame: Frame,
    /// Why the try before was refused
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "status/nothing.html")]
struct NothingPage {
    frame: Frame,
}

/// Where one request stands.
struct Status {
    documents: Vec<Stage>,
    committee: Vec<Stage>,
    decision: String,
    next: String,
    /// What is missing, and where to get it
    missing: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "status/status.html")]
struct StatusPage {
    frame: Frame,
    number: String,
    number_in_other_digits: String,
    /// One; should two requests ever bear one number and code, both
    found: Vec<Status>,
}

#[derive(Deserialize)]
pub struct LanguageQuery {
    language: Option<String>,
}

/// What is shown, and with which status.
enum Shown {
    Status(StatusPage),
    Refused(FormPage, StatusCode),
}

/// The form for whoever types.
pub async fn form(State(public): State<Public>, Query(query): Query<LanguageQuery>) -> Response {
    let language = chosen(query.language.as_deref()).unwrap_or(Language::Arabic);
    let page = FormPage { frame: Frame::new(&public.office.catalogue.now(), language), error: None };
    rendered(&page, StatusCode::OK)
}

/// Number and code as they were typed. They stand in no address, so in nobody's log or history.
pub async fn typed(
    State(public): State<Public>,
    caller: Caller,
    form: Result<Form<BTreeMap<String, String>>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(fields)) = form else { return nothing_here(State(public)).await };
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let digits = format!("{} {}", field("number"), field("code"));
    let language = chosen(Some(field("language")));
    if field("number").is_empty() && field("code").is_empty() {
        let frame = Frame::new(&public.office.catalogue.now(), language.unwrap_or(Language::Arabic));
        return rendered(&FormPage { frame, error: None }, StatusCode::OK);
    }
    answer(&public, caller.address, &digits, language).await
}

/// Number and code behind the address of a receipt's QR.
pub async fn scanned(
    State(public): State<Public>,
    caller: Caller,
    Path(digits): Path<String>,
    Query(query): Query<LanguageQuery>,
) -> Response {
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return nothing_here(State(public)).await;
    }
    let language = chosen(query.language.as_deref());
    answer(&public, caller.address, &digits, language).await
}

/// Style and letters.
pub async fn file(State(public): State<Public>, Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, bytes)) => {
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=86400")], *bytes).into_response()
        }
        None => nothing_here(State(public)).await,
    }
}

pub async fn nothing_here(State(public): State<Public>) -> Response {
    let page = NothingPage { frame: Frame::new(&public.office.catalogue.now(), Language::Arabic) };
    rendered(&page, StatusCode::NOT_FOUND)
}

async fn answer(public: &Public, address: IpAddr, digits: &str, language: Option<Language>) -> Response {
    match look_up(public, address, digits, language).await {
        Ok(Shown::Status(page)) => rendered(&page, StatusCode::OK),
        Ok(Shown::Refused(page, StatusCode::TOO_MANY_REQUESTS)) => {
            let mut response = rendered(&page, StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("600"));
            response
        }
        Ok(Shown::Refused(page, status)) => rendered(&page, status),
        Err(error) => failed(&error.to_string()),
    }
}

/// Shows a request to whoever holds its receipt. Whatever else is wrong (no such number, another code, a kiosk that was
/// revoked) is refused in the same words after the same time.
async fn look_up(
    public: &Public,
    address: IpAddr,
    digits: &str,
    language: Option<Language>,
) -> Result<Shown, DatabaseError> {
    let came = Instant::now();
    let office = &public.office;
    let now = office.clock.now();
    let refused = |key: &str, status: StatusCode| {
        let frame = Frame::new(&office.catalogue.now(), language.unwrap_or(Language::Arabic));
        let error = Some(frame.t(key));
        office.openings.refused();
        Shown::Refused(FormPage { frame, error }, status)
    };
    let scan = Scan::parse(digits).ok();
    let number = scan.as_ref().map(|scan| scan.tracking_number.to_string()).unwrap_or_default();
    let Some(one) = public.tries.begin(address, &number, now) else {
        return Ok(refused("office-status-too-many", StatusCode::TOO_MANY_REQUESTS));
    };
    let mut reading = office.database.read().await?;
    let mut found = Vec::new();
    let mut of_request = Language::Arabic;
    if let Some((scan, code)) = scan.as_ref().and_then(|scan| Some((scan, scan.code.as_ref()?))) {
        for request in receipts::proved(&mut reading, scan.tracking_number, code).await? {
            of_request = request.language;
            found.extend(requests::standing(&mut reading, request.id).await?);
        }
        if !found.is_empty() {
            drop(reading);
            public.tries.take_back(&one);
            office.openings.shown();
            let mut frame = Frame::new(&office.catalogue.now(), language.unwrap_or(of_request));
            frame.number = scan.tracking_number.to_string();
            frame.code = code.as_str().to_owned();
            let today = riyadh_day(now);
            let found =
                found.iter().map(|standing| status(&office.catalogue.now(), frame.words, standing, today)).collect();
            let (number, number_in_other_digits) = numbers(frame.words, scan.tracking_number);
            return Ok(Shown::Status(StatusPage { number, number_in_other_digits, found, frame }));
        }
    }
    drop(reading);
    sleep_until(came + one.refused_after).await;
    Ok(refused("office-status-refused", StatusCode::NOT_FOUND))
}

fn status(catalogue: &Catalogue, words: &Words, standing: &Standing, today: chrono::NaiveDate) -> Status {
    let language = words.language();
    let missing = standing::missing_documents(standing).into_iter().map(|id| {
        let from = catalogue.document(&id).map(|document| document.from.in_language(language).to_owned());
        (catalogue.document_label(&id, language).to_owned(), from.unwrap_or_default())
    });
    Status {
        documents: standing::documents_track(words, standing),
        committee: standing::committee_track(words, standing, true, today),
        decision: standing::decision(words, standing, true),
        next: standing::next_step(words, standing, true),
        missing: missing.collect(),
    }
}

/// The number as the receipt shows it: in the digits of the language, and in the others.
fn numbers(words: &Words, number: TrackingNumber) -> (String, String) {
    let (western, eastern) = (isolate_ltr(&number.grouped()), isolate_ltr(&number.grouped_eastern()));
    match words.language() {
        Language::Arabic => (eastern, western),
        Language::English => (western, eastern),
    }
}

/// For the mark beside a stage; its words say the same.
fn reached_class(reached: &Reached) -> &'static str {
    match reached {
        Reached::Done => "done",
        Reached::Current => "current",
        Reached::Ahead => "ahead",
        Reached::Refused => "refused",
    }
}

fn chosen(language: Option<&str>) -> Option<Language> {
    language?.parse().ok()
}

fn rendered<T: Template>(page: &T, status: StatusCode) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => failed(&error.to_string()),
    }
}

pub fn failed(cause: &str) -> Response {
    tracing::error!(%cause, "the status page failed");
    (StatusCode::INTERNAL_SERVER_ERROR, Html(BROKEN)).into_response()
}
