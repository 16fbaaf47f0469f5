//! Rules for every object of a PDF, also for those that no page shows: kept, left out, or the file is refused.

use std::borrow::Cow;

use super::document::{Document, Place};
use super::syntax::{Dictionary, Value};
use crate::office::uploads::FileError;

/// Actions (12.6.4) that stay within the document and happen when somebody touches them. `URI` asks for an address, too.
const QUIET_ACTIONS: [&[u8]; 5] = [b"GoTo", b"Named", b"ResetForm", b"Hide", b"SetOCGState"];
const OPENS_ADDRESS: &[u8] = b"URI";
/// Schemes of addresses that a person may follow from a page.
const SCHEMES: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];
/// Named actions (12.6.4.12) that any reader knows; others are commands of one program's menu.
const NAMED: [&[u8]; 5] = [b"NextPage", b"PrevPage", b"FirstPage", b"LastPage", b"Print"];
/// Actions that run something, send something or open another file, refused wherever an object names one.
const ACTIVE_ACTIONS: [&[u8]; 12] = [
    b"JavaScript",
    b"ECMAScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"GoToR",
    b"GoTo3DView",
    b"Rendition",
    b"RichMediaExecute",
    b"Movie",
    b"Sound",
];
/// Entries that hold scripts, programs or media.
const ACTIVE_KEYS: [&[u8]; 8] = [
    b"JS",
    b"JavaScript",
    b"XFA",
    b"RichMediaContent",
    b"RichMediaSettings",
    b"Renditions",
    b"AlternatePresentations",
    b"OnInstantiate",
];
/// Kinds of objects that act, by their own word.
const ACTIVE_KINDS: [&[u8]; 11] = [
    b"FileAttachment",
    b"RichMedia",
    b"Rendition",
    b"MediaClip",
    b"Movie",
    b"Sound",
    b"Screen",
    b"3D",
    b"U3D",
    b"PRC",
    b"PS",
];
const KIND_KEYS: [&[u8]; 3] = [b"Type", b"Subtype", b"Subtype2"];
/// Annotations that may lie on a page (12.5.6).
const ANNOTATIONS: [&[u8]; 21] = [
    b"Text",
    b"Link",
    b"FreeText",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Caret",
    b"Stamp",
    b"Ink",
    b"Popup",
    b"Widget",
    b"PrinterMark",
    b"TrapNet",
    b"Watermark",
    b"Redact",
];
/// Longest chain of actions, one after the other.
const ACTIONS_MAX: usize = 16;
/// Maximum bytes of an attached invoice.
const INVOICE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Entries that aren't kept, wherever they stand: what happens by itself, what leads to another file, what says who wrote
/// the document with what, and signatures, which hold for the file as it came only.
pub const LEFT_OUT: [&[u8]; 16] = [
    b"AA",
    b"OpenAction",
    b"AF",
    b"EF",
    b"Collection",
    b"Metadata",
    b"PieceInfo",
    b"Thumb",
    b"RC",
    b"RV",
    b"OPI",
    b"Ref",
    b"SigFlags",
    b"Perms",
    b"Legal",
    b"DSS",
];
/// The entries of the catalogue that are kept (7.7.2); of `Names` only the named places.
pub const CATALOGUE: [&[u8]; 15] = [
    b"Type",
    b"Version",
    b"Pages",
    b"PageLabels",
    b"Dests",
    b"Names",
    b"ViewerPreferences",
    b"PageLayout",
    b"PageMode",
    b"Outlines",
    b"AcroForm",
    b"Lang",
    b"MarkInfo",
    b"StructTreeRoot",
    b"OCProperties",
];
/// Objects that aren't kept when something leads to them.
pub const KINDS_LEFT_OUT: [&[u8]; 3] = [b"EmbeddedFile", b"ObjStm", b"XRef"];

/// Whether an action needs somebody's touch to happen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Happens {
    ByTouch,
    ByItself,
}

/// Refuses an object in which something acts by itself or another file lies.
pub fn inspect(document: &Document, place: &Place) -> Result<(), FileError> {
    let value = document.at(place)?;
    if let (Some(dictionary), Some(_)) = (value.as_dictionary(), &place.data) {
        // The data of a stream may lie in another file (7.3.8.2).
        for key in [b"F".as_slice(), b"FFilter", b"FDecodeParms"] {
            if *resolved(document, dictionary, key)? != Value::Null {
                return Err(FileError::ActivePdf);
            }
        }
        if kinds(document, dictionary)?.iter().any(|kind| kind == b"EmbeddedFile") {
            inspect_attachment(document, place)?;
        }
    }
    inspect_value(document, &value)
}

fn inspect_value(document: &Document, value: &Value) -> Result<(), FileError> {
    match value {
        Value::List(list) => list.iter().try_for_each(|value| inspect_value(document, value)),
        Value::Dictionary(dictionary) => {
            inspect_dictionary(document, dictionary)?;
            dictionary.0.iter().try_for_each(|(_, value)| inspect_value(document, value))
        }
        _ => Ok(()),
    }
}

fn inspect_dictionary(document: &Document, dictionary: &Dictionary) -> Result<(), FileError> {
    if kinds(document, dictionary)?.iter().any(|kind| ACTIVE_KINDS.contains(&kind.as_slice())) {
        return Err(FileError::ActivePdf);
    }
    for (key, value) in &dictionary.0 {
        match key.as_slice() {
            key if ACTIVE_KEYS.contains(&key) => return Err(FileError::ActivePdf),
            b"S" => match document.resolved(value)?.as_name() {
                Some(OPENS_ADDRESS) => inspect_action(document, dictionary, Happens::ByTouch)?,
                Some(action) if ACTIVE_ACTIONS.contains(&action) => return Err(FileError::ActivePdf),
                _ => {}
            },
            b"A" | b"PA" | b"Next" => inspect_actions(document, value, Happens::ByTouch, 0)?,
            b"OpenAction" => inspect_actions(document, value, Happens::ByItself, 0)?,
            b"AA" => {
                if let Value::Dictionary(actions) = document.resolved(value)?.as_ref() {
                    for (_, action) in &actions.0 {
                        inspect_actions(document, action, Happens::ByItself, 0)?;
                    }
                }
            }
            b"Annots" => {
                if let Value::List(annotations) = document.resolved(value)?.as_ref() {
                    annotations.iter().try_for_each(|annotation| inspect_annotation(document, annotation))?;
                }
            }
            b"EF" => inspect_attachments(document, dictionary, value)?,
            _ => {}
        }
    }
    Ok(())
}

/// The value of a key without references; of a key that comes twice, the last.
fn resolved<'v>(document: &Document, dictionary: &'v Dictionary, key: &[u8]) -> Result<Cow<'v, Value>, FileError> {
    document.resolved(dictionary.get(key).unwrap_or(&Value::Null))
}

/// Everything that an object says it is.
fn kinds(document: &Document, dictionary: &Dictionary) -> Result<Vec<Vec<u8>>, FileError> {
    let entries = dictionary.0.iter().filter(|(key, _)| KIND_KEYS.contains(&key.as_slice()));
    let mut kinds = Vec::new();
    for (_, value) in entries {
        if let Value::Name(kind) = document.resolved(value)?.as_ref() {
            kinds.push(kind.clone());
        }
    }
    Ok(kinds)
}

/// An action, a list of them, or something else that happens to stand under the same key.
fn inspect_actions(document: &Document, value: &Value, happens: Happens, depth: usize) -> Result<(), FileError> {
    if depth > ACTIONS_MAX {
        return Err(FileError::ActivePdf);
    }
    match document.resolved(value)?.as_ref() {
        Value::List(list) => {
            list.iter().try_for_each(|value| match value {
                // A place in the document, or the attributes of a paragraph.
                Value::Reference(_) | Value::Dictionary(_) => inspect_actions(document, value, happens, depth + 1),
                _ => Ok(()),
            })
        }
        Value::Dictionary(action) => {
            if action.get(b"S").is_some() {
                inspect_action(document, action, happens)?;
            }
            match action.get(b"Next") {
                // A link that is touched is looked at as an object of its own.
                Some(next) if happens == Happens::ByItself => inspect_actions(document, next, happens, depth + 1),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn inspect_action(document: &Document, action: &Dictionary, happens: Happens) -> Result<(), FileError> {
    let kind = resolved(document, action, b"S")?;
    let is_fine = match kind.as_name() {
        Some(b"Named") => resolved(document, action, b"N")?.as_name().is_some_and(|name| NAMED.contains(&name)),
        Some(OPENS_ADDRESS) if happens == Happens::ByTouch => {
            resolved(document, action, b"URI")?.as_text().is_some_and(is_address)
        }
        Some(kind) => QUIET_ACTIONS.contains(&kind),
        None => false,
    };
    if is_fine { Ok(()) } else { Err(FileError::ActivePdf) }
}

/// Whether it is an address that a person may follow; one without a scheme is one of the document's own place.
fn is_address(text: &[u8]) -> bool {
    let text = text.trim_ascii().to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| text.starts_with(scheme.as_bytes())) || text.starts_with(b"www.") || text.is_empty()
}

fn inspect_annotation(document: &Document, annotation: &Value) -> Result<(), FileError> {
    let annotation = document.resolved(annotation)?;
    let Some(annotation) = annotation.as_dictionary() else { return Ok(()) };
    match resolved(document, annotation, b"Subtype")?.as_name() {
        Some(kind) if !ANNOTATIONS.contains(&kind) => Err(FileError::ActivePdf),
        _ => Ok(()),
    }
}

/// The files of a file specification (7.11.3): the same in several writings.
fn inspect_attachments(document: &Document, specification: &Dictionary, files: &Value) -> Result<(), FileError> {
    for key in [b"F".as_slice(), b"UF"] {
        if let Some(name) = resolved(document, specification, key)?.as_text()
            && !is_invoice_name(name)
        {
            return Err(FileError::AttachedPdf);
        }
    }
    let files = document.resolved(files)?;
    let Some(files) = files.as_dictionary() else { return Ok(()) };
    for (_, file) in &files.0 {
        let Value::Reference(number) = file else { return Err(FileError::AttachedPdf) };
        if let Some(place) = document.place(*number) {
            inspect_attachment(document, place)?;
        }
    }
    Ok(())
}

/// `invoice.xml`, in Latin letters or in UTF-16.
fn is_invoice_name(name: &[u8]) -> bool {
    let letters: Vec<u8> = name.iter().filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    letters.ends_with(b".xml")
}

/// An electronic invoice says in XML what its page shows: it may be left out. Any other attachment is part of what was
/// handed over, or a program: it isn't dropped in silence.
fn inspect_attachment(document: &Document, place: &Place) -> Result<(), FileError> {
    let value = document.at(place)?;
    let Some(dictionary) = value.as_dictionary() else { return Err(FileError::AttachedPdf) };
    let unpacked = document.unpacked(place, dictionary, INVOICE_BYTES_MAX).map_err(|_| FileError::AttachedPdf)?;
    document.budget.spend(unpacked.len())?;
    let text = unpacked.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&unpacked).trim_ascii_start().to_ascii_lowercase();
    let holds = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
    let acts = [b"<script".as_slice(), b"<html", b"<svg", b"<!entity", b"<?xml-stylesheet", b"<hta:"];
    if text.starts_with(b"<") && !acts.into_iter().any(holds) { Ok(()) } else { Err(FileError::AttachedPdf) }
}
