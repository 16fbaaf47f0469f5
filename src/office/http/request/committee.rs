//! The research committee's part of the page: where the request stands before it, what it has decided so far, and the
//! objection. A decision itself is recorded in a session only.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::{Posted, Staff};
use super::super::sessions::{answered, form_id, kept, title};
use super::super::words;
use super::{Found, request_id, required_note, take_step_once};
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{Committee, Decision, Event, StepError};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::committee::{Change, may_stand_before};
use crate::office::database::committee_cases::{self as cases, Case};
use crate::office::database::committee_sessions::{self as sessions, StoredSession};
use crate::office::database::requests::RecordedEvent;
use crate::office::database::{Connection, DatabaseError};
use crate::office::people::Permission;

/// The sessions in which the request stands or stood before the committee, and those in which it could.
pub struct Before {
    pub cases: Vec<(StoredSession, Case)>,
    pub open: Vec<StoredSession>,
}

/// A link to a session.
pub struct SessionLink {
    pub id: String,
    pub title: String,
}

/// A decision or an objection, from the first.
pub struct Entry {
    pub what: String,
    pub class: &'static str,
    pub when: String,
    pub session: Option<SessionLink>,
    pub anew_because: Option<String>,
    pub reason: Option<String>,
    pub granted: Option<String>,
}

pub struct CommitteePart {
    pub line: String,
    /// Why it can't be decided yet
    pub reason: Option<String>,
    /// That the second look is another session's
    pub second_look: Option<String>,
    pub entries: Vec<Entry>,
    /// The open sessions in which it stands before the committee
    pub stands_in: Vec<SessionLink>,
    /// The open sessions before which it can be put
    pub can_be_put: Vec<SessionLink>,
    /// It is under study, and there is no session to decide it in
    pub needs_session: bool,
    /// Putting it before the committee asks for a reason, for it is decided
    pub is_anew: bool,
    pub may_object: bool,
}

pub async fn load(connection: &mut Connection, request: RequestId) -> Result<Before, DatabaseError> {
    let mut found = Vec::new();
    for case in cases::of_request(connection, request).await? {
        if let Some(session) = sessions::find(connection, &case.session).await? {
            found.push((session, case));
        }
    }
    Ok(Before { cases: found, open: sessions::open_ones(connection).await? })
}

/// Puts the request before the committee in an open session.
pub async fn put(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let visitor = &posted.staff.visitor;
    let (form, actor) = (form_id(&posted)?, posted.staff.actor());
    let request = request_id(visitor, &id)?;
    let (session, because) = (posted.field("session"), posted.field("because"));
    let change = Change { office: &office, actor: &actor, form: &form };
    match change.add_case(session, request, because).await {
        Ok(()) => answered(visitor, Ok(()), &format!("/sessions/{session}#case-{request}"), &[]),
        Err(error) => {
            let typed = [("office-case-anew-because", because)];
            answered(visitor, Err(error), &format!("/requests/{request}"), &typed)
        }
    }
}

/// The applicant objects to the refusal, in their own words (P23).
pub async fn object(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::RecordObjection)?;
    let text = required_note(&posted, &id, "office-objection-missing")?;
    take_step_once(&office, &posted, &id, &Event::Objected, text, "office-objection-text").await
}

/// The part, as whoever looks may use it.
pub fn part(office: &Office, staff: &Staff, words: &Words, found: &Found) -> CommitteePart {
    let Found { standing, before, .. } = found;
    let today = riyadh_day(office.clock.now());
    let date = |key: &str, day| words.format(key, &[("date", dates::both(words, day).into())]);
    let line = match standing.committee {
        Committee::UnderStudy => words.get("office-committee-under-study"),
        Committee::Accepted { on } => date("office-committee-accepted", on),
        Committee::Refused { on } => date("office-committee-refused", on),
    };
    let is_anew = standing.committee != Committee::UnderStudy;
    let decision = Event::Decided { decision: Decision::Accepted, session: None };
    let reason = match standing.allows(&decision, today) {
        Err(error @ StepError::TooEarly { .. }) => Some(words::step_error(words, error)),
        _ => None,
    };
    let role = staff.person.role;
    // One that was decided elsewhere meanwhile stands there only when it is said why it is to be decided anew.
    let waits = |case: &Case| case.decided.is_none() && (!is_anew || case.anew_because.is_some());
    let stands_in: Vec<SessionLink> = before
        .cases
        .iter()
        .filter(|(session, case)| session.sealed.is_none() && waits(case))
        .filter(|(session, _)| may_stand_before(standing, session, today).is_ok())
        .map(|(session, _)| link(words, session))
        .collect();
    let is_done = |case: &Case| case.decided.is_some() || waits(case);
    let is_in = |session: &StoredSession| before.cases.iter().any(|(one, case)| one.id == session.id && is_done(case));
    let can_be_put: Vec<SessionLink> = before
        .open
        .iter()
        .filter(|session| role.may(Permission::HoldSessions) && !is_in(session))
        .filter(|session| may_stand_before(standing, session, today).is_ok())
        .map(|session| link(words, session))
        .collect();
    let needs_session = !is_anew
        && role.may(Permission::HoldSessions)
        && standing.ended.is_none()
        && stands_in.is_empty()
        && can_be_put.is_empty();
    CommitteePart {
        line,
        reason,
        second_look: second_look(words, found),
        entries: found.events.iter().filter_map(|event| entry(words, found, event)).collect(),
        stands_in,
        can_be_put,
        needs_session,
        is_anew,
        may_object: role.may(Permission::RecordObjection) && standing.allows(&Event::Objected, today).is_ok(),
    }
}

/// After an objection: which session can't decide, and that its members may sit in the other.
fn second_look(words: &Words, found: &Found) -> Option<String> {
    let standing = &found.standing;
    if standing.committee != Committee::UnderStudy || standing.ended.is_some() {
        return None;
    }
    let on = dates::both(words, standing.objected_on?);
    let first = found.before.cases.iter().find(|(session, _)| Some(&session.id) == standing.decided_in.as_ref());
    Some(match first {
        Some((session, _)) => words.format(
            "office-objection-second-look-after",
            &[("date", on.into()), ("session", title(words, session).into())],
        ),
        None => words.format("office-objection-second-look", &[("date", on.into())]),
    })
}

fn entry(words: &Words, found: &Found, recorded: &RecordedEvent) -> Option<Entry> {
    let (class, session) = match &recorded.event {
        Event::Decided { decision, session } => (decision.as_str(), session.as_ref()),
        Event::DecidedAnew { decision, session } => (decision.as_str(), Some(session)),
        Event::Objected => ("", None),
        _ => return None,
    };
    let found = found.before.cases.iter().find(|(one, _)| Some(&one.id) == session);
    let text = |kept_text: &Option<_>| kept_text.as_ref().map(|text| kept(words, text));
    let decided = found.and_then(|(_, case)| case.decided.as_ref());
    Some(Entry {
        what: words::event(words, &recorded.event, str::to_owned),
        class,
        when: dates::both(words, riyadh_day(recorded.at)),
        session: found.map(|(session, _)| link(words, session)),
        anew_because: found.and_then(|(_, case)| text(&case.anew_because)),
        reason: decided.and_then(|decided| text(&decided.reason)).or_else(|| recorded.reason.clone()),
        granted: decided.and_then(|decided| text(&decided.granted)),
    })
}

fn link(words: &Words, session: &StoredSession) -> SessionLink {
    SessionLink { id: session.id.clone(), title: title(words, session) }
}
