//! Lists that are being taken away as files: few at a time, each on a thread of its own. A thread waits for whoever takes the
//! file, so that it may be none of those on which passwords are checked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Maximum number of exports of one person at a time.
pub const OF_PERSON_MAX: usize = 3;
/// Maximum number of all: each has a thread, some memory, and for XLSX a file of the whole list.
pub const AT_ONCE_MAX: usize = 16;

/// The exports under way.
#[derive(Clone, Default)]
pub struct Exports(Arc<Mutex<HashMap<String, usize>>>);

/// One export; it ends when this is dropped.
pub struct Export {
    exports: Exports,
    person: String,
}

impl Exports {
    /// Begins an export of a person; `None` while there are too many.
    pub fn begin(&self, person: &str) -> Option<Export> {
        let mut under_way = self.lock();
        let own = under_way.get(person).copied().unwrap_or(0);
        if own >= OF_PERSON_MAX || under_way.values().sum::<usize>() >= AT_ONCE_MAX {
            return None;
        }
        under_way.insert(person.to_owned(), own + 1);
        Some(Export { exports: self.clone(), person: person.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // A panic elsewhere can't leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        let mut under_way = self.exports.lock();
        if let Some(count) = under_way.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_a_few_and_all_together_have_an_end() {
        let exports = Exports::default();
        let mut held: Vec<Export> = (0..OF_PERSON_MAX).map(|_| exports.begin("noura").unwrap()).collect();
        assert!(exports.begin("noura").is_none());
        for person in 0..AT_ONCE_MAX - OF_PERSON_MAX {
            held.push(exports.begin(&person.to_string()).unwrap());
        }
        assert!(exports.begin("saad").is_none());
        held.clear();
        assert!(exports.begin("noura").is_some() && exports.lock().is_empty());
    }
}
