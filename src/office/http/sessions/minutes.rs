//! The minutes of a sealed session, on A4: to print, sign by hand and file.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::super::frame::{Failure, show};
use super::super::request::history::actor;
use super::super::session::Staff;
use super::super::words;
use super::page::{DecidedView, decided_view, groups, looked_again};
use super::{kept, names};
use crate::domain::language::Language;
use crate::domain::request::RequestId;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::committee::minutes::{SealState, verify};
use crate::office::database::committee_cases::{self as cases, Case};
use crate::office::database::committee_sessions::{self as sessions, Member, Sealed, StoredSession};
use crate::office::database::{Connection, DatabaseError, people, trail};

#[derive(Deserialize)]
pub struct MinutesQuery {
    /// Of the paper; without it, that of the pages
    language: Option<String>,
}

/// A case as the paper says it.
struct PaperCase {
    place: String,
    number: String,
    service: String,
    again: Option<String>,
    anew_because: Option<String>,
    decided: Option<DecidedView>,
    aside: String,
}

struct PaperMember {
    name: String,
    is_outside: bool,
    is_present: bool,
}

#[derive(Template)]
#[template(path = "sessions/minutes.html")]
struct MinutesPage {
    words: &'static Words,
    language: &'static str,
    direction: &'static str,
    /// The paper in the other language
    other: &'static str,
    other_name: &'static str,
    association: String,
    title: String,
    hijri: String,
    gregorian: String,
    quorum: String,
    members: Vec<PaperMember>,
    cases: Vec<PaperCase>,
    sealed_line: String,
    seal: Vec<String>,
    is_intact: bool,
    back: String,
}

impl MinutesPage {
    fn t(&self, key: &str) -> String {
        self.words.get(key)
    }
}

pub async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Path(id): Path<String>,
    Query(query): Query<MinutesQuery>,
) -> Result<Response, Failure> {
    let visitor = &staff.visitor;
    let language = query.language.and_then(|code| code.parse().ok()).unwrap_or(visitor.language);
    let mut reading = office.database.read().await?;
    let session = sessions::find(&mut reading, &id).await?.ok_or_else(|| Failure::not_found(visitor))?;
    let Some(sealed) = &session.sealed else {
        let sentence = Words::of(visitor.language).get("office-minutes-after-sealing");
        let back = format!("/sessions/{id}");
        return Err(Failure::refused(visitor, axum::http::StatusCode::CONFLICT, sentence, &back));
    };
    let page = MinutesPage::load(&mut reading, &office, &session, sealed, language).await?;
    drop(reading);
    let mut writing = office.database.write().await?;
    let details = json!({ "language": page.language });
    let now = office.clock.now();
    trail::append(&mut writing, now, &staff.actor(), "minutes opened", &session.id, details).await?;
    writing.commit().await?;
    Ok(show(&page)?.into_response())
}

impl MinutesPage {
    async fn load(
        reading: &mut Connection,
        office: &Office,
        session: &StoredSession,
        sealed: &Sealed,
        language: Language,
    ) -> Result<Self, DatabaseError> {
        let words = Words::of(language);
        let other = if language == Language::Arabic { Language::English } else { Language::Arabic };
        let members = sessions::members(reading, &session.id).await?;
        let asides = cases::asides(reading, &session.id).await?;
        let people = people::names(reading).await?;
        let mut rows = Vec::new();
        for (place, case) in (1_usize..).zip(cases::of_session(reading, &session.id).await?) {
            let earlier = match case.decided.as_ref().and_then(|decided| decided.earlier.as_ref()) {
                Some(id) => sessions::find(reading, id).await?,
                None => None,
            };
            let paper = Paper { office, words, members: &members, asides: &asides, people: &people };
            rows.push(paper.case(place, &case, earlier.as_ref()));
        }
        let number = isolate_ltr(&digits(language, &session.number.to_string()));
        let sealed_by = actor(words, &sealed.by, &people);
        Ok(Self {
            words,
            language: language.code(),
            direction: if language.is_right_to_left() { "rtl" } else { "ltr" },
            other: other.code(),
            other_name: other.own_name(),
            association: office.catalogue.now().association.name.in_language(language).to_owned(),
            title: words.format("office-minutes-title", &[("number", number.into())]),
            hijri: dates::hijri(words, session.on),
            gregorian: dates::gregorian(words, session.on),
            quorum: words.format("office-session-quorum", &[("count", session.quorum.into())]),
            members: members
                .iter()
                .map(|member| PaperMember {
                    name: member.name.clone(),
                    is_outside: member.person.is_none(),
                    is_present: member.present,
                })
                .collect(),
            cases: rows,
            sealed_line: words.format(
                "office-session-sealed-line",
                &[("time", dates::time(words, sealed.at).into()), ("name", sealed_by.into())],
            ),
            seal: groups(&sealed.seal),
            is_intact: verify(reading, session).await? == SealState::Intact,
            back: format!("/sessions/{}", session.id),
        })
    }
}

/// What all cases on the paper share.
struct Paper<'a> {
    office: &'a Office,
    words: &'a Words,
    members: &'a [Member],
    asides: &'a [(RequestId, String)],
    people: &'a HashMap<String, String>,
}

impl Paper<'_> {
    fn case(&self, place: usize, case: &Case, earlier: Option<&StoredSession>) -> PaperCase {
        let words = self.words;
        let steps_aside =
            |member: &&Member| self.asides.iter().any(|(of, who)| *of == case.request && *who == member.id);
        let again = case.decided.as_ref().and_then(|decided| decided.looks_again);
        PaperCase {
            place: digits(words.language(), &place.to_string()),
            number: words::number(words, case.tracking_number),
            service: self.office.catalogue.now().service_label(&case.service, words.language()).to_owned(),
            again: again.map(|again| looked_again(words, again, earlier)),
            anew_because: case.anew_because.as_ref().map(|text| kept(words, text)),
            decided: case.decided.as_ref().map(|decided| decided_view(words, decided, self.members, self.people)),
            aside: names(words, self.members.iter().filter(steps_aside)),
        }
    }
}
