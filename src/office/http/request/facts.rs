//! How the request came about: when, by which way, under which versions (P8, P14, P22).

use super::super::words;
use super::Fact;
use crate::domain::tracking_number::KioskNumber;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::database::desk::{Declared, DeskRegistration};
use crate::office::database::requests::StoredRequest;

pub fn facts(words: &Words, request: &StoredRequest) -> Vec<Fact> {
    let fact = |key: &str, value: String| Fact { label: words.get(key), value };
    let version = |key: &str, version: u32| fact(key, isolate_ltr(&digits(words.language(), &version.to_string())));
    let mut facts = vec![
        fact("office-fact-received", dates::both(words, request.received_on)),
        fact("office-fact-registered", dates::time(words, request.registered_at)),
        fact("office-fact-arrived", dates::time(words, request.arrived_at)),
        fact("office-fact-channel", words::channel(words, &request.channel)),
        fact("office-fact-beneficiary", words::beneficiary(words, &request.beneficiary)),
        fact("office-fact-language", request.language.own_name().to_owned()),
        version("office-fact-catalogue-version", request.versions.catalogue),
        version("office-fact-declaration-version", request.versions.declaration),
        version("office-fact-privacy-version", request.versions.privacy_notice),
        version("office-fact-policy-version", request.versions.policy),
    ];
    // The desk has a number, too, but is no kiosk.
    if request.kiosk != KioskNumber::DESK {
        let number = isolate_ltr(&digits(words.language(), &request.kiosk.to_string()));
        facts.push(fact("office-fact-kiosk", number));
    }
    facts
}

/// How the declaration was made where there is no signature on a screen.
pub fn declared(words: &Words, registration: &DeskRegistration) -> String {
    words.get(match registration.declared {
        Declared::Paper => "office-declared-paper",
        Declared::ReadOut => "office-declared-read-out",
    })
}
