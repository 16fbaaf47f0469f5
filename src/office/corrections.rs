//! Correcting an answer of a request. What was signed stays what was signed: the correction stands beside it, with who, when
//! and why. What follows from an answer follows from the corrected one: which questions and documents are asked, the service.

use serde_json::json;

use super::Office;
use super::database::corrections::{self, NewCorrection};
use super::database::requests::{self, Counted, NewEvent};
use super::database::trail::{self, Actor};
use super::database::{DatabaseError, Writing};
use crate::domain::answers::{Answer, Answers};
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::Catalogue;
use crate::domain::request::RequestId;
use crate::domain::stage::Event;
use crate::seal::keys::{hex, sha256};

/// The most characters of a correction's reason.
pub const REASON_CHARACTERS_MAX: usize = 500;

/// A correction as its form says it.
pub struct Correction<'a> {
    /// 32 hexadecimal digits, the same each time the form is sent
    pub form: &'a str,
    pub question: &'a str,
    /// `None` takes the answer of an optional question away
    pub becomes: Option<Answer>,
    pub reason: &'a str,
    /// [`fingerprint`] of the answer that the form was opened with
    pub opened_with: &'a str,
}

#[derive(Debug, thiserror::Error)]
pub enum CorrectError {
    #[error("there is no such request")]
    NoSuchRequest,
    #[error("this question isn't asked of this request")]
    NotAsked,
    #[error("somebody else has corrected this answer since the form was opened")]
    Meanwhile,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// By which a form notices that the answer it was opened with is no longer the one that stands.
pub fn fingerprint(answer: Option<&Answer>) -> String {
    let raw = answer.map(Answer::raw).unwrap_or_default();
    hex(&sha256(&[b"istiqbal answer 1", raw.as_bytes()])[..8])
}

/// Corrects one answer. The same form twice is one correction; an answer that is the one that stands changes nothing.
pub async fn correct(
    office: &Office,
    actor: &Actor,
    request: RequestId,
    correction: Correction<'_>,
) -> Result<(), CorrectError> {
    let catalogue = office.catalogue.now();
    let mut writing = office.database.write().await?;
    let found = requests::find(&mut writing, request).await?.ok_or(CorrectError::NoSuchRequest)?;
    if corrections::is_known(&mut writing, correction.form).await? {
        return Ok(());
    }
    let before = found.answers;
    // Nothing is written again into what was erased.
    if found.erased_at.is_some()
        || !catalogue.questions_for(&before).any(|question| question.id() == correction.question)
    {
        return Err(CorrectError::NotAsked);
    }
    let stands = before.get(correction.question);
    if fingerprint(stands) != correction.opened_with {
        return Err(CorrectError::Meanwhile);
    }
    if stands == correction.becomes.as_ref() {
        return Ok(());
    }
    let mut after = before.clone();
    match &correction.becomes {
        Some(answer) => after.set(correction.question, answer.clone()),
        None => after.remove(correction.question),
    }
    let after = without_unasked(&catalogue, &before, after);
    note(office, &mut writing, actor, request, &correction, (&before, &after)).await?;
    requests::set_answers(&mut writing, request, &after).await?;
    ask_documents(office, &mut writing, actor, request, (&catalogue, &before, &after)).await?;
    Ok(writing.commit().await?)
}

/// Answers to questions that are no longer asked fall away; those that this catalogue never asked stay.
fn without_unasked(catalogue: &Catalogue, before: &Answers, mut after: Answers) -> Answers {
    let foreign: Vec<(String, Answer)> = before
        .iter()
        .filter(|(id, _)| catalogue.question(id).is_none())
        .map(|(id, answer)| (id.to_owned(), answer.clone()))
        .collect();
    after.keep_only_asked(catalogue);
    for (id, answer) in foreign {
        after.set(&id, answer);
    }
    after
}

/// Records the correction, and each answer that fell away with it.
async fn note(
    office: &Office,
    writing: &mut Writing,
    actor: &Actor,
    request: RequestId,
    correction: &Correction<'_>,
    (before, after): (&Answers, &Answers),
) -> Result<(), DatabaseError> {
    let now = office.clock.now();
    let fallen = before.iter().map(|(id, _)| id).filter(|id| after.get(id).is_none() && *id != correction.question);
    for question in std::iter::once(correction.question).chain(fallen) {
        let new = NewCorrection {
            form: correction.form,
            request,
            question,
            was: before.get(question),
            becomes: after.get(question),
            reason: correction.reason,
            actor,
            at: now,
        };
        let hashes = corrections::add(writing, &new).await?;
        let details = json!({
            "question": question, "was": hashes.was, "becomes": hashes.becomes, "reason": hashes.reason,
        });
        trail::append(writing, now, actor, "answer corrected", &request.to_string(), details).await?;
    }
    Ok(())
}

/// Asks for documents that the corrected answers need, and no longer for those they don't, unless these are there already.
/// Of a request that has ended nothing is asked.
async fn ask_documents(
    office: &Office,
    writing: &mut Writing,
    actor: &Actor,
    request: RequestId,
    (catalogue, before, after): (&Catalogue, &Answers, &Answers),
) -> Result<(), DatabaseError> {
    let Some(standing) = requests::standing(writing, request).await? else { return Ok(()) };
    let ids = |answers: &Answers| -> Vec<String> {
        catalogue.documents_for(answers).iter().map(|document| document.id.get_ref().clone()).collect()
    };
    let (asked_before, asked_now) = (ids(before), ids(after));
    let newly = asked_now.iter().filter(|id| !asked_before.contains(id));
    let no_longer = asked_before.iter().filter(|id| !asked_now.contains(id));
    let events = newly
        .map(|document| Event::DocumentAsked { document: document.clone() })
        .chain(no_longer.map(|document| Event::DocumentNotAsked { document: document.clone() }));
    let now = office.clock.now();
    let counted = Counted { at: now, day: riyadh_day(now) };
    for event in events.filter(|event| standing.allows(event, counted.day).is_ok()) {
        requests::add_event(writing, request, NewEvent { event: &event, counted, actor, reason: None }).await?;
        let details = json!({ "event": event });
        trail::append(writing, now, actor, "documents adapted", &request.to_string(), details).await?;
    }
    Ok(())
}
