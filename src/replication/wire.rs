//! The messages, as postcard. The order of fields and variants is the format: a change of it is a new route (`/v2`).

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::code::Code;
use crate::domain::language::Language;
use crate::domain::printer::PrinterState;
use crate::domain::rating::Rating;
use crate::domain::stage::RequestStatus;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::seal::envelope::{Epoch, HeaderHash};
use crate::seal::keys::{ForgedError, OfficeKeys, ProvingKey, SealingKey, hex, unhex};

pub const ENROLMENT_PATH: &str = "/enrolment/v1";
pub const ENVELOPES_PATH: &str = "/replication/v1/envelopes";
pub const RATINGS_PATH: &str = "/replication/v1/ratings";
pub const CHANGES_PATH: &str = "/replication/v1/changes";
pub const CALL_PATH: &str = "/replication/v1/call";
pub const HEARTBEAT_PATH: &str = "/replication/v1/heartbeat";

/// The most bytes a message may have, either way.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Maximum size of a message by which a kiosk joins: strangers may send it. A real one has fewer than 400 bytes.
pub const ENROLMENT_BYTES_MAX: usize = 1024;
/// The most envelopes in a batch. The office writes a batch in one transaction, whose cost is mostly its own: larger ones are
/// taken in faster, and keep whoever else writes waiting for longer.
pub const BATCH_ENVELOPES_MAX: usize = 512;
/// The most bytes of a batch's envelopes together: with what else it has, it stays below [`MESSAGE_BYTES_MAX`].
pub const BATCH_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 16 * 1024;
/// The length of a sealed rating's text, in bytes; more reasons than fit take as many more.
pub const RATING_PADDING: usize = 512;
/// The longest catalogue that goes out to kiosks, in bytes.
pub const CATALOGUE_BYTES_MAX: usize = 256 * 1024;
/// The most ratings in a batch.
pub const BATCH_RATINGS_MAX: usize = 500;
/// How long the office holds a question for changes when there are none: each question costs a kiosk some 400 bytes.
pub const LONG_POLL_SECONDS: u64 = 240;

/// What an office's database is called until a restore makes it another one: 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incarnation(pub [u8; 16]);

/// A kiosk asks to be enrolled, with the one-time code of its invite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enrolment {
    pub code: Code,
    pub name: String,
    pub proving_key: ProvingKey,
}

/// The office's answer to an [`Enrolment`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    pub kiosk: KioskNumber,
    pub epoch: Epoch,
    pub sealing_key: SealingKey,
    /// With this key the office signs its acknowledgements
    pub proving_key: ProvingKey,
}

/// Envelopes in order, each as its bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Batch {
    pub envelopes: Vec<Vec<u8>>,
}

/// An acknowledgement as it travels: its bytes and the office's signature over them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedAcknowledgement {
    body: Vec<u8>,
    /// 64 bytes, Ed25519
    signature: Vec<u8>,
}

/// The office's word, given only after its database has committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub kiosk: KioskNumber,
    pub incarnation: Incarnation,
    /// For each epoch in the batch, how far the office holds everything; where that is beyond the batch's last envelope,
    /// first through that one
    pub held: Vec<Held>,
    pub office_time: DateTime<Utc>,
    /// The head of the office's audit trail, so that kiosks are its witnesses
    pub trail_head: [u8; 32],
}

/// All envelopes of an epoch through `sequence`, whose header hashes to `head`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub epoch: Epoch,
    pub sequence: u64,
    pub head: HeaderHash,
    /// The sequence through which a backup of the office holds the epoch; `None` without any backup
    pub backed_up_through: Option<u64>,
}

impl SignedAcknowledgement {
    pub fn sign(keys: &OfficeKeys, acknowledgement: &Acknowledgement) -> Result<Self, postcard::Error> {
        let body = postcard::to_allocvec(acknowledgement)?;
        let signature = keys.sign(&Self::message(&body)).to_vec();
        Ok(Self { body, signature })
    }

    pub fn verify(&self, key: &ProvingKey) -> Result<Acknowledgement, AcknowledgementError> {
        let signature: &[u8; 64] = self.signature.as_slice().try_into().map_err(|_| AcknowledgementError::Form)?;
        key.verify(&Self::message(&self.body), signature)?;
        postcard::from_bytes(&self.body).map_err(|_| AcknowledgementError::Form)
    }

    fn message(body: &[u8]) -> Vec<u8> {
        [b"istiqbal acknowledgement 1".as_slice(), body].concat()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AcknowledgementError {
    #[error("the office's acknowledgement can't be read")]
    Form,
    #[error(transparent)]
    Forged(#[from] ForgedError),
}

/// Ratings of one service, or of all services after a month; no kiosk time, no request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RatingBatch {
    /// The same for each try to send the batch, so that it counts once
    pub id: [u8; 16],
    /// `None` for "all services"
    pub service: Option<String>,
    pub ratings: Vec<SealedRating>,
}

/// A rating sealed to the office, in its ISO week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRating {
    pub id: [u8; 16],
    pub iso_week: String,
    /// A [`Rating`] sealed by HPKE with [`Self::associated`]
    pub sealed: Vec<u8>,
}

impl SealedRating {
    /// The seal's associated data.
    pub fn associated(id: &[u8; 16], iso_week: &str) -> Vec<u8> {
        [b"istiqbal rating 1".as_slice(), id, iso_week.as_bytes()].concat()
    }

    /// A rating as it is sealed: with zeros behind it to a multiple of [`RATING_PADDING`], so that its length doesn't tell
    /// its reasons.
    pub fn encode(rating: &Rating) -> Result<Vec<u8>, postcard::Error> {
        let mut text = postcard::to_allocvec(rating)?;
        text.resize(text.len().next_multiple_of(RATING_PADDING), 0);
        Ok(text)
    }

    pub fn decode(bytes: &[u8]) -> Result<Rating, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

/// Through which change a kiosk has heard the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub incarnation: Incarnation,
    pub change: u64,
}

/// The last head of the office's trail that a kiosk has kept of a day that is over. It is shown to the office with a
/// question for changes, as `2026-11-25:` and 64 hexadecimal digits; an office of an earlier version doesn't read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    pub day: NaiveDate,
    pub trail_head: [u8; 32],
}

impl fmt::Display for Witness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.day, hex(&self.trail_head))
    }
}

impl Witness {
    /// `None` for anything that no kiosk writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, head) = text.split_once(':')?;
        Some(Self { day: day.parse().ok()?, trail_head: unhex(head)? })
    }
}

/// What changed since a cursor. With `snapshot`, the kiosk forgets what it held from the office before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Changes {
    pub cursor: Cursor,
    pub snapshot: bool,
    /// There is more: ask again at once
    pub more: bool,
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    Request {
        status: RequestStatus,
        /// For another kiosk's requests, by which it recognises their receipts
        code_hash: [u8; 32],
    },
    /// A request that the office has erased
    Forget { tracking_number: TrackingNumber },
    /// The office's newest catalogue, as its file
    Catalogue { text: String },
}

/// How a kiosk is, for those who look after it: posted every minute, and whenever its printer has changed. Nothing of it
/// stands in the ledger, and nothing of it is about a visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    pub printer: PrinterState,
    /// Receipts that failed and wait for staff to print them
    pub unprinted: u32,
    /// Envelopes that the office has not acknowledged
    pub unsent: u64,
    /// Free bytes on the disk of the store; `None` when it can only be read
    pub free_bytes: Option<u64>,
    /// By the kiosk's clock
    pub kiosk_time: DateTime<Utc>,
    pub clock_is_trusted: bool,
    /// Of the kiosk's program, at most [`VERSION_BYTES_MAX`]
    pub version: String,
}

/// The office's answer to a [`Heartbeat`]. An office of an earlier version answers nothing (204), and a kiosk of an earlier
/// version doesn't read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatAnswer {
    /// The newest: what the kiosk seals from now on, it seals to this one
    pub sealing_key: SealingKey,
}

/// The longest version of a program that an office keeps.
pub const VERSION_BYTES_MAX: usize = 32;

/// A visitor's call for a member of staff. It is posted again for as long as the visitor waits, and says nothing of who
/// the visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallForStaff {
    /// Random, and the same each time the call is posted
    pub id: [u8; 16],
    pub place: CallPlace,
    /// Of the kiosk's screen
    pub language: Language,
    /// Takes the call away: the visitor left, closed it, or was helped
    pub ended: bool,
}

/// What the visitor was doing at the kiosk when calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallPlace {
    Home,
    Registration,
    FollowUp,
    Rating,
    Information,
    Suggestion,
    Other,
}

/// The office's answer to a [`CallForStaff`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAnswer {
    pub state: CallState,
}

/// Where a call stands at the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallState {
    /// No member of staff has had a page in view lately, or the call has ended
    Unwatched,
    /// It stands on the pages of the staff, and one of them is in view
    Shown,
    /// A member of staff has said "I'm coming"
    Coming,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of `docs/protocol.md`: a kiosk and an office of other versions understand them.
    #[test]
    fn a_call_has_its_bytes() {
        let call = CallForStaff { id: [7; 16], place: CallPlace::Other, language: Language::English, ended: true };
        assert_eq!(postcard::to_allocvec(&call).unwrap(), [&[7; 16][..], &[6, 1, 1]].concat());
        let answers = [CallState::Unwatched, CallState::Shown, CallState::Coming];
        let bytes = answers.map(|state| postcard::to_allocvec(&CallAnswer { state }).unwrap());
        assert_eq!(bytes, [[0], [1], [2]]);
    }

    #[test]
    fn a_heartbeat_s_answer_has_its_bytes() {
        let answer = HeartbeatAnswer { sealing_key: SealingKey([7; 32]) };
        assert_eq!(postcard::to_allocvec(&answer).unwrap(), [7; 32]);
    }
}
