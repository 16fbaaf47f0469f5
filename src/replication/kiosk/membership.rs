//! Heartbeats with the office's word on the enrolment, and the knock where the office doesn't know the kiosk.

use super::{HEARTBEAT, KioskSideError, Side};
use crate::domain::printer::PrinterState;
use crate::ledger::LedgerError;
use crate::ledger::keeper::{Keeper, KeeperError};
use crate::replication::client::Transport;
use crate::replication::wire::*;
use crate::seal::keys::KioskKeys;
use crate::seal::sealing;

/// The enrolment as the kiosk's file holds it.
#[derive(Clone)]
pub struct Membership {
    pub keys: KioskKeys,
    pub terms: EnrolmentTerms,
    /// The office's under the terms
    pub signature: Option<[u8; 64]>,
    /// The kiosk's name by its own file
    pub name: String,
}

impl<Carrier: Transport> Side<Carrier> {
    /// Tells the office how the kiosk is: every minute, and when the printer has changed. An office that can't be reached,
    /// or is too old to know of this, hears it the next time.
    pub(super) async fn keep_beating(&self) {
        let mut printer = self.printer.clone();
        let mut reached = self.report.subscribe();
        loop {
            // Before the office was reached, and until it is reached again, there is nobody to tell.
            if reached.wait_for(|progress| progress.reachable).await.is_err() {
                return std::future::pending().await;
            }
            match self.beat(*printer.borrow_and_update()).await {
                // It is silent for long otherwise: only here it shows that the office is gone.
                Err(error @ KioskSideError::Unreachable { .. }) => {
                    self.failed(&error);
                    self.wake.notify_one();
                }
                Err(error) => tracing::debug!("the heartbeat: {error}"),
                Ok(()) => {}
            }
            match tokio::time::timeout(HEARTBEAT, printer.changed()).await {
                Ok(Ok(())) | Err(_) => {}
                // Nothing prints here: nothing will change.
                Ok(Err(_)) => tokio::time::sleep(HEARTBEAT).await,
            }
        }
    }

    pub(in crate::replication) async fn beat(&self, printer: PrinterState) -> Result<(), KioskSideError> {
        let heartbeat = move |keeper: &mut Keeper| {
            let now = keeper.now();
            Ok::<_, KeeperError>(Heartbeat {
                printer,
                // Without a printer nobody waits for paper.
                unprinted: match printer {
                    PrinterState::Off => 0,
                    _ => u32::try_from(keeper.unprinted()?.len()).unwrap_or(u32::MAX),
                },
                unsent: keeper.ledger().unacknowledged_count()?,
                free_bytes: keeper.ledger().free_bytes().ok(),
                kiosk_time: now.at,
                clock_is_trusted: now.trusted,
                version: env!("CARGO_PKG_VERSION").to_owned(),
            })
        };
        let heartbeat = self.ledger.ask(heartbeat).await??;
        match self.client.beat(&heartbeat).await? {
            Some(Grown { more: Some(signed), .. }) => self.hear_enrolment(signed).await,
            // An office of an earlier version signs nothing. Its word counts until the next start; what is sealed to an
            // earlier key is opened as well.
            Some(Grown { first: HeartbeatAnswer { sealing_key }, more: None }) => {
                Ok(self.ledger.ask(move |keeper| keeper.hear_sealing_key(sealing_key)).await?)
            }
            None => Ok(()),
        }
    }

    /// Compares what the office knows of this kiosk with what the kiosk has: only the sealing key may be another. A signature
    /// that is new is kept with it.
    async fn hear_enrolment(&self, signed: SignedEnrolment) -> Result<(), KioskSideError> {
        let (terms, signature) = {
            let membership = self.membership.borrow();
            (membership.terms, membership.signature)
        };
        let sealing_key = signed.terms.sealing_key;
        let heard = signed.verified().ok().filter(|_| signed.terms == EnrolmentTerms { sealing_key, ..terms });
        let is_contradicted = heard.is_none();
        self.ledger.ask(move |keeper| keeper.hear_contradiction(is_contradicted)).await?;
        if is_contradicted {
            let what = signed.terms.difference(&terms).unwrap_or("office_proving_key");
            tracing::error!(
                "the office knows this kiosk otherwise than enrolment.toml says (`{what}`): it takes no new requests. Restore enrolment.toml from its copy, and start the kiosk again"
            );
            return Ok(());
        }
        self.ledger.ask(move |keeper| keeper.hear_sealing_key(sealing_key)).await?;
        if heard != signature || sealing_key != terms.sealing_key {
            (self.keeping.borrow_mut().on_enrolment)(&signed)?;
            let mut membership = self.membership.borrow_mut();
            (membership.terms, membership.signature) = (signed.terms, heard);
        }
        Ok(())
    }

    /// Asks an office that doesn't know this kiosk to let it in again; a person there decides.
    pub(super) async fn knock(&self) -> Result<(), KioskSideError> {
        let signed = {
            let Membership { keys, terms, signature, name } = &*self.membership.borrow();
            let receipt_key = sealing::seal(&terms.sealing_key, Knock::ASSOCIATED, &keys.receipt_key().0);
            let knock = Knock {
                terms: *terms,
                office_signature: signature.map(|signature| signature.to_vec()),
                // A longer one would make the knock too large to be heard.
                name: name.chars().take(KNOCK_NAME_CHARACTERS_MAX).collect(),
                receipt_key: receipt_key.map_err(|error| LedgerError::Envelope(error.into()))?,
            };
            SignedKnock::sign(keys, &knock).map_err(|_| KioskSideError::Answer)?
        };
        self.client.knock(&signed).await
    }
}
