//! The catalogue: what is in force, all versions that went out, and editing it as its file.

mod edit;
mod reading;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use self::reading::Part;
use super::frame::{Failure, Frame, show};
use super::request::history::actor;
use super::session::Staff;
use crate::domain::catalogue::Catalogue;
use crate::language::{dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::{Connection, DatabaseError, catalogues, people};
use crate::office::people::Permission;
use crate::replication::wire::CATALOGUE_BYTES_MAX;

/// A form's text is sent with three letters for most bytes; besides it there are a few short fields.
const CATALOGUE_FORM_BYTES_MAX: usize = 3 * CATALOGUE_BYTES_MAX + 64 * 1024;

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/catalogue", get(page))
        .route("/catalogue/edit", get(edit::begin).post(edit::go_on))
        .route("/catalogue/upload", post(edit::upload))
        .route("/catalogue/versions/{version}", get(earlier))
        .route("/catalogue/versions/{version}/file", get(file))
        .layer(DefaultBodyLimit::max(CATALOGUE_FORM_BYTES_MAX))
}

/// A version that went out.
struct Version {
    version: u32,
    number: String,
    at: String,
    by: String,
    is_in_force: bool,
}

#[derive(Template)]
#[template(path = "catalogue.html")]
struct CataloguePage {
    frame: Frame,
    title: String,
    /// This one is an earlier one
    earlier: Option<u32>,
    parts: Vec<Part>,
    versions: Vec<Version>,
    /// What an earlier one holds that this program can't read, and why
    unreadable: Option<(String, String)>,
    has_file: bool,
    version: u32,
}

async fn page(State(office): State<Arc<Office>>, staff: Staff) -> Result<Response, Failure> {
    staff.need(Permission::EditCatalogue)?;
    let catalogue = office.catalogue.now();
    let frame = Frame::new(&staff.visitor, "catalogue");
    let words = frame.words;
    let mut reading = office.database.read().await?;
    let names = people::names(&mut reading).await?;
    let versions = catalogues::publications(&mut reading).await?;
    drop(reading);
    let number = |version: u32| isolate_ltr(&digits(words.language(), &version.to_string()));
    let versions: Vec<Version> = versions
        .into_iter()
        .map(|one| Version {
            version: one.version,
            number: number(one.version),
            at: dates::time(words, one.at),
            by: one.by.map(|by| actor(words, &by, &names)).unwrap_or_default(),
            is_in_force: one.version == catalogue.version,
        })
        .collect();
    let page = CataloguePage {
        title: words.format("office-catalogue-title", &[("version", number(catalogue.version).into())]),
        earlier: None,
        parts: reading::parts(words, &catalogue),
        has_file: versions.iter().any(|version| version.is_in_force),
        versions,
        unreadable: None,
        version: catalogue.version,
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// One version that went out, as it was.
async fn earlier(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(version): Path<u32>,
) -> Result<Response, Failure> {
    staff.need(Permission::EditCatalogue)?;
    let text = catalogues::text_of(&mut *office.database.read().await?, version).await?;
    let text = text.ok_or_else(|| Failure::not_found(&staff.visitor))?;
    let frame = Frame::new(&staff.visitor, "catalogue");
    let words = frame.words;
    let (parts, unreadable) = match Catalogue::parse(std::path::Path::new("catalog.toml"), &text) {
        Ok(catalogue) => (reading::parts(words, &catalogue), None),
        Err(error) => (Vec::new(), Some((error.to_string(), text))),
    };
    let number = isolate_ltr(&digits(words.language(), &version.to_string()));
    let page = CataloguePage {
        title: words.format("office-catalogue-title", &[("version", number.into())]),
        earlier: Some(version),
        parts,
        versions: Vec::new(),
        unreadable,
        has_file: true,
        version,
        frame,
    };
    Ok(show(&page)?.into_response())
}

/// A version's file, to keep or to edit elsewhere.
async fn file(State(office): State<Arc<Office>>, staff: Staff, Path(version): Path<u32>) -> Result<Response, Failure> {
    staff.need(Permission::EditCatalogue)?;
    let text = catalogues::text_of(&mut *office.database.read().await?, version).await?;
    let text = text.ok_or_else(|| Failure::not_found(&staff.visitor))?;
    let name = format!("attachment; filename=\"catalog-{version}.toml\"");
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}

/// The newest version there is: what an editing begins from, and what the next must be greater than.
async fn newest_version(office: &Office, connection: &mut Connection) -> Result<u32, DatabaseError> {
    let held = office.catalogue.now().version;
    let newest = catalogues::newest(connection).await?;
    Ok(newest.map_or(held, |newest| newest.version.max(held)))
}
