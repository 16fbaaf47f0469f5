//! A form with files, read as it comes: limits hold while it is under way, and a form of strangers is refused before its
//! files are read.

use std::sync::Arc;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};

use super::super::frame::Failure;
use super::super::session::Visitor;
use crate::language::Words;
use crate::office::Office;
use crate::office::uploads::{FileError, shown_name};

/// The most files of one form.
const FILES_MAX: usize = 10;
/// The most bytes of a field that is no file.
const TEXT_BYTES_MAX: usize = 256;

/// A form whose token was right.
pub struct UploadForm {
    /// The document's id, as the form says it
    pub document: String,
    pub files: Vec<GivenFile>,
}

/// A file as it came.
pub struct GivenFile {
    /// As it can be shown
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Why a form isn't taken.
enum FormError {
    /// Not made by a page of ours, or by one of a session that has ended
    Stale,
    TooLong,
    TooManyFiles,
    /// A file, by its name
    File(String, FileError),
    BrokenOff,
}

/// Reads the form.
pub async fn read(
    office: &Arc<Office>,
    visitor: &Visitor,
    back: &str,
    request: Request,
) -> Result<UploadForm, Failure> {
    let words = Words::of(visitor.language);
    let refused = |status, key: &str| Failure::refused(visitor, status, words.get(key), back);
    let limits = office.uploads.limits;
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > limits.form_bytes_max() as u64) {
        return Err(too_long(office, visitor, back));
    }
    let Ok(form) = Multipart::from_request(request, office).await else { return Err(Failure::form_is_stale(visitor)) };
    match tokio::time::timeout(limits.time_max, fields(form, visitor, limits.bytes_max)).await {
        Ok(Ok(form)) => Ok(form),
        Ok(Err(FormError::Stale)) => Err(Failure::form_is_stale(visitor)),
        Ok(Err(FormError::TooLong)) => Err(too_long(office, visitor, back)),
        Ok(Err(FormError::TooManyFiles)) => {
            Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "office-upload-too-many-at-once"))
        }
        Ok(Err(FormError::File(name, error))) => Err(file_refused(office, visitor, back, &name, error)),
        Ok(Err(FormError::BrokenOff)) => Err(refused(StatusCode::BAD_REQUEST, "office-upload-broken-off")),
        Err(_) => Err(refused(StatusCode::REQUEST_TIMEOUT, "office-upload-too-slow")),
    }
}

/// The page that says why a file isn't kept.
pub fn file_refused(office: &Office, visitor: &Visitor, back: &str, name: &str, error: FileError) -> Failure {
    let words = Words::of(visitor.language);
    let why = match error {
        FileError::Empty => words.get("office-upload-empty"),
        FileError::TooLarge => {
            let megabytes = office.uploads.limits.bytes_max / (1024 * 1024);
            words.format("office-upload-too-large", &[("megabytes", megabytes.into())])
        }
        FileError::Unknown => words.get("office-upload-unknown-kind"),
        FileError::Heic => words.get("office-upload-heic"),
        FileError::OtherPicture => words.get("office-upload-other-picture"),
        FileError::Picture => words.get("office-upload-picture-damaged"),
        FileError::TooManyPixels => words.get("office-upload-too-many-pixels"),
        FileError::Pdf => words.get("office-upload-pdf-damaged"),
        FileError::ActivePdf => words.get("office-upload-pdf-active"),
        FileError::AttachedPdf => words.get("office-upload-pdf-attached"),
        FileError::PasswordPdf => words.get("office-upload-pdf-password"),
        FileError::LockedPdf => words.get("office-upload-pdf-locked"),
    };
    let status = match error {
        FileError::TooLarge | FileError::TooManyPixels => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let sentence = words.format("office-upload-refused", &[("name", name.into()), ("why", why.into())]);
    Failure::refused(visitor, status, sentence, back)
}

fn too_long(office: &Office, visitor: &Visitor, back: &str) -> Failure {
    let megabytes = office.uploads.limits.form_bytes_max() / (1024 * 1024);
    let sentence =
        Words::of(visitor.language).format("office-upload-form-too-long", &[("megabytes", megabytes.into())]);
    Failure::refused(visitor, StatusCode::PAYLOAD_TOO_LARGE, sentence, back)
}

async fn fields(mut form: Multipart, visitor: &Visitor, bytes_max: usize) -> Result<UploadForm, FormError> {
    // The token comes first on our pages: without it nothing else is read.
    let first = form.next_field().await.map_err(broken)?.ok_or(FormError::Stale)?;
    if first.name() != Some("form_token") || !visitor.fits_form(&text(first).await?) {
        return Err(FormError::Stale);
    }
    let (mut document, mut files, mut problem) = (None, Vec::new(), None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("document") if document.is_none() => document = Some(text(field).await?),
            Some("file") => {
                let name = shown_name(field.file_name().unwrap_or_default());
                match file(field, bytes_max).await? {
                    // A form without a chosen file sends one without name and content.
                    Some(bytes) if bytes.is_empty() && name.is_empty() => {}
                    Some(_) if files.len() >= FILES_MAX => problem = Some(FormError::TooManyFiles),
                    Some(bytes) => files.push(GivenFile { name, bytes }),
                    // The rest is still read, up to the form's limit: else a browser doesn't show the answer.
                    None => problem = problem.or(Some(FormError::File(name, FileError::TooLarge))),
                }
            }
            _ => return Err(FormError::Stale),
        }
    }
    match (problem, document) {
        (Some(problem), _) => Err(problem),
        (None, Some(document)) => Ok(UploadForm { document, files }),
        (None, None) => Err(FormError::Stale),
    }
}

async fn text(mut field: Field<'_>) -> Result<String, FormError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > TEXT_BYTES_MAX {
            return Err(FormError::Stale);
        }
    }
    String::from_utf8(bytes).map_err(|_| FormError::Stale)
}

/// The bytes of a file; `None` when there are too many, which are then not kept.
async fn file(mut field: Field<'_>, bytes_max: usize) -> Result<Option<Vec<u8>>, FormError> {
    let mut bytes = Vec::new();
    let mut fits = true;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        fits &= bytes.len() + chunk.len() <= bytes_max;
        if fits {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    Ok(fits.then_some(bytes))
}

fn broken(error: MultipartError) -> FormError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { FormError::TooLong } else { FormError::BrokenOff }
}
