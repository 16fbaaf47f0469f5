//! How a call to somebody on the call list went.

use chrono::NaiveDate;
use serde_json::json;

use super::mobiles;
use crate::domain::mobile::Mobile;
use crate::domain::request::RequestId;
use crate::office::Office;
use crate::office::database::call_list::{self, CallOutcome};
use crate::office::database::notices::{self, NoticeState};
use crate::office::database::trail::{self, Actor};
use crate::office::database::{DatabaseError, requests};

#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("there is no such request")]
    NoSuchRequest,
    #[error("this number isn't in the request")]
    NoSuchNumber,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Keeps how a call went. `calls_before` is how many calls the form knew of: sent twice, it counts once; and nothing happens
/// when the person was reached meanwhile. `call_from` is for [`CallOutcome::NotReached`], `mobile` for
/// [`CallOutcome::WrongNumber`].
pub async fn record(
    office: &Office,
    actor: &Actor,
    request: RequestId,
    outcome: CallOutcome,
    calls_before: usize,
    call_from: Option<NaiveDate>,
    mobile: Option<&Mobile>,
) -> Result<(), CallError> {
    let now = office.clock.now();
    let mut writing = office.database.write().await?;
    let stored = requests::find(&mut writing, request).await?.ok_or(CallError::NoSuchRequest)?;
    let calls = call_list::calls(&mut writing, request).await?.len();
    if calls != calls_before || call_list::untold(&mut writing, request).await?.is_empty() {
        return Ok(());
    }
    match outcome {
        CallOutcome::Reached => {
            notices::settle_unreached(&mut writing, request, NoticeState::Told).await?;
            call_list::set_call_from(&mut writing, request, None).await?;
        }
        CallOutcome::NotReached => call_list::set_call_from(&mut writing, request, call_from).await?,
        CallOutcome::WrongNumber => {
            let catalogue = office.catalogue.now();
            let known = mobiles(&catalogue, &stored.answers);
            let mobile = mobile.filter(|mobile| known.iter().any(|(_, one)| one == mobile));
            call_list::add_wrong_mobile(&mut writing, request, mobile.ok_or(CallError::NoSuchNumber)?).await?;
        }
    }
    call_list::add_call(&mut writing, request, now, actor, outcome).await?;
    let details = json!({ "outcome": outcome.as_str(), "again": call_from.map(|day| day.to_string()) });
    trail::append(&mut writing, now, actor, "person called", &request.to_string(), details).await?;
    writing.commit().await?;
    Ok(())
}
