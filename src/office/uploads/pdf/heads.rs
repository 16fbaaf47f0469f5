//! Where objects begin, by their heads alone.

use super::document::{OBJECT_STEPS, if_there};
use super::syntax::Reader;
use crate::office::uploads::FileError;
use crate::office::uploads::budget::Budget;

/// Maximum length of a head with the spaces and comments in it.
const HEAD_BYTES_MAX: usize = 256;

/// `12 0 obj`
pub struct Head {
    pub number: u32,
    pub generation: u32,
    pub start: usize,
    /// Where the content begins
    pub content: usize,
}

/// All heads of objects, wherever in the file they stand.
pub fn heads(bytes: &[u8], budget: &Budget) -> Result<Vec<Head>, FileError> {
    const WORD: &[u8] = b"obj";
    budget.spend(bytes.len())?;
    let mut heads = Vec::new();
    let words = bytes.windows(WORD.len()).enumerate().filter(|(_, window)| *window == WORD);
    for (word, _) in words {
        if !bytes[..word].ends_with(b"end")
            && let Some(head) = head_before(bytes, word, budget)?
        {
            budget.spend(OBJECT_STEPS)?;
            heads.push(head);
        }
    }
    Ok(heads)
}

/// The two numbers that lead up to `obj`.
fn head_before(bytes: &[u8], word: usize, budget: &Budget) -> Result<Option<Head>, FileError> {
    let first = word.saturating_sub(HEAD_BYTES_MAX);
    let is_digit = |place: usize| bytes[place].is_ascii_digit();
    for start in (first..word).rev() {
        budget.spend(1)?;
        if !is_digit(start) || (start > 0 && is_digit(start - 1)) {
            continue;
        }
        let mut reader = Reader::at(&bytes[..word], start, budget);
        let mut numbers = || {
            let number = reader.number()?;
            reader.pass_space()?;
            let generation = reader.number()?;
            reader.pass_space()?;
            Ok((number, generation, reader.place))
        };
        if let Some((number, generation, end)) = if_there(numbers())?
            && end == word
        {
            return Ok(Some(Head { number, generation, start, content: word + 3 }));
        }
    }
    Ok(None)
}
