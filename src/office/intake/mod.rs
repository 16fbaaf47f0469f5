//! Intake: a batch of envelopes becomes rows, in one transaction, and is acknowledged only afterwards. Batches that are ready
//! at the same time share one ([`turns`]).
//!
//! Every validly signed envelope with a new request id becomes a request, fork or not. An envelope whose record can't
//! be read, or whose kiosk was revoked, is kept aside ([`super::aside`]), so that it never blocks those behind it.

mod turns;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use self::turns::Proved;
pub use self::turns::Turns;
use super::database::doubts;
use super::database::envelopes::{self, About, Added, Aside, Keeping, NewEnvelope};
use super::database::erasures;
use super::database::kiosks::{self, Kiosk, Report};
use super::database::ratings;
use super::database::suggestions;
use super::database::trail::{self, Actor};
use super::database::{Connection, DatabaseError, Writing, incarnation};
use super::{Office, aside, records};
use crate::domain::record::{Listing, Record};
use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::replication::wire::{
    Acknowledgement, BATCH_ENVELOPES_MAX, BATCH_RATINGS_MAX, Batch, Held, RatingBatch, SealedRating,
};
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, ErasedEnvelope, Header, HeaderHash};
use crate::seal::keys::{OfficeKeys, ProvingKey, hex};
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
    #[error("the office broke off: send the batch again")]
    BrokenOff,
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
    let decoded = decode(batch)?;
    let _turn = office.intake.begin().await?;
    let kiosk = speaker(&mut *office.database.read().await?, peer, decoded.first()).await?;
    // Cryptography takes longer than writing: it is done before the one writer is asked for.
    let keys = office.keys.now();
    let proving = tokio::task::spawn_blocking(move || Arrived::prove_all(decoded, &kiosk.proving_key, &keys));
    let arrived = proving.await.map_err(|_| IntakeError::BrokenOff)??;
    turns::write(office, Proved { peer, arrived }).await
}

/// Writes a batch that was proved. An error other than the database's has written nothing.
async fn write(
    office: &Office,
    writing: &mut Writing,
    Proved { peer, arrived }: &Proved,
) -> Result<Acknowledgement, IntakeError> {
    let now = office.clock.now();
    // Once more: it may have been revoked meanwhile.
    let kiosk = speaker(writing, *peer, arrived.first().map(|one| &one.envelope)).await?;
    if kiosk.is_revoked() {
        check_room_aside(writing, kiosk.number, arrived.len()).await?;
    }
    take_in_all(writing, arrived, kiosk.is_revoked(), now).await?;
    kiosks::seen(writing, kiosk.number, now).await?;
    Ok(Acknowledgement {
        kiosk: kiosk.number,
        incarnation: incarnation(writing).await?,
        held: held(writing, kiosk.number, arrived).await?,
        office_time: now,
        trail_head: trail::head(writing).await?,
    })
}

/// The kiosk that a batch is of, if that is who shows this key.
async fn speaker(connection: &mut Connection, peer: Pin, first: Option<&Envelope>) -> Result<Kiosk, IntakeError> {
    let kiosk = match first {
        Some(first) => kiosks::find(connection, first.header.kiosk).await?,
        None => kiosks::by_pin(connection, peer).await?,
    };
    kiosk.filter(|kiosk| kiosk.tls_pin == peer).ok_or(IntakeError::UnknownKiosk)
}

/// An envelope whose signature has been verified, and what it holds.
pub(super) struct Arrived {
    pub envelope: Envelope,
    pub record: Result<Record, EnvelopeError>,
}

impl Arrived {
    /// What it is about: by its record, which is sealed, and by its listing where the record can't be read.
    fn about(&self) -> About {
        let listing = match &self.record {
            Ok(record) => Ok(record.listing()),
            Err(_) => self.envelope.listing(),
        };
        listing.as_ref().map(About::of).unwrap_or_default()
    }

    fn prove_all(decoded: Vec<Envelope>, key: &ProvingKey, keys: &OfficeKeys) -> Result<Vec<Self>, IntakeError> {
        let verifier = key.verifier().map_err(|weak| IntakeError::Envelope { place: 0, cause: weak.into() })?;
        for (place, envelope) in decoded.iter().enumerate() {
            envelope.verify_by(&verifier).map_err(|cause| IntakeError::Envelope { place, cause })?;
        }
        Ok(decoded.into_iter().map(|envelope| Self { record: envelope.open(keys), envelope }).collect())
    }
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

/// Takes in envelopes of one kiosk in their order; those that are here already change nothing.
pub(super) async fn take_in_all(
    writing: &mut Writing,
    arrived: &[Arrived],
    is_revoked: bool,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let damages: Vec<Option<String>> =
        arrived.iter().map(|one| one.record.as_ref().err().map(ToString::to_string)).collect();
    let keepings = arrived.iter().zip(&damages).map(|(Arrived { envelope, record }, damage)| match record {
        _ if is_revoked => aside::keeping(envelope),
        Ok(record) if !is_of_its_kiosk(record, envelope.header.kiosk) => aside::keeping(envelope),
        Ok(_) => Keeping::default(),
        Err(_) => Keeping { aside: Some(Aside::Unknown), damage: damage.as_deref() },
    });
    let about: Vec<About> = arrived.iter().map(Arrived::about).collect();
    let erased = erasures::among(writing, &about).await?;
    let erased_suggestions = erased_suggestions(writing, arrived).await?;
    let new: Vec<NewEnvelope> = arrived
        .iter()
        .zip(keepings)
        .zip(about)
        .map(|((Arrived { envelope, .. }, keeping), about)| {
            let is_erased = erased.contains(&about)
                || (!erased_suggestions.is_empty() && erased_suggestions.contains(&envelope.header.hash()));
            // What was erased is acknowledged, so that the kiosk needn't send it any more; nothing of it is kept.
            let bytes = if is_erased { ErasedEnvelope::of(envelope).encode() } else { envelope.encode() };
            let keeping = if is_erased { Keeping::default() } else { keeping };
            NewEnvelope { header: &envelope.header, bytes, keeping, about, is_erased }
        })
        .collect();
    let (mut taken_up, mut forked) = (Vec::new(), Vec::new());
    let outcomes = envelopes::add_all(writing, &new, now).await?;
    for ((one, Arrived { record, .. }), outcome) in new.iter().zip(arrived).zip(outcomes) {
        let header = one.header;
        let (actor, subject) = (Actor::Kiosk(header.kiosk), hex(&header.hash().0));
        match outcome {
            Added::Known => continue,
            Added::News => {}
            Added::Fork => {
                tell_of_fork(writing, header, now).await?;
                forked.push(header);
            }
        }
        match (one.keeping.aside, record) {
            _ if one.is_erased => {
                trail::append(writing, now, &actor, "erased envelope received", &subject, json!({})).await?;
            }
            (None, Ok(record)) => taken_up.push((header, record)),
            (Some(Aside::Unknown), Err(error)) => {
                tracing::error!(kiosk = %header.kiosk, sequence = header.sequence, %error, "a record can't be read");
                trail::append(writing, now, &actor, "envelope damaged", &subject, json!({})).await?;
            }
            (Some(_), Ok(Record::Losses(ranges))) => {
                // Only the chain goes on by it, which orders and proves: nobody is admitted.
                envelopes::note_losses(writing, header.kiosk, ranges).await?;
                trail::append(writing, now, &actor, "envelope kept aside", &subject, json!({})).await?;
            }
            _ => trail::append(writing, now, &actor, "envelope kept aside", &subject, json!({})).await?,
        }
    }
    records::take_up(writing, &taken_up, now).await?;
    for header in forked {
        doubts::note_fork(writing, header).await?;
    }
    Ok(())
}

/// Which of these are suggestions that were erased.
async fn erased_suggestions(
    connection: &mut Connection,
    arrived: &[Arrived],
) -> Result<HashSet<HeaderHash>, DatabaseError> {
    let mut erased = HashSet::new();
    for envelope in arrived.iter().map(|one| &one.envelope) {
        if matches!(envelope.listing(), Ok(Listing::Suggestion)) {
            let hash = envelope.header.hash();
            if suggestions::is_erased(connection, hash).await? {
                erased.insert(hash);
            }
        }
    }
    Ok(erased)
}

/// Another envelope stands at this one's place: somebody has copied, restored or forged the kiosk's store.
async fn tell_of_fork(writing: &mut Writing, header: &Header, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let text = format!(
        "two records stand at place {} of epoch {}: the kiosk's store was copied, restored or forged; both are kept",
        header.sequence,
        hex(&header.epoch.0[..4])
    );
    tracing::error!(kiosk = %header.kiosk, "{text}");
    kiosks::note_report(writing, header.hash(), header.kiosk, &Report { at: now, text }).await?;
    let subject = hex(&header.hash().0);
    trail::append(writing, now, &Actor::Kiosk(header.kiosk), "fork found", &subject, json!({})).await
}

/// False for a request whose number is of another kiosk's range: no honest kiosk gives such a number, so staff decide.
fn is_of_its_kiosk(record: &Record, kiosk: KioskNumber) -> bool {
    match record {
        Record::Request(request) => request.tracking_number.kiosk() == kiosk,
        _ => true,
    }
}

/// How far each epoch of the batch is held, along the chain that the batch belongs to.
async fn held(connection: &mut Connection, kiosk: KioskNumber, batch: &[Arrived]) -> Result<Vec<Held>, DatabaseError> {
    let mut epochs: Vec<Epoch> = Vec::new();
    for Arrived { envelope, .. } in batch {
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
            batch.iter().map(|one| &one.envelope.header).filter(|header| header.epoch == epoch).collect();
        of_epoch.sort_by_key(|header| std::cmp::Reverse(header.sequence));
        let mut farthest = None;
        for header in of_epoch {
            farthest = envelopes::held_from(connection, header).await?;
            if let Some(farthest) = &farthest {
                if farthest.sequence > header.sequence {
                    // A kiosk whose store is an older copy lacks what follows, and knows only this.
                    held.push(Held { sequence: header.sequence, head: header.hash(), ..*farthest });
                }
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
