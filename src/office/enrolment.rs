//! Enrolment: an invite's one-time code lets a kiosk in, and the office vouches for what was agreed by its signature.

pub mod again;
pub mod numbers;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Office;
use super::database::kiosks::{self, Kiosk, StoredInvite};
use super::database::knocks;
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError, Writing};
use super::day::witnesses::AGREE_WITHIN;
use super::logs::{self, LogError};
use super::people::is_hidden;
use crate::domain::code::Code;
use crate::replication::invite::{Invite, Pin};
use crate::replication::tls::{self, TlsError};
use crate::replication::wire::{Enrolled, Enrolment, EnrolmentTerms, Grown, SignedEnrolment};
use crate::seal::envelope::Epoch;
use crate::seal::keys::{OfficeKeys, random, sha256};
use numbers::{Given, NumbersLog};

/// How long an invite is good unless the command says otherwise.
pub const INVITE_MINUTES: i64 = 60;
/// The most characters of a kiosk's name.
const NAME_CHARACTERS_MAX: usize = 60;

#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    #[error(
        "this invite is not known, or was used, or is older than its time: make another with `istiqbal office invite --print`"
    )]
    Code,
    #[error(
        "a kiosk's name has 1 to {NAME_CHARACTERS_MAX} characters, none of which is hidden or turns the direction of others: set `name` in the kiosk's file"
    )]
    Name,
    #[error("all 9999 kiosk numbers are used up")]
    NoNumber,
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Makes an invite that is good for `ttl` and can be used once.
pub async fn invite(
    database: &Database,
    keys: &OfficeKeys,
    address: &str,
    now: DateTime<Utc>,
    ttl: TimeDelta,
    actor: &Actor,
) -> Result<Invite, InviteFailure> {
    let pin = tls::pin_of_secret(keys.tls_secret())?;
    let code = Code::from_number(u128::from_be_bytes(random()));
    let mut writing = database.write().await?;
    kiosks::add_invite(&mut writing, hash(&code), now + ttl).await?;
    trail::append(&mut writing, now, actor, "invite made", "", json!({})).await?;
    writing.commit().await?;
    Ok(Invite { address: address.to_owned(), pin, code })
}

#[derive(Debug, thiserror::Error)]
pub enum InviteFailure {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Lets a kiosk in. A kiosk that didn't hear the answer asks again with the same key and code, and hears the same.
///
/// Wrong codes aren't counted: within its hour nobody guesses 20 digits, and a count would let anybody lock others out.
pub async fn enrol(
    office: &Office,
    peer: Pin,
    enrolment: &Enrolment,
) -> Result<Grown<Enrolled, SignedEnrolment>, EnrolmentError> {
    let now = office.clock.now();
    let code = hash(&enrolment.code);
    // Most wrong codes don't trouble the writer.
    let mut reading = office.database.read().await?;
    if kiosks::find_invite(&mut reading, code).await?.is_none() {
        return Err(EnrolmentError::Code);
    }
    drop(reading);
    let mut writing = office.database.write().await?;
    let known = kiosks::find_invite(&mut writing, code).await?;
    // One that lasts for longer was made by a clock that was ahead.
    let lasts = |invite: &StoredInvite| invite.expires_at > now && invite.expires_at - now <= AGREE_WITHIN;
    let invite = known.filter(lasts).ok_or(EnrolmentError::Code)?;
    if let Some(number) = invite.kiosk {
        let same = kiosks::find(&mut writing, number)
            .await?
            .filter(|kiosk| kiosk.tls_pin == peer && kiosk.proving_key == enrolment.proving_key && !kiosk.is_revoked());
        return answer(office, &same.ok_or(EnrolmentError::Code)?);
    }
    let name = enrolment.name.trim();
    if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) || name.chars().any(is_hidden) {
        return Err(EnrolmentError::Name);
    }
    let keys = office.keys.now();
    // A database from a backup may know fewer than were given.
    let given = office.numbers_log.read_own(&keys)?.highest().max(knocks::highest_proved(&mut writing).await?);
    let kiosk = Kiosk {
        number: kiosks::next_number(&mut writing, given).await?.ok_or(EnrolmentError::NoNumber)?,
        name: name.to_owned(),
        tls_pin: peer,
        proving_key: enrolment.proving_key,
        receipt_key: None,
        first_epoch: Epoch::random(),
        enrolled_at: now,
        last_seen_at: now,
        revoked_at: None,
    };
    let given = Given { number: kiosk.number, proving_key: kiosk.proving_key, at: now };
    let (mut writing, line) = log_given(&keys, &office.numbers_log, given, writing).await?;
    kiosks::add(&mut writing, &kiosk).await?;
    kiosks::use_invite(&mut writing, code, kiosk.number).await?;
    trail::append(&mut writing, now, &Actor::Kiosk(kiosk.number), "kiosk enrolled", "", json!({})).await?;
    writing.commit().await?;
    office.numbers_log.copy(&keys, line).await;
    answer(office, &kiosk)
}

fn answer(office: &Office, kiosk: &Kiosk) -> Result<Grown<Enrolled, SignedEnrolment>, EnrolmentError> {
    let keys = office.keys.now();
    let enrolled = Enrolled {
        kiosk: kiosk.number,
        epoch: kiosk.first_epoch,
        sealing_key: keys.sealing_key(),
        proving_key: keys.proving_key(),
    };
    Ok(Grown { first: enrolled, more: Some(vouch(&keys, kiosk)?) })
}

/// Signs what the office knows of a kiosk, with its newest sealing key.
pub fn vouch(keys: &OfficeKeys, kiosk: &Kiosk) -> Result<SignedEnrolment, TlsError> {
    let terms = EnrolmentTerms {
        kiosk: kiosk.number,
        first_epoch: kiosk.first_epoch,
        sealing_key: keys.sealing_key(),
        office_proving_key: keys.proving_key(),
        office_pin: tls::pin_of_secret(keys.tls_secret())?,
        kiosk_proving_key: kiosk.proving_key,
        kiosk_pin: kiosk.tls_pin,
    };
    Ok(terms.sign(keys))
}

/// Writes down that a number was given, durable before this returns. Gives the line, which is copied after the commit.
async fn log_given(
    keys: &OfficeKeys,
    log: &NumbersLog,
    given: Given,
    writing: Writing,
) -> Result<(Writing, String), LogError> {
    let (keys, log) = (keys.clone(), log.clone());
    logs::while_writing(writing, move || log.append(&keys, &[given])).await
}

/// Writes down the numbers that the database, or the copy beside the backups, knows and the log lacks, and completes the copy.
pub async fn complete_log(database: &Database, keys: &OfficeKeys, log: &NumbersLog) -> Result<(), EnrolmentError> {
    let mut given = log.read_copy(keys).await.given;
    let writing = database.write().await?;
    let known = kiosks::all(&mut *database.read().await?).await?.into_iter();
    given.extend(known.map(|kiosk| Given {
        number: kiosk.number,
        proving_key: kiosk.proving_key,
        at: kiosk.enrolled_at,
    }));
    log.append(keys, &given)?;
    drop(writing);
    log.complete(keys).await;
    Ok(())
}

/// Only the hash is kept: whoever reads the database can't enrol.
fn hash(code: &Code) -> [u8; 32] {
    sha256(&[b"istiqbal invite 1", code.as_str().as_bytes()])
}
