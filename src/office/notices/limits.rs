//! How many messages may go out: whoever holds a kiosk's key can invent requests with any mobile numbers, and each message
//! bears the charity's name and costs it money. Beyond a limit the people stand on the call list, and staff are told.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use toml::Spanned;

use crate::domain::mobile::Mobile;
use crate::domain::notice::NoticeKind;
use crate::domain::tracking_number::KioskNumber;
use crate::office::database::notice_messages::{self, Counted};
use crate::office::database::notices::DueNotice;
use crate::office::database::requests::StoredRequest;
use crate::office::database::{Connection, DatabaseError};

/// The greatest number that the file may say.
const LIMIT_MAX: u32 = 1_000_000;

/// Maximum numbers of messages; a notice that is tried again counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// About new requests of one kiosk within an hour. A visitor takes some minutes.
    pub per_kiosk_and_hour: u32,
    /// To one mobile number within 24 hours
    pub per_mobile_and_day: u32,
    /// Altogether within 24 hours
    pub per_day: u32,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self { per_kiosk_and_hour: 60, per_mobile_and_day: 6, per_day: 2000 }
    }
}

/// `[sms.limits]` of the office's file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsFile {
    per_kiosk_and_hour: Option<Spanned<u32>>,
    per_mobile_and_day: Option<Spanned<u32>>,
    per_day: Option<Spanned<u32>>,
}

impl LimitsFile {
    /// `wrong` makes the error at a place of the file.
    pub fn checked<E>(self, wrong: impl Fn(usize, String) -> E) -> Result<MessageLimits, E> {
        let usual = MessageLimits::default();
        let limit = |given: Option<Spanned<u32>>, unless_said: u32| match given {
            None => Ok(unless_said),
            Some(given) if (1..=LIMIT_MAX).contains(given.get_ref()) => Ok(given.into_inner()),
            Some(given) => Err(wrong(given.span().start, format!("at least 1 and at most {LIMIT_MAX}"))),
        };
        Ok(MessageLimits {
            per_kiosk_and_hour: limit(self.per_kiosk_and_hour, usual.per_kiosk_and_hour)?,
            per_mobile_and_day: limit(self.per_mobile_and_day, usual.per_mobile_and_day)?,
            per_day: limit(self.per_day, usual.per_day)?,
        })
    }
}

impl MessageLimits {
    fn leaves_room(self, counted: Counted) -> bool {
        counted.in_a_day < self.per_day
            && counted.to_mobile_in_a_day < self.per_mobile_and_day
            && counted.of_kiosk_in_an_hour < self.per_kiosk_and_hour
    }

    /// Counts a notice that is to go out now; false where a limit is reached. A try that follows another counts no more.
    pub async fn admit(
        self,
        connection: &mut Connection,
        now: DateTime<Utc>,
        notice: &DueNotice,
        request: &StoredRequest,
        to: &Mobile,
    ) -> Result<bool, DatabaseError> {
        if notice.attempts > 0 {
            return Ok(true);
        }
        // A kiosk doesn't answer for steps that staff take with many requests at once.
        let kiosk =
            (notice.kind == NoticeKind::Received && request.kiosk != KioskNumber::DESK).then_some(request.kiosk);
        let counted = notice_messages::count(connection, now, to, kiosk).await?;
        let has_room = self.leaves_room(counted);
        if has_room {
            notice_messages::add(connection, &notice.id, now, to, kiosk).await?;
        }
        Ok(has_room)
    }
}
