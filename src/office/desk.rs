//! The office's own desk, which is number 0000 among the kiosks: what staff register for whoever stands there or telephones
//! (P8). Its receipts have codes like those of kiosks, by a key that comes from the office's seed.
//!
//! A registration lies in two files before its receipt is given: the database, and the log beside it (`desk/log.rs`). A copy of
//! the log lies beside the backups, as soon as these can be reached.

pub mod log;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::task::JoinError;

use super::Office;
use super::database::clock;
use super::database::desk::{self, Declared};
use super::database::kiosks::{self, Kiosk};
use super::database::requests::{self, Arrived, Counted};
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError, Writing, copies, erasures};
use super::day::Arrivals;
use super::erasure;
use super::logs::{self, LinePlace, LogError, named};
use crate::domain::answers::Answers;
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::request::{Beneficiary, Channel, Request, RequestId};
use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::seal::envelope::Epoch;
use crate::seal::keys::{OfficeKeys, sha256};
use log::{Backup, DeskLog, Registration};

/// A request as it was written down at the desk or by telephone; its answers are complete by the catalogue's rules.
#[derive(Clone, Debug)]
pub struct DeskRequest {
    pub id: RequestId,
    pub channel: Channel,
    pub language: Language,
    pub beneficiary: Beneficiary,
    pub versions: Versions,
    pub answers: Answers,
    pub documents: BTreeMap<String, DocumentAnswer>,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("this form was registered before, with other answers")]
    OtherAnswers,
    #[error("the desk's tracking numbers are nearly used up")]
    NoNumber,
    #[error("the registration broke off ({0}): look whether the request is there, and send the form again")]
    BrokenOff(#[from] JoinError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl DeskRequest {
    /// How its applicant can take responsibility (P15): by hand on paper, or in words by telephone.
    pub fn declared(channel: Channel) -> Declared {
        if channel == Channel::Phone { Declared::ReadOut } else { Declared::Paper }
    }
}

/// The id of the request that a person's form becomes: the same form twice is one request, and nobody chooses the id that
/// another's request will have.
pub fn request_id(actor: &Actor, form: &str) -> RequestId {
    let actor = actor.to_string();
    let hash =
        sha256(&[b"istiqbal desk form 1", &(actor.len() as u64).to_be_bytes(), actor.as_bytes(), form.as_bytes()]);
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    RequestId(id)
}

/// Registers a request today; from today the fourteen days count (P19). Sent twice, it is one request. An error promises
/// nothing: no receipt is given.
///
/// It goes on to its end also where the caller is dropped, as when a browser leaves: else a registration whose line is written
/// would be given up, and its number come back at the next start.
pub async fn register(office: &Arc<Office>, actor: &Actor, new: DeskRequest) -> Result<(), RegisterError> {
    let (office, actor) = (office.clone(), actor.clone());
    let registering = tokio::spawn(async move { register_to_the_end(&office, &actor, new).await });
    registering.await?
}

async fn register_to_the_end(office: &Office, actor: &Actor, new: DeskRequest) -> Result<(), RegisterError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    if let Some(known) = requests::find(&mut writing, new.id).await? {
        return if known.answers == new.answers { Ok(()) } else { Err(RegisterError::OtherAnswers) };
    }
    let declared = DeskRequest::declared(new.channel);
    let DeskRequest { id, channel, language, beneficiary, versions, answers, documents } = new;
    let tracking_number = desk::take_number(&mut writing).await?.ok_or(RegisterError::NoNumber)?;
    let request = Request { id, tracking_number, language, channel, beneficiary, versions, answers, documents };
    let (day, is_in_doubt) = Arrivals::at(&mut writing, now).await?.here();
    let counted = Counted { at: now, day };
    requests::add(&mut writing, Arrived { request: &request, kiosk: KioskNumber::DESK, counted }, now).await?;
    if is_in_doubt {
        clock::put_in_doubt(&mut writing, [&id]).await?;
    }
    desk::note_registration(&mut writing, id, &actor.to_string(), now, declared).await?;
    let details = json!({
        "channel": channel.as_str(),
        "declaration": declared.as_str(),
        "declaration_version": request.versions.declaration,
    });
    trail::append(&mut writing, now, actor, "request registered", &id.to_string(), details).await?;
    let registration = Registration {
        actor: actor.to_string(),
        // As the database keeps it
        at_ms: now.timestamp_millis(),
        day: counted.day,
        day_is_in_doubt: is_in_doubt,
        request,
    };
    let (log, keys) = (office.desk_log.clone(), office.keys.now());
    let (writing, line) = logs::while_writing(writing, move || log.append(&keys, &registration)).await?;
    if let Err(error) = writing.commit().await {
        withdraw(office, line).await;
        return Err(error.into());
    }
    office.desk_log.copy(&office.keys.now(), line).await;
    Ok(())
}

/// Takes the line of a registration that couldn't be stored out of the log: nobody is told of its number. A completion may have
/// copied the line meanwhile.
pub(super) async fn withdraw(office: &Office, line: String) {
    let (log, own) = (office.desk_log.clone(), line.clone());
    let withdrawn = async {
        let writing = office.database.write().await?;
        logs::while_writing(writing, move || log.withdraw(&own)).await?;
        Ok::<(), RegisterError>(())
    };
    if let Err(error) = withdrawn.await {
        tracing::error!(
            "a registration couldn't be stored, and its line can't be taken out of the desk's log: the next start takes it in ({error})"
        );
        return;
    }
    office.desk_log.withdraw_from_copy(&line).await;
}

/// Result of [`take_in`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenIn {
    pub requests: usize,
    /// Lines that can't be read
    pub damaged: Vec<LinePlace>,
}

/// Takes in what the log in the office's folder says and the database lacks, as one that was restored from a backup does: with
/// their numbers, days and documents as they were given. What was erased stays erased.
pub async fn take_in(
    database: &Database,
    keys: &OfficeKeys,
    log: &DeskLog,
    now: DateTime<Utc>,
) -> Result<TakenIn, RegisterError> {
    open(database, keys, now).await?;
    let log::Logged { registrations, damaged } = log.read_own(keys)?;
    if !damaged.is_empty() {
        tracing::error!(
            lines = damaged.len(),
            "registrations in the log of the desk can't be read: {}. See docs/operations.md",
            named(&damaged)
        );
    }
    let mut erased = HashSet::new();
    let mut requests = 0;
    for registration in registrations {
        let id = registration.request.id;
        let mut writing = database.write().await?;
        if erasures::contains(&mut writing, id).await? {
            erased.insert(id);
        } else if requests::find(&mut writing, id).await?.is_none() {
            add_again(&mut writing, registration, now).await?;
            writing.commit().await?;
            requests += 1;
        }
    }
    let writing = database.write().await?;
    log.forget(&erased)?;
    drop(writing);
    complete_copy(database, keys, log, None).await?;
    Ok(TakenIn { requests, damaged })
}

async fn add_again(writing: &mut Writing, registration: Registration, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let Registration { request, actor, at_ms, day, day_is_in_doubt } = registration;
    let at = DateTime::from_timestamp_millis(at_ms).unwrap_or(now);
    let declared = DeskRequest::declared(request.channel);
    desk::note_number(writing, request.tracking_number).await?;
    let counted = Counted { at, day };
    requests::add(writing, Arrived { request: &request, kiosk: KioskNumber::DESK, counted }, now).await?;
    if day_is_in_doubt {
        clock::put_in_doubt(writing, [&request.id]).await?;
    }
    desk::note_registration(writing, request.id, &actor, at, declared).await?;
    let details = json!({
        "channel": request.channel.as_str(),
        "declaration": declared.as_str(),
        "declaration_version": request.versions.declaration,
        "registered_at": at,
    });
    trail::append(writing, now, &Actor::Command, "request taken in again", &request.id.to_string(), details).await
}

/// Takes out of the office's own log what every backup that stays holds, after one of which this is the copy of the database.
/// Gives the number up to which that is so. Nobody registers meanwhile: this holds the writer.
pub async fn thin_log(
    database: &Database,
    (copy, number, oldest): (&Path, u64, Option<u64>),
    log: &DeskLog,
    keys: &OfficeKeys,
) -> Result<Option<u64>, RegisterError> {
    let writing = database.write().await?;
    let holds = copies::registered_at_desk(copy, &log.requests(keys)?).await?;
    let (log, keys) = (log.clone(), keys.clone());
    let thin = move || log.thin(&keys, &Backup { number, holds, oldest });
    let (_, through) = logs::while_writing(writing, thin).await?;
    Ok(through)
}

/// Completes the copy of the log beside the backups, and takes out of it what was erased, and those registrations up to
/// `through` that the database holds: every backup that stays holds them, too.
pub async fn complete_copy(
    database: &Database,
    keys: &OfficeKeys,
    log: &DeskLog,
    through: Option<u64>,
) -> Result<(), DatabaseError> {
    let told = match through {
        Some(through) => log.requests_in_copy(keys, through).await,
        None => HashSet::new(),
    };
    let mut reading = database.read().await?;
    let mut gone = erasure::desk_requests_of(&erasures::all(&mut reading).await?);
    for request in told {
        if desk::registration(&mut reading, request).await?.is_some() {
            gone.insert(request);
        }
    }
    drop(reading);
    log.complete(keys, gone).await;
    Ok(())
}

/// Notes that the declaration was printed, to be signed by hand, before its request is registered.
pub async fn note_printed_declaration(office: &Office, actor: &Actor, id: RequestId) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    trail::append(&mut writing, office.clock.now(), actor, "declaration printed", &id.to_string(), json!({})).await?;
    writing.commit().await
}

/// Sees to it that the desk has its row among the kiosks, with the key of its receipts.
pub(super) async fn open(database: &Database, keys: &OfficeKeys, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let mut writing = database.write().await?;
    let desk = Kiosk {
        number: KioskNumber::DESK,
        name: String::new(),
        // Nobody shows such a key, and whoever did would find no kiosk by it.
        tls_pin: Pin([0; 16]),
        proving_key: keys.proving_key(),
        receipt_key: None,
        first_epoch: Epoch::random(),
        enrolled_at: now,
        last_seen_at: now,
        revoked_at: None,
    };
    kiosks::add_desk(&mut writing, &desk, keys.receipt_key()).await?;
    writing.commit().await
}
