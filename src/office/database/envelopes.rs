//! Envelopes as they came, and how far each epoch is held without a gap.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Connection, DatabaseError, rows};
use crate::domain::tracking_number::KioskNumber;
use crate::replication::wire::Held;
use crate::seal::envelope::{Epoch, Header, HeaderHash};

/// How far one acknowledgement looks ahead of its batch; the next one goes on from there.
const LOOK_AHEAD: usize = 4096;

/// Why nothing was made of an envelope that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// It came after its kiosk was revoked: staff decide
    Waiting,
    /// It goes with what waits: a signature, a print
    Beside,
    /// Staff didn't admit it
    Declined,
    /// Its record can't be read: it is damaged, or of a newer program
    Unknown,
}

impl Aside {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Beside => "beside",
            Self::Declined => "declined",
            Self::Unknown => "unknown",
        }
    }
}

/// How an envelope is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keeping<'a> {
    pub aside: Option<Aside>,
    /// Why its record can't be read
    pub damage: Option<&'a str>,
}

/// Stores an envelope; false when it is already here.
pub async fn add(
    connection: &mut Connection,
    header: &Header,
    bytes: &[u8],
    keeping: Keeping<'_>,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let sequence = sequence_of(header)?;
    let rooted = sequence == 0 || predecessor_is_rooted(connection, header, sequence).await?;
    let done = sqlx::query(
        "INSERT INTO envelope (header_hash, kiosk, epoch, sequence, previous, rooted, aside, damage, bytes, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (header_hash) DO NOTHING",
    )
    .bind(header.hash().0.to_vec())
    .bind(i64::from(header.kiosk.get()))
    .bind(header.epoch.0.to_vec())
    .bind(sequence)
    .bind(header.previous.0.to_vec())
    .bind(i64::from(rooted))
    .bind(keeping.aside.map(Aside::as_str))
    .bind(keeping.damage)
    .bind(bytes)
    .bind(rows::millis(now))
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    if rooted {
        root_successors(connection, header).await?;
    }
    Ok(true)
}

/// The envelopes of a kiosk that are kept aside for one reason, in their order; at most `limit`.
pub async fn aside(
    connection: &mut Connection,
    kiosk: KioskNumber,
    why: Aside,
    limit: u32,
) -> Result<Vec<Vec<u8>>, DatabaseError> {
    let found = sqlx::query_scalar(
        "SELECT bytes FROM envelope WHERE aside = $1 AND kiosk = $2 ORDER BY received_at, epoch, sequence LIMIT $3",
    )
    .bind(why.as_str())
    .bind(i64::from(kiosk.get()))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(found)
}

/// How many envelopes each kiosk has that are kept aside for one reason.
pub async fn count_aside(connection: &mut Connection, why: Aside) -> Result<BTreeMap<KioskNumber, u64>, DatabaseError> {
    let found: Vec<(i64, i64)> = sqlx::query_as("SELECT kiosk, COUNT(*) FROM envelope WHERE aside = $1 GROUP BY kiosk")
        .bind(why.as_str())
        .fetch_all(connection)
        .await?;
    found.into_iter().map(|(kiosk, count)| Ok((rows::kiosk_number(kiosk)?, count.unsigned_abs()))).collect()
}

/// How many envelopes of each kiosk came though something before them is missing.
pub async fn count_behind_gaps(connection: &mut Connection) -> Result<BTreeMap<KioskNumber, u64>, DatabaseError> {
    let found: Vec<(i64, i64)> = sqlx::query_as("SELECT kiosk, COUNT(*) FROM envelope WHERE rooted = 0 GROUP BY kiosk")
        .fetch_all(connection)
        .await?;
    found.into_iter().map(|(kiosk, count)| Ok((rows::kiosk_number(kiosk)?, count.unsigned_abs()))).collect()
}

/// True where more than one envelope stands at a place.
pub async fn is_forked(connection: &mut Connection, header: &Header) -> Result<bool, DatabaseError> {
    let standing: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM envelope WHERE kiosk = $1 AND epoch = $2 AND sequence = $3")
            .bind(i64::from(header.kiosk.get()))
            .bind(header.epoch.0.to_vec())
            .bind(sequence_of(header)?)
            .fetch_one(connection)
            .await?;
    Ok(standing > 1)
}

/// True for an envelope that is here and kept aside.
pub async fn is_aside(connection: &mut Connection, header: HeaderHash) -> Result<bool, DatabaseError> {
    let aside: Option<Option<String>> = sqlx::query_scalar("SELECT aside FROM envelope WHERE header_hash = $1")
        .bind(header.0.to_vec())
        .fetch_optional(connection)
        .await?;
    Ok(aside.flatten().is_some())
}

/// Keeps an envelope aside for another reason, or no longer.
pub async fn keep(connection: &mut Connection, header: HeaderHash, keeping: Keeping<'_>) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE envelope SET aside = $2, damage = $3 WHERE header_hash = $1")
        .bind(header.0.to_vec())
        .bind(keeping.aside.map(Aside::as_str))
        .bind(keeping.damage)
        .execute(connection)
        .await?;
    Ok(())
}

/// How far the chain of this header is held: from the header itself forward while there is one way to go.
///
/// `None` when something before the header is missing.
pub async fn held_from(connection: &mut Connection, header: &Header) -> Result<Option<Held>, DatabaseError> {
    let rooted: Option<i64> = sqlx::query_scalar("SELECT rooted FROM envelope WHERE header_hash = $1")
        .bind(header.hash().0.to_vec())
        .fetch_optional(&mut *connection)
        .await?;
    if rooted != Some(1) {
        return Ok(None);
    }
    let mut last = (sequence_of(header)?, header.hash());
    for _ in 0..LOOK_AHEAD {
        let next = successors(connection, header.kiosk, header.epoch, last.0, last.1).await?;
        let [hash] = next.as_slice() else { break };
        last = (last.0 + 1, *hash);
    }
    Ok(Some(held(header.epoch, last.0, last.1)))
}

/// The farthest envelope of an epoch before which nothing is missing.
pub async fn held_at_most(
    connection: &mut Connection,
    kiosk: KioskNumber,
    epoch: Epoch,
) -> Result<Option<Held>, DatabaseError> {
    let farthest: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT sequence, header_hash FROM envelope WHERE kiosk = $1 AND epoch = $2 AND rooted = 1
         ORDER BY sequence DESC, received_at LIMIT 1",
    )
    .bind(i64::from(kiosk.get()))
    .bind(epoch.0.to_vec())
    .fetch_optional(connection)
    .await?;
    farthest
        .map(|(sequence, hash)| Ok(held(epoch, sequence, HeaderHash(rows::bytes(hash, "a header's hash")?))))
        .transpose()
}

/// The epochs of a kiosk.
pub async fn epochs(connection: &mut Connection, kiosk: KioskNumber) -> Result<Vec<Epoch>, DatabaseError> {
    let epochs: Vec<Vec<u8>> = sqlx::query_scalar("SELECT DISTINCT epoch FROM envelope WHERE kiosk = $1")
        .bind(i64::from(kiosk.get()))
        .fetch_all(connection)
        .await?;
    epochs.into_iter().map(|epoch| Ok(Epoch(rows::bytes(epoch, "an epoch")?))).collect()
}

/// The sequence as the database counts; no kiosk writes 2⁶³ envelopes.
fn sequence_of(header: &Header) -> Result<i64, DatabaseError> {
    i64::try_from(header.sequence).map_err(|_| rows::damaged("a sequence"))
}

async fn predecessor_is_rooted(
    connection: &mut Connection,
    header: &Header,
    sequence: i64,
) -> Result<bool, DatabaseError> {
    let rooted: Option<i64> = sqlx::query_scalar(
        "SELECT rooted FROM envelope WHERE header_hash = $1 AND kiosk = $2 AND epoch = $3 AND sequence = $4",
    )
    .bind(header.previous.0.to_vec())
    .bind(i64::from(header.kiosk.get()))
    .bind(header.epoch.0.to_vec())
    .bind(sequence - 1)
    .fetch_optional(connection)
    .await?;
    Ok(rooted == Some(1))
}

/// Those that arrived too early now have everything before them.
async fn root_successors(connection: &mut Connection, header: &Header) -> Result<(), DatabaseError> {
    let mut reached = vec![(sequence_of(header)?, header.hash())];
    while let Some((sequence, hash)) = reached.pop() {
        for next in successors(connection, header.kiosk, header.epoch, sequence, hash).await? {
            let done = sqlx::query("UPDATE envelope SET rooted = 1 WHERE header_hash = $1 AND rooted = 0")
                .bind(next.0.to_vec())
                .execute(&mut *connection)
                .await?;
            if done.rows_affected() > 0 {
                reached.push((sequence + 1, next));
            }
        }
    }
    Ok(())
}

async fn successors(
    connection: &mut Connection,
    kiosk: KioskNumber,
    epoch: Epoch,
    sequence: i64,
    hash: HeaderHash,
) -> Result<Vec<HeaderHash>, DatabaseError> {
    let found: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT header_hash FROM envelope WHERE previous = $1 AND kiosk = $2 AND epoch = $3 AND sequence = $4",
    )
    .bind(hash.0.to_vec())
    .bind(i64::from(kiosk.get()))
    .bind(epoch.0.to_vec())
    .bind(sequence.saturating_add(1))
    .fetch_all(connection)
    .await?;
    found.into_iter().map(|hash| Ok(HeaderHash(rows::bytes(hash, "a header's hash")?))).collect()
}

/// `backed_up_through` stays empty until there are backups of the office: then kiosks keep their journal.
fn held(epoch: Epoch, sequence: i64, head: HeaderHash) -> Held {
    // A stored sequence is never negative.
    Held { epoch, sequence: u64::try_from(sequence).unwrap_or(0), head, backed_up_through: None }
}
