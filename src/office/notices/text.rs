//! What a notice says.

use crate::domain::catalogue::Catalogue;
use crate::domain::notice::NoticeKind;
use crate::domain::public_address::PublicAddress;
use crate::domain::tracking_number::TrackingNumber;
use crate::language::{Words, digits};

/// The whole message: who speaks, what happened, and where more can be seen.
pub fn message(
    words: &Words,
    catalogue: &Catalogue,
    kind: NoticeKind,
    number: TrackingNumber,
    address: Option<&PublicAddress>,
) -> String {
    let association = catalogue.association.name.in_language(words.language());
    let mut text = words.format(
        "office-notice-message",
        &[("association", association.into()), ("sentence", sentence(words, kind, number).into())],
    );
    if let (true, Some(address)) = (kind == NoticeKind::Decided, address) {
        text.push(' ');
        text.push_str(&words.format("office-notice-see", &[("address", address.to_string().into())]));
    }
    plain(&text)
}

/// What happened, in one sentence or two.
pub fn sentence(words: &Words, kind: NoticeKind, number: TrackingNumber) -> String {
    let key = match kind {
        NoticeKind::Received => "office-notice-received",
        NoticeKind::DocumentsNeeded => "office-notice-documents-needed",
        NoticeKind::DocumentsComplete => "office-notice-documents-complete",
        NoticeKind::Decided => "office-notice-decided",
        NoticeKind::ObjectionRecorded => "office-notice-objection",
        NoticeKind::Ready => "office-notice-ready",
        NoticeKind::PartDelivered => "office-notice-part-delivered",
        NoticeKind::Delivered => "office-notice-delivered",
        NoticeKind::Withdrawn => "office-notice-withdrawn",
        NoticeKind::Closed => "office-notice-closed",
        NoticeKind::ClosedAsDouble => "office-notice-closed-as-double",
    };
    let number = number.to_string();
    // A tracking number has 12 digits; the last group tells one's own requests apart, and finds none at the kiosk.
    let end = digits(words.language(), &number[number.len() - 4..]);
    words.format(key, &[("number", end.into())])
}

/// Without the marks that isolate directions: many telephones show them as boxes.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !('\u{2066}'..='\u{2069}').contains(letter)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::language::Language;
    use crate::domain::tracking_number::KioskNumber;

    #[test]
    fn a_message_names_nothing_and_is_short() {
        let catalogue = Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml")).unwrap();
        let number = TrackingNumber::new(KioskNumber::try_from(3).unwrap(), 7_654_321);
        let address = "https://status.example.org".parse().unwrap();
        for language in [Language::Arabic, Language::English] {
            let words = Words::of(language);
            for kind in NoticeKind::ALL {
                let text = message(words, &catalogue, kind, number, Some(&address));
                assert!(text.contains(catalogue.association.name.in_language(language)), "{text}");
                assert!(text.contains(&digits(language, &number.to_string()[8..])), "{text}");
                assert!(!text.contains(&digits(language, &number.to_string()[4..])), "{text}");
                // Two decisions read the same; and no word of a refusal, an objection or a grant.
                for word in ["accept", "refus", "reject", "object", "grant", "قبول", "مقبول", "رفض", "اعتراض", "معونة"]
                {
                    assert!(!text.to_lowercase().contains(word), "{text}");
                }
                for service in &catalogue.services {
                    assert!(!text.contains(service.label.in_language(language)), "{text}");
                }
                // Four parts of UCS-2, or of GSM 7-bit
                let most = if language == Language::Arabic { 4 * 67 } else { 4 * 153 };
                assert!(text.chars().count() <= most, "{} {text}", text.chars().count());
                assert!(text.chars().all(|c| !('\u{2066}'..='\u{2069}').contains(&c) && !c.is_control()));
            }
        }
    }
}
