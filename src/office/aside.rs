//! What is kept aside: envelopes that the office holds and has made nothing of yet.
//!
//! - A revoked kiosk's envelopes **wait** for staff, who know whether the kiosk was stolen or only old; so does a request
//!   with a number of another kiosk. They are acknowledged like others: the office holds them. Signatures and prints go
//!   with the request they belong to, an epoch's opening with what is admitted of that epoch.
//! - Envelopes that their kiosk hasn't signed are never admitted.
//! - Envelopes that couldn't be read are read again by each new start of the program: a newer one may know them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::database::envelopes::{self, Aside, Keeping};
use super::database::trail::{self, Actor};
use super::database::{Connection, Database, DatabaseError, Writing, kiosks};
use super::{intake, records};
use crate::domain::record::{Listing, Record};
use crate::domain::request::{Request, RequestId};
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::seal::envelope::{Envelope, Epoch, Header, HeaderHash};
use crate::seal::keys::{OfficeKeys, hex};

/// What staff see of one kiosk at once; the others follow when these are decided.
const SHOWN_MAX: u32 = 100;
const ALL: u32 = u32::MAX;

/// An envelope that waits for staff.
pub struct Waiting {
    pub header: Header,
    pub received: Received,
}

/// What waits in it.
pub enum Received {
    Request(Box<Request>),
    DocumentsBrought(TrackingNumber, Vec<String>),
    Suggestion(String),
    /// It can't be opened; admitted, it is read again by a newer program
    Unreadable,
}

/// What staff say of what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Admit,
    Decline,
}

/// How a record is kept on which staff are to decide; `None` for one that can't be read.
pub(super) fn keeping(record: Option<&Record>) -> Keeping<'static> {
    let aside = match record {
        Some(
            Record::Signature { .. }
            | Record::Printed(_)
            | Record::Opening(_)
            | Record::Repair { .. }
            | Record::Losses(_),
        ) => Aside::Beside,
        Some(Record::Request(_) | Record::DocumentsBrought { .. } | Record::Suggestion { .. }) | None => Aside::Waiting,
    };
    Keeping { aside: Some(aside), damage: None }
}

/// What of a revoked kiosk waits for staff, in the order in which it came.
pub async fn waiting(
    connection: &mut Connection,
    keys: &OfficeKeys,
    kiosk: KioskNumber,
) -> Result<Vec<Waiting>, DatabaseError> {
    let found = read(connection, kiosk, Aside::Waiting, SHOWN_MAX).await?;
    let waiting = found.into_iter().map(|envelope| {
        let received = match envelope.open(keys) {
            Ok(Record::Request(request)) => Received::Request(Box::new(request)),
            Ok(Record::DocumentsBrought { tracking_number, documents }) => {
                Received::DocumentsBrought(tracking_number, documents)
            }
            Ok(Record::Suggestion { text }) => Received::Suggestion(text),
            _ => Received::Unreadable,
        };
        Waiting { header: envelope.header, received }
    });
    Ok(waiting.collect())
}

/// Carries out what staff say of one envelope that waits, or with `None` of all; how many it was.
pub async fn decide(
    database: &Database,
    keys: &OfficeKeys,
    kiosk: KioskNumber,
    which: Option<HeaderHash>,
    verdict: Verdict,
    (now, actor): (DateTime<Utc>, &Actor),
) -> Result<usize, DatabaseError> {
    let mut writing = database.write().await?;
    let mut chosen = read(&mut writing, kiosk, Aside::Waiting, ALL).await?;
    chosen.retain(|envelope| which.is_none_or(|which| envelope.header.hash() == which));
    let mut companions = Companions::of(&mut writing, kiosk).await?;
    for envelope in &chosen {
        let action = match verdict {
            Verdict::Admit => {
                companions.admit(keys, &mut writing, envelope, now).await?;
                "envelope admitted"
            }
            Verdict::Decline => {
                let declined = Keeping { aside: Some(Aside::Declined), damage: None };
                envelopes::keep(&mut writing, envelope.header.hash(), declined).await?;
                "envelope declined"
            }
        };
        trail::append(&mut writing, now, actor, action, &hex(&envelope.header.hash().0), json!({})).await?;
    }
    writing.commit().await?;
    Ok(chosen.len())
}

/// Takes up an envelope that is kept aside, and what goes with it; one that isn't changes nothing.
pub(super) async fn admit(
    keys: &OfficeKeys,
    writing: &mut Writing,
    envelope: &Envelope,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    if envelopes::is_aside(writing, envelope.header.hash()).await? {
        Companions::of(writing, envelope.header.kiosk).await?.admit(keys, writing, envelope, now).await?;
    }
    Ok(())
}

/// Envelopes of a kiosk that go with those that wait. [`Envelope::open`] refuses a record that isn't what its listing says, so
/// that none of another kind goes with them.
#[derive(Default)]
struct Companions {
    /// The first of each epoch; an opening elsewhere opens nothing
    openings: HashMap<Epoch, Vec<Envelope>>,
    signatures: HashMap<RequestId, Vec<Envelope>>,
    prints: HashMap<TrackingNumber, Vec<Envelope>>,
}

impl Companions {
    async fn of(connection: &mut Connection, kiosk: KioskNumber) -> Result<Self, DatabaseError> {
        let mut companions = Self::default();
        for envelope in read(connection, kiosk, Aside::Beside, ALL).await? {
            match envelope.listing() {
                Ok(Listing::Signature { request }) => companions.signatures.entry(request).or_default().push(envelope),
                Ok(Listing::Printed(print)) => {
                    companions.prints.entry(print.tracking_number).or_default().push(envelope);
                }
                Ok(Listing::Opening) if envelope.header.sequence == 0 => {
                    companions.openings.entry(envelope.header.epoch).or_default().push(envelope);
                }
                _ => {}
            }
        }
        Ok(companions)
    }

    /// Takes up an envelope after those it needs.
    async fn admit(
        &mut self,
        keys: &OfficeKeys,
        writing: &mut Writing,
        envelope: &Envelope,
        now: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let mut together = self.openings.remove(&envelope.header.epoch).unwrap_or_default();
        if let Ok(Listing::Request { request, tracking_number, .. }) = envelope.listing() {
            together.extend(self.signatures.remove(&request).into_iter().flatten());
            together.extend(self.prints.remove(&tracking_number).into_iter().flatten());
        }
        for envelope in together.iter().chain([envelope]) {
            take_up(keys, writing, envelope, now).await?;
        }
        Ok(())
    }
}

/// Reads again what couldn't be read: this program may be newer than the one that kept it. How many there are that it
/// can read now.
pub async fn read_again(database: &Database, keys: &OfficeKeys, now: DateTime<Utc>) -> Result<usize, DatabaseError> {
    let mut writing = database.write().await?;
    let mut taken = 0;
    for kiosk in kiosks::all(&mut writing).await? {
        for envelope in read(&mut writing, kiosk.number, Aside::Unknown, ALL).await? {
            match envelope.open(keys) {
                Ok(record) if !intake::is_of_its_kiosk(&record, kiosk.number) => {
                    envelopes::keep(&mut writing, envelope.header.hash(), keeping(Some(&record))).await?;
                }
                Ok(_) => {
                    take_up(keys, &mut writing, &envelope, now).await?;
                    taken += 1;
                }
                Err(_) => {}
            }
        }
    }
    writing.commit().await?;
    Ok(taken)
}

/// Makes of the envelope what it is for; one that can't be read stays aside until a newer program comes.
async fn take_up(
    keys: &OfficeKeys,
    writing: &mut Writing,
    envelope: &Envelope,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let hash = envelope.header.hash();
    match envelope.open(keys) {
        Ok(record) => {
            envelopes::keep(writing, hash, Keeping::default()).await?;
            records::take_up(writing, &[(&envelope.header, &record)], now).await
        }
        Err(error) => {
            let damage = error.to_string();
            envelopes::keep(writing, hash, Keeping { aside: Some(Aside::Unknown), damage: Some(&damage) }).await
        }
    }
}

async fn read(
    connection: &mut Connection,
    kiosk: KioskNumber,
    why: Aside,
    limit: u32,
) -> Result<Vec<Envelope>, DatabaseError> {
    let found = envelopes::aside(connection, kiosk, why, limit).await?;
    // Only whole envelopes were ever stored.
    Ok(found.iter().filter_map(|bytes| Envelope::decode_any_version(bytes).ok()).collect())
}
