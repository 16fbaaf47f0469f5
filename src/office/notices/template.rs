//! What is sent to a gateway, from the patterns of `[sms]` in the office's file. Each place has its own escaping, so that no
//! text, number or key can become more than a value: JSON strings are written by a JSON writer, forms and addresses are
//! percent-encoded, and headers take no text at all.

use std::fmt::Write;

use serde_json::Value;

/// The placeholders, as they stand in a pattern between braces.
const PLACEHOLDERS: [&str; 6] = ["to", "to_digits", "text", "id", "sender", "key"];

/// What stands for the placeholders.
pub struct Filling<'a> {
    /// E.164, `+966500000000`
    pub to: &'a str,
    pub text: &'a str,
    pub id: &'a str,
    pub sender: &'a str,
    pub key: &'a str,
}

impl Filling<'_> {
    fn value(&self, placeholder: &str) -> &str {
        match placeholder {
            "to" => self.to,
            "to_digits" => self.to.trim_start_matches('+'),
            "text" => self.text,
            "id" => self.id,
            "sender" => self.sender,
            _ => self.key,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("`{{{0}}}` is no placeholder: they are {{to}}, {{to_digits}}, {{text}}, {{id}}, {{sender}} and {{key}}")]
    Unknown(String),
    #[error("the JSON isn't right as it stands ({0}): put every placeholder into quotes")]
    Json(String),
    #[error("a form is name=value&name=value, without placeholders in the names")]
    Form,
}

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(String),
    /// One of [`PLACEHOLDERS`]
    Placeholder(&'static str),
}

impl Pattern {
    /// Small letters between braces are a placeholder, and have to be a known one; other braces are what they are.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut rest = text;
        let mut fixed = String::new();
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            fixed.push_str(before);
            let name = from[1..].split_once('}').map(|(name, _)| name);
            let is_name =
                |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            match name.filter(is_name) {
                Some(name) => {
                    let known = PLACEHOLDERS.into_iter().find(|known| *known == name);
                    parts.push(Part::Fixed(std::mem::take(&mut fixed)));
                    parts.push(Part::Placeholder(known.ok_or_else(|| PatternError::Unknown(name.to_owned()))?));
                    rest = &from[name.len() + 2..];
                }
                None => {
                    fixed.push('{');
                    rest = &from[1..];
                }
            }
        }
        fixed.push_str(rest);
        parts.push(Part::Fixed(fixed));
        Ok(Self(parts))
    }

    pub fn has(&self, placeholder: &str) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Placeholder(name) if *name == placeholder))
    }

    /// What stands before the first placeholder.
    pub fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Fixed(text)) => text,
            _ => "",
        }
    }

    /// The values as they are.
    pub fn plain(&self, filling: &Filling<'_>) -> String {
        self.filled(filling, str::to_owned, str::to_owned)
    }

    /// The values percent-encoded, as they stand in an address.
    pub fn in_address(&self, filling: &Filling<'_>) -> String {
        self.filled(filling, str::to_owned, percent_encoded)
    }

    fn in_form(&self, filling: &Filling<'_>) -> String {
        self.filled(filling, percent_encoded, percent_encoded)
    }

    fn filled(&self, filling: &Filling<'_>, fixed: fn(&str) -> String, value: fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Fixed(text) => fixed(text),
            Part::Placeholder(name) => value(filling.value(name)),
        };
        self.0.iter().map(part).collect()
    }
}

/// A body with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub enum BodyPattern {
    /// `application/json`; placeholders stand in its strings
    Json(JsonPattern),
    /// `application/x-www-form-urlencoded`: names, and values not yet encoded
    Form(Vec<(String, Pattern)>),
}

/// JSON whose strings may have placeholders.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonPattern {
    Text(Pattern),
    List(Vec<JsonPattern>),
    Object(Vec<(String, JsonPattern)>),
    Other(Value),
}

impl BodyPattern {
    pub fn json(text: &str) -> Result<Self, PatternError> {
        let value: Value = serde_json::from_str(text).map_err(|error| PatternError::Json(error.to_string()))?;
        Ok(Self::Json(JsonPattern::of(value)?))
    }

    pub fn form(text: &str) -> Result<Self, PatternError> {
        let field = |pair: &str| {
            let (name, value) = pair.split_once('=').ok_or(PatternError::Form)?;
            if name.is_empty() || name.contains(['{', '}']) {
                return Err(PatternError::Form);
            }
            Ok((name.to_owned(), Pattern::parse(value)?))
        };
        text.split('&').map(field).collect::<Result<_, _>>().map(Self::Form)
    }

    pub fn has(&self, placeholder: &str) -> bool {
        match self {
            Self::Json(json) => json.has(placeholder),
            Self::Form(fields) => fields.iter().any(|(_, value)| value.has(placeholder)),
        }
    }

    pub fn filled(&self, filling: &Filling<'_>) -> String {
        match self {
            Self::Json(json) => json.filled(filling).to_string(),
            Self::Form(fields) => {
                let field =
                    |(name, value): &(String, Pattern)| format!("{}={}", percent_encoded(name), value.in_form(filling));
                fields.iter().map(field).collect::<Vec<_>>().join("&")
            }
        }
    }
}

impl JsonPattern {
    fn of(value: Value) -> Result<Self, PatternError> {
        Ok(match value {
            Value::String(text) => Self::Text(Pattern::parse(&text)?),
            Value::Array(values) => Self::List(values.into_iter().map(Self::of).collect::<Result<_, _>>()?),
            Value::Object(fields) => {
                let field = |(name, value)| Ok((name, Self::of(value)?));
                Self::Object(fields.into_iter().map(field).collect::<Result<_, PatternError>>()?)
            }
            other => Self::Other(other),
        })
    }

    fn has(&self, placeholder: &str) -> bool {
        match self {
            Self::Text(pattern) => pattern.has(placeholder),
            Self::List(patterns) => patterns.iter().any(|one| one.has(placeholder)),
            Self::Object(fields) => fields.iter().any(|(_, one)| one.has(placeholder)),
            Self::Other(_) => false,
        }
    }

    fn filled(&self, filling: &Filling<'_>) -> Value {
        match self {
            Self::Text(pattern) => Value::String(pattern.plain(filling)),
            Self::List(patterns) => patterns.iter().map(|one| one.filled(filling)).collect(),
            Self::Object(fields) => fields.iter().map(|(name, one)| (name.clone(), one.filled(filling))).collect(),
            Self::Other(value) => value.clone(),
        }
    }
}

/// RFC 3986: all but unreserved characters, byte by byte.
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"},{\"to\":\"+966511111111\" \\ \r\nBcc: x&to=1#?%{key} \u{2028} جمعية";

    fn filling() -> Filling<'static> {
        Filling { to: "+966500000000", text: HOSTILE, id: "0f", sender: "a&b", key: "k e\"y" }
    }

    #[test]
    fn a_text_stays_one_value_wherever_it_stands() {
        let json = BodyPattern::json(r#"{"to":["{to_digits}"],"text":"«{text}»","n":1,"{x":"{","from":"{sender}"}"#);
        let filled: Value = serde_json::from_str(&json.unwrap().filled(&filling())).unwrap();
        let expected = serde_json::json!({
            "to": ["966500000000"], "text": format!("«{HOSTILE}»"), "n": 1, "{x": "{", "from": "a&b"
        });
        assert_eq!(filled, expected);

        let form = BodyPattern::form("to={to}&text={text}&fixed=a b").unwrap().filled(&filling());
        let fields: Vec<&str> = form.split('&').collect();
        assert_eq!(fields.len(), 3);
        assert_eq!(fields[0], "to=%2B966500000000");
        assert_eq!(fields[2], "fixed=a%20b");
        assert_eq!(decoded(fields[1].strip_prefix("text=").unwrap()), HOSTILE);

        let address = Pattern::parse("https://sms.example/send?text={text}&key={key}").unwrap();
        let address = address.in_address(&filling());
        let (_, query) = address.split_once('?').unwrap();
        assert_eq!(query.matches('&').count(), 1);
        assert!(address.bytes().all(|byte| byte.is_ascii_graphic()) && !address.contains('#'));
        assert!(address.ends_with("&key=k%20e%22y"));
    }

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let two = |high: u8, low: u8| u8::from_str_radix(&format!("{}{}", high as char, low as char), 16).unwrap();
            bytes.push(if byte == b'%' { two(rest.next().unwrap(), rest.next().unwrap()) } else { byte });
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_wrong_pattern_is_named() {
        assert_eq!(Pattern::parse("a {txt} b"), Err(PatternError::Unknown("txt".into())));
        assert!(matches!(BodyPattern::json(r#"{"to":{to}}"#), Err(PatternError::Json(_))));
        assert_eq!(BodyPattern::form("{to}={text}"), Err(PatternError::Form));
        assert_eq!(BodyPattern::form("to"), Err(PatternError::Form));
        assert!(Pattern::parse("{} { } {A} {").is_ok());
    }
}
