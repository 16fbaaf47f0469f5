//! The page of a request, from its parts.

use askama::Template;

use super::super::frame::Frame;
use super::super::session::Staff;
use super::super::words;
use super::{
    Fact, Found, answers, committee, delivery, documents, ending, facts, history, notes, notices, others, papers,
    privacy,
};
use crate::domain::signature::Signature;
use crate::office::Office;
use crate::office::database::notes::NoteId;
use crate::office::database::requests::stage;
use crate::office::database::taken_forms::FormId;
use crate::office::people::Permission;

#[derive(Template)]
#[template(path = "request.html")]
pub struct RequestPage {
    frame: Frame,
    id: String,
    revision: String,
    number: String,
    number_in_other_digits: String,
    name: String,
    service: String,
    stage: String,
    stage_class: &'static str,
    person: Vec<answers::AnswerRow>,
    answers: Vec<answers::AnswerRow>,
    documents: Vec<documents::DocumentRow>,
    documents_line: String,
    committee: committee::CommitteePart,
    delivery: delivery::DeliveryPart,
    ending: ending::EndingPart,
    /// What may be uploaded
    upload_help: String,
    /// What else the request may be asked for: ids and labels
    askable: Vec<(String, String)>,
    notes: Vec<notes::NoteRow>,
    /// The id of the note that the form adds; `None` for whoever writes none
    new_note: Option<String>,
    /// False when today's words stand in for those of the catalogue that was answered
    labels_are_own: bool,
    signature: Option<String>,
    /// How the declaration was made at the desk or by telephone, without a signature on a screen
    declared: Option<String>,
    facts: Vec<Fact>,
    events: Vec<history::EventRow>,
    prints: Vec<papers::PrintRow>,
    may_print: bool,
    others: Option<others::Others>,
    notices: notices::Notices,
    privacy: privacy::PrivacyPart,
    /// Why no step is taken with it, where a row of it isn't as it was written
    set_apart: Option<String>,
    may_settle: bool,
    /// As it is typed
    number_plain: String,
}

impl RequestPage {
    /// Another for each form that counts once.
    fn form_id(&self) -> String {
        FormId::random().as_str().to_owned()
    }

    pub fn new(office: &Office, staff: &Staff, found: &Found) -> Self {
        let frame = Frame::new(&staff.visitor, "request");
        let (words, now) = (frame.words, office.clock.now());
        let Found { request, standing, .. } = found;
        let may_correct = staff.person.role.may(Permission::Correct);
        let (person, answers) = answers::answers(&office.catalogue.now(), words, found, may_correct);
        Self {
            id: request.id.to_string(),
            revision: found.revision.to_string(),
            number: words::number(words, request.tracking_number),
            number_in_other_digits: words::number_in_other_digits(words, request.tracking_number),
            name: words::name(words, request),
            service: found.labels.service(&request.service, words.language()),
            stage: words::stage(words, stage(standing)),
            stage_class: stage(standing),
            person,
            answers,
            documents: documents::rows(office, staff, words, found),
            upload_help: words.format(
                "office-upload-help",
                &[
                    ("megabytes", (office.uploads.limits.bytes_max / (1024 * 1024)).into()),
                    ("count", office.uploads.limits.files_max.into()),
                ],
            ),
            askable: documents::askable(office, staff, words, found),
            notes: notes::rows(words, staff, found),
            new_note: staff.person.role.may(Permission::WriteNotes).then(|| NoteId::random().to_string()),
            labels_are_own: found.labels.are_own(),
            documents_line: words.get(if standing.documents_complete() {
                "office-documents-complete"
            } else {
                "office-documents-incomplete"
            }),
            committee: committee::part(office, staff, words, found),
            delivery: delivery::part(office, staff, words, found),
            ending: ending::part(office, staff, words, found),
            declared: found.registration.as_ref().map(|registration| facts::declared(words, registration)),
            signature: found.signature.as_ref().map(Signature::svg_path),
            facts: facts::facts(words, request),
            events: history::rows(words, found, now),
            prints: found.prints.iter().map(|stored| papers::row(words, stored, &found.names, now)).collect(),
            others: found.others.as_ref().map(|found| others::others(words, request, found)),
            notices: notices::part(staff, words, found),
            privacy: privacy::part(office, staff, words, (request, &found.privacy), &found.names),
            set_apart: found.is_set_apart.then(|| words.get("office-step-set-apart")),
            may_settle: staff.person.role.may(Permission::ManagePeople),
            number_plain: request.tracking_number.to_string(),
            may_print: staff.person.role.may(Permission::VerifyDocuments),
            frame,
        }
    }
}
