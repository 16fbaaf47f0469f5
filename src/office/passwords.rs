//! Passwords of the staff: which may be chosen (NIST SP 800-63B-4, section 3.1.1), how they are kept, and how much work
//! they may make at once.

use std::collections::HashSet;
use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::{Semaphore, SemaphorePermit};
use zxcvbn::{Score, zxcvbn};

use crate::seal::keys;

/// The fewest characters of a chosen password: what NIST SP 800-63B-4 asks where nothing else is proved beside it.
pub const PASSWORD_CHARACTERS_MIN: usize = 15;
/// The most bytes of a password: hashing longer ones only costs time. 128 Arabic letters fit.
pub const PASSWORD_BYTES_MAX: usize = 256;

/// Guessed in fewer than 10⁸ tries, by zxcvbn's lists and patterns, a password is too common (OWASP ASVS 6.2.4 asks for the
/// 3000 commonest; zxcvbn knows ten times as many).
const GUESSES_MIN: Score = Score::Three;
/// So much is left of a password, at least, when the words that everybody would try are taken out of it.
const OWN_CHARACTERS_MIN: usize = 6;
/// The words that everybody would try at this program's door, beside the person's own name.
const CONTEXT_WORDS: [&str; 3] = ["istiqbal", "استقبال", "estiqbal"];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has at least {PASSWORD_CHARACTERS_MIN} characters and at most {PASSWORD_BYTES_MAX} bytes")]
    Length,
    #[error(
        "this password is among the first that anybody would try: join three or four words that have nothing to do with each other"
    )]
    Common,
    #[error("this password is little more than the user's name or this program's: join three or four other words")]
    Name,
    #[error("the password can't be hashed: {0}")]
    Hash(String),
}

/// Whether a person of this name may choose the password. There are no rules about kinds of characters: they make
/// passwords weaker.
pub fn check_choice(password: &str, name: &str) -> Result<(), PasswordError> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordError::Length);
    }
    let folded = password.to_lowercase();
    if is_common(&folded) {
        return Err(PasswordError::Common);
    }
    let mut rest = folded;
    for word in CONTEXT_WORDS.into_iter().chain([name]).filter(|word| word.chars().count() >= 3) {
        rest = rest.replace(&word.to_lowercase(), "");
    }
    if rest.chars().filter(|c| c.is_alphanumeric()).count() < OWN_CHARACTERS_MIN {
        return Err(PasswordError::Name);
    }
    if zxcvbn(password, &[name]).score() < GUESSES_MIN { Err(PasswordError::Common) } else { Ok(()) }
}

/// Whether a password is nothing but words of `common_passwords.txt`, runs such as `12345` or `aaaa`, years and
/// punctuation, put together.
fn is_common(folded: &str) -> bool {
    let text: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    // How much of the text, from its beginning, is made of such pieces.
    let mut covered = vec![false; text.len() + 1];
    covered[0] = true;
    for begin in 0..text.len() {
        if covered[begin] {
            for end in begin + 1..=text.len() {
                covered[end] = covered[end] || is_common_piece(&text[begin..end]);
            }
        }
    }
    covered[text.len()]
}

fn is_common_piece(piece: &[char]) -> bool {
    static WORDS: OnceLock<HashSet<Vec<char>>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let fold = |line: &str| line.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        include_str!("common_passwords.txt").lines().map(fold).collect()
    });
    // Digits alone say nothing: dates, telephone numbers, the keys in a row.
    let is_number = piece.iter().all(|c| c.is_numeric());
    let steps = || piece.windows(2).map(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])));
    let is_run = piece.len() >= 3 && [-1, 0, 1].into_iter().any(|step| steps().all(|found| found == step));
    is_number || is_run || words.contains(piece)
}

/// The Argon2id hash (RFC 9106) of a password, as a PHC string.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordError::Length);
    }
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &keys::random::<16>())
        .map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password belongs to the hash. Without one that can be read (no such user, or a password that
/// was lost) it takes the same time and says no.
pub fn fits(password: &str, hash: Option<&str>) -> bool {
    /// Of a password nobody knows, with the default parameters.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    if password.len() > PASSWORD_BYTES_MAX {
        return false;
    }
    let known = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let is_known = known.is_some();
    let Some(parsed) = known.or_else(|| PasswordHash::new(NOBODY).ok()) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && is_known
}

/// A password nobody has to think up: 20 letters and digits without those that look alike, about 98 bits.
pub fn generated() -> String {
    groups_of_letters::<20>(5)
}

/// `N` random letters and digits without those that look alike, almost 5 bits each, in groups joined by hyphens.
pub(super) fn groups_of_letters<const N: usize>(group: usize) -> String {
    // 31 of them; x stands twice, so that a byte falls on each without a remainder.
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let letters: Vec<char> =
        keys::random::<N>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(group).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// So many passwords are hashed at once: each takes 19 MiB.
const AT_ONCE: usize = 2;
/// So many more may wait for their turn; a second's work or two.
const WAITING_MAX: usize = 32;

/// Where a running office hashes passwords: off the threads that serve pages, a few at once, with a queue that ends.
pub struct PasswordWork {
    turns: Semaphore,
    places: Semaphore,
}

#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The queue is full
    #[error("too many passwords are being checked at this moment")]
    Busy,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("a password's check broke off: {0}")]
    Broken(String),
}

impl Default for PasswordWork {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_ONCE), places: Semaphore::new(AT_ONCE + WAITING_MAX) }
    }
}

impl PasswordWork {
    pub async fn fits(&self, password: String, hash: Option<String>) -> Result<bool, WorkError> {
        self.work(move || fits(&password, hash.as_deref())).await
    }

    /// Whether a person of this name may choose the password: [`check_choice`].
    pub async fn check_choice(&self, password: String, name: String) -> Result<(), WorkError> {
        Ok(self.work(move || check_choice(&password, &name)).await??)
    }

    pub async fn hash(&self, password: String) -> Result<String, WorkError> {
        Ok(self.work(move || hash(&password)).await??)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, WorkError> {
        let _place: SemaphorePermit<'_> = self.places.try_acquire().map_err(|_| WorkError::Busy)?;
        let _turn = self.turns.acquire().await.map_err(|error| WorkError::Broken(error.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| WorkError::Broken(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_proved_not_kept() {
        let kept = hash("a long password").unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(fits("a long password", Some(&kept)));
        assert!(!fits("another password", Some(&kept)));
        assert!(!fits("a long password", None));
        assert!(!fits("a long password", Some("damaged")));
        let too_long = "x".repeat(PASSWORD_BYTES_MAX + 1);
        assert_eq!(hash(&too_long), Err(PasswordError::Length));
        assert!(!fits(&too_long, Some(&kept)));
    }

    #[test]
    fn what_anybody_would_try_first_cannot_be_chosen() {
        for (password, error) in [
            ("fourteen chars", PasswordError::Length),
            (&"م".repeat(129), PasswordError::Length),
            ("passwordpassword", PasswordError::Common),
            ("Password-1234567", PasswordError::Common),
            ("1234567890123456", PasswordError::Common),
            ("٠٥٠٠٠٠٠٠٠٠٠٥٠٠٠٠٠", PasswordError::Common),
            ("aaaaaaaaaaaaaaaaa", PasswordError::Common),
            ("abcdefghijklmnop", PasswordError::Common),
            ("qwertyuiop.2026.asdf", PasswordError::Common),
            ("خميس مشيط السعودية ١٤٤٥", PasswordError::Common),
            ("!!!!!!!!!!!!!!!!!!", PasswordError::Common),
            (&"نافذة".repeat(25), PasswordError::Common),
            ("michelle19851985", PasswordError::Common),
            ("1q2w3e4r5t6y7u8i", PasswordError::Common),
            ("Noura.Istiqbal!.new", PasswordError::Name),
            ("noura-noura-noura-x", PasswordError::Name),
        ] {
            assert_eq!(check_choice(password, "noura"), Err(error), "{password}");
        }
        for password in [
            "a long password",
            "قهوة ونافذة وحقيبة زرقاء",
            "CORRECT HORSE BATTERY",
            "      plain spaces too",
            &generated(),
            "قهوة ونافذة وحقيبة زرقاء وباب خشبي قديم وطريق طويل إلى البحر",
        ] {
            assert_eq!(check_choice(password, "noura"), Ok(()), "{password}");
        }
        // A very short name would be a part of almost anything.
        assert_eq!(check_choice("a long password", "a"), Ok(()));
    }

    #[tokio::test]
    async fn the_queue_ends() {
        let work = PasswordWork { turns: Semaphore::new(1), places: Semaphore::new(1) };
        let place = work.places.acquire().await.unwrap();
        assert!(matches!(work.hash("a long password".into()).await, Err(WorkError::Busy)));
        drop(place);
        let kept = work.hash("a long password".into()).await.unwrap();
        assert!(work.fits("a long password".into(), Some(kept)).await.unwrap());
    }
}
