//! The kiosk's screens and its receipt as Rust types, generated from the `.slint` files of this folder.

slint::include_modules!();

/// A text as it must be handed to a screen or the receipt, so that its lines break and align rightly.
pub fn shown(text: impl AsRef<str>) -> slint::SharedString {
    breakable(text.as_ref()).into()
}

/// The text with marks that keep Arabic line breaks right.
///
/// Slint 1.18's text layout (parley 0.11) misplaces an Arabic line whose first word begins with a ligature, such as
/// «في» or «لا»: the ligature's first letter is counted on the line before, and the word is cut at the margin. A
/// right-to-left mark (U+200F) before the word keeps the break outside the ligature; it has no width and isn't spoken.
pub fn breakable(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + text.len() / 4);
    let mut after_space = false;
    for letter in text.chars() {
        if after_space && ('\u{620}'..='\u{64A}').contains(&letter) {
            result.push('\u{200F}');
        }
        after_space = letter == ' ';
        result.push(letter);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::breakable;

    #[test]
    fn a_mark_stands_before_each_arabic_word_after_a_space() {
        assert_eq!(breakable("التتبع في المكتب"), "التتبع \u{200F}في \u{200F}المكتب");
    }

    #[test]
    fn latin_words_and_digits_stay_as_they_are() {
        assert_eq!(breakable("رقم 12 and\nso on"), "رقم 12 and\nso on");
    }
}
