//! What is kept of a gateway's answer: enough to see why it refused, nothing of whom it was about.

use super::template::percent_encoded;
use crate::domain::language::Language;
use crate::language::digits;

/// So many characters are kept.
const CHARACTERS_MAX: usize = 160;
/// What stands for something that was taken out.
const TAKEN_OUT: &str = "…";
/// So many digits in a row may be a telephone number; a status or an error code is shorter.
const NUMBER_DIGITS_MIN: usize = 6;

/// An answer without control characters, without the secrets however they are encoded, and without long numbers.
pub fn cleaned(answer: &str, secrets: &[&str]) -> String {
    let mut text = answer.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.trim().is_empty()) {
        for form in forms(secret) {
            text = without(&text, &form);
        }
    }
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    without_long_numbers(&words).chars().take(CHARACTERS_MAX).collect()
}

/// A text as gateways give it back.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let escaped: String = secret
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() && !byte.is_ascii_control() && byte != b'"' && byte != b'\\' => {
                char::from(byte).to_string()
            }
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let encoded = percent_encoded(secret);
    let hexadecimal: String = secret.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
    vec![
        secret.to_owned(),
        // Without the quotes around it
        json[1..json.len() - 1].to_owned(),
        escaped,
        encoded.replace("%20", "+"),
        encoded,
        // UCS-2 in hexadecimal, as SMS themselves are written
        hexadecimal,
        digits(Language::Arabic, secret),
    ]
}

/// All of it but `secret`, whose Latin letters may be great or small.
fn without(text: &str, secret: &str) -> String {
    // Only ASCII letters change, so that places stay the same.
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = lower[from..].find(&secret) {
        kept.push_str(&text[from..from + at]);
        kept.push_str(TAKEN_OUT);
        from += at + secret.len();
    }
    kept.push_str(&text[from..]);
    kept
}

fn without_long_numbers(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut number = String::new();
    let flush = |number: &mut String, kept: &mut String| {
        let digits = number.chars().filter(|c| c.is_numeric()).count();
        let (said, behind) = number.split_at(number.trim_end_matches([' ', '-']).len());
        kept.push_str(if digits >= NUMBER_DIGITS_MIN { TAKEN_OUT } else { said });
        kept.push_str(behind);
        number.clear();
    };
    for c in text.chars() {
        // A number may be written in groups.
        if c.is_numeric() || c == '+' || (!number.is_empty() && matches!(c, ' ' | '-')) {
            number.push(c);
        } else {
            flush(&mut number, &mut kept);
            kept.push(c);
        }
    }
    flush(&mut number, &mut kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "جمعية: صدر الرد على \"طلبكم\" … Reply";

    #[test]
    fn nothing_of_the_person_stays_in_any_encoding() {
        let secrets = ["+966500000000", "966500000000", "0500000000", TEXT, "K3y+/="];
        for echoed in [
            TEXT.to_owned(),
            forms(TEXT)[1].clone(),
            forms(TEXT)[2].to_uppercase().replace("\\U", "\\u"),
            percent_encoded(TEXT).to_lowercase(),
            percent_encoded(TEXT).replace("%20", "+"),
            forms(TEXT)[5].to_uppercase(),
            "0500000000".into(),
            "+966 50 000 0000".into(),
            "٠٥٠٠٠٠٠٠٠٠".into(),
            percent_encoded("K3y+/="),
        ] {
            let answer = format!("{{\"code\":1602,\r\n\"said\":\"{echoed}\"}}");
            assert_eq!(cleaned(&answer, &secrets), "{\"code\":1602, \"said\":\"…\"}", "{echoed}");
        }
    }

    #[test]
    fn an_answer_of_any_kind_is_short_and_plain() {
        assert_eq!(cleaned(&"ab\u{0}\n".repeat(10_000), &["", " "]).chars().count(), CHARACTERS_MAX);
        assert_eq!(cleaned("ERROR 401: key", &[""]), "ERROR 401: key");
        assert_eq!(cleaned("İSTANBUL İ", &["istanbul"]), "İSTANBUL İ");
    }
}
