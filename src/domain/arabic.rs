//! Names and words as people search them: however a name is written, it folds to the same words.
//!
//! What is folded away: vowel marks, tatweel, the forms of alef and of hamza, ta marbuta, the article, "son of", the
//! space within "عبد الله", and small and capital letters. What remains serves to find and to compare, never to show.

/// The most words of one text that are looked at.
pub const WORDS_MAX: usize = 200;

/// Words that say whose child somebody is; some write them, some don't.
const CHILD_OF: [&str; 4] = ["بن", "بنت", "ابن", "ابنه"];
/// Beginnings of a name whose second half is a word of its own for some.
const BEGINNINGS: [&str; 3] = ["عبد", "ابو", "ام"];
/// An end of a name that is a word of its own for some: نور الدين.
const END: &str = "الدين";
const ARTICLE: &str = "ال";
/// A word keeps so many letters at least when its article is taken off.
const LETTERS_AFTER_ARTICLE: usize = 3;

/// The words of a text, folded, in their order.
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let folded = fold(text);
    let mut parts = folded.split_whitespace().peekable();
    while let Some(part) = parts.next() {
        if words.len() == WORDS_MAX {
            break;
        }
        // "آل مشيط": the family's name is what follows.
        if part == ARTICLE || CHILD_OF.contains(&part) {
            continue;
        }
        if BEGINNINGS.contains(&part)
            && let Some(rest) = parts.next_if(|next| !CHILD_OF.contains(next))
        {
            words.push(format!("{part}{}", rest.strip_prefix(ARTICLE).unwrap_or(rest)));
            continue;
        }
        match words.last_mut() {
            Some(before) if part == END => before.push_str(END),
            _ => words.push(in_one_form(part)),
        }
    }
    words
}

/// The words of a name as one text: two names that are the same however they are written have the same.
pub fn name_key(name: &str) -> String {
    words(name).join(" ")
}

/// A text in one form of each letter, without marks; what isn't a letter or a digit becomes a space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
            'ة' | 'ھ' | 'ہ' | 'ۀ' | 'ە' => folded.push('ه'),
            'ى' | 'ئ' | 'ی' | 'ے' => folded.push('ي'),
            'ؤ' => folded.push('و'),
            'ک' => folded.push('ك'),
            // A hamza by itself is written or forgotten; marks, tatweel and what is invisible say nothing.
            'ء' | 'ـ' | '\'' | '’' => {}
            '\u{0300}'..='\u{036F}' | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0670}' => {}
            '\u{06D6}'..='\u{06ED}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' => {}
            '\u{2060}'..='\u{2069}' | '\u{FEFF}' => {}
            other => match super::digits::digit_value(other) {
                Some(value) => folded.push(char::from(b'0' + value)),
                None if other.is_alphanumeric() => {
                    // The small letter of İ brings a mark of its own.
                    folded.extend(other.to_lowercase().filter(|small| !('\u{0300}'..='\u{036F}').contains(small)));
                }
                None => folded.push(' '),
            },
        }
    }
    folded
}

/// A word without its article, at its beginning or after "عبد".
fn in_one_form(word: &str) -> String {
    for beginning in BEGINNINGS {
        if let Some(rest) = word.strip_prefix(beginning).and_then(|rest| rest.strip_prefix(ARTICLE))
            && (!rest.is_empty() || beginning == BEGINNINGS[0])
        {
            return format!("{beginning}{rest}");
        }
    }
    match word.strip_prefix(ARTICLE) {
        Some(rest) if rest.chars().count() >= LETTERS_AFTER_ARTICLE => rest.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for same in [
            ["إيمان بنت أحمد القحطاني", "ايمان احمد القحطانى", "إِيمَان  بنت أحمد قحطاني"],
            ["عبد الله بن عبد العزيز", "عبدالله عبدالعزيز", "عَبْدُ اللهِ ابن عبد العزيز"],
            ["فاطِمة الزهراء آل مشيط", "فاطمه الزهرا ال مشيط", "فـاطـمـة الزهراء مشيط"],
            ["رؤى بنت نائف", "روي نايف", "رؤي بنت نايف"],
            ["أبو بكر نور الدين", "ابوبكر نورالدين", "أبوبكر نور الدين"],
            ["Mary-Anne O'Neil", "mary anne oneil", "MARY ANNE O’NEIL"],
            ["هناء ضياء", "هنا ضيا", "هناءْ ضياءٌ"],
            ["آمنة ٱلشهري", "امنه شهري", "أمنه الشهرى"],
        ] {
            let keys = same.map(name_key);
            assert!(keys.iter().all(|key| *key == keys[0] && !key.is_empty()), "{keys:?}");
        }
    }

    #[test]
    fn other_names_stay_others() {
        for (one, other) in [("نورة سعد", "نور سعد"), ("علي حسن", "علي حسين"), ("عبدالله سعد", "عبيدالله سعد")]
        {
            assert_ne!(name_key(one), name_key(other));
        }
    }

    #[test]
    fn digits_of_all_styles_and_signs_between_words() {
        assert_eq!(words("٠٥٠-۱۲ 3"), ["050", "12", "3"]);
        assert_eq!(words("؛،. / \u{202e}"), Vec::<String>::new());
        assert_eq!(words(&"كلمة ".repeat(300)).len(), WORDS_MAX);
    }

    /// Ways in which a person or a keyboard writes the same name.
    fn rewritten(name: &str, ways: u8) -> String {
        let mut text = name.to_owned();
        let mut change = |way: u8, from: &str, to: &str| {
            if ways & way != 0 {
                text = text.replace(from, to);
            }
        };
        change(1, "أ", "ا");
        change(2, "ة", "ه");
        change(4, " بن ", " ");
        change(8, "عبد ال", "عبدال");
        change(16, " ال", " ");
        change(32, "م", "مـُ");
        change(64, " ", "   ");
        change(128, "ئ", "ي");
        text
    }

    proptest! {
        #[test]
        fn any_mixture_of_ways_folds_to_one(
            first in prop::sample::select(vec!["أحمد", "عبد الرحمن", "فاطمة", "رائد", "محمد"]),
            father in prop::sample::select(vec!["أسامة", "عبد الله", "عائض", "سالم"]),
            family in prop::sample::select(vec!["القحطاني", "الأحمري", "العسيري"]),
            ways in any::<u8>(),
        ) {
            let name = format!("{first} بن {father} {family}");
            prop_assert_eq!(name_key(&rewritten(&name, ways)), name_key(&name));
        }

        #[test]
        fn folding_twice_changes_nothing_more(text in "\\PC{0,60}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
