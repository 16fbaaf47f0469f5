//! Writes a document anew: what its pages lead to, one object after the other, and a table of where they stand.

use std::collections::HashMap;

use super::document::Document;
use super::rules;
use super::syntax::{Dictionary, Value, is_regular};
use crate::office::uploads::FileError;

/// Maximum number of objects; a scan has a few for each page.
const OBJECTS_MAX: u32 = 1_000_000;

pub struct Writer<'a> {
    document: &'a Document<'a>,
    /// The new numbers of objects by their old ones
    numbers: HashMap<u32, u32>,
    /// The old numbers, in the order of the new ones
    order: Vec<u32>,
    bytes: Vec<u8>,
}

/// The document anew, in at most so many bytes.
pub fn written(document: &Document, bytes_max: usize) -> Result<Vec<u8>, FileError> {
    let mut writer = Writer { document, numbers: HashMap::new(), order: Vec::new(), bytes: Vec::new() };
    writer.bytes.extend_from_slice(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    let root = writer.number(document.root)?;
    let mut places = Vec::new();
    while let Some(old) = writer.order.get(places.len()).copied() {
        places.push(writer.bytes.len());
        writer.bytes.extend_from_slice(format!("{} 0 obj\n", places.len()).as_bytes());
        writer.object(old)?;
        writer.bytes.extend_from_slice(b"\nendobj\n");
        if writer.bytes.len() > bytes_max {
            return Err(FileError::TooLarge);
        }
    }
    let table = writer.bytes.len();
    let size = places.len() + 1;
    writer.bytes.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
    for place in places {
        writer.bytes.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let end = format!("trailer\n<< /Size {size} /Root {root} 0 R >>\nstartxref\n{table}\n%%EOF\n");
    writer.bytes.extend_from_slice(end.as_bytes());
    Ok(writer.bytes)
}

impl Writer<'_> {
    /// The new number of an object, which is written in its turn.
    fn number(&mut self, old: u32) -> Result<u32, FileError> {
        if let Some(number) = self.numbers.get(&old) {
            return Ok(*number);
        }
        let number = u32::try_from(self.order.len()).unwrap_or(OBJECTS_MAX) + 1;
        if number > OBJECTS_MAX {
            return Err(FileError::LockedPdf);
        }
        self.numbers.insert(old, number);
        self.order.push(old);
        Ok(number)
    }

    fn object(&mut self, old: u32) -> Result<(), FileError> {
        let document = self.document;
        let value = document.object(old)?;
        let data = document.place(old).filter(|place| place.data.is_some());
        let Value::Dictionary(mut dictionary) = value else { return self.value(&value) };
        if old == document.root {
            dictionary = catalogue(document, &dictionary)?;
        }
        let Some(place) = data else { return self.dictionary(&dictionary) };
        let kind = document.resolved(dictionary.get(b"Type").unwrap_or(&Value::Null))?;
        if kind.as_name().is_some_and(|kind| rules::KINDS_LEFT_OUT.contains(&kind)) {
            return self.value(&Value::Null);
        }
        if names_crypt(document, &dictionary)? {
            return Err(FileError::LockedPdf);
        }
        let data = document.data(place, &dictionary)?;
        dictionary.0.retain(|(key, _)| key != b"Length");
        let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
        dictionary.0.push((b"Length".to_vec(), Value::Integer(length)));
        self.dictionary(&dictionary)?;
        self.bytes.extend_from_slice(b"\nstream\n");
        self.bytes.extend_from_slice(&data);
        self.bytes.extend_from_slice(b"\nendstream");
        Ok(())
    }

    fn dictionary(&mut self, dictionary: &Dictionary) -> Result<(), FileError> {
        self.bytes.extend_from_slice(b"<<");
        // Of a key that comes twice, the last counts, here as everywhere.
        let last: HashMap<&[u8], usize> =
            dictionary.0.iter().enumerate().map(|(place, (key, _))| (key.as_slice(), place)).collect();
        for (place, (key, value)) in dictionary.0.iter().enumerate() {
            let is_last = last.get(key.as_slice()) == Some(&place);
            if !is_last || rules::LEFT_OUT.contains(&key.as_slice()) || self.is_signature(key, value)? {
                continue;
            }
            self.name(key);
            self.bytes.push(b' ');
            self.value(value)?;
        }
        self.bytes.extend_from_slice(b">>");
        Ok(())
    }

    /// Whether this is what somebody signed, which no longer fits the file.
    fn is_signature(&self, key: &[u8], value: &Value) -> Result<bool, FileError> {
        if key != b"V" {
            return Ok(false);
        }
        let value = self.document.resolved(value)?;
        Ok(value.as_dictionary().is_some_and(|value| value.get(b"ByteRange").is_some()))
    }

    fn value(&mut self, value: &Value) -> Result<(), FileError> {
        match value {
            Value::Null => self.bytes.extend_from_slice(b"null"),
            Value::Boolean(boolean) => self.bytes.extend_from_slice(boolean.to_string().as_bytes()),
            Value::Integer(integer) => self.bytes.extend_from_slice(integer.to_string().as_bytes()),
            Value::Real(real) => self.bytes.extend_from_slice(real.to_string().as_bytes()),
            Value::Name(name) => self.name(name),
            Value::Text(text) => self.text(text),
            Value::List(list) => {
                self.bytes.push(b'[');
                for (place, value) in list.iter().enumerate() {
                    if place > 0 {
                        self.bytes.push(b' ');
                    }
                    self.value(value)?;
                }
                self.bytes.push(b']');
            }
            Value::Dictionary(dictionary) => self.dictionary(dictionary)?,
            Value::Reference(old) => {
                let number = self.number(*old)?;
                self.bytes.extend_from_slice(format!("{number} 0 R").as_bytes());
            }
        }
        Ok(())
    }

    fn name(&mut self, name: &[u8]) {
        self.bytes.push(b'/');
        for byte in name {
            if is_regular(*byte) && byte.is_ascii_graphic() && *byte != b'#' {
                self.bytes.push(*byte);
            } else {
                self.bytes.extend_from_slice(format!("#{byte:02X}").as_bytes());
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.bytes.push(b'(');
        for byte in text {
            match byte {
                b'(' | b')' | b'\\' => self.bytes.extend_from_slice(&[b'\\', *byte]),
                b'\r' => self.bytes.extend_from_slice(b"\\r"),
                _ => self.bytes.push(*byte),
            }
        }
        self.bytes.push(b')');
    }
}

/// Writes the catalogue with the entries that are kept.
fn catalogue(document: &Document, given: &Dictionary) -> Result<Dictionary, FileError> {
    let mut kept = Dictionary::default();
    for (key, value) in given.0.iter().filter(|(key, _)| rules::CATALOGUE.contains(&key.as_slice())) {
        let value = if key == b"Names" {
            let names = document.resolved(value)?;
            let places = names.as_dictionary().and_then(|names| names.get(b"Dests")).cloned();
            Value::Dictionary(Dictionary(places.map(|places| (b"Dests".to_vec(), places)).into_iter().collect()))
        } else {
            value.clone()
        };
        kept.0.push((key.clone(), value));
    }
    Ok(kept)
}

/// Whether the data of a stream are encrypted in a way of their own (7.4.10).
fn names_crypt(document: &Document, dictionary: &Dictionary) -> Result<bool, FileError> {
    let filter = document.resolved(dictionary.get(b"Filter").unwrap_or(&Value::Null))?;
    let is_crypt =
        |value: &Value| -> Result<bool, FileError> { Ok(document.resolved(value)?.as_name() == Some(b"Crypt")) };
    match filter.as_ref() {
        Value::List(list) => list.iter().try_fold(false, |found, value| Ok(found || is_crypt(value)?)),
        filter => is_crypt(filter),
    }
}
