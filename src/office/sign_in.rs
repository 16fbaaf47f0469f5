//! The way in: what a person proves, in which order, and how often it may be tried.
//!
//! - A **session that owes** opens nothing but the page that asks for what is owed. With each step it ends, and another
//!   begins under a new token.
//! - A **known browser** is one in which this person has signed in before. Its wrong tries are counted for itself; all other
//!   browsers together have one counter a name, and one a network address. So whoever tries a name from elsewhere can't lock
//!   its person out (OWASP, "device cookies").

use std::net::IpAddr;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::attempts::Attempts;
use super::caller::network;
use super::database::people::Person;
use super::people::Role;
use crate::seal::keys::hex;

/// What a session still owes before it opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// A one-time code, or a recovery code
    Code,
    /// A password of the person's own, in the place of one that was given
    Password,
    /// The setting-up of the second factor that the role asks for
    SecondFactor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session owes code, password or second_factor")]
pub struct OwedError;

impl Owed {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Password => "password",
            Self::SecondFactor => "second_factor",
        }
    }

    /// What is owed by somebody who has proved the password and, where `code_is_proved`, a code.
    pub fn by(person: &Person, has_second_factor: bool, code_is_proved: bool, asked_of: &[Role]) -> Option<Self> {
        if has_second_factor && !code_is_proved {
            Some(Self::Code)
        } else if person.password_is_initial {
            Some(Self::Password)
        } else if !has_second_factor && asked_of.contains(&person.role) {
            Some(Self::SecondFactor)
        } else {
            None
        }
    }
}

impl FromStr for Owed {
    type Err = OwedError;

    fn from_str(text: &str) -> Result<Self, OwedError> {
        [Self::Code, Self::Password, Self::SecondFactor].into_iter().find(|owed| owed.as_str() == text).ok_or(OwedError)
    }
}

/// The roles that must have a second factor unless the office's file says otherwise: all but reception, whose desks are
/// shared and under everybody's eyes.
pub const SECOND_FACTOR_FOR: [Role; 5] =
    [Role::Researcher, Role::Committee, Role::Manager, Role::Administrator, Role::Auditor];

/// A session ends a working day after it began …
pub const SESSION_HOURS: i64 = 12;
/// … or when nobody has used it for so long.
pub const IDLE: TimeDelta = TimeDelta::hours(1);
/// A session that owes something lasts so long at most.
pub const HALF_WAY: TimeDelta = TimeDelta::minutes(10);
/// A browser in which a person hasn't signed in for so long is no longer known.
pub const KNOWN_BROWSER_DAYS: i64 = 180;

/// Wrong passwords in a window, of a known browser and of all others for a name.
const WRONG_PASSWORDS: usize = 10;
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Checks of passwords in a window from one network address, right ones too; a whole office may stand behind one.
const CHECKS_AN_ADDRESS: usize = 100;
/// Wrong codes in a window: three of a million are right at any moment.
const WRONG_CODES: usize = 5;
const CODE_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Forms of somebody signed in that cost a password's work.
const OWN_CHECKS: usize = 20;

/// The counters of everything that could be guessed. In memory: each node of an office counts for itself, and a restart
/// begins anew.
pub struct Limits {
    known_browsers: Attempts,
    names: Attempts,
    addresses: Attempts,
    codes: Attempts,
    own: Attempts,
}

/// Where a try comes from, as its wrong ones are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The hash of the browser's token
    KnownBrowser([u8; 32]),
    Elsewhere(IpAddr),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            known_browsers: Attempts::new(WRONG_PASSWORDS, WINDOW),
            names: Attempts::new(WRONG_PASSWORDS, WINDOW),
            addresses: Attempts::new(CHECKS_AN_ADDRESS, WINDOW),
            codes: Attempts::new(WRONG_CODES, CODE_WINDOW),
            own: Attempts::new(OWN_CHECKS, WINDOW),
        }
    }
}

impl Limits {
    /// Whether a password may be tried for a name now; if so, the try is counted.
    pub fn take_password(&self, source: &Source, name: &str, now: DateTime<Utc>) -> bool {
        match source {
            Source::KnownBrowser(browser) => self.known_browsers.take(&by_browser(browser, name), now),
            Source::Elsewhere(address) => {
                // The address first: who has used it up counts for no name.
                self.addresses.take(&network(*address), now) && self.names.take(name, now)
            }
        }
    }

    /// Forgets a name's wrong tries from here after a right one. Those of the address stay.
    pub fn password_was_right(&self, source: &Source, name: &str) {
        match source {
            Source::KnownBrowser(browser) => self.known_browsers.forget(&by_browser(browser, name)),
            Source::Elsewhere(_) => self.names.forget(name),
        }
    }

    /// Whether a code may be tried for a person now; if so, the try is counted.
    pub fn take_code(&self, source: &Source, person: &str, now: DateTime<Utc>) -> bool {
        self.codes.take(&of_code(source, person), now)
    }

    pub fn code_was_right(&self, source: &Source, person: &str) {
        self.codes.forget(&of_code(source, person));
    }

    /// Whether somebody signed in may send one more form that costs a password's work.
    pub fn take_own(&self, person: &str, now: DateTime<Utc>) -> bool {
        self.own.take(person, now)
    }
}

fn by_browser(browser: &[u8; 32], name: &str) -> String {
    format!("{} {name}", hex(browser))
}

fn of_code(source: &Source, person: &str) -> String {
    match source {
        Source::KnownBrowser(browser) => by_browser(browser, person),
        Source::Elsewhere(_) => person.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: Role, password_is_initial: bool) -> Person {
        let [id, name, password] = ["", "", ""].map(str::to_owned);
        Person { id, name, full_name: None, role, password, password_is_initial, is_disabled: false }
    }

    #[test]
    fn what_is_owed_comes_in_its_order() {
        let asked = SECOND_FACTOR_FOR.as_slice();
        let new = person(Role::Manager, true);
        assert_eq!(Owed::by(&new, true, false, asked), Some(Owed::Code), "the code before anything is changed");
        assert_eq!(Owed::by(&new, true, true, asked), Some(Owed::Password));
        assert_eq!(Owed::by(&new, false, false, asked), Some(Owed::Password));
        let manager = person(Role::Manager, false);
        assert_eq!(Owed::by(&manager, false, false, asked), Some(Owed::SecondFactor));
        assert_eq!(Owed::by(&manager, true, true, asked), None);
        assert_eq!(Owed::by(&manager, false, false, &[]), None);
        let reception = person(Role::Reception, false);
        assert_eq!(Owed::by(&reception, false, false, asked), None);
        assert_eq!(Owed::by(&reception, true, false, asked), Some(Owed::Code), "who has one is asked for it");
        for owed in [Owed::Code, Owed::Password, Owed::SecondFactor] {
            assert_eq!(owed.as_str().parse(), Ok(owed));
        }
    }

    #[test]
    fn a_stranger_locks_strangers_out_and_not_the_known_browser() {
        let limits = Limits::default();
        let now: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        let known = Source::KnownBrowser([1; 32]);
        let stranger = |last: u8| Source::Elsewhere(IpAddr::from([192, 0, 2, last]));
        for last in 0..10 {
            assert!(limits.take_password(&stranger(last), "noura", now));
        }
        assert!(!limits.take_password(&stranger(77), "noura", now));
        assert!(limits.take_password(&stranger(77), "saad", now));
        for _ in 0..10 {
            assert!(limits.take_password(&known, "noura", now));
        }
        assert!(!limits.take_password(&known, "noura", now), "a known browser guesses no longer than others");
        assert!(limits.take_password(&known, "saad", now));
        limits.password_was_right(&known, "noura");
        assert!(limits.take_password(&known, "noura", now));
        assert!(!limits.take_password(&stranger(78), "noura", now));
    }

    #[test]
    fn one_address_has_so_many_checks_for_all_names() {
        let limits = Limits::default();
        let now: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        let at = |text: &str| Source::Elsewhere(text.parse().unwrap());
        for name in 0..100 {
            let source = at(&format!("2001:db8:1:2::{name:x}"));
            assert!(limits.take_password(&source, &name.to_string(), now));
            limits.password_was_right(&source, &name.to_string());
        }
        assert!(!limits.take_password(&at("2001:db8:1:2:ffff::1"), "another", now));
        assert!(limits.take_password(&at("2001:db8:1:3::1"), "another", now));
    }
}
