//! The values of which a PDF is made (ISO 32000, 7.3), read from any bytes.

use crate::office::uploads::budget::{Budget, Exhausted};

/// Deepest nesting of lists and dictionaries in one value.
const DEPTH_MAX: usize = 64;
/// Maximum number of values in one object, each of which takes up to a hundred bytes of memory.
const VALUES_MAX: usize = 500_000;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    /// Without its slash, and with its escapes undone: `J#61vaScript` is `JavaScript`
    Name(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Value>),
    Dictionary(Dictionary),
    /// The number of another object. Its generation is left out: a number has one object at a time.
    Reference(u32),
}

/// The entries as they stood, also those whose key comes twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dictionary(pub Vec<(Vec<u8>, Value)>);

impl Dictionary {
    /// The value of a key; of one that comes twice, the last.
    pub fn get(&self, key: &[u8]) -> Option<&Value> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

impl Value {
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    pub fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub fn as_text(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(integer) = self { Some(*integer) } else { None }
    }

    pub fn as_size(&self) -> Option<usize> {
        self.as_integer().and_then(|integer| usize::try_from(integer).ok())
    }
}

/// Why no value could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Here stands no value
    NoValue,
    /// It would cost too much work or memory
    TooMuch,
}

impl From<Exhausted> for Unread {
    fn from(_: Exhausted) -> Self {
        Self::TooMuch
    }
}

pub fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// Whether a byte belongs to a name, number or word.
pub fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

/// Reads values from a place on.
pub struct Reader<'a> {
    bytes: &'a [u8],
    pub place: usize,
    budget: &'a Budget,
    values: usize,
}

impl<'a> Reader<'a> {
    pub fn at(bytes: &'a [u8], place: usize, budget: &'a Budget) -> Self {
        Self { bytes, place, budget, values: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.place..).unwrap_or_default()
    }

    fn next(&self) -> Option<u8> {
        self.bytes.get(self.place).copied()
    }

    /// Passes over so many bytes.
    fn pass(&mut self, count: usize) -> Result<&'a [u8], Unread> {
        self.budget.spend(count)?;
        let passed = self.rest().get(..count).ok_or(Unread::NoValue)?;
        self.place += count;
        Ok(passed)
    }

    fn pass_while(&mut self, is_part: impl Fn(u8) -> bool) -> Result<&'a [u8], Unread> {
        let count = self.rest().iter().take_while(|byte| is_part(**byte)).count();
        self.pass(count)
    }

    /// Passes over spaces and comments.
    pub fn pass_space(&mut self) -> Result<(), Unread> {
        loop {
            self.pass_while(is_space)?;
            if self.next() != Some(b'%') {
                return Ok(());
            }
            self.pass_while(|byte| byte != b'\r' && byte != b'\n')?;
        }
    }

    /// Passes over a word if it stands here.
    pub fn pass_word(&mut self, word: &[u8]) -> Result<bool, Unread> {
        let stands = self.rest().starts_with(word);
        if stands {
            self.pass(word.len())?;
        }
        Ok(stands)
    }

    /// Reads a whole number without sign.
    pub fn number(&mut self) -> Result<u32, Unread> {
        let digits = self.pass_while(|byte| byte.is_ascii_digit())?;
        std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(Unread::NoValue)
    }

    pub fn value(&mut self) -> Result<Value, Unread> {
        self.value_within(0)
    }

    fn value_within(&mut self, depth: usize) -> Result<Value, Unread> {
        self.values += 1;
        if self.values > VALUES_MAX || depth > DEPTH_MAX {
            return Err(Unread::TooMuch);
        }
        // A value costs more than its bytes.
        self.budget.spend(8)?;
        self.pass_space()?;
        match self.rest() {
            [b'/', ..] => self.name().map(Value::Name),
            [b'(', ..] => self.text().map(Value::Text),
            [b'<', b'<', ..] => self.dictionary(depth).map(Value::Dictionary),
            [b'<', ..] => self.hexadecimal().map(Value::Text),
            [b'[', ..] => self.list(depth).map(Value::List),
            [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => self.number_or_reference(),
            _ => match self.pass_while(is_regular)? {
                b"true" => Ok(Value::Boolean(true)),
                b"false" => Ok(Value::Boolean(false)),
                b"null" => Ok(Value::Null),
                _ => Err(Unread::NoValue),
            },
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, Unread> {
        self.pass(1)?;
        let mut name = Vec::new();
        let mut written = self.pass_while(is_regular)?;
        while let [byte, after @ ..] = written {
            let escaped = match (byte, after) {
                (b'#', [high, low, ..]) => hexadecimal_digit(*high).zip(hexadecimal_digit(*low)),
                _ => None,
            };
            name.push(escaped.map_or(*byte, |(high, low)| high * 16 + low));
            written = if escaped.is_some() { &after[2..] } else { after };
        }
        Ok(name)
    }

    fn dictionary(&mut self, depth: usize) -> Result<Dictionary, Unread> {
        self.pass(2)?;
        let mut entries = Vec::new();
        loop {
            self.pass_space()?;
            if self.pass_word(b">>")? {
                return Ok(Dictionary(entries));
            }
            if self.next() != Some(b'/') {
                return Err(Unread::NoValue);
            }
            let key = self.name()?;
            entries.push((key, self.value_within(depth + 1)?));
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value>, Unread> {
        self.pass(1)?;
        let mut list = Vec::new();
        loop {
            self.pass_space()?;
            if self.pass_word(b"]")? {
                return Ok(list);
            }
            list.push(self.value_within(depth + 1)?);
        }
    }

    fn number_or_reference(&mut self) -> Result<Value, Unread> {
        let written = self.pass_while(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte))?;
        let written = std::str::from_utf8(written).unwrap_or_default();
        let Ok(integer) = written.parse::<i64>() else {
            // Some makers write `--5` or `1.2.3`, which readers take for nothing.
            return Ok(Value::Real(written.parse().ok().filter(|real: &f64| real.is_finite()).unwrap_or(0.0)));
        };
        let behind = self.place;
        if let Ok(number) = u32::try_from(integer)
            && self.is_reference()?
        {
            return Ok(Value::Reference(number));
        }
        self.place = behind;
        Ok(Value::Integer(integer))
    }

    /// Whether a generation and `R` follow.
    fn is_reference(&mut self) -> Result<bool, Unread> {
        self.pass_space()?;
        if !(1..=5).contains(&self.pass_while(|byte| byte.is_ascii_digit())?.len()) {
            return Ok(false);
        }
        self.pass_space()?;
        Ok(self.pass_word(b"R")? && !self.next().is_some_and(is_regular))
    }

    fn hexadecimal(&mut self) -> Result<Vec<u8>, Unread> {
        self.pass(1)?;
        let written = self.pass_while(|byte| byte != b'>')?;
        self.pass(1)?;
        let digits: Vec<u8> = written.iter().filter_map(|byte| hexadecimal_digit(*byte)).collect();
        Ok(digits.chunks(2).map(|pair| pair[0] * 16 + pair.get(1).copied().unwrap_or(0)).collect())
    }

    fn text(&mut self) -> Result<Vec<u8>, Unread> {
        self.pass(1)?;
        let mut text = Vec::new();
        let mut open = 1;
        loop {
            let byte = self.pass(1)?[0];
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                b'\\' => {
                    self.escaped(&mut text)?;
                    continue;
                }
                _ => {}
            }
            if open == 0 {
                return Ok(text);
            }
            text.push(byte);
        }
    }

    /// Reads what stands behind a backslash.
    fn escaped(&mut self, text: &mut Vec<u8>) -> Result<(), Unread> {
        let byte = self.pass(1)?[0];
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            // A line that goes on in the next.
            b'\n' => {}
            b'\r' => drop(self.pass_word(b"\n")?),
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.next() else { break };
                    self.pass(1)?;
                    code = code * 8 + u32::from(digit - b'0');
                }
                // Three digits may say more than a byte holds: what is above is left out (7.3.4.2).
                text.push((code & 0xFF) as u8);
            }
            other => text.push(other),
        }
        Ok(())
    }
}

fn hexadecimal_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
