//! The signed terms by which an office lets a kiosk in, and the knock of a kiosk that its office no longer knows.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::tracking_number::KioskNumber;
use crate::replication::invite::Pin;
use crate::seal::envelope::Epoch;
use crate::seal::keys::{ForgedError, KioskKeys, OfficeKeys, ProvingKey, SealingKey};

pub const AGAIN_PATH: &str = "/enrolment/v1/again";

/// The most bytes that a kiosk may say before it is known: an enrolment or a knock has a few hundred.
pub const STRANGER_BYTES_MAX: usize = 1024;
/// The most characters of a kiosk's name in a knock.
pub const KNOCK_NAME_CHARACTERS_MAX: usize = 60;

/// Terms of an enrolment: which kiosk, by which keys, at which office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentTerms {
    pub kiosk: KioskNumber,
    pub first_epoch: Epoch,
    pub sealing_key: SealingKey,
    pub office_proving_key: ProvingKey,
    pub office_pin: Pin,
    pub kiosk_proving_key: ProvingKey,
    pub kiosk_pin: Pin,
}

impl EnrolmentTerms {
    /// Gives the bytes that the office signs: a label, then each term in its fixed number of bytes (`docs/protocol.md`).
    fn message(&self) -> Vec<u8> {
        [
            b"istiqbal enrolment 1".as_slice(),
            &self.kiosk.get().to_be_bytes(),
            &self.first_epoch.0,
            &self.sealing_key.0,
            &self.office_proving_key.0,
            &self.office_pin.0,
            &self.kiosk_proving_key.0,
            &self.kiosk_pin.0,
        ]
        .concat()
    }

    /// The first of the terms in which another enrolment differs, as `enrolment.toml` calls it; the sealing key isn't one.
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        [
            ("kiosk", self.kiosk == other.kiosk),
            ("first_epoch", self.first_epoch == other.first_epoch),
            ("office_proving_key", self.office_proving_key == other.office_proving_key),
            ("office_pin", self.office_pin == other.office_pin),
            ("kiosk_proving_key", self.kiosk_proving_key == other.kiosk_proving_key),
            ("kiosk_pin", self.kiosk_pin == other.kiosk_pin),
        ]
        .into_iter()
        .find_map(|(name, is_same)| (!is_same).then_some(name))
    }

    /// Vouches for the terms by the office's proving key.
    pub fn sign(self, keys: &OfficeKeys) -> SignedEnrolment {
        SignedEnrolment { terms: self, signature: keys.sign(&self.message()).to_vec() }
    }

    /// Checks a signature of the office that the terms themselves name.
    pub fn verify(&self, signature: &[u8; 64]) -> Result<(), ForgedError> {
        self.office_proving_key.verify(&self.message(), signature)
    }
}

/// The terms of an enrolment with the office's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEnrolment {
    pub terms: EnrolmentTerms,
    /// 64 bytes, Ed25519
    signature: Vec<u8>,
}

impl SignedEnrolment {
    /// The signature, if it is one of the office that the terms name.
    pub fn verified(&self) -> Result<[u8; 64], ForgedError> {
        let signature: [u8; 64] = self.signature.as_slice().try_into().map_err(|_| ForgedError)?;
        self.terms.verify(&signature)?;
        Ok(signature)
    }
}

/// A message that grew at its end: an earlier program sends its beginning alone, and passes over what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown<First, More> {
    pub first: First,
    pub more: Option<More>,
}

impl<First: Serialize + DeserializeOwned, More: Serialize + DeserializeOwned> Grown<First, More> {
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        let mut bytes = postcard::to_allocvec(&self.first)?;
        if let Some(more) = &self.more {
            bytes.extend(postcard::to_allocvec(more)?);
        }
        Ok(bytes)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        let (first, rest) = postcard::take_from_bytes(bytes)?;
        let more = if rest.is_empty() { None } else { Some(postcard::from_bytes(rest)?) };
        Ok(Self { first, more })
    }
}

/// An enrolled kiosk asks an office that doesn't know it, as after a restore from an earlier backup, to be let in again. A
/// person at the office decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knock {
    pub terms: EnrolmentTerms,
    /// The office's own, from the enrolment; `None` of a kiosk that an office of an earlier version let in
    pub office_signature: Option<Vec<u8>>,
    /// The kiosk's name by its own file
    pub name: String,
    /// The key of the kiosk's receipts, sealed to the office with [`Self::ASSOCIATED`]: the record that told it once may
    /// have left the kiosk
    pub receipt_key: Vec<u8>,
}

impl Knock {
    pub const ASSOCIATED: &[u8] = b"istiqbal again 1";

    /// True when this office's signature stands under the terms: nobody else could have given them.
    pub fn is_vouched_for_by(&self, office: &ProvingKey) -> bool {
        let signature = self.office_signature.as_deref().and_then(|signature| signature.try_into().ok());
        self.terms.office_proving_key == *office
            && signature.is_some_and(|signature| self.terms.verify(signature).is_ok())
    }
}

/// A knock as it travels: its bytes, and the signature of the kiosk that the terms name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedKnock {
    body: Vec<u8>,
    /// 64 bytes, Ed25519
    signature: Vec<u8>,
}

impl SignedKnock {
    pub fn sign(keys: &KioskKeys, knock: &Knock) -> Result<Self, postcard::Error> {
        let body = postcard::to_allocvec(knock)?;
        let signature = keys.sign(&Self::message(&body)).to_vec();
        Ok(Self { body, signature })
    }

    /// The knock, if whoever signed it holds the kiosk's proving key; `None` for anything else.
    pub fn open(&self) -> Option<Knock> {
        let knock: Knock = postcard::from_bytes(&self.body).ok()?;
        let signature: &[u8; 64] = self.signature.as_slice().try_into().ok()?;
        knock.terms.kiosk_proving_key.verify(&Self::message(&self.body), signature).ok()?;
        Some(knock)
    }

    fn message(body: &[u8]) -> Vec<u8> {
        [Knock::ASSOCIATED, body].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Enrolled, HeartbeatAnswer};
    use super::*;
    use crate::seal::keys::{hex, sha256};
    use crate::seal::seed::Seed;

    fn office() -> OfficeKeys {
        OfficeKeys::from_seed(&Seed::fixed(2))
    }

    fn kiosk() -> KioskKeys {
        KioskKeys::from_seed(&Seed::fixed(1))
    }

    fn terms() -> EnrolmentTerms {
        EnrolmentTerms {
            kiosk: 258.try_into().unwrap(),
            first_epoch: Epoch([3; 16]),
            sealing_key: SealingKey([4; 32]),
            office_proving_key: office().proving_key(),
            office_pin: Pin([5; 16]),
            kiosk_proving_key: kiosk().proving_key(),
            kiosk_pin: Pin([6; 16]),
        }
    }

    /// The bytes of `docs/protocol.md`: what is signed today is verified for ever.
    #[test]
    fn a_signed_enrolment_has_its_bytes() {
        let message = terms().message();
        let (office, kiosk) = (office().proving_key().0, kiosk().proving_key().0);
        let parts =
            [&[1, 2][..], &[3; 16][..], &[4; 32][..], &office[..], &[5; 16][..], &kiosk[..], &[6; 16][..]].concat();
        assert_eq!(message, [b"istiqbal enrolment 1".as_slice(), &parts].concat());
        assert_eq!(message.len(), 20 + 146);
        let signed = terms().sign(&self::office());
        let bytes = postcard::to_allocvec(&signed).unwrap();
        // 258 as a varint has two bytes, too, the lower one first.
        let signature = signed.verified().unwrap();
        assert_eq!(bytes, [&[0x82, 0x02], &parts[2..], &[64], &signature[..]].concat());
        assert_eq!(hex(&sha256(&[&bytes])), GOLDEN_SHA256, "Ed25519 signs the same text always by the same bytes");
    }

    const GOLDEN_SHA256: &str = "39f5235efb0157ead60e778972f18377559315ef62dd1481acb4b856cd399b03";

    #[test]
    fn any_changed_bit_of_the_terms_or_the_signature_is_noticed() {
        let bytes = postcard::to_allocvec(&terms().sign(&office())).unwrap();
        for place in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[place / 8] ^= 1 << (place % 8);
            let read: Result<SignedEnrolment, _> = postcard::from_bytes(&changed);
            assert!(read.is_err() || read.unwrap().verified().is_err(), "bit {place}");
        }
    }

    #[test]
    fn programs_of_before_and_after_read_each_other() {
        let signed = terms().sign(&office());
        let enrolled = Enrolled {
            kiosk: 7.try_into().unwrap(),
            epoch: Epoch([3; 16]),
            sealing_key: SealingKey([4; 32]),
            proving_key: office().proving_key(),
        };
        let answer = HeartbeatAnswer { sealing_key: SealingKey([7; 32]) };
        let before = [postcard::to_allocvec(&enrolled).unwrap(), postcard::to_allocvec(&answer).unwrap()];
        assert_eq!(before.each_ref().map(Vec::len), [1 + 16 + 32 + 32, 32]);
        assert_eq!(Grown::decode(&before[0]).unwrap(), Grown { first: enrolled, more: None::<SignedEnrolment> });
        assert_eq!(Grown::decode(&before[1]).unwrap(), Grown { first: answer, more: None::<SignedEnrolment> });
        let grown = Grown { first: enrolled, more: Some(signed.clone()) };
        let now = grown.encode().unwrap();
        assert_eq!(postcard::from_bytes::<Enrolled>(&now).unwrap(), enrolled, "an earlier program reads the beginning");
        assert_eq!(Grown::decode(&now).unwrap(), grown);
        let grown = Grown { first: answer, more: Some(signed) };
        let now = grown.encode().unwrap();
        assert_eq!(postcard::from_bytes::<HeartbeatAnswer>(&now).unwrap(), answer);
        assert_eq!(Grown::decode(&now).unwrap(), grown);
        assert!(Grown::<HeartbeatAnswer, SignedEnrolment>::decode(&now[..now.len() - 1]).is_err(), "cut off");
    }

    #[test]
    fn a_knock_is_proved_by_both_keys_and_fits() {
        let signature = terms().sign(&office()).verified().unwrap();
        let knock = Knock {
            terms: terms(),
            office_signature: Some(signature.to_vec()),
            name: "😀".repeat(KNOCK_NAME_CHARACTERS_MAX),
            receipt_key: vec![8; 80],
        };
        let signed = SignedKnock::sign(&kiosk(), &knock).unwrap();
        assert!(postcard::to_allocvec(&signed).unwrap().len() <= STRANGER_BYTES_MAX);
        assert_eq!(signed.open(), Some(knock.clone()));
        assert!(knock.is_vouched_for_by(&office().proving_key()));
        assert!(!knock.is_vouched_for_by(&OfficeKeys::from_seed(&Seed::fixed(3)).proving_key()));
        let unsigned = Knock { office_signature: None, ..knock.clone() };
        assert!(!unsigned.is_vouched_for_by(&office().proving_key()));
        let another = Knock { terms: EnrolmentTerms { kiosk: 1.try_into().unwrap(), ..terms() }, ..knock.clone() };
        assert!(!another.is_vouched_for_by(&office().proving_key()), "not for that number");
        let stolen = SignedKnock::sign(&KioskKeys::from_seed(&Seed::fixed(9)), &knock).unwrap();
        assert_eq!(stolen.open(), None, "who has only read an enrolment can't knock by it");
    }
}
