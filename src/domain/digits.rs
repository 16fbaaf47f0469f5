//! Digits as people and scanners type them: 0-9, ٠-٩ (Arabic-Indic) and ۰-۹ (Persian, Urdu).

/// Between the groups of a number: a space that breaks no line, and that keeps groups of ٠-٩ in one run. With a common
/// space a text layout shows them from right to left (Unicode Standard Annex 9, W4 and N1), isolated or not.
pub const GROUP_SPACE: char = '\u{A0}';

/// The value of a digit in any of the three styles, or `None` for any other character.
pub fn digit_value(character: char) -> Option<u8> {
    let zero = match character {
        '0'..='9' => '0',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        _ => return None,
    };
    Some((character as u32 - zero as u32) as u8)
}

/// The text with every digit as 0-9; all other characters stay.
pub fn to_western(text: &str) -> String {
    text.chars()
        .map(|character| match digit_value(character) {
            Some(value) => (b'0' + value) as char,
            None => character,
        })
        .collect()
}

/// The text with every digit as ٠-٩; all other characters stay.
pub fn to_eastern(text: &str) -> String {
    text.chars()
        .map(|character| match digit_value(character) {
            Some(value) => char::from_u32('٠' as u32 + u32::from(value)).unwrap_or(character),
            None => character,
        })
        .collect()
}

/// A whole number of digits in any style; `None` for signs, spaces, nothing, or a number beyond 32 bits.
pub fn whole_number(text: &str) -> Option<u32> {
    let western = to_western(text);
    if western.bytes().all(|byte| byte.is_ascii_digit()) { western.parse().ok() } else { None }
}

/// Only the digits of a text, as 0-9.
pub fn only_digits(text: &str) -> String {
    text.chars().filter_map(digit_value).map(|value| (b'0' + value) as char).collect()
}

/// True when the Luhn sum of 0-9 digits (ISO/IEC 7812-1, annex B) is a multiple of ten.
pub fn luhn_holds(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(digit_value)
        .enumerate()
        .map(|(place, value)| {
            let value = u32::from(value);
            match (place % 2 == 1, value * 2) {
                (false, _) => value,
                (true, doubled) if doubled > 9 => doubled - 9,
                (true, doubled) => doubled,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_styles_are_one() {
        assert_eq!(to_western("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ ab"), "0123456789 0123456789 ab");
        assert_eq!(to_eastern("2026/11"), "٢٠٢٦/١١");
        assert_eq!(only_digits("٤٧١٢-8039 x"), "47128039");
    }
}
