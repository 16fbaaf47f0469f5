//! The trees of the store: named maps of bytes, in the order of their keys, that change together or not at all.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::StoreError;

/// A tree of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// (epoch, sequence) → envelope
    Envelopes,
    /// tracking number → [`super::RequestEntry`], computed from the envelopes
    Requests,
    /// tracking number → [`super::ReceiptEntry`], computed from the envelopes
    Receipts,
    /// The tracking numbers of receipts that failed; and of the last request, as long as nothing was printed for it
    Unprinted,
    /// tracking number → [`super::Told`], from the office
    Told,
    /// Single values: `applied`, `cursor`, `office time`, and `acknowledged` with an epoch
    State,
}

impl Tree {
    pub const ALL: [Self; 6] =
        [Self::Envelopes, Self::Requests, Self::Receipts, Self::Unprinted, Self::Told, Self::State];

    pub fn name(self) -> &'static str {
        match self {
            Self::Envelopes => "envelopes",
            Self::Requests => "requests",
            Self::Receipts => "receipts",
            Self::Unprinted => "unprinted",
            Self::Told => "told",
            Self::State => "state",
        }
    }
}

/// From one key to another.
pub type Keys = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// All keys of a tree.
pub const ALL_KEYS: Keys = (Bound::Unbounded, Bound::Unbounded);

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);
pub type Entries<'a> = Box<dyn DoubleEndedIterator<Item = Result<Entry, StoreError>> + 'a>;

/// Keeps the trees. What was written is durable only some time after it, and may be lost.
pub trait Trees {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Entries in the order of their keys.
    fn range(&self, tree: Tree, keys: Keys) -> Entries<'_>;

    /// Makes all changes of a batch, or none.
    fn write(&self, batch: Batch) -> Result<(), StoreError>;

    /// Hands everything to the system; it is durable when the files are synced.
    fn flush(&self) -> Result<(), StoreError>;
}

/// Changes that are made together.
#[derive(Clone, Debug, Default)]
pub struct Batch(BTreeMap<(Tree, Vec<u8>), Option<Vec<u8>>>);

impl Batch {
    pub fn put(&mut self, tree: Tree, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.0.insert((tree, key.into()), Some(value.into()));
    }

    pub fn remove(&mut self, tree: Tree, key: impl Into<Vec<u8>>) {
        self.0.insert((tree, key.into()), None);
    }

    /// Reads as though the batch had been written.
    pub fn get(&self, trees: &dyn Trees, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.get(&(tree, key.to_vec())) {
            Some(change) => Ok(change.clone()),
            None => trees.get(tree, key),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The changes by tree and key; `None` removes.
    pub fn into_changes(self) -> impl Iterator<Item = (Tree, Vec<u8>, Option<Vec<u8>>)> {
        self.0.into_iter().map(|((tree, key), change)| (tree, key, change))
    }
}

#[cfg(test)]
mod tests {
    use super::super::map_trees::MapTrees;
    use super::super::sled_trees::SledTrees;
    use super::*;
    use crate::ledger::disk::simulated::Mounted;

    fn keys(entries: Entries<'_>) -> Vec<u8> {
        entries.map(|entry| entry.unwrap().0[0]).collect()
    }

    /// The same of both kinds: reads in order, from either end, of one tree; batches; and what is there after a flush.
    fn keeps_trees<T: Trees>(open: impl Fn() -> T) {
        let trees = open();
        let mut batch = Batch::default();
        for key in [3, 1, 2, 9] {
            batch.put(Tree::Envelopes, [key], [key, key]);
        }
        batch.put(Tree::State, [2], b"other");
        assert_eq!(batch.get(&trees, Tree::State, &[2]).unwrap().as_deref(), Some(b"other".as_slice()));
        trees.write(batch).unwrap();
        assert_eq!(keys(trees.range(Tree::Envelopes, ALL_KEYS)), [1, 2, 3, 9]);
        let some = (Bound::Excluded(vec![1]), Bound::Included(vec![3]));
        assert_eq!(keys(trees.range(Tree::Envelopes, some.clone())), [2, 3]);
        assert_eq!(trees.range(Tree::Envelopes, some).next_back().unwrap().unwrap(), (vec![3], vec![3, 3]));
        assert!(trees.range(Tree::Told, ALL_KEYS).next().is_none());
        let nothing = (Bound::Excluded(vec![9]), Bound::Unbounded);
        assert!(trees.range(Tree::Envelopes, nothing).next().is_none());

        let mut batch = Batch::default();
        batch.remove(Tree::Envelopes, [2]);
        assert_eq!(batch.get(&trees, Tree::Envelopes, &[2]).unwrap(), None);
        batch.put(Tree::Envelopes, [3], b"new");
        trees.write(batch).unwrap();
        trees.write(Batch::default()).unwrap();
        trees.flush().unwrap();
        drop(trees);
        let trees = open();
        assert_eq!(keys(trees.range(Tree::Envelopes, ALL_KEYS)), [1, 3, 9]);
        assert_eq!(trees.get(Tree::Envelopes, &[3]).unwrap().as_deref(), Some(b"new".as_slice()));
        assert_eq!(trees.get(Tree::State, &[2]).unwrap().as_deref(), Some(b"other".as_slice()));
    }

    #[test]
    fn sled_and_the_map_keep_trees_alike() {
        let folder = tempfile::tempdir().unwrap();
        // sled lets go of its lock a little after it was dropped.
        keeps_trees(|| SledTrees::open(&folder.path().join("sled")).unwrap());
        let mounted = Mounted::new(1, u64::from(u32::MAX));
        keeps_trees(|| MapTrees::open(&mounted.root().join("sled")).unwrap());
    }
}
