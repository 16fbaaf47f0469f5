//! One session: its members, its cases, and how it is closed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde_json::json;

use super::super::clock::why_not;
use super::super::frame::{Failure, Frame, show};
use super::super::request::history::actor;
use super::super::session::{Posted, Staff};
use super::super::words;
use super::{answered, change, day, form_id, kept, names, sentence, title, version};
use crate::domain::request::RequestId;
use crate::domain::stage::{Decision, Standing, StepError};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::committee::minutes::{SealState, verify};
use crate::office::committee::{decision_event, looks_again, may_decide, taking_part, who_took_part};
use crate::office::database::committee_cases::{self as cases, Case, Decided, LooksAgain};
use crate::office::database::committee_sessions::{self as sessions, Eligible, Member, StoredSession};
use crate::office::database::requests::{self, StoredRequest};
use crate::office::database::taken_forms::FormId;
use crate::office::database::{Connection, DatabaseError, clock, people, trail};
use crate::office::day::reckon;
use crate::office::people::Permission;
use crate::seal::keys::hex;

/// A member of the session, and what the form offers.
struct MemberRow {
    id: String,
    name: String,
    is_outside: bool,
    is_present: bool,
    /// Who took part in a decision stays present
    is_fixed: bool,
}

/// A member in a case.
struct Voice {
    id: String,
    name: String,
    steps_aside: bool,
}

/// What was decided.
pub struct DecidedView {
    pub line: String,
    pub class: &'static str,
    pub reason: Option<String>,
    pub granted: Option<String>,
    pub took_part: String,
    pub by: String,
}

struct CaseRow {
    request: String,
    number: String,
    name: String,
    service: String,
    documents: String,
    /// That it is looked at again, and where it was decided before
    again: Option<String>,
    anew_because: Option<String>,
    decided: Option<DecidedView>,
    /// Who steps aside, in words
    aside: String,
    voices: Vec<Voice>,
    /// How many take part
    taking_part: String,
    /// Why it can't be decided now
    why_not: Option<String>,
}

struct SealedView {
    line: String,
    seal: Vec<String>,
    is_intact: bool,
}

#[derive(Template)]
#[template(path = "sessions/page.html")]
struct SessionPage {
    frame: Frame,
    id: String,
    version: i64,
    title: String,
    date: String,
    /// As a form's field holds it; `None` when it can't be changed any more
    day: Option<String>,
    quorum: String,
    present: String,
    may_hold: bool,
    may_decide: bool,
    members: Vec<MemberRow>,
    eligible: Vec<Eligible>,
    cases: Vec<CaseRow>,
    undecided: String,
    /// Why it can't be closed now
    not_yet: Option<String>,
    sealed: Option<SealedView>,
}

impl SessionPage {
    /// Another for each form.
    fn form_id(&self) -> String {
        FormId::random().as_str().to_owned()
    }
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let visitor = &staff.visitor;
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let session = sessions::find(&mut reading, &id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let page = SessionPage::load(&mut reading, &office, &staff, &session).await?;
    drop(reading);
    let mut writing = office.database.write().await?;
    let details = json!({ "cases": page.cases.len() });
    trail::append(&mut writing, now, &staff.actor(), "session opened", &session.id, details).await?;
    writing.commit().await?;
    Ok(show(&page)?.into_response())
}

pub async fn set_day(
    State(office): State<Arc<Office>>,
    Path(session): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let (form, actor) = (form_id(&posted)?, posted.staff.actor());
    let back = format!("/sessions/{session}");
    let done = change(&office, &actor, &form).set_day(&session, day(&posted, &back)?).await;
    answered(&posted.staff.visitor, done, &back, &[])
}

pub async fn seal(
    State(office): State<Arc<Office>>,
    Path(session): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let (form, actor) = (form_id(&posted)?, posted.staff.actor());
    let done = change(&office, &actor, &form).seal(&session, version(&posted)?).await;
    answered(&posted.staff.visitor, done, &format!("/sessions/{session}"), &[])
}

impl SessionPage {
    async fn load(
        reading: &mut Connection,
        office: &Office,
        staff: &Staff,
        session: &StoredSession,
    ) -> Result<Self, DatabaseError> {
        let frame = Frame::new(&staff.visitor, "sessions");
        let words = frame.words;
        let reckoning = reckon(reading, &office.clock).await?;
        let today = reckoning.today();
        let in_doubt = why_not(words, &reckoning);
        let members = sessions::members(reading, &session.id).await?;
        let fixed = who_took_part(reading, &session.id).await?;
        let eligible = sessions::eligible(reading).await?;
        let people = people::names(reading).await?;
        let around = Around {
            office,
            words,
            session,
            today,
            is_certain: reckoning.is_certain(),
            in_doubt: clock::in_doubt(reading).await?,
            asides: cases::asides(reading, &session.id).await?,
            members: &members,
            people: &people,
        };
        let mut rows = Vec::new();
        let stored = cases::of_session(reading, &session.id).await?;
        for case in &stored {
            let request = requests::find(reading, case.request).await?;
            let standing = requests::standing(reading, case.request).await?;
            let earlier = around.earlier(reading, case, standing.as_ref()).await?;
            rows.push(around.row(case, request.as_ref(), standing.as_ref(), earlier.as_ref()));
        }
        let sealed = match &session.sealed {
            None => None,
            Some(sealed) => Some(SealedView {
                line: words.format(
                    "office-session-sealed-line",
                    &[
                        ("time", dates::time(words, sealed.at).into()),
                        ("name", actor(words, &sealed.by, &people).into()),
                    ],
                ),
                seal: groups(&sealed.seal),
                is_intact: verify(reading, session).await? == SealState::Intact,
            }),
        };
        let is_open = session.sealed.is_none();
        let undecided = stored.iter().filter(|case| case.decided.is_none()).count();
        let is_member = |person: &Eligible| members.iter().any(|one| one.person.as_ref() == Some(&person.id));
        Ok(Self {
            id: session.id.clone(),
            version: session.version,
            title: title(words, session),
            date: dates::both(words, session.on),
            day: stored.iter().all(|case| case.decided.is_none()).then(|| session.on.to_string()),
            quorum: words.format("office-session-quorum", &[("count", session.quorum.into())]),
            present: words.format(
                "office-session-present-count",
                &[
                    ("present", members.iter().filter(|member| member.present).count().into()),
                    ("count", members.len().into()),
                ],
            ),
            may_hold: is_open && staff.person.role.may(Permission::HoldSessions),
            may_decide: is_open && staff.person.role.may(Permission::Decide),
            eligible: eligible.into_iter().filter(|person| !is_member(person)).collect(),
            members: members
                .iter()
                .map(|member| MemberRow {
                    id: member.id.clone(),
                    name: member.name.clone(),
                    is_outside: member.person.is_none(),
                    is_present: member.present,
                    is_fixed: fixed.contains(&member.id),
                })
                .collect(),
            cases: rows,
            undecided: match undecided {
                0 => String::new(),
                count => words.format("office-session-undecided", &[("count", count.into())]),
            },
            not_yet: in_doubt.or((today < session.on)
                .then(|| words.format("office-session-not-yet", &[("date", dates::both(words, session.on).into())]))),
            sealed,
            frame,
        })
    }
}

/// What all cases of a session share.
struct Around<'a> {
    office: &'a Office,
    words: &'a Words,
    session: &'a StoredSession,
    today: NaiveDate,
    is_certain: bool,
    /// Requests whose day of receipt is in doubt
    in_doubt: BTreeSet<RequestId>,
    asides: Vec<(RequestId, String)>,
    members: &'a [Member],
    people: &'a HashMap<String, String>,
}

impl Around<'_> {
    /// The session in which the case was decided before, where it is looked at again.
    async fn earlier(
        &self,
        reading: &mut Connection,
        case: &Case,
        standing: Option<&Standing>,
    ) -> Result<Option<StoredSession>, DatabaseError> {
        let before = match &case.decided {
            Some(decided) => decided.earlier.as_ref(),
            None => standing.and_then(|standing| standing.decided_in.as_ref()),
        };
        match before {
            Some(id) => sessions::find(reading, id).await,
            None => Ok(None),
        }
    }

    fn row(
        &self,
        case: &Case,
        request: Option<&StoredRequest>,
        standing: Option<&Standing>,
        earlier: Option<&StoredSession>,
    ) -> CaseRow {
        let words = self.words;
        let taking: Vec<&Member> = taking_part(self.members, &self.asides, case.request).collect();
        let aside = self.aside(case.request);
        let is_complete = standing.is_some_and(Standing::documents_complete);
        let again = match &case.decided {
            Some(decided) => decided.looks_again,
            // A sealed session says what it knew itself, not what has become of the request since.
            None if self.session.sealed.is_some() => None,
            None => standing
                .and_then(looks_again)
                .filter(|again| *again == LooksAgain::Objection || case.anew_because.is_some()),
        };
        CaseRow {
            request: case.request.to_string(),
            number: words::number(words, case.tracking_number),
            name: request.map(|request| words::name(words, request)).unwrap_or_default(),
            service: self.office.catalogue.now().service_label(&case.service, words.language()).to_owned(),
            documents: words.get(if is_complete { "office-documents-complete" } else { "office-documents-incomplete" }),
            again: again.map(|again| looked_again(words, again, earlier)),
            anew_because: case.anew_because.as_ref().map(|text| kept(words, text)),
            decided: case.decided.as_ref().map(|decided| decided_view(words, decided, self.members, self.people)),
            aside: names(words, aside.iter().copied()),
            voices: self
                .members
                .iter()
                .filter(|member| member.present)
                .map(|member| self.voice(member, &aside))
                .collect(),
            taking_part: words.format(
                "office-case-taking-part",
                &[("count", taking.len().into()), ("quorum", self.session.quorum.into())],
            ),
            why_not: self.why_not(case, standing, taking.len()),
        }
    }

    fn aside(&self, request: RequestId) -> Vec<&Member> {
        let steps_aside = |member: &&Member| self.asides.iter().any(|(of, who)| *of == request && *who == member.id);
        self.members.iter().filter(steps_aside).collect()
    }

    fn voice(&self, member: &Member, aside: &[&Member]) -> Voice {
        Voice {
            id: member.id.clone(),
            name: member.name.clone(),
            steps_aside: aside.iter().any(|one| one.id == member.id),
        }
    }

    /// Why the case can't be decided now: the same rules that refuse a forged form.
    fn why_not(&self, case: &Case, standing: Option<&Standing>, taking_part: usize) -> Option<String> {
        let standing = standing.filter(|_| self.session.sealed.is_none())?;
        let event = decision_event(standing, self.session, case.anew_because.is_some(), Decision::Accepted);
        if !self.is_certain || self.in_doubt.contains(&case.request) {
            return Some(words::step_error(self.words, StepError::DayInDoubt));
        }
        if let Err(error) = may_decide(standing, self.session, &event, self.today) {
            return Some(sentence(self.words, &error));
        }
        let quorum = self.session.quorum;
        let count = [("count", taking_part.into()), ("quorum", quorum.into())];
        (taking_part < quorum).then(|| self.words.format("office-session-no-quorum", &count))
    }
}

/// That a case is looked at again, and which session decided it before.
pub fn looked_again(words: &Words, again: LooksAgain, earlier: Option<&StoredSession>) -> String {
    let key = match (again, earlier.is_some()) {
        (LooksAgain::Objection, true) => "office-case-objection-to",
        (LooksAgain::Objection, false) => "office-case-objection",
        (LooksAgain::Anew, true) => "office-case-anew-after",
        (LooksAgain::Anew, false) => "office-case-anew",
    };
    let session = earlier.map(|session| title(words, session)).unwrap_or_default();
    words.format(key, &[("session", session.into())])
}

/// What was decided, in words.
pub fn decided_view(
    words: &Words,
    decided: &Decided,
    members: &[Member],
    people: &HashMap<String, String>,
) -> DecidedView {
    let took_part = members.iter().filter(|member| decided.took_part.contains(&member.id));
    let (key, class) = match decided.decision {
        Decision::Accepted => ("office-case-accepted", "accepted"),
        Decision::Refused => ("office-case-refused", "refused"),
    };
    DecidedView {
        line: words.get(key),
        class,
        reason: decided.reason.as_ref().map(|text| kept(words, text)),
        granted: decided.granted.as_ref().map(|text| kept(words, text)),
        took_part: names(words, took_part),
        by: actor(words, &decided.by, people),
    }
}

/// A seal in groups of eight digits, so that it can be compared with the paper.
pub fn groups(seal: &[u8; 32]) -> Vec<String> {
    seal.chunks(4).map(hex).collect()
}
