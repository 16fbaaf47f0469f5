//! The simulator: a kiosk and its office, on a disk, over a line and by clocks that do whatever a seed says. The real ledger,
//! replication and intake run above them.
//!
//! `ISTIQBAL_SEED=n` tells one story again, `ISTIQBAL_SIMULATIONS=n` tells as many, and `make simulate` goes on until one
//! goes wrong.

mod damages;
mod kiosk;
mod line;
mod office;
mod peace;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use office::Template;
use world::World;

use crate::domain::chance::Chance;
use crate::seal::keys::seeded;

/// Stories of every run of the tests; `make simulate` tells those that were never told before.
const STORIES: u64 = 500;
/// Seeds beyond these whose stories went wrong once.
const ONCE_WRONG: [u64; 9] = [572, 675, 947, 2083, 2408, 2646, 2778, 5452, 211_371_643_418_006];
const THREADS: usize = 2;

/// Tells the story of a seed. An error is the same, until it went wrong.
fn tell(template: &Template, seed: u64) -> Result<String, String> {
    let story = world::Story::default();
    let told = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::begin(template, seed, story.clone());
        let steps = 8 + Chance::of(!seed).below(30);
        (0..steps).for_each(|_| world.step());
        world.end();
    }));
    let story = story.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
    told.map(|()| story.clone()).map_err(|panic| {
        let why = panic.downcast_ref::<String>().cloned();
        let why = why.or_else(|| panic.downcast_ref::<&str>().map(|why| (*why).to_owned()));
        format!("{story}\n=> {}\nISTIQBAL_SEED={seed}", why.unwrap_or_default())
    })
}

/// The same in every run, so that a seed tells the same story each time.
fn template() -> Template {
    seeded::set(Some(Chance::of(0)));
    let template =
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(Template::make());
    seeded::set(None);
    template
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Tells the stories of seeds, which `next` gives until it gives no more; stops at the first that goes wrong.
fn tell_all(next: impl Fn() -> Option<u64> + Sync) {
    let template = template();
    let (failed, is_over) = (Arc::new(Mutex::new(None)), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let (false, Some(seed)) = (is_over.load(Ordering::SeqCst), next()) {
                    if let Err(story) = tell(&template, seed) {
                        failed.lock().unwrap().get_or_insert(story);
                        is_over.store(true, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    let failed = failed.lock().unwrap().take();
    assert!(failed.is_none(), "a story went wrong:\n{}", failed.unwrap_or_default());
}

#[test]
fn every_receipt_arrives_once_whatever_happens() {
    if let Some(seed) = from_environment("ISTIQBAL_SEED") {
        let story = tell(&template(), seed);
        println!("{}", story.as_ref().unwrap_or_else(|failed| failed));
        return assert!(story.is_ok());
    }
    let (stories, told) = (from_environment("ISTIQBAL_SIMULATIONS").unwrap_or(STORIES), AtomicU64::new(0));
    tell_all(|| {
        let place = told.fetch_add(1, Ordering::SeqCst);
        let once_wrong = ONCE_WRONG.get(usize::try_from(place).ok()?).copied();
        once_wrong.or_else(|| Some(place + 1 - ONCE_WRONG.len() as u64).filter(|seed| *seed <= stories))
    });
}

/// `make simulate`
#[test]
#[ignore = "it ends only when a story goes wrong"]
fn stories_without_end() {
    let begins = u64::from_be_bytes(crate::seal::keys::random()) >> 16;
    let told = AtomicU64::new(0);
    tell_all(|| {
        let count = told.fetch_add(1, Ordering::SeqCst);
        if count.is_multiple_of(500) && count > 0 {
            println!("{count} stories went well");
        }
        Some(begins + count)
    });
}
