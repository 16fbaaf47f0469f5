//! Ratings at the kiosk: one small file, sorted by random ids and replaced whole, so that neither its order nor its
//! times link a rating to a visit (P13). Each rating is sealed to the office before it comes here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::value_file::{self, Found};
use crate::domain::rating::{Rating, iso_week};
use crate::domain::tracking_number::TrackingNumber;
use crate::replication::wire::{BATCH_RATINGS_MAX, RatingBatch, SealedRating};
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

/// The ratings that wait, and the receipts that were used.
pub struct Ratings {
    path: PathBuf,
    content: Content,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Content {
    /// By random id
    waiting: BTreeMap<[u8; 16], Waiting>,
    /// Hashes of the tracking numbers whose receipts were used; known to kiosks only
    used: BTreeSet<[u8; 16]>,
    /// The batch that is on its way; sent again as it is until the office has it
    outgoing: Option<RatingBatch>,
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
        let content = match value_file::read(&path).map_err(failed)? {
            Found::Missing => Content::default(),
            Found::Sound(content) => content,
            Found::Damaged => {
                let aside = path.with_extension("damaged");
                tracing::error!("the file of ratings is damaged and was set aside as {}", aside.display());
                fs::rename(&path, &aside).map_err(failed)?;
                Content::default()
            }
        };
        Ok(Self { path, content })
    }

    /// Looks at the file without changing anything.
    pub fn is_damaged(folder: &Path) -> io::Result<bool> {
        Ok(matches!(value_file::read::<Content>(&folder.join("ratings"))?, Found::Damaged))
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

    /// The next batch that may leave: at least `minimum` ratings of one service, or those of all services that have
    /// waited a month, if they are that many.
    pub fn next_batch(&mut self, minimum: usize, today: NaiveDate) -> Result<Option<RatingBatch>, RatingsError> {
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
        self.content.outgoing.is_some() || self.ready(minimum.max(1), today).is_some()
    }

    /// The office has the batch.
    pub fn sent(&mut self, batch: [u8; 16]) -> Result<(), RatingsError> {
        if self.content.outgoing.as_ref().is_some_and(|outgoing| outgoing.id == batch) {
            self.change(|content| content.outgoing = None)?;
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
        fs::write(folder.path().join("ratings"), b"garbage").unwrap();
        assert!(Ratings::open(folder.path()).is_ok());
        assert!(folder.path().join("ratings.damaged").exists());
    }
}
