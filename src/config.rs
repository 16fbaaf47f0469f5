//! Configuration files: TOML whose errors name the file, the line, the key and the cause.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// What is wrong with a configuration file, and where.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    pub file: PathBuf,
    /// Counted from 1; `None` for what concerns the file as a whole.
    pub line: Option<usize>,
    pub key: Option<String>,
    pub cause: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(formatter, ", line {line}")?;
        }
        if let Some(key) = &self.key {
            write!(formatter, ", key `{key}`")?;
        }
        write!(formatter, ": {}", self.cause)
    }
}

/// Reads a file of configuration.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    parse(path, &read_text(path)?)
}

/// The text of a file of configuration.
pub fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| ConfigError {
        file: path.to_owned(),
        line: None,
        key: None,
        cause: format!("can't be read ({error}); name another file with --config, or restore it"),
    })
}

/// Reads the text of a file; `path` is only named in errors.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| span.start);
        ConfigError {
            file: path.to_owned(),
            line: place.map(|place| line_of(text, place)),
            key: place.and_then(|place| key_at(text, place)),
            cause: error.message().to_owned(),
        }
    })
}

/// An error at a byte of the text, or of the whole file, for rules that TOML itself doesn't know.
pub fn error_at(path: &Path, text: &str, place: Option<usize>, cause: impl Into<String>) -> ConfigError {
    ConfigError {
        file: path.to_owned(),
        line: place.map(|place| line_of(text, place)),
        key: place.and_then(|place| key_at(text, place)),
        cause: cause.into(),
    }
}

fn line_of(text: &str, place: usize) -> usize {
    text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1
}

/// The key at the beginning of the line at `place`, or the table's name where the line opens one.
fn key_at(text: &str, place: usize) -> Option<String> {
    let line = text.lines().nth(line_of(text, place) - 1)?.trim();
    if let Some(table) = line.strip_prefix('[') {
        return Some(table.trim_matches(['[', ']']).to_owned());
    }
    if line.starts_with('#') {
        return None;
    }
    let (key, _) = line.split_once('=')?;
    Some(key.trim().trim_start_matches(['{', ' ']).to_owned())
}
