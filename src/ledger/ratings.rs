//! Ratings at the kiosk: one small file, sorted by random ids and replaced whole, so that neither its order nor its
//! times link a rating to a visit (P13). Each rating is sealed to the office before it comes here.
//!
//! A batch that was sent is **kept**, as it was sent, until a backup of the office holds it, at most [`KEPT_DAYS`]: an office
//! that was restored from an earlier backup gets it again under the same id. The file says of it nothing but what it is:
//! since when it is kept, and from which backup on it may go, stand in memory only, and begin anew with the program.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::disk;
use super::value_file::{self, Found};
use crate::domain::rating::{Rating, iso_week};
use crate::domain::tracking_number::TrackingNumber;
use crate::replication::wire::{BATCH_RATINGS_MAX, Incarnation, RatingBatch, SealedRating};
use crate::seal::keys::{SealingKey, random, sha256};
use crate::seal::sealing::{self, SealingError};

/// Ratings that wait longer than this leave as "all services".
const WAIT_DAYS: i64 = 30;

#[derive(Debug, thiserror::Error)]
pub enum RatingsError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("this receipt has already been used for a rating")]
    AlreadyRated,
    #[error("the rating can't be kept: {0}")]
    Encoding(#[from] postcard::Error),
    #[error(transparent)]
    Sealing(#[from] SealingError),
}

/// A batch that was sent is kept for so many days at most, counted from the newest of its weeks.
const KEPT_DAYS: i64 = 90;
/// The office makes its backups one after the other: what it held when it said their number is in the second after it.
const BACKUPS_UNTIL_HELD: u64 = 2;

/// The ratings that wait, and the receipts that were used.
pub struct Ratings {
    path: PathBuf,
    content: Content,
    /// Which database the office has, as it was last heard
    heard: Option<Incarnation>,
    /// How many backups the office had made when it was first heard after each kept batch was sent
    backups_at: BTreeMap<[u8; 16], u64>,
    /// Kept batches that the office's database may lack
    again: BTreeSet<[u8; 16]>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Content {
    /// By random id
    waiting: BTreeMap<[u8; 16], Waiting>,
    /// Hashes of the tracking numbers whose receipts were used; known to kiosks only
    used: BTreeSet<[u8; 16]>,
    /// The batch that is on its way; sent again as it is until the office has it
    outgoing: Option<RatingBatch>,
    /// Batches that the office has, by their random id, without it
    kept: BTreeMap<[u8; 16], KeptBatch>,
    /// The office's database that has the kept batches
    sent_to: Option<Incarnation>,
}

/// The file as earlier versions wrote it.
#[derive(Deserialize)]
struct EarlierContent {
    waiting: BTreeMap<[u8; 16], Waiting>,
    used: BTreeSet<[u8; 16]>,
    outgoing: Option<RatingBatch>,
}

impl Content {
    fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok().or_else(|| {
            let EarlierContent { waiting, used, outgoing } = postcard::from_bytes(bytes).ok()?;
            Some(Self { waiting, used, outgoing, kept: BTreeMap::new(), sent_to: None })
        })
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct KeptBatch {
    service: Option<String>,
    ratings: Vec<SealedRating>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    service: String,
    iso_week: String,
    sealed: Vec<u8>,
}

impl Ratings {
    /// Reads the file. One that can't be read is set aside: ratings are no reason to close the kiosk.
    pub fn open(folder: &Path) -> Result<Self, RatingsError> {
        let path = folder.join("ratings");
        let failed = |source| RatingsError::Io { path: path.clone(), source };
        let content = match value_file::read_by(&path, Content::decode).map_err(failed)? {
            Found::Missing => Content::default(),
            Found::Sound(content) => content,
            Found::Damaged => {
                let aside = path.with_extension("damaged");
                tracing::error!("the file of ratings is damaged and was set aside as {}", aside.display());
                disk::rename(&path, &aside).map_err(failed)?;
                Content::default()
            }
        };
        Ok(Self { path, content, heard: None, backups_at: BTreeMap::new(), again: BTreeSet::new() })
    }

    /// Looks at the file without changing anything.
    pub fn is_damaged(folder: &Path) -> io::Result<bool> {
        Ok(matches!(value_file::read_by(&folder.join("ratings"), Content::decode)?, Found::Damaged))
    }

    pub fn is_used(&self, number: TrackingNumber) -> bool {
        self.content.used.contains(&used_hash(number))
    }

    /// Keeps a rating; with a receipt, that receipt can't be used again.
    pub fn add(
        &mut self,
        to: &SealingKey,
        service: &str,
        rating: &Rating,
        receipt: Option<TrackingNumber>,
        today: NaiveDate,
    ) -> Result<(), RatingsError> {
        if receipt.is_some_and(|number| self.is_used(number)) {
            return Err(RatingsError::AlreadyRated);
        }
        let id = random();
        let iso_week = iso_week(today);
        let text = SealedRating::encode(rating)?;
        let sealed = sealing::seal(to, &SealedRating::associated(&id, &iso_week), &text)?;
        self.change(|content| {
            content.waiting.insert(id, Waiting { service: service.to_owned(), iso_week, sealed });
            content.used.extend(receipt.map(used_hash));
        })
    }

    /// Takes the office's word on which database it has and how many backups it has made. What a backup holds is no longer
    /// kept; what another database may lack leaves again. `today` is `None` while the clock isn't trusted: then no batch goes
    /// for its age.
    pub fn hear(
        &mut self,
        incarnation: Incarnation,
        backups: Option<u64>,
        today: Option<NaiveDate>,
    ) -> Result<(), RatingsError> {
        if self.heard != Some(incarnation) {
            self.heard = Some(incarnation);
            self.backups_at.clear();
            let is_another = self.content.sent_to != Some(incarnation);
            self.again = if is_another { self.content.kept.keys().copied().collect() } else { BTreeSet::new() };
        }
        let mut held = BTreeSet::new();
        for (id, kept) in &self.content.kept {
            if self.again.contains(id) {
                continue;
            }
            if let Some(backups) = backups {
                let at = *self.backups_at.entry(*id).or_insert(backups);
                if backups >= at.saturating_add(BACKUPS_UNTIL_HELD) {
                    held.insert(*id);
                }
            }
            let oldest = today.map(|today| iso_week(today - TimeDelta::days(KEPT_DAYS)));
            if oldest.is_some_and(|oldest| kept.ratings.iter().all(|rating| rating.iso_week < oldest)) {
                held.insert(*id);
            }
        }
        if !held.is_empty() {
            self.change(|content| content.kept.retain(|id, _| !held.contains(id)))?;
            self.backups_at.retain(|id, _| !held.contains(id));
        }
        Ok(())
    }

    /// The next batch that is to leave: first those that the office's database may lack since it was restored, then at least `minimum` ratings of one service, or those of all services that have
    /// waited a month, if they are that many.
    pub fn next_batch(&mut self, minimum: usize, today: NaiveDate) -> Result<Option<RatingBatch>, RatingsError> {
        if let Some(id) = self.again.first()
            && let Some(KeptBatch { service, ratings }) = self.content.kept.get(id).cloned()
        {
            return Ok(Some(RatingBatch { id: *id, service, ratings }));
        }
        if self.content.outgoing.is_none() {
            let Some((service, ids)) = self.ready(minimum.max(1), today) else { return Ok(None) };
            self.change(|content| {
                let ratings = ids.into_iter().filter_map(|id| {
                    let waiting = content.waiting.remove(&id)?;
                    Some(SealedRating { id, iso_week: waiting.iso_week, sealed: waiting.sealed })
                });
                let ratings = ratings.collect();
                content.outgoing = Some(RatingBatch { id: random(), service, ratings });
            })?;
        }
        Ok(self.content.outgoing.clone())
    }

    /// A batch is on its way, or may leave.
    pub fn has_to_send(&self, minimum: usize, today: NaiveDate) -> bool {
        !self.again.is_empty() || self.content.outgoing.is_some() || self.ready(minimum.max(1), today).is_some()
    }

    /// The office has the batch.
    pub fn sent(&mut self, batch: [u8; 16]) -> Result<(), RatingsError> {
        let heard = self.heard;
        if self.again.contains(&batch) {
            if self.again.len() == 1 {
                self.change(|content| content.sent_to = heard)?;
            }
            self.again.remove(&batch);
        } else if self.content.outgoing.as_ref().is_some_and(|outgoing| outgoing.id == batch) {
            self.change(|content| {
                if let Some(RatingBatch { id, service, ratings }) = content.outgoing.take() {
                    content.kept.insert(id, KeptBatch { service, ratings });
                    content.sent_to = heard;
                }
            })?;
        }
        Ok(())
    }

    fn ready(&self, minimum: usize, today: NaiveDate) -> Option<(Option<String>, Vec<[u8; 16]>)> {
        let mut by_service: BTreeMap<&str, Vec<[u8; 16]>> = BTreeMap::new();
        for (id, waiting) in &self.content.waiting {
            by_service.entry(&waiting.service).or_default().push(*id);
        }
        let enough = by_service.into_iter().find(|(_, ids)| ids.len() >= minimum);
        if let Some((service, mut ids)) = enough {
            ids.truncate(BATCH_RATINGS_MAX);
            return Some((Some(service.to_owned()), ids));
        }
        // ISO weeks of the same form sort as text.
        let oldest = iso_week(today - TimeDelta::days(WAIT_DAYS));
        let old = self.content.waiting.iter().filter(|(_, waiting)| waiting.iso_week < oldest);
        let ids: Vec<_> = old.map(|(id, _)| *id).take(BATCH_RATINGS_MAX).collect();
        (ids.len() >= minimum).then_some((None, ids))
    }

    /// Changes the content and replaces the file whole; on an error both stay as they were.
    fn change(&mut self, change: impl FnOnce(&mut Content)) -> Result<(), RatingsError> {
        let mut content = self.content.clone();
        change(&mut content);
        let failed = |source| RatingsError::Io { path: self.path.clone(), source };
        value_file::replace(&self.path, &content).map_err(failed)?;
        self.content = content;
        Ok(())
    }
}

fn used_hash(number: TrackingNumber) -> [u8; 16] {
    let hash = sha256(&[b"istiqbal rated 1", number.to_string().as_bytes()]);
    let mut first = [0; 16];
    first.copy_from_slice(&hash[..16]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rating::Face;
    use crate::domain::tracking_number::KioskNumber;
    use crate::seal::keys::OfficeKeys;
    use crate::seal::seed::Seed;

    #[test]
    fn ratings_leave_in_batches_and_a_receipt_rates_once() {
        let folder = tempfile::tempdir().unwrap();
        let office = OfficeKeys::from_seed(&Seed::fixed(1));
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        let number = TrackingNumber::new(KioskNumber::try_from(1).unwrap(), 5);
        let rating = Rating { face: Face::try_from(4).unwrap(), reasons: vec!["fast".into()] };
        let mut ratings = Ratings::open(folder.path()).unwrap();
        let key = office.sealing_key();
        ratings.add(&key, "rent", &rating, Some(number), today).unwrap();
        let again = ratings.add(&key, "rent", &rating, Some(number), today);
        assert!(matches!(again, Err(RatingsError::AlreadyRated)));
        assert!(ratings.next_batch(2, today).unwrap().is_none());
        ratings.add(&key, "rent", &rating, None, today).unwrap();
        let batch = ratings.next_batch(2, today).unwrap().unwrap();
        assert_eq!((batch.service.as_deref(), batch.ratings.len()), (Some("rent"), 2));
        let first = &batch.ratings[0];
        let opened =
            sealing::open(&office, &SealedRating::associated(&first.id, &first.iso_week), &first.sealed).unwrap();
        assert_eq!(SealedRating::decode(&opened).unwrap(), rating);

        // The same batch again until the office has it, also after a restart.
        let mut ratings = Ratings::open(folder.path()).unwrap();
        assert!(ratings.is_used(number));
        assert_eq!(ratings.next_batch(2, today).unwrap().unwrap().id, batch.id);
        ratings.sent(batch.id).unwrap();
        assert!(ratings.next_batch(2, today).unwrap().is_none());
    }

    fn batch_of_two(ratings: &mut Ratings, today: NaiveDate) -> RatingBatch {
        let key = OfficeKeys::from_seed(&Seed::fixed(1)).sealing_key();
        let rating = Rating { face: Face::try_from(2).unwrap(), reasons: vec![] };
        for _ in 0..2 {
            ratings.add(&key, "rent", &rating, None, today).unwrap();
        }
        ratings.next_batch(2, today).unwrap().unwrap()
    }

    const BEFORE: Incarnation = Incarnation([1; 16]);
    const RESTORED: Incarnation = Incarnation([2; 16]);

    /// A batch that was sent goes only when a backup holds it; an office restored before that gets it again, as it was.
    #[test]
    fn a_sent_batch_is_kept_until_a_backup_holds_it_and_leaves_again_for_a_restored_office() {
        let folder = tempfile::tempdir().unwrap();
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        let mut ratings = Ratings::open(folder.path()).unwrap();
        ratings.hear(BEFORE, Some(7), Some(today)).unwrap();
        let [one, two] = [0; 2].map(|_| {
            let batch = batch_of_two(&mut ratings, today);
            ratings.sent(batch.id).unwrap();
            batch
        });
        assert!(ratings.next_batch(2, today).unwrap().is_none());
        // The eighth may have been under way when the batches came; so these numbers say nothing, in one run or several.
        for backups in [7, 8] {
            ratings.hear(BEFORE, Some(backups), Some(today)).unwrap();
            assert_eq!(ratings.content.kept.len(), 2);
        }
        let mut ratings = Ratings::open(folder.path()).unwrap();
        ratings.hear(BEFORE, Some(8), Some(today)).unwrap();
        assert!(!ratings.has_to_send(2, today));

        // Restored: both leave again as they were, also where the kiosk stops in between.
        ratings.hear(RESTORED, Some(3), Some(today)).unwrap();
        assert!(ratings.has_to_send(2, today));
        let first = ratings.next_batch(2, today).unwrap().unwrap();
        ratings.sent(first.id).unwrap();
        let mut ratings = Ratings::open(folder.path()).unwrap();
        ratings.hear(RESTORED, Some(3), Some(today)).unwrap();
        let mut again = BTreeMap::new();
        while let Some(batch) = ratings.next_batch(2, today).unwrap() {
            ratings.sent(batch.id).unwrap();
            again.insert(batch.id, batch);
        }
        assert_eq!(again.len(), 2);
        for batch in [one, two] {
            let sent = &again[&batch.id];
            assert_eq!((&sent.service, &sent.ratings), (&batch.service, &batch.ratings));
        }
        // Its count goes on from where the backup was: the second backup from now on holds them.
        for (backups, kept) in [(3, 2), (4, 2), (5, 0)] {
            ratings.hear(RESTORED, Some(backups), Some(today)).unwrap();
            assert_eq!(ratings.content.kept.len(), kept, "{backups}");
        }
        assert!(Ratings::open(folder.path()).unwrap().content.kept.is_empty());
    }

    /// An office of an earlier version names no backups: then a batch goes by its age, by a clock that is trusted.
    #[test]
    fn a_sent_batch_is_kept_for_ninety_days_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        let mut ratings = Ratings::open(folder.path()).unwrap();
        ratings.hear(BEFORE, None, Some(today)).unwrap();
        let batch = batch_of_two(&mut ratings, today);
        ratings.sent(batch.id).unwrap();
        for (days, trusted, kept) in [(80, true, 1), (5000, false, 1), (98, true, 0)] {
            let day = trusted.then(|| today + TimeDelta::days(days));
            ratings.hear(BEFORE, None, day).unwrap();
            assert_eq!(ratings.content.kept.len(), kept, "{days}");
        }
    }

    /// The file as earlier versions wrote it: three fields.
    #[test]
    fn an_earlier_file_opens() {
        let folder = tempfile::tempdir().unwrap();
        let number = TrackingNumber::new(KioskNumber::try_from(1).unwrap(), 5);
        let waiting = |week: &str| Waiting { service: "rent".into(), iso_week: week.into(), sealed: vec![1] };
        let rating = SealedRating { id: [4; 16], iso_week: "2026-W47".into(), sealed: vec![2; 60] };
        let outgoing = RatingBatch { id: [3; 16], service: None, ratings: vec![rating] };
        let earlier = (
            BTreeMap::from([([1; 16], waiting("2026-W48")), ([2; 16], waiting("2026-W47"))]),
            BTreeSet::from([used_hash(number)]),
            Some(outgoing),
        );
        value_file::replace(&folder.path().join("ratings"), &earlier).unwrap();
        assert!(!Ratings::is_damaged(folder.path()).unwrap());
        let mut ratings = Ratings::open(folder.path()).unwrap();
        assert!(ratings.is_used(number) && ratings.content.waiting.len() == 2);
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        ratings.hear(BEFORE, Some(1), Some(today)).unwrap();
        assert_eq!(ratings.next_batch(2, today).unwrap().unwrap().id, [3; 16]);
        ratings.sent([3; 16]).unwrap();
        assert_eq!(ratings.content.kept.len(), 1);
    }

    #[test]
    fn after_a_month_they_leave_as_all_services() {
        let folder = tempfile::tempdir().unwrap();
        let key = OfficeKeys::from_seed(&Seed::fixed(1)).sealing_key();
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        let rating = Rating { face: Face::try_from(2).unwrap(), reasons: vec![] };
        let mut ratings = Ratings::open(folder.path()).unwrap();
        ratings.add(&key, "rent", &rating, None, today).unwrap();
        ratings.add(&key, "clothes", &rating, None, today).unwrap();
        assert!(ratings.next_batch(2, today).unwrap().is_none());
        let batch = ratings.next_batch(2, today + TimeDelta::days(45)).unwrap().unwrap();
        assert_eq!((batch.service, batch.ratings.len()), (None, 2));
    }

    #[test]
    fn a_damaged_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ratings"), b"garbage").unwrap();
        assert!(Ratings::open(folder.path()).is_ok());
        assert!(folder.path().join("ratings.damaged").exists());
    }
}
