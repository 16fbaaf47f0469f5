//! The minutes of a session, and the seal over them.
//!
//! The seal is a SHA-256 over everything that the paper says, personal texts by their salted hashes: erasing a person
//! leaves it whole. It stands on the paper and in the trail, so that whoever changes a row must also forge both.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::stage::{Decision, Event};
use crate::office::database::committee_cases::{self as cases, Case, KeptText, LooksAgain};
use crate::office::database::committee_sessions::{self as sessions, Member, StoredSession};
use crate::office::database::{Connection, DatabaseError, requests, trail};
use crate::seal::keys::{hex, sha256};

/// The trail's entry of a sealed session; its subject is the session's id.
pub const SEALED_ACTION: &str = "session sealed";

/// Everything that the minutes say, in the order in which it is sealed: a field is only ever added together with another
/// label of the seal.
#[derive(Debug, Serialize)]
pub struct Minutes {
    session: String,
    number: u32,
    on: String,
    quorum: usize,
    /// Milliseconds since 1970 (UTC)
    sealed_at: i64,
    sealed_by: String,
    members: Vec<SealedMember>,
    cases: Vec<SealedCase>,
}

#[derive(Debug, Serialize)]
struct SealedMember {
    id: String,
    person: Option<String>,
    name: String,
    present: bool,
}

#[derive(Debug, Serialize)]
struct SealedCase {
    request: String,
    tracking_number: String,
    service: String,
    /// Ids of members
    aside: Vec<String>,
    anew_because: Option<String>,
    decided: Option<SealedDecision>,
}

#[derive(Debug, Serialize)]
struct SealedDecision {
    decision: &'static str,
    at: i64,
    by: String,
    took_part: Vec<String>,
    looks_again: Option<&'static str>,
    earlier: Option<String>,
    reason: Option<String>,
    granted: Option<String>,
}

/// What [`verify`] found of a sealed session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealState {
    Intact,
    /// It isn't what was sealed
    Changed,
}

impl Minutes {
    /// The minutes of a session that is sealed, or will be.
    pub async fn of(
        connection: &mut Connection,
        session: &StoredSession,
        sealed_at: DateTime<Utc>,
        sealed_by: &str,
    ) -> Result<Self, DatabaseError> {
        let members = sessions::members(connection, &session.id).await?;
        let asides = cases::asides(connection, &session.id).await?;
        let cases = cases::of_session(connection, &session.id).await?;
        let aside = |case: &Case| {
            let of_case = asides.iter().filter(|(request, _)| *request == case.request);
            of_case.map(|(_, member)| member.clone()).collect()
        };
        Ok(Self {
            session: session.id.clone(),
            number: session.number,
            on: session.on.to_string(),
            quorum: session.quorum,
            sealed_at: sealed_at.timestamp_millis(),
            sealed_by: sealed_by.to_owned(),
            members: members.into_iter().map(SealedMember::from).collect(),
            cases: cases.iter().map(|case| SealedCase::new(case, aside(case))).collect(),
        })
    }

    /// The SHA-256 over it.
    pub fn seal(&self) -> Result<[u8; 32], DatabaseError> {
        let text = serde_json::to_vec(self).map_err(|error| DatabaseError::Damaged(error.to_string()))?;
        Ok(sha256(&[b"istiqbal minutes 1", &text]))
    }
}

impl From<Member> for SealedMember {
    fn from(Member { id, person, name, present }: Member) -> Self {
        Self { id, person, name, present }
    }
}

impl SealedCase {
    fn new(case: &Case, aside: Vec<String>) -> Self {
        let hash = |kept: &Option<KeptText>| kept.as_ref().map(|kept| kept.hash.clone());
        let decided = case.decided.as_ref().map(|decided| SealedDecision {
            decision: decided.decision.as_str(),
            at: decided.at.timestamp_millis(),
            by: decided.by.clone(),
            took_part: decided.took_part.clone(),
            looks_again: decided.looks_again.map(LooksAgain::as_str),
            earlier: decided.earlier.clone(),
            reason: hash(&decided.reason),
            granted: hash(&decided.granted),
        });
        Self {
            request: case.request.to_string(),
            tracking_number: case.tracking_number.to_string(),
            service: case.service.clone(),
            aside,
            anew_because: hash(&case.anew_because),
            decided,
        }
    }
}

/// Whether a sealed session still is what was sealed: by its own rows, by the trail, and by the requests' own events.
pub async fn verify(connection: &mut Connection, session: &StoredSession) -> Result<SealState, DatabaseError> {
    match is_as_sealed(connection, session).await {
        Ok(true) => Ok(SealState::Intact),
        // What this program never writes was written by somebody else.
        Ok(false) | Err(DatabaseError::Damaged(_)) => Ok(SealState::Changed),
        Err(error) => Err(error),
    }
}

async fn is_as_sealed(connection: &mut Connection, session: &StoredSession) -> Result<bool, DatabaseError> {
    let Some(sealed) = &session.sealed else { return Ok(false) };
    let minutes = Minutes::of(connection, session, sealed.at, &sealed.by).await?;
    // One that was opened by hand, changed and sealed once more stands there twice.
    let noted = trail::details_of(connection, SEALED_ACTION, &session.id).await?;
    let [noted] = noted.as_slice() else { return Ok(false) };
    if minutes.seal()? != sealed.seal || noted["seal"].as_str() != Some(hex(&sealed.seal).as_str()) {
        return Ok(false);
    }
    for case in cases::of_session(connection, &session.id).await? {
        if !case.texts_are_sound || !is_recorded(connection, &session.id, &case).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the request's events say what the minutes do.
async fn is_recorded(connection: &mut Connection, session: &str, case: &Case) -> Result<bool, DatabaseError> {
    let events = requests::events(connection, case.request).await?;
    let recorded: Vec<Decision> = events
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::Decided { decision, session: Some(of) } if of == session => Some(*decision),
            Event::DecidedAnew { decision, session: of } if of == session => Some(*decision),
            _ => None,
        })
        .collect();
    Ok(recorded == case.decided.iter().map(|decided| decided.decision).collect::<Vec<_>>())
}

/// What is wrong with the sealed sessions, in words for `istiqbal office check`; `None` when nothing is.
pub async fn find_changed(connection: &mut Connection) -> Result<Option<String>, DatabaseError> {
    let sealed = sessions::sealed_ones(connection).await?;
    let mut changed = Vec::new();
    for session in &sealed {
        if verify(connection, session).await? == SealState::Changed {
            changed.push(format!("session {} isn't what was sealed", session.number));
        }
    }
    for (id, details) in trail::subjects_of(connection, SEALED_ACTION).await? {
        if !sealed.iter().any(|session| session.id == id) {
            changed.push(format!("session {} was sealed, and is gone or open again", details["number"]));
        }
    }
    Ok((!changed.is_empty()).then(|| changed.join("; ")))
}
