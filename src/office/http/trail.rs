//! The trail's page: who did what, and when; and whether it is whole. Each look at it is itself an entry.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::Deserialize;
use serde_json::json;

use super::frame::{Failure, Frame, show};
use super::request::actor;
use super::session::{Posted, Staff};
use crate::domain::calendar::riyadh_time;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::database::trail::{self, Filter, ReadEntry, TrailState};
use crate::office::database::{DatabaseError, clock, people};
use crate::office::people::Permission;
use crate::seal::keys::hex;

const PAGE_ROWS: u32 = 50;

/// What each action is called. One that is of an earlier program, or not named here, is shown as it stands in the trail.
const ACTIONS: &[(&str, &str)] = &[
    ("answer corrected", "office-trail-answer-corrected"),
    ("backup made", "office-trail-backup-made"),
    ("call answered", "office-trail-call-answered"),
    ("case taken off", "office-trail-case-taken-off"),
    ("cases added", "office-trail-cases-added"),
    ("cases to choose opened", "office-trail-cases-opened"),
    ("catalogue published", "office-trail-catalogue-published"),
    ("changes missing", "office-trail-changes-missing"),
    ("clock jumped", "office-trail-clock-jumped"),
    ("clock right again", "office-trail-clock-right-again"),
    ("damage found", "office-trail-damage-found"),
    ("damage looked at", "office-trail-damage-looked-at"),
    ("data copy made", "office-trail-data-copy-made"),
    ("database restored", "office-trail-database-restored"),
    ("day confirmed", "office-trail-day-confirmed"),
    ("day of receipt put right", "office-trail-day-put-right"),
    ("decision recorded", "office-trail-decision"),
    ("declaration printed", "office-trail-declaration-printed"),
    ("delivery recorded", "office-trail-delivery"),
    ("document asked for", "office-trail-document-asked"),
    ("document brought", "office-trail-document-brought"),
    ("document no longer asked", "office-trail-document-not-asked"),
    ("document returned", "office-trail-document-returned"),
    ("document unverified", "office-trail-document-unverified"),
    ("document verified", "office-trail-document-verified"),
    ("documents adapted", "office-trail-documents-adapted"),
    ("entries declared void", "office-trail-entries-void"),
    ("envelope admitted", "office-trail-envelope-admitted"),
    ("envelope damaged", "office-trail-envelope-damaged"),
    ("envelope declined", "office-trail-envelope-declined"),
    ("envelope kept aside", "office-trail-envelope-kept-aside"),
    ("envelope not signed", "office-trail-envelope-not-signed"),
    ("epoch opened", "office-trail-epoch-opened"),
    ("erased envelope received", "office-trail-erased-envelope"),
    ("erasure announced", "office-trail-erasure-announced"),
    ("erasure held back", "office-trail-erasure-held-back"),
    ("erasure let go", "office-trail-erasure-let-go"),
    ("erasures keyed", "office-trail-erasures-keyed"),
    ("fork found", "office-trail-fork-found"),
    ("full name changed", "office-trail-full-name-changed"),
    ("invite made", "office-trail-invite-made"),
    ("kiosk enrolled", "office-trail-kiosk-enrolled"),
    ("kiosk let in again", "office-trail-kiosk-let-in"),
    ("kiosk repaired", "office-trail-kiosk-repaired"),
    ("kiosk revoked", "office-trail-kiosk-revoked"),
    ("list exported", "office-trail-list-exported"),
    ("list opened", "office-trail-list-opened"),
    ("list searched", "office-trail-list-searched"),
    ("losses named", "office-trail-losses-named"),
    ("members stepped aside", "office-trail-members-aside"),
    ("merge taken back", "office-trail-merge-undone"),
    ("minutes opened", "office-trail-minutes-opened"),
    ("new decision recorded", "office-trail-new-decision"),
    ("note added", "office-trail-note-added"),
    ("note withdrawn", "office-trail-note-withdrawn"),
    ("notice tried", "office-trail-notice-tried"),
    ("objection recorded", "office-trail-objection"),
    ("paper copy imported", "office-trail-paper-copy"),
    ("part delivery recorded", "office-trail-part-delivery"),
    ("password changed", "office-trail-password-changed"),
    ("password reset", "office-trail-password-reset"),
    ("person called", "office-trail-person-called"),
    ("person opened", "office-trail-person-opened"),
    ("persons merged", "office-trail-persons-merged"),
    ("persons told apart", "office-trail-persons-apart"),
    ("printed", "office-trail-printed"),
    ("privacy ask answered", "office-trail-ask-answered"),
    ("privacy ask entered", "office-trail-ask-entered"),
    ("privacy ask identity checked", "office-trail-ask-identity"),
    ("privacy ask opened", "office-trail-ask-opened"),
    ("receipt printed", "office-trail-receipt-printed"),
    ("receipt printed again", "office-trail-receipt-again"),
    ("recovery code used", "office-trail-recovery-code-used"),
    ("recovery codes given", "office-trail-recovery-codes-given"),
    ("request closed", "office-trail-request-closed"),
    ("request erased", "office-trail-request-erased"),
    ("request erased again", "office-trail-request-erased-again"),
    ("request opened", "office-trail-request-opened"),
    ("request received", "office-trail-request-received"),
    ("request received again", "office-trail-request-again"),
    ("request registered", "office-trail-request-registered"),
    ("request taken in again", "office-trail-request-taken-in"),
    ("request withdrawn", "office-trail-request-withdrawn"),
    ("role changed", "office-trail-role-changed"),
    ("rollback accepted", "office-trail-rollback-accepted"),
    ("rows sealed", "office-trail-rows-sealed"),
    ("sealing key rotated", "office-trail-key-rotated"),
    ("second factor reset", "office-trail-second-factor-reset"),
    ("second factor set up", "office-trail-second-factor-set-up"),
    ("session made", "office-trail-session-made"),
    ("session opened", "office-trail-session-opened"),
    ("session sealed", "office-trail-session-sealed"),
    ("session's day changed", "office-trail-session-day"),
    ("session's members changed", "office-trail-session-members"),
    ("signature received", "office-trail-signature-received"),
    ("signed in", "office-trail-signed-in"),
    ("signed out", "office-trail-signed-out"),
    ("signed out everywhere", "office-trail-signed-out-everywhere"),
    ("suggestion erased", "office-trail-suggestion-erased"),
    ("suggestion erased again", "office-trail-suggestion-erased-again"),
    ("suggestion received", "office-trail-suggestion-received"),
    ("told that it is ready", "office-trail-told-ready"),
    ("trail head missing", "office-trail-head-missing"),
    ("trail opened", "office-trail-trail-opened"),
    ("trail verified", "office-trail-trail-verified"),
    ("upload added", "office-trail-upload-added"),
    ("upload opened", "office-trail-upload-opened"),
    ("upload removed", "office-trail-upload-removed"),
    ("user added", "office-trail-user-added"),
    ("user disabled", "office-trail-user-disabled"),
    ("user enabled", "office-trail-user-enabled"),
    ("wrong code scanned", "office-trail-wrong-code"),
];

/// What an action is called in the page's language.
pub fn action_label(words: &Words, action: &str) -> Option<String> {
    ACTIONS.iter().find(|(known, _)| *known == action).map(|(_, key)| words.get(key))
}

pub fn routes() -> Router<Arc<Office>> {
    Router::new().route("/trail", get(page)).route("/trail/verification", post(verify))
}

/// The filter as it stands in the address; empty fields don't count.
#[derive(Default, Deserialize)]
pub struct TrailQuery {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    before: Option<i64>,
}

impl TrailQuery {
    fn filter(&self) -> Filter {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let day = |text: &str| text.trim().parse::<NaiveDate>().ok();
        Filter {
            actor: given(&self.actor),
            action: given(&self.action),
            subject: given(&self.subject),
            from: day(&self.from).and_then(midnight),
            before: day(&self.to).and_then(|day| day.checked_add_days(Days::new(1))).and_then(midnight),
        }
    }

    /// The address of the page behind an entry.
    fn page_before(&self, number: i64) -> String {
        // Letters that mean something in an address don't stand in what the fields offer; whatever else is typed is encoded.
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let fields = [
            ("actor", &self.actor),
            ("action", &self.action),
            ("subject", &self.subject),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let given = fields.iter().filter(|(_, value)| !value.is_empty());
        let parts: String = given.map(|(name, value)| format!("{name}={}&", encoded(value))).collect();
        format!("/trail?{parts}before={number}")
    }
}

/// When a day begins in Riyadh.
fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    let offset = *riyadh_time(DateTime::UNIX_EPOCH).offset();
    offset.from_local_datetime(&day.and_time(NaiveTime::MIN)).single().map(|at| at.to_utc())
}

struct Row {
    number: String,
    when: String,
    who: String,
    action: String,
    /// The page's language doesn't know the action
    is_english: bool,
    subject: String,
    /// The subject is a request, whose page can be opened
    opens: Option<String>,
    details: String,
    /// Somebody has declared it void
    is_void: bool,
}

#[derive(Template)]
#[template(path = "trail.html")]
struct TrailPage {
    frame: Frame,
    query: TrailQuery,
    /// Value, label, and whether it is chosen
    people: Vec<(String, String, bool)>,
    actions: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    older: Option<String>,
    /// What the verification found
    verified: Option<(bool, String)>,
    head: String,
}

async fn page(
    State(office): State<Arc<Office>>,
    staff: Staff,
    Query(query): Query<TrailQuery>,
) -> Result<Response, Failure> {
    staff.need(Permission::ReadTrail)?;
    Ok(show(&trail_page(&office, &staff, query, None).await?)?.into_response())
}

/// Walks the whole trail, and says whether it is what was written.
async fn verify(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    let staff = &posted.staff;
    staff.need(Permission::ReadTrail)?;
    let state = trail::verify(&mut *office.database.read().await?).await?;
    let mut writing = office.database.write().await?;
    let details = json!({ "state": state.to_string() });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "trail verified", "", details).await?;
    writing.commit().await?;
    Ok(show(&trail_page(&office, staff, TrailQuery::default(), Some(state)).await?)?.into_response())
}

async fn trail_page(
    office: &Office,
    staff: &Staff,
    query: TrailQuery,
    verified: Option<TrailState>,
) -> Result<TrailPage, Failure> {
    let frame = Frame::new(&staff.visitor, "trail");
    let words = frame.words;
    let filter = query.filter();
    let mut reading = office.database.read().await?;
    let entries = trail::page(&mut reading, &filter, query.before, PAGE_ROWS).await?;
    let actions = trail::actions(&mut reading).await?;
    let (length, head) = trail::end(&mut reading).await?;
    let names = people::names(&mut reading).await?;
    let void = clock::void_entries(&mut reading).await?;
    drop(reading);
    note_opened(office, staff, &filter, entries.len()).await?;
    let mut people: Vec<(String, String, bool)> =
        names.iter().map(|(id, name)| (format!("person:{id}"), name.clone(), false)).collect();
    people.push(("command".to_owned(), words.get("office-actor-command"), false));
    people.sort_by(|one, other| one.1.cmp(&other.1));
    for (value, _, chosen) in &mut people {
        *chosen = *value == query.actor;
    }
    let number = |number: i64| isolate_ltr(&digits(words.language(), &number.to_string()));
    let whole = entries.len() as u32 == PAGE_ROWS;
    Ok(TrailPage {
        people,
        actions: actions
            .into_iter()
            .map(|action| {
                let label = action_label(words, &action).unwrap_or_else(|| action.clone());
                let chosen = action == query.action;
                (action, label, chosen)
            })
            .collect(),
        older: entries.last().filter(|last| whole && last.number > 1).map(|last| query.page_before(last.number)),
        rows: entries.into_iter().map(|entry| row(words, &names, &void, entry, &number)).collect(),
        verified: verified.map(|state| match state {
            TrailState::Intact => (true, words.format("office-trail-intact", &[("count", length.into())])),
            TrailState::BrokenAt(entry) => {
                (false, words.format("office-trail-broken", &[("number", number(entry).into())]))
            }
        }),
        head: isolate_ltr(&hex(&head)),
        query,
        frame,
    })
}

fn row(
    words: &Words,
    names: &HashMap<String, String>,
    void: &[(i64, i64)],
    entry: ReadEntry,
    number: &dyn Fn(i64) -> String,
) -> Row {
    let label = action_label(words, &entry.action);
    let is_request = entry.action != "session opened"
        && entry.subject.parse::<crate::domain::request::RequestId>().is_ok()
        && (entry.action.starts_with("request") || entry.action.contains("erasure") || entry.action.contains("ask"));
    Row {
        number: number(entry.number),
        is_void: void.iter().any(|(first, last)| (*first..=*last).contains(&entry.number)),
        when: dates::time(words, entry.at),
        who: actor(words, &entry.actor, names),
        is_english: label.is_none(),
        action: label.unwrap_or(entry.action),
        opens: is_request.then(|| format!("/requests/{}", entry.subject)),
        subject: entry.subject,
        details: if entry.details == "{}" { String::new() } else { entry.details },
    }
}

async fn note_opened(office: &Office, staff: &Staff, filter: &Filter, count: usize) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    // What was looked for are ids and words of the program; whatever else was typed found nothing, and isn't kept.
    let found = |value: &Option<String>| value.clone().filter(|_| count > 0);
    let details = json!({
        "actor": found(&filter.actor),
        "action": found(&filter.action),
        "subject": found(&filter.subject),
        "from": filter.from,
        "before": filter.before,
        "count": count,
    });
    trail::append(&mut writing, office.clock.now(), &staff.actor(), "trail opened", "", details).await?;
    writing.commit().await
}
