//! What makes records private and provable: keys, envelopes, sealing, and the codes of receipts.
//!
//! - A **seed** is a secret file, from which keys are derived. A kiosk has one; an office has one and, for each rotation
//!   of its sealing key, one more.
//! - An **envelope** is one sealed, signed record; only the office opens it, anybody with the kiosk's public key proves it.
//! - A **code** is the 20 digits that only a receipt shows.
//! - A **paper copy** is a request's envelope as digits, at the end of a receipt.

pub mod envelope;
pub mod keys;
pub mod office_seeds;
pub mod paper_copy;
pub mod receipt_code;
pub mod sealing;
pub mod seed;
