//! Losses that kiosks have named: an acknowledgement goes on behind them, as though they were here.
//!
//! A loss is **reached** when everything before it is here or named as lost itself. The envelope behind a reached loss is
//! rooted, where it names the hash that the loss names.

use super::envelopes::Position;
use super::{Connection, DatabaseError, rows};
use crate::domain::record::LostRange;
use crate::domain::tracking_number::KioskNumber;
use crate::seal::envelope::{Epoch, HeaderHash};

/// Maximum number of losses that are kept of one kiosk: more than any disk's damage leaves.
const LOSSES_MAX: i64 = 4096;

/// A loss as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    pub first: i64,
    pub last: i64,
    pub resumes_after: HeaderHash,
    pub reached: bool,
}

/// Keeps what a kiosk names as lost of its own epochs. Gives the places behind losses that are reached now: the header
/// hash before each, and its position.
pub async fn note(
    connection: &mut Connection,
    kiosk: KioskNumber,
    ranges: &[LostRange],
) -> Result<Vec<(Position, HeaderHash)>, DatabaseError> {
    let mut reached = Vec::new();
    let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM loss WHERE kiosk = $1")
        .bind(i64::from(kiosk.get()))
        .fetch_one(&mut *connection)
        .await?;
    if kept + ranges.len() as i64 > LOSSES_MAX {
        tracing::error!(%kiosk, "it names more losses than are kept: those of its last record are passed over");
        return Ok(reached);
    }
    for range in ranges {
        let (Ok(first), Ok(last)) = (i64::try_from(range.first), i64::try_from(range.last)) else { continue };
        if first > last || last == i64::MAX {
            continue;
        }
        let epoch = Epoch(range.epoch);
        let added = sqlx::query(
            "INSERT INTO loss (kiosk, epoch, first_lost, last_lost, resumes_after, reached) VALUES ($1, $2, $3, $4, $5, 0)
             ON CONFLICT DO NOTHING",
        )
        .bind(i64::from(kiosk.get()))
        .bind(epoch.0.to_vec())
        .bind(first)
        .bind(last)
        .bind(range.resumes_after.to_vec())
        .execute(&mut *connection)
        .await?;
        let is_reached = first == 0
            || is_rooted_at_or_behind(connection, kiosk, epoch, first - 1).await?
            || of_epoch(connection, kiosk, epoch).await?.iter().any(|loss| loss.reached && loss.last >= first - 1);
        if added.rows_affected() > 0 && is_reached {
            reached.extend(reach(connection, (kiosk, epoch, last)).await?);
        }
    }
    Ok(reached)
}

/// Everything through this place is here, or named as lost: marks the losses that begin before or right behind it as
/// reached. Gives the places behind them.
pub async fn reach(
    connection: &mut Connection,
    (kiosk, epoch, through): Position,
) -> Result<Vec<(Position, HeaderHash)>, DatabaseError> {
    let (mut through, mut behind) = (through, Vec::new());
    loop {
        let found: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "UPDATE loss SET reached = 1 WHERE kiosk = $1 AND epoch = $2 AND reached = 0 AND first_lost <= $3
             RETURNING last_lost, resumes_after",
        )
        .bind(i64::from(kiosk.get()))
        .bind(epoch.0.to_vec())
        .bind(through.saturating_add(1))
        .fetch_all(&mut *connection)
        .await?;
        if found.is_empty() {
            return Ok(behind);
        }
        for (last, hash) in found {
            through = through.max(last);
            behind.push(((kiosk, epoch, last), HeaderHash(rows::bytes(hash, "a header's hash")?)));
        }
    }
}

/// The losses of an epoch.
pub async fn of_epoch(
    connection: &mut Connection,
    kiosk: KioskNumber,
    epoch: Epoch,
) -> Result<Vec<Loss>, DatabaseError> {
    let found: Vec<(i64, i64, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT first_lost, last_lost, resumes_after, reached FROM loss WHERE kiosk = $1 AND epoch = $2
         ORDER BY first_lost, last_lost",
    )
    .bind(i64::from(kiosk.get()))
    .bind(epoch.0.to_vec())
    .fetch_all(connection)
    .await?;
    let loss = |(first, last, hash, reached)| {
        let resumes_after = HeaderHash(rows::bytes(hash, "a header's hash")?);
        Ok(Loss { first, last, resumes_after, reached: reached == 1 })
    };
    found.into_iter().map(loss).collect()
}

async fn is_rooted_at_or_behind(
    connection: &mut Connection,
    kiosk: KioskNumber,
    epoch: Epoch,
    sequence: i64,
) -> Result<bool, DatabaseError> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT sequence FROM envelope WHERE kiosk = $1 AND epoch = $2 AND sequence >= $3 AND rooted = 1 LIMIT 1",
    )
    .bind(i64::from(kiosk.get()))
    .bind(epoch.0.to_vec())
    .bind(sequence)
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// How many places before the last envelope of each epoch are empty: those that a kiosk names as lost, and the others.
pub async fn count_empty_places(connection: &mut Connection) -> Result<(u64, u64), DatabaseError> {
    let epochs: Vec<(i64, Vec<u8>, i64, i64)> = sqlx::query_as(
        "SELECT kiosk, epoch, MAX(sequence), COUNT(DISTINCT sequence) FROM envelope GROUP BY kiosk, epoch
         HAVING MAX(sequence) + 1 > COUNT(DISTINCT sequence)",
    )
    .fetch_all(&mut *connection)
    .await?;
    let (mut lost, mut gaps) = (0_u64, 0_u64);
    for (number, epoch, last, present) in epochs {
        let (kiosk, epoch) = (rows::kiosk_number(number)?, Epoch(rows::bytes(epoch, "an epoch")?));
        let empty = last.abs_diff(present - 1);
        let mut named = 0_u64;
        let mut from = 0;
        for loss in of_epoch(connection, kiosk, epoch).await? {
            let (first, until) = (loss.first.max(from), loss.last.min(last));
            if first <= until {
                let held: i64 = sqlx::query_scalar(
                    "SELECT COUNT(DISTINCT sequence) FROM envelope
                     WHERE kiosk = $1 AND epoch = $2 AND sequence BETWEEN $3 AND $4",
                )
                .bind(number)
                .bind(epoch.0.to_vec())
                .bind(first)
                .bind(until)
                .fetch_one(&mut *connection)
                .await?;
                named = named.saturating_add(until.abs_diff(first) + 1 - held.unsigned_abs());
                from = until + 1;
            }
        }
        lost = lost.saturating_add(named);
        gaps = gaps.saturating_add(empty.saturating_sub(named));
    }
    Ok((lost, gaps))
}
