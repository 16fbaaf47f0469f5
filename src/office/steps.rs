//! Steps: what a person does with a request. The rule that hides a button refuses a forged form, too.

use serde_json::json;

use super::Office;
use super::database::clock;
use super::database::findings;
use super::database::requests::{self, Counted, NewEvent, RecordedEvent};
use super::database::revisions::{self, Revision};
use super::database::taken_forms::{self, FormId};
use super::database::trail::{self, Actor};
use super::database::{DatabaseError, Writing};
use super::day;
use crate::domain::calendar::riyadh_day;
use crate::domain::documents::DocumentState;
use crate::domain::request::RequestId;
use crate::domain::stage::{Committee, Decision, Event, Standing, StepError};

/// The most characters of a note.
pub const NOTE_CHARACTERS_MAX: usize = 1000;

#[derive(Debug, thiserror::Error)]
pub enum TakeStepError {
    #[error("there is no such request")]
    NoSuchRequest,
    #[error("the request has changed since the form was made")]
    Changed,
    #[error("the request that is to go on has ended itself")]
    OtherEnded,
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What the form says by which a step is taken.
#[derive(Clone, Copy, Default)]
pub struct ByForm<'a> {
    /// Its id: it counts once however often it is sent, also where the step can be taken again
    pub form: Option<&'a FormId>,
    /// From which revision of the request it was made: where something has happened since that the step meets, nothing is
    /// recorded ([`TakeStepError::Changed`]), so that nobody's work is overwritten unseen
    pub seen: Option<Revision>,
}

/// Records a step of `actor` now. A step whose effect is already there changes nothing, so that a form sent twice
/// counts once.
pub async fn take(
    office: &Office,
    actor: &Actor,
    request: RequestId,
    event: &Event,
    note: Option<&str>,
) -> Result<(), TakeStepError> {
    take_by(office, actor, request, event, note, ByForm::default()).await
}

/// The same by a form.
pub async fn take_by(
    office: &Office,
    actor: &Actor,
    request: RequestId,
    event: &Event,
    note: Option<&str>,
    by: ByForm<'_>,
) -> Result<(), TakeStepError> {
    let now = office.clock.now();
    let today = riyadh_day(now);
    let note = note.map(shortened).filter(|note| !note.is_empty());
    let mut writing = office.database.write().await?;
    if let Some(form) = by.form
        && !taken_forms::take(&mut writing, form, now).await?
    {
        return Ok(());
    }
    if let Some(seen) = by.seen {
        match since(&mut writing, request, seen, actor, event, note.as_deref()).await? {
            Since::Nothing => {}
            // A part that is handed over is one more, if another form says so.
            Since::ThisVeryStep if by.form.is_none() => return Ok(()),
            Since::ThisVeryStep | Since::Meets => return Err(TakeStepError::Changed),
        }
    }
    let standing = requests::standing(&mut writing, request).await?.ok_or(TakeStepError::NoSuchRequest)?;
    // By a form, somebody else's step of the same kind is answered in words.
    if by.form.is_none() && is_done(&standing, event) {
        return Ok(());
    }
    may_take(office, &mut writing, &standing, request, event).await??;
    if let Event::Closed { other: Some(other), .. } = event {
        assert_goes_on(&mut writing, other).await?;
    }
    let new = NewEvent { event, counted: Counted { at: now, day: today }, actor, reason: note.as_deref() };
    let note_hash = requests::add_event(&mut writing, request, new).await?;
    let details = json!({ "event": event, "note": note_hash });
    trail::append(&mut writing, now, actor, action(event), &request.to_string(), details).await?;
    writing.commit().await?;
    Ok(())
}

/// The rule of the step. With a request that isn't as it was written, none is taken. A decision needs days to have passed: they are
/// counted by the earliest of the witnesses, and only while these agree.
async fn may_take(
    office: &Office,
    writing: &mut Writing,
    standing: &Standing,
    request: RequestId,
    event: &Event,
) -> Result<Result<(), StepError>, DatabaseError> {
    if findings::is_set_apart(writing, request).await? {
        return Ok(Err(StepError::SetApart));
    }
    if !matches!(event, Event::Decided { .. } | Event::DecidedAnew { .. }) {
        return Ok(standing.allows(event, riyadh_day(office.clock.now())));
    }
    let reckoning = day::reckon(writing, &office.clock).await?;
    let is_certain = reckoning.is_certain() && !clock::is_in_doubt(writing, request).await?;
    Ok(if is_certain { standing.allows(event, reckoning.today()) } else { Err(StepError::DayInDoubt) })
}

/// Of two that are doubles of each other, one goes on: two people can't close both.
async fn assert_goes_on(writing: &mut Writing, request: &str) -> Result<(), TakeStepError> {
    let id = request.parse().map_err(|_| TakeStepError::NoSuchRequest)?;
    let standing = requests::standing(writing, id).await?.ok_or(TakeStepError::NoSuchRequest)?;
    if standing.ended.is_some() { Err(TakeStepError::OtherEnded) } else { Ok(()) }
}

/// What came of a step for one of several requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Taken,
    /// Its effect was there already
    DoneBefore,
    Refused(StepError),
}

/// Records the same step for several requests in one go, one entry of the trail each. Those that don't allow it are left
/// as they are; what isn't a request is passed over.
pub async fn take_for_all(
    office: &Office,
    actor: &Actor,
    chosen: &[RequestId],
    event: &Event,
    note: Option<&str>,
) -> Result<Vec<(RequestId, Outcome)>, DatabaseError> {
    let now = office.clock.now();
    let today = riyadh_day(now);
    let note = note.map(shortened).filter(|note| !note.is_empty());
    let mut outcomes = Vec::with_capacity(chosen.len());
    let mut writing = office.database.write().await?;
    for request in chosen {
        let Some(standing) = requests::standing(&mut writing, *request).await? else { continue };
        let outcome = match may_take(office, &mut writing, &standing, *request, event).await? {
            _ if is_done(&standing, event) => Outcome::DoneBefore,
            Err(error) => Outcome::Refused(error),
            Ok(()) => {
                let new = NewEvent { event, counted: Counted { at: now, day: today }, actor, reason: note.as_deref() };
                let note_hash = requests::add_event(&mut writing, *request, new).await?;
                let details = json!({ "event": event, "note": note_hash, "of_several": true });
                trail::append(&mut writing, now, actor, action(event), &request.to_string(), details).await?;
                Outcome::Taken
            }
        };
        outcomes.push((*request, outcome));
    }
    writing.commit().await?;
    Ok(outcomes)
}

/// What has happened since a form was made.
enum Since {
    /// Nothing that the step meets
    Nothing,
    /// The same person has taken the same step: the form was sent twice
    ThisVeryStep,
    Meets,
}

async fn since(
    writing: &mut Writing,
    request: RequestId,
    seen: Revision,
    actor: &Actor,
    event: &Event,
    note: Option<&str>,
) -> Result<Since, DatabaseError> {
    if revisions::of(writing, request).await? == seen {
        return Ok(Since::Nothing);
    }
    let events = revisions::events_since(writing, request, seen).await?;
    let is_this = |recorded: &RecordedEvent| {
        recorded.event == *event && recorded.actor == actor.to_string() && recorded.reason.as_deref() == note
    };
    if events.last().is_some_and(is_this) {
        return Ok(Since::ThisVeryStep);
    }
    // Two people may look at two documents at once; whoever decides or delivers has seen the whole request.
    let Some(document) = document_of(event) else { return Ok(Since::Meets) };
    let same = |recorded: &RecordedEvent| document_of(&recorded.event) == Some(document);
    Ok(if events.iter().any(same) { Since::Meets } else { Since::Nothing })
}

/// The document that a step is about.
pub fn document_of(event: &Event) -> Option<&str> {
    match event {
        Event::DocumentBrought { document }
        | Event::DocumentVerified { document }
        | Event::DocumentReturned { document }
        | Event::DocumentUnverified { document }
        | Event::DocumentAsked { document }
        | Event::DocumentNotAsked { document } => Some(document),
        _ => None,
    }
}

/// Whether the event would change nothing.
fn is_done(standing: &Standing, event: &Event) -> bool {
    let state = |document: &String| standing.documents.get(document);
    match event {
        Event::DocumentBrought { document } => state(document).is_some_and(|state| *state != DocumentState::Missing),
        Event::DocumentVerified { document } => state(document) == Some(&DocumentState::Verified),
        Event::DocumentReturned { document } => state(document) == Some(&DocumentState::Missing),
        Event::DocumentNotAsked { document } => state(document).is_none(),
        Event::Decided { decision: Decision::Accepted, .. } => matches!(standing.committee, Committee::Accepted { .. }),
        Event::Decided { decision: Decision::Refused, .. } => matches!(standing.committee, Committee::Refused { .. }),
        // The page of a session says itself what was decided.
        Event::DecidedAnew { .. } => false,
        Event::Delivered => standing.delivered_on.is_some(),
        Event::DocumentUnverified { document } => {
            state(document).is_some_and(|state| *state != DocumentState::Verified)
        }
        // What is asked for twice is refused in words.
        Event::DocumentAsked { .. } => false,
        // A second objection is refused in words; each part is one more.
        Event::Objected | Event::PartDelivered => false,
        Event::Withdrawn | Event::Closed { .. } => standing.ended.is_some(),
    }
}

fn action(event: &Event) -> &'static str {
    match event {
        Event::DocumentBrought { .. } => "document brought",
        Event::DocumentVerified { .. } => "document verified",
        Event::DocumentReturned { .. } => "document returned",
        Event::DocumentUnverified { .. } => "document unverified",
        Event::DocumentAsked { .. } => "document asked for",
        Event::DocumentNotAsked { .. } => "document no longer asked",
        Event::Decided { .. } => "decision recorded",
        Event::DecidedAnew { .. } => "new decision recorded",
        Event::Objected => "objection recorded",
        Event::PartDelivered => "part delivery recorded",
        Event::Delivered => "delivery recorded",
        Event::Withdrawn => "request withdrawn",
        Event::Closed { .. } => "request closed",
    }
}

/// A note as it is kept: its first [`NOTE_CHARACTERS_MAX`] characters, without controls but new lines.
pub fn shortened(note: &str) -> String {
    note.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(NOTE_CHARACTERS_MAX).collect()
}
