//! Envelopes as they came, and how far each epoch is held without a gap.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};

use super::losses::{self, Loss};
use super::{Connection, DatabaseError, rows};
use crate::domain::record::{Listing, LostRange};
use crate::domain::request::RequestId;
use crate::domain::tracking_number::{KioskNumber, TrackingNumber};
use crate::replication::wire::Held;
use crate::seal::envelope::{Envelope, Epoch, ErasedEnvelope, Header, HeaderHash};

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
    /// Its kiosk hasn't signed it: kept so that the chain goes on behind it, and never admitted by anybody
    Forged,
}

impl Aside {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Beside => "beside",
            Self::Declined => "declined",
            Self::Unknown => "unknown",
            Self::Forged => FORGED,
        }
    }
}

/// As the statements write [`Aside::Forged`], too.
const FORGED: &str = "forged";

/// How an envelope is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keeping<'a> {
    pub aside: Option<Aside>,
    /// Why its record can't be read
    pub damage: Option<&'a str>,
}

/// An envelope to be stored.
pub struct NewEnvelope<'a> {
    pub header: &'a Header,
    pub bytes: Vec<u8>,
    pub keeping: Keeping<'a>,
    pub about: About,
    /// Its parts were replaced by their hashes, because what it is about was erased
    pub is_erased: bool,
}

/// What an envelope is about, so that erasing a request finds all that belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct About {
    pub request: Option<RequestId>,
    pub tracking_number: Option<TrackingNumber>,
}

impl About {
    pub fn of(listing: &Listing) -> Self {
        match listing {
            Listing::Request { request, tracking_number, .. } => {
                Self { request: Some(*request), tracking_number: Some(*tracking_number) }
            }
            Listing::Signature { request } => Self { request: Some(*request), tracking_number: None },
            Listing::DocumentsBrought { tracking_number, .. } => {
                Self { request: None, tracking_number: Some(*tracking_number) }
            }
            Listing::Printed(print) => Self { request: None, tracking_number: Some(print.tracking_number) },
            Listing::Opening | Listing::Suggestion | Listing::Repair | Listing::Losses => Self::default(),
        }
    }
}

/// What came of storing an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was here before
    Known,
    News,
    /// News: the same header was here, and not signed by its kiosk
    Proved,
    /// News, and another envelope stands at its place
    Fork,
}

/// Stores envelopes, and says of each what came of it.
pub async fn add_all(
    connection: &mut Connection,
    new: &[NewEnvelope<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<Added>, DatabaseError> {
    let mut chains = Chains::around(connection, new).await?;
    let mut outcomes = Vec::with_capacity(new.len());
    let mut stored = Vec::with_capacity(new.len());
    let mut proved = Vec::new();
    for one in new {
        let outcome = chains.add(one)?;
        outcomes.push(outcome);
        match outcome {
            Added::Known => {}
            Added::Proved => proved.push(one),
            Added::News | Added::Fork => stored.push((one, one.header.hash(), sequence_of(one.header)?)),
        }
    }
    add_epochs(connection, &chains.new_epochs).await?;
    let mut in_order = stored.clone();
    in_order.sort_by_key(|(_, _, sequence)| *sequence);
    // Before an envelope nothing is missing when nothing is before the one before it; so the first come first.
    let rooted: HashSet<HeaderHash> =
        in_order.iter().filter(|(one, ..)| chains.root(one.header)).map(|(_, hash, _)| *hash).collect();
    let insert = "INSERT INTO envelope (header_hash, kiosk, epoch, sequence, previous, rooted, aside, damage, bytes, received_at,
         request, tracking_number, erased_at)";
    rows::insert_all(connection, insert, &stored, "", |values, (one, hash, sequence)| {
        let NewEnvelope { header, bytes, keeping, about, is_erased } = one;
        values.push_bind(hash.0.to_vec()).push_bind(i64::from(header.kiosk.get())).push_bind(header.epoch.0.to_vec());
        values.push_bind(*sequence).push_bind(header.previous.0.to_vec());
        values.push_bind(i64::from(rooted.contains(hash)));
        values.push_bind(keeping.aside.map(Aside::as_str)).push_bind(keeping.damage);
        values.push_bind(bytes).push_bind(rows::millis(now));
        values.push_bind(about.request.map(|request| request.to_string()));
        values.push_bind(about.tracking_number.map(|number| number.to_string()));
        values.push_bind(is_erased.then(|| rows::millis(now)));
    })
    .await?;
    for (one, hash, sequence) in in_order {
        if !rooted.contains(&hash) {
            continue;
        }
        let position = (one.header.kiosk, one.header.epoch, sequence);
        if chains.is_waited_for(one.header) {
            root_behind(connection, vec![(position, hash)]).await?;
        }
        if chains.reaches_a_loss(position) {
            let behind = losses::reach(connection, position).await?;
            root_behind(connection, behind).await?;
        }
    }
    for one in proved {
        put_in_place_of_forged(connection, one, now).await?;
    }
    Ok(outcomes)
}

/// Keeps what a kiosk names as lost: what came behind it has everything before it from now on.
pub async fn note_losses(
    connection: &mut Connection,
    kiosk: KioskNumber,
    ranges: &[LostRange],
) -> Result<(), DatabaseError> {
    let behind = losses::note(connection, kiosk, ranges).await?;
    root_behind(connection, behind).await
}

/// The signature isn't part of what a header's hash covers: whoever forges it takes the place of the honest envelope's row,
/// until that one comes.
async fn put_in_place_of_forged(
    connection: &mut Connection,
    one: &NewEnvelope<'_>,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let NewEnvelope { header, bytes, keeping, about, is_erased } = one;
    sqlx::query(
        "UPDATE envelope SET bytes = $2, aside = $3, damage = $4, request = $5, tracking_number = $6, erased_at = $7,
         received_at = $8, backed_up = 0 WHERE header_hash = $1",
    )
    .bind(header.hash().0.to_vec())
    .bind(bytes)
    .bind(keeping.aside.map(Aside::as_str))
    .bind(keeping.damage)
    .bind(about.request.map(|request| request.to_string()))
    .bind(about.tracking_number.map(|number| number.to_string()))
    .bind(is_erased.then(|| rows::millis(now)))
    .bind(rows::millis(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes epochs of which nothing was here, in the order in which they were heard of.
async fn add_epochs(connection: &mut Connection, epochs: &[(KioskNumber, Epoch)]) -> Result<(), DatabaseError> {
    let insert = "INSERT INTO kiosk_epoch (kiosk, epoch)";
    let known = "ON CONFLICT (kiosk, epoch) DO NOTHING";
    rows::insert_all(connection, insert, epochs, known, |values, (kiosk, epoch)| {
        values.push_bind(i64::from(kiosk.get())).push_bind(epoch.0.to_vec());
    })
    .await?;
    Ok(())
}

/// How many of these envelopes are here.
pub async fn count_known(connection: &mut Connection, headers: &[HeaderHash]) -> Result<usize, DatabaseError> {
    let mut select = QueryBuilder::new("SELECT COUNT(*) FROM envelope WHERE header_hash");
    rows::push_in(&mut select, headers.iter().map(|hash| hash.0.to_vec()));
    let count: i64 = select.build_query_scalar().persistent(false).fetch_one(connection).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Where an envelope stands in which chain.
pub type Position = (KioskNumber, Epoch, i64);

/// Envelopes and losses around some places of chains.
struct Chains {
    links: HashMap<Position, Vec<Link>>,
    losses: HashMap<(KioskNumber, Epoch), Vec<Loss>>,
    /// Of which nothing is here around the new envelopes; mostly because nothing is here at all
    new_epochs: Vec<(KioskNumber, Epoch)>,
}

struct Link {
    hash: HeaderHash,
    previous: HeaderHash,
    rooted: bool,
    is_new: bool,
    is_forged: bool,
}

impl Chains {
    /// What is stored at the places of new envelopes, before them and behind them.
    async fn around(connection: &mut Connection, new: &[NewEnvelope<'_>]) -> Result<Self, DatabaseError> {
        let mut places: BTreeMap<(KioskNumber, Epoch), BTreeSet<i64>> = BTreeMap::new();
        for NewEnvelope { header, .. } in new {
            let sequence = sequence_of(header)?;
            let around = [sequence.saturating_sub(1), sequence, sequence.saturating_add(1)];
            places.entry((header.kiosk, header.epoch)).or_default().extend(around);
        }
        let (mut links, mut lost) = (HashMap::new(), HashMap::new());
        let mut new_epochs = Vec::new();
        for ((kiosk, epoch), sequences) in places {
            lost.insert((kiosk, epoch), losses::of_epoch(connection, kiosk, epoch).await?);
            let mut select = QueryBuilder::<Sqlite>::new(
                "SELECT sequence, header_hash, previous, rooted, aside FROM envelope WHERE kiosk = ",
            );
            select.push_bind(i64::from(kiosk.get())).push(" AND epoch = ").push_bind(epoch.0.to_vec());
            select.push(" AND sequence IN (");
            let mut list = select.separated(", ");
            for sequence in sequences {
                list.push_bind(sequence);
            }
            list.push_unseparated(")");
            type Row = (i64, Vec<u8>, Vec<u8>, i64, Option<String>);
            let found: Vec<Row> = select.build_query_as().persistent(false).fetch_all(&mut *connection).await?;
            if found.is_empty() {
                new_epochs.push((kiosk, epoch));
            }
            for (sequence, hash, previous, rooted, aside) in found {
                let hash = HeaderHash(rows::bytes(hash, "a header's hash")?);
                let previous = HeaderHash(rows::bytes(previous, "a header's hash")?);
                let is_forged = aside.as_deref() == Some(FORGED);
                let link = Link { hash, previous, rooted: rooted == 1, is_new: false, is_forged };
                links.entry((kiosk, epoch, sequence)).or_insert_with(Vec::new).push(link);
            }
        }
        Ok(Self { links, losses: lost, new_epochs })
    }

    fn add(&mut self, new: &NewEnvelope<'_>) -> Result<Added, DatabaseError> {
        let header = new.header;
        let hash = header.hash();
        let is_forged = new.keeping.aside == Some(Aside::Forged);
        let links = self.links.entry((header.kiosk, header.epoch, sequence_of(header)?)).or_default();
        if let Some(link) = links.iter_mut().find(|link| link.hash == hash) {
            let is_proved_now = link.is_forged && !is_forged;
            link.is_forged &= is_forged;
            return Ok(if is_proved_now { Added::Proved } else { Added::Known });
        }
        let outcome = if links.is_empty() { Added::News } else { Added::Fork };
        links.push(Link { hash, previous: header.previous, rooted: false, is_new: true, is_forged });
        Ok(outcome)
    }

    /// Whether everything before this new envelope is here, or named as lost; kept for those behind it.
    fn root(&mut self, header: &Header) -> bool {
        let before = header.sequence.checked_sub(1);
        let is_rooted = before.is_none_or(|before| {
            let resumes = |loss: &Loss| {
                loss.reached && loss.last == before.cast_signed() && loss.resumes_after == header.previous
            };
            self.at(header, before).iter().any(|link| link.rooted && link.hash == header.previous)
                || self.losses_of(header.kiosk, header.epoch).iter().any(resumes)
        });
        let (hash, sequence) = (header.hash(), header.sequence.cast_signed());
        let links = self.links.get_mut(&(header.kiosk, header.epoch, sequence));
        if let Some(link) = links.and_then(|links| links.iter_mut().find(|link| link.hash == hash)) {
            link.rooted = is_rooted;
        }
        is_rooted
    }

    /// Whether a loss that wasn't reached begins before this place, or right behind it.
    fn reaches_a_loss(&self, (kiosk, epoch, sequence): Position) -> bool {
        self.losses_of(kiosk, epoch).iter().any(|loss| !loss.reached && loss.first <= sequence.saturating_add(1))
    }

    fn losses_of(&self, kiosk: KioskNumber, epoch: Epoch) -> &[Loss] {
        self.losses.get(&(kiosk, epoch)).map_or(&[], Vec::as_slice)
    }

    /// Whether an envelope behind this one came too early.
    fn is_waited_for(&self, header: &Header) -> bool {
        let hash = header.hash();
        let behind = self.at(header, header.sequence + 1);
        behind.iter().any(|link| !link.is_new && !link.rooted && link.previous == hash)
    }

    /// What stands at a place of the header's chain. The sequence fits: [`sequence_of`] was asked before.
    fn at(&self, header: &Header, sequence: u64) -> &[Link] {
        self.links.get(&(header.kiosk, header.epoch, sequence.cast_signed())).map_or(&[], Vec::as_slice)
    }
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
    Ok(by_kiosk(found))
}

/// How many envelopes of each kiosk that it hasn't signed came after a moment.
pub async fn count_forged_after(
    connection: &mut Connection,
    after: DateTime<Utc>,
) -> Result<BTreeMap<KioskNumber, u64>, DatabaseError> {
    let found: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT kiosk, COUNT(*) FROM envelope WHERE aside = $1 AND received_at > $2 GROUP BY kiosk ORDER BY kiosk",
    )
    .bind(FORGED)
    .bind(rows::millis(after))
    .fetch_all(connection)
    .await?;
    found.into_iter().map(|(kiosk, count)| Ok((rows::kiosk_number(kiosk)?, count.unsigned_abs()))).collect()
}

/// How many envelopes of each kiosk came though something before them is missing.
pub async fn count_behind_gaps(connection: &mut Connection) -> Result<BTreeMap<KioskNumber, u64>, DatabaseError> {
    let found: Vec<(i64, i64)> = sqlx::query_as("SELECT kiosk, COUNT(*) FROM envelope WHERE rooted = 0 GROUP BY kiosk")
        .fetch_all(connection)
        .await?;
    Ok(by_kiosk(found))
}

fn by_kiosk<Counts: FromIterator<(KioskNumber, u64)>>(found: Vec<(i64, i64)>) -> Counts {
    let count = |(kiosk, count): (i64, i64)| Ok((rows::kiosk_number(kiosk)?, count.unsigned_abs()));
    rows::readable(found, "envelopes by kiosk", count).into_iter().collect()
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

/// How far the chain of this header is held: from the header itself forward while there is one way to go, and past what the
/// kiosk names as lost.
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
        last = match next.as_slice() {
            [hash] => (last.0 + 1, *hash),
            [] => match behind_loss(connection, header.kiosk, header.epoch, last.0).await? {
                Some(behind) => behind,
                None => break,
            },
            _ => break,
        };
    }
    held(connection, header.kiosk, header.epoch, last).await.map(Some)
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
    .fetch_optional(&mut *connection)
    .await?;
    let Some((sequence, hash)) = farthest else { return Ok(None) };
    let hash = HeaderHash(rows::bytes(hash, "a header's hash")?);
    held(connection, kiosk, epoch, (sequence, hash)).await.map(Some)
}

/// The epochs of a kiosk of which the office heard last, the newest first; at most `limit`.
pub async fn newest_epochs(
    connection: &mut Connection,
    kiosk: KioskNumber,
    limit: usize,
) -> Result<Vec<Epoch>, DatabaseError> {
    let epochs: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT epoch FROM kiosk_epoch WHERE kiosk = $1 ORDER BY number DESC LIMIT $2")
            .bind(i64::from(kiosk.get()))
            .bind(limit as i64)
            .fetch_all(connection)
            .await?;
    epochs.into_iter().map(|epoch| Ok(Epoch(rows::bytes(epoch, "an epoch")?))).collect()
}

/// The sequence as the database counts; no kiosk writes 2⁶³ envelopes.
fn sequence_of(header: &Header) -> Result<i64, DatabaseError> {
    i64::try_from(header.sequence).map_err(|_| rows::damaged("a sequence"))
}

/// Everything through these places is here, or lost: those behind them that arrived too early have everything before them.
async fn root_behind(
    connection: &mut Connection,
    mut reached: Vec<(Position, HeaderHash)>,
) -> Result<(), DatabaseError> {
    while let Some(((kiosk, epoch, sequence), hash)) = reached.pop() {
        let mut is_last = true;
        for next in successors(connection, kiosk, epoch, sequence, hash).await? {
            let done = sqlx::query("UPDATE envelope SET rooted = 1 WHERE header_hash = $1 AND rooted = 0")
                .bind(next.0.to_vec())
                .execute(&mut *connection)
                .await?;
            if done.rows_affected() > 0 {
                reached.push(((kiosk, epoch, sequence + 1), next));
                is_last = false;
            }
        }
        if is_last {
            reached.extend(losses::reach(connection, (kiosk, epoch, sequence)).await?);
        }
    }
    Ok(())
}

/// The one envelope behind what is lost from right behind this place on.
async fn behind_loss(
    connection: &mut Connection,
    kiosk: KioskNumber,
    epoch: Epoch,
    sequence: i64,
) -> Result<Option<(i64, HeaderHash)>, DatabaseError> {
    for loss in losses::of_epoch(connection, kiosk, epoch).await? {
        if loss.reached && loss.first <= sequence.saturating_add(1) && loss.last > sequence {
            let behind = successors(connection, kiosk, epoch, loss.last, loss.resumes_after).await?;
            if let [hash] = behind.as_slice() {
                return Ok(Some((loss.last + 1, *hash)));
            }
        }
    }
    Ok(None)
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

/// How far an epoch is held, and how far of that a backup holds it: everything before the first of its envelopes that no
/// backup holds yet. Where two stand at one place, the one that came last decides, so that no more is said than is true.
async fn held(
    connection: &mut Connection,
    kiosk: KioskNumber,
    epoch: Epoch,
    (sequence, head): (i64, HeaderHash),
) -> Result<Held, DatabaseError> {
    let not_yet: Option<i64> =
        sqlx::query_scalar("SELECT MIN(sequence) FROM envelope WHERE kiosk = $1 AND epoch = $2 AND backed_up = 0")
            .bind(i64::from(kiosk.get()))
            .bind(epoch.0.to_vec())
            .fetch_one(connection)
            .await?;
    let backed_up = not_yet.map_or(sequence, |not_yet| sequence.min(not_yet - 1));
    // A stored sequence is never negative; before the first one there is nothing that could be backed up.
    Ok(Held {
        epoch,
        sequence: sequence.unsigned_abs(),
        head,
        backed_up_through: (backed_up >= 0).then(|| backed_up.unsigned_abs()),
    })
}

/// What one envelope holds, as it came or as it is left.
pub struct StoredEnvelope {
    pub header_hash: HeaderHash,
    pub kiosk: KioskNumber,
    pub previous: HeaderHash,
    pub bytes: Vec<u8>,
    /// [`Aside::Forged`]
    pub is_forged: bool,
}

/// A page of all envelopes, in the order of their hashes, behind one.
pub async fn page_after(
    connection: &mut Connection,
    after: Option<HeaderHash>,
    limit: u32,
) -> Result<Vec<StoredEnvelope>, DatabaseError> {
    type Row = (Vec<u8>, i64, Vec<u8>, Vec<u8>, Option<String>);
    let found: Vec<Row> = sqlx::query_as(
        "SELECT header_hash, kiosk, previous, bytes, aside FROM envelope WHERE header_hash > $1
         ORDER BY header_hash LIMIT $2",
    )
    .bind(after.map(|hash| hash.0.to_vec()).unwrap_or_default())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    let stored = |(hash, kiosk, previous, bytes, aside): Row| {
        Ok(StoredEnvelope {
            header_hash: HeaderHash(rows::bytes(hash, "a header's hash")?),
            kiosk: rows::kiosk_number(kiosk)?,
            previous: HeaderHash(rows::bytes(previous, "a header's hash")?),
            bytes,
            is_forged: aside.as_deref() == Some(FORGED),
        })
    };
    found.into_iter().map(stored).collect()
}

/// Writes down what envelopes of an earlier program are about.
pub(super) async fn say_what_all_are_about(connection: &mut Connection) -> Result<(), DatabaseError> {
    const PAGE: u32 = 500;
    let mut last = None;
    loop {
        let page = page_after(connection, last, PAGE).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = Some(end.header_hash);
        for stored in &page {
            // What can't be read says nothing, and was never made a request of.
            let Ok(listing) = Envelope::decode_any_version(&stored.bytes).and_then(|envelope| envelope.listing())
            else {
                continue;
            };
            let About { request, tracking_number } = About::of(&listing);
            sqlx::query("UPDATE envelope SET request = $2, tracking_number = $3 WHERE header_hash = $1")
                .bind(stored.header_hash.0.to_vec())
                .bind(request.map(|request| request.to_string()))
                .bind(tracking_number.map(|number| number.to_string()))
                .execute(&mut *connection)
                .await?;
        }
    }
}

/// Replaces the parts of all envelopes about a request, and where `number` is given of all about that tracking number, by
/// their hashes. Signature and chain still verify; nothing can be opened any more. How many it were.
pub async fn erase_about(
    connection: &mut Connection,
    request: RequestId,
    number: Option<TrackingNumber>,
    now: DateTime<Utc>,
) -> Result<usize, DatabaseError> {
    let found: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT header_hash, bytes FROM envelope
         WHERE erased_at IS NULL AND (request = $1 OR (tracking_number = $2 AND request IS NULL))",
    )
    .bind(request.to_string())
    .bind(number.map(|number| number.to_string()))
    .fetch_all(&mut *connection)
    .await?;
    for (hash, bytes) in &found {
        replace_by_hashes(connection, hash, bytes, now).await?;
    }
    Ok(found.len())
}

/// The same for one envelope, where it is here.
pub async fn erase_one(connection: &mut Connection, hash: HeaderHash, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let select = "SELECT bytes FROM envelope WHERE header_hash = $1 AND erased_at IS NULL";
    let found: Option<Vec<u8>> =
        sqlx::query_scalar(select).bind(hash.0.to_vec()).fetch_optional(&mut *connection).await?;
    match found {
        Some(bytes) => replace_by_hashes(connection, &hash.0, &bytes, now).await,
        None => Ok(()),
    }
}

async fn replace_by_hashes(
    connection: &mut Connection,
    hash: &[u8],
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let envelope = Envelope::decode_any_version(bytes).map_err(|_| rows::damaged("an envelope"))?;
    sqlx::query(
        "UPDATE envelope SET bytes = $2, erased_at = $3, aside = CASE WHEN aside = $4 THEN aside END, damage = NULL
         WHERE header_hash = $1",
    )
    .bind(hash)
    .bind(ErasedEnvelope::of(&envelope).encode())
    .bind(rows::millis(now))
    .bind(FORGED)
    .execute(connection)
    .await?;
    Ok(())
}
