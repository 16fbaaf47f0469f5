//! Scans of a request's documents: added, shown, removed.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff, Visitor};
use super::super::words;
use super::history::actor;
use super::upload_form::{self, GivenFile, UploadForm};
use super::{Found, request_id};
use crate::domain::calendar::riyadh_day;
use crate::domain::documents::DocumentState;
use crate::domain::request::RequestId;
use crate::domain::stage::Event;
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::database::requests::{self, Counted, NewEvent};
use crate::office::database::trail::{self, salted_hash};
use crate::office::database::uploads::{self, NewUpload, StoredUpload, UploadId};
use crate::office::people::Permission;
use crate::office::uploads::{self as scans, Checked, FileError, Sealed, UploadLimits};
use crate::seal::keys::{hex, random, sha256};

/// What a browser may do with a scan: show it, alone, without scripts and without a place of its own.
const SCAN_POLICY: &str =
    "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// The routes, of which one takes large bodies.
pub fn routes(limits: UploadLimits) -> Router<Arc<Office>> {
    Router::new()
        .route("/requests/{id}/uploads", post(add).layer(DefaultBodyLimit::max(limits.form_bytes_max())))
        .route("/requests/{id}/uploads/{upload}", get(show))
        .route("/requests/{id}/uploads/{upload}/removal", post(remove))
}

/// A scan as the page lists it.
pub struct UploadRow {
    pub id: String,
    pub name: String,
    pub about: String,
}

pub fn rows(office: &Office, words: &Words, found: &Found, document: &str) -> Vec<UploadRow> {
    let keys = office.keys.now();
    let row = |upload: &StoredUpload| {
        let name = scans::open_name(&keys, upload.sealing_key, upload.id, &upload.sealed_name);
        let kind = words.get(match upload.kind {
            scans::Kind::Pdf => "office-upload-kind-pdf",
            scans::Kind::Jpeg | scans::Kind::Png => "office-upload-kind-picture",
        });
        let kilobytes = upload.bytes.div_ceil(1024);
        let about = [
            ("kind", kind.into()),
            ("kilobytes", kilobytes.into()),
            ("who", actor(words, &upload.added_by, &found.names).into()),
            ("when", dates::time(words, upload.added_at).into()),
        ];
        UploadRow {
            id: upload.id.to_string(),
            name: name.ok().filter(|name| !name.is_empty()).unwrap_or_else(|| words.get("office-upload-unnamed")),
            about: words.format("office-upload-about", &about),
        }
    };
    found.uploads.iter().filter(|upload| upload.document == document).map(row).collect()
}

/// A file that is ready to be stored.
struct Ready {
    id: UploadId,
    checked: Checked,
    content: String,
    sealed: Sealed,
}

async fn add(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    staff.need(Permission::VerifyDocuments)?;
    let visitor = &staff.visitor;
    let id = request_id(visitor, &id)?;
    let back = format!("/requests/{id}#documents");
    // One of a few at once, until all is stored: each may hold some of the largest files in memory.
    let Ok(_place) = office.uploads.receiving.try_acquire() else {
        let sentence = Words::of(visitor.language).get("office-upload-busy");
        return Err(Failure::refused(visitor, StatusCode::SERVICE_UNAVAILABLE, sentence, &back));
    };
    let UploadForm { document, files } = upload_form::read(&office, visitor, &back, request).await?;
    if files.is_empty() {
        let sentence = Words::of(visitor.language).get("office-upload-none-chosen");
        return Err(Failure::refused(visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, &back));
    }
    let mut ready = Vec::with_capacity(files.len());
    for GivenFile { name, bytes } in files {
        match make_ready(&office, name.clone(), bytes).await? {
            Ok(one) => ready.push(one),
            Err(error) => return Err(upload_form::file_refused(&office, visitor, &back, &name, error)),
        }
    }
    store(&office, &staff, id, &document, &ready).await?;
    Ok(Redirect::to(&back).into_response())
}

/// Checks and seals a file, on a thread that may take its time.
async fn make_ready(office: &Arc<Office>, name: String, bytes: Vec<u8>) -> Result<Result<Ready, FileError>, Failure> {
    let (limits, keys, id) = (office.uploads.limits, office.keys.now(), UploadId(random()));
    let work = move || {
        let checked = match scans::check(bytes, limits) {
            Ok(checked) => checked,
            Err(error) => return Ok(Err(error)),
        };
        let sealed = scans::seal(&keys, id, &name, &checked.bytes)?;
        let content = hex(&sha256(&[&checked.bytes]));
        Ok::<_, crate::seal::sealing::SealingError>(Ok(Ready { id, checked, content, sealed }))
    };
    let done = office.uploads.in_turn(work).await.map_err(|error| Failure::Internal(error.to_string()))?;
    done.map_err(|error| Failure::Internal(error.to_string()))
}

/// Stores the files under a document of the request, which is then brought. A file that is there already isn't stored a
/// second time: the form was sent twice.
async fn store(
    office: &Office,
    staff: &Staff,
    request: RequestId,
    document: &str,
    ready: &[Ready],
) -> Result<(), Failure> {
    let visitor = &staff.visitor;
    let words = Words::of(visitor.language);
    let back = format!("/requests/{request}#documents");
    let conflict = |sentence| Failure::refused(visitor, StatusCode::CONFLICT, sentence, &back);
    let (now, by, subject) = (office.clock.now(), staff.actor(), request.to_string());
    let today = riyadh_day(now);
    let mut writing = office.database.write().await?;
    let standing = requests::standing(&mut writing, request).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let brought = Event::DocumentBrought { document: document.to_owned() };
    standing.allows(&brought, today).map_err(|error| conflict(words::step_error(words, error)))?;
    let there = uploads::of_request(&mut writing, request).await?;
    let mut count = there.len();
    for one in ready {
        let same = |upload: &StoredUpload| upload.hash == salted_hash(&upload.salt, &one.content);
        if there.iter().any(|upload| upload.document == document && same(upload)) {
            continue;
        }
        count += 1;
        if count > office.uploads.limits.files_max as usize {
            let most = [("count", office.uploads.limits.files_max.into())];
            return Err(conflict(words.format("office-upload-too-many", &most)));
        }
        let salt = random();
        let hash = salted_hash(&salt, &one.content);
        let new = NewUpload {
            id: one.id,
            request,
            document,
            kind: one.checked.kind,
            bytes: one.checked.bytes.len(),
            sealed: &one.sealed,
            salt,
            hash: &hash,
            at: now,
            by: &by,
        };
        uploads::add(&mut writing, &new).await?;
        let details = json!({
            "upload": one.id.to_string(),
            "document": document,
            "kind": one.checked.kind.as_str(),
            "bytes": one.checked.bytes.len(),
            "content": hash,
        });
        trail::append(&mut writing, now, &by, "upload added", &subject, details).await?;
    }
    if standing.documents.get(document) == Some(&DocumentState::Missing) {
        let new = NewEvent { event: &brought, counted: Counted { at: now, day: today }, actor: &by, reason: None };
        requests::add_event(&mut writing, request, new).await?;
        let details = json!({ "document": document });
        trail::append(&mut writing, now, &by, "document brought", &subject, details).await?;
    }
    Ok(writing.commit().await?)
}

async fn show(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path((id, upload)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let visitor = &staff.visitor;
    let (request, id) = ids(visitor, &id, &upload)?;
    let mut writing = office.database.write().await?;
    let found = uploads::find(&mut writing, request, id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let parts = uploads::parts(&mut writing, id).await?;
    let details = json!({ "upload": id.to_string(), "document": found.document });
    let subject = request.to_string();
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "upload opened", &subject, details).await?;
    writing.commit().await?;
    let (keys, key) = (office.keys.now(), found.sealing_key);
    let opened = tokio::task::spawn_blocking(move || scans::open_bytes(&keys, key, id, &parts)).await;
    let bytes = opened.map_err(|error| Failure::Internal(error.to_string()))?;
    let bytes = bytes.map_err(|error| Failure::Internal(format!("the upload {id}: {error}")))?;
    // The name is ours: the one it came with never stands in a header.
    let name = format!("inline; filename=\"scan-{}.{}\"", &upload[..8], found.kind.as_str());
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, found.kind.content_type()),
        (header::CONTENT_DISPOSITION, &name),
        (header::CONTENT_SECURITY_POLICY, SCAN_POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}

/// Destroys the bytes; that there was an upload, the trail still says.
async fn remove(
    State(office): State<Arc<Office>>,
    Path((id, upload)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::VerifyDocuments)?;
    let visitor = &posted.staff.visitor;
    let (request, id) = ids(visitor, &id, &upload)?;
    let mut writing = office.database.write().await?;
    let found = uploads::find(&mut writing, request, id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    uploads::remove(&mut writing, id).await?;
    let details = json!({ "upload": id.to_string(), "document": found.document, "content": found.hash });
    let (now, subject) = (office.clock.now(), request.to_string());
    trail::append(&mut writing, now, &posted.staff.actor(), "upload removed", &subject, details).await?;
    writing.commit().await?;
    Ok(Redirect::to(&format!("/requests/{request}#documents")).into_response())
}

fn ids(visitor: &Visitor, request: &str, upload: &str) -> Result<(RequestId, UploadId), Failure> {
    let request = request_id(visitor, request)?;
    Ok((request, upload.parse().map_err(|_| Failure::not_found(visitor))?))
}
