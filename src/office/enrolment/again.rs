//! Joining again: a kiosk that was enrolled after the backup from which this office was restored is a stranger to it. It knocks,
//! a person looks and says yes, and by its old key and number everything that it holds arrives.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::numbers::{Given, NumbersLog};
use super::{NAME_CHARACTERS_MAX, log_given};
use crate::domain::record::ReceiptKeyBytes;
use crate::domain::tracking_number::KioskNumber;
use crate::office::Office;
use crate::office::database::kiosks::{self, Kiosk};
use crate::office::database::knocks::{self, StoredKnock};
use crate::office::database::trail::{self, Actor};
use crate::office::database::{Database, DatabaseError};
use crate::office::logs::LogError;
use crate::replication::invite::Pin;
use crate::replication::wire::{Knock, SignedKnock};
use crate::seal::keys::OfficeKeys;
use crate::seal::sealing::{self, SealingError};

/// A kiosk knocks every minute: what comes sooner is passed over.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(30);
/// Interval between two notes of strangers whose number nothing proves: somebody who makes keys keeps the writer no busier.
const STRANGERS_EVERY: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    #[error(
        "no kiosk knocks by this number or key. Start the kiosk: it knocks each minute as long as the office doesn't know it"
    )]
    NobodyKnocks,
    #[error("more than one kiosk knocks as number {0}: choose on the page of the kiosks")]
    Several(KioskNumber),
    #[error(
        "number {0} was given to another kiosk: this one can only be enrolled anew, in a fresh data folder. Keep its old one"
    )]
    NumberTaken(KioskNumber),
    #[error("the kiosk with this key was revoked")]
    Revoked,
    #[error("the key of this kiosk's receipts can't be opened: {0}")]
    ReceiptKey(#[from] SealingError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Notes who knocks; anything else is passed over, as nobody hears what became of it.
pub async fn note(office: &Office, peer: Pin, signed: &SignedKnock) -> Result<(), AgainError> {
    let Some(knock) = signed.open() else { return Ok(()) };
    let Knock { terms, name, receipt_key, .. } = &knock;
    let keys = office.keys.now();
    if terms.kiosk_pin != peer || terms.kiosk == KioskNumber::DESK {
        return Ok(());
    }
    let now = office.clock.now();
    let mut reading = office.database.read().await?;
    let is_known = kiosks::by_pin(&mut reading, peer).await?.is_some();
    if is_known || kiosks::is_revoked_key(&mut reading, &terms.kiosk_proving_key).await? {
        return Ok(());
    }
    if let Some(before) = knocks::find(&mut reading, peer).await?
        && (now - before.last_at).abs() < NOTED_EVERY
    {
        return Ok(());
    }
    let log = office.numbers_log.read_own(&keys)?;
    let is_proved = knock.is_vouched_for_by(&keys.proving_key()) || log.says(terms.kiosk, &terms.kiosk_proving_key);
    if !is_proved
        && let Some(newest) = knocks::newest_unproved(&mut reading).await?
        && (now - newest).abs() < STRANGERS_EVERY
    {
        return Ok(());
    }
    drop(reading);
    let stored = StoredKnock {
        tls_pin: peer,
        number: terms.kiosk,
        name: shown_name(name, terms.kiosk),
        proving_key: terms.kiosk_proving_key,
        first_epoch: terms.first_epoch,
        receipt_key: receipt_key.clone(),
        is_proved,
        first_at: now,
        last_at: now,
    };
    let mut writing = office.database.write().await?;
    knocks::note(&mut writing, &stored).await?;
    writing.commit().await?;
    tracing::warn!(kiosk = %terms.kiosk, is_proved, "a kiosk that isn't known here asks to be let in again: see the page of the kiosks");
    Ok(())
}

/// A stranger's word for itself, where it is no name at all.
fn shown_name(name: &str, number: KioskNumber) -> String {
    let name = name.trim();
    let is_name = (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if is_name { name.to_owned() } else { number.to_string() }
}

/// Whom a person lets in.
#[derive(Clone, Copy, Debug)]
pub enum Whom {
    Key(Pin),
    /// The one that knocks by this number; one whose number is proved goes before strangers
    Number(KioskNumber),
}

/// Lets a kiosk in again, by its old number and keys; it hears of it within a minute.
pub async fn let_in(
    database: &Database,
    (keys, log): (&OfficeKeys, &NumbersLog),
    whom: Whom,
    (now, actor): (DateTime<Utc>, &Actor),
) -> Result<KioskNumber, AgainError> {
    let mut writing = database.write().await?;
    let knock = match whom {
        Whom::Key(pin) => knocks::find(&mut writing, pin).await?,
        Whom::Number(number) => {
            let all = knocks::all(&mut writing).await?.into_iter().filter(|knock| knock.number == number);
            let (proved, strangers): (Vec<_>, Vec<_>) = all.partition(|knock| knock.is_proved);
            let mut found = if proved.is_empty() { strangers } else { proved };
            if found.len() > 1 {
                return Err(AgainError::Several(number));
            }
            found.pop()
        }
    };
    let knock = knock.ok_or(AgainError::NobodyKnocks)?;
    if kiosks::is_revoked_key(&mut writing, &knock.proving_key).await? {
        return Err(AgainError::Revoked);
    }
    if kiosks::find(&mut writing, knock.number).await?.is_some() {
        return Err(AgainError::NumberTaken(knock.number));
    }
    let receipt_key = sealing::open(keys, Knock::ASSOCIATED, &knock.receipt_key)?;
    let receipt_key = ReceiptKeyBytes(receipt_key.as_slice().try_into().map_err(|_| SealingError::Opening)?);
    let kiosk = Kiosk {
        number: knock.number,
        name: knock.name,
        tls_pin: knock.tls_pin,
        proving_key: knock.proving_key,
        receipt_key: None,
        first_epoch: knock.first_epoch,
        enrolled_at: now,
        last_seen_at: now,
        revoked_at: None,
    };
    let given = Given { number: kiosk.number, proving_key: kiosk.proving_key, at: now };
    let (mut writing, line) = log_given(keys, log, given, writing).await?;
    kiosks::add(&mut writing, &kiosk).await?;
    kiosks::set_receipt_key(&mut writing, kiosk.number, &receipt_key).await?;
    knocks::remove(&mut writing, kiosk.tls_pin).await?;
    let details = json!({ "kiosk": kiosk.number.get(), "proved": knock.is_proved });
    trail::append(&mut writing, now, actor, "kiosk let in again", "", details).await?;
    writing.commit().await?;
    log.copy(keys, line).await;
    tracing::warn!(kiosk = %kiosk.number, "a kiosk was let in again");
    Ok(kiosk.number)
}
