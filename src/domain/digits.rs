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

/// Bytes of a group in [`from_bytes`].
const GROUP: usize = 7;
/// How many digits so many bytes take.
const GROUP_DIGITS: [usize; GROUP + 1] = [0, 3, 5, 8, 10, 13, 15, 17];

/// Bytes as digits: seven bytes are one number of 17 digits (2⁵⁶ < 10¹⁷); what is left over at the end takes as many
/// digits as it needs. Digits alone survive every keyboard layout, and a QR code packs them densest (ISO/IEC 18004, 7.4.3).
pub fn from_bytes(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len() * GROUP_DIGITS[GROUP] / GROUP + GROUP_DIGITS[GROUP]);
    for group in bytes.chunks(GROUP) {
        let number = group.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let width = GROUP_DIGITS[group.len()];
        digits += &format!("{number:0width$}");
    }
    digits
}

/// The bytes of [`from_bytes`], from a text whose digits are of any style; `None` for what it never gives.
pub fn to_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = only_digits(text);
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for group in digits.as_bytes().chunks(GROUP_DIGITS[GROUP]) {
        let length = GROUP_DIGITS.iter().position(|digits| *digits == group.len())?;
        // At most 17 digits: far below 2⁶⁴.
        let number = group.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        if number >> (8 * length) != 0 {
            return None;
        }
        bytes.extend_from_slice(&number.to_be_bytes()[8 - length..]);
    }
    Some(bytes)
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
