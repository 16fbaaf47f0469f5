//! One request in the copy of a person's data.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Making, time};
use crate::domain::documents::DocumentState;
use crate::domain::printout::Print;
use crate::domain::request::RequestId;
use crate::domain::signature::Signature;
use crate::domain::stage::Event;
use crate::office::database::committee_cases::{self, KeptText};
use crate::office::database::notices::AttemptOutcome;
use crate::office::database::requests::{self, StoredRequest, stage};
use crate::office::database::{
    Connection, DatabaseError, call_list, corrections, data_copies, desk, notices, prints, retention, signatures,
};
use crate::office::labels::Labels;

#[derive(Serialize)]
pub struct CopiedRequest {
    #[serde(serialize_with = "as_text")]
    pub id: RequestId,
    tracking_number: String,
    service: String,
    stage: &'static str,
    channel: String,
    beneficiary: String,
    language: &'static str,
    received_on: String,
    registered_at: String,
    arrived_at: String,
    catalogue_version: u32,
    declaration_version: u32,
    privacy_notice_version: u32,
    policy_version: u32,
    answers: Vec<CopiedAnswer>,
    corrections: Vec<CopiedCorrection>,
    documents: Vec<CopiedDocument>,
    /// As an SVG path in a square of 1000 × 1000
    signature: Option<String>,
    /// At the desk or by telephone: how the declaration was made
    declared: Option<&'static str>,
    events: Vec<CopiedEvent>,
    pub decisions: Vec<CopiedDecision>,
    pub notes: Vec<CopiedNote>,
    pub uploads: Vec<CopiedUpload>,
    prints: Vec<CopiedPrint>,
    notices: Vec<CopiedNotice>,
    calls: Vec<CopiedCall>,
    /// Numbers given for this request of which somebody said that they are a stranger's
    wrong_mobiles: Vec<String>,
    /// Why its data isn't erased though its time is over
    pub held_back: Option<CopiedHold>,
}

#[derive(Serialize)]
struct CopiedAnswer {
    question: String,
    label: String,
    answer: String,
}

#[derive(Serialize)]
struct CopiedCorrection {
    question: String,
    label: String,
    at: String,
    by: String,
    was: Option<String>,
    becomes: Option<String>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct CopiedDocument {
    document: String,
    label: String,
    state: &'static str,
}

#[derive(Serialize)]
struct CopiedEvent {
    at: String,
    by: String,
    event: Event,
    reason: Option<String>,
}

/// A case before the committee.
#[derive(Serialize)]
pub struct CopiedDecision {
    /// `None` as long as it isn't decided
    decision: Option<&'static str>,
    at: Option<String>,
    pub reason: Option<String>,
    pub granted: Option<String>,
    /// Why a case that was decided before was looked at again
    pub anew_because: Option<String>,
}

#[derive(Serialize)]
pub struct CopiedNote {
    #[serde(skip)]
    pub instant: DateTime<Utc>,
    at: String,
    pub by: String,
    pub text: String,
    pub withdrawn: bool,
}

#[derive(Serialize)]
pub struct CopiedUpload {
    #[serde(skip)]
    pub instant: DateTime<Utc>,
    at: String,
    document: String,
    pub label: String,
    kind: String,
    bytes: u64,
}

#[derive(Serialize)]
struct CopiedPrint {
    at: String,
    print: Print,
}

/// What the person was told without asking.
#[derive(Serialize)]
struct CopiedNotice {
    at: String,
    what: &'static str,
    state: &'static str,
    tries: Vec<CopiedTry>,
}

#[derive(Serialize)]
struct CopiedTry {
    at: String,
    /// `None` when it isn't known how it ended
    outcome: Option<&'static str>,
    /// What the gateway said, shortened
    answer: String,
}

#[derive(Serialize)]
struct CopiedCall {
    at: String,
    by: String,
    outcome: &'static str,
}

#[derive(Serialize)]
pub struct CopiedHold {
    #[serde(skip)]
    pub instant: DateTime<Utc>,
    at: String,
    pub by: String,
    pub reason: String,
}

/// All of one request; `None` when there is none, or it was erased.
pub async fn gather(
    connection: &mut Connection,
    making: &Making<'_>,
    id: RequestId,
) -> Result<Option<CopiedRequest>, DatabaseError> {
    let Some(request) = requests::find(connection, id).await?.filter(|request| request.erased_at.is_none()) else {
        return Ok(None);
    };
    let Some(standing) = requests::standing(connection, id).await? else { return Ok(None) };
    let labels = Labels::of_version(making.office, connection, request.versions.catalogue).await?;
    let document = |(document, state): (&String, &DocumentState)| CopiedDocument {
        document: document.clone(),
        label: labels.document(document, making.language),
        state: match state {
            DocumentState::Missing => "missing",
            DocumentState::Brought => "brought",
            DocumentState::Verified => "verified",
        },
    };
    Ok(Some(CopiedRequest {
        id,
        tracking_number: request.tracking_number.to_string(),
        service: request.service.clone(),
        stage: stage(&standing),
        channel: request.channel.clone(),
        beneficiary: request.beneficiary.clone(),
        language: request.language.code(),
        received_on: request.received_on.to_string(),
        registered_at: time(request.registered_at),
        arrived_at: time(request.arrived_at),
        catalogue_version: request.versions.catalogue,
        declaration_version: request.versions.declaration,
        privacy_notice_version: request.versions.privacy_notice,
        policy_version: request.versions.policy,
        answers: answers(making, &labels, &request),
        corrections: corrected(connection, making, &labels, id).await?,
        documents: standing.documents.iter().map(document).collect(),
        signature: signatures::find(connection, &request).await?.as_ref().map(Signature::svg_path),
        declared: desk::registration(connection, id).await?.map(|registration| registration.declared.as_str()),
        events: events(connection, making, id).await?,
        decisions: decisions(connection, id).await?,
        notes: notes(connection, making, id).await?,
        uploads: uploads(connection, making, &labels, id).await?,
        prints: printed(connection, &request).await?,
        notices: told(connection, id).await?,
        calls: called(connection, making, id).await?,
        wrong_mobiles: call_list::contact(connection, id)
            .await?
            .wrong
            .iter()
            .map(|mobile| mobile.as_str().to_owned())
            .collect(),
        held_back: retention::held(connection, id).await?.map(|held| CopiedHold {
            instant: held.at,
            at: time(held.at),
            by: making.by(&held.by),
            reason: held.reason,
        }),
    }))
}

/// A question's words, where a catalogue still has it.
fn question_label(making: &Making<'_>, labels: &Labels, id: &str) -> String {
    let question = labels.catalogue().question(id);
    question.map_or(id, |question| question.label.in_language(making.language)).to_owned()
}

fn answers(making: &Making<'_>, labels: &Labels, request: &StoredRequest) -> Vec<CopiedAnswer> {
    let answers = request.answers.iter().map(|(id, answer)| CopiedAnswer {
        question: id.to_owned(),
        label: question_label(making, labels, id),
        answer: answer.raw(),
    });
    answers.collect()
}

/// What was signed, or stood before, stays the person's data.
async fn corrected(
    connection: &mut Connection,
    making: &Making<'_>,
    labels: &Labels,
    id: RequestId,
) -> Result<Vec<CopiedCorrection>, DatabaseError> {
    let corrections = corrections::of_request(connection, id).await?.into_iter().map(|correction| CopiedCorrection {
        label: question_label(making, labels, &correction.question),
        question: correction.question,
        at: time(correction.at),
        by: making.by(&correction.actor),
        was: correction.was.map(|answer| answer.raw()),
        becomes: correction.becomes.map(|answer| answer.raw()),
        reason: correction.reason,
    });
    Ok(corrections.collect())
}

async fn events(
    connection: &mut Connection,
    making: &Making<'_>,
    id: RequestId,
) -> Result<Vec<CopiedEvent>, DatabaseError> {
    let events = requests::events(connection, id).await?.into_iter().map(|recorded| CopiedEvent {
        at: time(recorded.at),
        by: making.by(&recorded.actor),
        event: recorded.event,
        reason: recorded.reason,
    });
    Ok(events.collect())
}

async fn decisions(connection: &mut Connection, id: RequestId) -> Result<Vec<CopiedDecision>, DatabaseError> {
    let text = |kept: Option<KeptText>| kept.and_then(|kept| kept.text);
    let cases = committee_cases::of_request(connection, id).await?.into_iter().map(|case| {
        let anew_because = text(case.anew_because);
        match case.decided {
            Some(decided) => CopiedDecision {
                decision: Some(decided.decision.as_str()),
                at: Some(time(decided.at)),
                reason: text(decided.reason),
                granted: text(decided.granted),
                anew_because,
            },
            None => CopiedDecision { decision: None, at: None, reason: None, granted: None, anew_because },
        }
    });
    Ok(cases.collect())
}

async fn notes(
    connection: &mut Connection,
    making: &Making<'_>,
    id: RequestId,
) -> Result<Vec<CopiedNote>, DatabaseError> {
    let notes = data_copies::notes(connection, id).await?.into_iter().map(|note| CopiedNote {
        instant: note.at,
        at: time(note.at),
        by: making.by(&note.author),
        text: note.text,
        withdrawn: note.is_withdrawn,
    });
    Ok(notes.collect())
}

async fn uploads(
    connection: &mut Connection,
    making: &Making<'_>,
    labels: &Labels,
    id: RequestId,
) -> Result<Vec<CopiedUpload>, DatabaseError> {
    let uploads = data_copies::uploads(connection, id).await?.into_iter().map(|upload| CopiedUpload {
        instant: upload.at,
        at: time(upload.at),
        label: labels.document(&upload.document, making.language),
        document: upload.document,
        kind: upload.kind,
        bytes: upload.bytes,
    });
    Ok(uploads.collect())
}

async fn printed(connection: &mut Connection, request: &StoredRequest) -> Result<Vec<CopiedPrint>, DatabaseError> {
    // A number that two requests bear doesn't say whose paper it was.
    if requests::by_number(connection, request.tracking_number).await?.len() > 1 {
        return Ok(Vec::new());
    }
    let prints = prints::of_number(connection, request.tracking_number).await?;
    Ok(prints.into_iter().map(|stored| CopiedPrint { at: time(stored.at), print: stored.print }).collect())
}

async fn told(connection: &mut Connection, id: RequestId) -> Result<Vec<CopiedNotice>, DatabaseError> {
    let notices = notices::of_request(connection, id).await?.into_iter().map(|notice| CopiedNotice {
        at: time(notice.made_at),
        what: notice.kind.as_str(),
        state: notice.state.as_str(),
        tries: notice
            .attempts
            .iter()
            .map(|one| CopiedTry {
                at: time(one.at),
                outcome: one.outcome.map(AttemptOutcome::as_str),
                answer: one.answer.clone(),
            })
            .collect(),
    });
    Ok(notices.collect())
}

async fn called(
    connection: &mut Connection,
    making: &Making<'_>,
    id: RequestId,
) -> Result<Vec<CopiedCall>, DatabaseError> {
    let calls = call_list::calls(connection, id).await?.into_iter().map(|call| CopiedCall {
        at: time(call.at),
        by: making.by(&call.actor),
        outcome: call.outcome.as_str(),
    });
    Ok(calls.collect())
}

fn as_text<S: serde::Serializer>(id: &RequestId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
