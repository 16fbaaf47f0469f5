//! The objects of a PDF, found by reading the whole file from its beginning: what its tables say of places isn't asked.
//!
//! Where two objects bear one number, the later counts, as after each change that is appended to a file (7.5.6). Objects that
//! stand in the data of others count for nothing, but are looked at all the same: another reader may find them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;

use flate2::bufread::ZlibDecoder;

use super::encryption::Encryption;
use super::heads::{Head, heads};
use super::syntax::{Dictionary, Reader, Unread, Value, is_space};
use crate::office::uploads::FileError;
use crate::office::uploads::budget::Budget;

/// Maximum bytes of all packed objects together; scans have next to none.
const PACKED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Steps that an object costs beside its bytes: it takes memory as long as the file is looked at.
pub const OBJECT_STEPS: usize = 256;
/// Longest chain of references that lead to one value.
const REFERENCES_MAX: usize = 16;

pub struct Document<'a> {
    pub bytes: &'a [u8],
    pub budget: &'a Budget,
    /// Object streams, unpacked
    packed: Vec<Vec<u8>>,
    /// The object of each number, by its place in [`Document::all`]
    table: HashMap<u32, usize>,
    /// Every object that was found, also those that another took the place of
    pub all: Vec<Place>,
    encryption: Option<Encryption>,
    pub root: u32,
    /// Whether an object stands in the data of another
    pub is_nested: bool,
}

/// Where an object stands.
#[derive(Clone, Debug)]
pub struct Place {
    pub number: u32,
    generation: u32,
    /// The object stream, by its place in [`Document::packed`]; none for the file itself
    packed_in: Option<usize>,
    /// Where the content begins
    start: usize,
    /// Place of the bytes between `stream` and `endstream`
    pub data: Option<Range<usize>>,
    /// For which order counts: the place in the file, of itself or its object stream
    order: usize,
}

fn unread(unread: Unread) -> FileError {
    match unread {
        Unread::NoValue => FileError::Pdf,
        Unread::TooMuch => FileError::LockedPdf,
    }
}

/// Turns a place at which nothing stands into `None`.
pub fn if_there<T>(read: Result<T, Unread>) -> Result<Option<T>, FileError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Unread::NoValue) => Ok(None),
        Err(Unread::TooMuch) => Err(FileError::LockedPdf),
    }
}

impl<'a> Document<'a> {
    pub fn read(bytes: &'a [u8], budget: &'a Budget) -> Result<Self, FileError> {
        let heads = heads(bytes, budget)?;
        let mut document = Self {
            bytes,
            budget,
            packed: Vec::new(),
            table: HashMap::new(),
            all: Vec::new(),
            encryption: None,
            root: 0,
            is_nested: false,
        };
        let found = document.read_objects(&heads)?;
        document.encryption = document.find_encryption(&found.trailers)?;
        for place in found.object_streams {
            document.unpack(&place)?;
        }
        let roots = found.trailers.iter().rev().filter_map(|trailer| match trailer.get(b"Root") {
            Some(Value::Reference(number)) => Some(*number),
            _ => None,
        });
        for root in roots {
            if document.object(root)?.as_dictionary().is_some_and(|root| root.get(b"Pages").is_some()) {
                document.root = root;
                return Ok(document);
            }
        }
        Err(FileError::Pdf)
    }

    /// Reads all objects that stand in the file itself.
    fn read_objects(&mut self, heads: &[Head]) -> Result<Found, FileError> {
        let mut found = Found::default();
        // The last of each number, for lengths that stand behind their streams.
        let lengths: HashMap<u32, usize> = heads.iter().map(|head| (head.number, head.content)).collect();
        let mut covered = 0;
        for head in heads {
            let mut reader = Reader::at(self.bytes, head.content, self.budget);
            let Some(value) = if_there(reader.value())? else { continue };
            let mut end = reader.place;
            let mut data = None;
            if let Some(dictionary) = value.as_dictionary()
                && let Some(start) = self.data_start(&mut reader)?
            {
                let range = self.data_range(start, dictionary, &lengths)?;
                end = range.end;
                data = Some(range);
            }
            let &Head { number, generation, start, content } = head;
            let place = Place { number, generation, packed_in: None, start: content, data, order: start };
            if start >= covered {
                found.trailers.extend(self.trailers(covered..start)?);
                covered = end;
                self.table.insert(number, self.all.len());
            } else {
                self.is_nested = true;
            }
            if let (Some(dictionary), Some(_)) = (value.as_dictionary(), &place.data) {
                if dictionary.get(b"First").is_some() && dictionary.get(b"N").is_some() {
                    found.object_streams.push(place.clone());
                }
                if dictionary.get(b"Root").is_some() {
                    found.trailers.push(dictionary.clone());
                }
            }
            self.all.push(place);
        }
        found.trailers.extend(self.trailers(covered..self.bytes.len())?);
        Ok(found)
    }

    /// The dictionaries behind `trailer` in a piece of the file that belongs to no object.
    fn trailers(&self, piece: Range<usize>) -> Result<Vec<Dictionary>, FileError> {
        const WORD: &[u8] = b"trailer";
        let mut trailers = Vec::new();
        let mut place = piece.start;
        while let Some(found) = self.find(WORD, place..piece.end)? {
            place = found + WORD.len();
            let read = if_there(Reader::at(self.bytes, place, self.budget).value())?;
            if let Some(Value::Dictionary(trailer)) = read {
                trailers.push(trailer);
            }
        }
        Ok(trailers)
    }

    /// The first place of a word in a piece of the file.
    fn find(&self, word: &[u8], piece: Range<usize>) -> Result<Option<usize>, FileError> {
        let mut place = piece.start;
        loop {
            let rest = self.bytes.get(place..piece.end).unwrap_or_default();
            let next = rest.iter().position(|byte| *byte == word[0]);
            self.budget.spend(next.unwrap_or(rest.len()))?;
            let Some(next) = next else { return Ok(None) };
            if rest[next..].starts_with(word) {
                return Ok(Some(place + next));
            }
            place += next + 1;
        }
    }

    /// Where the data of a stream begin, if `stream` stands here.
    fn data_start(&self, reader: &mut Reader) -> Result<Option<usize>, FileError> {
        let spaced = if_there(reader.pass_space())?;
        if spaced.is_none() || !reader.pass_word(b"stream").map_err(unread)? {
            return Ok(None);
        }
        let start = reader.place;
        let rest = &self.bytes[start..];
        // Readers pass over spaces up to the end of the line.
        let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.budget.spend(spaces)?;
        Ok(Some(match &rest[spaces..] {
            [b'\r', b'\n', ..] => start + spaces + 2,
            [b'\r' | b'\n', ..] => start + spaces + 1,
            _ => start,
        }))
    }

    /// The data of a stream: as long as it says if `endstream` stands there, else up to the first.
    fn data_range(
        &self,
        start: usize,
        dictionary: &Dictionary,
        lengths: &HashMap<u32, usize>,
    ) -> Result<Range<usize>, FileError> {
        const WORD: &[u8] = b"endstream";
        let length = match dictionary.get(b"Length") {
            Some(Value::Reference(number)) => match lengths.get(number) {
                Some(place) => if_there(Reader::at(self.bytes, *place, self.budget).value())?,
                None => None,
            },
            other => other.cloned(),
        };
        let end = length.and_then(|length| length.as_size()).and_then(|length| start.checked_add(length));
        if let Some(behind) = end.and_then(|end| self.bytes.get(end..)) {
            let spaces = behind.iter().take(4).take_while(|byte| is_space(**byte)).count();
            if behind[spaces..].starts_with(WORD) {
                return Ok(start..self.bytes.len() - behind.len());
            }
        }
        let mut end = self.find(WORD, start..self.bytes.len())?.unwrap_or(self.bytes.len());
        if self.bytes[start..end].ends_with(b"\r\n") {
            end -= 2;
        } else if self.bytes[start..end].ends_with(b"\n") || self.bytes[start..end].ends_with(b"\r") {
            end -= 1;
        }
        Ok(start..end)
    }

    fn find_encryption(&self, trailers: &[Dictionary]) -> Result<Option<Encryption>, FileError> {
        let Some(trailer) = trailers.iter().rev().find(|trailer| trailer.get(b"Encrypt").is_some()) else {
            return Ok(None);
        };
        let encrypt = match trailer.get(b"Encrypt") {
            // `object` decrypts nothing as long as there is no key.
            Some(value) => self.resolved(value)?.into_owned(),
            None => Value::Null,
        };
        let id = match trailer.get(b"ID") {
            Some(id) => self.resolved(id)?.into_owned(),
            None => Value::Null,
        };
        let id = id.as_list().and_then(|id| id.first()).and_then(Value::as_text).unwrap_or_default();
        match &encrypt {
            Value::Null => Ok(None),
            Value::Dictionary(encrypt) => Encryption::open(self, encrypt, id).map(Some),
            _ => Err(FileError::LockedPdf),
        }
    }

    /// Unpacks an object stream (7.5.7) and takes in its objects.
    fn unpack(&mut self, place: &Place) -> Result<(), FileError> {
        let Value::Dictionary(dictionary) = self.at(place)? else { return Ok(()) };
        let bytes = self.unpacked(place, &dictionary, PACKED_BYTES_MAX)?;
        let total: usize = self.packed.iter().map(Vec::len).sum();
        if total + bytes.len() > PACKED_BYTES_MAX {
            return Err(FileError::LockedPdf);
        }
        let size = |key: &[u8]| -> Result<usize, FileError> {
            let value = dictionary.get(key).unwrap_or(&Value::Null);
            self.resolved(value)?.as_size().ok_or(FileError::LockedPdf)
        };
        let (count, first) = (size(b"N")?, size(b"First")?);
        let mut reader = Reader::at(&bytes, 0, self.budget);
        let mut places = Vec::new();
        for _ in 0..count {
            let mut pair = || {
                reader.pass_space()?;
                let number = reader.number()?;
                reader.pass_space()?;
                Ok((number, reader.number()?))
            };
            let (number, offset) = pair().map_err(|_: Unread| FileError::LockedPdf)?;
            self.budget.spend(OBJECT_STEPS)?;
            places.push(Place {
                number,
                generation: 0,
                packed_in: Some(self.packed.len()),
                start: first.saturating_add(offset as usize),
                data: None,
                order: place.order,
            });
        }
        self.packed.push(bytes);
        for place in places {
            if self.place(place.number).is_none_or(|other| other.order <= place.order) {
                self.table.insert(place.number, self.all.len());
            }
            self.all.push(place);
        }
        Ok(())
    }

    /// The data of a stream without their packing: none, or Flate without more. Whoever packs objects any other way means
    /// to hide them.
    pub fn unpacked(&self, place: &Place, dictionary: &Dictionary, bytes_max: usize) -> Result<Vec<u8>, FileError> {
        let data = self.data(place, dictionary)?;
        for key in [b"DecodeParms".as_slice(), b"DP", b"F", b"FFilter", b"FDecodeParms"] {
            let value = self.resolved(dictionary.get(key).unwrap_or(&Value::Null))?;
            if *value != Value::Null {
                return Err(FileError::LockedPdf);
            }
        }
        let mut is_packed = false;
        for key in [b"Filter".as_slice(), b"Fl"] {
            match self.resolved(dictionary.get(key).unwrap_or(&Value::Null))?.as_ref() {
                Value::Null => {}
                Value::Name(name) if name == b"FlateDecode" => is_packed = true,
                Value::List(list) if list.is_empty() => {}
                Value::List(list) => match list.as_slice() {
                    [Value::Name(name)] if name == b"FlateDecode" => is_packed = true,
                    _ => return Err(FileError::LockedPdf),
                },
                _ => return Err(FileError::LockedPdf),
            }
        }
        if !is_packed {
            self.budget.spend(data.len())?;
            return Ok(data.into_owned());
        }
        let mut unpacked = Vec::new();
        let mut decoder = ZlibDecoder::new(data.as_ref());
        loop {
            self.budget.spend(64 * 1024)?;
            match decoder.by_ref().take(64 * 1024).read_to_end(&mut unpacked) {
                Ok(0) => return Ok(unpacked),
                Ok(_) if unpacked.len() <= bytes_max => {}
                _ => return Err(FileError::LockedPdf),
            }
        }
    }

    /// The data of a stream, decrypted but still packed.
    pub fn data(&self, place: &Place, dictionary: &Dictionary) -> Result<Cow<'a, [u8]>, FileError> {
        let data = &self.bytes[place.data.clone().unwrap_or(0..0)];
        self.budget.spend(data.len())?;
        match &self.encryption {
            Some(encryption) if dictionary.get(b"Type").and_then(Value::as_name) != Some(b"XRef") => {
                Ok(Cow::Owned(encryption.stream(place.number, place.generation, data)))
            }
            _ => Ok(Cow::Borrowed(data)),
        }
    }

    /// Reads the value at a place.
    pub fn at(&self, place: &Place) -> Result<Value, FileError> {
        let bytes = place.packed_in.map_or(self.bytes, |packed| &self.packed[packed]);
        let value = Reader::at(bytes, place.start, self.budget).value();
        let mut value = if_there(value)?.unwrap_or(Value::Null);
        if let (Some(encryption), None) = (&self.encryption, place.packed_in) {
            encryption.texts(self.budget, place.number, place.generation, &mut value)?;
        }
        Ok(value)
    }

    pub fn place(&self, number: u32) -> Option<&Place> {
        self.table.get(&number).map(|place| &self.all[*place])
    }

    /// The object of a number; nothing where there is none (7.3.10).
    pub fn object(&self, number: u32) -> Result<Value, FileError> {
        self.place(number).map_or(Ok(Value::Null), |place| self.at(place))
    }

    /// A value, or what its reference leads to.
    pub fn resolved<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>, FileError> {
        let mut value = Cow::Borrowed(value);
        for _ in 0..REFERENCES_MAX {
            let Value::Reference(number) = value.as_ref() else { return Ok(value) };
            value = Cow::Owned(self.object(*number)?);
        }
        Err(FileError::LockedPdf)
    }
}

/// Facts that reading all objects brings beside them.
#[derive(Default)]
struct Found {
    trailers: Vec<Dictionary>,
    object_streams: Vec<Place>,
}
