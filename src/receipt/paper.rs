//! A printer's other half: reads ESC/POS as a printer would and draws the paper. The demo's printer and the tests use it.

use super::bitmap::Bitmap;
use super::escpos::completion_answer;

/// The paper in a printer: bytes go in, receipts come out at each cut.
pub struct Paper {
    width: usize,
    drawn: Bitmap,
    /// Bytes of commands that have not come whole, or that wait until the printer can go on
    waiting: Vec<u8>,
    /// The beginning of a real-time command at the end of what came
    real_time: Vec<u8>,
    answers: Vec<u8>,
    condition: PaperCondition,
    /// `GS a`: changes are said unasked
    speaks_by_itself: bool,
    dialect: Dialect,
    cutter_sticks: bool,
    /// `ESC a`: 0 left, 1 middle, 2 right
    justification: u8,
}

/// What is the matter with a printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaperCondition {
    pub paper_low: bool,
    pub paper_out: bool,
    pub cover_open: bool,
    pub cutter_error: bool,
}

/// Which questions a printer knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `GS ( H`, function 48
    pub completion: bool,
    /// `GS a`
    pub automatic: bool,
    /// `GS r`
    pub sensors: bool,
    /// `DLE EOT`
    pub real_time: bool,
}

impl Dialect {
    /// All of them, as the better printers do.
    pub const WHOLE: Self = Self { completion: true, automatic: true, sensors: true, real_time: true };
    /// None: a printer that only prints.
    pub const MUTE: Self = Self { completion: false, automatic: false, sensors: false, real_time: false };
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
    Raster { mode: u8, width_bytes: usize, data: &'a [u8] },
    Justify(u8),
    Feed(usize),
    Cut,
    Completion([u8; 4]),
    Automatic(u8),
    Sensors,
    Name(u8),
}

impl Paper {
    /// Paper of a width in dots, in a printer that is well and answers everything.
    pub fn new(width: usize) -> Self {
        Self::in_printer(width, Dialect::WHOLE)
    }

    pub fn in_printer(width: usize, dialect: Dialect) -> Self {
        Self {
            width,
            drawn: Bitmap::new(width),
            waiting: Vec::new(),
            real_time: Vec::new(),
            answers: Vec::new(),
            condition: PaperCondition::default(),
            speaks_by_itself: false,
            dialect,
            cutter_sticks: false,
            justification: 0,
        }
    }

    /// Takes bytes in any portions; gives the receipts that were cut off.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Bitmap>, PaperError> {
        let rest = self.without_real_time(bytes);
        self.waiting.extend(rest);
        self.go_on()
    }

    /// Obeys what is waiting, as far as the printer can.
    pub fn go_on(&mut self) -> Result<Vec<Bitmap>, PaperError> {
        let mut receipts = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = waiting.as_slice();
        while !self.is_held() {
            let Some((command, length)) = next_command(rest)? else { break };
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

    /// How many bytes wait for the printer to go on.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub fn condition(&self) -> PaperCondition {
        self.condition
    }

    pub fn set_condition(&mut self, condition: PaperCondition) {
        let changed = std::mem::replace(&mut self.condition, condition) != condition;
        if changed && self.speaks_by_itself {
            self.speak();
        }
    }

    /// The cutter gets stuck with the next cut.
    pub fn let_cutter_stick(&mut self) {
        self.cutter_sticks = true;
    }

    /// Switched off and on: what was in it is gone, and so is what it was told.
    pub fn restart(&mut self) {
        *self = Self { condition: self.condition, ..Self::in_printer(self.width, self.dialect) };
    }

    fn is_held(&self) -> bool {
        self.condition.paper_out || self.condition.cover_open || self.condition.cutter_error
    }

    /// A printer obeys `DLE EOT n` as soon as it comes, wherever it stands: even inside a picture, which then lacks it.
    fn without_real_time(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut rest = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.real_time.push(*byte);
            match self.real_time.as_slice() {
                [0x10] | [0x10, 0x04] => {}
                [0x10, 0x04, question] => {
                    self.answer_real_time(*question);
                    self.real_time.clear();
                }
                [0x10, 0x10] => {
                    rest.push(0x10);
                    self.real_time.pop();
                }
                _ => rest.append(&mut self.real_time),
            }
        }
        rest
    }

    fn answer_real_time(&mut self, question: u8) {
        if !self.dialect.real_time {
            return;
        }
        let PaperCondition { paper_low, paper_out, cover_open, cutter_error } = self.condition;
        let bit = |is_so: bool, bit: u8| if is_so { bit } else { 0 };
        let bits = match question {
            1 => bit(self.is_held(), 0x08),
            2 => bit(cover_open, 0x04) | bit(paper_out, 0x20) | bit(cutter_error, 0x40),
            3 => bit(cutter_error, 0x08),
            4 => bit(paper_low || paper_out, 0x0c) | bit(paper_out, 0x60),
            _ => return,
        };
        self.answers.push(0x12 | bits);
    }

    /// The four bytes of the automatic status.
    fn speak(&mut self) {
        let PaperCondition { paper_low, paper_out, cover_open, cutter_error } = self.condition;
        let bit = |is_so: bool, bit: u8| if is_so { bit } else { 0 };
        let sensors = self.sensors(paper_low, paper_out);
        self.answers.extend([
            0x10 | bit(self.is_held(), 0x08) | bit(cover_open, 0x20),
            bit(cutter_error, 0x08),
            sensors,
            0x0f,
        ]);
    }

    fn sensors(&self, paper_low: bool, paper_out: bool) -> u8 {
        if paper_out {
            0x0f
        } else if paper_low {
            0x03
        } else {
            0
        }
    }

    /// Draws a band at its place: modes 1 and 3 make its dots twice as wide, 2 and 3 twice as high.
    fn draw(&mut self, mode: u8, width_bytes: usize, data: &[u8]) -> Result<(), PaperError> {
        let (wide, high) = (1 + usize::from(mode & 1), 1 + usize::from(mode >> 1));
        let width = width_bytes * 8 * wide;
        let free = self.width.checked_sub(width).ok_or(PaperError::TooWide(width))?;
        let from = match self.justification {
            0 => 0,
            1 => free / 2,
            _ => free,
        };
        for band_row in data.chunks_exact(width_bytes) {
            let mut row = vec![0; self.width.div_ceil(8)];
            for dot in (0..width).filter(|dot| band_row[dot / wide / 8] & (0x80 >> (dot / wide % 8)) != 0) {
                row[(from + dot) / 8] |= 0x80 >> ((from + dot) % 8);
            }
            (0..high).for_each(|_| self.drawn.push_row(&row));
        }
        Ok(())
    }

    fn obey(&mut self, command: Command<'_>) -> Result<Option<Bitmap>, PaperError> {
        match command {
            Command::Nothing => {}
            Command::Initialise => (self.speaks_by_itself, self.justification) = (false, 0),
            Command::Raster { mode, width_bytes, data } => self.draw(mode, width_bytes, data)?,
            Command::Justify(place) => self.justification = place,
            Command::Feed(rows) => self.drawn.push_white(rows),
            Command::Cut => {
                self.drawn.push_white(CUT_FEED_ROWS);
                if std::mem::take(&mut self.cutter_sticks) {
                    self.set_condition(PaperCondition { cutter_error: true, ..self.condition });
                }
                return Ok(Some(std::mem::replace(&mut self.drawn, Bitmap::new(self.width))));
            }
            Command::Completion(id) if self.dialect.completion => self.answers.extend(completion_answer(id)),
            Command::Automatic(what) if self.dialect.automatic => {
                self.speaks_by_itself = what != 0;
                if self.speaks_by_itself {
                    self.speak();
                }
            }
            Command::Sensors if self.dialect.sensors => {
                let PaperCondition { paper_low, paper_out, .. } = self.condition;
                self.answers.push(self.sensors(paper_low, paper_out));
            }
            Command::Name(what) if self.dialect == Dialect::WHOLE => {
                let name: &[u8] = if what == 66 { b"_Istiqbal\0" } else { b"_Paper\0" };
                self.answers.extend_from_slice(name);
            }
            Command::Completion(_) | Command::Automatic(_) | Command::Sensors | Command::Name(_) => {}
        }
        Ok(None)
    }
}

/// The first command of the bytes and its length; `None` while it isn't whole.
fn next_command(bytes: &[u8]) -> Result<Option<(Command<'_>, usize)>, PaperError> {
    let command = match bytes {
        [] | [0x1b | 0x1d] => return Ok(None),
        [0, ..] => (Command::Nothing, 1),
        [0x1b, b'@', ..] => (Command::Initialise, 2),
        [0x1b, b'a', place @ 0..=2, ..] => (Command::Justify(*place), 3),
        [0x1b, b'J', rows, ..] => (Command::Feed(usize::from(*rows)), 3),
        [0x1d, b'V', 0 | 1, ..] => (Command::Cut, 3),
        [0x1d, b'V', 65 | 66, _, ..] => (Command::Cut, 4),
        [0x1d, b'a', what, ..] => (Command::Automatic(*what), 3),
        [0x1d, b'r', 1, ..] => (Command::Sensors, 3),
        [0x1d, b'I', what, ..] => (Command::Name(*what), 3),
        [0x1d, b'(', b'H', 6, 0, 48, 48, a, b, c, d, ..] => (Command::Completion([*a, *b, *c, *d]), 11),
        [0x1d, b'(', ..] if bytes.len() < 11 => return Ok(None),
        [0x1d, b'v', b'0', mode @ 0..=3, xl, xh, yl, yh, data @ ..] => {
            let width_bytes = usize::from(u16::from_le_bytes([*xl, *xh]));
            let length = width_bytes * usize::from(u16::from_le_bytes([*yl, *yh]));
            let Some(data) = data.get(..length) else { return Ok(None) };
            if width_bytes == 0 {
                return Err(PaperError::Unknown(0));
            }
            (Command::Raster { mode: *mode, width_bytes, data }, 8 + length)
        }
        [0x1b, b'J' | b'a'] | [0x1d, b'V' | b'a' | b'r' | b'I'] | [0x1d, b'V', 65 | 66] => return Ok(None),
        [0x1d, b'v', ..] if bytes.len() < 8 => return Ok(None),
        [byte, ..] => return Err(PaperError::Unknown(*byte)),
    };
    Ok(Some(command))
}
