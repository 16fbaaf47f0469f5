//! Every text a person sees, in the languages of the reception: Fluent messages from `locales/`, digits, dates, and
//! the isolation of what runs the other way.

pub mod dates;
pub mod standing;

use std::sync::OnceLock;

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use icu_plurals::{PluralCategory, PluralRuleType, PluralRules};
use unic_langid::LanguageIdentifier;

use crate::domain::digits::{to_eastern, to_western};
use crate::domain::language::Language;

/// What stands in a message for a `{$variable}`: a text or a number.
pub type Value<'a> = FluentValue<'a>;

/// The messages of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// The files of a language, each with its name.
macro_rules! messages {
    ($language:literal) => {
        [
            ("dates.ftl", include_str!(concat!("../../locales/", $language, "/dates.ftl"))),
            ("kiosk.ftl", include_str!(concat!("../../locales/", $language, "/kiosk.ftl"))),
            ("receipt.ftl", include_str!(concat!("../../locales/", $language, "/receipt.ftl"))),
            ("office.ftl", include_str!(concat!("../../locales/", $language, "/office.ftl"))),
            ("office-people.ftl", include_str!(concat!("../../locales/", $language, "/office-people.ftl"))),
            ("office-committee.ftl", include_str!(concat!("../../locales/", $language, "/office-committee.ftl"))),
            ("office-lists.ftl", include_str!(concat!("../../locales/", $language, "/office-lists.ftl"))),
            ("office-work.ftl", include_str!(concat!("../../locales/", $language, "/office-work.ftl"))),
            ("office-privacy.ftl", include_str!(concat!("../../locales/", $language, "/office-privacy.ftl"))),
            ("office-notices.ftl", include_str!(concat!("../../locales/", $language, "/office-notices.ftl"))),
            ("office-desk.ftl", include_str!(concat!("../../locales/", $language, "/office-desk.ftl"))),
            ("office-clock.ftl", include_str!(concat!("../../locales/", $language, "/office-clock.ftl"))),
        ]
    };
}

/// The Fluent files of a language by name, as they are compiled in.
pub fn files(language: Language) -> [(&'static str, &'static str); 12] {
    match language {
        Language::Arabic => messages!("ar"),
        Language::English => messages!("en"),
    }
}

impl Words {
    /// The messages of a language; read once.
    pub fn of(language: Language) -> &'static Self {
        static ARABIC: OnceLock<Words> = OnceLock::new();
        static ENGLISH: OnceLock<Words> = OnceLock::new();
        let words = match language {
            Language::Arabic => &ARABIC,
            Language::English => &ENGLISH,
        };
        words.get_or_init(|| Self::read(language))
    }

    fn read(language: Language) -> Self {
        // Plural forms follow this id; "ar" and "en" always parse.
        let id: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        let formatter = match language {
            Language::Arabic => format_eastern,
            Language::English => format_western,
        };
        bundle.set_formatter(Some(formatter));
        if let Err(error) = bundle.add_function("PLURAL", move |values, _| plural_form(language, values)) {
            tracing::error!("the plural forms of {}: {error}", language.code());
        }
        for (name, text) in files(language) {
            // A file with a mistake still gives its good messages; the tests refuse every mistake.
            let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, errors)| {
                tracing::error!("locales/{}/{name}: {errors:?}", language.code());
                resource
            });
            if let Err(errors) = bundle.add_resource(resource) {
                tracing::error!("locales/{}/{name}: {errors:?}", language.code());
            }
        }
        Self { language, bundle }
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// The message of a key; the key itself where there is none.
    pub fn get(&self, key: &str) -> String {
        self.format(key, &[])
    }

    /// The message of a key with its variables; the key itself where there is none.
    pub fn format(&self, key: &str, variables: &[(&str, Value<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!("no message `{key}` in {}", self.language.code());
            return key.to_owned();
        };
        let arguments: FluentArgs = variables.iter().cloned().collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        if !errors.is_empty() {
            tracing::error!("message `{key}` in {}: {errors:?}", self.language.code());
        }
        text.into_owned()
    }

    /// Several things in one line, separated as the language does.
    pub fn list(&self, things: &[impl AsRef<str>]) -> String {
        let separator = if self.language.is_right_to_left() { "، " } else { ", " };
        things.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(separator)
    }

    /// True when there is a message of this key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }
}

fn plural_rules(language: Language) -> Option<PluralRules> {
    let locale = icu_locale_core::Locale::try_from_str(language.code()).ok()?;
    PluralRules::try_new(locale.into(), PluralRuleType::Cardinal.into()).ok()
}

/// `{ PLURAL($count) -> … }`: the plural form of a number in the language.
fn plural_form(language: Language, values: &[FluentValue<'_>]) -> FluentValue<'static> {
    let category = match (plural_rules(language), values) {
        // Counts are whole and not negative.
        (Some(rules), [FluentValue::Number(number)]) => rules.category_for(number.value as usize),
        _ => PluralCategory::Other,
    };
    FluentValue::from(match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    })
}

/// Numbers in Arabic messages stand in ٠-٩, those in English ones in 0-9.
fn format_eastern(value: &FluentValue<'_>, _: &intl_memoizer::concurrent::IntlLangMemoizer) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(to_eastern(&number.as_string())),
        _ => None,
    }
}

fn format_western(value: &FluentValue<'_>, _: &intl_memoizer::concurrent::IntlLangMemoizer) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(number.as_string().into_owned()),
        _ => None,
    }
}

/// A text with its digits in the language's style.
pub fn digits(language: Language, text: &str) -> String {
    match language {
        Language::Arabic => to_eastern(text),
        Language::English => to_western(text),
    }
}

/// A number or code that reads left to right wherever it stands (U+2066 … U+2069).
pub fn isolate_ltr(text: &str) -> String {
    format!("\u{2066}{text}\u{2069}")
}

/// A text of any direction, a name for instance, that turns nothing around it (U+2068 … U+2069).
pub fn isolate(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without the isolates around variables.
    fn plain(text: &str) -> String {
        text.chars().filter(|letter| !('\u{2066}'..='\u{2069}').contains(letter)).collect()
    }

    #[test]
    fn arabic_counts_have_their_six_forms() {
        let words = Words::of(Language::Arabic);
        let of = |count: u32| plain(&words.format("maintenance-unsent-count", &[("count", count.into())]));
        assert_eq!(of(0), "لا شيء");
        assert_eq!(of(1), "سجل واحد");
        assert_eq!(of(2), "سجلان");
        for (counts, noun) in [
            (&[3, 10, 103, 110, 1203][..], "سجلات"),
            (&[11, 99, 111, 199, 1234], "سجلًا"),
            (&[100, 101, 102, 200, 1000, 10_000], "سجل"),
        ] {
            for count in counts {
                assert_eq!(of(*count), format!("{} {noun}", to_eastern(&count.to_string())));
            }
        }
    }

    #[test]
    fn english_counts_have_two() {
        let words = Words::of(Language::English);
        let of = |count: u32| plain(&words.format("maintenance-unsent-count", &[("count", count.into())]));
        assert_eq!([of(1), of(0), of(101)], ["1 entry", "0 entries", "101 entries"]);
    }
}
