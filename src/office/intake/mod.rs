//! Intake: a batch of envelopes becomes rows, in one transaction, and is acknowledged only afterwards. Batches that are ready
//! at the same time share one ([`turns`]).
//!
//! Every validly signed envelope with a new request id becomes a request, fork or not. An envelope whose record can't
//! be read, whose kiosk was revoked, or whose kiosk hasn't signed it, is kept aside ([`super::aside`]), so that it never blocks
//! those behind it. What is no envelope of the kiosk that speaks is passed over ([`sorting`]).

mod sorting;
mod turns;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use self::sorting::Sorted;
use self::turns::Proved;
pub use self::turns::Turns;
use super::database::copies;
use super::database::doubts;
use super::database::envelopes::{self, About, Added, Aside, Keeping, NewEnvelope};
use super::database::erasures;
use super::database::kiosks::{self, Kiosk, Report};
use super::database::ratings;
use super::database::suggestions;
use super::database::trail::{self, Actor};
use super::database::{Connection, DatabaseError, Writing, incarnation};
use super::kiosk_reports::{self, Matter};
use super::{Office, aside, records};
use crate::domain::record::{Listing, Record};
use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::replication::wire::{
    Acknowledgement, BATCH_ENVELOPES_MAX, BATCH_RATINGS_MAX, Batch, EPOCHS_NAMED_MAX, Held, RatingBatch, SealedRating,
};
use crate::seal::envelope::{Envelope, EnvelopeError, Epoch, ErasedEnvelope, Header, HeaderHash};
use crate::seal::keys::{ForgedError, OfficeKeys, ProvingKey, hex, sha256};
use crate::seal::sealing;

/// Why a batch is refused as a whole; never for what one of its envelopes is.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error("a batch has at most {BATCH_ENVELOPES_MAX} entries")]
    TooMany,
    #[error(
        "this office doesn't know this kiosk: make an invite with `istiqbal office invite --print` and enrol the kiosk again"
    )]
    UnknownKiosk,
    #[error("this kiosk was revoked: ask the office, and enrol it again with a new invite")]
    Revoked,
    #[error("this kiosk was revoked, and {AFTER_REVOCATION_MAX} of its records came afterwards: more aren't kept")]
    TooManyAfterRevocation,
    #[error("the office broke off: send the batch again")]
    BrokenOff,
    #[error("the ratings' batch is malformed: {0}")]
    Ratings(&'static str),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Maximum number of records that are kept of one kiosk after its revocation, whatever they are about: whoever has stolen it
/// can't fill the disk.
const AFTER_REVOCATION_MAX: u64 = if cfg!(test) { 100 } else { 10_000 };

/// The kiosk that shows this key, if it may speak.
pub async fn known_kiosk(connection: &mut Connection, peer: Pin) -> Result<Kiosk, IntakeError> {
    let kiosk = kiosks::by_pin(connection, peer).await?.ok_or(IntakeError::UnknownKiosk)?;
    if kiosk.is_revoked() { Err(IntakeError::Revoked) } else { Ok(kiosk) }
}

/// Takes in what is good of a batch. The same batch again changes nothing and gets the same answer; an empty one asks how much
/// of each epoch the office holds.
pub async fn take_in(office: &Office, peer: Pin, batch: &Batch) -> Result<Acknowledgement, IntakeError> {
    if batch.envelopes.len() > BATCH_ENVELOPES_MAX {
        return Err(IntakeError::TooMany);
    }
    let sorted = Sorted::read(batch);
    let _turn = office.intake.begin().await?;
    let kiosk = speaker(&mut *office.database.read().await?, peer, sorted.kiosks()).await?;
    let number = kiosk.number;
    let (own, others) = sorted.of(number);
    sorting::note_passed_over(office, &kiosk, &others, office.clock.now()).await?;
    // Cryptography takes longer than writing: it is done before the one writer is asked for.
    let keys = office.keys.now();
    let proving = tokio::task::spawn_blocking(move || Arrived::prove_all(own, &kiosk.proving_key, &keys));
    let arrived = proving.await.map_err(|_| IntakeError::BrokenOff)?;
    turns::write(office, Proved { peer, kiosk: number, arrived }).await
}

/// Writes a batch that was proved. An error other than the database's has written nothing.
async fn write(
    office: &Office,
    writing: &mut Writing,
    Proved { peer, kiosk, arrived }: &Proved,
) -> Result<Acknowledgement, IntakeError> {
    let now = office.clock.now();
    // Once more: it may have been revoked meanwhile.
    let kiosk = speaker(writing, *peer, std::iter::once(*kiosk)).await?;
    if kiosk.is_revoked() {
        make_room_after_revocation(writing, kiosk.number, arrived).await?;
    }
    take_in_all(writing, arrived, kiosk.is_revoked(), now).await?;
    kiosks::seen(writing, kiosk.number, now).await?;
    Ok(Acknowledgement {
        kiosk: kiosk.number,
        incarnation: incarnation(writing).await?,
        held: held(writing, kiosk.number, arrived).await?,
        office_time: now,
        trail_head: trail::head(writing).await?,
        backups: Some(copies::count_made(writing).await?),
    })
}

/// The kiosk that a batch is of: the first that its envelopes name and that shows this key; else the newest that shows it.
async fn speaker(
    connection: &mut Connection,
    peer: Pin,
    mut named: impl Iterator<Item = KioskNumber>,
) -> Result<Kiosk, IntakeError> {
    let mut of_key = kiosks::all_by_pin(connection, peer).await?;
    let place = named.find_map(|number| of_key.iter().position(|kiosk| kiosk.number == number)).unwrap_or(0);
    if of_key.is_empty() { Err(IntakeError::UnknownKiosk) } else { Ok(of_key.swap_remove(place)) }
}

/// An envelope whose signature has been verified, and what it holds; [`EnvelopeError::Forged`] where it doesn't hold.
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

    fn prove_all(envelopes: Vec<Envelope>, key: &ProvingKey, keys: &OfficeKeys) -> Vec<Self> {
        // By a key that isn't one, nothing is signed.
        let verifier = key.verifier().ok();
        let prove = |envelope: Envelope| {
            let proved = verifier.as_ref().map_or(Err(ForgedError.into()), |verifier| envelope.verify_by(verifier));
            Self { record: proved.and_then(|()| envelope.open(keys)), envelope }
        };
        envelopes.into_iter().map(prove).collect()
    }

    /// How it is kept; `damage` is why its record can't be read.
    fn keeping<'a>(&self, damage: Option<&'a str>, is_revoked: bool) -> Keeping<'a> {
        match &self.record {
            Err(EnvelopeError::Forged(_)) => Keeping { aside: Some(Aside::Forged), damage: None },
            // A later program may read it; of a revoked kiosk only if staff admit it.
            Err(error) if is_revoked && *error != EnvelopeError::Listing => aside::keeping(None),
            Err(_) => Keeping { aside: Some(Aside::Unknown), damage },
            Ok(record) if is_revoked || !is_of_its_kiosk(record, self.envelope.header.kiosk) => {
                aside::keeping(Some(record))
            }
            Ok(_) => Keeping::default(),
        }
    }
}

/// Counts what is new of a revoked kiosk, or refuses it all where that is too much.
async fn make_room_after_revocation(
    connection: &mut Connection,
    kiosk: KioskNumber,
    arrived: &[Arrived],
) -> Result<(), IntakeError> {
    let hashes: HashSet<HeaderHash> = arrived.iter().map(|one| one.envelope.header.hash()).collect();
    let hashes: Vec<HeaderHash> = hashes.into_iter().collect();
    let more = hashes.len() - envelopes::count_known(connection, &hashes).await?;
    if kiosks::after_revocation(connection, kiosk).await? + more as u64 > AFTER_REVOCATION_MAX {
        return Err(IntakeError::TooManyAfterRevocation);
    }
    Ok(kiosks::add_after_revocation(connection, kiosk, more).await?)
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

/// Takes in envelopes of one kiosk in their order; those that are here already change nothing.
pub(super) async fn take_in_all(
    writing: &mut Writing,
    arrived: &[Arrived],
    is_revoked: bool,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let damages: Vec<Option<String>> =
        arrived.iter().map(|one| one.record.as_ref().err().map(ToString::to_string)).collect();
    let keepings = arrived.iter().zip(&damages).map(|(one, damage)| one.keeping(damage.as_deref(), is_revoked));
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
            let is_forged = keeping.aside == Some(Aside::Forged);
            let keeping = if is_erased && !is_forged { Keeping::default() } else { keeping };
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
            Added::News | Added::Proved => {}
            Added::Fork => {
                tell_of_fork(writing, header, now).await?;
                forked.push(header);
            }
        }
        match (one.keeping.aside, record) {
            (Some(Aside::Forged), _) => tell_of_forged(writing, header, now).await?,
            _ if one.is_erased => {
                trail::append(writing, now, &actor, "erased envelope received", &subject, json!({})).await?;
            }
            (None, Ok(record)) => taken_up.push((header, record)),
            (Some(Aside::Unknown), Err(error)) => {
                tracing::error!(kiosk = %header.kiosk, sequence = header.sequence, %error, "a record can't be read");
                if *error == EnvelopeError::Listing {
                    kiosk_reports::note_once_a_day(writing, header.kiosk, Matter::Listing, now, error.to_string())
                        .await?;
                }
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

/// Its kiosk hasn't signed it: the kiosk's seed was damaged or exchanged, or somebody else speaks by its TLS key.
async fn tell_of_forged(writing: &mut Writing, header: &Header, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let text = format!(
        "the record at place {} of epoch {} is not signed by this kiosk, and others may follow: it is kept, and nothing is made of it. Compare the kiosk's seed with its enrolment, or enrol it again",
        header.sequence,
        hex(&header.epoch.0[..4])
    );
    tracing::error!(kiosk = %header.kiosk, "{text}");
    kiosk_reports::note_once_a_day(writing, header.kiosk, Matter::Forged, now, text).await?;
    let subject = hex(&header.hash().0);
    trail::append(writing, now, &Actor::Kiosk(header.kiosk), "envelope not signed", &subject, json!({})).await
}

/// Another envelope stands at this one's place: somebody has copied, restored or forged the kiosk's store. Staff hear of the
/// first place of each epoch: from there on all may be doubled.
async fn tell_of_fork(writing: &mut Writing, header: &Header, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let text = format!(
        "two records stand at place {} of epoch {}, and maybe at others: the kiosk's store was copied, restored or forged; both are kept",
        header.sequence,
        hex(&header.epoch.0[..4])
    );
    tracing::error!(kiosk = %header.kiosk, "{text}");
    let id = sha256(&[b"istiqbal fork 1", &header.kiosk.get().to_be_bytes(), &header.epoch.0]);
    kiosks::note_report(writing, HeaderHash(id), header.kiosk, &Report { at: now, text }).await?;
    let subject = hex(&header.hash().0);
    trail::append(writing, now, &Actor::Kiosk(header.kiosk), "fork found", &subject, json!({})).await
}

/// False for a request whose number is of another kiosk's range: no honest kiosk gives such a number, so staff decide.
pub(super) fn is_of_its_kiosk(record: &Record, kiosk: KioskNumber) -> bool {
    match record {
        Record::Request(request) => request.tracking_number.kiosk() == kiosk,
        _ => true,
    }
}

/// How far each epoch of the batch is held, along the chain that the batch belongs to; of an empty batch, each of the newest
/// epochs: however many a kiosk has begun, the answer is short.
async fn held(connection: &mut Connection, kiosk: KioskNumber, batch: &[Arrived]) -> Result<Vec<Held>, DatabaseError> {
    let mut epochs: Vec<Epoch> = Vec::new();
    for Arrived { envelope, .. } in batch {
        if !epochs.contains(&envelope.header.epoch) {
            epochs.push(envelope.header.epoch);
        }
    }
    if batch.is_empty() {
        epochs = envelopes::newest_epochs(connection, kiosk, EPOCHS_NAMED_MAX).await?;
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
