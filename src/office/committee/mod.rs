//! The research committee's work: sessions with their members and cases, decisions, and how a session is closed.
//!
//! - A **session** is open until it is **sealed**; nothing in it changes after that.
//! - A **case** is a request before the committee in a session. It can stand before it in several, one after the other.
//! - A member who **steps aside** in a case isn't counted in it. Those who are present and don't, **take part**.
//! - What was decided is changed by a **new decision** in a later session only, which names the earlier one.

pub mod minutes;

use chrono::NaiveDate;
use serde_json::json;

use super::Office;
use super::database::clock;
use super::database::committee_cases::{self as cases, Case, LooksAgain, NewDecision};
use super::database::committee_sessions::{self as sessions, Member, StoredSession};
use super::database::findings;
use super::database::requests::{self, Counted, NewEvent};
use super::database::taken_forms::{self, FormId};
use super::database::trail::{self, Actor};
use super::database::{Connection, DatabaseError, Writing};
use super::day;
use super::steps::NOTE_CHARACTERS_MAX;
use crate::domain::calendar::riyadh_day;
use crate::domain::request::RequestId;
use crate::domain::stage::{Committee, Decision, Event, Standing, StepError};
use crate::seal::keys::hex;
use minutes::Minutes;

/// The most members of a session.
pub const MEMBERS_MAX: usize = 40;
/// The most characters of a member's name from outside.
pub const NAME_CHARACTERS_MAX: usize = 80;
/// So many days a session can lie behind or ahead: what is farther away is a typing mistake.
const DAYS_MAX: i64 = 366;
/// The most cases of a session.
pub const CASES_MAX: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum CommitteeError {
    #[error("there is no such session")]
    NoSuchSession,
    #[error("there is no such request")]
    NoSuchRequest,
    #[error("this session is sealed: what it decided is changed by a new decision in a later session only")]
    Sealed,
    #[error("this session is on {on}: decisions are recorded, and it is closed, from that day")]
    NotYet { on: NaiveDate },
    #[error("{took_part} members take part, and a decision needs {quorum}")]
    NoQuorum { took_part: usize, quorum: usize },
    #[error("somebody else has changed this session meanwhile")]
    ChangedMeanwhile,
    #[error("this member took part in a decision: who decided stays in the minutes")]
    TookPart,
    #[error("this case is already decided in this session")]
    AlreadyDecided,
    #[error("this request isn't before the committee in this session")]
    NoSuchCase,
    #[error("a session is within a year of today")]
    DayTooFar,
    #[error("a session has at most {MEMBERS_MAX} members and {CASES_MAX} cases")]
    TooMany,
    #[error("a reason is needed")]
    ReasonMissing,
    #[error("what is granted is needed")]
    GrantMissing,
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Who changes what, by which form.
pub struct Change<'a> {
    pub office: &'a Office,
    pub actor: &'a Actor,
    pub form: &'a FormId,
}

/// What becomes of a member by a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    Present,
    Absent,
    /// Not a member of this session
    Off,
}

/// The members of a session as a form says them.
#[derive(Default)]
pub struct Members {
    /// By the id of the member
    pub attendance: Vec<(String, Attendance)>,
    /// Of the staff, by the id
    pub persons: Vec<String>,
    /// Names from outside
    pub externals: Vec<String>,
}

/// What the committee says on a case.
pub struct Deciding<'a> {
    pub decision: Decision,
    pub reason: &'a str,
    /// Counts with an acceptance only
    pub granted: &'a str,
}

/// A session that is being changed.
struct Open {
    writing: Writing,
    session: StoredSession,
    /// By the earliest of the witnesses
    today: NaiveDate,
    /// The witnesses agree on it
    is_certain: bool,
}

impl Change<'_> {
    /// Makes a session; `None` when this form was taken already.
    pub async fn open(&self, on: NaiveDate, members: &Members) -> Result<Option<String>, CommitteeError> {
        let now = self.office.clock.now();
        let mut writing = self.office.database.write().await?;
        if !taken_forms::take(&mut writing, self.form, now).await? {
            return Ok(None);
        }
        assert_near(on, riyadh_day(now))?;
        let session = sessions::add(&mut writing, on, self.office.committee_quorum).await?;
        let added = add_members(&mut writing, &session.id, members).await?;
        let details = json!({
            "number": session.number, "on": on.to_string(), "quorum": session.quorum, "members": added,
        });
        self.note(&mut writing, "session made", &session.id, details).await?;
        writing.commit().await?;
        Ok(Some(session.id))
    }

    /// Writes who is a member and who is present, over what the page of `version` showed.
    pub async fn set_members(&self, session: &str, version: i64, members: &Members) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        assert_version(&open.session, version)?;
        let took_part = who_took_part(&mut open.writing, session).await?;
        let (mut present, mut off) = (0, 0);
        for (member, attendance) in &members.attendance {
            if *attendance != Attendance::Present && took_part.contains(member) {
                return Err(CommitteeError::TookPart);
            }
            match attendance {
                Attendance::Off => {
                    sessions::remove_member(&mut open.writing, session, member).await?;
                    off += 1;
                }
                other => {
                    let is_present = *other == Attendance::Present;
                    sessions::set_present(&mut open.writing, session, member, is_present).await?;
                    present += usize::from(is_present);
                }
            }
        }
        let added = add_members(&mut open.writing, session, members).await?;
        let details = json!({ "present": present, "added": added, "taken_off": off });
        self.end(open, "session's members changed", details).await
    }

    /// Gives the session another day, as long as nothing is decided in it.
    pub async fn set_day(&self, session: &str, on: NaiveDate) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        assert_near(on, open.today)?;
        if cases::counts(&mut open.writing, session).await?.1 > 0 {
            return Err(CommitteeError::AlreadyDecided);
        }
        sessions::set_day(&mut open.writing, session, on).await?;
        self.end(open, "session's day changed", json!({ "on": on.to_string() })).await
    }

    /// Puts requests before the committee that are under study; those that stand before it already stay where they are.
    pub async fn add_cases(&self, session: &str, requests: &[RequestId]) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        let mut added = Vec::new();
        for request in requests {
            if self.put(&mut open, *request, None).await? {
                added.push(request.to_string());
            }
        }
        self.end(open, "cases added", json!({ "requests": added })).await
    }

    /// Puts one request before the committee; one that is decided with the reason why it is to be decided anew.
    pub async fn add_case(&self, session: &str, request: RequestId, because: &str) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        let because = cleaned(because);
        let because = (!because.is_empty()).then_some(because);
        self.put(&mut open, request, because.as_deref()).await?;
        self.end(open, "cases added", json!({ "requests": [request.to_string()] })).await
    }

    async fn put(&self, open: &mut Open, request: RequestId, because: Option<&str>) -> Result<bool, CommitteeError> {
        let stored = requests::find(&mut open.writing, request).await?.ok_or(CommitteeError::NoSuchRequest)?;
        let standing = requests::standing(&mut open.writing, request).await?.ok_or(CommitteeError::NoSuchRequest)?;
        may_stand_before(&standing, &open.session, open.today)?;
        let is_decided = standing.committee != Committee::UnderStudy;
        if is_decided && because.is_none() {
            return Err(CommitteeError::ReasonMissing);
        }
        if cases::counts(&mut open.writing, &open.session.id).await?.0 >= CASES_MAX {
            return Err(CommitteeError::TooMany);
        }
        let because = because.filter(|_| is_decided);
        match cases::find(&mut open.writing, &open.session.id, request).await? {
            Some(Case { decided: Some(_), .. }) => return Err(CommitteeError::AlreadyDecided),
            // Put here to be decided, and decided elsewhere meanwhile: it comes anew with its reason.
            Some(Case { anew_because: None, .. }) if because.is_some() => {
                cases::take_off(&mut open.writing, &open.session.id, request).await?;
            }
            _ => {}
        }
        Ok(cases::add(&mut open.writing, &open.session.id, &stored, because).await?)
    }

    /// Takes a case off that isn't decided.
    pub async fn take_off(&self, session: &str, request: RequestId) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        match cases::find(&mut open.writing, session, request).await? {
            // Somebody else did it already.
            None => return Ok(()),
            Some(Case { decided: Some(_), .. }) => return Err(CommitteeError::AlreadyDecided),
            Some(_) => cases::take_off(&mut open.writing, session, request).await?,
        }
        self.end(open, "case taken off", json!({ "request": request.to_string() })).await
    }

    /// Says which members step aside in a case, over what the page of `version` showed.
    pub async fn set_asides(
        &self,
        session: &str,
        version: i64,
        request: RequestId,
        members: &[&str],
    ) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        assert_version(&open.session, version)?;
        let case = cases::find(&mut open.writing, session, request).await?.ok_or(CommitteeError::NoSuchCase)?;
        if case.decided.is_some() {
            return Err(CommitteeError::AlreadyDecided);
        }
        let known = sessions::members(&mut open.writing, session).await?;
        let aside: Vec<&str> =
            known.iter().map(|member| member.id.as_str()).filter(|id| members.contains(id)).collect();
        cases::set_asides(&mut open.writing, session, request, &aside).await?;
        let details = json!({ "request": request.to_string(), "members": aside });
        self.end(open, "members stepped aside", details).await
    }

    /// Records what the committee decided on a case.
    ///
    /// Never before fourteen days have passed (P19), neither by today nor by the session's day, which stands on the paper;
    /// never by fewer members than the quorum; and never while the day, or that of its receipt, isn't certain.
    pub async fn decide(
        &self,
        session: &str,
        request: RequestId,
        deciding: &Deciding<'_>,
    ) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        let case = cases::find(&mut open.writing, session, request).await?.ok_or(CommitteeError::NoSuchCase)?;
        if case.decided.is_some() {
            return Err(CommitteeError::AlreadyDecided);
        }
        if !open.is_certain || clock::is_in_doubt(&mut open.writing, request).await? {
            return Err(StepError::DayInDoubt.into());
        }
        let standing = requests::standing(&mut open.writing, request).await?.ok_or(CommitteeError::NoSuchRequest)?;
        let event = decision_event(&standing, &open.session, case.anew_because.is_some(), deciding.decision);
        may_decide(&standing, &open.session, &event, open.today)?;
        if findings::is_set_apart(&mut open.writing, request).await? {
            return Err(StepError::SetApart.into());
        }
        let members = sessions::members(&mut open.writing, session).await?;
        let asides = cases::asides(&mut open.writing, session).await?;
        let took_part: Vec<String> = taking_part(&members, &asides, request).map(|member| member.id.clone()).collect();
        if took_part.len() < open.session.quorum {
            return Err(CommitteeError::NoQuorum { took_part: took_part.len(), quorum: open.session.quorum });
        }
        let reason = cleaned(deciding.reason);
        let granted = cleaned(deciding.granted);
        if reason.is_empty() {
            return Err(CommitteeError::ReasonMissing);
        }
        let granted = (deciding.decision == Decision::Accepted).then_some(granted);
        if granted.as_ref().is_some_and(String::is_empty) {
            return Err(CommitteeError::GrantMissing);
        }
        let now = self.office.clock.now();
        let new =
            NewEvent { event: &event, counted: Counted { at: now, day: open.today }, actor: self.actor, reason: None };
        requests::add_event(&mut open.writing, request, new).await?;
        let decision = NewDecision {
            decision: deciding.decision,
            at: now,
            by: self.actor,
            took_part: &took_part,
            looks_again: looks_again(&standing),
            earlier: standing.decided_in.as_deref(),
            reason: &reason,
            granted: granted.as_deref(),
        };
        let (reason, granted) = cases::decide(&mut open.writing, session, request, &decision).await?;
        // Of the request, so that its own history in the trail is whole; the event names the session.
        let details = json!({ "event": event, "reason": reason, "granted": granted, "took_part": took_part });
        sessions::note_change(&mut open.writing, session).await?;
        self.note(&mut open.writing, "decision recorded", &request.to_string(), details).await?;
        open.writing.commit().await?;
        Ok(())
    }

    /// Closes the session as the page of `version` showed it: the seal over its minutes goes into the trail.
    pub async fn seal(&self, session: &str, version: i64) -> Result<(), CommitteeError> {
        let Some(mut open) = self.begin(session).await? else { return Ok(()) };
        assert_version(&open.session, version)?;
        if !open.is_certain {
            return Err(StepError::DayInDoubt.into());
        }
        if open.today < open.session.on {
            return Err(CommitteeError::NotYet { on: open.session.on });
        }
        let now = self.office.clock.now();
        let minutes = Minutes::of(&mut open.writing, &open.session, now, &self.actor.to_string()).await?;
        let seal = minutes.seal()?;
        sessions::seal(&mut open.writing, session, now, self.actor, seal).await?;
        let details = json!({ "number": open.session.number, "seal": hex(&seal) });
        self.note(&mut open.writing, minutes::SEALED_ACTION, session, details).await?;
        open.writing.commit().await?;
        Ok(())
    }

    /// Begins to change an open session; `None` when this form was taken already.
    async fn begin(&self, session: &str) -> Result<Option<Open>, CommitteeError> {
        let now = self.office.clock.now();
        let mut writing = self.office.database.write().await?;
        if !taken_forms::take(&mut writing, self.form, now).await? {
            return Ok(None);
        }
        let session = sessions::find(&mut writing, session).await?.ok_or(CommitteeError::NoSuchSession)?;
        if session.sealed.is_some() {
            return Err(CommitteeError::Sealed);
        }
        let reckoning = day::reckon(&mut writing, &self.office.clock).await?;
        Ok(Some(Open { writing, session, today: reckoning.today(), is_certain: reckoning.is_certain() }))
    }

    async fn end(&self, mut open: Open, action: &str, details: serde_json::Value) -> Result<(), CommitteeError> {
        sessions::note_change(&mut open.writing, &open.session.id).await?;
        self.note(&mut open.writing, action, &open.session.id, details).await?;
        Ok(open.writing.commit().await?)
    }

    async fn note(
        &self,
        writing: &mut Writing,
        action: &str,
        subject: &str,
        details: serde_json::Value,
    ) -> Result<(), DatabaseError> {
        trail::append(writing, self.office.clock.now(), self.actor, action, subject, details).await
    }
}

/// Whether a request can stand before the committee in this session: under study, or decided and not handed over, and not
/// in the session that has decided it before. Whether fourteen days have passed doesn't matter for studying.
pub fn may_stand_before(standing: &Standing, session: &StoredSession, today: NaiveDate) -> Result<(), StepError> {
    let anew = standing.committee != Committee::UnderStudy;
    let event = decision_event(standing, session, anew, Decision::Accepted);
    match standing.allows(&event, today) {
        Err(StepError::TooEarly { .. }) => Ok(()),
        other => other,
    }
}

/// Whether the decision can be recorded today in this session (P19).
pub fn may_decide(
    standing: &Standing,
    session: &StoredSession,
    event: &Event,
    today: NaiveDate,
) -> Result<(), CommitteeError> {
    if today < session.on {
        return Err(CommitteeError::NotYet { on: session.on });
    }
    // The session's day isn't after today: what isn't too early on it isn't too early today.
    Ok(standing.allows(event, session.on)?)
}

/// What happens to the request by a decision: the first, one after an objection, or one anew.
pub fn decision_event(standing: &Standing, session: &StoredSession, anew: bool, decision: Decision) -> Event {
    let session = session.id.clone();
    if anew && standing.committee != Committee::UnderStudy {
        Event::DecidedAnew { decision, session }
    } else {
        Event::Decided { decision, session: Some(session) }
    }
}

/// Whether, and why, a decision now would be a second look.
pub fn looks_again(standing: &Standing) -> Option<LooksAgain> {
    match (standing.committee, standing.objected_on) {
        (Committee::UnderStudy, None) => None,
        (Committee::UnderStudy, Some(_)) => Some(LooksAgain::Objection),
        _ => Some(LooksAgain::Anew),
    }
}

/// The members who are present and don't step aside in a case.
pub fn taking_part<'a>(
    members: &'a [Member],
    asides: &'a [(RequestId, String)],
    request: RequestId,
) -> impl Iterator<Item = &'a Member> {
    let steps_aside = move |member: &Member| asides.iter().any(|(of, who)| *of == request && *who == member.id);
    members.iter().filter(move |member| member.present && !steps_aside(member))
}

/// Who took part in a decision of the session: they stay in its minutes as present.
pub async fn who_took_part(connection: &mut Connection, session: &str) -> Result<Vec<String>, DatabaseError> {
    let decided = cases::of_session(connection, session).await?.into_iter().filter_map(|case| case.decided);
    Ok(decided.flat_map(|decided| decided.took_part).collect())
}

/// Adds those who aren't members yet; the answer says how many.
async fn add_members(writing: &mut Writing, session: &str, new: &Members) -> Result<usize, CommitteeError> {
    let eligible = sessions::eligible(writing).await?;
    let before = sessions::members(writing, session).await?;
    let is_member = |id: &str| before.iter().any(|member| member.person.as_deref() == Some(id));
    let persons = eligible.iter().filter(|person| new.persons.contains(&person.id) && !is_member(&person.id));
    let mut added: Vec<(Option<String>, String)> =
        persons.map(|person| (Some(person.id.clone()), person.name.clone())).collect();
    for name in &new.externals {
        let name: String = name.trim().chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS_MAX).collect();
        let is_known = before.iter().any(|member| member.name == name) || added.iter().any(|(_, one)| *one == name);
        if !name.is_empty() && !is_known {
            added.push((None, name));
        }
    }
    if before.len() + added.len() > MEMBERS_MAX {
        return Err(CommitteeError::TooMany);
    }
    for (person, name) in &added {
        sessions::add_member(writing, session, person.as_deref(), name).await?;
    }
    Ok(added.len())
}

fn assert_near(on: NaiveDate, today: NaiveDate) -> Result<(), CommitteeError> {
    if (on - today).num_days().abs() <= DAYS_MAX { Ok(()) } else { Err(CommitteeError::DayTooFar) }
}

fn assert_version(session: &StoredSession, version: i64) -> Result<(), CommitteeError> {
    if session.version == version { Ok(()) } else { Err(CommitteeError::ChangedMeanwhile) }
}

/// A text as it is kept: without control characters, of limited length.
fn cleaned(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(NOTE_CHARACTERS_MAX).collect()
}
