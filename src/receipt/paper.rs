//! A printer's other half: reads ESC/POS as a printer would and draws the paper. The demo's printer and the tests use it.

use super::bitmap::Bitmap;
use super::escpos::completion_answer;

/// The paper in a printer: bytes go in, receipts come out at each cut.
pub struct Paper {
    width: usize,
    drawn: Bitmap,
    /// Bytes of a command that has not come whole
    waiting: Vec<u8>,
    answers: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    #[error("a byte {0:#04x} that begins no command of a receipt")]
    Unknown(u8),
    #[error("a picture of {0} dots on narrower paper")]
    TooWide(usize),
}

/// Rows of white that a printer feeds before it cuts.
const CUT_FEED_ROWS: usize = 80;

enum Command<'a> {
    Nothing,
    Initialise,
    Raster { width_bytes: usize, data: &'a [u8] },
    Feed(usize),
    Cut,
    Completion([u8; 4]),
    Status,
}

impl Paper {
    /// Paper of a width in dots.
    pub fn new(width: usize) -> Self {
        Self { width, drawn: Bitmap::new(width), waiting: Vec::new(), answers: Vec::new() }
    }

    /// Takes bytes in any portions; gives the receipts that were cut off.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Bitmap>, PaperError> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend_from_slice(bytes);
        let mut rest = waiting.as_slice();
        let mut receipts = Vec::new();
        while let Some((command, length)) = next_command(rest)? {
            rest = &rest[length..];
            receipts.extend(self.obey(command)?);
        }
        self.waiting = rest.to_vec();
        Ok(receipts)
    }

    /// What the printer has said since it was last asked.
    pub fn take_answers(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.answers)
    }

    fn obey(&mut self, command: Command<'_>) -> Result<Option<Bitmap>, PaperError> {
        match command {
            Command::Nothing | Command::Initialise => {}
            Command::Raster { width_bytes, data } => {
                if width_bytes * 8 > self.width {
                    return Err(PaperError::TooWide(width_bytes * 8));
                }
                data.chunks_exact(width_bytes).for_each(|row| self.drawn.push_row(row));
            }
            Command::Feed(rows) => self.drawn.push_white(rows),
            Command::Cut => {
                self.drawn.push_white(CUT_FEED_ROWS);
                return Ok(Some(std::mem::replace(&mut self.drawn, Bitmap::new(self.width))));
            }
            Command::Completion(id) => self.answers.extend(completion_answer(id)),
            // Online, cover closed, paper there: the answer to each of the four questions in order.
            Command::Status => self.answers.push(0x12),
        }
        Ok(None)
    }
}

/// The first command of the bytes and its length; `None` while it isn't whole.
fn next_command(bytes: &[u8]) -> Result<Option<(Command<'_>, usize)>, PaperError> {
    let command = match bytes {
        [] | [0x1b | 0x1d | 0x10] | [0x1d, b'(' | b'v' | b'V', ..] if bytes.len() < 3 => return Ok(None),
        [0, ..] => (Command::Nothing, 1),
        [0x1b, b'@', ..] => (Command::Initialise, 2),
        [0x1b, b'J', rows, ..] => (Command::Feed(usize::from(*rows)), 3),
        [0x1b, b'J'] | [0x10, 0x04] => return Ok(None),
        [0x10, 0x04, _, ..] => (Command::Status, 3),
        [0x1d, b'V', 0 | 1, ..] => (Command::Cut, 3),
        [0x1d, b'V', 65 | 66, _, ..] => (Command::Cut, 4),
        [0x1d, b'V', ..] => return Ok(None),
        [0x1d, b'(', b'H', 6, 0, 48, 48, a, b, c, d, ..] => (Command::Completion([*a, *b, *c, *d]), 11),
        [0x1d, b'(', b'H', ..] if bytes.len() < 11 => return Ok(None),
        [0x1d, b'v', b'0', _, xl, xh, yl, yh, data @ ..] => {
            let width_bytes = usize::from(u16::from_le_bytes([*xl, *xh]));
            let length = width_bytes * usize::from(u16::from_le_bytes([*yl, *yh]));
            let Some(data) = data.get(..length) else { return Ok(None) };
            if width_bytes == 0 {
                return Err(PaperError::Unknown(0));
            }
            (Command::Raster { width_bytes, data }, 8 + length)
        }
        [0x1d, b'v', b'0', ..] => return Ok(None),
        [byte, ..] => return Err(PaperError::Unknown(*byte)),
        [] => return Ok(None),
    };
    Ok(Some(command))
}
