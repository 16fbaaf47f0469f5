//! Editing the catalogue as the text of its file: checked with every mistake in its place, shown with what it changes, and
//! only then published. What was typed is never lost.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use askama::Template;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::super::frame::{Failure, Frame, show};
use super::super::session::{Posted, Staff};
use super::newest_version;
use crate::config::ConfigError;
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::difference::{Change, Difference, Part, difference};
use crate::language::{Words, digits, isolate_ltr};
use crate::office::Office;
use crate::office::catalogue::{self, PublishRefused, with_version};
use crate::office::database::{Connection, DatabaseError, catalogues};
use crate::office::people::Permission;
use crate::seal::keys::{hex, sha256};

/// So many lines stand before and behind one with a mistake.
const LINES_AROUND: usize = 3;

/// A mistake in the text.
struct Mistake {
    sentence: String,
    /// In the words of the parser
    cause: Option<String>,
    /// The line's number as the file counts it, for the script that marks it in the text
    line: Option<usize>,
    /// The lines around it: number, text, whether it's the one
    excerpt: Vec<(usize, String, bool)>,
}

/// A thing that the new catalogue changes.
struct DifferenceRow {
    sentence: String,
    label: String,
    id: String,
    warning: Option<String>,
}

#[derive(Template)]
#[template(path = "catalogue_edit.html")]
struct EditPage {
    frame: Frame,
    text: String,
    base: u32,
    mistake: Option<Mistake>,
    /// What it changes, once it has no mistakes
    changes: Option<Vec<DifferenceRow>>,
    /// Of the text whose changes are shown: only that one is published
    seen: String,
    version: String,
}

#[derive(Deserialize)]
pub struct EditQuery {
    /// The version to begin with; the newest without it
    from: Option<u32>,
}

pub async fn begin(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<EditQuery>,
) -> Result<Response, Failure> {
    staff.need(Permission::EditCatalogue)?;
    let mut reading = office.database.read().await?;
    let base = newest_version(&office, &mut reading).await?;
    let text = catalogues::text_of(&mut reading, query.from.unwrap_or(base)).await?;
    drop(reading);
    if text.is_none() && query.from.is_some() {
        return Err(Failure::not_found(&staff.visitor));
    }
    let text = text.map(|text| with_version(&text, base.saturating_add(1))).unwrap_or_default();
    Ok(show(&EditPage::new(&staff, text, base))?.into_response())
}

pub async fn go_on(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::EditCatalogue)?;
    let text = plain_lines(posted.field("text"));
    let base = posted.field("base").parse().map_err(|_| Failure::form_is_stale(&posted.staff.visitor))?;
    let wants_end = posted.field("step") == "publish" && posted.field("seen") == fingerprint(&text);
    if !wants_end {
        return preview(&office, &posted.staff, text, base).await;
    }
    match catalogue::publish(&office, &posted.staff.actor(), &text, base).await {
        Ok(_) => Ok(Redirect::to("/catalogue").into_response()),
        Err(PublishRefused::Database(error)) => Err(error.into()),
        Err(refused) => refuse(&office, &posted.staff, text, base, refused).await,
    }
}

/// A file instead of what stands in the field.
pub async fn upload(
    State(office): State<Arc<Office>>,
    staff: Staff,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    staff.need(Permission::EditCatalogue)?;
    let stale = || Failure::form_is_stale(&staff.visitor);
    let mut multipart = multipart.map_err(|_| stale())?;
    let mut fields = BTreeMap::new();
    while let Some(field) = multipart.next_field().await.map_err(|_| stale())? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| stale())?;
        // What isn't UTF-8 is no catalogue: the parser names the first letter that it can't read.
        fields.insert(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    staff.visitor.check_form(&fields)?;
    let text = plain_lines(fields.get("file").map(String::as_str).unwrap_or_default());
    let base = newest_version(&office, &mut *office.database.read().await?).await?;
    preview(&office, &staff, text, base).await
}

/// The text with its first mistake, or with all that it changes.
async fn preview(office: &Office, staff: &Staff, text: String, base: u32) -> Result<Response, Failure> {
    let newest = newest_version(office, &mut *office.database.read().await?).await?;
    if newest != base {
        return refuse(office, staff, text, base, PublishRefused::Meanwhile { newest }).await;
    }
    let after = match catalogue::check(&text, newest) {
        Ok(after) => after,
        Err(refused) => return refuse(office, staff, text, base, refused).await,
    };
    let mut page = EditPage::new(staff, text, base);
    let words = page.frame.words;
    let mut reading = office.database.read().await?;
    let mut rows = Vec::new();
    for difference in difference(&office.catalogue.now(), &after) {
        rows.push(row(words, &mut reading, &difference).await?);
    }
    page.changes = Some(rows);
    page.seen = fingerprint(&page.text);
    page.version = isolate_ltr(&digits(words.language(), &after.version.to_string()));
    Ok(show(&page)?.into_response())
}

/// The text again, with why it can't be published.
async fn refuse(
    office: &Office,
    staff: &Staff,
    text: String,
    base: u32,
    refused: PublishRefused,
) -> Result<Response, Failure> {
    let words = Words::of(staff.visitor.language);
    let number = |version: u32| isolate_ltr(&digits(words.language(), &version.to_string()));
    let in_text = |sentence: String, cause: Option<String>, line: Option<usize>| Mistake {
        sentence,
        cause,
        line,
        excerpt: line.map(|line| excerpt(&text, line)).unwrap_or_default(),
    };
    let (status, base, mistake) = match refused {
        PublishRefused::Mistake(ConfigError { line, key, cause, .. }) => {
            let place = match (line, key) {
                (Some(line), Some(key)) => words.format(
                    "office-catalogue-mistake-key",
                    &[("line", line.into()), ("key", isolate_ltr(&key).into())],
                ),
                (Some(line), None) => words.format("office-catalogue-mistake-line", &[("line", line.into())]),
                (None, _) => words.get("office-catalogue-mistake"),
            };
            (StatusCode::UNPROCESSABLE_ENTITY, base, in_text(place, Some(cause), line))
        }
        PublishRefused::TooLong => {
            (StatusCode::UNPROCESSABLE_ENTITY, base, in_text(words.get("office-catalogue-too-long"), None, None))
        }
        PublishRefused::NotNewer { newest } => {
            let sentence = words.format("office-catalogue-not-newer", &[("version", number(newest).into())]);
            let line = text.lines().position(|line| line.trim_start().starts_with("version")).map(|place| place + 1);
            (StatusCode::UNPROCESSABLE_ENTITY, base, in_text(sentence, None, line))
        }
        PublishRefused::Meanwhile { newest } => {
            let sentence = words.format("office-catalogue-meanwhile", &[("version", number(newest).into())]);
            // Whoever goes on from here has read that, and sees what would change of the other's.
            (StatusCode::CONFLICT, newest, in_text(sentence, None, None))
        }
        PublishRefused::Database(error) => return Err(error.into()),
    };
    let is_meanwhile = status == StatusCode::CONFLICT;
    let text = if is_meanwhile { with_version(&text, base.saturating_add(1)) } else { text };
    let mut page = EditPage::new(staff, text, base);
    page.mistake = Some(mistake);
    if is_meanwhile {
        page.changes = changes_of_theirs(office, words, &page.text).await?;
    }
    Ok((status, show(&page)?).into_response())
}

/// Against what another has published meanwhile; none where the text has mistakes. It isn't published from here: one more
/// look comes first.
async fn changes_of_theirs(office: &Office, words: &Words, text: &str) -> Result<Option<Vec<DifferenceRow>>, Failure> {
    let Ok(after) = Catalogue::parse(FilePath::new("catalog.toml"), text) else { return Ok(None) };
    let mut reading = office.database.read().await?;
    let mut rows = Vec::new();
    for difference in difference(&office.catalogue.now(), &after) {
        rows.push(row(words, &mut reading, &difference).await?);
    }
    Ok(Some(rows))
}

impl EditPage {
    fn new(staff: &Staff, text: String, base: u32) -> Self {
        Self {
            frame: Frame::new(&staff.visitor, "catalogue"),
            text,
            base,
            mistake: None,
            changes: None,
            seen: String::new(),
            version: String::new(),
        }
    }
}

async fn row(words: &Words, reading: &mut Connection, difference: &Difference) -> Result<DifferenceRow, DatabaseError> {
    let part = words.get(match difference.part {
        Part::Association => "office-catalogue-of-association",
        Part::Policy => "office-catalogue-of-policy",
        Part::PrivacyNotice => "office-catalogue-of-privacy",
        Part::Declaration => "office-catalogue-of-declaration",
        Part::Service => "office-catalogue-of-service",
        Part::Category => "office-catalogue-of-category",
        Part::Document => "office-catalogue-of-document",
        Part::Question => "office-catalogue-of-question",
        Part::CommonQuestion => "office-catalogue-of-common",
        Part::RatingReason => "office-catalogue-of-reason",
        Part::Notice => "office-catalogue-of-notice",
    });
    let key = match difference.change {
        Change::Added => "office-catalogue-added",
        Change::Changed | Change::WithoutVersion => "office-catalogue-changed",
        Change::Removed => "office-catalogue-removed",
        Change::Moved => "office-catalogue-moved",
    };
    let warning = match difference.change {
        Change::WithoutVersion => Some(words.get("office-catalogue-without-version")),
        Change::Removed => {
            let id = &difference.id;
            let count = match difference.part {
                Part::Service => catalogues::requests_of_service(reading, id).await?,
                Part::Category => catalogues::requests_of_category(reading, id).await?,
                Part::Document => catalogues::requests_with_document(reading, id).await?,
                Part::Question => catalogues::requests_with_answer(reading, id).await?,
                _ => 0,
            };
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            (count > 0).then(|| words.format("office-catalogue-in-use", &[("count", count.into())]))
        }
        Change::Added | Change::Changed | Change::Moved => None,
    };
    // A common question has no id of its own: its words are its id.
    let id = if difference.part == Part::CommonQuestion { String::new() } else { difference.id.clone() };
    let label = difference.label.as_ref().map(|label| label.in_language(words.language()).to_owned());
    let sentence = words.format(key, &[("part", part.into())]);
    Ok(DifferenceRow { sentence, label: label.unwrap_or_default(), id, warning })
}

/// The lines around a mistake.
fn excerpt(text: &str, line: usize) -> Vec<(usize, String, bool)> {
    let first = line.saturating_sub(LINES_AROUND).max(1);
    let numbered = (1..).zip(text.lines()).skip(first - 1).take(2 * LINES_AROUND + 1);
    numbered.map(|(number, text)| (number, text.to_owned(), number == line)).collect()
}

/// Browsers send a text with two characters at each line's end.
fn plain_lines(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn fingerprint(text: &str) -> String {
    hex(&sha256(&[b"istiqbal catalogue 1", text.as_bytes()])[..16])
}
