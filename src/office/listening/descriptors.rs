//! Open files and connections share one limit: raises it, and divides it so that files always have room.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::PlaceLimits;

/// Of each listener, at most. A stranger's connection takes up to 30 kB.
const STRANGERS_MAX: usize = 512;
/// Of each listener, at most: three for each of a thousand kiosks.
const OWNED_MAX: usize = 3072;
/// Of one kiosk, which opens three, or of one person with several tabs and a list under way.
const OF_OWNER_MAX: usize = 16;
/// Kept back for the database, exports, backups and the gateway, at most.
const FOR_FILES_MAX: u64 = 512;

/// Raises the number of descriptors that this process may have to the most that the system lets it, and returns it.
pub fn raise() -> u64 {
    let found = getrlimit(Resource::Nofile);
    // `None` is without a limit.
    let most = found.maximum.unwrap_or(u64::MAX);
    let now = found.current.unwrap_or(u64::MAX);
    if now >= most {
        return now;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: found.maximum, maximum: found.maximum }) {
        Ok(()) => most,
        Err(error) => {
            tracing::warn!("the limit of open files stays at {now}: {error}");
            now
        }
    }
}

/// The places of each of some listeners, of so many descriptors in all.
pub fn divided(descriptors: u64, listeners: usize) -> PlaceLimits {
    let for_files = (descriptors / 4).min(FOR_FILES_MAX);
    let share = usize::try_from(descriptors - for_files).unwrap_or(usize::MAX) / listeners.max(1);
    let strangers = (share / 2).clamp(1, STRANGERS_MAX);
    let owned = share.saturating_sub(strangers).clamp(1, OWNED_MAX);
    PlaceLimits { strangers, of_network: (strangers / 4).max(1), owned, of_owner: OF_OWNER_MAX.min(owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_always_have_room() {
        for descriptors in [64, 256, 1024, 4096, 20_000, 1 << 20, u64::MAX] {
            for listeners in 1..=3 {
                let PlaceLimits { strangers, of_network, owned, of_owner } = divided(descriptors, listeners);
                let all = (strangers + owned) as u64 * listeners as u64;
                assert!(all <= descriptors - (descriptors / 4).min(512), "{descriptors} by {listeners}");
                assert!(strangers <= STRANGERS_MAX && of_network <= strangers && of_owner <= owned);
                assert!(strangers >= 8 && owned >= 8, "{descriptors} by {listeners}");
            }
        }
    }
}
