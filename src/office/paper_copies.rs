//! Paper copies: a request's envelope from the end of its receipt, for the day its kiosk has died. It is taken in like one that
//! came by network: signature, then the request id decide, so that neither way doubles anything.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::aside;
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError, envelopes, erasures, kiosks, requests};
use super::intake::{self, Arrived};
use crate::domain::record::Record;
use crate::domain::request::RequestId;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::seal::envelope::EnvelopeError;
use crate::seal::keys::OfficeKeys;
use crate::seal::paper_copy::PaperCopy;

/// Why a paper copy isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum PaperCopyRefused {
    #[error("this copy is of kiosk {0}, which this office doesn't know: it may be another association's")]
    UnknownKiosk(KioskNumber),
    #[error(
        "this copy is not what the kiosk signed: it was changed, or misread. Scan it once more; if that doesn't help, register the request anew"
    )]
    Changed,
    #[error("this copy holds no request")]
    NoRequest,
    #[error(
        "the copy's kiosk has been revoked since {since}: whoever took it could have made this copy. Look at the person and the papers, then admit it as a manager or administrator (--admit-revoked)"
    )]
    Revoked { since: DateTime<Utc> },
    #[error(
        "the number on this copy is of another kiosk's range, which no honest kiosk gives: it waits on the page of the kiosks, where a manager or administrator decides"
    )]
    Waits,
    #[error("this copy's request was erased, and isn't taken in again. Whoever holds it can register anew")]
    Erased,
    #[error("the copy can't be opened: {0}")]
    Envelope(EnvelopeError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A request that came on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub request: RequestId,
    pub tracking_number: TrackingNumber,
    /// It wasn't here before
    pub is_news: bool,
}

/// Takes a paper copy in. A revoked kiosk's is taken only when somebody who may has said so.
pub async fn import(
    database: &Database,
    keys: &OfficeKeys,
    now: DateTime<Utc>,
    copy: &PaperCopy,
    actor: &Actor,
    admit_revoked: bool,
) -> Result<Imported, PaperCopyRefused> {
    let number = copy.kiosk().map_err(|_| PaperCopyRefused::Changed)?;
    let mut writing = database.write().await?;
    // First, because another office's copy can't be restored here, and hasn't been changed.
    let kiosk = kiosks::find(&mut writing, number).await?.ok_or(PaperCopyRefused::UnknownKiosk(number))?;
    let envelope = copy.restore(keys).map_err(|_| PaperCopyRefused::Changed)?;
    let is_possible = envelope.header.sequence < i64::MAX as u64;
    if !is_possible || envelope.verify(&kiosk.proving_key).is_err() {
        return Err(PaperCopyRefused::Changed);
    }
    if let (Some(since), false) = (kiosk.revoked_at, admit_revoked) {
        return Err(PaperCopyRefused::Revoked { since });
    }
    let record = envelope.open(keys).map_err(PaperCopyRefused::Envelope)?;
    let Record::Request(request) = &record else { return Err(PaperCopyRefused::NoRequest) };
    let (id, tracking_number) = (request.id, request.tracking_number);
    if erasures::contains(&mut writing, id).await? {
        return Err(PaperCopyRefused::Erased);
    }
    let is_news = requests::find(&mut writing, id).await?.is_none();
    let is_of_its_kiosk = intake::is_of_its_kiosk(&record, number);
    let arrived = [Arrived { envelope, record: Ok(record) }];
    // Who brought it has decided, even where its kiosk is revoked.
    intake::take_in_all(&mut writing, &arrived, false, now).await?;
    // It may have come by network, too, after its kiosk was revoked.
    let [Arrived { envelope, .. }] = arrived;
    if !is_of_its_kiosk && envelopes::is_aside(&mut writing, envelope.header.hash()).await? {
        writing.commit().await?;
        return Err(PaperCopyRefused::Waits);
    }
    aside::admit(keys, &mut writing, &envelope, now).await?;
    let details = json!({ "news": is_news, "revoked": kiosk.is_revoked() });
    trail::append(&mut writing, now, actor, "paper copy imported", &id.to_string(), details).await?;
    writing.commit().await?;
    Ok(Imported { request: id, tracking_number, is_news })
}
