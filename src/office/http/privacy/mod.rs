//! What the Personal Data Protection Law gives people: the register of what they ask for, the copy of their data, erasure, and
//! what waits for somebody. Who has read a file is a part of the request's page.

mod alerts;
mod ask;
mod covered;
mod data_copy;
mod erased;
mod register;
mod retention;
pub mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::office::Office;

pub use alerts::alerts;
pub use erased::{refuse_steps, request_of_step};

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/privacy", get(register::page).post(register::enter))
        .route("/privacy/asks/{id}", get(ask::page))
        .route("/privacy/asks/{id}/identity", post(ask::check_identity))
        .route("/privacy/asks/{id}/answer", post(ask::answer))
        .route("/privacy/asks/{id}/erasure", post(ask::erase))
        .route("/persons/{id}/data", get(data_copy::page))
        .route("/persons/{id}/data.json", get(data_copy::file))
        .route("/privacy/retention", get(retention::page))
        .route("/privacy/retention/{id}", post(retention::hold))
}
