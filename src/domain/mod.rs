//! The words and rules of the reception: pure types without I/O, shared by the kiosk, the office and the tests.
//!
//! A value of one of these types is right by construction: it is parsed at the edge and trusted afterwards.

pub mod answers;
pub mod arabic;
pub mod calendar;
pub mod catalogue;
#[cfg(test)]
pub mod chance;
pub mod clock;
pub mod code;
pub mod declaration;
pub mod digits;
pub mod documents;
pub mod iban;
pub mod language;
pub mod mobile;
pub mod name;
pub mod national_id;
pub mod notice;
pub mod printer;
pub mod printout;
pub mod public_address;
pub mod rating;
pub mod record;
pub mod registration;
pub mod request;
pub mod scan;
pub mod signature;
pub mod stage;
pub mod tracking_number;
