//! What somebody typed isn't left in the memory that was given back: looked for in the whole process, byte by byte.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use super::*;
use crate::seal::keys::random;

/// A word that stands in memory only masked, so that looking for it doesn't find itself.
struct Secret {
    masked: Vec<u8>,
}

const MASK: u8 = 0xA5;

impl Secret {
    /// Ten letters that nobody else types, after a first name.
    fn letters() -> Self {
        let letter = |byte: u8| char::from_u32('ا' as u32 + u32::from(byte % 8) * 4).unwrap_or('ب');
        let mut masked = Vec::new();
        for byte in random::<10>() {
            let mut bytes = [0; 4];
            masked.extend(letter(byte).encode_utf8(&mut bytes).bytes().map(|byte| byte ^ MASK));
        }
        Self { masked }
    }

    fn type_into(&self, visit: &mut Visit) {
        for pair in self.masked.chunks(2) {
            let letter: Vec<u8> = pair.iter().map(|byte| byte ^ MASK).collect();
            visit.handle(Event::Key(String::from_utf8(letter).unwrap()), today());
        }
    }

    /// How often it stands in the memory that this process can write.
    fn copies(&self) -> usize {
        let memory = File::open("/proc/self/mem").unwrap();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut page = vec![0_u8; 1 << 20];
        let mut copies = 0;
        for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw"))) {
            let (from, to) = line.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
            let (mut from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
            while from < to {
                // Emptied first: what it held would be found in its own place.
                page.fill(0);
                let length = usize::try_from(to - from).unwrap().min(page.len());
                let Ok(read) = memory.read_at(&mut page[..length], from) else { break };
                copies += page[..read].windows(self.masked.len()).filter(|bytes| self.is(bytes)).count();
                // Two reads overlap by less than a whole word.
                from += (read.max(self.masked.len()) - self.masked.len() + 1) as u64;
            }
        }
        copies
    }

    fn is(&self, bytes: &[u8]) -> bool {
        bytes.iter().zip(&self.masked).all(|(byte, masked)| byte ^ MASK == *masked)
    }
}

#[test]
fn nothing_typed_is_left_in_memory() {
    let secret = Secret::letters();
    let mut visit = visit().with([Event::NewRequest, Event::WithoutReceipt, Event::Next]);
    visit =
        visit.with(["self", "1000000008"].into_iter().flat_map(|answer| [Event::Enter(answer.into()), Event::Next]));
    assert!(visit.at("name"));
    visit = visit.with("سعد ".chars().map(|letter| Event::Key(letter.to_string())));
    secret.type_into(&mut visit);
    // Back and forth, on, changed from the list, and over to the attendant.
    visit = visit.with([Event::Back, Event::Next, Event::Next]);
    let rest = ["1399-07-04 H", "0500000000", "widow", "4", "food_basket"];
    visit = visit.with(rest.iter().flat_map(|answer| [Event::Enter((*answer).into()), Event::Next])).answer_documents();
    visit = visit.with([Event::ChangeAnswer("name".into()), Event::Key("م".into()), Event::Next]);
    assert!(secret.copies() >= 1, "it's looked for in the right place");
    visit = visit.with([Event::Next, Event::StrokeBegan(0.1, 0.5), Event::Next]);
    let effects = visit.handle(Event::Next, today());
    assert!(matches!(effects.as_slice(), [Effect::Register(_)]), "{:?}", visit.screen());
    drop(effects);
    visit.handle(Event::NotKept, today());
    assert_eq!(secret.copies(), 0, "copies of what was typed are left in memory");
}
