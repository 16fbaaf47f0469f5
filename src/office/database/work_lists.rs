//! Work lists: which requests wait for which step.

use chrono::NaiveDate;
use sqlx::Row;

use super::requests::{StoredRequest, from_row};
use super::{Connection, DatabaseError};

/// A list of requests that wait for the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkList {
    All,
    /// Under study, too early to decide
    New,
    /// Under study
    UnderStudy,
    /// Documents are missing or not verified
    Incomplete,
    /// The fourteen days have passed and no decision is recorded (P18)
    RepliesOwed,
    /// Accepted, not delivered
    Accepted,
    Refused,
    Delivered,
}

impl WorkList {
    pub const ALL: [Self; 8] = [
        Self::All,
        Self::New,
        Self::UnderStudy,
        Self::Incomplete,
        Self::RepliesOwed,
        Self::Accepted,
        Self::Refused,
        Self::Delivered,
    ];

    /// As it stands in the page's address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::New => "new",
            Self::UnderStudy => "under_study",
            Self::Incomplete => "incomplete",
            Self::RepliesOwed => "replies_owed",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Delivered => "delivered",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == text)
    }
}

/// A request in a list.
pub struct Listed {
    pub request: StoredRequest,
    /// The word of [`super::requests::stage`]
    pub stage: String,
    pub documents_complete: bool,
}

/// The statement of a list: `$1` is the last day of receipt that is ripe for a decision.
macro_rules! statement {
    ($what:literal, $where:literal, $end:literal) => {
        concat!("SELECT ", $what, " FROM request WHERE ($1 = $1) AND ", $where, " ", $end)
    };
}

macro_rules! statement_of {
    ($list:expr, $what:literal, $end:literal) => {
        match $list {
            WorkList::All => statement!($what, "1 = 1", $end),
            WorkList::New => statement!($what, "stage = 'under_study' AND received_on > $1", $end),
            WorkList::UnderStudy => statement!($what, "stage = 'under_study'", $end),
            WorkList::Incomplete => {
                statement!($what, "stage IN ('under_study', 'accepted') AND documents_complete = 0", $end)
            }
            WorkList::RepliesOwed => statement!($what, "stage = 'under_study' AND received_on <= $1", $end),
            WorkList::Accepted => statement!($what, "stage = 'accepted'", $end),
            WorkList::Refused => statement!($what, "stage = 'refused'", $end),
            WorkList::Delivered => statement!($what, "stage = 'delivered'", $end),
        }
    };
}

/// One page of a list, the longest waiting first; `ripe` is the last day of receipt whose fourteen days have passed.
pub async fn page(
    connection: &mut Connection,
    list: WorkList,
    ripe: NaiveDate,
    limit: u32,
    offset: u32,
) -> Result<Vec<Listed>, DatabaseError> {
    let statement = statement_of!(list, "*", "ORDER BY received_on, registered_at, id LIMIT $2 OFFSET $3");
    let found = sqlx::query(statement)
        .bind(ripe.to_string())
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| {
            let documents_complete = row.try_get::<i64, _>("documents_complete")? != 0;
            Ok(Listed { request: from_row(row)?, stage: row.try_get("stage")?, documents_complete })
        })
        .collect()
}

pub async fn count(connection: &mut Connection, list: WorkList, ripe: NaiveDate) -> Result<u64, DatabaseError> {
    let statement = statement_of!(list, "COUNT(*)", "");
    let count: i64 = sqlx::query_scalar(statement).bind(ripe.to_string()).fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}
