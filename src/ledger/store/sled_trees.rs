//! The trees in sled. Few of them, and small values, as sled likes them; the cache is bounded.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use sled::Db;
use sled::transaction::{TransactionError, Transactional};

use super::StoreError;
use super::trees::{Batch, Entries, Keys, Tree, Trees};

/// sled's page cache; its own default is 1 GiB. It holds more than the newest envelopes, and a larger one only makes the
/// process larger (16 MiB: 79 MB after 100,000 envelopes; 4 MiB: half of that).
const CACHE_BYTES: u64 = 4 * 1024 * 1024;
/// How often sled's flusher writes behind the journal.
const FLUSH_EVERY_MS: u64 = 1000;
/// A store that was closed a moment ago in this process still holds its lock: sled lets go of it on a thread of its own.
/// No other process can hold it: the kiosk's own lock keeps them out.
const LOCK_WAIT: Duration = Duration::from_secs(5);
const LOCK_ASK_EVERY: Duration = Duration::from_millis(20);

pub struct SledTrees {
    db: Db,
    /// In the order of [`Tree::ALL`]
    trees: [sled::Tree; Tree::ALL.len()],
}

impl SledTrees {
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let config = sled::Config::default()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .mode(sled::Mode::HighThroughput);
        let db = open_once_let_go(&config)?;
        let [envelopes, requests, receipts, unprinted, told, state] = Tree::ALL.map(|tree| db.open_tree(tree.name()));
        let trees = [envelopes?, requests?, receipts?, unprinted?, told?, state?];
        Ok(Self { db, trees })
    }

    fn tree(&self, tree: Tree) -> &sled::Tree {
        &self.trees[tree as usize]
    }
}

impl Trees for SledTrees {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tree(tree).get(key)?.map(|value| value.to_vec()))
    }

    fn range(&self, tree: Tree, keys: Keys) -> Entries<'_> {
        Box::new(self.tree(tree).range(keys).map(|entry| {
            let (key, value) = entry?;
            Ok((key.to_vec(), value.to_vec()))
        }))
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut batches: BTreeMap<Tree, sled::Batch> = BTreeMap::new();
        for (tree, key, change) in batch.into_changes() {
            let batch = batches.entry(tree).or_default();
            match change {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        if batches.len() <= 1 {
            return Ok(batches.into_iter().try_for_each(|(tree, batch)| self.tree(tree).apply_batch(batch))?);
        }
        let trees: Vec<&sled::Tree> = batches.keys().map(|tree| self.tree(*tree)).collect();
        let written = trees.as_slice().transaction(|trees| {
            for (tree, batch) in trees.iter().zip(batches.values()) {
                tree.apply_batch(batch)?;
            }
            Ok(())
        });
        written.map_err(|error: TransactionError<sled::Error>| match error {
            TransactionError::Abort(error) | TransactionError::Storage(error) => error.into(),
        })
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush()?;
        Ok(())
    }
}

/// Opens sled, and waits a little where its lock is still held.
fn open_once_let_go(config: &sled::Config) -> sled::Result<Db> {
    let until = Instant::now() + LOCK_WAIT;
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if is_held(&error) && Instant::now() < until => {
                std::thread::sleep(LOCK_ASK_EVERY);
            }
            other => return other,
        }
    }
}

/// sled tells of a held lock by its words only.
fn is_held(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::Other && error.to_string().contains("could not acquire lock")
}
