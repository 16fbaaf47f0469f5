//! A list as a file: CSV or XLSX, of whatever length, in constant memory. Rows are read page by page as the other end
//! takes them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Bytes, Frame};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::json;
use tokio::sync::mpsc;

use super::super::frame::Failure;
use super::super::session::Staff;
use super::super::words;
use super::query::ListQuery;
use super::ripe;
use crate::domain::answers::Answer;
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::MOBILE_QUESTION;
use crate::domain::language::Language;
use crate::language::Words;
use crate::office::Office;
use crate::office::database::persons::Identity;
use crate::office::database::trail;
use crate::office::database::work_lists::{self, Asked, Count, Listed, Start};
use crate::office::people::Permission;

/// So many rows are read at once.
const PAGE_ROWS: u32 = 500;
/// So many pieces wait for whoever takes them.
const WAITING_PIECES: usize = 4;
const PIECE_BYTES: usize = 64 * 1024;
/// A sheet of Excel has 1,048,576 rows.
const SHEET_ROWS_MAX: u32 = 1_000_000;
const COLUMNS: usize = 13;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Xlsx,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        [Self::Csv, Self::Xlsx].into_iter().find(|kind| kind.as_str() == text)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// `GET /requests/export/{csv|xlsx}?…`: the list of the same filter. The entry of the trail comes before the first row.
pub async fn export(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(kind): Path<String>,
    Query(fields): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    staff.need(Permission::Export)?;
    let kind = Kind::parse(&kind).ok_or_else(|| Failure::not_found(&staff.visitor))?;
    let query = ListQuery { start: Start::Top, ..ListQuery::parse(&fields) };
    if query.is_search_short() {
        let sentence = Words::of(staff.visitor.language).get("office-search-short");
        return Err(Failure::refused(&staff.visitor, StatusCode::UNPROCESSABLE_ENTITY, sentence, "/requests"));
    }
    let Some(export) = office.exports.begin(&staff.person.id) else {
        let sentence = Words::of(staff.visitor.language).get("office-export-too-many");
        return Err(Failure::refused(&staff.visitor, StatusCode::TOO_MANY_REQUESTS, sentence, "/requests"));
    };
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let asked = query.asked(&mut reading, ripe(riyadh_day(now))).await?;
    let how_read = work_lists::count(&mut reading, &asked).await?;
    let count = work_lists::count_all(&mut reading, &asked).await?;
    drop(reading);
    let mut details = query.for_trail();
    details.insert("count".to_owned(), json!(count));
    details.insert("format".to_owned(), json!(kind.as_str()));
    let mut writing = office.database.write().await?;
    trail::append(&mut writing, now, &staff.actor(), "list exported", "requests", details.into()).await?;
    writing.commit().await?;

    let (pieces, waiting) = mpsc::channel(WAITING_PIECES);
    let (rows, taken) = mpsc::channel(WAITING_PIECES);
    let language = staff.visitor.language;
    let writing = std::thread::Builder::new().name("export".to_owned()).spawn(move || {
        // The listener ends the connection of a reader who takes nothing, and so this.
        let _export = export;
        let out = Pieces { pieces: pieces.clone(), piece: Vec::with_capacity(PIECE_BYTES) };
        let written = match kind {
            Kind::Csv => write_csv(out, Words::of(language), taken),
            Kind::Xlsx => write_xlsx(out, Words::of(language), taken),
        };
        if let Err(error) = written {
            // Whoever takes the file sees that it broke off; nobody may be there any more.
            let _ = pieces.blocking_send(Err(error));
        }
    });
    writing.map_err(|error| Failure::Internal(format!("a thread for an export can't be made: {error}")))?;
    let name = format!("istiqbal-{}-{}.{}", query.filter.list.as_str(), riyadh_day(now), kind.as_str());
    tokio::spawn(read(office, asked, how_read, language, rows));
    let headers = [
        (header::CONTENT_TYPE, kind.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::new(Taken(waiting))).into_response())
}

type Rows = Result<Vec<[String; COLUMNS]>, io::Error>;

/// Reads the list page by page, each from the state of that moment, so that a slow reader holds up nobody.
async fn read(office: Arc<Office>, asked: Asked, count: Count, language: Language, rows: mpsc::Sender<Rows>) {
    let mut start = Start::Top;
    loop {
        let page = async {
            let mut reading = office.database.read().await?;
            work_lists::page(&mut reading, &asked, count, start, PAGE_ROWS).await
        };
        let page = match page.await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(%error, "an export broke off");
                let _ = rows.send(Err(io::Error::other("the database refuses"))).await;
                return;
            }
        };
        let Some(last) = page.rows.last() else { return };
        start = Start::After(last.request.id);
        let words = Words::of(language);
        let read = page.rows.iter().map(|listed| cells(&office, words, listed)).collect();
        if rows.send(Ok(read)).await.is_err() || !page.has_later {
            return;
        }
    }
}

fn headings(words: &Words) -> [String; COLUMNS] {
    [
        words.get("office-column-number"),
        words.get("office-column-name"),
        words.get("office-export-national-id"),
        words.get("office-export-mobile"),
        words.get("office-column-service"),
        words.get("office-export-category"),
        words.get("office-column-stage"),
        words.get("office-column-documents"),
        words.get("office-export-received"),
        words.get("office-export-registered"),
        words.get("office-export-channel"),
        words.get("office-export-beneficiary"),
        words.get("office-export-kiosk"),
    ]
}

/// A row in plain digits: other programs read it.
fn cells(office: &Office, words: &Words, listed: &Listed) -> [String; COLUMNS] {
    let request = &listed.request;
    let language = words.language();
    let mobile = match request.answers.get(MOBILE_QUESTION) {
        Some(Answer::Mobile(mobile)) => mobile.national(),
        _ => String::new(),
    };
    let category = request.answers.choice("category").unwrap_or_default();
    let catalogue = office.catalogue.now();
    let category = catalogue.categories.iter().find(|one| one.id.get_ref() == category);
    let documents = if listed.documents_complete { "office-documents-complete" } else { "office-documents-incomplete" };
    [
        request.tracking_number.to_string(),
        words::name(words, request),
        Identity::of(&request.answers).national_id.unwrap_or_default(),
        mobile,
        catalogue.service_label(&request.service, language).to_owned(),
        category.map(|category| category.label.in_language(language).to_owned()).unwrap_or_default(),
        words::stage(words, &listed.stage),
        words.get(documents),
        request.received_on.to_string(),
        request.registered_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        words::channel(words, &request.channel),
        words::beneficiary(words, &request.beneficiary),
        request.kiosk.to_string(),
    ]
}

/// A mark in front of what a spreadsheet would take for a formula: nothing a visitor typed is ever carried out.
fn harmless(cell: &str) -> String {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if cell.trim_start_matches(' ').starts_with(begins) { format!("'{cell}") } else { cell.to_owned() }
}

fn write_csv(mut out: Pieces, words: &Words, mut rows: mpsc::Receiver<Rows>) -> io::Result<()> {
    // Without the mark at its beginning, Excel takes the file for one of Windows-1256.
    out.write_all("\u{FEFF}".as_bytes())?;
    let mut csv = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    csv.write_record(headings(words))?;
    while let Some(page) = rows.blocking_recv() {
        for cells in page? {
            csv.write_record(cells.iter().map(|cell| harmless(cell)))?;
        }
    }
    csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?.flush()
}

/// Rows go to a file without a name as they come, and from there, packed, to whoever takes them.
fn write_xlsx(mut out: Pieces, words: &Words, mut rows: mpsc::Receiver<Rows>) -> io::Result<()> {
    let failed = |error: XlsxError| io::Error::other(error.to_string());
    let mut workbook = Workbook::new();
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    // A full sheet is begun at the first row, too.
    let mut row = SHEET_ROWS_MAX;
    let (mut sheets, mut page) = (0, Vec::new());
    let mut is_open = true;
    while is_open {
        if row >= SHEET_ROWS_MAX {
            let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
            sheet.set_right_to_left(words.language().is_right_to_left());
            sheet.set_freeze_panes(1, 0).map_err(failed)?;
            for (column, heading) in (0..).zip(headings(words)) {
                sheet.set_column_width(column, 20).map_err(failed)?;
                sheet.write_string_with_format(0, column, heading, &bold).map_err(failed)?;
            }
            (row, sheets) = (1, sheets + 1);
        }
        let sheet = workbook.worksheet_from_index(sheets - 1).map_err(failed)?;
        for cells in page.drain(..) {
            for (column, cell) in (0..).zip(&cells) {
                let cell: &String = cell;
                sheet.write_string_with_format(row, column, cell, &text).map_err(failed)?;
            }
            row += 1;
        }
        match rows.blocking_recv() {
            Some(more) => page = more?,
            None => is_open = false,
        }
    }
    workbook.save_to_writer(&mut out).map_err(failed)?;
    out.flush()
}

/// Hands on what is written to it, in pieces.
struct Pieces {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.pieces.blocking_send(Ok(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// The body of the answer: pieces as they come.
struct Taken(mpsc::Receiver<io::Result<Bytes>>);

impl hyper::body::Body for Taken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1"] {
            assert!(harmless(formula).starts_with('\''), "{formula:?}");
        }
        for plain in ["نورة", "0512345678", "", "أم-سعد", "a=b"] {
            assert_eq!(harmless(plain), plain);
        }
    }
}
