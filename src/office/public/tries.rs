//! Wrong codes are refused slowly, and not without end.
//!
//! A code has 20 digits: nobody guesses one. What is limited is how much anybody may try. Whoever shows the right code is
//! never shut out by what others try for the same number: that only makes refusals slower.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::office::attempts::Attempts;
use crate::office::caller::{network, site};

/// Time after which a try is refused, counted from when it came: whatever was wrong, and however fast that was found.
const REFUSED_AFTER: Duration = Duration::from_secs(1);
/// The same for a number that is tried again and again.
const REFUSED_SLOWLY_AFTER: Duration = Duration::from_secs(5);
/// Window in which wrong tries of a network address, or for a number, count.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// More than a household, or a village behind one address of its provider, mistypes.
const OF_ADDRESS_MOST: usize = 20;
/// The same of all networks of one IPv6 site.
const OF_SITE_MOST: usize = 60;
/// Wrong tries for one number before they are refused slowly.
const FOR_NUMBER_MOST: usize = 5;

/// Wrong tries that still count.
pub struct Tries {
    addresses: Attempts,
    sites: Attempts,
    numbers: Attempts,
}

/// A try that may be made. It counts as wrong until it is taken back.
pub struct Try {
    address: IpAddr,
    number: String,
    at: DateTime<Utc>,
    /// When it is refused, counted from when it came
    pub refused_after: Duration,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            addresses: Attempts::new(OF_ADDRESS_MOST, WINDOW),
            sites: Attempts::new(OF_SITE_MOST, WINDOW),
            numbers: Attempts::new(FOR_NUMBER_MOST, WINDOW),
        }
    }
}

impl Tries {
    /// Begins a try; `None` when this address has tried too often. It counts at once, so that many at the same time are many.
    pub fn begin(&self, address: IpAddr, number: &str, now: DateTime<Utc>) -> Option<Try> {
        if !self.addresses.take(&network(address), now)
            || site(address).is_some_and(|site| !self.sites.take(&site, now))
        {
            return None;
        }
        let refused_after = if self.numbers.take(number, now) { REFUSED_AFTER } else { REFUSED_SLOWLY_AFTER };
        Some(Try { address, number: number.to_owned(), at: now, refused_after })
    }

    /// The try was right: it doesn't count.
    pub fn take_back(&self, right: &Try) {
        self.addresses.give_back(&network(right.address), right.at);
        if let Some(site) = site(right.address) {
            self.sites.give_back(&site, right.at);
        }
        self.numbers.give_back(&right.number, right.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_may_try_so_often_and_a_number_is_never_shut() {
        let tries = Tries::default();
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        for wrong in 0..OF_ADDRESS_MOST {
            let one = tries.begin(address("198.51.100.7"), "1", start).unwrap();
            let slowly = wrong >= FOR_NUMBER_MOST;
            assert_eq!(one.refused_after, if slowly { REFUSED_SLOWLY_AFTER } else { REFUSED_AFTER });
        }
        assert!(tries.begin(address("198.51.100.7"), "2", start).is_none());
        // From elsewhere the number can still be shown, however often it was tried.
        let right = tries.begin(address("203.0.113.1"), "1", start).unwrap();
        tries.take_back(&right);
        for _ in 0..100 {
            tries.take_back(&tries.begin(address("203.0.113.1"), "3", start).unwrap());
        }
        assert!(tries.begin(address("198.51.100.7"), "2", start + WINDOW).is_some());
        let later = tries.begin(address("203.0.113.1"), "1", start + WINDOW).unwrap();
        assert_eq!(later.refused_after, REFUSED_AFTER);
    }

    #[test]
    fn a_site_has_an_end_and_a_flood_of_addresses_opens_no_door() {
        let tries = Tries::default();
        let start: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        let of_site = |network: usize| address(&format!("2001:db8:1:{network:x}::1"));
        assert_eq!((0..200).filter(|one| tries.begin(of_site(*one), "1", start).is_some()).count(), OF_SITE_MOST);
        for _ in 0..OF_ADDRESS_MOST {
            tries.begin(address("198.51.100.7"), "1", start).unwrap();
        }
        for other in 0..50_000_u32 {
            assert!(
                tries.begin(IpAddr::from((0x0a00_0000 + other).to_be_bytes()), &other.to_string(), start).is_some()
            );
        }
        assert!(tries.begin(address("198.51.100.7"), "1", start).is_none(), "whoever tried most is counted on");
    }
}
