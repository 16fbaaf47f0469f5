//! One request in the printable copy of a person's data.

use askama::Template;
use askama::filters::HtmlSafe;

use super::super::frame::{Failure, Frame};
use super::super::session::Staff;
use super::super::words;
use super::{Fact, Found, answers, documents, facts, find, history, notices};
use crate::domain::signature::Signature;
use crate::language::dates;
use crate::office::Office;
use crate::office::data_copy::CopiedRequest;

/// A text with its heading: a note, a decision's reason.
struct Passage {
    heading: String,
    text: String,
}

#[derive(Template)]
#[template(path = "data_copy/request.html")]
pub struct RequestCopy {
    frame: Frame,
    id: String,
    number: String,
    /// Of the beneficiary
    pub name: String,
    service: String,
    person: Vec<answers::AnswerRow>,
    answers: Vec<answers::AnswerRow>,
    labels_are_own: bool,
    documents: Vec<documents::DocumentRow>,
    uploads: Vec<Fact>,
    signature: Option<String>,
    declared: Option<String>,
    decisions: Vec<Passage>,
    notes: Vec<Passage>,
    /// Who holds it back though its time is over, and why
    held: Option<(String, String)>,
    notices: notices::Notices,
    events: Vec<history::EventRow>,
    facts: Vec<Fact>,
}

/// The template escapes its fields itself.
impl HtmlSafe for RequestCopy {}

impl RequestCopy {
    pub async fn of(office: &Office, staff: &Staff, copied: &CopiedRequest) -> Result<Self, Failure> {
        let found = find(office, copied.id).await?.ok_or_else(|| Failure::not_found(&staff.visitor))?;
        Ok(Self::new(office, staff, &found, copied))
    }

    fn new(office: &Office, staff: &Staff, found: &Found, copied: &CopiedRequest) -> Self {
        let frame = Frame::new(&staff.visitor, "privacy");
        let words = frame.words;
        let request = &found.request;
        let (person, answers) = answers::answers(found.labels.catalogue(), words, found, false);
        let decisions = copied.decisions.iter().flat_map(|decided| {
            let passage =
                |key: &str, text: &Option<String>| text.clone().map(|text| Passage { heading: words.get(key), text });
            [
                passage("office-copy-anew", &decided.anew_because),
                passage("office-copy-reason", &decided.reason),
                passage("office-copy-granted", &decided.granted),
            ]
        });
        let notes = copied.notes.iter().map(|note| Passage {
            heading: words.format(
                if note.withdrawn { "office-copy-note-withdrawn" } else { "office-copy-note" },
                &[("who", note.by.as_str().into()), ("when", dates::time(words, note.instant).into())],
            ),
            text: note.text.clone(),
        });
        let uploads = copied
            .uploads
            .iter()
            .map(|upload| Fact { label: upload.label.clone(), value: dates::time(words, upload.instant) });
        Self {
            id: request.id.to_string(),
            number: words::number(words, request.tracking_number),
            name: words::name(words, request),
            service: found.labels.service(&request.service, words.language()),
            person,
            answers,
            labels_are_own: found.labels.are_own(),
            documents: documents::rows(office, staff, words, found),
            uploads: uploads.collect(),
            declared: found.registration.as_ref().map(|registration| facts::declared(words, registration)),
            signature: found.signature.as_ref().map(Signature::svg_path),
            decisions: decisions.flatten().collect(),
            notes: notes.collect(),
            held: copied.held_back.as_ref().map(|held| (held.by.clone(), held.reason.clone())),
            notices: notices::part(staff, words, found),
            events: history::rows(words, found, office.clock.now()),
            facts: facts::facts(words, request),
            frame,
        }
    }
}
