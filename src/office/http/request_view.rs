//! What the page of a request shows.

use std::collections::HashMap;

use askama::Template;

use super::frame::Frame;
use super::session::Staff;
use super::words;
use crate::domain::answers::Answer;
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::{Catalogue, Question};
use crate::domain::documents::DocumentState;
use crate::domain::printout::Outcome;
use crate::domain::signature::Signature;
use crate::domain::stage::{Committee, Decision, Ending, Event, Standing};
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::prints::StoredPrint;
use crate::office::database::requests::{RecordedEvent, StoredRequest, beneficiary_name, stage};
use crate::office::people::Permission;

/// A request with all that belongs to it.
pub struct Found {
    pub request: StoredRequest,
    pub standing: Standing,
    pub signature: Option<Signature>,
    pub events: Vec<RecordedEvent>,
    pub prints: Vec<StoredPrint>,
    /// The staff's names, by id
    pub names: HashMap<String, String>,
}

/// A label and what stands beside it.
pub struct Fact {
    pub label: String,
    pub value: String,
}

pub struct DocumentRow {
    pub id: String,
    pub label: String,
    pub state: String,
    /// For the colour, which never says it alone
    pub state_class: &'static str,
    pub can_verify: bool,
    pub can_return: bool,
}

/// A piece of paper about the request.
pub struct PrintRow {
    pub when: String,
    pub place: String,
    pub what: String,
    pub outcome: String,
    pub failed: bool,
}

/// A step: either it can be taken, or why not.
pub struct Step {
    pub line: String,
    pub possible: bool,
    pub reason: Option<String>,
}

pub struct EventRow {
    pub when: String,
    pub who: String,
    pub what: String,
    pub reason: Option<String>,
}

#[derive(Template)]
#[template(path = "request.html")]
pub struct RequestPage {
    frame: Frame,
    id: String,
    number: String,
    number_in_other_digits: String,
    name: String,
    service: String,
    stage: String,
    stage_class: &'static str,
    person: Vec<Fact>,
    answers: Vec<Fact>,
    documents: Vec<DocumentRow>,
    documents_line: String,
    committee: Step,
    delivery: Step,
    signature: Option<String>,
    facts: Vec<Fact>,
    events: Vec<EventRow>,
    prints: Vec<PrintRow>,
    may_print: bool,
}

impl RequestPage {
    pub fn new(office: &Office, staff: &Staff, found: &Found) -> Self {
        let frame = Frame::new(&staff.visitor, "request");
        let words = frame.words;
        let Found { request, standing, .. } = found;
        let (person, answers) = answers(&office.catalogue, words, request);
        Self {
            id: request.id.to_string(),
            number: words::number(words, request.tracking_number),
            number_in_other_digits: words::number_in_other_digits(words, request.tracking_number),
            name: beneficiary_name(&request.answers).to_owned(),
            service: office.catalogue.service_label(&request.service, words.language()).to_owned(),
            stage: words::stage(words, stage(standing)),
            stage_class: stage(standing),
            person,
            answers,
            documents: documents(office, staff, words, standing),
            documents_line: words.get(if standing.documents_complete() {
                "office-documents-complete"
            } else {
                "office-documents-incomplete"
            }),
            committee: committee(office, staff, words, standing),
            delivery: delivery(office, staff, words, standing),
            signature: found.signature.as_ref().map(Signature::svg_path),
            facts: facts(words, request),
            events: events(office, words, found),
            prints: found.prints.iter().map(|stored| print(words, stored, &found.names)).collect(),
            may_print: staff.person.role.may(Permission::VerifyDocuments),
            frame,
        }
    }
}

/// Who it is, and everything else, each in the catalogue's order; what the catalogue no longer asks comes last.
fn answers(catalogue: &Catalogue, words: &Words, request: &StoredRequest) -> (Vec<Fact>, Vec<Fact>) {
    let (mut person, mut others) = (Vec::new(), Vec::new());
    let asked = catalogue.questions.iter().map(Question::id);
    let no_longer = request.answers.iter().map(|(id, _)| id).filter(|id| catalogue.question(id).is_none());
    for id in asked.chain(no_longer) {
        let Some(answer) = request.answers.get(id) else { continue };
        let question = catalogue.question(id);
        let label = question.map_or(id, |question| question.label.in_language(words.language()));
        let fact = Fact { label: label.to_owned(), value: shown(catalogue, question, words, answer) };
        match answer {
            Answer::Name(_) | Answer::NationalId(_) | Answer::Mobile(_) => person.push(fact),
            _ => others.push(fact),
        }
    }
    (person, others)
}

fn shown(catalogue: &Catalogue, question: Option<&Question>, words: &Words, answer: &Answer) -> String {
    let number = |text: &str| isolate_ltr(&digits(words.language(), text));
    let label = |id: &str| {
        let choices = question.map(|question| question.choices(catalogue)).unwrap_or_default();
        let choice = choices.iter().find(|choice| choice.id == id);
        choice.map_or_else(|| id.to_owned(), |choice| choice.label.in_language(words.language()).to_owned())
    };
    match answer {
        Answer::Name(name) => name.as_str().to_owned(),
        Answer::Text(text) => text.clone(),
        Answer::NationalId(_) | Answer::Mobile(_) => number(&answer.raw()),
        Answer::Iban(iban) => isolate_ltr(iban.as_str()),
        Answer::Date(day) => dates::both(words, *day),
        Answer::Month(month) => dates::month(words, *month),
        Answer::Choice(id) => label(id),
        Answer::Choices(ids) => {
            ids.iter().map(|id| label(id)).collect::<Vec<_>>().join(&words.get("office-list-separator"))
        }
        Answer::Count(count) => number(&count.to_string()),
        Answer::Amount(amount) => words.format("office-amount", &[("amount", (*amount).into())]),
        Answer::YesNo(true) => words.get("office-yes"),
        Answer::YesNo(false) => words.get("office-no"),
    }
}

fn documents(office: &Office, staff: &Staff, words: &Words, standing: &Standing) -> Vec<DocumentRow> {
    let today = riyadh_day(office.clock.now());
    let may = staff.person.role.may(Permission::VerifyDocuments);
    let row = |(id, state): (&String, &DocumentState)| {
        let allowed = |event: Event| may && standing.allows(&event, today).is_ok();
        let verified = *state == DocumentState::Verified;
        DocumentRow {
            id: id.clone(),
            label: office.catalogue.document_label(id, words.language()).to_owned(),
            state: words::document_state(words, *state),
            state_class: match state {
                DocumentState::Missing => "missing",
                DocumentState::Brought => "brought",
                DocumentState::Verified => "verified",
            },
            can_verify: !verified && allowed(Event::DocumentVerified { document: id.clone() }),
            can_return: *state != DocumentState::Missing && allowed(Event::DocumentReturned { document: id.clone() }),
        }
    };
    standing.documents.iter().map(row).collect()
}

fn committee(office: &Office, staff: &Staff, words: &Words, standing: &Standing) -> Step {
    let date = |key: &str, day| words.format(key, &[("date", dates::both(words, day).into())]);
    let line = match standing.committee {
        Committee::UnderStudy => words.get("office-committee-under-study"),
        Committee::Accepted { on } => date("office-committee-accepted", on),
        Committee::Refused { on } => date("office-committee-refused", on),
    };
    if standing.committee != Committee::UnderStudy {
        return Step { line, possible: false, reason: None };
    }
    let today = riyadh_day(office.clock.now());
    let allowed = standing.allows(&Event::Decided { decision: Decision::Accepted }, today);
    step(words, line, allowed, staff.person.role.may(Permission::Decide), "office-step-role-decide")
}

fn delivery(office: &Office, staff: &Staff, words: &Words, standing: &Standing) -> Step {
    if let Some(on) = standing.delivered_on {
        let line = words.format("office-delivery-done", &[("date", dates::both(words, on).into())]);
        return Step { line, possible: false, reason: None };
    }
    let line = words.get(match standing.ended {
        Some(Ending::Withdrawn) => "office-stage-withdrawn",
        Some(Ending::Closed) => "office-stage-closed",
        None => "office-delivery-not-yet",
    });
    let allowed = standing.allows(&Event::Delivered, riyadh_day(office.clock.now()));
    step(words, line, allowed, staff.person.role.may(Permission::Deliver), "office-step-role-deliver")
}

fn step(
    words: &Words,
    line: String,
    allowed: Result<(), crate::domain::stage::StepError>,
    may: bool,
    role_key: &str,
) -> Step {
    match allowed {
        Err(error) => Step { line, possible: false, reason: Some(words::step_error(words, error)) },
        Ok(()) if !may => Step { line, possible: false, reason: Some(words.get(role_key)) },
        Ok(()) => Step { line, possible: true, reason: None },
    }
}

/// How the request came about: when, by which way, under which versions (P8, P14, P22).
fn facts(words: &Words, request: &StoredRequest) -> Vec<Fact> {
    let fact = |key: &str, value: String| Fact { label: words.get(key), value };
    let version = |key: &str, version: u32| fact(key, isolate_ltr(&digits(words.language(), &version.to_string())));
    vec![
        fact("office-fact-received", dates::both(words, request.received_on)),
        fact("office-fact-registered", dates::time(words, request.registered_at)),
        fact("office-fact-arrived", dates::time(words, request.arrived_at)),
        fact("office-fact-channel", words::channel(words, &request.channel)),
        fact("office-fact-kiosk", isolate_ltr(&digits(words.language(), &request.kiosk.to_string()))),
        fact("office-fact-beneficiary", words::beneficiary(words, &request.beneficiary)),
        fact("office-fact-language", request.language.own_name().to_owned()),
        version("office-fact-catalogue-version", request.versions.catalogue),
        version("office-fact-declaration-version", request.versions.declaration),
        version("office-fact-privacy-version", request.versions.privacy_notice),
        version("office-fact-policy-version", request.versions.policy),
    ]
}

fn events(office: &Office, words: &Words, found: &Found) -> Vec<EventRow> {
    let registered = EventRow {
        when: dates::time(words, found.request.registered_at),
        who: actor(words, &format!("kiosk:{}", found.request.kiosk), &found.names),
        what: words.get("office-event-registered"),
        reason: None,
    };
    let label = |id: &str| office.catalogue.document_label(id, words.language()).to_owned();
    let others = found.events.iter().map(|recorded| EventRow {
        when: dates::time(words, recorded.at),
        who: actor(words, &recorded.actor, &found.names),
        what: words::event(words, &recorded.event, label),
        reason: recorded.reason.clone(),
    });
    std::iter::once(registered).chain(others).collect()
}

fn print(words: &Words, stored: &StoredPrint, names: &HashMap<String, String>) -> PrintRow {
    PrintRow {
        when: dates::time(words, stored.at),
        place: match stored.kiosk {
            Some(kiosk) => actor(words, &format!("kiosk:{kiosk}"), names),
            None => words.get("office-channel-desk"),
        },
        what: words::printout(words, stored.print.printout),
        outcome: words::outcome(words, stored.print.outcome),
        failed: stored.print.outcome == Outcome::Failed,
    }
}

/// Who did it, by the name of today.
fn actor(words: &Words, actor: &str, names: &HashMap<String, String>) -> String {
    match actor.split_once(':') {
        Some(("person", id)) => names.get(id).cloned().unwrap_or_else(|| words.get("office-actor-former")),
        Some(("kiosk", number)) => {
            let number = isolate_ltr(&digits(words.language(), number));
            words.format("office-actor-kiosk", &[("number", number.into())])
        }
        _ => words.get("office-actor-command"),
    }
}
