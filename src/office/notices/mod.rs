//! Telling people without being asked (P5).
//!
//! - A **notice** is what a person is to be told; it is made with the change that it tells of (`database/notices.rs`).
//! - A **try** hands it to the **gateway** as an SMS; each try is kept. The gateway hears the same id at each.
//! - Whoever no try has reached stands on the **call list**: a member of staff calls and says how it went. So does whoever
//!   would hear more messages than the **limits** allow.
//!
//! Phones are shared: a message names no person, no service, no reason and no decision, and of the tracking number only its
//! last group. What was decided is told at the desk, at the kiosk or on the status page to whoever proves the receipt.

mod answer;
mod call;
mod gateway;
mod limits;
pub mod practice;
mod sending;
mod template;
mod text;

pub use call::{CallError, record};
pub use gateway::{Gateway, GatewayError, SmsConfig, SmsFile};
pub use limits::MessageLimits;
pub use sending::{keep_sending, send_due};
pub use text::{message, sentence};

use serde_json::json;

use super::Office;
use super::database::notices as table;
use super::database::requests;
use super::database::trail::{self, Actor};
use super::steps::TakeStepError;
use crate::domain::answers::{Answer, Answers};
use crate::domain::catalogue::{Catalogue, Question};
use crate::domain::mobile::Mobile;
use crate::domain::notice::NoticeKind;
use crate::domain::request::RequestId;
use crate::domain::stage::{Committee, StepError};

/// The numbers of a request with the ids of their questions, that for replies first: the form asks for it last, behind that
/// of whoever applies for another.
pub fn mobiles<'a>(catalogue: &'a Catalogue, answers: &'a Answers) -> Vec<(&'a str, &'a Mobile)> {
    let asked = catalogue.questions.iter().rev().map(Question::id);
    let no_longer = answers.iter().map(|(id, _)| id).filter(|id| catalogue.question(id).is_none());
    let mut found: Vec<(&str, &Mobile)> = Vec::new();
    for id in asked.chain(no_longer) {
        if let Some(Answer::Mobile(mobile)) = answers.get(id)
            && !found.iter().any(|(_, known)| *known == mobile)
        {
            found.push((id, mobile));
        }
    }
    found
}

/// Somebody says that what was granted can be fetched now: the person is told. Said again before the message has gone out,
/// it is told once.
pub async fn tell_ready(office: &Office, actor: &Actor, request: RequestId) -> Result<(), TakeStepError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let standing = requests::standing(&mut writing, request).await?.ok_or(TakeStepError::NoSuchRequest)?;
    if !NoticeKind::Ready.still_holds(&standing) {
        let error = match standing.committee {
            _ if standing.ended.is_some() => StepError::Ended,
            _ if standing.delivered_on.is_some() => StepError::AlreadyDelivered,
            Committee::Accepted { .. } => StepError::DocumentsIncomplete,
            Committee::UnderStudy | Committee::Refused { .. } => StepError::NotAccepted,
        };
        return Err(error.into());
    }
    table::add(&mut writing, request, NoticeKind::Ready, now);
    trail::append(&mut writing, now, actor, "told that it is ready", &request.to_string(), json!({})).await?;
    writing.commit().await?;
    Ok(())
}
