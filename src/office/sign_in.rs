//! The way in: what a person proves, in which order, and how often it may be tried.
//!
//! - A **session that owes** opens nothing but the page that asks for what is owed. With each step it ends, and another
//!   begins under a new token.
//! - A **known browser** is one in which this person has signed in before. Its wrong tries are counted for itself (OWASP,
//!   "device cookies"). All others are counted by name and network together, so that whoever tries a name can't lock its
//!   person out elsewhere; a name has a limit of its own that only a hundred tries reach.

use std::net::IpAddr;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::attempts::Attempts;
use super::caller::{network, site};
use super::database::people::Person;
use super::people::Role;
use crate::seal::keys::{hex, sha256};

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

/// Wrong passwords in a window for a name: of a known browser, or of a network.
const WRONG_PASSWORDS: usize = 10;
/// Wrong passwords in a window for a name from all browsers that aren't known: from ten networks at the least. 14,400 a
/// day: passwords that are chosen here withstand a hundred million (`passwords.rs`).
const WRONG_PASSWORDS_ANYWHERE: usize = 100;
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Checks of passwords in a window from one network address, right ones too; a whole office may stand behind one.
const CHECKS_AN_ADDRESS: usize = 100;
/// The same of all networks of one IPv6 site.
const CHECKS_A_SITE: usize = 300;
/// Wrong codes in a window: three of a million are right at any moment.
const WRONG_CODES: usize = 5;
const CODE_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Maximum number of wrong codes in a row, however slowly they come (NIST SP 800-63B-4, section 3.2.2).
pub const WRONG_CODES_IN_A_ROW_MAX: u64 = 100;
/// Forms of somebody signed in that cost a password's work.
const OWN_CHECKS: usize = 20;

/// The counters of everything that could be guessed. In memory: a restart begins anew.
pub struct Limits {
    known_browsers: Attempts,
    /// By name and network together
    networks: Attempts,
    names: Attempts,
    /// Names that nobody has, apart: no flood of them touches the counters of the staff
    unknown_names: Attempts,
    addresses: Attempts,
    sites: Attempts,
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

/// Whose password or code is tried, as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A person with the password of this moment: with another, counting begins anew, so that who has just been given one
    /// isn't shut out by earlier tries
    Person(String),
    /// A name that nobody has
    Nobody(String),
}

impl Whom {
    pub fn of(person: Option<&Person>, typed: &str) -> Self {
        match person {
            Some(Person { id, password, .. }) => {
                Self::Person(format!("{id} {}", hex(&sha256(&[b"istiqbal tries 1", password.as_bytes()])[..8])))
            }
            // It may be a password in the wrong field: only its hash stays in memory.
            None => Self::Nobody(hex(&sha256(&[b"istiqbal tries 1", typed.as_bytes()])[..16])),
        }
    }

    fn as_str(&self) -> &str {
        let (Self::Person(whom) | Self::Nobody(whom)) = self;
        whom
    }
}

/// A try of a password that was counted.
pub struct PasswordTry {
    source: Source,
    whom: Whom,
    at: DateTime<Utc>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            known_browsers: Attempts::new(WRONG_PASSWORDS, WINDOW),
            networks: Attempts::new(WRONG_PASSWORDS, WINDOW),
            names: Attempts::new(WRONG_PASSWORDS_ANYWHERE, WINDOW),
            unknown_names: Attempts::new(WRONG_PASSWORDS_ANYWHERE, WINDOW),
            addresses: Attempts::new(CHECKS_AN_ADDRESS, WINDOW),
            sites: Attempts::new(CHECKS_A_SITE, WINDOW),
            codes: Attempts::new(WRONG_CODES, CODE_WINDOW),
            own: Attempts::new(OWN_CHECKS, WINDOW),
        }
    }
}

impl Limits {
    /// Counts a try of a password; `None` when no more are allowed now.
    pub fn take_password(&self, source: Source, whom: Whom, now: DateTime<Utc>) -> Option<PasswordTry> {
        let allowed = match &source {
            Source::KnownBrowser(browser) => self.known_browsers.take(&by_browser(browser, &whom), now),
            // The address first: who has used it up counts for no name.
            Source::Elsewhere(address) => {
                site(*address).is_none_or(|site| self.sites.take(&site, now))
                    && self.addresses.take(&network(*address), now)
                    && self.networks.take(&by_network(*address, &whom), now)
                    && self.names(&whom).take(whom.as_str(), now)
            }
        };
        allowed.then_some(PasswordTry { source, whom, at: now })
    }

    /// The password wasn't looked at: nothing counts.
    pub fn password_was_not_checked(&self, tried: &PasswordTry) {
        let PasswordTry { source, whom, at } = tried;
        match source {
            Source::KnownBrowser(browser) => self.known_browsers.give_back(&by_browser(browser, whom), *at),
            Source::Elsewhere(address) => {
                if let Some(site) = site(*address) {
                    self.sites.give_back(&site, *at);
                }
                self.addresses.give_back(&network(*address), *at);
                self.networks.give_back(&by_network(*address, whom), *at);
                self.names(whom).give_back(whom.as_str(), *at);
            }
        }
    }

    /// Forgets a name's wrong tries from here after a right one. Those of the address stay.
    pub fn password_was_right(&self, tried: &PasswordTry) {
        let PasswordTry { source, whom, .. } = tried;
        match source {
            Source::KnownBrowser(browser) => self.known_browsers.forget(&by_browser(browser, whom)),
            Source::Elsewhere(address) => {
                self.networks.forget(&by_network(*address, whom));
                self.names(whom).forget(whom.as_str());
            }
        }
    }

    fn names(&self, whom: &Whom) -> &Attempts {
        match whom {
            Whom::Person(_) => &self.names,
            Whom::Nobody(_) => &self.unknown_names,
        }
    }

    /// Whether a code may be tried for a person now; if so, the try is counted.
    pub fn take_code(&self, source: &Source, person: &Person, now: DateTime<Utc>) -> bool {
        self.codes.take(&of_code(source, person), now)
    }

    pub fn code_was_right(&self, source: &Source, person: &Person) {
        self.codes.forget(&of_code(source, person));
    }

    /// Whether somebody signed in may send one more form that costs a password's work.
    pub fn take_own(&self, person: &str, now: DateTime<Utc>) -> bool {
        self.own.take(person, now)
    }
}

fn by_browser(browser: &[u8; 32], whom: &Whom) -> String {
    format!("{} {}", hex(browser), whom.as_str())
}

/// All networks of an IPv6 site have the tries of one.
fn by_network(address: IpAddr, whom: &Whom) -> String {
    format!("{} {}", site(address).unwrap_or_else(|| network(address)), whom.as_str())
}

/// A code is asked only after the right password: all browsers that aren't known share the tries of one.
fn of_code(source: &Source, person: &Person) -> String {
    let whom = Whom::of(Some(person), "");
    match source {
        Source::KnownBrowser(browser) => by_browser(browser, &whom),
        Source::Elsewhere(_) => whom.as_str().to_owned(),
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

    fn now() -> DateTime<Utc> {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }

    fn at(text: &str) -> Source {
        Source::Elsewhere(text.parse().unwrap())
    }

    fn noura(password: &str) -> Person {
        Person { id: "1".into(), password: password.into(), ..person(Role::Manager, false) }
    }

    fn nobody(name: &str) -> Whom {
        Whom::of(None, name)
    }

    #[test]
    fn a_stranger_locks_out_only_where_it_is() {
        let limits = Limits::default();
        let known = Source::KnownBrowser([1; 32]);
        let whom = || Whom::of(Some(&noura("a")), "noura");
        for _ in 0..10 {
            assert!(limits.take_password(at("192.0.2.1"), whom(), now()).is_some());
        }
        assert!(limits.take_password(at("192.0.2.1"), whom(), now()).is_none());
        let elsewhere = limits.take_password(at("192.0.2.2"), whom(), now()).unwrap();
        limits.password_was_right(&elsewhere);
        for last in 10..20 {
            for _ in 0..10 {
                assert!(limits.take_password(at(&format!("192.0.2.{last}")), whom(), now()).is_some());
            }
        }
        let other = || Whom::of(Some(&Person { id: "2".into(), ..noura("a") }), "saad");
        assert!(limits.take_password(at("192.0.2.77"), whom(), now()).is_none(), "a name has a limit");
        assert!(limits.take_password(at("192.0.2.77"), other(), now()).is_some());
        for _ in 0..10 {
            assert!(limits.take_password(known.clone(), whom(), now()).is_some());
        }
        let more = limits.take_password(known.clone(), whom(), now());
        assert!(more.is_none(), "a known browser guesses no longer than others");
        assert!(limits.take_password(known, other(), now()).is_some());
        let given = Whom::of(Some(&noura("another")), "noura");
        assert!(
            limits.take_password(at("192.0.2.77"), given, now()).is_some(),
            "with a new password nobody is shut out"
        );
    }

    #[test]
    fn what_was_not_checked_does_not_count() {
        let limits = Limits::default();
        for _ in 0..1000 {
            for source in [at("192.0.2.1"), at("2001:db8::1"), Source::KnownBrowser([1; 32])] {
                let tried = limits.take_password(source, Whom::of(Some(&noura("a")), ""), now()).unwrap();
                limits.password_was_not_checked(&tried);
            }
        }
    }

    #[test]
    fn one_address_and_one_site_have_so_many_checks_for_all_names() {
        let limits = Limits::default();
        for name in 0..100 {
            let source = at(&format!("2001:db8:1:2::{name:x}"));
            let tried = limits.take_password(source, nobody(&name.to_string()), now()).unwrap();
            limits.password_was_right(&tried);
        }
        assert!(limits.take_password(at("2001:db8:1:2:ffff::1"), nobody("another"), now()).is_none());
        assert!(limits.take_password(at("2001:db8:1:3::1"), nobody("another"), now()).is_some());
        let mut allowed = 0;
        for network in 0..256 {
            let source = at(&format!("2001:db8:1:{network:x}::1"));
            allowed += usize::from(limits.take_password(source, nobody(&format!("of {network}")), now()).is_some());
        }
        assert!(allowed < CHECKS_A_SITE, "{allowed}");
        assert!(limits.take_password(at("2001:db8:2::1"), nobody("another"), now()).is_some());
    }

    /// 101 IPv6 networks with a hundred names each, then ten thousand addresses.
    #[test]
    fn no_flood_of_names_or_addresses_locks_the_staff_out() {
        let limits = Limits::default();
        let whom = || Whom::of(Some(&noura("a")), "noura");
        for network in 0..101 {
            for name in 0..100 {
                // Of one house, and of a house each.
                for source in [format!("2001:db8:1:{network:x}::1"), format!("2001:db8:{network:x}::1")] {
                    limits.take_password(at(&source), nobody(&format!("{network} {name}")), now());
                }
            }
        }
        for address in 0..10_000_u32 {
            let source = Source::Elsewhere(IpAddr::from((0xc633_0000 + address).to_be_bytes()));
            limits.take_password(source.clone(), nobody(&address.to_string()), now());
            limits.take_password(source, nobody("one"), now());
        }
        for source in [at("203.0.113.7"), at("2001:db8:ffff::1"), Source::KnownBrowser([1; 32])] {
            assert!(limits.take_password(source.clone(), whom(), now()).is_some(), "{source:?}");
        }
    }
}
