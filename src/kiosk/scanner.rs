//! A scanner types like a keyboard, only faster than fingers, and ends with Enter.

use std::time::{Duration, Instant};

use crate::domain::scan::SCAN_BYTES_MAX;

/// Keys further apart than this are not one scan: scanners type every 7 to 16 ms, over Bluetooth slower.
const KEY_GAP: Duration = Duration::from_millis(200);
/// Fewer keys are somebody's fingers.
const KEYS_MIN: usize = 8;

/// Gathers the keys of one scan.
#[derive(Default)]
pub struct ScannerKeys {
    text: String,
    last: Option<Instant>,
}

impl ScannerKeys {
    /// Takes a key as the window gives it; gives the text when a scan is whole.
    pub fn key(&mut self, key: &str, now: Instant) -> Option<String> {
        let in_time = self.last.is_some_and(|last| now.saturating_duration_since(last) <= KEY_GAP);
        self.last = Some(now);
        if !in_time {
            self.text.clear();
        }
        if matches!(key, "\n" | "\r") {
            let text = std::mem::take(&mut self.text);
            return (text.chars().count() >= KEYS_MIN).then_some(text);
        }
        if self.text.len() + key.len() <= SCAN_BYTES_MAX && !key.chars().any(char::is_control) {
            self.text.push_str(key);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_gathered_and_slow_fingers_are_not() {
        let start = Instant::now();
        let mut keys = ScannerKeys::default();
        for (place, key) in "٤٧١٢80395614".chars().enumerate() {
            assert_eq!(keys.key(&key.to_string(), start + Duration::from_millis(10 * place as u64)), None);
        }
        let end = start + Duration::from_millis(130);
        assert_eq!(keys.key("\n", end).as_deref(), Some("٤٧١٢80395614"));
        for (place, key) in "12345678".chars().enumerate() {
            keys.key(&key.to_string(), end + Duration::from_millis(500 * place as u64));
        }
        assert_eq!(keys.key("\n", end + Duration::from_secs(4)), None);
    }
}
