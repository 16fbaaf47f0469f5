//! The office's own reports on the page of the kiosks: one a day and matter, however often it is seen, so that
//! nobody can bury other reports.

use chrono::{DateTime, Utc};

use super::database::kiosks::{self, Report};
use super::database::{Connection, DatabaseError, Writing};
use crate::domain::calendar::riyadh_day;
use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::HeaderHash;
use crate::seal::keys::sha256;

/// The matter of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A head of the trail that the kiosk shows, and the trail doesn't hold
    Witness,
    /// Messages that are no envelope of its own
    PassedOver,
    /// Envelopes that it hasn't signed
    Forged,
    /// Envelopes that show in clear what isn't sealed in them
    Listing,
    /// Changes that it has heard of and the database doesn't hold
    Ahead,
}

impl Matter {
    /// Part of the report's id.
    fn label(self) -> &'static [u8] {
        match self {
            Self::Witness => b"istiqbal witness 2",
            Self::PassedOver => b"istiqbal passed over 1",
            Self::Forged => b"istiqbal forged 1",
            Self::Listing => b"istiqbal listing 1",
            Self::Ahead => b"istiqbal ahead 1",
        }
    }
}

/// Notes what was found of a kiosk; false when the matter was noted today already.
pub async fn note_once_a_day(
    writing: &mut Writing,
    kiosk: KioskNumber,
    matter: Matter,
    now: DateTime<Utc>,
    text: String,
) -> Result<bool, DatabaseError> {
    kiosks::note_report(writing, id(kiosk, matter, now), kiosk, &Report { at: now, text }).await
}

/// True when the matter was noted today.
pub async fn is_noted_today(
    connection: &mut Connection,
    kiosk: KioskNumber,
    matter: Matter,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    kiosks::has_report(connection, id(kiosk, matter, now)).await
}

fn id(kiosk: KioskNumber, matter: Matter, now: DateTime<Utc>) -> HeaderHash {
    let today = riyadh_day(now).to_string();
    HeaderHash(sha256(&[matter.label(), &kiosk.get().to_be_bytes(), today.as_bytes()]))
}
