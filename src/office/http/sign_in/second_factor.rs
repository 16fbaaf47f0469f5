//! The step of somebody whose role asks for a second factor and who has none yet: setting it up.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::frame::Failure;
use super::super::second_factor::{self, Confirmed};
use super::super::session::{PostedByAnyone, Visitor};
use super::{advance, onward, owing, start_again};
use crate::office::Office;
use crate::office::sign_in::Owed;

/// Where the form of this step is sent to.
const PLACE: &str = "/sign-in/second-factor";

pub async fn page(State(office): State<Arc<Office>>, visitor: Visitor) -> Result<Response, Failure> {
    let Some(person) = owing(&visitor, Owed::SecondFactor) else { return Ok(onward(&visitor)) };
    match second_factor::offered(&office, &visitor, &person.id).await? {
        Some(factor) => second_factor::set_up_page(&visitor, &person.name, &factor, PLACE, None),
        // Another browser was faster.
        None => start_again(&office, &visitor).await,
    }
}

pub async fn confirm(State(office): State<Arc<Office>>, posted: PostedByAnyone) -> Result<Response, Failure> {
    let visitor = &posted.visitor;
    let Some(person) = owing(visitor, Owed::SecondFactor) else { return Ok(onward(visitor)) };
    let mut writing = office.database.write().await?;
    let confirmed = second_factor::confirm(&office, &mut writing, visitor, &person.id, posted.field("code")).await?;
    match confirmed {
        Confirmed::Now { codes } => {
            let entered = advance(&office, &mut writing, visitor, person, true).await?;
            writing.commit().await?;
            Ok(entered.respond(second_factor::codes_page(&entered.visitor, codes)?))
        }
        Confirmed::Wrong(factor) => {
            second_factor::set_up_page(visitor, &person.name, &factor, PLACE, Some("office-code-wrong"))
        }
        Confirmed::Gone => {
            drop(writing);
            start_again(&office, visitor).await
        }
    }
}
