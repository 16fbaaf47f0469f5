//! Intake: a batch of envelopes becomes rows, in one transaction, and is acknowledged only afterwards.
//!
//! Every validly signed envelope with a new request id becomes a request, fork or not. An envelope whose record can't
//! be read, or whose kiosk was revoked, is kept aside ([`super::aside`]), so that it never blocks those behind it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Office;
use super::aside;
use super::database::envelopes::{Aside, Keeping};
use super::database::kiosks::{self, Kiosk, Report};
use super::database::prints::{self, StoredPrint};
use super::database::ratings;
use super::database::requests::{self, Counted, NewEvent, WaitingDocument};
use super::database::suggestions::{self, Suggestion};
use super::database::trail::{self, Actor};
use super::database::{Connection, DatabaseError, Writing, changes, envelopes, incarnation};
use crate::domain::calendar::riyadh_day;
use crate::domain::documents::DocumentState;
use crate::domain::record::Record;
use crate::domain::request::{Request, RequestId};
use crate::domain::stage::Event;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::replication::invite::Pin;
use crate::replication::wire::{
    Acknowledgement, BATCH_ENVELOPES_MAX, BATCH_RATINGS_MAX, Batch, Held, RatingBatch, SealedRating,
};
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, Header, KioskTime};
use crate::seal::keys::{OfficeKeys, hex};
use crate::seal::sealing;

/// Why a batch is refused as a whole. Places are counted from 0 within the batch.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error("a batch has at most {BATCH_ENVELOPES_MAX} entries")]
    TooMany,
    #[error("envelope {place} of the batch can't be taken: {cause}")]
    Envelope { place: usize, cause: EnvelopeError },
    #[error("envelope {place} of the batch has a sequence that no kiosk can reach")]
    Sequence { place: usize },
    #[error("a batch holds envelopes of one kiosk only; envelope {place} is of another")]
    Mixed { place: usize },
    #[error(
        "this office doesn't know this kiosk: make an invite with `istiqbal office invite --print` and enrol the kiosk again"
    )]
    UnknownKiosk,
    #[error("this kiosk was revoked: ask the office, and enrol it again with a new invite")]
    Revoked,
    #[error("this kiosk was revoked, and {ASIDE_MAX} of its records wait for staff: more aren't kept")]
    TooManyAside,
    #[error("the ratings' batch is malformed: {0}")]
    Ratings(&'static str),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The most records that are kept aside of one revoked kiosk: whoever has stolen it can't fill the disk.
const ASIDE_MAX: u64 = 10_000;

/// The kiosk that shows this key, if it may speak.
pub async fn known_kiosk(connection: &mut Connection, peer: Pin) -> Result<Kiosk, IntakeError> {
    let kiosk = kiosks::by_pin(connection, peer).await?.ok_or(IntakeError::UnknownKiosk)?;
    if kiosk.is_revoked() { Err(IntakeError::Revoked) } else { Ok(kiosk) }
}

/// Takes in a batch. The same batch again changes nothing and gets the same answer; an empty one asks how much of
/// each epoch the office holds.
pub async fn take_in(office: &Office, peer: Pin, batch: &Batch) -> Result<Acknowledgement, IntakeError> {
    if batch.envelopes.len() > BATCH_ENVELOPES_MAX {
        return Err(IntakeError::TooMany);
    }
    let now = office.clock.now();
    let decoded = decode(batch)?;
    let mut writing = office.database.write().await?;
    let kiosk = match decoded.first() {
        Some(first) => kiosks::find(&mut writing, first.header.kiosk).await?.ok_or(IntakeError::UnknownKiosk)?,
        None => kiosks::by_pin(&mut writing, peer).await?.ok_or(IntakeError::UnknownKiosk)?,
    };
    if kiosk.tls_pin != peer {
        return Err(IntakeError::UnknownKiosk);
    }
    for (place, envelope) in decoded.iter().enumerate() {
        envelope.verify(&kiosk.proving_key).map_err(|cause| IntakeError::Envelope { place, cause })?;
    }
    if kiosk.is_revoked() {
        check_room_aside(&mut writing, kiosk.number, decoded.len()).await?;
    }
    let keys = office.keys.now();
    for (envelope, bytes) in decoded.iter().zip(&batch.envelopes) {
        if kiosk.is_revoked() {
            aside::put(&mut writing, envelope, bytes, now).await?;
        } else {
            take_in_one(&keys, &mut writing, envelope, bytes, now).await?;
        }
    }
    kiosks::seen(&mut writing, kiosk.number, now).await?;
    let acknowledgement = Acknowledgement {
        kiosk: kiosk.number,
        incarnation: incarnation(&mut writing).await?,
        held: held(&mut writing, kiosk.number, &decoded).await?,
        office_time: now,
        trail_head: trail::head(&mut writing).await?,
    };
    writing.commit().await?;
    Ok(acknowledgement)
}

async fn check_room_aside(connection: &mut Connection, kiosk: KioskNumber, more: usize) -> Result<(), IntakeError> {
    let mut kept = more as u64;
    for why in [Aside::Waiting, Aside::Beside, Aside::Declined] {
        kept += envelopes::count_aside(connection, why).await?.get(&kiosk).copied().unwrap_or(0);
    }
    if kept > ASIDE_MAX { Err(IntakeError::TooManyAside) } else { Ok(()) }
}

/// Takes in ratings; the same batch counts once. What can't be opened is counted and left out.
pub async fn take_in_ratings(office: &Office, peer: Pin, batch: &RatingBatch) -> Result<(), IntakeError> {
    if batch.ratings.len() > BATCH_RATINGS_MAX {
        return Err(IntakeError::Ratings("it has too many ratings"));
    }
    if batch.service.as_ref().is_some_and(|service| service.len() > 64) {
        return Err(IntakeError::Ratings("no service has such an id"));
    }
    let keys = office.keys.now();
    let opened: Vec<_> =
        batch.ratings.iter().filter_map(|sealed| Some((sealed, open_rating(&keys, sealed)?))).collect();
    let mut writing = office.database.write().await?;
    known_kiosk(&mut writing, peer).await?;
    let damaged = batch.ratings.len() - opened.len();
    if ratings::add_batch(&mut writing, batch.id, damaged).await? {
        for (sealed, rating) in &opened {
            ratings::add(&mut writing, sealed.id, batch.service.as_deref(), &sealed.iso_week, rating).await?;
        }
        if damaged > 0 {
            tracing::warn!(damaged, "ratings of a batch can't be opened and were left out");
        }
    }
    writing.commit().await?;
    Ok(())
}

fn open_rating(keys: &OfficeKeys, sealed: &SealedRating) -> Option<crate::domain::rating::Rating> {
    if !is_iso_week(&sealed.iso_week) {
        return None;
    }
    let associated = SealedRating::associated(&sealed.id, &sealed.iso_week);
    let text = sealing::open(keys, &associated, &sealed.sealed).ok()?;
    SealedRating::decode(&text).ok()
}

/// `2026-W48`
fn is_iso_week(text: &str) -> bool {
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once("-W").is_some_and(|(year, week)| digits(year, 4) && digits(week, 2))
}

/// Reads all envelopes before anything is written.
fn decode(batch: &Batch) -> Result<Vec<Envelope>, IntakeError> {
    let mut decoded: Vec<Envelope> = Vec::with_capacity(batch.envelopes.len());
    for (place, bytes) in batch.envelopes.iter().enumerate() {
        let envelope = Envelope::decode_any_version(bytes).map_err(|cause| IntakeError::Envelope { place, cause })?;
        if envelope.header.sequence >= i64::MAX as u64 {
            return Err(IntakeError::Sequence { place });
        }
        if decoded.first().is_some_and(|first| first.header.kiosk != envelope.header.kiosk) {
            return Err(IntakeError::Mixed { place });
        }
        decoded.push(envelope);
    }
    Ok(decoded)
}

/// Takes in one envelope whose signature has been verified; one that is here already changes nothing.
pub(super) async fn take_in_one(
    keys: &OfficeKeys,
    writing: &mut Writing,
    envelope: &Envelope,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let record = envelope.open(keys);
    if let Ok(record) = &record
        && !is_of_its_kiosk(record, envelope.header.kiosk)
    {
        return aside::put(writing, envelope, bytes, now).await;
    }
    let damage = record.as_ref().err().map(ToString::to_string);
    let keeping = Keeping { aside: damage.as_ref().map(|_| Aside::Unknown), damage: damage.as_deref() };
    if !keep(writing, envelope, bytes, keeping, now).await? {
        return Ok(());
    }
    match record {
        Ok(record) => take_up(writing, &envelope.header, &record, now).await,
        Err(error) => {
            tracing::error!(kiosk = %envelope.header.kiosk, sequence = envelope.header.sequence, %error, "a record can't be read");
            let actor = Actor::Kiosk(envelope.header.kiosk);
            let subject = hex(&envelope.header.hash().0);
            trail::append(writing, now, &actor, "envelope damaged", &subject, json!({})).await
        }
    }
}

/// Stores an envelope; false when it is here already. Where another stands at its place, staff are told: somebody has copied,
/// restored or forged the kiosk's store.
pub(super) async fn keep(
    writing: &mut Writing,
    envelope: &Envelope,
    bytes: &[u8],
    keeping: Keeping<'_>,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let header = &envelope.header;
    if !envelopes::add(writing, header, bytes, keeping, now).await? {
        return Ok(false);
    }
    if envelopes::is_forked(writing, header).await? {
        let text = format!(
            "two records stand at place {} of epoch {}: the kiosk's store was copied, restored or forged; both are kept",
            header.sequence,
            hex(&header.epoch.0[..4])
        );
        tracing::error!(kiosk = %header.kiosk, "{text}");
        kiosks::note_report(writing, header.hash(), header.kiosk, &Report { at: now, text }).await?;
        let subject = hex(&header.hash().0);
        trail::append(writing, now, &Actor::Kiosk(header.kiosk), "fork found", &subject, json!({})).await?;
    }
    Ok(true)
}

/// False for a request whose number is of another kiosk's range: no honest kiosk gives such a number, so staff decide.
fn is_of_its_kiosk(record: &Record, kiosk: KioskNumber) -> bool {
    match record {
        Record::Request(request) => request.tracking_number.kiosk() == kiosk,
        _ => true,
    }
}

/// Makes of a record what it is for: rows, changes, entries of the trail.
pub(super) async fn take_up(
    writing: &mut Writing,
    header: &Header,
    record: &Record,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    store(writing, &Source { header, counted: counted(header.time, now), now }, record).await
}

/// From where and when a record comes.
struct Source<'a> {
    header: &'a Header,
    counted: Counted,
    now: DateTime<Utc>,
}

impl Source<'_> {
    fn actor(&self) -> Actor {
        Actor::Kiosk(self.header.kiosk)
    }

    /// What the kiosk says of its store, for the page of the kiosks.
    async fn report(&self, writing: &mut Writing, text: &str) -> Result<(), DatabaseError> {
        let report = Report { at: self.counted.at, text: text.to_owned() };
        kiosks::note_report(writing, self.header.hash(), self.header.kiosk, &report).await
    }

    async fn trail(
        &self,
        writing: &mut Writing,
        action: &str,
        subject: &str,
        details: serde_json::Value,
    ) -> Result<(), DatabaseError> {
        trail::append(writing, self.now, &self.actor(), action, subject, details).await
    }
}

/// The kiosk's own time where its clock can be trusted and isn't ahead of the office's, else the arrival.
fn counted(time: KioskTime, now: DateTime<Utc>) -> Counted {
    let at = if time.trusted && time.at <= now { time.at } else { now };
    Counted { at, day: riyadh_day(at) }
}

async fn store(writing: &mut Writing, source: &Source<'_>, record: &Record) -> Result<(), DatabaseError> {
    let kiosk = source.header.kiosk;
    let hash = source.header.hash().0;
    match record {
        Record::Opening(opening) => {
            if kiosks::set_receipt_key(writing, kiosk, &opening.receipt_key).await? {
                for request in requests::of_kiosk(writing, kiosk).await? {
                    changes::add(writing, request).await?;
                }
            }
            source.report(writing, &opening.reason).await?;
            source.trail(writing, "epoch opened", &hex(&source.header.epoch.0), json!({})).await
        }
        Record::Request(request) => store_request(writing, source, request).await,
        Record::Signature { request, signature } => {
            requests::add_signature(writing, *request, kiosk, signature).await?;
            source.trail(writing, "signature received", &request.to_string(), json!({})).await
        }
        Record::DocumentsBrought { tracking_number, documents } => {
            documents_brought(writing, source, *tracking_number, documents).await
        }
        Record::Repair { report } => {
            source.report(writing, report).await?;
            source.trail(writing, "kiosk repaired", &hex(&hash), json!({})).await
        }
        Record::Printed(print) => {
            let stored = StoredPrint { at: source.counted.at, kiosk: Some(kiosk), print: *print };
            prints::add(writing, hash, &stored).await?;
            let details = json!({ "printout": print.printout, "outcome": print.outcome });
            source.trail(writing, "printed", &hex(&hash), details).await
        }
        Record::Suggestion { text } => {
            let suggestion = Suggestion { at: source.counted.at, kiosk, text: text.clone() };
            suggestions::add(writing, hash, &suggestion).await?;
            source.trail(writing, "suggestion received", &hex(&hash), json!({})).await
        }
    }
}

async fn store_request(writing: &mut Writing, source: &Source<'_>, request: &Request) -> Result<(), DatabaseError> {
    if !requests::add(writing, request, source.header.kiosk, source.counted, source.now).await? {
        return source.trail(writing, "request received again", &request.id.to_string(), json!({})).await;
    }
    source.trail(writing, "request received", &request.id.to_string(), json!({})).await?;
    for waiting in requests::take_waiting(writing, request.tracking_number).await? {
        bring(writing, source.now, request.id, &waiting).await?;
    }
    Ok(())
}

async fn documents_brought(
    writing: &mut Writing,
    source: &Source<'_>,
    number: TrackingNumber,
    documents: &[String],
) -> Result<(), DatabaseError> {
    let known = requests::by_number(writing, number).await?;
    for document in documents {
        let waiting =
            WaitingDocument { document: document.clone(), counted: source.counted, kiosk: source.header.kiosk };
        for request in &known {
            bring(writing, source.now, request.id, &waiting).await?;
        }
        if known.is_empty() {
            requests::wait_for_request(writing, source.header.hash().0, number, &waiting).await?;
        }
    }
    Ok(())
}

/// Records that a document was brought, where that is news and still allowed.
async fn bring(
    writing: &mut Writing,
    now: DateTime<Utc>,
    request: RequestId,
    waiting: &WaitingDocument,
) -> Result<(), DatabaseError> {
    let Some(standing) = requests::standing(writing, request).await? else { return Ok(()) };
    let event = Event::DocumentBrought { document: waiting.document.clone() };
    let is_news = standing.documents.get(&waiting.document) == Some(&DocumentState::Missing);
    if !is_news || standing.allows(&event, waiting.counted.day).is_err() {
        return Ok(());
    }
    let actor = Actor::Kiosk(waiting.kiosk);
    let new = NewEvent { event: &event, counted: waiting.counted, actor: &actor, reason: None };
    requests::add_event(writing, request, new).await?;
    let details = json!({ "document": waiting.document });
    trail::append(writing, now, &actor, "document brought", &request.to_string(), details).await
}

/// How far each epoch of the batch is held, along the chain that the batch belongs to.
async fn held(connection: &mut Connection, kiosk: KioskNumber, batch: &[Envelope]) -> Result<Vec<Held>, DatabaseError> {
    let mut epochs: Vec<Epoch> = Vec::new();
    for envelope in batch {
        if !epochs.contains(&envelope.header.epoch) {
            epochs.push(envelope.header.epoch);
        }
    }
    if batch.is_empty() {
        epochs = envelopes::epochs(connection, kiosk).await?;
    }
    let mut held = Vec::new();
    for epoch in epochs {
        let mut of_epoch: Vec<&Header> =
            batch.iter().map(|envelope| &envelope.header).filter(|header| header.epoch == epoch).collect();
        of_epoch.sort_by_key(|header| std::cmp::Reverse(header.sequence));
        let mut farthest = None;
        for header in of_epoch {
            farthest = envelopes::held_from(connection, header).await?;
            if farthest.is_some() {
                break;
            }
        }
        if farthest.is_none() {
            farthest = envelopes::held_at_most(connection, kiosk, epoch).await?;
        }
        held.extend(farthest);
    }
    Ok(held)
}
