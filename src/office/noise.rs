//! Lines of the log that a stranger can cause: a few of each kind are written a minute, the rest is counted and said, so that
//! no flood fills the disk or hides the other kinds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// Maximum number of lines of one kind in a minute.
const LINES_A_MINUTE: u64 = 20;
const MINUTE: Duration = Duration::from_secs(60);

/// One kind of line.
pub struct Noise {
    what: &'static str,
    seen: AtomicU64,
}

/// Passwords and codes of people who are there.
pub static SIGN_INS_OF_STAFF: Noise = Noise::new("refused sign-ins of members of staff");
/// Passwords for names that nobody has.
pub static SIGN_INS_OF_NOBODY: Noise = Noise::new("refused sign-ins under names that nobody has");
pub static FORMS: Noise = Noise::new("forms without a token of ours");
pub static SESSIONS: Noise = Noise::new("calls with a session that isn't there");
pub static KIOSKS: Noise = Noise::new("refusals of kiosks that are known");
pub static STRANGERS: Noise = Noise::new("refusals of kiosks that aren't known, or of enrolments");
pub static CONNECTIONS: Noise = Noise::new("connections that were let go because their address had too many");
pub static ACCEPTS: Noise = Noise::new("connections that couldn't be taken");
/// Rows of the database that this program never writes; a page of a list asks for them anew every second or two
pub static DAMAGE: Noise = Noise::new("damaged rows that were left out of their lists");

const ALL: [&Noise; 9] =
    [&DAMAGE, &SIGN_INS_OF_STAFF, &SIGN_INS_OF_NOBODY, &FORMS, &SESSIONS, &KIOSKS, &STRANGERS, &CONNECTIONS, &ACCEPTS];

impl Noise {
    const fn new(what: &'static str) -> Self {
        Self { what, seen: AtomicU64::new(0) }
    }

    /// Whether one more line of this kind is written in this minute; it is counted in any case.
    pub fn lets_through(&self) -> bool {
        self.seen.fetch_add(1, Ordering::Relaxed) < LINES_A_MINUTE
    }

    /// Begins another minute, and returns how many lines of the last one weren't written.
    fn begin_again(&self) -> u64 {
        self.seen.swap(0, Ordering::Relaxed).saturating_sub(LINES_A_MINUTE)
    }
}

/// Says each minute how many lines weren't written, until the office closes.
pub async fn keep_up(mut closing: watch::Receiver<bool>) {
    loop {
        let is_closing = tokio::time::timeout(MINUTE, closing.wait_for(|is_closing| *is_closing)).await.is_ok();
        for noise in ALL {
            let unwritten = noise.begin_again();
            if unwritten > 0 {
                tracing::warn!(unwritten, "further {} in the last minute", noise.what);
            }
        }
        if is_closing {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_writes_a_few_lines_and_a_number() {
        let noise = Noise::new("knocks");
        assert_eq!((0..1000).filter(|_| noise.lets_through()).count() as u64, LINES_A_MINUTE);
        assert_eq!(noise.begin_again(), 1000 - LINES_A_MINUTE);
        assert!(noise.lets_through());
        assert_eq!(noise.begin_again(), 0);
    }
}
