//! The office's own desk, which is number 0000 among the kiosks: what staff register for whoever stands there or telephones
//! (P8). Its receipts have codes like those of kiosks, by a key that comes from the office's seed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Office;
use super::database::desk::{self, Declared};
use super::database::kiosks::{self, Kiosk};
use super::database::requests::{self, Arrived, Counted};
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError};
use crate::domain::answers::Answers;
use crate::domain::calendar::riyadh_day;
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::request::{Beneficiary, Channel, Request, RequestId};
use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::seal::envelope::Epoch;
use crate::seal::keys::{OfficeKeys, sha256};

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

/// Registers a request today; from today the fourteen days count (P19). Sent twice, it is one request.
pub async fn register(office: &Office, actor: &Actor, new: DeskRequest) -> Result<(), RegisterError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    if let Some(known) = requests::find(&mut writing, new.id).await? {
        return if known.answers == new.answers { Ok(()) } else { Err(RegisterError::OtherAnswers) };
    }
    let declared = DeskRequest::declared(new.channel);
    let DeskRequest { id, channel, language, beneficiary, versions, answers, documents } = new;
    let tracking_number = desk::take_number(&mut writing).await?.ok_or(RegisterError::NoNumber)?;
    let request = Request { id, tracking_number, language, channel, beneficiary, versions, answers, documents };
    let counted = Counted { at: now, day: riyadh_day(now) };
    requests::add(&mut writing, Arrived { request: &request, kiosk: KioskNumber::DESK, counted }, now).await?;
    desk::note_registration(&mut writing, id, actor, now, declared).await?;
    let details = json!({
        "channel": channel.as_str(),
        "declaration": declared.as_str(),
        "declaration_version": request.versions.declaration,
    });
    trail::append(&mut writing, now, actor, "request registered", &id.to_string(), details).await?;
    Ok(writing.commit().await?)
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
